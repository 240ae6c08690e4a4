//! # What it does
//! Computes `&`, `|`, `<<`, `>>` and `~` of integers by arithmetic, and reads bit strings that
//! are cast to a number or text.
//!
//! # Why
//! IRIS has no operators on bits: its `&` and `!` join conditions, its `#` is the modulus. It has
//! no bit strings. (InterSystems SQL, "Language Elements".)
//!
//! # Example
//! `flags & 4` becomes `(MOD(MOD(flags, 8) + 8, 8) - MOD(MOD(flags, 4) + 4, 4))`, `~a` becomes
//! `(-1 - a)`, and `x'1F'::int` becomes `31::int`.
//!
//! # Limits
//! One side of `&` and `|` must be a constant, and what `<<` and `>>` shift by; the others are
//! refused, and so are bit strings that are not cast. `#` is refused, because those who write for IRIS
//! mean the modulus by it. A constant may have up to eight runs of
//! bits that are set, and a `bigint` is not shifted to the left by 1 or 2.
//!
//! # Versions
//! All.

use sqlparser::ast::{BinaryOperator, DataType, Expr, Statement, UnaryOperator, Value};

use super::integer_division::integer_division;
use crate::build;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::functions::integer;
use crate::place;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::{self, oid};
use crate::wit::{Diagnostic, Oid};

pub(crate) struct BitOperator;

/// Each is two calls that contain the other side.
const MOST_RUNS: usize = 8;

/// IRIS computes exactly with 19 digits, as long as the first of them is small.
const HIGHEST_BIT: u32 = 62;

impl Rule for BitOperator {
    fn name(&self) -> &'static str {
        "bit_operator"
    }

    fn summary(&self) -> &'static str {
        "computes with bits by arithmetic"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::BIT)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let (relations, parameters) = (pass.relations, pass.parameters.clone());
        let mut walk = Walk {
            changed: false,
            pass,
        };
        scoped(tree, relations, &parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a, 'b> {
    changed: bool,
    pass: &'a mut Pass<'b>,
}

impl ScopedHooks for Walk<'_, '_> {
    /// From the inside out: what is constant inside is a number by then.
    fn leave_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        if let Some(written) = self.written(expr, scopes)? {
            *expr = written;
            self.changed = true;
        }
        Ok(())
    }

    fn enter_expression(&mut self, expr: &mut Expr, _scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        if let Some(read) = literal(expr) {
            *expr = read;
            self.changed = true;
        } else if is_bits(expr) {
            return Err(Diagnostic::not_supported(
                "bit strings are not supported",
                "IRIS has none: use a number, or a text of 0 and 1",
            )
            .at(self.pass.text, place::of(expr)));
        }
        Ok(())
    }
}

impl Walk<'_, '_> {
    fn written(&mut self, expr: &mut Expr, scopes: &Scopes<'_>) -> Diagnosed<Option<Expr>> {
        use BinaryOperator as O;
        match expr {
            Expr::UnaryOp {
                op: UnaryOperator::BitwiseNot,
                expr: inner,
            } if width(inner, scopes).is_some() => {
                if let Some(known) = integer(inner) {
                    return Ok(Some(number(!known)));
                }
                let value = build::nested(build::take(inner));
                Ok(Some(nested(build::number(-1), O::Minus, value)))
            }
            Expr::BinaryOp { left, op, right } if is_bitwise(op) => {
                let (Some(bits), Some(_)) = (width(left, scopes), width(right, scopes)) else {
                    return Ok(None);
                };
                if let (Some(a), Some(b)) = (integer(left), integer(right)) {
                    return Ok(folded(a, op, b, bits).map(number));
                }
                match op {
                    O::PGBitwiseShiftLeft | O::PGBitwiseShiftRight => {
                        let Some(by) = integer(right).and_then(|by| u32::try_from(by).ok()) else {
                            return Ok(None);
                        };
                        let op = op.clone();
                        shifted(left, &op, by, bits, &mut self.pass.copies)
                    }
                    _ => {
                        let (value, mask) = match (integer(left), integer(right)) {
                            (None, Some(mask)) => (left, mask),
                            (Some(mask), None) => (right, mask),
                            _ => return Ok(None),
                        };
                        let op = op.clone();
                        masked(value, &op, mask, &mut self.pass.copies)
                    }
                }
            }
            _ => Ok(None),
        }
    }
}

fn is_bitwise(op: &BinaryOperator) -> bool {
    use BinaryOperator as O;
    matches!(
        op,
        O::BitwiseAnd | O::BitwiseOr | O::PGBitwiseShiftLeft | O::PGBitwiseShiftRight
    )
}

/// How many bits an integer has; none for what is no integer.
fn width(expr: &Expr, scopes: &Scopes<'_>) -> Option<u32> {
    match scopes.type_of(expr)? {
        // PostgreSQL's shifts of `smallint` are those of `integer`.
        oid::INT2 | oid::INT4 => Some(32),
        oid::INT8 => Some(64),
        _ => None,
    }
}

/// Of two constants.
fn folded(a: i64, op: &BinaryOperator, b: i64, bits: u32) -> Option<i64> {
    use BinaryOperator as O;
    let by = u32::try_from(b).ok().filter(|by| *by < bits);
    Some(match op {
        O::BitwiseAnd => a & b,
        O::BitwiseOr => a | b,
        O::PGBitwiseShiftRight => a >> by?,
        O::PGBitwiseShiftLeft if bits == 32 => i32::try_from(a).ok()?.wrapping_shl(by?).into(),
        O::PGBitwiseShiftLeft => a.wrapping_shl(by?),
        _ => return None,
    })
}

/// With a constant: the bits that it has in common with the other side are its runs of
/// bits, and what is above a run has no part in the remainder.
fn masked(
    value: &mut Expr,
    op: &BinaryOperator,
    mask: i64,
    copies: &mut Copies,
) -> Diagnosed<Option<Expr>> {
    use BinaryOperator as O;
    // `x & -m` is `x` without the bits of `m - 1`.
    let positive = if mask < 0 { !mask } else { mask };
    let runs = runs(positive);
    if runs.len() > MOST_RUNS || runs.iter().any(|(_, end)| *end > HIGHEST_BIT) {
        return Ok(None);
    }
    let mut common = common(value, &runs, copies)?;
    if mask < 0 {
        common = nested(build::nested(copies.copy(value)?), O::Minus, common);
    }
    let with = |less: Expr, value: &Expr, copies: &mut Copies| -> Diagnosed<Expr> {
        let value = build::nested(copies.copy(value)?);
        let rest = build::binary(value, O::Minus, less);
        Ok(nested(rest, O::Plus, number(mask)))
    };
    Ok(Some(match op {
        O::BitwiseAnd => common,
        O::BitwiseOr => with(common, value, copies)?,
        _ => return Ok(None),
    }))
}

/// The runs of bits that are set: the first bit, and the one behind the last.
fn runs(mask: i64) -> Vec<(u32, u32)> {
    let mut runs = Vec::new();
    let mut rest = mask.unsigned_abs();
    while rest != 0 {
        let start = rest.trailing_zeros();
        let end = start + (rest >> start).trailing_ones();
        runs.push((start, end));
        rest = rest
            .checked_shr(end)
            .unwrap_or(0)
            .checked_shl(end)
            .unwrap_or(0);
    }
    runs
}

fn common(value: &Expr, runs: &[(u32, u32)], copies: &mut Copies) -> Diagnosed<Expr> {
    let mut sum: Option<Expr> = None;
    for (start, end) in runs {
        let mut run = remainder(copies.copy(value)?, *end);
        if *start > 0 {
            let below = remainder(copies.copy(value)?, *start);
            run = build::binary(run, BinaryOperator::Minus, below);
        }
        sum = Some(match sum {
            None => run,
            Some(sum) => build::binary(sum, BinaryOperator::Plus, run),
        });
    }
    Ok(match sum {
        // Nothing, or NULL.
        None => nested(
            build::nested(copies.copy(value)?),
            BinaryOperator::Multiply,
            build::number(0),
        ),
        Some(sum @ Expr::BinaryOp { .. }) => build::nested(sum),
        Some(sum) => sum,
    })
}

fn shifted(
    value: &mut Expr,
    op: &BinaryOperator,
    by: u32,
    bits: u32,
    copies: &mut Copies,
) -> Diagnosed<Option<Expr>> {
    use BinaryOperator as O;
    if by == 0 {
        return Ok(Some(build::take(value)));
    }
    if by >= bits {
        return Ok(None);
    }
    let factor = build::number(1_u64 << by);
    if *op == O::PGBitwiseShiftRight {
        if by > HIGHEST_BIT {
            return Ok(None);
        }
        let below = remainder(copies.copy(value)?, by);
        let above = nested(build::nested(build::take(value)), O::Minus, below);
        return Ok(Some(nested(above, integer_division(), factor)));
    }
    // What is left of it, with its sign.
    let left = bits - by;
    if left >= HIGHEST_BIT {
        return Ok(None);
    }
    let half = build::number(1_u64 << (left - 1));
    let inner = call_mod(build::take(value), left);
    let moved = build::binary(inner, O::Plus, half.clone());
    let kept = nested(remainder(moved, left), O::Minus, half);
    Ok(Some(nested(kept, O::Multiply, factor)))
}

/// The lowest bits of a number, also of a negative one: `MOD(MOD(x, p) + p, p)`.
fn remainder(value: Expr, bits: u32) -> Expr {
    let power = build::number(1_u64 << bits.min(63));
    let sum = build::binary(call_mod(value, bits), BinaryOperator::Plus, power.clone());
    build::call("MOD", vec![sum, power])
}

fn call_mod(value: Expr, bits: u32) -> Expr {
    let plain = match value {
        Expr::Nested(inner) => *inner,
        other => other,
    };
    build::call("MOD", vec![plain, build::number(1_u64 << bits.min(63))])
}

fn nested(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    build::nested(build::binary(left, op, right))
}

fn number(value: i64) -> Expr {
    let digits = build::number(value.unsigned_abs());
    if value >= 0 {
        return digits;
    }
    build::nested(Expr::UnaryOp {
        op: UnaryOperator::Minus,
        expr: Box::new(digits),
    })
}

fn is_bits(expr: &Expr) -> bool {
    matches!(expr, Expr::Value(value) if matches!(
        value.value,
        Value::SingleQuotedByteStringLiteral(_) | Value::HexStringLiteral(_)
    ))
}

/// What a bit string is as a number or a text.
fn literal(cast: &Expr) -> Option<Expr> {
    let Expr::Cast {
        kind,
        expr,
        data_type,
        ..
    } = cast
    else {
        return None;
    };
    let Expr::Value(value) = &**expr else {
        return None;
    };
    let bits = match &value.value {
        Value::SingleQuotedByteStringLiteral(bits) => bits.clone(),
        Value::HexStringLiteral(digits) => digits
            .chars()
            .map(|digit| Some(format!("{:04b}", digit.to_digit(16)?)))
            .collect::<Option<String>>()?,
        _ => return None,
    };
    let read = read(&bits, data_type, types::of(data_type)?.oid)?;
    Some(Expr::Cast {
        kind: kind.clone(),
        expr: Box::new(read),
        data_type: data_type.clone(),
        format: None,
    })
}

fn read(bits: &str, data_type: &DataType, target: Oid) -> Option<Expr> {
    if bits.bytes().any(|bit| !matches!(bit, b'0' | b'1')) {
        return None;
    }
    let parsed = || match bits {
        "" => Some(0),
        bits => u64::from_str_radix(bits, 2).ok(),
    };
    match target {
        // The first of all the bits is the sign.
        oid::INT4 if bits.len() <= 32 => {
            Some(number(u32::try_from(parsed()?).ok()?.cast_signed().into()))
        }
        oid::INT8 if bits.len() <= 64 => Some(number(parsed()?.cast_signed())),
        oid::TEXT | oid::VARCHAR if !matches!(data_type, DataType::Custom(..)) => {
            Some(build::string(bits))
        }
        _ => None,
    }
}
