//! The relations of `pg_catalog` and `information_schema` as PostgreSQL 15 defines them.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::types::Type;

/// One line a relation: schema, name, OID, kind, then `column:type OID` for each column.
static LIST: &str = include_str!("../data/relations.txt");

/// What a relation looks like.
#[derive(Debug)]
pub struct Definition {
    /// `pg_catalog` or `information_schema`.
    pub schema: &'static str,
    /// As in `pg_class.relname`.
    pub name: &'static str,
    /// As in `pg_class.oid`.
    pub oid: u32,
    /// As in `pg_class.relkind`: `r` or `v`.
    pub kind: &'static str,
    /// In order.
    pub columns: Vec<(&'static str, Type)>,
}

/// All of them.
pub fn all() -> &'static [Definition] {
    static PARSED: OnceLock<Vec<Definition>> = OnceLock::new();
    PARSED.get_or_init(|| LIST.lines().filter_map(line).collect())
}

/// The relation of that name.
pub fn named(schema: &str, name: &str) -> Option<&'static Definition> {
    all().get(find(schema, name)?)
}

/// The relation's number in the list.
pub(crate) fn find(schema: &str, name: &str) -> Option<usize> {
    static PLACES: OnceLock<HashMap<(&str, &str), usize>> = OnceLock::new();
    PLACES
        .get_or_init(|| {
            all()
                .iter()
                .enumerate()
                .map(|(place, definition)| ((definition.schema, definition.name), place))
                .collect()
        })
        .get(&(schema, name))
        .copied()
}

fn line(text: &'static str) -> Option<Definition> {
    let mut words = text.split_ascii_whitespace();
    Some(Definition {
        schema: words.next()?,
        name: words.next()?,
        oid: words.next()?.parse().ok()?,
        kind: words.next()?,
        columns: words
            .map(|word| {
                let (name, oid) = word.split_once(':')?;
                Some((name, Type(oid.parse().ok()?)))
            })
            .collect::<Option<_>>()?,
    })
}

impl Definition {
    /// The number of a column.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|(known, _)| *known == name)
    }
}
