//! Makes the statements of a sequence that writes: the row that is meant, the
//! queries that find and show it.

use std::ops::ControlFlow;

use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    BinaryOperator, Expr, GroupByExpr, Ident, ObjectName, Query, Select, SelectFlavor, SelectItem,
    SetExpr, Statement, TableAlias, TableFactor, TableWithJoins, Visit, Visitor,
};

use crate::build;

/// IRIS's name for the hidden row number.
const ROW: &str = "%ID";

/// The hidden row number of the only table in reach, or of the one so called.
pub(crate) fn row(qualifier: Option<&Ident>) -> Expr {
    match qualifier {
        None => build::name(ROW),
        Some(table) => Expr::CompoundIdentifier(vec![table.clone(), Ident::new(ROW)]),
    }
}

/// `left = right`
pub(crate) fn equals(left: Expr, right: Expr) -> Expr {
    build::binary(left, BinaryOperator::Eq, right)
}

/// Both conditions; none is true.
pub(crate) fn both(left: Expr, right: Option<Expr>) -> Expr {
    match right {
        None => left,
        Some(right) => build::binary(left, BinaryOperator::And, build::nested(right)),
    }
}

/// A query as a tree of its own.
pub(crate) fn select(
    projection: Vec<SelectItem>,
    from: Vec<TableWithJoins>,
    selection: Option<Expr>,
) -> Statement {
    Statement::Query(Box::new(query(projection, from, selection)))
}

/// A plain query.
pub(crate) fn query(
    projection: Vec<SelectItem>,
    from: Vec<TableWithJoins>,
    selection: Option<Expr>,
) -> Query {
    let select = Select {
        select_token: AttachedToken::empty(),
        optimizer_hints: Vec::new(),
        distinct: None,
        select_modifiers: None,
        top: None,
        top_before_distinct: false,
        projection,
        exclude: None,
        into: None,
        from,
        lateral_views: Vec::new(),
        prewhere: None,
        selection,
        connect_by: Vec::new(),
        group_by: GroupByExpr::Expressions(Vec::new(), Vec::new()),
        cluster_by: Vec::new(),
        distribute_by: Vec::new(),
        sort_by: Vec::new(),
        having: None,
        named_window: Vec::new(),
        qualify: None,
        window_before_qualify: false,
        value_table_mode: None,
        flavor: SelectFlavor::Standard,
    };
    Query {
        with: None,
        body: Box::new(SetExpr::Select(Box::new(select))),
        order_by: None,
        limit_clause: None,
        fetch: None,
        locks: Vec::new(),
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators: Vec::new(),
    }
}

/// A table in a FROM.
pub(crate) fn table(name: &ObjectName, alias: Option<&Ident>) -> TableWithJoins {
    TableWithJoins {
        relation: TableFactor::Table {
            name: name.clone(),
            alias: alias.map(|alias| TableAlias {
                explicit: true,
                name: alias.clone(),
                columns: Vec::new(),
                at: None,
            }),
            args: None,
            with_hints: Vec::new(),
            version: None,
            with_ordinality: false,
            partitions: Vec::new(),
            json_path: None,
            sample: None,
            index_hints: Vec::new(),
        },
        joins: Vec::new(),
    }
}

/// The table that a FROM names, and what the statement calls it.
pub(crate) fn named(table: &TableWithJoins) -> Option<(&ObjectName, Option<&Ident>)> {
    match &table.relation {
        TableFactor::Table {
            name,
            alias,
            args: None,
            ..
        } if table.joins.is_empty() => Some((name, alias.as_ref().map(|alias| &alias.name))),
        _ => None,
    }
}

/// Whether a piece of a tree contains a query.
pub(crate) fn asks(node: &impl Visit) -> bool {
    struct Queries;
    impl Visitor for Queries {
        type Break = ();

        fn pre_visit_query(&mut self, _query: &Query) -> ControlFlow<()> {
            ControlFlow::Break(())
        }
    }
    node.visit(&mut Queries).is_break()
}
