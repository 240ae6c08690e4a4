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
//! Files and programs of the server are refused. WHERE is decided by the broker, as far as it
//! compares columns with each other and with literals, by AND, OR, NOT, IN, BETWEEN, LIKE and
//! IS NULL among others, and takes documents and arrays apart; what is counted with, and most
//! functions, are refused. `FREEZE` changes nothing.
//!
//! # Versions
//! All.

use std::collections::HashSet;

use sqlparser::ast::{Ident, ObjectName};

use crate::column_names::{quoted, quoted_list};
use crate::command::Words;
use crate::copy_condition::{Destination, condition, copy_default, modifier_of};
use crate::copy_options::{Given, Target, options};
use crate::diagnostic::{Diagnosed, position_of};
use crate::inner;
use crate::reader::statement::Source;
use crate::relations::{Path, Relation, TableName};
use crate::rule::{Claim, Rule, Scene};
use crate::wit::{
    CopyColumn, CopyDefault, CopyDefaults, CopyDirection, CopyEncoding, CopyTransfer, Diagnostic,
    Plan,
};
use crate::writing::clock_default::OF_COPY;

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
    let mut given = Given::default();
    options(&mut words, &mut given, Target::Client)?;
    words.end()?;
    Ok(Plan::Copy(CopyTransfer {
        direction: CopyDirection::ToClient,
        encoding: encoding(&given, source, scene),
        format: given.checked(Target::Client)?,
        statement: inner::part_of(source, first.range().start, end, scene),
        table: String::new(),
        columns: Vec::new(),
        kept_if: None,
        defaults: None,
    }))
}

/// `[ BINARY ] table [ ( column, … ) ] { FROM STDIN | TO STDOUT } …`
fn table(mut words: Words<'_>, scene: &Scene<'_>) -> Diagnosed<Plan> {
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
    match direction {
        CopyDirection::ToClient => to_client(words, given, &name, listed, scene),
        CopyDirection::FromClient => from_client(words, given, &name, listed, scene),
    }
}

fn to_client(
    mut words: Words<'_>,
    mut given: Given,
    name: &Name,
    listed: Option<Vec<String>>,
    scene: &Scene<'_>,
) -> Diagnosed<Plan> {
    options(&mut words, &mut given, Target::Client)?;
    if words.next_is("WHERE") {
        return Err(
            Diagnostic::error("42601", "WHERE clause not allowed with COPY TO")
                .at(words.source.text, words.at_next()),
        );
    }
    words.end()?;
    let columns = listed.as_deref().map_or("*".to_owned(), quoted_list);
    let text = format!("SELECT {columns} FROM {}", name.written);
    Ok(Plan::Copy(CopyTransfer {
        direction: CopyDirection::ToClient,
        encoding: encoding(&given, words.source, scene),
        format: given.checked(Target::Client)?,
        statement: inner::worded(text),
        table: name.last.clone(),
        columns: Vec::new(),
        kept_if: None,
        defaults: None,
    }))
}

fn from_client(
    mut words: Words<'_>,
    mut given: Given,
    name: &Name,
    listed: Option<Vec<String>>,
    scene: &Scene<'_>,
) -> Diagnosed<Plan> {
    let source = words.source;
    options(&mut words, &mut given, Target::Server)?;
    let is_chosen = words.take("WHERE");
    if !is_chosen {
        words.end()?;
    }
    let encoding = encoding(&given, source, scene);
    let marker = given.default.clone();
    let format = given.checked(Target::Server)?;
    if let Some(twice) = listed.as_deref().and_then(repeated) {
        let message = format!("column \"{twice}\" specified more than once");
        return Err(Diagnostic::error("42701", message));
    }
    let relation = name.relation(scene);
    let is_looked_at = is_chosen || marker.is_some() || listed.is_none();
    let relation = match relation.filter(|_| is_looked_at) {
        None if is_looked_at => return name.unknown(source, scene),
        relation => relation,
    };
    let listed = match (listed, relation) {
        (Some(listed), _) => listed,
        (None, Some(relation)) => {
            let columns = relation.columns.iter();
            columns.map(|column| column.name.clone()).collect()
        }
        (None, None) => return name.unknown(source, scene),
    };
    let kept_if = match relation.filter(|_| is_chosen) {
        None => None,
        Some(relation) => Some(condition(
            &words,
            scene,
            &Destination {
                name: &name.last,
                relation,
                listed: &listed,
            },
        )?),
    };
    let opening = format!("{OF_COPY}{} (", name.written);
    let (between, closing) = (") VALUES (", ")");
    let places: Vec<_> = (1..=listed.len()).map(|n| format!("${n}")).collect();
    let (names, places) = (quoted_list(&listed), places.join(", "));
    let text = format!("{opening}{names}{between}{places}{closing}");
    let is_detailed = is_chosen || marker.is_some();
    Ok(Plan::Copy(CopyTransfer {
        direction: CopyDirection::FromClient,
        format,
        statement: inner::worded(text),
        table: name.last.clone(),
        columns: columns(listed, relation.filter(|_| is_detailed)),
        encoding,
        kept_if,
        defaults: marker.map(|marker| CopyDefaults {
            marker,
            opening,
            between: between.to_owned(),
            closing: closing.to_owned(),
            empty: format!("{OF_COPY}{} DEFAULT VALUES", name.written),
        }),
    }))
}

/// A column that is listed twice.
fn repeated(listed: &[String]) -> Option<&str> {
    let mut earlier = HashSet::new();
    let mut names = listed.iter().map(String::as_str);
    names.find(|name| !earlier.insert(*name))
}

/// The columns of the data; with what the table tells of them, if that is given.
fn columns(names: Vec<String>, relation: Option<&Relation>) -> Vec<CopyColumn> {
    let column = |name: String| {
        let known = relation.and_then(|relation| Some((relation, relation.column(&name)?)));
        CopyColumn {
            written: quoted(&name),
            type_modifier: known.map_or(-1, |(_, column)| modifier_of(column)),
            default: known.map_or(CopyDefault::None, |(relation, column)| {
                copy_default(column, relation)
            }),
            name,
        }
    };
    names.into_iter().map(column).collect()
}

/// The character set that is asked for, and where.
fn encoding(given: &Given, source: &Source<'_>, scene: &Scene<'_>) -> Option<CopyEncoding> {
    let encoding = given.encoding.as_ref()?;
    let position = position_of(source.text, encoding.at).saturating_add(scene.offset);
    Some(CopyEncoding {
        name: encoding.name.clone(),
        position: Some(position),
    })
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

    /// The tables that it may mean: a temporary one, or one in each schema of the path.
    fn tables(&self, scene: &Scene<'_>) -> Vec<TableName> {
        let parts = self.schema.iter().chain([&self.last]);
        let parts = parts.map(|part| Ident::with_quote('"', part.as_str()));
        TableName::all_of(
            &ObjectName::from(parts.collect::<Vec<_>>()),
            Path::of(scene).as_ref(),
        )
    }

    /// The first of them that was looked up and is there.
    fn relation<'a>(&self, scene: &Scene<'a>) -> Option<&'a Relation> {
        let relations = scene.relations;
        let tables = self.tables(scene);
        tables.iter().find_map(|table| relations.find(table))
    }

    /// The question for them, or what PostgreSQL says of a table that is not there.
    fn unknown(&self, source: &Source<'_>, scene: &Scene<'_>) -> Diagnosed<Plan> {
        let queries = scene.relations.missing(&self.tables(scene));
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
