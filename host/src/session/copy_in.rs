//! COPY FROM: rows of the client, inserted in batches, all or none.
//!
//! PostgreSQL manual, "COPY Operations": "In the event of a backend-detected error during copy-in mode
//! … the backend will issue an ErrorResponse message", at once; "any subsequent CopyData, CopyDone, or
//! CopyFail messages issued by the frontend will simply be dropped".

mod context;
mod target;

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

use self::context::{at_line, format_error, row_context};
use self::target::{Insert, Target, deciding};
use super::Session;
use super::asked::Asked;
use super::copying::format_of;
use super::failure::Failure;
use super::statement::Prepared;
use crate::copy::{self, Reader, Row};
use crate::diagnostic::Diagnostic;
use crate::frontend::frame::Frame;
use crate::frontend::reply;
use crate::rules::Plan;
use crate::rules::wit_plan::{CopyTransfer, InnerStatement};
use crate::upstream::{Event, Format, Operation, Parameter, UpstreamError};
use crate::value::style::Style;

/// Rows that are sent to the upstream at once, and bytes of them: while they are
/// inserted the next are read, so three such batches are in memory.
const ROWS_AT_ONCE: usize = 1_000;
const BYTES_AT_ONCE: usize = 1024 * 1024;

/// Rows on their way, by one INSERT.
struct Batch {
    insert: Arc<Insert>,
    rows: Vec<Row>,
    /// What each row gives the statement; taken when they are sent.
    parameters: Vec<Vec<Parameter>>,
    bytes: usize,
}

impl Batch {
    fn by(insert: &Arc<Insert>) -> Self {
        Self {
            insert: Arc::clone(insert),
            rows: Vec::new(),
            parameters: Vec::new(),
            bytes: 0,
        }
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= ROWS_AT_ONCE || self.bytes >= BYTES_AT_ONCE
    }
}

/// The batches between the client and the upstream.
struct Batches {
    filling: Batch,
    running: Option<Batch>,
    /// Rows of those before.
    inserted: u64,
}

impl Batches {
    fn are_empty(&self) -> bool {
        self.filling.rows.is_empty() && self.running.is_none()
    }
}

/// A client that says nothing for so long hears what is wrong with the rows so far: PostgreSQL says
/// that of each row as it comes.
const PAUSE: Duration = Duration::from_millis(50);

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Gives the number of rows.
    pub(super) async fn copy_in(&mut self, plan: &CopyTransfer) -> Result<u64, Failure> {
        let charset = self.copy_charset(plan)?;
        let insert = self.insert(&plan.statement, Vec::new()).await?;
        let labels: Vec<_> = plan
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        let format = format_of(plan, &labels)?;
        let target = Target {
            plan,
            types: Arc::clone(&insert.prepared.shape.parameters),
            format: match format {
                copy::Format::Binary => Format::Binary,
                _ => Format::Text,
            },
            charset,
            style: Style::of(|name| self.settings.get(name)),
            deciding: deciding(plan),
        };
        let names = labels.into_iter().map(str::to_owned).collect();
        let reader = Reader::new(format, names);
        let effect = insert.forward().map(|forward| forward.effect);
        let atomic = self.begin_atomic().await?;
        let outcome = self.receive_rows(&target, reader, insert).await;
        let rows = self.end_atomic(atomic, outcome).await?;
        if let Some(effect) = effect {
            self.after(effect);
        }
        Ok(rows)
    }

    /// The INSERT of rows that leave these columns to their defaults.
    async fn insert(
        &mut self,
        statement: &InnerStatement,
        defaulted: Vec<usize>,
    ) -> Result<Arc<Insert>, Failure> {
        let prepared = self.inner(statement, &[]).await?;
        let Plan::Forward(forward) = &prepared.translation.plan else {
            return Err(refused(&prepared));
        };
        self.allow_effect(&forward.tag, forward.effect)?;
        let described = self
            .describe_forward(forward, &prepared.translation.plan, &[])
            .await?;
        Ok(Arc::new(Insert {
            id: described.id,
            prepared,
            defaulted,
        }))
    }

    async fn receive_rows(
        &mut self,
        target: &Target<'_>,
        mut reader: Reader,
        insert: Arc<Insert>,
    ) -> Result<u64, Failure> {
        reply::copy_response(
            &mut self.client.output,
            reply::CopyResponse::In,
            target.format,
            target.plan.columns.len(),
        );
        self.client.flush().await?;
        let mut batches = Batches {
            filling: Batch::by(&insert),
            running: None,
            inserted: 0,
        };
        let outcome = loop {
            match self.next_of_copy(&mut reader, target, &mut batches).await {
                Ok(is_more) => {
                    let taken = self.take_rows(&mut reader, target, &mut batches).await;
                    if taken.is_err() || !is_more {
                        break taken;
                    }
                }
                Err(failure) => break Err(failure),
            }
        };
        // What is under way is awaited in any case, and fails first.
        self.finish_running(&mut batches, target).await?;
        outcome?;
        self.catch_up(&mut batches, target).await?;
        Ok(batches.inserted)
    }

    /// Inserts what has been read.
    async fn catch_up(
        &mut self,
        batches: &mut Batches,
        target: &Target<'_>,
    ) -> Result<(), Failure> {
        if !batches.filling.rows.is_empty() {
            self.start_batch(batches, target).await?;
        }
        self.finish_running(batches, target).await
    }

    /// The next message; what has been read is inserted while the client says nothing.
    async fn frame_of_copy(
        &mut self,
        target: &Target<'_>,
        batches: &mut Batches,
    ) -> Result<Frame, Failure> {
        let limit = self.config.client.message;
        loop {
            tokio::select! {
                biased;
                frame = self.client.typed_frame(limit) => return Ok(frame?),
                () = tokio::time::sleep(PAUSE), if !batches.are_empty() => {}
            }
            self.catch_up(batches, target).await?;
        }
    }

    /// Feeds the next message; false after the last.
    async fn next_of_copy(
        &mut self,
        reader: &mut Reader,
        target: &Target<'_>,
        batches: &mut Batches,
    ) -> Result<bool, Failure> {
        loop {
            // A time-out that ends while the client is waited for shows when it sends, and so does a
            // CancelRequest: PostgreSQL looks for them with each row that comes.
            let frame = self.frame_of_copy(target, batches).await?;
            if let Some(interruption) = self.interruption() {
                self.outlast_requests().await;
                return Err(interruption
                    .with_context(at_line(target.plan, reader.line()))
                    .into());
            }
            match frame.tag {
                b'd' => {
                    match target.charset.as_deref() {
                        Some(charset) if target.format == Format::Text => {
                            let data = charset.decoded(&frame.body).map_err(|error| {
                                Diagnostic::from(error)
                                    .with_context(at_line(target.plan, reader.line()))
                            })?;
                            reader.feed(&data);
                        }
                        _ => reader.feed(&frame.body),
                    }
                    return Ok(true);
                }
                b'c' => {
                    reader.finish();
                    return Ok(false);
                }
                b'f' => {
                    let reason = frame.body.strip_suffix(b"\0").unwrap_or(&frame.body);
                    let reason = String::from_utf8_lossy(reason);
                    return Err(Diagnostic::error(
                        "57014",
                        format!("COPY from stdin failed: {reason}"),
                    )
                    .with_context(at_line(target.plan, reader.line()))
                    .into());
                }
                // "The backend ignores Flush and Sync messages during copy-in mode."
                b'H' | b'S' => {}
                b'X' => return Err(Failure::Gone),
                tag => {
                    return Err(Diagnostic::error(
                        "08P01",
                        format!("unexpected message type 0x{tag:02X} during COPY from stdin"),
                    )
                    .with_context(at_line(target.plan, reader.line()))
                    .into());
                }
            }
        }
    }

    /// Inserts what has been read as far as it fills batches.
    async fn take_rows(
        &mut self,
        reader: &mut Reader,
        target: &Target<'_>,
        batches: &mut Batches,
    ) -> Result<(), Failure> {
        while let Some(mut row) = reader.next().map_err(|error| format_error(target, error))? {
            target.read(&mut row)?;
            if !target.keeps(&row)? {
                continue;
            }
            if row.defaulted != batches.filling.insert.defaulted {
                self.change_insert(&row, target, batches).await?;
            }
            let filling = &mut batches.filling;
            filling.insert.require(&row, target)?;
            let parameters = filling.insert.parameters(&row, target)?;
            filling.parameters.push(parameters);
            filling.bytes += row.raw.len() + row.fields.len() * size_of::<Parameter>();
            filling.rows.push(row);
            if filling.is_full() {
                self.start_batch(batches, target).await?;
            }
        }
        if reader.waiting() > self.config.client.message as usize {
            return Err(Diagnostic::error("54000", "a line of the data is too long")
                .with_context(at_line(target.plan, reader.line()))
                .into());
        }
        Ok(())
    }

    /// Has the rows that follow inserted by a statement that gives the same columns as this
    /// row; what was read before it goes first.
    async fn change_insert(
        &mut self,
        row: &Row,
        target: &Target<'_>,
        batches: &mut Batches,
    ) -> Result<(), Failure> {
        self.catch_up(batches, target).await?;
        let statement = insert_without(target.plan, &row.defaulted);
        let insert = self.insert(&statement, row.defaulted.clone()).await?;
        batches.filling = Batch::by(&insert);
        Ok(())
    }

    /// Sends the batch that was being filled, behind the one that runs.
    async fn start_batch(
        &mut self,
        batches: &mut Batches,
        target: &Target<'_>,
    ) -> Result<(), Failure> {
        self.finish_running(batches, target).await?;
        if let Some(interruption) = self.interruption() {
            self.outlast_requests().await;
            let row = batches.filling.rows.last();
            let context = row.map(|row| at_line(target.plan, row.line));
            return Err(match context {
                Some(context) => interruption.with_context(context).into(),
                None => interruption.into(),
            });
        }
        let next = Batch::by(&batches.filling.insert);
        let mut batch = std::mem::replace(&mut batches.filling, next);
        let repeat = Operation::Repeat {
            id: batch.insert.id,
            parameters: std::mem::take(&mut batch.parameters),
        };
        self.held()?.submit(vec![repeat, Operation::Sync])?;
        batches.running = Some(batch);
        Ok(())
    }

    async fn finish_running(
        &mut self,
        batches: &mut Batches,
        target: &Target<'_>,
    ) -> Result<(), Failure> {
        if let Some(batch) = batches.running.take() {
            batches.inserted += self.finish_batch(&batch, target).await?;
        }
        Ok(())
    }

    async fn finish_batch(&mut self, batch: &Batch, target: &Target<'_>) -> Result<u64, Failure> {
        let (mut inserted, mut failed) = (0, None);
        loop {
            match self.answered().await? {
                Event::Complete { .. } => inserted += 1,
                Event::Repeated { times } => inserted += times,
                Event::Failed(error) => failed = Some(error),
                Event::Synced => break,
                _ => {}
            }
        }
        let Some(error) = failed else {
            return Ok(inserted);
        };
        let row = batch.rows.get(inserted as usize);
        Err(match (self.error_of_insert(error, &batch.insert), row) {
            (Failure::Statement(diagnostic), Some(row)) => {
                let context = row_context(row, &diagnostic.sqlstate, target);
                diagnostic.with_context(context).into()
            }
            (failure, _) => failure,
        })
    }

    /// An error of the INSERT, which names the objects that the COPY is about; its place is none in
    /// the text of that.
    fn error_of_insert(&mut self, error: UpstreamError, insert: &Insert) -> Failure {
        let of_insert = Some(Asked::again(&insert.prepared.text));
        let asked = std::mem::replace(&mut self.asked, of_insert);
        let failure = self.upstream_error(error);
        self.asked = asked;
        match failure {
            Failure::Statement(mut diagnostic) => {
                diagnostic.position = None;
                Failure::Statement(diagnostic)
            }
            failure => failure,
        }
    }
}

/// An INSERT that is more than one statement of IRIS, or none.
fn refused(inner: &Prepared) -> Failure {
    match &inner.translation.plan {
        Plan::Refuse(refusal) => refusal.clone().into(),
        _ => Diagnostic::error("0A000", "COPY FROM is not supported for this table")
            .with_hint("Use INSERT.")
            .into(),
    }
}

/// The INSERT of the columns that a row gives.
fn insert_without(plan: &CopyTransfer, defaulted: &[usize]) -> InnerStatement {
    let Some(defaults) = plan.defaults.as_ref().filter(|_| !defaulted.is_empty()) else {
        return plan.statement.clone();
    };
    let columns = plan.columns.iter().enumerate();
    let names: Vec<&str> = columns
        .filter(|(index, _)| !defaulted.contains(index))
        .map(|(_, column)| column.written.as_str())
        .collect();
    let places: Vec<String> = (1..=names.len())
        .map(|number| format!("${number}"))
        .collect();
    InnerStatement {
        text: match names.is_empty() {
            true => defaults.empty.clone(),
            false => format!(
                "{}{}{}{}{}",
                defaults.opening,
                names.join(", "),
                defaults.between,
                places.join(", "),
                defaults.closing
            ),
        },
        offset: None,
    }
}
