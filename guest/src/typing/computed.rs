//! Numerics of which PostgreSQL finds the digits to show by their value.
//!
//! `numeric.c` gives quotients, roots and logarithms some sixteen significant digits; the host,
//! which sees the values, counts them.

use sqlparser::ast::{BinaryOperator, Expr, Function, UnaryOperator, Value};

use crate::build;
use crate::types::oid;
use crate::wit::{Computation, ComputedDigits, Oid};

/// How many digits behind the point of a `numeric` are shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shown {
    /// These, whatever the value.
    Scale(u32),
    ByValue(ComputedDigits),
}

impl Shown {
    /// That of values of either kind.
    pub(crate) fn merged(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::ByValue(one), Self::ByValue(other)) => both(one, other).map(Self::ByValue),
            (one, other) => (one == other).then_some(one),
        }
    }

    pub(crate) fn scale(self) -> Option<u32> {
        match self {
            Self::Scale(scale) => Some(scale),
            Self::ByValue(_) => None,
        }
    }

    pub(crate) fn by_value(self) -> Option<ComputedDigits> {
        match self {
            Self::Scale(_) => None,
            Self::ByValue(digits) => Some(digits),
        }
    }
}

/// What is known around an expression.
pub(crate) struct Facts<'a> {
    pub(crate) type_of: &'a dyn Fn(&Expr) -> Option<Oid>,
    pub(crate) scale_of: &'a dyn Fn(&Expr) -> Option<u32>,
    /// Of what a name stands for.
    pub(crate) leaf: &'a dyn Fn(&Expr) -> Option<ComputedDigits>,
}

/// How the digits of an expression are found; none if it is not computed so. What is below a
/// division is not looked into again, so that each node is asked for its type once.
pub(crate) fn of(expression: &Expr, facts: &Facts<'_>) -> Option<ComputedDigits> {
    match expression {
        Expr::Nested(inner)
        | Expr::UnaryOp {
            op: UnaryOperator::Minus | UnaryOperator::Plus | UnaryOperator::PGAbs,
            expr: inner,
        } => of(inner, facts),
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Divide,
            right,
        } => {
            is_numeric(expression, facts)?;
            let least = least(left, facts).max(least(right, facts));
            Some(ComputedDigits {
                divisor: whole(right),
                ..computed(Computation::Quotient, least)
            })
        }
        Expr::BinaryOp {
            left,
            op: BinaryOperator::PGExp,
            right,
        } => of_power(expression, left, right, facts),
        Expr::Case {
            conditions,
            else_result,
            ..
        } => of_all(
            &mut build::results(conditions, else_result.as_deref()),
            facts,
        ),
        Expr::Function(function) => of_function(expression, function, facts),
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => (facts.leaf)(expression),
        _ => None,
    }
}

fn of_function(
    expression: &Expr,
    function: &Function,
    facts: &Facts<'_>,
) -> Option<ComputedDigits> {
    let arguments = build::arguments(function);
    let first = *arguments.first()?;
    let operation = match build::function_name(function)?.as_str() {
        "abs" | "min" | "max" | "nullif" | "any_value" | "first_value" | "last_value" | "lag"
        | "lead" | "nth_value" => return of(first, facts),
        "coalesce" | "greatest" | "least" => return of_all(&mut arguments.into_iter(), facts),
        "avg" => Computation::Quotient,
        "variance" | "var_samp" | "var_pop" => Computation::Variance,
        "stddev" | "stddev_samp" | "stddev_pop" => Computation::Deviation,
        "sqrt" => Computation::Root,
        "ln" => Computation::Logarithm,
        "log" | "log10" if arguments.len() == 1 => Computation::DecimalLogarithm,
        "log" => {
            is_numeric(expression, facts)?;
            let base = whole(first).filter(|base| *base > 1)?;
            let least = arguments
                .iter()
                .map(|argument| least(argument, facts))
                .max()?;
            return Some(ComputedDigits {
                divisor: Some(base),
                ..computed(Computation::Logarithm, least)
            });
        }
        "exp" => Computation::Exponential,
        "power" | "pow" => return of_power(expression, first, arguments.get(1)?, facts),
        _ => return None,
    };
    is_numeric(expression, facts)?;
    let own = least(first, facts);
    Some(computed(
        operation,
        match operation {
            Computation::Variance => 2 * own,
            Computation::Deviation => 0,
            _ => own,
        },
    ))
}

/// Of a power by a fraction; of one by a whole number the digits are known.
fn of_power(
    expression: &Expr,
    base: &Expr,
    exponent: &Expr,
    facts: &Facts<'_>,
) -> Option<ComputedDigits> {
    is_numeric(expression, facts)?;
    fraction(exponent)?;
    let least = least(base, facts).max(least(exponent, facts));
    Some(computed(Computation::Exponential, least))
}

/// A number that is written, and not whole.
fn fraction(expression: &Expr) -> Option<()> {
    match build::unnested(expression) {
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr,
        } => fraction(expr),
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => {
                let (_, decimals) = digits.split_once('.')?;
                let is_plain = decimals.bytes().all(|digit| digit.is_ascii_digit());
                (is_plain && decimals.bytes().any(|digit| digit != b'0')).then_some(())
            }
            _ => None,
        },
        _ => None,
    }
}

/// Of what is chosen from among others. A literal 0 in place of NULL is told by its value.
fn of_all(
    expressions: &mut dyn Iterator<Item = &Expr>,
    facts: &Facts<'_>,
) -> Option<ComputedDigits> {
    let mut found: Option<ComputedDigits> = None;
    let mut bare_zero = false;
    for expression in expressions {
        if build::is_null(expression) {
            continue;
        }
        if whole(expression) == Some(0) {
            bare_zero = true;
            continue;
        }
        let digits = of(expression, facts)?;
        found = Some(match found {
            None => digits,
            Some(known) => both(known, digits)?,
        });
    }
    let mut digits = found?;
    digits.bare_zero |= bare_zero;
    Some(digits)
}

fn both(one: ComputedDigits, other: ComputedDigits) -> Option<ComputedDigits> {
    (one.operation == other.operation).then(|| ComputedDigits {
        operation: one.operation,
        least: one.least.max(other.least),
        divisor: one.divisor.filter(|_| one.divisor == other.divisor),
        bare_zero: one.bare_zero || other.bare_zero,
    })
}

fn computed(operation: Computation, least: u32) -> ComputedDigits {
    ComputedDigits {
        operation,
        least,
        divisor: None,
        bare_zero: false,
    }
}

fn is_numeric(expression: &Expr, facts: &Facts<'_>) -> Option<()> {
    ((facts.type_of)(expression)? == oid::NUMERIC).then_some(())
}

/// The digits that an operand has; those of a quotient or an average are sixteen or more.
fn least(operand: &Expr, facts: &Facts<'_>) -> u32 {
    match build::unnested(operand) {
        Expr::BinaryOp {
            op: BinaryOperator::Divide,
            ..
        } => SIGNIFICANT,
        Expr::Function(function) if build::function_name(function).as_deref() == Some("avg") => {
            SIGNIFICANT
        }
        operand => (facts.scale_of)(operand).unwrap_or(0),
    }
}

/// `NUMERIC_MIN_SIG_DIGITS`
const SIGNIFICANT: u32 = 16;

/// The whole number that a literal is.
fn whole(expression: &Expr) -> Option<u32> {
    match build::unnested(expression) {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => {
                let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
                let is_whole = fraction.bytes().all(|digit| digit == b'0');
                whole.parse().ok().filter(|_| is_whole)
            }
            _ => None,
        },
        _ => None,
    }
}
