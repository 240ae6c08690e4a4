//! CREATE VIEW and ALTER VIEW.

use super::Parser;
use crate::ast::{Statement, ViewDef, ViewOption};
use crate::error::{Result, SqlError};

impl Parser<'_> {
    pub(super) fn create_view(&mut self, replace: bool) -> Result<Statement> {
        self.view(replace).map(Statement::CreateView)
    }

    pub(super) fn alter_view(&mut self) -> Result<Statement> {
        self.view(true).map(Statement::AlterView)
    }

    fn view(&mut self, replace: bool) -> Result<ViewDef> {
        let name = self.object_name()?;
        let columns = if self.is_symbol("(") {
            self.parenthesised_list(Self::identifier)?
        } else {
            Vec::new()
        };
        for (n, column) in columns.iter().enumerate() {
            if columns[..n]
                .iter()
                .any(|other| crate::catalog::same(other, column))
            {
                return Err(SqlError::new(-97, column));
            }
        }
        self.expect("AS")?;
        let parenthesised = self.accept_symbol("(");
        let start = self.tokens[self.at].start;
        let query = self.subquery()?;
        let end = self.tokens[self.at.saturating_sub(1)].end;
        let text = self.qualified_text(start, end);
        if parenthesised {
            self.expect_symbol(")")?;
        }
        let option = self.view_option()?;
        if self.parameters > 0 {
            return Err(SqlError::code(-148));
        }
        Ok(ViewDef {
            name,
            columns,
            query,
            text,
            replace,
            option,
        })
    }

    fn view_option(&mut self) -> Result<ViewOption> {
        if !self.accept("WITH") {
            return Ok(ViewOption::None);
        }
        if self.accept_all(&["READ", "ONLY"]) {
            return Ok(ViewOption::ReadOnly);
        }
        let local = self.accept_any(&["LOCAL", "CASCADED"]) == Some("LOCAL");
        self.expect("CHECK")?;
        self.expect("OPTION")?;
        Ok(if local {
            ViewOption::LocalCheck
        } else {
            ViewOption::Check
        })
    }
}
