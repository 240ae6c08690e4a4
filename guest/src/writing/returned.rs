//! A statement that changes data inside of WITH: the parts that carry it out, and a query
//! for what it returns.

use sqlparser::ast::{
    Delete, Expr, FromTable, Insert, Query, SelectItem, SetExpr, Statement, TableAliasColumnDef,
    TableWithJoins, Update, With,
};

use super::joined::Joined;
use super::target::{self, Target};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::look;
use crate::part::Part;
use crate::rule::Pass;
use crate::wit::{Diagnostic, RowUse};
use crate::writing;

/// How it is carried out.
pub(crate) struct Change {
    pub(crate) first: Vec<Part>,
    /// Behind everything else.
    pub(crate) last: Vec<Part>,
    /// What it returns.
    pub(crate) rows: Option<Query>,
}

/// # Errors
/// A refusal if what it returns cannot be told from its table.
pub(crate) fn change(body: SetExpr, with: Option<With>, pass: &mut Pass<'_>) -> Diagnosed<Change> {
    let (SetExpr::Insert(mut statement)
    | SetExpr::Update(mut statement)
    | SetExpr::Delete(mut statement)) = body
    else {
        return Err(refusal("MERGE"));
    };
    let tables = target::table_of(&statement);
    let [table] = tables.as_slice() else {
        return Err(refusal("DELETE of this form"));
    };
    let items = writing::returning_mut(&mut statement).and_then(Option::take);
    if let Statement::Delete(delete) = statement {
        return of_delete(delete, table.clone(), items, with, pass);
    }
    check(&statement, table, items.as_deref(), pass)?;
    let slot = pass.slot();
    if let (
        Some(_),
        Statement::Insert(Insert { returning, .. }) | Statement::Update(Update { returning, .. }),
    ) = (&items, &mut statement)
    {
        let row = writing::row(writing::called(table).as_ref());
        *returning = Some(vec![SelectItem::UnnamedExpr(row)]);
    }
    let part = Part {
        rows: match items {
            Some(_) => RowUse::Keep(slot),
            None => RowUse::Discard,
        },
        ..Part::new(with_queries(statement, with))
    };
    Ok(Change {
        first: vec![part],
        last: Vec::new(),
        rows: items.map(|items| kept_rows(table, items, slot)),
    })
}

/// The rows are found and locked first; they go when nothing asks for them any more.
fn of_delete(
    mut delete: Delete,
    table: TableWithJoins,
    items: Option<Vec<SelectItem>>,
    with: Option<With>,
    pass: &mut Pass<'_>,
) -> Diagnosed<Change> {
    check(
        &Statement::Delete(delete.clone()),
        &table,
        items.as_deref(),
        pass,
    )?;
    let condition = delete.selection.take();
    let (mut first, slot, last) = match &delete.using {
        Some(using) => {
            let joined = Joined::new(table.clone(), using.clone(), condition, pass)
                .ok_or_else(|| refusal("DELETE of this form"))?;
            let (found, slot) = joined.doomed();
            (found, slot, joined.removed(delete))
        }
        None => {
            let lock = writing::relation_named(&table, pass).and_then(target::changeable);
            let target = Target::new(table.clone(), condition, pass);
            delete.selection = Some(target.is_current(target.rows));
            let kept = vec![SelectItem::UnnamedExpr(writing::row(None))];
            let mut first = vec![target.candidates()];
            first.extend(target.confirmed(lock, kept));
            let last = target.for_each(Statement::Delete(delete));
            (first, target.rows, last)
        }
    };
    for part in &mut first {
        if let (Statement::Query(query), Some(with)) = (&mut part.tree, &with) {
            query.with = Some(with.clone());
        }
    }
    Ok(Change {
        first,
        last: vec![Part {
            counted: false,
            ..last
        }],
        rows: items.map(|items| kept_rows(&table, items, slot)),
    })
}

/// A statement behind the queries that it names.
fn with_queries(statement: Statement, with: Option<With>) -> Statement {
    if with.is_none() {
        return statement;
    }
    let body = match &statement {
        Statement::Insert(_) => SetExpr::Insert(statement),
        _ => SetExpr::Update(statement),
    };
    Statement::Query(Box::new(Query {
        with,
        ..build::query(body)
    }))
}

/// `SELECT items FROM table WHERE %ID %INLIST …`
fn kept_rows(table: &TableWithJoins, items: Vec<SelectItem>, slot: u32) -> Query {
    let row = writing::row(writing::called(table).as_ref());
    let kept = writing::is_among(row, slot);
    writing::query(items, vec![table.clone()], Some(kept))
}

/// Gives the columns of a query the names of an alias.
pub(crate) fn name_columns(rows: &mut Query, names: &[TableAliasColumnDef]) {
    let SetExpr::Select(select) = &mut *rows.body else {
        return;
    };
    for (item, name) in select.projection.iter_mut().zip(names) {
        if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
            *item = SelectItem::ExprWithAlias {
                expr: build::take(expr),
                alias: labels::identifier(&labels::folded(&name.name)),
            };
        }
    }
}

/// Whether what is returned can be asked of the table alone.
fn check(
    statement: &Statement,
    table: &TableWithJoins,
    items: Option<&[SelectItem]>,
    pass: &mut Pass<'_>,
) -> Diagnosed<()> {
    let items = items.unwrap_or_default();
    if items.iter().any(look::has_query) {
        return Err(refusal("RETURNING with a query"));
    }
    let others = match statement {
        Statement::Update(Update {
            from: Some(from), ..
        }) => writing::tables_of(from).to_vec(),
        Statement::Delete(Delete {
            from: FromTable::WithFromKeyword(_) | FromTable::WithoutKeyword(_),
            using: Some(using),
            ..
        }) => using.clone(),
        _ => return Ok(()),
    };
    let Some(joined) = Joined::new(table.clone(), others, None, pass) else {
        return Err(refusal("this table"));
    };
    for item in items {
        let foreign = match item {
            SelectItem::Wildcard(_) => true,
            SelectItem::QualifiedWildcard(qualifier, _) => {
                let own = writing::called(table).as_ref().map(labels::folded);
                labels::qualifier(qualifier).as_ref().map(labels::folded) != own
            }
            SelectItem::UnnamedExpr(value) | SelectItem::ExprWithAlias { expr: value, .. } => {
                names_others(value, &joined)
            }
            _ => true,
        };
        if foreign {
            return Err(refusal("RETURNING of columns of another table"));
        }
    }
    Ok(())
}

fn names_others(value: &Expr, joined: &Joined<'_>) -> bool {
    let mut found = false;
    crate::walk::outside_queries(&mut value.clone(), &mut |expression| {
        found |= joined.is_of_others(expression);
    });
    found
}

fn refusal(what: &str) -> Diagnostic {
    Diagnostic::not_supported(
        format!("{what} is not supported in WITH"),
        "run the statement by itself, in the same transaction",
    )
}
