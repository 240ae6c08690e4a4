//! INSERT, UPDATE, DELETE, TRUNCATE.

use super::Parser;
use crate::ast::{
    Assignment, Cte, Delete, Expr, Insert, InsertSource, Statement, TableRef, Update,
};
use crate::error::{Result, SqlError};

/// Restrictions after the verb; only `%NOCHECK` changes what happens here.
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
    /// Was `%NOCHECK` among the restrictions?
    fn restrictions(&mut self) -> bool {
        let mut no_check = false;
        while let Some(word) = self.accept_any(&RESTRICTIONS) {
            no_check |= word == "%NOCHECK";
        }
        no_check
    }

    pub(super) fn insert(&mut self, ctes: Vec<Cte>) -> Result<Statement> {
        self.advance();
        let or_update = self.accept("OR");
        if or_update {
            self.expect("UPDATE")?;
        }
        let no_check = self.restrictions();
        self.accept("INTO");
        let table = self.object_name()?;
        let mut columns = None;
        if self.is_symbol("(") {
            columns = Some(self.parenthesised_list(Self::identifier)?);
        }
        let source = if self.accept("SET") {
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
            no_check,
            table,
            columns,
            source,
        }))
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
                value: p.value()?,
            })
        })?;
        for (n, assignment) in assignments.iter().enumerate() {
            let name = assignment.column.to_uppercase();
            if assignments[..n]
                .iter()
                .any(|other| other.column.to_uppercase() == name)
            {
                return Err(SqlError::new(-377, &assignment.column));
            }
        }
        Ok(assignments)
    }

    pub(super) fn update(&mut self, ctes: Vec<Cte>) -> Result<Statement> {
        self.advance();
        let no_check = self.restrictions();
        let table = self.object_name()?;
        let alias = self.alias()?;
        let assignments = if self.accept("SET") {
            self.assignments()?
        } else {
            self.column_values()?
        };
        let (from, condition) = self.rows_concerned()?;
        Ok(Statement::Update(Update {
            no_check,
            table,
            alias,
            ctes,
            assignments,
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
        Ok(columns
            .into_iter()
            .zip(values)
            .map(|(column, value)| Assignment { column, value })
            .collect())
    }

    pub(super) fn delete(&mut self, ctes: Vec<Cte>) -> Result<Statement> {
        self.advance();
        let no_check = self.restrictions();
        self.accept("FROM");
        let table = self.object_name()?;
        let alias = self.alias()?;
        let (from, condition) = self.rows_concerned()?;
        Ok(Statement::Delete(Delete {
            no_check,
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
            Some(self.condition()?)
        } else {
            None
        };
        Ok((from, condition))
    }

    pub(super) fn truncate(&mut self) -> Result<Statement> {
        self.advance();
        self.expect("TABLE")?;
        self.restrictions();
        Ok(Statement::Truncate {
            table: self.object_name()?,
        })
    }
}
