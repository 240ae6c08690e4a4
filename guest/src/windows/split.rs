//! A select whose windows are computed from a subquery.
//!
//! Innermost are the columns that the select reads, and its groups. Rows that may be equal in
//! the order of a window are numbered and ranked in it; then the function runs over the
//! numbers, and what the last row of a rank got is that of all its rows.

use std::collections::{HashMap, HashSet};

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, OrderByExpr,
    OrderByOptions, Select, SelectItem, SetExpr, TableFactor, Value, WindowFrame, WindowFrameBound,
    WindowSpec, WindowType,
};

use super::frame::{self, Frame, Peers};
use crate::aggregates::is_aggregate;
use crate::build;
use crate::copies::Copies;
use crate::derived;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::look;
use crate::paging;
use crate::place;
use crate::walk::{self, Hooks};
use crate::wit::Diagnostic;

/// The frame of a call, if it looks at one.
pub(crate) type Frames<'a> = &'a dyn Fn(&Function) -> Diagnosed<Option<Frame>>;

/// What stands for a call until all around it has moved.
const MARK: &str = "pgiris window ";

pub(crate) struct Split<'a> {
    text: &'a str,
    copies: &'a mut Copies,
    /// What the select is grouped by, if it is.
    groups: Option<Vec<Expr>>,
    /// The columns of the innermost query.
    base: Vec<(Expr, Ident)>,
    ranks: Vec<Rank>,
    /// The calls over numbered rows.
    running: Vec<SelectItem>,
    /// What stands for the calls outside.
    windows: Vec<Expr>,
}

/// Rows in an order.
struct Rank {
    partition_by: Vec<Expr>,
    order_by: Vec<OrderByExpr>,
    /// `ROW_NUMBER` and `RANK`, in the words of the query that they stand in.
    items: [SelectItem; 2],
    row: Ident,
    rank: Ident,
}

impl<'a> Split<'a> {
    pub(crate) fn new(text: &'a str, copies: &'a mut Copies, groups: Option<Vec<Expr>>) -> Self {
        Self {
            text,
            copies,
            groups,
            base: Vec::new(),
            ranks: Vec::new(),
            running: Vec::new(),
            windows: Vec::new(),
        }
    }

    /// `items`: the select list, with the columns that `*` stands for.
    pub(crate) fn carry_out(
        &mut self,
        select: &mut Select,
        items: Vec<SelectItem>,
        order: &mut [OrderByExpr],
        frames: Frames<'_>,
    ) -> Diagnosed<()> {
        let listed = items.clone();
        let repeated = repeated(&listed);
        let mut outer = Vec::with_capacity(items.len());
        // The names of whole columns are the client's: they come first.
        for (index, item) in items.into_iter().enumerate() {
            outer.push(self.plain(index, item, &repeated));
        }
        for item in &mut outer {
            let label = labels::of_item(item);
            let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item
            else {
                continue;
            };
            if look::has_window(expr) {
                self.computed(expr, frames)?;
                let expr = build::take(expr);
                *item = named(expr, label);
            }
        }
        for item in order {
            let is_label = matches!(item.expr, Expr::Identifier(_) | Expr::Value(_))
                && derived::position(&item.expr, &listed).is_some();
            if is_label {
                continue;
            }
            match look::has_window(&item.expr) {
                true => self.computed(&mut item.expr, frames)?,
                false => item.expr = self.column(build::take(&mut item.expr)),
            }
        }
        self.assemble(select, outer);
        Ok(())
    }

    /// An item without windows becomes a column of the innermost query. A label that is
    /// `repeated` is no name for it: outside, an order by it would not know which is meant.
    fn plain(&mut self, index: usize, item: SelectItem, repeated: &HashSet<String>) -> SelectItem {
        let label = labels::of_item(&item);
        let (expr, alias) = match item {
            SelectItem::UnnamedExpr(expr) => (expr, None),
            SelectItem::ExprWithAlias { expr, alias } => (expr, Some(alias)),
            other => return other,
        };
        if look::has_window(&expr) || is_constant(&expr) {
            return match alias {
                Some(alias) => SelectItem::ExprWithAlias { expr, alias },
                None => SelectItem::UnnamedExpr(expr),
            };
        }
        let known = self.base.iter().find(|(own, _)| *own == expr);
        if let Some((_, name)) = known {
            return named(Expr::Identifier(name.clone()), label);
        }
        let wanted = match (&expr, alias) {
            (_, Some(alias)) => Some(alias),
            (Expr::Identifier(name), None) => Some(name.clone()),
            (Expr::CompoundIdentifier(parts), None) => parts.last().cloned(),
            _ => label
                .as_deref()
                .filter(|label| *label != labels::UNNAMED)
                .map(labels::identifier),
        };
        let is_taken = |name: &Ident| {
            let folded = labels::folded(name);
            self.base
                .iter()
                .any(|(_, other)| labels::folded(other) == folded)
        };
        let name = wanted
            .filter(|name| !is_taken(name) && !repeated.contains(&labels::folded(name)))
            .unwrap_or_else(|| Ident::new(format!("column{}", index + 1)));
        self.base.push((expr, name.clone()));
        named(Expr::Identifier(name), label)
    }

    /// A column of the innermost query, unless it is a constant.
    fn column(&mut self, expr: Expr) -> Expr {
        if is_constant(&expr) {
            return expr;
        }
        let known = self.base.iter().find(|(own, _)| *own == expr);
        if let Some((_, name)) = known {
            return Expr::Identifier(name.clone());
        }
        let name = Ident::new(format!("pgiris_value{}", self.base.len() + 1));
        self.base.push((expr, name.clone()));
        Expr::Identifier(name)
    }

    /// An expression of windows.
    fn computed(&mut self, expr: &mut Expr, frames: Frames<'_>) -> Diagnosed<()> {
        let mut parts = Parts {
            split: self,
            frames,
        };
        walk::expression(expr, &mut parts)?;
        walk::outside_queries(expr, &mut |inner| {
            if let Some(number) = marked(inner)
                && let Some(window) = self.windows.get(number)
            {
                *inner = window.clone();
            }
        });
        Ok(())
    }

    /// A call with a window; gives what stands for it.
    fn window(&mut self, mut call: Function, frames: Frames<'_>) -> Diagnosed<Expr> {
        let frame = frames(&call)?;
        if let FunctionArguments::List(list) = &mut call.args {
            for argument in &mut list.args {
                if let FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) = argument {
                    *expr = self.column(build::take(expr));
                }
            }
        }
        let Some(WindowType::WindowSpec(spec)) = &mut call.over else {
            return Ok(Expr::Function(call));
        };
        let own = match frame {
            Some(Frame::Peers(_)) => Some(self.copies.copy(spec)?),
            _ => None,
        };
        for key in &mut spec.partition_by {
            *key = self.column(build::take(key));
        }
        for item in &mut spec.order_by {
            item.expr = self.column(build::take(&mut item.expr));
        }
        let window = match (frame, own) {
            (Some(Frame::Peers(peers)), Some(own)) => self.of_peers(call, own, peers),
            (Some(Frame::Rows(rows)), _) => {
                spec.window_frame = Some(rows);
                Expr::Function(call)
            }
            _ => Expr::Function(call),
        };
        self.windows.push(window);
        let mark = format!("{MARK}{}", self.windows.len() - 1);
        Ok(Expr::value(Value::Placeholder(mark)))
    }

    /// What a function gives for all rows that are equal in order.
    fn of_peers(&mut self, mut call: Function, own: WindowSpec, peers: Peers) -> Expr {
        use WindowFrameBound::{CurrentRow, Following, Preceding};
        let Some(WindowType::WindowSpec(spec)) = call.over.take() else {
            return Expr::Function(call);
        };
        let partition_by = spec.partition_by.clone();
        let (row, rank) = self.ranked(spec, own);
        let mut of_rank = partition_by.clone();
        of_rank.push(Expr::Identifier(rank));
        let (frame, taken) = match peers {
            Peers::Alone => return over(call, of_rank, row, frame::whole()),
            Peers::UpTo => (frame::rows(Preceding(None), CurrentRow), "LAST_VALUE"),
            Peers::From => (frame::rows(CurrentRow, Following(None)), "FIRST_VALUE"),
        };
        let name = Ident::new(format!("pgiris_running{}", self.running.len() + 1));
        self.running.push(SelectItem::ExprWithAlias {
            expr: over(call, partition_by, row.clone(), frame),
            alias: name.clone(),
        });
        match build::call(taken, vec![Expr::Identifier(name)]) {
            Expr::Function(taken) => over(taken, of_rank, row, frame::whole()),
            other => other,
        }
    }

    /// The number of a row and the rank of its peers in this order.
    fn ranked(&mut self, spec: WindowSpec, own: WindowSpec) -> (Ident, Ident) {
        let known = self
            .ranks
            .iter()
            .find(|rank| rank.partition_by == spec.partition_by && rank.order_by == spec.order_by);
        if let Some(known) = known {
            return (known.row.clone(), known.rank.clone());
        }
        let number = self.ranks.len() + 1;
        let row = Ident::new(format!("pgiris_row{number}"));
        let rank = Ident::new(format!("pgiris_rank{number}"));
        let written = match self.groups {
            // Windows stand behind the groups.
            Some(_) => spec.clone(),
            None => own,
        };
        let call = |name: &str, alias: &Ident| {
            let mut expr = build::call(name, Vec::new());
            if let Expr::Function(function) = &mut expr {
                function.over = Some(WindowType::WindowSpec(WindowSpec {
                    window_frame: None,
                    ..written.clone()
                }));
            }
            SelectItem::ExprWithAlias {
                expr,
                alias: alias.clone(),
            }
        };
        let items = [call("ROW_NUMBER", &row), call("RANK", &rank)];
        self.ranks.push(Rank {
            partition_by: spec.partition_by,
            order_by: spec.order_by,
            items,
            row: row.clone(),
            rank: rank.clone(),
        });
        (row, rank)
    }

    /// Puts the queries into each other.
    fn assemble(&mut self, select: &mut Select, outer: Vec<SelectItem>) {
        let mut inner = std::mem::replace(select, build::select(outer, Vec::new()));
        select.select_token = inner.select_token.clone();
        select.distinct = inner.distinct.take();
        if self.base.is_empty() {
            let name = Ident::new("pgiris_value1");
            self.base.push((build::number(1), name));
        }
        let base: Vec<SelectItem> = std::mem::take(&mut self.base)
            .into_iter()
            .map(|(expr, name)| match &expr {
                Expr::Identifier(own) if *own == name => SelectItem::UnnamedExpr(expr),
                Expr::CompoundIdentifier(parts) if parts.last() == Some(&name) => {
                    SelectItem::UnnamedExpr(expr)
                }
                _ => SelectItem::ExprWithAlias { expr, alias: name },
            })
            .collect();
        let ranks = std::mem::take(&mut self.ranks);
        let ranks: Vec<SelectItem> = ranks.into_iter().flat_map(|rank| rank.items).collect();
        let mut names = names_of(&base);
        inner.projection = base;
        if self.groups.is_none() {
            names.extend(names_of(&ranks));
            inner.projection.extend(ranks);
        } else if !ranks.is_empty() {
            let mut items = names.clone();
            names.extend(names_of(&ranks));
            items.extend(ranks);
            inner = outside(inner, items);
        }
        if !self.running.is_empty() {
            names.append(&mut self.running);
            inner = outside(inner, names);
        }
        select.from = outside(inner, Vec::new()).from;
    }
}

/// The parts of an expression that has windows.
struct Parts<'a, 'b> {
    split: &'a mut Split<'b>,
    frames: Frames<'a>,
}

impl Hooks for Parts<'_, '_> {
    fn enter_expression(&mut self, expr: &mut Expr) -> Diagnosed<()> {
        let is_group = |expr: &Expr| {
            let groups = self.split.groups.as_deref();
            groups.is_some_and(|groups| groups.contains(expr))
        };
        match expr {
            Expr::Function(function) if function.over.is_some() => {
                let call = function.clone();
                *expr = self.split.window(call, self.frames)?;
                return Ok(());
            }
            Expr::InSubquery { .. } | Expr::AnyOp { .. } | Expr::AllOp { .. }
                if look::has_window(expr) && look::has_query(expr) =>
            {
                return Err(Diagnostic::not_supported(
                    "a window function that is compared with a subquery is not supported",
                    "compute it in a subquery of its own, and compare its column",
                )
                .at(self.split.text, place::of(expr)));
            }
            Expr::Function(function) if is_aggregate(function) => {}
            Expr::Identifier(_)
            | Expr::CompoundIdentifier(_)
            | Expr::Subquery(_)
            | Expr::Exists { .. }
            | Expr::InSubquery { .. } => {}
            ref other if is_group(other) => {}
            _ => return Ok(()),
        }
        *expr = self.split.column(build::take(expr));
        Ok(())
    }
}

/// `call OVER (PARTITION BY partition_by ORDER BY row frame)`
fn over(mut call: Function, partition_by: Vec<Expr>, row: Ident, frame: WindowFrame) -> Expr {
    call.over = Some(WindowType::WindowSpec(WindowSpec {
        window_name: None,
        partition_by,
        order_by: vec![OrderByExpr {
            expr: Expr::Identifier(row),
            options: OrderByOptions::default(),
            with_fill: None,
        }],
        window_frame: Some(frame),
    }));
    Expr::Function(call)
}

/// An item with the label that it had.
fn named(expr: Expr, label: Option<String>) -> SelectItem {
    let label = label.filter(|label| label != labels::UNNAMED);
    match (&expr, label) {
        (Expr::Identifier(name), Some(label)) if labels::folded(name) == label => {
            SelectItem::UnnamedExpr(expr)
        }
        (_, Some(label)) => SelectItem::ExprWithAlias {
            alias: labels::identifier(&label),
            expr,
        },
        (_, None) => SelectItem::UnnamedExpr(expr),
    }
}

/// The labels that items have whose values are not the same.
fn repeated(items: &[SelectItem]) -> HashSet<String> {
    let mut seen: HashMap<String, &Expr> = HashMap::new();
    let mut repeated = HashSet::new();
    for item in items {
        let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item else {
            continue;
        };
        let Some(label) = labels::of_item(item) else {
            continue;
        };
        match seen.get(&label) {
            Some(first) if *first != expr => {
                repeated.insert(label);
            }
            Some(_) => {}
            None => {
                seen.insert(label, expr);
            }
        }
    }
    repeated
}

/// What selects these items from outside.
fn names_of(items: &[SelectItem]) -> Vec<SelectItem> {
    let name = |item: &SelectItem| match item {
        SelectItem::ExprWithAlias { alias, .. } => Some(alias.clone()),
        SelectItem::UnnamedExpr(Expr::Identifier(name)) => Some(name.clone()),
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) => parts.last().cloned(),
        _ => None,
    };
    items
        .iter()
        .filter_map(name)
        .map(|name| SelectItem::UnnamedExpr(Expr::Identifier(name)))
        .collect()
}

/// `SELECT items FROM (inner)`
fn outside(inner: Select, items: Vec<SelectItem>) -> Select {
    let derived = TableFactor::Derived {
        lateral: false,
        subquery: Box::new(build::query(SetExpr::Select(Box::new(inner)))),
        alias: None,
        sample: None,
    };
    paging::select_of(items, derived)
}

/// Whether its value is the same in all rows, whatever the query.
fn is_constant(expr: &Expr) -> bool {
    match build::unnested(expr) {
        Expr::Value(_) | Expr::TypedString(_) => true,
        Expr::Cast { expr, .. } | Expr::UnaryOp { expr, .. } => is_constant(expr),
        _ => false,
    }
}

/// The call that a mark stands for, by number.
fn marked(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::Placeholder(name) => name.strip_prefix(MARK)?.parse().ok(),
            _ => None,
        },
        _ => None,
    }
}
