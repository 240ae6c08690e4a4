//! CREATE and what stands inside it.

use super::Parser;
use crate::Version;
use crate::ast::{
    ColumnDef, Expr, ForeignKey, IndexDef, IndexKind, KeyConstraint, ObjectName, ReferenceAction,
    Statement, TableDef,
};
use crate::error::{Result, SqlError};
use crate::lexer::Kind;

/// Collation names of DDL, with or without the word COLLATE.
const COLLATIONS: [&str; 9] = [
    "%EXACT",
    "%SQLUPPER",
    "%SQLSTRING",
    "%TRUNCATE",
    "%PLUS",
    "%MINUS",
    "%MVR",
    "%STRING",
    "%UPPER",
];

/// One element of CREATE TABLE, sorted into its place.
#[derive(Default)]
pub(super) struct Elements {
    pub(super) columns: Vec<ColumnDef>,
    pub(super) keys: Vec<KeyConstraint>,
    pub(super) foreign_keys: Vec<ForeignKey>,
    description: Option<String>,
    public_row_id: bool,
    columnar: bool,
    parameters: Vec<(String, String)>,
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

    fn create_table(&mut self, temporary: bool) -> Result<Statement> {
        let if_not_exists = self.accept_all(&["IF", "NOT", "EXISTS"]);
        let name = self.object_name()?;
        if self.accept("AS") {
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
            return Ok(Statement::CreateTableAs {
                name,
                if_not_exists,
                query,
            });
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
        let Elements {
            columns,
            keys,
            foreign_keys,
            description,
            public_row_id,
            columnar,
            parameters,
        } = elements;
        Ok(Statement::CreateTable(TableDef {
            name,
            if_not_exists,
            temporary,
            columns,
            keys,
            foreign_keys,
            description,
            public_row_id,
            columnar,
            parameters,
        }))
    }

    fn element(&mut self, elements: &mut Elements) -> Result<()> {
        if self.accept("%DESCRIPTION") {
            elements.description = Some(self.text()?);
        } else if self.accept("%PUBLICROWID") {
            elements.public_row_id = true;
        } else if self.accept("%CLASSPARAMETER") {
            elements.parameters.push(self.class_parameter()?);
        } else if !self.table_constraint(elements)? {
            self.column(elements)?;
        }
        Ok(())
    }

    /// Reads a table constraint if one stands here. There is no CHECK.
    pub(super) fn table_constraint(&mut self, elements: &mut Elements) -> Result<bool> {
        let name = if self.accept("CONSTRAINT") {
            Some(self.identifier()?)
        } else {
            None
        };
        if self.is_word("UNIQUE") {
            self.advance();
            let columns = self.key_columns()?;
            elements.keys.push(KeyConstraint {
                name,
                primary: false,
                columns,
            });
        } else if self.is_word("PRIMARY") {
            self.advance();
            self.expect("KEY")?;
            let columns = self.key_columns()?;
            elements.keys.push(KeyConstraint {
                name,
                primary: true,
                columns,
            });
        } else if self.is_word("FOREIGN") {
            self.advance();
            self.expect("KEY")?;
            let columns = self.parenthesised_list(Self::identifier)?;
            elements.foreign_keys.push(self.references(name, columns)?);
        } else if name.is_some() {
            return Err(self.unexpected(-1, "UNIQUE, PRIMARY KEY or FOREIGN KEY"));
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn key_columns(&mut self) -> Result<Vec<String>> {
        self.accept_any(&["CLUSTERED", "NONCLUSTERED"]);
        self.parenthesised_list(Self::identifier)
    }

    fn references(&mut self, name: Option<String>, columns: Vec<String>) -> Result<ForeignKey> {
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
            } else if self.accept_all(&["ON", "UPDATE"]) {
                key.on_update = self.reference_action()?;
            } else if self.accept("NOCHECK") {
                key.no_check = true;
            } else if self.accept("MATCH") {
                self.accept_any(&["FULL", "PARTIAL"]);
            } else {
                return Ok(key);
            }
        }
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
            default: None,
            collation: None,
            description: None,
        };
        while self.column_constraint(&mut column, elements)? {}
        elements.columns.push(column);
        Ok(())
    }

    fn column_constraint(
        &mut self,
        column: &mut ColumnDef,
        elements: &mut Elements,
    ) -> Result<bool> {
        let own = || vec![column.name.clone()];
        if self.accept_all(&["NOT", "NULL"]) {
            column.not_null = true;
        } else if self.accept("NULL")
            || self.accept("PRIVATE")
            || self.accept_all(&["NOT", "FOR", "REPLICATION"])
        {
        } else if self.accept("UNIQUE") {
            elements.keys.push(KeyConstraint {
                name: None,
                primary: false,
                columns: own(),
            });
        } else if self.accept_all(&["PRIMARY", "KEY"]) {
            elements.keys.push(KeyConstraint {
                name: None,
                primary: true,
                columns: own(),
            });
        } else if self.accept("IDENTITY") || self.accept("AUTO_INCREMENT") {
            column.identity = true;
        } else if self.accept("DEFAULT") {
            column.default = Some(self.default_value()?);
        } else if self.is_word("REFERENCES") {
            let key = self.references(None, own())?;
            elements.foreign_keys.push(key);
        } else if self.accept("%DESCRIPTION") {
            column.description = Some(self.text()?);
        } else if self.accept("COLLATE") {
            let name = self
                .accept_any(&COLLATIONS)
                .ok_or_else(|| self.unexpected(-1, "collation"))?;
            column.collation = Some(name.to_owned());
        } else if let Some(name) = self.accept_any(&COLLATIONS) {
            column.collation = Some(name.to_owned());
        } else if self.accept_all(&["CHARACTER", "SET"]) {
            self.identifier()?;
        } else if self.is_word("COMPUTECODE") {
            return Err(SqlError::new(
                -400,
                "COMPUTECODE is not imitated by the sandbox",
            ));
        } else if self.accept_all(&["WITH", "STORAGETYPE"]) {
            self.storage_type(elements)?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Only literals, NULL and a few functions of the current user and time.
    pub(super) fn default_value(&mut self) -> Result<(Expr, String)> {
        let parenthesised = self.accept_symbol("(");
        let start = self.tokens[self.at].start;
        let expr =
            if let Some(user) = self.accept_any(&["CURRENT_USER", "SESSION_USER", "SYSTEM_USER"]) {
                Expr::Special(user.to_owned(), None)
            } else if self.is_word("OBJECTSCRIPT") {
                return Err(SqlError::new(
                    -400,
                    "OBJECTSCRIPT defaults are not imitated by the sandbox",
                ));
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
        if self.accept_symbol("-") {
            return Ok(Expr::Negate(Box::new(self.primary(false)?)));
        }
        self.accept_symbol("+");
        let expr = self.primary(false)?;
        let allowed = match &expr {
            Expr::Null | Expr::Text(_) | Expr::Number(_) | Expr::Special(..) => true,
            Expr::Call { name, args, .. } => {
                let literal = args
                    .iter()
                    .all(|arg| matches!(arg, Expr::Text(_) | Expr::Number(_)));
                literal
                    && ["GETDATE", "GETUTCDATE", "TO_DATE", "TO_TIMESTAMP", "NOW"]
                        .contains(&name.as_str())
            }
            _ => false,
        };
        if allowed {
            Ok(expr)
        } else {
            Err(self.unexpected(-1, "literal or supported function in DEFAULT"))
        }
    }

    fn class_parameter(&mut self) -> Result<(String, String)> {
        let name = self.identifier()?.to_uppercase();
        self.accept_symbol("=");
        let value = match self.advance() {
            Kind::Word(text) | Kind::Text(text) | Kind::Number(text) => text,
            _ => return Err(self.unexpected(-1, "class parameter value")),
        };
        Ok((name, value))
    }

    fn table_options(&mut self, elements: &mut Elements) -> Result<()> {
        loop {
            if self.accept("WITH") {
                self.accept_symbol(",");
            } else if self.accept("%CLASSPARAMETER") {
                let parameter = self.class_parameter()?;
                elements.parameters.push(parameter);
                self.accept_symbol(",");
            } else if self.accept("STORAGETYPE") {
                self.storage_type(elements)?;
                self.accept_symbol(",");
            } else {
                return Ok(());
            }
        }
    }

    fn storage_type(&mut self, elements: &mut Elements) -> Result<()> {
        self.expect_symbol("=")?;
        match self.accept_any(&["ROW", "COLUMNAR"]) {
            Some(kind) => elements.columnar |= kind == "COLUMNAR",
            None => return Err(self.unexpected(-1, "ROW or COLUMNAR")),
        }
        Ok(())
    }

    fn create_index(&mut self, kind: IndexKind) -> Result<Statement> {
        let name = self.identifier()?;
        self.expect("ON")?;
        self.accept("TABLE");
        let table = self.object_name()?;
        let columns = self.parenthesised_list(|p| {
            let column = p.identifier()?;
            p.accept_any(&["ASC", "DESC"]);
            Ok(column)
        })?;
        let kind = if self.accept("AS") {
            self.index_class()?
        } else {
            kind
        };
        let mut data = Vec::new();
        if self.accept_all(&["WITH", "DATA"]) {
            data = self.parenthesised_list(Self::identifier)?;
        }
        if self.accept_any(&["IMMEDIATE", "DEFER"]).is_some() {
            self.accept("BUILD");
        }
        Ok(Statement::CreateIndex {
            table,
            index: IndexDef {
                name,
                kind,
                columns,
                data,
            },
        })
    }

    /// `HNSW(Distance='Cosine', M=16)`, also spelt `%SQL.Index.HNSW`.
    fn index_class(&mut self) -> Result<IndexKind> {
        let mut class = match self.advance() {
            Kind::Word(word) => word,
            _ => return Err(self.unexpected(-1, "index class")),
        };
        while self.accept_symbol(".") {
            class = self.identifier()?;
        }
        if !class.eq_ignore_ascii_case("HNSW") || !self.since(Version::V2025_1) {
            return Err(SqlError::new(
                -400,
                format!("ERROR #5351: class '{class}' does not exist"),
            ));
        }
        let mut parameters = Vec::new();
        if self.accept_symbol("(") && !self.accept_symbol(")") {
            parameters = self.comma_list(Self::index_parameter)?;
            self.expect_symbol(")")?;
        }
        Ok(IndexKind::Hnsw(parameters))
    }

    fn index_parameter(&mut self) -> Result<(String, String)> {
        let name = self.identifier()?;
        self.expect_symbol("=")?;
        match self.advance() {
            Kind::Word(text) | Kind::Text(text) | Kind::Number(text) => Ok((name, text)),
            _ => Err(self.unexpected(-1, "index parameter value")),
        }
    }

    fn create_view(&mut self, replace: bool) -> Result<Statement> {
        let name: ObjectName = self.object_name()?;
        let columns = if self.is_symbol("(") {
            self.parenthesised_list(Self::identifier)?
        } else {
            Vec::new()
        };
        self.expect("AS")?;
        let start = self.tokens[self.at].start;
        let query = self.subquery()?;
        let end = self.tokens[self.at.saturating_sub(1)].end;
        let text = self.qualified_text(start, end);
        if self.accept("WITH") {
            let read_only = self.accept_all(&["READ", "ONLY"]);
            if !read_only {
                self.accept_any(&["LOCAL", "CASCADED"]);
                self.expect("CHECK")?;
                self.expect("OPTION")?;
            }
        }
        if self.parameters > 0 {
            return Err(SqlError::code(-148));
        }
        Ok(Statement::CreateView {
            name,
            columns,
            query,
            text,
            replace,
        })
    }
}
