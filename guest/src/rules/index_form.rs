//! # What it does
//! Writes CREATE INDEX without the words of PostgreSQL that IRIS lacks, and refuses
//! indexes that IRIS has no equivalent for.
//!
//! # Why
//! IRIS has no access methods, no CONCURRENTLY, no IF NOT EXISTS, no order of NULLs,
//! no operator classes and no nameless indexes; its indexes are over columns.
//!
//! # Example
//! `CREATE INDEX CONCURRENTLY ON t USING btree (a DESC)` becomes
//! `CREATE INDEX t_a_idx ON t(a DESC)`.
//!
//! # Limits
//! Partial indexes, indexes over expressions, INCLUDE, NULLS NOT DISTINCT and the
//! access methods gin, gist, spgist and brin are refused. The order of a column is
//! read and ignored by IRIS.
//!
//! # Versions
//! All.

use sqlparser::ast::{CreateIndex, Expr, IndexType, ObjectName, ObjectNamePart, Statement};

use crate::definition::{last, offset};
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::part::Part;
use crate::reader::marks::Marks;
use crate::relations::{self, Index, chosen_name};
use crate::rule::{Pass, Rule};
use crate::rules::if_exists;
use crate::wit::Diagnostic;

pub(crate) struct IndexForm;

/// "Index name already defined".
const INDEX_EXISTS: i32 = -324;

impl Rule for IndexForm {
    fn name(&self) -> &'static str {
        "index_form"
    }

    fn summary(&self) -> &'static str {
        "writes CREATE INDEX without the words that IRIS lacks"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::DEFINITION)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let Statement::CreateIndex(index) = tree else {
            return Ok(false);
        };
        let before = index.clone();
        method(index, pass)?;
        clauses(index, pass)?;
        columns(index, pass)?;
        let if_not_exists = std::mem::take(&mut index.if_not_exists);
        if index.name.is_none() {
            let name = labels::identifier(&free_name(index, pass));
            index.name = Some(ObjectName(vec![ObjectNamePart::Identifier(name)]));
        } else if let Some(name) = taken(index, pass) {
            let what = format!("relation \"{name}\" already exists");
            if !if_not_exists {
                return Err(Diagnostic::error("42P07", what));
            }
            pass.notices.push(if_exists::skipped("42P07", &what));
            pass.split = Some(Vec::new());
            return Ok(true);
        }
        if if_not_exists {
            let mut part = Part::new(Statement::CreateIndex(index.clone()));
            part.tolerated = vec![INDEX_EXISTS];
            pass.split = Some(vec![part]);
            return Ok(true);
        }
        Ok(*index != before)
    }
}

/// An index of IRIS serves what btree and hash serve.
fn method(index: &mut CreateIndex, pass: &Pass<'_>) -> Diagnosed<()> {
    match index.using.take() {
        None | Some(IndexType::BTree | IndexType::Hash) => Ok(()),
        Some(other) => Err(Diagnostic::not_supported(
            format!(
                "access method \"{}\" is not supported",
                other.to_string().to_lowercase()
            ),
            "use an index without USING, or hnsw over vectors",
        )
        .at(pass.text, offset(&index.table_name))),
    }
}

fn clauses(index: &mut CreateIndex, pass: &Pass<'_>) -> Diagnosed<()> {
    if let Some(predicate) = &index.predicate {
        return Err(Diagnostic::not_supported(
            "a partial index is not supported",
            "create the index over all rows, without WHERE",
        )
        .at(pass.text, offset(predicate)));
    }
    if let Some(first) = index.include.first() {
        return Err(Diagnostic::not_supported(
            "INCLUDE is not supported",
            "create the index without INCLUDE",
        )
        .at(pass.text, offset(&Expr::Identifier(first.clone()))));
    }
    if index.nulls_distinct.take() == Some(false) {
        return Err(Diagnostic::not_supported(
            "NULLS NOT DISTINCT is not supported",
            "make the columns NOT NULL",
        ));
    }
    index.concurrently = false;
    // Storage parameters.
    index.with.clear();
    Ok(())
}

fn columns(index: &mut CreateIndex, pass: &Pass<'_>) -> Diagnosed<()> {
    for column in &mut index.columns {
        if !matches!(column.column.expr, Expr::Identifier(_)) {
            return Err(Diagnostic::not_supported(
                "an index over an expression is not supported",
                "index a column that holds its value",
            )
            .at(pass.text, offset(&column.column.expr)));
        }
        column.operator_class = None;
        column.column.options.nulls_first = None;
    }
    Ok(())
}

/// The name of an index that the schema has already: IRIS would take it for one
/// more table.
fn taken(index: &CreateIndex, pass: &Pass<'_>) -> Option<String> {
    let name = relations::name_of_new(index)?;
    pass.relations.indexes_called(&name).next()?;
    index.name.as_ref().and_then(last).map(labels::folded)
}

/// The name that PostgreSQL chooses: the first with a number, if any, that is free.
fn free_name(index: &CreateIndex, pass: &Pass<'_>) -> String {
    let chosen = chosen_name(index);
    let taken: &[Index] =
        relations::name_of_new(index).map_or(&[], |name| pass.relations.indexes(&name));
    let is_free = |name: &String| {
        !taken
            .iter()
            .any(|index| index.name.eq_ignore_ascii_case(name))
    };
    let numbered = (1..).map(|number| format!("{chosen}{number}"));
    std::iter::once(chosen.clone())
        .chain(numbered.take(taken.len()))
        .find(is_free)
        .unwrap_or(chosen)
}
