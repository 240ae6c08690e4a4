//! CREATE FUNCTION, PROCEDURE, METHOD and QUERY.

use super::Parser;
use crate::ast::{
    Code, Expr, RoutineDef, RoutineKind, RoutineParameter, SqlStep, SqlText, Statement,
};
use crate::error::{Result, SqlError};
use crate::lexer::Kind;

/// Languages of external routines.
const EXTERNAL: [&str; 4] = ["PYTHON", "JAVA", "DOTNET", "TSQL"];

impl Parser<'_> {
    /// The kind of routine that CREATE or DROP names here.
    pub(super) fn routine_kind(&mut self) -> Option<RoutineKind> {
        self.accept("STATIC");
        match self.accept_any(&["FUNCTION", "PROCEDURE", "PROC", "METHOD", "QUERY"])? {
            "FUNCTION" => Some(RoutineKind::Function),
            "METHOD" => Some(RoutineKind::Method),
            "QUERY" => Some(RoutineKind::Query),
            _ => Some(RoutineKind::Procedure),
        }
    }

    pub(super) fn create_routine(&mut self, kind: RoutineKind, replace: bool) -> Result<Statement> {
        let name = self.object_name()?;
        self.expect_symbol("(")?;
        let parameters = if self.accept_symbol(")") {
            Vec::new()
        } else {
            let parameters = self.comma_list(Self::routine_parameter)?;
            self.expect_symbol(")")?;
            parameters
        };
        let mut routine = RoutineDef {
            kind,
            name,
            replace,
            parameters,
            returns: None,
            callable: matches!(kind, RoutineKind::Function | RoutineKind::Procedure),
            code: Code::Sql(Vec::new()),
            text: self.sql.to_owned(),
        };
        let mut seen = Vec::new();
        while let Some(word) = self.characteristic(&mut routine)? {
            if seen.contains(&word) {
                return Err(SqlError::new(-44, word));
            }
            seen.push(word);
        }
        let objectscript = self.language()?;
        routine.code = self.code(objectscript)?;
        if kind == RoutineKind::Query && matches!(routine.code, Code::ObjectScript(_)) {
            return Err(SqlError::new(
                -400,
                "queries in ObjectScript are not imitated by the sandbox",
            ));
        }
        Ok(Statement::CreateRoutine(Box::new(routine)))
    }

    fn routine_parameter(&mut self) -> Result<RoutineParameter> {
        let mode = self.accept_any(&["IN", "OUT", "INOUT"]);
        let name = self.identifier()?;
        let type_name = self.type_name()?;
        let given = self.accept("DEFAULT");
        let literal = matches!(self.peek(), Kind::Text(_) | Kind::Number(_))
            || self.is_word("NULL")
            || self.is_symbol("-");
        let default = match (given, literal) {
            (_, true) => Some(self.default_value()?.0),
            (true, false) => return Err(self.unexpected(-1, "literal")),
            (false, false) => None,
        };
        Ok(RoutineParameter {
            name,
            type_name,
            default,
            output: mode.is_some_and(|mode| mode != "IN"),
        })
    }

    /// One characteristic, or `None` where the code begins.
    fn characteristic(&mut self, routine: &mut RoutineDef) -> Result<Option<&'static str>> {
        let words = [
            "FOR",
            "FINAL",
            "PRIVATE",
            "PROCEDURE",
            "RETURNS",
            "SELECTMODE",
            "CONTAINID",
            "RESULTS",
            "DYNAMIC",
            "RESULT",
        ];
        let Some(word) = self.accept_any(&words) else {
            return Ok(None);
        };
        match word {
            "FOR" => {
                self.identifier()?;
                while self.accept_symbol(".") {
                    self.identifier()?;
                }
            }
            "PROCEDURE" => routine.callable = true,
            "RETURNS" => routine.returns = Some(self.type_name()?),
            "SELECTMODE" => {
                let mode = self.accept_any(&["LOGICAL", "ODBC", "RUNTIME", "DISPLAY"]);
                mode.ok_or_else(|| self.unexpected(-1, "select mode"))?;
            }
            "CONTAINID" => drop(self.unsigned()?),
            "RESULTS" => {
                self.parenthesised_list(|p| {
                    p.identifier()?;
                    p.type_name()
                })?;
            }
            "DYNAMIC" | "RESULT" => {
                if word == "DYNAMIC" {
                    self.expect("RESULT")?;
                }
                self.expect("SETS")?;
                if matches!(self.peek(), Kind::Number(_)) {
                    self.unsigned()?;
                }
            }
            _ => {}
        }
        Ok(Some(word))
    }

    /// Is it ObjectScript? Braces say so too.
    pub(super) fn language(&mut self) -> Result<bool> {
        if !self.accept("LANGUAGE") {
            return Ok(matches!(self.peek(), Kind::Code(_)));
        }
        if let Some(language) = self.accept_any(&EXTERNAL) {
            return Err(SqlError::new(
                -400,
                format!("LANGUAGE {language} is not imitated by the sandbox"),
            ));
        }
        match self.accept_any(&["SQL", "OBJECTSCRIPT", "COS"]) {
            Some(language) => Ok(language != "SQL"),
            None => Err(self.unexpected(-1, "SQL or OBJECTSCRIPT")),
        }
    }

    pub(super) fn code(&mut self, objectscript: bool) -> Result<Code> {
        if objectscript {
            let Kind::Code(code) = self.peek().clone() else {
                return Err(self.unexpected(-1, "{ code }"));
            };
            self.advance();
            crate::objectscript::Program::commands(&code)?;
            return Ok(Code::ObjectScript(code));
        }
        if !self.accept("BEGIN") {
            return Err(self.unexpected(-1, "BEGIN"));
        }
        self.accept("ATOMIC");
        let mut steps = Vec::new();
        while !self.accept("END") {
            steps.push(self.step()?);
            if !self.accept_symbol(";") && !self.is_word("END") {
                return Err(self.unexpected(-1, ";"));
            }
        }
        Ok(Code::Sql(steps))
    }

    /// One statement of a body, to the semicolon.
    pub(super) fn step(&mut self) -> Result<SqlStep> {
        if self.accept("RETURN") {
            return self.until_semicolon(&mut Vec::new()).map(SqlStep::Return);
        }
        let mut into = Vec::new();
        let text = self.until_semicolon(&mut into)?;
        if text.text.trim().is_empty() {
            return Err(self.unexpected(-51, "SQL statement"));
        }
        Ok(if into.is_empty() {
            SqlStep::Run(text)
        } else {
            SqlStep::Into(text, into)
        })
    }

    /// The text up to the semicolon, host variables as `?`, without `INTO :a, :b`.
    fn until_semicolon(&mut self, into: &mut Vec<String>) -> Result<SqlText> {
        let mut text = String::new();
        let mut names = Vec::new();
        let mut depth = 0_u32;
        loop {
            match self.peek() {
                Kind::End => return Ok(SqlText { text, names }),
                Kind::Symbol(";") => return Ok(SqlText { text, names }),
                Kind::Word(word) if word.eq_ignore_ascii_case("CASE") => depth += 1,
                Kind::Word(word) if word.eq_ignore_ascii_case("END") && depth == 0 => {
                    return Ok(SqlText { text, names });
                }
                Kind::Word(word) if word.eq_ignore_ascii_case("END") => depth -= 1,
                Kind::Parameter => return Err(self.unexpected(-1, "host variable, not ?,")),
                _ => {}
            }
            if self.is_word("INTO") && self.symbol_at(1, ":") && into.is_empty() {
                self.advance();
                into.extend(self.comma_list(Self::host_variable)?);
            } else if self.is_symbol(":") {
                names.push(self.host_variable()?);
                text.push_str(" ?");
            } else {
                let token = &self.tokens[self.at];
                let glued = self.at > 0 && self.tokens[self.at - 1].end == token.start;
                if !glued {
                    text.push(' ');
                }
                text.push_str(&self.sql[token.start..token.end]);
                self.advance();
            }
        }
    }

    /// `:name`
    fn host_variable(&mut self) -> Result<String> {
        self.expect_symbol(":")?;
        self.identifier()
    }

    /// `CALL name(arguments)`
    pub(super) fn call_statement(&mut self) -> Result<Statement> {
        self.advance();
        let name = self.object_name()?;
        let mut args = Vec::new();
        if self.accept_symbol("(") && !self.accept_symbol(")") {
            args = self.comma_list(Self::call_argument)?;
            self.expect_symbol(")")?;
        }
        Ok(Statement::Call { name, args })
    }

    /// A literal or a `?`.
    fn call_argument(&mut self) -> Result<Expr> {
        let value = self.value()?;
        let negative =
            matches!(&value, Expr::Negate(number) if matches!(**number, Expr::Number(_)));
        match value {
            Expr::Null | Expr::Text(_) | Expr::Number(_) | Expr::Parameter(_) => Ok(value),
            _ if negative => Ok(value),
            _ => Err(self.unexpected(-1, "literal or ?")),
        }
    }
}
