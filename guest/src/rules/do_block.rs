//! # What it does
//! Carries out the one statement of a DO block, and does nothing where it meets an error that the
//! block's handler names.
//!
//! # Why
//! IRIS has no blocks without a name. Clients write such a one around a definition that may be there
//! already, where PostgreSQL has no IF NOT EXISTS.
//!
//! # Example
//! `DO $$ BEGIN CREATE TYPE mood AS ENUM ('ok'); EXCEPTION WHEN duplicate_object THEN null; END $$` makes
//! the type, or nothing if there is one of that name.
//!
//! # Limits
//! One statement that defines or writes something, and handlers that do nothing, for conditions by
//! name or SQLSTATE. Everything else of PL/pgSQL is refused. A statement that becomes several is forgiven an
//! error of the first of them alone.
//!
//! # Versions
//! All.

use crate::classify::plain;
use crate::command::Words;
use crate::diagnostic::Diagnosed;
use crate::map_error::codes_of;
use crate::reader::lexer::lex;
use crate::reader::statement::{Source, split};
use crate::rule::Rule;
use crate::steps;
use crate::wit::{Diagnostic, Effect, Lookup, Plan, Repetition, Sequence, Step};

pub(crate) struct DoBlock;

impl Rule for DoBlock {
    fn name(&self) -> &'static str {
        "do_block"
    }

    fn summary(&self) -> &'static str {
        "carries out the one statement of a DO block, unless a handler forgives it"
    }
}

/// What such a block says.
pub(crate) struct Block {
    /// What stands between BEGIN and END.
    pub(crate) statement: String,
    /// The SQLSTATEs of its handlers.
    caught: Vec<String>,
}

/// Conditions of PL/pgSQL that a definition, or an INSERT of what is there already, meets.
/// PostgreSQL manual, "PostgreSQL Error Codes".
const CONDITIONS: &[(&str, &str)] = &[
    ("duplicate_alias", "42712"),
    ("duplicate_column", "42701"),
    ("duplicate_database", "42P04"),
    ("duplicate_function", "42723"),
    ("duplicate_object", "42710"),
    ("duplicate_schema", "42P06"),
    ("duplicate_table", "42P07"),
    ("foreign_key_violation", "23503"),
    ("insufficient_privilege", "42501"),
    ("invalid_schema_name", "3F000"),
    ("invalid_table_definition", "42P16"),
    ("not_null_violation", "23502"),
    ("undefined_column", "42703"),
    ("undefined_function", "42883"),
    ("undefined_object", "42704"),
    ("undefined_table", "42P01"),
    ("unique_violation", "23505"),
];

/// What begins a statement of SQL that gives no rows; all others are PL/pgSQL's.
const STATEMENTS: &[&str] = &[
    "ALTER", "COMMENT", "CREATE", "DELETE", "DROP", "GRANT", "INSERT", "REVOKE", "TRUNCATE",
    "UPDATE",
];

impl Block {
    /// None if the statement is no DO block of this form.
    pub(crate) fn of(source: &Source<'_>) -> Option<Self> {
        let mut words = Words::of(source);
        if !words.take("DO") {
            return None;
        }
        language(&mut words)?;
        let body = words.string().ok()??;
        language(&mut words)?;
        words.at_end().then_some(())?;
        Self::read(&body)
    }

    /// `BEGIN statement; [EXCEPTION WHEN … THEN NULL; …] END`
    fn read(body: &str) -> Option<Self> {
        let tokens = lex(body).ok()?;
        let sources = split(&tokens);
        let (first, others) = sources.split_first()?;
        if !first.begins(&["BEGIN"]) {
            return None;
        }
        let statement = first.from(1);
        let text = body
            .get(statement.range())
            .filter(|text| !text.is_empty())?;
        let is_sql = STATEMENTS.iter().any(|word| statement.begins(&[word]));
        let mut caught = Vec::new();
        let (mut handles, mut ended) = (false, false);
        for (place, source) in others.iter().enumerate() {
            let mut words = Words::of(source);
            if ended {
                return None;
            }
            if place == 0 && words.take("EXCEPTION") {
                handles = true;
                words.next_is("WHEN").then_some(())?;
            }
            while handles && words.take("WHEN") {
                caught.extend(conditions(&mut words)?);
                words.take("NULL");
            }
            ended = words.take("END");
            words.at_end().then_some(())?;
        }
        (ended && is_sql).then(|| Self {
            statement: text.to_owned(),
            caught,
        })
    }

    /// Whether a handler does nothing about an error.
    pub(crate) fn forgives(&self, error: &Diagnostic) -> bool {
        self.caught.contains(&error.sqlstate)
    }

    /// The plan of the block, from that of its statement. `whole` is what is asked when a question about
    /// tables has been answered.
    pub(crate) fn plan(&self, plan: Plan, whole: Lookup) -> Diagnosed<Plan> {
        match plan {
            Plan::Lookup(lookup) => Ok(Plan::Lookup(Lookup {
                queries: lookup.queries,
                temporary: lookup.temporary,
                ..whole
            })),
            Plan::Refuse(refusal) if self.forgives(&refusal) => Ok(steps::nothing("DO")),
            Plan::Refuse(refusal) => Ok(Plan::Refuse(refusal)),
            Plan::Forward(forward) if forward.effect != Effect::Read => {
                let step = Step {
                    tolerated: self.tolerated(),
                    ..steps::run(forward.statement)
                };
                Ok(Plan::Sequence(Sequence {
                    steps: vec![step],
                    parameters: forward.parameters,
                    columns: Vec::new(),
                    tag: plain("DO"),
                    effect: forward.effect,
                    required: forward.required,
                    temporary: Vec::new(),
                }))
            }
            Plan::Sequence(mut sequence) if sequence.columns.is_empty() => {
                self.forgive_first(&mut sequence.steps);
                for step in &mut sequence.steps {
                    step.counted = false;
                }
                sequence.tag = plain("DO");
                Ok(Plan::Sequence(sequence))
            }
            _ => Err(Diagnostic::not_supported(
                "DO with a statement of this kind is not supported",
                "run the statement by itself",
            )),
        }
    }

    /// The SQLCODEs that a handler forgives.
    fn tolerated(&self) -> Vec<i32> {
        let caught = self.caught.iter();
        let mut codes: Vec<i32> = caught.flat_map(|sqlstate| codes_of(sqlstate)).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// The steps behind one that did nothing do nothing either.
    fn forgive_first(&self, steps: &mut [Step]) {
        let is_plain =
            |step: &Step| step.repetition == Repetition::Once && step.tolerated.is_empty();
        let Some((first, others)) = steps.split_first_mut() else {
            return;
        };
        let tolerated = self.tolerated();
        if tolerated.is_empty() || !is_plain(first) || !others.iter().all(is_plain) {
            return;
        }
        first.tolerated = tolerated;
        for step in others {
            step.repetition = Repetition::UnlessTolerated(0);
        }
    }
}

/// `LANGUAGE plpgsql`, if it stands there; none if it is another.
fn language(words: &mut Words<'_>) -> Option<()> {
    if !words.take("LANGUAGE") {
        return Some(());
    }
    let named = match words.string().ok()? {
        Some(name) => name,
        None => words.identifier().ok()?,
    };
    (named == "plpgsql").then_some(())
}

/// `unique_violation OR SQLSTATE '42710' THEN`
fn conditions(words: &mut Words<'_>) -> Option<Vec<String>> {
    let mut caught = Vec::new();
    loop {
        caught.push(if words.take("SQLSTATE") {
            words.string().ok()??
        } else {
            let name = words.identifier().ok()?;
            let known = CONDITIONS.iter().find(|(known, _)| *known == name)?;
            known.1.to_owned()
        });
        if !words.take("OR") {
            return words.take("THEN").then_some(caught);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Block;

    fn read(body: &str) -> Option<(String, Vec<String>)> {
        Block::read(body).map(|block| (block.statement, block.caught))
    }

    #[test]
    fn one_statement_and_handlers_that_do_nothing() {
        let caught = |states: &[&str]| states.iter().map(|one| (*one).to_owned()).collect();
        for (body, statement, states) in [
            (
                "BEGIN CREATE TABLE t (a int); END",
                "CREATE TABLE t (a int)",
                &[] as &[&str],
            ),
            (
                "begin\n  create table t (a int);\nexception when duplicate_table or duplicate_object then null;\nend;",
                "create table t (a int)",
                &["42P07", "42710"],
            ),
            (
                "BEGIN DROP TABLE t; EXCEPTION WHEN SQLSTATE '42P01' THEN NULL; WHEN undefined_object THEN END",
                "DROP TABLE t",
                &["42P01", "42704"],
            ),
        ] {
            assert_eq!(
                read(body),
                Some((statement.to_owned(), caught(states))),
                "{body}"
            );
        }
        for body in [
            "",
            "BEGIN END",
            "BEGIN NULL",
            "BEGIN NULL; END",
            "BEGIN DROP TABLE t; WHEN undefined_table THEN NULL; END",
            "DECLARE a int; BEGIN DROP TABLE t; END",
            "BEGIN DROP TABLE t; DROP TABLE u; END",
            "BEGIN DROP TABLE t; EXCEPTION WHEN undefined_table THEN RAISE; END",
            "BEGIN DROP TABLE t; EXCEPTION WHEN others THEN NULL; END",
            "BEGIN DROP TABLE t; EXCEPTION END",
        ] {
            assert_eq!(read(body), None, "{body}");
        }
    }
}
