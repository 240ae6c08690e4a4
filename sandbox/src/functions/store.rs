//! Values on their way into a column: converted, then held against the type's limits.

use rusqlite::types::ValueRef;

use super::{Args, Datum, Function, Nulls, integer, seeing, strict, text_of};
use crate::datatype::{Limits, Type, read_back};
use crate::error::{Result, SqlError};
use crate::{decimal, temporal, vector};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "iris_store",
        nulls: Nulls::Seen,
        body: store,
    },
    seeing("iris_required", |a| {
        if a.is_null(0) {
            let column = a.text(1);
            return Err(SqlError::new(
                -108,
                format!("Field '{column}' is required; INSERT or UPDATE not allowed"),
            ));
        }
        Ok(a.datum(0))
    }),
    seeing("iris_fail", |a| {
        Err(SqlError::new(
            i32::try_from(a.integer(0)).unwrap_or(-400),
            a.text(1),
        ))
    }),
    strict("iris_bit", |a| {
        let word = matches!(a.raw(0), ValueRef::Text(_)) && a.text(0).eq_ignore_ascii_case("true");
        let yes = word || !bigdecimal::Zero::is_zero(&a.decimal(0));
        integer(i32::from(yes))
    }),
    strict("iris_bytes_text", |a| match a.raw(0) {
        ValueRef::Blob(bytes) | ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Datum::Text(text.to_owned())),
            Err(_) => Err(SqlError::new(
                -400,
                "<ILLEGAL VALUE> bytes that are no text",
            )),
        },
        other => Ok(Datum::Text(text_of(other))),
    }),
    strict("iris_cut_bytes", |a| {
        let mut bytes = match a.raw(0) {
            ValueRef::Blob(bytes) | ValueRef::Text(bytes) => bytes.to_vec(),
            other => text_of(other).into_bytes(),
        };
        if let Ok(limit) = usize::try_from(a.integer(1)) {
            bytes.truncate(limit);
        }
        Ok(Datum::Blob(bytes))
    }),
];

/// `iris_store(value, type as DDL, column, code)`
fn store(a: &Args<'_>) -> Result<Datum> {
    if a.is_null(0) {
        return Ok(Datum::Null);
    }
    let code = i32::try_from(a.integer(3)).unwrap_or(-104);
    // The type is a constant of the statement: it is read once, not per row.
    let target = a
        .context
        .get_or_create_aux(1, |ddl: ValueRef<'_>| read_back(&text_of(ddl)))
        .map_err(|error| SqlError::new(-400, error.to_string()))?;
    fit_in(a.datum(0), &target.base, &target.declared.limits)
        .map_err(|value| failure(code, &a.text(2), &value))
}

/// -104 or -105 as IRIS words it.
pub(crate) fn failure(code: i32, column: &str, value: &str) -> SqlError {
    let shown: String = value.chars().filter(|c| !c.is_control()).take(60).collect();
    SqlError::new(
        code,
        format!("Field '{column}' (value '{shown}') failed validation"),
    )
}

/// The value as this type stores it, or the text of the value that does not fit.
pub(crate) fn fit(value: Datum, ty: &Type) -> std::result::Result<Datum, String> {
    fit_in(value, ty, &Limits::default())
}

/// The value as this type stores it within the limits of a column.
pub(crate) fn fit_in(
    value: Datum,
    ty: &Type,
    limits: &Limits,
) -> std::result::Result<Datum, String> {
    if value == Datum::Null {
        return Ok(value);
    }
    let fitted = match ty {
        Type::Bit => whole_exactly(&value, (0, 1)),
        Type::Double => real(&value),
        Type::Numeric { precision, scale } => numeric(&value, *precision, *scale),
        Type::Varchar(length) => string(&value, *length, limits.cut),
        Type::LongVarchar => string(&value, None, false),
        Type::Varbinary(length) => bytes(&value)
            .filter(|b| length.is_none_or(|n| b.len() <= n as usize))
            .map(Datum::Blob),
        Type::LongVarbinary => bytes(&value).map(Datum::Blob),
        Type::Date => date(&value, limits.first_day()),
        Type::Time(digits) => time(&value, *digits),
        Type::Timestamp => {
            let first = if limits.least.is_some() { 1 } else { 1840 };
            timestamp(&value, first, 9, limits.imprecise)
        }
        Type::PosixTime => timestamp(&value, 1, 6, false),
        Type::Guid => guid(&value),
        Type::Vector(element, length) => vector_blob(&value, *element, *length),
        _ => whole(&value, ty.integer_range()),
    };
    fitted
        .filter(|fitted| limits.admit(fitted, ty))
        .ok_or_else(|| text_of((&value).into()))
}

/// The value of a parameter that is compared, not stored: what does not fit is taken as IRIS takes it.
pub(crate) fn lenient(value: Datum, ty: &Type) -> Result<Datum> {
    let unlimited = match ty {
        Type::Varchar(_) => Type::Varchar(None),
        Type::Varbinary(_) => Type::Varbinary(None),
        Type::Numeric { .. } => Type::Numeric {
            precision: 400,
            scale: 400,
        },
        Type::Time(_) => Type::Time(9),
        Type::Vector(element, _) => Type::Vector(*element, None),
        other if other.is_integer() => Type::BigInt,
        other => other.clone(),
    };
    if *ty == Type::Date {
        return any_date(&value).ok_or_else(|| SqlError::new(-146, text_of((&value).into())));
    }
    if unlimited == Type::BigInt {
        return Ok(match &value {
            Datum::Null | Datum::Integer(_) | Datum::Real(_) => value,
            other => {
                let number = decimal::leading(&text_of(other.into()));
                match decimal::canonical(&number).parse::<i64>() {
                    Ok(whole) => Datum::Integer(whole),
                    Err(_) => Datum::Real(decimal::to_f64(&number)),
                }
            }
        });
    }
    fit(value, &unlimited).or_else(|text| match ty {
        Type::Time(_) | Type::Timestamp | Type::PosixTime => Err(SqlError::new(-147, text)),
        Type::Varchar(_) | Type::LongVarchar => Err(SqlError::new(
            -400,
            "<ILLEGAL VALUE> bytes that are no text",
        )),
        Type::Double => Ok(Datum::Real(decimal::to_f64(&decimal::leading(&text)))),
        Type::Numeric { .. } => Ok(Datum::Text(decimal::canonical(&decimal::leading(&text)))),
        Type::Vector(..) => Err(SqlError::new(-104, text)),
        _ => Ok(Datum::Text(text)),
    })
}

fn number(value: &Datum) -> Option<bigdecimal::BigDecimal> {
    match value {
        Datum::Integer(number) => Some((*number).into()),
        Datum::Real(number) => number.is_finite().then(|| decimal::from_f64(*number)),
        Datum::Text(text) => decimal::exact(text),
        _ => None,
    }
}

fn real(value: &Datum) -> Option<Datum> {
    match value {
        Datum::Integer(number) => Some(Datum::Real(*number as f64)),
        // SQLite would make NULL of it without a word.
        Datum::Real(number) => (!number.is_nan()).then(|| value.clone()),
        other => number(other).map(|number| Datum::Real(decimal::to_f64(&number))),
    }
}

fn numeric(value: &Datum, precision: u32, scale: u32) -> Option<Datum> {
    if let Datum::Integer(number) = value {
        let whole = number.unsigned_abs().checked_ilog10().unwrap_or(0) + 1;
        let fits = whole <= precision - scale.min(precision);
        return fits.then(|| Datum::Text(number.to_string()));
    }
    let exact = number(value)?;
    let rounded = decimal::round(
        &exact,
        i64::from(scale).min(exact.fractional_digit_count().max(0)),
    )
    .normalized();
    let (significand, exponent) = rounded.as_bigint_and_scale();
    let digits = i64::try_from(significand.magnitude().to_string().len()).ok()?;
    let whole = digits - exponent;
    // The largest whole NUMERIC is the largest 64-bit integer.
    let within = scale > 0 || precision != 19 || i64::try_from(significand.as_ref()).is_ok();
    (within && whole <= i64::from(precision - scale.min(precision)))
        .then(|| Datum::Text(decimal::canonical(&rounded)))
}

/// A whole number that needs no rounding.
fn whole_exactly(value: &Datum, range: (i64, i64)) -> Option<Datum> {
    number(value)
        .filter(bigdecimal::BigDecimal::is_integer)
        .and_then(|_| whole(value, range))
}

fn whole(value: &Datum, (least, most): (i64, i64)) -> Option<Datum> {
    let number = match value {
        Datum::Integer(number) => *number,
        other => {
            let rounded = decimal::round(&number(other)?, 0);
            decimal::canonical(&rounded).parse().ok()?
        }
    };
    (least..=most)
        .contains(&number)
        .then_some(Datum::Integer(number))
}

fn bytes(value: &Datum) -> Option<Vec<u8>> {
    match value {
        Datum::Blob(bytes) => Some(bytes.clone()),
        other => Some(text_of(other.into()).into_bytes()),
    }
}

/// A date of the calendar, whatever a column would say of it.
fn any_date(value: &Datum) -> Option<Datum> {
    match value {
        Datum::Null => Some(Datum::Null),
        value => date(value, temporal::FIRST_DAY),
    }
}

fn date(value: &Datum, first: i64) -> Option<Datum> {
    let days = match value {
        Datum::Integer(days) => *days,
        Datum::Text(text) => match temporal::parse_timestamp(text) {
            Some(at) => temporal::days(at.date()),
            // ODBC mode takes the logical form too.
            None => text.parse().ok()?,
        },
        _ => return None,
    };
    (first..=temporal::LAST_DAY)
        .contains(&days)
        .then_some(Datum::Integer(days))
}

fn time(value: &Datum, digits: u32) -> Option<Datum> {
    let time = match value {
        Datum::Integer(nanoseconds) => temporal::time(*nanoseconds)?,
        Datum::Text(text) => match (temporal::parse_time(text), decimal::exact(text)) {
            (Some(time), _) => time,
            (None, Some(seconds)) => temporal::time_of_seconds(&seconds)?,
            (None, None) => temporal::parse_timestamp(text)?.time(),
        },
        _ => return None,
    };
    Some(Datum::Integer(temporal::nanoseconds(temporal::round_time(
        time, digits,
    ))))
}

fn timestamp(value: &Datum, first_year: i16, digits: u32, imprecise: bool) -> Option<Datum> {
    let at = match value {
        Datum::Text(text) if imprecise => temporal::parse_any_timestamp(text)?,
        Datum::Text(text) => temporal::parse_timestamp(text)?,
        _ => return None,
    };
    let early = at.year() < first_year || first_year == 1840 && temporal::days(at.date()) < 0;
    (!early).then(|| Datum::Text(temporal::timestamp_text(temporal::cut(at, digits))))
}

fn string(value: &Datum, length: Option<u32>, cut: bool) -> Option<Datum> {
    let text = match value {
        // Bytes that are no text would become other text.
        Datum::Blob(bytes) => std::str::from_utf8(bytes).ok()?.to_owned(),
        other => text_of(other.into()),
    };
    let Some(length) = length.map(|length| length as usize) else {
        return Some(Datum::Text(text));
    };
    // No character is shorter in bytes than in UTF-16 units.
    if text.len() <= length || text.encode_utf16().count() <= length {
        return Some(Datum::Text(text));
    }
    let units: Vec<u16> = text.encode_utf16().take(length).collect();
    cut.then(|| Datum::Text(String::from_utf16_lossy(&units)))
}

fn guid(value: &Datum) -> Option<Datum> {
    let Datum::Text(text) = value else {
        return None;
    };
    let valid = text.len() == 36
        && text.bytes().enumerate().all(|(n, b)| match n {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        });
    valid.then(|| Datum::Text(text.clone()))
}

fn vector_blob(value: &Datum, element: vector::Element, length: Option<u32>) -> Option<Datum> {
    let blob = match value {
        Datum::Blob(blob) => blob.clone(),
        Datum::Text(text) => vector::parse(text, element, None)?,
        _ => return None,
    };
    let fits = length.is_none_or(|length| blob.len() == length as usize * element.size());
    fits.then_some(Datum::Blob(blob))
}
