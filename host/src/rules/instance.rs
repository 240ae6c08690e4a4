//! One instance of a component: a memory of its own, and limits.

use std::time::Duration;

use wasmtime::{ResourceLimiter, Store};

use super::bindings::{Rules, RulesPre};
use super::budget::{Crowded, Share};
use super::literals::{Answer, RulesWithLiterals};
use super::wasi::Senses;
use super::wit;
use crate::config::RulesLimits;

/// What the store of an instance holds: its memory, counted and limited.
pub(super) struct InstanceState {
    /// Bytes of linear memories and tables.
    memory: usize,
    memory_limit: usize,
    /// What it has grown by last, which may come to nothing.
    grown: usize,
    /// What it has of the memory of all.
    share: Share,
    senses: Senses,
}

impl InstanceState {
    /// What it is told of the world.
    pub(super) fn senses(&mut self) -> &mut Senses {
        &mut self.senses
    }

    /// A memory or table grows; false: beyond what an instance may have. Where there is nothing left
    /// for it, the call ends: what it makes of a statement must not depend on who else is there.
    fn grow(&mut self, current: usize, desired: usize) -> wasmtime::Result<bool> {
        let grown = desired.saturating_sub(current);
        let total = self.memory.saturating_add(grown);
        if total > self.memory_limit {
            return Ok(false);
        }
        self.share.grow(total)?;
        (self.memory, self.grown) = (total, grown);
        Ok(true)
    }

    /// It has not.
    fn shrink(&mut self) {
        self.memory -= self.grown;
        self.grown = 0;
    }
}

impl ResourceLimiter for InstanceState {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.grow(current, desired)
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.shrink();
        Ok(())
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > TABLE_ELEMENTS {
            return Ok(false);
        }
        self.grow(current * ELEMENT, desired * ELEMENT)
    }

    fn table_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.shrink();
        Ok(())
    }
}

/// A store whose memory is limited, by itself and by what it shares with others.
pub(super) fn store(
    engine: &wasmtime::Engine,
    memory: usize,
    share: Share,
) -> Store<InstanceState> {
    let mut store = Store::new(
        engine,
        InstanceState {
            memory: 0,
            memory_limit: memory,
            grown: 0,
            share,
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

/// Entries of a table: several times what a component of some megabytes needs.
const TABLE_ELEMENTS: usize = 100_000;

/// Bytes of an entry: a pointer.
const ELEMENT: usize = size_of::<usize>();

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
    /// `ticks`: how long it may take to be made, and each call.
    pub(super) fn new(
        pre: &RulesPre<InstanceState>,
        memory: usize,
        share: Share,
        ticks: u64,
    ) -> Result<Self, Trap> {
        let mut store = store(pre.engine(), memory, share);
        store.set_epoch_deadline(ticks);
        let instance = pre.instance_pre().instantiate(&mut store)?;
        let rules = Rules::new(&mut store, &instance)?;
        let literals = RulesWithLiterals::new(&mut store, &instance).ok();
        Ok(Self {
            store,
            rules,
            literals,
            deadline: ticks,
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

    /// Bytes of linear memory and tables it has grown to.
    pub(super) fn memory(&self) -> usize {
        self.store.data().memory
    }

    /// Gives back what it does not need while it waits for the next call; false: it cannot wait.
    pub(super) fn settle(&mut self) -> bool {
        let state = self.store.data_mut();
        state.share.settle(state.memory)
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
    pub(super) kind: TrapKind,
}

/// Whose fault it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TrapKind {
    /// The component's.
    Fault,
    /// It took too long.
    Late,
    /// Nobody's: there was no memory left for it.
    Crowded(Crowded),
}

impl From<wasmtime::Error> for Trap {
    fn from(error: wasmtime::Error) -> Self {
        let is_late = error.downcast_ref() == Some(&wasmtime::Trap::Interrupt);
        let (reason, kind) = match error.downcast_ref::<Crowded>() {
            Some(crowded) => (crowded.to_string(), TrapKind::Crowded(crowded.clone())),
            None if is_late => (format!("{error:#}"), TrapKind::Late),
            None => (format!("{error:#}"), TrapKind::Fault),
        };
        Self { reason, kind }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::budget::Budget;

    fn state(memory_limit: usize, share: Share) -> InstanceState {
        InstanceState {
            memory: 0,
            memory_limit,
            grown: 0,
            share,
            senses: Senses::default(),
        }
    }

    #[test]
    fn tables_count_as_memory() {
        let budget = Budget::new("total_memory", 8_000_000, 1_000_000);
        let mut one = state(3_000_000, Share::of(&budget));
        for _ in 0..3 {
            assert!(one.table_growing(0, TABLE_ELEMENTS, None).unwrap());
        }
        assert!(!one.table_growing(0, TABLE_ELEMENTS, None).unwrap());
        assert!(!one.table_growing(0, TABLE_ELEMENTS + 1, None).unwrap());
        // What another one has of all is missing here.
        let mut other = state(8_000_000, Share::of(&budget));
        for _ in 0..4 {
            assert!(other.table_growing(0, TABLE_ELEMENTS, None).unwrap());
        }
        let crowded = other.table_growing(0, TABLE_ELEMENTS, None).unwrap_err();
        assert!(matches!(Trap::from(crowded).kind, TrapKind::Crowded(_)));
    }

    #[test]
    fn growth_that_comes_to_nothing_is_not_counted() {
        let mut one = state(3_000_000, Share::of(&Budget::new("total_memory", 0, 0)));
        assert!(one.memory_growing(0, 1_000_000, None).unwrap());
        for _ in 0..10 {
            assert!(one.memory_growing(1_000_000, 2_000_000, None).unwrap());
            let beyond = wasmtime::Error::msg("beyond its maximum");
            one.memory_grow_failed(beyond).unwrap();
        }
        assert_eq!(one.memory, 1_000_000);
    }
}
