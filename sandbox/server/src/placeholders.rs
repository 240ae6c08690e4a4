//! PostgreSQL's `$1` become IRIS's `?`.

/// A statement as IRIS takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Numbered {
    pub(crate) sql: String,
    /// For each `?`, which of the client's parameters it stands for, from 0.
    pub(crate) order: Vec<usize>,
}

impl Numbered {
    /// How many parameters the client has to give.
    pub(crate) fn parameters(&self) -> usize {
        self.order.iter().map(|index| index + 1).max().unwrap_or(0)
    }
}

/// Largest number of a parameter that the protocol can carry.
const MOST_PARAMETERS: usize = 65_535;

/// Replaces `$1` and its kin where they are tokens: not in literals, delimited
/// identifiers and comments, and not within words. A `?` stays one; it takes
/// the number after the largest one before it. A `;` at the end is the
/// client's end of the statement and goes.
///
/// `None` if a number is out of range.
pub(crate) fn number(text: &str) -> Option<Numbered> {
    let mut sql = String::with_capacity(text.len());
    let mut order = Vec::new();
    let mut next = 0;
    let mut rest = text;
    // Where a `;` stands in `sql` that nothing follows.
    let mut end = None;
    while let Some(first) = rest.chars().next() {
        let is_blank = first.is_whitespace() || rest.starts_with("--") || rest.starts_with("/*");
        if !is_blank {
            end = (first == ';').then_some(sql.len());
        }
        let length = match first {
            '\'' | '"' => quoted(rest, first),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest[2..].find("*/").map_or(rest.len(), |n| n + 4),
            '?' => {
                order.push(next);
                next += 1;
                1
            }
            '$' => match digits(&rest[1..]) {
                0 => word(rest),
                count => {
                    let number: usize = rest[1..=count].parse().ok()?;
                    if !(1..=MOST_PARAMETERS).contains(&number) {
                        return None;
                    }
                    order.push(number - 1);
                    next = next.max(number);
                    sql.push('?');
                    rest = &rest[1 + count..];
                    continue;
                }
            },
            _ if in_word(first) => word(rest),
            _ => first.len_utf8(),
        };
        sql.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    sql.truncate(end.unwrap_or(sql.len()));
    Some(Numbered { sql, order })
}

/// Up to the closing quote, which is not doubled.
fn quoted(rest: &str, quote: char) -> usize {
    let mut at = 1;
    while let Some(end) = rest[at..].find(quote) {
        at += end + 1;
        if !rest[at..].starts_with(quote) {
            return at;
        }
        at += 1;
    }
    rest.len()
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// A word, or a lone character that begins none.
fn word(rest: &str) -> usize {
    let first = rest.chars().next().map_or(0, char::len_utf8);
    rest[first..]
        .find(|c| !in_word(c))
        .map_or(rest.len(), |length| first + length)
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '@' | '#' | '$' | '%')
}

/// The first word, in upper case: what a command tag begins with.
pub(crate) fn first_word(sql: &str) -> String {
    let mut rest = sql.trim_start();
    loop {
        rest = match rest.get(..2) {
            Some("--") => rest.find('\n').map_or("", |end| &rest[end..]),
            Some("/*") => rest.find("*/").map_or("", |end| &rest[end + 2..]),
            _ => break,
        }
        .trim_start();
    }
    let end = rest.find(|c: char| !c.is_ascii_alphabetic());
    rest[..end.unwrap_or(rest.len())].to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(text: &str) -> (String, Vec<usize>) {
        let numbered = number(text).unwrap();
        (numbered.sql, numbered.order)
    }

    #[test]
    fn numbers_become_question_marks_in_any_order() {
        assert_eq!(
            numbered("SELECT $2, $1,$2"),
            ("SELECT ?, ?,?".to_owned(), vec![1, 0, 1])
        );
        assert_eq!(numbered("? = $3 + ?").1, [0, 2, 3]);
        assert_eq!(number("SELECT $2").unwrap().parameters(), 2);
    }

    #[test]
    fn literals_identifiers_comments_and_words_stay() {
        for text in [
            "'$1 ''$2' || \"a$1\"\"$2\"",
            "1 -- $1 '\n/* $2 \" */ - 1",
            "a$1 + $TLEVEL + x#$1",
            "'$1",
            "\"$1",
            "/* $1",
            "é$1",
        ] {
            assert_eq!(numbered(text), (text.to_owned(), vec![]), "{text}");
        }
        assert_eq!(numbered("1--$1\n$1").0, "1--$1\n?");
        assert_eq!(numbered("($1)").0, "(?)");
    }

    #[test]
    fn one_semicolon_at_the_end_goes() {
        assert_eq!(numbered("SELECT 1 ; -- x").0, "SELECT 1 ");
        for text in ["SELECT 1; SELECT 2", "';' --;"] {
            assert_eq!(numbered(text).0, text);
        }
        assert_eq!(numbered("SELECT 1;;").0, "SELECT 1;");
    }

    #[test]
    fn numbers_out_of_range_are_none() {
        for text in ["$0", "$65536", "$99999999999999999999999"] {
            assert_eq!(number(text), None);
        }
    }

    #[test]
    fn the_first_word_is_found_behind_comments() {
        assert_eq!(first_word("/* a */ -- b\n insert into"), "INSERT");
        assert_eq!(first_word(""), "");
        assert_eq!(first_word("--"), "");
        assert_eq!(first_word("/*"), "");
    }
}
