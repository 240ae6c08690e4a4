//! # What it does
//! Writes the frame of a window as ROWS, counts in windows by SUM, orders NULL in windows as
//! PostgreSQL does, and puts named windows where they are used.
//!
//! # Why
//! IRIS takes ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW where PostgreSQL takes the whole
//! partition; it has neither RANGE and GROUPS nor WINDOW, COUNT ignores the frame, and SUM is 0 of a frame
//! without values. That windows see groups is not documented.
//! (InterSystems SQL Reference, "Window Functions".)
//!
//! # Example
//! `sum(a) OVER (PARTITION BY b)` becomes
//! `sum(a) OVER (PARTITION BY b ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)`.
//!
//! PostgreSQL's frame of an ordered window ends with the last row that is equal in order. Unless
//! the order is known to be unique, a subquery numbers and ranks the rows, a second one computes
//! by their numbers, and what the last one of a rank got is that of all of it. Groups are
//! aggregated in a subquery, too.
//!
//! # Limits
//! GROUPS and RANGE with an offset and DISTINCT in a window are refused, and so is a `*` beside
//! a window that needs subqueries, where its columns are not known.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident,
    ObjectName, OrderByExpr, OrderByOptions, OrderBySort, Spanned, Statement, WindowFrameBound,
    WindowType,
};

use crate::build;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::relations::Relations;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::typing;
use crate::walk;
use crate::windows::frame::{self, Frame};
use crate::windows::moves::Moves;
use crate::windows::named::Named;
use crate::wit::Diagnostic;

pub(crate) struct WindowFrames;

impl Rule for WindowFrames {
    fn name(&self) -> &'static str {
        "window_frame"
    }

    fn summary(&self) -> &'static str {
        "writes the frames of windows as PostgreSQL means them"
    }

    fn concerns(&self, marks: Marks) -> bool {
        // DISTINCT ON, WITH TIES and EXCEPT ALL have become windows.
        marks.has(
            Marks::WINDOW
                .and(Marks::DISTINCT)
                .and(Marks::TIES)
                .and(Marks::SET_OPERATION),
        )
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut named = Named::new(pass.text, &mut pass.copies);
        walk::statement(tree, &mut named)?;
        let mut moved = Moves::new(pass.text, pass.relations, named.changed, named.copies);
        scoped(tree, pass.relations, &pass.parameters, &mut moved)?;
        let mut walk = Walk {
            text: pass.text,
            relations: pass.relations,
            changed: moved.changed,
            copies: moved.copies,
        };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a> {
    text: &'a str,
    relations: &'a Relations,
    changed: bool,
    copies: &'a mut Copies,
}

impl ScopedHooks for Walk<'_> {
    fn leave_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        // Where a chain of operators starts, nobody asks: looking would walk down all of it.
        let start = match &*expr {
            Expr::BinaryOp { .. } => 0,
            other => other.span().start.column.saturating_sub(1) as usize,
        };
        let Expr::Function(function) = expr else {
            return Ok(());
        };
        let name = build::function_name(function).unwrap_or_default();
        if function.over.is_some()
            && takes_any_type(&name)
            && let [only] = build::arguments(function).as_slice()
            && typing::is_untyped(only)
        {
            let message = "could not determine polymorphic type because input has type unknown";
            return Err(Diagnostic::error("42804", message));
        }
        let Some(WindowType::WindowSpec(spec)) = &mut function.over else {
            return Ok(());
        };
        if let FunctionArguments::List(list) = &function.args
            && list.duplicate_treatment == Some(DuplicateTreatment::Distinct)
        {
            return Err(Diagnostic::not_supported(
                "DISTINCT is not implemented for window functions",
                "aggregate in a subquery and join it",
            )
            .at(self.text, start));
        }
        if frame::is_framed(&name) {
            let is_unique = frame::is_key(spec, scopes, self.relations);
            let frame = frame::of(spec, &name, is_unique)
                .and_then(Frame::in_rows)
                .map_err(|refusal| refusal.at(self.text, start))?;
            if spec.window_frame.as_ref() != Some(&frame) {
                spec.window_frame = Some(frame);
                self.changed = true;
            }
        }
        self.changed |= order_nulls(&mut spec.order_by, scopes);
        if name == "count" {
            self.changed = true;
            sum_instead(function);
        }
        if name == "sum" && may_be_without_values(function, scopes) {
            self.changed = true;
            *expr = null_without_values(build::take(expr), self.copies)?;
        }
        Ok(())
    }
}

/// Whether a frame may hold no value to be added.
fn may_be_without_values(function: &Function, scopes: &Scopes<'_>) -> bool {
    use WindowFrameBound::{CurrentRow, Following, Preceding};
    let Some(WindowType::WindowSpec(spec)) = &function.over else {
        return false;
    };
    let has_current_row = spec.window_frame.as_ref().is_some_and(|frame| {
        matches!(frame.start_bound, CurrentRow | Preceding(_))
            && matches!(frame.end_bound, None | Some(CurrentRow | Following(_)))
    });
    let has_value = |argument: &&Expr| !scopes.may_be_null(argument);
    let arguments = build::arguments(function);
    !has_current_row || !arguments.first().is_some_and(has_value)
}

/// A sum that is NULL where there is no greatest value.
fn null_without_values(sum: Expr, copies: &mut Copies) -> Diagnosed<Expr> {
    let mut greatest = copies.copy(&sum)?;
    if let Expr::Function(function) = &mut greatest {
        function.name = called("MAX");
    }
    let has_value = Expr::IsNotNull(Box::new(greatest));
    Ok(build::case(vec![(has_value, sum)], None))
}

/// Whether a function is of no type but that of what it is given.
fn takes_any_type(name: &str) -> bool {
    matches!(name, "first_value" | "last_value" | "lag" | "lead")
}

/// Puts NULL in PostgreSQL's place.
fn order_nulls(items: &mut Vec<OrderByExpr>, scopes: &Scopes<'_>) -> bool {
    let mut changed = false;
    let mut ordered: Vec<OrderByExpr> = Vec::with_capacity(items.len());
    for mut item in items.drain(..) {
        let ascending = !matches!(item.options.sort, Some(OrderBySort::Desc));
        let written = item.options.nulls_first.take();
        changed |= written.is_some();
        let first = written.unwrap_or(!ascending);
        let constant = matches!(build::unnested(&item.expr), Expr::Value(_));
        if first != ascending && !constant && scopes.may_be_null(&item.expr) {
            let test = Expr::IsNull(Box::new(build::nested(item.expr.clone())));
            let (null, value) = if first { (0, 1) } else { (1, 0) };
            let key = OrderByExpr {
                expr: build::case(
                    vec![(test, build::number(null))],
                    Some(build::number(value)),
                ),
                options: OrderByOptions::default(),
                with_fill: None,
            };
            if ordered.last() != Some(&key) {
                changed = true;
                ordered.push(key);
            }
        }
        ordered.push(item);
    }
    *items = ordered;
    changed
}

/// `SUM(1)` for `COUNT(*)`, and for others the sum of the rows that have a value.
fn sum_instead(function: &mut Function) {
    let FunctionArguments::List(list) = &mut function.args else {
        return;
    };
    let Some(FunctionArg::Unnamed(argument)) = list.args.first_mut() else {
        return;
    };
    *argument = FunctionArgExpr::Expr(match argument {
        FunctionArgExpr::Expr(value) => build::case(
            vec![(
                Expr::IsNull(Box::new(build::nested(build::take(value)))),
                build::number(0),
            )],
            Some(build::number(1)),
        ),
        _ => build::number(1),
    });
    function.name = called("SUM");
}

fn called(name: &str) -> ObjectName {
    ObjectName::from(vec![Ident::new(name)])
}
