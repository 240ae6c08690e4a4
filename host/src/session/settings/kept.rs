//! PostgreSQL's other settings: of its planner, memory, files and upkeep. Clients read them, and
//! set those that are a session's; nothing of what a statement means depends on them.

use std::sync::LazyLock;

use super::amount::{self, Range};
use super::known::{KNOWN, Kind, Known, Setter};

/// The rows of PostgreSQL 15's `pg_settings`, in COPY's text format. What they tell of the
/// machine is left out.
const DATA: &str = include_str!("../../../../guest/catalog/data/settings.tsv");

/// Settings whose only value is the one that the broker keeps to.
const ONLY: &[(&str, &[&str])] = &[
    ("exit_on_error", &["off", "false", "no", "0"]),
    ("transform_null_equals", &["off", "false", "no", "0"]),
];

/// PostgreSQL keeps these to superusers, and clients set them nevertheless.
const TAKEN: &[&str] = &["commit_delay", "lc_messages"];

/// All of them, by name.
pub(super) fn all() -> impl Iterator<Item = &'static Known> {
    static READ: LazyLock<Vec<Known>> = LazyLock::new(|| DATA.lines().filter_map(read).collect());
    READ.iter()
}

/// name, setting where it is not the default, unit, category, short_desc, extra_desc, context,
/// vartype, source, min_val, max_val, enumvals, boot_val
fn read(line: &'static str) -> Option<Known> {
    let fields: Vec<&'static str> = line.split('\t').collect();
    let field = |place: usize| fields.get(place).copied().filter(|field| *field != "\\N");
    let name = field(0)?;
    if KNOWN.iter().any(|known| known.name == name) {
        return None;
    }
    let setter = match field(6)? {
        _ if TAKEN.contains(&name) => Setter::User,
        "user" => Setter::User,
        "superuser" => Setter::Superuser,
        "backend" | "superuser-backend" => Setter::Start,
        "sighup" => Setter::Reload,
        "postmaster" => Setter::Restart,
        _ => Setter::Internal,
    };
    let range = || Range {
        unit: field(2).and_then(amount::unit),
        whole: field(7) == Some("integer"),
        ..Range::of(field(9).unwrap_or_default(), field(10).unwrap_or_default())
    };
    let only = ONLY.iter().find(|(known, _)| *known == name);
    let kind = match field(7)? {
        _ if only.is_some() => Kind::Only(only.map(|(_, values)| *values)?),
        "bool" => Kind::Bool,
        "integer" | "real" => Kind::Number(range()),
        "enum" => Kind::OneOf(field(11)?.trim_matches(['{', '}'])),
        _ if name.starts_with("lc_") => Kind::Locale,
        _ => Kind::Text,
    };
    let value = field(1).or(field(12)).unwrap_or_default();
    let default = match &kind {
        // As long as the list itself.
        Kind::Number(range) if range.unit.is_some() => range.shown(range.read(value).ok()?).leak(),
        _ => value,
    };
    Some(Known {
        name,
        default,
        kind,
        setter,
        reported: false,
        about: match setter {
            Setter::Internal => field(4)?,
            Setter::User => "Is kept, without effect on InterSystems IRIS.",
            _ => "Is PostgreSQL's default, without effect on InterSystems IRIS.",
        },
    })
}
