//! Scripts of frames in and frames out.
//!
//! ```text
//! > Query "SELECT 1"
//! < RowDescription ?column?:23:text
//! < DataRow "1"
//! < CommandComplete "SELECT 1"
//! < ReadyForQuery I
//! ```
//!
//! `< byte N` is one byte, as SSLRequest is answered. `< closed` is the end of the connection, `> finish` the client's own. A line that ends in `…`
//! stands for any that begin as it does, however many; so the settings that a server reports need
//! not be listed.

use anyhow::{Context, Result, bail};

use super::{WireClient, encode};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// The message is sent.
    Send(String),
    /// The frame must come.
    Expect(String),
}

/// The lines of one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    steps: Vec<Step>,
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// A line begins with neither `>` nor `<`.
    pub fn parse(text: &str) -> Result<Self> {
        let steps = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| match line.split_at_checked(2) {
                Some(("> ", message)) => Ok(Step::Send(message.to_owned())),
                Some(("< ", frame)) => Ok(Step::Expect(frame.to_owned())),
                _ => bail!("`{line}` begins with neither `> ` nor `< `"),
            });
        Ok(Self {
            steps: steps.collect::<Result<_>>()?,
        })
    }

    /// Whether the script begins with a startup message of its own.
    pub fn greets(&self) -> bool {
        let begins = |message: &str| {
            [
                "Startup",
                "SSLRequest",
                "GSSENCRequest",
                "CancelRequest",
                "Bytes 16",
            ]
            .iter()
            .any(|opening| message.starts_with(opening))
        };
        matches!(self.steps.first(), Some(Step::Send(message)) if begins(message))
    }

    /// The messages that it sends, each by itself.
    ///
    /// # Errors
    /// A line is no message.
    pub fn requests(&self) -> Result<Vec<Vec<u8>>> {
        let sent = self.steps.iter().filter_map(|step| match step {
            Step::Send(message) if message != "finish" => Some(message),
            _ => None,
        });
        sent.map(|message| encode::message(message)).collect()
    }

    /// Plays the script. What was expected and what came, as scripts, to be compared.
    ///
    /// Ends early at the first frame that was not expected.
    ///
    /// # Errors
    /// A message cannot be sent, or nothing comes.
    pub fn play(&self, client: &mut WireClient) -> Result<Transcript> {
        let mut transcript = Transcript::default();
        let mut ahead: Option<String> = None;
        for step in &self.steps {
            match step {
                Step::Send(message) => {
                    transcript.both(format!("> {message}"));
                    match message.as_str() {
                        "finish" => client.finish()?,
                        message => client.send(&encode::message(message)?)?,
                    }
                }
                Step::Expect(frame) => {
                    transcript.expected.push(format!("< {frame}"));
                    let came = match frame.strip_suffix('…') {
                        Some(prefix) => loop {
                            let came = next(client, &mut ahead)?;
                            if !came.starts_with(prefix) {
                                ahead = Some(came);
                                break frame.clone();
                            }
                        },
                        None if frame.starts_with("byte ") => match client.receive_byte()? {
                            Some(byte) => format!("byte {}", char::from(byte)),
                            None => "closed".to_owned(),
                        },
                        None => next(client, &mut ahead)?,
                    };
                    let wrong = came != *frame;
                    transcript.came.push(format!("< {came}"));
                    if wrong {
                        break;
                    }
                }
            }
        }
        Ok(transcript)
    }
}

/// What a script expected and what came instead.
#[derive(Debug, Default)]
pub struct Transcript {
    /// As the script says.
    pub expected: Vec<String>,
    /// As it was.
    pub came: Vec<String>,
}

impl Transcript {
    fn both(&mut self, line: String) {
        self.expected.push(line.clone());
        self.came.push(line);
    }
}

/// The frame that was read too far, or the next.
fn next(client: &mut WireClient, ahead: &mut Option<String>) -> Result<String> {
    if let Some(frame) = ahead.take() {
        return Ok(frame);
    }
    let frame = client.receive().context("the script expects a frame")?;
    Ok(frame.map_or_else(|| "closed".to_owned(), |frame| frame.to_string()))
}
