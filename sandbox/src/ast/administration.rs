//! Users, roles, privileges and databases.

use super::ObjectName;

/// Statements on databases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Database {
    Create { name: String },
    Drop { name: String, keep_file: bool },
    Use { name: String },
}

/// Statements on users and roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Account {
    CreateUser { name: String, password: String },
    AlterUser { name: String, password: String },
    DropUser { name: String },
    CreateRole { name: String },
    DropRole { name: String },
}

/// GRANT and REVOKE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) what: Granted,
    pub(crate) grantees: Vec<String>,
    pub(crate) mode: GrantMode,
}

/// What is granted or revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Granted {
    /// Roles and privileges without an object, such as `%CREATE_TABLE`.
    Names(Vec<String>),
    /// Privileges on objects; `ALL` is written out.
    Objects {
        privileges: Vec<Privilege>,
        objects: Vec<GrantObject>,
    },
}

/// A privilege, perhaps on some columns only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Privilege {
    /// Upper case.
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
}

/// Where a privilege holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GrantObject {
    /// `*`
    All,
    Schema(String),
    Named(ObjectName),
}

/// GRANT or REVOKE, and with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GrantMode {
    Grant { option: bool },
    Revoke { cascade: Cascade, option_only: bool },
}

/// What happens to privileges that were passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cascade {
    /// -126 if there are some.
    Restrict,
    Cascade,
}

/// `%CHECKPRIV`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PrivilegeCheck {
    pub(crate) with_option: bool,
    pub(crate) privileges: Vec<Privilege>,
    /// `None` for roles and privileges without an object.
    pub(crate) object: Option<ObjectName>,
}
