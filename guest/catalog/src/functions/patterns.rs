//! Patterns, section 9.7 of the manual.

use regex_lite::{Regex, RegexBuilder};

use super::{Function, function, text};
use crate::catalog::Scene;
use crate::failure::{Failure, Result};
use crate::types::Type;
use crate::value::Value;

const TEXT: Type = Type::TEXT;

pub(super) const LIST: &[Function] = &[
    function("like_escape", &[TEXT, TEXT], TEXT, |_, v| {
        Ok(escaped(text(v, 0)?, text(v, 1)?)?.into())
    }),
    function("substring", &[TEXT, TEXT], TEXT, |_, v| {
        let regex = compiled(text(v, 1)?, false)?;
        let shown = text(v, 0)?;
        Ok(regex
            .captures(shown)
            .and_then(|found| found.get(1).or_else(|| found.get(0)))
            .map(|found| found.as_str())
            .into())
    }),
    function("regexp_replace", &[TEXT, TEXT, TEXT], TEXT, replace),
    function("regexp_replace", &[TEXT, TEXT, TEXT, TEXT], TEXT, replace),
    function("regexp_match", &[TEXT, TEXT], Type(1009), |_, v| {
        let regex = compiled(text(v, 1)?, false)?;
        Ok(regex
            .captures(text(v, 0)?)
            .map(|found| groups(&found))
            .into())
    }),
    function("regexp_like", &[TEXT, TEXT], Type::BOOL, matches),
];

/// A regular expression in the language that both engines share.
fn compiled(pattern: &str, any_case: bool) -> Result<Regex> {
    let (pattern, any_case) = match pattern.strip_prefix("(?i)") {
        Some(rest) => (rest, true),
        None => (pattern, any_case),
    };
    RegexBuilder::new(&translated(pattern))
        .case_insensitive(any_case)
        .dot_matches_new_line(true)
        .build()
        .map_err(|_| {
            Failure::new(
                "2201B",
                format!("invalid regular expression: \"{pattern}\""),
            )
        })
}

/// PostgreSQL's `\m \M \y \A \Z` in the words of the library.
fn translated(pattern: &str) -> String {
    let mut shown = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(c) = characters.next() {
        if c != '\\' {
            shown.push(c);
            continue;
        }
        match characters.next() {
            Some('m' | 'M' | 'y') => shown.push_str("\\b"),
            Some('Y') => shown.push_str("\\B"),
            Some('Z') => shown.push_str("\\z"),
            Some(next) => shown.extend(['\\', next]),
            None => shown.push_str("\\\\"),
        }
    }
    shown
}

/// As SQL numbers them: all groups, or the whole if there are none.
pub(super) fn groups(found: &regex_lite::Captures<'_>) -> Value {
    let count = found.len();
    let range = if count > 1 { 1..count } else { 0..1 };
    Value::array(
        range
            .map(|number| found.get(number).map(|group| group.as_str()).into())
            .collect(),
    )
}

pub(crate) fn matches(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    Ok(compiled(text(values, 1)?, false)?
        .is_match(text(values, 0)?)
        .into())
}

pub(crate) fn matches_any_case(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    Ok(compiled(text(values, 1)?, true)?
        .is_match(text(values, 0)?)
        .into())
}

pub(crate) fn differs(scene: Scene<'_>, values: &[Value]) -> Result<Value> {
    Ok(matches(scene, values)?.truth().map(|flag| !flag).into())
}

pub(crate) fn differs_any_case(scene: Scene<'_>, values: &[Value]) -> Result<Value> {
    Ok(matches_any_case(scene, values)?
        .truth()
        .map(|flag| !flag)
        .into())
}

fn replace(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    let flags = match values.get(3) {
        Some(_) => text(values, 3)?,
        None => "",
    };
    let regex = compiled(text(values, 1)?, flags.contains('i'))?;
    let shown = text(values, 0)?;
    let with = replacement(text(values, 2)?);
    Ok(if flags.contains('g') {
        regex.replace_all(shown, with.as_str())
    } else {
        regex.replace(shown, with.as_str())
    }
    .into_owned()
    .into())
}

/// `\1` and `\&` in the words of the library.
fn replacement(text: &str) -> String {
    let mut shown = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '$' => shown.push_str("$$"),
            '\\' => match characters.next() {
                Some('&') => shown.push_str("${0}"),
                Some(digit) if digit.is_ascii_digit() => {
                    shown.push_str("${");
                    shown.push(digit);
                    shown.push('}');
                }
                Some(other) => shown.push(other),
                None => shown.push('\\'),
            },
            _ => shown.push(c),
        }
    }
    shown
}

/// The one text that `~` or `~~` finds by a pattern; none if there may be others.
pub(crate) fn only_match(operator: &str, pattern: &str) -> Option<String> {
    let is_expression = operator == "~";
    let pattern = match operator {
        "~" => {
            let inner = pattern.strip_prefix('^')?.strip_suffix('$')?;
            let group = inner
                .strip_prefix('(')
                .and_then(|rest| rest.strip_suffix(')'));
            group.unwrap_or(inner)
        }
        "~~" => pattern,
        _ => return None,
    };
    let mut text = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(c) = characters.next() {
        let literal = match (c, is_expression) {
            // Before a letter or a digit it has a meaning of its own in an expression.
            ('\\', _) => characters
                .next()
                .filter(|next| !is_expression || next.is_ascii_punctuation())?,
            ('%' | '_', false) => return None,
            (c, true) if c.is_ascii_punctuation() && c != '_' && c != '-' => return None,
            (c, _) => c,
        };
        text.push(literal);
    }
    Some(text)
}

/// A LIKE pattern with another escape character, in terms of the backslash.
fn escaped(pattern: &str, escape: &str) -> Result<String> {
    let mut own = escape.chars();
    let own = match (own.next(), own.next()) {
        (own, None) => own,
        _ => {
            return Err(Failure::new("22019", "invalid escape string"));
        }
    };
    let mut shown = String::new();
    let mut characters = pattern.chars();
    while let Some(c) = characters.next() {
        if Some(c) == own {
            shown.push('\\');
            shown.extend(characters.next());
        } else if c == '\\' {
            shown.push_str("\\\\");
        } else {
            shown.push(c);
        }
    }
    Ok(shown)
}

pub(crate) fn like(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    let subject: Vec<char> = text(values, 0)?.chars().collect();
    Ok(like_matches(&subject, &pattern(text(values, 1)?)).into())
}

pub(crate) fn like_any_case(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    let subject: Vec<char> = text(values, 0)?.to_lowercase().chars().collect();
    Ok(like_matches(&subject, &pattern(&text(values, 1)?.to_lowercase())).into())
}

pub(crate) fn not_like(scene: Scene<'_>, values: &[Value]) -> Result<Value> {
    Ok(like(scene, values)?.truth().map(|flag| !flag).into())
}

pub(crate) fn not_like_any_case(scene: Scene<'_>, values: &[Value]) -> Result<Value> {
    Ok(like_any_case(scene, values)?
        .truth()
        .map(|flag| !flag)
        .into())
}

#[derive(PartialEq)]
enum Piece {
    One(char),
    Any,
    Many,
}

fn pattern(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '%' => pieces.push(Piece::Many),
            '_' => pieces.push(Piece::Any),
            '\\' => pieces.extend(characters.next().map(Piece::One)),
            _ => pieces.push(Piece::One(c)),
        }
    }
    pieces
}

/// Goes back to the last `%` only, which is enough.
fn like_matches(subject: &[char], pieces: &[Piece]) -> bool {
    let (mut at, mut piece) = (0, 0);
    let mut resume: Option<(usize, usize)> = None;
    while at < subject.len() {
        match pieces.get(piece) {
            Some(Piece::Many) => {
                resume = Some((at, piece));
                piece += 1;
                continue;
            }
            Some(Piece::Any) => {
                at += 1;
                piece += 1;
                continue;
            }
            Some(Piece::One(c)) if subject.get(at) == Some(c) => {
                at += 1;
                piece += 1;
                continue;
            }
            _ => {}
        }
        match resume {
            Some((from, many)) => {
                resume = Some((from + 1, many));
                at = from + 1;
                piece = many + 1;
            }
            None => return false,
        }
    }
    pieces
        .get(piece..)
        .is_some_and(|rest| rest.iter().all(|piece| *piece == Piece::Many))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_like(subject: &str, text: &str) -> bool {
        like_matches(&subject.chars().collect::<Vec<_>>(), &pattern(text))
    }

    #[test]
    fn like_goes_back() {
        assert!(is_like("abcabd", "%abd"));
        assert!(is_like("a_b", "a\\_b"));
        assert!(!is_like("axb", "a\\_b"));
        assert!(is_like("", "%"));
        assert!(!is_like("a", ""));
    }

    #[test]
    fn patterns_without_wildcards_find_one_text() {
        let only = |operator, pattern| only_match(operator, pattern);
        assert_eq!(only("~", "^(t7)$").as_deref(), Some("t7"));
        assert_eq!(only("~", "^my_t$").as_deref(), Some("my_t"));
        assert_eq!(only("~", "^(a\\.b)$").as_deref(), Some("a.b"));
        for other in [
            "^(t.*)$", "t7", "^(a|b)$", "^t$7", "^(\\d)$", "^a\\$", "^(a)(b)$",
        ] {
            assert_eq!(only("~", other), None, "{other}");
        }
        assert_eq!(only("~~", "my\\_t").as_deref(), Some("my_t"));
        assert_eq!(only("~~", "t_"), None);
        assert_eq!(only("~~", "t%"), None);
        assert_eq!(only("!~~", "t"), None);
    }

    #[test]
    fn expressions_are_postgresqls() {
        assert!(compiled("^(a|b)$", false).unwrap().is_match("a"));
        assert!(compiled("\\mab\\M", false).unwrap().is_match("x ab y"));
        assert!(compiled("(", false).is_err());
    }
}
