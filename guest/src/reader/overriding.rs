//! `OVERRIDING SYSTEM VALUE` and `OVERRIDING USER VALUE` for a parser without them: as
//! `INSERT OVERWRITE INTO t` and `INSERT OVERWRITE INTO TABLE t`, which only another
//! database has.

use super::statement::Source;

/// What the INSERT at hand overrides.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Nothing,
    System,
    User,
}

/// Follows the tokens of a statement.
#[derive(Default)]
pub(super) struct Overriding {
    kind: Kind,
    /// Whether the words INTO TABLE are still to come.
    before_table: bool,
}

impl Overriding {
    /// How many words from this one on are replaced, and by what.
    pub(super) fn words(
        &mut self,
        source: &Source<'_>,
        index: usize,
    ) -> Option<(usize, &'static [&'static str])> {
        let text = source.text;
        let lexeme = source.lexemes.get(index)?;
        if lexeme.is(text, "INSERT") {
            self.kind = ahead(source, index);
            self.before_table = self.kind == Kind::User;
            return (self.kind != Kind::Nothing).then_some((1, &["INSERT", "OVERWRITE"]));
        }
        if self.before_table && lexeme.is(text, "INTO") {
            self.before_table = false;
            return Some((1, &["INTO", "TABLE"]));
        }
        if self.kind != Kind::Nothing && kind(source, index) != Kind::Nothing {
            self.kind = Kind::Nothing;
            return Some((3, &[]));
        }
        None
    }
}

/// What the words from this one on say.
fn kind(source: &Source<'_>, index: usize) -> Kind {
    let is = |ahead: usize, word: &str| {
        let lexeme = source.lexemes.get(index + ahead);
        lexeme.is_some_and(|lexeme| lexeme.is(source.text, word))
    };
    match (
        is(0, "OVERRIDING") && is(2, "VALUE"),
        is(1, "SYSTEM"),
        is(1, "USER"),
    ) {
        (true, true, _) => Kind::System,
        (true, _, true) => Kind::User,
        _ => Kind::Nothing,
    }
}

/// What the INSERT that begins here says before its rows.
fn ahead(source: &Source<'_>, index: usize) -> Kind {
    let text = source.text;
    let rows = [
        "VALUES", "SELECT", "WITH", "DEFAULT", "TABLE", "SET", "INSERT",
    ];
    for ahead in index + 1..source.lexemes.len() {
        let lexeme = &source.lexemes[ahead];
        if rows.iter().any(|word| lexeme.is(text, word)) {
            break;
        }
        let found = kind(source, ahead);
        if found != Kind::Nothing {
            return found;
        }
    }
    Kind::Nothing
}
