//! A column of CREATE TABLE or ALTER TABLE ADD: its type and what follows it.

use super::Parser;
use super::create::Elements;
use crate::ast::{ColumnDef, ComputeTime, Computed, Expr, KeyConstraint, Written};
use crate::error::{Result, SqlError};
use crate::lexer::Kind;

/// Collation names of DDL, with or without the word COLLATE.
const COLLATIONS: [&str; 11] = [
    "%EXACT",
    "%SQLUPPER",
    "%SQLSTRING",
    "%TRUNCATE",
    "%PLUS",
    "%MINUS",
    "%MVR",
    "%STRING",
    "%UPPER",
    "%SPACE",
    "%ALPHAUP",
];

/// Types of the MySQL-style counter: whole numbers.
const WHOLE: [&str; 6] = [
    "TINYINT",
    "SMALLINT",
    "MEDIUMINT",
    "INT",
    "INTEGER",
    "BIGINT",
];

/// Functions that a default may call, with literals.
const DEFAULT_FUNCTIONS: [&str; 4] = ["GETDATE", "GETUTCDATE", "TO_DATE", "TO_TIMESTAMP"];

impl Parser<'_> {
    pub(super) fn column(&mut self, elements: &mut Elements) -> Result<()> {
        let name = self.identifier()?;
        let typeless = self.is_word("IDENTITY");
        let type_name = if typeless {
            None
        } else {
            Some(self.type_name()?)
        };
        let mut column = ColumnDef {
            name,
            type_name,
            not_null: false,
            identity: false,
            counter: false,
            private: false,
            columnar: false,
            default: None,
            on_update: None,
            computed: None,
            collation: None,
            description: None,
        };
        while self.column_constraint(&mut column, elements)? {}
        if column.on_update.is_some() && column.computed.is_some() {
            return Err(SqlError::new(-1, "ON UPDATE of a column with COMPUTECODE"));
        }
        elements.columns.push(column);
        Ok(())
    }

    fn column_constraint(
        &mut self,
        column: &mut ColumnDef,
        elements: &mut Elements,
    ) -> Result<bool> {
        let primary = self.are_words(&["PRIMARY", "KEY"]);
        if primary || self.is_word("UNIQUE") {
            self.advance();
            if primary {
                self.advance();
            }
            self.ignored_key_options()?;
            elements.keys.push(KeyConstraint {
                name: None,
                primary,
                columns: vec![column.name.clone()],
            });
        } else if self.is_word("REFERENCES") {
            let key = self.references(None, vec![column.name.clone()])?;
            elements.foreign_keys.push(key);
        } else if self.accept_all(&["NOT", "NULL"]) {
            column.not_null = true;
        } else if self.accept_all(&["CHARACTER", "SET"]) {
            self.identifier()?;
        } else if !self.accept("NULL") && !self.accept_all(&["NOT", "FOR", "REPLICATION"]) {
            return self.column_property(column);
        }
        Ok(true)
    }

    fn column_property(&mut self, column: &mut ColumnDef) -> Result<bool> {
        if self.accept("PRIVATE") {
            column.private = true;
        } else if self.accept("IDENTITY") {
            column.identity = true;
        } else if self.is_word("AUTO_INCREMENT") {
            self.counter(column)?;
        } else if self.accept("DEFAULT") {
            column.default = Some(self.default_value()?);
        } else if self.accept_all(&["ON", "UPDATE"]) {
            column.on_update = Some(self.default_value()?);
        } else if self.accept("COMPUTECODE") {
            column.computed = Some(self.computed()?);
        } else if self.accept("%DESCRIPTION") {
            column.description = Some(self.text()?);
        } else if self.accept_all(&["WITH", "STORAGETYPE"]) {
            column.columnar = self.storage_type()?;
        } else if self.accept("COLLATE") {
            column.collation = self.collation_name()?;
        } else if let Some(name) = self.accept_any(&COLLATIONS) {
            self.collation_length()?;
            column.collation = Some(name.to_owned());
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Only after a whole number type.
    fn counter(&mut self, column: &mut ColumnDef) -> Result<()> {
        let whole = column
            .type_name
            .as_ref()
            .is_some_and(|ty| WHOLE.contains(&ty.name.as_str()));
        if !whole {
            return Err(self.unexpected(-1, "integer type before AUTO_INCREMENT"));
        }
        self.advance();
        column.counter = true;
        Ok(())
    }

    /// A collation; an SQL identifier in its place is read and ignored, a string is refused.
    fn collation_name(&mut self) -> Result<Option<String>> {
        if let Some(name) = self.accept_any(&COLLATIONS) {
            self.collation_length()?;
            return Ok(Some(name.to_owned()));
        }
        Err(self.unexpected(-1, "collation"))
    }

    /// `%SQLUPPER(20)`
    fn collation_length(&mut self) -> Result<()> {
        if self.accept_symbol("(") {
            self.unsigned()?;
            self.expect_symbol(")")?;
        }
        Ok(())
    }

    /// `[OBJECTSCRIPT] {code} [COMPUTEONCHANGE (columns)|CALCULATED|TRANSIENT]`
    fn computed(&mut self) -> Result<Computed> {
        if self.is_word("PYTHON") {
            return Err(SqlError::new(
                -400,
                "COMPUTECODE PYTHON is not imitated by the sandbox",
            ));
        }
        self.accept("OBJECTSCRIPT");
        let Kind::Code(code) = self.peek().clone() else {
            return Err(self.unexpected(-1, "{ code }"));
        };
        self.advance();
        let when = if self.accept("COMPUTEONCHANGE") {
            ComputeTime::Change(self.parenthesised_list(Self::identifier)?)
        } else if self.accept("CALCULATED") {
            ComputeTime::Calculated
        } else if self.accept("TRANSIENT") {
            ComputeTime::Transient
        } else {
            ComputeTime::Insert
        };
        Ok(Computed { code, when })
    }

    /// Only literals, NULL and a few functions of the current user and time, or ObjectScript.
    pub(super) fn default_value(&mut self) -> Result<Written> {
        let parenthesised = self.accept_symbol("(");
        let start = self.tokens[self.at].start;
        let expr =
            if let Some(user) = self.accept_any(&["CURRENT_USER", "SESSION_USER", "SYSTEM_USER"]) {
                Expr::Special(user.to_owned(), None)
            } else if self.accept("OBJECTSCRIPT") {
                let code = self.text()?;
                crate::objectscript::Program::expression(&code)?;
                Expr::Call {
                    name: "OBJECTSCRIPT".to_owned(),
                    args: vec![Expr::Text(code)],
                    braced: false,
                }
            } else {
                self.sign_default()?
            };
        let end = self.tokens[self.at.saturating_sub(1)].end;
        let text = self.sql[start..end].to_owned();
        if parenthesised {
            self.expect_symbol(")")?;
        }
        Ok((expr, text))
    }

    fn sign_default(&mut self) -> Result<Expr> {
        let negative = self.accept_symbol("-");
        if negative || self.accept_symbol("+") {
            return match self.primary(false)? {
                number @ Expr::Number(_) if negative => Ok(Expr::Negate(Box::new(number))),
                number @ Expr::Number(_) => Ok(number),
                _ => Err(self.unexpected(-1, "number in DEFAULT")),
            };
        }
        let expr = self.primary(false)?;
        let allowed = match &expr {
            Expr::Null | Expr::Text(_) | Expr::Number(_) => true,
            Expr::Special(name, _) => !name.starts_with('$'),
            Expr::Call { name, args, .. } => {
                let literal = args
                    .iter()
                    .all(|arg| matches!(arg, Expr::Text(_) | Expr::Number(_)));
                literal && DEFAULT_FUNCTIONS.contains(&name.as_str())
            }
            _ => false,
        };
        if allowed {
            Ok(expr)
        } else {
            Err(self.unexpected(-1, "literal or supported function in DEFAULT"))
        }
    }
}
