//! Prepared statements and portals, as Parse and Bind make them: PostgreSQL manual, "Extended Query
//! Overview" and "Extended Query".

use std::sync::{Arc, Weak};

use bytes::Bytes;

use super::clock::Clock;
use super::closing::Closing;
use super::lookup::Lookedup;
use super::requirement::is_met;
use super::row_store::RowStore;
use crate::diagnostic::Diagnostic;
use crate::frontend::message::Formats;
use crate::frontend::reply::ResultColumn;
use crate::line::Description;
use crate::rules::wit_plan::{Argument, Instruction};
use crate::rules::{Facts, Generation, Plan, Requirement, Translation};
use crate::server::Rules;
use crate::session::sequences::Sequences;
use crate::upstream::{Format, INT8, Oid, Output, Parameter, StatementId, TEXT};
use crate::value::computed::{result, text_of};
use crate::value::{elements, known_to_iris};

/// The type of a moment without a time zone.
const TIMESTAMP: Oid = 1114;
const SMALLINT: Oid = 21;
const INTEGER: Oid = 23;

/// A statement made by Parse.
pub(crate) struct Prepared {
    /// As the client wrote it, for when other rules are to translate it.
    pub(crate) text: Arc<str>,
    /// The rules that did. They may be gone: who waits to be executed holds up none.
    pub(crate) generation: Weak<Generation>,
    /// What they went by: the schemas of `search_path`, for one.
    pub(crate) facts: Facts,
    pub(crate) translation: Arc<Translation>,
    /// How the translation was come by, if it depends on the schema.
    pub(crate) looked: Option<Lookedup>,
    /// The types the client declared.
    pub(crate) declared: Vec<Oid>,
    pub(crate) shape: Shape,
}

/// What Describe tells of a statement.
#[derive(Clone)]
pub(crate) struct Shape {
    pub(crate) parameters: Arc<[Oid]>,
    /// `None` for a statement that returns no rows.
    pub(crate) columns: Option<Arc<[ResultColumn]>>,
}

/// A statement as one connection has prepared it.
pub(crate) struct Described {
    pub(crate) id: StatementId,
    pub(crate) shape: Shape,
    /// What the server said, of which the rules made the shape.
    pub(crate) description: Description,
}

/// A statement with values, made by Bind.
pub(crate) struct Portal {
    pub(crate) prepared: Arc<Prepared>,
    /// The rules that carry it through, whatever is published in between.
    pub(crate) rules: Rules,
    pub(crate) values: Values,
    pub(crate) formats: Formats,
    pub(crate) progress: Progress,
    /// Rows that Execute has sent.
    pub(crate) sent: u64,
    /// How many savepoints there were when it was made.
    pub(crate) savepoints: usize,
}

/// How far the execution of a portal has come.
pub(crate) enum Progress {
    Fresh,
    /// The upstream holds the rest.
    Suspended(Closing),
    /// The rest was taken off the upstream, which was needed for something else.
    Parked(Box<Parked>),
    /// No rows are left; what returns none cannot be run again.
    Done(Option<Closing>),
}

/// Rows that wait in the broker.
pub(crate) struct Parked {
    pub(crate) store: RowStore,
    /// The next one, numbered from the portal's first.
    pub(crate) next: u64,
    /// What comes instead of the rest.
    pub(crate) error: Option<Box<Diagnostic>>,
    pub(crate) closing: Closing,
}

/// As a LIMIT: more than any query returns.
const EVERY_ROW: &str = "2147483647";

/// The values of a Bind message, by parameter.
#[derive(Default)]
pub(crate) struct Values {
    pub(crate) values: Vec<Option<Bytes>>,
    pub(crate) formats: Formats,
    /// What time it is to the statement.
    pub(crate) clock: Clock,
}

impl Values {
    /// None, for a statement without parameters.
    pub(crate) fn none(clock: Clock) -> Self {
        Self {
            clock,
            ..Self::default()
        }
    }

    /// How long they are.
    pub(crate) fn bytes(&self) -> usize {
        self.values.iter().flatten().map(Bytes::len).sum()
    }

    /// Checks that the parameters, of these types, are what the statement requires of them.
    ///
    /// # Errors
    /// What the first one says that is not.
    pub(crate) fn meet<'r>(
        &self,
        required: impl IntoIterator<Item = &'r Requirement>,
        types: &[Oid],
    ) -> Result<(), Diagnostic> {
        let is_broken = |one: &&Requirement| {
            let index = one.parameter as usize - 1;
            !is_met(
                &one.condition,
                types.get(index).copied().unwrap_or(0),
                self.formats.get(index),
                self.values.get(index).and_then(Option::as_ref),
            )
        };
        match required.into_iter().find(is_broken) {
            Some(broken) => Err(broken.otherwise.clone()),
            None => Ok(()),
        }
    }

    /// The values of a statement's placeholders.
    ///
    /// # Errors
    /// A value that is none of its type, or what a sequence has not given yet.
    pub(crate) fn bound(
        &self,
        arguments: &[Argument],
        types: &[Oid],
        sequences: &Sequences,
    ) -> Result<Vec<Parameter>, Diagnostic> {
        arguments
            .iter()
            .map(|argument| self.parameter(argument, types, sequences))
            .collect()
    }

    /// Instructions with the values of their parameters, and what the clocks show; what EXECUTE
    /// gives is not there before its statement runs.
    ///
    /// # Errors
    /// A value that is none of its type.
    pub(crate) fn bound_in(
        &self,
        instructions: &[Instruction],
        types: &[Oid],
    ) -> Result<Arc<[Instruction]>, Diagnostic> {
        let bound = |instruction: &Instruction| {
            let number = match instruction {
                Instruction::Parameter(number) => number,
                Instruction::Scalar(call) => {
                    let shown = self.clock.shown_by(&call.name);
                    return Ok(match shown {
                        Some(shown) => Instruction::Constant(Some(shown)),
                        None => instruction.clone(),
                    });
                }
                _ => return Ok(instruction.clone()),
            };
            let index = *number as usize - 1;
            let type_oid = types.get(index).copied().unwrap_or(TEXT);
            let Some(value) = self.values.get(index) else {
                return Ok(instruction.clone());
            };
            let text = value
                .as_ref()
                .map(|bytes| text_of(type_oid, self.formats.get(index), bytes));
            let text = text.transpose();
            let text = text.map_err(|error| Diagnostic::bad_value(&error))?;
            Ok(Instruction::Constant(text))
        };
        instructions.iter().map(bound).collect()
    }

    /// Columns, and what is computed of them, with the values of the parameters.
    ///
    /// # Errors
    /// As [`Values::bound_in`].
    pub(crate) fn bound_columns(
        &self,
        columns: &Arc<[ResultColumn]>,
        types: &[Oid],
    ) -> Result<Arc<[ResultColumn]>, Diagnostic> {
        if columns.iter().all(|column| column.computed.is_none()) {
            return Ok(Arc::clone(columns));
        }
        let bound = |column: &ResultColumn| {
            let computed = column.computed.as_deref();
            Ok(ResultColumn {
                computed: computed
                    .map(|instructions| self.bound_in(instructions, types))
                    .transpose()?,
                ..column.clone()
            })
        };
        columns.iter().map(bound).collect()
    }

    /// A parameter that counts rows, or what stands for NULL; none if it is negative.
    fn row_count(
        &self,
        number: u32,
        types: &[Oid],
        every: &'static str,
    ) -> Result<Option<Parameter>, Diagnostic> {
        let index = number as usize - 1;
        let type_oid = types.get(index).copied().unwrap_or(INT8);
        let format = self.formats.get(index);
        let Some(value) = self.values.get(index).cloned().flatten() else {
            return Ok(Some(Parameter {
                type_oid: INT8,
                format: Format::Text,
                value: Some(Bytes::from_static(every.as_bytes())),
            }));
        };
        let is_negative = match format {
            Format::Text => value.trim_ascii_start().starts_with(b"-"),
            Format::Binary => {
                matches!(type_oid, SMALLINT | INTEGER | INT8)
                    && value.first().is_some_and(|byte| byte & 0x80 != 0)
            }
        };
        if is_negative {
            return Ok(None);
        }
        Parameter::of_client(type_oid, format, Some(value))
            .map(Some)
            .map_err(|error| Diagnostic::bad_value(&error))
    }

    fn parameter(
        &self,
        argument: &Argument,
        types: &[Oid],
        sequences: &Sequences,
    ) -> Result<Parameter, Diagnostic> {
        Ok(match argument {
            Argument::Elements(number) => {
                let index = *number as usize - 1;
                let type_oid = types.get(index).copied().unwrap_or(0);
                let value = match self.values.get(index).and_then(Option::as_ref) {
                    None => None,
                    Some(bytes) => Some(
                        elements(type_oid, self.formats.get(index), bytes)
                            .map_err(|error| Diagnostic::bad_value(&error))?,
                    ),
                };
                Parameter {
                    type_oid: TEXT,
                    format: Format::Text,
                    value: value.map(Bytes::from),
                }
            }
            Argument::Parameter(number) => {
                let index = *number as usize - 1;
                Parameter::of_client(
                    types.get(index).copied().unwrap_or(0),
                    self.formats.get(index),
                    self.values.get(index).cloned().flatten(),
                )
                .map_err(|error| Diagnostic::bad_value(&error))?
            }
            Argument::Limit(number) => self
                .row_count(*number, types, EVERY_ROW)?
                .ok_or_else(|| Diagnostic::negative_count("2201W", "LIMIT"))?,
            Argument::Offset(number) => self
                .row_count(*number, types, "0")?
                .ok_or_else(|| Diagnostic::negative_count("2201X", "OFFSET"))?,
            Argument::Constant(constant) => Parameter {
                type_oid: constant.type_oid,
                format: Format::Text,
                value: constant.value.clone().map(Bytes::from),
            },
            Argument::CurrentValue(name) => Parameter {
                type_oid: INT8,
                format: Format::Text,
                value: Some(sequences.current(name.as_deref())?),
            },
            Argument::Clock(reading) => Parameter {
                type_oid: TIMESTAMP,
                format: Format::Text,
                value: Some(self.clock.shows(reading).into()),
            },
            Argument::Computed(computed) => {
                let instructions = self.bound_in(&computed.instructions, types)?;
                let value = result(&instructions, |_| None)
                    .map_err(|error| Diagnostic::bad_value(&error))?;
                Parameter {
                    type_oid: computed.type_oid,
                    format: Format::Text,
                    value: value.map(Bytes::from),
                }
            }
            // A sequence puts what it kept in place of these.
            Argument::Kept(_) | Argument::AllKept(_) => Parameter {
                type_oid: 0,
                format: Format::Text,
                value: None,
            },
        })
    }
}

/// How the columns of a result are to be written.
pub(crate) fn outputs(columns: Option<&[ResultColumn]>, formats: &Formats) -> Arc<[Output]> {
    let columns = columns.unwrap_or_default().iter().enumerate();
    columns
        .map(|(index, column)| match column.computed {
            Some(_) => Output {
                type_oid: TEXT,
                type_modifier: -1,
                format: Format::Text,
            },
            None => Output {
                type_oid: column.type_oid,
                type_modifier: column.written_modifier(),
                format: formats.get(index),
            },
        })
        .collect()
}

/// The types to prepare a statement's placeholders with; 0: to be inferred.
pub(crate) fn placeholder_types(
    arguments: &[Argument],
    declared: &[Oid],
    planned: &[Oid],
) -> Vec<Oid> {
    let known = |types: &[Oid], index: usize| types.get(index).copied().filter(|oid| *oid != 0);
    arguments
        .iter()
        .map(|argument| match argument {
            Argument::Parameter(number) => {
                let index = *number as usize - 1;
                known(declared, index)
                    .or_else(|| known(planned, index))
                    .map_or(0, known_to_iris)
            }
            Argument::Constant(constant) => constant.type_oid,
            Argument::Computed(computed) => computed.type_oid,
            Argument::Elements(_) => TEXT,
            Argument::Clock(_) => TIMESTAMP,
            Argument::Kept(_) => 0,
            Argument::AllKept(_) => TEXT,
            Argument::CurrentValue(_) | Argument::Limit(_) | Argument::Offset(_) => INT8,
        })
        .collect()
}

/// The types of the client's parameters: declared, else as the rules know, else
/// as the upstream inferred for the first placeholder, else text.
pub(crate) fn parameter_types(
    plan: &Plan,
    arguments: &[Argument],
    declared: &[Oid],
    inferred: &[Oid],
) -> Arc<[Oid]> {
    let planned = plan.parameters();
    let count = declared.len().max(planned.len());
    let known = |types: &[Oid], index: usize| types.get(index).copied().filter(|oid| *oid != 0);
    let first_use = |index: usize| {
        let place = arguments
            .iter()
            .position(|argument| matches!(argument, Argument::Parameter(number) if *number as usize == index + 1))?;
        known(inferred, place)
    };
    (0..count)
        .map(|index| {
            known(declared, index)
                .or_else(|| known(planned, index))
                .or_else(|| first_use(index))
                .unwrap_or(TEXT)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_knows_its_parameters_best_then_the_rules_then_the_upstream() {
        let plan = Plan::Answer(crate::rules::Answer {
            columns: vec![],
            rows: vec![],
            tag: crate::rules::wit_plan::Tag {
                word: "SELECT".into(),
                counted: true,
            },
            parameters: vec![0, 20, 0, 0],
        });
        let arguments = [3, 1, 3, 2].map(Argument::Parameter);
        let types = parameter_types(&plan, &arguments, &[0, 23], &[1700, 701, 16, 0]);
        assert_eq!(&*types, [701, 23, 1700, 25]);
    }
}
