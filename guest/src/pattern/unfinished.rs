//! Patterns of LIKE that end in their escape character.
//!
//! `MatchText` of `like_match.c` fails when it gets there, and only then: a text that differs
//! before, or is no longer than what is before, simply does not match.

/// The pattern of the texts with which PostgreSQL gets to the end; none if the pattern does not
/// end in its escape character.
pub(crate) fn reached(pattern: &str, escape: char) -> Option<String> {
    let mut letters = pattern.char_indices();
    // Where the wildcards at the end begin.
    let mut tail = 0;
    while let Some((at, letter)) = letters.next() {
        let next = at + letter.len_utf8();
        if letter == escape {
            if let Some((at, escaped)) = letters.next() {
                tail = at + escaped.len_utf8();
                continue;
            }
            let (before, tail) = pattern.get(..at)?.split_at_checked(tail)?;
            let (begin, wildcards) = match tail.split_once('%') {
                Some((single, wildcards)) => (format!("{before}{single}"), wildcards),
                None => (format!("{before}{tail}"), ""),
            };
            let single = wildcards.bytes().filter(|byte| *byte == b'_').count();
            return Some(format!("{begin}{}%", "_".repeat(single.max(1))));
        }
        if !matches!(letter, '%' | '_') {
            tail = next;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_reached_by_texts_that_match_what_is_before_and_go_on() {
        for (pattern, expected) in [
            ("a\\", Some("a_%")),
            ("\\", Some("_%")),
            ("H%\\", Some("H_%")),
            ("a%b_\\", Some("a%b__%")),
            ("a_%__\\", Some("a___%")),
            ("a\\%\\", Some("a\\%_%")),
            ("a\\\\", None),
            ("a%", None),
            ("", None),
        ] {
            assert_eq!(reached(pattern, '\\').as_deref(), expected, "{pattern}");
        }
    }
}
