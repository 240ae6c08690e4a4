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
//! `ALTER TABLE u ALTER COLUMN a COLLATE %EXACT`, if `a` is a string, and
//! `SELECT 1 FROM u`, whose rows are counted.
//!
//! # Limits
//! Parameters are refused by IRIS. Of a list of names for the columns, and of `EXECUTE`,
//! nothing is known. Columns that are computed have the types that IRIS gives them. Those of
//! `timestamptz` and `character(n)` become `timestamp` and `varchar`, with a WARNING.
//!
//! # Versions
//! All.

use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::helpers::stmt_create_table::CreateTableBuilder;
use sqlparser::ast::{
    AlterTable, BinaryOperator, CreateTable, Expr, Ident, ObjectName, Query, Select, SelectItem,
    SetExpr, Statement, TableAlias, TableFactor, TableWithJoins,
};

use crate::build;
use crate::definition::written;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::paging;
use crate::part::Part;
use crate::reader::marks::Marks;
use crate::relations::TableName;
use crate::relations::made_as::is_untold;
use crate::rule::{Pass, Rule};
use crate::scope::{Output, Scopes};
use crate::types::{kept, oid, words};
use crate::wit::Diagnostic;
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
        let columns = columns_of(query, pass);
        pass.notices.extend(lost_types(&columns));
        let strings = strings_of(&columns, pass);
        let fills = table.with_data.take().is_none_or(|with| with.data);
        if !fills {
            without_rows(query);
        }
        let name = table.name.clone();
        let mut parts = vec![Part::new(tree.clone())];
        parts.extend(strings.into_iter().map(|column| exact(&name, &column)));
        if fills {
            let mut count = Part::new(counted(&name));
            count.counted = true;
            parts.push(count);
        }
        pass.split = Some(parts);
        Ok(true)
    }
}

/// The columns of the new table, by their names.
fn columns_of(query: &Query, pass: &Pass<'_>) -> Vec<(String, Output)> {
    let mut scopes = Scopes::new(pass.relations, &pass.parameters);
    let outputs = scopes.columns_of(query).unwrap_or_default();
    let mut labels = Vec::new();
    if let Some(select) = first_select(&query.body) {
        labels.extend(select.projection.iter().map(labels::of_item));
    }
    let same = labels.len() == outputs.len();
    let named = outputs
        .into_iter()
        .enumerate()
        .filter_map(|(index, output)| {
            let label = labels.get(index).filter(|_| same).cloned().flatten();
            Some((label.or_else(|| output.name.clone())?, output))
        });
    named.collect()
}

/// The columns that may hold strings, which IRIS would compare without regard to case.
fn strings_of(columns: &[(String, Output)], pass: &Pass<'_>) -> Vec<String> {
    if pass.scene.keeps_collation() {
        return Vec::new();
    }
    let is_string = |output: &Output| {
        output.type_oid.is_none_or(|oid| {
            matches!(oid, oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::NAME)
                || kept::length_of(oid).is_some()
        })
    };
    let strings = columns.iter().filter(|(_, output)| is_string(output));
    strings.map(|(name, _)| name.clone()).collect()
}

/// A column is described when its table is made, which a query does not say.
fn lost_types(columns: &[(String, Output)]) -> impl Iterator<Item = Diagnostic> {
    columns.iter().filter_map(|(name, output)| {
        let lost = output.type_oid.filter(|known| is_untold(*known))?;
        let becomes = match lost {
            oid::TIMESTAMPTZ => oid::TIMESTAMP,
            _ => oid::VARCHAR,
        };
        let message = format!(
            "column \"{name}\" is of type {}, not {}",
            words(becomes),
            words(lost)
        );
        Some(Diagnostic::warning("01000", message).with_hint(
            "make the table with its columns, and fill it by INSERT ... SELECT, to keep the type",
        ))
    })
}

fn first_select(body: &SetExpr) -> Option<&Select> {
    match body {
        SetExpr::Select(select) => Some(select),
        SetExpr::Query(query) => first_select(&query.body),
        SetExpr::SetOperation { left, .. } => first_select(left),
        _ => None,
    }
}

/// `ALTER TABLE t ALTER COLUMN c COLLATE %EXACT`
fn exact(table: &ObjectName, column: &str) -> Part {
    let mut part = Part::new(Statement::AlterTable(AlterTable {
        name: table.clone(),
        if_exists: false,
        only: false,
        operations: Vec::new(),
        location: None,
        on_cluster: None,
        table_type: None,
        end_token: AttachedToken::empty(),
    }));
    let column = written(&labels::identifier(column));
    part.suffix = format!("ALTER COLUMN {column} COLLATE %EXACT");
    part
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
