//! The instances of a component, and calls of them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use tokio::runtime::{Handle, RuntimeFlavor};

use super::bindings::RulesPre;
use super::budget::{Budget, Share};
use super::catalog::CatalogPre;
use super::instance::{Instance, InstanceState, Trap, TrapKind, deadline};
use crate::config::RulesLimits;

/// The instances of a generation. A job always comes back: with an answer, or
/// with the reason why its instance is gone.
pub(super) struct Workshop {
    code: ArcSwap<Code>,
    pub(super) limits: RulesLimits,
    pub(super) tick: Duration,
    budget: Arc<Budget>,
    /// For snapshots of the catalogue, which stay for long.
    pub(super) catalog_budget: Arc<Budget>,
    idle: Mutex<Vec<Instance>>,
}

/// A compiled component, of which instances can be made.
pub(super) struct Code {
    pre: RulesPre<InstanceState>,
    /// None: the component does not export it.
    pub(super) catalog: Option<CatalogPre>,
}

impl From<RulesPre<InstanceState>> for Code {
    fn from(pre: RulesPre<InstanceState>) -> Self {
        Self {
            catalog: CatalogPre::of(pre.instance_pre()),
            pre,
        }
    }
}

impl Workshop {
    pub(super) fn new(pre: RulesPre<InstanceState>, limits: RulesLimits, tick: Duration) -> Self {
        Self {
            code: ArcSwap::from_pointee(pre.into()),
            budget: Budget::new(
                "translation.total_memory",
                limits.all_memory(),
                limits.memory_kept,
            ),
            catalog_budget: Budget::new("catalog.total_memory", limits.all_catalog_memory(), 0),
            limits,
            tick,
            idle: Mutex::new(Vec::new()),
        }
    }

    pub(super) fn code(&self) -> Arc<Code> {
        self.code.load_full()
    }

    /// Instances are made of this from now on: the same component, compiled otherwise. Calls under
    /// way end with what they began with.
    pub(super) fn compiled_anew(&self, pre: RulesPre<InstanceState>) {
        self.code.store(Arc::new(pre.into()));
        self.rest();
    }

    /// Calls the component. Blocks for as long as that takes.
    pub(super) fn job<T>(&self, job: impl Fn(&mut Instance) -> Result<T, Trap>) -> Result<T, Trap> {
        let all = deadline(&self.limits, self.tick);
        let outcome = self.job_within(all, &job);
        self.in_turn(all, outcome, &job)
    }

    /// The same for a session, on whose thread other sessions may wait. What takes longer than usual
    /// is begun anew beside them: a component that loops holds up its own session alone.
    pub(super) fn session_job<T>(
        &self,
        job: impl Fn(&mut Instance) -> Result<T, Trap>,
    ) -> Result<T, Trap> {
        let all = deadline(&self.limits, self.tick);
        match self.job_within(all.min(USUAL), &job) {
            Err(trap) if trap.kind == TrapKind::Late && all > USUAL => apart(|| self.job(&job)),
            outcome @ Err(Trap {
                kind: TrapKind::Crowded(_),
                ..
            }) => apart(|| self.in_turn(all, outcome, &job)),
            outcome => outcome,
        }
    }

    /// Makes a call anew that there was no memory for: when others have given enough back, and for
    /// no longer than a call may take.
    fn in_turn<T>(
        &self,
        ticks: u64,
        mut outcome: Result<T, Trap>,
        job: &impl Fn(&mut Instance) -> Result<T, Trap>,
    ) -> Result<T, Trap> {
        let until = Instant::now() + self.limits.deadline;
        // A second time where it is larger than it seemed.
        for _ in 0..2 {
            let Err(Trap {
                kind: TrapKind::Crowded(crowded),
                ..
            }) = &outcome
            else {
                break;
            };
            self.rest();
            let most = self.limits.memory;
            let Some(share) = self.budget.wait(crowded, most, until) else {
                break;
            };
            outcome = self
                .instance(share, ticks)
                .and_then(|instance| self.with(instance, ticks, job));
        }
        outcome
    }

    /// `ticks`: how long a call may take.
    fn job_within<T>(
        &self,
        ticks: u64,
        job: &impl Fn(&mut Instance) -> Result<T, Trap>,
    ) -> Result<T, Trap> {
        let idle = self.idle().pop();
        let instance = match idle {
            Some(instance) => instance,
            None => self.instance(Share::of(&self.budget), ticks)?,
        };
        self.with(instance, ticks, job)
    }

    fn instance(&self, share: Share, ticks: u64) -> Result<Instance, Trap> {
        let memory = self.limits.memory.min(self.budget.largest());
        Instance::new(&self.code.load().pre, memory, share, ticks)
    }

    fn with<T>(
        &self,
        mut instance: Instance,
        ticks: u64,
        job: &impl Fn(&mut Instance) -> Result<T, Trap>,
    ) -> Result<T, Trap> {
        instance.allow(ticks);
        let answer = job(&mut instance)?;
        let is_kept =
            instance.memory() <= self.limits.memory_kept && instance.is_of(&self.code.load().pre);
        if is_kept && instance.settle() {
            let mut idle = self.idle();
            if idle.len() < self.limits.idle_instances {
                idle.push(instance);
            }
        }
        Ok(answer)
    }

    /// Linear memory and tables of each instance that is ready.
    pub(super) fn memory(&self) -> Vec<usize> {
        self.idle().iter().map(Instance::memory).collect()
    }

    /// Gives the memory of instances back that nobody uses.
    pub(super) fn rest(&self) {
        self.idle().clear();
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Instance>> {
        // A panic elsewhere leaves the list as it was: whole instances.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ticks of the engine within which almost every call is done: a hundred milliseconds or less.
const USUAL: u64 = 2;

/// Gives what else waits for this thread to another one before a long call.
fn apart<T>(call: impl FnOnce() -> T) -> T {
    let runtime = Handle::try_current().map(|runtime| runtime.runtime_flavor());
    match runtime {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(call),
        _ => call(),
    }
}
