//! Accepts connections; each is served on its own.

use std::sync::Arc;

use anyhow::Result;
use pgiris_sandbox::Sandbox;
use pgwire::api::PgWireServerHandlers;
use pgwire::api::auth::StartupHandler;
use pgwire::api::cancel::CancelHandler;
use pgwire::api::query::{ExtendedQueryHandler, SimpleQueryHandler};
use pgwire::tokio::process_socket;
use tokio::net::TcpListener;

use crate::cancel::Running;
use crate::handler::Handler;

/// Serves until accepting fails for good.
pub(crate) async fn serve(listener: TcpListener, sandbox: Sandbox) -> Result<()> {
    let running = Arc::new(Running::default());
    loop {
        let Ok((socket, _)) = listener.accept().await else {
            // Out of descriptors, as a rule: others will be closed.
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            continue;
        };
        let handler = Arc::new(Handler::new(sandbox.clone(), Arc::clone(&running)));
        let handlers = Handlers {
            handler,
            running: Arc::clone(&running),
        };
        // How a client leaves is its own affair.
        tokio::spawn(async move { drop(process_socket(socket, None, handlers).await) });
    }
}

/// What the protocol library asks, and who answers.
struct Handlers {
    handler: Arc<Handler>,
    running: Arc<Running>,
}

impl PgWireServerHandlers for Handlers {
    fn simple_query_handler(&self) -> Arc<impl SimpleQueryHandler> {
        Arc::clone(&self.handler)
    }

    fn extended_query_handler(&self) -> Arc<impl ExtendedQueryHandler> {
        Arc::clone(&self.handler)
    }

    fn startup_handler(&self) -> Arc<impl StartupHandler> {
        Arc::clone(&self.handler)
    }

    fn cancel_handler(&self) -> Arc<impl CancelHandler> {
        Arc::clone(&self.running)
    }
}
