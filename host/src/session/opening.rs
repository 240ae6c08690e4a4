//! From an accepted socket to a session: startup packets, parameters, login.
//!
//! PostgreSQL manual, "Message Flow", "Start-up".

mod options;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::authentication::{authenticate, note_failure};
use super::clock::Moments;
use super::failure::Failure;
use super::settings::{SERVER_VERSION, Settings};
use super::transaction::{Status, Transaction};
use super::{Began, Session, facts, utf8};
use crate::access::{Admission, Visitor};
use crate::admission::Place;
use crate::advisory::Held;
use crate::broker::Shared;
use crate::cancel::Key;
use crate::config::PoolMode;
use crate::console::Console;
use crate::diagnostic::Diagnostic;
use crate::frontend::frame::Client;
use crate::frontend::reply;
use crate::frontend::startup::{NEWEST_MINOR, Opening, Startup, Version};
use crate::frontend::transport::Transport;
use crate::lease::Lease;
use crate::monitor::clients::About;
use crate::peers::Wanted;
use crate::tls::{Encryption, Tls};
use crate::upstream::Target;

/// How long the secret of protocol 3.2 is; "up to 256 bytes", and 4 before it.
const LONG_SECRET: usize = 32;
const SHORT_SECRET: usize = 4;

/// What a client is known by once it has started.
struct Introduction {
    user: String,
    database: String,
    settings: Settings,
    /// What the client wants them to be. PostgreSQL looks at it, and complains, when it has
    /// let the client in.
    given: Result<Vec<(String, String)>, Diagnostic>,
    minor: u16,
}

/// Takes a connection as far as ReadyForQuery. `None`: there is no session to
/// run (a cancel request, a refusal that was told, a client that left).
pub(crate) async fn open<S>(
    stream: Transport<S>,
    address: Option<IpAddr>,
    place: &mut Place,
    shared: &Arc<Shared>,
) -> Option<(Session<Transport<S>>, Key)>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let patience = shared.config.client.stalled_timeout;
    let mut client = Client::new(stream, patience);
    let limit = shared.config.client.startup_timeout;
    let admitted = tokio::time::timeout(limit, admit(&mut client, address, place, shared)).await;
    let outcome = match admitted {
        Ok(Ok(Some((introduction, admission)))) => {
            login(client, introduction, admission, address, shared).await
        }
        Ok(Ok(None)) => return None,
        Ok(Err(failure)) => Err((client, failure)),
        Err(_) => Err((client, Failure::session(Diagnostic::startup_timeout()))),
    };
    match outcome {
        Ok(session) => Some(session),
        Err((
            mut client,
            Failure::Session(mut diagnostic)
            | Failure::Statement(mut diagnostic)
            | Failure::Lost(mut diagnostic),
        )) => {
            note_failure(&shared.entrance, address, &diagnostic);
            diagnostic.severity = crate::diagnostic::Severity::Fatal;
            reply::error_response(&mut client.output, &diagnostic);
            client.close().await;
            None
        }
        Err((_, Failure::Gone)) => None,
    }
}

/// Who the client is, and that it is.
async fn admit<S>(
    client: &mut Client<Transport<S>>,
    address: Option<IpAddr>,
    place: &mut Place,
    shared: &Shared,
) -> Result<Option<(Introduction, Admission)>, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Some(introduction) = introduce(client, shared).await? else {
        return Ok(None);
    };
    let span = tracing::Span::current();
    span.record("user", &introduction.user);
    span.record("database", &introduction.database);
    place.check().map_err(Failure::session)?;
    let encryption = client.stream().encryption();
    let certificate = encryption.and_then(|encryption| encryption.client_name.clone());
    let mut named = shared.pools.databases().names();
    named.extend(shared.console.load().database.clone());
    let visitor = Visitor {
        address,
        user: &introduction.user,
        database: &introduction.database,
        named: &named,
        is_encrypted: encryption.is_some(),
        certificate: certificate.as_deref(),
    };
    let admission = authenticate(client, &shared.entrance, &visitor).await?;
    place
        .belongs_to(&introduction.user)
        .map_err(Failure::session)?;
    Ok(Some((introduction, admission)))
}

/// Reads startup packets up to the StartupMessage.
async fn introduce<S>(
    client: &mut Client<Transport<S>>,
    shared: &Shared,
) -> Result<Option<Introduction>, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // Each kind of encryption can be asked for once, as in `ProcessStartupPacket`; then its
    // code is a protocol that nobody speaks.
    let (mut tls, mut gss) = (encrypted_at_once(client, shared).await?, false);
    loop {
        let frame = client
            .startup_frame(shared.config.client.startup_packet)
            .await?;
        match Startup::decode(frame).map_err(|_| Failure::session(Diagnostic::bad_startup()))? {
            // Nothing may follow a request for encryption before its answer: it
            // would be taken for encrypted, or be an injected plain-text
            // message (CVE-2021-23214).
            Startup::Tls | Startup::Gss if client.has_input() => {
                return Err(Failure::session(Diagnostic::fatal(
                    "08P01",
                    "received unencrypted data after SSL request",
                )));
            }
            Startup::Tls if !tls => {
                tls = true;
                let is_plain = client.stream().encryption().is_none();
                match shared.entrance.tls().filter(|_| is_plain) {
                    Some(tls) => {
                        client.send_byte(b'S').await?;
                        encrypt(client, tls).await?;
                    }
                    None => client.send_byte(b'N').await?,
                }
            }
            Startup::Gss if !gss => {
                gss = true;
                client.send_byte(b'N').await?;
            }
            Startup::Tls => return Err(encryption_again(5679)),
            Startup::Gss => return Err(encryption_again(5680)),
            Startup::Cancel { process, secret } => {
                cancel(&Wanted::of(process, secret), shared).await;
                return Ok(None);
            }
            Startup::Unsupported(version) => {
                return Err(Failure::session(Diagnostic::unsupported_protocol(version)));
            }
            Startup::Session(opening) => {
                let must = shared.entrance.tls().is_some_and(Tls::is_required);
                if must && client.stream().encryption().is_none() {
                    return Err(Failure::session(not_encrypted()));
                }
                return introduction(client, opening).map(Some);
            }
        }
    }
}

/// Interrupts a session, here or wherever it is.
async fn cancel(wanted: &Wanted, shared: &Shared) {
    let Wanted {
        process, secret, ..
    } = wanted;
    if !shared.cancellations.cancel(*process, secret).await {
        shared.peers.ask(wanted).await;
    }
}

/// The first byte of a handshake of TLS; a startup packet that began so would be long
/// beyond any limit.
const HANDSHAKE: u8 = 0x16;

/// Direct TLS: the client does not ask, and shakes hands at once. It must then have named
/// PostgreSQL's protocol in the handshake, so that nobody can make one that speaks another
/// protocol send its bytes here (manual, "SSL Session Encryption").
async fn encrypted_at_once<S>(
    client: &mut Client<Transport<S>>,
    shared: &Shared,
) -> Result<bool, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if client.peek().await? != HANDSHAKE {
        return Ok(false);
    }
    // PostgreSQL without encryption hangs up, too: the client waits for no message that
    // is not encrypted.
    let tls = shared.entrance.tls().ok_or(Failure::Gone)?;
    encrypt(client, tls).await?;
    let is_named = |encryption: &Encryption| encryption.is_named;
    if client.stream().encryption().is_some_and(is_named) {
        return Ok(true);
    }
    Err(Failure::session(Diagnostic::fatal(
        "08P01",
        "received direct SSL connection request without ALPN protocol negotiation extension",
    )))
}

async fn encrypt<S>(client: &mut Client<Transport<S>>, tls: &Tls) -> Result<(), Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    client.encrypt(tls).await.map_err(|error| {
        tracing::info!(%error, "could not accept an encrypted connection");
        Failure::Gone
    })
}

fn not_encrypted() -> Diagnostic {
    Diagnostic::fatal("28000", "the connection must be encrypted")
        .with_hint("Connect with sslmode=require, or better, verify-full.")
}

/// The codes of encryption requests are 1234.5679 and 1234.5680, read as versions.
fn encryption_again(minor: u16) -> Failure {
    Failure::session(Diagnostic::unsupported_protocol(Version {
        major: 1234,
        minor,
    }))
}

fn introduction<S>(client: &mut Client<S>, opening: Opening) -> Result<Introduction, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut settings = Settings::default();
    let (mut user, mut database, mut options) = (String::new(), None, String::new());
    let (mut unknown, mut given) = (Vec::new(), Vec::new());
    for (name, value) in &opening.parameters {
        let (name, value) = (utf8(name)?, utf8(value)?);
        match name {
            "user" => value.clone_into(&mut user),
            "database" => database = Some(value.to_owned()).filter(|name| !name.is_empty()),
            "options" => value.clone_into(&mut options),
            "replication" if value != "false" => {
                return Err(Diagnostic::not_carried_out("replication").into());
            }
            "replication" => {}
            // Options of a newer minor version of the protocol.
            _ if name.starts_with("_pq_.") => unknown.push(name.to_owned()),
            _ => given.push((name.to_owned(), value.to_owned())),
        }
    }
    // Those first, as PostgreSQL does, so that a parameter of its own wins.
    let given = options::command_line(&options).map(|mut settings| {
        settings.append(&mut given);
        settings
    });
    if user.is_empty() {
        return Err(Diagnostic::no_user().into());
    }
    let minor = opening.version.minor.min(NEWEST_MINOR);
    if opening.version.minor > NEWEST_MINOR || !unknown.is_empty() {
        reply::negotiate_protocol_version(&mut client.output, minor, &unknown);
    }
    settings.fix("session_authorization", &user);
    settings.fix(
        "server_version",
        &format!("{SERVER_VERSION} (pgiris {})", env!("CARGO_PKG_VERSION")),
    );
    // "database: The database to connect to. Defaults to the user name."
    let database = database.unwrap_or_else(|| user.clone());
    Ok(Introduction {
        user,
        database,
        settings,
        given,
        minor,
    })
}

/// Opens the upstream connection and greets the client.
async fn login<S>(
    mut client: Client<Transport<S>>,
    introduction: Introduction,
    admission: Admission,
    address: Option<IpAddr>,
    shared: &Arc<Shared>,
) -> Result<(Session<Transport<S>>, Key), (Client<Transport<S>>, Failure)>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Introduction {
        user,
        database,
        mut settings,
        given,
        minor,
    } = introduction;
    let console = match Console::enter(shared, &database, &user) {
        Ok(console) => console,
        Err(refusal) => return Err((client, refusal.into())),
    };
    let databases = shared.pools.databases();
    let place = match &console {
        Some(_) => databases.nowhere(),
        None => databases.find(&database),
    };
    let Some(place) = place else {
        return Err((client, Failure::session(Diagnostic::no_database(&database))));
    };
    // The client is told the name that it gave.
    let name = match &console {
        Some(_) => database.clone(),
        None => databases.canonical(&database),
    };
    if console.is_none() && shared.pools.is_disabled(&name) {
        return Err((
            client,
            Failure::session(Diagnostic::database_disabled(&database)),
        ));
    }
    let account = admission.user.unwrap_or_else(|| user.clone());
    let target = Target {
        user: account.clone(),
        password: admission.password,
        namespace: place.namespace_for(&name),
    };
    let server = place.server();
    let editions = server.editions();
    let edition = *editions.borrow();
    let pool = match &console {
        Some(_) => shared.pools.aside(&name, &place, target),
        None => shared.pools.join(&name, &place, target),
    };
    let recalls = pool.recalls();
    // Whether IRIS would have this client is known if it has a connection for the same.
    let needs_one = pool.mode() == PoolMode::Session || !pool.is_proven();
    let lease = match needs_one && console.is_none() {
        false => None,
        true => match pool.lease().await {
            Ok(lease) => Some(lease),
            Err(refusal) => return Err((client, Diagnostic::no_connection(&refusal).into())),
        },
    };
    let rules = server.rules();
    let lease = match lease {
        Some(mut lease) => {
            lease.limit_rows(shared.config.client.row as usize);
            let readied = lease.ready(&rules.connect).await;
            // Otherwise it gets another one when it needs one.
            readied.is_ok().then_some(lease)
        }
        None => None,
    };
    let secret = if minor >= 2 {
        LONG_SECRET
    } else {
        SHORT_SECRET
    };
    let key = shared.cancellations.register(secret);
    key.interrupted()
        .hold(lease.as_ref().map(|lease| lease.brake().clone()));
    if let Some(lease) = &lease {
        lease.note_lent(key.process());
    }
    let about = About {
        process: key.process(),
        user: user.clone(),
        database: name.clone(),
        address,
        is_encrypted: client.stream().encryption().is_some(),
    };
    let present = shared.clients.enter(about, key.interrupted());

    let out = &mut client.output;
    reply::authentication_ok(out);
    let given = given.map(|given| [place.settings(), &given].concat());
    if let Err(refused) = start_with(&mut settings, given) {
        lease.into_iter().for_each(Lease::give_back);
        return Err((client, refused.into()));
    }
    let span = tracing::Span::current();
    span.record("process", key.process());
    span.record("application_name", settings.get("application_name"));
    let out = &mut client.output;
    for (name, value) in settings.reported() {
        reply::parameter_status(out, name, &value);
    }
    // These need not be told again.
    settings.untold();
    reply::backend_key_data(out, key.process(), key.secret());
    reply::ready_for_query(out, Status::Idle);
    if client.flush().await.is_err() {
        lease.into_iter().for_each(Lease::give_back);
        return Err((client, Failure::Gone));
    }
    let advisory = Held::new(Arc::clone(pool.server().advisory_locks()));
    let mut session = Session {
        client,
        config: Arc::clone(&shared.config),
        editions,
        edition,
        facts: facts(&rules, &user, &database, &settings, None),
        traffic: shared.traffic.of(&name),
        view: rules.schemas.view(&account, &database, pool.namespace()),
        lease,
        pool,
        rules,
        user,
        database,
        settings,
        transaction: Transaction::default(),
        at_end: Vec::new(),
        sequences: super::Sequences::default(),
        temporary: super::Temporary::default(),
        advisory,
        statements: HashMap::new(),
        portals: HashMap::new(),
        cursors: HashMap::new(),
        suspended: None,
        process: key.process(),
        skipping: false,
        batch: super::Batch::None,
        asked: None,
        moments: Moments::default(),
        is_idle: true,
        silent_since: Instant::now(),
        deadline: None,
        interrupted: key.interrupted(),
        is_outdated: false,
        completed: String::new(),
        restyle: None,
        recalls,
        console,
        present,
        shadow: Arc::clone(&shared.shadow),
        sampled: None,
        began: Began {
            exchange: Instant::now(),
            transaction: None,
        },
        trace: tracing::Span::none(),
    };
    session.follow_encoding();
    let application = session.settings.get("application_name");
    session.present.call(application.unwrap_or_default());
    if session.release().await.is_err() {
        return Err((session.client, Failure::Gone));
    }
    Ok((session, key))
}

fn start_with(
    settings: &mut Settings,
    given: Result<Vec<(String, String)>, Diagnostic>,
) -> Result<(), Diagnostic> {
    for (name, value) in given? {
        settings.start_with(&name, &value)?;
    }
    Ok(())
}
