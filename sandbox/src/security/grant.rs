//! GRANT and REVOKE.

use super::{Member, Object, PUBLIC, Right, Security, unknown};
use crate::ast::{Cascade, GrantMode};
use crate::catalog::key;
use crate::error::{Result, SqlError};

/// Privileges on tables, views and procedures; `ALL` means all of them.
pub(crate) const PRIVILEGES: [&str; 7] = [
    "%ALTER",
    "DELETE",
    "EXECUTE",
    "INSERT",
    "REFERENCES",
    "SELECT",
    "UPDATE",
];

/// Privileges without an object.
pub(crate) const STANDALONE: [&str; 21] = [
    "%CREATE_FUNCTION",
    "%DROP_FUNCTION",
    "%CREATE_METHOD",
    "%DROP_METHOD",
    "%CREATE_PROCEDURE",
    "%DROP_PROCEDURE",
    "%CREATE_QUERY",
    "%DROP_QUERY",
    "%CREATE_TABLE",
    "%ALTER_TABLE",
    "%DROP_TABLE",
    "%CREATE_VIEW",
    "%ALTER_VIEW",
    "%DROP_VIEW",
    "%CREATE_TRIGGER",
    "%DROP_TRIGGER",
    "%NOCHECK",
    "%NOINDEX",
    "%NOLOCK",
    "%NOTRIGGER",
    "%NOJOURN",
];

/// Stands for the first sixteen of [`STANDALONE`].
const DEFINITION: &str = "%DB_OBJECT_DEFINITION";

/// Who grants or revokes, and where.
pub(crate) struct Grantor<'a> {
    pub(crate) user: &'a str,
    pub(crate) namespace: &'a str,
    pub(crate) restricted: bool,
    /// Owners of an object may do everything with it.
    pub(crate) owner: bool,
}

impl Security {
    /// The grantees, `*` written out; -118 for one that does not exist.
    fn grantees(&self, names: &[String]) -> Result<Vec<String>> {
        let mut all = Vec::new();
        for name in names {
            if name == "*" {
                all.extend(self.users.keys().cloned());
            } else if self.has_user(name) || self.has_role(name) || key(name) == PUBLIC {
                all.push(key(name));
            } else {
                return Err(unknown(name));
            }
        }
        Ok(all)
    }

    /// Roles and privileges without an object.
    pub(crate) fn grant_names(
        &mut self,
        names: &[String],
        grantees: &[String],
        mode: GrantMode,
        grantor: &Grantor<'_>,
    ) -> Result<()> {
        let grantees = self.grantees(grantees)?;
        for name in names {
            let privileges = standalone(name);
            if privileges.is_empty() {
                self.grant_role(name, &grantees, mode, grantor)?;
            }
            for privilege in privileges {
                let wanted = (Object::None, privilege.to_owned(), String::new());
                self.grant_right(&wanted, &grantees, mode, grantor)?;
            }
        }
        Ok(())
    }

    fn grant_role(
        &mut self,
        role: &str,
        grantees: &[String],
        mode: GrantMode,
        grantor: &Grantor<'_>,
    ) -> Result<()> {
        if !self.has_role(role) {
            return Err(unknown(role));
        }
        let rights = self.rights(grantor.user, grantor.namespace, grantor.restricted);
        if !rights.has_role(role, true) {
            return Err(SqlError::new(
                -99,
                format!("role {role} may not be granted"),
            ));
        }
        for grantee in grantees {
            let member = |option| Member {
                role: key(role),
                grantee: grantee.clone(),
                option,
            };
            match mode {
                GrantMode::Grant { option } => {
                    if self.role_contains(grantee, &key(role)) {
                        return Err(SqlError::new(-400, "a role cannot contain itself"));
                    }
                    let option = option || self.members.remove(&member(true));
                    self.members.remove(&member(false));
                    self.members.insert(member(option));
                }
                GrantMode::Revoke { option_only, .. } => {
                    let had = self.members.remove(&member(true));
                    let had = self.members.remove(&member(false)) || had;
                    if had && option_only {
                        self.members.insert(member(false));
                    }
                }
            }
        }
        Ok(())
    }

    /// Is `inner` the same as `outer`, or reached from it by roles?
    fn role_contains(&self, inner: &str, outer: &str) -> bool {
        let mut reached = vec![outer.to_owned()];
        let mut next = 0;
        while let Some(name) = reached.get(next).cloned() {
            if name == inner {
                return true;
            }
            let roles = self.members.iter().filter(|member| member.grantee == name);
            let new: Vec<String> = roles
                .map(|member| member.role.clone())
                .filter(|role| !reached.contains(role))
                .collect();
            reached.extend(new);
            next += 1;
        }
        false
    }

    /// One privilege on one object or column, for each grantee.
    pub(crate) fn grant_object(
        &mut self,
        object: &Object,
        privilege: &str,
        column: &str,
        grantees: &[String],
        (mode, grantor): (GrantMode, &Grantor<'_>),
    ) -> Result<()> {
        let grantees = self.grantees(grantees)?;
        let wanted = (object.clone(), privilege.to_owned(), key(column));
        self.grant_right(&wanted, &grantees, mode, grantor)
    }

    fn grant_right(
        &mut self,
        wanted: &(Object, String, String),
        grantees: &[String],
        mode: GrantMode,
        grantor: &Grantor<'_>,
    ) -> Result<()> {
        let (object, privilege, column) = wanted;
        let rights = self.rights(grantor.user, grantor.namespace, grantor.restricted);
        let everything = rights.has_everything();
        if !grantor.owner && !rights.may_grant(privilege, object, column) {
            let detail = format!("no right to grant {privilege} on {object}");
            return Err(SqlError::new(-99, detail));
        }
        for grantee in grantees {
            match mode {
                GrantMode::Grant { option } => {
                    let right = |option| Right {
                        namespace: grantor.namespace.to_owned(),
                        object: object.clone(),
                        privilege: privilege.clone(),
                        column: column.clone(),
                        grantee: grantee.clone(),
                        grantor: key(grantor.user),
                        option,
                    };
                    let option = option || self.rights.remove(&right(true));
                    self.rights.remove(&right(false));
                    self.rights.insert(right(option));
                }
                GrantMode::Revoke {
                    cascade,
                    option_only,
                } => {
                    // Whoever has everything takes back what anybody granted.
                    let by = (!everything && !grantor.owner).then(|| key(grantor.user));
                    let namespace = grantor.namespace;
                    let lost: Vec<Right> = self
                        .rights
                        .iter()
                        .filter(|right| {
                            right.namespace == namespace
                                && right.object == *object
                                && right.privilege == *privilege
                                && right.column == *column
                                && right.grantee == *grantee
                                && by.as_ref().is_none_or(|by| right.grantor == *by)
                        })
                        .cloned()
                        .collect();
                    self.revoke(lost, cascade, option_only)?;
                }
            }
        }
        Ok(())
    }

    fn revoke(&mut self, lost: Vec<Right>, cascade: Cascade, option_only: bool) -> Result<()> {
        let mut lost = lost;
        let first = lost.len();
        let mut next = 0;
        while let Some(right) = lost.get(next).cloned() {
            let passed_on = |other: &&Right| {
                other.namespace == right.namespace
                    && other.object == right.object
                    && other.privilege == right.privilege
                    && other.grantor == right.grantee
            };
            let dependents = self.rights.iter().filter(passed_on);
            let dependents: Vec<Right> = dependents
                .filter(|other| !lost.contains(other))
                .cloned()
                .collect();
            if !dependents.is_empty() && cascade == Cascade::Restrict {
                return Err(SqlError::code(-126));
            }
            lost.extend(dependents);
            next += 1;
        }
        for (position, right) in lost.into_iter().enumerate() {
            self.rights.remove(&right);
            if option_only && position < first {
                self.rights.insert(Right {
                    option: false,
                    ..right
                });
            }
        }
        Ok(())
    }
}

/// The privileges without an object that a name stands for; none if it is no such name.
fn standalone(name: &str) -> Vec<&'static str> {
    let upper = key(name);
    if upper == DEFINITION {
        return STANDALONE.iter().take(16).copied().collect();
    }
    STANDALONE
        .iter()
        .copied()
        .filter(|privilege| *privilege == upper)
        .collect()
}
