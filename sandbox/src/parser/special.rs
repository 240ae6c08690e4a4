//! Operands with a syntax of their own: CASE, CAST, TRIM, ODBC escapes and their kin.

use super::Parser;
use crate::ast::{Expr, TypeName};
use crate::error::{Result, SqlError};
use crate::lexer::Kind;

impl Parser<'_> {
    pub(super) fn case(&mut self) -> Result<Expr> {
        self.advance();
        let operand = if self.is_word("WHEN") {
            None
        } else {
            Some(Box::new(self.value()?))
        };
        let mut whens = Vec::new();
        while self.accept("WHEN") {
            let when = if operand.is_some() {
                self.value()?
            } else {
                self.condition()?
            };
            self.expect("THEN")?;
            whens.push((when, self.value()?));
        }
        if whens.is_empty() {
            return Err(self.unexpected(-1, "WHEN"));
        }
        let otherwise = if self.accept("ELSE") {
            Some(Box::new(self.value()?))
        } else {
            None
        };
        self.expect("END")?;
        Ok(Expr::Case {
            operand,
            whens,
            otherwise,
        })
    }

    pub(super) fn cast(&mut self) -> Result<Expr> {
        self.advance();
        self.expect_symbol("(")?;
        let operand = Box::new(self.value()?);
        self.expect("AS")?;
        let target = self.type_name()?;
        self.expect_symbol(")")?;
        Ok(Expr::Cast { operand, target })
    }

    pub(super) fn convert(&mut self) -> Result<Expr> {
        self.advance();
        self.expect_symbol("(")?;
        let target = self.type_name()?;
        if target.name.starts_with("SQL_") {
            return Err(SqlError::new(-1, "SQL_ types belong to {fn CONVERT()}"));
        }
        self.expect_symbol(",")?;
        let operand = Box::new(self.value()?);
        let style = if self.accept_symbol(",") {
            Some(Box::new(self.value()?))
        } else {
            None
        };
        self.expect_symbol(")")?;
        Ok(Expr::Convert {
            operand,
            target,
            style,
        })
    }

    /// `TRIM([LEADING|TRAILING|BOTH] [chars FROM] s)`
    pub(super) fn trim(&mut self) -> Result<Expr> {
        self.advance();
        self.expect_symbol("(")?;
        let side = self.accept_any(&["LEADING", "TRAILING", "BOTH"]);
        if side.is_none() && self.is_word("FROM") {
            return Err(self.unexpected(-75, "characters or LEADING, TRAILING, BOTH"));
        }
        let from_at_once = side.is_some() && self.accept("FROM");
        let mut args = vec![Expr::Text(side.unwrap_or("BOTH").to_owned()), self.value()?];
        if !from_at_once && self.accept("FROM") {
            args.push(self.value()?);
        } else {
            args.insert(1, Expr::Text(" ".to_owned()));
        }
        self.expect_symbol(")")?;
        Ok(Expr::Call {
            name: "TRIM".to_owned(),
            args,
            braced: false,
        })
    }

    pub(super) fn substring(&mut self) -> Result<Expr> {
        self.advance();
        self.expect_symbol("(")?;
        let mut args = vec![self.value()?];
        let words = self.accept("FROM");
        if !words {
            self.expect_symbol(",")?;
        }
        args.push(self.value()?);
        if if words {
            self.accept("FOR")
        } else {
            self.accept_symbol(",")
        } {
            args.push(self.value()?);
        }
        self.expect_symbol(")")?;
        Ok(Expr::Call {
            name: "SUBSTRING".to_owned(),
            args,
            braced: false,
        })
    }

    pub(super) fn position(&mut self) -> Result<Expr> {
        self.advance();
        self.expect_symbol("(")?;
        let part = self.value()?;
        self.expect("IN")?;
        let whole = self.value()?;
        self.expect_symbol(")")?;
        Ok(Expr::Call {
            name: "POSITION".to_owned(),
            args: vec![part, whole],
            braced: false,
        })
    }

    /// The element type is a bare keyword: neither a parameter nor a string.
    pub(super) fn vector_literal(&mut self) -> Result<Expr> {
        self.advance();
        self.expect_symbol("(")?;
        let mut args = vec![self.value()?, Expr::Text(String::new())];
        if self.accept_symbol(",") {
            let element =
                self.accept_any(&["FLOAT", "DOUBLE", "DECIMAL", "INTEGER", "INT", "TIMESTAMP"]);
            let element = element.ok_or_else(|| self.unexpected(-1, "vector element type"))?;
            args[1] = Expr::Text(element.to_owned());
            if self.accept_symbol(",") {
                args.push(self.value()?);
            }
        }
        self.expect_symbol(")")?;
        Ok(Expr::Call {
            name: "TO_VECTOR".to_owned(),
            args,
            braced: false,
        })
    }

    /// `%EXACT(x)`, `%SQLUPPER x`, `%SQLUPPER(x, 20)`, `UPPER x`, `%ODBCOUT x`.
    pub(super) fn prefix(&mut self, word: &str) -> Result<Expr> {
        self.advance();
        let args = if self.is_symbol("(") {
            self.nested(Self::arguments)?
        } else {
            vec![self.nested(|p| p.primary(false))?]
        };
        Ok(Expr::Call {
            name: word.to_owned(),
            args,
            braced: false,
        })
    }

    pub(super) fn braced_call(&mut self) -> Result<Expr> {
        let Kind::Word(name) = self.peek().clone() else {
            return Err(SqlError::new(-40, "function name expected"));
        };
        let name = name.to_uppercase();
        match name.as_str() {
            "SUBSTRING" => return self.nested(Self::substring),
            "TRIM" => return self.nested(Self::trim),
            _ => {}
        }
        if self.symbol_at(1, "(")
            && let Some(call) = self.special_call(&name)
        {
            return call;
        }
        self.advance();
        if name == "CONVERT" {
            return self.nested(Self::odbc_convert);
        }
        if !self.is_symbol("(") {
            return Ok(Expr::Call {
                name,
                args: Vec::new(),
                braced: true,
            });
        }
        self.call(name, true)
    }

    /// `CONVERT(x, SQL_VARCHAR)`
    pub(super) fn odbc_convert(&mut self) -> Result<Expr> {
        self.expect_symbol("(")?;
        let operand = Box::new(self.value()?);
        self.expect_symbol(",")?;
        let name = self.identifier()?.to_uppercase();
        if !name.starts_with("SQL_") {
            return Err(SqlError::new(
                -1,
                format!("SQL_ type expected, {name} found"),
            ));
        }
        self.expect_symbol(")")?;
        Ok(Expr::Convert {
            operand,
            target: TypeName {
                name,
                args: Vec::new(),
            },
            style: None,
        })
    }

    /// `{fn f(…)}`, `{d '…'}`, `{t '…'}`, `{ts '…'}`.
    pub(super) fn escape(&mut self) -> Result<Expr> {
        self.advance();
        let Kind::Word(word) = self.advance() else {
            return Err(SqlError::new(-40, "unsupported ODBC extension"));
        };
        let expr = match word.to_uppercase().as_str() {
            "FN" => self.braced_call()?,
            kind @ ("D" | "T" | "TS") => {
                let literal = self.value()?;
                Expr::Call {
                    name: format!("{{{kind}}}"),
                    args: vec![literal],
                    braced: true,
                }
            }
            _ => {
                return Err(SqlError::new(
                    -40,
                    format!("unsupported ODBC extension {word}"),
                ));
            }
        };
        self.expect_symbol("}")?;
        Ok(expr)
    }
}
