//! The IRIS statements that one statement of the client becomes: one, or several
//! that are carried out in order.

mod slots;

use std::collections::HashMap;
use std::sync::Arc;

use sqlparser::ast::Statement as Tree;

use crate::diagnostic::Diagnosed;
use crate::placeholder;
use crate::printer;
use crate::reader::statement::Source;
use crate::wit::{
    Argument, Arrangement, ComputedColumn, Diagnostic, Instruction, Repetition, RowUse, Step,
};

/// A part that others refer to; given by [`crate::rule::Pass::part_id`].
pub(crate) type PartId = u32;

/// One of them, while the rules work on it.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) tree: Tree,
    /// What follows the tree, in IRIS's words.
    pub(crate) suffix: String,
    pub(crate) id: Option<PartId>,
    pub(crate) repetition: Times,
    pub(crate) rows: RowUse,
    /// Whether its row count is the statement's.
    pub(crate) counted: bool,
    /// SQLCODEs that do not fail it.
    pub(crate) tolerated: Vec<i32>,
    /// The error if it touches no row.
    pub(crate) if_empty: Option<Diagnostic>,
    /// The error if it keeps the same row twice.
    pub(crate) if_repeated: Option<Diagnostic>,
    /// Only what met an SQLCODE that this part tolerates, when it ran for the
    /// same row.
    pub(crate) only_tolerated: Option<PartId>,
    /// Of the rows that it keeps only those for which this is true.
    pub(crate) kept_if: Option<Vec<Instruction>>,
    /// What is kept in the place of their values.
    pub(crate) computed: Vec<ComputedColumn>,
    /// What the broker makes of its rows.
    pub(crate) arrangement: Option<Arrangement>,
}

/// How often a part runs.
#[derive(Clone, Debug)]
#[allow(
    dead_code,
    reason = "the host carries out more than the rules ask for yet"
)]
pub(crate) enum Times {
    Once,
    /// For each of these lists of values, which replace its placeholders in order.
    ForValues(Vec<Vec<Argument>>),
    /// For each of these rows; [`placeholder::row`] stands for their values.
    ForRows(Arc<Vec<Vec<Argument>>>),
    /// For each row kept in the slot.
    ForEach(u32),
    /// Behind each run of the part before that met no SQLCODE that it tolerates.
    AfterEach,
    /// If the slot holds a row.
    IfAny(u32),
    /// If the slot holds none.
    IfNone(u32),
    /// If that part met an SQLCODE that it tolerates.
    IfTolerated(PartId),
    /// If that part ran and met none.
    UnlessTolerated(PartId),
}

impl Part {
    /// A part that runs once and whose rows nobody wants.
    pub(crate) fn new(tree: Tree) -> Self {
        Self {
            tree,
            suffix: String::new(),
            id: None,
            repetition: Times::Once,
            rows: RowUse::Discard,
            counted: false,
            tolerated: Vec::new(),
            if_empty: None,
            if_repeated: None,
            only_tolerated: None,
            kept_if: None,
            computed: Vec::new(),
            arrangement: None,
        }
    }

    /// The statement itself: its rows and its count are the client's.
    pub(crate) fn whole(tree: Tree) -> Self {
        Self {
            rows: RowUse::Emit,
            counted: true,
            ..Self::new(tree)
        }
    }
}

/// What is made of a part whose rows are kept, or not counted, is so as well.
///
/// # Errors
/// A WITH is made in several steps.
pub(crate) fn inherit(part: &Part, split: &mut [Part]) -> Diagnosed<()> {
    let mut shown = 0;
    for one in split {
        one.counted &= part.counted;
        if matches!(one.rows, RowUse::Emit) {
            one.arrangement = one.arrangement.take().or_else(|| part.arrangement.clone());
        }
        if matches!((&part.rows, &one.rows), (RowUse::Keep(_), RowUse::Emit)) {
            one.rows = part.rows.clone();
            shown += 1;
        }
    }
    if shown > 1 {
        return Err(Diagnostic::not_supported(
            "WITH of a statement that returns rows in several steps is not supported",
            "run the statement by itself, in the same transaction",
        ));
    }
    Ok(())
}

/// The steps of a sequence. Neighbours that differ in their values alone become
/// one step.
pub(crate) fn steps(parts: Vec<Part>, source: &Source<'_>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::with_capacity(parts.len());
    let mut numbers: HashMap<PartId, u32> = HashMap::new();
    let mut last_is_named = true;
    for part in parts {
        let is_named = part.id.is_some();
        let id = part.id;
        let step = step(part, source, &numbers);
        let step = match steps.last_mut() {
            Some(last) if !last_is_named && !is_named => joined(last, step),
            _ => Some(step),
        };
        steps.extend(step);
        if let Some(id) = id {
            numbers.insert(id, u32::try_from(steps.len() - 1).unwrap_or(u32::MAX));
        }
        last_is_named = is_named;
    }
    slots::number(&mut steps);
    steps
}

/// Adds a step to the one before; gives it back if they are not of one kind.
fn joined(last: &mut Step, step: Step) -> Option<Step> {
    let same = step.repetition == Repetition::Once
        && matches!(last.repetition, Repetition::Once | Repetition::ForValues(_))
        && last.statement.pieces == step.statement.pieces
        && last.rows == step.rows
        && !matches!(step.rows, RowUse::Keep(_))
        && last.counted == step.counted
        && last.tolerated == step.tolerated
        && last.if_empty == step.if_empty
        && last.if_repeated == step.if_repeated
        && last.only_tolerated == step.only_tolerated
        && last.kept_if == step.kept_if
        && last.computed == step.computed
        && last.arrangement == step.arrangement;
    if !same {
        return Some(step);
    }
    match &mut last.repetition {
        Repetition::ForValues(lists) => lists.push(step.statement.arguments),
        once => {
            let first = last.statement.arguments.clone();
            *once = Repetition::ForValues(vec![first, step.statement.arguments]);
        }
    }
    None
}

fn step(part: Part, source: &Source<'_>, numbers: &HashMap<PartId, u32>) -> Step {
    let number = |id: PartId| numbers.get(&id).copied().unwrap_or(u32::MAX);
    let mut statement = printer::printed(&part.tree, &part.suffix, source);
    let repetition = match part.repetition {
        Times::Once => Repetition::Once,
        Times::ForValues(lists) => {
            if let Some(first) = lists.first() {
                statement.arguments.clone_from(first);
            }
            Repetition::ForValues(lists)
        }
        Times::ForRows(rows) => {
            let arguments = statement.arguments;
            let lists: Vec<_> = rows.iter().map(|row| of_row(&arguments, row)).collect();
            statement.arguments = lists.first().cloned().unwrap_or_default();
            Repetition::ForValues(lists)
        }
        Times::ForEach(slot) => Repetition::ForEach(slot),
        Times::AfterEach => Repetition::AfterEach,
        Times::IfAny(slot) => Repetition::IfAny(slot),
        Times::IfNone(slot) => Repetition::IfNone(slot),
        Times::IfTolerated(id) => Repetition::IfTolerated(number(id)),
        Times::UnlessTolerated(id) => Repetition::UnlessTolerated(number(id)),
    };
    Step {
        statement,
        repetition,
        rows: part.rows,
        counted: part.counted,
        tolerated: part.tolerated,
        if_empty: part.if_empty,
        if_repeated: part.if_repeated,
        only_tolerated: part.only_tolerated.map(number),
        kept_if: part.kept_if,
        computed: part.computed,
        arrangement: part.arrangement,
    }
}

/// The arguments of a statement for one row.
fn of_row(arguments: &[Argument], row: &[Argument]) -> Vec<Argument> {
    let argument = |argument: &Argument| match placeholder::row_column(argument) {
        Some(column) => row.get(column as usize).unwrap_or(argument).clone(),
        None => argument.clone(),
    };
    arguments.iter().map(argument).collect()
}
