//! Functions that answer from the connection: user, clock, counters, metadata.

use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use bigdecimal::BigDecimal;
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

use super::{Datum, text_of};
use crate::session::Session;
use crate::temporal;

/// When this process began to count for `$ZHOROLOG`.
static START: OnceLock<Instant> = OnceLock::new();

/// Registers the functions of this session.
pub(super) fn register(connection: &Connection, session: &Arc<Session>) -> rusqlite::Result<()> {
    START.get_or_init(Instant::now);
    let add = |name: &str, arguments: i32, body: fn(&Session, &Context<'_>) -> Datum| {
        let session = Arc::clone(session);
        let flags = FunctionFlags::SQLITE_UTF8;
        connection.create_scalar_function(name, arguments, flags, move |context| {
            Ok(body(&session, context))
        })
    };
    add("iris_user", 0, |s, _| Datum::Text(s.user.clone()))?;
    add("iris_namespace", 0, |s, _| Datum::Text(s.namespace.clone()))?;
    add("iris_default_schema", 0, |s, _| {
        Datum::Text(default_schema(s))
    })?;
    add("iris_version", 0, |s, _| {
        Datum::Text(s.version.as_str().to_owned())
    })?;
    add("iris_zversion", 0, |s, _| {
        let version = s.version;
        Datum::Text(format!(
            "IRIS for UNIX (Sandbox) {version} (Build 0U) Thu Jan 1 1970 00:00:00 UTC"
        ))
    })?;
    add("iris_tlevel", 0, |s, _| {
        Datum::Integer(s.level.load(Ordering::Relaxed).into())
    })?;
    add("iris_job", 0, |s, _| Datum::Integer(s.job))?;
    add("iris_last_identity", 0, |s, _| {
        match s.last_identity.load(Ordering::Relaxed) {
            i64::MIN => Datum::Null,
            id => Datum::Integer(id),
        }
    })?;
    add("iris_no_check", 0, |s, _| {
        Datum::Integer(s.no_check.load(Ordering::Relaxed).into())
    })?;
    add("iris_owner", 0, |s, _| Datum::Integer(s.owner))?;
    add("iris_position", 0, |s, _| {
        Datum::Integer(crate::journal::position(s))
    })?;
    add("iris_claim", 2, |s, c| match c.get_raw(1) {
        ValueRef::Integer(value) => {
            s.counters.claim(name_of(c), value);
            Datum::Integer(value)
        }
        _ => Datum::Integer(s.counters.next(name_of(c))),
    })?;
    add("iris_counted", 2, |s, c| counted(s, c, true))?;
    add("iris_given", 2, |s, c| counted(s, c, false))?;
    add("iris_today", 0, |_, _| {
        Datum::Integer(temporal::days(temporal::now(0).date()))
    })?;
    add("iris_now", -1, |s, c| {
        let digits = match c.len() {
            0 => s.time_precision.load(Ordering::Relaxed).min(9),
            _ => digits(c),
        };
        Datum::Text(temporal::timestamp_text(temporal::now(digits)))
    })?;
    add("iris_clock", 1, |_, c| {
        Datum::Integer(temporal::nanoseconds(temporal::now(digits(c)).time()))
    })?;
    add("iris_clock0", 0, |_, _| {
        Datum::Integer(temporal::nanoseconds(temporal::now(0).time()))
    })?;
    add("iris_horolog", 0, |_, _| {
        let now = temporal::now(0);
        let seconds = temporal::nanoseconds(now.time()) / 1_000_000_000;
        Datum::Text(format!("{},{seconds}", temporal::days(now.date())))
    })?;
    add("iris_ztimestamp", 0, |_, _| {
        let now = temporal::now(3);
        let thousandths = temporal::nanoseconds(now.time()) / 1_000_000;
        let (seconds, rest) = (thousandths / 1_000, thousandths % 1_000);
        Datum::Text(format!(
            "{},{seconds}.{rest:03}",
            temporal::days(now.date())
        ))
    })?;
    add("iris_elapsed", 0, |_, _| {
        let elapsed = START.get_or_init(Instant::now).elapsed().as_micros();
        let seconds = BigDecimal::from(elapsed) / BigDecimal::from(1_000_000);
        super::numeric(&seconds).unwrap_or(Datum::Null)
    })?;
    add("iris_is_reserved", 1, |_, c| {
        Datum::Integer(crate::reserved::is_reserved(&text_of(c.get_raw(0))).into())
    })?;
    add("iris_option", 1, |s, c| option(s, &text_of(c.get_raw(0))))?;
    add("iris_sqlcode_text", 1, |_, c| match c.get_raw(0) {
        ValueRef::Integer(code) => {
            let code = i32::try_from(code).unwrap_or(0);
            Datum::Text(crate::SqlError::code(code).message)
        }
        _ => Datum::Null,
    })?;
    add("iris_database", 0, |_, _| Datum::Text(String::new()))?;
    add("iris_is_identifier", 1, |_, c| {
        let valid = crate::reserved::is_regular_identifier(&text_of(c.get_raw(0)));
        Datum::Integer(valid.into())
    })?;
    add("iris_random", 1, |_, c| {
        use std::hash::{BuildHasher as _, RandomState};
        let below = match c.get_raw(0) {
            ValueRef::Integer(below) => below.unsigned_abs(),
            other => {
                crate::decimal::to_i64(&crate::decimal::leading(&text_of(other))).unsigned_abs()
            }
        };
        let drawn = RandomState::new().hash_one(0) % below.max(1);
        Datum::Text(drawn.to_string())
    })?;
    add("iris_guid", 0, |_, _| Datum::Text(guid()))
}

/// A value given for a counter; NULL and 0 are none. Does it move the counter?
fn counted(session: &Session, context: &Context<'_>, moves: bool) -> Datum {
    match context.get_raw(1) {
        ValueRef::Integer(value) if value != 0 => {
            if moves {
                session.counters.claim(name_of(context), value);
            }
            Datum::Integer(value)
        }
        _ => Datum::Integer(session.counters.next(name_of(context))),
    }
}

fn name_of<'a>(context: &'a Context<'_>) -> &'a str {
    match context.get_raw(0) {
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).unwrap_or(""),
        _ => "",
    }
}

fn digits(context: &Context<'_>) -> u32 {
    match (
        context.len(),
        context.len().checked_sub(1).map(|n| context.get_raw(n)),
    ) {
        (1, Some(ValueRef::Integer(digits))) => u32::try_from(digits).unwrap_or(0).min(9),
        _ => 0,
    }
}

fn default_schema(session: &Session) -> String {
    let settings = session.instance.settings();
    let schema = settings.default_schema.as_deref();
    schema.unwrap_or(crate::catalog::DEFAULT_SCHEMA).to_owned()
}

/// `Util_GetOption`: the options that clients read; NULL for an unknown one.
fn option(session: &Session, name: &str) -> Datum {
    let settings = session.instance.settings();
    let value = match name.to_ascii_uppercase().as_str() {
        "DEFAULTSCHEMA" => return Datum::Text(default_schema(session)),
        "TODATEDEFAULTFORMAT" => return Datum::Text("DD MON YYYY".to_owned()),
        "DELIMITEDIDS" => settings.delimited_identifiers.into(),
        "FASTDISTINCT" => (!settings.exact_distinct).into(),
        "LOCKTHRESHOLD" => settings.lock_threshold,
        "AUTOPARALLELTHRESHOLD" => settings.parallel_threshold,
        "LOCKTIMEOUT" => session.lock_timeout.load(Ordering::Relaxed),
        "TIMEPRECISION" => session.time_precision.load(Ordering::Relaxed).into(),
        "ISOLATIONMODE" => session.isolation.load(Ordering::Relaxed).into(),
        "ODBCVARCHARMAXLEN" => 4096,
        "TCPKEEPALIVE" => 300,
        "AUTOCOMMIT" => session.commit_mode.load(Ordering::Relaxed).into(),
        "IDKEY"
        | "REFERENTIALCHECKS"
        | "ANSIPRECEDENCE"
        | "SELECTMODE"
        | "ADAPTIVEMODE"
        | "AUTOPARALLEL"
        | "DDLDEFINEBITMAPEXTENT"
        | "DDLFINAL"
        | "DDLUSEEXTENTSET"
        | "DDLUSESEQUENCE"
        | "DROPDELETE" => 1,
        "IDENTITYINSERT"
        | "EXTRINSICFUNCTIONS"
        | "QUERYPROCEDURES"
        | "ALLOWROWIDUPDATE"
        | "CLIENTMAXIDLETIME"
        | "DDLNO201"
        | "DDLNO30"
        | "DDLNO307"
        | "DDLNO311"
        | "DDLNO315"
        | "DDLNO324"
        | "DDLNO333"
        | "COMPATIBILITYPREUNIONCOLLATION" => 0,
        _ => return Datum::Null,
    };
    Datum::Text(value.to_string())
}

/// A random GUID, upper case. Unique is all it has to be.
pub(crate) fn guid() -> String {
    use std::hash::{BuildHasher as _, RandomState};
    let bits = |salt: u64| RandomState::new().hash_one(salt);
    let (a, b) = (bits(1), bits(2));
    format!(
        "{:08X}-{:04X}-4{:03X}-{:04X}-{:012X}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        b >> 48 & 0x3fff | 0x8000,
        b & 0xffff_ffff_ffff
    )
}
