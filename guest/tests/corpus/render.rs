//! Plans as a page shows them.

mod arrangement;

use pgiris_rules::readable;
use pgiris_rules::wit::{
    Access, Argument, Cell, ClockReading, ClockZone, ColumnRule, CopyTransfer, CursorStep,
    Diagnostic, DiscardTarget, InnerStatement, Instruction, Isolation, Moment, Plan, PreparedStep,
    Repetition, RowUse, SettingScope, SettingStep, Step, TransactionMode, TransactionStep,
    Translation,
};

use crate::page::{Block, Case};
use crate::world::World;
use crate::{VERSIONS, request};

pub(crate) fn translations(world: &mut World, case: &Case) -> Result<Vec<Translation>, Diagnostic> {
    let request = request(world.version(), &case.input, &case.settings);
    world.translations(&request)
}

/// The blocks of a case: once if all versions agree, else once for each run of
/// versions that do.
pub(crate) fn results(worlds: &mut [World], case: &Case) -> Vec<Block> {
    let of: Vec<Vec<Block>> = worlds.iter_mut().map(|world| blocks(world, case)).collect();
    if of.iter().all(|blocks| *blocks == of[0]) {
        return of.into_iter().next().unwrap();
    }
    let mut runs: Vec<(String, Vec<Block>)> = Vec::new();
    for (version, blocks) in VERSIONS.iter().zip(of) {
        let name = version.name().trim_start_matches("iris-");
        match runs.last_mut() {
            Some((names, same)) if *same == blocks => names.push_str(&format!(" {name}")),
            _ => runs.push((name.to_owned(), blocks)),
        }
    }
    let named = runs.into_iter().flat_map(|(names, blocks)| {
        blocks.into_iter().map(move |block| Block {
            info: format!("{} {names}", block.info),
            ..block
        })
    });
    named.collect()
}

fn blocks(world: &mut World, case: &Case) -> Vec<Block> {
    let shown = |kind: &str| {
        case.results
            .iter()
            .any(|block| block.info.split(' ').next() == Some(kind))
    };
    let mut blocks = Vec::new();
    let mut add = |info: &str, body: String| {
        blocks.push(Block {
            info: info.to_owned(),
            body,
        })
    };
    match translations(world, case) {
        Err(error) => add("refusal", diagnostic(&error)),
        Ok(translations) => {
            for translation in translations {
                for notice in &translation.notices {
                    add("notice", diagnostic(notice));
                }
                match &translation.plan {
                    Plan::Forward(forward) => {
                        add("sql iris", readable(&forward.statement));
                        if shown("columns") {
                            add("columns", columns(&forward.columns));
                        }
                        if shown("origins") {
                            add("origins", origins(&forward.columns));
                        }
                        if shown("parameters") {
                            add("parameters", format!("{:?}", forward.parameters));
                        }
                    }
                    Plan::Refuse(refusal) => add("refusal", diagnostic(refusal)),
                    other => add("plan", plan(other)),
                }
            }
        }
    }
    blocks
}

fn diagnostic(diagnostic: &Diagnostic) -> String {
    let mut lines = vec![format!("{}: {}", diagnostic.sqlstate, diagnostic.message)];
    lines.extend(
        diagnostic
            .detail
            .iter()
            .map(|detail| format!("detail: {detail}")),
    );
    lines.extend(diagnostic.hint.iter().map(|hint| format!("hint: {hint}")));
    lines.extend(
        diagnostic
            .position
            .iter()
            .map(|position| format!("position: {position}")),
    );
    lines.join("\n")
}

fn columns(columns: &[ColumnRule]) -> String {
    let columns = columns.iter().map(|column| match column {
        ColumnRule::Rest => "*".to_owned(),
        ColumnRule::One(change) => {
            let type_oid = change
                .type_oid
                .map_or(String::new(), |oid| format!(": {oid}"));
            format!(
                "{}{type_oid}",
                change.label.as_deref().unwrap_or("(as described)")
            )
        }
    });
    columns.collect::<Vec<_>>().join("\n")
}

/// Of each column its number in the table that it is a column of.
fn origins(columns: &[ColumnRule]) -> String {
    let columns = columns.iter().map(|column| match column {
        ColumnRule::Rest => "*".to_owned(),
        ColumnRule::One(change) => change.origin.map_or("none".to_owned(), |origin| {
            format!("column {}", origin.number)
        }),
    });
    columns.collect::<Vec<_>>().join("\n")
}

fn begin(mode: TransactionMode) -> String {
    let isolation = match mode.isolation {
        Isolation::ReadUncommitted => "read uncommitted",
        Isolation::ReadCommitted => "read committed",
        Isolation::RepeatableRead => "repeatable read",
        Isolation::Serializable => "serializable",
    };
    let access = if mode.access == Access::ReadOnly {
        "read only"
    } else {
        "read write"
    };
    format!("begin, {isolation}, {access}")
}

fn plan(plan: &Plan) -> String {
    match plan {
        Plan::Empty => "empty".to_owned(),
        Plan::Transaction(transaction) => {
            let step = match &transaction.step {
                TransactionStep::Begin(mode) => begin(*mode),
                TransactionStep::Commit(chain) => format!("commit, chain {chain}"),
                TransactionStep::Rollback(chain) => format!("rollback, chain {chain}"),
                TransactionStep::Savepoint(name) => format!("savepoint {name}"),
                TransactionStep::RollbackTo(name) => format!("rollback to {name}"),
                TransactionStep::Release(name) => format!("release {name}"),
            };
            let commands = transaction
                .commands
                .iter()
                .map(|command| format!("\n  {}", command.join("…")));
            format!(
                "{step}\n  tag {}{}",
                transaction.tag.word,
                commands.collect::<String>()
            )
        }
        Plan::Setting(setting) => {
            let step = match &setting.step {
                SettingStep::Set(change) => {
                    let scope = if change.scope == SettingScope::Transaction {
                        " local"
                    } else {
                        ""
                    };
                    format!(
                        "set{scope} {} to {}",
                        change.name,
                        change.value.as_deref().unwrap_or("(default)")
                    )
                }
                SettingStep::Show(name) => format!("show {name}"),
                SettingStep::ShowAll => "show all".to_owned(),
                SettingStep::Reset(name) => format!("reset {name}"),
                SettingStep::ResetAll => "reset all".to_owned(),
                SettingStep::Discard(target) => match target {
                    DiscardTarget::All => "discard all",
                    DiscardTarget::Plans => "discard plans",
                    DiscardTarget::Sequences => "discard sequences",
                    DiscardTarget::Temporary => "discard temporary",
                }
                .to_owned(),
            };
            format!("{step}\n  tag {}", setting.tag.word)
        }
        Plan::Catalog(query) => {
            let columns = query.columns.iter();
            let columns = columns.map(|column| format!("{}: {}", column.label, column.type_oid));
            format!(
                "catalogue query, columns {}",
                columns.collect::<Vec<_>>().join(", ")
            )
        }
        Plan::Answer(answer) => {
            let cells = answer.rows[0]
                .iter()
                .zip(&answer.columns)
                .map(|(cell, column)| {
                    let value = match cell {
                        Cell::Null => "NULL".to_owned(),
                        Cell::Text(text) => format!("'{text}'"),
                        Cell::Setting(name) => format!("the setting {name}"),
                        Cell::OptionalSetting(name) => format!("the setting {name}, or NULL"),
                        Cell::ChangedSetting(change) => {
                            format!(
                                "the setting {}, set to {:?} for the {:?}",
                                change.name, change.value, change.scope
                            )
                        }
                        Cell::BackendPid => "the process id".to_owned(),
                        Cell::Slept(seconds) => {
                            format!("a pause of {}", values(std::slice::from_ref(seconds)))
                        }
                        Cell::AdvisoryLock(lock) => format!(
                            "{:?} {}{}{}",
                            lock.action,
                            values(&lock.key),
                            if lock.shared { ", shared" } else { "" },
                            if lock.of_transaction {
                                ", of the transaction"
                            } else {
                                ""
                            }
                        ),
                    };
                    format!("{}: {} = {value}", column.label, column.type_oid)
                });
            cells.collect::<Vec<_>>().join("\n")
        }
        Plan::Prepared(prepared) => {
            let step = match &prepared.step {
                PreparedStep::Prepare(preparation) => format!(
                    "prepare {} {:?} as {}",
                    preparation.name, preparation.parameter_types, preparation.text
                ),
                PreparedStep::Execute(execution) => {
                    format!("execute {} {:?}", execution.name, execution.values)
                }
                PreparedStep::Deallocate(name) => format!("deallocate {name}"),
                PreparedStep::DeallocateAll => "deallocate all".to_owned(),
            };
            format!("{step}\n  tag {}", prepared.tag.word)
        }
        Plan::Sequence(sequence) => {
            let steps: Vec<String> = sequence.steps.iter().map(step).collect();
            steps.join("\n")
        }
        Plan::Cursor(cursor) => {
            let step = match &cursor.step {
                CursorStep::Declare(cursor) => format!(
                    "declare {} {:?} {:?}{} for {}",
                    cursor.name,
                    cursor.hold,
                    cursor.scroll,
                    if cursor.binary { " binary" } else { "" },
                    inner(&cursor.query)
                ),
                CursorStep::Fetch(fetch) => {
                    let verb = if fetch.discard { "move" } else { "fetch" };
                    format!("{verb} {:?} from {}", fetch.direction, fetch.name)
                }
                CursorStep::Close(name) => format!("close {name}"),
                CursorStep::CloseAll => "close all".to_owned(),
            };
            format!("{step}\n  tag {}", cursor.tag.word)
        }
        Plan::Copy(plan) => copy(plan),
        other => format!("{other:?}"),
    }
}

fn copy(copy: &CopyTransfer) -> String {
    let names: Vec<&str> = copy
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    let mut text = format!(
        "{:?} {names:?}\n  by {}\n  as {:?}",
        copy.direction,
        inner(&copy.statement),
        copy.format
    );
    if let Some(encoding) = &copy.encoding {
        text.push_str(&format!("\n  in {:?}", encoding.name));
    }
    if let Some(instructions) = &copy.kept_if {
        text.push_str(&format!("\n  kept if {}", computation(instructions)));
    }
    if let Some(defaults) = &copy.defaults {
        let of_columns: Vec<_> = copy.columns.iter().map(|column| &column.default).collect();
        text.push_str(&format!(
            "\n  defaults for {:?}: {of_columns:?}",
            defaults.marker
        ));
        text.push_str(&format!(
            "\n  by {}…{}…{} or {}",
            defaults.opening, defaults.between, defaults.closing, defaults.empty
        ));
    }
    text
}

/// Instructions in order, as a stack machine takes them.
fn computation(instructions: &[Instruction]) -> String {
    let words: Vec<String> = instructions
        .iter()
        .map(|instruction| match instruction {
            Instruction::Column(number) => format!("column {number}"),
            Instruction::Parameter(number) => format!("${number}"),
            Instruction::Constant(None) => "null".to_owned(),
            Instruction::Constant(Some(text)) => format!("'{text}'"),
            Instruction::Call(call) => match call.operand_type {
                0 => format!("{:?}", call.function),
                type_oid => format!("{:?} of {type_oid}", call.function),
            },
            Instruction::Scalar(call) => call.name.clone(),
            Instruction::SkipUnless(count) => format!("skip {count} unless"),
            Instruction::Skip(count) => format!("skip {count}"),
        })
        .collect();
    words.join(", ")
}

/// A statement within another, and where it stands.
fn inner(statement: &InnerStatement) -> String {
    match statement.offset {
        Some(offset) => format!("[at {offset}] {}", statement.text),
        None => statement.text.clone(),
    }
}

/// A step: what it runs on, its statement, what becomes of its rows.
fn step(step: &Step) -> String {
    let mut text = match &step.repetition {
        Repetition::Once => String::new(),
        Repetition::ForValues(lists) => {
            let lists: Vec<String> = lists.iter().map(|list| values(list)).collect();
            format!("for each of {}: ", lists.join(", "))
        }
        Repetition::AtEnd => "at the end of the transaction: ".to_owned(),
        Repetition::ForEach(slot) => format!("for each row of {slot}: "),
        Repetition::IfAny(slot) => format!("if {slot} has rows: "),
        Repetition::IfNone(slot) => format!("if {slot} has no rows: "),
        Repetition::AfterEach => "behind each: ".to_owned(),
        Repetition::IfTolerated(number) => format!("if step {number} met an error: "),
        Repetition::UnlessTolerated(number) => format!("if step {number} met no error: "),
    };
    text.push_str(&readable(&step.statement));
    for line in step.arrangement.iter().flat_map(arrangement::lines) {
        text.push_str(&format!("\n  {line}"));
    }
    match &step.rows {
        RowUse::Discard => {}
        RowUse::Emit => text.push_str("\n  rows: result"),
        RowUse::Keep(slot) => text.push_str(&format!("\n  rows: kept in {slot}")),
        RowUse::KeepCurrent(kept) => text.push_str(&format!(
            "\n  rows: kept in {}, current of {}",
            kept.slot, kept.name
        )),
        RowUse::KeepFirst(slot) => {
            text.push_str(&format!("\n  rows: kept in {slot}, the first of each"));
        }
    }
    if step.counted {
        text.push_str("\n  counted");
    }
    if !step.tolerated.is_empty() {
        text.push_str(&format!("\n  tolerates: {:?}", step.tolerated));
    }
    if let Some(error) = &step.if_empty {
        text.push_str(&format!(
            "\n  without rows: {}: {}",
            error.sqlstate, error.message
        ));
    }
    if let Some(error) = &step.if_repeated {
        text.push_str(&format!(
            "\n  if a row repeats: {}: {}",
            error.sqlstate, error.message
        ));
    }
    if let Some(number) = step.only_tolerated {
        text.push_str(&format!("\n  only where step {number} met an error"));
    }
    text
}

fn values(list: &[Argument]) -> String {
    let values: Vec<String> = list
        .iter()
        .map(|argument| match argument {
            Argument::Parameter(number) => format!("${number}"),
            Argument::Constant(constant) => constant
                .value
                .as_ref()
                .map_or("NULL".to_owned(), |value| format!("'{value}'")),
            Argument::Computed(computed) => computation(&computed.instructions),
            Argument::Elements(number) => format!("elements of ${number}"),
            Argument::Limit(number) | Argument::Offset(number) => format!("${number}"),
            Argument::CurrentValue(name) => match name {
                Some(name) => format!("current value of {name}"),
                None => "last value of a sequence".to_owned(),
            },
            Argument::Clock(reading) => clock(reading),
            Argument::Kept(kept) => format!("{}.{}", kept.slot, kept.column),
            Argument::AllKept(kept) => format!("all {}.{}", kept.slot, kept.column),
        })
        .collect();
    format!("({})", values.join(", "))
}

fn clock(reading: &ClockReading) -> String {
    let moment = match reading.moment {
        Moment::Transaction => "start of transaction",
        Moment::Statement => "start of statement",
    };
    let zone = match &reading.zone {
        ClockZone::Utc => "UTC",
        ClockZone::Session => "local",
        ClockZone::Named(name) => name,
    };
    let (months, days) = (reading.months, reading.days);
    let moved = match (months, days) {
        (0, 0) => String::new(),
        _ => format!(", {months} months and {days} days later"),
    };
    let cut = match reading.cut {
        None => String::new(),
        Some(unit) => format!(", cut to the {unit:?}"),
    };
    format!(
        "{moment} ({zone}, {} decimals{moved}{cut})",
        reading.decimals
    )
}
