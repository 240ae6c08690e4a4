//! A connection to the upstream, with what the broker knows of it: what has been prepared and
//! told there, what is outstanding, and whether the next session may have it.

mod rows;
mod statements;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::cancel::Brake;
use crate::frontend::rows::rows_of;
use crate::monitor::servers::Listed;
use crate::rules::wit::IrisVersion;
use crate::session::Told;
use crate::session::statement::Described;
use crate::upstream::{
    Connection, Event, Format, Oid, Operation, Output, Statement, StatementId, TEXT, UpstreamError,
    UpstreamErrorKind,
};
use rows::{Passed, Rows};
pub(crate) use statements::Description;
use statements::Statements;

/// A connection, whoever has it.
pub(crate) struct Line {
    connection: Box<dyn Connection>,
    brake: Arc<Brake>,
    statements: Statements,
    last_id: StatementId,
    /// What IRIS was told of settings.
    pub(crate) told: Told,
    /// The commands that it was prepared for sessions by.
    readied: Arc<[String]>,
    /// The schema definitions that it knows of, by their number.
    definitions: u64,
    /// The version that the server told here, if it told any.
    pub(crate) server_version: Option<IrisVersion>,
    state: State,
    rows: Rows,
    patience: Patience,
    /// Where it is seen from outside.
    listed: Option<Listed>,
}

/// How long the server may take for what it does at once if it is well.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// For a sign of life, and to be made ready.
    pub(crate) check: Duration,
    /// To stop what it was asked to stop.
    pub(crate) cancel: Duration,
}

/// What is under way.
#[derive(Clone, Copy, Default)]
struct State {
    /// Syncs that have not been answered.
    outstanding: usize,
    /// Something is not yet followed by Sync.
    is_open_ended: bool,
    /// Something was sent that a second time would not mean the same: from then on a loss of the
    /// connection leaves open what has happened.
    is_touched: bool,
    is_lost: bool,
    /// It is lost because the server was asked to stop and did not.
    is_given_up: bool,
}

impl Line {
    /// `definitions`: the number of the last schema definition.
    pub(crate) fn new(
        connection: Box<dyn Connection>,
        definitions: u64,
        patience: Patience,
    ) -> Self {
        Self {
            brake: Brake::new(connection.canceller()),
            connection,
            statements: Statements::default(),
            last_id: 0,
            told: Told::default(),
            readied: Arc::new([]),
            definitions,
            server_version: None,
            state: State::default(),
            rows: Rows::new(),
            patience,
            listed: None,
        }
    }

    /// Makes it seen from outside.
    pub(crate) fn list(&mut self, listed: Listed) {
        self.listed = Some(listed);
    }

    /// The session with this process id has it.
    pub(crate) fn note_lent(&self, process: u32) {
        if let Some(listed) = &self.listed {
            listed.lent_to(process);
        }
    }

    /// The session that has it keeps it.
    pub(crate) fn note_pinned(&self) {
        if let Some(listed) = &self.listed {
            listed.pinned();
        }
    }

    /// Nobody has it.
    pub(crate) fn note_free(&self) {
        if let Some(listed) = &self.listed {
            listed.free();
        }
    }

    /// What stops the statement that runs here.
    pub(crate) fn brake(&self) -> &Arc<Brake> {
        &self.brake
    }

    /// As [`Connection::submit`].
    pub(crate) fn submit(&mut self, batch: Vec<Operation>) -> Result<(), UpstreamError> {
        for operation in &batch {
            self.state.note(operation);
        }
        let submitted = self.connection.submit(batch);
        self.state.is_lost |= submitted.is_err();
        submitted
    }

    /// As [`Connection::next`], for as long as nothing that was asked to stop goes on for too long.
    pub(crate) async fn next(&mut self) -> Result<Event, UpstreamError> {
        loop {
            let event = self.next_of_all().await?;
            match self.rows.pass(event) {
                Passed::Event(event) => return Ok(event),
                Passed::Nothing => {}
                Passed::Reply(operation) => self.submit(vec![operation])?,
            }
        }
    }

    async fn next_of_all(&mut self) -> Result<Event, UpstreamError> {
        let event = tokio::select! {
            biased;
            event = self.connection.next() => event,
            () = self.brake.overdue(self.patience.cancel) => {
                self.state.is_given_up = true;
                Err(UpstreamError::lost(
                    "The database did not obey the request to cancel in time.",
                ))
            }
        };
        match &event {
            Ok(Event::Synced) => self.state.outstanding = self.state.outstanding.saturating_sub(1),
            Ok(_) => {}
            Err(_) => self.state.is_lost = true,
        }
        event
    }

    /// Statements with longer rows fail, in bytes.
    pub(crate) fn limit_rows(&mut self, bytes: usize) {
        self.rows.set_limit(bytes);
        self.connection.limit_rows(bytes);
    }

    /// Whether the connection has failed.
    pub(crate) fn is_lost(&self) -> bool {
        self.state.is_lost
    }

    /// Whether it was lost because the server did not stop what it was asked to stop.
    pub(crate) fn is_given_up(&self) -> bool {
        self.state.is_given_up
    }

    /// Whether everything that was asked has been answered.
    pub(crate) fn is_quiet(&self) -> bool {
        let State {
            outstanding,
            is_open_ended,
            is_lost,
            ..
        } = self.state;
        outstanding == 0 && !is_open_ended && !is_lost
    }

    /// Whether whatever has been asked since [`Line::begin`] may be asked again.
    pub(crate) fn is_untouched(&self) -> bool {
        !self.state.is_touched
    }

    /// Something begins that has no part of what was before.
    pub(crate) fn begin(&mut self) {
        self.state.is_touched = false;
    }

    /// Whether the server is there, as far as can be seen; `asking`: by asking it.
    pub(crate) async fn is_alive(&mut self, asking: bool) -> bool {
        if !self.is_quiet() || !self.connection.is_open() {
            return false;
        }
        if !asking {
            return true;
        }
        let limit = self.patience.check;
        let answered = tokio::time::timeout(limit, self.synchronize()).await;
        matches!(answered, Ok(Ok(())))
    }

    /// Ends what a failure skips, and takes all answers.
    pub(crate) async fn synchronize(&mut self) -> Result<(), UpstreamError> {
        self.submit(vec![Operation::Sync])?;
        while !matches!(self.next().await?, Event::Synced) {}
        Ok(())
    }

    /// Runs the commands for a new connection, unless they have been run.
    pub(crate) async fn ready(&mut self, commands: &Arc<[String]>) -> Result<(), UpstreamError> {
        if Arc::ptr_eq(&self.readied, commands) {
            return Ok(());
        }
        if self.readied != *commands {
            self.in_time(async |line| {
                for command in commands.iter() {
                    line.run(command).await?;
                }
                Ok(())
            })
            .await?;
        }
        self.readied = Arc::clone(commands);
        Ok(())
    }

    /// Does what a server that is well does at once. One that takes longer is as good as lost.
    pub(crate) async fn in_time<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut Self) -> Result<T, UpstreamError>,
    ) -> Result<T, UpstreamError> {
        let limit = self.patience.check;
        let done = tokio::time::timeout(limit, work(self)).await;
        done.unwrap_or_else(|_| {
            self.state.is_lost = true;
            Err(UpstreamError::lost("the server does not answer"))
        })
    }

    /// The commands of [`Line::ready`] are needed again.
    pub(crate) fn unready(&mut self) {
        self.readied = Arc::new([]);
    }

    /// Forgets what was prepared before the last schema definition; not while a statement runs.
    pub(crate) fn follow_definitions(&mut self, definitions: u64) {
        if self.definitions != definitions {
            self.definitions = definitions;
            self.forget_statements();
        }
    }

    /// What is known of a statement that is prepared already.
    pub(crate) fn known(
        &mut self,
        statement: &Arc<Statement>,
        types: &[Oid],
    ) -> Option<Arc<Described>> {
        self.statements.known(statement, types)
    }

    /// The same text as it is prepared for another plan, which gives it up: to be remembered anew.
    pub(crate) fn take_twin(
        &mut self,
        statement: &Statement,
        types: &[Oid],
    ) -> Option<(StatementId, Description)> {
        self.statements.take_twin(statement, types)
    }

    /// Prepares a statement; `Ok(Err(_))` is the server's refusal.
    pub(crate) async fn prepare(
        &mut self,
        statement: &Arc<Statement>,
        types: &[Oid],
    ) -> Result<Result<(StatementId, Description), UpstreamError>, UpstreamError> {
        self.last_id += 1;
        let id = self.last_id;
        let prepare = Operation::Prepare {
            id,
            statement: Arc::clone(statement),
            parameter_types: types.to_vec(),
        };
        self.submit(vec![prepare, Operation::Sync])?;
        let mut outcome = None;
        loop {
            match self.next().await? {
                Event::Described {
                    parameters,
                    columns,
                } => {
                    outcome = Some(Ok((
                        id,
                        Description {
                            parameters,
                            columns,
                        },
                    )));
                }
                Event::Failed(error) => outcome = Some(Err(error)),
                Event::Synced => return outcome.ok_or_else(confused),
                _ => return Err(confused()),
            }
        }
    }

    /// Remembers what the session made of a description.
    pub(crate) fn remember(
        &mut self,
        statement: &Arc<Statement>,
        types: Vec<Oid>,
        described: &Arc<Described>,
    ) {
        let gone = self.statements.remember(statement, types, described);
        self.close(gone);
    }

    /// Its description is wrong.
    pub(crate) fn forget(&mut self, statement: &Statement) {
        let gone = self.statements.forget(statement);
        self.close(gone);
    }

    /// Descriptions may be wrong after a schema change.
    pub(crate) fn forget_statements(&mut self) {
        let gone = self.statements.drain();
        self.close(gone);
    }

    fn close(&mut self, gone: Vec<StatementId>) {
        if !gone.is_empty() {
            // A lost connection shows at the next use.
            let _ = self.submit(gone.into_iter().map(Operation::Close).collect());
        }
    }

    /// Runs a statement without parameters and without rows; `Ok(Err(_))` is
    /// the server's refusal.
    pub(crate) async fn try_run(
        &mut self,
        text: &str,
    ) -> Result<Result<(), UpstreamError>, UpstreamError> {
        self.submit(vec![Operation::Run(text.into()), Operation::Sync])?;
        let mut outcome = Ok(());
        loop {
            match self.next().await? {
                Event::Failed(error) => outcome = Err(error),
                Event::Synced => return Ok(outcome),
                _ => {}
            }
        }
    }

    /// As [`Line::try_run`], where a refusal is as bad as a lost connection.
    pub(crate) async fn run(&mut self, text: &str) -> Result<(), UpstreamError> {
        self.try_run(text).await?
    }

    /// The first value of the first row, as text; `None` also if the server
    /// refuses the query.
    pub(crate) async fn fetch_text(
        &mut self,
        query: &str,
    ) -> Result<Option<String>, UpstreamError> {
        let fetched = self.fetch(query).await?.ok();
        let first = fetched.and_then(|(_, rows)| rows.into_iter().next());
        Ok(first.and_then(|row| row.into_iter().next()).flatten())
    }

    /// The labels and the rows of a query without parameters, as text;
    /// `Ok(Err(_))` is the server's refusal.
    pub(crate) async fn fetch(
        &mut self,
        query: &str,
    ) -> Result<Result<TextRows, UpstreamError>, UpstreamError> {
        let was_touched = self.state.is_touched;
        let statement = Arc::new(Statement::plain(query));
        let (id, description) = match self.prepare(&statement, &[]).await? {
            Ok(prepared) => prepared,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let labels: Vec<String> = description
            .columns
            .unwrap_or_default()
            .into_iter()
            .map(|column| column.label)
            .collect();
        let text = Output {
            type_oid: TEXT,
            type_modifier: -1,
            format: Format::Text,
        };
        let outputs: Arc<[Output]> = std::iter::repeat_n(text, labels.len()).collect();
        self.submit(vec![
            Operation::Execute {
                id,
                parameters: Vec::new(),
                outputs,
                row_limit: 0,
            },
            Operation::Sync,
        ])?;
        // It only reads.
        self.state.is_touched = was_touched;
        let (mut rows, mut refusal) = (Vec::new(), None);
        loop {
            match self.next().await? {
                Event::Rows { frames, .. } => rows.extend(text_rows(&frames)?),
                Event::Failed(error) => refusal = Some(error),
                Event::Synced => break,
                _ => {}
            }
        }
        self.submit(vec![Operation::Close(id)])?;
        Ok(match refusal {
            Some(refusal) => Err(refusal),
            None => Ok((labels, rows)),
        })
    }
}

impl State {
    fn note(&mut self, operation: &Operation) {
        match operation {
            Operation::Sync => {
                self.outstanding += 1;
                self.is_open_ended = false;
            }
            Operation::Prepare { .. } => self.is_open_ended = true,
            Operation::Execute { .. }
            | Operation::Repeat { .. }
            | Operation::Resume { .. }
            | Operation::Run(_) => {
                self.is_open_ended = true;
                self.is_touched = true;
            }
            Operation::Close(_) | Operation::Abandon => {}
        }
    }
}

/// Labels, and rows of as many values.
pub(crate) type TextRows = (Vec<String>, Vec<Vec<Option<String>>>);

/// The values in some DataRow frames, as text.
fn text_rows(frames: &Bytes) -> Result<Vec<Vec<Option<String>>>, UpstreamError> {
    let text = |value: Bytes| String::from_utf8_lossy(&value).into_owned();
    let row = |row: Vec<Option<Bytes>>| row.into_iter().map(|value| value.map(text)).collect();
    let rows = rows_of(frames).ok_or_else(confused)?;
    Ok(rows.into_iter().map(row).collect())
}

fn confused() -> UpstreamError {
    UpstreamError {
        kind: UpstreamErrorKind::Connection,
        sqlcode: 0,
        sqlstate: None,
        message: "the server answered out of turn".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_ended_or_unanswered_is_not_quiet() {
        let mut state = State::default();
        state.note(&Operation::Close(1));
        assert!(!state.is_open_ended && !state.is_touched);
        state.note(&Operation::Prepare {
            id: 1,
            statement: Arc::new(Statement::plain("SELECT 1")),
            parameter_types: vec![],
        });
        assert!(state.is_open_ended && !state.is_touched);
        state.note(&Operation::Sync);
        assert!(!state.is_open_ended && state.outstanding == 1);
        state.note(&Operation::Run("COMMIT".into()));
        assert!(state.is_open_ended && state.is_touched);
    }
}
