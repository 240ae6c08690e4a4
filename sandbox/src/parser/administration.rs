//! Users, roles, GRANT, REVOKE, `%CHECKPRIV`, databases.

use super::Parser;
use crate::ast::{
    Account, Cascade, Database, Grant, GrantMode, GrantObject, Granted, ObjectName, Privilege,
    PrivilegeCheck, Statement,
};
use crate::error::{Result, SqlError};
use crate::lexer::Kind;
use crate::security::PRIVILEGES;

impl Parser<'_> {
    /// After CREATE: USER, ROLE or DATABASE, if one of them follows.
    pub(super) fn create_account(&mut self) -> Result<Option<Statement>> {
        Ok(Some(if self.accept("USER") {
            let name = self.identifier()?;
            let password = self.password()?;
            Statement::Account(Account::CreateUser { name, password })
        } else if self.accept("ROLE") {
            let name = self.identifier()?;
            Statement::Account(Account::CreateRole { name })
        } else if self.accept("DATABASE") {
            let name = self.database_name()?;
            // Where its file lies is the sandbox's affair.
            if self.accept_all(&["ON", "DIRECTORY"]) && !matches!(self.peek(), Kind::End) {
                self.advance();
            }
            Statement::Database(Database::Create { name })
        } else {
            return Ok(None);
        }))
    }

    /// After DROP: USER, ROLE or DATABASE, if one of them follows.
    pub(super) fn drop_account(&mut self) -> Result<Option<Statement>> {
        Ok(Some(if self.accept("USER") {
            let name = self.identifier()?;
            Statement::Account(Account::DropUser { name })
        } else if self.accept("ROLE") {
            let name = self.identifier()?;
            Statement::Account(Account::DropRole { name })
        } else if self.accept("DATABASE") {
            let name = self.database_name()?;
            let keep_file = self.accept("RETAIN_FILES");
            Statement::Database(Database::Drop { name, keep_file })
        } else {
            return Ok(None);
        }))
    }

    /// After `ALTER USER`.
    pub(super) fn alter_user(&mut self) -> Result<Statement> {
        let name = self.identifier()?;
        let password = self.password()?;
        Ok(Statement::Account(Account::AlterUser { name, password }))
    }

    /// `USE [DATABASE] name`
    pub(super) fn use_database(&mut self) -> Result<Statement> {
        self.advance();
        self.accept("DATABASE");
        let name = self.database_name()?;
        Ok(Statement::Database(Database::Use { name }))
    }

    /// `USER` is a reserved word and the most common of these names.
    fn database_name(&mut self) -> Result<String> {
        if self.accept("USER") {
            return Ok("USER".to_owned());
        }
        self.identifier()
    }

    /// `IDENTIFY BY p`, `IDENTIFIED BY p`, `[WITH] PASSWORD p`
    fn password(&mut self) -> Result<String> {
        let named =
            self.accept_all(&["IDENTIFY", "BY"]) || self.accept_all(&["IDENTIFIED", "BY"]) || {
                self.accept("WITH");
                self.accept("PASSWORD")
            };
        if !named {
            return Err(self.unexpected(-1, "IDENTIFY BY"));
        }
        match self.peek().clone() {
            Kind::Word(text) | Kind::Text(text) | Kind::Delimited(text) => {
                self.advance();
                Ok(text)
            }
            _ => Err(self.unexpected(-1, "password")),
        }
    }

    pub(super) fn grant(&mut self) -> Result<Statement> {
        self.advance();
        let what = self.granted()?;
        self.expect("TO")?;
        let grantees = self.comma_list(Self::grantee)?;
        let word = match what {
            Granted::Names(_) => "ADMIN",
            Granted::Objects { .. } => "GRANT",
        };
        let option = self.accept("WITH");
        if option {
            self.expect(word)?;
            self.expect("OPTION")?;
        }
        let mode = GrantMode::Grant { option };
        Ok(Statement::Grant(Grant {
            what,
            grantees,
            mode,
        }))
    }

    pub(super) fn revoke(&mut self) -> Result<Statement> {
        self.advance();
        let option_only = self.option_for();
        let what = self.granted()?;
        self.expect("FROM")?;
        let grantees = self.comma_list(Self::grantee)?;
        let cascade = match self.accept_any(&["CASCADE", "RESTRICT"]) {
            Some("CASCADE") => Cascade::Cascade,
            _ => Cascade::Restrict,
        };
        let mode = GrantMode::Revoke {
            cascade,
            option_only,
        };
        Ok(Statement::Grant(Grant {
            what,
            grantees,
            mode,
        }))
    }

    fn option_for(&mut self) -> bool {
        self.accept_all(&["GRANT", "OPTION", "FOR"]) || self.accept_all(&["ADMIN", "OPTION", "FOR"])
    }

    fn grantee(&mut self) -> Result<String> {
        if self.accept_symbol("*") {
            return Ok("*".to_owned());
        }
        self.identifier()
    }

    fn granted(&mut self) -> Result<Granted> {
        let privileges = self.privileges()?;
        if !self.accept("ON") {
            return Ok(Granted::Names(
                privileges.into_iter().map(|p| p.name).collect(),
            ));
        }
        Ok(Granted::Objects {
            privileges: on_objects(privileges)?,
            objects: self.comma_list(Self::grant_object)?,
        })
    }

    /// Names with columns, as they stand.
    fn privileges(&mut self) -> Result<Vec<Privilege>> {
        self.comma_list(|p| {
            let name = match p.peek().clone() {
                Kind::Word(name) | Kind::Delimited(name) => name,
                Kind::Symbol("*") => "ALL".to_owned(),
                _ => return Err(p.unexpected(-60, "privilege")),
            };
            p.advance();
            if name.eq_ignore_ascii_case("ALL") {
                p.accept("PRIVILEGES");
            }
            let columns = if p.is_symbol("(") {
                p.parenthesised_list(Self::identifier)?
            } else {
                Vec::new()
            };
            Ok(Privilege { name, columns })
        })
    }

    fn grant_object(&mut self) -> Result<GrantObject> {
        if self.accept_symbol("*") {
            return Ok(GrantObject::All);
        }
        if self.accept("SCHEMA") {
            return self.identifier().map(GrantObject::Schema);
        }
        self.accept_any(&["TABLE", "VIEW", "PROCEDURE"]);
        self.object_name().map(GrantObject::Named)
    }

    /// `%CHECKPRIV [GRANT OPTION FOR] priv [(columns)] [, …] [ON object]`
    pub(super) fn check_privilege(&mut self) -> Result<Statement> {
        self.advance();
        let with_option = self.option_for();
        let privileges = self.privileges()?;
        let object: Option<ObjectName> = if self.accept("ON") {
            Some(self.object_name()?)
        } else {
            None
        };
        let privileges = match object {
            Some(_) => on_objects(privileges)?,
            None => privileges,
        };
        Ok(Statement::CheckPrivilege(PrivilegeCheck {
            with_option,
            privileges,
            object,
        }))
    }
}

/// Object privileges in upper case, ALL written out; -60 for what is none.
fn on_objects(privileges: Vec<Privilege>) -> Result<Vec<Privilege>> {
    let mut all = Vec::new();
    for Privilege { name, columns } in privileges {
        let name = name.to_uppercase();
        let by_column = matches!(name.as_str(), "SELECT" | "INSERT" | "UPDATE" | "REFERENCES");
        if name == "ALL" && columns.is_empty() {
            all.extend(PRIVILEGES.iter().map(|name| Privilege {
                name: (*name).to_owned(),
                columns: Vec::new(),
            }));
        } else if PRIVILEGES.contains(&name.as_str()) && (columns.is_empty() || by_column) {
            all.push(Privilege { name, columns });
        } else {
            return Err(SqlError::new(-60, format!("{name} is no privilege here")));
        }
    }
    Ok(all)
}
