//! The rows that PostgreSQL 15 has in every database.

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
    data.lines()
        .map(|line| from_texts(scene, &definition.columns, &fields(line)))
        .collect()
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
