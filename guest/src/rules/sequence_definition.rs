//! # What it does
//! Keeps a sequence as a table with a counter, for CREATE, ALTER and DROP SEQUENCE.
//!
//! # Why
//! IRIS has no sequences. A counter of a column gives each session numbers of its own
//! without waiting for the others, and no rollback takes them back, as PostgreSQL's do.
//!
//! # Example
//! `CREATE SEQUENCE s START 10` makes the table `pgiris_sequence."s"`, whose first row
//! says how its counter is read; `nextval('s')` of `sequence_function` uses it.
//!
//! # Limits
//! CYCLE, RENAME TO, SET SCHEMA, temporary sequences and DROP … CASCADE of one that fills a column
//! are refused. OWNED BY is left out with a WARNING: the
//! sequence stays when the table goes. CACHE changes nothing.
//!
//! # Versions
//! All.

use crate::command::Words;
use crate::diagnostic::Diagnosed;
use crate::inner;
use crate::naming;
use crate::reader::statement::Source;
use crate::relations::sequences::table_of;
use crate::relations::{Numbers, TableName};
use crate::rule::{Claim, Rule, Scene};
use crate::rules::if_exists::skipped;
use crate::sequences;
use crate::sequences::options::{Options, Start};
use crate::steps;
use crate::wit::{Argument, Diagnostic, Effect, KeptValue, Plan, RowUse, Statement, Step};

pub(crate) struct SequenceDefinition;

impl Rule for SequenceDefinition {
    fn name(&self) -> &'static str {
        "sequence_definition"
    }

    fn summary(&self) -> &'static str {
        "keeps a sequence as a table with a counter"
    }

    fn claim(&self, source: &Source<'_>, scene: &Scene<'_>) -> Diagnosed<Option<Claim>> {
        let mut words = Words::of(source);
        let context = Context { source, scene };
        if words.take("CREATE") {
            let temporary = ["TEMP", "TEMPORARY"].iter().any(|word| words.take(word));
            if words.take("SEQUENCE") {
                return context.created(words, temporary).map(Some);
            }
        } else if words.take_all(&["ALTER", "SEQUENCE"]) {
            return context.altered(words).map(Some);
        } else if words.take_all(&["DROP", "SEQUENCE"]) {
            return context.dropped(words).map(Some);
        }
        Ok(None)
    }
}

/// A sequence as a statement names it.
struct Named {
    name: TableName,
    /// Without its schema, as PostgreSQL shows it.
    shown: String,
}

struct Context<'a> {
    source: &'a Source<'a>,
    scene: &'a Scene<'a>,
}

impl Context<'_> {
    fn created(&self, mut words: Words<'_>, temporary: bool) -> Diagnosed<Claim> {
        if temporary {
            return Err(words.refuse(
                "a temporary sequence is not supported",
                "create a sequence, and drop it when it is no longer needed",
            ));
        }
        let skips = words.take_all(&["IF", "NOT", "EXISTS"]);
        let named = named(&mut words)?;
        let options = Options::read(&mut words)?;
        let settled = options.of_new()?;
        if let Some(asked) = self.asked(std::slice::from_ref(&named)) {
            return Ok(asked);
        }
        let what = format!("relation \"{}\" already exists", named.shown);
        if self.scene.relations.sequence(&named.name).is_some() {
            if !skips {
                return Err(Diagnostic::error("42P07", what));
            }
            let mut claim = Claim::from(steps::nothing("CREATE SEQUENCE"));
            claim.notices.push(skipped("42P07", &what));
            return Ok(claim);
        }
        let otherwise = Diagnostic::error("42P07", what);
        let made = sequences::made_anew(&named.name, settled, otherwise);
        let mut claim = steps::carried_out(made, "CREATE SEQUENCE", Effect::Schema);
        claim.notices.extend(options.warning());
        Ok(claim)
    }

    fn altered(&self, mut words: Words<'_>) -> Diagnosed<Claim> {
        let skips = words.take_all(&["IF", "EXISTS"]);
        let named = named(&mut words)?;
        let change = Change::read(&mut words)?;
        if let Some(asked) = self.asked(std::slice::from_ref(&named)) {
            return Ok(asked);
        }
        let tag = "ALTER SEQUENCE";
        let Some(numbers) = self.scene.relations.sequence(&named.name) else {
            let what = format!("relation \"{}\" does not exist", named.shown);
            if !skips {
                return Err(Diagnostic::error("42P01", what));
            }
            let mut claim = Claim::from(steps::nothing(tag));
            claim.notices.push(skipped("00000", &what));
            return Ok(claim);
        };
        let table = table_of(&named.name).to_string();
        let (steps, warning) = match change {
            Change::Owner => (
                Vec::new(),
                Some(
                    Diagnostic::warning("01000", "the owner is not changed").with_hint("use GRANT"),
                ),
            ),
            Change::Options(options) => {
                let steps = changed(&table, &options, numbers)?;
                (steps, options.warning())
            }
        };
        let mut claim: Claim = steps::sequence(steps, tag, Effect::Schema).into();
        claim.notices.extend(warning);
        Ok(claim)
    }

    fn dropped(&self, mut words: Words<'_>) -> Diagnosed<Claim> {
        let skips = words.take_all(&["IF", "EXISTS"]);
        let all = naming::list(&mut words, named)?;
        let cascades = words.take("CASCADE");
        if !cascades {
            words.take("RESTRICT");
        }
        words.end()?;
        if let Some(asked) = self.asked_of_dropped(&all) {
            return Ok(asked);
        }
        for named in &all {
            self.refuse_used(named, cascades)?;
        }
        let (mut dropped, mut notices) = (Vec::new(), Vec::new());
        for named in &all {
            if self.scene.relations.sequence(&named.name).is_some() {
                dropped.push(steps::step(format!("DROP TABLE {}", table_of(&named.name))));
                continue;
            }
            let what = format!("sequence \"{}\" does not exist", named.shown);
            if !skips {
                return Err(Diagnostic::error("42P01", what));
            }
            notices.push(skipped("00000", &what));
        }
        let plan = steps::sequence(dropped, "DROP SEQUENCE", Effect::Schema);
        Ok(Claim { plan, notices })
    }

    /// A sequence stays as long as a column is filled from it.
    fn refuse_used(&self, named: &Named, cascades: bool) -> Diagnosed<()> {
        let mut filled = self.scene.relations.filled().iter();
        let Some(column) = filled.find(|column| column.sequence == named.name) else {
            return Ok(());
        };
        let shown = &named.shown;
        if column.is_identity {
            let whole = format!("column {} of table {}", column.name, column.table);
            let message = format!("cannot drop sequence {shown} because {whole} requires it");
            return Err(Diagnostic::error("2BP01", message)
                .with_hint(&format!("You can drop {whole} instead.")));
        }
        if cascades {
            return Err(Diagnostic::not_supported(
                "DROP SEQUENCE … CASCADE of a sequence that fills a column is not supported",
                "IRIS cannot take the default from the column: drop the column, or the table, first",
            ));
        }
        let (name, table) = (&column.name, &column.table);
        let message = format!("cannot drop sequence {shown} because other objects depend on it");
        Err(Diagnostic::error("2BP01", message)
            .with_detail(format!(
                "default value for column {name} of table {table} depends on sequence {shown}"
            ))
            .with_hint("Use DROP ... CASCADE to drop the dependent objects too."))
    }

    /// The question about sequences that are dropped: what they are like, and which columns they
    /// fill.
    fn asked_of_dropped(&self, all: &[Named]) -> Option<Claim> {
        let names: Vec<TableName> = all.iter().map(|named| named.name.clone()).collect();
        let mut queries = self.scene.relations.missing_sequences(&names);
        queries.extend(self.scene.relations.missing_filled());
        if queries.is_empty() {
            return None;
        }
        let lookup = inner::lookup(self.source, self.scene, queries, Vec::new());
        Some(Plan::Lookup(lookup).into())
    }

    /// The question about those that are not known yet.
    fn asked(&self, all: &[Named]) -> Option<Claim> {
        let names: Vec<TableName> = all.iter().map(|named| named.name.clone()).collect();
        let queries = self.scene.relations.missing_sequences(&names);
        if queries.is_empty() {
            return None;
        }
        let lookup = inner::lookup(self.source, self.scene, queries, Vec::new());
        Some(Plan::Lookup(lookup).into())
    }
}

fn named(words: &mut Words<'_>) -> Diagnosed<Named> {
    let first = words.identifier()?;
    if !words.take_symbol(".") {
        return Ok(Named {
            name: TableName::named(None, &first),
            shown: first,
        });
    }
    let own = words.identifier()?;
    Ok(Named {
        name: TableName::named(Some(&first), &own),
        shown: own,
    })
}

/// What ALTER SEQUENCE asks for.
enum Change {
    Options(Options),
    Owner,
}

impl Change {
    fn read(words: &mut Words<'_>) -> Diagnosed<Self> {
        if words.clone().take_all(&["RENAME", "TO"]) {
            return Err(words.refuse(
                "ALTER SEQUENCE … RENAME TO is not supported",
                "create a sequence of that name, and START it where this one is",
            ));
        }
        if words.take_all(&["OWNER", "TO"]) {
            words.identifier()?;
            words.end()?;
            return Ok(Self::Owner);
        }
        if words.clone().take_all(&["SET", "SCHEMA"]) {
            return Err(words.refuse(
                "ALTER SEQUENCE … SET SCHEMA is not supported",
                "create the sequence in the other schema",
            ));
        }
        if words.at_end() {
            return words.fail();
        }
        Options::read(words).map(Self::Options)
    }
}

/// The statements that change a sequence.
fn changed(table: &str, options: &Options, numbers: Numbers) -> Diagnosed<Vec<Step>> {
    let numbers = options.changed(numbers)?;
    // The number that the counter is at.
    let number = || Argument::Kept(KeptValue { slot: 0, column: 0 });
    let mut update = Update::of(table);
    match options.restart {
        Some(Start::Given(value)) => {
            update.set(&[&format!("start_value = {value}")], Vec::new());
            update.set(&["first_n = CAST(", " AS BIGINT) + 1"], vec![number()]);
        }
        Some(Start::Again) => {
            update.set(&["start_value = restart_value"], Vec::new());
            update.set(&["first_n = CAST(", " AS BIGINT) + 1"], vec![number()]);
        }
        None if options.step.is_some() => {
            let value = [
                "start_value = CASE WHEN first_n = CAST(",
                " AS BIGINT) THEN start_value ELSE start_value + step_by * (CAST(",
                " AS BIGINT) - 1 - first_n) END",
            ];
            update.set(&value, vec![number(), number()]);
            let first = [
                "first_n = CASE WHEN first_n = CAST(",
                " AS BIGINT) THEN first_n + 1 ELSE CAST(",
                " AS BIGINT) END",
            ];
            update.set(&first, vec![number(), number()]);
        }
        None => {}
    }
    if let Some(start) = options.start {
        update.set(&[&format!("restart_value = {start}")], Vec::new());
    }
    let settled = format!(
        "step_by = {}, minimum = {}, maximum = {}",
        numbers.step, numbers.minimum, numbers.maximum
    );
    update.set(&[&settled], Vec::new());
    let name = sqlparser::ast::ObjectName::from(vec![sqlparser::ast::Ident::new(table)]);
    let keep = Step {
        rows: RowUse::Keep(0),
        ..steps::step(sequences::number(&name))
    };
    Ok(vec![
        steps::step(sequences::counted(&name)),
        keep,
        update.step(),
        steps::step(sequences::forgotten(&name)),
    ])
}

/// An UPDATE of the row that says how the counter is read.
struct Update(Statement);

impl Update {
    fn of(table: &str) -> Self {
        Self(steps::statement(format!("UPDATE {table} SET ")))
    }

    /// One more assignment: its pieces, and what stands between them.
    fn set(&mut self, pieces: &[&str], arguments: Vec<Argument>) {
        let Self(statement) = self;
        let is_first = statement.pieces.len() == 1
            && statement.pieces.iter().all(|piece| piece.ends_with("SET "));
        for (index, piece) in pieces.iter().enumerate() {
            match statement.pieces.last_mut() {
                Some(last) if index == 0 => {
                    last.push_str(if is_first { "" } else { ", " });
                    last.push_str(piece);
                }
                _ => statement.pieces.push((*piece).to_owned()),
            }
        }
        statement.arguments.extend(arguments);
    }

    fn step(mut self) -> Step {
        if let Some(last) = self.0.pieces.last_mut() {
            last.push_str(" WHERE %ID = 1");
        }
        Step {
            statement: self.0,
            ..steps::step(String::new())
        }
    }
}
