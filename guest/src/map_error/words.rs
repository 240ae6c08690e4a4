//! The names in the client's own text that an error speaks of.

use crate::reader::lexeme::{Kind, Lexeme};
use crate::reader::statement::Source;

/// A statement of the client, to look names up in.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    source: Source<'a>,
}

/// A name with its qualifiers: the tokens from the first to the last of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chain {
    pub(super) first: usize,
    pub(super) last: usize,
}

impl Chain {
    pub(super) fn is_qualified(self) -> bool {
        self.first < self.last
    }
}

impl<'a> Words<'a> {
    pub(super) fn of(source: Source<'a>) -> Self {
        Self { source }
    }

    /// Whether it is a statement whose names PostgreSQL resolves with their places.
    pub(super) fn tells_places(&self) -> bool {
        const TELLING: &[&str] = &[
            "SELECT", "WITH", "MERGE", "VALUES", "TABLE", "INSERT", "UPDATE", "DELETE", "EXPLAIN",
            "DECLARE", "PREPARE",
        ];
        let first = |words: &[&str]| words.iter().any(|word| self.source.begins(&[word]));
        first(TELLING)
            || self.is_symbol(0, "(")
            || first(&["CREATE"]) && self.any("SELECT")
            || first(&["COPY"]) && self.is_symbol(1, "(")
    }

    pub(super) fn begins(&self, keywords: &[&str]) -> bool {
        self.source.begins(keywords)
    }

    pub(super) fn any(&self, keyword: &str) -> bool {
        (0..self.source.lexemes.len()).any(|index| self.is(index, keyword))
    }

    pub(super) fn is(&self, index: usize, keyword: &str) -> bool {
        self.lexeme(index)
            .is_some_and(|lexeme| lexeme.is(self.source.text, keyword))
    }

    pub(super) fn is_symbol(&self, index: usize, symbol: &str) -> bool {
        self.lexeme(index)
            .is_some_and(|lexeme| lexeme.is_symbol(self.source.text, symbol))
    }

    /// Whether one of these keywords stands before it.
    pub(super) fn follows(&self, index: usize, keywords: &[&str]) -> bool {
        index
            .checked_sub(1)
            .is_some_and(|before| keywords.iter().any(|keyword| self.is(before, keyword)))
    }

    /// The names that end with this one, in any case of its letters; no functions.
    pub(super) fn called(&self, name: &str) -> Vec<Chain> {
        let all = 0..self.source.lexemes.len();
        all.filter(|index| {
            self.name(*index)
                .is_some_and(|found| found.to_lowercase() == name.to_lowercase())
                && !self.is_symbol(index + 1, ".")
                && !self.is_symbol(index + 1, "(")
        })
        .map(|last| self.chain(last))
        .collect()
    }

    /// Whether a name, in these letters, is that of a table or its alias in FROM.
    pub(super) fn is_source(&self, name: &str) -> bool {
        let exactly = |chain: &&Chain| self.name(chain.last).as_deref() == Some(name);
        self.called(name).iter().filter(exactly).any(|chain| {
            let before = |back: usize| chain.first.checked_sub(back);
            self.follows(chain.first, &["FROM", "JOIN"])
                || before(1).is_some_and(|at| {
                    self.name(at).is_some() && self.follows(at, &["FROM", "JOIN"])
                })
                || self.follows(chain.first, &["AS"])
                    && before(2).is_some_and(|at| self.follows(at, &["FROM", "JOIN"]))
        })
    }

    /// The names of which this one is a qualifier.
    pub(super) fn qualified_by(&self, name: &str) -> Vec<usize> {
        let all = 0..self.source.lexemes.len();
        all.filter(|index| {
            self.is_symbol(index + 1, ".")
                && self
                    .name(*index)
                    .is_some_and(|found| found.to_lowercase() == name.to_lowercase())
        })
        .collect()
    }

    /// The calls of this function.
    pub(super) fn calls(&self, name: &str) -> Vec<Chain> {
        let all = 0..self.source.lexemes.len();
        all.filter(|index| {
            self.is_symbol(index + 1, "(")
                && self
                    .name(*index)
                    .is_some_and(|found| found.to_lowercase() == name.to_lowercase())
        })
        .map(|last| self.chain(last))
        .collect()
    }

    /// A name with its qualifiers.
    pub(super) fn chain(&self, last: usize) -> Chain {
        let mut first = last;
        while first >= 2 && self.is_symbol(first - 1, ".") && self.name(first - 2).is_some() {
            first -= 2;
        }
        Chain { first, last }
    }

    /// The table that INSERT, UPDATE or DELETE writes, or ALTER TABLE changes.
    pub(super) fn target(&self) -> Option<Chain> {
        if self.begins(&["CREATE", "UNIQUE", "INDEX"]) {
            return self.behind(self.at("ON")? + 1);
        }
        let at = [
            &["INSERT", "INTO"][..],
            &["DELETE", "FROM"],
            &["ALTER", "TABLE"],
            &["CREATE", "TABLE"],
            &["COPY"],
            &["MERGE", "INTO"],
            &["UPDATE"],
            &["LOCK", "TABLE"],
            &["LOCK"],
        ]
        .iter()
        .find(|words| self.begins(words))?
        .len();
        self.behind(at)
    }

    /// The name that begins here.
    fn behind(&self, mut at: usize) -> Option<Chain> {
        while ["ONLY", "IF", "NOT", "EXISTS"]
            .iter()
            .any(|word| self.is(at, word))
        {
            at += 1;
        }
        self.name(at)?;
        while self.is_symbol(at + 1, ".") && self.name(at + 2).is_some() {
            at += 2;
        }
        Some(self.chain(at))
    }

    /// The schema that a table is in, as far as its name tells.
    pub(super) fn schema(&self, table: Chain) -> Option<String> {
        match table.is_qualified() {
            true => self.name(table.last.checked_sub(2)?),
            false => Some("public".to_owned()),
        }
    }

    /// The first token that is this keyword.
    pub(super) fn at(&self, keyword: &str) -> Option<usize> {
        self.every(keyword).first().copied()
    }

    pub(super) fn every(&self, keyword: &str) -> Vec<usize> {
        let all = 0..self.source.lexemes.len();
        all.filter(|index| self.is(*index, keyword)).collect()
    }

    /// `(a, b)`, the parenthesis among the tokens from here.
    pub(super) fn names_in_parentheses(&self, from: usize) -> Option<Vec<String>> {
        let open = (from..self.source.lexemes.len()).find(|index| self.is_symbol(*index, "("))?;
        let end = (open..self.source.lexemes.len()).find(|index| self.is_symbol(*index, ")"))?;
        Some((open..end).filter_map(|index| self.name(index)).collect())
    }

    pub(super) fn number(&self, index: usize) -> Option<&'a str> {
        let lexeme = self.lexeme(index)?;
        (lexeme.kind == Kind::Number).then(|| lexeme.text(self.source.text))
    }

    /// The types of a call's arguments, if all of them are constants; `open` is its parenthesis.
    pub(super) fn argument_types(&self, open: usize) -> Option<String> {
        let mut types = Vec::new();
        let mut at = open + 1;
        if self.is_symbol(at, ")") {
            return Some(String::new());
        }
        loop {
            let lexeme = self.lexeme(at)?;
            types.push(match lexeme.kind {
                Kind::Number => type_of_number(lexeme.text(self.source.text)),
                Kind::String => "unknown",
                Kind::Word if self.is(at, "NULL") => "unknown",
                Kind::Word if self.is(at, "TRUE") || self.is(at, "FALSE") => "boolean",
                _ => return None,
            });
            at += 1;
            match self.is_symbol(at, ",") {
                true => at += 1,
                false if self.is_symbol(at, ")") => return Some(types.join(", ")),
                false => return None,
            }
        }
    }

    /// Whether a name stands where values are assigned to columns of the target.
    pub(super) fn is_assigned(&self, index: usize) -> bool {
        self.assigns(index) || self.is_listed(index)
    }

    /// The columns of SET.
    pub(super) fn assigned(&self) -> Vec<usize> {
        let all = 0..self.source.lexemes.len();
        all.filter(|index| self.name(*index).is_some() && self.assigns(*index))
            .collect()
    }

    /// `SET name =`, `SET …, name =`
    fn assigns(&self, index: usize) -> bool {
        if !self.is_symbol(index + 1, "=") {
            return false;
        }
        let mut depth = 0_usize;
        for before in (0..index).rev() {
            if self.is_symbol(before, ")") {
                depth += 1;
            } else if self.is_symbol(before, "(") {
                let Some(outer) = depth.checked_sub(1) else {
                    return false;
                };
                depth = outer;
            } else if depth == 0 {
                if self.is(before, "SET") {
                    return before + 1 == index || self.is_symbol(index - 1, ",");
                }
                if ["WHERE", "FROM", "RETURNING", "ON"]
                    .iter()
                    .any(|word| self.is(before, word))
                {
                    return false;
                }
            }
        }
        false
    }

    /// `INSERT INTO t (…, name, …)`
    fn is_listed(&self, index: usize) -> bool {
        let Some(list) = self.insert_list() else {
            return false;
        };
        list.contains(&index)
    }

    /// The tokens between the parentheses of INSERT's list of columns.
    pub(super) fn insert_list(&self) -> Option<std::ops::Range<usize>> {
        if !self.begins(&["INSERT"]) {
            return None;
        }
        let mut at = self.target()?.last + 1;
        if self.is(at, "AS") {
            at += 2;
        }
        if !self.is_symbol(at, "(") || self.is(at + 1, "SELECT") || self.is(at + 1, "VALUES") {
            return None;
        }
        let end = (at..self.source.lexemes.len()).find(|index| self.is_symbol(*index, ")"))?;
        Some(at + 1..end)
    }

    /// A name as PostgreSQL folds it.
    pub(super) fn name(&self, index: usize) -> Option<String> {
        let lexeme = self.lexeme(index)?;
        let text = lexeme.text(self.source.text);
        match lexeme.kind {
            Kind::Word => Some(text.to_lowercase()),
            Kind::QuotedIdentifier => {
                let inner = text.strip_prefix('"')?.strip_suffix('"')?;
                Some(inner.replace("\"\"", "\""))
            }
            _ => None,
        }
    }

    /// A qualified name, its parts joined by dots.
    pub(super) fn joined(&self, chain: Chain) -> String {
        let parts = (chain.first..=chain.last).step_by(2);
        let names: Vec<String> = parts.filter_map(|index| self.name(index)).collect();
        names.join(".")
    }

    /// The byte of the client's text at which a token begins.
    pub(super) fn offset(&self, index: usize) -> usize {
        self.lexeme(index).map_or(0, |lexeme| lexeme.range().start)
    }

    pub(super) fn text(&self) -> &'a str {
        self.source.text
    }

    fn lexeme(&self, index: usize) -> Option<Lexeme> {
        self.source.lexemes.get(index).copied()
    }
}

/// As PostgreSQL takes a numeric constant.
fn type_of_number(digits: &str) -> &'static str {
    match digits.parse::<i64>() {
        Ok(number) if i32::try_from(number).is_ok() => "integer",
        Ok(_) => "bigint",
        Err(_) => "numeric",
    }
}
