//! # What it does
//! Takes the next value of a sequence before the statement that asks for it, and knows
//! what the session got last.
//!
//! # Why
//! IRIS has no sequences. It has counters of columns: a sequence is a table with one,
//! which `sequence_definition` makes, and `nextval` inserts a row there.
//!
//! # Example
//! `SELECT nextval('s')` becomes `INSERT INTO pgiris_sequence."s" (step_by) VALUES (NULL)`,
//! a query for the value of that row, its DELETE, and `SELECT CAST(? AS BIGINT)`. Of a
//! column's own sequence, `INSERT INTO t (id, a) VALUES (nextval('t_id_seq'), 1)` becomes
//! `INSERT INTO t (a) VALUES (1)`.
//!
//! # Limits
//! `nextval` stands among the VALUES of an INSERT or in a SELECT without tables; `setval`
//! alone in a select list. Of a column's own sequence, `table_column_seq`, `nextval` is
//! known in an INSERT alone, and `currval` right behind it: the host asks IRIS for the row,
//! which other statements would make it forget. Neither is known of ON CONFLICT, MERGE, COPY
//! and WITH, and of rows of which some only are given values. Where `setval` is called in a
//! transaction, others wait for its end.
//!
//! # Versions
//! All.

use sqlparser::ast::{Expr, Insert, Query, SelectItem, SetExpr, Statement, Value};

use super::value_rows;
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::look::{self, Node};
use crate::part::Part;
use crate::place;
use crate::reader::marks::Marks;
use crate::relations::sequences::{call, named, table_of};
use crate::relations::{Numbers, Relation, TableName};
use crate::rule::{Pass, Rule};
use crate::sequences::{self, defaults};
use crate::types::oid;
use crate::walk;
use crate::wit::Diagnostic;
use crate::writing;

pub(crate) struct SequenceFunction;

impl Rule for SequenceFunction {
    fn name(&self) -> &'static str {
        "sequence_function"
    }

    fn summary(&self) -> &'static str {
        "takes values of sequences before the statement that asks for them"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::SEQUENCE) || marks.has(Marks::INSERT)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut changed = false;
        if let Statement::Insert(insert) = tree
            && let Some(relation) = writing::relation_of(insert, pass)
        {
            changed = left_to_column(insert, relation) | defaults::filled(insert, relation, pass)?;
        }
        if !look::finds(tree, &mut is_call) {
            return Ok(changed);
        }
        let mut parts = Vec::new();
        if let Some(value) = set_alone(tree, &mut parts, pass)? {
            parts.push(Part::whole(sequences::shown(value)));
            pass.writes = true;
            pass.split = Some(parts);
            return Ok(true);
        }
        let when = When {
            once: is_evaluated_once(tree),
            changes: look::finds(tree, &mut |node| {
                matches!(node, Node::Expression(expression)
                    if matches!(call(expression), Some(("nextval", _))))
            }),
        };
        let mut found = false;
        walk::expressions(tree, &mut |expression| {
            if let Some(value) = value_of(expression, when, &mut parts, pass)? {
                *expression = value;
                found = true;
            }
            Ok(())
        })?;
        if !parts.is_empty() {
            pass.writes = true;
            parts.push(Part::whole(tree.clone()));
            pass.split = Some(parts);
        }
        Ok(changed || found)
    }
}

fn is_call(node: Node<'_>) -> bool {
    matches!(node, Node::Expression(expression) if call(expression).is_some())
}

/// When a statement takes values of sequences.
#[derive(Clone, Copy)]
struct When {
    /// It evaluates its expressions once.
    once: bool,
    /// It takes new ones, before or behind those that it asks for again.
    changes: bool,
}

/// What stands for a call, and before it the statements that it needs.
fn value_of(
    expression: &Expr,
    when: When,
    parts: &mut Vec<Part>,
    pass: &mut Pass<'_>,
) -> Diagnosed<Option<Expr>> {
    let Some((function, text)) = call(expression) else {
        return Ok(None);
    };
    let refused = |message: String, hint: &str| {
        Err(Diagnostic::not_supported(message, hint).at(pass.text, place::of(expression)))
    };
    match function {
        "lastval" => return Ok(Some(got(None, when, parts, pass))),
        "setval" => {
            return refused(
                "setval inside a statement is not supported".to_owned(),
                "write SELECT setval(…) by itself",
            );
        }
        _ => {}
    }
    if function == "currval"
        && let Some(column) = text.as_deref().and_then(|text| counter_of(text, pass))
    {
        return Ok(Some(got(Some(&column), when, parts, pass)));
    }
    let (name, shown, numbers) = sequence(function, text.as_deref(), expression, pass)?;
    if function == "currval" {
        return Ok(Some(got(Some(&shown), when, parts, pass)));
    }
    if !when.once {
        return refused(
            "nextval for each row of a query is not supported".to_owned(),
            "write it among the VALUES of an INSERT, or in a SELECT without tables",
        );
    }
    let table = table_of(&name);
    Ok(Some(sequences::next(&table, &shown, numbers, parts, pass)))
}

/// What the session got last, as it is when its turn comes.
fn got(sequence: Option<&str>, when: When, parts: &mut Vec<Part>, pass: &mut Pass<'_>) -> Expr {
    let value = sequences::last(sequence);
    if !when.changes {
        return value;
    }
    sequences::noted(value, parts, pass)
}

/// The sequence that a call means, how it is shown, and what it is like.
fn sequence(
    function: &str,
    text: Option<&str>,
    expression: &Expr,
    pass: &Pass<'_>,
) -> Diagnosed<(TableName, String, Numbers)> {
    let at = place::of(expression);
    let Some(name) = text.and_then(named) else {
        return Err(Diagnostic::not_supported(
            format!("{function} of a sequence that is not named is not supported"),
            "write the name as a literal",
        )
        .at(pass.text, at));
    };
    let shown = name.table.to_lowercase();
    match pass.relations.sequence(&name) {
        Some(numbers) => Ok((name, shown, numbers)),
        None if shown.ends_with("_seq") => Err(of_column(function).at(pass.text, at)),
        None => {
            let message = format!("relation \"{shown}\" does not exist");
            let argument = match expression {
                Expr::Function(function) => build::arguments(function).first().copied(),
                _ => None,
            };
            let at = argument.map_or(at, place::of);
            Err(Diagnostic::error("42P01", message).at(pass.text, at))
        }
    }
}

/// The counter of a column, `table_column_seq`, if this names one and no sequence.
fn counter_of(text: &str, pass: &Pass<'_>) -> Option<String> {
    let name = named(text)?;
    let shown = name.table.to_lowercase();
    (shown.ends_with("_seq") && pass.relations.sequence(&name).is_none()).then_some(shown)
}

/// The refusal of what is asked of a column's own sequence.
fn of_column(function: &str) -> Diagnostic {
    let hint = match function {
        "nextval" => "leave the column out of the INSERT, or write DEFAULT",
        "setval" => {
            "the counter of a column goes on behind the greatest value that was given; TRUNCATE \
             starts it anew"
        }
        _ => "use INSERT ... RETURNING",
    };
    Diagnostic::not_supported(format!("{function} is not supported"), hint)
}

/// Whether a statement evaluates its expressions once: it reads no table, and has no
/// query in another.
fn is_evaluated_once(tree: &Statement) -> bool {
    let body = match tree {
        Statement::Query(query) => alone(query),
        Statement::Insert(insert) => match insert.source.as_deref() {
            Some(source) => alone(source),
            None => return true,
        },
        _ => return false,
    };
    let plain = match body {
        Some(SetExpr::Select(select)) => select.from.is_empty() && select.selection.is_none(),
        Some(SetExpr::Values(_)) => matches!(tree, Statement::Insert(_)),
        _ => false,
    };
    let mut queries = 0;
    look::at_all(tree, &mut |node| {
        queries += usize::from(matches!(node, Node::Query(_)));
    });
    plain && queries == 1
}

fn alone(query: &Query) -> Option<&SetExpr> {
    let plain = query.with.is_none() && query.limit_clause.is_none() && query.fetch.is_none();
    plain.then_some(&*query.body)
}

/// `SELECT setval('s', value [, called]) [FROM …]`: what stands for its result.
fn set_alone(
    tree: &mut Statement,
    parts: &mut Vec<Part>,
    pass: &mut Pass<'_>,
) -> Diagnosed<Option<Expr>> {
    let Statement::Query(query) = tree else {
        return Ok(None);
    };
    let SetExpr::Select(select) = &*query.body else {
        return Ok(None);
    };
    let [item] = select.projection.as_slice() else {
        return Ok(None);
    };
    let (SelectItem::UnnamedExpr(expression)
    | SelectItem::ExprWithAlias {
        expr: expression, ..
    }) = item
    else {
        return Ok(None);
    };
    let Some(("setval", text)) = call(expression) else {
        return Ok(None);
    };
    let Expr::Function(function) = expression else {
        return Ok(None);
    };
    let arguments = build::arguments(function);
    let (value, called) = match arguments.as_slice() {
        [_, value] => ((*value).clone(), true),
        [_, value, called] => match truth(called) {
            Some(called) => ((*value).clone(), called),
            None => {
                return Err(Diagnostic::not_supported(
                    "setval with a computed third argument is not supported",
                    "write true or false",
                )
                .at(pass.text, place::of(expression)));
            }
        },
        _ => return Ok(None),
    };
    let (name, shown, numbers) = sequence("setval", text.as_deref(), expression, pass)?;
    if let Some(number) = crate::placeholder::number_of(&value) {
        pass.parameter_type(number, oid::INT8);
    }
    let mut asked = query.clone();
    if let SetExpr::Select(select) = &mut *asked.body {
        select.projection = vec![SelectItem::UnnamedExpr(value)];
    }
    let asked = (Statement::Query(asked), called);
    let table = table_of(&name);
    Ok(Some(sequences::set(
        &table, &shown, asked, numbers, parts, pass,
    )))
}

fn truth(expression: &Expr) -> Option<bool> {
    match build::unnested(expression) {
        Expr::Value(value) => match &value.value {
            Value::Boolean(truth) => Some(*truth),
            Value::SingleQuotedString(text) => match text.as_str() {
                "t" | "true" => Some(true),
                "f" | "false" => Some(false),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// Writes DEFAULT for the next value of the column's own sequence.
fn left_to_column(insert: &mut Insert, relation: &Relation) -> bool {
    let given: Vec<Option<String>> = insert.columns.iter().map(labels::of_name).collect();
    let Some(values) = value_rows::rows(insert) else {
        return false;
    };
    let mut changed = false;
    for row in &mut values.rows {
        for (place, value) in row.content.iter_mut().enumerate() {
            let column = match given.is_empty() {
                true => relation.columns.get(place),
                false => given
                    .get(place)
                    .and_then(|name| relation.column(name.as_deref()?)),
            };
            let own = column
                .filter(|column| column.generated)
                .map(|column| format!("{}_{}_seq", relation.name, column.name).to_lowercase());
            if own.is_some() && next_of(value) == own {
                *value = build::name("DEFAULT");
                changed = true;
            }
        }
    }
    changed
}

/// The sequence whose next value this is, without its schema.
fn next_of(value: &Expr) -> Option<String> {
    let (function, text) = call(value)?;
    let name = named(&text?).filter(|_| function == "nextval")?;
    Some(name.table.to_lowercase())
}
