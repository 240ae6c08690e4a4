//! The grammar of paths (`jsonpath_gram.y`).

mod accessor;

use super::Wrong;
use super::lexer::{Lexer, Token};
use super::number;
use super::tree::{Comparison, Flags, Operator, Part, Path, Pattern, Place, What};

/// How deep parentheses, filters, subscripts and signs may stand in each other.
const DEEPEST: usize = 100;

/// # Errors
/// It is no path.
pub(super) fn read(text: &str) -> Result<Path, Wrong> {
    let mut parser = Parser {
        lexer: Lexer::new(text),
        token: Token::End,
        parts: Vec::new(),
        patterns: Vec::new(),
        depth: 0,
        filters: 0,
        subscripts: 0,
        misplaced: None,
    };
    parser.advance()?;
    if parser.token == Token::End {
        let message = format!("invalid input syntax for type jsonpath: \"{text}\"");
        return Err(Wrong::new("22P02", message));
    }
    let is_lax = match parser.token {
        Token::Keyword("strict", _) => {
            parser.advance()?;
            false
        }
        Token::Keyword("lax", _) => {
            parser.advance()?;
            true
        }
        _ => true,
    };
    let (start, _) = parser.disjunction()?;
    if parser.token != Token::End {
        return Err(parser.wrong());
    }
    match parser.misplaced {
        Some(message) => Err(Wrong::new("42601", message)),
        None => Ok(Path {
            parts: parser.parts,
            start,
            is_lax,
            patterns: parser.patterns,
        }),
    }
}

/// What stands somewhere: not all of it may stand everywhere.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Expression,
    Predicate,
    /// A predicate in parentheses, behind which more may stand.
    Enclosed,
}

type Read<T> = Result<T, Wrong>;

struct Parser<'a> {
    lexer: Lexer<'a>,
    /// The next word.
    token: Token,
    parts: Vec<Part>,
    patterns: Vec<Pattern>,
    depth: usize,
    filters: usize,
    subscripts: usize,
    /// What PostgreSQL finds wrong when the whole has been read.
    misplaced: Option<&'static str>,
}

impl Parser<'_> {
    fn advance(&mut self) -> Read<()> {
        self.token = self.lexer.next()?;
        Ok(())
    }

    fn wrong(&self) -> Wrong {
        self.lexer.wrong("syntax error")
    }

    fn is(&self, sign: char) -> bool {
        self.token == Token::Character(sign)
    }

    /// Takes a sign if it is next.
    fn took(&mut self, sign: char) -> Read<bool> {
        let is_next = self.is(sign);
        if is_next {
            self.advance()?;
        }
        Ok(is_next)
    }

    fn expect(&mut self, sign: char) -> Read<()> {
        match self.took(sign)? {
            true => Ok(()),
            false => Err(self.wrong()),
        }
    }

    fn is_keyword(&self, word: &str) -> bool {
        matches!(self.token, Token::Keyword(keyword, _) if keyword == word)
    }

    fn expect_keyword(&mut self, word: &str) -> Read<()> {
        match self.is_keyword(word) {
            true => self.advance(),
            false => Err(self.wrong()),
        }
    }

    fn part(&mut self, what: What) -> Place {
        self.parts.push(Part { what, next: None });
        self.parts.len() - 1
    }

    /// Puts an accessor behind the last one.
    fn chain(&mut self, mut end: Place, accessor: Place) -> Place {
        while let Some(next) = self.parts.get(end).and_then(|part| part.next) {
            end = next;
        }
        if let Some(part) = self.parts.get_mut(end) {
            part.next = Some(accessor);
        }
        accessor
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Wrong::too_deep());
        }
        let found = read(self);
        self.depth -= 1;
        found
    }

    /// `||`
    fn disjunction(&mut self) -> Read<(Place, Sort)> {
        self.connected("||", What::Or, |parser| {
            parser.connected("&&", What::And, Self::predicate)
        })
    }

    fn connected(
        &mut self,
        sign: &'static str,
        what: fn(Place, Place) -> What,
        operand: impl Fn(&mut Self) -> Read<(Place, Sort)>,
    ) -> Read<(Place, Sort)> {
        let (mut left, mut sort) = operand(self)?;
        while self.token == Token::Sign(sign) {
            self.must_be_predicate(sort)?;
            self.advance()?;
            let (right, of_right) = operand(self)?;
            self.must_be_predicate(of_right)?;
            left = self.part(what(left, right));
            sort = Sort::Predicate;
        }
        Ok((left, sort))
    }

    /// Refuses what comes behind an expression that had to be a predicate.
    fn must_be_predicate(&self, sort: Sort) -> Read<()> {
        match sort {
            Sort::Expression => Err(self.wrong()),
            Sort::Predicate | Sort::Enclosed => Ok(()),
        }
    }

    fn predicate(&mut self) -> Read<(Place, Sort)> {
        if self.took('!')? {
            let inner = match self.is_keyword("exists") {
                true => self.existence()?,
                false => self.enclosed_predicate()?,
            };
            return Ok((self.part(What::Not(inner)), Sort::Predicate));
        }
        if self.is_keyword("exists") {
            return Ok((self.existence()?, Sort::Predicate));
        }
        let (left, sort) = self.sum()?;
        if sort == Sort::Enclosed {
            if !self.is_keyword("is") {
                return Ok((left, sort));
            }
            self.advance()?;
            self.expect_keyword("unknown")?;
            return Ok((self.part(What::IsUnknown(left)), Sort::Predicate));
        }
        let predicate = match &self.token {
            Token::Keyword("starts", _) => self.start(left)?,
            Token::Keyword("like_regex", _) => self.pattern(left)?,
            token => {
                let Some(comparison) = comparison(token) else {
                    return Ok((left, sort));
                };
                self.advance()?;
                let right = self.expression()?;
                self.part(What::Compare(comparison, left, right))
            }
        };
        Ok((predicate, Sort::Predicate))
    }

    fn existence(&mut self) -> Read<Place> {
        self.advance()?;
        self.expect('(')?;
        let inner = self.deeper(Self::expression)?;
        self.expect(')')?;
        Ok(self.part(What::Exists(inner)))
    }

    /// `(predicate)`
    fn enclosed_predicate(&mut self) -> Read<Place> {
        self.expect('(')?;
        let (inner, sort) = self.deeper(Self::disjunction)?;
        self.must_be_predicate(sort)?;
        self.expect(')')?;
        Ok(inner)
    }

    fn start(&mut self, left: Place) -> Read<Place> {
        self.advance()?;
        self.expect_keyword("with")?;
        let start = match &self.token {
            Token::Text(text) => What::Text(text.clone()),
            Token::Variable(name) => What::Variable(name.clone()),
            _ => return Err(self.wrong()),
        };
        self.advance()?;
        let start = self.part(start);
        Ok(self.part(What::StartsWith(left, start)))
    }

    fn text(&mut self) -> Read<String> {
        let Token::Text(text) = &self.token else {
            return Err(self.wrong());
        };
        let text = text.clone();
        self.advance()?;
        Ok(text)
    }

    fn pattern(&mut self, left: Place) -> Read<Place> {
        self.advance()?;
        let expression = self.text()?;
        let mut flags = Flags::default();
        if self.is_keyword("flag") {
            self.advance()?;
            flags = read_flags(&self.text()?)?;
        }
        self.patterns.push(Pattern { expression, flags });
        let number = self.patterns.len() - 1;
        Ok(self.part(What::LikeRegex(left, number)))
    }

    /// What must be an expression.
    fn expression(&mut self) -> Read<Place> {
        match self.sum()? {
            (place, Sort::Expression) => Ok(place),
            _ => Err(self.wrong()),
        }
    }

    fn sum(&mut self) -> Read<(Place, Sort)> {
        self.computed(
            &[('+', Operator::Add), ('-', Operator::Subtract)],
            |parser| {
                let operators = [
                    ('*', Operator::Multiply),
                    ('/', Operator::Divide),
                    ('%', Operator::Modulo),
                ];
                parser.computed(&operators, Self::signed)
            },
        )
    }

    fn computed(
        &mut self,
        operators: &[(char, Operator)],
        operand: impl Fn(&mut Self) -> Read<(Place, Sort)>,
    ) -> Read<(Place, Sort)> {
        let (mut left, sort) = operand(self)?;
        if sort != Sort::Expression {
            return Ok((left, sort));
        }
        loop {
            let found = operators.iter().find(|(sign, _)| self.is(*sign));
            let Some((_, operator)) = found else {
                return Ok((left, sort));
            };
            self.advance()?;
            let (right, Sort::Expression) = operand(self)? else {
                return Err(self.wrong());
            };
            left = self.part(What::Arithmetic(*operator, left, right));
        }
    }

    fn signed(&mut self) -> Read<(Place, Sort)> {
        let what: fn(Place) -> What = match self.token {
            Token::Character('+') => What::Plus,
            Token::Character('-') => What::Minus,
            _ => return self.accessed(),
        };
        self.advance()?;
        let (operand, Sort::Expression) = self.deeper(Self::signed)? else {
            return Err(self.wrong());
        };
        Ok((self.part(what(operand)), Sort::Expression))
    }

    /// What accessors may stand behind.
    fn accessed(&mut self) -> Read<(Place, Sort)> {
        let (start, mut sort) = match self.took('(')? {
            true => {
                let (inner, sort) = self.deeper(Self::disjunction)?;
                self.expect(')')?;
                let is_predicate = sort != Sort::Expression;
                let sort = if is_predicate { Sort::Enclosed } else { sort };
                (inner, sort)
            }
            false => (self.primary()?, Sort::Expression),
        };
        let mut end = start;
        while let Some(accessor) = self.accessor()? {
            end = self.chain(end, accessor);
            sort = Sort::Expression;
        }
        Ok((start, sort))
    }

    fn primary(&mut self) -> Read<Place> {
        let what = match &self.token {
            Token::Character('$') => What::Root,
            Token::Character('@') => {
                if self.filters == 0 {
                    self.misplaced("@ is not allowed in root expressions");
                }
                What::Current
            }
            Token::Keyword("last", _) => {
                if self.subscripts == 0 {
                    self.misplaced("LAST is allowed only in array subscripts");
                }
                What::Last
            }
            Token::Keyword("null", _) => What::Null,
            Token::Keyword("true", _) => What::Boolean(true),
            Token::Keyword("false", _) => What::Boolean(false),
            Token::Text(text) => What::Text(text.clone()),
            Token::Variable(name) => What::Variable(name.clone()),
            Token::Integer(digits) | Token::Number(digits) => {
                let number = number::literal(digits)
                    .ok_or_else(|| Wrong::new("22003", "value overflows numeric format"))?;
                What::Number(number)
            }
            _ => return Err(self.wrong()),
        };
        self.advance()?;
        Ok(self.part(what))
    }

    fn misplaced(&mut self, message: &'static str) {
        self.misplaced.get_or_insert(message);
    }
}

fn comparison(token: &Token) -> Option<Comparison> {
    Some(match token {
        Token::Sign("==") => Comparison::Equal,
        Token::Sign("<>") => Comparison::NotEqual,
        Token::Sign("<=") => Comparison::LessOrEqual,
        Token::Sign(">=") => Comparison::GreaterOrEqual,
        Token::Character('<') => Comparison::Less,
        Token::Character('>') => Comparison::Greater,
        _ => return None,
    })
}

/// `makeItemLikeRegex`
fn read_flags(letters: &str) -> Read<Flags> {
    let mut flags = Flags::default();
    for letter in letters.chars() {
        match letter {
            'i' => flags.ignoring_case = true,
            's' => flags.dot_all = true,
            'm' => flags.multiline = true,
            'x' => flags.expanded = true,
            'q' => flags.quoted = true,
            other => {
                let detail =
                    format!("Unrecognized flag character \"{other}\" in LIKE_REGEX predicate.");
                let message = "invalid input syntax for type jsonpath";
                return Err(Wrong::new("42601", message).detailed(detail));
            }
        }
    }
    match flags.expanded && !flags.quoted {
        true => {
            let message = "XQuery \"x\" flag (expanded regular expressions) is not implemented";
            Err(Wrong::new("0A000", message))
        }
        false => Ok(flags),
    }
}
