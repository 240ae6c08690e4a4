//! INSERT, UPDATE, DELETE, TRUNCATE.

use super::Parser;
use crate::ast::{
    Assignment, Cte, Delete, Expr, Insert, InsertSource, InsertTarget, Restrictions, Statement,
    TableRef, Update,
};
use crate::error::{Result, SqlError};

/// Restrictions after the verb.
const RESTRICTIONS: [&str; 8] = [
    "%NOCHECK",
    "%NOFPLAN",
    "%NOINDEX",
    "%NOJOURN",
    "%NOLOCK",
    "%NOTRIGGER",
    "%PROFILE",
    "%PROFILE_ALL",
];

impl Parser<'_> {
    fn restrictions(&mut self) -> Restrictions {
        let mut restrictions = Restrictions::default();
        while let Some(word) = self.accept_any(&RESTRICTIONS) {
            restrictions.no_check |= word == "%NOCHECK";
            restrictions.no_trigger |= word == "%NOTRIGGER";
        }
        restrictions
    }

    pub(super) fn insert(&mut self, ctes: Vec<Cte>) -> Result<Statement> {
        self.advance();
        let or_update = self.accept("OR");
        if or_update {
            self.expect("UPDATE")?;
        }
        let restrictions = self.restrictions();
        self.accept("INTO");
        let table = self.insert_target()?;
        let mut columns = None;
        if self.is_symbol("(") {
            columns = Some(self.parenthesised_list(Self::identifier)?);
        }
        let source = if columns.is_none() && self.accept("SET") {
            let assignments = self.assignments()?;
            let (names, values) = assignments.into_iter().map(|a| (a.column, a.value)).unzip();
            columns = Some(names);
            InsertSource::Values(values)
        } else if self.accept("VALUES") {
            InsertSource::Values(self.values()?)
        } else if self.accept_all(&["DEFAULT", "VALUES"]) {
            InsertSource::Defaults
        } else if self.at_query() {
            InsertSource::Query(Box::new(self.query_after(ctes)?))
        } else {
            return Err(self.unexpected(-1, "VALUES or SELECT"));
        };
        Ok(Statement::Insert(Insert {
            or_update,
            restrictions,
            table,
            columns,
            source,
        }))
    }

    /// A table or view, or a subquery in parentheses.
    fn insert_target(&mut self) -> Result<InsertTarget> {
        if !self.accept_symbol("(") {
            return self.object_name().map(InsertTarget::Named);
        }
        let query = self.nested(Self::subquery)?;
        self.expect_symbol(")")?;
        Ok(InsertTarget::Subquery(Box::new(query)))
    }

    /// `(a, b)`; one value may stand without parentheses.
    fn values(&mut self) -> Result<Vec<Expr>> {
        if !self.is_symbol("(") {
            return Ok(vec![self.stored_value()?]);
        }
        let values = self.parenthesised_list(Self::stored_value)?;
        Ok(values)
    }

    /// A subquery is no value to store: -144.
    fn stored_value(&mut self) -> Result<Expr> {
        let value = self.value()?;
        if matches!(value, Expr::Subquery(_)) {
            return Err(SqlError::code(-144));
        }
        Ok(value)
    }

    fn assignments(&mut self) -> Result<Vec<Assignment>> {
        let assignments = self.comma_list(|p| {
            let column = p.identifier()?;
            if p.is_symbol("->") {
                return Err(SqlError::new(-21, &column));
            }
            p.expect_symbol("=")?;
            Ok(Assignment {
                column,
                value: p.stored_value()?,
            })
        })?;
        once_each(&assignments)?;
        Ok(assignments)
    }

    pub(super) fn update(&mut self, ctes: Vec<Cte>) -> Result<Statement> {
        self.advance();
        let restrictions = self.restrictions();
        let table = self.object_name()?;
        let alias = self.alias()?;
        let mut all_values = None;
        let mut assignments = Vec::new();
        if self.accept("SET") {
            assignments = self.assignments()?;
        } else if self.accept("VALUES") {
            all_values = Some(self.values()?);
        } else {
            assignments = self.column_values()?;
        }
        let (from, condition) = self.rows_concerned()?;
        Ok(Statement::Update(Update {
            restrictions,
            table,
            alias,
            ctes,
            assignments,
            all_values,
            from,
            condition,
        }))
    }

    /// `(columns) VALUES (values)`
    fn column_values(&mut self) -> Result<Vec<Assignment>> {
        let columns = self.parenthesised_list(Self::identifier)?;
        self.expect("VALUES")?;
        let values = self.values()?;
        if columns.len() != values.len() {
            return Err(SqlError::code(if values.len() < columns.len() {
                -62
            } else {
                -116
            }));
        }
        let assignments: Vec<Assignment> = columns
            .into_iter()
            .zip(values)
            .map(|(column, value)| Assignment { column, value })
            .collect();
        once_each(&assignments)?;
        Ok(assignments)
    }

    pub(super) fn delete(&mut self, ctes: Vec<Cte>) -> Result<Statement> {
        self.advance();
        let restrictions = self.restrictions();
        self.accept("FROM");
        let table = self.object_name()?;
        let alias = self.alias()?;
        let (from, condition) = self.rows_concerned()?;
        Ok(Statement::Delete(Delete {
            restrictions,
            table,
            alias,
            ctes,
            from,
            condition,
        }))
    }

    /// `[FROM tables] [WHERE condition]`, the end of UPDATE and of DELETE.
    fn rows_concerned(&mut self) -> Result<(Vec<TableRef>, Option<Expr>)> {
        let from = if self.accept("FROM") {
            self.table_references()?
        } else {
            Vec::new()
        };
        let condition = if self.accept("WHERE") {
            if self.are_words(&["CURRENT", "OF"]) {
                self.advance();
                self.advance();
                return Err(SqlError::new(-52, self.identifier()?));
            }
            Some(self.condition()?)
        } else {
            None
        };
        Ok((from, condition))
    }

    pub(super) fn truncate(&mut self) -> Result<Statement> {
        self.advance();
        self.expect("TABLE")?;
        let no_check = self.restrictions().no_check;
        Ok(Statement::Truncate {
            table: self.object_name()?,
            no_check,
        })
    }
}

/// -377 for a column that is assigned twice.
fn once_each(assignments: &[Assignment]) -> Result<()> {
    let mut seen = std::collections::HashSet::new();
    for assignment in assignments {
        if !seen.insert(assignment.column.to_uppercase()) {
            return Err(SqlError::new(-377, &assignment.column));
        }
    }
    Ok(())
}
