//! # What it does
//! Carries out `MERGE`: finds what each clause is about, then deletes, updates and inserts.
//!
//! # Why
//! IRIS has no `MERGE`.
//!
//! # Example
//! `MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN UPDATE SET a = s.a WHEN NOT MATCHED
//! THEN INSERT VALUES (s.k, s.a)` finds and locks the rows of t that are matched, keeps the
//! new values and the rows of s without a match, updates and inserts.
//!
//! # Limits
//! Rows are deleted first and inserted last, where PostgreSQL follows the order of the source.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    Expr, Merge, MergeAction, MergeClause, MergeClauseKind, SetExpr, Spanned, Statement,
    TableFactor, With,
};

use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::reader::marks::Marks;
use crate::relations::TableName;
use crate::rule::{Pass, Rule};
use crate::wit::Diagnostic;
use crate::writing::merged::{Merging, Outcome};

pub(crate) struct MergeRows;

impl Rule for MergeRows {
    fn name(&self) -> &'static str {
        "merge"
    }

    fn summary(&self) -> &'static str {
        "updates, deletes and inserts what the clauses of a MERGE say"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::MERGE)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let Some((merge, with)) = merge_of(tree) else {
            return Ok(false);
        };
        refuse_view(&merge.table, pass)?;
        let (matched, unmatched) = clauses(merge.clauses.clone(), pass)?;
        let merging = Merging::new(merge, with, pass)?;
        pass.split = Some(merging.parts(&matched, &unmatched, pass)?);
        Ok(true)
    }
}

/// PostgreSQL's refusal.
fn refuse_view(table: &TableFactor, pass: &Pass<'_>) -> Diagnosed<()> {
    let TableFactor::Table { name, .. } = table else {
        return Ok(());
    };
    match TableName::of(name) {
        Some(known) if pass.relations.is_view(&known) => {
            let own = labels::of_name(name).unwrap_or_default();
            let message = format!("cannot execute MERGE on relation \"{own}\"");
            Err(Diagnostic::error("0A000", message)
                .with_detail("This operation is not supported for views."))
        }
        _ => Ok(()),
    }
}

fn merge_of(tree: &Statement) -> Option<(&Merge, Option<With>)> {
    match tree {
        Statement::Merge(merge) => Some((merge, None)),
        Statement::Query(query) => match &*query.body {
            SetExpr::Merge(Statement::Merge(merge)) => Some((merge, query.with.clone())),
            _ => None,
        },
        _ => None,
    }
}

type Clauses = Vec<(Option<Expr>, Outcome)>;

/// The clauses for rows with a match, and those for rows without.
fn clauses(clauses: Vec<MergeClause>, pass: &Pass<'_>) -> Diagnosed<(Clauses, Clauses)> {
    let mut matched = Clauses::new();
    let mut unmatched = Clauses::new();
    for clause in clauses {
        let start = clause.when_token.0.span.start.column;
        let at = |error: Diagnostic| {
            error.at(
                pass.text,
                usize::try_from(start).unwrap_or(1).saturating_sub(1),
            )
        };
        let kind = match clause.clause_kind {
            MergeClauseKind::Matched => &mut matched,
            MergeClauseKind::NotMatched => &mut unmatched,
            MergeClauseKind::NotMatchedByTarget | MergeClauseKind::NotMatchedBySource => {
                return Err(at(Diagnostic::error(
                    "42601",
                    "syntax error at or near \"BY\"",
                )));
            }
        };
        if kind
            .last()
            .is_some_and(|(condition, _)| condition.is_none())
        {
            let message = "unreachable WHEN clause specified after unconditional WHEN clause";
            return Err(at(Diagnostic::error("42601", message)));
        }
        let outcome = outcome(clause.action).ok_or_else(|| {
            at(Diagnostic::not_supported(
                "this form of MERGE is not supported",
                "write UPDATE SET …, DELETE, DO NOTHING or INSERT (…) VALUES (…)",
            ))
        })?;
        let fits = match &outcome {
            Outcome::Insert(..) => clause.clause_kind != MergeClauseKind::Matched,
            Outcome::Update(_) | Outcome::Delete => clause.clause_kind == MergeClauseKind::Matched,
            Outcome::Nothing => true,
        };
        if !fits {
            return Err(at(Diagnostic::error("42601", "syntax error in MERGE")));
        }
        kind.push((clause.predicate, outcome));
    }
    Ok((matched, unmatched))
}

fn outcome(action: MergeAction) -> Option<Outcome> {
    use sqlparser::ast::{MergeInsertKind, MergeUpdateKind};
    match action {
        MergeAction::DoNothing { .. } => Some(Outcome::Nothing),
        MergeAction::Delete { .. } => Some(Outcome::Delete),
        MergeAction::Update(update) => match update.kind {
            MergeUpdateKind::Set(assignments)
                if update.update_predicate.is_none() && update.delete_predicate.is_none() =>
            {
                Some(Outcome::Update(assignments))
            }
            _ => None,
        },
        MergeAction::Insert(insert) => match insert.kind {
            MergeInsertKind::Values(mut values)
                if insert.insert_predicate.is_none() && values.rows.len() == 1 =>
            {
                let row = values.rows.pop()?;
                Some(Outcome::Insert(insert.columns, row.content))
            }
            _ => None,
        },
    }
}

/// The position of a node, for errors.
pub(crate) fn offset(node: &impl Spanned) -> usize {
    let column = node.span().start.column;
    usize::try_from(column).unwrap_or(1).saturating_sub(1)
}
