//! `pgiris rules check`: is this file good to serve with?

mod classes;
mod conformance;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::ensure;
use clap::Args;
use pgiris::RulesLimits;
use pgiris::rules::{Engine, Generation, wit};

use super::config::Settings;
use super::offline;

#[derive(Args)]
pub(super) struct Check {
    /// The component.
    #[arg(value_name = "FILE.wasm")]
    file: PathBuf,
    /// Hold it against what every component has to do as well: files `*.md`, or directories of
    /// them, as `guest/conformance`.
    #[arg(long, value_name = "PATH")]
    corpus: Vec<PathBuf>,
    /// The configuration file of the broker that it is for: its limits, and those who may have signed it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Calls per measurement: enough for a median that does not jump.
const CALLS: usize = 501;

impl Check {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let settings = match &self.config {
            Some(file) => Settings::read(file)?,
            None => Settings::default(),
        };
        let limits = settings.rules_limits();
        let engine = Engine::new(limits.clone())?;
        let start = Instant::now();
        // Loading translates the component's own examples.
        let generation = engine.load(&self.file)?;
        let loaded = start.elapsed();
        let manifest = generation.manifest();
        println!("name      {} {}", manifest.name, manifest.version);
        println!("serves    IRIS {}", served(manifest));
        println!("loaded in {loaded:.1?}");
        println!("rules     {}", manifest.rules.len());
        for rule in &manifest.rules {
            println!("  {:32} {}", rule.name, rule.summary);
        }
        println!(
            "examples  {} of {} as they say",
            manifest.examples.len(),
            manifest.examples.len()
        );
        for example in &manifest.examples {
            println!(
                "  {:>9.1?}  {}",
                median(&generation, &example.input),
                example.input
            );
        }
        let cases = conformance::built_in()?;
        let own = match self.corpus.as_slice() {
            [] => Vec::new(),
            corpus => conformance::read(corpus)?,
        };
        println!(
            "classes   of {} texts by what becomes of them: the median time, and of how many",
            cases.len() + own.len()
        );
        for line in classes::lines(&generation, cases.iter().chain(&own)) {
            println!("{line}");
        }
        print_limits(&generation, &limits);
        if !own.is_empty() {
            let outcome = conformance::hold(&engine, &generation, &self.file, &own)?;
            for failure in &outcome.failures {
                println!("{failure}");
            }
            println!(
                "corpus    {} texts, {} failures",
                outcome.cases,
                outcome.failures.len()
            );
            ensure!(outcome.failures.is_empty(), "it does not conform");
        }
        Ok(())
    }
}

/// What an instance has grown to, and what it may have.
fn print_limits(generation: &Generation, limits: &RulesLimits) {
    match generation.instance_memory().first() {
        Some(bytes) => println!("instance  {} KiB of memory", bytes >> 10),
        None => println!(
            "instance  more than {} KiB of memory: translation.memory_kept should be more, or each \
             call takes a new one",
            limits.memory_kept >> 10
        ),
    }
    println!(
        "limits    {} MiB of memory, {} MiB of stack, {:?} for a call",
        limits.memory >> 20,
        limits.stack >> 20,
        limits.deadline
    );
    if !limits.signers.is_empty() {
        println!("signed    by one of {} who may", limits.signers.len());
    }
}

fn served(manifest: &wit::Manifest) -> String {
    let text = |version: wit::IrisVersion| format!("{}.{}", version.year, version.release);
    match manifest.serves_until {
        Some(until) => format!(
            "{} up to, not including, {}",
            text(manifest.serves_from),
            text(until)
        ),
        None => format!("{} and later", text(manifest.serves_from)),
    }
}

/// The median time of a call, without the plan cache.
fn median(generation: &Generation, text: &str) -> Duration {
    let iris = generation.manifest().serves_from;
    let request = offline::request(text, iris, wit::Tracing::None);
    let times = (0..CALLS)
        .map(|_| {
            let start = Instant::now();
            let answer = generation.translate_uncached(&request);
            let elapsed = start.elapsed();
            drop(answer);
            elapsed
        })
        .collect();
    offline::median(times)
}
