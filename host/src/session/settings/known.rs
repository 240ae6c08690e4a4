//! The settings that every session has.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::amount::{self, Range, Unit, Unknown};
use crate::diagnostic::Diagnostic;
use crate::frontend::charset;
use crate::value::style;

/// The version of PostgreSQL that clients are told they talk to: drivers choose features
/// by it, and programs like pg_dump work with no server that is newer than they are. The
/// catalogue, the functions and the settings are those of PostgreSQL 15, and its newest
/// release is the one that the tests compare with.
pub(crate) const SERVER_VERSION: &str = "15.18";

/// A setting that exists without being set.
pub(crate) struct Known {
    /// As PostgreSQL spells it.
    pub(crate) name: &'static str,
    pub(crate) default: &'static str,
    pub(super) kind: Kind,
    pub(super) setter: Setter,
    /// Changes are told by ParameterStatus.
    pub(crate) reported: bool,
    /// For SHOW ALL.
    pub(crate) about: &'static str,
}

/// Who changes a setting: `pg_settings.context`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setter {
    /// The session.
    User,
    /// The session of a superuser, which none is.
    Superuser,
    /// Whoever opens a session.
    Start,
    /// Whoever writes PostgreSQL's configuration.
    Reload,
    /// Whoever starts PostgreSQL.
    Restart,
    /// Nobody.
    Internal,
}

/// What values a setting takes.
pub(super) enum Kind {
    Text,
    Bool,
    Number(Range),
    /// The name of a locale: texts are those of "C" alone.
    Locale,
    /// Milliseconds, or a number with a unit of time.
    Duration,
    /// One of these, in lower case, with commas between.
    OneOf(&'static str),
    /// Only values of this meaning can be had; the first is how it is shown.
    Only(&'static [&'static str]),
    /// Text of which only printable ASCII is kept.
    Ascii,
    /// The name of a character set, in any of its spellings.
    Encoding,
    /// A style and an order of day, month and year, either of which may be left out.
    DateStyle,
    /// The name of a time zone, or its hours east of Greenwich.
    Zone,
}

impl Known {
    /// A number with or without a unit, as SHOW prints it.
    fn number(&self, value: &str, range: &Range) -> Result<String, Diagnostic> {
        let number = range.read(value).map_err(|unknown| {
            let refused = Diagnostic::setting_value(self.name, value);
            match (unknown, range.unit) {
                (Unknown::Unit, Some(unit)) => refused.with_hint(unit.units.hint),
                _ => refused,
            }
        })?;
        if !range.holds(number) {
            let unit = range.unit.map(|unit| format!(" {}", unit.name));
            return Err(Diagnostic::setting_range(
                self.name,
                number,
                &unit.unwrap_or_default(),
                (range.least, range.most),
            ));
        }
        Ok(range.shown(number))
    }

    /// The value as SHOW prints it; what it leaves out is as it was `before`, or as
    /// `reset` has it.
    ///
    /// # Errors
    /// Not such a value.
    pub(crate) fn canonical(
        &self,
        value: &str,
        before: &str,
        reset: &str,
    ) -> Result<String, Diagnostic> {
        let refused = || Diagnostic::setting_value(self.name, value);
        let folded = value.to_ascii_lowercase();
        match &self.kind {
            Kind::Text => Ok(value.to_owned()),
            Kind::Ascii => Ok(clean_ascii(value)),
            Kind::Bool => amount::switch(&folded)
                .map(str::to_owned)
                .ok_or_else(|| Diagnostic::setting_bool(self.name)),
            Kind::Number(range) => self.number(value, range),
            Kind::Duration => self.number(value, &DURATION),
            Kind::Locale => match value {
                "" | "C" | "POSIX" => Ok(value.to_owned()),
                _ => Err(refused()),
            },
            Kind::OneOf(choices) => chosen(choices, &folded).ok_or_else(|| {
                let choices = choices.replace(',', ", ");
                refused().with_hint(format!("Available values: {choices}."))
            }),
            Kind::Only(spellings) => {
                let known = spellings
                    .iter()
                    .any(|spelling| spelling.eq_ignore_ascii_case(value));
                if known {
                    Ok(spellings[0].to_owned())
                } else {
                    Err(refused().with_hint(format!("Only {} is supported.", spellings[0])))
                }
            }
            Kind::Encoding => match charset::named(value) {
                // "UNICODE" alone is shown as it is written.
                Some(charset::Name::Known("UTF8")) if value == "UNICODE" => Ok(value.into()),
                Some(charset::Name::Known(name)) => Ok(name.into()),
                Some(charset::Name::NotConverted(name)) => Err(Diagnostic {
                    sqlstate: "0A000".into(),
                    ..refused()
                }
                .with_detail(format!(
                    "Conversion between {name} and UTF8 is not supported."
                ))),
                None => Err(refused()),
            },
            Kind::DateStyle => {
                style::date_style(value, before, reset).map_err(|why| refused().with_detail(why))
            }
            Kind::Zone => style::zone::find(value)
                .map(|(name, _)| name)
                .ok_or_else(refused),
        }
    }
}

/// A choice as it is shown. PostgreSQL takes some words that it does not list.
fn chosen(choices: &str, folded: &str) -> Option<String> {
    let listed = |word: &&str| choices.split(',').any(|choice| choice == *word);
    let unlisted = match folded {
        "debug" => "debug2",
        "info" if choices.contains("debug2") => return Some(folded.into()),
        "true" | "yes" | "1" => "on",
        "false" | "no" | "0" => "off",
        _ => folded,
    };
    Some(unlisted).filter(listed).map(str::to_owned)
}

/// The setting of that name, in any case.
pub(crate) fn find(name: &str) -> Option<&'static Known> {
    static BY_NAME: LazyLock<HashMap<String, &'static Known>> = LazyLock::new(|| {
        every()
            .map(|known| (known.name.to_ascii_lowercase(), known))
            .collect()
    });
    match BY_NAME.get(name) {
        Some(known) => Some(known),
        None => BY_NAME.get(&name.to_ascii_lowercase()).copied(),
    }
}

/// All settings that exist without being set.
pub(crate) fn every() -> impl Iterator<Item = &'static Known> {
    KNOWN.iter().chain(super::kept::all())
}

const fn setting(
    name: &'static str,
    default: &'static str,
    kind: Kind,
    about: &'static str,
) -> Known {
    Known {
        name,
        default,
        kind,
        setter: Setter::User,
        reported: false,
        about,
    }
}

const fn reported(
    name: &'static str,
    default: &'static str,
    kind: Kind,
    about: &'static str,
) -> Known {
    Known {
        reported: true,
        ..setting(name, default, kind, about)
    }
}

const fn fixed(name: &'static str, default: &'static str, about: &'static str) -> Known {
    Known {
        setter: Setter::Internal,
        ..setting(name, default, Kind::Text, about)
    }
}

const fn fixed_reported(name: &'static str, default: &'static str, about: &'static str) -> Known {
    Known {
        reported: true,
        ..fixed(name, default, about)
    }
}

/// From none to 24 days.
const DURATION: Range = Range {
    unit: Some(Unit {
        name: "ms",
        units: amount::TIME,
        each: 1.0,
    }),
    ..Range::of("0", "2147483647")
};
const ISOLATION: Kind = Kind::OneOf("serializable,repeatable read,read committed,read uncommitted");
const LEVELS: Kind = Kind::OneOf("debug5,debug4,debug3,debug2,debug1,log,notice,warning,error");

/// "Only printable ASCII characters may be used in the application_name value. Other characters will be
/// replaced with question marks" (manual of PostgreSQL 15): one for each byte (`pg_clean_ascii`).
fn clean_ascii(value: &str) -> String {
    let clean = |byte: u8| match byte {
        b' '..=b'~' => char::from(byte),
        _ => '?',
    };
    value.bytes().map(clean).collect()
}

/// Every known setting, by name.
pub(crate) const KNOWN: &[Known] = &[
    reported(
        "application_name",
        "",
        Kind::Ascii,
        "Sets the application name to be reported in statistics and logs.",
    ),
    setting(
        "bytea_output",
        "hex",
        Kind::OneOf("escape,hex"),
        "Sets the output format for bytea.",
    ),
    setting(
        "check_function_bodies",
        "on",
        Kind::Bool,
        "Check routine bodies during CREATE FUNCTION.",
    ),
    reported(
        "client_encoding",
        "UTF8",
        Kind::Encoding,
        "Sets the client's character set encoding.",
    ),
    setting(
        "client_min_messages",
        "notice",
        LEVELS,
        "Sets the message levels that are sent to the client.",
    ),
    reported(
        "DateStyle",
        "ISO, MDY",
        Kind::DateStyle,
        "Sets the display format for date and time values.",
    ),
    setting(
        "default_transaction_deferrable",
        "off",
        Kind::Bool,
        "Sets the default deferrable status of new transactions.",
    ),
    setting(
        "default_transaction_isolation",
        "read committed",
        ISOLATION,
        "Sets the isolation level of each new transaction.",
    ),
    reported(
        "default_transaction_read_only",
        "off",
        Kind::Bool,
        "Sets the default read-only status of new transactions.",
    ),
    setting(
        "escape_string_warning",
        "on",
        Kind::Bool,
        "Warn about backslash escapes in ordinary string literals.",
    ),
    setting(
        "extra_float_digits",
        "1",
        // PostgreSQL's own limits.
        Kind::Number(Range::of("-15", "3")),
        "Sets the number of digits displayed for floating-point values.",
    ),
    setting(
        "idle_in_transaction_session_timeout",
        "0",
        Kind::Duration,
        "Sets the maximum allowed idle time in a transaction.",
    ),
    setting(
        "idle_session_timeout",
        "0",
        Kind::Duration,
        "Sets the maximum allowed idle time outside a transaction.",
    ),
    fixed_reported(
        "in_hot_standby",
        "off",
        "Shows whether hot standby is currently active.",
    ),
    fixed_reported(
        "integer_datetimes",
        "on",
        "Shows whether datetimes are integer based.",
    ),
    reported(
        "IntervalStyle",
        "postgres",
        Kind::OneOf("postgres,postgres_verbose,sql_standard,iso_8601"),
        "Sets the display format for interval values.",
    ),
    fixed_reported(
        "is_superuser",
        "off",
        "Shows whether the current user is a superuser.",
    ),
    setting("jit", "off", Kind::Bool, "Allow JIT compilation."),
    setting(
        "lock_timeout",
        "0",
        Kind::Duration,
        "Sets the maximum allowed duration of any wait for a lock.",
    ),
    fixed(
        "max_identifier_length",
        "63",
        "Shows the maximum identifier length.",
    ),
    setting(
        "role",
        "none",
        Kind::Only(&["none"]),
        "Sets the current role.",
    ),
    setting("row_security", "on", Kind::Bool, "Enable row security."),
    setting(
        "search_path",
        "\"$user\", public",
        Kind::Text,
        "Sets the schema search order for names that are not schema-qualified.",
    ),
    fixed_reported(
        "server_encoding",
        "UTF8",
        "Shows the server (database) character set encoding.",
    ),
    fixed_reported(
        "server_version",
        SERVER_VERSION,
        "Shows the server version.",
    ),
    fixed(
        "server_version_num",
        "150018",
        "Shows the server version as an integer.",
    ),
    fixed_reported("session_authorization", "", "Sets the session user name."),
    reported(
        "standard_conforming_strings",
        "on",
        Kind::Only(&["on", "true", "yes", "1"]),
        "Causes '...' strings to treat backslashes literally.",
    ),
    setting(
        "statement_timeout",
        "0",
        Kind::Duration,
        "Sets the maximum allowed duration of any statement.",
    ),
    setting(
        "synchronous_commit",
        "on",
        Kind::OneOf("local,remote_write,remote_apply,on,off"),
        "Sets the current transaction's synchronization level.",
    ),
    reported(
        "TimeZone",
        "UTC",
        Kind::Zone,
        "Sets the time zone for displaying and interpreting time stamps.",
    ),
    setting(
        "transaction_deferrable",
        "off",
        Kind::Bool,
        "Whether to defer a read-only serializable transaction.",
    ),
    setting(
        "transaction_isolation",
        "read committed",
        ISOLATION,
        "Sets the current transaction's isolation level.",
    ),
    setting(
        "transaction_read_only",
        "off",
        Kind::Bool,
        "Sets the current transaction's read-only status.",
    ),
    setting(
        "xmloption",
        "content",
        Kind::OneOf("content,document"),
        "Sets whether XML data is a document or a fragment.",
    ),
];
