//! What a session's settings mean for an answer.

use pgiris_catalog::Session;

use super::schemas;
use crate::relations::TEMPORARY_SETTING;
use crate::rules::version;
use crate::wit::{CatalogSession, Context};

/// The session that asks.
pub(super) fn of(context: &Context, asker: &CatalogSession) -> Session {
    let mut session = Session::plain();
    for (name, value) in &asker.settings {
        session.set(name, value);
    }
    let setting = |name: &str| {
        let found = context.settings.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    };
    session.version = version(context, setting("server_version"));
    session.process = i64::from(asker.process);
    session.transaction_start = asker.transaction_start;
    session.statement_start = asker.statement_start;
    let told = setting(TEMPORARY_SETTING).unwrap_or_default();
    session.temporary = told
        .split(',')
        .next()
        .filter(|schema| !schema.is_empty())
        .map(schemas::shown);
    let path = session
        .setting("search_path")
        .map(|path| named(path, context));
    if let Some(named) = path {
        let mut path: Vec<String> = session.temporary.iter().cloned().collect();
        if !named.iter().any(|name| name == "pg_catalog") {
            path.push("pg_catalog".to_owned());
        }
        session.implicit = path.len();
        path.extend(named);
        session.path = path;
    }
    session
}

/// The schemas that a `search_path` names, each once.
fn named(path: &str, context: &Context) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for part in path.split(',') {
        let part = part.trim();
        // The empty path that `set_config` makes, which names nothing.
        if part.is_empty() {
            continue;
        }
        let name = match part
            .strip_prefix('"')
            .and_then(|part| part.strip_suffix('"'))
        {
            Some("$user") => context.user.clone(),
            Some(quoted) => quoted.replace("\"\"", "\""),
            None => schemas::shown(&part.to_lowercase()),
        };
        // The schema of temporary tables is looked at first in any case.
        if !name.is_empty() && name != "pg_temp" && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
