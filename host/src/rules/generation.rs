//! One compiled component with its instances and plans; immutable once started.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::bindings::RulesPre;
use super::cache::{Outcome, PlanCache, Query};
use super::catalog::{Asker, CatalogPre, Snapshot, TextRows};
use super::figures::Counts;
use super::instance::{Instance, InstanceState, Trap, TrapKind};
use super::literals::{Substituted, SubstitutionCache};
use super::plan::{self, Broken, Plan, Translation};
use super::trust::Failures;
use super::workshop::{Code, Workshop};
use super::{wit, wit_plan};
use crate::config::RulesLimits;
use crate::diagnostic::Diagnostic;
use crate::monitor::ErrorSource;
use crate::trace;

/// This part of the size of the plan cache is for texts whose constants were taken out.
const SUBSTITUTIONS: u64 = 4;

/// SHA-256.
pub(super) type Digest = [u8; 32];

/// A component ready to translate.
pub struct Generation {
    name: String,
    /// Of the file's bytes.
    digest: Digest,
    manifest: wit::Manifest,
    workshop: Workshop,
    plans: PlanCache,
    substitutions: SubstitutionCache,
    counts: Counts,
    failures: Failures,
}

impl fmt::Debug for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generation")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Generation {
    /// Instantiates the component, reads its manifest and translates its
    /// examples; `Err` says what is wrong with it.
    pub(super) fn start(
        name: &str,
        digest: Digest,
        pre: RulesPre<InstanceState>,
        limits: RulesLimits,
        tick: Duration,
        failures: Failures,
    ) -> Result<Self, String> {
        let plans = PlanCache::new(limits.plan_cache);
        let substitutions = SubstitutionCache::new(limits.plan_cache / SUBSTITUTIONS);
        let workshop = Workshop::new(pre, limits, tick);
        let manifest = workshop
            .job(Instance::describe)
            .map_err(|Trap { reason, .. }| format!("has no manifest: {reason}"))?;
        let generation = Self {
            name: name.to_owned(),
            digest,
            manifest,
            workshop,
            plans,
            substitutions,
            counts: Counts::default(),
            failures,
        };
        generation.check_examples()?;
        Ok(generation)
    }

    /// Takes the same component, compiled otherwise, for all calls from now on.
    pub(super) fn compiled_anew(&self, pre: RulesPre<InstanceState>) {
        self.workshop.compiled_anew(pre);
    }

    /// The stem of the file it came from.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// By which two files are told apart.
    pub(super) fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The beginning of it, as people read it.
    pub(crate) fn digest_text(&self) -> String {
        let digest = self.digest.iter().take(6);
        digest.map(|byte| format!("{byte:02x}")).collect()
    }

    pub(super) fn failures(&self) -> &Failures {
        &self.failures
    }

    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Bytes of linear memory of each instance that is ready for the next call: one that has grown
    /// beyond [`memory_kept`](RulesLimits::memory_kept) is not.
    pub fn instance_memory(&self) -> Vec<usize> {
        self.workshop.memory()
    }

    /// Gives the memory of instances back that nobody uses, and what is remembered.
    pub(super) fn rest(&self) {
        self.workshop.rest();
        self.plans.clear();
        self.substitutions.clear();
    }

    /// What the component says of itself.
    pub fn manifest(&self) -> &wit::Manifest {
        &self.manifest
    }

    /// Whether the component is meant for an IRIS version.
    pub fn serves(&self, version: wit::IrisVersion) -> bool {
        let key = |version: wit::IrisVersion| (version.year, version.release);
        key(self.manifest.serves_from) <= key(version)
            && self
                .manifest
                .serves_until
                .is_none_or(|until| key(version) < key(until))
    }

    /// The plans of a text, if the cache has them.
    pub(crate) fn kept(&self, query: &Query<'_>) -> Option<Arc<[Arc<Translation>]>> {
        self.plans.get(query).inspect(|_| self.counts.hit())
    }

    /// The statement of a text with parameters in place of its constants, if that is the same
    /// and has something for it.
    pub(crate) fn substituted(&self, text: &str) -> Option<Arc<Substituted>> {
        if let Some(found) = self.substitutions.get(text) {
            return Some(found);
        }
        if text.len() > self.workshop.limits.inline_text {
            return None;
        }
        let answer = self
            .workshop
            .session_job(|instance| instance.substitute(text));
        match answer {
            Ok(answer) => {
                let substituted = Arc::new(Substituted::from(answer?));
                self.substitutions.put(text, &substituted);
                Some(substituted)
            }
            Err(trap) => {
                // The text as it stands may still have a plan.
                if !self.told_crowded(&trap) {
                    self.broke(&trap.reason);
                    self.failures.note(text);
                }
                None
            }
        }
    }

    /// The plans of a text, from the cache if it has them.
    pub(crate) async fn translate(self: &Arc<Self>, query: Query<'_>) -> Outcome {
        if let Some(plans) = self.kept(&query) {
            return Ok(plans);
        }
        let begun = Instant::now();
        let span = trace::translation(&self.name);
        let request = query.request(wit::Tracing::None);
        let outcome = if query.text.len() <= self.workshop.limits.inline_text {
            self.checked(
                self.workshop
                    .session_job(|instance| instance.translate(&request)),
            )
        } else {
            let generation = Arc::clone(self);
            let job = tokio::task::spawn_blocking(move || generation.translate_uncached(&request));
            job.await
                .unwrap_or_else(|_| Err(Diagnostic::rules_failed()))
        };
        drop(span);
        self.noted(&query, begun, outcome)
    }

    /// The same where nobody waits for this thread.
    pub(crate) fn translate_here(&self, query: Query<'_>) -> Outcome {
        if let Some(plans) = self.kept(&query) {
            return Ok(plans);
        }
        let begun = Instant::now();
        let _span = trace::translation(&self.name);
        let outcome = self.translate_uncached(&query.request(wit::Tracing::None));
        self.noted(&query, begun, outcome)
    }

    /// Counts what a component has answered, and keeps it.
    fn noted(
        &self,
        query: &Query<'_>,
        begun: Instant,
        outcome: Result<Vec<Translation>, Diagnostic>,
    ) -> Outcome {
        self.counts.translations.note(begun.elapsed());
        if let Err(diagnostic) = &outcome
            && diagnostic.is_of_failed_rules()
        {
            self.failures.note(query.text);
        }
        let plans: Arc<[Arc<Translation>]> = outcome?.into_iter().map(Arc::new).collect();
        // A second question about the same schema is no plan to keep for it.
        let is_question = |plan: &Arc<Translation>| matches!(plan.plan, Plan::Lookup(_));
        if query.schema.epoch == 0 || !plans.iter().any(is_question) {
            self.plans.put(query, Arc::clone(&plans));
        }
        Ok(plans)
    }

    /// The plans of a text as the component answers now. Blocks for as long as
    /// the call takes.
    ///
    /// # Errors
    /// What the client is to be told: the text cannot be read, or the rules
    /// failed on it (the log has the reason).
    pub fn translate_uncached(
        &self,
        request: &wit::Request,
    ) -> Result<Vec<Translation>, Diagnostic> {
        self.checked(self.workshop.job(|instance| instance.translate(request)))
    }

    /// As [`Generation::translate_uncached`], without a word to anybody if the rules fail.
    pub(crate) fn attempt(&self, query: &Query<'_>) -> Result<Vec<Translation>, Fault> {
        let request = query.request(wit::Tracing::None);
        sound(self.workshop.job(|instance| instance.translate(&request)))
    }

    /// What a component has answered, if it is what `wit/` says.
    fn checked(&self, answered: Answered) -> Result<Vec<Translation>, Diagnostic> {
        if let Err(trap) = &answered {
            self.told_crowded(trap);
        }
        sound(answered).map_err(|fault| match fault {
            Fault::Refused(refusal) => refusal,
            Fault::Failed(reason) => self.broke(&reason),
        })
    }

    /// As [`Generation::translate_uncached`], where there is no server to ask: what
    /// the component would know of the schema it is told to be nothing.
    ///
    /// # Errors
    /// As there.
    pub fn translate_offline(
        &self,
        request: &wit::Request,
    ) -> Result<Vec<Translation>, Diagnostic> {
        let translations = self.translate_uncached(request)?.into_iter();
        translations
            .map(|translation| match &translation.plan {
                Plan::Lookup(lookup) => self.answered_with_nothing(lookup, request),
                _ => Ok(translation),
            })
            .collect()
    }

    fn answered_with_nothing(
        &self,
        lookup: &wit_plan::Lookup,
        request: &wit::Request,
    ) -> Result<Translation, Diagnostic> {
        let nothing = |query: &wit_plan::MetadataQuery| wit::MetadataRows {
            name: query.name.clone(),
            columns: Vec::new(),
            rows: Vec::new(),
        };
        let again = wit::Request {
            text: lookup.text.clone(),
            offset: lookup.offset,
            metadata: lookup.queries.iter().map(nothing).collect(),
            ..request.clone()
        };
        let mut translations = self.translate_uncached(&again)?;
        match translations.len() {
            1 => Ok(translations.remove(0)),
            _ => Err(self.broke("one statement became several")),
        }
    }

    /// PostgreSQL's types for those of IRIS, one for one.
    ///
    /// # Errors
    /// The rules failed on them.
    pub fn map_types(&self, types: &[wit::IrisType]) -> Result<Vec<wit::PostgresType>, Diagnostic> {
        let mapped = self
            .workshop
            .session_job(|instance| instance.map_types(types))
            .map_err(|trap| self.trapped(trap))?;
        if mapped.len() == types.len() {
            Ok(mapped)
        } else {
            Err(self.failed("types are not mapped one for one"))
        }
    }

    /// What the client is told of an error of the upstream.
    pub fn map_error(&self, error: &wit::UpstreamError) -> Diagnostic {
        match self
            .workshop
            .session_job(|instance| instance.map_error(error))
        {
            Ok(diagnostic) => match plan::diagnostic(diagnostic) {
                Ok(mut diagnostic) => {
                    diagnostic.source = ErrorSource::Server;
                    diagnostic
                }
                Err(broken) => self.failed(broken),
            },
            Err(trap) => self.trapped(trap),
        }
    }

    /// The version in the answer to `housekeeping.version-query`.
    pub(crate) fn server_version(&self, answer: &str) -> Option<wit::IrisVersion> {
        self.workshop
            .session_job(|instance| instance.server_version(answer))
            .unwrap_or_else(|trap| {
                self.trapped(trap);
                None
            })
    }

    /// The queries that a snapshot of the catalogue is built from, beside those that are
    /// answered.
    pub(crate) fn catalog_metadata(
        &self,
        context: &wit::Context,
        known: &[wit_plan::MetadataRows],
    ) -> Result<Vec<wit_plan::MetadataQuery>, Diagnostic> {
        self.catalog(&self.workshop.code())?
            .metadata(context, known, &self.workshop)
            .map_err(|trap| self.trapped(trap))
    }

    /// A snapshot of the catalogue. Blocks for as long as the call takes.
    pub(crate) fn snapshot(
        &self,
        context: &wit::Context,
        metadata: &[wit_plan::MetadataRows],
    ) -> Result<Snapshot, Diagnostic> {
        self.catalog(&self.workshop.code())?
            .build(context, metadata, &self.workshop)
            .map_err(|trap| self.trapped(trap))?
            .map_err(|refusal| self.told(refusal))
    }

    /// What a snapshot answers; `Err` if it cannot be used again. Blocks likewise.
    pub(crate) fn ask(
        &self,
        snapshot: &mut Snapshot,
        asker: &Asker,
        query: &wit_plan::CatalogQuery,
        parameters: &[Option<String>],
        as_oids: &[u32],
    ) -> Result<Result<TextRows, Diagnostic>, Diagnostic> {
        let answer = snapshot
            .run(asker, query, parameters, as_oids)
            .map_err(|trap| self.trapped(trap))?;
        let width = query.columns.len();
        match answer {
            Ok(rows) if rows.iter().any(|row| row.len() != width) => {
                Err(self.failed("a row of the catalogue is not as wide as its plan says"))
            }
            Ok(rows) => Ok(Ok(rows)),
            Err(refusal) => Ok(Err(self.told(refusal))),
        }
    }

    fn catalog<'a>(&self, code: &'a Code) -> Result<&'a CatalogPre, Diagnostic> {
        let catalog = code.catalog.as_ref();
        catalog.ok_or_else(|| self.failed("a plan needs a catalogue, and the component has none"))
    }

    fn told(&self, refusal: wit::Diagnostic) -> Diagnostic {
        plan::diagnostic(refusal).unwrap_or_else(|broken| self.failed(broken))
    }

    /// A call did not return.
    fn trapped(&self, trap: Trap) -> Diagnostic {
        match self.told_crowded(&trap) {
            true => Diagnostic::rules_crowded(trap.reason),
            false => self.failed(&trap.reason),
        }
    }

    /// Whether there was no memory for a call, which is told in the log and is no failure of the
    /// component.
    fn told_crowded(&self, trap: &Trap) -> bool {
        let is_crowded = matches!(trap.kind, TrapKind::Crowded(_));
        if is_crowded {
            tracing::warn!(generation = %self.name, "no memory for the rules: {}", trap.reason);
        }
        is_crowded
    }

    /// As [`Generation::broke`], where it is a session that the component fails.
    fn failed(&self, reason: &str) -> Diagnostic {
        self.failures.note(reason);
        self.broke(reason)
    }

    /// The component has not done its work.
    pub(super) fn broke(&self, reason: &str) -> Diagnostic {
        self.counts.failed();
        tracing::error!(generation = %self.name, "the rules failed: {reason}");
        Diagnostic::rules_failed()
    }
}

/// What comes of a call for translations.
type Answered = Result<Result<Vec<wit::Translation>, wit::Diagnostic>, Trap>;

/// Why there are no translations.
pub(crate) enum Fault {
    /// The text cannot be read.
    Refused(Diagnostic),
    /// The component has not done its work.
    Failed(String),
}

impl From<Trap> for Fault {
    fn from(trap: Trap) -> Self {
        match trap.kind {
            TrapKind::Crowded(_) => Self::Refused(Diagnostic::rules_crowded(trap.reason)),
            TrapKind::Fault | TrapKind::Late => Self::Failed(trap.reason),
        }
    }
}

impl From<Broken> for Fault {
    fn from(broken: Broken) -> Self {
        Self::Failed(broken.to_owned())
    }
}

/// Translations that are what `wit/` says.
fn sound(answered: Answered) -> Result<Vec<Translation>, Fault> {
    match answered? {
        Ok(translations) if translations.is_empty() => {
            Err(Fault::from("a text has no translation at all"))
        }
        Ok(translations) => {
            let translations = translations.into_iter().map(Translation::check);
            Ok(translations.collect::<Result<_, _>>()?)
        }
        Err(refusal) => Err(Fault::Refused(plan::diagnostic(refusal)?)),
    }
}
