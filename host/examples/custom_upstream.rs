//! An upstream of one's own: `cargo run --example custom_upstream -- RULES`.
//!
//! Behind it is a driver whose calls block and know nothing of PostgreSQL: the stand-in for IRIS, in
//! the place of ODBC or whatever else leads to a server.

use std::collections::{HashMap, VecDeque};
use std::error::Error;
use std::ops::ControlFlow;
use std::sync::Arc;

use pgiris::Broker;
use pgiris::rules::{Engine, Library};
use pgiris::upstream::{
    Canceller, Connection, Connector, DataRows, Event, Operation, Output, Parameter, Statement,
    StatementId, Target, UpstreamColumn, UpstreamError, UpstreamType,
};
use pgiris::value::{Scalar, decode};
use pgiris_sandbox::{self as driver, Options, Sandbox, SqlType, Value};
use tokio::net::TcpListener;

/// A server.
struct Server(Sandbox);

#[async_trait::async_trait]
impl Connector for Server {
    async fn connect(&self, target: &Target) -> Result<Box<dyn Connection>, UpstreamError> {
        let connected = self.0.connect_to(&target.user, &target.namespace);
        let connection = connected.map_err(|error| UpstreamError::lost(error.message))?;
        Ok(Box::new(Session {
            connection,
            statements: HashMap::new(),
            operations: VecDeque::new(),
            events: VecDeque::new(),
            rest: VecDeque::new(),
            is_skipping: false,
        }))
    }

    fn name(&self) -> &str {
        "custom"
    }
}

/// A connection to it.
struct Session {
    connection: driver::Connection,
    statements: HashMap<StatementId, driver::Statement>,
    /// What is to be done.
    operations: VecDeque<Operation>,
    /// What is to be told.
    events: VecDeque<Event>,
    /// The rows that a row limit has left over.
    rest: VecDeque<Event>,
    /// After a failure, up to the next `Sync`.
    is_skipping: bool,
}

#[async_trait::async_trait]
impl Connection for Session {
    fn submit(&mut self, batch: Vec<Operation>) -> Result<(), UpstreamError> {
        self.operations.extend(batch);
        Ok(())
    }

    async fn next(&mut self) -> Result<Event, UpstreamError> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(event);
            }
            match self.operations.pop_front() {
                // The driver blocks; other sessions go on on other threads.
                Some(operation) => tokio::task::block_in_place(|| self.carry_out(operation)),
                None => std::future::pending().await,
            }
        }
    }

    fn canceller(&self) -> Arc<dyn Canceller> {
        Arc::new(Interrupt(self.connection.interrupt_handle()))
    }
}

/// Interrupts what runs.
struct Interrupt(driver::InterruptHandle);

#[async_trait::async_trait]
impl Canceller for Interrupt {
    async fn cancel(&self) {
        self.0.interrupt();
    }
}

impl Session {
    fn carry_out(&mut self, operation: Operation) {
        if self.is_skipping && !matches!(operation, Operation::Sync) {
            return;
        }
        if let Err(error) = self.try_to(operation) {
            self.is_skipping = true;
            self.events.push_back(Event::Failed(error));
        }
    }

    fn try_to(&mut self, operation: Operation) -> Result<(), UpstreamError> {
        match operation {
            Operation::Prepare { id, statement, .. } => self.prepare(id, &statement)?,
            Operation::Execute {
                id,
                parameters,
                outputs,
                row_limit,
            } => {
                self.rest = self.execute(id, &parameters, &outputs)?.into();
                self.hand_out(row_limit);
            }
            Operation::Repeat { id, parameters } => {
                for (done, values) in parameters.iter().enumerate() {
                    if let Err(error) = self.execute(id, values, &[]) {
                        let times = done as u64;
                        self.events.push_back(Event::Repeated { times });
                        return Err(error);
                    }
                }
                let times = parameters.len() as u64;
                self.events.push_back(Event::Repeated { times });
            }
            Operation::Resume { row_limit } => self.hand_out(row_limit),
            Operation::Abandon => self.rest.clear(),
            Operation::Run(text) => {
                let statement = self.connection.prepare(&text).map_err(refused)?;
                let run = self
                    .connection
                    .execute(&statement, &[], &mut |_| ControlFlow::Continue(()));
                let row_count = u64::try_from(run.map_err(refused)?.row_count).ok();
                self.events.push_back(Event::Complete { row_count });
            }
            Operation::Close(id) => drop(self.statements.remove(&id)),
            Operation::Sync => {
                self.is_skipping = false;
                self.events.push_back(Event::Synced);
            }
        }
        Ok(())
    }

    fn prepare(&mut self, id: StatementId, statement: &Statement) -> Result<(), UpstreamError> {
        let text = statement.with_question_marks();
        let prepared = self.connection.prepare(&text).map_err(refused)?;
        let columns = prepared.columns().map(|columns| {
            let column = |column: &driver::Column| UpstreamColumn {
                label: column.label.clone(),
                upstream_type: type_of(&column.sql_type),
            };
            columns.iter().map(column).collect()
        });
        self.events.push_back(Event::Described {
            parameters: prepared.parameters().iter().map(type_of).collect(),
            columns,
        });
        self.statements.insert(id, prepared);
        Ok(())
    }

    /// Its rows one by one, then the end.
    fn execute(
        &mut self,
        id: StatementId,
        parameters: &[Parameter],
        outputs: &[Output],
    ) -> Result<Vec<Event>, UpstreamError> {
        let statement = self.statements.get(&id);
        let statement = statement.ok_or_else(|| UpstreamError::refused(0, "no such statement"))?;
        let values = parameters
            .iter()
            .map(value)
            .collect::<Result<Vec<_>, _>>()?;
        let (mut rows, mut events, mut misfit) = (DataRows::default(), Vec::new(), None);
        let run = self.connection.execute(statement, &values, &mut |row| {
            if let Err(error) = rows.push(row.iter().map(scalar), outputs) {
                misfit = Some(
                    UpstreamError::refused(0, error.to_string()).with_sqlstate(error.sqlstate()),
                );
                return ControlFlow::Break(());
            }
            events.extend(rows.take());
            ControlFlow::Continue(())
        });
        let run = run.map_err(refused)?;
        if let Some(misfit) = misfit {
            return Err(misfit);
        }
        let row_count = u64::try_from(run.row_count).ok();
        events.push(Event::Complete { row_count });
        Ok(events)
    }

    /// As many of the rows as are wanted, 0: all; they end where there are no more.
    fn hand_out(&mut self, row_limit: u32) {
        let wanted = match row_limit {
            0 => self.rest.len(),
            limit => (limit as usize).min(self.rest.len()),
        };
        let is_short = wanted == self.rest.len();
        self.events.extend(self.rest.drain(..wanted));
        if !is_short {
            self.events.push_back(Event::Suspended);
        }
    }
}

fn refused(error: driver::SqlError) -> UpstreamError {
    UpstreamError::refused(error.sqlcode, error.message)
}

fn type_of(described: &SqlType) -> UpstreamType {
    UpstreamType::Iris {
        code: described.code,
        precision: described.precision,
        scale: described.scale,
    }
}

/// A client's value, as the driver has it.
fn value(parameter: &Parameter) -> Result<Value, UpstreamError> {
    let Some(bytes) = &parameter.value else {
        return Ok(Value::Null);
    };
    let value = decode(parameter.type_oid, parameter.format, bytes);
    let value = value.map_err(|error| {
        UpstreamError::refused(0, error.to_string()).with_sqlstate(error.sqlstate())
    })?;
    Ok(match value {
        Scalar::Bool(value) => Value::Integer(value.into()),
        Scalar::Int(value) => Value::Integer(value),
        Scalar::Numeric(value) => Value::Numeric(value),
        Scalar::Float(value) => Value::Double(value.into()),
        Scalar::Double(value) => Value::Double(value),
        Scalar::Bytes(value) => Value::Varbinary(value.into_owned()),
        Scalar::Date(value) => Value::Date(value),
        Scalar::Time(value) => Value::Time(value),
        Scalar::Timestamp(value) | Scalar::Timestamptz(value) => Value::Timestamp(value),
        other => Value::Varchar(other.to_string()),
    })
}

/// A value of the driver; `None` is NULL.
fn scalar(value: &Value) -> Option<Scalar<'_>> {
    Some(match value {
        Value::Null => return None,
        Value::Integer(value) => Scalar::Int(*value),
        Value::Numeric(value) => Scalar::Numeric(value.clone()),
        Value::Double(value) => Scalar::Double(*value),
        Value::Varchar(value) => Scalar::Text(value.into()),
        Value::Varbinary(value) => Scalar::Bytes(value.into()),
        Value::Date(value) => Scalar::Date(*value),
        Value::Time(value) => Scalar::Time(*value),
        Value::Timestamp(value) => Scalar::Timestamp(*value),
    })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let rules = std::env::args_os().nth(1).ok_or("which rules?")?;
    let engine = Engine::new(pgiris::Config::default().rules)?;
    let sandbox = Sandbox::open(Options::default()).map_err(|error| error.message)?;
    let broker = Broker::builder()
        .rules(Arc::new(Library::open(&engine, rules.as_ref())?))
        .upstream(Arc::new(Server(sandbox)))
        .build()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on {}", listener.local_addr()?);
    Ok(broker.run(listener, std::future::pending()).await?)
}
