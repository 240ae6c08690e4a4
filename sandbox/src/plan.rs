//! What the binder makes of a statement: SQLite SQL and how to feed and read it.

use std::sync::Arc;

use crate::ast::{Restrictions, RoutineDef, Statement};
use crate::catalog::Table;
use crate::datatype::{Limits, Type};
use crate::{Nullable, SqlType, Value};

/// A statement ready to run, any number of times, while the catalog stays as it is.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) action: Action,
    pub(crate) parameters: Vec<ParameterRule>,
    /// `None` if it yields no rows.
    pub(crate) columns: Option<Vec<OutputColumn>>,
    /// Of each column; what is missing is unknown.
    pub(crate) nullable: Vec<Nullable>,
    /// Global temporary tables that the connection needs its own copy of.
    pub(crate) temporary: Vec<Arc<Table>>,
    /// Privileges that the user must have.
    pub(crate) needs: Vec<Need>,
}

/// A privilege on an object, or on these columns of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Need {
    pub(crate) schema: String,
    pub(crate) name: String,
    pub(crate) privilege: &'static str,
    /// Empty if any column will do, as for `COUNT(*)`.
    pub(crate) columns: Vec<String>,
}

impl Need {
    /// SELECT
    pub(crate) fn select(schema: &str, name: &str, columns: Vec<String>) -> Self {
        Self {
            schema: schema.to_owned(),
            name: name.to_owned(),
            privilege: "SELECT",
            columns,
        }
    }
}

/// What running it means.
#[derive(Debug)]
pub(crate) enum Action {
    Query {
        sql: String,
    },
    Write(Write),
    Truncate {
        table: Arc<Table>,
        no_check: bool,
    },
    /// `CALL`
    Call(Call),
    /// DDL, transaction control, options: carried out from the syntax tree.
    Direct(Box<Statement>),
    /// A fixed answer of one row, as EXPLAIN gives.
    Answer(String),
}

/// INSERT, UPDATE, DELETE.
#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) sql: String,
    pub(crate) kind: WriteKind,
    pub(crate) table: Arc<Table>,
    pub(crate) restrictions: Restrictions,
    /// The columns that are given values; empty for DELETE.
    pub(crate) columns: Vec<String>,
    /// It cannot fail half done.
    pub(crate) one_row: bool,
}

/// A routine with what it is called with.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) routine: Arc<RoutineDef>,
    pub(crate) arguments: Vec<Argument>,
}

/// One argument of CALL.
#[derive(Clone, Debug)]
pub(crate) enum Argument {
    Parameter(usize),
    Value(Value),
}

/// Which of the three; decides between pairs of SQLCODEs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WriteKind {
    Insert,
    Update,
    Delete,
}

impl WriteKind {
    /// -104 or -105.
    pub(crate) fn validation_code(self) -> i32 {
        if self == Self::Update { -105 } else { -104 }
    }

    /// -119 or -120.
    pub(crate) fn unique_code(self) -> i32 {
        if self == Self::Update { -120 } else { -119 }
    }
}

/// How a `?` is described and bound.
#[derive(Clone, Debug)]
pub(crate) struct ParameterRule {
    pub(crate) ty: Type,
    /// It is cast to bytes: bytes need not be text on their way there.
    pub(crate) bytes: bool,
    /// It is stored as it is, so it is validated before SQLite sees it.
    pub(crate) store: Option<StoreRule>,
}

/// The validation of a value on its way into a column.
#[derive(Clone, Debug)]
pub(crate) struct StoreRule {
    pub(crate) column: String,
    pub(crate) table: String,
    pub(crate) limits: Limits,
    pub(crate) required: bool,
    pub(crate) code: i32,
}

/// A result column.
#[derive(Clone, Debug)]
pub(crate) struct OutputColumn {
    pub(crate) label: String,
    pub(crate) ty: Type,
    pub(crate) described: SqlType,
}
