//! One statement of a transcript: its parameters, its answer as text.

use std::fmt::Write as _;
use std::ops::ControlFlow;

use pgiris_sandbox::{Connection, SqlError, SqlType, Value};

/// The connection and the statement, if the line begins one.
pub(crate) fn prompt(line: &str) -> Option<(&str, &str)> {
    let (name, statement) = line.split_once("> ")?;
    (name.len() <= 1 && name.chars().all(|c| c.is_ascii_lowercase())).then_some((name, statement))
}

/// What the sandbox answers, each line ended.
pub(crate) fn answer(connection: &mut Connection, statement: &str, guessed: bool) -> String {
    let (sql, parameters) = match statement.split_once(" <- ") {
        Some((sql, parameters)) => (sql, Some(parse_parameters(parameters))),
        None => (statement, None),
    };
    match execute(connection, sql, parameters) {
        Ok(text) => text,
        Err(_) if guessed => "any error\n".to_owned(),
        Err(error) => format!("SQLCODE {}\n", error.sqlcode),
    }
}

fn execute(
    connection: &mut Connection,
    sql: &str,
    parameters: Option<Vec<Value>>,
) -> Result<String, SqlError> {
    let prepared = connection.prepare(sql)?;
    let mut text = String::new();
    if !prepared.parameters().is_empty() {
        let types: Vec<String> = prepared.parameters().iter().map(type_name).collect();
        writeln!(text, "? {}", types.join(", ")).unwrap();
    }
    if let Some(columns) = prepared.columns() {
        let columns: Vec<String> = columns
            .iter()
            .map(|column| format!("{} {}", column.label, type_name(&column.sql_type)))
            .collect();
        writeln!(text, "{}", columns.join(" | ")).unwrap();
    }
    if parameters.is_none() && !prepared.parameters().is_empty() {
        return Ok(text);
    }
    let parameters = parameters.unwrap_or_default();
    let mut rows = String::new();
    let completion = connection.execute(&prepared, &parameters, &mut |row| {
        let values: Vec<String> = row.iter().map(show).collect();
        writeln!(rows, "{}", values.join(" | ")).unwrap();
        ControlFlow::Continue(())
    })?;
    text.push_str(&rows);
    if prepared.columns().is_none() {
        let none = if completion.sqlcode == 100 {
            " (100)"
        } else {
            ""
        };
        writeln!(text, "ok {}{none}", completion.row_count).unwrap();
    }
    Ok(text)
}

pub(crate) fn parse_parameters(text: &str) -> Vec<Value> {
    let mut values = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (value, tail) = parse_parameter(rest);
        values.push(value);
        rest = tail.trim_start().trim_start_matches(',').trim_start();
    }
    values
}

fn parse_parameter(text: &str) -> (Value, &str) {
    if let Some(quoted) = text.strip_prefix('\'') {
        let (inner, tail) = quoted.split_once('\'').unwrap();
        return (Value::Varchar(inner.to_owned()), tail);
    }
    if let Some(hex) = text.strip_prefix("x'") {
        let (inner, tail) = hex.split_once('\'').unwrap();
        let bytes = (0..inner.len())
            .step_by(2)
            .map(|n| u8::from_str_radix(&inner[n..n + 2], 16).unwrap());
        return (Value::Varbinary(bytes.collect()), tail);
    }
    let (word, tail) = text.split_at(text.find(',').unwrap_or(text.len()));
    let value = match word.trim() {
        "NULL" => Value::Null,
        word if word.contains('e') => Value::Double(word.parse().unwrap()),
        word if word.contains('.') => Value::Numeric(word.parse().unwrap()),
        word => Value::Integer(word.parse().unwrap()),
    };
    (value, tail)
}

fn show(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Numeric(number) => format!("{} n", number.to_plain_string()),
        Value::Double(number) => format!("{number:?} d"),
        Value::Varchar(text) => format!("'{text}'"),
        Value::Varbinary(bytes) => format!(
            "x'{}'",
            bytes.iter().map(|b| format!("{b:02x}")).collect::<String>()
        ),
        Value::Date(date) => date.to_string(),
        Value::Time(time) => time.to_string(),
        Value::Timestamp(at) => at.to_string(),
    }
}

fn type_name(ty: &SqlType) -> String {
    match ty.code {
        -7 => "BIT".to_owned(),
        -6 => "TINYINT".to_owned(),
        5 => "SMALLINT".to_owned(),
        4 => "INTEGER".to_owned(),
        -5 => "BIGINT".to_owned(),
        2 => format!("NUMERIC({},{})", ty.precision, ty.scale),
        8 => "DOUBLE".to_owned(),
        12 => format!("VARCHAR({})", ty.precision),
        -1 => "LONGVARCHAR".to_owned(),
        -3 => format!("VARBINARY({})", ty.precision),
        -4 => "LONGVARBINARY".to_owned(),
        9 => "DATE".to_owned(),
        10 => format!("TIME({})", ty.scale),
        11 => "TIMESTAMP".to_owned(),
        -11 => "GUID".to_owned(),
        other => format!("code {other}"),
    }
}
