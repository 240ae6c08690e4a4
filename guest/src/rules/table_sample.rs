//! # What it does
//! Chooses rows for TABLESAMPLE by a number that is made of a row's RowID and a seed.
//!
//! # Why
//! IRIS has no such clause.
//! (InterSystems SQL Reference, "SELECT".)
//!
//! # Example
//! `SELECT a FROM t TABLESAMPLE BERNOULLI (10) REPEATABLE (1)` becomes
//! `SELECT a FROM t WHERE MOD(…t.%ID…) < 214748364`: at a tenth of all numbers.
//!
//! # Limits
//! IRIS's rows lie in no blocks that could be drawn: `SYSTEM` draws rows as `BERNOULLI` does. With
//! REPEATABLE the sample is the same as long as the rows are, and another one than PostgreSQL's;
//! its seed is a number or a parameter. Rows whose RowIDs begin with the same number, which those of tables
//! with an IDKEY of several columns may, are drawn together.
//! Tables on the side of an outer join that it fills with NULL, or that RIGHT and FULL joins follow, are refused.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    BinaryOperator, DataType, ExactNumberInfo, Expr, Ident, JoinConstraint, JoinOperator, Select,
    Spanned, Statement, TableFactor, TableSample, TableSampleKind, TableSampleMethod,
    TableWithJoins,
};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::placeholder;
use crate::raise;
use crate::reader::marks::Marks;
use crate::relations::TableName;
use crate::rule::{Pass, Rule};
use crate::types::oid;
use crate::walk::{self, Hooks};
use crate::wit::{Diagnostic, Instruction, ScalarCall};
use crate::writing;

pub(crate) struct TableSampling;

impl Rule for TableSampling {
    fn name(&self) -> &'static str {
        "table_sample"
    }

    fn summary(&self) -> &'static str {
        "chooses the rows of a sample by their RowIDs"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::LOCK)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut samples = Samples {
            binds: placeholder::are_taken(tree),
            pass,
            changed: false,
        };
        walk::statement(tree, &mut samples)?;
        Ok(samples.changed)
    }
}

/// A prime number: rows get numbers below it.
const NUMBERS: u64 = (1 << 31) - 1;
/// What RowIDs and seeds are multiplied with, so that neighbours do not stay neighbours.
const STRIDE: u64 = 48_271;
const SEED_STRIDE: u64 = 69_621;

struct Samples<'a, 'b> {
    /// Whether a seed can be drawn when the statement runs.
    binds: bool,
    pass: &'a mut Pass<'b>,
    changed: bool,
}

impl Hooks for Samples<'_, '_> {
    fn enter_select(&mut self, select: &mut Select) -> Diagnosed<()> {
        let mut chosen: Option<Expr> = None;
        for table in &mut select.from {
            if let Some(condition) = self.of_tables(table)? {
                chosen = Some(writing::both(condition, chosen));
            }
        }
        if let Some(chosen) = chosen {
            let selection = select.selection.take().map(build::nested);
            select.selection = Some(match selection {
                Some(selection) => build::binary(selection, BinaryOperator::And, chosen),
                None => chosen,
            });
        }
        Ok(())
    }

    /// A table of a FROM loses its sample before; others have none.
    fn enter_table(&mut self, table: &mut TableFactor) -> Diagnosed<()> {
        match sample_of(table) {
            None => Ok(()),
            Some(_) => Err(self.refused(table)),
        }
    }
}

impl Samples<'_, '_> {
    /// What WHERE must say for the samples among joined tables; ON says what it can.
    fn of_tables(&mut self, table: &mut TableWithJoins) -> Diagnosed<Option<Expr>> {
        let fills_left = |operator: &JoinOperator| {
            matches!(
                operator,
                JoinOperator::Right(_) | JoinOperator::RightOuter(_) | JoinOperator::FullOuter(_)
            )
        };
        let last_filling = table
            .joins
            .iter()
            .rposition(|join| fills_left(&join.join_operator));
        let mut chosen = None;
        if sample_of(&table.relation).is_some() {
            if last_filling.is_some() {
                return Err(self.refused(&table.relation));
            }
            chosen = Some(self.condition(&mut table.relation)?);
        }
        for (index, join) in table.joins.iter_mut().enumerate() {
            if sample_of(&join.relation).is_none() {
                continue;
            }
            let is_filled = last_filling.is_some_and(|last| last > index);
            match &mut join.join_operator {
                JoinOperator::Join(JoinConstraint::On(on))
                | JoinOperator::Inner(JoinConstraint::On(on))
                | JoinOperator::Left(JoinConstraint::On(on))
                | JoinOperator::LeftOuter(JoinConstraint::On(on)) => {
                    let own = build::nested(build::take(on));
                    let condition = self.condition(&mut join.relation)?;
                    *on = build::binary(own, BinaryOperator::And, condition);
                }
                JoinOperator::Join(_) | JoinOperator::Inner(_) | JoinOperator::CrossJoin(_)
                    if !is_filled =>
                {
                    let condition = self.condition(&mut join.relation)?;
                    chosen = Some(writing::both(condition, chosen));
                }
                _ => return Err(self.refused(&join.relation)),
            }
        }
        Ok(chosen)
    }

    /// Takes the sample of a table away, and says which rows it has.
    fn condition(&mut self, table: &mut TableFactor) -> Diagnosed<Expr> {
        let place = table.span().start.column.saturating_sub(1) as usize;
        let TableFactor::Table {
            name,
            alias,
            sample,
            ..
        } = table
        else {
            return Err(self.refused(table));
        };
        let Some(
            TableSampleKind::BeforeTableAlias(sample) | TableSampleKind::AfterTableAlias(sample),
        ) = sample.take()
        else {
            return Err(self.refused(table));
        };
        let views = TableName::of(name).is_some_and(|name| self.pass.relations.is_view(&name));
        if views {
            let message = "TABLESAMPLE clause can only be applied to tables and materialized views";
            return Err(Diagnostic::error("42809", message).at(self.pass.text, place));
        }
        let last = name.0.last().and_then(|part| part.as_ident());
        let called = alias.as_ref().map(|alias| &alias.name).or(last).cloned();
        let share = self.share(&sample)?;
        let number = self.number(called.as_ref(), &sample)?;
        self.changed = true;
        Ok(build::binary(number, BinaryOperator::Lt, share))
    }

    /// Below which number the rows of the sample are.
    fn share(&mut self, sample: &TableSample) -> Diagnosed<Expr> {
        let is_known = matches!(
            sample.name,
            Some(TableSampleMethod::Bernoulli | TableSampleMethod::System)
        );
        let quantity = sample.quantity.as_ref();
        let quantity = quantity.filter(|quantity| quantity.unit.is_none() && is_known);
        let Some(quantity) = quantity else {
            let message = "IRIS has no such method of TABLESAMPLE";
            return Err(Diagnostic::not_supported(
                message,
                "use BERNOULLI (percentage)",
            ));
        };
        if let Some(number) = placeholder::number_of(&quantity.value) {
            self.pass.parameter_type(number, oid::FLOAT4);
            return Ok(share_of(&quantity.value));
        }
        let percentage = build::number_in(&quantity.value).and_then(|text| text.parse().ok());
        let Some(percentage): Option<f64> = percentage else {
            return Err(Diagnostic::not_supported(
                "the percentage of TABLESAMPLE is neither a number nor a parameter",
                "compute it in the client",
            ));
        };
        if !(0.0..=100.0).contains(&percentage) {
            return Err(Diagnostic::error("2202H", OUT_OF_RANGE));
        }
        // Of a number that a double holds exactly.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let below = (percentage / 100.0 * NUMBERS as f64) as u64;
        Ok(build::number(below))
    }

    /// The number of a row.
    fn number(&mut self, table: Option<&Ident>, sample: &TableSample) -> Diagnosed<Expr> {
        let seed = match &sample.seed {
            None if self.binds => self.drawn(),
            None => {
                return Err(Diagnostic::not_supported(
                    "TABLESAMPLE without REPEATABLE is not supported in a definition",
                    "give it a seed: TABLESAMPLE BERNOULLI (10) REPEATABLE (1)",
                ));
            }
            Some(seed) => {
                let value = Expr::Value(seed.value.clone());
                if let Some(number) = placeholder::number_of(&value) {
                    self.pass.parameter_type(number, oid::FLOAT8);
                    // Halves and quarters are seeds of their own.
                    let value = build::cast(value, DataType::Double(ExactNumberInfo::None));
                    let value = times(build::call("ABS", vec![value]), 1_000);
                    let value = whole(build::call("FLOOR", vec![value]));
                    times(below(value), SEED_STRIDE)
                } else {
                    let number = build::number_in(&value).and_then(|text| text.parse().ok());
                    let Some(number): Option<f64> = number else {
                        return Err(Diagnostic::not_supported(
                            "the seed of TABLESAMPLE is neither a number nor a parameter",
                            "compute it in the client",
                        ));
                    };
                    build::number(number.to_bits() % NUMBERS * SEED_STRIDE % NUMBERS)
                }
            }
        };
        let row = whole(writing::row(table));
        let spread = build::binary(times(below(row), STRIDE), BinaryOperator::Plus, seed);
        let spread = below(spread);
        let squared = build::binary(spread.clone(), BinaryOperator::Multiply, spread);
        Ok(below(squared))
    }

    /// A seed that is drawn each time that the statement runs.
    fn drawn(&mut self) -> Expr {
        let number = self.pass.arguments.len();
        self.pass
            .arguments
            .push(vec![Instruction::Scalar(ScalarCall {
                name: "drandom".to_owned(),
                operands: 0,
            })]);
        let drawn = placeholder::computed(number, oid::FLOAT8);
        let drawn = whole(build::call("FLOOR", vec![times(drawn, NUMBERS)]));
        times(drawn, SEED_STRIDE)
    }

    fn refused(&self, table: &TableFactor) -> Diagnostic {
        let refusal = Diagnostic::not_supported(
            "TABLESAMPLE is not supported here",
            "sample the table in a subquery, and join that",
        );
        let start = table.span().start.column.saturating_sub(1);
        refusal.at(self.pass.text, start as usize)
    }
}

const OUT_OF_RANGE: &str = "sample percentage must be between 0 and 100";

/// The same of a percentage that a parameter is.
fn share_of(percentage: &Expr) -> Expr {
    let percentage = build::cast(percentage.clone(), DataType::Double(ExactNumberInfo::None));
    let within = Expr::Between {
        expr: Box::new(percentage.clone()),
        negated: false,
        low: Box::new(build::number(0)),
        high: Box::new(build::number(100)),
    };
    let share = build::binary(
        percentage,
        BinaryOperator::Multiply,
        build::number(format!("{}.{:02}", NUMBERS / 100, NUMBERS % 100)),
    );
    build::case(
        vec![(within, share)],
        Some(raise::plain("2202H", OUT_OF_RANGE)),
    )
}

/// As a whole number, which IRIS multiplies exactly.
fn whole(value: Expr) -> Expr {
    build::cast(value, DataType::BigInt(None))
}

fn times(value: Expr, factor: u64) -> Expr {
    build::binary(value, BinaryOperator::Multiply, build::number(factor))
}

/// What is left of a number when it is divided.
fn below(value: Expr) -> Expr {
    build::call("MOD", vec![value, build::number(NUMBERS)])
}

fn sample_of(table: &TableFactor) -> Option<&TableSampleKind> {
    match table {
        TableFactor::Table { sample, .. } | TableFactor::Derived { sample, .. } => sample.as_ref(),
        _ => None,
    }
}
