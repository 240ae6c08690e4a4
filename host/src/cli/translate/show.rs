//! A plan as `pgiris translate` writes it: what goes to IRIS as it is, all else as comments.

mod arrangement;

use pgiris::Diagnostic;
use pgiris::rules::{Plan, Translation, wit, wit_plan};

use wit_plan::{
    Access, AdvisoryAction, AdvisoryLock, Argument, Cell, Command, CopyDirection, CopyFormat,
    CursorDirection, CursorStep, DiscardTarget, Instruction, Isolation, Moment, PreparedStep,
    Repetition, RowUse, SettingScope, SettingStep, TransactionStep,
};

/// The kind of plan, what the client is told, and rule by rule what changed.
pub(in crate::cli) fn heading(translation: &Translation, rules: &[wit::Rule]) -> Vec<String> {
    let mut lines = vec![format!("-- plan: {}", kind(&translation.plan))];
    lines.extend(translation.notices.iter().flat_map(diagnostic));
    for applied in &translation.applied {
        let summary =
            summary(rules, &applied.rule).map_or(String::new(), |summary| format!(" ({summary})"));
        let colon = if applied.after.is_some() { ":" } else { "" };
        lines.push(format!("-- rule {}{summary}{colon}", applied.rule));
        let after = applied.after.iter().flat_map(|after| after.lines());
        lines.extend(after.map(|line| format!("--     {line}")));
    }
    lines
}

/// What a rule does, in its component's own words.
pub(in crate::cli) fn summary<'a>(rules: &'a [wit::Rule], name: &str) -> Option<&'a str> {
    let rule = rules.iter().find(|rule| rule.name == name)?;
    Some(&rule.summary)
}

/// The name of the case, and what it means.
pub(in crate::cli) fn kind(plan: &Plan) -> String {
    let meaning = match plan {
        Plan::Forward(forward) if forward.verbatim => {
            "one statement for IRIS, not understood, passed on as it is"
        }
        Plan::Forward(_) => "one statement for IRIS",
        Plan::Sequence(_) => "statements for IRIS, all or none",
        Plan::Answer(_) => "answered without IRIS",
        Plan::Catalog(_) => "answered from what IRIS says of its tables",
        Plan::Lookup(_) => "tables are looked up first",
        Plan::Transaction(_) | Plan::Setting(_) => "kept by the broker",
        Plan::Copy(_) | Plan::Cursor(_) | Plan::Prepared(_) => "carried out by the broker",
        Plan::Refuse(_) => "an error for the client",
        Plan::Empty => "nothing to do",
        Plan::Console(_) => "for the admin console",
    };
    format!("{} ({meaning})", plan.name())
}

/// A notice or an error, as psql shows it.
pub(in crate::cli) fn diagnostic(diagnostic: &Diagnostic) -> Vec<String> {
    let mut lines = vec![format!(
        "-- {}: {} ({})",
        diagnostic.severity.as_str().to_lowercase(),
        diagnostic.message,
        diagnostic.sqlstate
    )];
    let more = [
        ("detail", diagnostic.detail.clone()),
        ("hint", diagnostic.hint.clone()),
        ("position", diagnostic.position.map(|at| at.to_string())),
    ];
    let said = more
        .into_iter()
        .filter_map(|(name, text)| Some(format!("-- {name}: {}", text?)));
    lines.extend(said);
    lines
}

/// What is carried out.
pub(in crate::cli) fn plan(plan: &Plan) -> Vec<String> {
    match plan {
        Plan::Empty | Plan::Lookup(_) | Plan::Console(_) => Vec::new(),
        Plan::Forward(forward) => statement(&forward.statement.pieces, &forward.arguments),
        Plan::Answer(answer) => rows(answer),
        Plan::Sequence(sequence) => {
            let steps = sequence.steps.iter().enumerate();
            steps
                .flat_map(|(index, step)| self::step(index, step))
                .collect()
        }
        Plan::Catalog(query) => vec![format!("-- columns: {}", labels(&query.columns))],
        Plan::Transaction(plan) => {
            let lines = vec![format!("-- {}", transaction(&plan.step))];
            lines.into_iter().chain(commands(&plan.commands)).collect()
        }
        Plan::Setting(plan) => {
            let lines = vec![format!("-- {}", setting(&plan.step))];
            lines.into_iter().chain(commands(&plan.commands)).collect()
        }
        Plan::Refuse(refusal) => diagnostic(refusal),
        Plan::Copy(plan) => vec![copy(plan)],
        Plan::Cursor(plan) => vec![format!("-- {}", cursor(&plan.step))],
        Plan::Prepared(plan) => vec![format!("-- {}", prepared(&plan.step))],
    }
}

/// The statement within a plan that is translated when the plan is carried out.
pub(in crate::cli) fn inner(plan: &Plan) -> Option<&str> {
    match plan {
        Plan::Copy(plan) => Some(&plan.statement.text),
        Plan::Cursor(plan) => match &plan.step {
            CursorStep::Declare(cursor) => Some(&cursor.query.text),
            _ => None,
        },
        Plan::Prepared(plan) => match &plan.step {
            PreparedStep::Prepare(preparation) => Some(&preparation.text),
            _ => None,
        },
        _ => None,
    }
}

/// Prints lines so many levels in.
pub(in crate::cli) fn indented(depth: usize, lines: &[String]) {
    for line in lines.iter().flat_map(|line| line.lines()) {
        println!("{}{line}", "    ".repeat(depth));
    }
}

fn statement(pieces: &[String], arguments: &[Argument]) -> Vec<String> {
    let mut lines = vec![pieces.join("?")];
    if !arguments.is_empty() {
        let values: Vec<String> = arguments.iter().map(argument).collect();
        lines.push(format!(
            "-- values of the placeholders: {}",
            values.join(", ")
        ));
    }
    lines
}

fn step(index: usize, step: &pgiris::rules::Step) -> Vec<String> {
    let mut lines = vec![format!(
        "-- step {}{}",
        index + 1,
        repetition(&step.repetition)
    )];
    let arguments: &[Argument] = match step.repetition {
        // They are those of each row.
        Repetition::ForValues(_) => &[],
        _ => &step.arguments,
    };
    lines.extend(statement(&step.statement.pieces, arguments));
    lines.extend(step.arrangement.iter().flat_map(arrangement::lines));
    match step.rows {
        RowUse::Discard => {}
        RowUse::Emit => lines.push("-- its rows are the result".to_owned()),
        RowUse::Keep(slot) => lines.push(format!("-- its rows are kept as {}", slot_name(slot))),
        RowUse::KeepFirst(slot) => lines.push(format!(
            "-- the first row of each run is kept in {}",
            slot_name(slot)
        )),
        RowUse::KeepCurrent(ref kept) => lines.push(format!(
            "-- its rows are kept as {}, the current value of {}",
            slot_name(kept.slot),
            kept.name
        )),
    }
    if step.counted {
        lines.push("-- its rows are counted".to_owned());
    }
    if !step.tolerated.is_empty() {
        let codes: Vec<String> = step.tolerated.iter().map(ToString::to_string).collect();
        lines.push(format!("-- goes on after SQLCODE {}", codes.join(", ")));
    }
    if let Some(number) = step.only_tolerated {
        let number = number + 1;
        lines.push(format!(
            "-- only for runs that met such an error in step {number}"
        ));
    }
    if step.kept_if.is_some() {
        lines.push("-- the broker chooses among its rows".to_owned());
    }
    for column in &step.computed {
        let number = column.number + 1;
        lines.push(format!("-- the broker computes value {number} of its rows"));
    }
    for (when, error) in [
        ("no row", &step.if_empty),
        ("the same row twice", &step.if_repeated),
    ] {
        let said = error
            .iter()
            .map(|error| format!("-- {when}: error: {} ({})", error.message, error.sqlstate));
        lines.extend(said);
    }
    lines
}

fn repetition(repetition: &Repetition) -> String {
    match repetition {
        Repetition::Once => String::new(),
        Repetition::ForValues(lists) => {
            let lists: Vec<String> = lists.iter().map(|list| values(list)).collect();
            format!(", for each row of {}", lists.join(", "))
        }
        Repetition::AtEnd => ", at the end of the transaction".to_owned(),
        Repetition::ForEach(slot) => format!(", for each row of {}", slot_name(*slot)),
        Repetition::IfAny(slot) => format!(", if {} has rows", slot_name(*slot)),
        Repetition::IfNone(slot) => format!(", if {} has no rows", slot_name(*slot)),
        Repetition::AfterEach => ", behind each run of the one before".to_owned(),
        Repetition::IfTolerated(number) => format!(", if step {} met an error", number + 1),
        Repetition::UnlessTolerated(number) => format!(", if step {} met no error", number + 1),
    }
}

fn slot_name(slot: u32) -> String {
    format!("rows {}", slot + 1)
}

fn values(list: &[Argument]) -> String {
    let values: Vec<String> = list.iter().map(argument).collect();
    format!("({})", values.join(", "))
}

fn argument(argument: &Argument) -> String {
    match argument {
        Argument::Parameter(number) | Argument::Limit(number) | Argument::Offset(number) => {
            format!("${number}")
        }
        Argument::Elements(number) => format!("elements of ${number}"),
        Argument::Constant(constant) => literal(constant.value.as_deref()),
        Argument::Computed(computed) => computed_value(&computed.instructions),
        Argument::Kept(kept) => {
            format!("column {} of {}", kept.column + 1, slot_name(kept.slot))
        }
        Argument::AllKept(kept) => {
            format!("column {} of all {}", kept.column + 1, slot_name(kept.slot))
        }
        Argument::Clock(reading) => match reading.moment {
            Moment::Transaction => "the start of the transaction".to_owned(),
            Moment::Statement => "when the message came".to_owned(),
        },
        Argument::CurrentValue(Some(name)) => format!("the current value of {name}"),
        Argument::CurrentValue(None) => "the last value of a sequence".to_owned(),
    }
}

/// The calls that a value comes of, the first one first.
fn computed_value(instructions: &[Instruction]) -> String {
    let calls: Vec<String> = instructions.iter().filter_map(call).collect();
    format!("the value of {}", calls.join(", "))
}

fn call(instruction: &Instruction) -> Option<String> {
    match instruction {
        Instruction::Scalar(call) => Some(call.name.clone()),
        Instruction::Call(call) => Some(format!("{:?}", call.function).to_lowercase()),
        _ => None,
    }
}

fn literal(value: Option<&str>) -> String {
    value.map_or_else(
        || "NULL".to_owned(),
        |value| format!("'{}'", value.replace('\'', "''")),
    )
}

fn labels(columns: &[wit_plan::Column]) -> String {
    let labels: Vec<&str> = columns.iter().map(|column| column.label.as_str()).collect();
    labels.join(", ")
}

fn rows(answer: &wit_plan::Answer) -> Vec<String> {
    let mut lines = vec![format!("-- columns: {}", labels(&answer.columns))];
    for row in &answer.rows {
        let cells: Vec<String> = row.iter().map(cell).collect();
        lines.push(format!("-- row: {}", cells.join(", ")));
    }
    lines
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Null => "NULL".to_owned(),
        Cell::Text(text) => literal(Some(text)),
        Cell::Setting(name) => format!("the setting {name}"),
        Cell::OptionalSetting(name) => format!("the setting {name}, or NULL"),
        Cell::ChangedSetting(change) => format!(
            "the setting {}, set to {}",
            change.name,
            change.value.as_deref().unwrap_or("its default")
        ),
        Cell::BackendPid => "the process id".to_owned(),
        Cell::Slept(seconds) => format!("a pause of {} seconds", argument(seconds)),
        Cell::AdvisoryLock(call) => advisory_lock(call),
    }
}

fn advisory_lock(call: &AdvisoryLock) -> String {
    let action = match call.action {
        AdvisoryAction::Lock => "waits for",
        AdvisoryAction::TryLock => "tries to get",
        AdvisoryAction::Unlock => "gives back",
        AdvisoryAction::UnlockAll => return "gives back all advisory locks".to_owned(),
    };
    let key: Vec<String> = call.key.iter().map(argument).collect();
    let shared = if call.shared { "shared " } else { "" };
    let until = if call.of_transaction {
        " until the end of the transaction"
    } else {
        ""
    };
    format!(
        "{action} the {shared}advisory lock {}{until}",
        key.join(", ")
    )
}

/// Where the broker puts an identifier of its own, the output says so.
fn commands(commands: &[Command]) -> impl Iterator<Item = String> + '_ {
    commands.iter().map(|command| command.join("<savepoint>"))
}

fn transaction(step: &TransactionStep) -> String {
    match step {
        TransactionStep::Begin(mode) => {
            let isolation = match mode.isolation {
                Isolation::ReadUncommitted => "read uncommitted",
                Isolation::ReadCommitted => "read committed",
                Isolation::RepeatableRead => "repeatable read",
                Isolation::Serializable => "serializable",
            };
            let access = match mode.access {
                Access::ReadWrite => "read write",
                Access::ReadOnly => "read only",
            };
            format!("begin, {isolation}, {access}")
        }
        TransactionStep::Commit(chain) => format!("commit{}", chained(*chain)),
        TransactionStep::Rollback(chain) => format!("rollback{}", chained(*chain)),
        TransactionStep::Savepoint(name) => format!("savepoint {name}"),
        TransactionStep::RollbackTo(name) => format!("roll back to {name}"),
        TransactionStep::Release(name) => format!("release {name}"),
    }
}

fn chained(chain: bool) -> &'static str {
    if chain { " and chain" } else { "" }
}

fn setting(step: &SettingStep) -> String {
    match step {
        SettingStep::Set(change) => {
            let scope = match change.scope {
                SettingScope::Session => "",
                SettingScope::Transaction => " for this transaction",
            };
            let value = change
                .value
                .as_ref()
                .map_or("its default".to_owned(), |value| literal(Some(value)));
            format!("set {} to {value}{scope}", change.name)
        }
        SettingStep::Show(name) => format!("show {name}"),
        SettingStep::ShowAll => "show all".to_owned(),
        SettingStep::Reset(name) => format!("reset {name}"),
        SettingStep::ResetAll => "reset all".to_owned(),
        SettingStep::Discard(target) => match target {
            DiscardTarget::All => "discard all",
            DiscardTarget::Plans => "discard plans",
            DiscardTarget::Sequences => "discard sequences",
            DiscardTarget::Temporary => "discard temporary tables",
        }
        .to_owned(),
    }
}

fn copy(plan: &wit_plan::CopyTransfer) -> String {
    let format = match plan.format {
        CopyFormat::Text(_) => "text",
        CopyFormat::Csv(_) => "CSV",
        CopyFormat::Binary => "binary",
    };
    match plan.direction {
        CopyDirection::FromClient => format!("-- for each row of {format} from the client:"),
        CopyDirection::ToClient => format!("-- as {format} to the client, the rows of:"),
    }
}

fn cursor(step: &CursorStep) -> String {
    match step {
        CursorStep::Declare(cursor) => format!("cursor {} for:", cursor.name),
        CursorStep::Fetch(fetch) => {
            let verb = if fetch.discard { "move over" } else { "fetch" };
            let rows = match fetch.direction {
                CursorDirection::RelativeRows(count) => format!("{count} rows"),
                CursorDirection::AllForward => "all rows".to_owned(),
                CursorDirection::AllBackward => "all rows before".to_owned(),
                CursorDirection::Absolute(number) => format!("row {number}"),
                CursorDirection::Relative(number) => format!("row {number} from here"),
            };
            format!("{verb} {rows} of cursor {}", fetch.name)
        }
        CursorStep::Close(name) => format!("close cursor {name}"),
        CursorStep::CloseAll => "close all cursors".to_owned(),
    }
}

fn prepared(step: &PreparedStep) -> String {
    match step {
        PreparedStep::Prepare(preparation) => format!("prepare as {}:", preparation.name),
        PreparedStep::Execute(execution) => {
            let values: Vec<String> = execution
                .values
                .iter()
                .map(|value| literal(value.as_deref()))
                .collect();
            format!("execute {} with ({})", execution.name, values.join(", "))
        }
        PreparedStep::Deallocate(name) => format!("deallocate {name}"),
        PreparedStep::DeallocateAll => "deallocate all".to_owned(),
    }
}
