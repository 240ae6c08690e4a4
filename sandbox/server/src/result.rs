//! Writes rows of results, each value by the type that was described and the format asked for.

use std::borrow::Cow;

use bigdecimal::{BigDecimal, ToPrimitive as _};
use bytes::{BufMut, BytesMut};
use pgiris_sandbox::Value;
use pgwire::api::Type;
use pgwire::api::results::{FieldFormat, FieldInfo};
use pgwire::error::PgWireError;
use pgwire::messages::data::DataRow;

use crate::failure::failed;
use crate::numeric;
use crate::parameter::EPOCH;
use crate::types;

/// One row.
pub(crate) fn row(values: &[Value], fields: &[FieldInfo]) -> Result<DataRow, PgWireError> {
    let mut data = BytesMut::with_capacity(16 * fields.len());
    for (value, field) in values.iter().zip(fields) {
        if *value == Value::Null {
            data.put_i32(-1);
            continue;
        }
        let start = data.len();
        data.put_i32(0);
        put(value, field, &mut data)?;
        let length = i32::try_from(data.len() - start - 4).unwrap_or(i32::MAX);
        data[start..start + 4].copy_from_slice(&length.to_be_bytes());
    }
    let count = i16::try_from(fields.len()).map_err(|_| {
        failed(
            "54011",
            format!("{} columns are too many for the protocol", fields.len()),
        )
    })?;
    Ok(DataRow::new(data, count))
}

fn put(value: &Value, field: &FieldInfo, out: &mut BytesMut) -> Result<(), PgWireError> {
    if field.format() == FieldFormat::Text {
        out.put_slice(text(&padded(value, field), field.datatype()).as_bytes());
        return Ok(());
    }
    binary(&padded(value, field), field.datatype(), out).ok_or_else(|| {
        // IRIS describes a bare literal as INTEGER, whatever it is.
        let message = format!(
            "the value of {} is no {} as it was described; ask for it as text",
            field.name(),
            field.datatype()
        );
        failed("22P03", message)
    })
}

/// IRIS numbers have no zeros at their end, those of PostgreSQL as many digits as were described.
fn padded<'a>(value: &'a Value, field: &FieldInfo) -> Cow<'a, Value> {
    let number = match value {
        Value::Numeric(number) if *field.datatype() == Type::NUMERIC => number.clone(),
        Value::Integer(number) if *field.datatype() == Type::NUMERIC => (*number).into(),
        _ => return Cow::Borrowed(value),
    };
    match types::scale(field.type_modifier()) {
        Some(scale) if number.fractional_digit_count() < scale => {
            Cow::Owned(Value::Numeric(number.with_scale(scale)))
        }
        _ => Cow::Borrowed(value),
    }
}

/// A value as text; the type matters for booleans alone.
fn text(value: &Value, ty: &Type) -> String {
    match value {
        Value::Null => String::new(),
        Value::Integer(number) if *ty == Type::BOOL => {
            if *number == 0 { "f" } else { "t" }.to_owned()
        }
        Value::Integer(number) => number.to_string(),
        Value::Numeric(number) => number.to_plain_string(),
        Value::Double(number) => double(*number),
        Value::Varchar(text) => text.clone(),
        Value::Varbinary(bytes) => {
            let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
            format!("\\x{}", digits.collect::<String>())
        }
        Value::Date(date) => date.to_string(),
        Value::Time(time) => time.to_string(),
        Value::Timestamp(at) => format!("{} {}", at.date(), at.time()),
    }
}

/// The shortest text that is read as the same number, as PostgreSQL writes it.
fn double(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned()
    } else {
        let text = format!("{number:?}");
        text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
    }
}

fn binary(value: &Value, ty: &Type, out: &mut BytesMut) -> Option<()> {
    match *ty {
        Type::BOOL => out.put_u8(u8::from(whole(value)? != 0)),
        Type::INT2 => out.put_i16(whole(value)?.try_into().ok()?),
        Type::INT4 => out.put_i32(whole(value)?.try_into().ok()?),
        Type::INT8 => out.put_i64(whole(value)?),
        Type::FLOAT8 => out.put_f64(match value {
            Value::Double(number) => *number,
            other => decimal(other)?.to_f64()?,
        }),
        Type::NUMERIC => numeric::encode(&decimal(value)?, out)?,
        Type::BYTEA => match value {
            Value::Varbinary(bytes) => out.put_slice(bytes),
            Value::Varchar(text) => out.put_slice(text.as_bytes()),
            _ => return None,
        },
        Type::UUID => uuid(value, out)?,
        Type::DATE | Type::TIME | Type::TIMESTAMP => moment(value, ty, out)?,
        _ => out.put_slice(text(value, ty).as_bytes()),
    }
    Some(())
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(*number),
        Value::Numeric(number) if number.is_integer() => number.to_i64(),
        _ => None,
    }
}

fn decimal(value: &Value) -> Option<BigDecimal> {
    match value {
        Value::Integer(number) => Some((*number).into()),
        Value::Numeric(number) => Some(number.clone()),
        Value::Double(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

fn moment(value: &Value, ty: &Type, out: &mut BytesMut) -> Option<()> {
    let microseconds = |duration: jiff::SignedDuration| i64::try_from(duration.as_micros()).ok();
    match (value, ty) {
        (Value::Date(date), &Type::DATE) => {
            let days = date.duration_since(EPOCH.date()).as_hours() / 24;
            out.put_i32(i32::try_from(days).ok()?);
        }
        (Value::Time(time), &Type::TIME) => {
            let since = time.duration_since(jiff::civil::Time::midnight());
            out.put_i64(microseconds(since)?);
        }
        (Value::Timestamp(at), &Type::TIMESTAMP) => {
            out.put_i64(microseconds(at.duration_since(EPOCH))?);
        }
        (Value::Date(date), &Type::TIMESTAMP) => {
            let at = date.at(0, 0, 0, 0);
            out.put_i64(microseconds(at.duration_since(EPOCH))?);
        }
        _ => return None,
    }
    Some(())
}

fn uuid(value: &Value, out: &mut BytesMut) -> Option<()> {
    let Value::Varchar(text) = value else {
        return None;
    };
    let digits: String = text
        .chars()
        .filter(|c| !matches!(c, '-' | '{' | '}'))
        .collect();
    if digits.len() != 32 || !digits.is_ascii() {
        return None;
    }
    for n in 0..16 {
        out.put_u8(u8::from_str_radix(&digits[2 * n..2 * n + 2], 16).ok()?);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_short_and_exact() {
        for (number, expected) in [
            (1.0, "1"),
            (0.1, "0.1"),
            (1e300, "1e300"),
            (-2.5e-10, "-2.5e-10"),
            (f64::INFINITY, "Infinity"),
        ] {
            assert_eq!(double(number), expected);
        }
    }

    #[test]
    fn a_text_in_a_column_described_as_a_number_has_no_binary_form() {
        let mut out = BytesMut::new();
        assert_eq!(
            binary(&Value::Varchar("a".into()), &Type::INT4, &mut out),
            None
        );
        assert_eq!(text(&Value::Varchar("a".into()), &Type::INT4), "a");
        assert_eq!(
            binary(&Value::Integer(1 << 40), &Type::INT4, &mut out),
            None
        );
    }
}
