//! # What it does
//! Writes LIMIT, OFFSET and FETCH as the version has them: LIMIT and OFFSET at the
//! top of a statement, TOP in subqueries, and TOP everywhere before 2025.1; an
//! offset in a place without OFFSET by the row counter of a derived table, `%VID`.
//!
//! # Why
//! IRIS has no ORDER BY with LIMIT in subqueries, 2025.1 misreads an OFFSET without
//! LIMIT, and older versions have TOP alone.
//!
//! # Example
//! `SELECT a FROM t LIMIT 5` becomes, before 2025.1, `SELECT TOP 5 a FROM t`.
//!
//! # Limits
//! A count that is computed limits the rows by `%VID` as well; that it is negative shows
//! with the first row. WITH TIES is `fetch_with_ties`'s.
//!
//! # Versions
//! LIMIT and OFFSET from 2025.1.

use sqlparser::ast::{
    CastKind, Expr, LimitClause, Offset, OffsetRows, Query, SetExpr, Spanned, Statement,
    UnaryOperator, Value,
};

use crate::build;
use crate::casts::whole_number;
use crate::computed_count::{self, EVERY_ROW};
use crate::diagnostic::Diagnosed;
use crate::paging::{self, Place, Rows};
use crate::place;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::Scopes;
use crate::types::oid;
use crate::version::RowLimit;
use crate::walk::{self, Hooks};
use crate::wit::Diagnostic;

pub(crate) struct LimitOfRows;

impl Rule for LimitOfRows {
    fn name(&self) -> &'static str {
        "row_limit"
    }

    fn summary(&self) -> &'static str {
        "writes LIMIT, OFFSET and FETCH as the version has them"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::LIMIT)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let outermost = if matches!(tree, Statement::Query(_)) {
            0
        } else {
            1
        };
        let mut walk = Walk {
            pass,
            depth: outermost,
            changed: false,
        };
        walk::statement(tree, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a, 'b> {
    pass: &'a mut Pass<'b>,
    /// Queries around the one visited.
    depth: usize,
    changed: bool,
}

impl Hooks for Walk<'_, '_> {
    fn enter_query(&mut self, _query: &mut Query) -> Diagnosed<()> {
        self.depth += 1;
        Ok(())
    }

    fn leave_query(&mut self, query: &mut Query) -> Diagnosed<()> {
        self.depth -= 1;
        if query.limit_clause.is_none() && query.fetch.is_none() {
            return Ok(());
        }
        self.query(query)
    }
}

impl Walk<'_, '_> {
    fn query(&mut self, query: &mut Query) -> Diagnosed<()> {
        let rows = self.rows(query)?;
        if self.depth > 0
            || self.pass.scene.version.row_limit() == RowLimit::Top
            || rows.are_computed()
        {
            query.limit_clause = None;
            query.fetch = None;
            let place = if self.depth > 0 {
                Place::Subquery
            } else {
                Place::Top
            };
            paging::limit_by_top(query, rows, place);
            self.changed = true;
            return Ok(());
        }
        // Behind the last leg of a set operation it would belong to that leg.
        let legs = matches!(&*query.body, SetExpr::SetOperation { .. }) && query.order_by.is_none();
        let fetch = is_plain_fetch(query, &rows);
        let clause = self.clause(rows);
        if !legs
            && (fetch
                || (query.fetch.is_none()
                    && query.limit_clause == clause
                    && in_order(query.limit_clause.as_ref())))
        {
            return Ok(());
        }
        query.limit_clause = None;
        query.fetch = None;
        if legs && clause.is_some() {
            paging::wrap(query);
        }
        query.limit_clause = clause;
        self.changed = true;
        Ok(())
    }

    fn rows(&mut self, query: &Query) -> Diagnosed<Rows> {
        let mut rows = Rows::default();
        match &query.limit_clause {
            Some(LimitClause::LimitOffset { limit, offset, .. }) => {
                rows.limit = self.count(limit.as_ref(), "LIMIT", "2201W")?;
                rows.offset = self.count(
                    offset.as_ref().map(|offset| &offset.value),
                    "OFFSET",
                    "2201X",
                )?;
            }
            Some(LimitClause::OffsetCommaLimit { offset, limit }) => {
                rows.limit = self.count(Some(limit), "LIMIT", "2201W")?;
                rows.offset = self.count(Some(offset), "OFFSET", "2201X")?;
            }
            None => {}
        }
        if let Some(fetch) = &query.fetch {
            if fetch.with_ties || fetch.percent {
                return Err(Diagnostic::not_supported(
                    "FETCH FIRST with WITH TIES or PERCENT is not supported",
                    "use ONLY, or number the rows with RANK() OVER (ORDER BY …) in a subquery",
                ));
            }
            let one = build::number(1);
            rows.limit = self.count(
                Some(fetch.quantity.as_ref().unwrap_or(&one)),
                "LIMIT",
                "2201W",
            )?;
        }
        if rows
            .offset
            .as_ref()
            .is_some_and(|offset| *offset == build::number(0))
        {
            rows.offset = None;
        }
        Ok(rows)
    }

    /// A count as IRIS takes one: a number or a placeholder; none for NULL. Else what
    /// computes it.
    fn count(
        &mut self,
        written: Option<&Expr>,
        clause: &str,
        negative: &str,
    ) -> Diagnosed<Option<Expr>> {
        let Some(written) = written else {
            return Ok(None);
        };
        let mut inner = build::unnested(written);
        while let Expr::Cast {
            kind: CastKind::Cast | CastKind::DoubleColon,
            expr,
            ..
        } = inner
        {
            inner = build::unnested(expr);
        }
        if let Some(number) = placeholder::number_of(inner) {
            self.pass.parameter_type(number, oid::INT8);
            return Ok(Some(placeholder::row_count(number, clause == "LIMIT")));
        }
        match inner {
            Expr::Value(value) => match &value.value {
                Value::Null => return Ok(None),
                Value::Number(digits, _) | Value::SingleQuotedString(digits)
                    if digits.parse::<u64>().is_ok() =>
                {
                    return Ok(Some(build::number(
                        digits.parse::<u64>().unwrap_or_default(),
                    )));
                }
                _ => {}
            },
            Expr::UnaryOp {
                op: UnaryOperator::Minus,
                expr,
            } if matches!(**expr, Expr::Value(_)) => {
                return Err(Diagnostic::error(
                    negative,
                    format!("{clause} must not be negative"),
                ));
            }
            _ => {}
        }
        if let Some(number) = computed_count::folded(inner) {
            return u64::try_from(number)
                .map(|number| Some(build::number(number)))
                .map_err(|_| {
                    Diagnostic::error(negative, format!("{clause} must not be negative"))
                });
        }
        let at = place::of(written);
        if let Some(text) = build::string_in(inner) {
            let number = whole_number(&text, oid::INT8);
            let number = number.map_err(|error| error.at(self.pass.text, at))?;
            return u64::try_from(number)
                .map(|number| Some(build::number(number)))
                .map_err(|_| {
                    Diagnostic::error(negative, format!("{clause} must not be negative"))
                });
        }
        let known = Scopes::new(self.pass.relations, &self.pass.parameters).type_of(written);
        let place = written.span().start.column.saturating_sub(1) as usize;
        computed_count::checked(
            written,
            known,
            (clause, negative),
            self.depth > 0,
            &mut self.pass.copies,
        )
        .map(Some)
        .map_err(|refusal| refusal.at(self.pass.text, place))
    }

    fn clause(&self, rows: Rows) -> Option<LimitClause> {
        let Rows { mut limit, offset } = rows;
        if offset.is_some() && limit.is_none() && !self.pass.scene.version.offset_stands_alone() {
            limit = Some(build::number(EVERY_ROW));
        }
        if limit.is_none() && offset.is_none() {
            return None;
        }
        let offset = offset.map(|value| Offset {
            value,
            rows: OffsetRows::None,
        });
        Some(LimitClause::LimitOffset {
            limit,
            offset,
            limit_by: Vec::new(),
        })
    }
}

/// Whether the query has FETCH with its counts as IRIS takes them: without parentheses and casts.
fn is_plain_fetch(query: &Query, rows: &Rows) -> bool {
    let fetch = query.fetch.as_ref();
    let Some(count) = fetch.and_then(|fetch| fetch.quantity.as_ref()) else {
        return false;
    };
    let offset = match &query.limit_clause {
        Some(LimitClause::LimitOffset { offset, .. }) => offset.as_ref(),
        _ => None,
    };
    let is_plain = |written: &Expr, meant: Option<&Expr>| {
        meant.is_none_or(|meant| build::unnested(written) == written && written == meant)
    };
    is_plain(count, rows.limit.as_ref())
        && offset.is_none_or(|offset| is_plain(&offset.value, rows.offset.as_ref()))
}

/// Whether LIMIT was written before OFFSET.
fn in_order(clause: Option<&LimitClause>) -> bool {
    match clause {
        Some(LimitClause::LimitOffset {
            limit: Some(limit),
            offset: Some(offset),
            ..
        }) => limit.span().start <= offset.value.span().start,
        _ => true,
    }
}
