//! A query with its names resolved and its types settled.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use crate::aggregate::Aggregation;
use crate::catalog::{Content, Scene};
use crate::failure::Result;
use crate::types::Type;
use crate::value::{Row, Value};

/// What a function does with its arguments.
pub(crate) type Call = fn(Scene<'_>, &[Value]) -> Result<Value>;

/// What a set-returning function does with its arguments.
pub(crate) type SetCall = fn(Scene<'_>, &[Value]) -> Result<Vec<Row>>;

/// `= <> < <= > >=`
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// A binary operator that gives a truth value, as `ANY` and `ALL` take it.
#[derive(Clone, Copy)]
pub(crate) enum Test {
    Compare(Comparison),
    Call(Call),
}

/// A column of a row at hand: of how many queries further out, of which of its
/// sources, and which one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Reference {
    pub(crate) level: usize,
    pub(crate) source: usize,
    /// None: the whole row.
    pub(crate) column: Option<usize>,
}

#[derive(Clone)]
pub(crate) enum Expr {
    Constant(Value),
    Parameter(usize),
    Reference(Reference),
    Call(Call, Vec<Expr>),
    /// NULL if an argument is.
    Strict(Call, Vec<Expr>),
    Compare(Comparison, Box<[Expr; 2]>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    IsNull(Box<Expr>),
    /// IS TRUE, IS FALSE.
    Is(Box<Expr>, bool),
    IsDistinct(Box<[Expr; 2]>),
    Case(Vec<(Expr, Expr)>, Option<Box<Expr>>),
    Coalesce(Vec<Expr>),
    Cast(Box<Expr>, Type, Type),
    /// As the output function of the type shows it.
    Show(Box<Expr>, Type),
    /// As JSON.
    Json(Box<Expr>, Type, Option<Fields>),
    In(Box<Expr>, Vec<Expr>),
    /// ANY, or ALL.
    Quantified(Test, Box<[Expr; 2]>, bool),
    Array(Vec<Expr>),
    Composite(Vec<Expr>),
    Field(Box<Expr>, usize),
    Subscript(Box<Expr>, Vec<Expr>),
    Slice(Box<Expr>, Vec<[Option<Expr>; 2]>),
    Subquery(Rc<Subquery>, Use),
    Aggregate(usize),
    Window(usize),
    Set(usize),
    /// A column of the row that is being put out.
    Output(usize),
}

/// What becomes of the rows of a subquery.
#[derive(Clone)]
pub(crate) enum Use {
    Scalar,
    Exists,
    Array,
    /// ANY, or ALL, of a left side.
    Quantified(Test, Box<Expr>, bool),
}

/// Names and types of the fields of a composite value.
pub(crate) type Fields = Rc<[(String, Type)]>;

/// Rows by the values that they depend on.
pub(crate) type Memo = HashMap<Vec<Value>, Rc<Vec<Row>>>;

pub(crate) struct Subquery {
    pub(crate) query: Query,
    /// What it takes from the queries around it, as seen from there.
    pub(crate) captured: Vec<Reference>,
    /// Its rows by the values of those; none: they must not be kept.
    pub(crate) memo: Option<RefCell<Memo>>,
}

/// A result column.
#[derive(Clone, Debug)]
pub struct Column {
    /// As PostgreSQL labels it.
    pub name: String,
    /// Its type.
    pub kind: Type,
    /// The column of a relation that it shows as it is.
    pub origin: Option<Origin>,
    pub(crate) fields: Option<Fields>,
}

/// A column of a relation of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// `pg_class.oid`
    pub relation: u32,
    /// `pg_attribute.attnum`
    pub number: i16,
}

pub(crate) struct Query {
    pub(crate) columns: Vec<Column>,
    pub(crate) body: Body,
    /// Of a set operation or a VALUES list: by its columns.
    pub(crate) order: Vec<Order>,
    pub(crate) limit: Option<Expr>,
    pub(crate) offset: Option<Expr>,
    /// Of its WITH those that take something from the queries around: they are read anew
    /// whenever it runs.
    pub(crate) commons: Vec<Rc<Common>>,
}

pub(crate) enum Body {
    Select(Box<Select>),
    Values(Vec<Vec<Expr>>),
    Combined {
        operation: Operation,
        all: bool,
        left: Box<Query>,
        right: Box<Query>,
    },
    Query(Box<Query>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Union,
    Intersect,
    Except,
}

pub(crate) struct Order {
    pub(crate) expr: Expr,
    pub(crate) descending: bool,
    pub(crate) nulls_first: bool,
}

pub(crate) struct Select {
    pub(crate) sources: Vec<Source>,
    pub(crate) from: Node,
    pub(crate) grouping: Option<Grouping>,
    pub(crate) windows: Vec<Window>,
    pub(crate) sets: Vec<SetItem>,
    pub(crate) projection: Vec<Expr>,
    pub(crate) distinct: Distinct,
    pub(crate) order: Vec<Order>,
}

pub(crate) enum Distinct {
    All,
    Rows,
    On(Vec<Expr>),
}

pub(crate) struct Grouping {
    /// The grouping sets; one in the plain case.
    pub(crate) sets: Vec<Vec<Expr>>,
    pub(crate) aggregates: Vec<Aggregate>,
    pub(crate) having: Option<Expr>,
    /// Whether there is one row even without input.
    pub(crate) is_whole: bool,
}

pub(crate) struct Aggregate {
    pub(crate) aggregation: Aggregation,
    pub(crate) arguments: Vec<Expr>,
    pub(crate) distinct: bool,
    pub(crate) order: Vec<Order>,
    pub(crate) filter: Option<Expr>,
}

pub(crate) struct Window {
    pub(crate) function: WindowFunction,
    pub(crate) partition: Vec<Expr>,
    pub(crate) order: Vec<Order>,
}

pub(crate) enum WindowFunction {
    RowNumber,
    Rank,
    DenseRank,
    /// Of all rows up to the last peer, or of the whole partition without an order.
    Aggregate(Aggregate),
}

/// A set-returning function with its arguments.
pub(crate) struct SetItem {
    pub(crate) call: SetCall,
    pub(crate) arguments: Vec<Expr>,
    /// Whether a row of it is one value.
    pub(crate) is_scalar: bool,
}

/// What FROM names.
pub(crate) struct Source {
    pub(crate) kind: SourceKind,
    pub(crate) width: usize,
}

pub(crate) enum SourceKind {
    /// By its number in the list of definitions.
    Relation(usize),
    Derived(Rc<Subquery>, OnceCell<Rc<Content>>),
    Common(Rc<Common>),
    /// Side by side, with a column of numbers at the end if there is an ordinality.
    Functions {
        items: Vec<(SetItem, usize)>,
        ordinality: bool,
    },
}

/// A common table.
pub(crate) struct Common {
    pub(crate) name: String,
    pub(crate) columns: RefCell<Vec<Column>>,
    pub(crate) query: OnceCell<Query>,
    pub(crate) is_recursive: bool,
    /// Whether it takes something from the queries around its WITH.
    pub(crate) is_correlated: Cell<bool>,
    pub(crate) rows: RefCell<Option<Rc<Content>>>,
    /// While its recursive term runs: the rows of the last round.
    pub(crate) working: RefCell<Option<Rc<Content>>>,
}

/// The shape of FROM. Conditions that hold of the joined rows stand in `Inner`.
pub(crate) enum Node {
    /// One row without sources.
    Nothing,
    Scan(usize),
    Inner(Inner),
    Left(Box<Node>, Box<Node>),
    Full(Box<Node>, Box<Node>, Vec<Expr>),
}

pub(crate) struct Inner {
    pub(crate) items: Vec<Node>,
    pub(crate) conditions: Vec<Expr>,
    /// In which order the items are visited, settled when it first runs.
    pub(crate) steps: OnceCell<Vec<crate::join::Step>>,
}

impl Node {
    pub(crate) fn inner(items: Vec<Node>, conditions: Vec<Expr>) -> Self {
        Self::Inner(Inner {
            items,
            conditions,
            steps: OnceCell::new(),
        })
    }

    /// The sources beneath, as bits.
    pub(crate) fn sources(&self) -> u128 {
        match self {
            Self::Nothing => 0,
            Self::Scan(source) => 1 << source,
            Self::Inner(inner) => inner.items.iter().fold(0, |all, item| all | item.sources()),
            Self::Left(left, right) | Self::Full(left, right, _) => {
                left.sources() | right.sources()
            }
        }
    }
}

impl Expr {
    pub(crate) fn compare(comparison: Comparison, left: Expr, right: Expr) -> Self {
        Self::Compare(comparison, Box::new([left, right]))
    }

    /// Calls `visit` on every expression directly beneath.
    pub(crate) fn children<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        match self {
            Self::Constant(_)
            | Self::Parameter(_)
            | Self::Reference(_)
            | Self::Aggregate(_)
            | Self::Window(_)
            | Self::Set(_)
            | Self::Output(_) => {}
            Self::Call(_, list)
            | Self::Strict(_, list)
            | Self::And(list)
            | Self::Or(list)
            | Self::Coalesce(list)
            | Self::Array(list)
            | Self::Composite(list) => list.iter().for_each(visit),
            Self::Compare(_, pair) | Self::IsDistinct(pair) | Self::Quantified(_, pair, _) => {
                pair.iter().for_each(visit);
            }
            Self::Not(inner)
            | Self::IsNull(inner)
            | Self::Is(inner, _)
            | Self::Cast(inner, _, _)
            | Self::Show(inner, _)
            | Self::Json(inner, _, _)
            | Self::Field(inner, _) => visit(inner),
            Self::Case(branches, otherwise) => {
                for (condition, result) in branches {
                    visit(condition);
                    visit(result);
                }
                otherwise.iter().for_each(|inner| visit(inner));
            }
            Self::In(inner, list) | Self::Subscript(inner, list) => {
                visit(inner);
                list.iter().for_each(visit);
            }
            Self::Slice(inner, bounds) => {
                visit(inner);
                bounds.iter().flatten().flatten().for_each(visit);
            }
            Self::Subquery(_, usage) => {
                if let Use::Quantified(_, left, _) = usage {
                    visit(left);
                }
            }
        }
    }

    /// Which sources of its own query it reads, as bits.
    pub(crate) fn sources(&self) -> u128 {
        let mut all = 0;
        match self {
            Self::Reference(reference) => all |= reference.bit(),
            Self::Subquery(subquery, _) => {
                for reference in &subquery.captured {
                    all |= reference.bit();
                }
            }
            _ => {}
        }
        self.children(&mut |child| all |= child.sources());
        all
    }
}

impl Reference {
    fn bit(&self) -> u128 {
        if self.level == 0 { 1 << self.source } else { 0 }
    }
}
