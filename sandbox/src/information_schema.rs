//! The system relations: INFORMATION_SCHEMA, `%Dictionary`, class queries.
//!
//! They are virtual tables. Rows are made object by object when SQLite asks,
//! and an object that a condition rules out by its name is not even looked at.

mod directory;
mod rows;
mod virtual_table;

use std::sync::LazyLock;

use crate::catalog::same;
use crate::datatype::Type;

pub(crate) use virtual_table::register;

/// A relation.
pub(crate) struct Relation {
    pub(crate) schema: &'static str,
    pub(crate) name: &'static str,
    /// A class query: it stands in FROM with parentheses.
    pub(crate) is_query: bool,
    pub(crate) columns: Vec<RelationColumn>,
}

/// A column of it.
pub(crate) struct RelationColumn {
    pub(crate) name: &'static str,
    pub(crate) ty: Type,
    /// `SELECT *` leaves it out.
    pub(crate) private: bool,
}

impl Relation {
    /// The virtual table; no table of a user has a name like this.
    pub(crate) fn sql_name(&self) -> String {
        format!("iris:{}.{}", self.schema, self.name)
    }

    /// May everybody read it?
    pub(crate) fn is_public(&self) -> bool {
        self.schema == "INFORMATION_SCHEMA"
    }

    /// The class behind it, by the names of those in the class reference.
    pub(crate) fn class_name(&self) -> String {
        let package = self.schema.replace('_', ".");
        format!("{package}.{}", self.name.replace('_', ""))
    }
}

/// All of them, as `relations.txt` lists them.
static RELATIONS: LazyLock<Vec<Relation>> =
    LazyLock::new(|| parse(include_str!("information_schema/relations.txt")));

/// Every relation and class query.
pub(crate) fn relations() -> &'static [Relation] {
    &RELATIONS
}

/// The relation of this name, in any case.
pub(crate) fn find(schema: &str, name: &str) -> Option<&'static Relation> {
    relations().iter().find(|relation| {
        !relation.is_query && same(relation.name, name) && same(relation.schema, schema)
    })
}

/// The class query of this name.
pub(crate) fn find_query(schema: &str, name: &str) -> Option<&'static Relation> {
    relations().iter().find(|relation| {
        relation.is_query && same(relation.name, name) && same(relation.schema, schema)
    })
}

fn parse(text: &'static str) -> Vec<Relation> {
    let mut relations: Vec<Relation> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        let Some(word) = words.next() else { continue };
        let path = word.strip_prefix("()").unwrap_or(word);
        if let Some((schema, name)) = path.split_once('.') {
            relations.push(Relation {
                schema,
                name,
                is_query: path != word,
                columns: Vec::new(),
            });
        } else if let (Some(relation), Some(ty)) = (relations.last_mut(), words.next()) {
            relation.columns.push(RelationColumn {
                name: word,
                ty: column_type(ty),
                private: words.next() == Some("private"),
            });
        }
    }
    relations
}

fn column_type(word: &str) -> Type {
    match word {
        "name" => Type::Varchar(Some(128)),
        "name254" => Type::Varchar(Some(254)),
        "int" => Type::Integer,
        "smallint" => Type::SmallInt,
        "tinyint" => Type::TinyInt,
        "bigint" => Type::BigInt,
        "bit" => Type::Bit,
        "double" => Type::Double,
        "date" => Type::Date,
        "timestamp" => Type::Timestamp,
        length => Type::Varchar(length.parse().ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_understood() {
        assert!(relations().len() > 40);
        let text = include_str!("information_schema/relations.txt");
        let columns: usize = relations().iter().map(|r| r.columns.len()).sum();
        let lines = text.lines().filter(|line| line.starts_with("  ")).count();
        assert_eq!(columns, lines);
        assert!(find("information_schema", "tables").is_some());
        assert!(find("%SYS", "Namespace_List").is_none());
    }
}
