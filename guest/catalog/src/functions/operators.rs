//! Operators other than comparisons, sections 9.3 to 9.19 of the manual.

use super::{arrays, int, patterns, text};
use crate::aggregate::fits;
use crate::catalog::Scene;
use crate::failure::{Failure, Result};
use crate::json;
use crate::plan::Call;
use crate::types::{Category, Type};
use crate::value::Value;

/// An operator for two types: what it is called with, and what it gives.
pub(crate) struct Operator {
    pub(crate) arguments: [Type; 2],
    pub(crate) result: Type,
    pub(crate) strict: bool,
    pub(crate) call: Call,
}

/// The operator of that name for the types; an unknown literal may take the other's.
pub(crate) fn find(name: &str, left: Type, right: Type) -> Option<Operator> {
    match name {
        "+" | "-" | "*" | "/" | "%" => arithmetic(name, left, right),
        "&" | "|" | "#" | "<<" | ">>" => bitwise(name, left, right),
        "||" => concatenation(left, right),
        "~" | "!~" | "~*" | "!~*" | "~~" | "!~~" | "~~*" | "!~~*" | "^@" => {
            pattern(name, left, right)
        }
        "&&" | "@>" | "<@" => of_arrays(name, left, right),
        "->" | "->>" | "#>" | "#>>" => of_json(name, left, right),
        _ => None,
    }
}

fn plain(left: Type, right: Type, result: Type, call: Call) -> Operator {
    Operator {
        arguments: [left, right],
        result,
        strict: true,
        call,
    }
}

/// The wider of two number types.
pub(crate) fn wider(left: Type, right: Type) -> Option<Type> {
    let rank = |kind: Type| match kind {
        Type::INT2 => Some(1),
        Type::INT4 => Some(2),
        Type::INT8 => Some(3),
        Type::NUMERIC => Some(4),
        Type::FLOAT4 => Some(5),
        Type::FLOAT8 => Some(6),
        _ => None,
    };
    Some(if rank(left)? >= rank(right)? {
        left
    } else {
        right
    })
}

fn arithmetic(name: &str, left: Type, right: Type) -> Option<Operator> {
    let kind = match (left, right) {
        (Type::UNKNOWN, Type::UNKNOWN) => return None,
        (Type::UNKNOWN, other) | (other, Type::UNKNOWN) => other,
        _ => wider(left, right)?,
    };
    wider(kind, kind)?;
    let call: Call = match (kind, name) {
        (Type::INT2, "+") => |_, v| small(v, i64::checked_add),
        (Type::INT2, "-") => |_, v| small(v, i64::checked_sub),
        (Type::INT2, "*") => |_, v| small(v, i64::checked_mul),
        (Type::INT4, "+") => |_, v| medium(v, i64::checked_add),
        (Type::INT4, "-") => |_, v| medium(v, i64::checked_sub),
        (Type::INT4, "*") => |_, v| medium(v, i64::checked_mul),
        (Type::INT8, "+") => |_, v| large(v, i64::checked_add),
        (Type::INT8, "-") => |_, v| large(v, i64::checked_sub),
        (Type::INT8, "*") => |_, v| large(v, i64::checked_mul),
        (Type::INT2 | Type::INT4 | Type::INT8, "/") => |_, v| divided(v, i64::checked_div),
        (Type::INT2 | Type::INT4 | Type::INT8, "%") => |_, v| divided(v, i64::checked_rem),
        (_, "+") => |_, v| real(v, |a, b| a + b),
        (_, "-") => |_, v| real(v, |a, b| a - b),
        (_, "*") => |_, v| real(v, |a, b| a * b),
        (_, "/") => |_, v| real_divided(v),
        _ => return None,
    };
    Some(plain(kind, kind, kind, call))
}

type Whole = fn(i64, i64) -> Option<i64>;

fn small(values: &[Value], compute: Whole) -> Result<Value> {
    checked(values, compute, Type::INT2)
}

fn medium(values: &[Value], compute: Whole) -> Result<Value> {
    checked(values, compute, Type::INT4)
}

fn large(values: &[Value], compute: Whole) -> Result<Value> {
    checked(values, compute, Type::INT8)
}

fn checked(values: &[Value], compute: Whole, kind: Type) -> Result<Value> {
    compute(int(values, 0)?, int(values, 1)?)
        .filter(|number| fits(kind, *number))
        .map(Value::Int)
        .ok_or_else(|| Failure::out_of_range(&kind.display()))
}

fn divided(values: &[Value], compute: Whole) -> Result<Value> {
    let (left, right) = (int(values, 0)?, int(values, 1)?);
    if right == 0 {
        return Err(Failure::new("22012", "division by zero"));
    }
    compute(left, right)
        .map(Value::Int)
        .ok_or_else(|| Failure::out_of_range("bigint"))
}

fn real(values: &[Value], compute: fn(f64, f64) -> f64) -> Result<Value> {
    let side = |number: usize| {
        values
            .get(number)
            .and_then(Value::as_float)
            .unwrap_or_default()
    };
    let result = compute(side(0), side(1));
    Ok(match (values.first(), values.get(1)) {
        // A numeric without a fraction stays one.
        (Some(Value::Int(_)), Some(Value::Int(_))) if result.fract() == 0.0 => {
            Value::Int(result as i64)
        }
        _ => Value::Float(result),
    })
}

fn real_divided(values: &[Value]) -> Result<Value> {
    if values.get(1).and_then(Value::as_float) == Some(0.0) {
        return Err(Failure::new("22012", "division by zero"));
    }
    real(values, |a, b| a / b)
}

fn bitwise(name: &str, left: Type, right: Type) -> Option<Operator> {
    let kind = match (left, right) {
        (Type::UNKNOWN, other) | (other, Type::UNKNOWN) => other,
        _ => wider(left, right)?,
    };
    if !matches!(kind, Type::INT2 | Type::INT4 | Type::INT8) {
        return None;
    }
    let call: Call = match name {
        "&" => |_, v| Ok(Value::Int(int(v, 0)? & int(v, 1)?)),
        "|" => |_, v| Ok(Value::Int(int(v, 0)? | int(v, 1)?)),
        "#" => |_, v| Ok(Value::Int(int(v, 0)? ^ int(v, 1)?)),
        "<<" => |_, v| {
            let shift = u32::try_from(int(v, 1)?).unwrap_or(64);
            Ok(Value::Int(int(v, 0)?.checked_shl(shift).unwrap_or(0)))
        },
        _ => |_, v| {
            let shift = u32::try_from(int(v, 1)?).unwrap_or(64);
            Ok(Value::Int(int(v, 0)?.checked_shr(shift).unwrap_or(0)))
        },
    };
    Some(plain(kind, kind, kind, call))
}

fn is_list(kind: Type) -> bool {
    kind.category() == Category::Array
}

fn concatenation(left: Type, right: Type) -> Option<Operator> {
    let of_lists = |arguments: [Type; 2], result: Type, call: Call| {
        Some(Operator {
            arguments,
            result,
            strict: false,
            call,
        })
    };
    match (is_list(left), is_list(right)) {
        (true, true) => of_lists([left, left], left, arrays::concatenate),
        (true, false) if right == Type::UNKNOWN => {
            of_lists([left, left], left, arrays::concatenate)
        }
        (false, true) if left == Type::UNKNOWN => {
            of_lists([right, right], right, arrays::concatenate)
        }
        (true, false) => of_lists([left, left.element()?], left, arrays::append),
        (false, true) => of_lists([right.element()?, right], right, |scene, v| {
            arrays::prepend(scene, v.first(), v.get(1))
        }),
        (false, false) if left == Type::JSONB && right == Type::JSONB => None,
        // One side must be a string; the other is shown as one.
        (false, false) => {
            let stringy = |kind: Type| kind.is_string() || kind == Type::UNKNOWN;
            (stringy(left) || stringy(right)).then(|| {
                plain(Type::TEXT, Type::TEXT, Type::TEXT, |_, v| {
                    Ok(format!("{}{}", text(v, 0)?, text(v, 1)?).into())
                })
            })
        }
    }
}

fn pattern(name: &str, left: Type, right: Type) -> Option<Operator> {
    let stringy = |kind: Type| kind.is_string() || kind == Type::UNKNOWN;
    if !stringy(left) || !stringy(right) {
        return None;
    }
    let call: Call = match name {
        "~" => patterns::matches,
        "!~" => patterns::differs,
        "~*" => patterns::matches_any_case,
        "!~*" => patterns::differs_any_case,
        "~~" => patterns::like,
        "!~~" => patterns::not_like,
        "~~*" => patterns::like_any_case,
        "!~~*" => patterns::not_like_any_case,
        _ => |_, v| Ok(text(v, 0)?.starts_with(text(v, 1)?).into()),
    };
    Some(plain(Type::TEXT, Type::TEXT, Type::BOOL, call))
}

fn of_arrays(name: &str, left: Type, right: Type) -> Option<Operator> {
    let kind = match (left, right) {
        (Type::UNKNOWN, other) | (other, Type::UNKNOWN) => other,
        _ => left,
    };
    if !is_list(kind) || !(is_list(right) || right == Type::UNKNOWN) {
        return None;
    }
    let call: Call = match name {
        "&&" => arrays::overlap,
        "@>" => arrays::contains,
        _ => |scene: Scene<'_>, v: &[Value]| match v {
            [left, right] => arrays::contains(scene, &[right.clone(), left.clone()]),
            _ => Ok(Value::Null),
        },
    };
    Some(plain(kind, kind, Type::BOOL, call))
}

fn of_json(name: &str, left: Type, right: Type) -> Option<Operator> {
    let is_json = matches!(left, Type::JSON | Type::JSONB);
    let key = match right {
        Type::UNKNOWN | Type::TEXT | Type::VARCHAR | Type::NAME => Type::TEXT,
        Type::INT2 | Type::INT4 => Type::INT4,
        Type(1009) => right,
        _ => return None,
    };
    if !is_json {
        return None;
    }
    let by_path = name.starts_with('#');
    let key = if by_path { Type(1009) } else { key };
    let (result, call): (Type, Call) = match name {
        "->" | "#>" => (left, |_, v| found(v, false)),
        _ => (Type::TEXT, |_, v| found(v, true)),
    };
    Some(plain(left, key, result, call))
}

fn found(values: &[Value], as_text: bool) -> Result<Value> {
    let tree = json::parse(text(values, 0)?)?;
    let steps = match values.get(1) {
        Some(Value::Array(path)) => path.elements.clone(),
        Some(step) => vec![step.clone()],
        None => Vec::new(),
    };
    let mut at = Some(&tree);
    for step in &steps {
        at = at.and_then(|tree| match (tree, step) {
            (serde_json::Value::Array(_), Value::Text(number)) => {
                json::step(tree, &number.parse().map_or(Value::Null, Value::Int))
            }
            _ => json::step(tree, step),
        });
    }
    Ok(match at {
        None => Value::Null,
        Some(tree) if as_text => json::as_text(tree).into(),
        Some(tree) => {
            let mut shown = String::new();
            json::show(tree, &mut shown);
            shown.into()
        }
    })
}
