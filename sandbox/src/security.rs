//! Users, roles and their privileges: what is stored of them.
//!
//! A user that was never created has every privilege, as `_SYSTEM` has: the
//! stand-in asks for a password only where its host does. What CREATE USER made
//! begins with nothing.

mod grant;
mod password;
mod rights;

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::key;
use crate::error::{Result, SqlError};

pub(crate) use grant::{Grantor, PRIVILEGES, STANDALONE};
pub(crate) use password::Keeping;
pub(crate) use rights::{Object, Rights};

/// The user that has everything, and its password at the beginning.
const SYSTEM_USER: (&str, &str) = ("_SYSTEM", "SYS");

/// The role that has everything.
const ALL_ROLE: &str = "%All";

/// What everybody has.
const PUBLIC: &str = "_PUBLIC";

/// Longest name of a user or role.
const LONGEST_NAME: usize = 128;

/// A user that CREATE USER or ALTER USER made known.
#[derive(Clone, Debug, PartialEq)]
struct User {
    name: String,
    hash: String,
}

/// Somebody has a role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Member {
    role: String,
    grantee: String,
    option: bool,
}

/// Somebody has a privilege. Names are in upper case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Right {
    namespace: String,
    object: Object,
    privilege: String,
    /// Empty for the whole object.
    column: String,
    grantee: String,
    grantor: String,
    option: bool,
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Security {
    users: BTreeMap<String, User>,
    roles: BTreeMap<String, String>,
    members: BTreeSet<Member>,
    rights: BTreeSet<Right>,
}

/// -118
fn unknown(name: &str) -> SqlError {
    SqlError::new(-118, format!("User or role '{name}' does not exist"))
}

impl Security {
    /// Is it a user that the instance knows?
    pub(crate) fn has_user(&self, name: &str) -> bool {
        self.users.contains_key(&key(name)) || key(name) == SYSTEM_USER.0
    }

    /// Is it a role?
    pub(crate) fn has_role(&self, name: &str) -> bool {
        self.roles.contains_key(&key(name)) || key(name) == key(ALL_ROLE)
    }

    /// Does it have only what was granted to it, or to its roles?
    pub(crate) fn is_restricted(&self, user: &str) -> bool {
        self.users.contains_key(&key(user)) && key(user) != SYSTEM_USER.0
    }

    fn check_new(&self, name: &str) -> Result<()> {
        if self.has_user(name) || self.has_role(name) || key(name) == PUBLIC {
            let text = format!("User or role named '{name}' already exists");
            return Err(SqlError::new(-118, text));
        }
        if name.is_empty() || name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
            return Err(SqlError::new(-1, "invalid name of a user or role"));
        }
        Ok(())
    }

    /// CREATE USER
    pub(crate) fn create_user(&mut self, name: &str, secret: &str, keeping: Keeping) -> Result<()> {
        self.check_new(name)?;
        let user = User {
            name: name.to_owned(),
            hash: password::hash(secret, keeping)?,
        };
        self.users.insert(key(name), user);
        Ok(())
    }

    /// ALTER USER
    pub(crate) fn alter_user(&mut self, name: &str, secret: &str, keeping: Keeping) -> Result<()> {
        if !self.has_user(name) {
            return Err(unknown(name));
        }
        let hash = password::hash(secret, keeping)?;
        let new = || User {
            name: name.to_owned(),
            hash: String::new(),
        };
        self.users.entry(key(name)).or_insert_with(new).hash = hash;
        Ok(())
    }

    /// DROP USER
    pub(crate) fn drop_user(&mut self, name: &str) -> Result<()> {
        if key(name) == SYSTEM_USER.0 {
            return Err(SqlError::new(-400, "the user _SYSTEM cannot be dropped"));
        }
        if self.users.remove(&key(name)).is_none() {
            return Err(unknown(name));
        }
        self.forget(name);
        Ok(())
    }

    /// CREATE ROLE
    pub(crate) fn create_role(&mut self, name: &str) -> Result<()> {
        self.check_new(name)?;
        self.roles.insert(key(name), name.to_owned());
        Ok(())
    }

    /// DROP ROLE
    pub(crate) fn drop_role(&mut self, name: &str) -> Result<()> {
        if self.roles.remove(&key(name)).is_none() {
            return Err(unknown(name));
        }
        self.forget(name);
        Ok(())
    }

    fn forget(&mut self, name: &str) {
        let gone = key(name);
        self.members
            .retain(|member| member.grantee != gone && member.role != gone);
        self.rights.retain(|right| right.grantee != gone);
    }

    /// The namespace is gone, and what was granted in it.
    pub(crate) fn forget_namespace(&mut self, namespace: &str) {
        self.rights.retain(|right| right.namespace != namespace);
    }

    /// The object is gone, and what was granted on it.
    pub(crate) fn forget_object(&mut self, namespace: &str, schema: &str, name: &str) {
        let object = Object::named(schema, name);
        self.rights
            .retain(|right| right.namespace != namespace || right.object != object);
    }

    /// Is anything granted on the object?
    pub(crate) fn mentions(&self, namespace: &str, schema: &str, name: &str) -> bool {
        let object = Object::named(schema, name);
        self.rights
            .iter()
            .any(|right| right.namespace == namespace && right.object == object)
    }

    /// Is this the user's password? Unknown users have none.
    pub(crate) fn authenticate(&self, user: &str, secret: &str) -> bool {
        match self.users.get(&key(user)) {
            Some(user) => password::verify(secret, &user.hash),
            None => key(user) == SYSTEM_USER.0 && secret == SYSTEM_USER.1,
        }
    }

    /// What the user may do in a namespace: everything, unless it is restricted.
    pub(crate) fn rights(&self, user: &str, namespace: &str, restricted: bool) -> Rights<'_> {
        Rights::of(self, user, namespace, restricted)
    }

    /// Takes over one line of [`Self::fields`].
    pub(crate) fn read(&mut self, fields: &[String]) {
        let yes = |field: &String| field == "1";
        match fields {
            [kind, name, hash] if kind == "user" => {
                let (name, hash) = (name.clone(), hash.clone());
                self.users.insert(key(&name), User { name, hash });
            }
            [kind, name] if kind == "role" => {
                self.roles.insert(key(name), name.clone());
            }
            [kind, role, grantee, option] if kind == "member" => {
                self.members.insert(Member {
                    role: role.clone(),
                    grantee: grantee.clone(),
                    option: yes(option),
                });
            }
            [
                kind,
                namespace,
                object,
                privilege,
                column,
                grantee,
                grantor,
                option,
            ] if kind == "right" => {
                self.rights.insert(Right {
                    namespace: namespace.clone(),
                    object: Object::parse(object),
                    privilege: privilege.clone(),
                    column: column.clone(),
                    grantee: grantee.clone(),
                    grantor: grantor.clone(),
                    option: yes(option),
                });
            }
            _ => {}
        }
    }

    /// Everything as lists of words.
    pub(crate) fn fields(&self) -> impl Iterator<Item = Vec<String>> + '_ {
        let flag = |yes: bool| if yes { "1" } else { "0" }.to_owned();
        let users = self
            .users
            .values()
            .map(|user| vec!["user".to_owned(), user.name.clone(), user.hash.clone()]);
        let roles = self
            .roles
            .values()
            .map(|name| vec!["role".to_owned(), name.clone()]);
        let members = self.members.iter().map(move |member| {
            let (role, grantee) = (member.role.clone(), member.grantee.clone());
            vec!["member".to_owned(), role, grantee, flag(member.option)]
        });
        let rights = self.rights.iter().map(move |right| {
            vec![
                "right".to_owned(),
                right.namespace.clone(),
                right.object.to_string(),
                right.privilege.clone(),
                right.column.clone(),
                right.grantee.clone(),
                right.grantor.clone(),
                flag(right.option),
            ]
        });
        users.chain(roles).chain(members).chain(rights)
    }
}
