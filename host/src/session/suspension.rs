//! Executions that the upstream holds, and their rows taken off it: PostgreSQL manual, "Extended
//! Query", PortalSuspended.

use super::failure::Failure;
use super::row_store::RowStore;
use crate::cancel::Interrupted;
use crate::line::Line;
use crate::upstream::{Event, Operation, UpstreamError};

/// Whose execution the upstream holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// A portal made by Bind.
    Portal(String),
    /// One made by DECLARE.
    Cursor(String),
}

/// How far an execution came.
pub(crate) struct Collected {
    pub(crate) suspended: bool,
    pub(crate) error: Option<UpstreamError>,
}

/// Executes or resumes, and puts the rows into a store. An execution that is at
/// its end is followed by Sync.
pub(crate) async fn collect(
    line: &mut Line,
    operation: Operation,
    store: &mut RowStore,
    interrupted: &Interrupted,
) -> Result<Collected, Failure> {
    line.submit(vec![operation])?;
    let mut collected = Collected {
        suspended: false,
        error: None,
    };
    let mut failed = None;
    loop {
        match interrupted.insisting(line.next()).await? {
            Event::Rows { frames, count } => {
                if let Err(error) = store.add(&frames, count) {
                    failed.get_or_insert(error);
                }
            }
            Event::Suspended => {
                collected.suspended = true;
                break;
            }
            Event::Failed(error) => {
                collected.error = Some(error);
                break;
            }
            Event::Complete { .. } => break,
            Event::Described { .. } | Event::Repeated { .. } | Event::Synced => {}
        }
    }
    if !collected.suspended {
        line.submit(vec![Operation::Sync])?;
        while !matches!(line.next().await?, Event::Synced) {}
    }
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(collected),
    }
}
