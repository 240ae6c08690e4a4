//! How strings compare: SQLUPPER, SQLSTRING, EXACT.

use std::cmp::Ordering;

use crate::decimal;

/// The collation of a string column or expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Collation {
    /// Ignores case and trailing white space; the default of columns.
    SqlUpper,
    /// Ignores trailing white space.
    SqlString,
    /// Canonical numbers first, by value, then code points.
    Exact,
}

impl Collation {
    /// The name under which SQLite knows it.
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Self::SqlUpper => "SQLUPPER",
            Self::SqlString => "SQLSTRING",
            Self::Exact => "EXACT",
        }
    }

    /// The collation of a DDL name; deprecated names map to their successors.
    pub(crate) fn of_ddl(name: &str) -> Self {
        match name.to_ascii_uppercase().as_str() {
            "%EXACT" | "%PLUS" | "%MINUS" | "%MVR" => Self::Exact,
            "%SQLSTRING" | "%STRING" | "%TRUNCATE" => Self::SqlString,
            _ => Self::SqlUpper,
        }
    }

    /// As DDL writes it.
    pub(crate) fn ddl(self) -> &'static str {
        match self {
            Self::SqlUpper => "%SQLUPPER",
            Self::SqlString => "%SQLSTRING",
            Self::Exact => "%EXACT",
        }
    }

    /// Orders two strings.
    pub(crate) fn compare(self, a: &str, b: &str) -> Ordering {
        match self {
            Self::SqlUpper => folded(a).cmp(folded(b)),
            Self::SqlString => a.trim_end().cmp(b.trim_end()),
            Self::Exact => exact(a, b),
        }
    }

    /// The value that the collation compares, as GROUP BY and DISTINCT give it back.
    pub(crate) fn value(self, text: &str) -> String {
        match self {
            Self::SqlUpper => folded(text).collect(),
            Self::SqlString => text.trim_end().to_owned(),
            Self::Exact => text.to_owned(),
        }
    }
}

/// Upper case, one character for one, without trailing white space.
fn folded(text: &str) -> impl Iterator<Item = char> + '_ {
    text.trim_end().chars().map(upper)
}

/// Upper case of one character; characters that would become two stay.
pub(crate) fn upper(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_uppercase();
    }
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

fn exact(a: &str, b: &str) -> Ordering {
    match (is_canonical_number(a), is_canonical_number(b)) {
        (true, true) => decimal::compare(a, b),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => a.cmp(b),
    }
}

fn is_canonical_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.')
        && decimal::exact(text).is_some_and(|number| decimal::canonical(&number) == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlupper_ignores_case_and_trailing_blanks() {
        assert_eq!(
            Collation::SqlUpper.compare("Straße  ", "STRAßE"),
            Ordering::Equal
        );
        assert_eq!(Collation::SqlUpper.compare(" a", "a"), Ordering::Less);
        assert_eq!(Collation::SqlString.compare("a ", "A"), Ordering::Greater);
    }

    #[test]
    fn exact_puts_canonical_numbers_first() {
        let mut texts = vec!["b", "10", "a", "9", "07", "-1"];
        texts.sort_by(|a, b| Collation::Exact.compare(a, b));
        assert_eq!(texts, ["-1", "9", "10", "07", "a", "b"]);
    }
}
