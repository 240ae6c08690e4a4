//! What a client has to prove before it is let in, on the wire.
//!
//! PostgreSQL manual, "Message Flow", "Start-up", and "SASL Authentication".

use std::net::IpAddr;
use std::time::Instant;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};

use super::failure::Failure;
use crate::access::scram::{First, Refusal, SCRAM, SCRAM_PLUS};
use crate::access::{Admission, Demand, Entrance, Visitor};
use crate::diagnostic::Diagnostic;
use crate::frontend::frame::Client;
use crate::frontend::read::Fields;
use crate::frontend::reply::{self, Challenge};
use crate::frontend::transport::Transport;

/// Bytes of a password message, as in PostgreSQL (`PG_MAX_AUTH_TOKEN_LENGTH`).
const PASSWORD_LIMIT: u32 = 65_535;
/// Bytes of a message of SASL, as in PostgreSQL (`PG_MAX_SASL_MESSAGE_LENGTH`).
const SASL_LIMIT: u32 = 1024;

/// invalid_password
const WRONG_PASSWORD: &str = "28P01";

/// Lets a client prove that it is the user it names.
pub(super) async fn authenticate<S>(
    client: &mut Client<Transport<S>>,
    entrance: &Entrance,
    visitor: &Visitor<'_>,
) -> Result<Admission, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let waits = |address: IpAddr| entrance.failures.wait(address, Instant::now());
    if let Some(wait) = visitor.address.and_then(waits) {
        return Err(Failure::session(
            Diagnostic::fatal("28000", "too many failed logins from this address")
                .with_hint(format!("Try again in {} seconds.", wait.as_secs() + 1)),
        ));
    }
    let outcome = prove(client, entrance, visitor).await;
    if let Err(Failure::Session(diagnostic)) = &outcome {
        tracing::info!(
            user = visitor.user,
            database = visitor.database,
            address = ?visitor.address,
            "not let in: {}",
            diagnostic.message
        );
    }
    outcome
}

/// Counts a wrong password; the server's word for it counts as the broker's own.
pub(super) fn note_failure(entrance: &Entrance, address: Option<IpAddr>, diagnostic: &Diagnostic) {
    if let Some(address) = address
        && diagnostic.sqlstate == WRONG_PASSWORD
    {
        entrance.failures.note(address, Instant::now());
    }
}

async fn prove<S>(
    client: &mut Client<Transport<S>>,
    entrance: &Entrance,
    visitor: &Visitor<'_>,
) -> Result<Admission, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let authenticator = entrance.authenticator();
    let demand = authenticator.demand(visitor).await;
    match demand.map_err(Failure::session)? {
        Demand::Nothing(admission) => Ok(admission),
        Demand::Password => {
            let password = password(client, visitor).await?;
            let checked = authenticator.check(visitor, &password).await;
            checked.map_err(Failure::session)
        }
        Demand::ScramSha256(verifier, admission) => {
            let end_point = client
                .stream()
                .encryption()
                .and_then(|encryption| encryption.end_point.clone());
            let offered = end_point.as_deref();
            let (is_bound, message) = choice(client, offered).await?;
            let first = First {
                verifier,
                offered,
                is_bound,
            };
            let refused = |refusal| refused(refusal, visitor.user);
            let (last, answer) = first.answer(&message).map_err(refused)?;
            reply::authentication(&mut client.output, &Challenge::SaslContinue(&answer));
            let message = response(client, "SASL", SASL_LIMIT).await?;
            let answer = last.answer(&message).map_err(refused)?;
            reply::authentication(&mut client.output, &Challenge::SaslFinal(&answer));
            Ok(admission)
        }
    }
}

/// Which mechanism the client chose, and its first message.
async fn choice<S>(
    client: &mut Client<Transport<S>>,
    offered: Option<&[u8]>,
) -> Result<(bool, Bytes), Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mechanisms: &[&str] = match offered {
        Some(_) => &[SCRAM_PLUS, SCRAM],
        None => &[SCRAM],
    };
    reply::authentication(&mut client.output, &Challenge::Sasl(mechanisms));
    let mut fields = Fields::new(response(client, "SASL", SASL_LIMIT).await?);
    let malformed = |_| Failure::session(Diagnostic::fatal("08P01", "invalid message format"));
    let mechanism = fields.string().map_err(malformed)?;
    let message = fields.value().map_err(malformed)?;
    fields.end().map_err(malformed)?;
    let chosen = mechanisms
        .iter()
        .find(|offered| offered.as_bytes() == &mechanism[..]);
    let Some(chosen) = chosen else {
        return Err(Failure::session(Diagnostic::fatal(
            "08P01",
            "client selected an invalid SASL authentication mechanism",
        )));
    };
    // A client may let the server begin, which has nothing to say.
    let message = match message {
        Some(message) => message,
        None => {
            reply::authentication(&mut client.output, &Challenge::SaslContinue(""));
            response(client, "SASL", SASL_LIMIT).await?
        }
    };
    Ok((*chosen == SCRAM_PLUS, message))
}

/// The user's password as it is, which must not be read on its way.
async fn password<S>(
    client: &mut Client<Transport<S>>,
    visitor: &Visitor<'_>,
) -> Result<String, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if !visitor.is_encrypted {
        return Err(Failure::session(
            Diagnostic::fatal(
                "28000",
                "a password is taken over an encrypted connection only",
            )
            .with_hint("Connect with sslmode=require."),
        ));
    }
    reply::authentication(&mut client.output, &Challenge::CleartextPassword);
    let mut fields = Fields::new(response(client, "password", PASSWORD_LIMIT).await?);
    let malformed =
        |_| Failure::session(Diagnostic::fatal("08P01", "invalid password packet size"));
    let password = fields.string().map_err(malformed)?;
    fields.end().map_err(malformed)?;
    if password.is_empty() {
        return Err(Failure::session(Diagnostic::fatal(
            WRONG_PASSWORD,
            "empty password returned by client",
        )));
    }
    String::from_utf8(password.to_vec()).map_err(|_| wrong_password(visitor.user))
}

/// Sends what has been asked, and takes the answer.
async fn response<S>(
    client: &mut Client<Transport<S>>,
    what: &str,
    limit: u32,
) -> Result<Bytes, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    client.flush().await?;
    let frame = client.typed_frame(limit).await?;
    if frame.tag != b'p' {
        return Err(Failure::session(Diagnostic::fatal(
            "08P01",
            format!("expected {what} response, got message type {}", frame.tag),
        )));
    }
    Ok(frame.body)
}

fn refused(refusal: Refusal, user: &str) -> Failure {
    match refusal {
        Refusal::WrongPassword => wrong_password(user),
        Refusal::Malformed(why) => {
            Failure::session(Diagnostic::fatal("08P01", "malformed SCRAM message").with_detail(why))
        }
        Refusal::Binding => Failure::session(
            Diagnostic::fatal("28000", "SCRAM channel binding negotiation error").with_detail(
                "The client is bound to another channel, or believes that the server does not \
                 support channel binding.",
            ),
        ),
        Refusal::Unsupported(what) => Failure::session(Diagnostic::fatal("0A000", what)),
    }
}

/// The same for a user who does not exist.
fn wrong_password(user: &str) -> Failure {
    Failure::session(Diagnostic::wrong_password(user))
}
