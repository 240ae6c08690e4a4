//! Errors of syntax come before all others: PostgreSQL reads the whole text of a message before it
//! carries out any of it, and before it looks at the state of the transaction.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::failure::Failure;
use crate::diagnostic::Diagnostic;
use crate::rules::wit::Protocol;
use crate::rules::wit_plan::Effect;
use crate::rules::{Plan, Translation};
use crate::upstream::Oid;

/// How the message of an error of PostgreSQL's grammar begins. Its SQLSTATE, 42601, is also that of
/// errors which are found later.
const GRAMMAR: &str = "syntax error at ";

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// As [`Session::allow`], for a statement that has just been read.
    pub(super) async fn allow_read(
        &mut self,
        translation: &Arc<Translation>,
        protocol: Protocol,
        declared: &[Oid],
    ) -> Result<(), Failure> {
        let Err(refusal) = self.allow(&translation.plan) else {
            return Ok(());
        };
        match self.syntax_error(translation, protocol, declared).await? {
            Some(error) => Err(error.into()),
            None => Err(refusal.into()),
        }
    }

    /// Whether any of several statements is none. Behind a definition nothing is asked about tables
    /// that it may make.
    pub(super) async fn read_all(
        &mut self,
        translations: &[Arc<Translation>],
    ) -> Result<(), Failure> {
        if translations.len() < 2 {
            return Ok(());
        }
        let mut is_defined = false;
        for translation in translations {
            if is_defined && matches!(translation.plan, Plan::Lookup(_)) {
                continue;
            }
            let error = self.syntax_error(translation, Protocol::Simple, &[]);
            if let Some(error) = error.await? {
                return Err(error.into());
            }
            let resolved = self.resolve(translation, Protocol::Simple, &[]).await;
            is_defined |= resolved.is_ok_and(|(resolved, _)| defines(&resolved.plan));
        }
        Ok(())
    }

    /// An error of syntax that the rules find, or the server in what the rules could not read.
    async fn syntax_error(
        &mut self,
        translation: &Arc<Translation>,
        protocol: Protocol,
        declared: &[Oid],
    ) -> Result<Option<Diagnostic>, Failure> {
        let found = match self.resolve(translation, protocol, declared).await {
            Ok((resolved, _)) => match &resolved.plan {
                Plan::Refuse(refusal) => Some(refusal.clone()),
                Plan::Forward(forward) if forward.verbatim => self
                    .describe_forward(forward, &resolved.plan, declared)
                    .await
                    .map_or_else(statement_error, |_| Ok(None))?,
                _ => None,
            },
            Err(failure) => statement_error(failure)?,
        };
        Ok(found.filter(is_of_grammar))
    }
}

fn defines(plan: &Plan) -> bool {
    match plan {
        Plan::Forward(plan) => plan.effect == Effect::Schema,
        Plan::Sequence(plan) => plan.effect == Effect::Schema,
        _ => false,
    }
}

/// What is wrong with one statement; what is wrong with the session goes on.
fn statement_error(failure: Failure) -> Result<Option<Diagnostic>, Failure> {
    match failure {
        Failure::Statement(diagnostic) => Ok(Some(*diagnostic)),
        failure => Err(failure),
    }
}

fn is_of_grammar(error: &Diagnostic) -> bool {
    error.sqlstate == "42601" && error.message.starts_with(GRAMMAR)
}
