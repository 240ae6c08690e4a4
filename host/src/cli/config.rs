//! The configuration file: what it says, and what is wrong with it.

mod check;
mod databases;
mod document;
mod keys;
mod rules;
mod value;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pgiris::access::{Access, LoginLimits, Rule, Users};
use pgiris::console::SettingFigures;
use pgiris::tls::{self, Tls};
use pgiris::{Config, PoolLimits, PoolMode, RulesLimits, ShadowConfig};
use toml::de::{DeTable, DeValue};

use keys::keys;
use value::{Place, Value};

use super::cache;

pub(super) use check::{Exposure, collector};
pub(super) use databases::Wanted;
pub(super) use document::document;

/// What a configuration says; at first, the defaults.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) listen: SocketAddr,
    /// `None`: it is not said, which means the sandbox, or nothing beside `databases`.
    pub(super) upstream: Option<String>,
    databases: BTreeMap<String, databases::Table>,
    /// With which settings sessions begin, in every database.
    settings: Vec<(String, String)>,
    /// Where each key stands.
    lines: BTreeMap<String, usize>,
    pub(super) rules: PathBuf,
    pub(super) users: Option<PathBuf>,
    pub(super) access: Vec<Rule>,
    pub(super) tls: TlsSettings,
    pub(super) login: LoginLimits,
    pub(super) log: LogSettings,
    pub(super) traces: TraceSettings,
    pub(super) config: Config,
    pub(super) cache: CacheSettings,
    /// The candidate for the rules; `None`: there is none.
    pub(super) candidate: Option<PathBuf>,
    pub(super) shadow: ShadowConfig,
    /// Where health, metrics and the page are told; `None`: nowhere.
    pub(super) admin: Option<SocketAddr>,
}

/// The table `tls`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TlsSettings {
    /// `None`: there is no encryption.
    pub(super) mode: Option<tls::Mode>,
    pub(super) certificate: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
    pub(super) client_ca: Option<PathBuf>,
    pub(super) minimum: tls::Minimum,
}

/// Where compiled components are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CacheSettings {
    pub(super) is_wanted: bool,
    /// `None`: the user's own.
    pub(super) directory: Option<PathBuf>,
}

/// The table `log`, but for what the library itself decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LogSettings {
    pub(super) format: LogFormat,
    pub(super) level: tracing::Level,
}

/// The table `traces`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TraceSettings {
    /// Of a collector; `None`: nobody wants them.
    pub(super) endpoint: Option<String>,
    pub(super) service: String,
    /// Of so many exchanges one is told.
    pub(super) one_in: u64,
}

impl Default for TraceSettings {
    fn default() -> Self {
        Self {
            endpoint: None,
            service: "pgiris".to_owned(),
            one_in: 1,
        }
    }
}

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            level: tracing::Level::INFO,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        let mut config = Config::default();
        config.console.database = Some("pgiris".to_owned());
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 5432)),
            upstream: None,
            databases: BTreeMap::new(),
            settings: Vec::new(),
            lines: BTreeMap::new(),
            rules: "target/rules".into(),
            users: None,
            access: Vec::new(),
            tls: TlsSettings::default(),
            login: LoginLimits::default(),
            log: LogSettings::default(),
            traces: TraceSettings::default(),
            config,
            cache: CacheSettings {
                is_wanted: true,
                directory: None,
            },
            admin: None,
            candidate: None,
            shadow: ShadowConfig::default(),
        }
    }
}

/// Everything that is wrong with a configuration, a line each.
#[derive(Debug)]
pub(super) struct Mistakes(Vec<String>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Mistakes {}

impl Settings {
    /// Reads a file.
    pub(super) fn read(path: &Path) -> Result<Self, Mistakes> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Mistakes(vec![format!("cannot read {}: {error}", path.display())]))?;
        let directory = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, directory)
            .map_err(|mistakes| mistakes.located(&path.display().to_string()))
    }

    /// `directory`: where paths in the text begin.
    fn parse(text: &str, directory: &Path) -> Result<Self, Mistakes> {
        let place = Place { text, directory };
        let table = DeTable::parse(text).map_err(|error| {
            let line = error.span().map_or(1, |span| place.line(span.start));
            Mistakes(vec![format!("{line}: {}", error.message())])
        })?;
        let mut settings = Self::default();
        let mut mistakes = Vec::new();
        settings.take(table.get_ref(), "", place, &mut mistakes);
        // These begin with what the rest says.
        match table
            .get_ref()
            .get("databases")
            .map(|value| value.get_ref())
        {
            None => {}
            Some(DeValue::Table(tables)) => {
                settings.databases = databases::read(&mut settings, tables, place, &mut mistakes);
            }
            Some(_) => mistakes.push("1: `databases`: expected tables".to_owned()),
        }
        if mistakes.is_empty() {
            mistakes.extend(settings.contradictions());
        }
        if mistakes.is_empty() {
            Ok(settings)
        } else {
            Err(Mistakes(mistakes))
        }
    }

    fn take(
        &mut self,
        table: &DeTable<'_>,
        above: &str,
        place: Place<'_>,
        wrong: &mut Vec<String>,
    ) {
        for (name, value) in table {
            let path = match above {
                "" => name.get_ref().to_string(),
                _ => format!("{above}.{}", name.get_ref()),
            };
            let line = place.line(name.span().start);
            let value = Value::new(value.get_ref(), place);
            self.lines.insert(path.clone(), line);
            if path == "databases" {
                continue;
            }
            let is_group = keys().any(|key| key.is_in(&path));
            let outcome = match (keys().find(|key| key.name == path), value.get()) {
                (Some(key), _) => (key.read)(self, value),
                (None, DeValue::Array(entries)) if path == "access" => {
                    rules::read(entries, place, wrong).map(|rules| self.access = rules)
                }
                (None, DeValue::Table(inner)) if path == "settings" => {
                    self.settings = databases::session_settings(inner, &path, place, wrong);
                    Ok(())
                }
                (None, DeValue::Table(inner)) if is_group => {
                    self.take(inner, &path, place, wrong);
                    Ok(())
                }
                (None, _) if is_group => Err("expected a table".to_owned()),
                (None, _) => {
                    wrong.push(format!(
                        "{line}: unknown key `{path}`{}",
                        keys::suggestion(&path)
                    ));
                    continue;
                }
            };
            if let Err(why) = outcome {
                wrong.push(format!("{line}: `{path}`: {why}"));
            }
        }
    }

    /// What is behind the names that no table has, if anything is.
    pub(super) fn upstream(&self) -> &str {
        self.upstream.as_deref().unwrap_or("sandbox:")
    }

    /// The limits of rules, with the cache of compiled ones: the user's own, where no other is named.
    pub(super) fn rules_limits(&self) -> RulesLimits {
        let directory = || self.cache.directory.clone().or_else(cache::user_directory);
        let mut limits = self.config.rules.clone();
        limits.compilation_cache = self.cache.is_wanted.then(directory).flatten();
        limits
    }

    /// Who may enter the console. Without access rules everybody: whoever can reach the broker could do more at IRIS than there.
    pub(super) fn console(&self) -> pgiris::console::ConsoleAccess {
        let mut access = self.config.console.clone();
        access.is_open = self.access.is_empty();
        access
    }

    /// The access rules with their users, read anew.
    pub(super) fn access(&self) -> anyhow::Result<Access> {
        let users = match &self.users {
            None => Users::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| anyhow::anyhow!("cannot read {}: {error}", path.display()))?;
                Users::parse(&text)
                    .map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?
            }
        };
        Ok(Access {
            rules: self.access.clone(),
            users,
        })
    }

    /// Encryption, with its files read.
    pub(super) fn tls(&self) -> anyhow::Result<Option<Arc<Tls>>> {
        let TlsSettings {
            mode: Some(mode),
            certificate: Some(certificate),
            key: Some(key),
            client_ca,
            minimum,
        } = self.tls.clone()
        else {
            return Ok(None);
        };
        let settings = tls::Settings {
            mode,
            certificate,
            key,
            client_ca,
            minimum,
        };
        Ok(Some(Arc::new(Tls::load(settings)?)))
    }

    /// The keys of which another value stands in a file now, and needs a restart.
    pub(super) fn differences(&self, now: &Self) -> Vec<&'static str> {
        let is_changed = |key: &&keys::Key| (key.show)(self) != (key.show)(now);
        let fixed = keys().filter(|key| !key.reloads() || key.name.starts_with("tls."));
        fixed.filter(is_changed).map(|key| key.name).collect()
    }

    /// Every key, as it stands, without secrets.
    pub(super) fn figures(&self) -> Vec<SettingFigures> {
        let defaults = Self::default();
        let shown = |key: &keys::Key, settings: &Self| match key.name {
            "upstream" => Some(format!("\"{}\"", without_password(settings.upstream()))),
            _ => (key.show)(settings),
        };
        let figures = |key: &keys::Key| {
            SettingFigures::new(
                key.name,
                shown(key, self),
                shown(key, &defaults),
                key.reloads(),
            )
        };
        let named = self.databases().0.into_iter().map(|(name, wanted)| {
            let namespace = wanted.namespace.as_ref().unwrap_or(&name);
            let value = format!("{} {namespace}", without_password(&wanted.upstream));
            SettingFigures::new(format!("databases.{name}"), Some(value), None, true)
        });
        let begun = self.settings.iter().map(|(name, value)| {
            SettingFigures::new(format!("settings.{name}"), Some(value.clone()), None, true)
        });
        keys().map(figures).chain(begun).chain(named).collect()
    }
}

/// What is wrong with pools of these limits, which stand at `path`.
fn pool_contradictions(pool: &PoolLimits, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    if pool.mode != PoolMode::Session && pool.size == 0 {
        found.push(format!(
            "clients that share connections need to know how many: set `{path}.size`"
        ));
    }
    if pool.size > 0 && pool.minimum > pool.size {
        found.push(format!("`{path}.minimum` is more than `{path}.size`"));
    }
    found
}

/// A URL in which nobody reads the password.
fn without_password(text: &str) -> String {
    let Ok(mut url) = url::Url::parse(text) else {
        return text.to_owned();
    };
    if url.password().is_some() && url.set_password(Some("***")).is_ok() {
        return url.into();
    }
    text.to_owned()
}

impl Mistakes {
    fn located(self, file: &str) -> Self {
        Self(
            self.0
                .iter()
                .map(|mistake| format!("{file}:{mistake}"))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests;
