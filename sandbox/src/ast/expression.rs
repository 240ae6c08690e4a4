//! Expressions and conditions. Conditions are never values in IRIS SQL; the
//! parser keeps them apart, [`Expr::is_condition`] tells them.

use super::{ObjectName, Query, TypeName};

/// An expression or, where the grammar allows one, a condition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expr {
    Null,
    Text(String),
    /// As written, without a sign.
    Number(String),
    /// `?`, counted from 0.
    Parameter(usize),
    /// `[[schema.]table.]name`; the name may be `%ID`, `%VID`, `%TABLENAME`, `%CLASSNAME`.
    Column {
        qualifier: Option<ObjectName>,
        name: String,
    },
    /// `base->name`: the column of the row that `base` refers to.
    Arrow {
        base: Box<Expr>,
        name: String,
    },
    /// `USER`, `CURRENT_DATE`, `$ZVERSION`…, upper case, with the precision of time.
    Special(String, Option<u32>),
    Negate(Box<Expr>),
    /// A plus sign in front: makes a number of its operand.
    Plus(Box<Expr>),
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// A call, the name upper case and dotted where qualified. `braced` for `{fn …}`.
    Call {
        name: String,
        args: Vec<Expr>,
        braced: bool,
    },
    Aggregate(Box<Aggregate>),
    Window {
        call: Box<Expr>,
        partition: Vec<Expr>,
        order: Vec<OrderItem>,
        frame: Option<Frame>,
    },
    Case {
        operand: Option<Box<Expr>>,
        whens: Vec<(Expr, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    Cast {
        operand: Box<Expr>,
        target: TypeName,
    },
    /// `CONVERT(type, x [, style])` or `{fn CONVERT(x, SQL_type)}`.
    Convert {
        operand: Box<Expr>,
        target: TypeName,
        style: Option<Box<Expr>>,
    },
    Subquery(Box<Query>),

    Compare(CompareOp, Box<Expr>, Box<Expr>),
    Quantified(CompareOp, Quantifier, Box<Expr>, Box<Query>),
    Between {
        operand: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
        negated: bool,
    },
    InList {
        operand: Box<Expr>,
        items: Vec<Expr>,
        negated: bool,
    },
    InQuery {
        operand: Box<Expr>,
        query: Box<Query>,
        negated: bool,
    },
    Like {
        operand: Box<Expr>,
        pattern: Box<Expr>,
        escape: Option<Box<Expr>>,
        negated: bool,
    },
    StartsWith {
        operand: Box<Expr>,
        prefix: Box<Expr>,
        negated: bool,
    },
    /// `[`: contains, case-sensitive.
    Contains(Box<Expr>, Box<Expr>),
    /// `%INLIST`
    InIrisList {
        operand: Box<Expr>,
        list: Box<Expr>,
        negated: bool,
    },
    /// `%MATCHES`
    Matches {
        operand: Box<Expr>,
        pattern: Box<Expr>,
        negated: bool,
    },
    /// `FOR SOME %ELEMENT(list) [AS alias] (condition)`
    SomeElement {
        list: Box<Expr>,
        alias: Option<String>,
        condition: Box<Expr>,
    },
    /// `%PATTERN`
    Pattern {
        operand: Box<Expr>,
        pattern: Box<Expr>,
        negated: bool,
    },
    IsNull {
        operand: Box<Expr>,
        negated: bool,
    },
    /// `IS [NOT] JSON`
    IsJson {
        operand: Box<Expr>,
        kind: JsonKind,
        negated: bool,
    },
    Exists(Box<Query>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
}

impl Expr {
    /// Is it true, false or unknown rather than a value?
    pub(crate) fn is_condition(&self) -> bool {
        matches!(
            self,
            Self::Compare(..)
                | Self::Quantified(..)
                | Self::Between { .. }
                | Self::InList { .. }
                | Self::InQuery { .. }
                | Self::Like { .. }
                | Self::StartsWith { .. }
                | Self::Contains(..)
                | Self::InIrisList { .. }
                | Self::Matches { .. }
                | Self::Pattern { .. }
                | Self::SomeElement { .. }
                | Self::IsNull { .. }
                | Self::IsJson { .. }
                | Self::Exists(_)
                | Self::And(_)
                | Self::Or(_)
                | Self::Not(_)
        )
    }
}

/// What `IS JSON` looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JsonKind {
    /// An array or an object; VALUE and SCALAR say the same.
    Value,
    Array,
    Object,
}

/// Arithmetic and concatenation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    IntegerDivide,
    Modulo,
    Concat,
}

/// The comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CompareOp {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl CompareOp {
    /// As SQLite writes it.
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// In front of a compared subquery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantifier {
    Any,
    All,
}

/// An aggregate call; without `argument` it is `COUNT(*)`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Aggregate {
    pub(crate) name: String,
    pub(crate) distinct: bool,
    /// The items of `DISTINCT BY (…)`.
    pub(crate) by: Vec<Expr>,
    pub(crate) argument: Option<Expr>,
    /// The items of `%FOREACH(…)`.
    pub(crate) foreach: Option<Vec<Expr>>,
    /// `%AFTERHAVING`
    pub(crate) after_having: bool,
}

/// One item of ORDER BY.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OrderItem {
    pub(crate) expr: Expr,
    /// Set for a bare unsigned number: the position in the select list.
    pub(crate) ordinal: Option<usize>,
    pub(crate) descending: bool,
}

/// `ROWS start` or `ROWS BETWEEN start AND end`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Frame {
    pub(crate) start: FrameBound,
    pub(crate) end: Option<FrameBound>,
}

/// One end of a frame.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FrameBound {
    UnboundedPreceding,
    Preceding(u64),
    CurrentRow,
    Following(u64),
    UnboundedFollowing,
}
