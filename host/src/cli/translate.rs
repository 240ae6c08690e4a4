//! `pgiris translate`: what the rules make of a statement.

use std::io::Read;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use pgiris::Config;
use pgiris::rules::{Engine, Library, Plan, Translation, wit, wit_plan};

#[derive(Args)]
pub(super) struct Translate {
    /// A rules file, or a directory from which `--iris` chooses.
    #[arg(long, default_value = "target/rules", value_name = "PATH")]
    rules: PathBuf,
    /// The IRIS version to translate for; the newest that the rules serve if not given.
    #[arg(long, value_name = "VERSION", value_parser = version)]
    iris: Option<wit::IrisVersion>,
    /// The statements; `-` or nothing reads them from standard input.
    #[arg(value_name = "SQL", default_value = "-")]
    sql: String,
}

fn version(text: &str) -> Result<wit::IrisVersion, String> {
    let parsed = text.split_once('.').and_then(|(year, release)| {
        Some(wit::IrisVersion {
            year: year.parse().ok()?,
            release: release.parse().ok()?,
        })
    });
    parsed.ok_or_else(|| format!("{text:?} is not an IRIS version such as 2025.1"))
}

impl Translate {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let engine = Engine::new(Config::default().rules)?;
        let library = Library::open(&engine, &self.rules)?;
        let generation = library.choose(self.iris);
        let request = wit::Request {
            text: self.text()?,
            offset: 0,
            metadata: Vec::new(),
            protocol: wit::Protocol::Simple,
            parameter_types: Vec::new(),
            context: wit::Context {
                iris: self.iris.unwrap_or(generation.manifest().serves_from),
                user: "_SYSTEM".into(),
                database: "USER".into(),
                settings: Vec::new(),
            },
            tracing: wit::Tracing::Rules,
        };
        let translations = match generation.translate_offline(&request) {
            Ok(translations) => translations,
            Err(diagnostic) => bail!("{} ({})", diagnostic.message, diagnostic.sqlstate),
        };
        println!("-- rules: {}", generation.name());
        translations.iter().for_each(print);
        Ok(())
    }

    fn text(&self) -> anyhow::Result<String> {
        if self.sql != "-" {
            return Ok(self.sql.clone());
        }
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .context("cannot read the statements")?;
        Ok(text)
    }
}

fn print(translation: &Translation) {
    println!("-- plan: {}", translation.plan.name());
    for notice in &translation.notices {
        println!(
            "-- {}: {}",
            notice.severity.as_str().to_lowercase(),
            notice.message
        );
    }
    for applied in &translation.applied {
        match &applied.after {
            Some(after) => println!(
                "-- {}:\n--     {}",
                applied.rule,
                after.replace('\n', "\n--     ")
            ),
            None => println!("-- {}", applied.rule),
        }
    }
    match &translation.plan {
        Plan::Empty | Plan::Catalog(_) | Plan::Lookup(_) => {}
        Plan::Forward(forward) => {
            if forward.verbatim {
                println!("-- not understood, passed on as it is");
            }
            println!("{}", forward.statement.pieces.join("?"));
            let arguments = forward.arguments.iter().map(argument).collect::<Vec<_>>();
            if !arguments.is_empty() {
                println!("-- placeholders: {}", arguments.join(", "));
            }
        }
        Plan::Answer(answer) => {
            let labels = answer
                .columns
                .iter()
                .map(|column| column.label.as_str())
                .collect::<Vec<_>>();
            println!("-- {}", labels.join(" | "));
            for row in &answer.rows {
                println!(
                    "-- {}",
                    row.iter().map(cell).collect::<Vec<_>>().join(" | ")
                );
            }
        }
        Plan::Sequence(sequence) => {
            for step in &sequence.steps {
                println!("{}", step.statement.pieces.join("?"));
            }
        }
        Plan::Transaction(plan) => commands(&plan.commands),
        Plan::Setting(plan) => commands(&plan.commands),
        Plan::Refuse(refusal) => {
            println!("-- {} ({})", refusal.message, refusal.sqlstate);
            if let Some(hint) = &refusal.hint {
                println!("-- hint: {hint}");
            }
        }
        Plan::Copy(plan) => println!("-- COPY by {}", plan.statement.text),
        Plan::Cursor(plan) => println!("-- {}", plan.tag.word),
        Plan::Prepared(plan) => println!("-- {}", plan.tag.word),
    }
}

fn argument(argument: &wit_plan::Argument) -> String {
    match argument {
        wit_plan::Argument::Parameter(number) => format!("${number}"),
        wit_plan::Argument::Elements(number) => format!("elements of ${number}"),
        wit_plan::Argument::Constant(constant) => constant
            .value
            .as_ref()
            .map_or_else(|| "NULL".into(), |value| format!("'{value}'")),
        wit_plan::Argument::Kept(kept) => format!("kept {}.{}", kept.slot, kept.column),
        wit_plan::Argument::AllKept(kept) => {
            format!("all kept {}.{}", kept.slot, kept.column)
        }
    }
}

fn cell(cell: &wit_plan::Cell) -> String {
    match cell {
        wit_plan::Cell::Null => "NULL".into(),
        wit_plan::Cell::Text(text) => text.clone(),
        wit_plan::Cell::Setting(name) => format!("(setting {name})"),
        wit_plan::Cell::BackendPid => "(process id)".into(),
    }
}

/// Where the host puts an identifier of its own, the output says so.
fn commands(commands: &[wit_plan::Command]) {
    for command in commands {
        println!("{}", command.join("<savepoint>"));
    }
}
