//! ALTER TABLE and ALTER VIEW.

use super::Parser;
use super::create::Elements;
use crate::Version;
use crate::ast::{AlterAction, Statement};
use crate::error::{Result, SqlError};

impl Parser<'_> {
    pub(super) fn alter(&mut self) -> Result<Statement> {
        self.advance();
        if self.accept("USER") {
            return self.alter_user();
        }
        if self.accept("VIEW") {
            return self.alter_view();
        }
        if self.is_word("FOREIGN") {
            return Err(self.not_imitated());
        }
        if !self.accept("TABLE") {
            return Err(self.unexpected(-51, "TABLE or VIEW"));
        }
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
        } else if self.accept("CONVERT") {
            self.convert_to(None)?
        } else if self.since(Version::V2025_1) && self.accept("CLEANUP") {
            AlterAction::Nothing
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
                crate::lexer::Kind::Word(word) if word.starts_with('%') => word.to_uppercase(),
                _ => return Err(self.unexpected(-1, "collation")),
            };
            return Ok(AlterAction::SetCollation { column, collation });
        }
        if self.accept("CONVERT") {
            return self.convert_to(Some(column));
        }
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

    /// `TO STORAGETYPE = ROW|COLUMNAR`, since 2025.1; a namespace that is not sharded converts no shards.
    fn convert_to(&mut self, column: Option<String>) -> Result<AlterAction> {
        if !self.since(Version::V2024_3) {
            return Err(self.unexpected(-1, "ADD, ALTER, MODIFY, DROP or RENAME"));
        }
        self.expect("TO")?;
        if self.accept_any(&["SHARDED", "NONSHARDED"]).is_some() {
            return Err(SqlError::new(
                -400,
                "ERROR #9319: namespace USER is not configured for sharding",
            ));
        }
        if !self.since(Version::V2025_1) {
            return Err(self.unexpected(-1, "SHARDED or NONSHARDED"));
        }
        self.expect("STORAGETYPE")?;
        let columnar = self.storage_type()?;
        Ok(AlterAction::Convert { column, columnar })
    }

    /// `MODIFY c [type] [DEFAULT spec] [CONSTRAINT n] [NULL|NOT NULL]`
    fn modify(&mut self) -> Result<AlterAction> {
        let column = self.identifier()?;
        if self.accept("RENAME") {
            return Ok(AlterAction::RenameColumn {
                from: column,
                to: self.identifier()?,
            });
        }
        let follows = ["DEFAULT", "CONSTRAINT", "NULL", "NOT"];
        let type_name = if follows.iter().any(|word| self.is_word(word)) {
            None
        } else {
            Some(self.type_name()?)
        };
        let default = if self.accept("DEFAULT") {
            Some(self.default_value()?)
        } else {
            None
        };
        let named = self.accept("CONSTRAINT");
        if named {
            self.identifier()?;
        }
        let required = if self.accept("NULL") {
            Some(false)
        } else if self.accept_all(&["NOT", "NULL"]) {
            Some(true)
        } else if named {
            return Err(self.unexpected(-1, "NULL or NOT NULL"));
        } else {
            None
        };
        Ok(AlterAction::Modify {
            column,
            type_name,
            default,
            required,
        })
    }

    fn drop_part(&mut self) -> Result<AlterAction> {
        if self.accept("CONSTRAINT") {
            let name = self.identifier()?;
            self.accept_any(&["RESTRICT", "CASCADE"]);
            return Ok(AlterAction::DropConstraint(name));
        }
        if self.accept_all(&["FOREIGN", "KEY"]) {
            return self.identifier().map(AlterAction::DropForeignKey);
        }
        if self.accept_all(&["PRIMARY", "KEY"]) {
            return Ok(AlterAction::DropPrimaryKey);
        }
        self.accept("COLUMN");
        let column = self.identifier()?;
        self.drop_behaviour();
        Ok(AlterAction::DropColumn(column))
    }
}
