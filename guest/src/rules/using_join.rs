//! # What it does
//! Writes `USING` and `NATURAL` as `ON`, and the merged columns where `*` and bare names mean
//! them.
//!
//! # Why
//! IRIS merges no columns, so that bare names are ambiguous and `*` shows both, and it allows
//! USING in the first join of a FROM alone. (InterSystems SQL Reference, "JOIN".)
//!
//! # Example
//! `SELECT id FROM a JOIN b USING (id)` becomes `SELECT a.id FROM a JOIN b ON a.id = b.id`.
//!
//! # Limits
//! `*` and NATURAL need the columns of all sources, and USING behind another join those of the
//! sources on its left. A bare merged name in a subquery is not replaced. An alias of the join,
//! and joins in parentheses that are not the first of a FROM, are refused.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    BinaryOperator, Delete, Expr, FromTable, GroupByExpr, Ident, Join, JoinConstraint,
    JoinOperator, ObjectName, OrderByKind, Query, Select, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, Statement, TableFactor, TableWithJoins, Update,
    UpdateTableFromKind, WildcardAdditionalOptions,
};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::join::{self, is_merging};
use crate::labels;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, Source, scoped};
use crate::wit::Diagnostic;
use crate::writing;

pub(crate) struct UsingJoin;

impl Rule for UsingJoin {
    fn name(&self) -> &'static str {
        "using_join"
    }

    fn summary(&self) -> &'static str {
        "writes USING and NATURAL as ON"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::USING)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk {
            changed: written_to(tree, pass)?,
        };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk {
    changed: bool,
}

impl ScopedHooks for Walk {
    fn enter_query(&mut self, query: &mut Query, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let SetExpr::Select(select) = &mut *query.body else {
            return Ok(());
        };
        let Some(merged) = self.merge(select, scopes)? else {
            return Ok(());
        };
        if let Some(order) = &mut query.order_by
            && let OrderByKind::Expressions(items) = &mut order.kind
        {
            for item in items {
                // An item of the select list comes first, unless it is the column itself.
                let is_item = matches!(&item.expr, Expr::Identifier(name)
                    if select.projection.iter().any(|other| is_other(other, name, &merged)));
                if !is_item {
                    replace(&mut item.expr, &merged);
                }
            }
        }
        Ok(())
    }

    /// The selects of a set operation.
    fn enter_select(&mut self, select: &mut Select, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        self.merge(select, scopes).map(|_| ())
    }
}

/// Whether an item has the name and is not the merged column of that name.
fn is_other(item: &SelectItem, name: &Ident, merged: &[Merged]) -> bool {
    if labels::of_item(item) != Some(labels::folded(name)) {
        return false;
    }
    match item {
        SelectItem::UnnamedExpr(expr) => merged.iter().all(|column| column.expr != *expr),
        _ => true,
    }
}

/// Takes the parentheses off a first join that merges columns: joins go from the left anyway.
fn unfold(from: &mut TableWithJoins) {
    while let TableFactor::NestedJoin {
        table_with_joins,
        alias: None,
    } = &mut from.relation
        && table_with_joins.joins.iter().any(is_merging)
    {
        let inner = std::mem::replace(
            &mut **table_with_joins,
            TableWithJoins {
                relation: TableFactor::Derived {
                    lateral: false,
                    subquery: Box::new(build::query(crate::paging::nothing())),
                    alias: None,
                    sample: None,
                },
                joins: Vec::new(),
            },
        );
        from.relation = inner.relation;
        from.joins.splice(0..0, inner.joins);
    }
}

/// A column that stands for several.
struct Merged {
    name: Ident,
    /// The first source of the joins that merge it.
    first: usize,
    /// What it is.
    expr: Expr,
    /// The sources that have it.
    sources: Vec<usize>,
}

impl Walk {
    /// Writes the joins of a select with ON; none if there is nothing to write.
    fn merge(
        &mut self,
        select: &mut Select,
        scopes: &Scopes<'_>,
    ) -> Diagnosed<Option<Vec<Merged>>> {
        let sources = scopes.sources();
        let Some(merged) = merge_all(&mut select.from, sources)? else {
            return Ok(None);
        };
        self.changed = true;
        for item in std::mem::take(&mut select.projection) {
            match item {
                SelectItem::Wildcard(_) => expand(&merged, sources, &mut select.projection)?,
                other => select.projection.push(item_of(other, &merged)),
            }
        }
        for expr in select.selection.iter_mut().chain(&mut select.having) {
            replace(expr, &merged);
        }
        if let GroupByExpr::Expressions(items, _) = &mut select.group_by {
            items.iter_mut().for_each(|item| replace(item, &merged));
        }
        Ok(Some(merged))
    }
}

/// Writes the joins with ON; none if there is nothing to write.
fn merge_all(from: &mut [TableWithJoins], sources: &[Source]) -> Diagnosed<Option<Vec<Merged>>> {
    from.iter_mut().for_each(unfold);
    let mut joins = from.iter().flat_map(|from| &from.joins);
    if !joins.any(is_merging) {
        return Ok(None);
    }
    let mut merged = Vec::new();
    let mut next = 0;
    for from in from {
        let first = next;
        refuse_nested(&from.relation)?;
        next += 1;
        for join in &mut from.joins {
            refuse_nested(&join.relation)?;
            merge_join(join, first, next, sources, &mut merged)?;
            next += 1;
        }
    }
    Ok(Some(merged))
}

/// An item that is no `*`, with merged columns in place of bare names.
fn item_of(item: SelectItem, merged: &[Merged]) -> SelectItem {
    match item {
        SelectItem::UnnamedExpr(mut expr) => {
            let label = labels::of_expression(&expr);
            let was_name = matches!(expr, Expr::Identifier(_));
            replace(&mut expr, merged);
            if was_name && matches!(expr, Expr::Function(_)) {
                let alias = Ident::new(label);
                return SelectItem::ExprWithAlias { expr, alias };
            }
            SelectItem::UnnamedExpr(expr)
        }
        SelectItem::ExprWithAlias { mut expr, alias } => {
            replace(&mut expr, merged);
            SelectItem::ExprWithAlias { expr, alias }
        }
        other => other,
    }
}

/// The joins in the FROM of an UPDATE and the USING of a DELETE.
fn written_to(tree: &mut Statement, pass: &Pass<'_>) -> Diagnosed<bool> {
    let (table, others, selection, returning) = match tree {
        Statement::Update(Update {
            table,
            from: Some(UpdateTableFromKind::BeforeSet(from) | UpdateTableFromKind::AfterSet(from)),
            selection,
            returning,
            ..
        }) => (&*table, from, selection, returning),
        Statement::Delete(Delete {
            from: FromTable::WithFromKeyword(tables) | FromTable::WithoutKeyword(tables),
            using: Some(using),
            selection,
            returning,
            ..
        }) => match tables.as_slice() {
            [table] => (table, using, selection, returning),
            _ => return Ok(false),
        },
        _ => return Ok(false),
    };
    let scopes = Scopes::within(pass.relations, &pass.parameters, others);
    let Some(mut merged) = merge_all(others, scopes.sources())? else {
        return Ok(false);
    };
    if let Some(items) = returning {
        let mut written = Vec::with_capacity(items.len());
        for item in std::mem::take(items) {
            match item {
                SelectItem::Wildcard(_) => {
                    written.extend(writing::called(table).map(all_of));
                    expand(&merged, scopes.sources(), &mut written)?;
                }
                other => written.push(item_of(other, &merged)),
            }
        }
        *items = written;
    }
    // A name that the table has as well is ambiguous, as IRIS will say.
    let own = Scopes::within(
        pass.relations,
        &pass.parameters,
        std::slice::from_ref(table),
    );
    merged.retain(|column| own.column(&Expr::Identifier(column.name.clone())).is_none());
    selection.iter_mut().for_each(|expr| replace(expr, &merged));
    if let Statement::Update(update) = tree {
        let values = update.assignments.iter_mut().map(|one| &mut one.value);
        values.for_each(|value| replace(value, &merged));
    }
    Ok(true)
}

/// `t.*`
fn all_of(table: Ident) -> SelectItem {
    let kind = SelectItemQualifiedWildcardKind::ObjectName(ObjectName::from(vec![table]));
    SelectItem::QualifiedWildcard(kind, WildcardAdditionalOptions::default())
}

fn refuse_nested(factor: &TableFactor) -> Diagnosed<()> {
    match factor {
        TableFactor::NestedJoin { .. } => Err(refusal(
            "USING beside a join in parentheses is not supported",
        )),
        _ => Ok(()),
    }
}

/// Writes one join with ON. The sources on its left are those from `first` up to `right`.
fn merge_join(
    join: &mut Join,
    first: usize,
    right: usize,
    sources: &[Source],
    merged: &mut Vec<Merged>,
) -> Diagnosed<()> {
    let names = match join::constraint(join) {
        Some(JoinConstraint::Using(names)) => names.iter().filter_map(last).collect(),
        Some(JoinConstraint::Natural) => common(first, right, sources)?,
        _ => return Ok(()),
    };
    let mut condition: Option<Expr> = None;
    let operator = join.join_operator.clone();
    for name in names {
        let known = merged
            .iter()
            .position(|column| is_same(&column.name, &name.value));
        let left = match known {
            Some(index) => merged[index].expr.clone(),
            None => qualified(sources, owner(first, right, sources, &name)?, &name)?,
        };
        let other = qualified(sources, right, &name)?;
        let equal = build::binary(left.clone(), BinaryOperator::Eq, other.clone());
        condition = Some(match condition {
            Some(before) => build::binary(before, BinaryOperator::And, equal),
            None => equal,
        });
        let expr = match operator {
            JoinOperator::Right(_) | JoinOperator::RightOuter(_) => other,
            JoinOperator::FullOuter(_) => build::call("COALESCE", vec![left, other]),
            _ => left,
        };
        match known {
            Some(index) => {
                merged[index].expr = expr;
                merged[index].sources.push(right);
            }
            None => merged.push(Merged {
                sources: vec![owner(first, right, sources, &name)?, right],
                name,
                first,
                expr,
            }),
        }
    }
    let always = build::binary(build::number(1), BinaryOperator::Eq, build::number(1));
    if let Some(constraint) = join::constraint_mut(join) {
        *constraint = JoinConstraint::On(condition.unwrap_or(always));
    }
    Ok(())
}

fn last(name: &ObjectName) -> Option<Ident> {
    name.0.last().and_then(|part| part.as_ident()).cloned()
}

fn is_same(name: &Ident, other: &str) -> bool {
    name.value.eq_ignore_ascii_case(other)
}

fn has(source: &Source, name: &Ident) -> Option<bool> {
    let columns = source.columns.as_ref()?;
    Some(columns.iter().any(|column| {
        column
            .name
            .as_ref()
            .is_some_and(|known| is_same(name, known))
    }))
}

/// The source on the left that has the column.
fn owner(first: usize, right: usize, sources: &[Source], name: &Ident) -> Diagnosed<usize> {
    let left = sources.get(first..right).unwrap_or_default();
    if left.len() == 1 {
        return Ok(first);
    }
    for (index, source) in left.iter().enumerate() {
        match has(source, name) {
            Some(true) => return Ok(first + index),
            Some(false) => {}
            None => {
                return Err(refusal(
                    "USING behind a join of sources whose columns are not known is not supported",
                ));
            }
        }
    }
    Err(Diagnostic::error(
        "42703",
        format!(
            "column \"{}\" specified in USING clause does not exist in left table",
            labels::folded(name)
        ),
    ))
}

/// The columns that both sides have.
fn common(first: usize, right: usize, sources: &[Source]) -> Diagnosed<Vec<Ident>> {
    let unknown =
        || refusal("NATURAL JOIN of sources whose columns are not known is not supported");
    let columns = sources
        .get(right)
        .and_then(|source| source.columns.as_ref());
    let columns = columns.ok_or_else(unknown)?;
    let left = sources.get(first..right).unwrap_or_default();
    let mut names = Vec::new();
    // In the order of the left side.
    for source in left {
        for column in source.columns.as_ref().ok_or_else(unknown)? {
            let Some(name) = &column.name else { continue };
            let in_right = columns.iter().any(|other| {
                other
                    .name
                    .as_ref()
                    .is_some_and(|other| other.eq_ignore_ascii_case(name))
            });
            let name = ident(name);
            if in_right && !names.iter().any(|known| is_same(known, &name.value)) {
                names.push(name);
            }
        }
    }
    Ok(names)
}

/// A name as it must be written.
fn ident(name: &str) -> Ident {
    let plain = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain {
        Ident::new(name)
    } else {
        Ident::with_quote('"', name)
    }
}

fn qualified(sources: &[Source], index: usize, name: &Ident) -> Diagnosed<Expr> {
    let alias = sources
        .get(index)
        .and_then(|source| source.alias.as_ref())
        .ok_or_else(|| refusal("USING with a subquery that has no alias is not supported"))?;
    Ok(Expr::CompoundIdentifier(vec![ident(alias), name.clone()]))
}

/// What `*` stands for: of joins their merged columns first.
fn expand(merged: &[Merged], sources: &[Source], items: &mut Vec<SelectItem>) -> Diagnosed<()> {
    for (index, source) in sources.iter().enumerate() {
        for column in merged.iter().filter(|column| column.first == index) {
            items.push(match &column.expr {
                Expr::CompoundIdentifier(_) => SelectItem::UnnamedExpr(column.expr.clone()),
                expr => SelectItem::ExprWithAlias {
                    expr: expr.clone(),
                    alias: column.name.clone(),
                },
            });
        }
        let columns = source.columns.as_ref().ok_or_else(|| {
            refusal("* over USING with sources whose columns are not known is not supported")
        })?;
        for column in columns {
            let name = column.name.as_deref().map(ident).ok_or_else(|| {
                refusal("* over USING with columns that have no name is not supported")
            })?;
            let is_merged = merged
                .iter()
                .any(|other| is_same(&other.name, &name.value) && other.sources.contains(&index));
            if !is_merged {
                items.push(SelectItem::UnnamedExpr(qualified(sources, index, &name)?));
            }
        }
    }
    Ok(())
}

/// Puts merged columns in place of bare names, but not in subqueries.
fn replace(expr: &mut Expr, merged: &[Merged]) {
    crate::walk::outside_queries(expr, &mut |inner| {
        if let Expr::Identifier(name) = inner
            && let Some(column) = merged
                .iter()
                .find(|column| labels::folded(&column.name) == labels::folded(name))
        {
            *inner = column.expr.clone();
        }
    });
}

fn refusal(message: &str) -> Diagnostic {
    Diagnostic::not_supported(message, "write the join with ON and name the columns")
}
