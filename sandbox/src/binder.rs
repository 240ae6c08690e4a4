//! Resolves names, infers types, and writes the SQLite SQL; nothing is executed.
//!
//! Every expression becomes a [`Typed`]: SQL text with what is known of its
//! value. Conversions that IRIS does silently are written out as calls of the
//! functions in `functions`, so SQLite itself never converts anything.

mod aggregate;
mod aggregate_call;
mod arithmetic;
mod arrow;
mod branch;
mod call;
mod cast;
pub(crate) mod computed;
mod condition;
mod convert;
mod convert_call;
mod dirty;
mod element;
mod expression;
mod foreach;
mod from;
mod having;
mod insert;
mod json;
mod lateral;
mod moment_literal;
mod need;
mod outer_join;
mod plain;
mod query;
mod routine;
mod scope;
mod select;
mod select_item;
mod set_operation;
mod signature;
mod system;
mod target;
mod transform;
mod typed;
mod update;
mod vectors;
mod xml;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::Version;
use crate::ast::Statement;
use crate::catalog::{Catalog, Column, Table};
use crate::datatype::Type;
use crate::error::Result;
use crate::options::Choices;
use crate::plan::{Action, OutputColumn, ParameterRule, Plan};

pub(crate) use need::needs;

use scope::{Relation, Scope};
use typed::Typed;

/// How many `?` a statement may have: more cannot be bound in SQLite.
const MOST_PARAMETERS: usize = 32_766;

/// How many columns a result may have: SQLite makes no wider rows.
const WIDEST_RESULT: usize = 2_000;

/// Where an expression stands; aggregates and windows are not allowed everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Clause {
    Select,
    Where,
    On,
    Group,
    Having,
    Order,
    Value,
}

/// Binds one statement.
struct Binder<'a> {
    catalog: &'a Catalog,
    version: Version,
    parameters: Vec<Option<ParameterRule>>,
    relations: Vec<Relation>,
    /// The elements of the FROM clause that is being bound, for LATERAL.
    from_so_far: Vec<usize>,
    scopes: Vec<Scope>,
    ctes: Vec<scope::CteRelation>,
    clause: Clause,
    /// Inside an aggregate, a column keeps the case of its rows.
    in_aggregate: bool,
    /// Aggregates are over the whole table: HAVING without GROUP BY chooses rows.
    table_wide: bool,
    /// Inside a parenthesised query.
    subquery_depth: u32,
    /// Views being expanded, against views that name each other.
    view_depth: u32,
    temporary: Vec<Arc<Table>>,
    /// Rows are held against the locks of others.
    checks_locks: bool,
    /// Stored columns mentioned so far, counted through subqueries.
    weight: u64,
    /// Of the result columns, if they are those of one SELECT.
    nullable: Vec<crate::Nullable>,
    /// Objects that FROM names, and the columns read of all relations.
    origins: Vec<need::Origin>,
    columns_read: BTreeSet<(usize, String)>,
    /// The table or view that the statement changes.
    target: Option<(String, String)>,
    /// Routines that are called.
    executed: Vec<crate::plan::Need>,
    /// Digits of a clock that is asked for none.
    time_precision: u32,
    /// DISTINCT and GROUP BY keep the letter case of a row.
    exact_distinct: bool,
    /// The arguments of the SQL functions being written out, by the number of their `?`.
    inlined: Vec<Vec<Typed>>,
}

/// The plan of a statement with `parameters` question marks.
pub(crate) fn bind(
    statement: Statement,
    parameters: usize,
    catalog: &Catalog,
    version: Version,
    choices: &Choices,
) -> Result<Plan> {
    at_most(parameters, MOST_PARAMETERS, "parameters")?;
    let mut binder = Binder::new(parameters, catalog, version);
    binder.checks_locks = choices.checks_locks;
    binder.time_precision = choices.time_precision;
    binder.exact_distinct = choices.settings.exact_distinct;
    let or_update = matches!(&statement, Statement::Insert(insert) if insert.or_update);
    binder.target = need::written_name(&statement);
    let (action, columns) = binder.statement(statement)?;
    let width = columns.as_ref().map_or(0, Vec::len);
    at_most(width, WIDEST_RESULT, "columns")?;
    let mut needs = binder.reads();
    needs.extend(binder.writes(&action, or_update));
    let text = ParameterRule {
        ty: Type::Varchar(None),
        bytes: false,
        store: None,
    };
    let parameters = binder
        .parameters
        .into_iter()
        .map(|rule| rule.unwrap_or_else(|| text.clone()))
        .collect();
    Ok(Plan {
        action,
        parameters,
        columns,
        nullable: binder.nullable,
        temporary: binder.temporary,
        needs,
    })
}

/// What the sandbox cannot execute is refused before somebody is told that it is prepared.
fn at_most(count: usize, most: usize, what: &str) -> Result<()> {
    if count <= most {
        return Ok(());
    }
    let detail = format!("the sandbox takes {most} {what}, not {count}");
    Err(crate::SqlError::new(-400, detail))
}

/// Columns of a view's or a CREATE TABLE AS's query, and its SQL.
pub(crate) fn bind_query(
    query: &crate::ast::Query,
    catalog: &Catalog,
    version: Version,
) -> Result<(String, Vec<OutputColumn>)> {
    let mut binder = Binder::new(0, catalog, version);
    let bound = binder.query(query, query::Place::View)?;
    Ok((
        bound.sql,
        bound
            .columns
            .into_iter()
            .map(query::BoundColumn::output)
            .collect(),
    ))
}

/// Can rows be written through this query, if it is a view's?
pub(crate) fn is_updatable(query: &crate::ast::Query, catalog: &Catalog, version: Version) -> bool {
    Binder::new(0, catalog, version).reaches_table(query)
}

/// The SQLite expression of a default value, converted to the column's type.
pub(crate) fn bind_default(expr: &crate::ast::Expr, ty: &Type, version: Version) -> Result<String> {
    let catalog = Catalog::default();
    let mut binder = Binder::new(0, &catalog, version);
    let typed = match computed::objectscript_default(expr) {
        Some(typed) => typed,
        None => binder.value(expr, Some(ty))?,
    };
    Ok(convert::stored(&typed, ty, "DEFAULT", -104))
}

/// A stored column converted to another type, as ALTER TABLE does it: -104 if a value does not fit.
pub(crate) fn convert_column(from: &Column, to: &Column) -> String {
    let value = Typed::computed(crate::catalog::quoted(&from.name), from.ty.clone());
    convert::stored_in(&value, to, -104)
}

/// A string as an SQLite literal.
pub(crate) fn text_literal(text: &str) -> String {
    typed::text_literal(text)
}

impl<'a> Binder<'a> {
    fn new(parameters: usize, catalog: &'a Catalog, version: Version) -> Self {
        Self {
            catalog,
            version,
            parameters: vec![None; parameters],
            relations: Vec::new(),
            from_so_far: Vec::new(),
            scopes: Vec::new(),
            ctes: Vec::new(),
            clause: Clause::Value,
            in_aggregate: false,
            table_wide: false,
            subquery_depth: 0,
            view_depth: 0,
            temporary: Vec::new(),
            checks_locks: false,
            weight: 0,
            nullable: Vec::new(),
            origins: Vec::new(),
            columns_read: BTreeSet::new(),
            target: None,
            executed: Vec::new(),
            time_precision: 0,
            exact_distinct: false,
            inlined: Vec::new(),
        }
    }

    fn statement(&mut self, statement: Statement) -> Result<(Action, Option<Vec<OutputColumn>>)> {
        match statement {
            Statement::Query(query) => {
                let bound = self.query(&query, query::Place::Top)?;
                let columns = bound
                    .columns
                    .into_iter()
                    .map(query::BoundColumn::output)
                    .collect();
                Ok((Action::Query { sql: bound.sql }, Some(columns)))
            }
            Statement::Insert(insert) => self
                .insert(&insert)
                .map(|write| (Action::Write(write), None)),
            Statement::Update(update) => self
                .update(&update)
                .map(|write| (Action::Write(write), None)),
            Statement::Delete(delete) => self
                .delete(&delete)
                .map(|write| (Action::Write(write), None)),
            Statement::Truncate { table, no_check } => {
                let table = self.truncatable(&table)?;
                Ok((Action::Truncate { table, no_check }, None))
            }
            Statement::Explain(explained) => {
                self.statement(*explained)?;
                let plan = "<plans><plan><info>SQLite plan of the sandbox</info></plan></plans>"
                    .to_owned();
                let ty = Type::Varchar(None);
                let column = OutputColumn {
                    label: "Plan".to_owned(),
                    described: ty.describe(),
                    ty,
                };
                Ok((Action::Answer(plan), Some(vec![column])))
            }
            Statement::LockTable { ref table, .. }
            | Statement::UnlockTable { ref table, .. }
            | Statement::Maintain {
                table: Some(ref table),
            } => {
                self.catalog.table(table)?;
                Ok((Action::Direct(Box::new(statement)), None))
            }
            Statement::Call { name, args } => self.call_routine(&name, &args),
            Statement::BuildIndex {
                ref table,
                ref indexes,
            } => {
                let known = self.catalog.table(table)?;
                crate::ddl::check_indexes(&known, indexes)?;
                Ok((Action::Direct(Box::new(statement)), None))
            }
            other => Ok((Action::Direct(Box::new(other)), None)),
        }
    }

    /// Declares the type of a `?` on its first sight and yields its SQL.
    fn parameter(&mut self, number: usize, hint: Option<&Type>) -> Typed {
        if let Some(arguments) = self.inlined.last() {
            return arguments.get(number).cloned().unwrap_or_else(Typed::null);
        }
        let ty = hint.cloned().unwrap_or(Type::Varchar(None));
        let rule = self.parameters[number].get_or_insert(ParameterRule {
            ty,
            bytes: false,
            store: None,
        });
        Typed::parameter(number, rule.ty.clone())
    }

    /// Runs `bind` with another clause in force.
    fn within<T>(
        &mut self,
        clause: Clause,
        bind: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let outer = std::mem::replace(&mut self.clause, clause);
        let result = bind(self);
        self.clause = outer;
        result
    }

    /// A fresh SQLite alias.
    fn alias(&self) -> String {
        format!("t{}", self.relations.len() + 1)
    }
}
