//! Calls of the functions in the signature tables: arguments counted and converted.

use super::signature::{self, Returns, Signature};
use super::typed::{Typed, text_literal};
use super::{Binder, cast, convert};
use crate::ast::Expr;
use crate::datatype::Type;
use crate::error::{Result, SqlError};
use crate::functions::date_part;

impl Binder<'_> {
    /// Do the tables know it?
    pub(super) fn is_plain(&self, name: &str) -> bool {
        signature::find(name).is_some()
    }

    /// A call of a function that the tables know; -380 and -381 for wrong numbers of arguments.
    pub(super) fn plain_call(&mut self, name: &str, args: &[Expr]) -> Result<Typed> {
        let signature = match name {
            "$LIST" if args.len() == 3 => signature::list::PART,
            _ => signature::find(name).ok_or_else(|| super::call::not_found(name))?,
        };
        let letters = letters(name, &signature, args.len())?;
        let mut values = Vec::with_capacity(args.len());
        let mut sql = Vec::with_capacity(args.len() + 2);
        for (arg, letter) in args.iter().zip(letters) {
            let value = self.argument(name, arg, letter)?;
            sql.push(argument_sql(&value, letter));
            values.push(value);
        }
        let ty = match (name, args.first()) {
            ("DATEPART", Some(Expr::Text(part)))
                if date_part::canonical(part) == Some("sqltimestamp") =>
            {
                Type::Timestamp
            }
            _ => signature.returns.ty(&values),
        };
        if signature::date::is_named(signature.sql) {
            sql.insert(0, text_literal(name));
        }
        if signature.sql == "iris_to_char" {
            if sql.len() == 1 {
                sql.push("NULL".to_owned());
            }
            sql.push(text_literal(
                values.first().map_or("", |value| value.ty.name()),
            ));
        }
        let sql = format!("{}({})", signature.sql, sql.join(","));
        Ok(Typed::computed(
            numeric_text(signature.returns, sql, &ty),
            ty,
        ))
    }

    fn argument(&mut self, name: &str, arg: &Expr, letter: char) -> Result<Typed> {
        if letter == 'p' {
            check_part(name, arg)?;
        }
        let value = self.value(arg, None)?;
        if value.ty.is_stream() && !signature::text::takes_streams(name) {
            return Err(SqlError::code(-37));
        }
        if matches!(letter, 'n' | 'f' | 'i' | 's') {
            self.countable(&value)?;
        }
        Ok(value)
    }
}

/// TO_NUMBER leaves whole numbers as they are; what is announced as NUMERIC is exact text.
fn numeric_text(returns: Returns, sql: String, ty: &Type) -> String {
    let numeric = matches!(ty, Type::Numeric { .. });
    if returns == Returns::Number && numeric {
        return format!("iris_num({sql})");
    }
    sql
}

/// One letter per argument: -380 for too few of them, -381 for too many.
fn letters(name: &str, signature: &Signature, count: usize) -> Result<Vec<char>> {
    let (required, optional) = signature
        .args
        .split_once('|')
        .unwrap_or((signature.args, ""));
    let mut letters: Vec<char> = required.chars().collect();
    if count < letters.len() {
        return Err(SqlError::new(-380, name));
    }
    let repeats = optional.ends_with('*');
    letters.extend(optional.trim_end_matches('*').chars());
    if repeats && let Some(last) = letters.last().copied() {
        letters.resize(letters.len().max(count), last);
    }
    let most = if repeats {
        super::call::MOST_ARGUMENTS
    } else {
        letters.len()
    };
    if count > most {
        return Err(SqlError::new(-381, name));
    }
    letters.truncate(count);
    Ok(letters)
}

/// A misspelt date part is -8; DATEDIFF gives NULL instead, as it does for a bad date.
fn check_part(name: &str, arg: &Expr) -> Result<()> {
    let Expr::Text(part) = arg else {
        return Ok(());
    };
    let known = match name {
        "TIMESTAMPADD" => date_part::of_interval(part).is_some(),
        "TIMESTAMPDIFF" => date_part::of_interval(part).is_some_and(|unit| unit != "quarter"),
        "DATEDIFF" => true,
        "DATEPART" => date_part::canonical(part).is_some(),
        _ => date_part::canonical(part).is_some_and(|part| part != "sqltimestamp"),
    };
    if known {
        return Ok(());
    }
    Err(SqlError::new(
        -8,
        format!("'{part}' is not a recognized {name} option"),
    ))
}

/// An argument in the form that its letter asks for.
fn argument_sql(value: &Typed, letter: char) -> String {
    match letter {
        // Lengths count the bytes of binary values.
        'b' if matches!(value.ty, Type::Varbinary(_)) => value.sql.clone(),
        'b' | 't' | 'p' => convert::as_text(value),
        'n' => convert::as_number(value).0,
        'i' => convert::as_integer(value),
        // Text that may or may not spell a number stays as it is.
        'x' if value.ty.is_text() || value.ty == Type::List => value.sql.clone(),
        'x' => convert::as_number(value).0,
        'l' if value.ty == Type::List => value.sql.clone(),
        'l' => convert::as_text(value),
        'd' => moment(value),
        _ => value.sql.clone(),
    }
}

/// Dates as day counts, times and timestamps as text.
fn moment(value: &Typed) -> String {
    match &value.ty {
        _ if value.is_null() => value.sql.clone(),
        Type::Date => value.sql.clone(),
        // A time without a date is of the day that stands in for one.
        Type::Time(_) => format!("('1900-01-01 ' || {})", cast::odbc_text(value)),
        ty if ty.is_timestamp() => convert::as_timestamp(value),
        ty if ty.is_integer() => value.sql.clone(),
        _ => convert::as_text(value),
    }
}
