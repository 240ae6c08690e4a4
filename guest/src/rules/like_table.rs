//! # What it does
//! Writes the columns of another table in place of LIKE in CREATE TABLE.
//!
//! # Why
//! IRIS has no LIKE there.
//!
//! # Example
//! `CREATE TABLE u (LIKE t INCLUDING INDEXES)` names the columns of `t` with their types and NOT
//! NULL, and its keys.
//!
//! # Limits
//! INCLUDING INDEXES copies keys alone, which a WARNING says; comments are not copied. Defaults that are
//! no literals, and columns that IRIS counts, are refused where they would have to be copied.
//! An error in what was written so has no place in the client's text.
//!
//! # Versions
//! All.

use pgiris_values::bytes;

use crate::command::Words;
use crate::diagnostic::Diagnosed;
use crate::inner;
use crate::naming::{literal, quoted};
use crate::reader::statement::Source;
use crate::relations::{Column, Constant, Relation, TableName};
use crate::rule::{Claim, Rule, Scene};
use crate::translate;
use crate::types::{self, oid};
use crate::wit::{Diagnostic, Lookup, Plan};

pub(crate) struct LikeTable;

impl Rule for LikeTable {
    fn name(&self) -> &'static str {
        "like_table"
    }

    fn summary(&self) -> &'static str {
        "names the columns of the table that LIKE means"
    }

    fn claim(&self, source: &Source<'_>, scene: &Scene<'_>) -> Diagnosed<Option<Claim>> {
        if !source.begins(&["CREATE"]) {
            return Ok(None);
        }
        let likes = likes(source)?;
        let Some(first) = likes.first() else {
            return Ok(None);
        };
        let tables: Vec<TableName> = likes.iter().map(|like| like.table.clone()).collect();
        let queries = scene.relations.missing(&tables);
        if !queries.is_empty() {
            let lookup = inner::lookup(source, scene, queries, Vec::new());
            return Ok(Some(Plan::Lookup(lookup).into()));
        }
        let mut text = String::new();
        let mut at = source.range().start;
        for like in &likes {
            let columns = like.written(source, scene)?;
            text.push_str(source.text.get(at..like.start).unwrap_or_default());
            text.push_str(&columns);
            at = like.end;
        }
        text.push_str(source.text.get(at..source.range().end).unwrap_or_default());
        let mut claim = translate::worded(&text, scene).map_err(|refusal| Diagnostic {
            position: None,
            ..refusal
        })?;
        if let Plan::Lookup(more) = claim.plan {
            // Asked for what was written, and answered for what the client wrote.
            let lookup = Lookup {
                temporary: more.temporary,
                ..inner::lookup(source, scene, more.queries, Vec::new())
            };
            return Ok(Some(Plan::Lookup(lookup).into()));
        }
        if likes.iter().any(|like| like.includes.indexes) {
            let start = first.start;
            claim.notices.push(
                Diagnostic::warning("01000", "indexes that are no keys are not copied")
                    .with_hint("create them by CREATE INDEX")
                    .at(source.text, start),
            );
        }
        Ok(Some(claim))
    }
}

/// A LIKE among the elements of a table.
struct Like {
    table: TableName,
    /// As the client wrote it.
    shown: String,
    includes: Includes,
    /// The bytes of the client's text that it takes up.
    start: usize,
    end: usize,
    /// Where the name begins.
    name: usize,
}

/// What is copied besides names, types and NOT NULL.
#[derive(Clone, Copy, Default)]
struct Includes {
    defaults: bool,
    identity: bool,
    indexes: bool,
}

/// Every LIKE of a CREATE TABLE with a list of elements.
fn likes(source: &Source<'_>) -> Diagnosed<Vec<Like>> {
    let mut words = Words::of(source);
    words.advance();
    while ["GLOBAL", "LOCAL", "TEMP", "TEMPORARY", "UNLOGGED"]
        .iter()
        .any(|word| words.take(word))
    {}
    let mut found = Vec::new();
    if !words.take("TABLE") {
        return Ok(found);
    }
    words.take_all(&["IF", "NOT", "EXISTS"]);
    while words.peek().is_some() && !words.next_is_symbol("(") {
        words.advance();
    }
    let mut depth = 0_usize;
    let mut begins = false;
    while let Some(lexeme) = words.peek() {
        if begins && words.next_is("LIKE") {
            let before = words.clone();
            words.advance();
            if let Some(like) = like(&mut words, lexeme.range().start)? {
                found.push(like);
                begins = false;
                continue;
            }
            words = before;
        }
        words.advance();
        let text = source.text;
        begins = false;
        if lexeme.is_symbol(text, "(") {
            depth += 1;
            begins = depth == 1;
        } else if lexeme.is_symbol(text, ")") {
            depth = depth.saturating_sub(1);
        } else if lexeme.is_symbol(text, ",") {
            begins = depth == 1;
        }
        if depth == 0 {
            break;
        }
    }
    Ok(found)
}

/// What follows LIKE; none if that is the name of a column.
fn like(words: &mut Words<'_>, start: usize) -> Diagnosed<Option<Like>> {
    let Some(name) = words.peek().map(|lexeme| lexeme.range().start) else {
        return Ok(None);
    };
    let Ok(first) = words.identifier() else {
        return Ok(None);
    };
    let (table, shown) = if words.take_symbol(".") {
        let own = words.identifier()?;
        let shown = format!("{first}.{own}");
        (TableName::named(Some(&first), &own), shown)
    } else {
        (TableName::named(None, &first), first)
    };
    let mut includes = Includes::default();
    loop {
        let is_on = match (words.take("INCLUDING"), words.take("EXCLUDING")) {
            (true, _) => true,
            (_, true) => false,
            _ => break,
        };
        if words.take("ALL") {
            includes = Includes {
                defaults: is_on,
                identity: is_on,
                indexes: is_on,
            };
        } else if words.take("DEFAULTS") {
            includes.defaults = is_on;
        } else if words.take("IDENTITY") {
            includes.identity = is_on;
        } else if words.take("INDEXES") {
            includes.indexes = is_on;
        } else if !OTHERS.iter().any(|other| words.take(other)) {
            return words.fail();
        }
    }
    // `like int`: a column of that name.
    if !words.next_is_symbol(",") && !words.next_is_symbol(")") {
        return Ok(None);
    }
    let end = words.peek().map_or(start, |next| next.range().start);
    Ok(Some(Like {
        table,
        shown,
        includes,
        start,
        end,
        name,
    }))
}

/// What tables of IRIS do not have, or have in one way only.
const OTHERS: [&str; 6] = [
    "COMMENTS",
    "COMPRESSION",
    "CONSTRAINTS",
    "GENERATED",
    "STATISTICS",
    "STORAGE",
];

impl Like {
    /// The elements in its place.
    fn written(&self, source: &Source<'_>, scene: &Scene<'_>) -> Diagnosed<String> {
        let Some(relation) = scene.relations.find(&self.table) else {
            let message = format!("relation \"{}\" does not exist", self.shown);
            return Err(Diagnostic::error("42P01", message).at(source.text, self.name));
        };
        let mut elements = Vec::with_capacity(relation.columns.len());
        for column in &relation.columns {
            let element = self.column(column, relation);
            elements.push(element.map_err(|refusal| refusal.at(source.text, self.name))?);
        }
        if self.includes.indexes {
            for key in &relation.keys {
                let kind = if key.primary { "PRIMARY KEY" } else { "UNIQUE" };
                let columns: Vec<String> = key.columns.iter().map(|name| quoted(name)).collect();
                elements.push(format!("{kind} ({})", columns.join(", ")));
            }
        }
        Ok(elements.join(", "))
    }

    fn column(&self, column: &Column, relation: &Relation) -> Diagnosed<String> {
        let refused = |what: &str| {
            Err(Diagnostic::not_supported(
                format!("LIKE with {what} \"{}\" is not supported", column.name),
                "name the columns",
            ))
        };
        let Some(data_type) = type_of(column) else {
            return refused("the type of column");
        };
        let mut element = format!("{} {data_type}", quoted(&column.name));
        let from_sequence = relation
            .sequences
            .iter()
            .any(|(name, _)| *name == column.name);
        if column.generated && (self.includes.identity || self.includes.defaults) {
            return refused("the counter of column");
        }
        if self.includes.defaults && (column.has_default || from_sequence) && !column.generated {
            match &column.default {
                Some(Constant::Number(number)) => element += &format!(" DEFAULT {number}"),
                Some(Constant::Bytes(bytes)) => element += &format!(" DEFAULT {}", literal(bytes)),
                Some(Constant::Text(text)) if column.type_oid == oid::BYTEA => {
                    let bytes = bytes::shown(text.as_bytes());
                    element += &format!(" DEFAULT {}", literal(&bytes));
                }
                Some(Constant::Text(text)) => element += &format!(" DEFAULT {}", literal(text)),
                None => return refused("the default of column"),
            }
        }
        if !column.nullable {
            element += " NOT NULL";
        }
        Ok(element)
    }
}

/// PostgreSQL's type, as far as it is known.
fn type_of(column: &Column) -> Option<String> {
    if column.vector.is_some() {
        return None;
    }
    if let Some(name) = &column.enum_type {
        return Some(quoted(&name.table.to_lowercase()));
    }
    Some(match (column.type_oid, column.length, &column.digits) {
        (oid::VARCHAR, Some(length), _) => format!("varchar({length})"),
        (oid::BPCHAR, Some(length), _) => format!("character({length})"),
        (oid::NUMERIC, _, Some(digits)) => {
            format!("numeric({}, {})", digits.precision, digits.scale)
        }
        (0, ..) => return None,
        (known, ..) => types::words(known).to_owned(),
    })
}
