//! A component shows what it can do: its own examples come out as it says.

use super::cache::{Facts, Known, Query};
use super::generation::Generation;
use super::plan::Plan;
use super::wit;

impl Generation {
    /// `Err` says which example does not, and what comes of it.
    pub(super) fn check_examples(&self) -> Result<(), String> {
        let facts = Facts::new(wit::Context {
            iris: self.manifest().serves_from,
            user: "example".into(),
            database: "USER".into(),
            settings: Vec::new(),
        });
        for example in &self.manifest().examples {
            let query = Query {
                text: &example.input,
                protocol: wit::Protocol::Simple,
                parameter_types: &[],
                facts: &facts,
                schema: Known::default(),
            };
            let answer = self
                .translate_offline(&query.request(wit::Tracing::None))
                .map_err(|diagnostic| {
                    format!(
                        "fails on its own example {:?}: {}",
                        example.input, diagnostic.message
                    )
                })?;
            let output = answer
                .first()
                .map_or_else(String::new, |translation| shown(&translation.plan));
            if output != example.output {
                return Err(format!(
                    "does not do what its example says: {:?} gives {output:?}, not {:?}",
                    example.input, example.output
                ));
            }
        }
        Ok(())
    }
}

/// A plan as `example.output` writes it.
fn shown(plan: &Plan) -> String {
    match plan {
        Plan::Forward(forward) => forward.statement.pieces.join("?"),
        other => other.name().to_owned(),
    }
}
