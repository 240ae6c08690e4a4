//! What ran, how it went and how long it took.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// The steps so far, in order.
#[derive(Default)]
pub(super) struct Summary {
    steps: Vec<Step>,
}

struct Step {
    name: &'static str,
    took: Duration,
    failure: Option<String>,
}

impl Summary {
    /// Runs a step that later ones do not depend on: its failure is noted and the rest still runs.
    pub(super) fn check(&mut self, name: &'static str, step: impl FnOnce() -> Result<()>) {
        if let Err(error) = self.setup(name, step) {
            eprintln!("error: {error:#}");
        }
    }

    /// Runs a step that later ones need, and returns what it made.
    pub(super) fn setup<T>(
        &mut self,
        name: &'static str,
        step: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        eprintln!("\n== {name}");
        let start = Instant::now();
        let result = step();
        let failure = result.as_ref().err().map(|error| format!("{error:#}"));
        self.steps.push(Step {
            name,
            took: start.elapsed(),
            failure,
        });
        result
    }

    /// Prints all steps; an error if one failed.
    pub(super) fn conclude(&self) -> Result<()> {
        eprintln!("\n== summary");
        for step in &self.steps {
            let seconds = step.took.as_secs_f32();
            let outcome = step
                .failure
                .as_deref()
                .map_or_else(|| "ok".to_owned(), |why| format!("FAILED: {why}"));
            eprintln!("{seconds:7.1} s  {:36} {outcome}", step.name);
        }
        let failed = self
            .steps
            .iter()
            .filter(|step| step.failure.is_some())
            .count();
        if failed > 0 {
            bail!("{failed} of {} steps failed", self.steps.len());
        }
        Ok(())
    }
}
