//! PREPARE and EXECUTE in SQL: the statements are those of the protocol.
//!
//! PostgreSQL manual, PREPARE: "prepared statements only last for the duration of
//! the current database session"; and "Extended Query" on named statements.

use std::sync::Arc;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::carry::{Completion, Delivery};
use super::failure::Failure;
use super::statement::{Shape, Values};
use crate::diagnostic::Diagnostic;
use crate::frontend::message::Formats;
use crate::rules::Plan;
use crate::rules::wit::Protocol;
use crate::rules::wit_plan::{Execution, Preparation, Tag};

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// PREPARE.
    pub(super) async fn prepare_named(
        &mut self,
        preparation: &Preparation,
        tag: &Tag,
    ) -> Result<Completion, Failure> {
        self.allow_statement(&preparation.name)?;
        self.allow_holding(preparation.text.len())?;
        let types = &preparation.parameter_types;
        let text = preparation.text.as_str();
        let translation = self.translate_one(text, types).await?;
        if let Some(sampled) = &mut self.sampled {
            sampled.text(text, 0, Protocol::Extended, types);
        }
        optimizable(&translation.plan)?;
        let prepared = self
            .prepare(text.into(), &translation, types.clone())
            .await?;
        self.statements
            .insert(preparation.name.clone(), Arc::new(prepared));
        self.complete(tag, 0);
        Ok(Completion::Done)
    }

    /// What EXECUTE returns.
    pub(super) async fn executed_shape(&mut self, execution: &Execution) -> Result<Shape, Failure> {
        // That it is not there is found when it is to be run (`UtilityTupleDescriptor`).
        let columns = match self.statements.contains_key(&execution.name) {
            false => None,
            true => {
                let prepared = self.current(&execution.name).await?;
                optimizable(&prepared.translation.plan)?;
                prepared.shape.columns.clone()
            }
        };
        Ok(Shape {
            parameters: Arc::new([]),
            columns,
        })
    }

    /// EXECUTE; its tag is that of the statement.
    pub(super) async fn execute_named(
        &mut self,
        execution: &Execution,
        delivery: &Delivery<'_>,
    ) -> Result<Completion, Failure> {
        let prepared = self.current(&execution.name).await?;
        optimizable(&prepared.translation.plan)?;
        let (given, wanted) = (execution.values.len(), prepared.shape.parameters.len());
        if given != wanted {
            return Err(Diagnostic::execute_count(&execution.name, given, wanted).into());
        }
        if prepared.shape.columns != delivery.shape.columns {
            return Err(Diagnostic::row_description_changed().into());
        }
        let text = |value: &Option<String>| value.clone().map(Bytes::from);
        let mut values = Values {
            values: execution.values.iter().map(text).collect(),
            formats: Formats::default(),
            clock: delivery.values.clock.clone(),
        };
        self.read_values(&mut values, &prepared.shape.parameters, None)?;
        let inner = Delivery {
            shape: &prepared.shape,
            declared: &prepared.declared,
            values: &values,
            formats: delivery.formats,
            announce: false,
            row_limit: delivery.row_limit,
        };
        let outcome = Box::pin(self.carry_out(&prepared.translation, inner)).await;
        if let Err(failure) = &outcome {
            self.distrust(prepared.looked.as_ref(), failure);
        }
        outcome
    }
}

/// "Any SELECT, INSERT, UPDATE, DELETE, MERGE, or VALUES statement" can be prepared by
/// PREPARE; a driver may have prepared others, among them an EXECUTE, which could
/// lead back to itself.
fn optimizable(plan: &Plan) -> Result<(), Diagnostic> {
    match plan {
        Plan::Forward(_)
        | Plan::Sequence(_)
        | Plan::Lookup(_)
        | Plan::Catalog(_)
        | Plan::Answer(_)
        | Plan::Refuse(_) => Ok(()),
        _ => Err(Diagnostic::error(
            "42601",
            "utility statements cannot be prepared",
        )),
    }
}
