//! Placeholders inside a tree and inside the text printed from it.
//!
//! A NUL character stands on either side of what a placeholder refers to. No text
//! that a client sends contains one (the lexer refuses it), so nothing else in a
//! printed statement can be taken for a placeholder.

use sqlparser::ast::{Expr, Statement, Value};

use crate::wit::{
    Argument, ClockReading, ClockUnit, ClockZone, ComputedArgument, Constant, Instruction,
    KeptValue, Moment, Oid, Statement as IrisStatement,
};

/// Delimits placeholders.
const MARK: char = '\0';
/// Marks those whose parentheses are not IRIS's but the parser's.
const BARE: char = 'b';
/// The word ALL, bare.
const ALL: &str = "ball";
/// Marks a value that an earlier step kept: `k`, slot, `.`, column.
const KEPT: char = 'k';
/// Marks the values that all kept rows have in a column.
const ALL_KEPT: char = 'a';
/// In place of a slot: the row that the part runs for.
const ROW: u32 = u32::MAX;
/// Marks a value fixed at translation: `c`, type, `:`, value; or `n`, type for NULL.
const CONSTANT: char = 'c';
const NULL: char = 'n';
/// Marks the elements of an array that is a parameter: `e`, its number.
const ELEMENTS: char = 'e';

/// Marks parameters that count rows: those that are returned, and those that are left out.
const LIMIT: char = 'l';
const OFFSET: char = 'o';

/// Marks the current value of a sequence: `q`, its name; of any without one.
const CURRENT: char = 'q';

/// Marks a value that the broker computes: `x`, the number of its instructions, `.`, its type.
const COMPUTED: char = 'x';

/// Marks a clock: `t`; `t` for the start of the transaction, `s` for that of the statement; the
/// decimals, months, days and the unit that it is cut to, each with a blank behind it; `l` for the session's time zone, `u` for
/// UTC, `z` and the name of another.
const CLOCK: char = 't';

/// Whether IRIS takes bound values in a statement: it is carried out, not defined only.
pub(crate) fn are_taken(tree: &Statement) -> bool {
    matches!(
        tree,
        Statement::Query(_) | Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_)
    )
}

/// What the tree holds for `$n`.
pub(crate) fn parameter(number: u32) -> String {
    format!("{MARK}{number}{MARK}")
}

/// `TOP ?`: the parser wants parentheses there, IRIS has none.
pub(crate) fn bare_parameter(number: u32) -> String {
    format!("{MARK}{BARE}{number}{MARK}")
}

/// `$number` as the number of rows that are returned, or left out.
pub(crate) fn row_count(number: u32, is_limit: bool) -> Expr {
    let kind = if is_limit { LIMIT } else { OFFSET };
    held(format!("{MARK}{kind}{number}{MARK}"))
}

/// The same without parentheses, if this is one.
pub(crate) fn bare_row_count(expression: &Expr) -> Option<String> {
    let number = match argument_of(expression)? {
        Argument::Limit(number) => format!("{LIMIT}{number}"),
        Argument::Offset(number) => format!("{OFFSET}{number}"),
        _ => return None,
    };
    Some(format!("{MARK}{BARE}{number}{MARK}"))
}

/// `TOP ALL`.
pub(crate) fn bare_all() -> String {
    format!("{MARK}{ALL}{MARK}")
}

/// Column `column` of the rows kept in `slot`.
pub(crate) fn kept(slot: u32, column: u32) -> Expr {
    held(format!("{MARK}{KEPT}{slot}.{column}{MARK}"))
}

/// The values of that column in all rows kept in `slot`, with commas between.
pub(crate) fn all_kept(slot: u32, column: u32) -> Expr {
    held(format!("{MARK}{ALL_KEPT}{slot}.{column}{MARK}"))
}

/// The value that the session last got from the sequence, or from any.
pub(crate) fn current_value(sequence: Option<&str>) -> Expr {
    held(format!(
        "{MARK}{CURRENT}{}{MARK}",
        sequence.unwrap_or_default()
    ))
}

/// The elements of the array that is `$n`, as one string.
pub(crate) fn elements(number: u32) -> Expr {
    held(format!("{MARK}{ELEMENTS}{number}{MARK}"))
}

/// A value of this type that the broker computes, by the number that the pass gave its
/// instructions.
pub(crate) fn computed(number: usize, type_oid: Oid) -> Expr {
    held(format!("{MARK}{COMPUTED}{number}.{type_oid}{MARK}"))
}

/// Puts the instructions into arguments that have their number only.
pub(crate) fn fill(arguments: &mut [Argument], instructions: &[Vec<Instruction>]) {
    for argument in arguments {
        if let Argument::Computed(computed) = argument
            && let [Instruction::Column(number)] = computed.instructions.as_slice()
            && let Some(known) = instructions.get(*number as usize)
        {
            computed.instructions.clone_from(known);
        }
    }
}

/// What a clock of PostgreSQL's shows.
pub(crate) fn clock(reading: ClockReading) -> Expr {
    let moment = match reading.moment {
        Moment::Transaction => 't',
        Moment::Statement => 's',
    };
    let zone = match &reading.zone {
        ClockZone::Utc => "u".to_owned(),
        ClockZone::Session => "l".to_owned(),
        ClockZone::Named(name) => format!("z{name}"),
    };
    let cut = match reading.cut {
        None => "",
        Some(unit) => name_of(unit),
    };
    let ClockReading {
        decimals,
        months,
        days,
        ..
    } = reading;
    held(format!(
        "{MARK}{CLOCK}{moment}{decimals} {months} {days} {cut} {zone}{MARK}"
    ))
}

/// The value of that column of the row that a part runs for.
pub(crate) fn row(column: u32) -> Expr {
    kept(ROW, column)
}

/// The column, if this is such a value.
pub(crate) fn row_column(argument: &Argument) -> Option<u32> {
    match argument {
        Argument::Kept(kept) if kept.slot == ROW => Some(kept.column),
        _ => None,
    }
}

/// A value, in PostgreSQL's text format, that is bound and not written; none is NULL.
pub(crate) fn constant(type_oid: Oid, value: Option<&str>) -> Expr {
    held(match value {
        Some(value) => format!("{MARK}{CONSTANT}{type_oid}:{value}{MARK}"),
        None => format!("{MARK}{NULL}{type_oid}{MARK}"),
    })
}

fn held(content: String) -> Expr {
    Expr::value(Value::Placeholder(content))
}

/// Whether an expression is the elements of an array.
pub(crate) fn is_elements(expression: &Expr) -> bool {
    matches!(expression, Expr::Value(value) if matches!(&value.value,
        Value::Placeholder(content) if content.trim_start_matches(MARK).starts_with(ELEMENTS)))
}

/// Whether an expression is what a clock shows.
pub(crate) fn is_clock(expression: &Expr) -> bool {
    matches!(expression, Expr::Value(value) if matches!(&value.value,
        Value::Placeholder(content) if content.trim_start_matches(MARK).starts_with(CLOCK)))
}

/// Whether an expression is a bound NULL.
pub(crate) fn is_null(expression: &Expr) -> bool {
    matches!(expression, Expr::Value(value) if matches!(&value.value,
        Value::Placeholder(content) if content.trim_start_matches(MARK).starts_with(NULL)))
}

/// What stands between two marks; none for ALL.
fn argument(content: &str) -> Option<Argument> {
    if let Some(place) = content.strip_prefix(KEPT) {
        let (slot, column) = place.split_once('.')?;
        return Some(Argument::Kept(KeptValue {
            slot: slot.parse().ok()?,
            column: column.parse().ok()?,
        }));
    }
    if let Some(place) = content.strip_prefix(ALL_KEPT) {
        let (slot, column) = place.split_once('.')?;
        return Some(Argument::AllKept(KeptValue {
            slot: slot.parse().ok()?,
            column: column.parse().ok()?,
        }));
    }
    let constant = |type_oid: &str, value| {
        let type_oid = type_oid.parse().ok()?;
        Some(Argument::Constant(Constant { type_oid, value }))
    };
    if let Some(typed) = content.strip_prefix(CONSTANT) {
        let (type_oid, value) = typed.split_once(':')?;
        return constant(type_oid, Some(value.to_owned()));
    }
    if let Some(type_oid) = content.strip_prefix(NULL) {
        return constant(type_oid, None);
    }
    if let Some(number) = content.strip_prefix(ELEMENTS) {
        return Some(Argument::Elements(number.parse().ok()?));
    }
    if let Some(name) = content.strip_prefix(CURRENT) {
        let name = (!name.is_empty()).then(|| name.to_owned());
        return Some(Argument::CurrentValue(name));
    }
    if let Some(place) = content.strip_prefix(COMPUTED) {
        let (number, type_oid) = place.split_once('.')?;
        return Some(Argument::Computed(ComputedArgument {
            type_oid: type_oid.parse().ok()?,
            instructions: vec![Instruction::Column(number.parse().ok()?)],
        }));
    }
    if let Some(reading) = content.strip_prefix(CLOCK) {
        return reading_of(reading).map(Argument::Clock);
    }
    let content = content.trim_start_matches(BARE);
    if let Some(number) = content.strip_prefix(LIMIT) {
        return Some(Argument::Limit(number.parse().ok()?));
    }
    if let Some(number) = content.strip_prefix(OFFSET) {
        return Some(Argument::Offset(number.parse().ok()?));
    }
    Some(Argument::Parameter(content.parse().ok()?))
}

fn reading_of(content: &str) -> Option<ClockReading> {
    let (moment, content) = match content.strip_prefix('t') {
        Some(content) => (Moment::Transaction, content),
        None => (Moment::Statement, content.strip_prefix('s')?),
    };
    let mut parts = content.splitn(5, ' ');
    Some(ClockReading {
        moment,
        decimals: parts.next()?.parse().ok()?,
        months: parts.next()?.parse().ok()?,
        days: parts.next()?.parse().ok()?,
        cut: match parts.next()? {
            "" => None,
            name => Some(unit_named(name)?),
        },
        zone: match parts.next()? {
            "u" => ClockZone::Utc,
            "l" => ClockZone::Session,
            named => ClockZone::Named(named.strip_prefix('z')?.to_owned()),
        },
    })
}

/// What the placeholder that an expression is stands for.
pub(crate) fn argument_of(expression: &Expr) -> Option<Argument> {
    match expression {
        Expr::Value(value) => match &value.value {
            Value::Placeholder(content) => {
                let content = content.strip_prefix(MARK)?.strip_suffix(MARK)?;
                argument(content)
            }
            _ => None,
        },
        _ => None,
    }
}

/// The number of the placeholder that an expression is.
pub(crate) fn number_of(expression: &Expr) -> Option<u32> {
    let Expr::Value(value) = expression else {
        return None;
    };
    let Value::Placeholder(content) = &value.value else {
        return None;
    };
    content
        .trim_matches(MARK)
        .trim_start_matches(BARE)
        .parse()
        .ok()
}

/// Cuts a printed statement at its placeholders.
pub(crate) fn cut(printed: &str) -> IrisStatement {
    let mut pieces = vec![String::with_capacity(printed.len())];
    let mut arguments = Vec::new();
    let mut bare = false;
    for (index, part) in printed.split(MARK).enumerate() {
        let last = pieces.len() - 1;
        if index % 2 == 0 {
            let part = if bare {
                part.strip_prefix(')').unwrap_or(part)
            } else {
                part
            };
            pieces[last].push_str(part);
            continue;
        }
        bare = part.starts_with(BARE);
        if bare && pieces[last].ends_with('(') {
            pieces[last].pop();
        }
        match argument(part) {
            Some(argument) => {
                arguments.push(argument);
                pieces.push(String::new());
            }
            None => pieces[last].push_str("ALL"),
        }
    }
    IrisStatement { pieces, arguments }
}

/// A statement with `$n` for its placeholders, for people to read.
pub fn readable(statement: &IrisStatement) -> String {
    let mut text = statement.pieces[0].clone();
    for (argument, piece) in statement.arguments.iter().zip(&statement.pieces[1..]) {
        match argument {
            Argument::Parameter(number) => text.push_str(&format!("${number}")),
            Argument::Constant(constant) => {
                text.push_str(&constant.value.as_ref().map_or_else(
                    || "NULL".to_owned(),
                    |value| format!("'{}'", value.replace('\'', "''")),
                ));
            }
            Argument::Limit(number) | Argument::Offset(number) => {
                text.push_str(&format!("${number}"));
            }
            Argument::Elements(number) => text.push_str(&format!("<elements of ${number}>")),
            Argument::CurrentValue(name) => {
                let name = name.as_deref().unwrap_or("any sequence");
                text.push_str(&format!("<current value of {name}>"));
            }
            Argument::Computed(_) => text.push_str("<computed>"),
            Argument::Clock(reading) => text.push_str(&told(reading)),
            Argument::Kept(kept) if kept.slot == ROW => {
                text.push_str(&format!("<row.{}>", kept.column));
            }
            Argument::AllKept(kept) => {
                text.push_str(&format!("<all {}.{}>", kept.slot, kept.column));
            }
            Argument::Kept(kept) => text.push_str(&format!("<{}.{}>", kept.slot, kept.column)),
        }
        text.push_str(piece);
    }
    text
}

/// The units to which a clock may be cut, as `date_trunc` names them.
const UNITS: [(ClockUnit, &str); 7] = [
    (ClockUnit::Minute, "minute"),
    (ClockUnit::Hour, "hour"),
    (ClockUnit::Day, "day"),
    (ClockUnit::Week, "week"),
    (ClockUnit::Month, "month"),
    (ClockUnit::Quarter, "quarter"),
    (ClockUnit::Year, "year"),
];

/// The unit of a name; none if a clock is not cut to it.
pub(crate) fn unit_named(name: &str) -> Option<ClockUnit> {
    let found = UNITS.iter().find(|(_, known)| *known == name);
    found.map(|(unit, _)| *unit)
}

fn name_of(unit: ClockUnit) -> &'static str {
    let found = UNITS.iter().find(|(known, _)| *known == unit);
    found.map_or("", |(_, name)| name)
}

/// A clock in words.
fn told(reading: &ClockReading) -> String {
    let of = match reading.moment {
        Moment::Transaction => "transaction",
        Moment::Statement => "statement",
    };
    let mut text = format!("<start of {of}");
    for (count, unit) in [(reading.months, "months"), (reading.days, "days")] {
        if count != 0 {
            text.push_str(&format!(" {count:+} {unit}"));
        }
    }
    if let Some(unit) = reading.cut {
        text.push_str(&format!(" to the {}", name_of(unit)));
    }
    if let ClockZone::Named(zone) = &reading.zone {
        text.push_str(&format!(" in {zone}"));
    }
    text + ">"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_cut_out() {
        let statement = cut(&format!(
            "SELECT TOP ({}) a, {}",
            bare_parameter(2),
            parameter(1)
        ));
        assert_eq!(statement.pieces, ["SELECT TOP ", " a, ", ""]);
        assert_eq!(
            statement.arguments,
            [Argument::Parameter(2), Argument::Parameter(1)]
        );
        assert_eq!(readable(&statement), "SELECT TOP $2 a, $1");
        let statement = cut(&format!(
            "VALUES ({}, {}, {})",
            kept(1, 2),
            constant(23, Some("b1")),
            constant(0, None)
        ));
        assert_eq!(readable(&statement), "VALUES (<1.2>, 'b1', NULL)");
        assert_eq!(
            cut(&format!("SELECT TOP ({}) a", bare_all())).pieces,
            ["SELECT TOP ALL a"]
        );
    }
}
