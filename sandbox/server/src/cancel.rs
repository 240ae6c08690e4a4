//! Who may be cancelled: the connections by process number and secret key.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use pgiris_sandbox::InterruptHandle;
use pgwire::api::cancel::CancelHandler;
use pgwire::messages::cancel::CancelRequest;
use pgwire::messages::startup::SecretKey;

/// All connections of a server.
#[derive(Default)]
pub(crate) struct Running(Mutex<HashMap<i32, (SecretKey, InterruptHandle)>>);

impl Running {
    pub(crate) fn add(&self, process: i32, key: SecretKey, handle: InterruptHandle) {
        self.all().insert(process, (key, handle));
    }

    /// The client has left: what its connection is doing ends.
    pub(crate) fn end(&self, process: i32) {
        if let Some((_, handle)) = self.all().remove(&process) {
            handle.interrupt();
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<i32, (SecretKey, InterruptHandle)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl CancelHandler for Running {
    async fn on_cancel_request(&self, request: CancelRequest) {
        if let Some((key, handle)) = self.all().get(&request.pid)
            && key.eq_value(&request.secret_key)
        {
            handle.interrupt();
        }
    }
}
