//! FREEZE PLANS and UNFREEZE PLANS; there are no query plans to freeze here.

use super::Parser;
use crate::ast::Statement;
use crate::error::Result;
use crate::lexer::Kind;

impl Parser<'_> {
    /// `FREEZE|UNFREEZE PLANS [BY ID 'hash' | BY TABLE table | BY SCHEMA schema]`
    pub(super) fn freeze_plans(&mut self) -> Result<Statement> {
        self.advance();
        self.expect("PLANS")?;
        let mut table = None;
        if self.accept("BY") {
            if self.accept("TABLE") {
                table = Some(self.object_name()?);
            } else if self.accept("SCHEMA") {
                self.identifier()?;
            } else {
                self.expect("ID")?;
                if !matches!(self.advance(), Kind::Text(_)) {
                    self.at -= 1;
                    return Err(self.unexpected(-1, "statement hash"));
                }
            }
        }
        Ok(Statement::Maintain { table })
    }
}
