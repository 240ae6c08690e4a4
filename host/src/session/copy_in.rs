//! COPY FROM: rows of the client, inserted in batches, all or none.
//!
//! PostgreSQL manual, "COPY Operations".

use std::sync::Arc;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::Session;
use super::copying::format_of;
use super::encoding::Content;
use super::failure::Failure;
use super::restyle::read_moment;
use super::statement::Prepared;
use crate::copy::{self, CopyError, Reader, Row};
use crate::diagnostic::Diagnostic;
use crate::frontend::charset::Charset;
use crate::frontend::reply;
use crate::rules::wit_plan::{Argument, CopyTransfer};
use crate::rules::{Forward, Plan};
use crate::upstream::{Event, Format, Oid, Operation, Parameter, StatementId};
use crate::value::style::Style;
use crate::value::{self, ValueError};

/// Rows that are sent to the upstream at once, and bytes of them: while they are
/// inserted the next are read, so three such batches are in memory.
const ROWS_AT_ONCE: usize = 1_000;
const BYTES_AT_ONCE: usize = 1024 * 1024;

/// What rows are inserted by.
struct Target<'a> {
    plan: &'a CopyTransfer,
    forward: &'a Forward,
    id: StatementId,
    types: Arc<[Oid]>,
    format: Format,
    /// What the data is in, if not in UTF-8: "the default is to use the current client
    /// encoding" (manual, COPY, ENCODING).
    charset: Option<Arc<Charset>>,
    /// How dates and moments are read.
    style: Style,
}

/// Rows on their way.
#[derive(Default)]
struct Batch {
    rows: Vec<Row>,
    /// What each row gives the statement; taken when they are sent.
    parameters: Vec<Vec<Parameter>>,
    bytes: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Gives the number of rows.
    pub(super) async fn copy_in(&mut self, plan: &CopyTransfer) -> Result<u64, Failure> {
        let inner = self.inner(&plan.statement, &[]).await?;
        let Plan::Forward(forward) = &inner.translation.plan else {
            return Err(refused(&inner));
        };
        self.allow_effect(&forward.tag, forward.effect)?;
        let labels: Vec<_> = plan.columns.iter().map(String::as_str).collect();
        let format = format_of(plan, &labels)?;
        let described = self
            .describe_forward(forward, &inner.translation.plan, &[])
            .await?;
        let target = Target {
            plan,
            forward,
            id: described.id,
            types: Arc::clone(&inner.shape.parameters),
            format: match format {
                copy::Format::Binary => Format::Binary,
                _ => Format::Text,
            },
            charset: self.client.charset().cloned(),
            style: Style::of(|name| self.settings.get(name)),
        };
        let reader = Reader::new(format, plan.columns.clone());
        let atomic = self.begin_atomic().await?;
        let outcome = self.receive_rows(&target, reader).await;
        let rows = self.end_atomic(atomic, outcome).await?;
        self.after(forward.effect);
        Ok(rows)
    }

    async fn receive_rows(
        &mut self,
        target: &Target<'_>,
        mut reader: Reader,
    ) -> Result<u64, Failure> {
        reply::copy_response(
            &mut self.client.output,
            reply::CopyResponse::In,
            target.format,
            target.plan.columns.len(),
        );
        self.client.flush().await?;
        let (mut filling, mut running) = (Batch::default(), None);
        let mut inserted = 0;
        let outcome = loop {
            match self.next_of_copy(&mut reader, target).await {
                Ok(is_more) => {
                    let taken = self
                        .take_rows(&mut reader, target, &mut filling, &mut running)
                        .await;
                    match taken {
                        Ok(count) => inserted += count,
                        Err(failure) => break Err(failure),
                    }
                    if !is_more {
                        break Ok(());
                    }
                }
                Err(failure) => break Err(failure),
            }
        };
        // What is under way is awaited in any case, and fails first.
        if let Some(batch) = running.take() {
            inserted += self.finish_batch(&batch, target).await?;
        }
        outcome?;
        if !filling.rows.is_empty() {
            self.start_batch(&mut filling, target)?;
            inserted += self.finish_batch(&filling, target).await?;
        }
        Ok(inserted)
    }

    /// Feeds the next message; false after the last.
    async fn next_of_copy(
        &mut self,
        reader: &mut Reader,
        target: &Target<'_>,
    ) -> Result<bool, Failure> {
        let limit = self.config.client.message;
        loop {
            // A time-out that ends while the client is waited for shows when it sends.
            let frame = self.client.typed_frame(limit).await?;
            if self
                .deadline
                .is_some_and(|deadline| deadline < Instant::now())
            {
                return Err(Diagnostic::statement_timeout()
                    .with_context(at_line(target.plan, reader.line()))
                    .into());
            }
            // A CancelRequest as well: PostgreSQL looks for it with each row that comes.
            if self.interrupted.take() {
                return Err(Diagnostic::user_request()
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
        filling: &mut Batch,
        running: &mut Option<Batch>,
    ) -> Result<u64, Failure> {
        let mut inserted = 0;
        while let Some(row) = reader
            .next()
            .map_err(|error| format_error(target.plan, error))?
        {
            require(&row, target)?;
            filling.parameters.push(parameters(&row, target)?);
            filling.bytes += row.raw.len() + row.fields.len() * size_of::<Parameter>();
            filling.rows.push(row);
            if filling.rows.len() < ROWS_AT_ONCE && filling.bytes < BYTES_AT_ONCE {
                continue;
            }
            if let Some(batch) = running.take() {
                inserted += self.finish_batch(&batch, target).await?;
            }
            let mut batch = std::mem::take(filling);
            self.start_batch(&mut batch, target)?;
            *running = Some(batch);
        }
        if reader.waiting() > self.config.client.message as usize {
            return Err(Diagnostic::error("54000", "a line of the data is too long")
                .with_context(at_line(target.plan, reader.line()))
                .into());
        }
        Ok(inserted)
    }

    fn start_batch(&mut self, batch: &mut Batch, target: &Target<'_>) -> Result<(), Failure> {
        let repeat = Operation::Repeat {
            id: target.id,
            parameters: std::mem::take(&mut batch.parameters),
        };
        self.held()?.submit(vec![repeat, Operation::Sync])?;
        Ok(())
    }

    async fn finish_batch(&mut self, batch: &Batch, target: &Target<'_>) -> Result<u64, Failure> {
        let (mut inserted, mut failed) = (0, None);
        loop {
            match self.held()?.next().await? {
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
        Err(
            match (
                self.upstream_error(error),
                batch.rows.get(inserted as usize),
            ) {
                (Failure::Statement(diagnostic), Some(row)) => {
                    let context = row_context(row, &diagnostic.sqlstate, target);
                    diagnostic.with_context(context).into()
                }
                (failure, _) => failure,
            },
        )
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

/// A column that must have a value has one.
fn require(row: &Row, target: &Target<'_>) -> Result<(), Diagnostic> {
    let is_null = |number: u32| {
        let value = row.fields.get(number as usize - 1);
        value.is_none_or(Option::is_none)
    };
    let mut required = target.forward.required.iter();
    match required.find(|one| is_null(one.parameter)) {
        Some(missing) => {
            let context = row_context(row, &missing.otherwise.sqlstate, target);
            Err(missing.otherwise.clone().with_context(context))
        }
        None => Ok(()),
    }
}

/// # Errors
/// A document or an array that is none: IRIS would keep it as a string, whatever it is.
fn parameters(row: &Row, target: &Target<'_>) -> Result<Vec<Parameter>, Diagnostic> {
    let parameter = |argument: &Argument| {
        Ok(match argument {
            Argument::Parameter(number) => {
                let index = *number as usize - 1;
                let type_oid = target.types.get(index).copied().unwrap_or(0);
                let mut value = row.fields.get(index).cloned().flatten();
                if let (Some(charset), Format::Binary, Some(bytes)) =
                    (&target.charset, target.format, &mut value)
                {
                    let content = Content::of(type_oid, Format::Binary);
                    *bytes = content.decoded(charset, bytes).map_err(|error| {
                        let context = row_context(row, &error.sqlstate, target);
                        error.with_context(context)
                    })?;
                }
                let refused = |error: ValueError| {
                    let context = row_context(row, error.sqlstate(), target);
                    Diagnostic::bad_value(&error).with_context(context)
                };
                if let (Format::Text, Some(text)) = (target.format, &mut value) {
                    read_moment(&target.style, type_oid, text).map_err(refused)?;
                }
                Parameter::of_client(type_oid, target.format, value).map_err(refused)?
            }
            Argument::Constant(constant) => Parameter {
                type_oid: constant.type_oid,
                format: Format::Text,
                value: constant.value.clone().map(Bytes::from),
            },
            // Only sequences keep values, and an INSERT searches no array.
            Argument::Kept(_)
            | Argument::AllKept(_)
            | Argument::Elements(_)
            | Argument::CurrentValue(_)
            | Argument::Clock(_) => Parameter {
                type_oid: 0,
                format: Format::Text,
                value: None,
            },
        })
    };
    target.forward.arguments.iter().map(parameter).collect()
}

fn at_line(plan: &CopyTransfer, line: u64) -> String {
    format!("COPY {}, line {line}", plan.table)
}

fn format_error(plan: &CopyTransfer, error: CopyError) -> Diagnostic {
    let mut context = at_line(plan, error.line);
    if let Some(raw) = &error.raw {
        context = format!("{context}: \"{}\"", shortened(raw));
    }
    let diagnostic = Diagnostic::error(error.sqlstate, error.message).with_context(context);
    match error.hint {
        Some(hint) => diagnostic.with_hint(hint),
        None => diagnostic,
    }
}

/// As PostgreSQL words it: with the column whose value cannot be read; with the whole
/// line where a constraint of the row alone is violated; else with its number.
fn row_context(row: &Row, sqlstate: &str, target: &Target<'_>) -> String {
    let place = at_line(target.plan, row.line);
    let is_misfit = |index: usize| {
        let oid = target.types.get(index).copied().unwrap_or(0);
        let field = row.fields.get(index).and_then(Option::as_ref);
        field.is_some_and(|bytes| {
            value::kept_text(oid, target.format, bytes).is_some_and(|kept| kept.is_err())
                || value::decode(oid, target.format, bytes).is_err()
        })
    };
    let misfit = sqlstate
        .starts_with("22")
        .then(|| (0..row.fields.len()).find(|index| is_misfit(*index)))
        .flatten();
    let is_text = target.format == Format::Text;
    match misfit.and_then(|index| Some((target.plan.columns.get(index)?, row.fields.get(index)?))) {
        Some((column, Some(value))) if is_text => {
            format!("{place}, column {column}: \"{}\"", shortened(value))
        }
        Some((column, _)) => format!("{place}, column {column}"),
        None if is_text && matches!(sqlstate, "23502" | "23514") => {
            format!("{place}: \"{}\"", shortened(&row.raw))
        }
        None => place,
    }
}

/// So much of a value or line is shown, as PostgreSQL's MAX_COPY_DATA_DISPLAY.
const SHOWN: usize = 100;

fn shortened(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    if text.len() <= SHOWN {
        return text.into_owned();
    }
    format!("{}...", &text[..text.floor_char_boundary(SHOWN)])
}
