//! From an open socket to the first ReadyForQuery. Manual, "Start-up".

use bytes::BytesMut;
use fallible_iterator::FallibleIterator;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256};
use postgres_protocol::message::backend::{AuthenticationSaslBody, Message};
use postgres_protocol::message::frontend;

use super::fault;
use super::frame::{self, Frame};
use super::options::Options;
use super::wire::Wire;
use crate::upstream::{Target, UpstreamError};

/// What a CancelRequest must know.
#[derive(Clone, Copy)]
pub(super) struct BackendKey {
    pub(super) process_id: i32,
    pub(super) secret: i32,
}

/// Who logs in, and to what: the URL's word goes before the target's.
pub(super) struct Credentials<'a> {
    user: &'a str,
    password: Option<&'a str>,
    database: &'a str,
    application_name: &'a str,
}

impl<'a> Credentials<'a> {
    pub(super) fn new(options: &'a Options, target: &'a Target) -> Self {
        // A password belongs to the user it was given with.
        let (user, password) = match &options.user {
            Some(user) => (user, &options.password),
            None => (&target.user, &target.password),
        };
        Self {
            user,
            password: password.as_deref(),
            database: options.database.as_deref().unwrap_or(&target.namespace),
            application_name: &options.application_name,
        }
    }

    fn password(&self) -> Result<&'a [u8], UpstreamError> {
        let missing = || fault::lost("the server asks for a password, and none is configured");
        self.password.map(str::as_bytes).ok_or_else(missing)
    }

    /// Text forms that the broker's clients expect, whatever the server's defaults.
    fn parameters(&self) -> [(&'a str, &'a str); 6] {
        [
            ("user", self.user),
            ("database", self.database),
            ("application_name", self.application_name),
            ("client_encoding", "UTF8"),
            ("DateStyle", "ISO"),
            ("TimeZone", "UTC"),
        ]
    }
}

/// Logs in; the key is missing if the server cannot cancel.
pub(super) async fn log_in(
    wire: &mut Wire,
    credentials: &Credentials<'_>,
) -> Result<Option<BackendKey>, UpstreamError> {
    frontend::startup_message(credentials.parameters(), wire.outgoing()).map_err(unsendable)?;
    let mut scram = Scram::NotAsked;
    let mut key = None;
    loop {
        match receive(wire).await? {
            Message::AuthenticationOk => scram.require_finished()?,
            Message::AuthenticationCleartextPassword => {
                frontend::password_message(credentials.password()?, wire.outgoing())
                    .map_err(unsendable)?;
            }
            Message::AuthenticationMd5Password(body) => {
                let hash = md5_hash(
                    credentials.user.as_bytes(),
                    credentials.password()?,
                    body.salt(),
                );
                frontend::password_message(hash.as_bytes(), wire.outgoing()).map_err(unsendable)?;
            }
            Message::AuthenticationSasl(body) => {
                scram = Scram::begin(&body, credentials.password()?, wire.outgoing())?;
            }
            Message::AuthenticationSaslContinue(body) => {
                scram.respond(body.data(), wire.outgoing())?
            }
            Message::AuthenticationSaslFinal(body) => scram.finish(body.data())?,
            Message::BackendKeyData(body) => {
                key = Some(BackendKey {
                    process_id: body.process_id(),
                    secret: body.secret_key(),
                });
            }
            Message::ReadyForQuery(_) => return Ok(key),
            Message::ErrorResponse(body) => {
                return Err(UpstreamError {
                    kind: fault::lost("").kind,
                    ..fault::reported(body.fields())
                });
            }
            Message::ParameterStatus(_) | Message::NoticeResponse(_) => {}
            _ => {
                return Err(fault::lost(
                    "the server asks for a way of logging in that is not supported",
                ));
            }
        }
    }
}

async fn receive(wire: &mut Wire) -> Result<Message, UpstreamError> {
    loop {
        match frame::cut(wire.incoming())? {
            Some(Frame::Message(message)) => return Ok(message),
            Some(Frame::Rows(..)) => return Err(fault::nonsense("rows before the log-in is done")),
            None => wire.exchange().await?,
        }
    }
}

fn unsendable(error: std::io::Error) -> UpstreamError {
    fault::lost(format!("cannot log in: {error}"))
}

/// The client's side of SCRAM-SHA-256; manual, "SASL Authentication".
enum Scram {
    NotAsked,
    Running(Box<ScramSha256>),
    /// The server has proved that it knows the password, too.
    Finished,
}

impl Scram {
    fn begin(
        offer: &AuthenticationSaslBody,
        password: &[u8],
        out: &mut BytesMut,
    ) -> Result<Self, UpstreamError> {
        let is_offered = offer
            .mechanisms()
            .any(|mechanism| Ok(mechanism == SCRAM_SHA_256));
        if !is_offered.map_err(scram_failed)? {
            return Err(fault::lost(
                "the server offers no SASL mechanism that is supported",
            ));
        }
        let scram = Box::new(ScramSha256::new(password, ChannelBinding::unsupported()));
        frontend::sasl_initial_response(SCRAM_SHA_256, scram.message(), out).map_err(unsendable)?;
        Ok(Self::Running(scram))
    }

    fn respond(&mut self, challenge: &[u8], out: &mut BytesMut) -> Result<(), UpstreamError> {
        let Self::Running(scram) = self else {
            return Err(fault::nonsense("a SASL challenge out of turn"));
        };
        scram.update(challenge).map_err(scram_failed)?;
        frontend::sasl_response(scram.message(), out).map_err(unsendable)
    }

    fn finish(&mut self, outcome: &[u8]) -> Result<(), UpstreamError> {
        let Self::Running(scram) = self else {
            return Err(fault::nonsense("a SASL outcome out of turn"));
        };
        scram.finish(outcome).map_err(scram_failed)?;
        *self = Self::Finished;
        Ok(())
    }

    /// A server that skips its proof may be somebody else.
    fn require_finished(&self) -> Result<(), UpstreamError> {
        match self {
            Self::Running(_) => Err(fault::nonsense(
                "it did not prove that it knows the password",
            )),
            Self::NotAsked | Self::Finished => Ok(()),
        }
    }
}

fn scram_failed(error: std::io::Error) -> UpstreamError {
    fault::lost(format!("cannot log in: {error}"))
}
