//! Every number the broker depends on, with the reason for its default.

use std::path::PathBuf;
use std::time::Duration;

use crate::console::ConsoleAccess;
use crate::rules::signature::PublicKey;

/// Configuration of a [`crate::Broker`]. A value; nothing is read from the
/// environment or from files.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Config {
    /// Limits on what one client may do.
    pub client: ClientLimits,
    /// Limits on what one call of a component may do.
    pub rules: RulesLimits,
    /// What is told by `tracing` beside what an operator must know.
    pub log: LogConfig,
    /// How sessions share connections to the database; a [`crate::Database`] has its own.
    pub pool: PoolLimits,
    /// Who may enter the admin console.
    pub console: ConsoleAccess,
    /// Host and port of each other broker behind the same address, or one name that stands for all
    /// of them: they are asked where a CancelRequest is for a session that is not known here. What is
    /// sent there is not encrypted, as CancelRequests of most clients are not.
    pub peers: Vec<String>,
}

/// What of a session's work is told by `tracing`. Its events stand in a span `session` with the
/// client's address, user, database, `application_name` and process id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogConfig {
    /// Texts of statements as clients send them, with the literals in them, as events of the
    /// target `pgiris::statement`. Values of parameters are told nowhere.
    pub statements: bool,
}

/// How long a session keeps the connection to the database that it uses; the words are
/// PgBouncer's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PoolMode {
    /// Until it ends. The default, because there is nothing that a client could do then and not
    /// with a connection of its own; the others make of a few connections many.
    #[default]
    Session,
    /// Until its transaction ends.
    Transaction,
    /// Until its statement ends: transaction blocks are refused.
    Statement,
}

impl PoolMode {
    /// As the configuration writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Transaction => "transaction",
            Self::Statement => "statement",
        }
    }
}

/// How sessions share connections to the database. There is a pool for each user of each
/// namespace (and for each password, where clients' own passwords are used there); the numbers
/// are for each pool.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolLimits {
    /// How long a session keeps its connection.
    pub mode: PoolMode,
    /// Connections at most; 0: no limit, and a connection is closed with the session that it
    /// was opened for. That is of use in session mode, where [`ClientLimits::connections`]
    /// bounds them: clients that have gone leave no processes on the server behind.
    pub size: usize,
    /// Connections that are kept open while any client is there.
    pub minimum: usize,
    /// Connections beyond `size`, for clients that have waited for `reserve_timeout`.
    pub reserve: usize,
    /// See `reserve`.
    pub reserve_timeout: Duration,
    /// How long a client waits for a connection: PgBouncer's `query_wait_timeout`.
    pub wait_timeout: Duration,
    /// After how long a connection that nobody uses is closed: PgBouncer's
    /// `server_idle_timeout`.
    pub idle_timeout: Duration,
    /// How old a connection grows before it is closed when it is free: PgBouncer's
    /// `server_lifetime`. Memory that the server gathers for it is freed, and a server that was
    /// added behind an address gets its share.
    pub lifetime: Duration,
    /// The longest pause after a connection could not be opened: PgBouncer's
    /// `server_login_retry`. The first is a tenth of a second, each next is twice as long.
    pub connect_retry: Duration,
    /// A connection that was unused for longer is asked for a sign of life before it is used:
    /// PgBouncer's `server_check_delay`. What hung up is noticed without asking.
    pub check_delay: Duration,
    /// How long the server may take for that sign of life, and for what a new connection begins with, before the
    /// connection counts as dead. A server that is well answers within milliseconds.
    pub check_timeout: Duration,
    /// How long the server may take to stop what it was asked to stop: by a client, by an operator, because a time limit
    /// is over, or because the client has left. One that takes longer hangs, and the connection is given up. PgBouncer
    /// waits for ever.
    pub cancel_timeout: Duration,
}

impl Default for PoolLimits {
    fn default() -> Self {
        Self {
            mode: PoolMode::default(),
            size: 0,
            minimum: 0,
            reserve: 0,
            reserve_timeout: Duration::from_secs(5),
            wait_timeout: Duration::from_secs(120),
            idle_timeout: Duration::from_secs(600),
            lifetime: Duration::from_secs(3600),
            connect_retry: Duration::from_secs(15),
            check_delay: Duration::from_secs(30),
            check_timeout: Duration::from_secs(5),
            cancel_timeout: Duration::from_secs(10),
        }
    }
}

/// Limits on what one client may do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientLimits {
    /// Clients at a time; 0: no limit. An idle one costs the broker some kilobytes; its connection to IRIS costs
    /// IRIS a process.
    pub connections: usize,
    /// Clients at a time from one address (of IPv6: one /64); 0: no limit, since those behind a proxy or an
    /// application server share theirs.
    pub connections_per_address: usize,
    /// Clients at a time of one user; 0: no limit.
    pub connections_per_user: usize,
    /// Connections at a time that have not logged in; 0: no limit. Over it the oldest is closed from the address that has
    /// the most, so that who logs in at once always can. Each costs a descriptor and some kilobytes; a client that means it
    /// needs some milliseconds.
    pub startups: usize,
    /// The same from one address (of IPv6: one /64), over which the oldest from there is closed; 0: no limit. As many as a
    /// large application server may open at once.
    pub startups_per_address: usize,
    /// From accepting the socket to the end of authentication. PostgreSQL's
    /// `authentication_timeout` is one minute.
    pub startup_timeout: Duration,
    /// How long transactions may go on when the broker shuts down: shorter than the 30 seconds
    /// after which Kubernetes kills what it has asked to end.
    pub drain_timeout: Duration,
    /// How long a message that has begun may stand still, in either direction: the rest of
    /// one that the client sends does not come, or it takes nothing of what is sent. A
    /// reader that stops to think for less is not disturbed; one that is gone without a
    /// word does not hold its session and its connection to IRIS for ever.
    pub stalled_timeout: Duration,
    /// How long what is done for a client goes on when the client has closed its side of the connection; 0: to its end.
    /// One that closes it is gone, as PostgreSQL's `client_connection_check_interval` takes it; those few that only say so
    /// that they will send nothing more have their answers within this time.
    pub closed_timeout: Duration,
    /// How long a client may be silent before its machine is asked whether it is there (TCP's
    /// keepalive); 0: never. PostgreSQL leaves it to the kernel, whose two hours are longer
    /// than a connection to IRIS should be held for nobody.
    pub keepalive: Duration,
    /// Bytes of a startup packet. PostgreSQL's `MAX_STARTUP_PACKET_LENGTH` is
    /// 10,000.
    pub startup_packet: u32,
    /// Bytes of a message after startup. PostgreSQL takes almost 1 GiB; a
    /// message is held in memory whole, so the default is a sixteenth of it,
    /// enough for a row of 16 vectors of IRIS's longest string.
    pub message: u32,
    /// Bytes of the text of a statement, or of several in one message. It is parsed in the memory of a component, some hundred
    /// bytes for each; four of IRIS's longest strings fit in.
    pub statement: u32,
    /// Bytes of a row on its way to the client, which is in memory whole. IRIS's strings end below 4 MB, and its rows
    /// seldom hold many of that size.
    pub row: u32,
    /// Prepared statements that a session may hold, named ones included. A
    /// driver's own cache keeps some hundreds.
    pub prepared_statements: usize,
    /// Portals that a session may hold.
    pub portals: usize,
    /// Bytes that the prepared statements of a session, the values of its portals and its rows in
    /// memory may be together: four messages of the longest kind. Each limit on its own would
    /// allow thousands of them.
    pub memory: usize,
    /// Bytes of rows that one cursor or suspended portal keeps in memory; what is
    /// more goes to a temporary file. A thousand rows of a usual table take a tenth.
    pub rows_in_memory: usize,
    /// Whether sessions have advisory locks, which the broker keeps.
    pub advisory_locks: AdvisoryLocks,
}

/// Whether a broker keeps advisory locks, of which other brokers know nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AdvisoryLocks {
    /// Where it has no [`Config::peers`]: a lock that another session has at another broker would be no
    /// lock.
    #[default]
    Alone,
    /// Also where it has; each lock is to be asked for at one broker only.
    Always,
    /// The functions are refused.
    Never,
}

impl Default for ClientLimits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            connections_per_address: 0,
            connections_per_user: 0,
            startups: 2_000,
            startups_per_address: 500,
            startup_timeout: Duration::from_secs(60),
            drain_timeout: Duration::from_secs(20),
            stalled_timeout: Duration::from_secs(15 * 60),
            closed_timeout: Duration::from_secs(1),
            keepalive: Duration::from_secs(120),
            startup_packet: 10_000,
            message: 64 * 1024 * 1024,
            statement: 16 * 1024 * 1024,
            row: 256 * 1024 * 1024,
            prepared_statements: 10_000,
            portals: 1_000,
            memory: 256 * 1024 * 1024,
            rows_in_memory: 4 * 1024 * 1024,
            advisory_locks: AdvisoryLocks::default(),
        }
    }
}

/// How a candidate for the rules is tried ([`Shadow`](crate::shadow::Shadow)).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ShadowConfig {
    /// Of how many messages with statements the texts are translated by the candidate, too: from 0, none, to 1, all. A tenth
    /// shows within minutes what a whole day shows, and costs a tenth of a thread.
    pub share: f64,
    /// Whether texts of statements are kept, as clients send them, with the literals in them; and logged where one is the first
    /// that differs in its way.
    pub texts: bool,
    /// How many texts are remembered in which the candidate differs: as many as a person reads.
    pub samples: usize,
    /// Messages that may wait for the candidate; further ones are not translated by it. Each holds its texts.
    pub queue: usize,
}

impl Default for ShadowConfig {
    fn default() -> Self {
        Self {
            share: 0.1,
            texts: false,
            samples: 20,
            queue: 100,
        }
    }
}

/// Limits on what one call of a component may do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RulesLimits {
    /// Linear memory and tables of one instance, in bytes. A syntax tree takes some
    /// hundred bytes for each byte of text; with the message limit in mind.
    pub memory: usize,
    /// Linear memory and tables of all instances of one component together, at work or ready, in
    /// bytes; 0: no limit. A quarter is for instances that stay within `memory_kept`, so that long
    /// statements do not keep the others from their work. A call for which there is nothing left waits
    /// as long as a call may take. `None`: twice `memory`, so that two of the longest statements go
    /// side by side, and no less than 512 MiB.
    pub total_memory: Option<usize>,
    /// An instance that has grown beyond this is not used again, so that one
    /// long statement does not hold memory for ever.
    pub memory_kept: usize,
    /// Bytes of WebAssembly stack: half of what a thread of tokio's has, since
    /// calls are made on those.
    pub stack: usize,
    /// Time for one call. A usual statement takes some microseconds, one of
    /// several megabytes some hundred milliseconds.
    pub deadline: Duration,
    /// Texts above this size are translated beside the sessions' threads, so
    /// that they do not hold up other sessions.
    pub inline_text: usize,
    /// Bytes of statement text whose plans are kept for each generation.
    pub plan_cache: u64,
    /// How long what was learnt of a schema is believed. Definitions that go
    /// through the broker are noticed at once, and a plan that fails for want of
    /// a table or column makes it look again; this is for the rest.
    pub schema_age: Duration,
    /// Linear memory of the instance that holds a snapshot of the catalogue, in bytes:
    /// some kilobytes for each column of a namespace, on top of PostgreSQL's own rows.
    pub catalog_memory: usize,
    /// Linear memory of all those instances of one component together, in bytes; 0: no limit. They
    /// are kept as long as they are true, so nobody waits for what another one gives back. `None`:
    /// four times `catalog_memory`, since hardly any takes all that it may.
    pub catalog_total_memory: Option<usize>,
    /// Rows that one query on the catalogue may touch.
    pub catalog_steps: u64,
    /// Bytes of rows that one query on the catalogue may keep.
    pub catalog_bytes: u64,
    /// Instances kept ready for each generation: one for each thread that can
    /// translate at the same time is enough.
    pub idle_instances: usize,
    /// On how many different statements a component may fail (trap, run out of time or memory,
    /// give a plan that is none) before the one that was there before takes its place; 0: on any
    /// number. More than one: a statement that is beyond every component is no reason to go back.
    pub distrust_after: usize,
    /// Within which time those failures count; zero: for as long as the component is in use. Longer than
    /// a client takes that tries again, shorter than the time between statements that nothing has
    /// to do with each other.
    pub distrust_window: Duration,
    /// Who may have made a component: one of them must have signed it. Empty: whoever can write the
    /// file may.
    pub signers: Vec<PublicKey>,
    /// Where compiled code is kept, in a directory `compiled` that is made there for this user alone:
    /// compiling a component takes seconds, loading it milliseconds. It is machine code that will
    /// run. `None`: it is not kept.
    pub compilation_cache: Option<PathBuf>,
    /// At the start, compile what is not in that cache by wasmtime's baseline compiler (Winch), so
    /// that clients wait a few seconds at most; its code is slower, and gives way to that of the
    /// optimizing compiler (Cranelift) when that has been made beside the calls.
    pub baseline_compiler: bool,
}

impl Default for RulesLimits {
    fn default() -> Self {
        Self {
            memory: 1024 * 1024 * 1024,
            total_memory: None,
            memory_kept: 16 * 1024 * 1024,
            stack: 1024 * 1024,
            deadline: Duration::from_secs(5),
            inline_text: 64 * 1024,
            plan_cache: 16 * 1024 * 1024,
            schema_age: Duration::from_secs(60),
            catalog_memory: 512 * 1024 * 1024,
            catalog_total_memory: None,
            catalog_steps: 20_000_000,
            catalog_bytes: 128 * 1024 * 1024,
            idle_instances: std::thread::available_parallelism().map_or(4, |n| n.get() * 2),
            distrust_after: 5,
            distrust_window: Duration::from_secs(10 * 60),
            signers: Vec::new(),
            compilation_cache: None,
            baseline_compiler: true,
        }
    }
}

impl RulesLimits {
    /// What `total_memory` comes to.
    pub(crate) fn all_memory(&self) -> usize {
        const LEAST: usize = 512 * 1024 * 1024;
        let derived = self.memory.saturating_mul(2).max(LEAST);
        self.total_memory.unwrap_or(derived)
    }

    /// What `catalog_total_memory` comes to.
    pub(crate) fn all_catalog_memory(&self) -> usize {
        let derived = self.catalog_memory.saturating_mul(4);
        self.catalog_total_memory.unwrap_or(derived)
    }
}
