//! SET OPTION: which options there are, what they take, and what has an effect here.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::Connection;
use crate::error::{Result, SqlError};

/// Options of the whole instance, until it ends; all connections follow at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Where unqualified names live, if not in `SQLUser`.
    pub(crate) default_schema: Option<String>,
    /// Is `"…"` an identifier? Otherwise it is a string.
    pub(crate) delimited_identifiers: bool,
    /// DISTINCT and GROUP BY give values in the letter case of a row.
    pub(crate) exact_distinct: bool,
    pub(crate) lock_threshold: u64,
    pub(crate) parallel_threshold: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            default_schema: None,
            delimited_identifiers: true,
            exact_distinct: false,
            lock_threshold: 1000,
            parallel_threshold: 3200,
        }
    }
}

/// What of the options concerns the meaning of a statement.
#[derive(Clone, Debug)]
pub(crate) struct Choices {
    pub(crate) settings: Arc<Settings>,
    /// Digits of a clock that is asked for none.
    pub(crate) time_precision: u32,
    /// Every row that a query reads is held against the locks of others.
    pub(crate) checks_locks: bool,
}

/// Properties of the process's locale; they concern the Display mode, which no driver uses.
const LOCALE: [&str; 21] = [
    "AM",
    "DATE_FORMAT",
    "DATE_MAXIMUM",
    "DATE_MINIMUM",
    "DATE_SEPARATOR",
    "DECIMAL_SEPARATOR",
    "MIDNIGHT",
    "MINUS_SIGN",
    "MONTH_ABBR",
    "MONTH_NAME",
    "NOON",
    "NUMERIC_GROUP_SEPARATOR",
    "NUMERIC_GROUP_SIZE",
    "PLUS_SIGN",
    "PM",
    "TIME_FORMAT",
    "TIME_PRECISION",
    "TIME_SEPARATOR",
    "WEEKDAY_ABBR",
    "WEEKDAY_NAME",
    "YEAR_OPTION",
];

/// The locale properties that take a whole number, and the largest.
const LOCALE_NUMBERS: [(&str, u32); 7] = [
    ("DATE_FORMAT", 15),
    ("DATE_MAXIMUM", 2_980_013),
    ("DATE_MINIMUM", 2_980_013),
    ("NUMERIC_GROUP_SIZE", 99),
    ("TIME_FORMAT", 4),
    ("TIME_PRECISION", 9),
    ("YEAR_OPTION", 6),
];

/// Most seconds that a lock may be waited for.
const LONGEST_WAIT: u64 = 32_767;

impl Connection {
    /// -1 for an unknown option, -129 for a locale value that cannot be, -99
    /// for an option of the instance that the user may not set.
    pub(crate) fn set_option(&mut self, name: &str, value: &str) -> Result<()> {
        if LOCALE.contains(&name) {
            return self.set_locale(name, value);
        }
        match name {
            "LOCK_TIMEOUT" => {
                let seconds = number(name, value)?.min(LONGEST_WAIT);
                let session = &self.session;
                session.lock_timeout.store(seconds, Ordering::Relaxed);
                return self.set_lock_timeout(Duration::from_secs(seconds));
            }
            "COMPILEMODE" => {
                return match value.to_ascii_uppercase().as_str() {
                    "IMMEDIATE" | "DEFERRED" | "INSTALL" | "NOCHECK" => Ok(()),
                    _ => Err(illegal(name, value)),
                };
            }
            // Refused rather than ignored: the RowID would be the key.
            "PKEY_IS_IDKEY" if boolean(name, value)? => {
                let text = "the sandbox has no primary keys that are IDKEYs";
                return Err(SqlError::new(-400, text));
            }
            _ => {}
        }
        let mut settings = (*self.session.instance.settings()).clone();
        match name {
            "DEFAULT_SCHEMA" => settings.default_schema = Some(schema(value, &self.session.user)),
            "SUPPORT_DELIMITED_IDENTIFIERS" => {
                settings.delimited_identifiers = boolean(name, value)?;
            }
            "EXACT_DISTINCT" => settings.exact_distinct = boolean(name, value)?,
            "LOCK_ESCALATION_THRESHOLD" => settings.lock_threshold = number(name, value)?,
            "AUTO_PARALLEL_THRESHOLD" => settings.parallel_threshold = number(name, value)?,
            "PKEY_IS_IDKEY" => {}
            _ => return Err(SqlError::new(-1, format!("unknown option {name}"))),
        }
        self.require_everything("%Admin_Manage")?;
        self.session.instance.set(settings);
        Ok(())
    }

    fn set_locale(&mut self, name: &str, value: &str) -> Result<()> {
        let refused = || SqlError::new(-129, format!("{name} = {value}"));
        let largest = LOCALE_NUMBERS.iter().find(|(known, _)| *known == name);
        let Some((_, largest)) = largest else {
            return Ok(());
        };
        let number: u32 = value.parse().map_err(|_| refused())?;
        if number > *largest {
            return Err(refused());
        }
        if name == "TIME_PRECISION" {
            self.session.time_precision.store(number, Ordering::Relaxed);
            self.epoch += 1;
        }
        Ok(())
    }

    /// The options in force for the next statement.
    pub(crate) fn choices(&self) -> Choices {
        Choices {
            settings: self.session.instance.settings(),
            time_precision: self.session.time_precision.load(Ordering::Relaxed),
            checks_locks: false,
        }
    }
}

fn illegal(name: &str, value: &str) -> SqlError {
    SqlError::new(-1, format!("{name} cannot be {value}"))
}

fn number(name: &str, value: &str) -> Result<u64> {
    value.parse().map_err(|_| illegal(name, value))
}

fn boolean(name: &str, value: &str) -> Result<bool> {
    match value.to_ascii_uppercase().as_str() {
        "TRUE" | "1" => Ok(true),
        "FALSE" | "0" => Ok(false),
        _ => Err(illegal(name, value)),
    }
}

/// `_CURRENT_USER` stands for the user's name, `_CURRENT_USER/name` too.
fn schema(value: &str, user: &str) -> String {
    match value.split('/').next() {
        Some("_CURRENT_USER") => user.to_owned(),
        _ => value.to_owned(),
    }
}
