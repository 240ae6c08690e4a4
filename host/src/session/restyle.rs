//! Rows on their way to a client whose settings ask for another text output than the
//! default: `DateStyle`, `IntervalStyle`, `TimeZone`, `bytea_output`, `extra_float_digits`.

use bytes::{BufMut, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::failure::Failure;
use super::settings::Settings;
use super::statement::Values;
use crate::diagnostic::Diagnostic;
use crate::frontend::message::Formats;
use crate::frontend::reply::{self, ResultColumn};
use crate::frontend::rows::rows_of;
use crate::upstream::{Format, Oid};
use crate::value::style::{Style, depends_on_style};

/// The OID of `timestamp with time zone`.
const TIMESTAMPTZ: Oid = 1184;

/// The columns of a result that are to be written anew.
pub(crate) struct Restyle {
    style: Style,
    /// For each column its type, if it is one of them.
    columns: Vec<Option<Oid>>,
}

impl Restyle {
    /// `None`: no value can look different.
    pub(crate) fn of(
        settings: &Settings,
        columns: &[ResultColumn],
        formats: &Formats,
    ) -> Option<Self> {
        let is_text = |index| formats.get(index) == Format::Text;
        let mut numbered = columns.iter().enumerate();
        if !numbered.any(|(index, column)| is_text(index) && depends_on_style(column.type_oid)) {
            return None;
        }
        let style = Style::of(|name| settings.get(name));
        let touched = |(index, column): (usize, &ResultColumn)| {
            (is_text(index) && style.touches(column.type_oid)).then_some(column.type_oid)
        };
        let columns: Vec<_> = columns.iter().enumerate().map(touched).collect();
        let is_needed = columns.iter().any(Option::is_some);
        is_needed.then_some(Self { style, columns })
    }

    /// DataRow frames, written anew; `None` if they are not whole.
    pub(crate) fn rows(&self, frames: &Bytes) -> Option<Bytes> {
        let mut out = BytesMut::with_capacity(frames.len());
        let mut text = String::new();
        for row in rows_of(frames)? {
            let written = reply::data_row(&mut out, row.len(), |index, out| {
                let Some(value) = &row[index] else {
                    return Ok(false);
                };
                let type_oid = self.columns.get(index).copied().flatten();
                match (type_oid, std::str::from_utf8(value)) {
                    (Some(type_oid), Ok(value)) => {
                        text.clear();
                        self.style.write(type_oid, value, &mut text);
                        out.put_slice(text.as_bytes());
                    }
                    _ => out.put_slice(value),
                }
                Ok::<_, std::convert::Infallible>(true)
            });
            let Ok(()) = written;
        }
        Some(out.freeze())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// From here on rows are sent in the style of the settings. Rows that are captured are
    /// sent later, if at all, and keep the default.
    pub(super) fn dress(&mut self, columns: Option<&[ResultColumn]>, formats: &Formats) {
        self.restyle = match columns {
            Some(columns) if !self.client.is_captured() => {
                Restyle::of(&self.settings, columns, formats)
            }
            _ => None,
        };
    }

    /// DataRow frames for the client.
    pub(super) async fn relay(&mut self, frames: &Bytes) -> Result<(), Failure> {
        match &self.restyle {
            None => self.client.relay(frames).await?,
            Some(restyle) => {
                let styled = restyle.rows(frames);
                let styled = styled.ok_or_else(Diagnostic::upstream_confused)?;
                self.client.relay(&styled).await?;
            }
        }
        Ok(())
    }

    /// The same for those that stand in the output from here on.
    pub(super) async fn relay_from(&mut self, start: usize) -> Result<(), Failure> {
        if self.restyle.is_some() {
            let frames = self.client.output.split_off(start).freeze();
            return self.relay(&frames).await;
        }
        self.client.flush_if_large().await?;
        Ok(())
    }

    /// "If no time zone is stated in the input string, then it is assumed to be in the time
    /// zone indicated by the system's TimeZone parameter" (manual, "Date/Time Types").
    pub(super) fn locate(&self, values: &mut Values, types: &[Oid]) {
        if !types.contains(&TIMESTAMPTZ) {
            return;
        }
        let style = Style::of(|name| self.settings.get(name));
        let moments = types.iter().enumerate();
        for (index, _) in moments.filter(|(_, type_oid)| **type_oid == TIMESTAMPTZ) {
            let is_text = values.formats.get(index) == Format::Text;
            let Some(Some(value)) = values.values.get_mut(index) else {
                continue;
            };
            let text = std::str::from_utf8(value).ok().filter(|_| is_text);
            if let Some(located) = text.and_then(|text| style.located(text)) {
                *value = Bytes::from(located);
            }
        }
    }
}
