//! ALTER TABLE and DROP.

use super::Parser;
use super::create::Elements;
use crate::ast::{AlterAction, Statement};
use crate::error::Result;

impl Parser<'_> {
    pub(super) fn alter(&mut self) -> Result<Statement> {
        self.advance();
        if self.accept("USER") {
            return self.alter_user();
        }
        if self.accept("VIEW") {
            return Err(self.unexpected(-1, "CREATE OR REPLACE VIEW"));
        }
        self.expect("TABLE")?;
        let table = self.object_name()?;
        let action = if self.accept("ADD") {
            self.add()?
        } else if self.accept("ALTER") {
            self.accept("COLUMN");
            self.alter_column()?
        } else if self.accept("MODIFY") {
            self.modify()?
        } else if self.accept("DROP") || self.accept("DELETE") {
            self.drop_part()?
        } else if self.accept("RENAME") {
            AlterAction::RenameTable(self.identifier()?)
        } else {
            return Err(self.unexpected(-1, "ADD, ALTER, MODIFY, DROP or RENAME"));
        };
        Ok(Statement::AlterTable { table, action })
    }

    fn add(&mut self) -> Result<AlterAction> {
        if self.is_word("DEFAULT") {
            self.advance();
            let default = Some(self.default_value()?);
            self.expect("FOR")?;
            return Ok(AlterAction::SetDefault {
                column: self.identifier()?,
                default,
            });
        }
        self.accept("COLUMN");
        let mut elements = Elements::default();
        let parenthesised = self.accept_symbol("(");
        loop {
            if !self.table_constraint(&mut elements)? {
                self.column(&mut elements)?;
            }
            if !self.accept_symbol(",") {
                break;
            }
        }
        if parenthesised {
            self.expect_symbol(")")?;
        }
        let Elements {
            columns,
            keys,
            foreign_keys,
            ..
        } = elements;
        Ok(AlterAction::Add {
            columns,
            keys,
            foreign_keys,
        })
    }

    fn alter_column(&mut self) -> Result<AlterAction> {
        let column = self.identifier()?;
        if self.accept("RENAME") {
            return Ok(AlterAction::RenameColumn {
                from: column,
                to: self.identifier()?,
            });
        }
        if self.accept_all(&["SET", "DEFAULT"]) {
            let default = Some(self.default_value()?);
            return Ok(AlterAction::SetDefault { column, default });
        }
        if self.accept_all(&["DROP", "DEFAULT"]) {
            return Ok(AlterAction::SetDefault {
                column,
                default: None,
            });
        }
        if self.accept("COLLATE") {
            let collation = match self.advance() {
                crate::lexer::Kind::Word(word) => word.to_uppercase(),
                _ => return Err(self.unexpected(-1, "collation")),
            };
            return Ok(AlterAction::SetCollation { column, collation });
        }
        self.required_or_type(column)
    }

    fn required_or_type(&mut self, column: String) -> Result<AlterAction> {
        if self.accept("NULL") {
            return Ok(AlterAction::SetRequired {
                column,
                required: false,
            });
        }
        if self.accept_all(&["NOT", "NULL"]) {
            return Ok(AlterAction::SetRequired {
                column,
                required: true,
            });
        }
        Ok(AlterAction::SetType {
            column,
            type_name: self.type_name()?,
        })
    }

    fn modify(&mut self) -> Result<AlterAction> {
        let column = self.identifier()?;
        if self.accept("RENAME") {
            return Ok(AlterAction::RenameColumn {
                from: column,
                to: self.identifier()?,
            });
        }
        if self.accept("DEFAULT") {
            let default = Some(self.default_value()?);
            return Ok(AlterAction::SetDefault { column, default });
        }
        self.required_or_type(column)
    }

    fn drop_part(&mut self) -> Result<AlterAction> {
        if self.accept("CONSTRAINT") || self.accept_all(&["FOREIGN", "KEY"]) {
            return self.identifier().map(AlterAction::DropConstraint);
        }
        if self.accept_all(&["PRIMARY", "KEY"]) {
            return Ok(AlterAction::DropPrimaryKey);
        }
        self.accept("COLUMN");
        let column = self.identifier()?;
        self.drop_behaviour();
        Ok(AlterAction::DropColumn(column))
    }

    /// Is CASCADE among the noise words?
    fn drop_behaviour(&mut self) -> bool {
        let cascade = self.accept("CASCADE");
        self.accept("RESTRICT");
        self.accept_any(&["%DELDATA", "%NODELDATA"]);
        cascade
    }

    pub(super) fn drop_object(&mut self) -> Result<Statement> {
        self.advance();
        if let Some(statement) = self.drop_account()? {
            return Ok(statement);
        }
        let kind = self.accept_any(&["TABLE", "VIEW", "INDEX", "SCHEMA"]);
        let Some(kind) = kind else {
            return Err(self.unexpected(-51, "TABLE, VIEW, INDEX or SCHEMA"));
        };
        let if_exists = self.accept_all(&["IF", "EXISTS"]);
        match kind {
            "TABLE" => {
                let name = self.object_name()?;
                self.drop_behaviour();
                Ok(Statement::DropTable { name, if_exists })
            }
            "VIEW" => {
                let name = self.object_name()?;
                self.drop_behaviour();
                Ok(Statement::DropView { name, if_exists })
            }
            "INDEX" => self.drop_index(if_exists),
            _ => {
                let name = self.identifier()?;
                let cascade = self.drop_behaviour();
                Ok(Statement::DropSchema {
                    name,
                    if_exists,
                    cascade,
                })
            }
        }
    }

    /// `n`, `n ON [TABLE] t` or `t.n`.
    fn drop_index(&mut self, if_exists: bool) -> Result<Statement> {
        self.accept("%NOJOURN");
        let start = self.tokens[self.at].start;
        let name = self.name_as_written()?;
        if self.accept("ON") {
            self.accept("TABLE");
            let table = Some(self.object_name()?);
            return Ok(Statement::DropIndex {
                name: name.name,
                table,
                if_exists,
            });
        }
        let table = name.schema.map(|table| {
            let table = crate::ast::ObjectName {
                schema: None,
                name: table,
            };
            self.in_default_schema(table, start)
        });
        Ok(Statement::DropIndex {
            name: name.name,
            table,
            if_exists,
        })
    }
}
