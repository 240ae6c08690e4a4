//! What the words mean that keys take.

use pgiris::tls::{Minimum, Mode};
use pgiris::{AdvisoryLocks, PoolMode};

use crate::cli::config::LogFormat;

pub(super) const MODES: &[(&str, Option<Mode>)] = &[
    ("disable", None),
    ("allow", Some(Mode::Allow)),
    ("require", Some(Mode::Require)),
];

pub(super) const POOL_MODES: &[(&str, PoolMode)] = &[
    ("session", PoolMode::Session),
    ("transaction", PoolMode::Transaction),
    ("statement", PoolMode::Statement),
];

pub(super) const ADVISORY_LOCKS: &[(&str, AdvisoryLocks)] = &[
    ("alone", AdvisoryLocks::Alone),
    ("always", AdvisoryLocks::Always),
    ("never", AdvisoryLocks::Never),
];

pub(super) const VERSIONS: &[(&str, Minimum)] = &[("1.2", Minimum::Tls12), ("1.3", Minimum::Tls13)];

pub(super) const FORMATS: &[(&str, LogFormat)] =
    &[("text", LogFormat::Text), ("json", LogFormat::Json)];

pub(super) const LEVELS: &[(&str, tracing::Level)] = &[
    ("error", tracing::Level::ERROR),
    ("warn", tracing::Level::WARN),
    ("info", tracing::Level::INFO),
    ("debug", tracing::Level::DEBUG),
    ("trace", tracing::Level::TRACE),
];
