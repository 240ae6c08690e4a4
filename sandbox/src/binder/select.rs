//! One SELECT: its clauses in the order in which names become known.

use super::having;
use super::query::{BoundColumn, BoundQuery, Place, order_sql};
use super::scope::Scope;
use super::select_item::Item;
use super::typed::Shape;
use super::{Binder, Clause};
use crate::Version;
use crate::ast::{Distinct, Expr, Limit, OrderItem, Select, SelectItem, Top};
use crate::catalog::same;
use crate::collation::Collation;
use crate::datatype::Type;
use crate::error::{Result, SqlError};

impl Binder<'_> {
    pub(super) fn select(
        &mut self,
        select: &Select,
        order: &[OrderItem],
        limit: Option<&Limit>,
        place: Place,
    ) -> Result<BoundQuery> {
        let checks = self.checks_locks;
        self.checks_locks &= !super::dirty::reads_dirty(select);
        let result = self.select_from(select, order, limit, place);
        self.checks_locks = checks;
        result
    }

    fn select_from(
        &mut self,
        select: &Select,
        order: &[OrderItem],
        limit: Option<&Limit>,
        place: Place,
    ) -> Result<BoundQuery> {
        let nodes = self.table_references(&select.from)?;
        let relations = nodes.iter().flat_map(|node| node.relations()).collect();
        self.scopes.push(Scope {
            relations,
            collated: Vec::new(),
        });
        let result = self.clauses(select, order, limit, place, &nodes);
        self.scopes.pop();
        result
    }

    fn clauses(
        &mut self,
        select: &Select,
        order: &[OrderItem],
        limit: Option<&Limit>,
        place: Place,
        nodes: &[super::from::Node],
    ) -> Result<BoundQuery> {
        let condition = match &select.condition {
            Some(condition) => format!(
                " WHERE ({})",
                self.within(Clause::Where, |b| b.condition(condition))?
            ),
            None => String::new(),
        };
        let condition = self.with_lock_checks(condition, nodes);
        let mut group = self.within(Clause::Group, |b| b.group_by(&select.group))?;
        if let Distinct::By(items) = &select.distinct
            && select.group.is_empty()
        {
            group = self.within(Clause::Group, |b| b.group_by(items))?;
            self.scopes
                .last_mut()
                .map(|scope| scope.collated.clear())
                .unwrap_or_default();
        }
        self.table_wide = having::chooses_rows(select);
        let items = self.within(Clause::Select, |b| b.items(&select.items))?;
        if place == Place::Top {
            self.nullable = items.iter().map(|item| item.nullable).collect();
        }
        let having = match &select.having {
            Some(having) => self.within(Clause::Having, |b| b.condition(having))?,
            None => String::new(),
        };
        let order = self.within(Clause::Order, |b| b.order_by(order, &items))?;
        let limit = self.row_limit(select, limit)?;
        let from = self.render_from(nodes);
        let distinct = select.distinct == Distinct::Yes && !groups_aggregates(select);
        let list = self.list(&items, distinct);
        let word = if distinct {
            "SELECT DISTINCT"
        } else {
            "SELECT"
        };
        let kept = match (having.is_empty(), self.table_wide, condition.is_empty()) {
            (true, ..) => condition.clone(),
            (false, false, _) => format!("{condition}{group} HAVING {having}"),
            (false, true, true) => format!(" WHERE {having}"),
            (false, true, false) => format!("{condition} AND {having}"),
        };
        if !self.table_wide && having::needs_rows(select) {
            return Err(SqlError::new(
                -400,
                "%AFTERHAVING of groups is not imitated",
            ));
        }
        let group = if having.is_empty() { &group } else { "" };
        let mut sql = format!("{word} {list}{from}{kept}{group}{order}{limit}");
        sql = having::with_rows(sql, &from, &condition, &having)?;
        let columns = items.into_iter().map(|item| output(item, place)).collect();
        Ok(BoundQuery { sql, columns })
    }

    /// Constants group everything into one row unless other items exist.
    fn group_by(&mut self, group: &[Expr]) -> Result<String> {
        if group.is_empty() {
            return Ok(String::new());
        }
        let mut items = Vec::new();
        for expr in group {
            if matches!(expr, Expr::Subquery(_)) {
                continue;
            }
            let value = self.value(expr, None)?;
            if value.is_weak() {
                continue;
            }
            if let Expr::Column { qualifier, name } = expr
                && matches!(value.ty, Type::Varchar(_))
                && !self.exact_distinct
                && value
                    .collation
                    .is_some_and(|collation| collation != Collation::Exact)
            {
                let found = self.resolve(qualifier.as_ref(), name)?;
                if let Some(scope) = self.scopes.last_mut() {
                    scope.collated.push((found.relation, found.column.sql_name));
                }
            }
            match self.object_id(expr, &value)? {
                Some(id) => items.push((id, "")),
                None => items.push((value.sql.clone(), value.collate())),
            }
        }
        // The group is found by the raw column: its collated form is only for show.
        let items: Vec<String> = items
            .into_iter()
            .map(|(sql, collate)| format!("{sql}{collate}"))
            .collect();
        Ok(if items.is_empty() {
            " GROUP BY NULL".to_owned()
        } else {
            format!(" GROUP BY {}", items.join(","))
        })
    }

    fn order_by(&mut self, order: &[OrderItem], items: &[Item]) -> Result<String> {
        let mut sorted = Vec::new();
        for item in order {
            if let Some(sql) = self.order_item(item, items)? {
                sorted.push(sql);
            }
        }
        Ok(if sorted.is_empty() {
            String::new()
        } else {
            format!(" ORDER BY {}", sorted.join(","))
        })
    }

    /// `?`, constants and subqueries are ignored, as IRIS does.
    fn order_item(&mut self, item: &OrderItem, items: &[Item]) -> Result<Option<String>> {
        let position = match (&item.expr, item.ordinal) {
            (_, Some(ordinal)) if (1..=items.len()).contains(&ordinal) => Some(ordinal),
            (_, Some(_)) => return Err(SqlError::code(-5)),
            (
                Expr::Column {
                    qualifier: None,
                    name,
                },
                None,
            ) => {
                let is_alias =
                    |item: &&Item| item.alias.as_ref().is_some_and(|alias| same(alias, name));
                if items.iter().filter(is_alias).count() > 1 {
                    return Err(SqlError::new(-24, name));
                }
                items.iter().position(|item| is_alias(&item)).map(|n| n + 1)
            }
            (Expr::Subquery(_), None) => return Ok(None),
            (expr, None) => items
                .iter()
                .position(|item| item.expr.as_ref() == Some(expr))
                .map(|n| n + 1),
        };
        if let Some(position) = position {
            let value = &items[position - 1].value;
            self.refuse_stream(value, -72)?;
            return Ok(Some(order_sql(
                &format!("c{position}"),
                value.collate(),
                item.descending,
            )));
        }
        if item.expr.any(&|e| matches!(e, Expr::Aggregate(_))) {
            return Err(SqlError::code(-73));
        }
        let value = self.value(&item.expr, None)?;
        self.refuse_stream(&value, -72)?;
        if value.is_weak() {
            return Ok(None);
        }
        Ok(Some(order_sql(
            &value.sql,
            value.collate(),
            item.descending,
        )))
    }

    fn row_limit(&mut self, select: &Select, limit: Option<&Limit>) -> Result<String> {
        if let Some(Top::Count(count)) = &select.top {
            return Ok(format!(" LIMIT {}", self.count(count)?));
        }
        self.limit_sql(limit.or(select.paging.as_ref()))
    }

    /// The select list; DISTINCT works on the collated values, and from 2024.2 on returns them.
    fn list(&self, items: &[Item], distinct: bool) -> String {
        let upper = distinct && !self.exact_distinct && self.version >= Version::V2024_2;
        let parts = items.iter().enumerate().map(|(n, item)| {
            let (sql, name) = (&item.value.sql, n + 1);
            match (&item.value.ty, item.value.collation) {
                (Type::Varchar(_), Some(collation)) if upper && collation != Collation::Exact => {
                    format!("iris_collated({sql},'{}') AS c{name}", collation.sql())
                }
                _ if distinct => format!("{sql}{} AS c{name}", item.value.collate()),
                _ => format!("{sql} AS c{name}"),
            }
        });
        let mut parts: Vec<String> = parts.collect();
        if distinct {
            // Streams differ by their object ids; nobody reads these columns.
            parts.extend(items.iter().filter_map(|item| item.object_id.clone()));
        }
        parts.join(",")
    }
}

/// A bare literal at the top is described as INTEGER: it reached the server as a parameter.
fn output(item: Item, place: Place) -> BoundColumn {
    let bare = place == Place::Top
        && matches!(item.value.shape, Shape::Literal(_))
        && !matches!(item.expr, Some(Expr::Column { .. }));
    let described = if bare {
        Type::Integer.describe()
    } else {
        item.value.ty.describe()
    };
    BoundColumn {
        label: item.label,
        ty: item.value.ty,
        collation: item.value.collation,
        described,
        weight: item.weight,
    }
}

/// DISTINCT over aggregates of groups is read and ignored.
fn groups_aggregates(select: &Select) -> bool {
    let aggregate = |item: &SelectItem| {
        let SelectItem::Expr { expr, .. } = item else {
            return false;
        };
        expr.any(&|part| matches!(part, Expr::Aggregate(_)))
    };
    !select.group.is_empty() && select.items.iter().any(aggregate)
}
