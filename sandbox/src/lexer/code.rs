//! Finds the blocks of another language: compute code and the bodies of routines.

use super::{Kind, Token};

/// How many tokens the head of a routine may have before its code.
const LONGEST_HEAD: usize = 2000;

/// Words before the brace of a block of code.
const BEFORE_CODE: [&str; 3] = ["COMPUTECODE", "OBJECTSCRIPT", "PYTHON"];

/// Statements whose braces hold code, whatever stands before them.
const ROUTINES: [&str; 7] = [
    "FUNCTION",
    "PROCEDURE",
    "PROC",
    "METHOD",
    "STATIC",
    "QUERY",
    "TRIGGER",
];

fn is_any(token: Option<&Token>, words: &[&str]) -> bool {
    matches!(token.map(|token| &token.kind), Some(Kind::Word(word))
        if words.iter().any(|other| other.eq_ignore_ascii_case(word)))
}

/// Does a brace after these tokens begin code?
pub(super) fn expected(tokens: &[Token]) -> bool {
    if is_any(tokens.last(), &BEFORE_CODE) {
        return true;
    }
    let replace = is_any(tokens.get(1), &["OR"]) && is_any(tokens.get(2), &["REPLACE"]);
    let object = if replace { 3 } else { 1 };
    is_any(tokens.first(), &["CREATE"])
        && is_any(tokens.get(object), &ROUTINES)
        && tokens.len() < LONGEST_HEAD
        && !tokens.iter().any(|token| is_any(Some(token), &["BEGIN"]))
}

/// How many bytes the block takes, both braces included.
pub(super) fn length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(at + 1),
            b'}' => depth -= 1,
            b'"' => at += 1 + text[at + 1..].find('"')?,
            b';' => at += to_line_end(&text[at..]),
            b'/' if bytes.get(at + 1) == Some(&b'/') => at += to_line_end(&text[at..]),
            b'/' if bytes.get(at + 1) == Some(&b'*') => at += 3 + text[at + 2..].find("*/")?,
            _ => {}
        }
        at += 1;
    }
    None
}

fn to_line_end(text: &str) -> usize {
    text.find('\n').unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::length;

    #[test]
    fn braces_in_strings_and_comments_do_not_count() {
        for (text, wanted) in [
            ("{ set x=\"}\" } rest", Some(13)),
            ("{ // }\n}", Some(8)),
            ("{{a}}b", Some(5)),
            ("{", None),
            ("{ \"", None),
        ] {
            assert_eq!(length(text), wanted, "{text}");
        }
    }
}
