//! Ends what a connection's thread is doing, from outside.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use pgiris_sandbox::InterruptHandle;

use crate::upstream::Canceller;

/// Shared by a connection's thread and those who may want to stop it.
pub(super) struct Interrupter {
    handle: InterruptHandle,
    activity: Mutex<Activity>,
    has_ended: AtomicBool,
}

/// What the thread does with the stand-in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Activity {
    /// It is in a call and works.
    Running,
    /// It is in no call, or in one that waits to be resumed: to interrupt that
    /// would fail the rows that are still to come.
    Waiting,
}

impl Interrupter {
    pub(super) fn new(handle: InterruptHandle) -> Self {
        Self {
            handle,
            activity: Mutex::new(Activity::Waiting),
            has_ended: AtomicBool::new(false),
        }
    }

    /// The thread says what it does. Once it says that it waits, no interrupt
    /// meant for what it did before can come.
    pub(super) fn set(&self, activity: Activity) {
        *self.activity() = activity;
    }

    /// The owner drops the connection: nothing more is carried out.
    pub(super) fn end(&self) {
        self.has_ended.store(true, Ordering::SeqCst);
        self.interrupt();
    }

    pub(super) fn has_ended(&self) -> bool {
        self.has_ended.load(Ordering::SeqCst)
    }

    fn interrupt(&self) {
        let activity = self.activity();
        if *activity == Activity::Running {
            self.handle.interrupt();
        }
    }

    fn activity(&self) -> MutexGuard<'_, Activity> {
        self.activity.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Canceller for Interrupter {
    async fn cancel(&self) {
        self.interrupt();
    }
}
