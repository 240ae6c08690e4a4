//! One SELECT.

use sqlparser::ast::{self, GroupByExpr, OrderByExpr, SelectItem, SelectItemQualifiedWildcardKind};

use super::label::label;
use super::query::{order, output_place};
use super::scope::{Clause, Commons, Named, Scope, Sink, reference};
use super::{Binder, Typed, folded, names};
use crate::failure::{Failure, Result};
use crate::plan::{Column, Distinct, Expr, Grouping, Order, Origin, Reference, Select};

/// The most sources of one SELECT.
const MOST_SOURCES: usize = 128;

impl Binder {
    pub(super) fn select(
        &self,
        written: &ast::Select,
        order_by: &[OrderByExpr],
        outer: Option<&Scope<'_>>,
        commons: &Commons<'_>,
        sink: &Sink,
    ) -> Result<(Select, Vec<Column>)> {
        refuse(written)?;
        let scope = Scope::new(outer, commons, sink);
        for window in &written.named_window {
            if let ast::NamedWindowExpr::WindowSpec(spec) = &window.1 {
                let entry = (folded(&window.0), spec.clone());
                scope.specs.borrow_mut().push(entry);
            }
        }
        let mut sources = Vec::new();
        let mut node = self.from(&written.from, &scope, &mut sources)?;
        if sources.len() > MOST_SOURCES {
            return Err(Failure::new("54000", "too many tables in one query"));
        }
        if let Some(condition) = &written.selection {
            let condition =
                scope.within(Clause::Where, || self.condition(condition, &scope, "WHERE"))?;
            node = super::nodes::restricted(node, condition);
        }
        let keys = self.group_keys(written, &scope)?;
        let (projection, columns) = scope.within(Clause::Output, || {
            self.projection(&written.projection, &scope)
        })?;
        let having = written
            .having
            .as_ref()
            .map(|having| scope.within(Clause::Having, || self.condition(having, &scope, "HAVING")))
            .transpose()?;
        let distinct = self.distinct_clause(written.distinct.as_ref(), &columns, &scope)?;
        let order = self.order(order_by, &columns, &scope)?;
        let aggregates = scope.aggregates.take();
        let is_grouped = keys.is_some() || having.is_some() || !aggregates.is_empty();
        let grouping = is_grouped.then(|| Grouping {
            is_whole: keys.as_ref().is_none_or(Vec::is_empty),
            sets: vec![keys.unwrap_or_default()],
            aggregates,
            having,
        });
        let select = Select {
            sources,
            from: node,
            grouping,
            windows: scope.windows.take(),
            sets: scope.sets.take(),
            projection,
            distinct,
            order,
        };
        Ok((select, columns))
    }

    fn projection(
        &self,
        items: &[SelectItem],
        scope: &Scope<'_>,
    ) -> Result<(Vec<Expr>, Vec<Column>)> {
        let mut exprs = Vec::new();
        let mut columns = Vec::new();
        let mut add = |name: String, typed: Typed| {
            columns.push(Column {
                name,
                kind: typed.kind,
                origin: origin(&typed, scope),
                fields: typed.fields,
            });
            exprs.push(typed.expr);
        };
        for item in items {
            match item {
                SelectItem::UnnamedExpr(expr) => {
                    if let Some(fields) = self.expanded(expr, scope)? {
                        fields
                            .into_iter()
                            .for_each(|(name, typed)| add(name, typed));
                        continue;
                    }
                    let typed = self.expr(expr, scope)?;
                    add(label(expr), typed);
                }
                SelectItem::ExprWithAlias { expr, alias } => {
                    let typed = self.expr(expr, scope)?;
                    add(folded(alias), typed);
                }
                SelectItem::Wildcard(_) => {
                    for (name, typed) in everything(scope)? {
                        add(name, typed);
                    }
                }
                SelectItem::QualifiedWildcard(kind, _) => {
                    for (name, typed) in self.of_source(kind, scope)? {
                        add(name, typed);
                    }
                }
                SelectItem::ExprWithAliases { .. } => {
                    return Err(Failure::new("42601", "syntax error at or near \"(\""));
                }
            }
        }
        Ok((exprs, columns))
    }

    /// `(composite).*`
    fn expanded(
        &self,
        expr: &ast::Expr,
        scope: &Scope<'_>,
    ) -> Result<Option<Vec<(String, Typed)>>> {
        let ast::Expr::CompoundFieldAccess { root, access_chain } = expr else {
            return Ok(None);
        };
        let [ast::AccessExpr::Dot(ast::Expr::Wildcard(_))] = access_chain.as_slice() else {
            return Ok(None);
        };
        self.fields(root, scope).map(Some)
    }

    fn fields(&self, root: &ast::Expr, scope: &Scope<'_>) -> Result<Vec<(String, Typed)>> {
        let whole = self.expr(root, scope)?;
        let Some(fields) = whole.fields.clone() else {
            return Err(Failure::new(
                "42809",
                format!("type {} is not composite", whole.kind.display()),
            ));
        };
        Ok(fields
            .iter()
            .enumerate()
            .map(|(place, (name, kind))| {
                let field = Expr::Field(Box::new(whole.expr.clone()), place);
                (name.clone(), Typed::new(field, *kind))
            })
            .collect())
    }

    fn of_source(
        &self,
        kind: &SelectItemQualifiedWildcardKind,
        scope: &Scope<'_>,
    ) -> Result<Vec<(String, Typed)>> {
        let name = match kind {
            SelectItemQualifiedWildcardKind::ObjectName(name) => name,
            SelectItemQualifiedWildcardKind::Expr(root) => return self.fields(root, scope),
        };
        let parts = names(name)?;
        let (schema, table) = match parts.as_slice() {
            [table] => (None, table),
            [.., schema, table] => (Some(schema.as_str()), table),
            [] => return Err(Failure::new("42601", "syntax error")),
        };
        let named = scope.named.borrow();
        let source = super::scope::find_source(&named, schema, table).ok_or_else(|| {
            Failure::new(
                "42P01",
                format!("missing FROM-clause entry for table \"{table}\""),
            )
        })?;
        Ok(columns_of(source, &|_| true))
    }

    fn group_keys(&self, written: &ast::Select, scope: &Scope<'_>) -> Result<Option<Vec<Expr>>> {
        let GroupByExpr::Expressions(list, modifiers) = &written.group_by else {
            return Err(Failure::not_supported("GROUP BY ALL"));
        };
        if !modifiers.is_empty() {
            return Err(Failure::not_supported("such a GROUP BY"));
        }
        if list.is_empty() {
            return Ok(None);
        }
        let mut keys = Vec::with_capacity(list.len());
        for expr in list {
            if matches!(expr, ast::Expr::Tuple(parts) if parts.is_empty()) {
                continue;
            }
            keys.push(self.group_key(expr, written, scope)?);
        }
        Ok(Some(keys))
    }

    /// A number or an alias means an item of the select list; a column goes before an
    /// alias.
    fn group_key(
        &self,
        expr: &ast::Expr,
        written: &ast::Select,
        scope: &Scope<'_>,
    ) -> Result<Expr> {
        let item = |item: &SelectItem| match item {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                Some(expr.clone())
            }
            _ => None,
        };
        let meant = match expr {
            ast::Expr::Value(value) => match &value.value {
                ast::Value::Number(digits, _) => Some(
                    digits
                        .parse::<usize>()
                        .ok()
                        .and_then(|number| written.projection.get(number.checked_sub(1)?))
                        .and_then(item)
                        .ok_or_else(|| {
                            Failure::new(
                                "42P10",
                                format!("GROUP BY position {digits} is not in select list"),
                            )
                        })?,
                ),
                _ => None,
            },
            ast::Expr::Identifier(ident) if scope.column(&folded(ident))?.is_none() => {
                written.projection.iter().find_map(|entry| match entry {
                    SelectItem::ExprWithAlias { expr, alias } if folded(alias) == folded(ident) => {
                        Some(expr.clone())
                    }
                    _ => None,
                })
            }
            _ => None,
        };
        let expr = meant.as_ref().unwrap_or(expr);
        let typed = scope.within(Clause::GroupBy, || self.expr(expr, scope))?;
        Ok(self.known(typed)?.expr)
    }

    fn distinct_clause(
        &self,
        distinct: Option<&ast::Distinct>,
        columns: &[Column],
        scope: &Scope<'_>,
    ) -> Result<Distinct> {
        Ok(match distinct {
            None | Some(ast::Distinct::All) => Distinct::All,
            Some(ast::Distinct::Distinct) => Distinct::Rows,
            Some(ast::Distinct::On(list)) => Distinct::On(
                list.iter()
                    .map(|expr| self.output_or_input(expr, columns, scope))
                    .collect::<Result<_>>()?,
            ),
        })
    }

    fn order(
        &self,
        items: &[OrderByExpr],
        columns: &[Column],
        scope: &Scope<'_>,
    ) -> Result<Vec<Order>> {
        items
            .iter()
            .map(|item| {
                Ok(order(
                    item,
                    self.output_or_input(&item.expr, columns, scope)?,
                ))
            })
            .collect()
    }

    /// A result column by number or name, else an expression of the input.
    fn output_or_input(
        &self,
        expr: &ast::Expr,
        columns: &[Column],
        scope: &Scope<'_>,
    ) -> Result<Expr> {
        if let Some(place) = output_place(expr, columns)? {
            return Ok(Expr::Output(place));
        }
        let typed = scope.within(Clause::Output, || self.expr(expr, scope))?;
        Ok(self.known(typed)?.expr)
    }
}

/// The column of a relation that a value is, taken from this query's own sources.
fn origin(value: &Typed, scope: &Scope<'_>) -> Option<Origin> {
    let Expr::Reference(Reference {
        level: 0,
        source,
        column: Some(place),
    }) = value.expr
    else {
        return None;
    };
    let named = scope.named.borrow();
    let source = named.iter().find(|known| known.number == source)?;
    let column = source.columns.get(place)?;
    // A name of an object is a cast of its OID.
    column.origin.filter(|_| column.kind == value.kind)
}

/// The columns of `*`: merged ones first.
fn everything(scope: &Scope<'_>) -> Result<Vec<(String, Typed)>> {
    let named = scope.named.borrow();
    if named.is_empty() {
        return Err(Failure::new(
            "42601",
            "SELECT * with no tables specified is not valid",
        ));
    }
    let merged = scope.merged.borrow();
    let mut all: Vec<(String, Typed)> = merged
        .iter()
        .map(|merged| (merged.name.clone(), merged.value.clone()))
        .collect();
    for source in named.iter() {
        let is_open = |name: &str| {
            !merged.iter().any(|merged| {
                merged
                    .covers
                    .iter()
                    .any(|(number, covered)| *number == source.number && covered == name)
            })
        };
        all.extend(columns_of(source, &is_open));
    }
    Ok(all)
}

fn columns_of(source: &Named, wanted: &dyn Fn(&str) -> bool) -> Vec<(String, Typed)> {
    source
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| wanted(&column.name))
        .map(|(place, column)| (column.name.clone(), reference(source.number, place, column)))
        .collect()
}

fn refuse(written: &ast::Select) -> Result<()> {
    let odd = written.top.is_some()
        || written.into.is_some()
        || written.qualify.is_some()
        || written.prewhere.is_some()
        || !written.lateral_views.is_empty()
        || !written.cluster_by.is_empty()
        || !written.distribute_by.is_empty()
        || !written.sort_by.is_empty()
        || !written.connect_by.is_empty();
    if odd {
        return Err(Failure::not_supported("such a SELECT"));
    }
    Ok(())
}
