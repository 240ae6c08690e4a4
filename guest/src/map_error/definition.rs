//! Errors of definitions, told by the names in the client's own statement.

use super::client::{only, place};
use super::detail::Detail;
use super::words::Words;
use crate::casts::whole_number;
use crate::types::oid;
use crate::wit::Diagnostic;

/// `ALTER TABLE t ADD UNIQUE (a)`, `CREATE UNIQUE INDEX i ON t (a)`
pub(super) fn duplicates(diagnostic: &mut Diagnostic, words: &Words<'_>) -> Option<()> {
    let target = words.target()?;
    let table = words.name(target.last)?;
    let constraint = match () {
        () if words.begins(&["CREATE", "UNIQUE", "INDEX"]) => created_index(words)?,
        () if words.any("CONSTRAINT") => words.name(words.at("CONSTRAINT")? + 1)?,
        () if words.any("PRIMARY") => format!("{table}_pkey"),
        () => {
            let columns = words.names_in_parentheses(words.at("UNIQUE")? + 1)?;
            format!("{table}_{}_key", columns.join("_"))
        }
    };
    diagnostic.message = format!("could not create unique index \"{constraint}\"");
    diagnostic.detail = Some("Duplicate keys exist.".to_owned());
    diagnostic.schema = words.schema(target);
    diagnostic.table = Some(table);
    diagnostic.constraint = Some(constraint);
    Some(())
}

fn created_index(words: &Words<'_>) -> Option<String> {
    let on = words.at("ON")?;
    words.name(on.checked_sub(1)?)
}

/// `ALTER TABLE t ADD COLUMN a int`
pub(super) fn column_exists(diagnostic: &mut Diagnostic, words: &Words<'_>) -> Option<()> {
    let (_, column) = diagnostic
        .message
        .rsplit_once([' ', '\''])
        .filter(|(_, name)| !name.is_empty())?;
    let column = column.to_lowercase();
    let table = words.name(words.target()?.last)?;
    diagnostic.message = match words.begins(&["CREATE"]) {
        true => format!("column \"{column}\" specified more than once"),
        false => format!("column \"{column}\" of relation \"{table}\" already exists"),
    };
    Some(())
}

/// PostgreSQL tells the place of the second one in CREATE TABLE.
pub(super) fn second_key(diagnostic: &mut Diagnostic, words: &Words<'_>) -> Option<()> {
    let table = words.name(words.target()?.last)?;
    diagnostic.message = format!("multiple primary keys for table \"{table}\" are not allowed");
    if words.begins(&["CREATE"])
        && let Some(second) = words.every("PRIMARY").get(1)
    {
        place(diagnostic, words, *second);
    }
    Some(())
}

/// `REFERENCES t`
pub(super) fn no_referenced_table(diagnostic: &mut Diagnostic, words: &Words<'_>) -> Option<()> {
    let name = diagnostic
        .message
        .rsplit(['.', ' ', '\''])
        .find(|part| !part.is_empty())?;
    let chain = only(&words.called(name)).or_else(|| {
        let mut found = words.called(name);
        found.retain(|chain| words.follows(chain.first, &["REFERENCES"]));
        found.first().copied()
    })?;
    diagnostic.message = format!("relation \"{}\" does not exist", words.joined(chain));
    Some(())
}

/// IRIS takes a type that it does not know for a class.
pub(super) fn no_type(
    diagnostic: &mut Diagnostic,
    detail: &Detail<'_>,
    words: &Words<'_>,
) -> Option<()> {
    let class = detail.after("class '")?;
    let name = class.rsplit('.').next()?;
    let mut found = words.called(name);
    found.extend(words.calls(name));
    let chain = only(&found);
    let name = match chain {
        Some(chain) => words.joined(chain),
        None => name.to_lowercase(),
    };
    diagnostic.message = format!("type \"{name}\" does not exist");
    diagnostic.detail = None;
    if let Some(chain) = chain {
        place(diagnostic, words, chain.first);
    }
    Some(())
}

/// `ALTER TABLE t ALTER COLUMN c TYPE …`: the type tells what is wrong with a value.
pub(super) fn converted(
    diagnostic: &mut Diagnostic,
    detail: &Detail<'_>,
    words: &Words<'_>,
) -> Option<()> {
    if !words.begins(&["ALTER", "TABLE"]) {
        return None;
    }
    let [at] = words.every("TYPE")[..] else {
        return None;
    };
    let value = detail.after("(value '")?;
    let found = match words.name(at + 1)?.as_str() {
        "varchar" | "character" | "char" => {
            let open = (at + 2..at + 4).find(|index| words.is_symbol(*index, "("))?;
            let length = words.number(open + 1)?;
            let varies = words.is(at + 1, "VARCHAR") || words.is(at + 2, "VARYING");
            let name = if varies {
                "character varying"
            } else {
                "character"
            };
            Diagnostic::error("22001", format!("value too long for type {name}({length})"))
        }
        "int" | "integer" | "int4" => whole_number(value, oid::INT4).err()?,
        "bigint" | "int8" => whole_number(value, oid::INT8).err()?,
        "smallint" | "int2" => whole_number(value, oid::INT2).err()?,
        _ => return None,
    };
    *diagnostic = found;
    Some(())
}
