//! CREATE INDEX and the classes of indexes.

use super::Parser;
use crate::Version;
use crate::ast::{IndexDef, IndexKind, Statement};
use crate::error::{Result, SqlError};
use crate::lexer::Kind;

impl Parser<'_> {
    pub(super) fn create_index(&mut self, kind: IndexKind) -> Result<Statement> {
        let name = self.identifier()?;
        self.expect("ON")?;
        self.accept("TABLE");
        let table = self.object_name()?;
        let special = |word: &str| kind == IndexKind::Special(word.to_owned());
        let (extent, slice) = (special("BITMAPEXTENT"), special("BITSLICE"));
        let columns = if extent {
            Vec::new()
        } else {
            self.index_columns()?
        };
        let kind = if self.accept("AS") {
            self.index_class()?
        } else {
            kind
        };
        let mut data = Vec::new();
        if !extent && !slice && self.accept_all(&["WITH", "DATA"]) {
            data = self.parenthesised_list(Self::identifier)?;
        }
        if slice && columns.len() > 1 {
            return Err(SqlError::new(-1, "a bitslice index has one field"));
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

    /// The order of a column is read and ignored.
    fn index_columns(&mut self) -> Result<Vec<String>> {
        self.parenthesised_list(|p| {
            let column = p.identifier()?;
            p.accept_any(&["ASC", "DESC"]);
            Ok(column)
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
}
