//! COPY TO: the rows of a query, in a format of COPY.
//!
//! PostgreSQL manual, "COPY Operations".

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::carry::Delivery;
use super::copying::format_of;
use super::failure::{Failure, told_later};
use super::statement::{Values, outputs};
use crate::copy::{Format, Writer};
use crate::diagnostic::Diagnostic;
use crate::frontend::charset::Charset;
use crate::frontend::message::Formats;
use crate::frontend::reply;
use crate::frontend::rows::rows_of;
use crate::rules::Plan;
use crate::rules::wit_plan::CopyTransfer;
use crate::upstream::{self, Event, Operation};

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Gives the number of rows.
    pub(super) async fn copy_out(&mut self, plan: &CopyTransfer) -> Result<u64, Failure> {
        let inner = self.inner(&plan.statement, &[]).await?;
        let Some(columns) = inner.shape.columns.clone() else {
            return Err(
                Diagnostic::error("0A000", "COPY query must have a RETURNING clause").into(),
            );
        };
        let labels: Vec<_> = columns.iter().map(|column| column.label.as_str()).collect();
        let format = format_of(plan, &labels)?;
        let wire = match format {
            Format::Binary => upstream::Format::Binary,
            _ => upstream::Format::Text,
        };
        let formats = Formats::all(wire);
        let mut writer = Writer::new(format, &labels);
        let charset = self.copy_charset(plan)?;
        self.dress_for_copy(&columns, &formats, charset.as_ref());
        let delivery = Delivery {
            shape: &inner.shape,
            declared: &[],
            values: &Values::none(self.clock()),
            formats: &formats,
            announce: false,
            row_limit: 0,
        };
        let translation = &inner.translation;
        let Plan::Forward(forward) = &translation.plan else {
            let mut captured = Box::pin(self.captured(translation, delivery)).await?;
            self.dress_for_copy(&columns, &formats, charset.as_ref());
            self.open_copy_out(&mut writer, wire, columns.len(), charset.as_deref())?;
            let mut rows = 0;
            while let Some((frames, count)) = captured.store.piece(rows, u64::MAX)? {
                self.heed_interruption().await?;
                self.write_rows(&mut writer, &frames).await?;
                rows += count;
                captured.store.forget_before(rows);
            }
            self.close_copy_out(&mut writer);
            return Ok(rows);
        };
        self.allow_effect(&forward.tag, forward.effect)?;
        for notice in &translation.notices {
            self.notice(notice);
        }
        let described = self
            .describe_forward(forward, &translation.plan, &[])
            .await?;
        let parameters =
            delivery
                .values
                .bound(&forward.arguments, &inner.shape.parameters, &self.sequences)?;
        let execute = Operation::Execute {
            id: described.id,
            parameters,
            outputs: outputs(Some(&*columns), &formats),
            row_limit: 0,
        };
        self.open_copy_out(&mut writer, wire, columns.len(), charset.as_deref())?;
        self.held()?.submit(vec![execute, Operation::Sync])?;
        let (mut rows, mut failed, mut broken) = (0, None, None);
        loop {
            match self.answered().await? {
                Event::Rows { frames, count } if broken.is_none() => {
                    broken = told_later(self.write_rows(&mut writer, &frames).await)?;
                    rows += count;
                }
                Event::Failed(error) => failed = Some(error),
                Event::Synced => break,
                _ => {}
            }
        }
        if let Some(error) = failed {
            return Err(self.upstream_error(error));
        }
        if let Some(broken) = broken {
            return Err(broken);
        }
        self.after(forward.effect);
        self.close_copy_out(&mut writer);
        Ok(rows)
    }

    fn open_copy_out(
        &mut self,
        writer: &mut Writer,
        wire: upstream::Format,
        columns: usize,
        charset: Option<&Charset>,
    ) -> Result<(), Diagnostic> {
        let mut header = writer.header_line();
        if let (Some(line), Some(charset)) = (&mut header, charset) {
            let mut encoded = BytesMut::new();
            charset.encode(line, &mut encoded)?;
            *line = encoded.freeze();
        }
        let out = &mut self.client.output;
        reply::copy_response(out, reply::CopyResponse::Out, wire, columns);
        if let Some(line) = header {
            reply::copy_data(out, |out| out.extend_from_slice(&line));
        }
        Ok(())
    }

    async fn write_rows(&mut self, writer: &mut Writer, frames: &Bytes) -> Result<(), Failure> {
        let (styled, outcome) = match &self.restyle {
            Some(restyle) => restyle.rows(frames),
            None => (frames.clone(), Ok(())),
        };
        for row in rows_of(&styled).ok_or_else(Diagnostic::upstream_confused)? {
            let out: &mut BytesMut = &mut self.client.output;
            reply::copy_data(out, |out| writer.row(&row, out));
        }
        self.client.flush_if_large().await?;
        Ok(outcome?)
    }

    fn close_copy_out(&mut self, writer: &mut Writer) {
        let mut trailer = BytesMut::new();
        writer.trailer(&mut trailer);
        let out = &mut self.client.output;
        if !trailer.is_empty() {
            reply::copy_data(out, |out| out.extend_from_slice(&trailer));
        }
        reply::copy_done(out);
    }
}
