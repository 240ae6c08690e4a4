//! Strings, section 9.4 of the manual.

use super::{Function, function, int, text};
use crate::catalog::Scene;
use crate::failure::{Failure, Result};
use crate::names;
use crate::types::Type;
use crate::value::Value;

const TEXT: Type = Type::TEXT;
const INT4: Type = Type::INT4;

pub(super) const LIST: &[Function] = &[
    function("length", &[TEXT], INT4, length),
    function("char_length", &[TEXT], INT4, length),
    function("character_length", &[TEXT], INT4, length),
    function("octet_length", &[TEXT], INT4, |_, v| {
        Ok(Value::Int(text(v, 0)?.len() as i64))
    }),
    function("lower", &[TEXT], TEXT, |_, v| {
        Ok(text(v, 0)?.to_lowercase().into())
    }),
    function("upper", &[TEXT], TEXT, |_, v| {
        Ok(text(v, 0)?.to_uppercase().into())
    }),
    function("btrim", &[TEXT], TEXT, |_, v| {
        Ok(text(v, 0)?.trim_matches(' ').into())
    }),
    function("btrim", &[TEXT, TEXT], TEXT, |_, v| {
        let set = text(v, 1)?;
        Ok(text(v, 0)?.trim_matches(|c| set.contains(c)).into())
    }),
    function("ltrim", &[TEXT], TEXT, |_, v| {
        Ok(text(v, 0)?.trim_start_matches(' ').into())
    }),
    function("ltrim", &[TEXT, TEXT], TEXT, |_, v| {
        let set = text(v, 1)?;
        Ok(text(v, 0)?.trim_start_matches(|c| set.contains(c)).into())
    }),
    function("rtrim", &[TEXT], TEXT, |_, v| {
        Ok(text(v, 0)?.trim_end_matches(' ').into())
    }),
    function("rtrim", &[TEXT, TEXT], TEXT, |_, v| {
        let set = text(v, 1)?;
        Ok(text(v, 0)?.trim_end_matches(|c| set.contains(c)).into())
    }),
    function("replace", &[TEXT, TEXT, TEXT], TEXT, |_, v| {
        let from = text(v, 1)?;
        if from.is_empty() {
            return Ok(text(v, 0)?.into());
        }
        Ok(text(v, 0)?.replace(from, text(v, 2)?).into())
    }),
    function("split_part", &[TEXT, TEXT, INT4], TEXT, split_part),
    function("substr", &[TEXT, INT4], TEXT, substring),
    function("substr", &[TEXT, INT4, INT4], TEXT, substring),
    function("substring", &[TEXT, INT4], TEXT, substring),
    function("substring", &[TEXT, INT4, INT4], TEXT, substring),
    function("left", &[TEXT, INT4], TEXT, |_, v| {
        let (shown, count) = (text(v, 0)?, int(v, 1)?);
        let length = shown.chars().count() as i64;
        let keep = if count < 0 { length + count } else { count };
        Ok(part(shown, 0, keep).into())
    }),
    function("right", &[TEXT, INT4], TEXT, |_, v| {
        let (shown, count) = (text(v, 0)?, int(v, 1)?);
        let length = shown.chars().count() as i64;
        let skip = if count < 0 { -count } else { length - count };
        Ok(part(shown, skip, length).into())
    }),
    function("strpos", &[TEXT, TEXT], INT4, position),
    function("position", &[TEXT, TEXT], INT4, position),
    function("starts_with", &[TEXT, TEXT], Type::BOOL, |_, v| {
        Ok(text(v, 0)?.starts_with(text(v, 1)?).into())
    }),
    function("concat", &[TEXT], TEXT, concat).variadic(),
    function("concat_ws", &[TEXT, TEXT], TEXT, concat_ws).variadic(),
    function("format", &[TEXT], TEXT, |_, v| format_text(v)).variadic(),
    function("quote_ident", &[TEXT], TEXT, |_, v| {
        Ok(names::quote_ident(text(v, 0)?).into())
    }),
    function("quote_literal", &[TEXT], TEXT, |_, v| {
        Ok(names::quote_literal(text(v, 0)?).into())
    }),
    function("quote_nullable", &[TEXT], TEXT, |_, v| {
        Ok(match v.first() {
            Some(Value::Text(shown)) => names::quote_literal(shown).into(),
            _ => "NULL".into(),
        })
    })
    .with_nulls(),
    function("repeat", &[TEXT, INT4], TEXT, repeat),
    function("reverse", &[TEXT], TEXT, |_, v| {
        Ok(text(v, 0)?.chars().rev().collect::<String>().into())
    }),
    function("lpad", &[TEXT, INT4], TEXT, |_, v| pad(v, true)),
    function("lpad", &[TEXT, INT4, TEXT], TEXT, |_, v| pad(v, true)),
    function("rpad", &[TEXT, INT4], TEXT, |_, v| pad(v, false)),
    function("rpad", &[TEXT, INT4, TEXT], TEXT, |_, v| pad(v, false)),
    function("ascii", &[TEXT], INT4, |_, v| {
        Ok(Value::Int(
            text(v, 0)?
                .chars()
                .next()
                .map_or(0, |c| i64::from(u32::from(c))),
        ))
    }),
    function("chr", &[INT4], TEXT, |_, v| {
        let number = int(v, 0)?;
        let c = u32::try_from(number)
            .ok()
            .and_then(char::from_u32)
            .filter(|c| *c != '\0')
            .ok_or_else(|| {
                Failure::new(
                    "54000",
                    format!("requested character too large or null: {number}"),
                )
            })?;
        Ok(c.to_string().into())
    }),
    function("translate", &[TEXT, TEXT, TEXT], TEXT, |_, v| {
        let (from, to) = (text(v, 1)?, text(v, 2)?);
        let changed: String = text(v, 0)?
            .chars()
            .filter_map(|c| match from.chars().position(|known| known == c) {
                Some(place) => to.chars().nth(place),
                None => Some(c),
            })
            .collect();
        Ok(changed.into())
    }),
    function("parse_ident", &[TEXT], Type(1009), |_, v| {
        let parts = names::parts(text(v, 0)?)?;
        Ok(Value::array(parts.into_iter().map(Value::from).collect()))
    }),
    function("encode", &[Type::BYTEA, TEXT], TEXT, encode),
];

/// The longest text that a function makes.
const LONGEST: usize = 1 << 20;

fn length(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    Ok(Value::Int(text(values, 0)?.chars().count() as i64))
}

fn part(shown: &str, skip: i64, end: i64) -> String {
    let skip = usize::try_from(skip).unwrap_or(0);
    let end = usize::try_from(end).unwrap_or(0);
    shown
        .chars()
        .skip(skip)
        .take(end.saturating_sub(skip))
        .collect()
}

fn substring(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    let start = int(values, 1)?;
    let end = match values.get(2) {
        None => i64::MAX,
        Some(_) => {
            let count = int(values, 2)?;
            if count < 0 {
                return Err(Failure::new(
                    "22011",
                    "negative substring length not allowed",
                ));
            }
            start.saturating_add(count)
        }
    };
    Ok(part(text(values, 0)?, start.max(1) - 1, end.max(1) - 1).into())
}

fn position(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    let shown = text(values, 0)?;
    let found = shown
        .find(text(values, 1)?)
        .and_then(|place| shown.get(..place))
        .map_or(0, |before| before.chars().count() as i64 + 1);
    Ok(Value::Int(found))
}

fn split_part(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    let (shown, delimiter, number) = (text(values, 0)?, text(values, 1)?, int(values, 2)?);
    if number == 0 {
        return Err(Failure::new("22023", "field position must not be zero"));
    }
    let parts: Vec<&str> = if delimiter.is_empty() {
        vec![shown]
    } else {
        shown.split(delimiter).collect()
    };
    let place = if number > 0 {
        usize::try_from(number - 1).ok()
    } else {
        usize::try_from(number.unsigned_abs())
            .ok()
            .and_then(|back| parts.len().checked_sub(back))
    };
    Ok(place
        .and_then(|place| parts.get(place))
        .copied()
        .unwrap_or_default()
        .into())
}

fn concat(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    Ok(values
        .iter()
        .filter_map(Value::as_text)
        .map(|shown| &**shown)
        .collect::<String>()
        .into())
}

fn concat_ws(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    let Some((Value::Text(separator), rest)) = values.split_first() else {
        return Ok(Value::Null);
    };
    let parts: Vec<&str> = rest
        .iter()
        .filter_map(Value::as_text)
        .map(|shown| &**shown)
        .collect();
    Ok(parts.join(separator).into())
}

/// `%s`, `%I`, `%L` and `%%`, with positions `%1$s`.
fn format_text(values: &[Value]) -> Result<Value> {
    let Some((Value::Text(template), arguments)) = values.split_first() else {
        return Ok(Value::Null);
    };
    let mut shown = String::new();
    let mut next = 0;
    let mut rest = &**template;
    while let Some((before, after)) = rest.split_once('%') {
        shown.push_str(before);
        let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (place, after) = match after.get(digits..).and_then(|tail| tail.strip_prefix('$')) {
            Some(tail) if digits > 0 => {
                let place: usize = after
                    .get(..digits)
                    .and_then(|d| d.parse().ok())
                    .unwrap_or(0);
                (place.saturating_sub(1), tail)
            }
            _ => (next, after),
        };
        let mut characters = after.chars();
        let kind = characters
            .next()
            .ok_or_else(|| Failure::new("22023", "unterminated format() type specifier"))?;
        rest = characters.as_str();
        if kind == '%' {
            shown.push('%');
            continue;
        }
        let argument = arguments
            .get(place)
            .ok_or_else(|| Failure::new("22023", "too few arguments for format()"))?;
        next = place + 1;
        match (kind, argument.as_text()) {
            ('s', None) => {}
            ('s', Some(argument)) => shown.push_str(argument),
            ('I', Some(argument)) => shown.push_str(&names::quote_ident(argument)),
            ('I', None) => {
                return Err(Failure::new(
                    "22004",
                    "null values cannot be formatted as an SQL identifier",
                ));
            }
            ('L', None) => shown.push_str("NULL"),
            ('L', Some(argument)) => shown.push_str(&names::quote_literal(argument)),
            _ => {
                return Err(Failure::new(
                    "22023",
                    format!("unrecognized format() type specifier \"{kind}\""),
                ));
            }
        }
    }
    shown.push_str(rest);
    Ok(shown.into())
}

fn repeat(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    let shown = text(values, 0)?;
    let count = usize::try_from(int(values, 1)?).unwrap_or(0);
    if shown.len().saturating_mul(count) > LONGEST {
        return Err(Failure::new("54000", "requested length too large"));
    }
    Ok(shown.repeat(count).into())
}

fn pad(values: &[Value], left: bool) -> Result<Value> {
    let shown = text(values, 0)?;
    let wanted = usize::try_from(int(values, 1)?).unwrap_or(0);
    let fill = match values.get(2) {
        None => " ",
        Some(_) => text(values, 2)?,
    };
    if wanted > LONGEST {
        return Err(Failure::new("54000", "requested length too large"));
    }
    let length = shown.chars().count();
    if length >= wanted || fill.is_empty() {
        return Ok(shown.chars().take(wanted).collect::<String>().into());
    }
    let filler: String = fill.chars().cycle().take(wanted - length).collect();
    Ok(if left {
        format!("{filler}{shown}")
    } else {
        format!("{shown}{filler}")
    }
    .into())
}

/// Bytes stand in hexadecimal form already.
fn encode(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    match text(values, 1)? {
        "hex" => Ok(text(values, 0)?.trim_start_matches("\\x").into()),
        "escape" => {
            let digits = text(values, 0)?.trim_start_matches("\\x");
            let bytes: Vec<u8> = digits
                .as_bytes()
                .chunks(2)
                .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
                .collect();
            let shown: String = bytes
                .iter()
                .map(|byte| match byte {
                    b'\\' => "\\\\".to_owned(),
                    0 | 128.. => format!("\\{byte:03o}"),
                    _ => char::from(*byte).to_string(),
                })
                .collect();
            Ok(shown.into())
        }
        other => Err(Failure::new(
            "22023",
            format!("unrecognized encoding: \"{other}\""),
        )),
    }
}
