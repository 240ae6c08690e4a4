//! The words of a text of the console.

use crate::diagnostic::Diagnostic;

/// A word, as commands are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Bare, in lower case.
    Bare(String),
    /// In quotation marks, as it stands there.
    Quoted(String),
    /// The end of a command.
    End,
}

/// Takes a text apart: words, names in double quotes, values in single ones, semicolons;
/// comments are left out.
///
/// # Errors
/// Something else stands there, or a quotation mark has no counterpart.
pub(super) fn words(text: &str) -> Result<Vec<Word>, Diagnostic> {
    let mut words = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((start, character)) = rest.next() {
        match character {
            ';' => words.push(Word::End),
            '"' | '\'' => {
                let mut quoted = String::new();
                loop {
                    match rest.next() {
                        Some((_, next)) if next == character => {
                            // Doubled, it stands for itself.
                            match rest.next_if(|(_, after)| *after == character) {
                                Some(_) => quoted.push(character),
                                None => break,
                            }
                        }
                        Some((_, next)) => quoted.push(next),
                        None => {
                            return Err(unexpected(text, start, "a quotation mark without end"));
                        }
                    }
                }
                words.push(Word::Quoted(quoted));
            }
            '-' if rest.next_if(|(_, next)| *next == '-').is_some() => {
                while rest.next_if(|(_, next)| *next != '\n').is_some() {}
            }
            '=' => {}
            _ if character.is_whitespace() => {}
            _ if is_bare(character) => {
                let mut word = String::from(character);
                while let Some((_, next)) = rest.next_if(|(_, next)| is_bare(*next)) {
                    word.push(next);
                }
                words.push(Word::Bare(word.to_lowercase()));
            }
            _ => return Err(unexpected(text, start, "a character that no command has")),
        }
    }
    Ok(words)
}

fn is_bare(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '%' | '.' | '$')
}

fn unexpected(text: &str, at: usize, what: &str) -> Diagnostic {
    let before = text[..at].chars().count();
    let mut diagnostic = Diagnostic::error("42601", what.to_owned());
    diagnostic.position = u32::try_from(before + 1).ok();
    diagnostic
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_taken_apart() {
        let bare = |word: &str| Word::Bare(word.into());
        let quoted = |word: &str| Word::Quoted(word.into());
        for (text, expected) in [
            ("", vec![]),
            ("SHOW Pools;", vec![bare("show"), bare("pools"), Word::End]),
            (
                "pause \"My \"\"DB\"",
                vec![bare("pause"), quoted("My \"DB")],
            ),
            (
                "kill 'x;y' -- now;\n;",
                vec![bare("kill"), quoted("x;y"), Word::End],
            ),
        ] {
            assert_eq!(words(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_word_has_a_position() {
        for (text, position) in [("ä ?", 3), ("pause 'x", 7), ("a - b", 3)] {
            assert_eq!(words(text).unwrap_err().position, Some(position), "{text}");
        }
    }
}
