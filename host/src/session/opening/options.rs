//! The startup parameter `options`, in which settings stand as on a command line.

use crate::diagnostic::Diagnostic;

/// The settings in the parameter `options`: `-c name=value` and
/// `--name=value`, separated by white space, which a backslash escapes.
pub(super) fn command_line(options: &str) -> Result<Vec<(String, String)>, Diagnostic> {
    let mut words = vec![String::new()];
    let mut characters = options.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => words
                .last_mut()
                .into_iter()
                .for_each(|word| word.extend(characters.next())),
            character if character.is_ascii_whitespace() => words.push(String::new()),
            character => words
                .last_mut()
                .into_iter()
                .for_each(|word| word.push(character)),
        }
    }
    let mut words = words.into_iter().filter(|word| !word.is_empty());
    let mut found = Vec::new();
    while let Some(word) = words.next() {
        let setting = match word.as_str() {
            "-c" => words.next(),
            _ => word
                .strip_prefix("--")
                .or_else(|| word.strip_prefix("-c"))
                .map(str::to_owned),
        };
        let pair = setting
            .as_deref()
            .and_then(|setting| setting.split_once('='));
        let (name, value) = pair.ok_or_else(|| {
            Diagnostic::fatal(
                "42601",
                format!("invalid command-line argument for server process: {word}"),
            )
            .with_hint("Try \"postgres --help\" for more information.")
        })?;
        // "--" spells underscores as dashes.
        found.push((name.replace('-', "_"), value.to_owned()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_split_as_a_command_line() {
        let parsed = command_line(r"-c search_path=a\ b --statement-timeout=5  -cjit=off").unwrap();
        let expected = [
            ("search_path", "a b"),
            ("statement_timeout", "5"),
            ("jit", "off"),
        ];
        assert_eq!(
            parsed,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        for bad in ["-c", "-c x", "word", "--x"] {
            assert!(command_line(bad).is_err(), "{bad}");
        }
    }
}
