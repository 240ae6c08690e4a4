//! Conversions between types, as PostgreSQL's casts do them.

use bigdecimal::{BigDecimal, One, RoundingMode, ToPrimitive, Zero};
use jiff::civil::Time;

use super::{Kind, Scalar, ValueError, float, numeric, text, vector};

/// Converts a value to what `kind` holds.
///
/// Text is read with the type's input function (a vector also as IRIS writes it, without
/// brackets), everything can become text, and
/// numbers become each other if they fit; numbers and booleans do as well, since
/// IRIS keeps booleans as 0 and 1.
///
/// # Errors
/// 22003 if a number does not fit, 42846 if no conversion exists, and whatever
/// reading text of that type answers.
pub fn convert<'a>(value: &'a Scalar<'_>, kind: Kind) -> Result<Scalar<'a>, ValueError> {
    if let Scalar::Text(text) = value {
        return match kind {
            Kind::Vector | Kind::Halfvec => Ok(Scalar::Vector(vector::read_bare(kind, text)?)),
            _ => text::read(kind, text),
        };
    }
    Ok(match kind {
        Kind::Bool => Scalar::Bool(boolean(value)?),
        Kind::Int2 | Kind::Int4 | Kind::Int8 | Kind::Oid | Kind::Object | Kind::Regtype => {
            Scalar::Int(integer(value, kind)?)
        }
        Kind::Float4 => Scalar::Float(real(value)?),
        Kind::Float8 => Scalar::Double(double(value, kind)?),
        Kind::Numeric => Scalar::Numeric(decimal(value, kind)?),
        Kind::Text | Kind::Char | Kind::Jsonb | Kind::Jsonpath | Kind::Other => {
            Scalar::Text(printed(value).into())
        }
        Kind::Bytea => match value {
            Scalar::Bytes(bytes) => Scalar::Bytes(bytes.as_ref().into()),
            _ => return Err(no_cast(value, kind)),
        },
        Kind::Date => match value {
            Scalar::Date(date) => Scalar::Date(*date),
            Scalar::Timestamp(moment) | Scalar::Timestamptz(moment) => Scalar::Date(moment.date()),
            _ => return Err(no_cast(value, kind)),
        },
        Kind::Time => match value {
            Scalar::Time(time) => Scalar::Time(*time),
            Scalar::Timestamp(moment) | Scalar::Timestamptz(moment) => Scalar::Time(moment.time()),
            _ => return Err(no_cast(value, kind)),
        },
        Kind::Timestamp | Kind::Timestamptz => moment(value, kind)?,
        Kind::Interval => match value {
            Scalar::Interval(interval) => Scalar::Interval(*interval),
            _ => return Err(no_cast(value, kind)),
        },
        Kind::Vector | Kind::Halfvec => match value {
            Scalar::Vector(elements) => {
                let elements = elements.iter();
                Scalar::Vector(elements.map(|e| vector::rounded(kind, *e)).collect())
            }
            _ => return Err(no_cast(value, kind)),
        },
        Kind::Uuid => match value {
            Scalar::Uuid(uuid) => Scalar::Uuid(*uuid),
            _ => return Err(no_cast(value, kind)),
        },
    })
}

/// As a cast to text prints it, which for a boolean is a word.
fn printed(value: &Scalar<'_>) -> String {
    match value {
        Scalar::Bool(value) => value.to_string(),
        other => other.to_string(),
    }
}

fn boolean(value: &Scalar<'_>) -> Result<bool, ValueError> {
    match value {
        Scalar::Bool(value) => Ok(*value),
        Scalar::Int(value) => Ok(*value != 0),
        Scalar::Numeric(value) => Ok(!value.is_zero()),
        Scalar::Float(value) => Ok(*value != 0.0),
        Scalar::Double(value) => Ok(*value != 0.0),
        _ => Err(no_cast(value, Kind::Bool)),
    }
}

/// Fractions are rounded: of a numeric half away from zero, of a float half to even.
fn integer(value: &Scalar<'_>, kind: Kind) -> Result<i64, ValueError> {
    let whole = match value {
        Scalar::Bool(value) => Some(i64::from(*value)),
        Scalar::Int(value) => Some(*value),
        Scalar::Numeric(value) => value.with_scale_round(0, RoundingMode::HalfUp).to_i64(),
        Scalar::Float(value) => value.round_ties_even().to_i64(),
        Scalar::Double(value) => value.round_ties_even().to_i64(),
        _ => return Err(no_cast(value, kind)),
    };
    whole
        .filter(|whole| kind.range().contains(whole))
        .ok_or_else(|| ValueError::range(kind))
}

fn double(value: &Scalar<'_>, kind: Kind) -> Result<f64, ValueError> {
    match value {
        Scalar::Bool(value) => Ok(f64::from(u8::from(*value))),
        // Rounded to the nearest, as PostgreSQL does.
        Scalar::Int(value) => value.to_f64().ok_or_else(|| ValueError::range(kind)),
        Scalar::Numeric(value) => float::read_double(&value.to_scientific_notation()),
        Scalar::Float(value) => Ok(f64::from(*value)),
        Scalar::Double(value) => Ok(*value),
        _ => Err(no_cast(value, kind)),
    }
}

fn real(value: &Scalar<'_>) -> Result<f32, ValueError> {
    let wide = match value {
        Scalar::Float(value) => return Ok(*value),
        Scalar::Numeric(value) => return float::read_real(&value.to_scientific_notation()),
        other => double(other, Kind::Float4)?,
    };
    let narrow = wide
        .to_f32()
        .ok_or_else(|| ValueError::range(Kind::Float4))?;
    let overflows = narrow.is_infinite() && wide.is_finite();
    let underflows = narrow == 0.0 && wide != 0.0;
    if overflows || underflows {
        Err(ValueError::range(Kind::Float4))
    } else {
        Ok(narrow)
    }
}

/// A float becomes the shortest decimal that reads back as the same float.
fn decimal(value: &Scalar<'_>, kind: Kind) -> Result<BigDecimal, ValueError> {
    match value {
        Scalar::Bool(true) => Ok(BigDecimal::one()),
        Scalar::Bool(false) => Ok(BigDecimal::zero()),
        Scalar::Int(value) => Ok(BigDecimal::from(*value)),
        Scalar::Numeric(value) => Ok(value.clone()),
        Scalar::Float(_) | Scalar::Double(_) => numeric::read_text(&printed(value)),
        _ => Err(no_cast(value, kind)),
    }
}

/// Timestamps with and without a zone are the same moment: the zone is UTC.
fn moment<'a>(value: &Scalar<'_>, kind: Kind) -> Result<Scalar<'a>, ValueError> {
    let moment = match value {
        Scalar::Date(date) => date.to_datetime(Time::midnight()),
        Scalar::Timestamp(moment) | Scalar::Timestamptz(moment) => *moment,
        _ => return Err(no_cast(value, kind)),
    };
    Ok(match kind {
        Kind::Timestamptz => Scalar::Timestamptz(moment),
        _ => Scalar::Timestamp(moment),
    })
}

fn no_cast(value: &Scalar<'_>, to: Kind) -> ValueError {
    ValueError::no_cast(kind_of(value).name(), to)
}

/// The type a value has by itself.
fn kind_of(value: &Scalar<'_>) -> Kind {
    match value {
        Scalar::Bool(_) => Kind::Bool,
        Scalar::Int(_) => Kind::Int8,
        Scalar::Numeric(_) => Kind::Numeric,
        Scalar::Float(_) => Kind::Float4,
        Scalar::Double(_) => Kind::Float8,
        Scalar::Text(_) => Kind::Text,
        Scalar::Bytes(_) => Kind::Bytea,
        Scalar::Date(_) => Kind::Date,
        Scalar::Time(_) => Kind::Time,
        Scalar::Timestamp(_) => Kind::Timestamp,
        Scalar::Timestamptz(_) => Kind::Timestamptz,
        Scalar::Interval(_) => Kind::Interval,
        Scalar::Uuid(_) => Kind::Uuid,
        Scalar::Vector(_) => Kind::Vector,
    }
}
