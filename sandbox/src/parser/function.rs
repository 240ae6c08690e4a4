//! Functions whose arguments have a syntax of their own.

use super::Parser;
use crate::ast::Expr;
use crate::error::{Result, SqlError};
use crate::lexer::Kind;

/// The functions whose first argument may be a bare date part or interval.
const PART_FIRST: [&str; 7] = [
    "DATEADD",
    "DATEDIFF",
    "DATENAME",
    "DATEPART",
    "DATE_TRUNC",
    "TIMESTAMPADD",
    "TIMESTAMPDIFF",
];

impl Parser<'_> {
    /// A function with arguments of its own kind, if `word` is one; its `(` comes next.
    pub(super) fn special_call(&mut self, word: &str) -> Option<Result<Expr>> {
        let parse = match word {
            "XMLELEMENT" => Self::xml_element,
            "XMLFOREST" => Self::xml_forest,
            "JSON_ARRAY" => Self::json_array,
            "JSON_OBJECT" => Self::json_object,
            "$LISTBUILD" => Self::list_build,
            "SEARCH_INDEX" => Self::search_index,
            "PREDICT" | "PROBABILITY" => Self::model_function,
            _ if PART_FIRST.contains(&word) => Self::part_function,
            _ => return None,
        };
        Some(self.nested(parse))
    }

    fn function_name(&mut self) -> Result<String> {
        let name = match self.advance() {
            Kind::Word(word) => word.to_uppercase(),
            _ => return Err(self.unexpected(-12, "a function")),
        };
        self.expect_symbol("(")?;
        Ok(name)
    }

    fn called(&mut self, name: String, args: Vec<Expr>) -> Result<Expr> {
        self.expect_symbol(")")?;
        Ok(Expr::Call {
            name,
            args,
            braced: false,
        })
    }

    /// `DATEPART(year, d)`, `DATEPART('year', d)`, `TIMESTAMPADD(SQL_TSI_DAY, 1, d)`.
    pub(super) fn part_function(&mut self) -> Result<Expr> {
        let name = self.function_name()?;
        let mut args = Vec::new();
        if !self.is_symbol(")") {
            let part = match self.peek().clone() {
                Kind::Word(part) if self.symbol_at(1, ",") => Some(part),
                Kind::Delimited(part) if self.symbol_at(1, ",") => Some(part),
                _ => None,
            };
            args.push(match part {
                Some(part) => {
                    self.advance();
                    Expr::Text(part)
                }
                None => self.value()?,
            });
            while self.accept_symbol(",") {
                args.push(self.value()?);
            }
        }
        self.called(name, args)
    }

    /// An element left out has no value: `$LISTBUILD('a',,'b')`, `$LISTBUILD()`.
    fn list_build(&mut self) -> Result<Expr> {
        let name = self.function_name()?;
        let mut args = Vec::new();
        loop {
            let omitted = self.is_symbol(",") || self.is_symbol(")");
            args.push(if omitted { Expr::Null } else { self.value()? });
            if !self.accept_symbol(",") {
                return self.called(name, args);
            }
        }
    }

    /// `XMLELEMENT([NAME] "tag", …)`; NAME alone is the tag `Name`.
    fn xml_element(&mut self) -> Result<Expr> {
        let name = self.function_name()?;
        let named = self.is_word("NAME");
        if named {
            self.advance();
        }
        let tag = match self.peek().clone() {
            Kind::Delimited(tag) => {
                self.advance();
                tag
            }
            _ if named => "Name".to_owned(),
            _ => return Err(self.unexpected(-1, "XML tag")),
        };
        let mut args = vec![Expr::Text(tag)];
        while self.accept_symbol(",") {
            args.push(if self.is_word("XMLATTRIBUTES") && self.symbol_at(1, "(") {
                self.xml_attributes()?
            } else {
                self.value()?
            });
        }
        self.called(name, args)
    }

    fn xml_attributes(&mut self) -> Result<Expr> {
        let name = self.function_name()?;
        let args = self.named_values()?;
        self.called(name, args)
    }

    fn xml_forest(&mut self) -> Result<Expr> {
        let name = self.function_name()?;
        let args = self.named_values()?;
        self.called(name, args)
    }

    /// `x [AS name], …` as pairs of value and name, the name empty where there is none.
    fn named_values(&mut self) -> Result<Vec<Expr>> {
        let pairs = self.comma_list(|p| {
            let value = p.value()?;
            let name = match p.accept("AS") {
                true => p.identifier()?,
                false => String::new(),
            };
            Ok([value, Expr::Text(name)])
        })?;
        Ok(pairs.into_iter().flatten().collect())
    }

    /// `JSON_ARRAY(x, … [NULL|ABSENT ON NULL])`; the clause becomes the first argument.
    fn json_array(&mut self) -> Result<Expr> {
        let name = self.function_name()?;
        let mut args = Vec::new();
        if !self.is_symbol(")") {
            args = self.comma_list(Self::value)?;
        }
        args.insert(0, self.null_clause());
        self.called(name, args)
    }

    /// `JSON_OBJECT(k:v, … [NULL|ABSENT ON NULL])`; the clause becomes the first argument.
    fn json_object(&mut self) -> Result<Expr> {
        let name = self.function_name()?;
        let mut args = Vec::new();
        while !self.is_symbol(")") {
            args.push(self.value()?);
            self.expect_symbol(":")?;
            args.push(self.value()?);
            if !self.accept_symbol(",") {
                break;
            }
        }
        args.insert(0, self.null_clause());
        self.called(name, args)
    }

    fn null_clause(&mut self) -> Expr {
        if self.accept_all(&["ABSENT", "ON", "NULL"]) {
            return Expr::Text("ABSENT".to_owned());
        }
        self.accept_all(&["NULL", "ON", "NULL"]);
        Expr::Text("NULL".to_owned())
    }

    /// `SEARCH_INDEX([[schema.]table.]index [, parameter …])`
    fn search_index(&mut self) -> Result<Expr> {
        let name = self.function_name()?;
        let mut path = vec![self.identifier()?];
        while self.accept_symbol(".") {
            path.push(self.identifier()?);
        }
        let mut args = vec![Expr::Text(path.join("."))];
        while self.accept_symbol(",") {
            args.push(self.value()?);
        }
        self.called(name, args)
    }

    /// `PREDICT(model [USE trained] [WITH …])`, `PROBABILITY(model [FOR value] …)`.
    fn model_function(&mut self) -> Result<Expr> {
        let name = self.function_name()?;
        let model = self.identifier()?;
        let mut open = 0_u32;
        while open > 0 || !self.is_symbol(")") {
            match self.peek() {
                Kind::End => return Err(SqlError::new(-1, ") expected")),
                Kind::Symbol("(") => open += 1,
                Kind::Symbol(")") => open -= 1,
                Kind::Parameter => self.parameters += 1,
                _ => {}
            }
            self.advance();
        }
        self.called(name, vec![Expr::Text(model)])
    }
}
