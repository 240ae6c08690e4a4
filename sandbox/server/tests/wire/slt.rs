//! Runs `slt/*.slt`, in IRIS SQL, in every version.
//!
//! `skipif iris-2023.1` and `onlyif iris-2023.1` name versions.

use std::fmt;
use std::fs;
use std::path::Path;

use pgiris_sandbox::Version;
use sqllogictest::{DB, DBOutput, DefaultColumnType, Runner};

use crate::client::{Client, Seen};
use crate::process::Server;

#[test]
fn the_files_hold() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slt");
    let mut count = 0;
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        for version in Version::ALL {
            let server = Server::start(&["--iris", version.as_str()]);
            let engine = format!("iris-{version}");
            let mut runner = Runner::new(|| {
                let client = Client::connect(server.port, "_SYSTEM", "USER");
                let database = Database {
                    client: client.unwrap(),
                    engine: engine.clone(),
                };
                async { Ok(database) }
            });
            runner.add_label(&engine);
            if let Err(error) = runner.run_file(&path) {
                panic!("as {version}: {error}");
            }
            count += 1;
        }
    }
    assert!(count > 0);
}

struct Database {
    client: Client,
    engine: String,
}

/// What the server says of a failure.
#[derive(Debug)]
struct Failure(String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl DB for Database {
    type Error = Failure;
    type ColumnType = DefaultColumnType;

    fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Failure> {
        let mut types = None;
        let mut rows = Vec::new();
        let mut changed = 0;
        for seen in self.client.query(sql) {
            match seen {
                Seen::Columns(columns) => {
                    types = Some(columns.iter().map(|(_, oid)| column_type(*oid)).collect());
                }
                Seen::Row(values) => rows.push(values.into_iter().map(shown).collect()),
                Seen::Complete(tag) => {
                    changed = tag.rsplit(' ').next().unwrap().parse().unwrap_or(0);
                }
                Seen::Error(_, message) => return Err(Failure(message)),
                Seen::Closed => return Err(Failure("the connection is closed".to_owned())),
                _ => {}
            }
        }
        Ok(match types {
            Some(types) => DBOutput::Rows { types, rows },
            None => DBOutput::StatementComplete(changed),
        })
    }

    fn engine_name(&self) -> &str {
        &self.engine
    }
}

fn column_type(oid: u32) -> DefaultColumnType {
    match oid {
        20 | 21 | 23 => DefaultColumnType::Integer,
        701 | 1700 => DefaultColumnType::FloatingPoint,
        _ => DefaultColumnType::Text,
    }
}

fn shown(value: Option<String>) -> String {
    match value.as_deref() {
        None => "NULL".to_owned(),
        Some("") => "(empty)".to_owned(),
        Some(text) => text.to_owned(),
    }
}
