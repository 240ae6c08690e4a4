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
        self.read(translation, protocol, declared).await?;
        Err(refusal.into())
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
        for (number, translation) in translations.iter().enumerate() {
            if let Some(asked) = &mut self.asked {
                asked.go_to(number);
            }
            if !is_defined || !matches!(translation.plan, Plan::Lookup(_)) {
                is_defined |= self.read(translation, Protocol::Simple, &[]).await?;
            }
        }
        Ok(())
    }

    /// Fails with an error of syntax that the rules find, or the server in what the rules could not
    /// read; else tells whether the statement is a definition.
    async fn read(
        &mut self,
        translation: &Arc<Translation>,
        protocol: Protocol,
        declared: &[Oid],
    ) -> Result<bool, Failure> {
        let resolved = match self.resolve(translation, protocol, declared).await {
            Ok((resolved, _)) => resolved,
            Err(failure) => return passed_over(failure).map(|()| false),
        };
        match &resolved.plan {
            Plan::Refuse(refusal) => passed_over(refusal.clone().into())?,
            Plan::Forward(forward) if forward.verbatim => {
                let described = self.describe_forward(forward, &resolved.plan, declared);
                described.await.map_or_else(passed_over, |_| Ok(()))?;
            }
            _ => {}
        }
        Ok(defines(&resolved.plan))
    }
}

fn defines(plan: &Plan) -> bool {
    match plan {
        Plan::Forward(plan) => plan.effect == Effect::Schema,
        Plan::Sequence(plan) => plan.effect == Effect::Schema,
        _ => false,
    }
}

/// What is wrong with a statement is told when its turn comes, unless it is its syntax.
fn passed_over(failure: Failure) -> Result<(), Failure> {
    match failure {
        Failure::Statement(diagnostic) if !is_of_grammar(&diagnostic) => Ok(()),
        failure => Err(failure),
    }
}

fn is_of_grammar(error: &Diagnostic) -> bool {
    error.sqlstate == "42601" && error.message.starts_with(GRAMMAR)
}
