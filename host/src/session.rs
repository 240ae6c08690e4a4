//! One client's session: a state machine over the messages it sends.
//!
//! Decisions are made by pure parts (`transaction`, `settings`, `statement`);
//! the other modules take a message each, carry plans out and write replies.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::Instrument;

use crate::advisory::Held;
use crate::broker::Phase;
use crate::cancel::Interrupted;
use crate::config::Config;
use crate::console::Console;
use crate::departure::Departure;
use crate::diagnostic::Diagnostic;
use crate::frontend::frame::Client;
use crate::frontend::message::{DecodeError, Message, Parse};
use crate::frontend::reply;
use crate::lease::Lease;
use crate::monitor::clients::Present;
use crate::monitor::traffic::Database;
use crate::pools::Member;
use crate::rules::Facts;
use crate::schema::View;
use crate::server::Rules;
use crate::shadow::{Sampled, Shadow};
use crate::trace;
use crate::value::style::zone;

mod advisory;
mod answer;
mod arranged;
mod asked;
mod atomic;
mod authentication;
mod carry;
mod catalog;
mod clock;
mod closing;
mod console;
mod control;
mod copy_in;
mod copy_out;
mod copying;
mod cursor;
mod cursors;
mod encoding;
mod extended;
mod failure;
mod follow;
mod forward;
mod held_back;
mod holdings;
mod inner;
mod interruption;
mod leased;
mod limits;
mod literals;
mod lookup;
mod opening;
mod portal;
mod portal_cursor;
mod prepared;
mod presence;
mod requirement;
mod restyle;
mod row_store;
mod sequence;
mod sequences;
pub(crate) mod settings;
mod shadowed;
mod simple;
mod sizes;
pub(crate) mod statement;
mod suspension;
mod syntax;
mod temporary;
mod told;
mod transact;
pub(crate) mod transaction;

use asked::Asked;
use clock::{Clock, Moments};
use cursor::Cursor;
pub(crate) use failure::Failure;
pub(crate) use inner::{Captured, CapturedRows};
use limits::expiry;
pub(crate) use opening::open;
use presence::Began;
use restyle::Restyle;
use sequences::Sequences;
use settings::Settings;
use simple::Ending;
use statement::{Portal, Prepared};
use suspension::Holder;
use temporary::Temporary;
pub(crate) use told::Told;
use transaction::{SettingsEffect, Status, Transaction};

/// A session after authentication.
pub(crate) struct Session<S> {
    client: Client<S>,
    config: Arc<Config>,
    /// The connection to the upstream, while it has one.
    lease: Option<Lease>,
    /// Where it gets it.
    pool: Member,
    rules: Rules,
    /// Tells when others are published.
    editions: watch::Receiver<u64>,
    /// Up to which this session has followed.
    edition: u64,
    user: String,
    database: String,
    facts: Facts,
    /// What the user sees of the namespace.
    view: Arc<View>,
    settings: Settings,
    transaction: Transaction,
    /// Statements for the end of the transaction.
    at_end: Vec<String>,
    sequences: Sequences,
    temporary: Temporary,
    advisory: Held,
    statements: HashMap<String, Arc<Prepared>>,
    portals: HashMap<String, Portal>,
    /// Portals that DECLARE made.
    cursors: HashMap<String, Cursor>,
    /// Whose execution the upstream holds, if anyone's.
    suspended: Option<Holder>,
    /// The process id of BackendKeyData.
    process: u32,
    /// "Once an error is detected, the backend … reads and discards messages
    /// until a Sync is reached" (manual, "Extended Query").
    skipping: bool,
    /// What the statement at hand is committed together with.
    batch: Batch,
    moments: Moments,
    /// ReadyForQuery was the last that was sent.
    is_idle: bool,
    /// When that was.
    silent_since: Instant,
    /// When `statement_timeout` ends the running statement.
    deadline: Option<Instant>,
    /// A CancelRequest came; see [`crate::cancel`].
    interrupted: Interrupted,
    is_outdated: bool,
    /// What the last CommandComplete said.
    completed: String,
    /// How rows are written anew on their way to the client, if they are.
    restyle: Option<Restyle>,
    /// The statement at hand, if its text is.
    asked: Option<Asked>,
    /// Tells when connections are to be given up that nobody needs.
    recalls: watch::Receiver<u64>,
    /// In the admin console: what answers instead of rules.
    console: Option<Console>,
    /// Where candidates for the rules are tried.
    shadow: Arc<Shadow>,
    /// The message at hand, if it has a part in that.
    sampled: Option<Box<Sampled>>,
    /// Where the session is seen from outside.
    present: Present,
    /// Where what passes through it is counted.
    traffic: Arc<Database>,
    /// When the first message came that is not answered by ReadyForQuery, and the first of the
    /// transaction.
    began: Began,
    /// What is under way, if traces are wanted.
    trace: tracing::Span,
}

/// A client that says nothing for so long is not in the middle of a conversation; what its
/// buffers hold is better used by others.
const RESTS_AFTER: Duration = Duration::from_secs(1);

/// What a statement is one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Batch {
    None,
    /// Something was executed since the last Sync.
    Pipeline,
    /// The Query message has several.
    Query,
}

/// What follows a message.
enum Next {
    Continue,
    End,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Answers messages until the client leaves, the broker shuts down, or the
    /// session cannot go on.
    pub(crate) async fn run(mut self, mut broker: watch::Receiver<Phase>, departure: Departure) {
        let patience = self.config.client.closed_timeout;
        let farewell = 'session: loop {
            let silence = self.silence();
            let limit = silence.as_ref().map(|silence| silence.limit);
            let expired = expiry(limit);
            let leaves_at = self.leaves_at();
            let rests = tokio::time::sleep(RESTS_AFTER);
            let (mut is_resting, mut has_waited) = (false, false);
            tokio::pin!(expired, rests);
            let frame = loop {
                tokio::select! {
                    biased;
                    _ = broker.wait_for(|phase| *phase >= leaves_at) => break None,
                    frame = self.client.typed_frame(self.config.client.message) => break Some(frame),
                    () = std::future::ready(()), if !has_waited => {
                        has_waited = true;
                        continue;
                    }
                    () = &mut expired => break None,
                    () = &mut rests, if !is_resting => {
                        is_resting = true;
                        self.client.rest();
                        continue;
                    }
                    () = self.present.dismissed() => {
                        break 'session Some(Diagnostic::shutting_down());
                    }
                    // Sessions that are silent hold up no rules either.
                    Ok(()) = self.editions.changed() => {}
                    Ok(()) = self.recalls.changed() => {}
                }
                if let Err(failure) = self.follow_rules().await {
                    break 'session failure.farewell();
                }
                if let Err(failure) = self.heed_recall().await {
                    break 'session failure.farewell();
                }
            };
            let Some(frame) = frame else {
                break match *broker.borrow() >= leaves_at {
                    true => Some(Diagnostic::shutting_down()),
                    false => silence.map(|silence| silence.farewell),
                };
            };
            let frame = match frame {
                Ok(frame) => frame,
                Err(error) => break Diagnostic::bad_frame(&error),
            };
            if has_waited {
                // It is "a no-op when there is no query in progress" (`PostgresMain`).
                self.interrupted.clear();
            }
            let was_idle = self.is_idle;
            if self.present.is_dismissed() {
                break Some(Diagnostic::shutting_down());
            }
            if let Err(failure) = self.prepare_for_message().await {
                break failure.farewell();
            }
            let trace = self.trace.clone();
            let tag = char::from(frame.tag);
            let span = trace.in_scope(|| tracing::debug_span!("message", %tag));
            let interrupted = self.interrupted.clone();
            let answered = self.answer_frame(frame).instrument(span).instrument(trace);
            match departure.unless(answered, patience, &interrupted).await {
                None => break None,
                Some(Ok(Next::Continue)) => {}
                Some(Ok(Next::End)) => {
                    // Nothing was begun by the goodbye.
                    self.is_idle = was_idle;
                    break None;
                }
                Some(Err(failure)) => break failure.farewell(),
            }
        };
        if let Some(farewell) = farewell {
            self.traffic.error(&farewell);
            trace::failed(&self.trace, &farewell);
            reply::error_response(&mut self.client.output, &farewell);
        }
        self.leave().await;
        self.count_bytes();
        self.client.close().await;
    }

    async fn prepare_for_message(&mut self) -> Result<(), Failure> {
        if self.is_idle {
            self.is_idle = false;
            self.begin_exchange();
            self.look_after_lease().await?;
        }
        self.moments.message();
        self.follow_rules().await
    }

    /// How far down the broker must be for this session to end: a transaction is waited for, and so
    /// is the Sync of messages that have been answered.
    fn leaves_at(&self) -> Phase {
        match self.transaction.status() {
            Status::Idle | Status::Implicit if self.is_idle => Phase::Draining,
            _ => Phase::Ending,
        }
    }

    async fn answer_frame(
        &mut self,
        frame: crate::frontend::frame::Frame,
    ) -> Result<Next, Failure> {
        let tag = frame.tag;
        let handled = match Message::decode(frame) {
            Ok(message) => self.answer_in_time(message).await,
            Err(error @ DecodeError::UnknownType(_)) => {
                Err(Failure::session(Diagnostic::bad_message(&error)))
            }
            Err(_) if self.skipping && tag != b'S' => Ok(Next::Continue),
            Err(error) => Err(Diagnostic::bad_message(&error).into()),
        };
        let handled = match handled {
            Err(Failure::Lost(lost)) => Err(self.after_loss(lost).await),
            handled => handled,
        };
        match handled {
            Err(Failure::Statement(diagnostic)) => {
                self.fail(&diagnostic);
                match tag {
                    // PostgreSQL sends an error at once; drivers that asked for
                    // a Flush wait for it, and the Flush is skipped.
                    b'P' | b'B' | b'D' | b'E' | b'C' | b'H' => {
                        self.skipping = true;
                        self.end_implicit(Ending::Rollback).await?;
                        self.client.flush().await?;
                    }
                    _ => self.ready().await?,
                }
                Ok(Next::Continue)
            }
            other => other,
        }
    }

    async fn answer_message(&mut self, message: Message) -> Result<Next, Failure> {
        if self.skipping && !matches!(message, Message::Sync | Message::Terminate) {
            return Ok(Next::Continue);
        }
        self.allow_length(&message)?;
        self.heed_interruption_before(&message).await?;
        let message = self.in_utf8(message)?;
        self.asked = Asked::of(&message);
        self.log(&message);
        self.sampled = self.draw(&message);
        if self.sampled.is_none() {
            return self.carry_out_message(message).await;
        }
        let before = (self.rules.clone(), self.facts.clone());
        let outcome = self.carry_out_message(message).await;
        if let Some(sampled) = self.sampled.take() {
            self.hand_over(*sampled, before);
        }
        outcome
    }

    async fn carry_out_message(&mut self, message: Message) -> Result<Next, Failure> {
        match message {
            Message::Query(text) => self.query(&text).await?,
            Message::Parse(parse) => self.parse(parse).await?,
            Message::Bind(bind) => self.bind(bind).await?,
            Message::Describe(named) => self.describe(named).await?,
            Message::Execute(execute) => self.execute(execute).await?,
            Message::Close(named) => self.close(named).await?,
            Message::Flush => self.client.flush().await?,
            Message::Sync => self.sync().await?,
            Message::Terminate => return Ok(Next::End),
            // A legacy feature: no function of IRIS has an OID by which it could be called.
            Message::FunctionCall(oid) => {
                if self.transaction.is_failed() {
                    return Err(Diagnostic::in_failed_transaction().into());
                }
                return Err(Diagnostic::no_function(oid).into());
            }
            // "If the backend receives a CopyData, CopyDone or CopyFail outside of copy mode, it
            // ignores it": they may still be under way after a COPY failed.
            Message::StrayCopy => {}
        }
        // Who asks on without a Sync and reads nothing waits for itself.
        self.client.flush_if_large().await?;
        Ok(Next::Continue)
    }

    /// Tells the log of a statement, if it is to know.
    fn log(&self, message: &Message) {
        if self.config.log.statements
            && let Message::Query(text) | Message::Parse(Parse { text, .. }) = message
        {
            let text = String::from_utf8_lossy(text);
            self.trace.record("db.query.text", &*text);
            tracing::info!(target: "pgiris::statement", %text, "statement");
        }
    }

    /// Tells the client of an error, and the transaction.
    fn fail(&mut self, diagnostic: &Diagnostic) {
        // Whatever was to end has.
        self.interrupted.clear();
        self.traffic.error(diagnostic);
        trace::failed(&self.trace, diagnostic);
        reply::error_response(&mut self.client.output, diagnostic);
        if self.transaction.status() == Status::Open {
            self.follow(SettingsEffect::Abort);
            self.refresh_facts();
        }
        self.transaction = self.transaction.after_error();
    }

    /// ReadyForQuery.
    async fn ready(&mut self) -> Result<(), Failure> {
        // "ParameterStatus messages will be generated whenever the active value changes for
        // any of the parameters the backend believes the frontend should know about";
        // PostgreSQL tells of them before it waits, whatever changed them.
        for (name, value) in self.settings.untold() {
            reply::parameter_status(&mut self.client.output, name, &value);
            if name == "application_name" {
                self.present.call(&value);
            }
        }
        reply::ready_for_query(&mut self.client.output, self.transaction.status());
        self.is_idle = true;
        // What came too late for this is not for what comes next.
        self.interrupted.clear();
        if self.transaction.status() == Status::Idle {
            self.moments.idle();
        }
        // A client that does not read keeps it from nobody.
        self.release().await?;
        self.end_exchange();
        self.client.flush().await?;
        self.silent_since = Instant::now();
        self.count_bytes();
        Ok(())
    }

    /// What PostgreSQL's clocks show to the statement at hand.
    fn clock(&self) -> Clock {
        let zone = self.settings.get("TimeZone").filter(|name| *name != "UTC");
        self.moments
            .clock(zone.and_then(zone::find).map(|(_, zone)| zone))
    }

    /// "Controls which message levels are sent to the client. … Each level includes all
    /// the levels that follow it. … INFO level messages are always sent to the client"
    /// (manual, `client_min_messages`).
    fn notice(&mut self, diagnostic: &Diagnostic) {
        let least = self.settings.get("client_min_messages").unwrap_or_default();
        if diagnostic.severity.is_sent_from(least) {
            reply::notice_response(&mut self.client.output, diagnostic);
        }
    }

    /// The facts that translations may depend on have changed.
    fn refresh_facts(&mut self) {
        self.follow_encoding();
        let temporary = self.temporary.told();
        self.facts = facts(
            &self.rules,
            &self.user,
            &self.database,
            &self.settings,
            temporary,
        );
    }
}

/// `temporary`: what the rules are told of the session's temporary tables.
fn facts(
    rules: &Rules,
    user: &str,
    database: &str,
    settings: &Settings,
    temporary: Option<String>,
) -> Facts {
    let wanted = &rules.generation.manifest().settings;
    let value = |name: &String| match name.as_str() {
        temporary::SETTING => Some((name.clone(), temporary.clone()?)),
        _ => Some((name.clone(), settings.get(name)?.to_owned())),
    };
    Facts::new(crate::rules::wit::Context {
        iris: rules.version,
        user: user.to_owned(),
        database: database.to_owned(),
        settings: wanted.iter().filter_map(value).collect(),
    })
}

/// Text of the client, which must be UTF-8.
fn utf8(bytes: &Bytes) -> Result<&str, Diagnostic> {
    std::str::from_utf8(bytes)
        .map_err(|error| Diagnostic::invalid_encoding(bytes[error.valid_up_to()]))
}
