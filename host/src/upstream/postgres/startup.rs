//! From an open socket to the first ReadyForQuery. Manual, "Start-up".

use postgres_protocol::authentication::md5_hash;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;

use super::encryption::Binding;
use super::fault;
use super::frame::{self, Frame};
use super::options::Options;
use super::scram::Scram;
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
    binding: Binding,
) -> Result<Option<BackendKey>, UpstreamError> {
    frontend::startup_message(credentials.parameters(), wire.outgoing()).map_err(unsendable)?;
    let mut scram = Scram::new(binding);
    let mut key = None;
    loop {
        match receive(wire).await? {
            Message::AuthenticationOk => scram.require_finished()?,
            Message::AuthenticationCleartextPassword => {
                scram.require_unbound()?;
                frontend::password_message(credentials.password()?, wire.outgoing())
                    .map_err(unsendable)?;
            }
            Message::AuthenticationMd5Password(body) => {
                scram.require_unbound()?;
                let hash = md5_hash(
                    credentials.user.as_bytes(),
                    credentials.password()?,
                    body.salt(),
                );
                frontend::password_message(hash.as_bytes(), wire.outgoing()).map_err(unsendable)?;
            }
            Message::AuthenticationSasl(body) => {
                scram.begin(&body, credentials.password()?, wire.outgoing())?;
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
        match frame::cut(wire.incoming(), frame::LONGEST_ROW)? {
            Some(Frame::Message(message)) => return Ok(message),
            Some(Frame::Rows(..) | Frame::LongRow(_)) => {
                return Err(fault::nonsense("rows before the log-in is done"));
            }
            None => wire.exchange().await?,
        }
    }
}

pub(super) fn unsendable(error: std::io::Error) -> UpstreamError {
    fault::lost(format!("cannot log in: {error}"))
}
