//! The plain scalar functions: how many arguments of which kind, and what comes out.
//!
//! One table per family; a name that is in none of them is no function.

pub(super) mod date;
pub(super) mod list;
mod number;
mod system;
pub(super) mod text;

use super::arithmetic::result_type;
use super::typed::Typed;
use crate::ast::BinaryOp;
use crate::datatype::Type;

/// What a function returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Returns {
    Text,
    /// Text of at most so many characters.
    Short(u32),
    /// The type of the first argument if that is text.
    SameText,
    SmallInt,
    Integer,
    BigInt,
    /// DOUBLE if the first argument is, else NUMERIC of this precision and scale.
    Real(u32, u32),
    /// As Real, with precision and scale of the quotient of the first two arguments.
    Quotient,
    /// As Real, with precision and scale of the product of the first argument with itself.
    Product,
    /// The type of the first argument if that is a number, without its fraction.
    Whole,
    /// A number of the first argument's type.
    SameNumber,
    /// What TO_NUMBER makes of the first argument's type.
    Number,
    Date,
    Time,
    Timestamp,
    /// POSIXTIME if the last argument is one, else TIMESTAMP.
    Moved,
    Posix,
    Binary,
    Guid,
    List,
}

impl Returns {
    /// As a type, for these arguments.
    pub(super) fn ty(self, args: &[Typed]) -> Type {
        let first = args.first().map(|arg| &arg.ty);
        match self {
            Self::Text => Type::Varchar(None),
            Self::Short(length) => Type::Varchar(Some(length)),
            Self::SameText => match first {
                Some(Type::Varchar(length)) if !args[0].is_null() => Type::Varchar(*length),
                _ => Type::Varchar(None),
            },
            Self::SmallInt => Type::SmallInt,
            Self::Integer => Type::Integer,
            Self::BigInt => Type::BigInt,
            Self::Real(..) | Self::Quotient | Self::Product if first == Some(&Type::Double) => {
                Type::Double
            }
            Self::Real(precision, scale) => Type::Numeric { precision, scale },
            Self::Quotient => combined(BinaryOp::Divide, args.first(), args.get(1)),
            Self::Product => combined(BinaryOp::Multiply, args.first(), args.first()),
            Self::Whole => match first {
                Some(Type::Numeric { precision, .. }) => Type::Numeric {
                    precision: *precision,
                    scale: 0,
                },
                _ => same_number(first),
            },
            Self::SameNumber => same_number(first),
            Self::Number => match first {
                Some(Type::Bit) => Type::TinyInt,
                Some(Type::Date) => Type::Integer,
                Some(Type::Timestamp | Type::PosixTime) => Type::BigInt,
                Some(ty) if ty.is_number() => ty.clone(),
                // The default scale of %Library.Numeric; the value keeps its digits.
                _ => Type::numeric(18, 2),
            },
            Self::Date => Type::Date,
            Self::Time => Type::Time(0),
            Self::Timestamp => Type::Timestamp,
            Self::Moved => match args.last().map(|arg| &arg.ty) {
                Some(Type::PosixTime) => Type::PosixTime,
                _ => Type::Timestamp,
            },
            Self::Posix => Type::PosixTime,
            Self::Binary => Type::Varbinary(Some(64)),
            Self::Guid => Type::Guid,
            Self::List => Type::List,
        }
    }
}

fn same_number(first: Option<&Type>) -> Type {
    match first {
        Some(ty) if ty.is_number() => ty.clone(),
        _ => Type::numeric(18, 9),
    }
}

fn combined(op: BinaryOp, left: Option<&Typed>, right: Option<&Typed>) -> Type {
    let number = |side: Option<&Typed>| same_number(side.map(|side| &side.ty));
    match result_type(op, &number(left), &number(right)) {
        Type::Double => Type::numeric(18, 9),
        ty => ty,
    }
}

/// `args`: one letter per argument — t text, n number, x number or text, i integer,
/// d date or time in any form, p date part, l list, v as it is; `|` before the
/// optional ones, `*` at the end repeats the last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signature {
    pub(super) args: &'static str,
    pub(super) returns: Returns,
    pub(super) sql: &'static str,
}

impl Signature {
    const fn new(args: &'static str, returns: Returns, sql: &'static str) -> Self {
        Self { args, returns, sql }
    }
}

/// The function of this name; -359 if there is none.
pub(super) fn find(name: &str) -> Option<Signature> {
    text::find(name)
        .or_else(|| number::find(name))
        .or_else(|| date::find(name))
        .or_else(|| list::find(name))
        .or_else(|| system::find(name))
}
