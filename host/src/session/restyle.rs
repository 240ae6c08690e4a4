//! Rows on their way to a client whose settings ask for another text output than the
//! default (`DateStyle`, `IntervalStyle`, `TimeZone`, `bytea_output`, `extra_float_digits`) or
//! another character set than UTF-8, or with values that the broker computes.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::encoding::Content;
use super::failure::Failure;
use super::settings::Settings;
use super::statement::{Shape, Values};
use crate::diagnostic::Diagnostic;
use crate::frontend::charset::Charset;
use crate::frontend::message::Formats;
use crate::frontend::reply::{self, ResultColumn};
use crate::frontend::rows::rows_of;
use crate::rules::wit_plan::Instruction;
use crate::upstream::{Format, Oid};
use crate::value::computed;
use crate::value::style::{Style, depends_on_style};
use crate::value::{Kind, ValueError, decode, kept_text, transcode};

/// The columns of a result that are to be written anew.
pub(crate) struct Restyle {
    style: Style,
    columns: Vec<Dress>,
    /// The character set of the client, if it is not UTF-8, and what each column holds of it.
    charset: Option<(Arc<Charset>, Vec<Content>)>,
}

/// How the values of a column are written.
enum Dress {
    /// As they come.
    Same,
    /// In the style of the settings.
    Styled(Oid),
    /// As the broker computes them.
    Computed {
        instructions: Arc<[Instruction]>,
        type_oid: Oid,
        format: Format,
    },
}

impl Dress {
    fn write(
        &self,
        value: Option<&Bytes>,
        style: &Style,
        out: &mut BytesMut,
    ) -> Result<bool, ValueError> {
        let styled = |type_oid: Oid, value: &str, out: &mut BytesMut| {
            let mut text = String::new();
            style.write(type_oid, value, &mut text);
            out.put_slice(text.as_bytes());
        };
        if let Self::Computed {
            instructions,
            type_oid,
            format,
        } = self
        {
            let own = |_| value.map(|value| value.as_ref());
            let Some(value) = computed::result(instructions, own)? else {
                return Ok(false);
            };
            match format {
                Format::Text if style.touches(*type_oid) => styled(*type_oid, &value, out),
                _ => transcode(&value, *type_oid, -1, *format, out)?,
            }
            return Ok(true);
        }
        let Some(value) = value else {
            return Ok(false);
        };
        match (self, std::str::from_utf8(value)) {
            (Self::Styled(type_oid), Ok(value)) => styled(*type_oid, value, out),
            _ => out.put_slice(value),
        }
        Ok(true)
    }
}

impl Restyle {
    /// `None`: no value can look different.
    pub(crate) fn of(
        settings: &Settings,
        columns: &[ResultColumn],
        formats: &Formats,
        charset: Option<&Arc<Charset>>,
    ) -> Option<Self> {
        let charset = charset.map(|charset| {
            let contents = columns.iter().enumerate();
            let contents =
                contents.map(|(index, column)| Content::of(column.type_oid, formats.get(index)));
            (Arc::clone(charset), contents.collect())
        });
        let is_text = |index| formats.get(index) == Format::Text;
        let mut numbered = columns.iter().enumerate();
        if charset.is_none()
            && !numbered.any(|(index, column)| {
                column.computed.is_some() || is_text(index) && depends_on_style(column.type_oid)
            })
        {
            return None;
        }
        let style = Style::of(|name| settings.get(name));
        let dress = |(index, column): (usize, &ResultColumn)| match &column.computed {
            Some(instructions) => Dress::Computed {
                instructions: Arc::clone(instructions),
                type_oid: column.type_oid,
                format: formats.get(index),
            },
            None if is_text(index) && style.touches(column.type_oid) => {
                Dress::Styled(column.type_oid)
            }
            None => Dress::Same,
        };
        let columns: Vec<_> = columns.iter().enumerate().map(dress).collect();
        let is_needed =
            charset.is_some() || columns.iter().any(|dress| !matches!(dress, Dress::Same));
        is_needed.then_some(Self {
            style,
            columns,
            charset,
        })
    }

    /// DataRow frames, written anew, up to the one that cannot be.
    pub(crate) fn rows(&self, frames: &Bytes) -> (Bytes, Result<(), Diagnostic>) {
        let mut out = BytesMut::with_capacity(frames.len());
        let outcome = self.write_rows(frames, &mut out);
        (out.freeze(), outcome)
    }

    /// # Errors
    /// They are not whole, or a value cannot be computed or is not to be had in the client's
    /// character set.
    fn write_rows(&self, frames: &Bytes, out: &mut BytesMut) -> Result<(), Diagnostic> {
        for row in rows_of(frames).ok_or_else(Diagnostic::upstream_confused)? {
            let whole = out.len();
            let written = reply::data_row(out, row.len(), |index, out| {
                let value = row.get(index).and_then(Option::as_ref);
                let dress = self.columns.get(index).unwrap_or(&Dress::Same);
                let start = out.len();
                let is_there: bool = dress
                    .write(value, &self.style, out)
                    .map_err(|error| Diagnostic::bad_value(&error))?;
                if let Some((charset, contents)) = &self.charset
                    && let Some(content) = contents.get(index)
                    && is_there
                {
                    let value = out.split_off(start);
                    content.encode(charset, &value, out)?;
                }
                Ok::<_, Diagnostic>(is_there)
            });
            if written.is_err() {
                out.truncate(whole);
            }
            written?;
        }
        Ok(())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// From here on rows are sent in the style of the settings, and with what is computed of
    /// them. Rows that are captured are sent later, if at all, and stay as they come.
    ///
    /// # Errors
    /// A value of a parameter is none of its type.
    pub(super) fn dress(
        &mut self,
        shape: &Shape,
        values: &Values,
        formats: &Formats,
    ) -> Result<(), Diagnostic> {
        self.restyle = match &shape.columns {
            Some(columns) if !self.client.takes_raw_rows() => {
                let columns = values.bound_columns(columns, &shape.parameters)?;
                Restyle::of(&self.settings, &columns, formats, self.client.charset())
            }
            _ => None,
        };
        Ok(())
    }

    /// The same for columns that have no parameters any more.
    pub(super) fn dress_columns(&mut self, columns: &[ResultColumn], formats: &Formats) {
        self.restyle = match self.client.takes_raw_rows() {
            false => Restyle::of(&self.settings, columns, formats, self.client.charset()),
            true => None,
        };
    }

    /// The same for the data of COPY, which may be in a character set of its own.
    pub(super) fn dress_for_copy(
        &mut self,
        columns: &[ResultColumn],
        formats: &Formats,
        charset: Option<&Arc<Charset>>,
    ) {
        self.restyle = Restyle::of(&self.settings, columns, formats, charset);
    }

    /// DataRow frames for the client.
    pub(super) async fn relay(&mut self, frames: &Bytes) -> Result<(), Failure> {
        match &self.restyle {
            None => self.client.relay(frames).await?,
            Some(restyle) => {
                let (styled, outcome) = restyle.rows(frames);
                self.client.relay(&styled).await?;
                outcome?;
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

    /// Reads the values of a Bind for this portal, or of EXECUTE: each must be one of its type; of moments what they mean in
    /// the session takes their place: "If no time zone is stated in the input string, then it is
    /// assumed to be in the time zone indicated by the system's TimeZone parameter" (manual,
    /// "Date/Time Types"); and `DateStyle` says which of three numbers is the month.
    ///
    /// # Errors
    /// A value is none of its type (`bind_param_error_callback` says which).
    pub(super) fn read_values(
        &self,
        values: &mut Values,
        types: &[Oid],
        portal: Option<&str>,
    ) -> Result<(), Diagnostic> {
        if let Some((index, code)) = values.formats.unknown().filter(|_| !types.is_empty()) {
            let context = parameter(portal.unwrap_or_default(), index, "");
            return Err(Diagnostic::unsupported_format(code).with_context(context));
        }
        let style = types
            .iter()
            .any(|type_oid| is_moment(*type_oid))
            .then(|| Style::of(|name| self.settings.get(name)));
        for (index, value) in values.values.iter_mut().enumerate() {
            let Some(value) = value else { continue };
            let type_oid = types.get(index).copied().unwrap_or(0);
            let format = values.formats.get(index);
            let read = match (&style, format) {
                (Some(style), Format::Text) => read_moment(style, type_oid, value),
                _ => Ok(()),
            };
            read.and_then(|()| check(type_oid, format, value))
                .map_err(|error| {
                    let shown = match format {
                        // What is none of the character set is not shown in it.
                        Format::Text if error.sqlstate() == "22021" => "",
                        Format::Text if value.is_empty() => " = ''",
                        Format::Text => " = '...'",
                        Format::Binary => "",
                    };
                    let error = Diagnostic::bad_value(&error);
                    match portal {
                        Some(portal) => error.with_context(parameter(portal, index, shown)),
                        None => error,
                    }
                })?;
        }
        Ok(())
    }
}

/// Whether a value is one of its type.
fn check(type_oid: Oid, format: Format, value: &Bytes) -> Result<(), ValueError> {
    match kept_text(type_oid, format, value) {
        Some(read) => read.map(|_| ()),
        None => decode(type_oid, format, value).map(|_| ()),
    }
}

/// Which one it is; of its text nothing is shown, as `log_parameter_max_length_on_error` has it
/// by default.
fn parameter(portal: &str, index: usize, shown: &str) -> String {
    let named = match portal {
        "" => "unnamed portal".to_owned(),
        name => format!("portal \"{name}\""),
    };
    format!("{named} parameter ${}{shown}", index + 1)
}

fn is_moment(type_oid: Oid) -> bool {
    matches!(
        Kind::of(type_oid),
        Kind::Date | Kind::Timestamp | Kind::Timestamptz
    )
}

/// Puts what a text means in the session in its place, if it is that of a date or a moment.
///
/// # Errors
/// There is no such date.
pub(super) fn read_moment(
    style: &Style,
    type_oid: Oid,
    value: &mut Bytes,
) -> Result<(), ValueError> {
    if is_moment(type_oid)
        && let Ok(text) = std::str::from_utf8(value)
        && let Some(read) = style.read(type_oid, text)?
    {
        *value = Bytes::from(read);
    }
    Ok(())
}
