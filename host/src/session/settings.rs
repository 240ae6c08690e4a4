//! The settings of a session: what they are, and their values by transaction.
//!
//! PostgreSQL manual, "Server Configuration" and, for what is reported,
//! "Asynchronous Operations" of the protocol.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::transaction::SettingsEffect;
use crate::diagnostic::Diagnostic;
use crate::rules::wit_plan::{SettingChange, SettingScope};

mod amount;
mod known;

mod kept;

pub(crate) use known::SERVER_VERSION;
use known::{KNOWN, Known, Setter, every, find};

type Values = Arc<BTreeMap<String, String>>;

/// The values that differ from the defaults.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    session: Values,
    /// SET LOCAL: gone at the end of the transaction.
    local: Values,
    /// As they were at BEGIN, then at each savepoint.
    saved: Vec<(Values, Values)>,
    /// What RESET goes back to: the values of the startup packet.
    initial: Values,
    /// The session's and the transaction's when the client was last told of them.
    told: (Values, Values),
}

impl Settings {
    /// Sets a value from the startup packet.
    ///
    /// # Errors
    /// No such setting, or not such a value.
    pub(crate) fn start_with(&mut self, name: &str, value: &str) -> Result<(), Diagnostic> {
        let (name, value) = self.checked(name, value)?;
        Arc::make_mut(&mut self.initial).insert(name.clone(), value.clone());
        Arc::make_mut(&mut self.session).insert(name, value);
        Ok(())
    }

    /// A value that the server alone decides.
    pub(crate) fn fix(&mut self, name: &str, value: &str) {
        Arc::make_mut(&mut self.initial).insert(name.to_owned(), value.to_owned());
        Arc::make_mut(&mut self.session).insert(name.to_owned(), value.to_owned());
    }

    /// The value in force, as SHOW prints it; `None` if there is no such setting.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        value_in(&self.session, &self.local, name)
    }

    /// The value that the client has set, if it has: by SET or in the startup packet.
    pub(crate) fn chosen(&self, name: &str) -> Option<&str> {
        let value = self.local.get(name).or_else(|| self.session.get(name));
        value.map(String::as_str)
    }

    /// SET.
    ///
    /// # Errors
    /// No such setting, not such a value, or not the client's to set.
    pub(crate) fn set(
        &mut self,
        name: &str,
        value: Option<&str>,
        scope: SettingScope,
    ) -> Result<(), Diagnostic> {
        let Some(value) = value else {
            return self.reset(name);
        };
        let (name, value) = self.checked(name, value)?;
        let values = match scope {
            SettingScope::Session => {
                Arc::make_mut(&mut self.local).remove(&name);
                &mut self.session
            }
            SettingScope::Transaction => &mut self.local,
        };
        Arc::make_mut(values).insert(name, value);
        Ok(())
    }

    /// RESET.
    ///
    /// # Errors
    /// No such setting, or not the client's to set.
    pub(crate) fn reset(&mut self, name: &str) -> Result<(), Diagnostic> {
        let key = key(name)?;
        Arc::make_mut(&mut self.local).remove(&key);
        match self.initial.get(&key) {
            Some(value) => Arc::make_mut(&mut self.session).insert(key, value.clone()),
            None => Arc::make_mut(&mut self.session).remove(&key),
        };
        Ok(())
    }

    fn checked(&self, name: &str, value: &str) -> Result<(String, String), Diagnostic> {
        let key = key(name)?;
        let value = match find(name) {
            Some(known) => {
                let before = self.get(known.name).unwrap_or_default();
                let reset = self.initial.get(known.name);
                known.canonical(value, before, reset.map_or(known.default, String::as_str))?
            }
            None => value.to_owned(),
        };
        Ok((key, value))
    }

    /// The value that a change asks for, as SHOW would print it; `None` for DEFAULT.
    ///
    /// # Errors
    /// No such setting, not such a value, or not the client's to set.
    pub(crate) fn canonical(&self, change: &SettingChange) -> Result<Option<String>, Diagnostic> {
        let value = change.value.as_deref();
        value
            .map(|value| self.checked(&change.name, value).map(|(_, value)| value))
            .transpose()
    }

    /// RESET ALL.
    pub(crate) fn reset_all(&mut self) {
        self.session = Arc::clone(&self.initial);
        self.local = Arc::default();
    }

    /// Follows the transaction: what was set in one that is rolled back is undone. Whether
    /// it was.
    pub(crate) fn follow(&mut self, effect: SettingsEffect) -> bool {
        match effect {
            SettingsEffect::Keep => {}
            // It began before this, where BEGIN is one of several statements.
            SettingsEffect::Begin if !self.saved.is_empty() => {}
            SettingsEffect::Begin | SettingsEffect::Savepoint => {
                self.saved
                    .push((Arc::clone(&self.session), Arc::clone(&self.local)));
            }
            // Level 0 is BEGIN's own.
            SettingsEffect::RollbackTo(level) => {
                self.saved.truncate(level + 2);
                if let Some((session, local)) = self.saved.last().cloned() {
                    (self.session, self.local) = (session, local);
                }
            }
            SettingsEffect::Abort => {
                if let Some((session, local)) = self.saved.last().cloned() {
                    (self.session, self.local) = (session, local);
                }
            }
            SettingsEffect::Release(level) => self.saved.truncate(level + 1),
            SettingsEffect::Commit => {
                self.saved.clear();
                return !std::mem::take(&mut self.local).is_empty();
            }
            SettingsEffect::Rollback => {
                if let Some((session, local)) = self.saved.first().cloned() {
                    (self.session, self.local) = (session, local);
                }
                self.saved.clear();
                self.local = Arc::default();
                return true;
            }
        }
        matches!(
            effect,
            SettingsEffect::RollbackTo(_) | SettingsEffect::Abort
        )
    }

    /// All settings with their values, by name.
    pub(crate) fn all(&self) -> Vec<(String, String, &'static str)> {
        let value = |known: &Known| self.get(known.name).unwrap_or_default().to_owned();
        let mut all = every()
            .map(|known| (known.name.to_owned(), value(known), known.about))
            .collect::<Vec<_>>();
        let custom = self
            .session
            .keys()
            .chain(self.local.keys())
            .filter(|name| name.contains('.'));
        all.extend(custom.map(|name| {
            (
                name.clone(),
                self.get(name).unwrap_or_default().to_owned(),
                "",
            )
        }));
        all.sort();
        all.dedup();
        all
    }

    /// The settings that ParameterStatus tells of, with their values.
    pub(crate) fn reported(&self) -> Vec<(&'static str, String)> {
        let reported = KNOWN.iter().filter(|known| known.reported);
        let value = |name| self.get(name).unwrap_or_default().to_owned();
        reported
            .map(|known| (known.name, value(known.name)))
            .collect()
    }

    /// Those whose values the client was told otherwise; from now on it knows these.
    pub(crate) fn untold(&mut self) -> Vec<(&'static str, String)> {
        let (session, local) = &self.told;
        if Arc::ptr_eq(session, &self.session) && Arc::ptr_eq(local, &self.local) {
            return Vec::new();
        }
        let is_news = |(name, value): &(&'static str, String)| {
            value_in(session, local, name).unwrap_or_default() != value
        };
        let changed = self.reported().into_iter().filter(is_news).collect();
        self.told = (Arc::clone(&self.session), Arc::clone(&self.local));
        changed
    }
}

/// The value of a setting where these differ from the defaults.
fn value_in<'a>(session: &'a Values, local: &'a Values, name: &str) -> Option<&'a str> {
    let known = find(name);
    let folded = name.to_ascii_lowercase();
    let key = known.map_or(folded.as_str(), |known| known.name);
    local
        .get(key)
        .or_else(|| session.get(key))
        .map(String::as_str)
        .or_else(|| {
            default_of_transaction(key).and_then(|default| value_in(session, local, default))
        })
        .or_else(|| known.map(|known| known.default))
}

/// Outside a transaction its modes are those that the next one would have.
fn default_of_transaction(key: &str) -> Option<&'static str> {
    match key {
        "transaction_isolation" => Some("default_transaction_isolation"),
        "transaction_read_only" => Some("default_transaction_read_only"),
        "transaction_deferrable" => Some("default_transaction_deferrable"),
        _ => None,
    }
}

/// The name under which a setting is kept.
fn key(name: &str) -> Result<String, Diagnostic> {
    match find(name) {
        Some(known) => match known.setter {
            Setter::User => Ok(known.name.to_owned()),
            Setter::Superuser => Err(Diagnostic::setting_denied(known.name)),
            Setter::Start => Err(Diagnostic::setting_fixed(
                known.name,
                "be set after connection start",
            )),
            Setter::Reload => Err(Diagnostic::setting_fixed(known.name, "be changed now")),
            Setter::Restart => Err(Diagnostic::setting_fixed(
                known.name,
                "be changed without restarting the server",
            )),
            Setter::Internal => Err(Diagnostic::setting_fixed(known.name, "be changed")),
        },
        // "Custom options have two-part names".
        None if name.contains('.') => Ok(name.to_ascii_lowercase()),
        None => Err(Diagnostic::no_setting(name)),
    }
}

/// Whether it is a mode of the transaction, which is gone with it.
pub(crate) fn is_mode(name: &str) -> bool {
    default_of_transaction(name).is_some()
}

/// The name as SHOW labels its column.
pub(crate) fn label(name: &str) -> String {
    find(name).map_or_else(|| name.to_ascii_lowercase(), |known| known.name.to_owned())
}

#[cfg(test)]
mod tests;
