//! Queries: SELECT, set operations, FROM, row limits.

use super::{Expr, ObjectName, OrderItem, TypeName};

/// A query with what stands around its body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Query {
    pub(crate) ctes: Vec<Cte>,
    pub(crate) body: SetExpr,
    pub(crate) order: Vec<OrderItem>,
    pub(crate) limit: Option<Limit>,
}

impl Query {
    /// One SELECT and nothing around it.
    pub(crate) fn of(select: Select) -> Self {
        Self {
            ctes: Vec::new(),
            body: SetExpr::Select(Box::new(select)),
            order: Vec::new(),
            limit: None,
        }
    }

    /// Is there a window function in its own select list?
    pub(crate) fn lists_windows(&self) -> bool {
        let SetExpr::Select(select) = &self.body else {
            return false;
        };
        select.items.iter().any(|item| match item {
            SelectItem::Expr { expr, .. } => expr.any(&|part| matches!(part, Expr::Window { .. })),
            SelectItem::Star | SelectItem::TableStar(_) => false,
        })
    }
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
#[derive(Clone, Debug, Default, PartialEq)]
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
    /// `%NOLOCK`
    pub(crate) no_lock: bool,
}

/// Which duplicates go.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Distinct {
    #[default]
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
    /// A subquery that sees the tables before it.
    Lateral(Box<Query>),
    Function {
        name: ObjectName,
        args: Vec<Expr>,
    },
    JsonTable(Box<JsonTable>),
}

/// `JSON_TABLE(document, 'path' COLUMNS (…))`
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JsonTable {
    pub(crate) document: Expr,
    pub(crate) path: String,
    pub(crate) columns: Vec<JsonColumn>,
}

/// `name type PATH 'path'`
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JsonColumn {
    pub(crate) name: String,
    pub(crate) ty: TypeName,
    pub(crate) path: String,
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
