//! Translation inside of a proxy that does its own networking, with nothing but tokio:
//! `cargo run --example translating_proxy -- RULES HOST:PORT`.
//!
//! It stands before a server that speaks PostgreSQL's protocol and IRIS's SQL, as IRIS does behind a
//! PGWire endpoint, and knows simple queries alone. It carries out plans of one statement; whatever
//! else a plan asks for, a broker does.

use std::error::Error;
use std::io;
use std::sync::Arc;

use pgiris::Diagnostic;
use pgiris::rules::{Client, Forward, Plan, Rows, Translation, Translator, Turn};
use pgiris::upstream::{UpstreamColumn, UpstreamType};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};

/// One side of a conversation.
struct Wire(BufStream<TcpStream>);

/// A message: its type, and what follows its length.
type Message = (u8, Vec<u8>);

/// The code of a request for encryption, in the place of a version.
const SSL_REQUEST: u32 = 80_877_103;

impl Wire {
    async fn read(&mut self) -> io::Result<Message> {
        let tag = self.0.read_u8().await?;
        Ok((tag, self.read_body().await?))
    }

    /// What follows a length, which a first packet begins with.
    async fn read_body(&mut self) -> io::Result<Vec<u8>> {
        let length = self.0.read_u32().await?;
        let mut body = vec![0; length.saturating_sub(4) as usize];
        self.0.read_exact(&mut body).await?;
        Ok(body)
    }

    async fn write(&mut self, (tag, body): &Message) -> io::Result<()> {
        self.0.write_u8(*tag).await?;
        self.write_body(body).await
    }

    async fn write_body(&mut self, body: &[u8]) -> io::Result<()> {
        self.0.write_u32(body.len() as u32 + 4).await?;
        self.0.write_all(body).await
    }
}

/// A client, and its connection to the server.
struct Session {
    client: Wire,
    server: Wire,
    translator: Arc<Translator>,
    who: Client,
}

impl Session {
    /// Passes on what is said until the client may ask for something.
    async fn start(&mut self) -> io::Result<()> {
        let mut startup = self.client.read_body().await?;
        while startup.get(..4) == Some(&SSL_REQUEST.to_be_bytes()) {
            self.client.0.write_u8(b'N').await?;
            self.client.0.flush().await?;
            startup = self.client.read_body().await?;
        }
        let words: Vec<_> = startup
            .get(4..)
            .unwrap_or_default()
            .split(|byte| *byte == 0)
            .collect();
        let named = |name: &[u8]| {
            let at = words.iter().step_by(2).position(|word| *word == name)?;
            Some(String::from_utf8_lossy(words.get(2 * at + 1)?).into_owned())
        };
        let user = named(b"user").unwrap_or_default();
        self.who = Client::new(user.clone(), named(b"database").unwrap_or(user));
        self.server.write_body(&startup).await?;
        loop {
            self.server.0.flush().await?;
            let message = self.server.read().await?;
            self.client.write(&message).await?;
            self.client.0.flush().await?;
            match message {
                (b'Z', _) => return Ok(()),
                (b'E', _) => return Err(io::ErrorKind::ConnectionRefused.into()),
                // It asks for a password or the like, unless it says that all is well.
                (b'R', body) if !matches!(body.get(3), Some(0 | 12)) => {
                    let proof = self.client.read().await?;
                    self.server.write(&proof).await?;
                }
                _ => {}
            }
        }
    }

    async fn serve(mut self) -> io::Result<()> {
        self.start().await?;
        loop {
            match self.client.read().await? {
                (b'Q', body) => {
                    let text = String::from_utf8_lossy(body.strip_suffix(b"\0").unwrap_or(&body));
                    let status = match self.query(&text).await? {
                        Ok(status) => status,
                        Err(refusal) => {
                            self.client.write(&error_response(&refusal)).await?;
                            b"I".to_vec()
                        }
                    };
                    self.client.write(&(b'Z', status)).await?;
                    self.client.0.flush().await?;
                }
                (b'X', _) => return Ok(()),
                (tag, _) => {
                    let message = format!("no messages but simple queries: {}", char::from(tag));
                    let refusal = Diagnostic::fatal("0A000", message);
                    self.client.write(&error_response(&refusal)).await?;
                    return self.client.0.flush().await;
                }
            }
        }
    }

    /// Answers a Query message, but for its end: the status that ReadyForQuery tells.
    async fn query(&mut self, text: &str) -> io::Result<Result<Vec<u8>, Diagnostic>> {
        let turns = match self.translator.query(&self.who, text) {
            Ok(turns) => turns,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut status = b"I".to_vec();
        for turn in turns {
            let translation = match self.told(turn).await? {
                Ok(translation) => translation,
                Err(refusal) => return Ok(Err(refusal)),
            };
            match &translation.plan {
                Plan::Empty => self.client.write(&(b'I', Vec::new())).await?,
                Plan::Refuse(refusal) => return Ok(Err(refusal.clone())),
                Plan::Forward(forward) if forward.arguments.is_empty() => {
                    let (tag, now) = self.forward(forward).await?;
                    status = now;
                    // What follows an error is not carried out.
                    if tag == b'E' {
                        break;
                    }
                }
                other => {
                    let message = format!("no plans of the kind {}", other.name());
                    return Ok(Err(Diagnostic::error("0A000", message)));
                }
            }
        }
        Ok(Ok(status))
    }

    /// The translation, once the rules have been told what they want to know of tables.
    async fn told(&mut self, mut turn: Turn) -> io::Result<Result<Arc<Translation>, Diagnostic>> {
        loop {
            let question = match turn {
                Turn::Ready(translation) => return Ok(Ok(translation)),
                Turn::Asks(question) => question,
            };
            let mut answers = Vec::new();
            for query in question.queries() {
                answers.push(self.ask(&query.text).await?);
            }
            turn = match question.answer(answers) {
                Ok(turn) => turn,
                Err(refusal) => return Ok(Err(refusal)),
            };
        }
    }

    /// The rows of a query of the rules; one that is refused has none.
    async fn ask(&mut self, text: &str) -> io::Result<Rows> {
        self.send(text).await?;
        let mut found = Rows::default();
        loop {
            match self.server.read().await? {
                (b'T', body) => {
                    let columns = columns_of(&body).unwrap_or_default();
                    found.columns = columns.into_iter().map(|column| column.label).collect();
                }
                (b'D', body) => found.rows.push(values_of(&body).unwrap_or_default()),
                (b'Z', _) => return Ok(found),
                _ => {}
            }
        }
    }

    /// Runs a statement for the client. An error of the server is told as PostgreSQL would tell it.
    async fn forward(&mut self, forward: &Forward) -> io::Result<Message> {
        self.send(&forward.statement.with_question_marks()).await?;
        let mut failed = false;
        loop {
            match self.server.read().await? {
                (b'T', body) => {
                    let labelled = self.labelled(forward, &body).unwrap_or(body);
                    self.client.write(&(b'T', labelled)).await?;
                }
                (b'Z', status) if failed => return Ok((b'E', status)),
                (b'Z', status) => return Ok((b'Z', status)),
                message => {
                    failed |= message.0 == b'E';
                    self.client.write(&message).await?;
                }
            }
        }
    }

    /// A RowDescription with the labels that the client expects.
    fn labelled(&self, forward: &Forward, body: &[u8]) -> Option<Vec<u8>> {
        let described = columns_of(body)?;
        let shown = self.translator.columns(&forward.columns, described).ok()?;
        let mut labelled = body.get(..2)?.to_vec();
        let mut rest = body.get(2..)?;
        for column in shown {
            let end = rest.iter().position(|byte| *byte == 0)?;
            labelled.extend_from_slice(column.label.as_bytes());
            labelled.extend_from_slice(rest.get(end..end + 19)?);
            rest = rest.get(end + 19..)?;
        }
        Some(labelled)
    }

    async fn send(&mut self, text: &str) -> io::Result<()> {
        let body = [text.as_bytes(), b"\0"].concat();
        self.server.write(&(b'Q', body)).await?;
        self.server.0.flush().await
    }
}

/// The columns of a RowDescription.
fn columns_of(body: &[u8]) -> Option<Vec<UpstreamColumn>> {
    let (count, mut rest) = body.split_first_chunk::<2>()?;
    let mut columns = Vec::new();
    for _ in 0..u16::from_be_bytes(*count) {
        let end = rest.iter().position(|byte| *byte == 0)?;
        let label = String::from_utf8_lossy(&rest[..end]).into_owned();
        let facts = rest.get(end + 1..end + 19)?;
        columns.push(UpstreamColumn {
            label,
            upstream_type: UpstreamType::Postgres {
                type_oid: u32::from_be_bytes(facts[6..10].try_into().ok()?),
                type_modifier: i32::from_be_bytes(facts[12..16].try_into().ok()?),
            },
        });
        rest = &rest[end + 19..];
    }
    Some(columns)
}

/// The values of a DataRow.
fn values_of(body: &[u8]) -> Option<Vec<Option<String>>> {
    let (count, mut rest) = body.split_first_chunk::<2>()?;
    let mut values = Vec::new();
    for _ in 0..u16::from_be_bytes(*count) {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let value = match usize::try_from(i32::from_be_bytes(*length)) {
            Err(_) => None,
            Ok(length) => Some(after.get(..length)?),
        };
        rest = &after[value.map_or(0, <[u8]>::len)..];
        values.push(value.map(|text| String::from_utf8_lossy(text).into_owned()));
    }
    Some(values)
}

fn error_response(refusal: &Diagnostic) -> Message {
    let mut body = Vec::new();
    for (field, value) in [
        (b'S', refusal.severity.as_str()),
        (b'V', refusal.severity.as_str()),
        (b'C', &refusal.sqlstate),
        (b'M', &refusal.message),
        (b'H', refusal.hint.as_deref().unwrap_or_default()),
    ] {
        body.push(field);
        body.extend_from_slice(value.as_bytes());
        body.push(0);
    }
    body.push(0);
    (b'E', body)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let rules = arguments.next().ok_or("which rules?")?;
    let server = arguments.next().ok_or("which server?")?;
    let translator = Arc::new(Translator::open(rules.as_ref())?);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (client, _) = listener.accept().await?;
        let (server, translator) = (server.clone(), Arc::clone(&translator));
        tokio::spawn(async move {
            let session = Session {
                client: Wire(BufStream::new(client)),
                server: Wire(BufStream::new(TcpStream::connect(server).await?)),
                translator,
                who: Client::new("", ""),
            };
            session.serve().await
        });
    }
}
