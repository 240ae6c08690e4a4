//! # What it does
//! Writes SELECT INTO and the forms of CREATE TABLE AS as IRIS takes them, and counts
//! the rows of the new table.
//!
//! # Why
//! IRIS has `CREATE TABLE … AS SELECT …` alone, without WITH NO DATA, and does not tell
//! how many rows it wrote.
//!
//! # Example
//! `SELECT a INTO u FROM t` becomes `CREATE TABLE u AS SELECT a FROM t`, then
//! `SELECT 1 FROM u`, whose rows are counted.
//!
//! # Limits
//! Parameters are refused by IRIS. Of a list of names for the columns, and of `EXECUTE`,
//! nothing is known. Columns that are computed have the types that IRIS gives them.
//!
//! # Versions
//! All.

use sqlparser::ast::helpers::stmt_create_table::CreateTableBuilder;
use sqlparser::ast::{
    BinaryOperator, CreateTable, Expr, Ident, ObjectName, Query, Select, SelectItem, SetExpr,
    Statement, TableAlias, TableFactor, TableWithJoins,
};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::paging;
use crate::part::Part;
use crate::reader::marks::Marks;
use crate::relations::TableName;
use crate::rule::{Pass, Rule};
use crate::writing;

pub(crate) struct CreateTableAs;

impl Rule for CreateTableAs {
    fn name(&self) -> &'static str {
        "create_table_as"
    }

    fn summary(&self) -> &'static str {
        "writes SELECT INTO and CREATE TABLE AS as IRIS takes them"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::DEFINITION) || marks.has(Marks::INTO)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        if let Some(table) = from_into(tree) {
            *tree = Statement::CreateTable(table);
        }
        let Statement::CreateTable(table) = tree else {
            return Ok(false);
        };
        let Some(query) = &mut table.query else {
            return Ok(false);
        };
        selected(query);
        let is_there = table.if_not_exists
            && TableName::of(&table.name).is_some_and(|name| pass.relations.find(&name).is_some());
        if is_there {
            pass.split = Some(Vec::new());
            return Ok(true);
        }
        if table.with_data.take().is_some_and(|with| !with.data) {
            without_rows(query);
            return Ok(true);
        }
        let mut count = Part::new(counted(&table.name));
        count.counted = true;
        pass.split = Some(vec![Part::new(tree.clone()), count]);
        Ok(true)
    }
}

/// The definition in place of `SELECT … INTO t …`.
fn from_into(tree: &mut Statement) -> Option<CreateTable> {
    let Statement::Query(query) = tree else {
        return None;
    };
    let select = leftmost(&mut query.body)?;
    let into = select.into.as_ref()?;
    let parts = match into.targets.as_slice() {
        [Expr::Identifier(name)] => vec![name.clone()],
        [Expr::CompoundIdentifier(parts)] => parts.clone(),
        // Host variables.
        _ => return None,
    };
    let builder = CreateTableBuilder::new(ObjectName::from(parts))
        .temporary(into.temporary)
        .unlogged(into.unlogged);
    select.into = None;
    Some(builder.query(Some(query.clone())).build())
}

fn leftmost(body: &mut SetExpr) -> Option<&mut Select> {
    match body {
        SetExpr::Select(select) => Some(select),
        SetExpr::Query(query) => leftmost(&mut query.body),
        SetExpr::SetOperation { left, .. } => leftmost(left),
        _ => None,
    }
}

/// `SELECT * FROM t` in place of `TABLE t`.
fn selected(query: &mut Query) {
    let SetExpr::Table(table) = &*query.body else {
        return;
    };
    let Some(name) = &table.table_name else {
        return;
    };
    let mut parts: Vec<_> = table.schema_name.iter().map(Ident::new).collect();
    parts.push(Ident::new(name));
    let from = writing::table(&ObjectName::from(parts), None);
    query.body = writing::query(vec![paging::wildcard()], vec![from], None).body;
}

/// The same columns, whatever the query orders or limits.
fn without_rows(query: &mut Query) {
    let mut inner = std::mem::replace(query, writing::query(Vec::new(), Vec::new(), None));
    inner.order_by = None;
    inner.limit_clause = None;
    inner.fetch = None;
    let derived = TableWithJoins {
        relation: TableFactor::Derived {
            lateral: false,
            subquery: Box::new(inner),
            alias: Some(TableAlias {
                explicit: true,
                name: Ident::new("q"),
                columns: Vec::new(),
                at: None,
            }),
            sample: None,
        },
        joins: Vec::new(),
    };
    let never = build::binary(build::number(1), BinaryOperator::Eq, build::number(0));
    *query = writing::query(vec![paging::wildcard()], vec![derived], Some(never));
}

/// A row for each row.
fn counted(table: &ObjectName) -> Statement {
    let item = SelectItem::UnnamedExpr(build::number(1));
    writing::select(vec![item], vec![writing::table(table, None)], None)
}
