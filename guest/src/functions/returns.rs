//! The types of what functions return, from those of their arguments.

use crate::types::{kept, oid};
use crate::wit::Oid;

/// How PostgreSQL finds the result type of a function.
#[derive(Clone, Copy)]
pub(crate) enum Returns {
    /// This one.
    Type(Oid),
    /// The type of the first argument.
    First,
    /// As `First`, but text for every kind of string.
    FirstOrText,
    /// The widest type of the numbers.
    Widest,
    /// The one type that all arguments have, or the widest of the numbers.
    Common,
    /// `numeric` if an argument is, else `double precision`.
    Real,
    /// Of `log`: `numeric` if there is a base, else as `Real`.
    Logarithm,
    /// Of a sum.
    Sum,
    /// Of `date_trunc`: what its second argument is; a date becomes a moment.
    Truncated,
    /// Of `timezone`: with a time zone if the second argument has none, and the reverse.
    Zoned,
    /// Of an average.
    Average,
    /// Arrays of the first argument's type.
    ArrayOf,
    /// Not told.
    Unknown,
}

/// The result type of a function; none if it is not known.
pub(crate) fn result_type(returns: Returns, arguments: &[Option<Oid>]) -> Option<Oid> {
    let first = arguments.first().copied().flatten();
    match returns {
        Returns::Type(oid) => Some(oid),
        Returns::First => first,
        Returns::FirstOrText => first.map(|oid| match oid {
            oid::VARCHAR | oid::NAME => oid::TEXT,
            other => other,
        }),
        Returns::Widest => arguments
            .iter()
            .copied()
            .reduce(|left, right| widest(left?, right?))?,
        Returns::Common => match result_type(Returns::Widest, arguments) {
            None if arguments.iter().all(|oid| *oid == first) => {
                result_type(Returns::FirstOrText, arguments)
            }
            widest => widest,
        },
        Returns::Real => real(arguments),
        Returns::Logarithm if arguments.len() > 1 => real(arguments).map(|_| oid::NUMERIC),
        Returns::Logarithm => real(arguments),
        Returns::Sum => Some(match first? {
            oid::INT2 | oid::INT4 => oid::INT8,
            oid::INT8 | oid::NUMERIC => oid::NUMERIC,
            oid::FLOAT4 => oid::FLOAT4,
            oid::FLOAT8 => oid::FLOAT8,
            _ => return None,
        }),
        Returns::Average => Some(match first? {
            oid::INT2 | oid::INT4 | oid::INT8 | oid::NUMERIC => oid::NUMERIC,
            oid::FLOAT4 | oid::FLOAT8 => oid::FLOAT8,
            _ => return None,
        }),
        // In a zone of its own.
        Returns::Truncated if arguments.len() == 3 => Some(oid::TIMESTAMPTZ),
        Returns::Truncated => match arguments.get(1).copied().flatten()? {
            oid::DATE => Some(oid::TIMESTAMPTZ),
            known @ (oid::TIMESTAMP | oid::TIMESTAMPTZ | oid::INTERVAL) => Some(known),
            _ => None,
        },
        Returns::Zoned => match arguments.get(1).copied().flatten()? {
            oid::TIMESTAMP => Some(oid::TIMESTAMPTZ),
            oid::DATE | oid::TIMESTAMPTZ => Some(oid::TIMESTAMP),
            _ => None,
        },
        Returns::ArrayOf => Some(kept::array_of(first?)).filter(|oid| *oid != 0),
        Returns::Unknown => None,
    }
}

fn real(arguments: &[Option<Oid>]) -> Option<Oid> {
    let mut result = oid::FLOAT8;
    for argument in arguments {
        match (*argument)? {
            oid::FLOAT4 | oid::FLOAT8 => return Some(oid::FLOAT8),
            oid::NUMERIC => result = oid::NUMERIC,
            oid::INT2 | oid::INT4 | oid::INT8 => {}
            _ => return None,
        }
    }
    Some(result)
}

fn widest(left: Oid, right: Oid) -> Option<Oid> {
    const ORDER: [Oid; 5] = [oid::INT2, oid::INT4, oid::INT8, oid::NUMERIC, oid::FLOAT8];
    let rank = |oid| ORDER.iter().position(|known| *known == oid);
    ORDER.get(rank(left)?.max(rank(right)?)).copied()
}
