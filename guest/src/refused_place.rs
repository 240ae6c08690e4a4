//! Where a refusal that names keywords is placed, if the rule that refuses knows no place.

use crate::reader::statement::Source;
use crate::wit::Diagnostic;

/// Keywords that a message does not name, or names otherwise than they are written.
const NAMED: &[(&str, &[&[&str]])] = &[
    (
        "isolation level",
        &[
            &["ISOLATION"],
            &["DEFAULT_TRANSACTION_ISOLATION"],
            &["TRANSACTION_ISOLATION"],
        ],
    ),
    ("NOWAIT or SKIP LOCKED", &[&["NOWAIT"], &["SKIP", "LOCKED"]]),
    ("DISABLE TRIGGER", &[&["ENABLE"], &["DISABLE"]]),
    (
        "ROW LEVEL SECURITY",
        &[&["ENABLE"], &["DISABLE"], &["FORCE"], &["NO", "FORCE"]],
    ),
    ("ADD COLUMN", &[&["ADD", "COLUMN"], &["ADD"]]),
    ("RENAME TO", &[&["RENAME"]]),
    ("extension", &[&["EXTENSION"]]),
];

/// The refusal with the place of the keywords that it names.
pub(crate) fn placed(refusal: Diagnostic, source: &Source<'_>) -> Diagnostic {
    // What PostgreSQL refuses as well has the places that it tells.
    let is_own = [
        "not supported",
        "not available",
        "ON CONFLICT DO UPDATE requires",
    ]
    .iter()
    .any(|words| refusal.message.contains(words));
    let concerned = is_own && matches!(refusal.sqlstate.as_str(), "0A000" | "42601");
    if refusal.position.is_some() || !concerned {
        return refusal;
    }
    let named = NAMED
        .iter()
        .filter(|(words, _)| refusal.message.contains(words))
        .flat_map(|(_, keywords)| keywords.iter().copied())
        .find_map(|keywords| find(source, keywords));
    let place = named.or_else(|| {
        let runs = runs(&refusal.message);
        runs.iter().rev().find_map(|run| find(source, run))
    });
    match place.and_then(|index| source.lexemes.get(index)) {
        Some(lexeme) => refusal.at(source.text, lexeme.range().start),
        None => refusal,
    }
}

/// The words in capitals that stand side by side in a message.
fn runs(message: &str) -> Vec<Vec<&str>> {
    let is_keyword = |word: &str| {
        word.len() > 1
            && word
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    };
    let mut runs: Vec<Vec<&str>> = vec![Vec::new()];
    for word in message.split_whitespace() {
        match (is_keyword(word), runs.last_mut()) {
            (true, Some(run)) => run.push(word),
            (false, Some(run)) if !run.is_empty() => runs.push(Vec::new()),
            _ => {}
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

/// The first of these keywords, where they stand side by side.
fn find(source: &Source<'_>, keywords: &[&str]) -> Option<usize> {
    let is = |index: usize, keyword: &str| {
        let lexeme = source.lexemes.get(index);
        lexeme.is_some_and(|lexeme| lexeme.is(source.text, keyword))
    };
    (0..source.lexemes.len()).find(|index| {
        !keywords.is_empty()
            && keywords
                .iter()
                .enumerate()
                .all(|(offset, keyword)| is(index + offset, keyword))
    })
}
