//! The IRIS statements that one statement of the client becomes: one, or several
//! that are carried out in order.

use std::collections::HashMap;

use sqlparser::ast::Statement as Tree;

use crate::printer;
use crate::reader::statement::Source;
use crate::wit::{Argument, Diagnostic, Repetition, RowUse, Step};

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
}

/// How often a part runs.
#[derive(Clone, Debug)]
pub(crate) enum Times {
    Once,
    /// For each of these lists of values, which replace its placeholders in order.
    ForValues(Vec<Vec<Argument>>),
    /// For each row kept in the slot.
    ForEach(u32),
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

/// The steps of a sequence.
pub(crate) fn steps(parts: Vec<Part>, source: &Source<'_>) -> Vec<Step> {
    let numbers: HashMap<PartId, u32> = (0..)
        .zip(&parts)
        .filter_map(|(number, part)| Some((part.id?, number)))
        .collect();
    let number = |id: PartId| numbers.get(&id).copied().unwrap_or(u32::MAX);
    let step = |part: Part| {
        let mut statement = printer::printed(&part.tree, &part.suffix, source);
        let repetition = match part.repetition {
            Times::Once => Repetition::Once,
            Times::ForValues(lists) => {
                if let Some(first) = lists.first() {
                    statement.arguments.clone_from(first);
                }
                Repetition::ForValues(lists)
            }
            Times::ForEach(slot) => Repetition::ForEach(slot),
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
        }
    };
    parts.into_iter().map(step).collect()
}
