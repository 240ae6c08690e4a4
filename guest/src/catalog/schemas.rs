//! What schemas of IRIS are in PostgreSQL's terms.

use crate::relations::temporary;
use crate::{comments, relations};

/// The name of a schema as clients see it: IRIS's default schema is PostgreSQL's.
pub(crate) fn shown(name: &str) -> String {
    if name.eq_ignore_ascii_case(relations::DEFAULT_SCHEMA) {
        return "public".to_owned();
    }
    temporary::shown(name).unwrap_or_else(|| name.to_owned())
}

/// The name of a schema in IRIS, by its name here.
pub(super) fn in_iris(name: &str) -> String {
    if name == "public" {
        return relations::DEFAULT_SCHEMA.to_owned();
    }
    temporary::in_iris(name).unwrap_or_else(|| name.to_owned())
}

/// Whether a schema, by its name here, is one of temporary tables.
pub(super) fn is_temporary(name: &str) -> bool {
    temporary::in_iris(name).is_some()
}

/// Whether the broker keeps something of its own in a schema.
pub(super) fn is_kept(name: &str) -> bool {
    [
        relations::enums::SCHEMA,
        relations::sequences::SCHEMA,
        comments::SCHEMA,
    ]
    .iter()
    .any(|own| name.eq_ignore_ascii_case(own))
}
