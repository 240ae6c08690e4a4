//! Settings that IRIS is told of: it hears of a value before it runs anything under it, whatever
//! brought the value about, be it SET, the startup packet or the end of a transaction.

use std::collections::BTreeMap;

use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::failure::Failure;
use crate::diagnostic::Diagnostic;
use crate::rules::wit::Protocol;
use crate::rules::{Known, Plan, Query};

/// The settings that the rules have commands for.
const TOLD: &[&str] = &["lock_timeout"];

/// What IRIS was told last on a connection; nothing of what is as it was when that was made.
#[derive(Default)]
pub(crate) struct Told(BTreeMap<&'static str, String>);

/// Whether IRIS is told of that setting.
pub(super) fn is_told(name: &str) -> bool {
    TOLD.iter().any(|told| told.eq_ignore_ascii_case(name))
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Whether the session's connection was told otherwise.
    pub(super) fn is_untold(&self) -> bool {
        let told = self.lease.as_ref().map(|lease| &lease.told.0);
        TOLD.iter().any(|name| {
            let value = told.and_then(|told| told.get(name));
            value.map(String::as_str) != self.settings.chosen(name)
        })
    }

    /// Tells IRIS of the values that it does not know yet.
    pub(super) async fn tell_upstream(&mut self) -> Result<(), Failure> {
        for &name in TOLD {
            let value = self.settings.chosen(name).map(str::to_owned);
            if self.lease().await?.told.0.get(name) == value.as_ref() {
                continue;
            }
            let text = match &value {
                Some(value) => format!("SET {name} TO '{}'", value.replace('\'', "''")),
                None => format!("SET {name} TO DEFAULT"),
            };
            self.leave_portal().await?;
            self.run_commands_of(&text).await?;
            match value {
                Some(value) => self.held()?.told.0.insert(name, value),
                None => self.held()?.told.0.remove(name),
            };
        }
        Ok(())
    }

    /// Runs the commands that the rules have for a SET.
    async fn run_commands_of(&mut self, text: &str) -> Result<(), Failure> {
        let query = Query {
            text,
            protocol: Protocol::Simple,
            parameter_types: &[],
            facts: &self.facts,
            schema: Known::default(),
        };
        let translations = self.rules.generation.translate(query).await?;
        let [translation] = &*translations else {
            return Err(Diagnostic::rules_failed().into());
        };
        let Plan::Setting(plan) = &translation.plan else {
            return Err(Diagnostic::rules_failed().into());
        };
        self.run_on_upstream(&plan.commands, "").await
    }
}
