//! A Query message whose statement differs from others in its constants alone.
//!
//! It is carried out as they are: with one plan, and one statement prepared on the connection.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::carry::Delivery;
use super::failure::Failure;
use super::simple::{Ran, Run};
use super::statement::Values;
use crate::diagnostic::Diagnostic;
use crate::frontend::message::Formats;
use crate::rules::wit::Protocol;
use crate::rules::{Plan, Substituted, Translation};

/// The class of SQLSTATEs of values that are wrong.
const DATA_EXCEPTION: &str = "22";

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Carries out the statement of a Query message with parameters in place of its constants, if
    /// the rules say that it is the same and one statement for IRIS comes of it.
    pub(super) async fn query_with_literals(&mut self, text: &str) -> Result<Ran, Failure> {
        if self.console.is_some() || self.transaction.is_failed() {
            return Ok(Ran::No);
        }
        let Some(substituted) = self.rules.generation.substituted(text) else {
            return Ok(Ran::No);
        };
        // What is wrong with a statement is told with positions in the client's own text.
        let translated = self
            .translate(&substituted.text, Protocol::Extended, &substituted.types)
            .await;
        let Ok([translation]) = translated.as_deref() else {
            return Ok(Ran::No);
        };
        if translation.alone.is_some()
            || !matches!(translation.plan, Plan::Forward(_) | Plan::Lookup(_))
        {
            return Ok(Ran::No);
        }
        if let Some(asked) = &mut self.asked {
            asked.go_to(0);
        }
        self.begin_settings();
        let run = Run::WithLiterals(translation, &substituted);
        match self.statement_in_time(run).await {
            Err(Failure::Statement(found)) if found.sqlstate.starts_with(DATA_EXCEPTION) => {
                let refusal = self.refusal_of(text).await?;
                Err(Failure::Statement(refusal.unwrap_or(found)))
            }
            outcome => outcome,
        }
    }

    /// What the rules say against a text as it stands, where a value in it is wrong: they know more
    /// of it than the server tells. It is not carried out a second time.
    async fn refusal_of(&mut self, text: &str) -> Result<Option<Box<Diagnostic>>, Failure> {
        let translated = self.translate(text, Protocol::Simple, &[]).await;
        let translations = match translated {
            Ok(translations) => translations,
            Err(refusal) => return Ok(Some(Box::new(refusal))),
        };
        let [translation] = &*translations else {
            return Ok(None);
        };
        let (resolved, _) = self.resolve(translation, Protocol::Simple, &[]).await?;
        Ok(match &resolved.plan {
            Plan::Refuse(refusal) => Some(Box::new(refusal.clone())),
            _ => None,
        })
    }

    pub(super) async fn run_with_literals(
        &mut self,
        translation: &Arc<Translation>,
        literals: &Substituted,
    ) -> Result<Ran, Failure> {
        let (translation, looked) = self
            .resolve(translation, Protocol::Extended, &literals.types)
            .await?;
        if !matches!(translation.plan, Plan::Forward(_)) {
            return Ok(Ran::No);
        }
        let outcome = self.run_bound(&translation, literals).await;
        if let Err(failure) = &outcome {
            self.distrust(looked.as_ref(), failure);
        }
        outcome
    }

    async fn run_bound(
        &mut self,
        translation: &Translation,
        literals: &Substituted,
    ) -> Result<Ran, Failure> {
        let shape = self.shape(translation, &literals.types).await?;
        let mut values = Values {
            values: literals.values.iter().cloned().map(Some).collect(),
            formats: Formats::default(),
            clock: self.clock(),
        };
        if self
            .read_values(&mut values, &shape.parameters, None)
            .is_err()
        {
            return Ok(Ran::No);
        }
        self.traffic.statement();
        let delivery = Delivery {
            shape: &shape,
            declared: &literals.types,
            values: &values,
            formats: &self.simple_formats(&translation.plan),
            announce: true,
            row_limit: 0,
        };
        self.carry_out(translation, delivery).await?;
        Ok(Ran::Yes)
    }
}
