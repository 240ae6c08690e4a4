//! What the admin console can ask of the process.

use std::sync::Arc;

use pgiris::console::{Operator, SettingFigures};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::cli::config::Settings;

/// The way of an operator's orders to those who carry them out.
#[derive(Clone)]
pub(super) struct Orders {
    drain: Arc<Notify>,
    end: Arc<Notify>,
    reload: mpsc::Sender<Reload>,
}

/// An order to read the configuration again; the answer says what is wrong with it.
pub(super) type Reload = oneshot::Sender<Result<(), String>>;

impl Orders {
    pub(super) fn new() -> (Self, mpsc::Receiver<Reload>) {
        let (reload, ordered) = mpsc::channel(1);
        let orders = Self {
            drain: Arc::default(),
            end: Arc::default(),
            reload,
        };
        (orders, ordered)
    }

    /// Done when the broker is to end.
    pub(super) fn drain(&self) -> impl Future<Output = ()> + use<> {
        let drain = Arc::clone(&self.drain);
        async move { drain.notified().await }
    }

    /// Done when it is to end at once.
    pub(super) fn end(&self) -> impl Future<Output = ()> + use<> {
        let end = Arc::clone(&self.end);
        async move { end.notified().await }
    }
}

/// The process, as the console sees it.
pub(super) struct ProcessOperator {
    settings: Settings,
    orders: Orders,
}

impl ProcessOperator {
    /// `settings`: those that the broker runs with.
    pub(super) fn new(settings: Settings, orders: Orders) -> Self {
        Self { settings, orders }
    }
}

#[async_trait::async_trait]
impl Operator for ProcessOperator {
    fn settings(&self) -> Vec<SettingFigures> {
        self.settings.figures()
    }

    async fn reload(&self) -> Result<(), String> {
        let (answer, answered) = oneshot::channel();
        // An order that nobody takes is not answered either.
        let _ = self.orders.reload.send(answer).await;
        let outcome = answered.await;
        outcome.unwrap_or_else(|_| Err("the broker is shutting down".to_owned()))
    }

    fn shut_down(&self, at_once: bool) {
        match at_once {
            // Kept for whoever waits for it later.
            true => self.orders.end.notify_one(),
            false => self.orders.drain.notify_one(),
        }
    }
}
