//! Operands: literals, names, calls, and the forms with a syntax of their own.

use super::Parser;
use crate::ast::{Aggregate, Expr, Frame, FrameBound, ObjectName, OrderItem, TypeName};
use crate::error::{Result, SqlError};
use crate::lexer::Kind;
use crate::reserved::is_reserved;

/// Words that may not be identifiers but name a function when `(` follows.
const RESERVED_FUNCTIONS: [&str; 17] = [
    "CHAR",
    "CHARACTER_LENGTH",
    "CHAR_LENGTH",
    "COALESCE",
    "DATE",
    "LEFT",
    "LOWER",
    "NULLIF",
    "RIGHT",
    "SPACE",
    "UPPER",
    "HOUR",
    "MINUTE",
    "SECOND",
    "USER",
    "%EXTERNAL",
    "%INTERNAL",
];

/// Functions over rows.
const AGGREGATES: [&str; 16] = [
    "COUNT",
    "SUM",
    "AVG",
    "MIN",
    "MAX",
    "LIST",
    "%DLIST",
    "JSON_ARRAYAGG",
    "XMLAGG",
    "STDDEV",
    "STDDEV_SAMP",
    "STDDEV_POP",
    "VARIANCE",
    "VAR_SAMP",
    "VAR_POP",
    "APPROX_COUNT_DISTINCT",
];

/// Collation functions, allowed without parentheses.
const COLLATIONS: [&str; 10] = [
    "%EXACT",
    "%SQLUPPER",
    "%SQLSTRING",
    "%TRUNCATE",
    "%PLUS",
    "%MINUS",
    "%MVR",
    "%ALPHAUP",
    "%STRING",
    "%UPPER",
];

/// Functions that only windows give a meaning.
const WINDOW_FUNCTIONS: [&str; 11] = [
    "ROW_NUMBER",
    "RANK",
    "DENSE_RANK",
    "PERCENT_RANK",
    "CUME_DIST",
    "NTILE",
    "LAG",
    "LEAD",
    "FIRST_VALUE",
    "LAST_VALUE",
    "NTH_VALUE",
];

impl Parser<'_> {
    pub(super) fn primary(&mut self, in_condition: bool) -> Result<Expr> {
        match self.peek().clone() {
            Kind::Text(text) => {
                self.advance();
                Ok(Expr::Text(text))
            }
            Kind::Number(text) => {
                self.advance();
                Ok(Expr::Number(text))
            }
            Kind::Parameter => {
                self.advance();
                self.parameters += 1;
                Ok(Expr::Parameter(self.parameters - 1))
            }
            Kind::Symbol("(") => self.parenthesised(in_condition),
            Kind::Symbol("{") => self.escape(),
            Kind::Delimited(_) => self.column_or_call(),
            Kind::Word(word) => self.word(&word.to_uppercase()),
            _ => Err(self.unexpected(-12, "a term")),
        }
    }

    fn parenthesised(&mut self, in_condition: bool) -> Result<Expr> {
        self.advance();
        if self.at_query() {
            let query = self.nested(Self::subquery)?;
            self.expect_symbol(")")?;
            return Ok(Expr::Subquery(Box::new(query)));
        }
        let inner = if in_condition {
            self.nested(Self::disjunction)?
        } else {
            self.value()?
        };
        self.expect_symbol(")")?;
        Ok(inner)
    }

    fn word(&mut self, word: &str) -> Result<Expr> {
        let calls = self.symbol_at(1, "(");
        match word {
            "NULL" => {
                self.advance();
                Ok(Expr::Null)
            }
            "CASE" => self.nested(Self::case),
            "CAST" if calls => self.nested(Self::cast),
            "CONVERT" if calls => self.nested(Self::convert),
            "TRIM" if calls => self.nested(Self::trim),
            "SUBSTRING" if calls => self.nested(Self::substring),
            "POSITION" if calls => self.nested(Self::position),
            "TO_VECTOR" if calls && self.since(crate::Version::V2024_1) => {
                self.nested(Self::to_vector)
            }
            "JSON_OBJECT" if calls => self.nested(Self::json_object),
            "CURRENT_TIME" | "CURRENT_TIMESTAMP" => self.current(word),
            "CURRENT_DATE" | "SYSDATE" => self.special(word),
            "USER" if !calls => self.special(word),
            "%ID" | "%VID" | "%TABLENAME" | "%CLASSNAME" => {
                self.advance();
                Ok(Expr::Column {
                    qualifier: None,
                    name: word.to_owned(),
                })
            }
            _ if COLLATIONS.contains(&word) => self.collation(word),
            _ if calls && AGGREGATES.contains(&word) => self.nested(|p| p.aggregate(word)),
            _ if calls && RESERVED_FUNCTIONS.contains(&word) => {
                self.advance();
                self.call(word.to_owned(), false)
            }
            _ if word.starts_with('$') && !calls => self.special(word),
            _ if is_reserved(word) => Err(self.unexpected(-12, "a term")),
            _ => self.column_or_call(),
        }
    }

    fn special(&mut self, word: &str) -> Result<Expr> {
        self.advance();
        Ok(Expr::Special(word.to_owned(), None))
    }

    fn current(&mut self, word: &str) -> Result<Expr> {
        self.advance();
        let mut precision = None;
        if self.accept_symbol("(") {
            precision = u32::try_from(self.unsigned()?).ok().filter(|p| *p <= 9);
            self.expect_symbol(")")?;
        }
        Ok(Expr::Special(word.to_owned(), precision))
    }

    /// `a`, `t.a`, `s.t.a`, `f(…)`, `s.f(…)`, any of them with `OVER`.
    fn column_or_call(&mut self) -> Result<Expr> {
        let mut parts = vec![self.identifier()?];
        while parts.len() < 4 && self.accept_symbol(".") {
            parts.push(self.path_part()?);
        }
        if self.is_symbol("(") {
            return self.call(parts.join(".").to_uppercase(), false);
        }
        let name = parts.pop().unwrap_or_default();
        let qualifier = parts.pop().map(|table| ObjectName {
            schema: parts.pop(),
            name: table,
        });
        Ok(Expr::Column { qualifier, name })
    }

    /// After a dot, `%ID` and its kin are allowed too.
    fn path_part(&mut self) -> Result<String> {
        for pseudo in ["%ID", "%VID", "%TABLENAME", "%CLASSNAME"] {
            if self.accept(pseudo) {
                return Ok(pseudo.to_owned());
            }
        }
        self.identifier()
    }

    pub(super) fn call(&mut self, name: String, braced: bool) -> Result<Expr> {
        let args = self.nested(Self::arguments)?;
        let call = Expr::Call {
            name: name.clone(),
            args,
            braced,
        };
        if WINDOW_FUNCTIONS.contains(&name.as_str())
            || self.is_word("OVER") && self.symbol_at(1, "(")
        {
            return self.over(call);
        }
        Ok(call)
    }

    fn arguments(&mut self) -> Result<Vec<Expr>> {
        self.expect_symbol("(")?;
        let args = if self.is_symbol(")") {
            Vec::new()
        } else {
            self.comma_list(Self::value)?
        };
        self.expect_symbol(")")?;
        Ok(args)
    }

    fn aggregate(&mut self, name: &str) -> Result<Expr> {
        self.advance();
        self.expect_symbol("(")?;
        let distinct = self.accept("DISTINCT");
        if !distinct {
            self.accept("ALL");
        }
        let argument = if name == "COUNT" && self.accept_symbol("*") {
            None
        } else {
            Some(self.value()?)
        };
        self.accept("%AFTERHAVING");
        self.expect_symbol(")")?;
        let call = Expr::Aggregate(Box::new(Aggregate {
            name: name.to_owned(),
            distinct,
            argument,
        }));
        if self.is_word("OVER") && self.symbol_at(1, "(") {
            self.over(call)
        } else {
            Ok(call)
        }
    }

    fn over(&mut self, call: Expr) -> Result<Expr> {
        self.expect("OVER")?;
        self.expect_symbol("(")?;
        let mut partition = Vec::new();
        if self.accept_all(&["PARTITION", "BY"]) {
            partition = self.comma_list(Self::value)?;
        }
        let mut order = Vec::new();
        if self.accept_all(&["ORDER", "BY"]) {
            order = self.comma_list(Self::order_item)?;
        }
        let frame = if self.accept("ROWS") {
            Some(self.frame()?)
        } else {
            None
        };
        self.expect_symbol(")")?;
        Ok(Expr::Window {
            call: Box::new(call),
            partition,
            order,
            frame,
        })
    }

    pub(super) fn order_item(&mut self) -> Result<OrderItem> {
        let start = self.at;
        let expr = self.value()?;
        let ordinal = match &expr {
            Expr::Number(text) if self.at == start + 1 => text.parse().ok(),
            _ => None,
        };
        let descending = self.accept("DESC");
        if !descending {
            self.accept("ASC");
        }
        Ok(OrderItem {
            expr,
            ordinal,
            descending,
        })
    }

    fn frame(&mut self) -> Result<Frame> {
        if !self.accept("BETWEEN") {
            return Ok(Frame {
                start: self.frame_bound()?,
                end: None,
            });
        }
        let start = self.frame_bound()?;
        self.expect("AND")?;
        Ok(Frame {
            start,
            end: Some(self.frame_bound()?),
        })
    }

    fn frame_bound(&mut self) -> Result<FrameBound> {
        if self.accept_all(&["UNBOUNDED", "PRECEDING"]) {
            return Ok(FrameBound::UnboundedPreceding);
        }
        if self.accept_all(&["UNBOUNDED", "FOLLOWING"]) {
            return Ok(FrameBound::UnboundedFollowing);
        }
        if self.accept_all(&["CURRENT", "ROW"]) {
            return Ok(FrameBound::CurrentRow);
        }
        let count = self.unsigned()?;
        if self.accept("PRECEDING") {
            return Ok(FrameBound::Preceding(count));
        }
        self.expect("FOLLOWING")?;
        Ok(FrameBound::Following(count))
    }

    fn case(&mut self) -> Result<Expr> {
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

    fn cast(&mut self) -> Result<Expr> {
        self.advance();
        self.expect_symbol("(")?;
        let operand = Box::new(self.value()?);
        self.expect("AS")?;
        let target = self.type_name()?;
        self.expect_symbol(")")?;
        Ok(Expr::Cast { operand, target })
    }

    fn convert(&mut self) -> Result<Expr> {
        self.advance();
        self.expect_symbol("(")?;
        let target = self.type_name()?;
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
    fn trim(&mut self) -> Result<Expr> {
        self.advance();
        self.expect_symbol("(")?;
        let side = self.accept_any(&["LEADING", "TRAILING", "BOTH"]);
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

    fn substring(&mut self) -> Result<Expr> {
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

    fn position(&mut self) -> Result<Expr> {
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
    fn to_vector(&mut self) -> Result<Expr> {
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

    /// `JSON_OBJECT(k:v, … [NULL|ABSENT ON NULL])`; the clause becomes the first argument.
    fn json_object(&mut self) -> Result<Expr> {
        self.advance();
        self.expect_symbol("(")?;
        let mut args = vec![Expr::Text("NULL".to_owned())];
        while !self.is_symbol(")") {
            args.push(self.value()?);
            self.expect_symbol(":")?;
            args.push(self.value()?);
            if !self.accept_symbol(",") {
                break;
            }
        }
        if self.accept_all(&["ABSENT", "ON", "NULL"]) {
            args[0] = Expr::Text("ABSENT".to_owned());
        } else {
            self.accept_all(&["NULL", "ON", "NULL"]);
        }
        self.expect_symbol(")")?;
        Ok(Expr::Call {
            name: "JSON_OBJECT".to_owned(),
            args,
            braced: false,
        })
    }

    /// `%EXACT(x)`, `%SQLUPPER x`, `%SQLUPPER(x, 20)`.
    fn collation(&mut self, word: &str) -> Result<Expr> {
        self.advance();
        let args = if self.is_symbol("(") {
            self.nested(Self::arguments)?
        } else {
            vec![self.primary(false)?]
        };
        Ok(Expr::Call {
            name: word.to_owned(),
            args,
            braced: false,
        })
    }

    /// `{fn f(…)}`, `{d '…'}`, `{t '…'}`, `{ts '…'}`.
    fn escape(&mut self) -> Result<Expr> {
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

    fn braced_call(&mut self) -> Result<Expr> {
        let Kind::Word(name) = self.advance() else {
            return Err(SqlError::new(-40, "function name expected"));
        };
        let name = name.to_uppercase();
        if name == "CONVERT" {
            return self.nested(Self::odbc_convert);
        }
        if matches!(name.as_str(), "TIMESTAMPADD" | "TIMESTAMPDIFF") {
            return self.nested(|p| p.timestamp_function(name));
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
    fn odbc_convert(&mut self) -> Result<Expr> {
        self.expect_symbol("(")?;
        let operand = Box::new(self.value()?);
        self.expect_symbol(",")?;
        let name = self.identifier()?.to_uppercase();
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

    /// The interval of `TIMESTAMPADD(SQL_TSI_DAY, …)` is a keyword.
    fn timestamp_function(&mut self, name: String) -> Result<Expr> {
        self.expect_symbol("(")?;
        let mut args = vec![Expr::Text(self.identifier()?.to_uppercase())];
        while self.accept_symbol(",") {
            args.push(self.value()?);
        }
        self.expect_symbol(")")?;
        Ok(Expr::Call {
            name,
            args,
            braced: true,
        })
    }
}
