//! PostgreSQL's regular expressions, written in the syntax of the crate `regex-syntax`, where both
//! mean the same.
//!
//! PostgreSQL manual, "POSIX Regular Expressions". What is not known to mean the same is refused:
//! references, constraints on words, lookarounds, quantifiers that are not greedy, options inside,
//! collating elements. Classes of characters are those of the locale `C.UTF-8`.

mod bracket;

use bracket::{Bracket, class};

/// The longest expression that is read.
const LONGEST: usize = 1_000;
/// How deep groups may nest.
const DEEPEST: usize = 40;
/// `DUPMAX`
const MOST_REPETITIONS: u32 = 255;

/// An expression in the other syntax.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    /// To be read with Unicode on.
    pub pattern: String,
    /// How many groups there are.
    pub groups: usize,
    /// Whether a search that prefers what is written first divides a match among the groups as
    /// PostgreSQL does, which prefers what is longest.
    pub is_divided_alike: bool,
}

/// Why an expression is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// What PostgreSQL finds wrong, in its words.
    Invalid(&'static str),
    /// PostgreSQL has no such option.
    Option(char),
    /// It may mean something else.
    Unsupported,
}

/// The options of a search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `g`
    pub every: bool,
    /// `i`
    pub ignoring_case: bool,
    /// `n`: a point and what excludes characters do not match the end of a line.
    pub by_line: bool,
    /// `n` as well: `^` and `$` match at the ends of each line.
    pub at_lines: bool,
}

impl Options {
    /// Reads the letters of options.
    ///
    /// # Errors
    /// There is no such option, or it is not supported.
    pub fn read(letters: &str) -> Result<Self, Wrong> {
        let mut options = Self::default();
        for letter in letters.chars() {
            match letter {
                'g' => options.every = true,
                'i' => options.ignoring_case = true,
                'c' => options.ignoring_case = false,
                'n' | 'm' => (options.by_line, options.at_lines) = (true, true),
                's' => (options.by_line, options.at_lines) = (false, false),
                // The syntax that there is without it.
                't' => {}
                'b' | 'e' | 'p' | 'q' | 'w' | 'x' => return Err(Wrong::Unsupported),
                other => return Err(Wrong::Option(other)),
            }
        }
        Ok(options)
    }
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// PostgreSQL does not read it either, or it may mean something else.
    pub fn read(text: &str, options: Options) -> Result<Self, Wrong> {
        let has_prefix =
            text.starts_with("***") || text.starts_with("(?") && !text.starts_with("(?:");
        if text.len() > LONGEST || has_prefix {
            return Err(Wrong::Unsupported);
        }
        let mut reader = Reader {
            rest: text,
            options,
            pattern: String::new(),
            groups: 0,
            is_divided_alike: true,
        };
        reader.alternatives(0)?;
        match reader.rest {
            "" => Ok(Self {
                pattern: reader.pattern,
                groups: reader.groups,
                is_divided_alike: reader.is_divided_alike,
            }),
            _ => Err(Wrong::Invalid("parentheses () not balanced")),
        }
    }
}

/// What an atom is, for what stands behind it.
enum Atom {
    /// A character that means itself.
    Literal(char),
    /// Some character.
    Class,
    Group,
    /// `^` and its kin.
    Constraint,
}

struct Reader<'a> {
    rest: &'a str,
    options: Options,
    pattern: String,
    groups: usize,
    is_divided_alike: bool,
}

impl Reader<'_> {
    fn take(&mut self, prefix: &str) -> bool {
        let behind = self.rest.strip_prefix(prefix);
        self.rest = behind.unwrap_or(self.rest);
        behind.is_some()
    }

    fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let next = characters.next();
        self.rest = characters.as_str();
        next
    }

    /// Branches between `|`, up to the end or the `)` of a group.
    fn alternatives(&mut self, depth: usize) -> Result<(), Wrong> {
        if depth > DEEPEST {
            return Err(Wrong::Unsupported);
        }
        let mut literals = vec![self.branch(depth)?];
        while self.take("|") {
            self.pattern.push('|');
            literals.push(self.branch(depth)?);
        }
        if literals.len() > 1 {
            self.is_divided_alike &= exclude_each_other(&literals);
        }
        Ok(())
    }

    /// Gives the text that a branch means, if it means one text.
    fn branch(&mut self, depth: usize) -> Result<Option<String>, Wrong> {
        let mut literal = (!self.options.ignoring_case).then(String::new);
        while let Some(first) = self.rest.chars().next() {
            if matches!(first, '|' | ')') {
                break;
            }
            let start = self.pattern.len();
            let atom = self.atom(depth)?;
            let is_repeated = self.quantifier(&atom, start)?;
            match (&mut literal, atom) {
                (Some(text), Atom::Literal(character)) if !is_repeated => text.push(character),
                _ => literal = None,
            }
        }
        Ok(literal)
    }

    fn atom(&mut self, depth: usize) -> Result<Atom, Wrong> {
        let begins_bound = is_bound(self.rest);
        match self.next() {
            Some('(') => self.group(depth),
            Some('*' | '+' | '?') => Err(Wrong::Invalid("quantifier operand invalid")),
            Some('{') if begins_bound => Err(Wrong::Invalid("quantifier operand invalid")),
            Some('[') => {
                let bracket = Bracket::read(&mut self.rest, self.options)?;
                self.pattern.push_str(&bracket.written());
                Ok(Atom::Class)
            }
            Some('.') => {
                let any = if self.options.by_line {
                    "[^\\n]"
                } else {
                    "(?s:.)"
                };
                self.pattern.push_str(any);
                Ok(Atom::Class)
            }
            Some('^') => {
                let start = if self.options.at_lines {
                    "(?m:^)"
                } else {
                    "\\A"
                };
                self.pattern.push_str(start);
                Ok(Atom::Constraint)
            }
            Some('$') => {
                let end = if self.options.at_lines {
                    "(?m:$)"
                } else {
                    "\\z"
                };
                self.pattern.push_str(end);
                Ok(Atom::Constraint)
            }
            Some('\\') => self.escape(),
            Some(character) => self.literal(character),
            None => Ok(Atom::Constraint),
        }
    }

    fn literal(&mut self, character: char) -> Result<Atom, Wrong> {
        let mut one = Bracket::default();
        one.add(character, character, self.options)?;
        self.pattern.push_str(&one.written());
        Ok(Atom::Literal(character))
    }

    fn group(&mut self, depth: usize) -> Result<Atom, Wrong> {
        if self.take("?:") {
            self.pattern.push_str("(?:");
        } else if self.rest.starts_with('?') {
            return Err(Wrong::Unsupported);
        } else {
            self.pattern.push('(');
            self.groups += 1;
        }
        self.alternatives(depth + 1)?;
        if !self.take(")") {
            return Err(Wrong::Invalid("parentheses () not balanced"));
        }
        self.pattern.push(')');
        Ok(Atom::Group)
    }

    /// What stands behind a backslash outside of brackets.
    fn escape(&mut self) -> Result<Atom, Wrong> {
        let letter = self
            .next()
            .ok_or(Wrong::Invalid("invalid escape \\ sequence"))?;
        let written = match letter {
            'A' => "\\A".to_owned(),
            'Z' => "\\z".to_owned(),
            'd' | 's' | 'w' => format!("[{}]", class(letter)?),
            'D' | 'S' | 'W' => format!("[^{}]", class(letter.to_ascii_lowercase())?),
            other => return self.literal(escaped(other)?),
        };
        self.pattern.push_str(&written);
        Ok(match letter {
            'A' | 'Z' => Atom::Constraint,
            _ => Atom::Class,
        })
    }

    /// Reads how often the atom that was written from `start` is there; whether it is told.
    fn quantifier(&mut self, atom: &Atom, start: usize) -> Result<bool, Wrong> {
        let written = match self.rest.chars().next() {
            Some(sign @ ('*' | '+' | '?')) => {
                self.next();
                sign.to_string()
            }
            Some('{') if is_bound(self.rest) => {
                self.next();
                self.bounds()?
            }
            _ => return Ok(false),
        };
        let is_again = self.rest.starts_with(['*', '+', '?']) || is_bound(self.rest);
        if is_again || matches!(atom, Atom::Constraint) {
            return Err(Wrong::Unsupported);
        }
        self.is_divided_alike &= !matches!(atom, Atom::Group);
        let atom = self.pattern.split_off(start);
        self.pattern.push_str(&format!("(?:{atom}){written}"));
        Ok(true)
    }

    fn bounds(&mut self) -> Result<String, Wrong> {
        let least = self.number()?;
        let written = match self.take(",") {
            false => format!("{{{least}}}"),
            true if self.rest.starts_with('}') => format!("{{{least},}}"),
            true => {
                let most = self.number()?;
                if most < least {
                    return Err(Wrong::Invalid("invalid repetition count(s)"));
                }
                format!("{{{least},{most}}}")
            }
        };
        match self.take("}") {
            true => Ok(written),
            false => Err(Wrong::Unsupported),
        }
    }

    fn number(&mut self) -> Result<u32, Wrong> {
        let end = self.rest.find(|c: char| !c.is_ascii_digit());
        let (digits, behind) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = behind;
        if digits.is_empty() {
            return Err(Wrong::Unsupported);
        }
        let number = digits.parse().unwrap_or(u32::MAX);
        match number <= MOST_REPETITIONS {
            true => Ok(number),
            false => Err(Wrong::Invalid("invalid repetition count(s)")),
        }
    }
}

/// Whether `{` and a number follow: before anything else a brace means itself.
fn is_bound(rest: &str) -> bool {
    let behind = rest.strip_prefix('{');
    behind.is_some_and(|behind| behind.starts_with(|c: char| c.is_ascii_digit()))
}

/// The character that an escape means.
fn escaped(letter: char) -> Result<char, Wrong> {
    Ok(match letter {
        'a' => '\u{7}',
        'e' => '\u{1b}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        other if other.is_ascii_alphanumeric() || !other.is_ascii() => {
            return Err(Wrong::Unsupported);
        }
        other => other,
    })
}

/// Whether of several texts at most one can stand at a place.
fn exclude_each_other(literals: &[Option<String>]) -> bool {
    let Some(texts) = literals
        .iter()
        .map(Option::as_deref)
        .collect::<Option<Vec<&str>>>()
    else {
        return false;
    };
    texts.iter().enumerate().all(|(index, text)| {
        let mut others = texts.iter().enumerate();
        others.all(|(other, longer)| other == index || !longer.starts_with(text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Expression, Wrong> {
        Expression::read(text, Options::default())
    }

    #[test]
    fn what_may_mean_something_else_is_refused() {
        for text in [
            "a*?", "(a)\\1", "(?=a)", "(?i)a", "***:a", "\\ya", "[[.a.]]", "^*", "a{1}{2}",
        ] {
            assert_eq!(read(text), Err(Wrong::Unsupported), "{text}");
        }
        let message = |text| match read(text) {
            Err(Wrong::Invalid(message)) => message,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(message("*a"), "quantifier operand invalid");
        assert_eq!(message("(a"), "parentheses () not balanced");
        assert_eq!(message("a)"), "parentheses () not balanced");
        assert_eq!(message("[a"), "brackets [] not balanced");
        assert_eq!(message("a{2,1}"), "invalid repetition count(s)");
        assert_eq!(message("a\\"), "invalid escape \\ sequence");
    }

    #[test]
    fn groups_are_divided_alike_where_nothing_is_ambiguous() {
        let alike = |text| read(text).map(|read| (read.groups, read.is_divided_alike));
        assert_eq!(alike("^(\\d+)-(foo|bar)$"), Ok((2, true)));
        assert_eq!(alike("(a|ab)(c|bcd)"), Ok((2, false)));
        assert_eq!(alike("(a)*"), Ok((1, false)));
    }
}
