//! What a client may see of an error or a warning: the only place that decides.
//!
//! Texts of the broker's own are PostgreSQL's where PostgreSQL has one. What
//! the rules say of a statement passes as they say it; what broke inside the
//! broker, the engine or a component is logged, and the client is told only
//! that it did.

mod advisory;
mod limits;
mod transactions;
mod upstream;

use std::borrow::Cow;

use crate::frontend::frame::FrameError;
use crate::frontend::message::DecodeError;
use crate::frontend::startup::Version;
use crate::monitor::ErrorSource;
use crate::value::ValueError;

/// Fields S and V.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The session ends.
    Fatal,
    /// The statement fails.
    Error,
    /// A notice of that level, as the others.
    Warning,
    #[allow(missing_docs)]
    Notice,
    #[allow(missing_docs)]
    Info,
    #[allow(missing_docs)]
    Debug,
    #[allow(missing_docs)]
    Log,
}

impl Severity {
    /// As PostgreSQL writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fatal => "FATAL",
            Self::Error => "ERROR",
            Self::Warning => "WARNING",
            Self::Notice => "NOTICE",
            Self::Info => "INFO",
            Self::Debug => "DEBUG",
            Self::Log => "LOG",
        }
    }

    /// Whether a client sees it whose `client_min_messages` is `least`; the levels in
    /// the order of PostgreSQL's `elog.h`.
    pub(crate) fn is_sent_from(self, least: &str) -> bool {
        let least = match least {
            "error" => 6,
            "warning" => 5,
            "notice" => 4,
            "info" => 3,
            "log" => 2,
            _ => 1,
        };
        let level = match self {
            Self::Fatal | Self::Error | Self::Info => 6,
            Self::Warning => 5,
            Self::Notice => 4,
            Self::Log => 2,
            Self::Debug => 1,
        };
        level >= least
    }
}

/// An ErrorResponse or a NoticeResponse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Five characters; PostgreSQL manual, appendix A.
    pub sqlstate: Cow<'static, str>,
    /// Lower case, no full stop.
    pub message: Cow<'static, str>,
    /// More about it.
    pub detail: Option<String>,
    /// What the user can do.
    pub hint: Option<String>,
    /// Character of the client's text, from 1.
    pub position: Option<u32>,
    /// Fields that few errors have, where any is known.
    pub objects: Option<Box<Objects>>,
    /// Who says so; clients are not told.
    pub source: ErrorSource,
}

/// The database objects that an error is about, and where it happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Objects {
    /// Field s.
    pub schema: Option<String>,
    /// Field t.
    pub table: Option<String>,
    /// Field c.
    pub column: Option<String>,
    /// Field n.
    pub constraint: Option<String>,
    /// Field W: where it happened, if not in the text.
    pub context: Option<String>,
    /// Field R: PostgreSQL's function that reports it. Only where clients look for it: by
    /// this alone asyncpg and pgjdbc know that a statement is to be prepared again.
    pub routine: Option<&'static str>,
}

/// What is known of the counters of columns.
const COUNTED: &str = "The counter of a column is told right behind the INSERT, before another \
                       statement, and by INSERT ... RETURNING.";

impl Diagnostic {
    fn new(
        severity: Severity,
        sqlstate: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            severity,
            sqlstate: sqlstate.into(),
            message: message.into(),
            detail: None,
            hint: None,
            position: None,
            objects: None,
            source: ErrorSource::default(),
        }
    }

    /// A statement fails, or a client is turned away: five characters of PostgreSQL's appendix A, and what PostgreSQL
    /// would say, in lower case and without a full stop.
    pub fn error(sqlstate: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Severity::Error, sqlstate, message)
    }

    /// As [`Diagnostic::error`], and the session ends.
    pub fn fatal(sqlstate: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Severity::Fatal, sqlstate, message)
    }

    /// What is good to know.
    pub(crate) fn notice(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Severity::Notice, "00000", message)
    }

    pub(crate) fn warning(sqlstate: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Severity::Warning, sqlstate, message)
    }

    /// With what the user can do.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With more about it.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    pub(crate) fn with_context(mut self, context: impl Into<String>) -> Self {
        self.objects.get_or_insert_default().context = Some(context.into());
        self
    }

    // ------------------------------------------------------ protocol and session

    /// A frame that cannot be cut: the stream is out of step for good.
    pub(crate) fn bad_frame(error: &FrameError) -> Option<Self> {
        match error {
            FrameError::Closed => None,
            FrameError::Stalled => Some(Self::stalled()),
            FrameError::Length { tag: 0, .. } => {
                Some(Self::fatal("08P01", "invalid length of startup packet"))
            }
            FrameError::Length { tag, length } => Some(
                Self::fatal("08P01", "invalid message length")
                    .with_detail(format!("message type {tag}, length {length}")),
            ),
        }
    }

    pub(crate) fn bad_message(error: &DecodeError) -> Self {
        match error {
            DecodeError::UnknownType(tag) => {
                Self::fatal("08P01", format!("invalid frontend message type {tag}"))
            }
            DecodeError::Malformed(malformed) => Self::error("08P01", malformed.message()),
            DecodeError::Subtype(message, subtype) => Self::error(
                "08P01",
                format!("invalid {message} message subtype {subtype}"),
            ),
        }
    }

    pub(crate) fn unsupported_format(code: i16) -> Self {
        Self::error("22023", format!("unsupported format code: {code}"))
    }

    pub(crate) fn bad_startup() -> Self {
        Self::fatal(
            "08P01",
            "invalid startup packet layout: expected terminator as last byte",
        )
    }

    pub(crate) fn unsupported_protocol(version: Version) -> Self {
        let Version { major, minor } = version;
        Self::fatal(
            "0A000",
            format!("unsupported frontend protocol {major}.{minor}: server supports 3.0 to 3.2"),
        )
    }

    pub(crate) fn startup_timeout() -> Self {
        Self::fatal("08006", "canceling authentication due to timeout")
    }

    /// A client has proved nothing. The same for a user who does not exist.
    pub fn wrong_password(user: &str) -> Self {
        Self::fatal(
            "28P01",
            format!("password authentication failed for user \"{user}\""),
        )
    }

    pub(crate) fn no_user() -> Self {
        Self::fatal(
            "28000",
            "no PostgreSQL user name specified in startup packet",
        )
    }

    pub(crate) fn shutting_down() -> Self {
        Self::fatal(
            "57P01",
            "terminating connection due to administrator command",
        )
    }

    pub(crate) fn idle_in_transaction_timeout() -> Self {
        Self::fatal(
            "25P03",
            "terminating connection due to idle-in-transaction timeout",
        )
    }

    pub(crate) fn idle_session_timeout() -> Self {
        Self::fatal(
            "57P05",
            "terminating connection due to idle-session timeout",
        )
    }

    pub(crate) fn user_request() -> Self {
        Self::error("57014", "canceling statement due to user request")
    }

    /// PostgreSQL leaves this to the operating system.
    pub(crate) fn stalled() -> Self {
        Self::fatal(
            "08006",
            "terminating connection because a message was not completed in time",
        )
    }

    pub(crate) fn statement_timeout() -> Self {
        Self::error("57014", "canceling statement due to statement timeout")
    }

    pub(crate) fn invalid_encoding(invalid: u8) -> Self {
        Self::error(
            "22021",
            format!("invalid byte sequence for encoding \"UTF8\": 0x{invalid:02x}"),
        )
    }

    pub(crate) fn in_failed_transaction() -> Self {
        Self::error(
            "25P02",
            "current transaction is aborted, commands ignored until end of transaction block",
        )
    }

    pub(crate) fn no_statement(name: &str) -> Self {
        if name.is_empty() {
            return Self::error("26000", "unnamed prepared statement does not exist");
        }
        Self::error(
            "26000",
            format!("prepared statement \"{name}\" does not exist"),
        )
    }

    pub(crate) fn statement_exists(name: &str) -> Self {
        Self::error(
            "42P05",
            format!("prepared statement \"{name}\" already exists"),
        )
    }

    pub(crate) fn execute_count(name: &str, given: usize, wanted: usize) -> Self {
        Self::error(
            "42601",
            format!("wrong number of parameters for prepared statement \"{name}\""),
        )
        .with_detail(format!("Expected {wanted} parameters but got {given}."))
    }

    pub(crate) fn no_portal(name: &str) -> Self {
        Self::error("34000", format!("portal \"{name}\" does not exist"))
    }

    pub(crate) fn portal_ran(name: &str) -> Self {
        Self::error("55000", format!("portal \"{name}\" cannot be run"))
    }

    pub(crate) fn no_cursor(name: &str) -> Self {
        Self::error("34000", format!("cursor \"{name}\" does not exist"))
    }

    pub(crate) fn forward_only() -> Self {
        Self::error("55000", "cursor can only scan forward")
            .with_hint("Declare it with SCROLL option to enable backward scan.")
    }

    pub(crate) fn portal_exists(name: &str) -> Self {
        Self::error("42P03", format!("cursor \"{name}\" already exists"))
    }

    pub(crate) fn several_statements() -> Self {
        Self::error(
            "42601",
            "cannot insert multiple commands into a prepared statement",
        )
    }

    pub(crate) fn parameter_count(supplied: usize, statement: &str, required: usize) -> Self {
        Self::error(
            "08P01",
            format!(
                "bind message supplies {supplied} parameters, but prepared statement \"{statement}\" requires {required}"
            ),
        )
    }

    /// A parameter's value that is not of its type.
    pub(crate) fn bad_value(error: &ValueError) -> Self {
        Self {
            detail: error.detail().map(str::to_owned),
            hint: error.hint().map(str::to_owned),
            ..Self::error(error.sqlstate(), error.to_string())
        }
    }

    /// Of LIMIT and OFFSET, whose values are bound.
    pub(crate) fn negative_count(sqlstate: &'static str, clause: &str) -> Self {
        Self::error(sqlstate, format!("{clause} must not be negative"))
    }

    pub(crate) fn parameter_formats(formats: usize, parameters: usize) -> Self {
        Self::error(
            "08P01",
            format!("bind message has {formats} parameter formats but {parameters} parameters"),
        )
    }

    pub(crate) fn result_formats(formats: usize, columns: usize) -> Self {
        Self::error(
            "08P01",
            format!("bind message has {formats} result formats but query has {columns} columns"),
        )
    }

    pub(crate) fn no_function(oid: u32) -> Self {
        Self::error("42883", format!("function with OID {oid} does not exist"))
    }

    pub(crate) fn row_description_changed() -> Self {
        let mut diagnostic = Self::error("0A000", "cached plan must not change result type");
        diagnostic.objects.get_or_insert_default().routine = Some("RevalidateCachedQuery");
        diagnostic
    }

    // ------------------------------------------------------------------- settings

    pub(crate) fn no_setting(name: &str) -> Self {
        Self::error(
            "42704",
            format!("unrecognized configuration parameter \"{name}\""),
        )
    }

    /// `what` cannot be done with it.
    pub(crate) fn setting_fixed(name: &str, what: &str) -> Self {
        Self::error("55P02", format!("parameter \"{name}\" cannot {what}"))
    }

    pub(crate) fn setting_denied(name: &str) -> Self {
        Self::error(
            "42501",
            format!("permission denied to set parameter \"{name}\""),
        )
    }

    pub(crate) fn setting_value(name: &str, value: &str) -> Self {
        Self::error(
            "22023",
            format!("invalid value for parameter \"{name}\": \"{value}\""),
        )
    }

    /// `unit`: with a blank before it, if there is one.
    pub(crate) fn setting_range(
        name: &str,
        value: f64,
        unit: &str,
        (least, most): (&str, &str),
    ) -> Self {
        Self::error(
            "22023",
            format!(
                "{value}{unit} is outside the valid range for parameter \"{name}\" \
                 ({least} .. {most})"
            ),
        )
    }

    pub(crate) fn setting_bool(name: &str) -> Self {
        Self::error(
            "22023",
            format!("parameter \"{name}\" requires a Boolean value"),
        )
    }

    /// What is no part of a transaction (`PreventInTransactionBlock`).
    pub(crate) fn holds_too_much(limit: usize) -> Self {
        Self::error(
            "53200",
            "the session holds too many prepared statements and portals",
        )
        .with_detail(format!(
            "Together they would be longer than {limit} bytes (clients.memory)."
        ))
    }

    /// What the broker sorts and groups itself is held until all rows are there.
    pub(crate) fn arranges_too_much(limit: usize) -> Self {
        Self::error(
            "53200",
            "the rows that the broker has to group or to sort are too many",
        )
        .with_detail(format!(
            "Together with what the session holds they would be longer than {limit} bytes (clients.memory)."
        ))
        .with_hint("Ask for fewer rows or fewer columns, or let an administrator raise clients.memory.")
    }

    /// `currval`, or without a name `lastval`.
    pub(crate) fn no_current_value(sequence: Option<&str>) -> Self {
        match sequence {
            Some(name) => Self::error(
                "55000",
                format!("currval of sequence \"{name}\" is not yet defined in this session"),
            )
            .with_hint(COUNTED),
            None => Self::error("55000", "lastval is not yet defined in this session")
                .with_hint(COUNTED),
        }
    }
}
