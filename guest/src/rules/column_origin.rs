//! # What it does
//! Notes which columns of tables the result columns show, and of which enum types they are.
//!
//! # Why
//! PostgreSQL tells it in RowDescription, by the table's OID and the column's number. JDBC reads names of tables and
//! keys of rows to be updated from it; IRIS tells neither. To IRIS enums are strings.
//!
//! # Example
//! Of `SELECT name, upper(name) FROM t` the first column is column 2 of `t`, the second none.
//!
//! # Limits
//! The statement stays as it is, so the rule is never listed among those that changed one. Where two objects of a
//! namespace fall on one OID, the catalogue gives one of them another than this rule.
//!
//! # Versions
//! All.

use sqlparser::ast::Statement;

use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::relations::enums;
use crate::rule::{Pass, Rule};
use crate::scope::{Provenance, Scopes};
use crate::types::oid;
use crate::wit::{ColumnChange, ColumnRule, Oid, Origin};
use crate::writing::{self, target};

pub(crate) struct ColumnOrigin;

impl Rule for ColumnOrigin {
    fn name(&self) -> &'static str {
        "column_origin"
    }

    fn summary(&self) -> &'static str {
        "notes which columns of tables the result columns show, and enums among them"
    }

    fn concerns(&self, marks: Marks) -> bool {
        // A cast may be one to an enum.
        marks.has(Marks::FROM.and(Marks::RETURNING).and(Marks::CAST))
    }

    fn only_notes(&self) -> bool {
        true
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let shown = provenance(tree, pass).unwrap_or_default();
        pass.origins = shown.iter().map(|column| column.origin).collect();
        let enums = shown.iter().map(|column| column.enum_type.as_ref());
        pass.enums = enums.map(|name| name.map(enums::number_of)).collect();
        Ok(false)
    }
}

/// What the result columns show; none if they cannot be counted.
pub(crate) fn provenance(tree: &Statement, pass: &Pass<'_>) -> Option<Vec<Provenance>> {
    if let Statement::Query(query) = tree {
        return Scopes::new(pass.relations, &pass.parameters).origins_of(query);
    }
    let items = writing::returning(tree)?;
    let sources = target::sources_of(tree);
    Scopes::within(pass.relations, &pass.parameters, &sources).origins_of_items(items, &sources)
}

/// What the rules say of the result columns, with what is known of their origins, and of enums.
pub(crate) fn with_origins(
    mut columns: Vec<ColumnRule>,
    origins: &[Option<Origin>],
    enums: &[Option<Oid>],
) -> Vec<ColumnRule> {
    if origins.iter().all(Option::is_none) && enums.iter().all(Option::is_none) {
        return columns;
    }
    if columns.is_empty() {
        columns.push(ColumnRule::Rest);
    }
    let is_one = |rule: &&ColumnRule| matches!(rule, ColumnRule::One(_));
    let ones = columns.iter().filter(is_one).count();
    let Some(rest) = origins.len().checked_sub(ones) else {
        return columns;
    };
    if rest > 0 && ones == columns.len() {
        return columns;
    }
    let enums = enums.iter().copied().chain(std::iter::repeat(None));
    let mut shown = origins.iter().copied().zip(enums);
    let mut told = Vec::with_capacity(origins.len());
    for rule in columns {
        match rule {
            ColumnRule::One(change) => {
                let (origin, enum_type) = shown.next().unwrap_or_default();
                told.push(ColumnRule::One(with(change, origin, enum_type)));
            }
            ColumnRule::Rest => {
                let others = shown.by_ref().take(rest);
                told.extend(others.map(|(origin, enum_type)| {
                    ColumnRule::One(with(unchanged(), origin, enum_type))
                }));
            }
        }
    }
    told
}

/// An enum is text to IRIS, and to the rules.
fn with(change: ColumnChange, origin: Option<Origin>, enum_type: Option<Oid>) -> ColumnChange {
    let is_text = matches!(change.type_oid, None | Some(oid::TEXT | oid::VARCHAR));
    ColumnChange {
        origin,
        type_oid: enum_type
            .filter(|_| is_text && change.computed.is_none())
            .or(change.type_oid),
        ..change
    }
}

fn unchanged() -> ColumnChange {
    ColumnChange {
        label: None,
        type_oid: None,
        scale: None,
        computed: None,
        digits: None,
        origin: None,
    }
}
