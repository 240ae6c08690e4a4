//! One instance of a component: a memory of its own, and limits.

use std::time::Duration;

use wasmtime::{ResourceLimiter, Store};

use super::bindings::{Rules, RulesPre};
use super::literals::{Answer, RulesWithLiterals};
use super::wasi::Senses;
use super::wit;
use crate::config::RulesLimits;

/// What the store of an instance holds: its memory, counted and limited.
pub(super) struct InstanceState {
    memory: usize,
    memory_limit: usize,
    senses: Senses,
}

impl InstanceState {
    /// What it is told of the world.
    pub(super) fn senses(&mut self) -> &mut Senses {
        &mut self.senses
    }
}

impl ResourceLimiter for InstanceState {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let total = self.memory.saturating_sub(current).saturating_add(desired);
        let allowed = total <= self.memory_limit;
        if allowed {
            self.memory = total;
        }
        Ok(allowed)
    }

    fn table_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS)
    }
}

/// A store whose memory is limited.
pub(super) fn store(engine: &wasmtime::Engine, memory: usize) -> Store<InstanceState> {
    let mut store = Store::new(
        engine,
        InstanceState {
            memory: 0,
            memory_limit: memory,
            senses: Senses::default(),
        },
    );
    store.limiter(|state| state);
    store
}

/// Before each call: it has this long, and knows nothing of those before.
pub(super) fn begin_call(store: &mut Store<InstanceState>, deadline: u64) {
    store.set_epoch_deadline(deadline);
    store.data_mut().senses = Senses::default();
}

/// Ticks of the engine that one call may take.
pub(super) fn deadline(limits: &RulesLimits, tick: Duration) -> u64 {
    (limits.deadline.as_micros() / tick.as_micros().max(1)) as u64 + 1
}

/// Function table entries of an instance: several times what a component of
/// some megabytes needs.
const TABLE_ELEMENTS: usize = 100_000;

/// A running component. A failed call leaves it unusable.
pub(super) struct Instance {
    store: Store<InstanceState>,
    rules: Rules,
    /// None: the component does not export it.
    literals: Option<RulesWithLiterals>,
    /// Ticks of the engine that one call may take.
    deadline: u64,
}

impl Instance {
    pub(super) fn new(
        pre: &RulesPre<InstanceState>,
        limits: &RulesLimits,
        tick: Duration,
    ) -> Result<Self, Trap> {
        let mut store = store(pre.engine(), limits.memory);
        let deadline = deadline(limits, tick);
        store.set_epoch_deadline(deadline);
        let instance = pre.instance_pre().instantiate(&mut store)?;
        let rules = Rules::new(&mut store, &instance)?;
        let literals = RulesWithLiterals::new(&mut store, &instance).ok();
        Ok(Self {
            store,
            rules,
            literals,
            deadline,
        })
    }

    /// Whether it was made of this, and not of the same component compiled otherwise.
    pub(super) fn is_of(&self, pre: &RulesPre<InstanceState>) -> bool {
        wasmtime::Engine::same(self.store.engine(), pre.engine())
    }

    /// How many ticks of the engine each call may take from now on.
    pub(super) fn allow(&mut self, ticks: u64) {
        self.deadline = ticks;
    }

    /// Bytes of linear memory it has grown to.
    pub(super) fn memory(&self) -> usize {
        self.store.data().memory
    }

    fn call<T>(
        &mut self,
        function: impl FnOnce(&wit::Guest, &mut Store<InstanceState>) -> wasmtime::Result<T>,
    ) -> Result<T, Trap> {
        begin_call(&mut self.store, self.deadline);
        function(self.rules.pgiris_rules_translator(), &mut self.store).map_err(Trap::from)
    }

    pub(super) fn describe(&mut self) -> Result<wit::Manifest, Trap> {
        self.call(|guest, store| guest.call_describe(store))
    }

    pub(super) fn translate(
        &mut self,
        request: &wit::Request,
    ) -> Result<Result<Vec<wit::Translation>, wit::Diagnostic>, Trap> {
        self.call(|guest, store| guest.call_translate(store, request))
    }

    pub(super) fn map_types(
        &mut self,
        types: &[wit::IrisType],
    ) -> Result<Vec<wit::PostgresType>, Trap> {
        self.call(|guest, store| guest.call_map_types(store, types))
    }

    pub(super) fn map_error(
        &mut self,
        error: &wit::UpstreamError,
    ) -> Result<wit::Diagnostic, Trap> {
        self.call(|guest, store| guest.call_map_error(store, error))
    }

    /// None: there are no literals to take out, or the component does not know how.
    pub(super) fn substitute(&mut self, text: &str) -> Result<Option<Answer>, Trap> {
        let Some(literals) = &self.literals else {
            return Ok(None);
        };
        begin_call(&mut self.store, self.deadline);
        let answer = literals
            .pgiris_rules_literals()
            .call_substitute(&mut self.store, text)?;
        Ok(answer)
    }

    pub(super) fn server_version(
        &mut self,
        answer: &str,
    ) -> Result<Option<wit::IrisVersion>, Trap> {
        self.call(|guest, store| guest.call_server_version(store, answer))
    }
}

/// A call that did not return: a trap, a deadline, a limit.
#[derive(Debug)]
pub(super) struct Trap {
    pub(super) reason: String,
    /// It took too long.
    pub(super) is_late: bool,
}

impl From<wasmtime::Error> for Trap {
    fn from(error: wasmtime::Error) -> Self {
        Self {
            reason: format!("{error:#}"),
            is_late: error.downcast_ref() == Some(&wasmtime::Trap::Interrupt),
        }
    }
}
