//! What an INSERT does to the counters of columns, which are PostgreSQL's sequences
//! `table_column_seq`: `currval` and `lastval` are about them.

use sqlparser::ast::{Expr, Insert, ObjectName, SetExpr, Statement, TableObject};

use crate::build;
use crate::labels;
use crate::look::{self, Node};
use crate::relations::sequences::{call, named};
use crate::relations::{Column, Relation};
use crate::rule::Pass;
use crate::wit::{Counted, Plan};
use crate::writing;

/// What is known before the rules change the statement.
pub(crate) struct Counters {
    counted: Counted,
    /// A query in the client's words for the last values.
    query: Option<String>,
}

/// None if it is not known what the statement counts.
pub(crate) fn of(tree: &Statement, pass: &Pass<'_>) -> Option<Counters> {
    let nothing = || {
        Some(Counters {
            counted: Counted {
                sequences: Vec::new(),
                query: None,
            },
            query: None,
        })
    };
    match tree {
        Statement::Insert(insert) if !has_writing_with(tree) => {
            let relation = writing::relation_of(insert, pass)?;
            of_insert(insert, relation)
        }
        Statement::Query(_) | Statement::Update(_) | Statement::Delete(_)
            if !has_writing_with(tree) =>
        {
            nothing()
        }
        _ => None,
    }
}

impl Counters {
    /// `worded`: the plan of a query in the client's words.
    pub(crate) fn with_query(
        mut self,
        plan: &Plan,
        worded: impl FnOnce(&str) -> Option<Plan>,
    ) -> Counted {
        if let Some(query) = self.query.filter(|_| ends_with_insert(plan))
            && let Some(Plan::Forward(forward)) = worded(&query)
            && let [only] = forward.statement.pieces.as_slice()
        {
            self.counted.query = Some(only.clone());
        }
        self.counted
    }
}

/// Whether the last row that the plan inserts is that of the client's table.
fn ends_with_insert(plan: &Plan) -> bool {
    match plan {
        Plan::Forward(_) => true,
        Plan::Sequence(sequence) => {
            let text = |step: &crate::wit::Step| step.statement.pieces.concat();
            let mut after = sequence.steps.iter().rev().map(text);
            let last = after.find(|text| !(is(text, "SELECT") && text.contains(LAST)));
            last.is_some_and(|text| {
                is(&text, "INSERT") && !text.contains(crate::relations::sequences::SCHEMA)
            })
        }
        _ => false,
    }
}

const LAST: &str = "LAST_IDENTITY()";

fn is(text: &str, word: &str) -> bool {
    text.get(..word.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// Whether there is a WITH whose statements write.
fn has_writing_with(tree: &Statement) -> bool {
    look::finds(tree, &mut |node| {
        let Node::Query(query) = node else {
            return false;
        };
        query
            .with
            .iter()
            .flat_map(|with| &with.cte_tables)
            .any(|cte| {
                !matches!(
                    &*cte.query.body,
                    SetExpr::Select(_)
                        | SetExpr::SetOperation { .. }
                        | SetExpr::Values(_)
                        | SetExpr::Query(_)
                )
            })
    })
}

fn of_insert(insert: &Insert, relation: &Relation) -> Option<Counters> {
    let given: Vec<Option<String>> = insert.columns.iter().map(labels::of_name).collect();
    let mut counted: Vec<&Column> = Vec::new();
    let mut is_known = insert.on.is_none() && !insert.overwrite;
    for (place, column) in relation.columns.iter().enumerate() {
        if !column.generated {
            continue;
        }
        let place = match given.is_empty() {
            true => insert.source.is_some().then_some(place),
            false => given.iter().position(|name| {
                name.as_ref()
                    .is_some_and(|name| name.eq_ignore_ascii_case(&column.name))
            }),
        };
        match taken(insert, place) {
            Taken::Every => counted.push(column),
            Taken::None => {}
            Taken::Unknown => {
                is_known = false;
                counted.push(column);
            }
        }
    }
    let name = |column: &&Column| format!("{}_{}_seq", relation.name, column.name).to_lowercase();
    let sequences: Vec<String> = counted.iter().map(name).collect();
    let TableObject::TableName(table) = &insert.table else {
        return None;
    };
    Some(Counters {
        query: (is_known && !counted.is_empty()).then(|| query(table, &counted)),
        counted: Counted {
            sequences,
            query: None,
        },
    })
}

/// Which rows of an INSERT take the next value of a counter.
enum Taken {
    Every,
    None,
    Unknown,
}

/// `place`: that of the column among those that are given values.
fn taken(insert: &Insert, place: Option<usize>) -> Taken {
    let Some(place) = place else {
        return Taken::Every;
    };
    let body = insert.source.as_deref().map(|source| &*source.body);
    let Some(SetExpr::Values(values)) = body else {
        // A query may have fewer columns than the table.
        return match insert.columns.is_empty() {
            true => Taken::Unknown,
            false => Taken::None,
        };
    };
    let is_next = |value: &Expr| is_default(value) || matches!(call(value), Some(("nextval", _)));
    let taken = values
        .rows
        .iter()
        .filter(|row| row.content.get(place).is_none_or(is_next))
        .count();
    match taken {
        0 => Taken::None,
        all if all == values.rows.len() => Taken::Every,
        _ => Taken::Unknown,
    }
}

fn is_default(value: &Expr) -> bool {
    matches!(value, Expr::Identifier(name)
        if name.quote_style.is_none() && name.value.eq_ignore_ascii_case("DEFAULT"))
}

/// The values of these columns in the row that was inserted last.
fn query(table: &ObjectName, columns: &[&Column]) -> String {
    let names: Vec<String> = columns
        .iter()
        .map(|column| format!("\"{}\"", column.name.replace('"', "\"\"")))
        .collect();
    format!(
        "SELECT {} FROM {table} WHERE %ID = {LAST}",
        names.join(", ")
    )
}

/// The sequence that `pg_get_serial_sequence('table', 'column')` names.
pub(crate) fn of_column(expression: &Expr) -> Option<String> {
    let Expr::Function(function) = expression else {
        return None;
    };
    let name = build::function_name(function)?;
    match build::arguments(function).as_slice() {
        [table, column] if name == "pg_get_serial_sequence" => {
            let table = named(&build::string_in(table)?)?.table;
            let column = build::string_in(column)?;
            Some(format!("{table}_{column}_seq").to_lowercase())
        }
        _ => None,
    }
}
