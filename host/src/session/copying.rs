//! COPY as plans say it, in the words of the formats.

use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::carry::Completion;
use super::failure::Failure;
use crate::copy::{Csv, Format, Header, Text};
use crate::diagnostic::Diagnostic;
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
            header: header(text.header),
        }),
        CopyFormat::Csv(csv) => Format::Csv(Csv {
            delimiter: byte(csv.delimiter)?,
            null: csv.null.clone().into_bytes(),
            header: header(csv.header),
            quote: byte(csv.quote)?,
            escape: byte(csv.escape)?,
            force_quote: chosen(&csv.force_quote, columns, &plan.table)?,
            force_not_null: chosen(&csv.force_not_null, columns, &plan.table)?,
            force_null: chosen(&csv.force_null, columns, &plan.table)?,
        }),
    })
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
