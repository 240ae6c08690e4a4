//! What becomes of one row of the data: it is read, chosen, and bound to an INSERT.

use std::sync::Arc;

use bytes::Bytes;

use super::super::encoding::Content;
use super::super::requirement::{is_met, within};
use super::super::restyle::read_moment;
use super::super::statement::Prepared;
use super::context::{column_context, is_misfit, line_context, row_context};
use crate::copy::Row;
use crate::diagnostic::Diagnostic;
use crate::frontend::charset::Charset;
use crate::rules::wit_plan::{Argument, Condition, CopyDefault, CopyTransfer, Instruction};
use crate::rules::{Forward, Plan, Requirement};
use crate::upstream::{Format, Oid, Parameter, StatementId, is_finite};
use crate::value::ValueError;
use crate::value::computed::{self, text_of};
use crate::value::style::Style;

const VARCHAR: Oid = 1043;

/// Where rows go.
pub(super) struct Target<'a> {
    pub(super) plan: &'a CopyTransfer,
    /// Of all columns of the data.
    pub(super) types: Arc<[Oid]>,
    pub(super) format: Format,
    /// What the data is in, if not in UTF-8: "the default is to use the current client
    /// encoding" (manual, COPY, ENCODING).
    pub(super) charset: Option<Arc<Charset>>,
    /// How dates and moments are read.
    pub(super) style: Style,
    /// Of each column, whether the condition of the COPY looks at it.
    pub(super) deciding: Vec<bool>,
}

/// Which columns the condition looks at, if there is one.
pub(super) fn deciding(plan: &CopyTransfer) -> Vec<bool> {
    let mut deciding = vec![false; plan.columns.len()];
    for instruction in plan.kept_if.iter().flatten() {
        if let Instruction::Column(number) = instruction
            && let Some(column) = deciding.get_mut(*number as usize)
        {
            *column = true;
        }
    }
    deciding
}

/// What rows are inserted by.
pub(super) struct Insert {
    pub(super) prepared: Prepared,
    pub(super) id: StatementId,
    /// The columns that it leaves to their defaults.
    pub(super) defaulted: Vec<usize>,
}

impl Insert {
    /// The statement that it is, if IRIS has one for it.
    pub(super) fn forward(&self) -> Option<&Forward> {
        match &self.prepared.translation.plan {
            Plan::Forward(forward) => Some(forward),
            _ => None,
        }
    }

    /// The column of the data that a parameter is.
    fn column(&self, parameter: u32) -> usize {
        let mut index = (parameter as usize).saturating_sub(1);
        for defaulted in &self.defaulted {
            index += usize::from(*defaulted <= index);
        }
        index
    }

    /// Checks that the values are what their columns take.
    pub(super) fn require(&self, row: &Row, target: &Target<'_>) -> Result<(), Diagnostic> {
        let is_broken = |one: &&Requirement| {
            let column = self.column(one.parameter);
            let value = row.fields.get(column).and_then(Option::as_ref);
            !is_met(&one.condition, target.type_of(column), target.format, value)
        };
        let required = self.forward().map(|forward| forward.required.as_slice());
        let Some(broken) = required.unwrap_or_default().iter().find(is_broken) else {
            return Ok(());
        };
        let context = match broken.condition {
            Condition::NotNull => row_context(row, &broken.otherwise.sqlstate, target),
            // PostgreSQL reads a value with the limits of its column.
            _ => column_context(row, self.column(broken.parameter), target),
        };
        Err(broken.otherwise.clone().with_context(context))
    }

    /// How many characters a parameter's column has room for.
    fn room(&self, parameter: u32) -> Option<u32> {
        let required = self.forward().map(|forward| forward.required.as_slice());
        let mut required = required.unwrap_or_default().iter();
        required.find_map(|one| match one.condition {
            Condition::Characters(most) if one.parameter == parameter => Some(most),
            _ => None,
        })
    }

    /// # Errors
    /// A document or an array that is none: IRIS would keep it as a string, whatever it is.
    pub(super) fn parameters(
        &self,
        row: &Row,
        target: &Target<'_>,
    ) -> Result<Vec<Parameter>, Diagnostic> {
        let arguments = self.forward().map(|forward| forward.arguments.as_slice());
        let parameter = |argument: &Argument| {
            Ok(match argument {
                Argument::Parameter(number) => {
                    let index = self.column(*number);
                    let value = row.fields.get(index).cloned().flatten();
                    let value = value.map(|value| match self.room(*number) {
                        Some(room) => within(room, target.type_of(index), target.format, value),
                        None => value,
                    });
                    Parameter::of_client(target.type_of(index), target.format, value)
                        .map_err(|error| target.refused(row, &error))?
                }
                Argument::Constant(constant) => Parameter {
                    type_oid: constant.type_oid,
                    format: Format::Text,
                    value: constant.value.clone().map(Bytes::from),
                },
                // Only sequences keep values, and the INSERT of a COPY has nothing but values.
                Argument::Kept(_)
                | Argument::AllKept(_)
                | Argument::Elements(_)
                | Argument::CurrentValue(_)
                | Argument::Limit(_)
                | Argument::Offset(_)
                | Argument::Computed(_)
                | Argument::Clock(_) => Parameter {
                    type_oid: 0,
                    format: Format::Text,
                    value: None,
                },
            })
        };
        arguments
            .unwrap_or_default()
            .iter()
            .map(parameter)
            .collect()
    }
}

impl Target<'_> {
    pub(super) fn type_of(&self, column: usize) -> Oid {
        self.types.get(column).copied().unwrap_or(0)
    }

    pub(super) fn refused(&self, row: &Row, error: &ValueError) -> Diagnostic {
        let context = row_context(row, error.sqlstate(), self);
        Diagnostic::bad_value(error).with_context(context)
    }

    /// Brings the values of a row into UTF-8, and dates and moments into the order and the zone
    /// that IRIS is told.
    ///
    /// # Errors
    /// A value is none of its type: what PostgreSQL finds when it reads it is told then, and not
    /// when the row is inserted. Or there is no default where one is asked for.
    pub(super) fn read(&self, row: &mut Row) -> Result<(), Diagnostic> {
        for index in 0..row.fields.len() {
            let type_oid = self.type_of(index);
            let Some(Some(mut value)) = row.fields.get_mut(index).map(Option::take) else {
                continue;
            };
            let read = match (&self.charset, self.format) {
                (Some(charset), Format::Binary) => Content::of(type_oid, Format::Binary)
                    .decoded(charset, &value)
                    .map(|decoded| value = decoded),
                (None, Format::Binary) => Ok(()),
                (_, Format::Text) => read_moment(&self.style, type_oid, &mut value)
                    .map_err(|error| Diagnostic::bad_value(&error)),
            };
            row.fields[index] = Some(value);
            read.map_err(|error| {
                let context = row_context(row, &error.sqlstate, self);
                error.with_context(context)
            })?;
            self.check(row, index)?;
        }
        for index in &row.defaulted {
            let column = self.plan.columns.get(*index);
            if let Some(column) = column
                && matches!(column.default, CopyDefault::None)
            {
                let detail = format!("Column \"{}\" has no default value.", column.name);
                let error = Diagnostic::error("22P04", "unexpected default marker in COPY data");
                return Err(error
                    .with_detail(detail)
                    .with_context(line_context(row, self)));
            }
        }
        Ok(())
    }

    /// Whether the condition of the COPY is true of a row.
    ///
    /// # Errors
    /// The condition has no result.
    pub(super) fn keeps(&self, row: &Row) -> Result<bool, Diagnostic> {
        let Some(instructions) = &self.plan.kept_if else {
            return Ok(true);
        };
        let mut values: Vec<Option<String>> = Vec::with_capacity(row.fields.len());
        for index in 0..row.fields.len() {
            values.push(match self.deciding.get(index) {
                Some(true) => self.value(row, index)?,
                _ => None,
            });
        }
        let column = |number: u32| Some(values.get(number as usize)?.as_ref()?.as_bytes());
        let result = computed::result(instructions, column);
        let result = result.map_err(|error| {
            let context = super::context::at_line(self.plan, row.line);
            Diagnostic::bad_value(&error).with_context(context)
        })?;
        Ok(result.as_deref() == Some("t"))
    }

    /// The text of a column, as it is kept.
    fn value(&self, row: &Row, index: usize) -> Result<Option<String>, Diagnostic> {
        if row.defaulted.contains(&index) {
            return match self.plan.columns.get(index).map(|column| &column.default) {
                Some(CopyDefault::Constant(value)) => Ok(value.clone()),
                _ => Err(Diagnostic::error(
                    "0A000",
                    "WHERE in COPY FROM is not supported for a default that the server computes",
                )
                .with_hint("Copy into a temporary table, and use INSERT ... SELECT ... WHERE.")
                .with_context(line_context(row, self))),
            };
        }
        let Some(Some(value)) = row.fields.get(index) else {
            return Ok(None);
        };
        let text = text_of(self.type_of(index), self.format, value);
        Ok(Some(text.map_err(|error| self.refused(row, &error))?))
    }

    /// Whether a value is one of its column's type.
    fn check(&self, row: &Row, index: usize) -> Result<(), Diagnostic> {
        let Some(Some(value)) = row.fields.get(index) else {
            return Ok(());
        };
        if is_misfit(row, index, self)
            && let Err(error) = text_of(self.type_of(index), self.format, value)
        {
            return Err(self.refused(row, &error));
        }
        let finite = is_finite(self.type_of(index), self.format, value);
        finite.map_err(|error| {
            let context = column_context(row, index, self);
            Diagnostic::bad_value(&error).with_context(context)
        })?;
        let modifier = self
            .plan
            .columns
            .get(index)
            .map(|column| column.type_modifier);
        // What PostgreSQL adds to every modifier (`VARHDRSZ`).
        let limit = modifier.and_then(|modifier| usize::try_from(modifier.checked_sub(4)?).ok());
        let Some(limit) = limit.filter(|_| self.type_of(index) == VARCHAR) else {
            return Ok(());
        };
        let text = String::from_utf8_lossy(value);
        // "unless the excess characters are all spaces" (manual, "Character Types").
        match text.chars().skip(limit).all(|character| character == ' ') {
            true => Ok(()),
            false => Err(Diagnostic::error(
                "22001",
                format!("value too long for type character varying({limit})"),
            )
            .with_context(column_context(row, index, self))),
        }
    }
}
