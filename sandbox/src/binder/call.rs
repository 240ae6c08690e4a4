//! Function calls by name.

use super::signature::{self, Signature};
use super::typed::{Typed, text_literal};
use super::{Binder, cast, convert};
use crate::Version;
use crate::ast::Expr;
use crate::collation::Collation;
use crate::datatype::Type;
use crate::error::{Result, SqlError};

impl Binder<'_> {
    /// A call; -359 if there is no such function in this version.
    pub(super) fn call(&mut self, name: &str, args: &[Expr], braced: bool) -> Result<Typed> {
        match name {
            "COALESCE" => self
                .at_least(name, args, 1)
                .and_then(|()| self.coalesce(args)),
            "NVL" | "ISNULL" => self
                .exactly(name, args, 2..=2)
                .and_then(|()| self.coalesce(args)),
            "IFNULL" if braced && args.len() == 2 => self.coalesce(args),
            "IFNULL" => self
                .exactly(name, args, 2..=3)
                .and_then(|()| self.ifnull(args)),
            "NULLIF" => self
                .exactly(name, args, 2..=2)
                .and_then(|()| self.nullif(&args[0], &args[1])),
            "DECODE" => self
                .at_least(name, args, 3)
                .and_then(|()| self.decode(args)),
            "GREATEST" => self
                .at_least(name, args, 1)
                .and_then(|()| self.extreme("max", args)),
            "LEAST" => self
                .at_least(name, args, 1)
                .and_then(|()| self.extreme("min", args)),
            "TO_VECTOR" if self.version >= Version::V2024_1 => self.vector_literal(args),
            "VECTOR_COSINE" | "VECTOR_DOT_PRODUCT" if self.version >= Version::V2024_1 => {
                self.vector_function(name, args)
            }
            "HASHBYTES" if self.version < Version::V2025_1 => Err(not_found(name)),
            "{D}" | "{T}" | "{TS}" => self.moment_literal(name, &args[0]),
            "%EXACT" | "%SQLUPPER" | "%SQLSTRING" | "%TRUNCATE" | "%ALPHAUP" | "%STRING"
            | "%UPPER" => self.collation_call(name, args),
            "%PLUS" | "%MINUS" | "%MVR" => self
                .exactly(name, args, 1..=2)
                .and_then(|()| self.plus(name, &args[0])),
            "%ODBCOUT" => self
                .exactly(name, args, 1..=1)
                .and_then(|()| self.odbc_out(&args[0])),
            "JSON_OBJECT" | "JSON_ARRAY" => self.json(name, args),
            _ => match signature::find(name) {
                Some(signature) => self.plain_call(name, &signature, args),
                None => Err(not_found(name)),
            },
        }
    }

    fn at_least(&self, name: &str, args: &[Expr], least: usize) -> Result<()> {
        self.exactly(name, args, least..=140)
    }

    fn exactly(
        &self,
        name: &str,
        args: &[Expr],
        count: std::ops::RangeInclusive<usize>,
    ) -> Result<()> {
        if args.len() < *count.start() {
            return Err(SqlError::new(-380, name));
        }
        if args.len() > *count.end() {
            return Err(SqlError::new(-381, name));
        }
        Ok(())
    }

    fn plain_call(&mut self, name: &str, signature: &Signature, args: &[Expr]) -> Result<Typed> {
        let mut letters = signature.args.chars().peekable();
        let mut optional = false;
        let mut letter = 'v';
        let mut sql = Vec::new();
        let mut first = None;
        for arg in args {
            if letters.peek() == Some(&'|') {
                optional = true;
                letters.next();
            }
            match letters.next() {
                Some('*') | None if signature.args.ends_with('*') => {}
                Some(next) => letter = next,
                None => return Err(SqlError::new(-381, name)),
            }
            let value = self.value(arg, None)?;
            if value.ty.is_stream()
                && !matches!(
                    name,
                    "CHARACTER_LENGTH" | "CHAR_LENGTH" | "DATALENGTH" | "SUBSTRING"
                )
            {
                return Err(SqlError::code(-37));
            }
            sql.push(argument(&value, letter));
            first.get_or_insert(value.ty);
        }
        if !optional
            && letters
                .next()
                .is_some_and(|next| next != '|' && next != '*')
        {
            return Err(SqlError::new(-380, name));
        }
        let ty = signature.returns.ty(first.as_ref());
        if signature.sql.is_empty() {
            return Ok(Typed::computed(sql.join(","), first.unwrap_or(ty)));
        }
        if matches!(signature.sql, "iris_math" | "iris_part" | "iris_part_name") {
            sql.insert(0, text_literal(name));
        }
        if signature.sql == "iris_to_char" {
            sql.push(text_literal(first.as_ref().map_or("", Type::name)));
            if sql.len() == 2 {
                sql.insert(1, "NULL".to_owned());
            }
        }
        Ok(Typed::computed(
            format!("{}({})", signature.sql, sql.join(",")),
            ty,
        ))
    }

    /// `%EXACT(x)` keeps the text and changes how it compares; the others change it too.
    fn collation_call(&mut self, name: &str, args: &[Expr]) -> Result<Typed> {
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
        let collation = Collation::of_ddl(name);
        let sql = match name {
            "%EXACT" if args.len() == 1 => text,
            "%EXACT" | "%TRUNCATE" => format!("iris_cut({text},{limit})"),
            _ => format!(
                "iris_cut(' ' || iris_collated({text},'{}'),{limit})",
                collation.sql()
            ),
        };
        let mut typed = Typed::computed(sql, value.ty);
        typed.collation = Some(if name == "%EXACT" {
            Collation::Exact
        } else {
            collation
        });
        Ok(typed)
    }

    fn plus(&mut self, name: &str, arg: &Expr) -> Result<Typed> {
        let value = self.value(arg, None)?;
        let (sql, ty) = convert::as_number(&value);
        let sql = if name == "%MINUS" {
            format!("iris_negate({sql})")
        } else {
            sql
        };
        Ok(Typed::computed(sql, ty))
    }

    fn odbc_out(&mut self, arg: &Expr) -> Result<Typed> {
        let value = self.value(arg, None)?;
        Ok(Typed::computed(
            cast::odbc_text(&value),
            Type::Varchar(None),
        ))
    }

    /// Keys and values of JSON; numbers stay numbers.
    fn json(&mut self, name: &str, args: &[Expr]) -> Result<Typed> {
        let mut parts = Vec::new();
        for (position, arg) in args.iter().enumerate() {
            let value = self.value(arg, None)?;
            self.refuse_stream(&value, -37)?;
            let is_value = name == "JSON_ARRAY" || position > 0 && position % 2 == 0;
            if is_value && value.ty.is_number() {
                parts.push(format!("iris_json_number({})", value.sql));
            } else if is_value {
                parts.push(format!("iris_json_text({})", cast::odbc_text(&value)));
            } else {
                parts.push(convert::as_text(&value));
            }
        }
        let function = if name == "JSON_ARRAY" {
            "iris_json_array"
        } else {
            "iris_json_object"
        };
        Ok(Typed::computed(
            format!("{function}({})", parts.join(",")),
            Type::Varchar(None),
        ))
    }
}

/// An argument in the form that its letter asks for.
fn argument(value: &Typed, letter: char) -> String {
    match letter {
        't' => convert::as_text(value),
        'n' => convert::as_number(value).0,
        'f' => convert::as_double(value),
        'i' => convert::as_integer(value),
        's' => convert::as_timestamp(value),
        _ => value.sql.clone(),
    }
}

fn not_found(name: &str) -> SqlError {
    SqlError::new(
        -359,
        format!("User defined SQL function 'SQLUSER.{name}' does not exist"),
    )
}
