//! CAST: what IRIS makes of any value, good or bad.

use super::typed::{Shape, Typed};
use super::{Binder, convert};
use crate::ast::{Expr, TypeName};
use crate::datatype::Type;
use crate::error::{Result, SqlError};

/// Digits after the point where CAST AS DECIMAL names none.
const UNSCALED: u32 = 15;

impl Binder<'_> {
    pub(super) fn cast(&mut self, operand: &Expr, target: &TypeName) -> Result<Typed> {
        let operand = self.value(operand, None)?;
        let target = target_type(target)?;
        if operand.ty.is_stream() {
            return Err(SqlError::code(-37));
        }
        if let (Shape::Parameter(number), Type::Varbinary(_)) = (&operand.shape, &target.ty)
            && let Some(Some(rule)) = self.parameters.get_mut(*number)
        {
            rule.bytes = true;
        }
        target.of(&operand)
    }
}

/// What CAST and CONVERT make of a value.
pub(super) struct Target {
    pub(super) ty: Type,
    /// A scale of -1 cuts a decimal instead of rounding it.
    cut: bool,
}

impl From<Type> for Target {
    fn from(ty: Type) -> Self {
        Self { ty, cut: false }
    }
}

/// The types that CAST knows; anything else is -376. Default lengths differ from DDL's.
pub(super) fn target_type(name: &TypeName) -> Result<Target> {
    let number = |text: &String| text.parse::<u32>().ok();
    let length = |default| match name.args.first() {
        Some(text) => number(text).map_or_else(|| Err(SqlError::new(-80, text)), |n| Ok(Some(n))),
        None => Ok(default),
    };
    let ty = match (name.name.as_str(), name.args.len()) {
        ("CHAR" | "CHARACTER" | "NCHAR", 0 | 1) => Type::Varchar(length(Some(1))?),
        ("VARCHAR" | "NVARCHAR", 0 | 1) => Type::Varchar(length(Some(30))?),
        ("CHAR VARYING" | "CHARACTER VARYING", 0 | 1) => Type::Varchar(length(None)?),
        ("BINARY", 0 | 1) => Type::Varbinary(length(Some(1))?),
        ("BINARY VARYING" | "VARBINARY", 0 | 1) => Type::Varbinary(length(Some(30))?),
        ("INT" | "INTEGER", 0) => Type::Integer,
        ("BIGINT", 0) => Type::BigInt,
        ("SMALLINT", 0) => Type::SmallInt,
        ("TINYINT", 0) => Type::TinyInt,
        ("DEC" | "DECIMAL" | "NUMERIC", 0..=2) => return decimal(&name.args),
        ("MONEY" | "SMALLMONEY", 0) => Type::numeric(19, 4),
        ("DOUBLE", 0) => Type::Double,
        ("DATE", 0) => Type::Date,
        ("TIME", 0) => Type::Time(0),
        ("TIMESTAMP" | "DATETIME" | "SMALLDATETIME", 0) => Type::Timestamp,
        ("POSIXTIME", 0) => Type::PosixTime,
        ("BIT", 0) => Type::Bit,
        ("GUID", 0) => Type::Guid,
        (other, _) => return Err(SqlError::new(-376, other)),
    };
    Ok(ty.into())
}

/// Precision is only described; the scale rounds.
fn decimal(args: &[String]) -> Result<Target> {
    let number = |text: &String| {
        let number = text.parse::<u32>();
        number.map_err(|_| SqlError::new(-80, format!("precision {text}")))
    };
    let precision = args.first().map(number).transpose()?.unwrap_or(18);
    let (scale, cut) = match args.get(1).map(String::as_str) {
        None => (UNSCALED, false),
        Some("-1") => (0, true),
        Some(text) => (number(&text.to_owned())?.min(18), false),
    };
    let precision = precision.min(36);
    Ok(Target {
        ty: Type::Numeric { precision, scale },
        cut,
    })
}

impl Target {
    pub(super) fn of(&self, operand: &Typed) -> Result<Typed> {
        let target = &self.ty;
        if operand.is_null() {
            return Ok(Typed::computed("NULL".to_owned(), target.clone()));
        }
        if matches!(operand.ty, Type::Vector(..)) && !matches!(target, Type::Varchar(_)) {
            return Err(SqlError::new(-376, "VECTOR"));
        }
        let sql = match target {
            Type::Varchar(_) => return Ok(text_cut(operand, target)),
            Type::Guid => format!("iris_cut({},36)", convert::as_text(operand)),
            Type::Varbinary(length) => {
                let limit = length.map_or("-1".to_owned(), |n| n.to_string());
                format!("iris_cut_bytes({},{limit})", bytes_of(operand))
            }
            Type::Numeric { .. } if self.cut => {
                format!("iris_truncate({},0)", convert::as_numeric(operand))
            }
            Type::Numeric { scale, .. } => {
                format!("iris_round_to({},{scale})", convert::as_numeric(operand))
            }
            Type::Double => convert::as_double(&as_plain_number(operand)),
            Type::Bit => format!("iris_bit({})", operand.sql),
            Type::Date => date(operand),
            Type::Time(digits) => time(operand, *digits),
            Type::Timestamp | Type::PosixTime => timestamp(operand, target),
            _ => convert::as_integer(&as_plain_number(operand)),
        };
        Ok(Typed::computed(sql, target.clone()))
    }
}

/// Bytes stay as they are; text is its encoding.
fn bytes_of(operand: &Typed) -> String {
    match operand.ty {
        Type::Varbinary(_) | Type::LongVarbinary => operand.sql.clone(),
        _ => format!("CAST({} AS BLOB)", odbc_text(operand)),
    }
}

fn date(operand: &Typed) -> String {
    match &operand.ty {
        Type::Date => operand.sql.clone(),
        ty if ty.is_timestamp() => format!("iris_cast_date(substr({},1,10))", operand.sql),
        ty if ty.is_text() => format!("iris_cast_date({})", operand.sql),
        _ => convert::as_integer(operand),
    }
}

fn time(operand: &Typed, digits: u32) -> String {
    match &operand.ty {
        ty if ty.is_timestamp() => {
            format!("iris_cast_time(substr({},12),{digits})", operand.sql)
        }
        ty if ty.is_text() => format!("iris_cast_time({},{digits})", operand.sql),
        Type::Date => "0".to_owned(),
        Type::Time(_) => format!("iris_cut_time({},{digits})", operand.sql),
        _ => convert::to(operand, &Type::Time(digits)),
    }
}

fn timestamp(operand: &Typed, target: &Type) -> String {
    let moment = match &operand.ty {
        ty if ty.is_text() => format!("iris_cast_timestamp({})", operand.sql),
        _ => convert::as_timestamp(operand),
    };
    match target {
        Type::PosixTime if operand.ty != Type::PosixTime => {
            format!("iris_cut_timestamp({moment},6)")
        }
        _ => moment,
    }
}

/// Dates and times become their logical numbers before they become others.
fn as_plain_number(operand: &Typed) -> Typed {
    match operand.ty {
        Type::Time(_) | Type::PosixTime => {
            Typed::computed(convert::as_numeric(operand), Type::numeric(19, 9))
        }
        _ => operand.clone(),
    }
}

/// Text in ODBC form, silently cut to the target's length.
pub(super) fn text_cut(operand: &Typed, target: &Type) -> Typed {
    let text = odbc_text(operand);
    let sql = match target {
        Type::Varchar(Some(length)) => format!("iris_cut({text},{length})"),
        _ => text,
    };
    Typed::computed(sql, target.clone())
}

/// As text the way CAST shows it: dates and times in ISO form.
pub(super) fn odbc_text(operand: &Typed) -> String {
    match &operand.ty {
        Type::Date => format!("iris_date_text({})", operand.sql),
        Type::Time(_) => format!("iris_time_text({})", operand.sql),
        Type::PosixTime => operand.sql.clone(),
        _ => convert::as_text(operand),
    }
}
