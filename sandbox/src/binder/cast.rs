//! CAST and CONVERT: what IRIS makes of any value, good or bad.

use super::typed::Typed;
use super::{Binder, convert};
use crate::ast::{Expr, TypeName};
use crate::datatype::Type;
use crate::error::{Result, SqlError};

impl Binder<'_> {
    pub(super) fn cast(&mut self, operand: &Expr, target: &TypeName) -> Result<Typed> {
        let operand = self.value(operand, None)?;
        let target = target_type(target)?;
        cast_to(&operand, &target)
    }

    /// `CONVERT(type, x [, style])`; a stream may be converted to VARCHAR.
    pub(super) fn convert_call(
        &mut self,
        operand: &Expr,
        target: &TypeName,
        style: Option<&Expr>,
    ) -> Result<Typed> {
        let operand = self.value(operand, None)?;
        if let Some(style) = style {
            self.value(style, None)?;
        }
        let target = match target.name.strip_prefix("SQL_") {
            Some(name) => {
                let name = if name == "TYPE_TIMESTAMP" {
                    "TIMESTAMP"
                } else {
                    name
                };
                target_type(&TypeName {
                    name: name.to_owned(),
                    args: Vec::new(),
                })?
            }
            None => target_type(target)?,
        };
        if operand.ty.is_stream() {
            return Ok(text_cut(
                &Typed {
                    ty: Type::Varchar(None),
                    ..operand
                },
                &target,
            ));
        }
        cast_to(&operand, &target)
    }
}

/// The types that CAST knows; anything else is -376. Default lengths differ from DDL's.
fn target_type(name: &TypeName) -> Result<Type> {
    let number = |text: &String| text.parse::<u32>().ok();
    let length = |default| match name.args.first() {
        Some(text) => number(text),
        None => default,
    };
    Ok(match name.name.as_str() {
        "CHAR" | "CHARACTER" | "NCHAR" => Type::Varchar(length(Some(1))),
        "VARCHAR" | "NVARCHAR" => Type::Varchar(length(Some(30))),
        "CHAR VARYING" | "CHARACTER VARYING" => Type::Varchar(length(None)),
        "BINARY" | "BINARY VARYING" | "VARBINARY" => Type::Varbinary(length(Some(30))),
        "INT" | "INTEGER" => Type::Integer,
        "BIGINT" => Type::BigInt,
        "SMALLINT" => Type::SmallInt,
        "TINYINT" => Type::TinyInt,
        "DEC" | "DECIMAL" | "NUMERIC" => {
            match (name.args.first().and_then(number), name.args.get(1)) {
                (Some(precision), Some(scale)) => Type::Numeric {
                    precision,
                    scale: number(scale).unwrap_or(0).min(18),
                },
                (Some(precision), None) => Type::Numeric {
                    precision,
                    scale: 0,
                },
                _ => Type::Numeric {
                    precision: 18,
                    scale: 15,
                },
            }
        }
        "MONEY" | "SMALLMONEY" => Type::Numeric {
            precision: 19,
            scale: 4,
        },
        "DOUBLE" => Type::Double,
        "DATE" => Type::Date,
        "TIME" => Type::Time(length(Some(0)).unwrap_or(0).min(9)),
        "TIMESTAMP" | "DATETIME" | "SMALLDATETIME" => Type::Timestamp,
        "POSIXTIME" => Type::PosixTime,
        "BIT" => Type::Bit,
        "GUID" => Type::Guid,
        other => return Err(SqlError::new(-376, other)),
    })
}

fn cast_to(operand: &Typed, target: &Type) -> Result<Typed> {
    if operand.ty.is_stream() {
        return Err(SqlError::code(-37));
    }
    if operand.is_null() {
        return Ok(Typed::computed("NULL".to_owned(), target.clone()));
    }
    let sql = match target {
        Type::Varchar(_) => return Ok(text_cut(operand, target)),
        Type::Guid => convert::as_text(operand),
        Type::Varbinary(length) => {
            let limit = length.map_or("-1".to_owned(), |n| n.to_string());
            format!("iris_cut_bytes(CAST({} AS BLOB),{limit})", operand.sql)
        }
        Type::Numeric { scale, .. } => {
            format!("iris_round_to({},{scale})", convert::as_numeric(operand))
        }
        Type::Double => convert::as_double(&as_plain_number(operand)),
        Type::Bit => format!("iris_bit({})", operand.sql),
        Type::Date => match &operand.ty {
            Type::Date => operand.sql.clone(),
            Type::Timestamp | Type::PosixTime => {
                format!("iris_cast_date(substr({},1,10))", operand.sql)
            }
            ty if ty.is_text() => format!("iris_cast_date({})", operand.sql),
            _ => convert::as_integer(operand),
        },
        Type::Time(digits) => match &operand.ty {
            ty if ty.is_text() || ty.is_timestamp() => {
                format!("iris_cast_time({},{digits})", operand.sql)
            }
            Type::Date => "0".to_owned(),
            Type::Time(_) => format!("iris_cut_time({},{digits})", operand.sql),
            _ => convert::to(operand, target),
        },
        Type::Timestamp | Type::PosixTime => match &operand.ty {
            ty if ty.is_text() => format!("iris_cast_timestamp({})", operand.sql),
            _ => convert::as_timestamp(operand),
        },
        _ => convert::as_integer(&as_plain_number(operand)),
    };
    Ok(Typed::computed(sql, target.clone()))
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
fn text_cut(operand: &Typed, target: &Type) -> Typed {
    let text = odbc_text(operand);
    let sql = match target {
        Type::Varchar(Some(length)) => format!("substr({text},1,{length})"),
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
