//! What the reader makes of ObjectScript.

/// A command with its arguments.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Command {
    Set(Vec<(Target, Expr)>),
    /// Conditions with their blocks, and the block of ELSE.
    If(Vec<(Expr, Vec<Command>)>, Vec<Command>),
    While(Expr, Vec<Command>),
    /// `FOR i=from:by:to`
    For {
        variable: String,
        from: Expr,
        by: Expr,
        to: Option<Expr>,
        body: Vec<Command>,
    },
    /// Leaves a loop, or else the code.
    Quit(Option<Expr>),
    Return(Option<Expr>),
    /// NEW and KILL: the variables have no value any more.
    Forget(Vec<String>),
    /// A command under a postcondition.
    When(Expr, Box<Command>),
}

/// What SET sets.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Target {
    Variable(String),
    /// By [`super::Field::key`].
    Field(String),
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    Text(String),
    Variable(String),
    Field(String),
    Unary(&'static str, Box<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    Call(String, Vec<Expr>),
    /// `$SELECT(condition:value,…)`
    Select(Vec<(Expr, Expr)>),
    /// `$CASE(value,case:value,…,:value)`
    Case(Box<Expr>, Vec<(Expr, Expr)>, Option<Box<Expr>>),
    /// `$GET(variable[,default])`
    Get(String, Option<Box<Expr>>),
    /// `*` as a position: the last one.
    Last,
}
