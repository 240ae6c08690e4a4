//! FROM: tables, views, subqueries and joins.

use std::sync::Arc;

use super::query::Place;
use super::scope::{Relation, RelationColumn, Scope};
use super::system::SystemRelation;
use super::{Binder, Clause};
use crate::ast::{JoinCondition, JoinKind, ObjectName, TableRef, TableSource};
use crate::catalog::{Table, not_found, quoted, same};
use crate::datatype::Type;
use crate::error::{Result, SqlError};

/// How deep views may name views.
const DEEPEST_VIEW: u32 = 8;

/// A bound element of FROM. Its text is written last: only then is known which subqueries count rows.
pub(super) enum Node {
    Relation(usize),
    Join {
        kind: JoinKind,
        left: Box<Node>,
        right: Box<Node>,
        on: Option<String>,
    },
}

impl Node {
    pub(super) fn relations(&self) -> Vec<usize> {
        match self {
            Self::Relation(relation) => vec![*relation],
            Self::Join { left, right, .. } => {
                let mut all = left.relations();
                all.extend(right.relations());
                all
            }
        }
    }

    fn first(&self) -> usize {
        match self {
            Self::Relation(relation) => *relation,
            Self::Join { left, .. } => left.first(),
        }
    }
}

impl Binder<'_> {
    pub(super) fn table_references(&mut self, from: &[TableRef]) -> Result<Vec<Node>> {
        let outer = std::mem::take(&mut self.from_so_far);
        let nodes = self.elements(from);
        self.from_so_far = outer;
        let nodes = nodes?;
        let relations: Vec<usize> = nodes
            .iter()
            .flat_map(|node: &Node| node.relations())
            .collect();
        for (n, &relation) in relations.iter().enumerate() {
            let one = &self.relations[relation];
            let clash = relations[..n]
                .iter()
                .map(|&r| &self.relations[r])
                .any(|other| {
                    let schemas = match (&one.schema, &other.schema) {
                        (Some(a), Some(b)) => same(a, b),
                        _ => true,
                    };
                    !one.label.is_empty() && schemas && same(&one.label, &other.label)
                });
            if clash {
                return Err(SqlError::new(
                    -20,
                    format!("Name conflict over label '{}'", one.label.to_uppercase()),
                ));
            }
        }
        Ok(nodes)
    }

    fn elements(&mut self, from: &[TableRef]) -> Result<Vec<Node>> {
        let mut nodes = Vec::new();
        for reference in from {
            nodes.push(self.table_reference(reference, nodes.is_empty())?);
        }
        Ok(nodes)
    }

    fn table_reference(&mut self, reference: &TableRef, first: bool) -> Result<Node> {
        match reference {
            TableRef::Source { source, alias } => {
                let relation = self.source(source, alias.as_deref())?;
                self.from_so_far.push(relation);
                Ok(Node::Relation(relation))
            }
            TableRef::Join {
                kind,
                left,
                right,
                condition,
            } => {
                let innermost = first && matches!(**left, TableRef::Source { .. });
                let left = self.table_reference(left, first)?;
                let right = self.table_reference(right, false)?;
                let on = self.join_condition(*kind, &left, &right, condition, innermost)?;
                Ok(Node::Join {
                    kind: *kind,
                    left: Box::new(left),
                    right: Box::new(right),
                    on,
                })
            }
        }
    }

    fn join_condition(
        &mut self,
        kind: JoinKind,
        left: &Node,
        right: &Node,
        condition: &JoinCondition,
        first: bool,
    ) -> Result<Option<String>> {
        let mut relations = left.relations();
        relations.extend(right.relations());
        match condition {
            JoinCondition::None => Ok(None),
            JoinCondition::On(condition) => {
                self.scopes.push(Scope {
                    relations,
                    collated: Vec::new(),
                });
                let on = self.within(Clause::On, |b| {
                    let on = b.condition(condition)?;
                    b.check_outer_join(kind, [left, right], condition)?;
                    Ok(on)
                });
                self.scopes.pop();
                on.map(Some)
            }
            JoinCondition::Using(columns) => {
                self.using(kind, left, right, columns, first).map(Some)
            }
            JoinCondition::Natural => {
                let (a, b) = (
                    &self.relations[left.first()],
                    &self.relations[right.first()],
                );
                let shared = a
                    .columns
                    .iter()
                    .filter(|c| b.columns.iter().any(|d| same(&c.name, &d.name)));
                let shared: Vec<String> = shared.map(|column| column.name.clone()).collect();
                self.using(kind, left, right, &shared, first).map(Some)
            }
        }
    }

    /// Only as the first join, between base tables, not in subqueries, not with FULL; columns are not merged.
    fn using(
        &mut self,
        kind: JoinKind,
        left: &Node,
        right: &Node,
        columns: &[String],
        first: bool,
    ) -> Result<String> {
        let (a, b) = (left.first(), right.first());
        let tables = self.relations[a].table.is_some() && self.relations[b].table.is_some();
        if !first || !tables || kind == JoinKind::Full || self.subquery_depth > 0 {
            return Err(SqlError::code(-77));
        }
        let mut parts = Vec::new();
        for column in columns {
            let find = |r: usize| {
                let found = self.relations[r]
                    .columns
                    .iter()
                    .find(|c| same(&c.name, column));
                found.cloned().ok_or_else(|| SqlError::new(-29, column))
            };
            let (x, y) = (find(a)?, find(b)?);
            let side = |r: usize, c: &RelationColumn| c.sql(&self.relations[r].alias);
            parts.push(format!("{} = {}", side(a, &x), side(b, &y)));
        }
        Ok(if parts.is_empty() {
            "1".to_owned()
        } else {
            parts.join(" AND ")
        })
    }

    fn source(&mut self, source: &TableSource, alias: Option<&str>) -> Result<usize> {
        match source {
            TableSource::Named(name) => self.named(name, alias),
            TableSource::Subquery(query) => {
                let bound = self.query(query, Place::Subquery)?;
                let columns = bound
                    .columns
                    .iter()
                    .enumerate()
                    .map(|(n, c)| c.relation_column(n + 1))
                    .collect();
                self.add(
                    alias.unwrap_or(""),
                    None,
                    columns,
                    None,
                    format!("({})", bound.sql),
                )
            }
            TableSource::Lateral(query) => self.lateral(query, alias.unwrap_or("")),
            TableSource::JsonTable(table) => self.json_table(table, alias.unwrap_or("")),
            TableSource::Function { name, args } => {
                for arg in args {
                    self.value(arg, None)?;
                }
                let (schema, function) = crate::catalog::qualified(name);
                if let Some(system) = super::system::query(schema, function)
                    && args.is_empty()
                {
                    return self.system_relation(system, alias);
                }
                Err(SqlError::new(
                    -428,
                    format!("Table valued function {schema}.{function}"),
                ))
            }
        }
    }

    fn named(&mut self, name: &ObjectName, alias: Option<&str>) -> Result<usize> {
        let label = alias.unwrap_or(&name.name).to_owned();
        if name.schema.is_none()
            && let Some(cte) = self
                .ctes
                .iter()
                .rev()
                .find(|cte| same(&cte.name, &name.name))
                .cloned()
        {
            return self.add(&label, None, cte.columns, None, cte.sql_name);
        }
        if let Some(table) = self.catalog.find_table(name).cloned() {
            let (schema, name) = (table.schema.clone(), table.name.clone());
            let relation = self.base_table(table, alias)?;
            self.named_in_from(relation, &schema, &name);
            return Ok(relation);
        }
        if let Some(view) = self.catalog.find_view(name).cloned() {
            if self.view_depth >= DEEPEST_VIEW {
                return Err(SqlError::new(-400, "views nested too deeply"));
            }
            self.view_depth += 1;
            let scopes = std::mem::take(&mut self.scopes);
            let ctes = std::mem::take(&mut self.ctes);
            let bound = self.query(&view.query, Place::View);
            self.scopes = scopes;
            self.ctes = ctes;
            self.view_depth -= 1;
            let bound = bound?;
            let mut columns: Vec<RelationColumn> = bound
                .columns
                .iter()
                .enumerate()
                .map(|(n, c)| c.relation_column(n + 1))
                .collect();
            for (column, name) in columns.iter_mut().zip(&view.columns) {
                column.name.clone_from(name);
            }
            let schema = if alias.is_none() {
                Some(view.schema.clone())
            } else {
                None
            };
            let relation = self.add(&label, schema, columns, None, format!("({})", bound.sql))?;
            self.named_in_from(relation, &view.schema, &view.name);
            return Ok(relation);
        }
        let (schema, table) = crate::catalog::qualified(name);
        // The relation of one row that T-SQL selects from.
        if same(schema, "%TSQL_sys") && same(table, "snf") {
            return self.add(&label, None, Vec::new(), None, "(SELECT 1)".to_owned());
        }
        if let Some(system) = super::system::table(schema, table) {
            return self.system_relation(system, alias);
        }
        Err(not_found(name))
    }

    fn system_relation(&mut self, system: SystemRelation, alias: Option<&str>) -> Result<usize> {
        let (schema, name) = (system.relation.schema, system.relation.name);
        let shown = alias.is_none().then(|| schema.to_owned());
        let label = alias.unwrap_or(name);
        let relation = self.add(label, shown, system.columns, None, system.source)?;
        if let Some(added) = self.relations.get_mut(relation) {
            added.hidden = system.hidden;
        }
        self.named_in_from(relation, schema, name);
        Ok(relation)
    }

    /// A base table as a relation.
    pub(super) fn base_table(&mut self, table: Arc<Table>, alias: Option<&str>) -> Result<usize> {
        let mut columns: Vec<RelationColumn> = table
            .columns
            .iter()
            .filter(|column| !column.private)
            .map(RelationColumn::of)
            .collect();
        if table.row_id_public && table.identity().is_none() {
            let name = table.row_id.clone();
            columns.insert(
                0,
                RelationColumn {
                    sql_name: name.clone(),
                    name,
                    ty: Type::BigInt,
                    collation: None,
                    weight: 1,
                    expression: None,
                },
            );
        }
        if table.temporary
            && !self
                .temporary
                .iter()
                .any(|known| Arc::ptr_eq(known, &table))
        {
            self.temporary.push(table.clone());
        }
        let schema = if alias.is_none() {
            Some(table.schema.clone())
        } else {
            None
        };
        let label = alias.unwrap_or(&table.name).to_owned();
        let source = quoted(&table.full_name());
        let private = table.columns.iter().filter(|column| column.private);
        let hidden = private.map(RelationColumn::of).collect();
        let relation = self.add(&label, schema, columns, Some(table), source)?;
        if let Some(added) = self.relations.get_mut(relation) {
            added.hidden = hidden;
        }
        Ok(relation)
    }

    pub(super) fn add(
        &mut self,
        label: &str,
        schema: Option<String>,
        columns: Vec<RelationColumn>,
        table: Option<Arc<Table>>,
        source: String,
    ) -> Result<usize> {
        let alias = self.alias();
        let label = label.to_owned();
        self.relations.push(Relation {
            label,
            schema,
            alias,
            columns,
            table,
            source,
            counted: false,
            hidden: Vec::new(),
        });
        Ok(self.relations.len() - 1)
    }

    /// ` FROM …`
    pub(super) fn render_from(&self, nodes: &[Node]) -> String {
        if nodes.is_empty() {
            return String::new();
        }
        let grouped = nodes.len() > 1;
        let parts = nodes.iter().map(|node| match node {
            Node::Join { .. } if grouped => format!("({})", self.render(node)),
            _ => self.render(node),
        });
        format!(" FROM {}", parts.collect::<Vec<_>>().join(", "))
    }

    fn render(&self, node: &Node) -> String {
        match node {
            Node::Relation(relation) => {
                let relation = &self.relations[*relation];
                if relation.counted {
                    let counted = "SELECT *, row_number() OVER () AS \"%VID\" FROM";
                    return format!("({counted} {}) AS {}", relation.source, relation.alias);
                }
                format!("{} AS {}", relation.source, relation.alias)
            }
            Node::Join {
                kind,
                left,
                right,
                on,
            } => {
                let word = match kind {
                    JoinKind::Cross => "CROSS JOIN",
                    JoinKind::Inner => "JOIN",
                    JoinKind::Left => "LEFT JOIN",
                    JoinKind::Right => "RIGHT JOIN",
                    JoinKind::Full => "FULL JOIN",
                };
                let right_sql = match **right {
                    Node::Join { .. } => format!("({})", self.render(right)),
                    Node::Relation(_) => self.render(right),
                };
                let on = on.as_ref().map_or(String::new(), |on| format!(" ON {on}"));
                format!("{} {word} {right_sql}{on}", self.render(left))
            }
        }
    }
}
