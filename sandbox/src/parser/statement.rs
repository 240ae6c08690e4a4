//! The first word decides; the small statements are parsed here.

use super::Parser;
use crate::Version;
use crate::ast::{Isolation, LockMode, Statement, TransactionModes};
use crate::error::{Result, SqlError};
use crate::lexer::Kind;

impl Parser<'_> {
    pub(super) fn statement(&mut self) -> Result<Statement> {
        if self.is_symbol("(") || self.at_query() {
            return self.query_after(Vec::new()).map(Statement::Query);
        }
        let Kind::Word(word) = self.peek().clone() else {
            return Err(self.unexpected(-51, "SQL statement"));
        };
        match word.to_uppercase().as_str() {
            "WITH" if self.since(Version::V2024_1) => self.with_statement(),
            "INSERT" => self.insert(Vec::new()),
            "UPDATE" => self.update(Vec::new()),
            "DELETE" => self.delete(Vec::new()),
            "TRUNCATE" => self.truncate(),
            "CREATE" => self.create(),
            "DROP" => self.drop_object(),
            "ALTER" => self.alter(),
            "START" => self.start_transaction(),
            "SET" => self.set(),
            "COMMIT" => self.finish_transaction(Statement::Commit),
            "ROLLBACK" => self.rollback(),
            "SAVEPOINT" => self.savepoint(),
            "%INTRANSACTION" | "%INTRANS" => self.simple(Statement::InTransaction),
            "LOCK" => self.lock(),
            "UNLOCK" => self.unlock(),
            "EXPLAIN" => self.explain(),
            "%CHECKPRIV" => self.check_privilege(),
            "GRANT" => self.grant(),
            "REVOKE" => self.revoke(),
            "USE" => self.use_database(),
            "CALL" => self.call_statement(),
            "FREEZE" | "UNFREEZE" => self.freeze_plans(),
            "BUILD" => self.build_index(),
            "TUNE" | "COLLECT" | "PURGE" => self.maintenance(),
            "THROUGH" => Err(self.arrived(Version::V2024_3)),
            "LOAD" => Err(self.load()),
            _ => Err(self.unexpected(-51, "SQL statement")),
        }
    }

    fn with_statement(&mut self) -> Result<Statement> {
        let ctes = self.ctes()?;
        let changes = self.is_word("INSERT") || self.is_word("UPDATE") || self.is_word("DELETE");
        if changes && !self.since(Version::V2024_3) {
            return Err(SqlError::code(-383));
        }
        if self.is_word("INSERT") {
            return self.insert(ctes);
        }
        if self.is_word("UPDATE") {
            return self.update(ctes);
        }
        if self.is_word("DELETE") {
            return self.delete(ctes);
        }
        if !self.at_query() && !self.is_symbol("(") {
            return Err(self.unexpected(-1, "SELECT"));
        }
        self.query_after(ctes).map(Statement::Query)
    }

    fn simple(&mut self, statement: Statement) -> Result<Statement> {
        self.advance();
        Ok(statement)
    }

    fn finish_transaction(&mut self, statement: Statement) -> Result<Statement> {
        self.advance();
        self.accept("WORK");
        Ok(statement)
    }

    fn rollback(&mut self) -> Result<Statement> {
        self.advance();
        self.accept("WORK");
        if !self.accept("TO") {
            return Ok(Statement::Rollback);
        }
        self.expect("SAVEPOINT")?;
        self.savepoint_name().map(Statement::RollbackTo)
    }

    fn savepoint(&mut self) -> Result<Statement> {
        self.advance();
        self.savepoint_name().map(Statement::Savepoint)
    }

    fn savepoint_name(&mut self) -> Result<String> {
        let name = self.identifier().map_err(|_| SqlError::code(-301))?;
        if name.to_uppercase().starts_with("SYS") {
            return Err(SqlError::code(-302));
        }
        Ok(name)
    }

    fn start_transaction(&mut self) -> Result<Statement> {
        self.advance();
        self.expect("TRANSACTION")?;
        self.transaction_modes().map(Statement::StartTransaction)
    }

    fn transaction_modes(&mut self) -> Result<TransactionModes> {
        let mut modes = TransactionModes::default();
        if self.accept("%COMMITMODE") {
            modes.commit_mode = match self.accept_any(&["NONE", "IMPLICIT", "EXPLICIT"]) {
                Some("NONE") => Some(0),
                Some("IMPLICIT") => Some(1),
                Some(_) => Some(2),
                None => return Err(self.unexpected(-1, "IMPLICIT, EXPLICIT or NONE")),
            };
            return Ok(modes);
        }
        loop {
            if self.accept("ISOLATION") {
                self.expect("LEVEL")?;
                let level = self.isolation()?;
                if modes.isolation.replace(level).is_some() {
                    return Err(SqlError::code(-91));
                }
            } else if self.is_word("READ") {
                self.advance();
                let read_only = match self.accept_any(&["ONLY", "WRITE"]) {
                    Some(word) => word == "ONLY",
                    None => return Err(self.unexpected(-1, "ONLY or WRITE")),
                };
                if modes.read_only.replace(read_only).is_some() {
                    return Err(SqlError::code(-91));
                }
            } else {
                break;
            }
            self.accept_symbol(",");
        }
        let incompatible = modes
            .isolation
            .is_some_and(|level| level != Isolation::Committed);
        if modes.read_only == Some(false) && incompatible {
            return Err(SqlError::code(-92));
        }
        Ok(modes)
    }

    fn isolation(&mut self) -> Result<Isolation> {
        if self.accept_all(&["READ", "UNCOMMITTED"]) {
            Ok(Isolation::Uncommitted)
        } else if self.accept_all(&["READ", "COMMITTED"]) {
            Ok(Isolation::Committed)
        } else if self.accept_all(&["READ", "VERIFIED"]) {
            Ok(Isolation::Verified)
        } else if self.is_word("SERIALIZABLE") || self.are_words(&["REPEATABLE", "READ"]) {
            Err(SqlError::code(-96))
        } else {
            Err(self.unexpected(-1, "isolation level"))
        }
    }

    fn set(&mut self) -> Result<Statement> {
        self.advance();
        if self.accept("TRANSACTION") {
            return self.transaction_modes().map(Statement::SetTransaction);
        }
        if !self.accept("OPTION") {
            return Err(self.unexpected(-51, "SET TRANSACTION or SET OPTION"));
        }
        let name = self.identifier()?.to_uppercase();
        self.expect_symbol("=")?;
        let value = match self.advance() {
            Kind::Word(text) | Kind::Text(text) | Kind::Number(text) | Kind::Delimited(text) => {
                text
            }
            _ => return Err(self.unexpected(-1, "value")),
        };
        Ok(Statement::SetOption { name, value })
    }

    /// `LOCK [TABLE] t IN EXCLUSIVE|SHARE MODE [WAIT n]`
    fn lock(&mut self) -> Result<Statement> {
        self.advance();
        self.accept("TABLE");
        let table = self.object_name()?;
        let mode = self.lock_mode()?;
        let wait = if self.accept("WAIT") {
            Some(self.unsigned()?)
        } else {
            None
        };
        Ok(Statement::LockTable { table, mode, wait })
    }

    fn unlock(&mut self) -> Result<Statement> {
        self.advance();
        self.accept("TABLE");
        let table = self.object_name()?;
        let mode = self.lock_mode()?;
        let immediate = self.accept("IMMEDIATE");
        Ok(Statement::UnlockTable {
            table,
            mode,
            immediate,
        })
    }

    fn lock_mode(&mut self) -> Result<LockMode> {
        self.expect("IN")?;
        let mode = match self.accept_any(&["EXCLUSIVE", "SHARE"]) {
            Some("SHARE") => LockMode::Share,
            Some(_) => LockMode::Exclusive,
            None => return Err(self.unexpected(-1, "EXCLUSIVE or SHARE")),
        };
        self.expect("MODE")?;
        Ok(mode)
    }

    fn explain(&mut self) -> Result<Statement> {
        self.advance();
        self.accept("ALT");
        self.accept("STAT");
        let explained = self
            .nested(Self::statement)
            .map_err(|error| match error.sqlcode {
                -51 => SqlError::code(-474),
                _ => error,
            })?;
        match explained {
            Statement::Query(_)
            | Statement::Insert(_)
            | Statement::Update(_)
            | Statement::Delete(_) => Ok(Statement::Explain(Box::new(explained))),
            _ => Err(SqlError::code(-474)),
        }
    }

    fn maintenance(&mut self) -> Result<Statement> {
        let word = self.advance();
        let table = if Self::word_is(&word, "TUNE") {
            self.expect("TABLE")?;
            Some(self.object_name()?)
        } else if Self::word_is(&word, "COLLECT") {
            self.expect("STATISTICS")?;
            self.expect("FOR")?;
            self.expect("TABLE")?;
            Some(self.object_name()?)
        } else {
            let cached = matches!(self.peek(), Kind::Word(w) if w.eq_ignore_ascii_case("CACHED"));
            if !cached {
                return Err(self.unexpected(-51, "SQL statement"));
            }
            self.advance();
            if matches!(self.peek(), Kind::Word(_)) {
                self.advance();
            }
            None
        };
        Ok(Statement::Maintain { table })
    }
}
