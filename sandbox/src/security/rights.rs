//! May somebody do something?

use std::collections::BTreeSet;
use std::fmt;

use super::{ALL_ROLE, PUBLIC, Right, Security};
use crate::catalog::key;

/// What a privilege is held on; names in upper case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Object {
    /// The privilege has no object.
    None,
    All,
    Schema(String),
    Named(String, String),
}

impl Object {
    pub(crate) fn named(schema: &str, name: &str) -> Self {
        Self::Named(key(schema), key(name))
    }

    pub(super) fn parse(text: &str) -> Self {
        match text {
            "" => Self::None,
            "*" => Self::All,
            text => match text.split_once('.') {
                Some((schema, "")) => Self::Schema(schema.to_owned()),
                Some((schema, name)) => Self::Named(schema.to_owned(), name.to_owned()),
                None => Self::None,
            },
        }
    }

    /// Is what holds on `self` good for `other`?
    pub(super) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, Self::Schema(_) | Self::Named(..) | Self::All) => true,
            (Self::Schema(schema), Self::Named(other, _)) => schema == other,
            _ => self == other,
        }
    }
}

/// Identifiers have no dots.
impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::All => f.write_str("*"),
            Self::Schema(schema) => write!(f, "{schema}."),
            Self::Named(schema, name) => write!(f, "{schema}.{name}"),
        }
    }
}

/// The privileges of one user in one namespace.
pub(crate) struct Rights<'a> {
    held: Vec<&'a Right>,
    roles: BTreeSet<(&'a str, bool)>,
    everything: bool,
}

impl<'a> Rights<'a> {
    pub(super) fn of(
        security: &'a Security,
        user: &str,
        namespace: &str,
        restricted: bool,
    ) -> Self {
        let mut names = BTreeSet::from([key(user), PUBLIC.to_owned()]);
        let mut roles = BTreeSet::new();
        loop {
            let before = names.len();
            for member in &security.members {
                if names.contains(&member.grantee) {
                    names.insert(member.role.clone());
                    roles.insert((member.role.as_str(), member.option));
                }
            }
            if names.len() == before {
                break;
            }
        }
        let everything = !restricted || names.contains(&key(ALL_ROLE));
        let held = security
            .rights
            .iter()
            .filter(|right| right.namespace == namespace && names.contains(&right.grantee));
        Self {
            held: held.collect(),
            roles,
            everything,
        }
    }

    /// Has it every privilege?
    pub(crate) fn has_everything(&self) -> bool {
        self.everything
    }

    /// Does it hold the privilege on the object, or on this column of it?
    pub(crate) fn has(&self, privilege: &str, object: &Object, column: &str) -> bool {
        self.everything || self.find(privilege, object, column, false)
    }

    /// May it pass the privilege on?
    pub(crate) fn may_grant(&self, privilege: &str, object: &Object, column: &str) -> bool {
        self.everything || self.find(privilege, object, column, true)
    }

    fn find(&self, privilege: &str, object: &Object, column: &str, option: bool) -> bool {
        self.held.iter().any(|right| {
            right.privilege == privilege
                && right.object.covers(object)
                && (right.column.is_empty() || right.column == key(column))
                && (right.option || !option)
        })
    }

    /// Does it hold the privilege on the object or on any column of it?
    pub(crate) fn has_some(&self, privilege: &str, object: &Object) -> bool {
        self.everything
            || self
                .held
                .iter()
                .any(|right| right.privilege == privilege && right.object.covers(object))
    }

    /// Does it hold anything at all on the object?
    pub(crate) fn sees(&self, object: &Object) -> bool {
        self.everything || self.held.iter().any(|right| right.object.covers(object))
    }

    /// Has it the role, perhaps with the right to pass it on?
    pub(crate) fn has_role(&self, role: &str, option: bool) -> bool {
        let role = key(role);
        self.everything
            || self
                .roles
                .iter()
                .any(|(name, may_grant)| *name == role && (*may_grant || !option))
    }
}
