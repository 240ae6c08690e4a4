//! WHERE of COPY FROM, as instructions on the values of a row.
//!
//! "Rows that do not satisfy this condition will not be inserted to the table. A row satisfies
//! the condition if it returns true when the actual row values are substituted for any variable
//! references" (manual, COPY, WHERE).

use sqlparser::ast::{Expr, Ident, SelectItem, SetExpr, Statement};

use crate::aggregates::is_aggregate;
use crate::build;
use crate::command::Words;
use crate::computed::compile;
use crate::diagnostic::Diagnosed;
use crate::look::{self, Node};
use crate::place;
use crate::reader::lexeme::Kind;
use crate::reader::lexer::lex;
use crate::reader::parse::{Reading, Stumble, parse, stumble};
use crate::reader::statement::split;
use crate::relations::{Column, Relation};
use crate::rule::{Pass, Scene};
use crate::types::{self, oid};
use crate::wit::{Call, CopyDefault, Diagnostic, Function, Instruction, Oid};

const HINT: &str = "copy into a temporary table, and use INSERT ... SELECT ... WHERE";

/// The table that rows are copied into.
pub(crate) struct Destination<'a> {
    /// As the statement calls it.
    pub(crate) name: &'a str,
    pub(crate) relation: &'a Relation,
    /// The columns of the data.
    pub(crate) listed: &'a [String],
}

/// The condition that follows, up to the end of the statement; `words` stand behind WHERE.
///
/// # Errors
/// What PostgreSQL says of it, or that the broker cannot decide it.
pub(crate) fn condition(
    words: &Words<'_>,
    scene: &Scene<'_>,
    into: &Destination<'_>,
) -> Diagnosed<Vec<Instruction>> {
    let text = words.source.text;
    let expression = parsed(words)?;
    check(&expression, text, into)?;
    let pass = Pass::new(*scene, text, Vec::new());
    let mut computed_default = None;
    let mut leaf = |expression: &Expr| -> Option<(u32, Oid)> {
        let (number, column) = into
            .relation
            .columns
            .iter()
            .enumerate()
            .find(|(_, column)| {
                column_name(expression)
                    .is_some_and(|name| column.name.eq_ignore_ascii_case(&name.value))
            })?;
        if into.place_of(&column.name).is_none() && default_of(column, into.relation).is_none() {
            computed_default = Some(column.name.to_lowercase());
            return None;
        }
        let is_compared = column.enum_type.is_none() && column.vector.is_none();
        is_compared.then_some((u32::try_from(number).ok()?, column.type_oid))
    };
    let compiled = compile(&expression, &mut leaf, &pass)?;
    if let Some(column) = computed_default {
        let message = format!(
            "column \"{column}\" in WHERE of COPY FROM is not supported, as the data does not have it and the server computes its default"
        );
        return Err(Diagnostic::not_supported(message, HINT).at(text, place::of(&expression)));
    }
    match compiled {
        Some((computed, _)) if computed.type_oid == oid::BOOL => {
            Ok(into.of_data(computed.instructions))
        }
        Some((computed, _)) if computed.type_oid != 0 => Err(Diagnostic::error(
            "42804",
            format!(
                "argument of WHERE must be type boolean, not type {}",
                types::words(computed.type_oid)
            ),
        )
        .at(text, place::of(&expression))),
        _ => {
            let message = "this WHERE of COPY FROM is not supported: the broker compares columns with each other and with literals";
            Err(Diagnostic::not_supported(message, HINT).at(text, place::of(&expression)))
        }
    }
}

impl Destination<'_> {
    /// Which column of the data it is.
    fn place_of(&self, column: &str) -> Option<u32> {
        let mut listed = self.listed.iter();
        let place = listed.position(|name| name.eq_ignore_ascii_case(column))?;
        u32::try_from(place).ok()
    }

    /// Instructions on the columns of the table as those on the columns of the data. Values are
    /// as their columns would keep them: numbers are rounded.
    fn of_data(&self, instructions: Vec<Instruction>) -> Vec<Instruction> {
        let mut found = Vec::with_capacity(instructions.len());
        for instruction in instructions {
            let Instruction::Column(number) = instruction else {
                found.push(instruction);
                continue;
            };
            let Some(column) = self.relation.columns.get(number as usize) else {
                continue;
            };
            match self.place_of(&column.name) {
                Some(place) => found.push(Instruction::Column(place)),
                None => found.push(Instruction::Constant(
                    default_of(column, self.relation).flatten(),
                )),
            }
            if column.type_oid == oid::NUMERIC
                && let modifier @ 0.. = modifier_of(column)
            {
                found.push(Instruction::Constant(Some(modifier.to_string())));
                found.push(Instruction::Call(Call {
                    function: Function::CastLimited,
                    operand_type: oid::NUMERIC,
                }));
            }
        }
        found
    }
}

/// As in `pg_attribute.atttypmod`; -1 if the column has none.
pub(crate) fn modifier_of(column: &Column) -> i32 {
    /// What PostgreSQL adds to every modifier (`VARHDRSZ`).
    const OFFSET: u64 = 4;
    let modifier = match (column.type_oid, column.digits, column.length) {
        (oid::NUMERIC, Some(digits), _) => {
            Some((u64::from(digits.precision) << 16 | u64::from(digits.scale)) + OFFSET)
        }
        (oid::VARCHAR | oid::BPCHAR, _, Some(length)) => Some(length + OFFSET),
        _ => None,
    };
    modifier
        .and_then(|modifier| i32::try_from(modifier).ok())
        .unwrap_or(-1)
}

/// What a row is given that leaves the column out, if that is always the same.
fn default_of(column: &Column, relation: &Relation) -> Option<Option<String>> {
    match copy_default(column, relation) {
        CopyDefault::None => Some(None),
        CopyDefault::Constant(value) => Some(value),
        CopyDefault::Computed => None,
    }
}

/// The default of a column, in PostgreSQL's text format if it is a literal.
pub(crate) fn copy_default(column: &Column, relation: &Relation) -> CopyDefault {
    use crate::relations::Constant::{Number, Text};
    let mut filled = relation.sequences.iter();
    if column.generated || filled.any(|(name, _)| name.eq_ignore_ascii_case(&column.name)) {
        return CopyDefault::Computed;
    }
    match (&column.default, column.type_oid) {
        (None, _) if !column.has_default => CopyDefault::None,
        (Some(Number(digits)), type_oid) if types::is_number(type_oid) => {
            CopyDefault::Constant(Some(digits.clone()))
        }
        (Some(Number(digits)), oid::BOOL) => {
            let truth = if digits == "0" { "f" } else { "t" };
            CopyDefault::Constant(Some(truth.to_owned()))
        }
        (Some(Text(text)), oid::TEXT | oid::VARCHAR) => CopyDefault::Constant(Some(text.clone())),
        _ => CopyDefault::Computed,
    }
}

/// The tree of the condition, whose places are those in the client's text.
fn parsed(words: &Words<'_>) -> Diagnosed<Expr> {
    let (source, condition) = (words.source, words.rest());
    let range = condition.range();
    if condition.lexemes.is_empty() {
        return words.fail();
    }
    check_words(words)?;
    // Whatever precedes the condition in its statement is longer.
    const SELECT: &str = "SELECT (";
    let start = range.start.saturating_sub(SELECT.len());
    let written = &source.text[range];
    let alone = format!("{}{SELECT}{written})", " ".repeat(start));
    let tokens = lex(&alone)?;
    let statements = split(&tokens);
    let Some(statement) = statements.first() else {
        return words.fail();
    };
    if let Reading::Tree(tree, _) = parse(statement)?
        && let Statement::Query(query) = *tree
        && let SetExpr::Select(select) = *query.body
        && let [SelectItem::UnnamedExpr(Expr::Nested(inner))] = select.projection.as_slice()
    {
        return Ok((**inner).clone());
    }
    match stumble(statement) {
        // Two tokens stand before the condition.
        Some(Stumble::Token(index)) => Err(condition.syntax_error(index.saturating_sub(2))),
        _ => words.fail(),
    }
}

/// Parentheses are in pairs, and there are no parameters.
fn check_words(words: &Words<'_>) -> Diagnosed<()> {
    let text = words.source.text;
    let condition = words.rest();
    let mut depth = 0_usize;
    for (index, lexeme) in condition.lexemes.iter().enumerate() {
        match lexeme.text(text) {
            "(" => depth += 1,
            ")" => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return Err(condition.syntax_error(index)),
            },
            written if matches!(lexeme.kind, Kind::Placeholder(_)) => {
                let message = format!("there is no parameter {written}");
                return Err(Diagnostic::error("42P02", message).at(text, lexeme.range().start));
            }
            _ => {}
        }
    }
    match depth {
        0 => Ok(()),
        _ => Err(condition.syntax_error(condition.lexemes.len())),
    }
}

/// What PostgreSQL allows there (`transformWhereClause`), in columns of that table.
fn check(expression: &Expr, text: &str, into: &Destination<'_>) -> Diagnosed<()> {
    let mut wrong = None;
    look::finds(expression, &mut |node| {
        wrong = match node {
            Node::Query(query) => Some(
                Diagnostic::error("0A000", "cannot use subquery in COPY FROM WHERE condition")
                    .at(text, place::of_query(query)),
            ),
            Node::Expression(Expr::Function(function)) if is_aggregate(function) => Some(
                Diagnostic::error(
                    "42803",
                    "aggregate functions are not allowed in COPY FROM WHERE conditions",
                )
                .at(text, place::of(&Expr::Function(function.clone()))),
            ),
            Node::Expression(Expr::Function(function)) if function.over.is_some() => Some(
                Diagnostic::error(
                    "42P20",
                    "window functions are not allowed in COPY FROM WHERE conditions",
                )
                .at(text, place::of(&Expr::Function(function.clone()))),
            ),
            Node::Expression(name @ (Expr::Identifier(_) | Expr::CompoundIdentifier(_))) => {
                missing(name, into).map(|missing| missing.at(text, place::of(name)))
            }
            _ => None,
        };
        wrong.is_some()
    });
    wrong.map_or(Ok(()), Err)
}

/// What PostgreSQL says of a name that is no column of the table.
fn missing(name: &Expr, into: &Destination<'_>) -> Option<Diagnostic> {
    if let Expr::CompoundIdentifier(parts) = name
        && let [.., qualifier, _] = parts.as_slice()
        && !qualifier.value.eq_ignore_ascii_case(into.name)
    {
        let message = format!(
            "missing FROM-clause entry for table \"{}\"",
            qualifier.value
        );
        return Some(Diagnostic::error("42P01", message));
    }
    let column = column_name(name)?;
    if into.relation.column(&column.value).is_some() {
        return None;
    }
    let shown = match name {
        Expr::CompoundIdentifier(_) => format!("{}.{}", into.name, column.value),
        _ => format!("\"{}\"", column.value),
    };
    Some(Diagnostic::error(
        "42703",
        format!("column {shown} does not exist"),
    ))
}

/// The last part of a name.
fn column_name(expression: &Expr) -> Option<&Ident> {
    match build::unnested(expression) {
        Expr::Identifier(name) => Some(name),
        Expr::CompoundIdentifier(parts) => parts.last(),
        _ => None,
    }
}
