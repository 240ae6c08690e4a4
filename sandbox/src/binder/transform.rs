//! Collation and format-transformation functions, which may do without parentheses.

use super::typed::{Typed, text_literal};
use super::{Binder, cast, convert};
use crate::ast::Expr;
use crate::collation::Collation;
use crate::datatype::Type;
use crate::error::{Result, SqlError};

impl Binder<'_> {
    /// `%EXACT(x)` and `%TRUNCATE(x, n)` keep the text and change how it compares;
    /// the others put a blank in front, which counts for the length too.
    pub(super) fn collation_call(&mut self, name: &str, args: &[Expr]) -> Result<Typed> {
        self.exactly(name, args, 1..=2)?;
        let outer = std::mem::replace(&mut self.in_aggregate, true);
        let value = self.value(&args[0], None);
        self.in_aggregate = outer;
        let value = value?;
        self.refuse_stream(&value, -37)?;
        if name == "%EXACT" && !value.ty.is_text() {
            return Ok(Typed::computed(value.sql.clone(), value.ty));
        }
        let text = convert::as_text(&value);
        let limit = match args.get(1) {
            Some(limit) => convert::as_integer(&self.value(limit, None)?),
            None => "-1".to_owned(),
        };
        let cut = |text: String| match args.len() {
            1 => text,
            _ => format!("iris_cut({text},{limit})"),
        };
        let (sql, collation) = match name {
            "%EXACT" | "%TRUNCATE" => (cut(text), Collation::Exact),
            "%SPACE" => (cut(format!("(' ' || {text})")), Collation::Exact),
            _ => {
                let collation = Collation::of_ddl(name);
                let folded = format!("iris_collated({text},'{}')", collation.sql());
                (cut(format!("(' ' || {folded})")), collation)
            }
        };
        let ty = if value.ty.is_text() {
            value.ty
        } else {
            Type::Varchar(None)
        };
        let mut typed = Typed::computed(sql, ty);
        typed.collation = Some(collation);
        Ok(typed)
    }

    /// `%PLUS`, `%MINUS`: a canonical number; NULL is 0.
    pub(super) fn plus(&mut self, name: &str, args: &[Expr]) -> Result<Typed> {
        self.exactly(name, args, 1..=1)?;
        let value = self.value(&args[0], None)?;
        self.refuse_stream(&value, -37)?;
        if name == "%MVR" {
            return Ok(Typed::computed(
                format!("iris_mvr({})", convert::as_text(&value)),
                Type::Varchar(None),
            ));
        }
        let number = format!("coalesce({},'0')", convert::as_numeric(&value));
        let sql = if name == "%MINUS" {
            format!("iris_negate({number})")
        } else {
            number
        };
        let ty = match convert::as_number(&value).1 {
            ty @ Type::Numeric { .. } => ty,
            ty => Type::Numeric {
                precision: ty.describe().precision,
                scale: 0,
            },
        };
        Ok(Typed::computed(sql, ty))
    }

    /// `%ODBCOUT`, `%EXTERNAL`, `%INTERNAL`, `%ODBCIN`.
    pub(super) fn format_transformation(&mut self, name: &str, args: &[Expr]) -> Result<Typed> {
        self.exactly(name, args, 1..=1)?;
        let value = self.value(&args[0], None)?;
        if name != "%INTERNAL" {
            self.refuse_stream(&value, -37)?;
        }
        Ok(match name {
            "%ODBCOUT" => shown(&value, "iris_date_text", ","),
            "%EXTERNAL" => shown(&value, "iris_date_external", "\r\n"),
            "%INTERNAL" => logical(value),
            // Text that spells a date is one as soon as it meets a date.
            _ => {
                let ty = value.ty.clone();
                Typed::computed(value.sql, ty)
            }
        })
    }

    /// `%OBJECT(stream)`; anything but a stream is -128.
    pub(super) fn object(&mut self, args: &[Expr]) -> Result<Typed> {
        self.exactly("%OBJECT", args, 1..=1)?;
        let value = self.value(&args[0], None)?;
        if !value.ty.is_stream() {
            return Err(SqlError::new(-128, "%OBJECT of a field that is no stream"));
        }
        Ok(value)
    }

    /// `%OID(field)`: of the RowID or a reference; here every other field is refused: -1.
    pub(super) fn oid(&mut self, args: &[Expr]) -> Result<Typed> {
        self.exactly("%OID", args, 1..=1)?;
        let refused = || SqlError::new(-1, "%OID of a field that is neither ID nor reference");
        let Expr::Column { qualifier, name } = &args[0] else {
            return Err(refused());
        };
        let found = self.resolve(qualifier.as_ref(), name)?;
        let table = self.relations[found.relation]
            .table
            .clone()
            .ok_or_else(refused)?;
        if !crate::catalog::same(&found.column.sql_name, &table.row_id) {
            return Err(refused());
        }
        let id = self.value(&args[0], None)?;
        let class = text_literal(&table.class_name());
        let sql = format!("iris_list_build({},{class})", convert::as_text(&id));
        Ok(Typed::computed(sql, Type::List))
    }
}

/// As text in the form of a select mode: dates and lists differ between them.
fn shown(value: &Typed, date: &str, delimiter: &str) -> Typed {
    let sql = match &value.ty {
        _ if value.is_null() => value.sql.clone(),
        Type::Date => format!("{date}({})", value.sql),
        Type::List => format!(
            "iris_list_to_string({},{})",
            value.sql,
            text_literal(delimiter)
        ),
        _ => cast::odbc_text(value),
    };
    let ty = match &value.ty {
        Type::Varchar(length) => Type::Varchar(*length),
        _ => Type::Varchar(None),
    };
    Typed::computed(sql, ty)
}

/// The logical value: a date is an INTEGER, a time NUMERIC(15,9).
fn logical(value: Typed) -> Typed {
    match &value.ty {
        Type::Date => Typed::computed(value.sql, Type::Integer),
        Type::Time(_) => Typed::computed(convert::as_numeric(&value), Type::numeric(15, 9)),
        Type::PosixTime => {
            let sql = format!("iris_posix({})", value.sql);
            Typed::computed(sql, Type::BigInt)
        }
        Type::List => Typed::computed(convert::as_text(&value), Type::Varchar(None)),
        ty => {
            let ty = ty.clone();
            Typed::computed(value.sql, ty)
        }
    }
}
