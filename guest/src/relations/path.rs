//! The schemas in which a name without one is looked for: the setting `search_path`.

use super::names::DEFAULT_SCHEMA;
use super::temporary::Temporary;
use crate::rule::Scene;

/// Other schemas than IRIS's default one, or more than it, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    schemas: Vec<String>,
    /// What is looked for before.
    temporary: Option<Temporary>,
}

impl Path {
    /// None if the default schema alone is looked in, as IRIS does.
    pub(crate) fn of(scene: &Scene<'_>) -> Option<Self> {
        let path = scene.setting("search_path").and_then(Self::read);
        let Some(temporary) = Temporary::of(scene) else {
            return path;
        };
        Some(Self {
            schemas: path.map_or_else(|| vec![DEFAULT_SCHEMA.to_owned()], |path| path.schemas),
            temporary: Some(temporary),
        })
    }

    /// The session's temporary tables, if it has a schema for them.
    pub(crate) fn temporary(&self) -> Option<&Temporary> {
        self.temporary.as_ref()
    }

    fn read(setting: &str) -> Option<Self> {
        let mut schemas: Vec<String> = Vec::new();
        for item in items(setting) {
            let item = item.trim();
            let name = match item
                .strip_prefix('"')
                .and_then(|item| item.strip_suffix('"'))
            {
                Some(quoted) => quoted.replace("\"\"", "\""),
                None => item.to_lowercase(),
            };
            let name = match name.as_str() {
                // PostgreSQL's own catalogue is looked in without being named, and a
                // schema of the user's name would have to be there.
                "" | "$user" | "pg_catalog" | "information_schema" => continue,
                "public" => DEFAULT_SCHEMA.to_owned(),
                _ => name,
            };
            if !schemas.contains(&name) {
                schemas.push(name);
            }
        }
        let is_default = match schemas.as_slice() {
            [] => true,
            [only] => only.eq_ignore_ascii_case(DEFAULT_SCHEMA),
            _ => false,
        };
        (!is_default).then_some(Self {
            schemas,
            temporary: None,
        })
    }

    /// In order, as IRIS calls them.
    pub(crate) fn schemas(&self) -> &[String] {
        &self.schemas
    }

    /// Where new tables are made.
    pub(crate) fn first(&self) -> &str {
        self.schemas.first().map_or(DEFAULT_SCHEMA, String::as_str)
    }
}

/// The parts between commas that are in no quotes.
fn items(setting: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    setting.split(move |character| {
        quoted ^= character == '"';
        character == ',' && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_lists_what_is_not_the_default() {
        for (setting, schemas) in [
            ("\"$user\", public", &[][..]),
            ("public", &[]),
            ("", &[]),
            ("pg_catalog", &[]),
            ("S1", &["s1"]),
            ("\"S1\", public", &["S1", "SQLUser"]),
            ("public, a, a", &["SQLUser", "a"]),
            ("\"a,b\"", &["a,b"]),
        ] {
            let path = Path::read(setting);
            let found = path.as_ref().map_or(&[][..], Path::schemas);
            assert_eq!(found, schemas, "{setting}");
        }
    }
}
