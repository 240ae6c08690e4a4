//! Which statements are about the catalogue, and their plan.

use pgiris_catalog::{
    Catalog, Session, Type, describe, gives_one_value, gives_rows, has_function, relation, run,
};
use sqlparser::ast::{
    DataType, Expr, Function, Ident, ObjectName, ObjectNamePart, Query, Statement, TableFactor,
    TableWithJoins,
};
use std::collections::HashSet;

use super::diagnostic;
use crate::classify::counted;
use crate::diagnostic::Diagnosed;
use crate::labels::folded;
use crate::look::{self, Node};
use crate::reader::lexer::lex;
use crate::reader::parse::{Reading, parse};
use crate::reader::statement::split;
use crate::relations::sequences;
use crate::wit::{Budget, CatalogQuery, Column, Diagnostic, Oid, Origin};

/// What a statement asks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Concern {
    /// Nothing of the catalogue.
    None,
    /// The catalogue alone.
    Catalog,
    /// Both the catalogue and stored tables.
    Mixed,
}

/// What the statement asks, by the relations that it names; if it names none, by the functions
/// that stand where relations do, and by its functions and casts.
pub(crate) fn concern(tree: &Statement) -> Concern {
    let Statement::Query(query) = tree else {
        return Concern::None;
    };
    let mut seen = Seen::default();
    look::at_all(&**query, &mut |node| seen.note(node));
    let mut of_catalog = 0;
    let mut of_user = 0;
    let asks = seen.asks || seen.lists_schemas;
    for name in &seen.relations {
        match kind(name, &seen.queries) {
            Some(true) => of_catalog += 1,
            Some(false) => of_user += 1,
            None => {}
        }
    }
    let mut calls = 0;
    for name in &seen.calls {
        match called(name) {
            Called::Catalog => of_catalog += 1,
            Called::Anywhere => {}
            Called::Value => calls += 1,
            Called::User => of_user += 1,
        }
    }
    match (of_catalog, of_user) {
        (0, 0) if (asks || calls > 0) && !seen.counts => Concern::Catalog,
        (0, _) => Concern::None,
        (_, 0) => Concern::Catalog,
        _ => Concern::Mixed,
    }
}

/// Whether a relation is the catalogue's; none: it is a common table.
///
fn kind(name: &ObjectName, queries: &HashSet<String>) -> Option<bool> {
    let (schema, table) = parts(name)?;
    match schema {
        None if queries.contains(&table) => None,
        None => Some(table.starts_with("pg_") && relation("pg_catalog", &table).is_some()),
        Some(schema) if folded(schema) == "pg_catalog" => Some(true),
        Some(schema) if is_postgresql(schema, name) => {
            Some(relation("information_schema", &table).is_some())
        }
        Some(_) => Some(false),
    }
}

/// Whether a schema is PostgreSQL's `information_schema`: with the relation in capitals as well it is
/// IRIS's own, as its clients write it.
fn is_postgresql(schema: &Ident, name: &ObjectName) -> bool {
    let has_capitals = |part: &Ident| part.value.bytes().any(|byte| byte.is_ascii_uppercase());
    let table = name.0.last().and_then(ObjectNamePart::as_ident);
    match schema.value.as_str() {
        "information_schema" => true,
        _ => folded(schema) == "information_schema" && !table.is_some_and(has_capitals),
    }
}

/// The schema and the name.
fn parts(name: &ObjectName) -> Option<(Option<&Ident>, String)> {
    let parts: Vec<&Ident> = name
        .0
        .iter()
        .map(ObjectNamePart::as_ident)
        .collect::<Option<_>>()?;
    match parts.as_slice() {
        [table] => Some((None, folded(table))),
        [.., schema, table] => Some((Some(schema), folded(table))),
        [] => None,
    }
}

/// What a function that stands where a table does belongs to.
enum Called {
    Catalog,
    /// It gives rows wherever it is called.
    Anywhere,
    /// It is PostgreSQL's, and gives one value.
    Value,
    User,
}

fn called(name: &ObjectName) -> Called {
    let Some((schema, name)) = parts(name) else {
        return Called::User;
    };
    match schema {
        Some(schema) if folded(schema) == "pg_catalog" => Called::Catalog,
        Some(_) => Called::User,
        None if name.starts_with("pg_") && has_function(&name) => Called::Catalog,
        None if gives_rows(&name) => Called::Anywhere,
        None if gives_one_value(&name) => Called::Value,
        None => Called::User,
    }
}

#[derive(Default)]
struct Seen {
    relations: Vec<ObjectName>,
    /// The functions that stand where tables do.
    calls: Vec<ObjectName>,
    /// Whether the next relation is such a function.
    is_call: bool,
    /// The common tables.
    queries: HashSet<String>,
    /// Whether a function or a cast needs the catalogue.
    asks: bool,
    /// Whether a sequence is asked, which `regclass` may name.
    counts: bool,
    /// Whether the schemas of the path are asked for, one a row.
    lists_schemas: bool,
}

impl Seen {
    fn note(&mut self, node: Node<'_>) {
        match node {
            Node::Query(query) => {
                let named = query.with.iter().flat_map(|with| &with.cte_tables);
                self.queries
                    .extend(named.map(|cte| folded(&cte.alias.name)));
            }
            Node::Select(select) => self.lists_schemas |= select.from.iter().any(lists_schemas),
            Node::Source(TableFactor::Table { args: Some(_), .. }) => self.is_call = true,
            Node::Relation(relation) => match std::mem::take(&mut self.is_call) {
                true => self.calls.push(relation.clone()),
                false => self.relations.push(relation.clone()),
            },
            Node::Expression(call @ Expr::Function(function)) => {
                self.asks |= is_about_catalog(function);
                self.counts |= sequences::call(call).is_some();
            }
            Node::Expression(Expr::Cast { data_type, .. }) => {
                self.asks |= is_name_of_object(data_type);
            }
            _ => {}
        }
    }
}

/// `FROM unnest(current_schemas(true))`: IRIS has no rows of an array.
fn lists_schemas(from: &TableWithJoins) -> bool {
    let TableFactor::UNNEST { array_exprs, .. } = &from.relation else {
        return false;
    };
    array_exprs.iter().any(|expression| match expression {
        Expr::Function(function) => {
            let called = function.name.0.last().and_then(ObjectNamePart::as_ident);
            called.is_some_and(|called| folded(called) == "current_schemas")
        }
        _ => false,
    })
}

/// Functions that look into the catalogue.
fn is_about_catalog(function: &Function) -> bool {
    let Some(name) = function.name.0.last().and_then(ObjectNamePart::as_ident) else {
        return false;
    };
    let name = folded(name);
    let prefixes = ["pg_get_", "has_", "to_reg"];
    prefixes.iter().any(|prefix| name.starts_with(prefix))
        || name.ends_with("_is_visible")
        || matches!(
            name.as_str(),
            "format_type"
                | "obj_description"
                | "col_description"
                | "shobj_description"
                | "pg_encoding_to_char"
                | "pg_table_size"
                | "pg_relation_size"
                | "pg_total_relation_size"
                | "pg_database_size"
                | "pg_describe_object"
                | "pg_has_role"
                | "pg_my_temp_schema"
                | "pg_is_other_temp_schema"
                | "txid_current"
                | "txid_current_if_assigned"
                | "pg_current_xact_id"
                | "pg_current_xact_id_if_assigned"
        )
}

fn is_name_of_object(data_type: &DataType) -> bool {
    match data_type {
        DataType::Regclass => true,
        DataType::Custom(name, _) => name
            .0
            .last()
            .and_then(ObjectNamePart::as_ident)
            .is_some_and(|ident| ident.value.to_ascii_lowercase().starts_with("reg")),
        _ => false,
    }
}

/// The plan of a statement about the catalogue.
pub(crate) fn plan(query: &Query, text: &str, declared: &[Oid]) -> Diagnosed<CatalogQuery> {
    let declared: Vec<Type> = declared.iter().map(|kind| Type(*kind)).collect();
    let description = describe(query, &declared).map_err(diagnostic)?;
    Ok(CatalogQuery {
        text: text.to_owned(),
        parameters: description.parameters.iter().map(|kind| kind.0).collect(),
        columns: description
            .columns
            .iter()
            .map(|column| Column {
                label: column.name.clone(),
                type_oid: column.kind.0,
                type_modifier: -1,
                origin: column.origin.map(|origin| Origin {
                    table_oid: origin.relation,
                    number: origin.number,
                }),
            })
            .collect(),
        tag: counted("SELECT"),
    })
}

/// The rows of such a plan, in text form.
///
/// # Errors
/// Those of the query, and `54000` beyond the budget.
pub(super) fn rows(
    catalog: &Catalog,
    session: &Session,
    plan: &CatalogQuery,
    (parameters, as_oids): (&[Option<String>], &[u32]),
    budget: Budget,
) -> Result<Vec<Vec<Option<String>>>, Diagnostic> {
    let tokens = lex(&plan.text)?;
    let statements = split(&tokens);
    let [source] = statements.as_slice() else {
        return Err(broken());
    };
    let Reading::Tree(tree, _) = parse(source)? else {
        return Err(broken());
    };
    let Statement::Query(query) = *tree else {
        return Err(broken());
    };
    let types: Vec<Type> = plan.parameters.iter().map(|kind| Type(*kind)).collect();
    let budget = pgiris_catalog::Budget {
        steps: budget.steps,
        bytes: budget.bytes,
    };
    let answer = run(
        catalog, session, &query, &types, parameters, as_oids, budget,
    )
    .map_err(diagnostic)?;
    Ok(answer.rows)
}

fn broken() -> Diagnostic {
    Diagnostic::error("XX000", "the plan of a catalogue query is no query")
}
