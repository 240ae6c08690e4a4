//! The rows that PostgreSQL 15 has in every database.

use std::collections::HashSet;
use std::rc::Rc;

use crate::catalog::{Catalog, Scene, from_texts};
use crate::definition::Definition;
use crate::failure::Result;
use crate::session::Session;
use crate::types::Type;
use crate::value::{Row, Value};

/// Relation and rows, in COPY's text format.
macro_rules! data {
    ($($name:literal)*) => {
        const DATA: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../data/rows/", $name, ".tsv"))),)*
        ];
    };
}

data!(
    "pg_aggregate"
    "pg_am"
    "pg_amop"
    "pg_amproc"
    "pg_cast"
    "pg_collation"
    "pg_conversion"
    "pg_description"
    "pg_language"
    "pg_opclass"
    "pg_operator"
    "pg_opfamily"
    "pg_proc"
    "pg_range"
    "pg_tablespace"
    "pg_ts_config"
    "pg_ts_dict"
    "pg_ts_parser"
    "pg_ts_template"
    "pg_type"
);

const KEYWORDS: &str = include_str!("../data/keywords.tsv");

/// The rows of a relation of `pg_catalog`; none for what only ever has a user's.
pub(crate) fn rows(catalog: &Catalog, definition: &Definition) -> Result<Vec<Row>> {
    if definition.schema != "pg_catalog" {
        return Ok(Vec::new());
    }
    let Some((_, data)) = DATA.iter().find(|(name, _)| *name == definition.name) else {
        return Ok(Vec::new());
    };
    let session = Session::plain();
    let scene = Scene {
        catalog,
        session: &session,
    };
    let mut rows = data
        .lines()
        .map(|line| from_texts(scene, &definition.columns, &fields(line)))
        .collect::<Result<Vec<_>>>()?;
    if definition.name == "pg_description" {
        describe_operators(&mut rows);
    }
    Ok(rows)
}

/// `pg_opclass.oid` of the class that an index of the access method takes for a type.
pub fn default_operator_class(kind: Type, method: i64) -> Option<i64> {
    let kind = match kind {
        Type::VARCHAR => Type::TEXT,
        other => other,
    };
    let (_, data) = DATA.iter().find(|(name, _)| *name == "pg_opclass")?;
    let wanted = [method.to_string(), kind.0.to_string()];
    data.lines().find_map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        // oid, opcmethod, opcname, opcnamespace, opcowner, opcfamily, opcintype, opcdefault
        let [oid, method, _, _, _, _, kind, default, ..] = fields.as_slice() else {
            return None;
        };
        (*method == wanted[0] && *kind == wanted[1] && *default == "t").then(|| oid.parse().ok())?
    })
}

/// What initdb says of the functions behind operators that nobody has described, where the
/// operator is not one that is better left alone.
fn describe_operators(rows: &mut Vec<Row>) {
    /// `pg_class.oid` of `pg_proc` and `pg_operator`.
    const CLASSES: [i64; 2] = [1255, 2617];
    let number = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<i64>().ok());
    let [functions, operators] = CLASSES.map(|class| {
        let of_class = rows
            .iter()
            .filter(|row| row.get(1) == Some(&Value::Int(class)));
        let described = of_class.filter(|row| {
            let text = row.get(3).and_then(Value::as_text);
            class == CLASSES[0] || text.is_some_and(|text| text.starts_with("deprecated"))
        });
        let numbers = described.filter_map(|row| row.first().and_then(Value::as_int));
        numbers.collect::<HashSet<_>>()
    });
    let Some((_, data)) = DATA.iter().find(|(name, _)| *name == "pg_operator") else {
        return;
    };
    for operator in data.lines().map(fields) {
        // oid, oprname, ten others, oprcode
        let (Some(Some(oid)), Some(Some(name)), Some(Some(code))) = (
            operator.first().map(number),
            operator.get(1),
            operator.get(12).map(number),
        ) else {
            continue;
        };
        if !functions.contains(&code) && !operators.contains(&oid) {
            rows.push(Rc::from([
                Value::Int(code),
                Value::Int(CLASSES[0]),
                Value::Int(0),
                format!("implementation of {name} operator").into(),
            ]));
        }
    }
}

/// `pg_get_keywords()`
pub(crate) fn keywords() -> Vec<Row> {
    KEYWORDS
        .lines()
        .map(|line| {
            let values: Vec<Value> = fields(line)
                .into_iter()
                .enumerate()
                .map(|(place, field)| match field {
                    Some(text) if place == 2 => (text == "t").into(),
                    other => other.into(),
                })
                .collect();
            Rc::from(values)
        })
        .collect()
}

/// The fields of a line of COPY.
pub(crate) fn fields(line: &str) -> Vec<Option<String>> {
    line.split('\t')
        .map(|field| {
            if field == "\\N" {
                return None;
            }
            let mut text = String::with_capacity(field.len());
            let mut characters = field.chars();
            while let Some(c) = characters.next() {
                match c {
                    '\\' => text.extend(characters.next().map(|c| match c {
                        'n' => '\n',
                        't' => '\t',
                        'r' => '\r',
                        other => other,
                    })),
                    _ => text.push(c),
                }
            }
            Some(text)
        })
        .collect()
}
