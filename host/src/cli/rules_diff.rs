//! `pgiris rules diff`: what would change if one file of rules took the place of another.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::ensure;
use clap::Args;
use pgiris::rules::{Engine, Generation, Translation, wit};

use super::config::Settings;
use super::corpus;
use super::offline::{median, request};
use super::translate::show;

#[derive(Args)]
pub(super) struct Diff {
    /// The component that is in use.
    #[arg(value_name = "BEFORE.wasm")]
    before: PathBuf,
    /// The one that might take its place.
    #[arg(value_name = "AFTER.wasm")]
    after: PathBuf,
    /// Statements: files, or directories of them. `*.sql`: statements with an empty line between them; `*.md`: blocks
    /// that begin with "```sql" or "```sql postgres".
    #[arg(value_name = "CORPUS", required = true)]
    corpus: Vec<PathBuf>,
    /// End with status 1 if anything differs.
    #[arg(long)]
    exit_code: bool,
}

/// What one component makes of a text.
struct Answer {
    lines: Vec<String>,
    time: Duration,
}

impl Diff {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let engine = Engine::new(Settings::default().rules_limits())?;
        let (before, after) = (engine.load(&self.before)?, engine.load(&self.after)?);
        let statements = corpus::read(&self.corpus)?;
        let (mut differing, mut times) = (0_usize, [Vec::new(), Vec::new()]);
        for statement in &statements {
            let [old, new] = [&before, &after].map(|one| answer(one, &statement.text));
            times[0].push(old.time);
            times[1].push(new.time);
            if old.lines == new.lines {
                continue;
            }
            differing += 1;
            println!("{}:{}", statement.file.display(), statement.line);
            for line in statement.text.lines() {
                println!("    {line}");
            }
            for (sign, answer) in [('-', &old), ('+', &new)] {
                for line in answer.lines.iter().flat_map(|line| line.lines()) {
                    println!("  {sign} {line}");
                }
            }
            println!();
        }
        let [old, new] = times.map(median);
        println!(
            "{} statements, {differing} differ; median time {old:.1?} before, {new:.1?} after",
            statements.len()
        );
        ensure!(!self.exit_code || differing == 0, "they differ");
        Ok(())
    }
}

fn answer(generation: &Generation, text: &str) -> Answer {
    let request = request(text, generation.manifest().serves_from, wit::Tracing::None);
    let begun = Instant::now();
    let answered = generation.translate_offline(&request);
    let time = begun.elapsed();
    let lines = match answered {
        Ok(translations) => translations.iter().flat_map(shown).collect(),
        Err(refusal) => show::diagnostic(&refusal),
    };
    Answer { lines, time }
}

/// The plan alone: by which rules it came about is no difference to anybody.
fn shown(translation: &Translation) -> Vec<String> {
    let mut lines = vec![format!("-- plan: {}", show::kind(&translation.plan))];
    lines.extend(translation.notices.iter().flat_map(show::diagnostic));
    lines.extend(show::plan(&translation.plan));
    lines
}
