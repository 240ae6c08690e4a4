//! A rules component that passes statements on as they are, unless one of them says `hostile:`:
//! then it misbehaves in the way that the next word names.

#![cfg(target_arch = "wasm32")]

mod bindings;
mod pry;

use std::hint::black_box;

use bindings::exports::pgiris::rules::plan::{
    Answer, Cell, Column, Diagnostic, Effect, Forward, Plan, Severity, Statement, Tag,
};
use bindings::exports::pgiris::rules::translator::{
    Guest, Housekeeping, IrisType, IrisVersion, Manifest, PostgresType, Request, Translation,
    UpstreamError,
};

struct Component;

/// The OID of PostgreSQL's type `text`.
const TEXT: u32 = 25;

/// What is held for as long as a call may take.
const HELD: usize = 64 << 20;

impl Guest for Component {
    fn describe() -> Manifest {
        let alone = |command: &str| vec![command.to_owned()];
        let named = |command: &str| vec![command.to_owned(), String::new()];
        Manifest {
            name: "hostile".into(),
            version: "6.6.6".into(),
            serves_from: IrisVersion {
                year: 2025,
                release: 1,
            },
            serves_until: None,
            rules: Vec::new(),
            examples: Vec::new(),
            settings: Vec::new(),
            housekeeping: Housekeeping {
                connect: Vec::new(),
                begin: vec![alone("START TRANSACTION")],
                commit: vec![alone("COMMIT")],
                rollback: vec![alone("ROLLBACK")],
                savepoint: vec![named("SAVEPOINT ")],
                rollback_to: vec![named("ROLLBACK TO SAVEPOINT "), named("SAVEPOINT ")],
                version_query: "SELECT $ZVERSION".into(),
            },
        }
    }

    fn translate(request: Request) -> Result<Vec<Translation>, Diagnostic> {
        let told = request.text.split_once("hostile:");
        let word = told.and_then(|(_, rest)| rest.split_whitespace().next());
        match word {
            Some("trap") => core::arch::wasm32::unreachable(),
            Some("loop") => loop {
                black_box(());
            },
            Some("eat") => {
                let mut eaten: Vec<Vec<u8>> = Vec::new();
                loop {
                    eaten.push(black_box(vec![1; 1 << 20]));
                }
            }
            Some("hold") => {
                let held: Vec<u8> = black_box(vec![1; HELD]);
                loop {
                    black_box(&held);
                }
            }
            Some("recurse") => Ok(vec![translated(forward(&depth(1).to_string()))]),
            Some("nothing") => Ok(Vec::new()),
            Some("state") => Err(diagnostic("no such state")),
            Some("wide") => Ok(vec![translated(answer(vec![vec![Cell::Null, Cell::Null]]))]),
            Some("pieces") => Ok(vec![translated(Plan::Forward(Forward {
                statement: Statement {
                    pieces: Vec::new(),
                    arguments: Vec::new(),
                },
                ..forwarded("")
            }))]),
            Some("pry") => Ok(vec![translated(rows(pry::around()))]),
            Some("exit") => {
                bindings::wasi::cli::exit::exit(Ok(()));
                Ok(Vec::new())
            }
            Some("random") => {
                let bytes = bindings::wasi::random::random::get_random_bytes(1 << 40);
                Ok(vec![translated(rows(vec![bytes.len().to_string()]))])
            }
            Some("handles") => loop {
                black_box(std::mem::ManuallyDrop::new(
                    bindings::wasi::cli::stdout::get_stdout(),
                ));
            },
            _ => Ok(vec![translated(forward(&request.text))]),
        }
    }

    fn map_types(types: Vec<IrisType>) -> Vec<PostgresType> {
        let text = |_: IrisType| PostgresType {
            type_oid: TEXT,
            type_modifier: -1,
        };
        types.into_iter().map(text).collect()
    }

    fn map_error(error: UpstreamError) -> Diagnostic {
        Diagnostic {
            message: error.message,
            ..diagnostic("42000")
        }
    }

    fn server_version(_: String) -> Option<IrisVersion> {
        Some(IrisVersion {
            year: 2025,
            release: 1,
        })
    }
}

fn translated(plan: Plan) -> Translation {
    Translation {
        plan,
        notices: Vec::new(),
        applied: Vec::new(),
        alone: None,
        counts: None,
    }
}

/// Of one column.
fn answer(rows: Vec<Vec<Cell>>) -> Plan {
    Plan::Answer(Answer {
        columns: vec![Column {
            label: "one".into(),
            type_oid: TEXT,
            type_modifier: -1,
            origin: None,
        }],
        rows,
        tag: tag(),
        parameters: Vec::new(),
    })
}

fn rows(lines: Vec<String>) -> Plan {
    answer(
        lines
            .into_iter()
            .map(|line| vec![Cell::Text(line)])
            .collect(),
    )
}

fn forward(text: &str) -> Plan {
    Plan::Forward(forwarded(text))
}

fn forwarded(text: &str) -> Forward {
    Forward {
        statement: Statement {
            pieces: vec![text.to_owned()],
            arguments: Vec::new(),
        },
        parameters: Vec::new(),
        columns: Vec::new(),
        tag: tag(),
        effect: Effect::Read,
        verbatim: true,
        required: Vec::new(),
    }
}

fn tag() -> Tag {
    Tag {
        word: "SELECT".into(),
        counted: true,
    }
}

fn diagnostic(sqlstate: &str) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        sqlstate: sqlstate.into(),
        message: "hostile".into(),
        detail: None,
        hint: None,
        position: None,
        schema: None,
        table: None,
        column: None,
        constraint: None,
    }
}

/// Calls itself without an end that anybody could see.
fn depth(level: u64) -> u64 {
    match black_box(level) {
        0 => 0,
        level => 1 + depth(black_box(level + 1)),
    }
}
