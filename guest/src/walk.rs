//! The one walker of trees. Rules hook into it; the code for walking every kind of
//! node, by far the most of a component, exists once.

use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, ObjectName, Query, Select, Statement, TableFactor, VisitMut, VisitorMut,
};

use crate::diagnostic::Diagnosed;
use crate::wit::Diagnostic;

/// What a rule does at the nodes of a tree. An error ends the walk.
pub(crate) trait Hooks {
    fn enter_statement(&mut self, _statement: &mut Statement) -> Diagnosed<()> {
        Ok(())
    }

    fn enter_query(&mut self, _query: &mut Query) -> Diagnosed<()> {
        Ok(())
    }

    fn leave_query(&mut self, _query: &mut Query) -> Diagnosed<()> {
        Ok(())
    }

    fn enter_select(&mut self, _select: &mut Select) -> Diagnosed<()> {
        Ok(())
    }

    fn leave_select(&mut self, _select: &mut Select) -> Diagnosed<()> {
        Ok(())
    }

    fn enter_table(&mut self, _table: &mut TableFactor) -> Diagnosed<()> {
        Ok(())
    }

    fn leave_table(&mut self, _table: &mut TableFactor) -> Diagnosed<()> {
        Ok(())
    }

    /// The name of a table, wherever one is meant.
    fn enter_relation(&mut self, _relation: &mut ObjectName) -> Diagnosed<()> {
        Ok(())
    }

    fn enter_expression(&mut self, _expression: &mut Expr) -> Diagnosed<()> {
        Ok(())
    }

    fn leave_expression(&mut self, _expression: &mut Expr) -> Diagnosed<()> {
        Ok(())
    }
}

/// Walks a statement.
pub(crate) fn statement(statement: &mut Statement, hooks: &mut dyn Hooks) -> Diagnosed<()> {
    result(statement.visit(&mut Walker(hooks)))
}

/// Walks a query.
pub(crate) fn query(query: &mut Query, hooks: &mut dyn Hooks) -> Diagnosed<()> {
    result(query.visit(&mut Walker(hooks)))
}

/// Walks an expression.
pub(crate) fn expression(expression: &mut Expr, hooks: &mut dyn Hooks) -> Diagnosed<()> {
    result(expression.visit(&mut Walker(hooks)))
}

/// Walks a select.
pub(crate) fn select(select: &mut Select, hooks: &mut dyn Hooks) -> Diagnosed<()> {
    piece(select, hooks)
}

/// Walks any piece of a tree.
pub(crate) fn piece(piece: &mut impl VisitMut, hooks: &mut dyn Hooks) -> Diagnosed<()> {
    result(piece.visit(&mut Walker(hooks)))
}

/// Calls a function for every expression of a statement, inner ones first.
pub(crate) fn expressions(
    tree: &mut Statement,
    function: &mut dyn FnMut(&mut Expr) -> Diagnosed<()>,
) -> Diagnosed<()> {
    statement(tree, &mut Expressions(function))
}

/// Calls a function for the parts of an expression, inner ones first, but for those
/// in queries.
pub(crate) fn outside_queries(expression: &mut Expr, function: &mut dyn FnMut(&mut Expr)) {
    let mut walk = Outside { function, depth: 0 };
    // It has no error to end with.
    let _ = expression.visit(&mut Walker(&mut walk));
}

struct Outside<'a> {
    function: &'a mut dyn FnMut(&mut Expr),
    depth: usize,
}

impl Hooks for Outside<'_> {
    fn enter_query(&mut self, _query: &mut Query) -> Diagnosed<()> {
        self.depth += 1;
        Ok(())
    }

    fn leave_query(&mut self, _query: &mut Query) -> Diagnosed<()> {
        self.depth -= 1;
        Ok(())
    }

    fn leave_expression(&mut self, expression: &mut Expr) -> Diagnosed<()> {
        if self.depth == 0 {
            (self.function)(expression);
        }
        Ok(())
    }
}

struct Expressions<'a>(&'a mut dyn FnMut(&mut Expr) -> Diagnosed<()>);

impl Hooks for Expressions<'_> {
    fn leave_expression(&mut self, expression: &mut Expr) -> Diagnosed<()> {
        (self.0)(expression)
    }
}

fn result(flow: ControlFlow<Box<Diagnostic>>) -> Diagnosed<()> {
    match flow {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(refusal) => Err(*refusal),
    }
}

struct Walker<'a>(&'a mut dyn Hooks);

fn flow(outcome: Diagnosed<()>) -> ControlFlow<Box<Diagnostic>> {
    match outcome {
        Ok(()) => ControlFlow::Continue(()),
        Err(refusal) => ControlFlow::Break(Box::new(refusal)),
    }
}

impl VisitorMut for Walker<'_> {
    type Break = Box<Diagnostic>;

    fn pre_visit_statement(&mut self, statement: &mut Statement) -> ControlFlow<Self::Break> {
        flow(self.0.enter_statement(statement))
    }

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Self::Break> {
        flow(self.0.enter_query(query))
    }

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<Self::Break> {
        flow(self.0.leave_query(query))
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Self::Break> {
        flow(self.0.enter_select(select))
    }

    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<Self::Break> {
        flow(self.0.leave_select(select))
    }

    fn pre_visit_table_factor(&mut self, table: &mut TableFactor) -> ControlFlow<Self::Break> {
        flow(self.0.enter_table(table))
    }

    fn post_visit_table_factor(&mut self, table: &mut TableFactor) -> ControlFlow<Self::Break> {
        flow(self.0.leave_table(table))
    }

    fn pre_visit_relation(&mut self, relation: &mut ObjectName) -> ControlFlow<Self::Break> {
        flow(self.0.enter_relation(relation))
    }

    fn pre_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<Self::Break> {
        flow(self.0.enter_expression(expression))
    }

    fn post_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<Self::Break> {
        flow(self.0.leave_expression(expression))
    }
}
