//! Window functions over what the broker computes.

use sqlparser::ast::{
    Expr, Function, Query, Select, WindowFrame as WrittenFrame, WindowFrameBound, WindowFrameUnits,
    WindowSpec, WindowType,
};

use super::groups::{self, Level};
use super::order::{is_sorted, key};
use super::values::Laid;
use super::{Arranging, Item, known, renumbered};
use crate::build;
use crate::computed::{self, Computed, is_written};
use crate::diagnostic::Diagnosed;
use crate::look;
use crate::order_item;
use crate::rule::Pass;
use crate::types::{is_number, oid};
use crate::walk::{self, Hooks};
use crate::wit::{
    FrameBound, FrameExclusion, FrameMode, Instruction, Oid, SortKey, Stage, TypedValue, Window,
    WindowFrame,
};

/// The number of the first result, as long as it is not known how many values stand before it.
const RESULTS: u32 = 1 << 20;

/// Whether a query has windows.
pub(super) fn are_there(items: &[Item], select: &Select, query: &Query) -> bool {
    items.iter().any(|item| look::has_window(&item.expression))
        || order_item::written(query).iter().any(look::has_window)
        || select.distinct.as_ref().is_some_and(look::has_window)
}

/// The windows over the rows, or the groups, of a query.
pub(super) struct Windows {
    pub(super) beneath: Box<Level>,
    /// The calls with their names written in one way, and what they give.
    calls: Vec<(Expr, Oid)>,
    windows: Vec<Window>,
    /// What stands before the results.
    laid: Laid,
}

/// A piece of an expression: a call of a window function, or what has none in it.
enum Piece {
    Call(Function),
    Plain(Expr),
}

impl Windows {
    pub(super) fn over(beneath: Level) -> Self {
        Self {
            beneath: Box::new(beneath),
            calls: Vec::new(),
            windows: Vec::new(),
            laid: Laid { values: Vec::new() },
        }
    }

    pub(super) fn stages(self) -> Vec<Stage> {
        let mut stages = self.beneath.stages();
        let laid = self.laid.values.into_iter();
        stages.push(Stage::Computed(
            laid.map(|value| value.instructions).collect(),
        ));
        stages.push(Stage::Windowed(self.windows));
        stages
    }

    /// The order that PostgreSQL leaves rows in that it sorted for windows, if all have the same.
    pub(super) fn left_order(&self) -> Option<Vec<SortKey>> {
        let first = self.windows.first()?;
        let is_same = |other: &Window| {
            let partitions = other.partition.iter().zip(&first.partition);
            let keys = other.order.iter().zip(&first.order);
            other.partition.len() == first.partition.len()
                && other.order.len() == first.order.len()
                && { partitions }.all(|(left, right)| left.number == right.number)
                && { keys }.all(|(left, right)| {
                    left.value.number == right.value.number && left.descending == right.descending
                })
        };
        let partition = first.partition.iter().map(|value| SortKey {
            value: *value,
            descending: false,
            nulls_first: false,
        });
        let keys: Vec<SortKey> = partition.chain(first.order.iter().cloned()).collect();
        (!keys.is_empty() && self.windows.iter().all(is_same)).then_some(keys)
    }

    /// Instructions with the numbers that results have now that all is known that stands before them.
    pub(super) fn numbered(&self, instructions: Vec<Instruction>) -> Vec<Instruction> {
        let before = u32::try_from(self.laid.values.len()).unwrap_or(RESULTS);
        renumbered(instructions, &|known| match known.checked_sub(RESULTS) {
            Some(result) => before.saturating_add(result),
            None => known,
        })
    }

    fn result(&self, canonical: &Expr) -> Option<(u32, Oid)> {
        let number = self
            .calls
            .iter()
            .position(|(known, _)| known == canonical)?;
        let result = RESULTS.checked_add(u32::try_from(number).ok()?)?;
        Some((result, self.calls[number].1))
    }
}

impl Arranging<'_, '_> {
    /// What is computed of the results of windows, and of what stands beside them; none if it cannot
    /// be.
    ///
    /// # Errors
    /// What PostgreSQL says of a literal.
    pub(super) fn of_windows(
        &mut self,
        expression: &Expr,
        windows: &mut Windows,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Option<Computed>> {
        let mut plain: Vec<(Expr, TypedValue)> = Vec::new();
        for piece in pieces(expression)? {
            match piece {
                Piece::Call(function) => {
                    let call = Expr::Function(function.clone());
                    let canonical = self.rows.names().canonical(&call);
                    if windows.result(&canonical).is_none() {
                        let gives = known!(self.add_window(&function, windows, pass)?);
                        windows.calls.push((canonical, gives));
                    }
                }
                Piece::Plain(one) if is_written(&one) => {}
                Piece::Plain(one) => {
                    let value = known!(self.of_level(&one, &mut windows.beneath, pass)?);
                    if value.type_oid == 0 {
                        return Ok(None);
                    }
                    plain.push((one, windows.laid.number(value)));
                }
            }
        }
        let names = self.rows.names();
        let mut leaf = |inner: &Expr| {
            if let Some((_, value)) = plain.iter().find(|(known, _)| known == inner) {
                return Some((value.number, value.type_oid));
            }
            match inner {
                Expr::Function(function) if function.over.is_some() => {
                    windows.result(&names.canonical(inner))
                }
                _ => None,
            }
        };
        let (value, found) = known!(computed::compile(expression, &mut leaf, pass)?);
        pass.parameter_types(found);
        Ok(Some(value))
    }

    /// A call; gives the type of its result.
    fn add_window(
        &mut self,
        function: &Function,
        windows: &mut Windows,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Option<Oid>> {
        let Some(WindowType::WindowSpec(spec)) = &function.over else {
            return Ok(None);
        };
        let name = known!(build::function_name(function));
        if !known!(groups::clauses_of_window(function)) {
            return Ok(None);
        }
        let mut operands = Vec::new();
        for argument in build::arguments(function) {
            let is_label = self.rows.scopes().enum_of(argument).is_some();
            if is_label && matches!(name.as_str(), "min" | "max") {
                return Ok(None);
            }
            operands.push(known!(self.of_level(
                argument,
                &mut windows.beneath,
                pass
            )?));
        }
        let types: Vec<Oid> = operands.iter().map(|operand| operand.type_oid).collect();
        let (gives, takes) = known!(signature(&name, &types));
        let mut laid = Vec::with_capacity(operands.len());
        for (operand, target) in operands.into_iter().zip(takes) {
            let operand = known!(computed::settle(operand, target, pass));
            laid.push(windows.laid.number(operand));
        }
        let filter = match &function.filter {
            None => None,
            Some(condition) => {
                let condition = known!(self.of_level(condition, &mut windows.beneath, pass)?);
                if condition.type_oid != oid::BOOL {
                    return Ok(None);
                }
                Some(windows.laid.number(condition).number)
            }
        };
        let mut partition = Vec::with_capacity(spec.partition_by.len());
        for expression in &spec.partition_by {
            let value = known!(self.of_level(expression, &mut windows.beneath, pass)?);
            if !is_sorted(value.type_oid) {
                return Ok(None);
            }
            partition.push(windows.laid.number(value));
        }
        let order = known!(self.window_order(spec, windows, pass)?);
        let frame = known!(self.frame(spec, &order, windows, pass)?);
        windows.windows.push(Window {
            name,
            operands: laid,
            filter,
            partition,
            order,
            frame,
        });
        Ok(Some(gives))
    }

    fn window_order(
        &mut self,
        spec: &WindowSpec,
        windows: &mut Windows,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Option<Vec<SortKey>>> {
        let mut order = Vec::with_capacity(spec.order_by.len());
        for item in &spec.order_by {
            if self.rows.scopes().enum_of(&item.expr).is_some() {
                return Ok(None);
            }
            let value = known!(self.of_level(&item.expr, &mut windows.beneath, pass)?);
            if !is_sorted(value.type_oid) {
                return Ok(None);
            }
            order.push(known!(key(windows.laid.number(value), &item.options)));
        }
        Ok(Some(order))
    }

    fn frame(
        &mut self,
        spec: &WindowSpec,
        order: &[SortKey],
        windows: &mut Windows,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Option<WindowFrame>> {
        let Some(WrittenFrame {
            units,
            start_bound,
            end_bound,
        }) = &spec.window_frame
        else {
            return Ok(Some(WindowFrame {
                mode: FrameMode::Range,
                start: FrameBound::UnboundedPreceding,
                end: FrameBound::CurrentRow,
                exclusion: FrameExclusion::NoOthers,
            }));
        };
        let (mode, offset) = match units {
            WindowFrameUnits::Rows => (FrameMode::Rows, Some(oid::INT8)),
            WindowFrameUnits::Groups => (FrameMode::Groups, Some(oid::INT8)),
            WindowFrameUnits::Range => (FrameMode::Range, offset_of(order)),
        };
        let end_bound = end_bound.as_ref().unwrap_or(&WindowFrameBound::CurrentRow);
        let start = known!(self.bound(start_bound, offset, windows, pass)?);
        let end = known!(self.bound(end_bound, offset, windows, pass)?);
        Ok(Some(WindowFrame {
            mode,
            start,
            end,
            exclusion: FrameExclusion::NoOthers,
        }))
    }

    /// `offset`: the type of one; none if there can be none.
    fn bound(
        &mut self,
        bound: &WindowFrameBound,
        offset: Option<Oid>,
        windows: &mut Windows,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Option<FrameBound>> {
        let mut value = |written: &Expr| -> Diagnosed<Option<TypedValue>> {
            let target = known!(offset);
            let value = known!(computed::without_columns(written, pass)?);
            let value = known!(computed::settle(value, target, pass));
            Ok(Some(windows.laid.number(value)))
        };
        Ok(Some(match bound {
            WindowFrameBound::CurrentRow => FrameBound::CurrentRow,
            WindowFrameBound::Preceding(None) => FrameBound::UnboundedPreceding,
            WindowFrameBound::Following(None) => FrameBound::UnboundedFollowing,
            WindowFrameBound::Preceding(Some(written)) => {
                FrameBound::Preceding(known!(value(written)?))
            }
            WindowFrameBound::Following(Some(written)) => {
                FrameBound::Following(known!(value(written)?))
            }
        }))
    }
}

/// The type of what is added to the only key of an order (`pg_amproc`, `in_range`).
fn offset_of(order: &[SortKey]) -> Option<Oid> {
    let [key] = order else {
        return None;
    };
    match key.value.type_oid {
        known @ (oid::INT2 | oid::INT4 | oid::INT8 | oid::NUMERIC) => Some(known),
        oid::FLOAT4 | oid::FLOAT8 => Some(oid::FLOAT8),
        oid::DATE | oid::TIMESTAMP | oid::INTERVAL => Some(oid::INTERVAL),
        _ => None,
    }
}

/// The type that a window function gives of operands of these types, and those that it takes them
/// as; none if the broker has none of them.
fn signature(name: &str, operands: &[Oid]) -> Option<(Oid, Vec<Oid>)> {
    let whole = |known: Oid| matches!(known, 0 | oid::INT2 | oid::INT4);
    match (name, operands) {
        ("row_number" | "rank" | "dense_rank", []) => Some((oid::INT8, Vec::new())),
        ("percent_rank" | "cume_dist", []) => Some((oid::FLOAT8, Vec::new())),
        ("ntile", [count]) if whole(*count) => Some((oid::INT4, vec![oid::INT4])),
        ("first_value" | "last_value" | "lag" | "lead", [value]) if *value != 0 => {
            Some((*value, vec![*value]))
        }
        ("nth_value" | "lag" | "lead", [value, number]) if *value != 0 && whole(*number) => {
            Some((*value, vec![*value, oid::INT4]))
        }
        ("lag" | "lead", [value, number, otherwise]) if *value != 0 && whole(*number) => {
            // Of two kinds of numbers the result would be of the wider one.
            let fits = *otherwise == 0 || otherwise == value || !is_number(*value);
            fits.then(|| (*value, vec![*value, oid::INT4, *value]))
        }
        _ => groups::signature(name, operands),
    }
}

/// The largest pieces of an expression that are computed beneath the windows, and the calls.
fn pieces(expression: &Expr) -> Diagnosed<Vec<Piece>> {
    let mut finder = Finder {
        pieces: Vec::new(),
        inside: 0,
    };
    walk::expression(&mut expression.clone(), &mut finder)?;
    Ok(finder.pieces)
}

struct Finder {
    pieces: Vec<Piece>,
    /// How many expressions are open since a piece was found; 0 outside of one.
    inside: usize,
}

impl Hooks for Finder {
    fn enter_expression(&mut self, expression: &mut Expr) -> Diagnosed<()> {
        if self.inside > 0 {
            self.inside += 1;
            return Ok(());
        }
        let piece = match expression {
            Expr::Function(function) if function.over.is_some() => Piece::Call(function.clone()),
            other if !look::has_window(other) => Piece::Plain(other.clone()),
            _ => return Ok(()),
        };
        self.pieces.push(piece);
        self.inside = 1;
        Ok(())
    }

    fn leave_expression(&mut self, _expression: &mut Expr) -> Diagnosed<()> {
        self.inside = self.inside.saturating_sub(1);
        Ok(())
    }
}
