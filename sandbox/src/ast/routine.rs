//! Functions, procedures, queries and triggers as written.

use super::{Expr, ObjectName, TypeName};

/// Which CREATE made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RoutineKind {
    Function,
    Procedure,
    Method,
    Query,
}

/// The code of a routine or trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// SQL statements, each as text with `?` for host variables.
    Sql(Vec<SqlStep>),
    /// What stood between the braces.
    ObjectScript(String),
}

/// One statement of an SQL body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SqlStep {
    Run(SqlText),
    /// `SELECT … INTO :a, :b`, with the names that it sets.
    Into(SqlText, Vec<String>),
    /// `RETURN expression`
    Return(SqlText),
}

/// A statement, or an expression, whose `?` stand for these names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SqlText {
    pub(crate) text: String,
    pub(crate) names: Vec<String>,
}

/// `[IN|OUT|INOUT] name type [[DEFAULT] value]`
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RoutineParameter {
    pub(crate) name: String,
    pub(crate) type_name: TypeName,
    pub(crate) default: Option<Expr>,
    /// OUT and INOUT.
    pub(crate) output: bool,
}

/// `CREATE FUNCTION|PROCEDURE|METHOD|QUERY`
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RoutineDef {
    pub(crate) kind: RoutineKind,
    pub(crate) name: ObjectName,
    pub(crate) replace: bool,
    pub(crate) parameters: Vec<RoutineParameter>,
    pub(crate) returns: Option<TypeName>,
    /// SQL can see it: always for functions and procedures, by PROCEDURE for the others.
    pub(crate) callable: bool,
    pub(crate) code: Code,
    /// The whole statement.
    pub(crate) text: String,
}

/// What fires a trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TriggerEvent {
    Insert,
    Update,
    Delete,
}

/// Before or after the row is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TriggerTime {
    Before,
    After,
}

/// How often a statement fires it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TriggerScope {
    Row,
    Statement,
}

/// `CREATE TRIGGER`
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TriggerDef {
    pub(crate) name: ObjectName,
    pub(crate) replace: bool,
    pub(crate) time: TriggerTime,
    pub(crate) events: Vec<TriggerEvent>,
    /// `UPDATE OF` these.
    pub(crate) columns: Vec<String>,
    pub(crate) order: u64,
    pub(crate) table: ObjectName,
    pub(crate) scope: TriggerScope,
    pub(crate) condition: Option<SqlText>,
    pub(crate) code: Code,
    /// The whole statement, up to the table's name and after it.
    pub(crate) text: (String, String),
}
