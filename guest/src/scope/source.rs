//! The sources of a FROM, and the columns of queries.

use std::rc::Rc;

use sqlparser::ast::{
    Expr, Ident, JoinOperator, ObjectName, Query, Select, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, TableAlias, TableFactor, TableWithJoins,
};

use super::{Output, Scopes, joined};
use crate::labels;
use crate::relations::{Relation, TableName};
use crate::types::oid;
use crate::typing::computed::Shown;
use crate::wit::{Oid, Origin};

/// A table, view or query in a FROM.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// The alias, else the table's own name; none for a query without alias.
    pub(crate) alias: Option<String>,
    /// The table that it is, if it is one.
    pub(crate) table: Option<TableName>,
    /// None if they are not known.
    pub(crate) columns: Option<Vec<Output>>,
}

/// What is known of an item of a select list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ItemType {
    pub(crate) type_oid: Option<Oid>,
    /// Whether it is a column of a table alone: IRIS tells its type more exactly.
    pub(crate) stored: bool,
    /// Of a `numeric` that is computed: the digits to show, if that is known.
    pub(crate) shown: Option<Shown>,
    /// Of `character(n)`: the length to which values are filled up with blanks.
    pub(crate) padded: Option<u64>,
    /// Whether it is a literal that takes any type.
    pub(crate) untyped: bool,
}

impl Source {
    /// Whether a qualifier means this source.
    pub(crate) fn is_called(&self, qualifier: &Ident) -> bool {
        self.alias
            .as_ref()
            .is_some_and(|alias| alias.eq_ignore_ascii_case(&qualifier.value))
    }
}

impl Scopes<'_> {
    /// Opens the scope of a query.
    pub(super) fn open_query(&mut self, query: &Query) {
        self.open_queries(query);
        if let SetExpr::Select(select) = &*query.body {
            self.add_all(&select.from);
        }
    }

    /// Opens a scope with what a query's WITH names, and no sources.
    pub(crate) fn open_queries(&mut self, query: &Query) {
        self.stack.push(Rc::default());
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            let columns = renamed(self.columns_of(&cte.query), Some(&cte.alias));
            let name = cte.alias.name.value.to_uppercase();
            if let Some(scope) = self.stack.last_mut().map(Rc::make_mut) {
                scope.queries.insert(name, columns);
            }
        }
    }

    /// Opens the scope of a select that is a part of a query's set operation, or
    /// of the query itself.
    pub(crate) fn open_select(&mut self, select: &Select) {
        self.open(&select.from);
    }

    /// Opens a scope with these sources.
    pub(super) fn open(&mut self, from: &[TableWithJoins]) {
        self.stack.push(Rc::default());
        self.add_all(from);
    }

    /// Opens a scope with one table.
    pub(super) fn open_table(&mut self, name: &ObjectName, alias: Option<&Ident>) {
        self.stack.push(Rc::default());
        let source = self.table(name, alias.map(|alias| alias.value.clone()));
        self.add(source);
    }

    /// What a function finds with the sources of a select in reach.
    pub(crate) fn within_select<T>(
        &mut self,
        select: &Select,
        find: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.open_select(select);
        let found = find(self);
        self.close();
        found
    }

    pub(crate) fn close(&mut self) {
        self.stack.pop();
    }

    fn add(&mut self, source: Source) {
        if let Some(scope) = self.stack.last_mut().map(Rc::make_mut) {
            scope.sources.push(source);
        }
    }

    pub(super) fn add_all(&mut self, from: &[TableWithJoins]) {
        for table in from {
            let first = self.scope_len();
            self.add_factor(&table.relation);
            for join in &table.joins {
                let second = self.scope_len();
                self.add_factor(&join.relation);
                let (left, right) = outer_sides(&join.join_operator);
                if let Some(scope) = self.stack.last_mut().map(Rc::make_mut) {
                    make_nullable(&mut scope.sources[first..second], left);
                    make_nullable(&mut scope.sources[second..], right);
                }
            }
        }
    }

    fn scope_len(&self) -> usize {
        self.stack.last().map_or(0, |scope| scope.sources.len())
    }

    fn add_factor(&mut self, factor: &TableFactor) {
        let source = match factor {
            TableFactor::Table {
                name,
                alias,
                args: None,
                ..
            } => {
                let mut source = self.table(name, alias.as_ref().map(|a| a.name.value.clone()));
                source.columns = renamed(source.columns, alias.as_ref());
                source
            }
            TableFactor::Derived {
                subquery, alias, ..
            } => Source {
                alias: alias.as_ref().map(|alias| alias.name.value.clone()),
                table: None,
                columns: renamed(self.columns_of(subquery), alias.as_ref()),
            },
            TableFactor::NestedJoin {
                table_with_joins,
                alias: None,
            } => return self.add_all(std::slice::from_ref(table_with_joins)),
            other => Source {
                alias: alias_of(other),
                table: None,
                columns: None,
            },
        };
        self.add(source);
    }

    fn table(&self, name: &ObjectName, alias: Option<String>) -> Source {
        let own = name.0.last().and_then(|part| part.as_ident());
        let alias = alias.or_else(|| own.map(|ident| ident.value.clone()));
        if name.0.len() == 1
            && let Some(columns) = own.and_then(|own| self.query_named(&own.value.to_uppercase()))
        {
            return Source {
                alias,
                table: None,
                columns: columns.clone(),
            };
        }
        let table = TableName::of(name);
        let columns = table
            .as_ref()
            .and_then(|table| self.relations.find(table))
            .map(outputs);
        Source {
            alias,
            table,
            columns,
        }
    }

    fn query_named(&self, name: &str) -> Option<&Option<Vec<Output>>> {
        let mut scopes = self.stack.iter().rev();
        scopes.find_map(|scope| scope.queries.get(name))
    }

    /// The columns that a query returns; none if one cannot be told.
    pub(crate) fn columns_of(&mut self, query: &Query) -> Option<Vec<Output>> {
        // Without the sources: each select of the body opens its own, and doing
        // both would double the work with every level.
        self.open_queries(query);
        let columns = self.columns_of_body(&query.body);
        self.close();
        columns
    }

    pub(crate) fn columns_of_body(&mut self, body: &SetExpr) -> Option<Vec<Output>> {
        match body {
            SetExpr::Select(select) => {
                self.open_select(select);
                let columns = self.columns_of_select(select);
                self.close();
                columns
            }
            SetExpr::Query(query) => self.columns_of(query),
            SetExpr::Values(rows) => self.columns_of_rows(rows),
            SetExpr::Insert(change) | SetExpr::Update(change) | SetExpr::Delete(change) => {
                self.columns_returned(change)
            }
            SetExpr::SetOperation { left, right, .. } => {
                let left = self.columns_of_body(left)?;
                let right = self.columns_of_body(right)?;
                (left.len() == right.len()).then(|| left.into_iter().zip(right).map(both).collect())
            }
            _ => None,
        }
    }

    /// The types of the items of a query's select list, and of those of its set
    /// operations, from the left.
    pub(crate) fn types_of_legs(&mut self, query: &Query) -> Vec<Vec<ItemType>> {
        let mut legs = Vec::new();
        self.open_queries(query);
        self.types_of_body(&query.body, &mut legs);
        self.close();
        legs
    }

    /// The columns of a query's `*`, if they are those of queries whose columns are known.
    pub(crate) fn columns_of_star(&mut self, query: &Query) -> Option<Vec<Output>> {
        let SetExpr::Select(select) = &*query.body else {
            return None;
        };
        self.open_queries(query);
        self.open_select(select);
        let are_queries = self.sources().iter().all(|source| source.table.is_none());
        let columns = match are_queries {
            true => joined::columns(&select.from, self.sources()),
            false => None,
        };
        self.close();
        self.close();
        columns
    }

    fn types_of_body(&mut self, body: &SetExpr, legs: &mut Vec<Vec<ItemType>>) {
        match body {
            SetExpr::Select(select) => {
                self.open_select(select);
                let items = select.projection.iter();
                legs.push(items.map(|item| self.type_of_item(item)).collect());
                self.close();
            }
            SetExpr::Query(query) => {
                self.open_queries(query);
                self.types_of_body(&query.body, legs);
                self.close();
            }
            SetExpr::SetOperation { left, right, .. } => {
                self.types_of_body(left, legs);
                self.types_of_body(right, legs);
            }
            _ => {}
        }
    }

    fn type_of_item(&self, item: &SelectItem) -> ItemType {
        match item {
            SelectItem::UnnamedExpr(expression)
            | SelectItem::ExprWithAlias {
                expr: expression, ..
            } => {
                if let Expr::Subquery(query) = expression {
                    let only = self.only_column(query);
                    return ItemType {
                        type_oid: only.as_ref().and_then(|only| only.type_oid),
                        stored: false,
                        padded: only.as_ref().and_then(|only| only.padded),
                        shown: only.and_then(|only| only.shown.filter(|_| !only.stored)),
                        untyped: false,
                    };
                }
                let stored = self.column(expression).is_some_and(|column| column.stored);
                ItemType {
                    type_oid: self.settled_type(expression),
                    stored,
                    padded: self.padded_to(expression),
                    shown: self.shown_of(expression).filter(|_| !stored),
                    untyped: crate::typing::is_untyped(expression),
                }
            }
            _ => ItemType {
                type_oid: None,
                stored: false,
                padded: None,
                shown: None,
                untyped: false,
            },
        }
    }

    /// The type in the result of a query, where what has none becomes text.
    pub(super) fn settled_type(&self, expression: &Expr) -> Option<Oid> {
        self.type_of(expression)
            .or_else(|| crate::typing::is_untyped(expression).then_some(oid::TEXT))
    }

    /// The columns of a select whose sources are in reach; none if one cannot be told.
    pub(crate) fn columns_of_select(&self, select: &Select) -> Option<Vec<Output>> {
        let mut columns = Vec::new();
        for item in &select.projection {
            match item {
                SelectItem::UnnamedExpr(expression) => {
                    columns.push(self.output(expression, labels::of_expression(expression)));
                }
                SelectItem::ExprWithAlias { expr, alias } => {
                    columns.push(self.output(expr, labels::folded(alias)));
                }
                star => columns.extend(self.columns_of_item(star, &select.from)?),
            }
        }
        Some(columns)
    }

    /// The columns that a `*` of a select list stands for; none if one cannot be told.
    pub(super) fn columns_of_item(
        &self,
        star: &SelectItem,
        from: &[TableWithJoins],
    ) -> Option<Vec<Output>> {
        match star {
            SelectItem::Wildcard(_) => joined::columns(from, self.sources()),
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                let qualifier = name.0.last()?.as_ident()?;
                let source = self.sources().iter().find(|s| s.is_called(qualifier))?;
                source.columns.clone()
            }
            _ => None,
        }
    }

    fn output(&self, expression: &Expr, name: String) -> Output {
        // Once: each level of subqueries would be asked for each field.
        if let Expr::Subquery(query) = expression
            && let Some(only) = self.only_column(query)
        {
            return Output {
                name: Some(name),
                stored: false,
                nullable: true,
                vector: None,
                enum_type: None,
                collation: None,
                origin: None,
                ..only
            };
        }
        let column = self.column(expression);
        Output {
            name: Some(name),
            stored: column.is_some_and(|column| column.stored),
            origin: self.origin_of(expression),
            type_oid: self.settled_type(expression),
            nullable: self.may_be_null(expression),
            vector: column.and_then(|column| column.vector),
            enum_type: self.enum_of(expression),
            padded: self.padded_to(expression),
            digits: self.digits_of(expression),
            shown: self.shown_of(expression),
            collation: column.and_then(|column| column.collation.clone()),
        }
    }
}

/// The columns of a table.
fn outputs(relation: &Relation) -> Vec<Output> {
    relation
        .columns
        .iter()
        .zip(1..)
        .map(|(column, number)| Output {
            name: Some(column.name.clone()),
            origin: relation.oid.map(|table_oid| Origin { table_oid, number }),
            type_oid: Some(column.type_oid),
            stored: true,
            nullable: column.nullable,
            vector: column.vector,
            enum_type: column.enum_type.clone(),
            padded: column.length.filter(|_| column.type_oid == oid::BPCHAR),
            digits: column.digits,
            shown: None,
            collation: column.collation.clone(),
        })
        .collect()
}

/// The columns with the names that an alias gives them.
fn renamed(columns: Option<Vec<Output>>, alias: Option<&TableAlias>) -> Option<Vec<Output>> {
    let mut columns = columns?;
    let names = alias.map_or(&[][..], |alias| &alias.columns);
    for (column, name) in columns.iter_mut().zip(names) {
        column.name = Some(labels::folded(&name.name));
    }
    Some(columns)
}

fn alias_of(factor: &TableFactor) -> Option<String> {
    match factor {
        TableFactor::Table { name, alias, .. } => alias.as_ref().map_or_else(
            || Some(name.0.last()?.as_ident()?.value.clone()),
            |alias| Some(alias.name.value.clone()),
        ),
        TableFactor::TableFunction { alias, .. }
        | TableFactor::Function { alias, .. }
        | TableFactor::UNNEST { alias, .. }
        | TableFactor::JsonTable { alias, .. }
        | TableFactor::NestedJoin { alias, .. } => {
            alias.as_ref().map(|alias| alias.name.value.clone())
        }
        _ => None,
    }
}

/// A column of a set operation: of one type if both sides have it.
fn both((left, right): (Output, Output)) -> Output {
    Output {
        name: left.name,
        stored: left.stored && right.stored && left.type_oid == right.type_oid,
        origin: None,
        type_oid: left
            .type_oid
            .zip(right.type_oid)
            .and_then(|(left, right)| crate::typing::merged(left, right)),
        nullable: left.nullable || right.nullable,
        vector: left
            .vector
            .filter(|shape| right.vector.is_none_or(|other| other == *shape)),
        enum_type: left
            .enum_type
            .filter(|known| right.enum_type.as_ref() == Some(known)),
        padded: left.padded.filter(|_| left.padded == right.padded),
        digits: left.digits.filter(|_| left.digits == right.digits),
        shown: left
            .shown
            .zip(right.shown)
            .and_then(|(left, right)| left.merged(right)),
        collation: left
            .collation
            .filter(|known| right.collation.as_ref() == Some(known)),
    }
}

/// Whether a join may leave its left and its right side without a row.
fn outer_sides(join: &JoinOperator) -> (bool, bool) {
    match join {
        JoinOperator::Left(_) | JoinOperator::LeftOuter(_) | JoinOperator::OuterApply => {
            (false, true)
        }
        JoinOperator::Right(_) | JoinOperator::RightOuter(_) => (true, false),
        JoinOperator::FullOuter(_) => (true, true),
        _ => (false, false),
    }
}

fn make_nullable(sources: &mut [Source], nullable: bool) {
    if !nullable {
        return;
    }
    for column in sources
        .iter_mut()
        .flat_map(|s| s.columns.iter_mut().flatten())
    {
        column.nullable = true;
    }
}
