//! COPY as plans say it, in the words of the formats.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::carry::Completion;
use super::failure::Failure;
use crate::copy::{Csv, Format, Header, Text};
use crate::diagnostic::Diagnostic;
use crate::frontend::charset::{Charset, Name, named};
use crate::frontend::reply;
use crate::rules::wit_plan::{CopyColumns, CopyDirection, CopyFormat, CopyHeader, CopyTransfer};

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    pub(super) async fn copy(&mut self, plan: &CopyTransfer) -> Result<Completion, Failure> {
        self.leave_portal().await?;
        let rows = match plan.direction {
            CopyDirection::FromClient => self.copy_in(plan).await?,
            CopyDirection::ToClient => self.copy_out(plan).await?,
        };
        reply::command_complete(&mut self.client.output, &format!("COPY {rows}"));
        Ok(Completion::Done)
    }

    /// The character set of the data, if it is not UTF-8: that of ENCODING, "the default is to
    /// use the current client encoding" (manual, COPY). In the binary format it is the client's
    /// in any case, as for all binary values.
    ///
    /// # Errors
    /// There is no such set, or none that the broker converts.
    pub(super) fn copy_charset(
        &self,
        plan: &CopyTransfer,
    ) -> Result<Option<Arc<Charset>>, Diagnostic> {
        let Some(encoding) = &plan.encoding else {
            return Ok(self.client.charset().cloned());
        };
        match named(&encoding.name) {
            Some(_) if matches!(plan.format, CopyFormat::Binary) => {
                Ok(self.client.charset().cloned())
            }
            Some(Name::Known(name)) => Ok(Charset::of(name).map(Arc::new)),
            Some(Name::NotConverted(name)) => Err(Diagnostic::error(
                "0A000",
                format!("encoding \"{name}\" in COPY is not supported"),
            )
            .with_hint("Convert the data to UTF8.")),
            None => Err(Diagnostic {
                position: encoding.position,
                ..Diagnostic::error(
                    "22023",
                    "argument to option \"encoding\" must be a valid encoding name",
                )
            }),
        }
    }
}

/// The format, for columns of these names.
pub(super) fn format_of(plan: &CopyTransfer, columns: &[&str]) -> Result<Format, Diagnostic> {
    let byte = |character: char| {
        u8::try_from(character)
            .ok()
            .filter(u8::is_ascii)
            .ok_or_else(Diagnostic::rules_failed)
    };
    Ok(match &plan.format {
        CopyFormat::Binary => Format::Binary,
        CopyFormat::Text(text) => Format::Text(Text {
            delimiter: byte(text.delimiter)?,
            null: text.null.clone().into_bytes(),
            default: marker(plan),
            header: header(text.header),
        }),
        CopyFormat::Csv(csv) => Format::Csv(Csv {
            delimiter: byte(csv.delimiter)?,
            null: csv.null.clone().into_bytes(),
            default: marker(plan),
            header: header(csv.header),
            quote: byte(csv.quote)?,
            escape: byte(csv.escape)?,
            force_quote: chosen(&csv.force_quote, columns, &plan.table)?,
            force_not_null: chosen(&csv.force_not_null, columns, &plan.table)?,
            force_null: chosen(&csv.force_null, columns, &plan.table)?,
        }),
    })
}

/// What stands in the data for the default of a column.
fn marker(plan: &CopyTransfer) -> Option<Vec<u8>> {
    let defaults = plan.defaults.as_ref();
    defaults.map(|defaults| defaults.marker.clone().into_bytes())
}

fn header(header: CopyHeader) -> Header {
    match header {
        CopyHeader::None => Header::None,
        CopyHeader::Present => Header::Present,
        CopyHeader::Matching => Header::Matching,
    }
}

/// For each column whether an option names it.
fn chosen(option: &CopyColumns, columns: &[&str], table: &str) -> Result<Vec<bool>, Diagnostic> {
    let CopyColumns::Named(named) = option else {
        return Ok(vec![true; columns.len()]);
    };
    let mut chosen = vec![false; columns.len()];
    for wanted in named {
        let found = columns
            .iter()
            .position(|column| column.eq_ignore_ascii_case(wanted));
        match found.and_then(|index| chosen.get_mut(index)) {
            Some(slot) => *slot = true,
            None => {
                return Err(Diagnostic::error(
                    "42703",
                    match table {
                        "" => format!("column \"{wanted}\" does not exist"),
                        table => {
                            format!("column \"{wanted}\" of relation \"{table}\" does not exist")
                        }
                    },
                ));
            }
        }
    }
    Ok(chosen)
}
