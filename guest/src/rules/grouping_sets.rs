//! # What it does
//! Writes `GROUPING SETS`, `ROLLUP` and `CUBE` as a UNION ALL of one select for each grouping, and
//! `GROUPING(…)` as the number that it is there.
//!
//! # Why
//! IRIS has none of them. (InterSystems SQL Reference, "GROUP BY".)
//!
//! # Example
//! `SELECT a, count(*) FROM t GROUP BY ROLLUP (a)` becomes `SELECT a, count FROM (SELECT a AS a,
//! count(*) AS count FROM t GROUP BY a UNION ALL SELECT NULL, count(*) FROM t)`.
//!
//! # Limits
//! 64 groupings. Windows, subqueries and a `*` in the select list, and functions in FROM and WHERE
//! whose values change from call to call, are refused beside them.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    DataType, Distinct, Expr, Function, GroupByExpr, Ident, OrderByExpr, Query, Select, SelectItem,
    SetExpr, Spanned, Statement, TableFactor, Value,
};

use crate::aggregates::is_aggregate;
use crate::build;
use crate::common_type;
use crate::copies::Copies;
use crate::derived;
use crate::diagnostic::Diagnosed;
use crate::groupings::{self, Set};
use crate::labels;
use crate::look::{self, Node};
use crate::paging;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::rules::values_list;
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::oid;
use crate::walk::{self, Hooks};
use crate::wit::{ColumnRule, Diagnostic, Oid};

pub(crate) struct GroupingSets;

impl Rule for GroupingSets {
    fn name(&self) -> &'static str {
        "grouping_sets"
    }

    fn summary(&self) -> &'static str {
        "joins a select for each grouping by UNION ALL"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::GROUP)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        if !has_groupings(tree) {
            return Ok(false);
        }
        describe(tree, pass);
        let mut walk = Walk {
            text: pass.text,
            copies: &mut pass.copies,
            changed: false,
        };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        if walk.changed {
            // A NULL has the type of its key.
            pass.brought.add(Marks::CAST);
        }
        Ok(walk.changed)
    }
}

/// Says the types of result columns that a NULL beside them would change.
fn describe(tree: &Statement, pass: &mut Pass<'_>) {
    let Statement::Query(query) = tree else {
        return;
    };
    let SetExpr::Select(select) = &*query.body else {
        return;
    };
    if !groupings::are_in(select) || select.projection.len() != pass.columns.len() {
        return;
    }
    let scopes = Scopes::within(pass.relations, &pass.parameters, &select.from);
    for (item, rule) in select.projection.iter().zip(&mut pass.columns) {
        if let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }, rule) =
            (item, rule)
            && let ColumnRule::One(change) = rule
            && change.type_oid.is_none()
        {
            let known = scopes.type_of(expr);
            change.type_oid = known.filter(|oid| common_type::null(*oid).is_none());
        }
    }
}

/// Whether there are several groupings, or questions about them.
fn has_groupings(tree: &Statement) -> bool {
    look::finds(tree, &mut |node| match node {
        Node::Select(select) => groupings::are_in(select),
        Node::Expression(Expr::Function(function)) => is_grouping(function),
        _ => false,
    })
}

fn is_grouping(function: &Function) -> bool {
    build::function_name(function).as_deref() == Some("grouping")
}

struct Walk<'a> {
    text: &'a str,
    copies: &'a mut Copies,
    changed: bool,
}

impl ScopedHooks for Walk<'_> {
    fn enter_query(&mut self, query: &mut Query, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let SetExpr::Select(select) = &mut *query.body else {
            return Ok(());
        };
        let order = match &mut query.order_by {
            Some(order) => match &mut order.kind {
                sqlparser::ast::OrderByKind::Expressions(items) => std::mem::take(items),
                sqlparser::ast::OrderByKind::All(_) => Vec::new(),
            },
            None => Vec::new(),
        };
        let order = self.select(select, order, scopes)?;
        if query.order_by.is_some() {
            query.order_by = derived::ordered(order);
        }
        Ok(())
    }

    fn enter_select(&mut self, select: &mut Select, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        self.select(select, Vec::new(), scopes).map(|_| ())
    }
}

impl Walk<'_> {
    /// Writes a select with several groupings; returns what it is ordered by then.
    fn select(
        &mut self,
        select: &mut Select,
        mut order: Vec<OrderByExpr>,
        scopes: &Scopes<'_>,
    ) -> Diagnosed<Vec<OrderByExpr>> {
        if !groupings::are_in(select) {
            self.ask_plain(select, &mut order)?;
            return Ok(order);
        }
        let start = select.group_by.span().start.column.saturating_sub(1) as usize;
        let at = |refusal: Diagnostic| refusal.at(self.text, start);
        check(select).map_err(at)?;
        let sets = groupings::of(select, scopes)
            .and_then(|sets| sets.ok_or_else(|| refusal("WITH ROLLUP, WITH CUBE or ALL")))
            .map_err(at)?;
        self.changed = true;
        let keys = groupings::keys(&sets);
        let types = keys.iter().map(|key| scopes.type_of(key)).collect();
        let keys = Keys { keys, types };
        if let [only] = sets.as_slice() {
            keys.leave(select, &mut order, only)?;
            return Ok(order);
        }
        let distinct = select.distinct.take();
        if matches!(distinct, Some(Distinct::On(_))) {
            return Err(at(refusal("DISTINCT ON")));
        }
        select.distinct.clone_from(&distinct);
        let outer = derived::with_keys(select, order, scopes, self.copies).map_err(at)?;
        let outer = outer.ok_or_else(|| at(refusal("a *")))?;
        select.distinct = None;
        name_items(select);
        let mut legs = Vec::with_capacity(sets.len());
        for set in &sets {
            let mut leg = self.copies.copy(select)?;
            keys.leave(&mut leg, &mut [], set)?;
            legs.push(SetExpr::Select(Box::new(leg)));
        }
        let union = TableFactor::Derived {
            lateral: false,
            subquery: Box::new(build::query(values_list::joined(legs))),
            alias: None,
            sample: None,
        };
        *select = paging::select_of(outer.items, union);
        select.distinct = distinct;
        Ok(outer.order)
    }

    /// Where there is one grouping, nothing is left out of it.
    fn ask_plain(&mut self, select: &mut Select, order: &mut [OrderByExpr]) -> Diagnosed<()> {
        let GroupByExpr::Expressions(items, _) = &select.group_by else {
            return Ok(());
        };
        let set: Set = items.clone();
        if set.is_empty() {
            return Ok(());
        }
        let mut asked = Replace {
            keys: &Keys::default(),
            set: &set,
            inside: 0,
            changed: false,
        };
        asked.within(select, order)?;
        self.changed |= asked.changed;
        Ok(())
    }
}

/// What all groupings together group by, and of what types that is.
#[derive(Default)]
struct Keys {
    keys: Vec<Expr>,
    types: Vec<Option<Oid>>,
}

impl Keys {
    /// Leaves a select one of its groupings.
    fn leave(&self, select: &mut Select, order: &mut [OrderByExpr], set: &Set) -> Diagnosed<()> {
        let mut replace = Replace {
            keys: self,
            set,
            inside: 0,
            changed: false,
        };
        replace.within(select, order)?;
        select.group_by = GroupByExpr::Expressions(set.clone(), Vec::new());
        if set.is_empty() && !aggregates(select) {
            // All rows are one group, also if there are none.
            select.from = Vec::new();
            select.selection = select.having.take();
        }
        Ok(())
    }
}

fn aggregates(select: &Select) -> bool {
    let in_item = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
            crate::aggregates::has_aggregate(expr)
        }
        _ => true,
    };
    let in_having = |having: &Expr| crate::aggregates::has_aggregate(having);
    select.projection.iter().any(in_item) || select.having.as_ref().is_some_and(in_having)
}

/// Gives each item its label, which the first leg must keep.
fn name_items(select: &mut Select) {
    for item in &mut select.projection {
        if let SelectItem::UnnamedExpr(expr) = item {
            let alias = match &*expr {
                Expr::Identifier(name) => name.clone(),
                Expr::CompoundIdentifier(parts) => parts
                    .last()
                    .cloned()
                    .unwrap_or_else(|| Ident::new("column1")),
                other => labels::identifier(&labels::of_expression(other)),
            };
            *item = SelectItem::ExprWithAlias {
                expr: build::take(expr),
                alias,
            };
        }
    }
}

/// Writes what a grouping leaves out as NULL, and answers questions about it; what is
/// aggregated stays.
struct Replace<'a> {
    keys: &'a Keys,
    set: &'a Set,
    /// How many expressions around stay as they are.
    inside: usize,
    changed: bool,
}

impl Replace<'_> {
    /// In what a select answers, and what its groups are chosen and ordered by.
    fn within(&mut self, select: &mut Select, order: &mut [OrderByExpr]) -> Diagnosed<()> {
        for item in &mut select.projection {
            walk::piece(item, self)?;
        }
        walk::piece(&mut select.having, self)?;
        order
            .iter_mut()
            .try_for_each(|item| walk::piece(item, self))
    }
}

impl Hooks for Replace<'_> {
    fn enter_expression(&mut self, expr: &mut Expr) -> Diagnosed<()> {
        if self.inside > 0 {
            self.inside += 1;
            return Ok(());
        }
        if let Expr::Function(function) = &*expr {
            if is_grouping(function) {
                let asked = build::arguments(function);
                let number = asked.iter().fold(0_u64, |number, asked| {
                    let grouped = self.set.iter().any(|key| groupings::are_same(key, asked));
                    (number << 1) | u64::from(!grouped)
                });
                *expr = build::number(number);
                self.changed = true;
            } else if is_aggregate(function) {
                self.inside = 1;
                return Ok(());
            }
        }
        let same = |key: &Expr| groupings::are_same(key, expr);
        if self.set.iter().any(same) {
            self.inside = 1;
        } else if let Some(index) = self.keys.keys.iter().position(same) {
            let type_oid = self.keys.types.get(index).copied().flatten();
            let null = match type_oid {
                // The rule that knows of BOOLEAN does not look at every GROUP BY.
                Some(oid::BOOL) => {
                    let null = Expr::value(Value::Null);
                    Some(build::cast(null, DataType::Bit(None)))
                }
                other => other.and_then(common_type::null),
            };
            *expr = null.unwrap_or_else(|| Expr::value(Value::Null));
            self.inside = 1;
        }
        Ok(())
    }

    fn leave_expression(&mut self, _expr: &mut Expr) -> Diagnosed<()> {
        self.inside = self.inside.saturating_sub(1);
        Ok(())
    }
}

/// What must not be written several times, or is computed of all groupings together.
fn check(select: &Select) -> Diagnosed<()> {
    let mut changing = None;
    let mut changes = |node: Node<'_>| {
        changing = changing_function(node);
        changing.is_some()
    };
    if look::finds(&select.from, &mut changes) || look::finds(&select.selection, &mut changes) {
        let name = changing.unwrap_or_default();
        return Err(refusal(&format!("the function {name}")));
    }
    let mut whole = None;
    let mut is_whole = |node: Node<'_>| {
        whole = of_all_groupings(node);
        whole.is_some()
    };
    if look::finds(&select.projection, &mut is_whole) || look::finds(&select.having, &mut is_whole)
    {
        return Err(refusal(whole.unwrap_or_default()));
    }
    Ok(())
}

fn refusal(what: &str) -> Diagnostic {
    Diagnostic::not_supported(
        format!("ROLLUP, CUBE and GROUPING SETS with {what} are not supported"),
        "group in a derived table, and select from it",
    )
}

/// Functions with another value in every call.
const CHANGING: &[&str] = &[
    "random",
    "nextval",
    "clock_timestamp",
    "gen_random_uuid",
    "timeofday",
];

fn changing_function(node: Node<'_>) -> Option<String> {
    let Node::Expression(Expr::Function(function)) = node else {
        return None;
    };
    build::function_name(function).filter(|name| CHANGING.contains(&name.as_str()))
}

/// What is computed of all groupings together.
fn of_all_groupings(node: Node<'_>) -> Option<&'static str> {
    match node {
        Node::Query(_) => Some("a subquery"),
        Node::Expression(Expr::Function(function)) if function.over.is_some() => Some("a window"),
        _ => None,
    }
}
