//! The tables that a page sets up, on a sandbox: what answers the questions about
//! the schema that a translation asks.

use std::ops::ControlFlow;

use pgiris_rules::wit::{
    Diagnostic, Effect, Lookup, MetadataRows, Plan, Repetition, Request, SettingStep, Statement,
    Step, Translation,
};
use pgiris_rules::{Version, readable, translate};
use pgiris_sandbox::{Connection, Options, Sandbox, SqlError, Storage, Value};

use super::request;

/// A sandbox of one version with the tables of a page.
pub(crate) struct World {
    version: &'static dyn Version,
    connection: Connection,
}

impl World {
    /// Runs `setup`, in PostgreSQL's SQL, as the rules translate it.
    pub(crate) fn new(version: &'static dyn Version, setup: &str) -> Self {
        let from = version.serves_from();
        let played = format!("{}.{}", from.year, from.release);
        let options = Options {
            version: pgiris_sandbox::Version::parse(&played).unwrap(),
            storage: Storage::Memory,
            statement_log: None,
        };
        let connection = Sandbox::open(options).unwrap().connect("_SYSTEM").unwrap();
        let mut world = Self {
            version,
            connection,
        };
        let mut settings = Vec::new();
        for statement in setup.split(";\n") {
            let request = request(version, statement, &settings);
            for translation in translate(version, &request).unwrap() {
                let translation = world.resolved(translation, &request).unwrap();
                set(&translation.plan, &mut settings);
                world.carry_out(&translation.plan);
            }
        }
        world
    }

    pub(crate) fn version(&self) -> &'static dyn Version {
        self.version
    }

    fn carry_out(&mut self, plan: &Plan) {
        match plan {
            // Nothing but rows has values that are bound.
            Plan::Forward(forward) if !forward.statement.arguments.is_empty() => {}
            Plan::Forward(forward) => self.run(&readable(&forward.statement)),
            Plan::Sequence(sequence) if sequence.effect == Effect::Schema => {
                for step in &sequence.steps {
                    for statement in runs(step) {
                        self.try_run(&readable(&statement), &step.tolerated);
                    }
                }
            }
            // What the page sets up are tables; their rows do not change a translation.
            Plan::Sequence(_) | Plan::Setting(_) | Plan::Empty => {}
            // The version has no such table, and the cases find none.
            Plan::Refuse(refusal) if refusal.sqlstate == "0A000" => {}
            other => panic!("a setup cannot be {other:?}"),
        }
    }

    fn run(&mut self, text: &str) {
        self.try_run(text, &[]);
    }

    fn try_run(&mut self, text: &str, tolerated: &[i32]) {
        if let Err(error) = self.rows(text)
            && !tolerated.contains(&error.sqlcode)
        {
            panic!("{text}: {error:?}");
        }
    }

    /// The plans of a text, all questions answered.
    pub(crate) fn translations(
        &mut self,
        request: &Request,
    ) -> Result<Vec<Translation>, Diagnostic> {
        translate(self.version, request)?
            .into_iter()
            .map(|translation| self.resolved(translation, request))
            .collect()
    }

    fn resolved(
        &mut self,
        translation: Translation,
        request: &Request,
    ) -> Result<Translation, Diagnostic> {
        let mut translation = translation;
        let mut metadata = Vec::new();
        let mut context = request.context.clone();
        while let Plan::Lookup(lookup) = &translation.plan {
            assert!(metadata.len() < 100, "the rules go on asking");
            metadata.extend(self.metadata(lookup));
            if lookup.temporary {
                // As the host does.
                let schema = (
                    "pgiris.temporary_tables".to_owned(),
                    "pgiris_temp_0".to_owned(),
                );
                context.settings.push(schema);
            }
            let again = Request {
                context: context.clone(),
                text: lookup.text.clone(),
                offset: lookup.offset,
                metadata: metadata.clone(),
                ..request.clone()
            };
            translation = translate(self.version, &again)?.remove(0);
        }
        Ok(translation)
    }

    fn metadata(&mut self, lookup: &Lookup) -> Vec<MetadataRows> {
        let answer = |query: &pgiris_rules::wit::MetadataQuery| {
            let (columns, rows) = match self.rows(&query.text) {
                Ok(found) => found,
                Err(_) if query.optional => Default::default(),
                Err(error) => panic!("{}: {error:?}", query.text),
            };
            MetadataRows {
                name: query.name.clone(),
                columns,
                rows,
            }
        };
        lookup.queries.iter().map(answer).collect()
    }

    fn rows(&mut self, text: &str) -> Result<TextRows, SqlError> {
        let statement = self.connection.prepare(text)?;
        let columns = statement.columns().unwrap_or_default();
        let labels = columns.iter().map(|column| column.label.clone()).collect();
        let mut rows = Vec::new();
        self.connection.execute(&statement, &[], &mut |row| {
            rows.push(row.iter().map(text_of).collect());
            ControlFlow::Continue(())
        })?;
        Ok((labels, rows))
    }
}

/// Keeps what a setup sets, as the host does.
fn set(plan: &Plan, settings: &mut Vec<(String, String)>) {
    let Plan::Setting(setting) = plan else {
        return;
    };
    match &setting.step {
        SettingStep::Set(change) => {
            settings.retain(|(name, _)| *name != change.name);
            if let Some(value) = &change.value {
                settings.push((change.name.clone(), value.clone()));
            }
        }
        SettingStep::Reset(reset) => settings.retain(|(name, _)| name != reset),
        _ => {}
    }
}

/// The statements that a step of a definition is carried out by.
fn runs(step: &Step) -> Vec<Statement> {
    match &step.repetition {
        Repetition::ForValues(lists) => lists
            .iter()
            .map(|arguments| Statement {
                arguments: arguments.clone(),
                ..step.statement.clone()
            })
            .collect(),
        _ => vec![step.statement.clone()],
    }
}

type TextRows = (Vec<String>, Vec<Vec<Option<String>>>);

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Varchar(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        other => Some(format!("{other:?}")),
    }
}
