//! A text that two components translate.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Trial;
use super::compare::{Made, differences};
use super::ledger::{Ledger, Outcome};
use crate::rules::wit::{MetadataRows, Protocol};
use crate::rules::wit_plan::MetadataQuery;
use crate::rules::{Facts, Fault, Generation, Inquiry, Known, Plan, Query, Translation};
use crate::schema::View;
use crate::upstream::Oid;

/// What a message, which a trial has drawn, leads to.
pub(crate) struct Sampled {
    trial: Arc<Trial>,
    told: Told,
    texts: Vec<Text>,
}

/// What the rules have been told of tables.
struct Told {
    view: Arc<View>,
    epoch: u64,
    /// In the course of the message: an epoch may end with what it does.
    rows: Vec<(MetadataQuery, Arc<MetadataRows>)>,
}

/// A text, as the rules were asked for it.
struct Text {
    text: String,
    /// Characters of the client's text before it.
    offset: u32,
    protocol: Protocol,
    parameter_types: Vec<Oid>,
}

/// Everything that the translation of some texts depends on.
pub(crate) struct Job {
    database: String,
    active: (Arc<Generation>, Facts),
    candidate: (Arc<Generation>, Facts),
    told: Told,
    texts: Vec<Text>,
}

impl Sampled {
    pub(crate) fn new(trial: Arc<Trial>, view: Arc<View>) -> Self {
        let epoch = view.epoch();
        Self {
            trial,
            told: Told {
                view,
                epoch,
                rows: Vec::new(),
            },
            texts: Vec::new(),
        }
    }

    /// The trial that has drawn it.
    pub(crate) fn trial(&self) -> &Arc<Trial> {
        &self.trial
    }

    /// A text that is translated.
    pub(crate) fn text(
        &mut self,
        text: &str,
        offset: u32,
        protocol: Protocol,
        parameter_types: &[Oid],
    ) {
        self.texts.push(Text {
            text: text.to_owned(),
            offset,
            protocol,
            parameter_types: parameter_types.to_vec(),
        });
    }

    /// What the rules are told.
    pub(crate) fn told(&mut self, query: &MetadataQuery, rows: &Arc<MetadataRows>) {
        self.told.rows.push((query.clone(), Arc::clone(rows)));
    }

    /// Has both components translate what was asked for. The first of each pair is in use.
    pub(crate) fn hand_over(
        self,
        database: &str,
        active: (Arc<Generation>, Facts),
        candidate: (Arc<Generation>, Facts),
    ) {
        let Self { trial, told, texts } = self;
        if texts.is_empty() {
            return;
        }
        trial.hand_over(Job {
            database: database.to_owned(),
            active,
            candidate,
            told,
            texts,
        });
    }
}

impl Told {
    fn rows(&self, query: &MetadataQuery) -> Option<Arc<MetadataRows>> {
        let told = self
            .rows
            .iter()
            .find(|(known, _)| (&known.name, &known.text) == (&query.name, &query.text));
        match told {
            Some((_, rows)) => Some(Arc::clone(rows)),
            None => self.view.rows(self.epoch, query),
        }
    }
}

impl Job {
    pub(super) fn compare(&self, ledger: &Ledger) {
        for text in &self.texts {
            let (active, active_time) = self.translated(&self.active, text);
            // What is not known any more says nothing of the candidate.
            if matches!(active, Made::Unanswered | Made::Failed(_)) {
                ledger.skip(&self.active.0, &self.candidate.0);
                continue;
            }
            let (candidate, candidate_time) = self.translated(&self.candidate, text);
            ledger.note(
                &self.active.0,
                &self.candidate.0,
                Outcome {
                    database: &self.database,
                    text: &text.text,
                    differences: differences(&active, &candidate),
                    times: [active_time, candidate_time],
                    made: [&active, &candidate],
                },
            );
        }
    }

    fn translated(
        &self,
        (generation, facts): &(Arc<Generation>, Facts),
        text: &Text,
    ) -> (Made, Duration) {
        let begun = Instant::now();
        let made = self.made(generation, facts, text);
        (made, begun.elapsed())
    }

    fn made(&self, generation: &Generation, facts: &Facts, text: &Text) -> Made {
        let query = Query {
            text: &text.text,
            protocol: text.protocol,
            parameter_types: &text.parameter_types,
            facts,
            schema: Known {
                offset: text.offset,
                ..Known::default()
            },
        };
        let translations = match generation.attempt(&query) {
            Ok(translations) => translations,
            Err(fault) => return Made::from(fault),
        };
        let mut plans = Vec::new();
        for translation in translations {
            match self.resolved(generation, query, translation) {
                Ok(plan) => plans.push(plan),
                Err(made) => return made,
            }
        }
        Made::Plans(plans)
    }

    /// The plan, after all questions about tables.
    fn resolved(
        &self,
        generation: &Generation,
        query: Query<'_>,
        translation: Translation,
    ) -> Result<Arc<Translation>, Made> {
        let translation = Arc::new(translation);
        let Plan::Lookup(lookup) = &translation.plan else {
            return Ok(translation);
        };
        let mut inquiry = Inquiry::new(lookup.clone());
        loop {
            for asked in inquiry.queries().to_vec() {
                inquiry.tell(self.told.rows(&asked).ok_or(Made::Unanswered)?);
            }
            let again = Query {
                text: &inquiry.lookup.text,
                schema: Known {
                    offset: inquiry.lookup.offset,
                    metadata: inquiry.told(),
                    ..Known::default()
                },
                ..query
            };
            let answer = generation.attempt(&again)?;
            let [answer] = <[Translation; 1]>::try_from(answer)
                .map_err(|_| Made::Failed("one statement became several".to_owned()))?;
            match inquiry.heed(&Arc::new(answer)) {
                Ok(Some(plan)) => return Ok(plan),
                Ok(None) => {}
                Err(_) => return Err(Made::Failed("it goes on asking".to_owned())),
            }
        }
    }
}

impl From<Fault> for Made {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(refusal) => Self::Refused(refusal),
            Fault::Failed(reason) => Self::Failed(reason),
        }
    }
}
