//! Reads commands and expressions; the depth is bounded.

use super::syntax::{Command, Expr, Target};
use super::token::{Kind, Token, tokens};
use super::{Field, Program, fault, function, unknown};
use crate::error::Result;

/// How deep expressions and blocks may nest.
const DEEPEST: u32 = 40;

/// How many operators may follow each other.
const LONGEST_CHAIN: u32 = 300;

/// The commands, long and short.
const COMMANDS: [(&str, &str); 20] = [
    ("SET", "SET"),
    ("S", "SET"),
    ("IF", "IF"),
    ("I", "IF"),
    ("ELSEIF", "ELSEIF"),
    ("ELSE", "ELSE"),
    ("E", "ELSE"),
    ("WHILE", "WHILE"),
    ("FOR", "FOR"),
    ("F", "FOR"),
    ("QUIT", "QUIT"),
    ("Q", "QUIT"),
    ("RETURN", "RETURN"),
    ("RET", "RETURN"),
    ("NEW", "FORGET"),
    ("N", "FORGET"),
    ("KILL", "FORGET"),
    ("K", "FORGET"),
    ("DO", "DO"),
    ("WRITE", "WRITE"),
];

const BINARY: [&str; 27] = [
    "+", "-", "*", "/", "\\", "#", "**", "_", "=", "<", ">", "&", "!", "[", "]", "'=", "'<", "'>",
    "'[", "']", "'&", "'!", "<=", ">=", "&&", "||", "?",
];

/// Is this bare word a command? `{quit}` is then a block, not a field.
pub(super) fn is_command(word: &str) -> bool {
    word.len() > 1 && command(word).is_some()
}

fn command(word: &str) -> Option<&'static str> {
    let found = COMMANDS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(word));
    found.map(|(_, command)| *command)
}

pub(super) fn commands(code: &str) -> Result<Program> {
    let mut parser = Parser::new(code)?;
    let body = parser.block_body()?;
    parser.finish(body)
}

pub(super) fn expression(code: &str) -> Result<Program> {
    let mut parser = Parser::new(code)?;
    let value = parser.expression()?;
    parser.finish(vec![Command::Return(Some(value))])
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: u32,
    fields: Vec<Field>,
    sets_fields: bool,
}

impl Parser {
    fn new(code: &str) -> Result<Self> {
        Ok(Self {
            tokens: tokens(code)?,
            at: 0,
            depth: 0,
            fields: Vec::new(),
            sets_fields: false,
        })
    }

    fn finish(self, body: Vec<Command>) -> Result<Program> {
        match self.peek() {
            Kind::End => Ok(Program {
                body,
                fields: self.fields,
                sets_fields: self.sets_fields,
            }),
            other => Err(unknown(&format!("{other:?}"))),
        }
    }

    fn peek(&self) -> &Kind {
        self.tokens.get(self.at).map_or(&Kind::End, |t| &t.kind)
    }

    fn line(&self) -> usize {
        self.tokens.get(self.at).map_or(usize::MAX, |t| t.line)
    }

    fn advance(&mut self) -> Kind {
        let kind = self.peek().clone();
        self.at = (self.at + 1).min(self.tokens.len());
        kind
    }

    fn is(&self, symbol: &str) -> bool {
        matches!(self.peek(), Kind::Symbol(found) if *found == symbol)
    }

    fn accept(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        if found {
            self.advance();
        }
        found
    }

    fn expect(&mut self, symbol: &str) -> Result<()> {
        if self.accept(symbol) {
            Ok(())
        } else {
            Err(fault(&format!("<SYNTAX> {symbol} expected")))
        }
    }

    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= DEEPEST {
            return Err(fault("<FRAMESTACK>"));
        }
        self.depth += 1;
        let result = parse(self);
        self.depth -= 1;
        result
    }

    fn block_body(&mut self) -> Result<Vec<Command>> {
        let mut body = Vec::new();
        while !matches!(self.peek(), Kind::End) && !self.is("}") {
            body.push(self.command()?);
        }
        Ok(body)
    }

    /// `{ … }`, or, as of old, the rest of the line.
    fn block(&mut self) -> Result<Vec<Command>> {
        self.nested(|p| {
            if p.accept("{") {
                let body = p.block_body()?;
                p.expect("}")?;
                return Ok(body);
            }
            let line = p.tokens.get(p.at.saturating_sub(1)).map_or(0, |t| t.line);
            let mut body = Vec::new();
            while p.line() == line && !matches!(p.peek(), Kind::End) && !p.is("}") {
                body.push(p.command()?);
            }
            Ok(body)
        })
    }

    fn command(&mut self) -> Result<Command> {
        let line = self.line();
        let Kind::Word(word) = self.advance() else {
            return Err(fault("<SYNTAX> command expected"));
        };
        let name = command(&word).ok_or_else(|| unknown(&word))?;
        let glued = self.tokens.get(self.at).is_some_and(|token| token.glued);
        let condition = if glued && self.accept(":") {
            Some(self.expression()?)
        } else {
            None
        };
        let parsed = match name {
            "SET" => Command::Set(self.assignments()?),
            "IF" => self.branches()?,
            "WHILE" => Command::While(self.expression()?, self.block()?),
            "FOR" => self.counted()?,
            "QUIT" => Command::Quit(self.optional(line)?),
            "RETURN" => Command::Return(self.optional(line)?),
            "FORGET" => Command::Forget(self.names()?),
            _ => return Err(unknown(&word)),
        };
        Ok(match condition {
            Some(condition) => Command::When(condition, Box::new(parsed)),
            None => parsed,
        })
    }

    fn optional(&mut self, line: usize) -> Result<Option<Expr>> {
        let ends = matches!(self.peek(), Kind::End) || self.is("}") || self.line() != line;
        if ends {
            Ok(None)
        } else {
            self.expression().map(Some)
        }
    }

    fn names(&mut self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        loop {
            match self.advance() {
                Kind::Word(name) => names.push(name),
                other => return Err(unknown(&format!("{other:?}"))),
            }
            if !self.accept(",") {
                return Ok(names);
            }
        }
    }

    fn assignments(&mut self) -> Result<Vec<(Target, Expr)>> {
        let mut all = Vec::new();
        loop {
            let mut targets = Vec::new();
            if self.accept("(") {
                loop {
                    targets.push(self.target()?);
                    if !self.accept(",") {
                        break;
                    }
                }
                self.expect(")")?;
            } else {
                targets.push(self.target()?);
            }
            self.expect("=")?;
            let value = self.expression()?;
            all.extend(targets.into_iter().map(|target| (target, value.clone())));
            if !self.accept(",") {
                return Ok(all);
            }
        }
    }

    fn target(&mut self) -> Result<Target> {
        match self.advance() {
            Kind::Word(name) if self.is("(") => Err(unknown(&format!("{name}("))),
            Kind::Word(name) => Ok(Target::Variable(name)),
            Kind::Field(name, version) => {
                self.sets_fields = true;
                Ok(Target::Field(self.field(name, version)))
            }
            other => Err(unknown(&format!("SET {other:?}"))),
        }
    }

    fn field(&mut self, name: String, version: char) -> String {
        let field = Field { name, version };
        let key = field.key();
        if !self.fields.iter().any(|other| other.key() == key) {
            self.fields.push(field);
        }
        key
    }

    fn branches(&mut self) -> Result<Command> {
        let mut branches = vec![(self.expression()?, self.block()?)];
        loop {
            let next = match self.peek() {
                Kind::Word(word) => command(word),
                _ => None,
            };
            match next {
                Some("ELSEIF") => {
                    self.advance();
                    branches.push((self.expression()?, self.block()?));
                }
                Some("ELSE") => {
                    self.advance();
                    return Ok(Command::If(branches, self.block()?));
                }
                _ => return Ok(Command::If(branches, Vec::new())),
            }
        }
    }

    fn counted(&mut self) -> Result<Command> {
        let Kind::Word(variable) = self.advance() else {
            return Err(unknown("FOR without a variable"));
        };
        self.expect("=")?;
        let from = self.expression()?;
        self.expect(":")?;
        let by = self.expression()?;
        let to = if self.accept(":") {
            Some(self.expression()?)
        } else {
            None
        };
        let body = self.block()?;
        Ok(Command::For {
            variable,
            from,
            by,
            to,
            body,
        })
    }

    fn expression(&mut self) -> Result<Expr> {
        self.nested(|p| {
            let mut left = p.operand()?;
            let mut chain = 0;
            loop {
                let Some(op) = BINARY.iter().copied().find(|op| p.is(op)) else {
                    return Ok(left);
                };
                chain += 1;
                if chain > LONGEST_CHAIN {
                    return Err(fault("<FRAMESTACK>"));
                }
                p.advance();
                left = Expr::Binary(op, Box::new(left), Box::new(p.operand()?));
            }
        })
    }

    fn operand(&mut self) -> Result<Expr> {
        self.nested(|p| match p.advance() {
            Kind::Text(text) | Kind::Number(text) => Ok(Expr::Text(text)),
            Kind::Field(name, version) => Ok(Expr::Field(p.field(name, version))),
            Kind::Word(name) if p.is("(") || p.is("^") => Err(unknown(&name)),
            Kind::Word(name) => Ok(Expr::Variable(name)),
            Kind::Dollar(name) => p.dollar(name),
            Kind::Symbol(sign @ ("+" | "-" | "'")) => Ok(Expr::Unary(sign, Box::new(p.operand()?))),
            Kind::Symbol("(") => {
                let inner = p.expression()?;
                p.expect(")")?;
                Ok(inner)
            }
            Kind::Symbol("#") => p.class_method(),
            other => Err(fault(&format!(
                "<SYNTAX> operand expected, {other:?} found"
            ))),
        })
    }

    /// `##class(%SYSTEM.Util).CreateGUID()`, the one method there is.
    fn class_method(&mut self) -> Result<Expr> {
        self.expect("#")?;
        let mut path = String::new();
        while !matches!(self.peek(), Kind::End) && path.len() < 60 {
            match self.advance() {
                Kind::Word(word) => path.push_str(&word.to_uppercase()),
                Kind::Symbol(symbol) => path.push_str(symbol),
                _ => break,
            }
            if path.ends_with("()") {
                break;
            }
        }
        match path.as_str() {
            "CLASS(%SYSTEM.UTIL).CREATEGUID()" => Ok(Expr::Call("CREATEGUID".into(), Vec::new())),
            other => Err(unknown(&format!("##{other}"))),
        }
    }

    fn dollar(&mut self, name: String) -> Result<Expr> {
        if name == "$SYSTEM" {
            return self.system_method();
        }
        if !self.accept("(") {
            let variable = function::variable(&name).ok_or_else(|| unknown(&name))?;
            return Ok(Expr::Call(variable.to_owned(), Vec::new()));
        }
        let known = function::known(&name).ok_or_else(|| unknown(&name))?;
        let call = match known {
            "$SELECT" => Expr::Select(self.pairs()?),
            "$CASE" => self.cases()?,
            "$GET" => self.get()?,
            _ => Expr::Call(known.to_owned(), self.arguments()?),
        };
        self.expect(")")?;
        Ok(call)
    }

    fn system_method(&mut self) -> Result<Expr> {
        for part in ["UTIL", "CREATEGUID"] {
            self.expect(".")?;
            match self.advance() {
                Kind::Word(word) if word.eq_ignore_ascii_case(part) => {}
                other => return Err(unknown(&format!("$SYSTEM {other:?}"))),
            }
        }
        self.expect("(")?;
        self.expect(")")?;
        Ok(Expr::Call("CREATEGUID".into(), Vec::new()))
    }

    fn arguments(&mut self) -> Result<Vec<Expr>> {
        let mut arguments = Vec::new();
        while !self.is(")") {
            arguments.push(if self.accept("*") {
                Expr::Last
            } else {
                self.expression()?
            });
            if !self.accept(",") {
                break;
            }
        }
        Ok(arguments)
    }

    fn pairs(&mut self) -> Result<Vec<(Expr, Expr)>> {
        let mut pairs = Vec::new();
        loop {
            let condition = self.expression()?;
            self.expect(":")?;
            pairs.push((condition, self.expression()?));
            if !self.accept(",") {
                return Ok(pairs);
            }
        }
    }

    fn cases(&mut self) -> Result<Expr> {
        let value = Box::new(self.expression()?);
        let mut cases = Vec::new();
        while self.accept(",") {
            if self.accept(":") {
                let otherwise = Some(Box::new(self.expression()?));
                return Ok(Expr::Case(value, cases, otherwise));
            }
            let case = self.expression()?;
            self.expect(":")?;
            cases.push((case, self.expression()?));
        }
        Ok(Expr::Case(value, cases, None))
    }

    fn get(&mut self) -> Result<Expr> {
        let Kind::Word(variable) = self.advance() else {
            return Err(unknown("$GET of what is no variable"));
        };
        let default = if self.accept(",") {
            Some(Box::new(self.expression()?))
        } else {
            None
        };
        Ok(Expr::Get(variable, default))
    }
}
