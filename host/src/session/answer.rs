//! Rows that the broker makes itself: answers of the rules, SHOW. PostgreSQL manual, "Message Formats",
//! DataRow.

use std::sync::Arc;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite};

use super::carry::{Completion, Delivery};
use super::failure::Failure;
use super::{Session, settings};
use crate::diagnostic::Diagnostic;
use crate::frontend::message::Formats;
use crate::frontend::reply::{self, ResultColumn};
use crate::rules::Answer;
use crate::rules::wit_plan::{Argument, Cell, SettingStep, Tag};
use crate::upstream::TEXT;
use crate::value::computed::text_of;
use crate::value::{self, read_double};

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    pub(super) async fn answer(
        &mut self,
        answer: &Answer,
        delivery: &Delivery<'_>,
    ) -> Result<Completion, Failure> {
        let columns = delivery.shape.columns.as_deref().unwrap_or_default();
        for row in &answer.rows {
            let mut texts = Vec::with_capacity(row.len());
            for cell in row {
                texts.push(match cell {
                    Cell::Slept(seconds) => self.slept(seconds, delivery).await?,
                    Cell::AdvisoryLock(call) => self.advisory_lock(call, delivery).await?,
                    cell => self.cell(cell)?,
                });
            }
            let start = self.client.output.len();
            write_row(&mut self.client.output, columns, delivery.formats, &texts)?;
            self.relay_from(start).await?;
        }
        self.complete(&answer.tag, answer.rows.len() as u64);
        Ok(Completion::Done)
    }

    /// `pg_sleep`: gives the value of the type `void`.
    async fn slept(
        &mut self,
        seconds: &Argument,
        delivery: &Delivery<'_>,
    ) -> Result<Option<String>, Failure> {
        let types = &delivery.shape.parameters;
        let bound = delivery
            .values
            .bound(std::slice::from_ref(seconds), types, &self.sequences)?;
        let Some(parameter) = bound.first() else {
            return Ok(None);
        };
        let Some(value) = &parameter.value else {
            return Ok(None);
        };
        let seconds = text_of(parameter.type_oid, parameter.format, value)
            .and_then(|text| read_double(&text))
            .map_err(|error| Diagnostic::bad_value(&error))?;
        self.sleep(seconds).await?;
        Ok(Some(String::new()))
    }

    fn cell(&mut self, cell: &Cell) -> Result<Option<String>, Diagnostic> {
        match cell {
            Cell::Null | Cell::Slept(_) | Cell::AdvisoryLock(_) => Ok(None),
            Cell::Text(text) => Ok(Some(text.clone())),
            Cell::BackendPid => Ok(Some(self.process.to_string())),
            Cell::OptionalSetting(name) => Ok(self.settings.get(name).map(str::to_owned)),
            Cell::ChangedSetting(change) => self.changed_setting(change),
            Cell::Setting(name) => {
                let value = self
                    .settings
                    .get(name)
                    .ok_or_else(|| Diagnostic::no_setting(name))?;
                Ok(Some(value.to_owned()))
            }
        }
    }

    pub(super) async fn show(
        &mut self,
        name: &str,
        tag: &Tag,
        delivery: &Delivery<'_>,
    ) -> Result<Completion, Failure> {
        let Some(value) = self.settings.get(name).map(str::to_owned) else {
            return Err(Diagnostic::no_setting(name).into());
        };
        self.settings_rows(&[vec![Some(value)]], tag, delivery)
            .await
    }

    pub(super) async fn show_all(
        &mut self,
        tag: &Tag,
        delivery: &Delivery<'_>,
    ) -> Result<Completion, Failure> {
        let row = |(name, value, about): (String, String, &str)| {
            vec![Some(name), Some(value), Some(about.to_owned())]
        };
        let rows = self.settings.all().into_iter().map(row).collect::<Vec<_>>();
        self.settings_rows(&rows, tag, delivery).await
    }

    pub(super) async fn settings_rows(
        &mut self,
        rows: &[Vec<Option<String>>],
        tag: &Tag,
        delivery: &Delivery<'_>,
    ) -> Result<Completion, Failure> {
        self.own_rows(rows, delivery).await?;
        self.complete(tag, rows.len() as u64);
        Ok(Completion::Done)
    }

    /// Sends rows of the broker's own.
    pub(super) async fn own_rows(
        &mut self,
        rows: &[Vec<Option<String>>],
        delivery: &Delivery<'_>,
    ) -> Result<(), Failure> {
        let columns = delivery.shape.columns.as_deref().unwrap_or_default();
        for row in rows {
            let start = self.client.output.len();
            write_row(&mut self.client.output, columns, delivery.formats, row)?;
            self.relay_from(start).await?;
        }
        Ok(())
    }
}

/// The columns of SHOW; other settings statements return no rows.
pub(super) fn show_columns(step: &SettingStep) -> Option<Arc<[ResultColumn]>> {
    let text = |label: &str| ResultColumn {
        label: label.to_owned(),
        type_oid: TEXT,
        type_modifier: -1,
        written: None,
        computed: None,
        origin: None,
    };
    match step {
        SettingStep::Show(name) => Some([text(&settings::label(name))].into()),
        SettingStep::ShowAll => Some(["name", "setting", "description"].map(text).into()),
        _ => None,
    }
}

/// One DataRow of values in PostgreSQL's text format.
pub(super) fn write_row(
    out: &mut BytesMut,
    columns: &[ResultColumn],
    formats: &Formats,
    texts: &[Option<String>],
) -> Result<(), Diagnostic> {
    write_values(out, columns, formats, |index| {
        texts.get(index)?.as_deref().map(str::as_bytes)
    })
}

/// The same of values by their number.
pub(super) fn write_values<'v>(
    out: &mut BytesMut,
    columns: &[ResultColumn],
    formats: &Formats,
    value: impl Fn(usize) -> Option<&'v [u8]>,
) -> Result<(), Diagnostic> {
    let start = out.len();
    let written = reply::data_row(out, columns.len(), |index, out| match value(index) {
        None => Ok(false),
        Some(bytes) => {
            let column = &columns[index];
            let format = formats.get(index);
            let text = value::utf8(bytes)?;
            value::transcode(text, column.type_oid, column.type_modifier, format, out)
                .map(|()| true)
        }
    });
    written.map_err(|error| {
        out.truncate(start);
        Diagnostic::error(error.sqlstate(), error.to_string())
    })
}
