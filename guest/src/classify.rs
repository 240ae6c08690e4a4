//! What a statement is, by its words: its command tag and its effect.
//!
//! The tags are those of the PostgreSQL manual, section 55.7, CommandComplete; the
//! ones of IRIS's own statements are made in their likeness.

use crate::reader::statement::Source;
use crate::wit::{Effect, Tag};

/// A command tag followed by a row count.
pub(crate) fn counted(word: &str) -> Tag {
    Tag {
        word: word.to_owned(),
        counted: true,
    }
}

/// A command tag alone.
pub(crate) fn plain(word: &str) -> Tag {
    Tag {
        word: word.to_owned(),
        counted: false,
    }
}

/// Words between CREATE, ALTER or DROP and the kind of the object.
const QUALIFIERS: &[&str] = &[
    "OR",
    "REPLACE",
    "GLOBAL",
    "LOCAL",
    "TEMP",
    "TEMPORARY",
    "UNLOGGED",
    "UNIQUE",
    "BITMAP",
    "BITMAPEXTENT",
    "BITSLICE",
    "COLUMNAR",
    "RECURSIVE",
];

/// The tag and the effect of a statement.
pub(crate) fn classify(source: &Source<'_>) -> (Tag, Effect) {
    let verb = verb(source).to_ascii_uppercase();
    match verb.as_str() {
        "SELECT" if selects_into(source) => (counted("SELECT"), Effect::Schema),
        "SELECT" | "VALUES" | "TABLE" if writes_within(source) || locks_rows(source) => {
            (counted("SELECT"), Effect::Write)
        }
        "SELECT" | "VALUES" | "TABLE" => (counted("SELECT"), Effect::Read),
        "INSERT" => (counted("INSERT 0"), Effect::Write),
        "UPDATE" | "DELETE" | "MERGE" => (counted(&verb), Effect::Write),
        "TRUNCATE" => (plain("TRUNCATE TABLE"), Effect::Write),
        "EXPLAIN" => (plain("EXPLAIN"), Effect::Read),
        "CREATE" if creates_from_query(source) && ends_without_data(source) => {
            (plain("CREATE TABLE AS"), Effect::Schema)
        }
        "CREATE" if creates_from_query(source) => (counted("SELECT"), Effect::Schema),
        "CREATE" | "ALTER" | "DROP" => (plain(&definition(source, &verb)), Effect::Schema),
        "GRANT" | "REVOKE" => (plain(&verb), Effect::Schema),
        "LOCK" => (plain("LOCK TABLE"), Effect::Pin),
        "UNLOCK" => (plain("UNLOCK TABLE"), Effect::Pin),
        "SET" | "USE" => (plain(&verb), Effect::Pin),
        _ => (plain(&verb), Effect::Write),
    }
}

/// The word that says what is done; behind the queries of a WITH.
fn verb<'a>(source: &Source<'a>) -> &'a str {
    let text = source.text;
    let words = || source.lexemes.iter().copied();
    let first = words()
        .find(|lexeme| !lexeme.is_symbol(text, "("))
        .map_or("", |lexeme| lexeme.text(text));
    if !first.eq_ignore_ascii_case("WITH") {
        return first;
    }
    let mut depth = 0_usize;
    for lexeme in words() {
        if lexeme.is_symbol(text, "(") {
            depth += 1;
        } else if lexeme.is_symbol(text, ")") {
            depth = depth.saturating_sub(1);
        } else if depth == 0
            && ["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES"]
                .iter()
                .any(|verb| lexeme.is(text, verb))
        {
            return lexeme.text(text);
        }
    }
    "SELECT"
}

/// Whether a WITH changes rows.
fn writes_within(source: &Source<'_>) -> bool {
    let text = source.text;
    let with = source
        .lexemes
        .iter()
        .find(|lexeme| !lexeme.is_symbol(text, "("))
        .is_some_and(|lexeme| lexeme.is(text, "WITH"));
    with && source.lexemes.windows(2).any(|pair| {
        pair[0].is_symbol(text, "(")
            && ["INSERT", "UPDATE", "DELETE", "MERGE"]
                .iter()
                .any(|verb| pair[1].is(text, verb))
    })
}

/// Whether it ends in FOR UPDATE or its like, which a read-only transaction must not do.
fn locks_rows(source: &Source<'_>) -> bool {
    let text = source.text;
    let begins = |words: &[&str], at: usize| {
        let found = source.lexemes.iter().skip(at);
        found
            .zip(words)
            .filter(|(lexeme, word)| lexeme.is(text, word))
            .count()
            == words.len()
    };
    (0..source.lexemes.len()).any(|at| {
        begins(&["FOR"], at)
            && [
                &["UPDATE"][..],
                &["SHARE"],
                &["NO", "KEY"],
                &["KEY", "SHARE"],
            ]
            .iter()
            .any(|words| begins(words, at + 1))
    })
}

/// `CREATE TABLE`, `DROP FOREIGN TABLE`, …
fn definition(source: &Source<'_>, verb: &str) -> String {
    let text = source.text;
    let mut objects = source.lexemes[1..]
        .iter()
        .skip_while(|lexeme| QUALIFIERS.iter().any(|word| lexeme.is(text, word)));
    let mut object = objects.next().map_or(String::new(), |lexeme| {
        lexeme.text(text).to_ascii_uppercase()
    });
    if object == "USER" {
        "ROLE".clone_into(&mut object);
    }
    if matches!(object.as_str(), "FOREIGN" | "MATERIALIZED" | "EVENT")
        && let Some(second) = objects.next()
    {
        object = format!("{object} {}", second.text(text).to_ascii_uppercase());
    }
    format!("{verb} {object}").trim_end().to_owned()
}

/// Whether this is `SELECT … INTO t …`, which makes a table.
fn selects_into(source: &Source<'_>) -> bool {
    let text = source.text;
    let mut depth = 0_usize;
    for lexeme in source.lexemes {
        if lexeme.is_symbol(text, "(") {
            depth += 1;
        } else if lexeme.is_symbol(text, ")") {
            depth = depth.saturating_sub(1);
        } else if depth == 0 && lexeme.is(text, "INTO") {
            return true;
        } else if depth == 0 && lexeme.is(text, "FROM") {
            return false;
        }
    }
    false
}

/// Whether it ends with `WITH NO DATA`: then there are no rows to count.
fn ends_without_data(source: &Source<'_>) -> bool {
    let mut last = source.lexemes.iter().rev();
    last.next()
        .is_some_and(|lexeme| lexeme.is(source.text, "DATA"))
        && last
            .next()
            .is_some_and(|lexeme| lexeme.is(source.text, "NO"))
}

/// Whether this is `CREATE TABLE … AS SELECT …`, whose tag counts rows.
fn creates_from_query(source: &Source<'_>) -> bool {
    let text = source.text;
    let mut depth = 0_usize;
    let mut table = false;
    for pair in source.lexemes.windows(2) {
        let (lexeme, next) = (pair[0], pair[1]);
        if lexeme.is_symbol(text, "(") {
            depth += 1;
        } else if lexeme.is_symbol(text, ")") {
            depth = depth.saturating_sub(1);
        } else if depth == 0 && lexeme.is(text, "TABLE") {
            table = true;
        } else if depth == 0 && lexeme.is(text, "VIEW") {
            return false;
        } else if depth == 0 && table && lexeme.is(text, "AS") {
            return ["SELECT", "WITH", "VALUES", "TABLE"]
                .iter()
                .any(|word| next.is(text, word))
                || next.is_symbol(text, "(");
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::{lexer::lex, statement::split};

    fn tag(text: &str) -> (String, bool, Effect) {
        let tokens = lex(text).unwrap();
        let (tag, effect) = classify(&split(&tokens)[0]);
        (tag.word, tag.counted, effect)
    }

    #[test]
    fn statements_have_postgresql_tags() {
        for (text, word, counted, effect) in [
            ("select 1", "SELECT", true, Effect::Read),
            ("select 1 into t", "SELECT", true, Effect::Schema),
            ("(select 1) union select 2", "SELECT", true, Effect::Read),
            (
                "with a as (select 1) insert into t select * from a",
                "INSERT 0",
                true,
                Effect::Write,
            ),
            (
                "with a as (select 1) select * from a",
                "SELECT",
                true,
                Effect::Read,
            ),
            (
                "INSERT OR UPDATE t VALUES (1)",
                "INSERT 0",
                true,
                Effect::Write,
            ),
            (
                "with a as (delete from t returning *) select * from a",
                "SELECT",
                true,
                Effect::Write,
            ),
            ("select a from t for update", "SELECT", true, Effect::Write),
            ("update t set a = 1", "UPDATE", true, Effect::Write),
            (
                "create table t (a int)",
                "CREATE TABLE",
                false,
                Effect::Schema,
            ),
            (
                "create global temporary table t (a int)",
                "CREATE TABLE",
                false,
                Effect::Schema,
            ),
            ("create table t as select 1", "SELECT", true, Effect::Schema),
            (
                "create unique index i on t (a)",
                "CREATE INDEX",
                false,
                Effect::Schema,
            ),
            (
                "create or replace view v as select 1",
                "CREATE VIEW",
                false,
                Effect::Schema,
            ),
            ("create user u", "CREATE ROLE", false, Effect::Schema),
            (
                "drop table if exists t",
                "DROP TABLE",
                false,
                Effect::Schema,
            ),
            (
                "alter table t add column a int",
                "ALTER TABLE",
                false,
                Effect::Schema,
            ),
            ("truncate t", "TRUNCATE TABLE", false, Effect::Write),
            ("call p(1)", "CALL", false, Effect::Write),
            ("lock t in share mode", "LOCK TABLE", false, Effect::Pin),
            ("drop", "DROP", false, Effect::Schema),
        ] {
            assert_eq!(tag(text), (word.to_owned(), counted, effect), "{text}");
        }
    }
}
