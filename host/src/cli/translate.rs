//! `pgiris translate`: what the rules make of a statement.

pub(super) mod show;

use std::io::Read;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use pgiris::rules::{Engine, Generation, Library, Plan, Translation, wit};

use super::config::Settings;
use super::offline::request;

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
        let engine = Engine::new(Settings::default().rules_limits())?;
        let library = Library::open(&engine, &self.rules)?;
        let generation = library.choose(self.iris);
        let iris = self.iris.unwrap_or(generation.manifest().serves_from);
        let request = request(self.text()?, iris, wit::Tracing::Rules);
        println!("-- rules: {}", generation.name());
        print(&generation, &request, 0)
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

/// Prints the plans of a text, and those of the statements within them `depth` levels in.
fn print(generation: &Generation, request: &wit::Request, depth: usize) -> anyhow::Result<()> {
    let translated = generation.translate_uncached(request).and_then(|first| {
        let asks = |one: &Translation| matches!(one.plan, Plan::Lookup(_));
        let asked: Vec<bool> = first.iter().map(asks).collect();
        Ok(asked
            .into_iter()
            .zip(generation.translate_offline(request)?))
    });
    let translations = match translated {
        Ok(translations) => translations,
        Err(diagnostic) if depth == 0 => {
            bail!("{} ({})", diagnostic.message, diagnostic.sqlstate)
        }
        Err(diagnostic) => {
            show::indented(depth, &show::diagnostic(&diagnostic));
            return Ok(());
        }
    };
    for (asked, translation) in translations {
        let mut lines = show::heading(&translation, &generation.manifest().rules);
        if asked {
            lines.push(UNKNOWN_TABLES.to_owned());
        }
        lines.extend(show::plan(&translation.plan));
        show::indented(depth, &lines);
        if let Some(text) = show::inner(&translation.plan).filter(|_| depth < DEEPEST) {
            let request = wit::Request {
                text: text.to_owned(),
                ..request.clone()
            };
            print(generation, &request, depth + 1)?;
        }
    }
    Ok(())
}

/// Said where the rules ask for what nobody answers here.
const UNKNOWN_TABLES: &str =
    "-- the rules look its tables up first; this is what they do where there are none";

/// Statements within statements that are shown.
const DEEPEST: usize = 2;
