//! Regular expressions, written as the pattern code of IRIS's `%PATTERN` where that can
//! say the same.
//!
//! PostgreSQL manual, "POSIX Regular Expressions", "SIMILAR TO Regular Expressions";
//! InterSystems SQL Reference, `%PATTERN`, and ObjectScript's "Pattern Matching".

mod bracket;
pub(crate) mod unfinished;

/// The longest pattern code that is written.
const LONGEST: usize = 8_000;
/// How deep groups may nest.
const DEEPEST: u32 = 16;

/// A pattern for `%PATTERN`; without code if nothing but the empty string matches.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    pub(crate) code: String,
    /// Whether the empty string matches. IRIS's empty string is one character to it.
    pub(crate) matches_empty: bool,
}

/// How an expression is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    /// `~`
    Regular,
    /// `~*`
    IgnoringCase,
    /// `SIMILAR TO`, with its escape character.
    Similar(Option<char>),
}

/// The pattern of an expression; none if `%PATTERN` cannot say it.
pub(crate) fn of(expression: &str, flavour: Flavour) -> Option<Pattern> {
    // A prefix of options.
    let has_options = expression.starts_with("(?") && !expression.starts_with("(?:");
    if flavour.is_regular() && (expression.starts_with("***") || has_options) {
        return None;
    }
    let mut reader = Reader {
        rest: expression,
        flavour,
    };
    let alternatives = reader.alternatives(0)?;
    if !reader.rest.is_empty() {
        return None;
    }
    let matches_empty = alternatives.iter().any(|one| one.matches_empty);
    if alternatives.len() > 1 && alternatives.iter().any(|one| one.code.is_empty()) {
        return None;
    }
    let code = match alternatives.as_slice() {
        [one] => one.code.clone(),
        several => grouped("1", several),
    };
    (code.len() <= LONGEST).then_some(Pattern {
        code,
        matches_empty,
    })
}

impl Flavour {
    fn is_regular(self) -> bool {
        !matches!(self, Self::Similar(_))
    }
}

/// `count(code,code)`
fn grouped(count: &str, alternatives: &[Pattern]) -> String {
    let codes: Vec<&str> = alternatives.iter().map(|one| one.code.as_str()).collect();
    format!("{count}({})", codes.join(","))
}

/// `1"text"`, with the quotes that are in it doubled.
fn quoted(c: char) -> String {
    match c {
        '"' => "\"\"\"\"".to_owned(),
        c => format!("\"{c}\""),
    }
}

/// What can be repeated.
enum Unit {
    /// A class or a literal, which follows its count.
    Plain(String),
    Choice(Vec<Pattern>),
}

struct Reader<'a> {
    rest: &'a str,
    flavour: Flavour,
}

impl Reader<'_> {
    fn take(&mut self, prefix: &str) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = self.rest.get(c.len_utf8()..)?;
        Some(c)
    }

    /// Branches between `|`, up to the end or the `)` of a group.
    fn alternatives(&mut self, depth: u32) -> Option<Vec<Pattern>> {
        if depth > DEEPEST {
            return None;
        }
        let mut alternatives = vec![self.branch(depth)?];
        while self.take("|") {
            alternatives.push(self.branch(depth)?);
        }
        // There is no code for nothing.
        let is_choice = alternatives.len() > 1 || depth > 0;
        let has_empty = alternatives.iter().any(|one| one.code.is_empty());
        (!(is_choice && has_empty)).then_some(alternatives)
    }

    /// Atoms with their counts. What is not anchored may have anything around it.
    fn branch(&mut self, depth: u32) -> Option<Pattern> {
        let is_search = depth == 0 && self.flavour.is_regular();
        let mut code = String::new();
        let mut matches_empty = true;
        if is_search && !self.take("^") {
            code.push_str(".E");
        }
        loop {
            let first = self.rest.chars().next();
            if matches!(first, None | Some('|') | Some(')')) {
                if first == Some(')') && depth == 0 {
                    return None;
                }
                break;
            }
            if is_search && self.take("$") {
                if !matches!(self.rest.chars().next(), None | Some('|')) {
                    return None;
                }
                return Some(Pattern {
                    code,
                    matches_empty,
                });
            }
            let (unit, empty) = self.unit(depth)?;
            let (count, is_optional) = self.count()?;
            matches_empty &= empty || is_optional;
            match unit {
                Unit::Plain(unit) => {
                    code.push_str(&count);
                    code.push_str(&unit);
                }
                Unit::Choice(alternatives) => code.push_str(&grouped(&count, &alternatives)),
            }
            if code.len() > LONGEST {
                return None;
            }
        }
        if is_search && !code.ends_with(".E") {
            code.push_str(".E");
        }
        Some(Pattern {
            code,
            matches_empty,
        })
    }

    /// One atom, and whether it can be empty.
    fn unit(&mut self, depth: u32) -> Option<(Unit, bool)> {
        let is_regular = self.flavour.is_regular();
        let c = self.next()?;
        if let Flavour::Similar(Some(escape)) = self.flavour
            && c == escape
        {
            let escaped = self.next()?;
            return Some((self.literal(escaped), false));
        }
        Some(match c {
            '(' => {
                if is_regular && self.rest.starts_with('?') && !self.take("?:") {
                    return None;
                }
                let alternatives = self.alternatives(depth + 1)?;
                if !self.take(")") {
                    return None;
                }
                let empty = alternatives.iter().any(|one| one.matches_empty);
                (Unit::Choice(alternatives), empty)
            }
            '[' => {
                let (members, rest) = bracket::read(self.rest, self.flavour)?;
                self.rest = rest;
                (self.one_of(&members), false)
            }
            '.' if is_regular => (Unit::Plain("E".to_owned()), false),
            '_' if !is_regular => (Unit::Plain("E".to_owned()), false),
            // One that repeats anything: the count comes with it.
            '%' if !is_regular => {
                let any = Pattern {
                    code: ".E".to_owned(),
                    matches_empty: true,
                };
                (Unit::Choice(vec![any]), true)
            }
            '\\' if is_regular => match self.next()? {
                'd' => (Unit::Plain("N".to_owned()), false),
                'n' => (self.literal('\n'), false),
                't' => (self.literal('\t'), false),
                'r' => (self.literal('\r'), false),
                escaped if escaped.is_alphanumeric() => return None,
                escaped => (self.literal(escaped), false),
            },
            '*' | '+' | '?' | '{' | '}' | ']' => return None,
            '^' | '$' if is_regular => return None,
            c => (self.literal(c), false),
        })
    }

    fn literal(&self, c: char) -> Unit {
        self.one_of(&[c])
    }

    /// Any of these characters.
    fn one_of(&self, members: &[char]) -> Unit {
        let mut all = members.to_vec();
        if self.flavour == Flavour::IgnoringCase {
            for c in members {
                all.extend(c.to_lowercase().chain(c.to_uppercase()));
            }
            all.sort_unstable();
            all.dedup();
        }
        if all.iter().copied().eq('0'..='9') {
            return Unit::Plain("N".to_owned());
        }
        match all.as_slice() {
            [c] => Unit::Plain(quoted(*c)),
            several => Unit::Choice(
                several
                    .iter()
                    .map(|c| Pattern {
                        code: format!("1{}", quoted(*c)),
                        matches_empty: false,
                    })
                    .collect(),
            ),
        }
    }

    /// How often an atom may stand, and whether it need not.
    fn count(&mut self) -> Option<(String, bool)> {
        let counted = if self.take("*") {
            (".".to_owned(), true)
        } else if self.take("+") {
            ("1.".to_owned(), false)
        } else if self.take("?") {
            (".1".to_owned(), true)
        } else if self.take("{") {
            self.bounds()?
        } else {
            return Some(("1".to_owned(), false));
        };
        // What it prefers does not matter to whether it matches.
        if self.flavour.is_regular() {
            self.take("?");
        }
        let again = self.rest.starts_with(['*', '+', '?', '{']);
        (!again).then_some(counted)
    }

    /// `m}`, `m,}`, `m,n}`
    fn bounds(&mut self) -> Option<(String, bool)> {
        let (inside, rest) = self.rest.split_once('}')?;
        self.rest = rest;
        let number = |digits: &str| -> Option<u32> {
            let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            plain
                .then(|| digits.parse().ok())
                .flatten()
                .filter(|n| *n <= 255)
        };
        let (least, most) = match inside.split_once(',') {
            None => {
                let count = number(inside)?;
                (count, count.to_string())
            }
            Some((least, "")) => {
                let least = number(least)?;
                (least, format!("{least}."))
            }
            Some((least, most)) => {
                let (least, most) = (number(least)?, number(most)?);
                if least > most {
                    return None;
                }
                (least, format!("{least}.{most}"))
            }
        };
        Some((most, least == 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_become_pattern_code() {
        let code = |text| of(text, Flavour::Regular).map(|pattern| pattern.code);
        for (text, wanted) in [
            ("^abc", "1\"a\"1\"b\"1\"c\".E"),
            ("b", ".E1\"b\".E"),
            ("^a.c$", "1\"a\"1E1\"c\""),
            ("^[0-9]{3}-\\d+$", "3N1\"-\"1.N"),
            ("^(a|bc)*$", ".(1\"a\",1\"b\"1\"c\")"),
            ("^a|b$", "1(1\"a\".E,.E1\"b\")"),
            ("^[ab]?x", ".1(1\"a\",1\"b\")1\"x\".E"),
            ("", ".E"),
        ] {
            assert_eq!(code(text).as_deref(), Some(wanted), "{text}");
        }
        for text in [
            "[^a]", "a\\w", "(?=a)", "a^", "a$b", "(a", "a)", "*", "a**", "\\1", "(?i)a", "a{2,1}",
        ] {
            assert_eq!(code(text), None, "{text}");
        }
    }

    #[test]
    fn the_empty_string_is_told() {
        let empty = |text| of(text, Flavour::Regular).map(|pattern| pattern.matches_empty);
        for (text, wanted) in [
            ("a*", true),
            ("^$", true),
            ("", true),
            ("a", false),
            ("^a?b$", false),
        ] {
            assert_eq!(empty(text), Some(wanted), "{text}");
        }
    }

    #[test]
    fn similar_to_means_the_whole() {
        let code = |text| of(text, Flavour::Similar(Some('\\'))).map(|pattern| pattern.code);
        assert_eq!(code("a%").as_deref(), Some("1\"a\"1(.E)"));
        assert_eq!(code("(a|b)_").as_deref(), Some("1(1\"a\",1\"b\")1E"));
        assert_eq!(code("a\\%.").as_deref(), Some("1\"a\"1\"%\"1\".\""));
    }
}
