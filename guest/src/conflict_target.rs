//! Which key of a table an ON CONFLICT clause means.
//!
//! PostgreSQL manual, INSERT, "ON CONFLICT Clause": conflict_target.

use std::collections::HashSet;

use sqlparser::ast::{ConflictTarget, OnConflict, OnConflictAction};

use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::relations::{Key, Relation};
use crate::wit::Diagnostic;

/// The key that the clause names.
pub(crate) fn key<'a>(conflict: &OnConflict, relation: &'a Relation) -> Diagnosed<Option<&'a Key>> {
    match &conflict.conflict_target {
        None => match conflict.action {
            OnConflictAction::DoNothing => Ok(None),
            OnConflictAction::DoUpdate(_) => Err(Diagnostic::error(
                "42601",
                "ON CONFLICT DO UPDATE requires inference specification or constraint name",
            )
            .with_hint("For example, ON CONFLICT (column_name).")),
        },
        Some(ConflictTarget::Columns(columns)) => {
            let wanted: HashSet<String> = columns.iter().map(labels::folded).collect();
            for column in columns {
                let folded = labels::folded(column);
                if relation.column(&folded).is_none() {
                    let message = format!("column \"{folded}\" does not exist");
                    return Err(Diagnostic::error("42703", message));
                }
            }
            let is_it = |key: &&Key| {
                let named = key.columns.iter().map(|column| column.to_lowercase());
                named.collect::<HashSet<_>>() == lower(&wanted)
            };
            let found = relation.keys.iter().find(is_it);
            found.map(Some).ok_or_else(|| {
                Diagnostic::error(
                    "42P10",
                    "there is no unique or exclusion constraint matching the ON CONFLICT \
                     specification",
                )
            })
        }
        Some(ConflictTarget::OnConstraint(name)) => {
            let wanted = labels::of_name(name).unwrap_or_default();
            let found = relation
                .keys
                .iter()
                .find(|key| is_called(key, &wanted, relation));
            found.map(Some).ok_or_else(|| {
                let message = format!(
                    "constraint \"{wanted}\" for table \"{}\" does not exist",
                    relation.name
                );
                Diagnostic::error("42704", message)
            })
        }
    }
}

fn lower(names: &HashSet<String>) -> HashSet<String> {
    names.iter().map(|name| name.to_lowercase()).collect()
}

/// By IRIS's name, or by the one that PostgreSQL would have given it.
fn is_called(key: &Key, wanted: &str, relation: &Relation) -> bool {
    let given = if key.primary {
        format!("{}_pkey", relation.name)
    } else {
        format!("{}_{}_key", relation.name, key.columns.join("_"))
    };
    key.name.eq_ignore_ascii_case(wanted) || given.eq_ignore_ascii_case(wanted)
}
