//! Type names as written in DDL and CAST; what they mean is decided in `datatype`.

use super::Parser;
use crate::ast::TypeName;
use crate::error::Result;
use crate::lexer::Kind;

impl Parser<'_> {
    /// `VARCHAR(20)`, `DOUBLE PRECISION`, `VECTOR(FLOAT, 3)`, `%Library.String(MAXLEN=5)`.
    pub(super) fn type_name(&mut self) -> Result<TypeName> {
        let mut name = match self.advance() {
            Kind::Word(word) => word,
            Kind::Delimited(word) => word,
            _ => {
                self.at -= 1;
                return Err(self.unexpected(-86, "data type"));
            }
        };
        if self.is_symbol(".") {
            while self.accept_symbol(".") {
                // Reserved words name classes too, as in %Library.Date.
                let Kind::Word(word) = self.advance() else {
                    return Err(self.unexpected(-86, "class name"));
                };
                name = format!("{name}.{word}");
            }
        } else if !name.starts_with('%') {
            name = name.to_uppercase();
            self.further_words(&mut name);
        }
        let mut args = Vec::new();
        if self.accept_symbol("(") {
            args = self.comma_list(Self::type_argument)?;
            self.expect_symbol(")")?;
        }
        Ok(TypeName { name, args })
    }

    fn further_words(&mut self, name: &mut String) {
        let followers: &[&'static str] = match name.as_str() {
            "DOUBLE" => &["PRECISION"],
            "NATIONAL" => &["CHAR", "CHARACTER", "VARCHAR"],
            "LONG" => &["VARCHAR", "BINARY", "RAW"],
            _ => &[],
        };
        if let Some(word) = self.accept_any(followers) {
            name.push(' ');
            name.push_str(word);
        }
        let varies = [
            "CHAR",
            "CHARACTER",
            "BINARY",
            "NATIONAL CHAR",
            "NATIONAL CHARACTER",
        ]
        .contains(&name.as_str());
        if varies && self.accept("VARYING") {
            name.push_str(" VARYING");
        }
    }

    /// `20`, `MAX`, `''`, `FLOAT`, `MAXLEN=5`.
    fn type_argument(&mut self) -> Result<String> {
        let negative = self.accept_symbol("-");
        let mut text = match self.advance() {
            Kind::Number(text) | Kind::Word(text) | Kind::Text(text) => text,
            _ => {
                self.at -= 1;
                return Err(self.unexpected(-1, "type argument"));
            }
        };
        if negative {
            text.insert(0, '-');
        }
        if self.accept_symbol("=") {
            text = format!("{text}={}", self.type_argument()?);
        }
        Ok(text)
    }
}
