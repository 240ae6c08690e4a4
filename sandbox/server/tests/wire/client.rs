//! A client that shows every message: results as text, errors by their SQLCODE.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use bytes::BytesMut;
use postgres_protocol::IsNull;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;
use tokio_postgres::fallible_iterator::FallibleIterator as _;

/// What the server says, without what says nothing new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Names and types of the columns.
    Columns(Vec<(String, u32)>),
    NoData,
    Parameters(Vec<u32>),
    Row(Vec<Option<String>>),
    Complete(String),
    Suspended,
    Empty,
    /// SQLSTATE and message.
    Error(String, String),
    /// The state of the transaction.
    Ready(char),
    Closed,
}

/// A parameter as text, with the type it is declared as.
pub(crate) type Parameter = (u32, Option<String>);

pub(crate) struct Client {
    socket: TcpStream,
    received: BytesMut,
    /// What cancels it: process and key.
    pub(crate) key: (i32, i32),
}

impl Client {
    pub(crate) fn connect(port: u16, user: &str, database: &str) -> Result<Self, Seen> {
        let socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let mut client = Self {
            socket,
            received: BytesMut::new(),
            key: (0, 0),
        };
        let mut startup = BytesMut::new();
        frontend::startup_message([("user", user), ("database", database)], &mut startup).unwrap();
        client.socket.write_all(&startup).unwrap();
        loop {
            match client.next() {
                Seen::Ready(_) => return Ok(client),
                error @ (Seen::Error(..) | Seen::Closed) => return Err(error),
                _ => {}
            }
        }
    }

    pub(crate) fn query(&mut self, sql: &str) -> Vec<Seen> {
        self.send(|out| frontend::query(sql, out).unwrap());
        self.until_ready()
    }

    pub(crate) fn send(&mut self, write: impl FnOnce(&mut BytesMut)) {
        let mut out = BytesMut::new();
        write(&mut out);
        self.socket.write_all(&out).unwrap();
    }

    /// Prepares, describes and executes.
    pub(crate) fn execute(&mut self, sql: &str, parameters: &[Parameter]) -> Vec<Seen> {
        self.send(|out| {
            parse("", sql, parameters, out);
            frontend::describe(b'S', "", out).unwrap();
            bind("", parameters, out);
            frontend::execute("", 0, out).unwrap();
            frontend::sync(out);
        });
        self.until_ready()
    }

    pub(crate) fn until_ready(&mut self) -> Vec<Seen> {
        let mut seen = Vec::new();
        loop {
            let next = self.next();
            let is_last = matches!(next, Seen::Ready(_) | Seen::Closed);
            seen.push(next);
            if is_last {
                return seen;
            }
        }
    }

    pub(crate) fn next(&mut self) -> Seen {
        loop {
            match Message::parse(&mut self.received).unwrap() {
                Some(message) => {
                    if let Some(seen) = self.seen(message) {
                        return seen;
                    }
                }
                None => {
                    let mut buffer = [0; 8192];
                    match self.socket.read(&mut buffer) {
                        Ok(0) | Err(_) => return Seen::Closed,
                        Ok(length) => self.received.extend_from_slice(&buffer[..length]),
                    }
                }
            }
        }
    }

    fn seen(&mut self, message: Message) -> Option<Seen> {
        Some(match message {
            Message::RowDescription(body) => {
                let fields = body
                    .fields()
                    .map(|f| Ok((f.name().to_owned(), f.type_oid())));
                Seen::Columns(fields.collect().unwrap())
            }
            Message::ParameterDescription(body) => {
                Seen::Parameters(body.parameters().collect().unwrap())
            }
            Message::DataRow(body) => {
                let bytes = body.buffer();
                let text = |range: std::ops::Range<usize>| {
                    String::from_utf8_lossy(&bytes[range]).into_owned()
                };
                Seen::Row(
                    body.ranges()
                        .map(|range| Ok(range.map(text)))
                        .collect()
                        .unwrap(),
                )
            }
            Message::CommandComplete(body) => Seen::Complete(body.tag().unwrap().to_owned()),
            Message::ErrorResponse(body) => {
                let fields: Vec<(u8, String)> = body
                    .fields()
                    .map(|f| {
                        Ok((
                            f.type_(),
                            String::from_utf8_lossy(f.value_bytes()).into_owned(),
                        ))
                    })
                    .collect()
                    .unwrap();
                let field = |wanted| {
                    fields
                        .iter()
                        .find(|(ty, _)| *ty == wanted)
                        .unwrap()
                        .1
                        .clone()
                };
                Seen::Error(field(b'C'), field(b'M'))
            }
            Message::ReadyForQuery(body) => Seen::Ready(char::from(body.status())),
            Message::PortalSuspended => Seen::Suspended,
            Message::EmptyQueryResponse => Seen::Empty,
            Message::NoData => Seen::NoData,
            Message::BackendKeyData(body) => {
                self.key = (body.process_id(), body.secret_key());
                return None;
            }
            _ => return None,
        })
    }
}

pub(crate) fn parse(name: &str, sql: &str, parameters: &[Parameter], out: &mut BytesMut) {
    let types = parameters.iter().map(|(ty, _)| *ty);
    frontend::parse(name, sql, types, out).unwrap();
}

/// The unnamed statement to a portal.
pub(crate) fn bind(portal: &str, parameters: &[Parameter], out: &mut BytesMut) {
    let write = |(_, value): &Parameter, out: &mut BytesMut| match value {
        None => Ok(IsNull::Yes),
        Some(text) => {
            out.extend_from_slice(text.as_bytes());
            Ok(IsNull::No)
        }
    };
    frontend::bind(portal, "", [], parameters, write, [], out)
        .map_err(|_| "it does not fit")
        .unwrap();
}

/// The SQLCODE of a message like `[SQLCODE: <-30>:<…>]`.
pub(crate) fn sqlcode(seen: &Seen) -> Option<i32> {
    let Seen::Error(_, message) = seen else {
        return None;
    };
    let rest = message.strip_prefix("[SQLCODE: <")?;
    rest.split_once('>')?.0.parse().ok()
}
