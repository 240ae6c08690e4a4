//! Every statement of the corpus says over the wire what it says in process.

use std::collections::HashMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use pgiris_sandbox::{Column, Connection, Options, Sandbox, Value, Version};

use crate::client::{Client, Parameter, Seen, sqlcode};
use crate::process::Server;
use crate::{fence, transcript};

/// Compared as every version; the others as the newest.
const EVERY_VERSION: [&str; 3] = ["meaning.md", "queries.md", "types.md"];

#[test]
fn the_corpus_says_the_same_over_the_wire() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus");
    let entries = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut statements = 0;
    for path in entries.filter(|path| path.extension().is_some_and(|end| end == "md")) {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let versions = match EVERY_VERSION.contains(&&*name) {
            true => &Version::ALL[..],
            false => &[Version::NEWEST],
        };
        for version in versions {
            statements += compare(&name, &text, *version);
        }
    }
    assert!(statements > 1000, "{statements} statements");
}

/// The same connection twice.
struct Pair {
    direct: Connection,
    wire: Client,
}

/// How many statements were compared.
fn compare(name: &str, text: &str, version: Version) -> usize {
    let server = Server::start(&["--iris", version.as_str()]);
    let options = Options {
        version,
        ..Options::default()
    };
    let sandbox = Sandbox::open(options).unwrap();
    let mut pairs: HashMap<String, Pair> = HashMap::new();
    let mut count = 0;
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if !fence::runs_in(line, version) {
            continue;
        }
        while let Some(line) = lines.next_if(|line| *line != "```") {
            if let Some(words) = line.strip_prefix("connect ") {
                let (name, user, namespace) = connection(words);
                if let Some(pair) = connect(&sandbox, &server, user, namespace) {
                    pairs.insert(name.to_owned(), pair);
                }
                continue;
            }
            let Some((prompt, statement)) = transcript::prompt(line) else {
                continue;
            };
            let mut statement = statement.to_owned();
            while let Some(more) = lines.next_if(|line| line.starts_with("  ")) {
                statement = format!("{statement}\n{more}");
            }
            if is_the_protocols(&statement) {
                continue;
            }
            let pair = pairs
                .entry(prompt.to_owned())
                .or_insert_with(|| connect(&sandbox, &server, "_SYSTEM", "USER").unwrap());
            let (direct, wire) = pair.say(&statement);
            assert_eq!(direct, wire, "{name} as {version}: {statement}");
            count += 1;
        }
    }
    count
}

/// What the server takes for the protocol's own: nothing at all, a last `;`, and `$1`.
fn is_the_protocols(statement: &str) -> bool {
    let is_number = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
    let text = statement.trim();
    text.is_empty() || text.ends_with(';') || text.split('$').skip(1).any(is_number)
}

/// `b user=ann namespace=OTHER`
fn connection(words: &str) -> (&str, &str, &str) {
    let mut words = words.split_whitespace();
    let name = words.next().unwrap();
    let value = |key: &str| {
        let mut pairs = words.clone().filter_map(|word| word.split_once('='));
        pairs.find(|(name, _)| *name == key).map(|(_, value)| value)
    };
    (
        name,
        value("user").unwrap_or("_SYSTEM"),
        value("namespace").unwrap_or("USER"),
    )
}

/// Both connect or neither.
fn connect(sandbox: &Sandbox, server: &Server, user: &str, namespace: &str) -> Option<Pair> {
    let direct = sandbox.connect_to(user, namespace);
    let wire = Client::connect(server.port, user, namespace);
    match (direct, wire) {
        (Ok(direct), Ok(wire)) => Some(Pair { direct, wire }),
        (Err(error), Err(seen)) => {
            assert_eq!(sqlcode(&seen), Some(error.sqlcode), "{seen:?}");
            None
        }
        (direct, wire) => panic!("{:?} but {:?}", direct.err(), wire.err()),
    }
}

impl Pair {
    fn say(&mut self, statement: &str) -> (Vec<Seen>, Vec<Seen>) {
        let (sql, parameters) = match statement.split_once(" <- ") {
            Some((sql, parameters)) => (sql, Some(transcript::parse_parameters(parameters))),
            None => (statement, None),
        };
        let direct = self.direct(sql, parameters.as_deref());
        let seen = match parameters {
            None => self.wire.query(sql),
            Some(values) => {
                let parameters: Vec<Parameter> = values.iter().map(parameter).collect();
                self.wire.execute(sql, &parameters)
            }
        };
        let mut seen: Vec<Seen> = seen.into_iter().filter_map(essence).collect();
        // What came before an error is of no account.
        if let Some(error @ Seen::Error(..)) = seen.last().cloned() {
            seen = vec![error];
        }
        (direct, seen)
    }

    fn direct(&mut self, sql: &str, parameters: Option<&[Value]>) -> Vec<Seen> {
        let failed = |sqlcode: i32| vec![Seen::Error(String::new(), sqlcode.to_string())];
        let prepared = match self.direct.prepare(sql) {
            Ok(prepared) => prepared,
            Err(error) => return failed(error.sqlcode),
        };
        if parameters.is_none() && !prepared.parameters().is_empty() {
            return failed(0);
        }
        let columns = prepared.columns().unwrap_or_default();
        let mut seen = Vec::new();
        if prepared.columns().is_some() {
            let names = columns.iter().map(|column| (column.label.clone(), 0));
            seen.push(Seen::Columns(names.collect()));
        }
        let outcome = self
            .direct
            .execute(&prepared, parameters.unwrap_or_default(), &mut |row| {
                let values = row.iter().zip(columns);
                seen.push(Seen::Row(
                    values.map(|(value, column)| text(value, column)).collect(),
                ));
                ControlFlow::Continue(())
            });
        match outcome {
            Ok(_) => seen,
            Err(error) => failed(error.sqlcode),
        }
    }
}

/// What can be compared: names of columns, rows, SQLCODEs (0 for an error of the protocol).
fn essence(seen: Seen) -> Option<Seen> {
    match seen {
        Seen::Columns(columns) => {
            let names = columns.into_iter().map(|(name, _)| (name, 0));
            Some(Seen::Columns(names.collect()))
        }
        Seen::Error(..) => {
            let code = sqlcode(&seen).unwrap_or(0);
            Some(Seen::Error(String::new(), code.to_string()))
        }
        row @ (Seen::Row(_) | Seen::Closed) => Some(row),
        _ => None,
    }
}

fn text(value: &Value, column: &Column) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Integer(number) if column.sql_type.code == -7 => {
            if *number == 0 { "f" } else { "t" }.to_owned()
        }
        Value::Timestamp(at) => at.to_string().replace('T', " "),
        Value::Numeric(_) | Value::Integer(_) if column.sql_type.code == 2 => {
            padded(plain(value), column)
        }
        other => plain(other),
    })
}

/// With as many digits after the point as the column was described with.
fn padded(mut number: String, column: &Column) -> String {
    let scale = column.sql_type.scale as usize;
    if scale > 0 && !number.contains('.') {
        number.push('.');
    }
    let digits = number.split_once('.').map_or(0, |(_, digits)| digits.len());
    number.extend(std::iter::repeat_n('0', scale.saturating_sub(digits)));
    number
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Integer(number) => number.to_string(),
        Value::Numeric(number) => number.to_plain_string(),
        Value::Double(number) if number.is_infinite() && *number > 0.0 => "Infinity".to_owned(),
        Value::Double(number) if number.is_infinite() => "-Infinity".to_owned(),
        Value::Double(number) => format!("{number:?}").trim_end_matches(".0").to_owned(),
        Value::Varchar(text) => text.clone(),
        Value::Varbinary(bytes) => {
            let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
            format!("\\x{}", digits.collect::<String>())
        }
        Value::Date(date) => date.to_string(),
        Value::Time(time) => time.to_string(),
        Value::Timestamp(at) => at.to_string(),
    }
}

fn parameter(value: &Value) -> Parameter {
    let ty = match value {
        Value::Null => return (0, None),
        Value::Integer(_) => 20,
        Value::Numeric(_) => 1700,
        Value::Double(_) => 701,
        Value::Varbinary(_) => 17,
        _ => 25,
    };
    (ty, Some(plain(value)))
}
