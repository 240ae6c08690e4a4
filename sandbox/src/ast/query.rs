//! Queries: SELECT, set operations, FROM, row limits.

use super::{Expr, ObjectName, OrderItem};

/// A query with what stands around its body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Query {
    pub(crate) ctes: Vec<Cte>,
    pub(crate) body: SetExpr,
    pub(crate) order: Vec<OrderItem>,
    pub(crate) limit: Option<Limit>,
}

/// `name AS (query)`
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cte {
    pub(crate) name: String,
    pub(crate) query: Query,
}

/// What set operations combine.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SetExpr {
    Select(Box<Select>),
    Parenthesised(Box<Query>),
    Operation {
        op: SetOp,
        all: bool,
        left: Box<SetExpr>,
        right: Box<SetExpr>,
    },
}

/// The set operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SetOp {
    Union,
    Intersect,
    Except,
}

/// One SELECT.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Select {
    pub(crate) distinct: Distinct,
    pub(crate) top: Option<Top>,
    /// `%ROWOFFSET` and `%ROWLIMIT`.
    pub(crate) paging: Option<Limit>,
    pub(crate) items: Vec<SelectItem>,
    pub(crate) from: Vec<TableRef>,
    pub(crate) condition: Option<Expr>,
    pub(crate) group: Vec<Expr>,
    pub(crate) having: Option<Expr>,
}

/// Which duplicates go.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Distinct {
    No,
    Yes,
    By(Vec<Expr>),
}

/// `TOP …`
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Top {
    /// `TOP ALL`: no limit, but ORDER BY is allowed in a subquery.
    All,
    Count(Expr),
}

/// `LIMIT`, `OFFSET`, `FETCH`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Limit {
    pub(crate) count: Option<Expr>,
    pub(crate) offset: Option<Expr>,
}

/// One item of the select list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SelectItem {
    Star,
    TableStar(ObjectName),
    Expr { expr: Expr, alias: Option<String> },
}

/// A table with its joins.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TableRef {
    Source {
        source: TableSource,
        alias: Option<String>,
    },
    Join {
        kind: JoinKind,
        left: Box<TableRef>,
        right: Box<TableRef>,
        condition: JoinCondition,
    },
}

/// Where rows come from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TableSource {
    Named(ObjectName),
    Subquery(Box<Query>),
    Function { name: ObjectName, args: Vec<Expr> },
}

/// The joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JoinKind {
    Cross,
    Inner,
    Left,
    Right,
    Full,
}

/// What a join compares.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum JoinCondition {
    None,
    On(Expr),
    Using(Vec<String>),
    Natural,
}
