//! The one reader of trees, as [`crate::walk`] is the one that changes them: the code
//! for every kind of node exists once, however many look for something.

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, ObjectName, Query, Select, Statement, TableFactor, Visit, Visitor};

use crate::reader::marks::Marks;

/// What can be looked at, outer nodes first.
pub(crate) enum Node<'a> {
    Query(&'a Query),
    Select(&'a Select),
    /// What stands in a FROM.
    Source(&'a TableFactor),
    /// The name of a table, wherever one is meant, or of a function in its place.
    Relation(&'a ObjectName),
    Expression(&'a Expr),
}

/// Whether a tree, or a piece of one, has a node that is meant.
pub(crate) fn finds(tree: &impl Visit, is_meant: &mut dyn FnMut(Node<'_>) -> bool) -> bool {
    tree.visit(&mut Looker(is_meant)).is_break()
}

/// Shows a function every node.
pub(crate) fn at_all(tree: &impl Visit, function: &mut dyn FnMut(Node<'_>)) {
    finds(tree, &mut |node| {
        function(node);
        false
    });
}

/// Whether a statement reads or writes rows, or defines what does.
pub(crate) fn reads_or_writes(tree: &Statement, marks: Marks) -> bool {
    match tree {
        Statement::Query(_) => marks.has(Marks::FROM.and(Marks::INSERT).and(Marks::WRITING)),
        Statement::Insert(_)
        | Statement::Update(_)
        | Statement::Delete(_)
        | Statement::Merge(_)
        | Statement::CreateView(_) => true,
        Statement::CreateTable(table) => table.query.is_some(),
        _ => false,
    }
}

/// Whether there is a query in it.
pub(crate) fn has_query(tree: &impl Visit) -> bool {
    finds(tree, &mut |node| matches!(node, Node::Query(_)))
}

/// Whether there is a window in it.
pub(crate) fn has_window(tree: &impl Visit) -> bool {
    finds(
        tree,
        &mut |node| matches!(node, Node::Expression(Expr::Function(function)) if function.over.is_some()),
    )
}

struct Looker<'a>(&'a mut dyn FnMut(Node<'_>) -> bool);

impl Looker<'_> {
    fn at(&mut self, node: Node<'_>) -> ControlFlow<()> {
        match (self.0)(node) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}

impl Visitor for Looker<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        self.at(Node::Query(query))
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        self.at(Node::Select(select))
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        self.at(Node::Source(factor))
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        self.at(Node::Relation(relation))
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        self.at(Node::Expression(expression))
    }
}
