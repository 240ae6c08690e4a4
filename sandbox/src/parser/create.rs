//! CREATE TABLE: its elements, constraints and options.

use super::Parser;
use crate::Version;
use crate::ast::{
    ColumnDef, ForeignKey, IndexKind, KeyConstraint, ReferenceAction, Statement, TableDef,
};
use crate::error::{Result, SqlError};
use crate::lexer::Kind;

/// One element of CREATE TABLE, sorted into its place.
#[derive(Default)]
pub(super) struct Elements {
    pub(super) columns: Vec<ColumnDef>,
    pub(super) keys: Vec<KeyConstraint>,
    pub(super) foreign_keys: Vec<ForeignKey>,
    description: Option<String>,
    public_row_id: bool,
    storage: Option<bool>,
    parameters: Vec<(String, String)>,
    /// `%EXTENTSIZE`, `%NUMROWS`, `%FILE`, `SHARD` and their kin, each once.
    once: Vec<&'static str>,
}

impl Elements {
    /// -327 for an option that is given again.
    fn once(&mut self, option: &'static str) -> Result<()> {
        if self.once.contains(&option) {
            return Err(SqlError::new(-327, option));
        }
        self.once.push(option);
        Ok(())
    }
}

impl Parser<'_> {
    pub(super) fn create(&mut self) -> Result<Statement> {
        self.advance();
        if let Some(statement) = self.create_account()? {
            return Ok(statement);
        }
        let replace = self.accept_all(&["OR", "REPLACE"]);
        if self.accept("VIEW") {
            return self.create_view(replace);
        }
        if let Some(kind) = self.routine_kind() {
            return self.create_routine(kind, replace);
        }
        if self.accept("TRIGGER") {
            return self.create_trigger(replace);
        }
        if replace {
            return Err(self.unexpected(-1, "VIEW, FUNCTION, PROCEDURE, METHOD, QUERY or TRIGGER"));
        }
        let temporary = self.accept_all(&["GLOBAL", "TEMPORARY"]);
        if self.accept("TABLE") {
            return self.create_table(temporary);
        }
        if self.accept("SCHEMA") {
            let if_not_exists = self.accept_all(&["IF", "NOT", "EXISTS"]);
            return Ok(Statement::CreateSchema {
                name: self.identifier()?,
                if_not_exists,
            });
        }
        if self.is_word("AGGREGATE") || self.is_word("FOREIGN") {
            return Err(self.not_imitated());
        }
        let kind =
            match self.accept_any(&["UNIQUE", "BITMAPEXTENT", "BITMAP", "BITSLICE", "COLUMNAR"]) {
                Some("UNIQUE") => IndexKind::Unique,
                Some(special) => IndexKind::Special(special.to_owned()),
                None => IndexKind::Plain,
            };
        self.accept_any(&["CLUSTERED", "NONCLUSTERED"]);
        if self.accept("INDEX") {
            return self.create_index(kind);
        }
        Err(self.unexpected(-51, "TABLE, INDEX or VIEW"))
    }

    /// The refusal of a statement that IRIS knows and the sandbox does not.
    pub(super) fn not_imitated(&self) -> SqlError {
        let what = match self.peek() {
            Kind::Word(word) => word.to_uppercase(),
            _ => "this statement".to_owned(),
        };
        SqlError::new(-400, format!("{what} is not imitated by the sandbox"))
    }

    fn create_table(&mut self, temporary: bool) -> Result<Statement> {
        let if_not_exists = self.accept_all(&["IF", "NOT", "EXISTS"]);
        let name = self.object_name()?;
        if self.accept("AS") {
            return self.table_as(name, if_not_exists);
        }
        let mut elements = Elements::default();
        self.expect_symbol("(")?;
        loop {
            self.element(&mut elements)?;
            if !self.accept_symbol(",") {
                break;
            }
        }
        self.expect_symbol(")")?;
        self.table_options(&mut elements)?;
        Ok(Statement::CreateTable(TableDef {
            name,
            if_not_exists,
            temporary,
            columns: elements.columns,
            keys: elements.keys,
            foreign_keys: elements.foreign_keys,
            description: elements.description,
            public_row_id: elements.public_row_id,
            columnar: elements.storage == Some(true),
            parameters: elements.parameters,
        }))
    }

    fn table_as(&mut self, name: crate::ast::ObjectName, if_not_exists: bool) -> Result<Statement> {
        let parenthesised = self.accept_symbol("(");
        let before = self.parameters;
        let query = self.subquery()?;
        if self.parameters != before {
            return Err(SqlError::new(
                -1,
                "parameters are not allowed in CREATE TABLE AS",
            ));
        }
        if parenthesised {
            self.expect_symbol(")")?;
        }
        let mut options = Elements::default();
        self.table_options(&mut options)?;
        Ok(Statement::CreateTableAs {
            name,
            if_not_exists,
            query,
            columnar: options.storage == Some(true),
            parameters: options.parameters,
        })
    }

    fn element(&mut self, elements: &mut Elements) -> Result<()> {
        if self.accept("%DESCRIPTION") {
            elements.once("%DESCRIPTION")?;
            elements.description = Some(self.text()?);
        } else if self.accept("%PUBLICROWID") {
            elements.public_row_id = true;
        } else if self.accept("%CLASSPARAMETER") {
            self.class_parameter(elements)?;
        } else if let Some(option) = self.accept_any(&["%EXTENTSIZE", "%NUMROWS"]) {
            elements.once(option)?;
            self.unsigned()?;
        } else if let Some(option) = self.accept_any(&["%FILE", "%ROUTINE"]) {
            elements.once(option)?;
            self.text()?;
        } else if self.is_word("SHARD") && self.shard_follows() {
            self.shard()?;
        } else if !self.table_constraint(elements)? {
            self.column(elements)?;
        }
        Ok(())
    }

    fn shard_follows(&self) -> bool {
        self.symbol_at(1, ",") || self.symbol_at(1, ")") || self.are_words(&["SHARD", "KEY"])
    }

    /// Reads a table constraint if one stands here. There is no CHECK.
    pub(super) fn table_constraint(&mut self, elements: &mut Elements) -> Result<bool> {
        let name = if self.accept("CONSTRAINT") {
            Some(self.identifier()?)
        } else {
            None
        };
        let primary = self.are_words(&["PRIMARY", "KEY"]);
        if primary || self.is_word("UNIQUE") {
            self.advance();
            if primary {
                self.advance();
            }
            let columns = self.key_columns()?;
            elements.keys.push(KeyConstraint {
                name,
                primary,
                columns,
            });
        } else if self.is_word("FOREIGN") {
            self.advance();
            self.expect("KEY")?;
            let columns = self.parenthesised_list(Self::identifier)?;
            let key = self.references(name, columns)?;
            elements.foreign_keys.push(key);
        } else if name.is_some() {
            return Err(self.unexpected(-1, "UNIQUE, PRIMARY KEY or FOREIGN KEY"));
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn key_columns(&mut self) -> Result<Vec<String>> {
        self.accept_any(&["CLUSTERED", "NONCLUSTERED"]);
        let columns = self.parenthesised_list(Self::identifier)?;
        self.ignored_key_options()?;
        Ok(columns)
    }

    /// `CLUSTERED`, `NONCLUSTERED`, `WITH FILLFACTOR = n`: read and ignored.
    pub(super) fn ignored_key_options(&mut self) -> Result<()> {
        self.accept_any(&["CLUSTERED", "NONCLUSTERED"]);
        if self.accept_all(&["WITH", "FILLFACTOR"]) {
            self.expect_symbol("=")?;
            self.unsigned()?;
        }
        Ok(())
    }

    pub(super) fn references(
        &mut self,
        name: Option<String>,
        columns: Vec<String>,
    ) -> Result<ForeignKey> {
        self.expect("REFERENCES")?;
        let target = self.object_name()?;
        let target_columns = if self.is_symbol("(") {
            self.parenthesised_list(Self::identifier)?
        } else {
            Vec::new()
        };
        let mut key = ForeignKey {
            name,
            columns,
            target,
            target_columns,
            on_delete: ReferenceAction::NoAction,
            on_update: ReferenceAction::NoAction,
            no_check: false,
        };
        loop {
            if self.accept_all(&["ON", "DELETE"]) {
                key.on_delete = self.reference_action()?;
            } else if self.are_words(&["ON", "UPDATE"]) && self.reference_action_at(2) {
                self.advance();
                self.advance();
                key.on_update = self.reference_action()?;
            } else if self.accept("NOCHECK") {
                key.no_check = true;
            } else if self.accept("MATCH") {
                if self.accept_any(&["FULL", "PARTIAL"]).is_none() {
                    return Err(self.unexpected(-1, "FULL or PARTIAL"));
                }
            } else if !self.accept_all(&["NOT", "FOR", "REPLICATION"]) {
                return Ok(key);
            }
        }
    }

    /// `ON UPDATE CASCADE` is an action, `ON UPDATE CURRENT_TIMESTAMP` is not.
    fn reference_action_at(&self, ahead: usize) -> bool {
        !matches!(self.peek_at(ahead), Kind::Word(word)
            if ["CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME", "GETDATE", "GETUTCDATE", "SYSDATE"]
                .iter().any(|value| value.eq_ignore_ascii_case(word)))
    }

    fn reference_action(&mut self) -> Result<ReferenceAction> {
        if self.accept_all(&["NO", "ACTION"]) {
            Ok(ReferenceAction::NoAction)
        } else if self.accept_all(&["SET", "DEFAULT"]) {
            Ok(ReferenceAction::SetDefault)
        } else if self.accept_all(&["SET", "NULL"]) {
            Ok(ReferenceAction::SetNull)
        } else if self.accept("CASCADE") {
            Ok(ReferenceAction::Cascade)
        } else {
            Err(self.unexpected(-1, "NO ACTION, SET DEFAULT, SET NULL or CASCADE"))
        }
    }

    fn class_parameter(&mut self, elements: &mut Elements) -> Result<()> {
        let name = self.identifier()?.to_uppercase();
        self.accept_symbol("=");
        let negative = self.accept_symbol("-");
        let value = match self.advance() {
            Kind::Word(text) | Kind::Text(text) => text,
            Kind::Number(text) if negative => format!("-{text}"),
            Kind::Number(text) => text,
            _ => return Err(self.unexpected(-1, "class parameter value")),
        };
        if elements.parameters.iter().any(|(other, _)| *other == name) {
            return Err(SqlError::new(-327, name));
        }
        elements.parameters.push((name, value));
        Ok(())
    }

    fn table_options(&mut self, elements: &mut Elements) -> Result<()> {
        loop {
            if self.accept("WITH") {
                self.with_option(elements)?;
                while self.accept_symbol(",") {
                    self.with_option(elements)?;
                }
            } else if self.is_word("SHARD") {
                self.shard()?;
            } else if self.is_word("PARTITION") {
                return Err(self.unexpected(-25, "end of query"));
            } else if self.accept_any(&["ON", "IN"]).is_some() {
                self.identifier()?;
            } else if self.accept_all(&["LOCK", "MODE"]) {
                if self.accept_any(&["ROW", "PAGE"]).is_none() {
                    return Err(self.unexpected(-1, "ROW or PAGE"));
                }
            } else if self.accept_any(&["CLUSTERED", "NONCLUSTERED"]).is_none() {
                return Ok(());
            }
        }
    }

    fn with_option(&mut self, elements: &mut Elements) -> Result<()> {
        if self.accept("%CLASSPARAMETER") {
            self.class_parameter(elements)
        } else if self.accept("STORAGETYPE") {
            elements.once("STORAGETYPE")?;
            elements.storage = Some(self.storage_type()?);
            Ok(())
        } else if self.accept("FILLFACTOR") {
            self.expect_symbol("=")?;
            self.unsigned().map(drop)
        } else {
            Err(self.unexpected(-1, "%CLASSPARAMETER or STORAGETYPE"))
        }
    }

    /// `= ROW` or `= COLUMNAR`.
    pub(super) fn storage_type(&mut self) -> Result<bool> {
        self.expect_symbol("=")?;
        match self.accept_any(&["ROW", "COLUMNAR"]) {
            Some(kind) => Ok(kind == "COLUMNAR"),
            None => Err(self.unexpected(-1, "ROW or COLUMNAR")),
        }
    }

    /// The namespace is not configured for sharding, as most are not.
    fn shard(&mut self) -> Result<()> {
        Err(SqlError::new(
            -400,
            "ERROR #9319: namespace USER is not configured for sharding",
        ))
    }

    /// What arrived in `version` is no statement before.
    pub(super) fn arrived(&self, version: Version) -> SqlError {
        if self.since(version) {
            self.not_imitated()
        } else {
            self.unexpected(-51, "SQL statement")
        }
    }
}
