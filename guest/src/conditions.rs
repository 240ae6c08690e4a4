//! Tells apart where an expression stands as a condition and where as a value:
//! IRIS has predicates only in the former and BIT values only in the latter.

use sqlparser::ast::{
    BinaryOperator, Expr, FromTable, Join, JoinConstraint, Select, Statement, TableFactor,
    TableWithJoins, UnaryOperator, UpdateTableFromKind,
};

use crate::diagnostic::Diagnosed;
use crate::join;
use crate::typing;
use crate::walk::{self, Hooks};

/// What an expression stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// After WHERE, ON, HAVING, WHEN, NOT, beside AND and OR …
    Condition,
    /// Anywhere else.
    Value,
}

/// Changes an expression, or not, and tells which.
pub(crate) type Change<'a> = &'a mut dyn FnMut(&mut Expr, Place) -> Diagnosed<bool>;

/// Calls `change` for every expression of a tree, inner ones first; it returns
/// whether it changed the expression. Tells whether anything was changed.
pub(crate) fn change(tree: &mut Statement, change: Change<'_>) -> Diagnosed<bool> {
    let mut walk = Walk {
        conditions: Vec::new(),
        change,
        changed: false,
    };
    walk::statement(tree, &mut walk)?;
    Ok(walk.changed)
}

struct Walk<'a> {
    /// The expressions yet to be left that are conditions, by address: nothing
    /// moves between the mark and the visit, because parents are changed last.
    conditions: Vec<*const Expr>,
    change: Change<'a>,
    changed: bool,
}

impl Walk<'_> {
    fn mark(&mut self, expression: &Expr) {
        self.conditions.push(std::ptr::from_ref(expression));
    }

    fn mark_joins(&mut self, from: &mut [TableWithJoins]) {
        for join in from.iter_mut().flat_map(|table| &mut table.joins) {
            if let Some(condition) = on_mut(join) {
                self.mark(condition);
            }
        }
    }

    /// Marks the operands of an expression that are conditions.
    fn mark_operands(&mut self, expression: &Expr, is_condition: bool) {
        match expression {
            Expr::BinaryOp {
                left,
                op: BinaryOperator::And | BinaryOperator::Or,
                right,
            } => {
                self.mark(left);
                self.mark(right);
            }
            Expr::UnaryOp {
                op: UnaryOperator::Not,
                expr,
            } => self.mark(expr),
            Expr::Nested(inner) if is_condition || typing::is_predicate(inner) => self.mark(inner),
            Expr::Case {
                operand: None,
                conditions,
                ..
            } => {
                for when in conditions {
                    self.mark(&when.condition);
                }
            }
            Expr::Function(function) => {
                if let Some(filter) = &function.filter {
                    self.mark(filter);
                }
            }
            Expr::IsTrue(inner)
            | Expr::IsNotTrue(inner)
            | Expr::IsFalse(inner)
            | Expr::IsNotFalse(inner)
            | Expr::IsUnknown(inner)
            | Expr::IsNotUnknown(inner)
                if typing::is_predicate(inner) =>
            {
                self.mark(inner);
            }
            _ => {}
        }
    }
}

/// The condition of a join.
pub(crate) fn on_mut(join: &mut Join) -> Option<&mut Expr> {
    match join::constraint_mut(join)? {
        JoinConstraint::On(condition) => Some(condition),
        _ => None,
    }
}

impl Hooks for Walk<'_> {
    fn enter_statement(&mut self, statement: &mut Statement) -> Diagnosed<()> {
        match statement {
            Statement::Update(update) => {
                self.mark_joins(std::slice::from_mut(&mut update.table));
                if let Some(
                    UpdateTableFromKind::BeforeSet(from) | UpdateTableFromKind::AfterSet(from),
                ) = &mut update.from
                {
                    self.mark_joins(from);
                }
                update
                    .selection
                    .iter()
                    .for_each(|condition| self.mark(condition));
            }
            Statement::Delete(delete) => {
                let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) =
                    &mut delete.from;
                self.mark_joins(from);
                self.mark_joins(delete.using.as_deref_mut().unwrap_or_default());
                delete
                    .selection
                    .iter()
                    .for_each(|condition| self.mark(condition));
            }
            _ => {}
        }
        Ok(())
    }

    fn enter_select(&mut self, select: &mut Select) -> Diagnosed<()> {
        self.mark_joins(&mut select.from);
        select
            .selection
            .iter()
            .chain(&select.having)
            .for_each(|condition| self.mark(condition));
        Ok(())
    }

    fn enter_table(&mut self, factor: &mut TableFactor) -> Diagnosed<()> {
        if let TableFactor::NestedJoin {
            table_with_joins, ..
        } = factor
        {
            self.mark_joins(std::slice::from_mut(&mut **table_with_joins));
        }
        Ok(())
    }

    fn enter_expression(&mut self, expression: &mut Expr) -> Diagnosed<()> {
        let here = std::ptr::from_ref(&*expression);
        let is_condition = self.conditions.contains(&here);
        self.mark_operands(expression, is_condition);
        Ok(())
    }

    fn leave_expression(&mut self, expression: &mut Expr) -> Diagnosed<()> {
        let here = std::ptr::from_ref(&*expression);
        let place = match self.conditions.iter().rposition(|marked| *marked == here) {
            Some(index) => {
                self.conditions.swap_remove(index);
                Place::Condition
            }
            None => Place::Value,
        };
        self.changed |= (self.change)(expression, place)?;
        Ok(())
    }
}
