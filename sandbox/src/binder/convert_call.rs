//! CONVERT in its two forms: with a T-SQL type and a format code, and as an ODBC function.

use super::cast::{self, Target, target_type};
use super::typed::{Typed, text_literal};
use super::{Binder, convert};
use crate::ast::{Expr, TypeName};
use crate::datatype::{Type, resolve};
use crate::error::{Result, SqlError};

/// The two forms differ in what they know and in the date that a bare time gets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `CONVERT(type, x [, code])`
    TransactSql,
    /// `{fn CONVERT(x, SQL_type)}`
    Odbc,
}

impl Binder<'_> {
    pub(super) fn convert_call(
        &mut self,
        operand: &Expr,
        target: &TypeName,
        code: Option<&Expr>,
    ) -> Result<Typed> {
        let operand = self.value(operand, None)?;
        let code = match code {
            Some(code) => Some(convert::as_integer(&self.value(code, None)?)),
            None => None,
        };
        let (form, target) = match target.name.strip_prefix("SQL_") {
            Some(name) => (Form::Odbc, odbc_target(name)?),
            None => (Form::TransactSql, self.convert_target(target)?),
        };
        if operand.ty.is_stream() {
            return stream(operand, form, &target.ty);
        }
        if operand.is_null() {
            return target.of(&operand);
        }
        converted(&operand, &target, form, code.as_deref())
    }

    /// CAST's types with CAST's lengths, and the others that DDL maps.
    fn convert_target(&self, name: &TypeName) -> Result<Target> {
        let known = target_type(name);
        match known {
            Err(error) if error.sqlcode == -376 => match resolve(name, self.version) {
                Ok(column) if !column.base.is_stream() && !name.name.starts_with('%') => {
                    Ok(column.base.into())
                }
                _ => Err(error),
            },
            known => known,
        }
    }
}

/// The ODBC form knows these; they take no length.
fn odbc_target(name: &str) -> Result<Target> {
    Ok(Target::from(match name {
        "VARCHAR" => Type::Varchar(Some(30)),
        "DOUBLE" => Type::Double,
        "INTEGER" => Type::Integer,
        "BIGINT" => Type::BigInt,
        "SMALLINT" => Type::SmallInt,
        "TINYINT" => Type::TinyInt,
        "DATE" => Type::Date,
        "TIME" => Type::Time(0),
        "TIMESTAMP" => Type::Timestamp,
        "POSIXTIME" => Type::PosixTime,
        other => return Err(SqlError::new(-376, format!("SQL_{other}"))),
    }))
}

/// Only CONVERT of the first form reads a stream, and only as text or bytes.
fn stream(operand: Typed, form: Form, target: &Type) -> Result<Typed> {
    if form == Form::Odbc {
        return Err(SqlError::code(-37));
    }
    match target {
        Type::Varchar(_) => {
            let ty = Type::Varchar(None);
            Ok(cast::text_cut(&Typed { ty, ..operand }, target))
        }
        Type::Varbinary(_) => {
            let ty = Type::Varbinary(None);
            Target::from(target.clone()).of(&Typed { ty, ..operand })
        }
        _ => Err(SqlError::code(-37)),
    }
}

fn converted(operand: &Typed, target: &Target, form: Form, code: Option<&str>) -> Result<Typed> {
    let computed = |sql: String| Ok(Typed::computed(sql, target.ty.clone()));
    let code_sql = code.unwrap_or("NULL");
    let bare_date = match form {
        Form::TransactSql => "1900-01-01",
        Form::Odbc => "1841-01-01",
    };
    match (&target.ty, &operand.ty) {
        (Type::Bit, _) => computed(format!("iris_convert_bit({})", operand.sql)),
        (Type::Varchar(length), Type::Date | Type::Time(_) | Type::Timestamp | Type::PosixTime)
            if code.is_some() =>
        {
            let moment = moment(operand, bare_date);
            let limit = length.map_or("-1".to_owned(), |length| length.to_string());
            computed(format!(
                "iris_cut(iris_convert_write({moment},{code_sql}),{limit})"
            ))
        }
        (Type::Timestamp | Type::PosixTime, Type::Time(_)) => computed(moment(operand, bare_date)),
        (Type::Date | Type::Time(_) | Type::Timestamp | Type::PosixTime, ty) if ty.is_text() => {
            let wanted = match (&target.ty, form) {
                (Type::Date, Form::Odbc) => "SQL_DATE",
                (ty, _) => ty.name(),
            };
            let wanted = text_literal(wanted);
            let read = format!("iris_convert_read({},{code_sql},{wanted})", operand.sql);
            computed(match target.ty {
                Type::PosixTime => format!("iris_cut_timestamp({read},6)"),
                _ => read,
            })
        }
        _ => target.of(operand),
    }
}

/// A date or time as a timestamp; a bare time is of the given date.
fn moment(operand: &Typed, bare_date: &str) -> String {
    match operand.ty {
        Type::Time(_) => format!("('{bare_date} ' || iris_time_text({}))", operand.sql),
        _ => convert::as_timestamp(operand),
    }
}
