//! Results of which the client sees nothing before all of it is there.
//!
//! PostgreSQL runs a statement with RETURNING, and one that is no query itself and returns rows
//! (EXECUTE, FETCH, SHOW), to its end before it sends the first row (`PORTAL_ONE_RETURNING`,
//! `PORTAL_UTIL_SELECT` in `pquery.c`): if it fails, ErrorResponse is all that comes, without
//! RowDescription and without rows that are undone.

use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::carry::{Completion, Delivery};
use super::failure::Failure;
use super::inner::CapturedRows;
use crate::frontend::reply;
use crate::rules::wit_plan::{CursorStep, Effect, PreparedStep, RowUse, SettingStep};
use crate::rules::{Plan, Translation};

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Whether the rows of a plan wait for its end. Where they are kept aside, they do already.
    pub(super) fn is_held_back(&self, plan: &Plan, delivery: &Delivery<'_>) -> bool {
        delivery.row_limit == 0
            && delivery.shape.columns.is_some()
            && !self.client.is_captured()
            && runs_whole(plan)
    }

    /// Carries such a plan out. What does not fit in memory waits in a temporary file.
    pub(super) async fn carry_whole(
        &mut self,
        translation: &Translation,
        delivery: &Delivery<'_>,
    ) -> Result<Completion, Failure> {
        self.capture(CapturedRows::Dressed);
        let outcome = self.carry(translation, delivery).await;
        let mut captured = self.end_capture(outcome.map(drop))?;
        self.announce(delivery);
        let mut next = 0;
        while let Some((frames, count)) = captured.store.piece(next, u64::MAX)? {
            self.client.relay(&frames).await?;
            next += count;
            captured.store.forget_before(next);
        }
        reply::command_complete(&mut self.client.output, &self.completed);
        Ok(Completion::Done)
    }
}

fn runs_whole(plan: &Plan) -> bool {
    match plan {
        Plan::Sequence(sequence) => {
            let emits = |rows: &RowUse| matches!(rows, RowUse::Emit);
            sequence.effect != Effect::Read && sequence.steps.iter().any(|step| emits(&step.rows))
        }
        Plan::Prepared(prepared) => matches!(prepared.step, PreparedStep::Execute(_)),
        Plan::Cursor(cursor) => {
            matches!(&cursor.step, CursorStep::Fetch(fetch) if !fetch.discard)
        }
        Plan::Setting(setting) => {
            matches!(setting.step, SettingStep::Show(_) | SettingStep::ShowAll)
        }
        _ => false,
    }
}
