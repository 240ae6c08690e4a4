//! The columns of what is no SELECT.

use sqlparser::ast::{Statement, Values};

use super::{Output, Scopes};
use crate::build;
use crate::typing;
use crate::writing::{self, target};

impl Scopes<'_> {
    /// The columns of rows that are written out: `column1` …, of the type that all rows agree on.
    pub(super) fn columns_of_rows(&self, rows: &Values) -> Option<Vec<Output>> {
        let width = rows.rows.first()?.content.len();
        let of_place = |place: usize| {
            let mut typed = rows.rows.iter().filter_map(|row| row.content.get(place));
            let first = self.settled_type(typed.next()?);
            typed.try_fold(first?, |known, value| {
                typing::merged(known, self.settled_type(value)?)
            })
        };
        let output = |place: usize| Output {
            name: Some(format!("column{}", place + 1)),
            type_oid: of_place(place),
            nullable: true,
            ..Output::default()
        };
        Some((0..width).map(output).collect())
    }

    /// The columns that a statement which writes returns.
    pub(super) fn columns_returned(&mut self, change: &Statement) -> Option<Vec<Output>> {
        let items = writing::returning(change)?.clone();
        let from = target::sources_of(change);
        let select = build::select(items, from);
        self.open_select(&select);
        let columns = self.columns_of_select(&select);
        self.close();
        columns
    }
}
