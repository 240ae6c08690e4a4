//! Compute code as an SQLite expression over the values of a row.

use super::convert;
use super::typed::{Typed, text_literal};
use crate::ast::{ComputeTime, Expr};
use crate::catalog::{Column, Table, same};
use crate::datatype::Type;
use crate::error::{Result, SqlError};
use crate::objectscript::Program;

/// The code of an error in compute code while a row is filed.
const FILING: i32 = -415;

/// The code of an error in compute code while a row is read.
const READING: i32 = -350;

/// The value of a computed column; `row` writes the value of a column of the same row.
pub(crate) fn value(
    table: &Table,
    column: &Column,
    row: &dyn Fn(&str) -> String,
) -> Result<String> {
    let Some(computed) = &column.computed else {
        return Err(SqlError::new(-400, "the column is not computed"));
    };
    let calculated = column.is_calculated();
    let code = if calculated { READING } else { FILING };
    let mut arguments = vec![
        text_literal(&computed.code),
        text_literal(&column.name.to_uppercase()),
        code.to_string(),
    ];
    for field in Program::commands(&computed.code)?.fields {
        if field.name == "*" || same(&field.name, &column.name) {
            continue;
        }
        let (name, ty) = match table.column(&field.name) {
            Some(other) => (&other.name, other.ty.clone()),
            None => (&table.row_id, Type::BigInt),
        };
        arguments.push(text_literal(&field.key()));
        arguments.push(convert::as_text(&Typed::computed(row(name), ty)));
    }
    let text = format!("iris_compute({})", arguments.join(","));
    Ok(typed(text, column, calculated))
}

/// Compute code gives logical values: dates are day counts, times are seconds.
fn typed(text: String, column: &Column, calculated: bool) -> String {
    match &column.ty {
        Type::Date => format!("iris_integer({text})"),
        Type::Time(_) => format!("iris_time_seconds(iris_num({text}))"),
        ty if calculated => {
            let value = Typed::computed(text, Type::Varchar(None));
            convert::to(&value, ty)
        }
        ty => format!(
            "iris_store({text},{},{},-104)",
            text_literal(&ty.ddl()),
            text_literal(&column.name)
        ),
    }
}

/// The value of `OBJECTSCRIPT 'expression'`, if it is one.
pub(super) fn objectscript_default(expr: &Expr) -> Option<Typed> {
    match expr {
        Expr::Call { name, args, .. } if name == "OBJECTSCRIPT" => match args.as_slice() {
            [Expr::Text(code)] => Some(Typed::computed(
                format!("iris_expression({})", text_literal(code)),
                Type::Varchar(None),
            )),
            _ => None,
        },
        _ => None,
    }
}

/// Must an update of these columns compute this one anew?
pub(super) fn follows(column: &Column, changed: &[String]) -> bool {
    let Some(computed) = &column.computed else {
        return false;
    };
    match &computed.when {
        ComputeTime::Change(columns) => columns.iter().any(|name| {
            name.eq_ignore_ascii_case("%%UPDATE") || changed.iter().any(|c| same(c, name))
        }),
        _ => false,
    }
}
