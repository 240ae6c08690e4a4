//! Plans as the broker carries them out: checked, and shared between sessions.
//!
//! A component may be anyone's; whatever breaks a sentence of `wit/` is found
//! here, once for each translation, and not by the code that relies on it.

mod answer;
mod argument;
mod arrangement;
mod requirement;
mod sequence;
mod told;

use std::sync::Arc;

use super::wit;
use super::wit_plan;

use crate::console::Command;
use crate::diagnostic::Diagnostic;
use crate::upstream::{Oid, Statement};
use crate::value::computed::is_sound;
pub use requirement::Requirement;
use requirement::required;
pub(super) use told::diagnostic;
use told::tag;

/// What is to be done for one statement.
#[derive(Debug)]
pub struct Translation {
    /// How to carry it out.
    pub plan: Plan,
    /// Sent before the result.
    pub notices: Vec<Diagnostic>,
    /// The rules that changed the statement, in order.
    pub applied: Vec<wit::Applied>,
    /// The command, if it must not run inside a transaction block.
    pub alone: Option<String>,
    /// The counters of columns that it makes go on, if that is known.
    pub counts: Option<wit::Counted>,
}

/// See `wit/plan.wit` for what each case says.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum Plan {
    Empty,
    Forward(Forward),
    Answer(Answer),
    Sequence(Sequence),
    Lookup(wit_plan::Lookup),
    Catalog(wit_plan::CatalogQuery),
    Transaction(wit_plan::Transaction),
    Setting(wit_plan::Setting),
    Copy(Box<wit_plan::CopyTransfer>),
    Cursor(wit_plan::Cursor),
    Prepared(wit_plan::Prepared),
    Refuse(Diagnostic),
    /// Of no component: a command of the admin console.
    Console(Command),
}

/// One IRIS statement whose rows go to the client.
#[derive(Debug)]
pub struct Forward {
    /// The text, ready for a connector.
    pub statement: Arc<Statement>,
    /// Where the value of each placeholder comes from.
    pub arguments: Vec<wit_plan::Argument>,
    /// The type of each client parameter; 0: as the upstream infers.
    pub parameters: Vec<Oid>,
    /// What the rules say of the result columns.
    pub columns: Vec<wit_plan::ColumnRule>,
    /// For CommandComplete.
    pub tag: wit_plan::Tag,
    /// What it does to the connection.
    pub effect: wit_plan::Effect,
    /// Not understood, passed on as it came.
    pub verbatim: bool,
    /// What must be so of the parameters.
    pub required: Vec<Requirement>,
}

/// Rows that need no server.
pub type Answer = wit_plan::Answer;

/// IRIS statements carried out in order, all or none.
#[derive(Debug)]
pub struct Sequence {
    /// In order.
    pub steps: Vec<Step>,
    /// As in [`Forward`].
    pub parameters: Vec<Oid>,
    /// For the columns of the emitting steps.
    pub columns: Vec<wit_plan::ColumnRule>,
    /// For CommandComplete.
    pub tag: wit_plan::Tag,
    /// What it does to the connection.
    pub effect: wit_plan::Effect,
    /// What must be so of the parameters.
    pub required: Vec<Requirement>,
    /// What it does to the session's temporary tables.
    pub temporary: Vec<wit_plan::TemporaryChange>,
}

/// One statement of a [`Sequence`].
#[derive(Debug)]
pub struct Step {
    /// The text, ready for a connector.
    pub statement: Arc<Statement>,
    /// Where the value of each placeholder comes from.
    pub arguments: Vec<wit_plan::Argument>,
    /// How often it runs.
    pub repetition: wit_plan::Repetition,
    /// What becomes of its rows.
    pub rows: wit_plan::RowUse,
    /// Whether its row count is added to the tag's.
    pub counted: bool,
    /// SQLCODEs that do not fail the sequence.
    pub tolerated: Vec<i32>,
    /// The error if a run returns or changes no row.
    pub if_empty: Option<Diagnostic>,
    /// The error if two of the rows that it keeps are the same.
    pub if_repeated: Option<Diagnostic>,
    /// Of its runs only those whose counterpart in that step met an SQLCODE that
    /// it tolerates.
    pub only_tolerated: Option<u32>,
    /// Of the rows that it keeps only those for which this is true.
    pub kept_if: Option<Arc<[wit_plan::Instruction]>>,
    /// What is kept in the place of their values.
    pub computed: Vec<wit_plan::ComputedColumn>,
    /// What is made of its rows.
    pub arrangement: Option<wit_plan::Arrangement>,
}

/// A sentence of `wit/` that a component broke.
pub(crate) type Broken = &'static str;

impl Translation {
    /// A plan, and nothing else to say.
    pub(crate) fn of(plan: Plan) -> Self {
        Self {
            plan,
            notices: Vec::new(),
            applied: Vec::new(),
            alone: None,
            counts: None,
        }
    }

    pub(crate) fn check(translation: wit::Translation) -> Result<Self, Broken> {
        let discards_all = matches!(
            &translation.plan,
            wit_plan::Plan::Setting(plan) if matches!(
                plan.step,
                wit_plan::SettingStep::Discard(wit_plan::DiscardTarget::All)
            )
        );
        Ok(Self {
            plan: Plan::check(translation.plan)?,
            notices: translation
                .notices
                .into_iter()
                .map(diagnostic)
                .collect::<Result<_, _>>()?,
            applied: translation.applied,
            alone: translation
                .alone
                .or_else(|| discards_all.then(|| "DISCARD ALL".to_owned())),
            counts: translation.counts,
        })
    }
}

impl Plan {
    fn check(plan: wit_plan::Plan) -> Result<Self, Broken> {
        Ok(match plan {
            wit_plan::Plan::Empty => Self::Empty,
            wit_plan::Plan::Forward(plan) => Self::Forward(forward(plan)?),
            wit_plan::Plan::Answer(plan) => Self::Answer(answer::checked(plan)?),
            wit_plan::Plan::Sequence(plan) => Self::Sequence(sequence::checked(plan)?),
            wit_plan::Plan::Lookup(plan) => Self::Lookup(plan),
            wit_plan::Plan::Catalog(plan) => Self::Catalog(plan),
            wit_plan::Plan::Transaction(plan) => {
                commands(&plan.commands)?;
                Self::Transaction(plan)
            }
            wit_plan::Plan::Setting(plan) => {
                commands(&plan.commands)?;
                Self::Setting(plan)
            }
            wit_plan::Plan::Copy(plan) => {
                if let Some(computed) = &plan.kept_if {
                    let columns = u32::try_from(plan.columns.len()).ok();
                    instructions(computed, columns, 0)?;
                }
                Self::Copy(Box::new(plan))
            }
            wit_plan::Plan::Cursor(plan) => Self::Cursor(plan),
            wit_plan::Plan::Prepared(plan) => Self::Prepared(plan),
            wit_plan::Plan::Refuse(refusal) => Self::Refuse(diagnostic(refusal)?),
        })
    }

    /// What must be so of the client's parameters.
    pub fn required(&self) -> &[Requirement] {
        match self {
            Self::Forward(plan) => &plan.required,
            Self::Sequence(plan) => &plan.required,
            _ => &[],
        }
    }

    /// The types of the client's parameters as far as the rules know them.
    pub fn parameters(&self) -> &[Oid] {
        match self {
            Self::Forward(plan) => &plan.parameters,
            Self::Answer(plan) => &plan.parameters,
            Self::Sequence(plan) => &plan.parameters,
            Self::Lookup(plan) => &plan.parameters,
            Self::Catalog(plan) => &plan.parameters,
            Self::Cursor(wit_plan::Cursor {
                step: wit_plan::CursorStep::Declare(plan),
                ..
            }) => &plan.parameters,
            _ => &[],
        }
    }

    /// Whether it may change what a transaction keeps or undoes.
    pub(crate) fn changes(&self) -> bool {
        let writes = |effect: &wit_plan::Effect| !matches!(effect, wit_plan::Effect::Read);
        match self {
            Self::Forward(plan) => writes(&plan.effect),
            Self::Sequence(plan) => writes(&plan.effect),
            Self::Copy(plan) => matches!(plan.direction, wit_plan::CopyDirection::FromClient),
            Self::Prepared(plan) => matches!(plan.step, wit_plan::PreparedStep::Execute(_)),
            Self::Cursor(plan) => matches!(
                &plan.step,
                wit_plan::CursorStep::Declare(declaration)
                    if matches!(declaration.hold, wit_plan::CursorHold::Session)
            ),
            _ => false,
        }
    }

    /// The name of the case, as `wit/plan.wit` spells it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Forward(_) => "forward",
            Self::Answer(_) => "answer",
            Self::Sequence(_) => "sequence",
            Self::Lookup(_) => "lookup",
            Self::Catalog(_) => "catalog",
            Self::Transaction(_) => "transaction",
            Self::Setting(_) => "setting",
            Self::Copy(_) => "copy",
            Self::Cursor(_) => "cursor",
            Self::Prepared(_) => "prepared",
            Self::Refuse(_) => "refuse",
            Self::Console(_) => "console",
        }
    }
}

fn forward(plan: wit_plan::Forward) -> Result<Forward, Broken> {
    let (statement, arguments) = statement(plan.statement, plan.parameters.len(), 0)?;
    if plan
        .columns
        .iter()
        .filter(|rule| matches!(rule, wit_plan::ColumnRule::Rest))
        .count()
        > 1
    {
        return Err("a list of column rules has more than one \"rest\"");
    }
    computed(&plan.columns, plan.parameters.len())?;
    Ok(Forward {
        required: required(plan.required, plan.parameters.len())?,
        statement,
        arguments,
        parameters: plan.parameters,
        columns: plan.columns,
        tag: tag(plan.tag)?,
        effect: plan.effect,
        verbatim: plan.verbatim,
    })
}

/// What is computed of result columns.
fn computed(columns: &[wit_plan::ColumnRule], parameters: usize) -> Result<(), Broken> {
    for rule in columns {
        let wit_plan::ColumnRule::One(change) = rule else {
            continue;
        };
        let Some(computed) = &change.computed else {
            continue;
        };
        instructions(computed, Some(1), parameters)?;
        if change.type_oid.is_none() {
            return Err("a computed column has no type");
        }
    }
    Ok(())
}

fn instructions(
    instructions: &[wit_plan::Instruction],
    columns: Option<u32>,
    parameters: usize,
) -> Result<(), Broken> {
    let parameters = u32::try_from(parameters).unwrap_or(u32::MAX);
    match is_sound(instructions, columns, parameters) {
        true => Ok(()),
        false => Err("instructions do not leave one value"),
    }
}

/// Where a step keeps its rows.
pub(crate) fn slot_of(rows: &wit_plan::RowUse) -> Option<u32> {
    match rows {
        wit_plan::RowUse::Keep(slot) | wit_plan::RowUse::KeepFirst(slot) => Some(*slot),
        wit_plan::RowUse::KeepCurrent(kept) => Some(kept.slot),
        wit_plan::RowUse::Emit | wit_plan::RowUse::Discard => None,
    }
}

/// `slots`: how many an earlier step may have kept.
fn statement(
    statement: wit_plan::Statement,
    parameters: usize,
    slots: u32,
) -> Result<(Arc<Statement>, Vec<wit_plan::Argument>), Broken> {
    if statement.pieces.len() != statement.arguments.len() + 1 {
        return Err("a statement has not one piece more than arguments");
    }
    let mut placeholders = Vec::with_capacity(statement.arguments.len());
    for (index, argument) in statement.arguments.iter().enumerate() {
        argument::check(argument, parameters, slots)?;
        placeholders.push(match argument {
            wit_plan::Argument::Parameter(number) => *number,
            // Numbers beyond the client's parameters are each their own.
            _ => (parameters + 1 + index) as u32,
        });
    }
    Ok((
        Arc::new(Statement {
            pieces: statement.pieces,
            placeholders,
        }),
        statement.arguments,
    ))
}

fn commands(commands: &[wit_plan::Command]) -> Result<(), Broken> {
    if commands.iter().any(|command| command.is_empty()) {
        Err("a command has no pieces")
    } else {
        Ok(())
    }
}
