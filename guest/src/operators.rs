//! PostgreSQL's operators, by the types of their operands, with what its implicit casts
//! add (`pg_operator.dat`, `pg_cast.dat`).
//!
//! A type that is in none of the classes here may have operators of its own: nothing is
//! said of it.

use sqlparser::ast::BinaryOperator;

use crate::types::oid;
use crate::wit::Oid;

/// PostgreSQL's hint where two operands have no operator.
pub(crate) const NO_OPERATOR: &str = "No operator matches the given name and argument types. \
                                      You might need to add explicit type casts.";

/// Whether an operator tells how two values are ordered.
pub(crate) fn is_comparison(op: &BinaryOperator) -> bool {
    use BinaryOperator as O;
    matches!(op, O::Eq | O::NotEq | O::Lt | O::LtEq | O::Gt | O::GtEq)
}

/// Types whose values an operator takes for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Number,
    Text,
    Boolean,
    Date,
    Time,
    /// With a time zone or without.
    Moment,
    Interval,
    Uuid,
    Bytes,
    Json,
    Jsonb,
}

/// What stands on one side of an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operand {
    Typed(Oid, Class),
    /// A literal that takes its type from the other side.
    Untyped,
}

/// The operators, as far as they differ in what they take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Comparison,
    Plus,
    Minus,
    Times,
    Divide,
    Modulo,
    Power,
    /// `&`, `|` and `#`.
    Bits,
    Concatenation,
    /// LIKE and regular expressions.
    Pattern,
}

/// What PostgreSQL makes of an operator between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Exists,
    /// It exists, and the literal beside it is of this type.
    Settles(Oid),
    Missing,
    Ambiguous,
}

/// The class of a type; none if nothing is said of it.
pub(crate) fn class_of(oid: Oid) -> Option<Class> {
    Some(match oid {
        oid::INT2 | oid::INT4 | oid::INT8 | oid::NUMERIC | oid::FLOAT4 | oid::FLOAT8 => {
            Class::Number
        }
        oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::NAME => Class::Text,
        oid::BOOL => Class::Boolean,
        oid::DATE => Class::Date,
        oid::TIME => Class::Time,
        oid::TIMESTAMP | oid::TIMESTAMPTZ => Class::Moment,
        oid::INTERVAL => Class::Interval,
        oid::UUID => Class::Uuid,
        oid::BYTEA => Class::Bytes,
        oid::JSON => Class::Json,
        oid::JSONB => Class::Jsonb,
        _ => return None,
    })
}

/// Whether there is such an operator.
pub(crate) fn find(left: Operand, operator: Operator, right: Operand) -> Found {
    match (left, right) {
        (Operand::Typed(left, a), Operand::Typed(right, b)) => {
            if is_between((left, a), operator, (right, b)) {
                Found::Exists
            } else {
                Found::Missing
            }
        }
        (Operand::Typed(oid, class), Operand::Untyped)
        | (Operand::Untyped, Operand::Typed(oid, class)) => beside(oid, class, operator),
        (Operand::Untyped, Operand::Untyped) => match operator {
            Operator::Comparison | Operator::Concatenation | Operator::Pattern => Found::Exists,
            _ => Found::Ambiguous,
        },
    }
}

/// What a literal is beside an operand of this type.
fn beside(oid: Oid, class: Class, operator: Operator) -> Found {
    use Operator as O;
    let settles = |is_there: bool| {
        if is_there {
            Found::Settles(oid)
        } else {
            Found::Missing
        }
    };
    match operator {
        O::Comparison => settles(class != Class::Json),
        O::Concatenation => Found::Exists,
        O::Pattern => settles(matches!(class, Class::Text | Class::Bytes)),
        O::Bits => settles(is_integer(oid)),
        // Only an interval is added to a moment, and of two moments the difference is taken.
        O::Plus if class == Class::Moment => Found::Settles(oid::INTERVAL),
        O::Minus if matches!(class, Class::Moment | Class::Date) => Found::Settles(oid),
        O::Plus if matches!(class, Class::Date) => Found::Ambiguous,
        // The literal may be a number of days, an interval or a time of day.
        _ if matches!(
            class,
            Class::Date | Class::Time | Class::Moment | Class::Interval | Class::Jsonb
        ) =>
        {
            Found::Exists
        }
        O::Modulo => settles(class == Class::Number && !is_float(oid)),
        _ => settles(class == Class::Number),
    }
}

/// Whether a literal beside a sign has become a date, a moment or an interval.
pub(crate) fn is_moment(oid: Oid) -> bool {
    matches!(
        class_of(oid),
        Some(Class::Date | Class::Moment | Class::Interval)
    )
}

fn is_between(left: (Oid, Class), operator: Operator, right: (Oid, Class)) -> bool {
    use Class as C;
    use Operator as O;
    let classes = (left.1, right.1);
    let numbers = classes == (C::Number, C::Number);
    match operator {
        O::Comparison => is_comparable(classes),
        O::Plus => {
            numbers
                || adds(left, right)
                || adds(right, left)
                || classes == (C::Interval, C::Interval)
        }
        O::Minus => {
            let moments = |class| matches!(class, C::Date | C::Moment);
            numbers
                || (classes.0 == C::Date && is_day_count(right.0))
                || (moments(classes.0) && moments(classes.1))
                || (is_temporal(classes.0) && matches!(classes.1, C::Interval | C::Time))
                || (classes.0 == C::Jsonb && (classes.1 == C::Text || is_day_count(right.0)))
        }
        O::Times => {
            numbers || matches!(classes, (C::Interval, C::Number) | (C::Number, C::Interval))
        }
        O::Divide => numbers || classes == (C::Interval, C::Number),
        O::Modulo => numbers && !is_float(left.0) && !is_float(right.0),
        O::Power => numbers,
        O::Bits => is_integer(left.0) && is_integer(right.0),
        O::Concatenation => {
            left.1 == C::Text
                || right.1 == C::Text
                || matches!(classes, (C::Bytes, C::Bytes) | (C::Jsonb, C::Jsonb))
        }
        O::Pattern => matches!(classes, (C::Text, C::Text) | (C::Bytes, C::Bytes)),
    }
}

fn is_comparable(classes: (Class, Class)) -> bool {
    use Class as C;
    match classes {
        (C::Json, _) => false,
        (C::Date, C::Moment) | (C::Moment, C::Date) => true,
        // A time of day is an interval implicitly.
        (C::Time, C::Interval) | (C::Interval, C::Time) => true,
        (left, right) => left == right,
    }
}

/// Whether the second is added to the first.
fn adds(left: (Oid, Class), right: (Oid, Class)) -> bool {
    (left.1 == Class::Date && is_day_count(right.0))
        || (is_temporal(left.1) && matches!(right.1, Class::Interval | Class::Time))
}

fn is_temporal(class: Class) -> bool {
    matches!(
        class,
        Class::Date | Class::Time | Class::Moment | Class::Interval
    )
}

/// A date takes no bigint.
fn is_day_count(oid: Oid) -> bool {
    matches!(oid, oid::INT2 | oid::INT4)
}

fn is_integer(oid: Oid) -> bool {
    is_day_count(oid) || oid == oid::INT8
}

fn is_float(oid: Oid) -> bool {
    matches!(oid, oid::FLOAT4 | oid::FLOAT8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(left: Oid, operator: Operator, right: Oid) -> bool {
        let operand = |oid| Operand::Typed(oid, class_of(oid).unwrap_or(Class::Text));
        find(operand(left), operator, operand(right)) == Found::Exists
    }

    #[test]
    fn operators_are_postgresqls() {
        for (left, operator, right, exists) in [
            (oid::INT4, Operator::Comparison, oid::FLOAT8, true),
            (oid::INT4, Operator::Comparison, oid::TEXT, false),
            (oid::DATE, Operator::Comparison, oid::TIMESTAMPTZ, true),
            (oid::TIME, Operator::Comparison, oid::TIMESTAMP, false),
            (oid::JSON, Operator::Comparison, oid::JSON, false),
            (oid::DATE, Operator::Plus, oid::INT4, true),
            (oid::INT2, Operator::Plus, oid::DATE, true),
            (oid::DATE, Operator::Plus, oid::INT8, false),
            (oid::DATE, Operator::Minus, oid::DATE, true),
            (oid::DATE, Operator::Plus, oid::DATE, false),
            (oid::TIMESTAMP, Operator::Minus, oid::INTERVAL, true),
            (oid::INTERVAL, Operator::Minus, oid::TIMESTAMP, false),
            (oid::INTERVAL, Operator::Times, oid::FLOAT8, true),
            (oid::NUMERIC, Operator::Modulo, oid::FLOAT8, false),
            (oid::INT4, Operator::Concatenation, oid::VARCHAR, true),
            (oid::INT4, Operator::Concatenation, oid::INT4, false),
            (oid::NUMERIC, Operator::Bits, oid::INT4, false),
        ] {
            assert_eq!(
                between(left, operator, right),
                exists,
                "{left} {operator:?} {right}"
            );
        }
    }

    #[test]
    fn a_literal_takes_the_type_of_the_other_side() {
        let integer = Operand::Typed(oid::INT4, Class::Number);
        let text = Operand::Typed(oid::TEXT, Class::Text);
        assert_eq!(
            find(integer, Operator::Plus, Operand::Untyped),
            Found::Settles(oid::INT4)
        );
        assert_eq!(find(text, Operator::Plus, Operand::Untyped), Found::Missing);
        assert_eq!(
            find(Operand::Untyped, Operator::Plus, Operand::Untyped),
            Found::Ambiguous
        );
    }
}
