//! `pg_settings`: the settings that SHOW knows, with what PostgreSQL 15 says of them.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::catalog::Scene;
use crate::constant::fields;
use crate::value::{Row, Value};

/// Rows of `pg_settings` in COPY's text format.
const DATA: &str = include_str!("../data/settings.tsv");

/// What SHOW knows and neither `pg_settings` nor SHOW ALL lists in PostgreSQL.
const UNLISTED: &[&str] = &["is_superuser", "role", "session_authorization"];

/// How many of a unit a larger one holds.
const UNITS: &[(&str, i64)] = &[
    ("B", 1),
    ("kB", 1 << 10),
    ("MB", 1 << 20),
    ("GB", 1 << 30),
    ("TB", 1 << 40),
    ("us", 1),
    ("ms", 1000),
    ("s", 1_000_000),
    ("min", 60_000_000),
    ("h", 3_600_000_000),
    ("d", 86_400_000_000),
];

/// A row for each setting of the session.
pub(crate) fn rows(scene: Scene<'_>) -> Vec<Row> {
    let settings = scene.session.settings.iter();
    let listed = settings.filter(|(name, _)| !UNLISTED.contains(&name.as_str()));
    listed.map(|(name, value)| row(name, value)).collect()
}

/// name, setting, unit, category, short_desc, extra_desc, context, vartype, source,
/// min_val, max_val, enumvals, boot_val, reset_val, sourcefile, sourceline,
/// pending_restart
fn row(name: &str, value: &str) -> Row {
    let Some(known) = known().get(name) else {
        return unknown(name, value);
    };
    let known = |place: usize| known.get(place).cloned().flatten();
    let unit = known(2);
    let setting = match &unit {
        Some(unit) => in_unit(value, unit),
        None => value.to_owned(),
    };
    let boot = known(12);
    // A session sets those of contexts "user" and "superuser" alone.
    let is_sessions = known(6).is_some_and(|context| context.contains("user"));
    let is_default = boot.is_none() || boot.as_deref() == Some(setting.as_str());
    let source = match is_sessions && !is_default && known(1).is_none() {
        true => "session",
        false => "default",
    };
    let enums = known(11).map_or(Value::Null, |list| {
        let list = list.trim_matches(['{', '}']);
        Value::array(
            list.split(',')
                .map(|label| label.trim_matches('"').into())
                .collect(),
        )
    });
    Row::from([
        name.into(),
        setting.into(),
        unit.into(),
        known(3).into(),
        known(4).into(),
        known(5).into(),
        known(6).into(),
        known(7).into(),
        source.into(),
        known(9).into(),
        known(10).into(),
        enums,
        boot.clone().into(),
        boot.into(),
        Value::Null,
        Value::Null,
        false.into(),
    ])
}

/// A setting of two-part name, or one that PostgreSQL 15 does not have.
fn unknown(name: &str, value: &str) -> Row {
    let (category, context, source) = match name.contains('.') {
        true => ("Customized Options", "user", "session"),
        false => ("Preset Options", "internal", "default"),
    };
    Row::from([
        name.into(),
        value.into(),
        Value::Null,
        category.into(),
        "".into(),
        Value::Null,
        context.into(),
        "string".into(),
        source.into(),
        Value::Null,
        Value::Null,
        Value::Null,
        value.into(),
        value.into(),
        Value::Null,
        Value::Null,
        false.into(),
    ])
}

fn known() -> &'static HashMap<String, Vec<Option<String>>> {
    static PARSED: OnceLock<HashMap<String, Vec<Option<String>>>> = OnceLock::new();
    PARSED.get_or_init(|| {
        let rows = DATA.lines().map(fields);
        rows.filter_map(|row| Some((row.first()?.clone()?, row)))
            .collect()
    })
}

/// What SHOW prints with the best unit, as a number of this one.
fn in_unit(shown: &str, unit: &str) -> String {
    let split = |text: &str| {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '-');
        let (digits, unit) = text.split_at(end.unwrap_or(text.len()));
        let scale = UNITS.iter().find(|(name, _)| *name == unit);
        Some((digits.parse::<i64>().ok(), scale?.1))
    };
    let (Some((Some(amount), scale)), Some((each, base))) = (split(shown), split(unit)) else {
        return shown.to_owned();
    };
    let base = base * each.unwrap_or(1);
    (amount.saturating_mul(scale) / base).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_counted_in_the_unit_of_the_setting() {
        for (shown, unit, number) in [
            ("4MB", "kB", "4096"),
            ("8MB", "8kB", "1024"),
            ("0", "ms", "0"),
            ("-1", "kB", "-1"),
            ("1min", "s", "60"),
            ("1s", "ms", "1000"),
        ] {
            assert_eq!(in_unit(shown, unit), number, "{shown}");
        }
    }
}
