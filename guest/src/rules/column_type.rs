//! # What it does
//! Gives the columns of a new table IRIS types that keep PostgreSQL's values, and
//! string columns the collation EXACT.
//!
//! # Why
//! IRIS takes `text` for a stream, `varchar` for one character, `numeric` for an
//! integer and unknown types for classes; its strings compare without regard to
//! case unless they are EXACT.
//!
//! # Example
//! `CREATE TABLE t (id serial, ok boolean)` becomes
//! `CREATE TABLE t (id INTEGER IDENTITY, ok BIT) WITH %CLASSPARAMETER ALLOWIDENTITYINSERT = 1`.
//!
//! # Limits
//! A bare `numeric` has 18 decimals, and no zeros at its end. Types with a time zone lose it, blanks
//! at the end of a `bpchar` without a length count, and dates before 1840-12-31 are refused by IRIS. A second `serial` of a table is
//! a counter that is not returned by LAST_IDENTITY(). Documents, network addresses and
//! arrays are kept as text, the last two with a WARNING. `interval`, `timetz`, ranges, bit
//! strings, geometric types and those of text search are refused. With the setting `pgiris.string_collation` = `iris`, strings have the
//! default collation of the namespace.
//!
//! # Versions
//! Vectors from 2024.1.

use sqlparser::ast::{
    AlterTableOperation, CharacterLength, ColumnDef, ColumnOption, ColumnOptionDef, DataType,
    ExactNumberInfo, GeneratedAs, Ident, ObjectName, Statement,
};
use sqlparser::tokenizer::Token;

use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::relations::made_as;
use crate::rule::{Pass, Rule};
use crate::rules::collate_clause;
use crate::types::{self, Kind, PgType, oid};
use crate::vector;
use crate::wit::Diagnostic;

pub(crate) struct ColumnType;

/// The setting that keeps the collation of the namespace.
pub(crate) const COLLATION_SETTING: &str = "pgiris.string_collation";

/// The most decimals of an IRIS number.
const MOST_DECIMALS: i64 = 18;

impl Rule for ColumnType {
    fn name(&self) -> &'static str {
        "column_type"
    }

    fn summary(&self) -> &'static str {
        "gives columns types that keep PostgreSQL's values"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::DEFINITION)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut changed = false;
        match tree {
            Statement::CreateTable(table) => {
                let mut counter = Counter::None;
                for column in &mut table.columns {
                    changed |= define(column, pass)?;
                    changed |= count(column, &mut counter);
                }
                if counter == Counter::OpenToValues {
                    pass.suffix.push_str(OPEN_TO_VALUES);
                }
            }
            Statement::AlterTable(table) => {
                for operation in &mut table.operations {
                    if let AlterTableOperation::AddColumn { column_def, .. } = operation {
                        changed |= define(column_def, pass)?;
                    }
                }
            }
            _ => {}
        }
        Ok(changed)
    }
}

pub(crate) fn define(column: &mut ColumnDef, pass: &mut Pass<'_>) -> Diagnosed<bool> {
    let before = column.clone();
    check_modifier(column, pass)?;
    if let Some(known) = types::of(&column.data_type) {
        tell_of_loss(column, &known, pass);
        if let Kind::Vector(length) = known.kind {
            vector::operand::check_modifier(length)?;
            let modifiers = [
                Some(vector::default_element(pass).keyword().to_owned()),
                length.map(|length| length.to_string()),
            ];
            let name = ObjectName::from(vec![Ident::new("VECTOR")]);
            column.data_type = DataType::Custom(name, modifiers.into_iter().flatten().collect());
        } else {
            check_decimals(column, pass)?;
            column.data_type = known
                .column_type(&column.data_type)
                .ok_or_else(|| unknown(column, &known, pass))?;
            if matches!(known.kind, Kind::Serial(_)) {
                column.options.insert(0, generated(GeneratedAs::ByDefault));
            }
        }
        if let Some(description) = made_as::description_of(known.oid).filter(|_| is_limited(&known))
        {
            column.options.insert(0, described(description));
        }
        if types::kept::is_as_written(known.oid) {
            warn(&before, &known, pass);
        }
        if (matches!(known.kind, Kind::Text(_)) || types::kept::length_of(known.oid).is_some())
            && !pass.scene.keeps_collation()
        {
            collate(column).map_err(|refusal| refusal.at(pass.text, place(column)))?;
        }
    }
    Ok(*column != before)
}

/// `%DESCRIPTION 'text'`
pub(super) fn described(text: &str) -> ColumnOptionDef {
    ColumnOptionDef {
        name: None,
        option: ColumnOption::DialectSpecific(vec![
            Token::make_word("%DESCRIPTION", None),
            Token::SingleQuotedString(text.replace('\'', "''")),
        ]),
    }
}

/// What of a value is not kept, without an error where it is written.
fn tell_of_loss(column: &ColumnDef, known: &PgType, pass: &mut Pass<'_>) {
    let digits = match &column.data_type {
        DataType::Timestamp(digits, _) => *digits,
        _ => None,
    };
    let name = &column.name.value;
    if known.oid == oid::BPCHAR && !is_limited(known) {
        let message = format!("blanks at the end of values of column \"{name}\" count");
        pass.notices.push(
            Diagnostic::warning("01000", message)
                .with_hint("character(n) is compared without them"),
        );
    }
    if let Some(digits @ 0..=5) = digits {
        let message = format!("values of column \"{name}\" are not rounded to {digits} digits");
        pass.notices
            .push(Diagnostic::warning("01000", message).with_hint("IRIS keeps all digits"));
    }
}

/// Whether a type is none of strings without a length.
fn is_limited(known: &PgType) -> bool {
    !matches!(known.kind, Kind::Text(None))
}

/// Modifiers that PostgreSQL refuses, and IRIS takes or refuses otherwise.
fn check_modifier(column: &ColumnDef, pass: &Pass<'_>) -> Diagnosed<()> {
    let message = match &column.data_type {
        DataType::Varchar(Some(CharacterLength::IntegerLength { length: 0, .. })) => {
            "length for type varchar must be at least 1".to_owned()
        }
        DataType::Char(Some(CharacterLength::IntegerLength { length: 0, .. }))
        | DataType::Character(Some(CharacterLength::IntegerLength { length: 0, .. })) => {
            "length for type char must be at least 1".to_owned()
        }
        DataType::Float(ExactNumberInfo::Precision(bits @ 54..)) => {
            let _ = bits;
            "precision for type float must be less than 54 bits".to_owned()
        }
        DataType::Numeric(info) | DataType::Decimal(info) => match info {
            ExactNumberInfo::Precision(digits) | ExactNumberInfo::PrecisionAndScale(digits, _)
                if !(1..=1000).contains(digits) =>
            {
                format!("NUMERIC precision {digits} must be between 1 and 1000")
            }
            _ => return Ok(()),
        },
        _ => return Ok(()),
    };
    Err(Diagnostic::error("22023", message).at(pass.text, type_place(column, pass.text)))
}

/// IRIS would cut the decimals off without a word.
fn check_decimals(column: &ColumnDef, pass: &Pass<'_>) -> Diagnosed<()> {
    let (DataType::Numeric(info) | DataType::Decimal(info) | DataType::Dec(info)) =
        &column.data_type
    else {
        return Ok(());
    };
    match info {
        ExactNumberInfo::PrecisionAndScale(_, scale) if !(0..=MOST_DECIMALS).contains(scale) => {
            Err(Diagnostic::not_supported(
                format!("numeric scale {scale} is not supported"),
                "IRIS keeps at most 18 decimals",
            )
            .at(pass.text, place(column)))
        }
        _ => Ok(()),
    }
}

fn unknown(column: &ColumnDef, known: &PgType, pass: &Pass<'_>) -> Diagnostic {
    let name = types::display_name(&column.data_type, known);
    Diagnostic::not_supported(
        format!(
            "type {name} of column \"{}\" is not supported",
            column.name.value
        ),
        instead(known.name),
    )
    .at(pass.text, place(column))
}

/// What keeps such values.
fn instead(name: &str) -> &'static str {
    match name {
        "interval" => "keep a number of seconds or months, or text",
        "timetz" => "use time and a column for the zone",
        "bit" | "varbit" => "use varchar, or a number",
        "tsvector" | "tsquery" => "keep text, and look for it by LIKE or an iFind index of IRIS",
        "point" | "line" | "lseg" | "box" | "path" | "polygon" | "circle" => {
            "use a column for each number"
        }
        "hstore" => "use jsonb",
        "citext" => "use text, and compare lower(…)",
        "halfvec" => "use vector",
        _ if name.ends_with("range") => "use a column for each end",
        _ => "IRIS has no type for such values; store them as text",
    }
}

/// PostgreSQL reads such values, IRIS does not.
fn warn(column: &ColumnDef, known: &PgType, pass: &mut Pass<'_>) {
    let name = types::display_name(&column.data_type, known);
    let message = format!(
        "values of type {name} of column \"{}\" are kept as they are written",
        column.name.value
    );
    pass.notices.push(
        Diagnostic::warning("01000", message).with_hint("IRIS compares and sorts them as text"),
    );
}

fn place(column: &ColumnDef) -> usize {
    usize::try_from(column.name.span.start.column)
        .unwrap_or(1)
        .saturating_sub(1)
}

/// Where the type of a column begins: behind its name.
fn type_place(column: &ColumnDef, text: &str) -> usize {
    let start = place(column);
    let Some(rest) = text.get(start..) else {
        return start;
    };
    let name = match column.name.quote_style {
        Some(_) => column.name.value.replace('"', "\"\"").len() + 2,
        None => column.name.value.len(),
    };
    let behind = rest.get(name..).unwrap_or_default();
    start + name + (behind.len() - behind.trim_start().len())
}

/// Compares strings as PostgreSQL does, unless the column says otherwise in
/// IRIS's own words.
fn collate(column: &mut ColumnDef) -> Diagnosed<()> {
    let exact = ColumnOption::Collation(ObjectName::from(vec![Ident::new("%EXACT")]));
    for option in &mut column.options {
        if let ColumnOption::Collation(name) = &option.option {
            if !name.to_string().starts_with('%') {
                collate_clause::check(name)?;
                option.option = exact;
            }
            return Ok(());
        }
    }
    column.options.insert(
        0,
        ColumnOptionDef {
            name: None,
            option: exact,
        },
    );
    Ok(())
}

/// The identity column of a table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counter {
    None,
    Closed,
    /// It takes explicit values, as PostgreSQL's `serial` does.
    OpenToValues,
}

/// Lets an identity column take explicit values.
const OPEN_TO_VALUES: &str = " WITH %CLASSPARAMETER ALLOWIDENTITYINSERT = 1";

/// `GENERATED … AS IDENTITY` is IRIS's IDENTITY, of which a table has one; others
/// are counters by the name of SERIAL.
fn count(column: &mut ColumnDef, counter: &mut Counter) -> bool {
    let Some((index, always)) = column
        .options
        .iter()
        .enumerate()
        .find_map(|(index, option)| match &option.option {
            ColumnOption::Generated {
                generation_expr: None,
                generated_as,
                ..
            } => Some((index, *generated_as == GeneratedAs::Always)),
            _ => None,
        })
    else {
        return false;
    };
    if *counter == Counter::None {
        column.options[index] = ColumnOptionDef {
            name: None,
            option: ColumnOption::DialectSpecific(vec![Token::make_keyword("IDENTITY")]),
        };
        *counter = if always {
            Counter::Closed
        } else {
            Counter::OpenToValues
        };
    } else {
        column.options.remove(index);
        column.data_type = types::named("SERIAL");
    }
    true
}

fn generated(generated_as: GeneratedAs) -> ColumnOptionDef {
    let option = ColumnOption::Generated {
        generated_as,
        sequence_options: None,
        generation_expr: None,
        generation_expr_mode: None,
        generated_keyword: true,
    };
    ColumnOptionDef { name: None, option }
}
