//! # What it does
//! Refuses statements of PostgreSQL that IRIS has no equivalent for.
//!
//! # Why
//! IRIS would call each of them a syntax error.
//!
//! # Example
//! `LISTEN channel` is refused with SQLSTATE 0A000.
//!
//! # Limits
//! None: nothing is done instead.
//!
//! # Versions
//! All.

use crate::diagnostic::Diagnosed;
use crate::reader::lexeme::Kind;
use crate::reader::statement::Source;
use crate::rule::{Claim, Rule, Scene};
use crate::wit::Diagnostic;

pub(crate) struct UnsupportedStatement;

/// First words, and what to do instead.
const STATEMENTS: &[(&[&str], &str)] = &[
    (&["LISTEN"], "IRIS has no notifications; poll a table"),
    (&["NOTIFY"], "IRIS has no notifications; poll a table"),
    (
        &["REFRESH", "MATERIALIZED"],
        "use a view, or a table filled by INSERT … SELECT",
    ),
    (
        &["CREATE", "MATERIALIZED"],
        "use a view, or a table filled by INSERT … SELECT",
    ),
    (
        &["CREATE", "RECURSIVE", "VIEW"],
        "IRIS has no recursive queries; follow the references in the application",
    ),
    (
        &["CREATE", "TEMP", "VIEW"],
        "use a view, and drop it when it is no longer needed",
    ),
    (
        &["CREATE", "TEMPORARY", "VIEW"],
        "use a view, and drop it when it is no longer needed",
    ),
    (
        &["CREATE", "OR", "REPLACE", "TEMP"],
        "use a view, and drop it when it is no longer needed",
    ),
    (
        &["CREATE", "OR", "REPLACE", "TEMPORARY"],
        "use a view, and drop it when it is no longer needed",
    ),
    (
        &["CREATE", "OR", "REPLACE", "RECURSIVE"],
        "IRIS has no recursive queries; follow the references in the application",
    ),
    (
        &["ALTER", "INDEX"],
        "drop the index and create it by the other name",
    ),
    (&["DO"], "create a procedure and CALL it"),
    (&["CREATE", "DOMAIN"], "use one of IRIS's types"),
    (&["CREATE", "RULE"], "use a trigger"),
    (&["CREATE", "POLICY"], "use IRIS's row-level security"),
    (&["CREATE", "OPERATOR"], "use a function"),
    (&["CREATE", "CAST"], "use a function"),
    (&["CREATE", "PUBLICATION"], "use mirroring"),
    (&["CREATE", "SUBSCRIPTION"], "use mirroring"),
    (
        &["CREATE", "TABLESPACE"],
        "IRIS maps tables to databases in its configuration",
    ),
    (&["SECURITY", "LABEL"], "use GRANT"),
    (&["REASSIGN", "OWNED"], "use GRANT and REVOKE"),
    (&["ALTER", "AGGREGATE"], "define it anew for IRIS"),
    (&["ALTER", "COLLATION"], "use one of IRIS's collations"),
    (
        &["ALTER", "CONVERSION"],
        "IRIS converts nothing: text is Unicode",
    ),
    (
        &["ALTER", "DATABASE"],
        "settings are the session's: use SET",
    ),
    (
        &["ALTER", "DEFAULT"],
        "GRANT … ON ALL TABLES IN SCHEMA is for tables made later, too",
    ),
    (&["ALTER", "DOMAIN"], "use one of IRIS's types"),
    (&["ALTER", "EVENT"], "IRIS has no triggers on definitions"),
    (
        &["ALTER", "EXTENSION"],
        "IRIS has no extensions of PostgreSQL",
    ),
    (&["ALTER", "FUNCTION"], "drop it and create it anew"),
    (&["ALTER", "LANGUAGE"], "write routines in IRIS's languages"),
    (&["ALTER", "LARGE"], "use a column of type bytea"),
    (
        &["ALTER", "MATERIALIZED"],
        "use a view, or a table filled by INSERT … SELECT",
    ),
    (&["ALTER", "OPERATOR"], "use a function"),
    (&["ALTER", "POLICY"], "use IRIS's row-level security"),
    (&["ALTER", "PROCEDURE"], "drop it and create it anew"),
    (&["ALTER", "PUBLICATION"], "use mirroring"),
    (&["ALTER", "ROUTINE"], "drop it and create it anew"),
    (&["ALTER", "RULE"], "use a trigger"),
    (
        &["ALTER", "SCHEMA"],
        "create a schema of the new name and move the tables",
    ),
    (&["ALTER", "STATISTICS"], "use ANALYZE"),
    (&["ALTER", "SUBSCRIPTION"], "use mirroring"),
    (&["ALTER", "SYSTEM"], "settings are the session's: use SET"),
    (
        &["ALTER", "TABLESPACE"],
        "IRIS maps tables to databases in its configuration",
    ),
    (
        &["ALTER", "TEXT"],
        "IRIS has its own full-text search: %CONTAINS and iFind indexes",
    ),
    (&["ALTER", "TRIGGER"], "drop it and create it anew"),
    (&["CREATE", "ACCESS"], "use one of IRIS's index types"),
    (&["CREATE", "COLLATION"], "use one of IRIS's collations"),
    (
        &["CREATE", "CONVERSION"],
        "IRIS converts nothing: text is Unicode",
    ),
    (&["CREATE", "EVENT"], "IRIS has no triggers on definitions"),
    (
        &["CREATE", "LANGUAGE"],
        "write routines in IRIS's languages",
    ),
    (&["CREATE", "STATISTICS"], "use ANALYZE"),
    (
        &["CREATE", "TEXT"],
        "IRIS has its own full-text search: %CONTAINS and iFind indexes",
    ),
    (
        &["CREATE", "TRANSFORM"],
        "convert the values in the routine",
    ),
    (&["DROP", "ACCESS"], "IRIS has no such object"),
    (&["DROP", "CAST"], "IRIS has no such object"),
    (&["DROP", "COLLATION"], "IRIS has no such object"),
    (&["DROP", "CONVERSION"], "IRIS has no such object"),
    (&["DROP", "DOMAIN"], "IRIS has no such object"),
    (&["DROP", "EVENT"], "IRIS has no such object"),
    (&["DROP", "LANGUAGE"], "IRIS has no such object"),
    (&["DROP", "MATERIALIZED"], "use DROP TABLE or DROP VIEW"),
    (&["DROP", "OPERATOR"], "IRIS has no such object"),
    (&["DROP", "OWNED"], "drop the tables one by one"),
    (&["DROP", "POLICY"], "IRIS has no such object"),
    (&["DROP", "PUBLICATION"], "IRIS has no such object"),
    (&["DROP", "ROUTINE"], "use DROP FUNCTION or DROP PROCEDURE"),
    (&["DROP", "RULE"], "IRIS has no such object"),
    (&["DROP", "STATISTICS"], "IRIS has no such object"),
    (&["DROP", "SUBSCRIPTION"], "IRIS has no such object"),
    (&["DROP", "TABLESPACE"], "IRIS has no such object"),
    (&["DROP", "TEXT"], "IRIS has no such object"),
    (&["DROP", "TRANSFORM"], "IRIS has no such object"),
    (&["IMPORT", "FOREIGN"], "use IRIS's CREATE FOREIGN TABLE"),
    (
        &["ALTER", "FOREIGN", "DATA"],
        "use IRIS's CREATE FOREIGN SERVER",
    ),
    (
        &["CREATE", "FOREIGN", "DATA"],
        "use IRIS's CREATE FOREIGN SERVER",
    ),
    (
        &["DROP", "FOREIGN", "DATA"],
        "use IRIS's DROP FOREIGN SERVER",
    ),
    (&["ALTER", "SERVER"], "use IRIS's ALTER FOREIGN SERVER"),
    (&["CREATE", "SERVER"], "use IRIS's CREATE FOREIGN SERVER"),
    (&["DROP", "SERVER"], "use IRIS's DROP FOREIGN SERVER"),
    (
        &["ALTER", "USER", "MAPPING"],
        "use IRIS's CREATE FOREIGN SERVER",
    ),
    (
        &["CREATE", "USER", "MAPPING"],
        "use IRIS's CREATE FOREIGN SERVER",
    ),
    (
        &["DROP", "USER", "MAPPING"],
        "use IRIS's DROP FOREIGN SERVER",
    ),
];

impl Rule for UnsupportedStatement {
    fn name(&self) -> &'static str {
        "unsupported_statement"
    }

    fn summary(&self) -> &'static str {
        "refuses statements that IRIS has no equivalent for"
    }

    fn claim(&self, source: &Source<'_>, _scene: &Scene<'_>) -> Diagnosed<Option<Claim>> {
        if let Some((statement, hint)) = half_of_them(source) {
            return Err(
                Diagnostic::not_supported(format!("{statement} is not supported"), hint)
                    .at(source.text, source.range().start),
            );
        }
        let found = STATEMENTS.iter().find(|(words, _)| source.begins(words));
        match found {
            Some((words, hint)) => Err(Diagnostic::not_supported(
                format!("{} is not supported", words.join(" ")),
                hint,
            )
            .at(source.text, source.range().start)),
            None => Ok(None),
        }
    }
}

/// Statements of which IRIS has other forms.
fn half_of_them(source: &Source<'_>) -> Option<(&'static str, &'static str)> {
    let has = |word: &str| any_of(source, &[word]);
    let second = source.lexemes.get(1).map(|lexeme| lexeme.kind);
    if source.begins(&["LOAD"]) && second == Some(Kind::String) {
        return Some(("LOAD", "IRIS has no libraries of PostgreSQL"));
    }
    if source.begins(&["ALTER", "VIEW"]) && !has("AS") {
        return Some((
            "ALTER VIEW of anything but the query",
            "drop the view and create it anew",
        ));
    }
    if let Some(found) = of_cursors(source).or_else(|| of_tables(source)) {
        return Some(found);
    }
    if source.begins(&["CREATE", "AGGREGATE"]) && (has("SFUNC") || has("SFUNC1")) {
        return Some((
            "an aggregate with functions of PostgreSQL",
            "use IRIS's CREATE AGGREGATE",
        ));
    }
    None
}

/// `UPDATE … WHERE CURRENT OF c`: the broker's cursors hold rows, not places in tables.
fn of_cursors(source: &Source<'_>) -> Option<(&'static str, &'static str)> {
    let text = source.text;
    let writes = source.begins(&["UPDATE"]) || source.begins(&["DELETE"]);
    let found = writes
        && source.lexemes.windows(3).any(|words| {
            words[0].is(text, "WHERE") && words[1].is(text, "CURRENT") && words[2].is(text, "OF")
        });
    found.then_some((
        "WHERE CURRENT OF",
        "have the cursor return the key of the row, and name it in WHERE",
    ))
}

/// What sets the counter of an identity column.
const COUNTER_HINT: &str = "ALTER SEQUENCE table_column_seq does it for a column that was made with options, as in \
     (START WITH 1); the counter of another goes on behind the greatest value that was given";

/// Words of ALTER TABLE and their hints.
const CHANGES: &[(&[&str], &str, &str)] = &[
    (
        &["SET", "SCHEMA"],
        "ALTER TABLE … SET SCHEMA",
        "create the table in the other schema and copy the rows",
    ),
    (
        &["SET", "STATISTICS"],
        "ALTER TABLE … SET STATISTICS",
        "use ANALYZE",
    ),
    (
        &["SET", "STORAGE"],
        "ALTER TABLE … SET STORAGE",
        "IRIS stores values in one way",
    ),
    (
        &["SET", "COMPRESSION"],
        "ALTER TABLE … SET COMPRESSION",
        "IRIS stores values in one way",
    ),
    (
        &["SET", "TABLESPACE"],
        "ALTER TABLE … SET TABLESPACE",
        "IRIS maps tables to databases in its configuration",
    ),
    (
        &["SET", "GENERATED"],
        "ALTER TABLE … SET GENERATED",
        "IRIS makes identity columns with their table only",
    ),
    (
        &["SET", "INCREMENT"],
        "ALTER TABLE … SET of the options of a sequence",
        COUNTER_HINT,
    ),
    (
        &["SET", "MINVALUE"],
        "ALTER TABLE … SET of the options of a sequence",
        COUNTER_HINT,
    ),
    (
        &["SET", "MAXVALUE"],
        "ALTER TABLE … SET of the options of a sequence",
        COUNTER_HINT,
    ),
    (
        &["SET", "START"],
        "ALTER TABLE … SET of the options of a sequence",
        COUNTER_HINT,
    ),
    (
        &["SET", "CACHE"],
        "ALTER TABLE … SET of the options of a sequence",
        COUNTER_HINT,
    ),
    (
        &["SET", "CYCLE"],
        "ALTER TABLE … SET of the options of a sequence",
        COUNTER_HINT,
    ),
    (
        &["SET", "NO"],
        "ALTER TABLE … SET of the options of a sequence",
        COUNTER_HINT,
    ),
    (
        &["DROP", "IDENTITY"],
        "ALTER TABLE … DROP IDENTITY",
        "IRIS makes identity columns with their table only",
    ),
    (
        &["DROP", "EXPRESSION"],
        "ALTER TABLE … DROP EXPRESSION",
        "IRIS has no generated columns of PostgreSQL",
    ),
    (
        &["CLUSTER", "ON"],
        "ALTER TABLE … CLUSTER ON",
        "IRIS stores rows by their IDKEY",
    ),
    (
        &["NO", "INHERIT"],
        "ALTER TABLE … NO INHERIT",
        "use a view over both tables",
    ),
    (
        &["ATTACH", "PARTITION"],
        "ALTER TABLE … ATTACH PARTITION",
        "create one table; IRIS maps its data to databases in its configuration",
    ),
];

/// Definitions of tables and schemas that neither the parser nor IRIS reads.
fn of_tables(source: &Source<'_>) -> Option<(&'static str, &'static str)> {
    let is = |index: usize, word: &str| {
        source
            .lexemes
            .get(index)
            .is_some_and(|lexeme| lexeme.is(source.text, word))
    };
    let symbol = |index: usize, symbol: &str| {
        source
            .lexemes
            .get(index)
            .is_some_and(|lexeme| lexeme.is_symbol(source.text, symbol))
    };
    let all = 0..source.lexemes.len();
    if source.begins(&["ALTER", "TABLE"]) {
        let sets = |index| (is(index, "SET") || is(index, "RESET")) && symbol(index + 1, "(");
        if all.clone().any(sets) {
            return Some((
                "ALTER TABLE … SET of storage parameters",
                "IRIS stores rows by itself",
            ));
        }
        if all.clone().skip(3).any(|index| is(index, "INHERIT"))
            && !all.clone().any(|index| is(index, "NO"))
        {
            return Some(("ALTER TABLE … INHERIT", "use a view over both tables"));
        }
        let restarts = |index: usize| {
            is(index, "RESTART")
                && (is(index.saturating_sub(2), "COLUMN") || is(index.saturating_sub(2), "ALTER"))
        };
        if all.clone().skip(4).any(restarts) {
            return Some(("ALTER TABLE … RESTART", COUNTER_HINT));
        }
        let pair = |words: &[&str], index: usize| is(index, words[0]) && is(index + 1, words[1]);
        let found = CHANGES
            .iter()
            .find(|(words, ..)| all.clone().any(|index| pair(words, index)))?;
        return Some((found.1, found.2));
    }
    if source.begins(&["CREATE", "SCHEMA"])
        && all
            .clone()
            .skip(3)
            .any(|index| is(index, "CREATE") || is(index, "GRANT"))
    {
        return Some((
            "CREATE SCHEMA with objects in it",
            "create them in statements of their own",
        ));
    }
    if source.begins(&["CREATE"])
        && all
            .clone()
            .skip(2)
            .any(|index| is(index, "AS") && is(index + 1, "EXECUTE"))
    {
        return Some((
            "CREATE TABLE AS EXECUTE",
            "write the query of the prepared statement in its place",
        ));
    }
    // `CREATE TABLE t (a, …) AS`
    let untyped = source.begins(&["CREATE", "TABLE"])
        && symbol(3, "(")
        && (symbol(5, ",") || symbol(5, ")"))
        && all
            .clone()
            .any(|index| is(index, "AS") && symbol(index - 1, ")"));
    if untyped {
        return Some((
            "CREATE TABLE AS with names of columns",
            "name the columns in the query, with AS",
        ));
    }
    let likes = source.begins(&["CREATE"])
        && (is(1, "TABLE") || is(2, "TABLE") || is(3, "TABLE"))
        && all.skip(3).any(|index| {
            is(index, "LIKE")
                && (symbol(index - 1, "(") || symbol(index - 1, ","))
                && !symbol(index + 1, "(")
        });
    if source.begins(&["CREATE"])
        && (is(1, "VIEW") || is(3, "VIEW"))
        && any_of(
            source,
            &["SECURITY_BARRIER", "SECURITY_INVOKER", "CHECK_OPTION"],
        )
    {
        return Some((
            "CREATE VIEW … WITH options",
            "leave the options out; IRIS has WITH CHECK OPTION",
        ));
    }
    likes.then_some(("LIKE", "name the columns"))
}

/// Whether one of these words stands in a statement.
fn any_of(source: &Source<'_>, words: &[&str]) -> bool {
    source
        .lexemes
        .iter()
        .any(|lexeme| words.iter().any(|word| lexeme.is(source.text, word)))
}
