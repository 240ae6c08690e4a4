//! The settings that every session has.

use super::amount::{self, Units, Unknown};
use crate::diagnostic::Diagnostic;
use crate::frontend::charset;
use crate::value::style;

/// The version of PostgreSQL that clients are told they talk to: drivers
/// choose features by it.
pub(crate) const SERVER_VERSION: &str = "16.9";

/// A setting that exists without being set.
pub(crate) struct Known {
    /// As PostgreSQL spells it.
    pub(crate) name: &'static str,
    pub(crate) default: &'static str,
    kind: Kind,
    /// The server alone decides.
    pub(crate) fixed: bool,
    /// Changes are told by ParameterStatus.
    pub(crate) reported: bool,
    /// For SHOW ALL.
    pub(crate) about: &'static str,
}

/// What values a setting takes.
pub(super) enum Kind {
    Text,
    Bool,
    /// A whole number between these.
    Between(i32, i32),
    /// An amount of memory between the second and the third, in so many kilobytes.
    Memory(i32, i32, i32),
    /// A number from 0 to this.
    Real(f64),
    /// The name of a locale: texts are those of "C" alone.
    Locale,
    /// Milliseconds, or a number with a unit of time.
    Duration,
    /// One of these, in lower case.
    OneOf(&'static [&'static str]),
    /// Only values of this meaning can be had; the first is how it is shown.
    Only(&'static [&'static str]),
    /// The name of a character set, in any of its spellings.
    Encoding,
    /// A style and an order of day, month and year, either of which may be left out.
    DateStyle,
    /// The name of a time zone, or its hours east of Greenwich.
    Zone,
}

impl Known {
    /// A number of so many of the base each, between two such numbers.
    fn amount(
        &self,
        value: &str,
        units: &Units,
        each: i32,
        (least, most): (i32, i32),
    ) -> Result<String, Diagnostic> {
        let found = amount::in_units(value, units, f64::from(each));
        let number = found.map_err(|unknown| {
            let refused = Diagnostic::setting_value(self.name, value);
            match unknown {
                Unknown::Unit => refused.with_hint(units.hint),
                Unknown::Number => refused,
            }
        })?;
        if !(f64::from(least)..=f64::from(most)).contains(&number) {
            let each = if each == 1 {
                String::new()
            } else {
                each.to_string()
            };
            let unit = format!(" {each}{}", units.base);
            return Err(Diagnostic::setting_range(
                self.name, number, &unit, least, most,
            ));
        }
        Ok(amount::shown(number * f64::from(each), units))
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
            Kind::Bool => amount::switch(&folded)
                .map(str::to_owned)
                .ok_or_else(|| Diagnostic::setting_bool(self.name)),
            Kind::Between(least, most) => {
                let number = amount::number(value).ok_or_else(refused)?;
                let number = number.round_ties_even();
                if number < f64::from(*least) || number > f64::from(*most) {
                    return Err(Diagnostic::setting_range(
                        self.name, number, "", *least, *most,
                    ));
                }
                Ok((number as i32).to_string())
            }
            Kind::Real(most) => {
                let number = amount::number(value).ok_or_else(refused)?;
                if !(0.0..=*most).contains(&number) {
                    return Err(Diagnostic::setting_range(self.name, number, "", 0, *most));
                }
                Ok(number.to_string())
            }
            Kind::Memory(kilobytes, least, most) => {
                self.amount(value, amount::MEMORY, *kilobytes, (*least, *most))
            }
            Kind::Duration => self.amount(value, amount::TIME, 1, (0, i32::MAX)),
            Kind::Locale => match value {
                "" | "C" | "POSIX" => Ok(value.to_owned()),
                _ => Err(refused()),
            },
            Kind::OneOf(choices) => {
                // PostgreSQL takes these two, shows the first as another and lists neither.
                match folded.as_str() {
                    "debug" if choices.contains(&"debug2") => return Ok("debug2".into()),
                    "info" if choices.contains(&"debug2") => return Ok(folded),
                    _ => {}
                }
                if choices.contains(&folded.as_str()) {
                    Ok(folded)
                } else {
                    Err(refused().with_hint(format!("Available values: {}.", choices.join(", "))))
                }
            }
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

/// The setting of that name, in any case.
pub(crate) fn find(name: &str) -> Option<&'static Known> {
    KNOWN
        .iter()
        .chain(super::kept::KEPT)
        .find(|known| known.name.eq_ignore_ascii_case(name))
}

/// A setting whose value is kept and has no effect.
pub(super) const fn kept(name: &'static str, default: &'static str, kind: Kind) -> Known {
    setting(
        name,
        default,
        kind,
        "Is kept, without effect on InterSystems IRIS.",
    )
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
        fixed: false,
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
        fixed: true,
        ..setting(name, default, Kind::Text, about)
    }
}

const fn fixed_reported(name: &'static str, default: &'static str, about: &'static str) -> Known {
    Known {
        reported: true,
        ..fixed(name, default, about)
    }
}

const ISOLATION: Kind = Kind::OneOf(&[
    "serializable",
    "repeatable read",
    "read committed",
    "read uncommitted",
]);
const LEVELS: Kind = Kind::OneOf(&[
    "debug5", "debug4", "debug3", "debug2", "debug1", "log", "notice", "warning", "error",
]);

/// Every known setting, by name.
pub(crate) const KNOWN: &[Known] = &[
    reported(
        "application_name",
        "",
        Kind::Text,
        "Sets the application name to be reported in statistics and logs.",
    ),
    setting(
        "bytea_output",
        "hex",
        Kind::OneOf(&["escape", "hex"]),
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
        Kind::Between(-15, 3),
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
        Kind::OneOf(&["postgres", "postgres_verbose", "sql_standard", "iso_8601"]),
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
    fixed_reported(
        "scram_iterations",
        "4096",
        "Sets the iteration count for SCRAM secret generation.",
    ),
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
        "160009",
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
        Kind::Text,
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
        Kind::OneOf(&["content", "document"]),
        "Sets whether XML data is a document or a fragment.",
    ),
];
