//! Writes operations as messages of the extended protocol.
//!
//! `Run` goes by Parse, Bind and Execute like everything else, not by a simple
//! Query: that would bring a ReadyForQuery of its own and end what a failure
//! skips.

use std::collections::HashMap;
use std::io;

use bytes::BytesMut;
use postgres_protocol::IsNull;
use postgres_protocol::message::frontend::{self, BindError};

use super::numbered::Numbered;
use super::pipeline::{Expected, Pipeline, PortalNumber};
use crate::upstream::{Format, Operation, Output, Parameter, StatementId};

/// The statement and the portal without a name.
const UNNAMED: &str = "";

/// Knows the statements of one connection.
#[derive(Default)]
pub(super) struct Requests {
    /// For each `$k` the placeholder whose value it takes.
    statements: HashMap<StatementId, Vec<usize>>,
}

impl Requests {
    /// Appends a batch to `out` and notes what it will be answered by.
    ///
    /// A batch that does not end in Sync ends in Flush, so that it is answered.
    ///
    /// # Errors
    /// Something is larger than a message can be, or holds a zero byte; `out`
    /// must then not be sent.
    pub(super) fn write(
        &mut self,
        batch: Vec<Operation>,
        pipeline: &mut Pipeline,
        out: &mut BytesMut,
    ) -> io::Result<()> {
        for portal in pipeline.take_finished() {
            frontend::close(b'P', &portal_name(portal), out)?;
        }
        let is_synced = matches!(batch.last(), Some(Operation::Sync));
        for operation in batch {
            self.write_one(operation, pipeline, out)?;
        }
        if !is_synced {
            frontend::flush(out);
        }
        Ok(())
    }

    fn write_one(
        &mut self,
        operation: Operation,
        pipeline: &mut Pipeline,
        out: &mut BytesMut,
    ) -> io::Result<()> {
        match operation {
            Operation::Prepare {
                id,
                statement,
                parameter_types,
            } => {
                let numbered = Numbered::of(&statement, &parameter_types);
                self.prepare(id, &numbered, out)?;
                self.statements.insert(id, numbered.firsts);
                let positions = numbered.positions;
                pipeline.expect(Expected::Description {
                    positions,
                    parameters: Vec::new(),
                });
            }
            Operation::Execute {
                id,
                parameters,
                outputs,
                row_limit,
            } => {
                let portal = (row_limit != 0).then(|| pipeline.open_portal());
                let values = self.values(id, &parameters);
                bind(
                    &portal.map_or(String::new(), portal_name),
                    &statement_name(id),
                    &values,
                    &outputs,
                    out,
                )?;
                execute(portal, row_limit, pipeline, out)?;
            }
            Operation::Repeat { id, parameters } => {
                for parameters in parameters {
                    let values = self.values(id, &parameters);
                    bind(UNNAMED, &statement_name(id), &values, &[], out)?;
                    execute(None, 0, pipeline, out)?;
                }
            }
            Operation::Resume { row_limit } => {
                // Where there is none, the server says so.
                let portal = pipeline.latest_portal().unwrap_or(0);
                execute(Some(portal), row_limit, pipeline, out)?;
            }
            Operation::Abandon => {
                if let Some(portal) = pipeline.abandon_portal() {
                    frontend::close(b'P', &portal_name(portal), out)?;
                }
            }
            Operation::Run(text) => {
                frontend::parse(UNNAMED, &text, [], out)?;
                bind(UNNAMED, UNNAMED, &[], &[], out)?;
                frontend::execute(UNNAMED, 0, out)?;
                pipeline.expect(Expected::Run);
            }
            Operation::Close(id) => {
                self.statements.remove(&id);
                frontend::close(b'S', &statement_name(id), out)?;
            }
            Operation::Sync => {
                pipeline.expect_ready();
                frontend::sync(out);
            }
        }
        Ok(())
    }

    fn prepare(&self, id: StatementId, numbered: &Numbered, out: &mut BytesMut) -> io::Result<()> {
        let name = statement_name(id);
        if self.statements.contains_key(&id) {
            frontend::close(b'S', &name, out)?;
        }
        frontend::parse(&name, &numbered.text, numbered.types.iter().copied(), out)?;
        frontend::describe(b'S', &name, out)
    }

    /// The value of each `$k`. Of a statement that is not known the server says so.
    fn values<'a>(&self, id: StatementId, parameters: &'a [Parameter]) -> Vec<&'a Parameter> {
        match self.statements.get(&id) {
            Some(firsts) => firsts
                .iter()
                .filter_map(|first| parameters.get(*first))
                .collect(),
            None => parameters.iter().collect(),
        }
    }
}

fn bind(
    portal: &str,
    statement: &str,
    values: &[&Parameter],
    outputs: &[Output],
    out: &mut BytesMut,
) -> io::Result<()> {
    let write_value = |parameter: &&Parameter, out: &mut BytesMut| {
        Ok(match &parameter.value {
            None => IsNull::Yes,
            Some(bytes) => {
                out.extend_from_slice(bytes);
                IsNull::No
            }
        })
    };
    let written = frontend::bind(
        portal,
        statement,
        format_codes(values.iter().map(|parameter| parameter.format)),
        values,
        write_value,
        format_codes(outputs.iter().map(|output| output.format)),
        out,
    );
    written.map_err(|error| match error {
        BindError::Serialization(error) => error,
        BindError::Conversion(error) => io::Error::other(error),
    })
}

fn execute(
    portal: Option<PortalNumber>,
    row_limit: u32,
    pipeline: &mut Pipeline,
    out: &mut BytesMut,
) -> io::Result<()> {
    let name = portal.map_or(String::new(), portal_name);
    // More rows than fit the field are as good as all.
    frontend::execute(&name, i32::try_from(row_limit).unwrap_or(0), out)?;
    pipeline.expect(Expected::Execution(portal));
    Ok(())
}

/// Manual, "Bind": no code at all where all are text, one where all are the same.
fn format_codes(formats: impl Iterator<Item = Format> + Clone) -> Vec<i16> {
    let code = |format| match format {
        Format::Text => 0,
        Format::Binary => 1,
    };
    if formats.clone().all(|format| format == Format::Text) {
        Vec::new()
    } else if formats.clone().all(|format| format == Format::Binary) {
        vec![code(Format::Binary)]
    } else {
        formats.map(code).collect()
    }
}

fn statement_name(id: StatementId) -> String {
    format!("s{id}")
}

fn portal_name(portal: PortalNumber) -> String {
    format!("p{portal}")
}
