//! What views select: IRIS tells of a column of a view what it tells of the expression, and not of
//! which type the column of a table behind it was made.

use std::collections::HashMap;

use sqlparser::ast::{Query, Statement};

use super::answers::{self, about};
use super::made_as::is_untold;
use super::names::{TableName, named_in};
use super::query::literal;
use super::{Relation, Relations};
use crate::reader::lexer::lex;
use crate::reader::parse::{Reading, parse};
use crate::reader::statement::split;
use crate::scope::Scopes;
use crate::types::oid;
use crate::wit::{MetadataQuery, MetadataRows};

/// The kind of query, the first part of its name.
const VIEW: &str = "view";

/// No view is looked behind that is made of more views on top of each other: each is a round
/// of questions.
pub(super) const DEEPEST: u8 = 8;

pub(super) fn query(name: &TableName) -> MetadataQuery {
    answers::query(
        VIEW,
        name,
        format!(
            "SELECT VIEW_DEFINITION FROM INFORMATION_SCHEMA.VIEWS \
             WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {}",
            literal(&name.schema),
            literal(&name.table)
        ),
    )
}

/// The queries of the views that were asked about; none of what is no view, or not understood.
pub(super) fn read(metadata: &[MetadataRows]) -> HashMap<TableName, Option<Statement>> {
    let definition = |answer: &MetadataRows| understood(answer.rows.first()?.first()?.as_deref()?);
    about(metadata, VIEW)
        .map(|(name, answer)| (name, definition(answer)))
        .collect()
}

fn understood(text: &str) -> Option<Statement> {
    let tokens = lex(text).ok()?;
    let statements = split(&tokens);
    let [source] = statements.as_slice() else {
        return None;
    };
    match parse(source) {
        Ok(Reading::Tree(tree, _)) => Some(*tree),
        _ => None,
    }
}

/// The tables that a view names. IRIS knows no path: the broker names schemas where it makes one.
pub(super) fn behind(definition: &Statement) -> Vec<TableName> {
    named_in(definition, None)
}

/// Gives the columns of views the types that the columns behind them were made as.
pub(super) fn tell(relations: &mut Relations) {
    for _ in 0..DEEPEST {
        let mut told = Vec::new();
        for (name, definition) in &relations.views {
            if let Some(Statement::Query(query)) = definition
                && let Some(relation) = relations.tables.get(name)
                && let Some(relation) = with_types(relation, query, relations)
            {
                told.push((name.clone(), relation));
            }
        }
        if told.is_empty() {
            return;
        }
        relations.tables.extend(told);
    }
}

/// None if it stays as it is.
fn with_types(view: &Relation, query: &Query, relations: &Relations) -> Option<Relation> {
    let columns = Scopes::new(relations, &[]).columns_of(query)?;
    if columns.len() != view.columns.len() {
        return None;
    }
    let mut changed = None;
    for (index, found) in columns.iter().enumerate() {
        let known = view.columns.get(index)?;
        let made_as = found.type_oid.filter(|made_as| is_untold(*made_as));
        let Some(made_as) = made_as.filter(|made_as| *made_as != known.type_oid) else {
            continue;
        };
        if made_as == oid::BPCHAR && found.padded.is_none() {
            continue;
        }
        let view = changed.get_or_insert_with(|| view.clone());
        let column = view.columns.get_mut(index)?;
        column.type_oid = made_as;
        column.length = found.padded.or(column.length);
    }
    changed
}
