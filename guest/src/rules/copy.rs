//! # What it does
//! Has the broker copy rows between the client and a table or query: `COPY … FROM STDIN` and
//! `COPY … TO STDOUT` in the text, CSV and binary formats.
//!
//! # Why
//! IRIS has no COPY. The broker reads and writes the formats; the rows are inserted and
//! queried by statements that the other rules translate.
//!
//! # Example
//! `COPY t (a, b) FROM STDIN` inserts with `INSERT INTO t (a, b) VALUES ($1, $2)`.
//!
//! # Limits
//! Files and programs of the server are refused, and so are `WHERE` and every encoding but
//! UTF-8. `FREEZE` changes nothing.
//!
//! # Versions
//! All.

use crate::command::Words;
use crate::copy_options::{Given, Target, options};
use crate::diagnostic::Diagnosed;
use crate::inner;
use crate::reader::statement::Source;
use crate::relations::TableName;
use crate::rule::{Claim, Rule, Scene};
use crate::wit::{CopyDirection, CopyTransfer, Diagnostic, Plan};

pub(crate) struct CopyRows;

impl Rule for CopyRows {
    fn name(&self) -> &'static str {
        "copy"
    }

    fn summary(&self) -> &'static str {
        "has the broker copy rows between the client and a table or query"
    }

    fn claim(&self, source: &Source<'_>, scene: &Scene<'_>) -> Diagnosed<Option<Claim>> {
        let mut words = Words::of(source);
        if !words.take("COPY") {
            return Ok(None);
        }
        let plan = if words.take_symbol("(") {
            query(words, scene)?
        } else {
            table(words, scene)?
        };
        Ok(Some(plan.into()))
    }
}

/// `( query ) TO STDOUT …`
fn query(mut words: Words<'_>, scene: &Scene<'_>) -> Diagnosed<Plan> {
    let source = words.source;
    let Some(first) = words.peek() else {
        return words.fail();
    };
    let (mut depth, mut end) = (1_usize, first.range().start);
    loop {
        let Some(lexeme) = words.advance() else {
            return words.fail();
        };
        match lexeme.text(source.text) {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        end = lexeme.range().end;
    }
    words.expect("TO")?;
    endpoint(&mut words, CopyDirection::ToClient)?;
    let format = options(&mut words, Given::default(), Target::Client)?;
    Ok(Plan::Copy(CopyTransfer {
        direction: CopyDirection::ToClient,
        format,
        statement: inner::part_of(source, first.range().start, end, scene),
        table: String::new(),
        columns: Vec::new(),
    }))
}

/// `[ BINARY ] table [ ( column, … ) ] { FROM STDIN | TO STDOUT } …`
fn table(mut words: Words<'_>, scene: &Scene<'_>) -> Diagnosed<Plan> {
    let source = words.source;
    let mut given = Given::default();
    let mut ahead = words.clone();
    if ahead.take("BINARY") && !ahead.next_is("FROM") && !ahead.next_is("TO") {
        given.binary = true;
        words = ahead;
    }
    let name = Name::read(&mut words)?;
    let listed = column_list(&mut words)?;
    let direction = if words.take("FROM") {
        CopyDirection::FromClient
    } else if words.take("TO") {
        CopyDirection::ToClient
    } else {
        return words.fail();
    };
    endpoint(&mut words, direction)?;
    if words.take("USING") && !words.next_is("DELIMITERS") {
        return words.fail();
    }
    if words.take("DELIMITERS") {
        let Some(delimiter) = words.string()? else {
            return words.fail();
        };
        given.delimiter = Some(delimiter);
    }
    let target = match direction {
        CopyDirection::FromClient => Target::Server,
        CopyDirection::ToClient => Target::Client,
    };
    let format = options(&mut words, given, target)?;
    let (text, columns) = match direction {
        CopyDirection::ToClient => {
            let columns = listed.as_deref().map_or("*".to_owned(), quoted_list);
            (
                format!("SELECT {columns} FROM {}", name.written),
                Vec::new(),
            )
        }
        CopyDirection::FromClient => {
            let columns = match listed {
                Some(listed) => listed,
                None => match name.columns(scene) {
                    Some(columns) => columns,
                    None => return name.unknown(source, scene),
                },
            };
            let places: Vec<_> = (1..=columns.len()).map(|n| format!("${n}")).collect();
            let text = format!(
                "INSERT INTO {} ({}) VALUES ({})",
                name.written,
                quoted_list(&columns),
                places.join(", ")
            );
            (text, columns)
        }
    };
    Ok(Plan::Copy(CopyTransfer {
        direction,
        format,
        statement: inner::worded(text),
        table: name.last,
        columns,
    }))
}

/// Where the rows come from or go to, which can only be the client.
fn endpoint(words: &mut Words<'_>, direction: CopyDirection) -> Diagnosed<()> {
    let program = words.take("PROGRAM");
    let file = words.string()?.is_some();
    if !program && !file {
        return if words.take("STDIN") || words.take("STDOUT") {
            Ok(())
        } else {
            words.fail()
        };
    }
    let wanted = match direction {
        _ if program => "pg_execute_server_program role to COPY to or from an external program",
        CopyDirection::FromClient => "pg_read_server_files role to COPY from a file",
        CopyDirection::ToClient => "pg_write_server_files role to COPY to a file",
    };
    Err(Diagnostic::error(
        "42501",
        format!("must be superuser or have privileges of the {wanted}"),
    )
    .with_hint(
        "Anyone can COPY to stdout or from stdin. psql's \\copy command also works for anyone.",
    ))
}

/// The table.
struct Name {
    /// As it stands in the text.
    written: String,
    schema: Option<String>,
    last: String,
}

impl Name {
    fn read(words: &mut Words<'_>) -> Diagnosed<Self> {
        let start = words.peek().map_or(0, |lexeme| lexeme.range().start);
        let mut end = words.peek().map_or(0, |lexeme| lexeme.range().end);
        let (mut schema, mut last) = (None, words.identifier()?);
        while words.take_symbol(".") {
            end = words.peek().map_or(end, |lexeme| lexeme.range().end);
            schema = Some(std::mem::replace(&mut last, words.identifier()?));
        }
        Ok(Self {
            written: words.source.text[start..end].to_owned(),
            schema,
            last,
        })
    }

    fn table(&self) -> TableName {
        TableName::named(self.schema.as_deref(), &self.last)
    }

    /// All of its columns, if it was looked up.
    fn columns(&self, scene: &Scene<'_>) -> Option<Vec<String>> {
        let relation = scene.relations.find(&self.table())?;
        let columns = relation.columns.iter();
        Some(columns.map(|column| column.name.clone()).collect())
    }

    /// The question for them, or what PostgreSQL says of a table that is not there.
    fn unknown(&self, source: &Source<'_>, scene: &Scene<'_>) -> Diagnosed<Plan> {
        let queries = scene.relations.missing(&[self.table()]);
        if queries.is_empty() {
            return Err(Diagnostic::error(
                "42P01",
                format!("relation \"{}\" does not exist", self.written),
            ));
        }
        Ok(Plan::Lookup(inner::lookup(
            source,
            scene,
            queries,
            Vec::new(),
        )))
    }
}

/// `( column, … )`, if there is one.
pub(crate) fn column_list(words: &mut Words<'_>) -> Diagnosed<Option<Vec<String>>> {
    if !words.take_symbol("(") {
        return Ok(None);
    }
    let mut columns = vec![words.identifier()?];
    while words.take_symbol(",") {
        columns.push(words.identifier()?);
    }
    if !words.take_symbol(")") {
        return words.fail();
    }
    Ok(Some(columns))
}

fn quoted_list(columns: &[String]) -> String {
    let quoted: Vec<_> = columns.iter().map(|name| quoted(name)).collect();
    quoted.join(", ")
}

/// A name that folds to itself stands bare: IRIS compares such names in any case.
fn quoted(name: &str) -> String {
    let is_plain = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !RESERVED.iter().any(|word| name.eq_ignore_ascii_case(word));
    if is_plain {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// PostgreSQL's reserved words (manual, appendix C), which are no names without quotes.
const RESERVED: &[&str] = &[
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "both",
    "case",
    "cast",
    "check",
    "collate",
    "column",
    "constraint",
    "create",
    "current_catalog",
    "current_date",
    "current_role",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "false",
    "fetch",
    "for",
    "foreign",
    "from",
    "grant",
    "group",
    "having",
    "in",
    "initially",
    "intersect",
    "into",
    "lateral",
    "leading",
    "limit",
    "localtime",
    "localtimestamp",
    "not",
    "null",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "placing",
    "primary",
    "references",
    "returning",
    "select",
    "session_user",
    "some",
    "symmetric",
    "table",
    "then",
    "to",
    "trailing",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "variadic",
    "when",
    "where",
    "window",
    "with",
];
