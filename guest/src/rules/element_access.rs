//! # What it does
//! Leaves it to the broker to take documents and arrays apart, and to look into them: in the
//! select list, and in conditions. So it is with ordered-set aggregates, of the values put together in an array.
//!
//! # Why
//! IRIS has neither JSON operators nor arrays, and keeps both as texts; nor has it `WITHIN GROUP`.
//!
//! # Example
//! `SELECT data ->> 'k' FROM t` becomes `SELECT data FROM t`, and the broker shows the member.
//! `SELECT id FROM t WHERE data ->> 'k' = $1` becomes `SELECT %ID, data FROM t`, of whose rows the
//! broker keeps those for which the condition is true, and
//! `SELECT id FROM t WHERE %ID %INLIST $LISTFROMSTRING(?, ',')`.
//!
//! # Limits
//! What is taken out can be cast to numbers, with digits or without, booleans, dates, `uuid` and
//! `varchar(n)`; not to `char(n)`, nor counted with. An item of the select list is made at the outermost level, without DISTINCT
//! and set operations, is not what the rows are ordered by, and of groups is made of their keys and aggregates. A condition, or what AND
//! and OR join in one, is on the columns of one table; all its rows are read unless plain
//! conditions beside it tell that fewer will do. A row that another session changes between both
//! statements is shown as it is then. What else would have to be computed is refused.
//!
//! # Versions
//! All.

use sqlparser::ast::{Expr, JoinConstraint, JoinOperator, Select, Spanned, Statement, TableFactor};

use crate::build;
use crate::computed::scalar;
use crate::computed::{HINT, accesses, condition, is_access, items, written};
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::look::{self, Node};
use crate::part::{Part, Times};
use crate::place;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::vector;
use crate::wit::Diagnostic;
use crate::writing;

pub(crate) struct ElementAccess;

impl Rule for ElementAccess {
    fn name(&self) -> &'static str {
        "element_access"
    }

    fn summary(&self) -> &'static str {
        "lets the broker take documents and arrays apart"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::ACCESS.and(Marks::QUANTIFIER))
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        refuse_rows(tree, pass)?;
        if !accesses(tree) {
            return Ok(false);
        }
        let mut parts = Vec::new();
        if matches!(pass.times, Times::Once) && placeholder::are_taken(tree) {
            parts = conditions(tree, pass)?;
        }
        items::take_out(tree, pass)?;
        let written = written::parts(tree, pass)?;
        let whole = written.unwrap_or_else(|| vec![Part::whole(tree.clone())]);
        for part in &whole {
            refuse_rest(&part.tree, pass)?;
        }
        if whole.len() > 1 || !parts.is_empty() {
            parts.extend(whole);
            pass.split = Some(parts);
        }
        Ok(true)
    }
}

/// Functions that give rows of a document, or of a text.
const ROWS: &[&str] = &[
    "json_array_elements",
    "json_array_elements_text",
    "jsonb_array_elements",
    "jsonb_array_elements_text",
    "json_each",
    "json_each_text",
    "jsonb_each",
    "jsonb_each_text",
    "json_object_keys",
    "jsonb_object_keys",
    "json_populate_record",
    "jsonb_populate_record",
    "json_populate_recordset",
    "jsonb_populate_recordset",
    "json_to_record",
    "jsonb_to_record",
    "json_to_recordset",
    "jsonb_to_recordset",
    "jsonb_path_query",
    "jsonb_path_query_tz",
    "regexp_matches",
    "regexp_split_to_table",
    "string_to_table",
];

/// Refuses them in FROM.
fn refuse_rows(tree: &Statement, pass: &Pass<'_>) -> Diagnosed<()> {
    let mut found: Option<(String, usize)> = None;
    look::finds(tree, &mut |node| {
        let relation = match node {
            Node::Relation(relation) => relation,
            // Behind LATERAL.
            Node::Source(TableFactor::Function { name, .. }) => name,
            _ => return false,
        };
        let called = labels::of_name(relation).filter(|name| ROWS.contains(&name.as_str()));
        if let Some(name) = called {
            let column = relation.span().start.column.saturating_sub(1);
            found = Some((name, usize::try_from(column).unwrap_or(0)));
        }
        found.is_some()
    });
    match found {
        None => Ok(()),
        Some((name, at)) => {
            let message = format!("function {name} is not supported in FROM");
            let hint = "the broker takes a document apart in the outermost FROM, if nothing is joined behind it; else select the document, and take it apart in the client; from IRIS 2024.1 there is JSON_TABLE(document, '$[*]' COLUMNS (...))";
            Err(Diagnostic::not_supported(message, hint).at(pass.text, at))
        }
    }
}

/// Refuses what the broker does not compute.
fn refuse_rest(tree: &Statement, pass: &Pass<'_>) -> Diagnosed<()> {
    let mut at = None;
    look::finds(tree, &mut |node| match node {
        Node::Expression(expression) if is_access(expression) => {
            let place = match expression {
                Expr::BinaryOp { left, op, .. } => {
                    vector::operator_at(left, &op.to_string(), pass.text)
                }
                other => place::of(other),
            };
            at = Some((place, named(expression)));
            true
        }
        _ => false,
    });
    match at {
        None => Ok(()),
        Some((at, name)) => {
            let message = format!("{name} is not supported here");
            Err(Diagnostic::not_supported(message, HINT).at(pass.text, at))
        }
    }
}

fn named(expression: &Expr) -> String {
    match expression {
        Expr::BinaryOp { op, .. } => format!("operator {op}"),
        Expr::Function(function) => {
            let name = build::function_name(function).unwrap_or_default();
            scalar::called(&name)
        }
        Expr::AnyOp { .. } => "ANY of an array that is kept".to_owned(),
        Expr::AllOp { .. } => "ALL of an array that is kept".to_owned(),
        _ => "a subscript".to_owned(),
    }
}

/// Writes the conditions; gives the parts that decide them.
fn conditions(tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<Vec<Part>> {
    let (relations, parameters) = (pass.relations, pass.parameters.clone());
    let mut parts = Vec::new();
    let (selection, tables) = match tree {
        Statement::Update(update) => {
            let tables = writing::sources_of_update(update);
            (update.selection.as_mut(), tables)
        }
        Statement::Delete(delete) => {
            let tables = writing::sources_of_delete(delete);
            (delete.selection.as_mut(), tables)
        }
        _ => (None, Vec::new()),
    };
    if let Some(selection) = selection {
        let scopes = Scopes::within(relations, &parameters, &tables);
        condition::write(selection, &tables, &scopes, &mut parts, pass)?;
    }
    let mut walk = Walk {
        parts: &mut parts,
        pass,
    };
    scoped(tree, relations, &parameters, &mut walk)?;
    Ok(parts)
}

struct Walk<'a, 'b> {
    parts: &'a mut Vec<Part>,
    pass: &'a mut Pass<'b>,
}

impl ScopedHooks for Walk<'_, '_> {
    fn enter_select(&mut self, select: &mut Select, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let Select {
            selection, from, ..
        } = select;
        if let Some(selection) = selection {
            condition::write(selection, from, scopes, self.parts, self.pass)?;
        }
        if !from.iter().any(|table| table.joins.iter().any(accesses)) {
            return Ok(());
        }
        let whole = from.clone();
        for join in from.iter_mut().flat_map(|table| &mut table.joins) {
            if let JoinOperator::Join(JoinConstraint::On(on))
            | JoinOperator::Inner(JoinConstraint::On(on))
            | JoinOperator::Left(JoinConstraint::On(on))
            | JoinOperator::LeftOuter(JoinConstraint::On(on))
            | JoinOperator::Right(JoinConstraint::On(on))
            | JoinOperator::RightOuter(JoinConstraint::On(on)) = &mut join.join_operator
            {
                condition::write(on, &whole, scopes, self.parts, self.pass)?;
            }
        }
        Ok(())
    }
}
