//! DROP, and the statements that only maintain what is there.

use super::Parser;
use crate::Version;
use crate::ast::{DropBehaviour, ObjectName, Statement};
use crate::error::{Result, SqlError};

impl Parser<'_> {
    /// `[RESTRICT|CASCADE] [%DELDATA|%NODELDATA]`
    pub(super) fn drop_behaviour(&mut self) -> DropBehaviour {
        let behaviour = self.accept_any(&["CASCADE", "RESTRICT"]);
        self.accept_any(&["%DELDATA", "%NODELDATA"]);
        match behaviour {
            Some("CASCADE") => DropBehaviour::Cascade,
            _ => DropBehaviour::Restrict,
        }
    }

    pub(super) fn drop_object(&mut self) -> Result<Statement> {
        self.advance();
        if self.is_word("AGGREGATE") || self.is_word("FOREIGN") {
            return Err(self.not_imitated());
        }
        if let Some(statement) = self.drop_account()? {
            return Ok(statement);
        }
        if let Some(kind) = self.routine_kind() {
            let if_exists = self.accept_all(&["IF", "EXISTS"]);
            let name = self.object_name()?;
            if self.accept("FROM") {
                self.object_name()?;
            }
            return Ok(Statement::DropRoutine {
                kind,
                name,
                if_exists,
            });
        }
        let kind = self.accept_any(&["TABLE", "VIEW", "INDEX", "SCHEMA", "TRIGGER"]);
        let Some(kind) = kind else {
            return Err(self.unexpected(-51, "TABLE, VIEW, INDEX or SCHEMA"));
        };
        let if_exists = self.accept_all(&["IF", "EXISTS"]);
        match kind {
            "INDEX" => return self.drop_index(if_exists),
            "TRIGGER" => return self.drop_trigger(if_exists),
            "SCHEMA" => {
                let name = self.identifier()?;
                let cascade = self.drop_behaviour() == DropBehaviour::Cascade;
                return Ok(Statement::DropSchema {
                    name,
                    if_exists,
                    cascade,
                });
            }
            _ => {}
        }
        let name = self.object_name()?;
        let behaviour = self.drop_behaviour();
        Ok(if kind == "TABLE" {
            Statement::DropTable {
                name,
                if_exists,
                behaviour,
            }
        } else {
            Statement::DropView {
                name,
                if_exists,
                behaviour,
            }
        })
    }

    /// `n`, `n ON [TABLE] t`, `t.n` or `s.t.n`.
    fn drop_index(&mut self, if_exists: bool) -> Result<Statement> {
        self.accept("%NOJOURN");
        let start = self.tokens[self.at].start;
        let mut parts = vec![self.identifier()?];
        while parts.len() < 3 && self.accept_symbol(".") {
            parts.push(self.identifier()?);
        }
        let name = parts.pop().unwrap_or_default();
        let owner = parts.pop().map(|table| {
            let table = ObjectName {
                schema: parts.pop(),
                name: table,
            };
            self.in_default_schema(table, start)
        });
        let table = if self.accept("ON") {
            self.accept("TABLE");
            Some(self.object_name()?)
        } else {
            owner
        };
        Ok(Statement::DropIndex {
            name,
            table,
            if_exists,
        })
    }

    /// `BUILD INDEX [%NOLOCK] [%NOJOURN] FOR TABLE t [INDEX i, …]`
    pub(super) fn build_index(&mut self) -> Result<Statement> {
        self.advance();
        self.expect("INDEX")?;
        while self.accept_any(&["%NOLOCK", "%NOJOURN"]).is_some() {}
        self.expect("FOR")?;
        if self.accept("ALL") {
            return Ok(Statement::Maintain { table: None });
        }
        if self.accept("SCHEMA") {
            self.identifier()?;
            return Ok(Statement::Maintain { table: None });
        }
        self.expect("TABLE")?;
        let table = self.object_name()?;
        let indexes = if self.accept_any(&["INDEX", "INDICES"]).is_some() {
            self.comma_list(Self::identifier)?
        } else {
            Vec::new()
        };
        Ok(Statement::BuildIndex { table, indexes })
    }

    /// `LOAD DATA` and, since 2025.1, `LOAD SQL` need what is outside of the sandbox.
    pub(super) fn load(&mut self) -> SqlError {
        self.advance();
        if self.is_word("DATA") {
            return self.not_imitated();
        }
        if self.is_word("SQL") {
            return self.arrived(Version::V2025_1);
        }
        self.unexpected(-51, "SQL statement")
    }
}
