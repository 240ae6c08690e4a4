//! A primary key that a table is given: its columns must have values from then on, and already.
//! PostgreSQL manual, ALTER TABLE; IRIS lets the NULLs that are there stay.

use sqlparser::ast::{Expr, Ident, ObjectName, PrimaryKeyConstraint, SelectItem};

use super::retyped::Piece;
use super::written;
use crate::labels;
use crate::raise;
use crate::relations::TableName;
use crate::rule::Pass;
use crate::writing;

/// What stands before the statement that adds the key, and what behind it.
pub(crate) fn required(
    key: &PrimaryKeyConstraint,
    table: &ObjectName,
    pass: &Pass<'_>,
) -> (Vec<Piece>, Vec<Piece>) {
    let relation = TableName::of(table).and_then(|name| pass.relations.find(&name));
    let Some(relation) = relation else {
        return (Vec::new(), Vec::new());
    };
    let names = key
        .columns
        .iter()
        .filter_map(|column| match &column.column.expr {
            Expr::Identifier(name) => Some(name),
            _ => None,
        });
    let nullable = |name: &&Ident| {
        let column = relation.column(&labels::folded(name));
        column.is_some_and(|column| column.nullable)
    };
    let names: Vec<&Ident> = names.filter(nullable).collect();
    let fails = |name: &&Ident| {
        let column = labels::folded(name);
        let message = format!(
            "column \"{column}\" of relation \"{}\" contains null values",
            relation.name
        );
        let failure = SelectItem::UnnamedExpr(raise::plain("23502", &message));
        let from = vec![writing::table(table, None)];
        let condition = Expr::IsNull(Box::new(Expr::Identifier((*name).clone())));
        Piece::Other(Box::new(writing::select(
            vec![failure],
            from,
            Some(condition),
        )))
    };
    let required = |name: &&Ident| Piece::Words(format!("ALTER COLUMN {} NOT NULL", written(name)));
    (
        names.iter().map(fails).collect(),
        names.iter().map(required).collect(),
    )
}
