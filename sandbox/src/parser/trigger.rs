//! CREATE TRIGGER and DROP TRIGGER.

use super::Parser;
use crate::ast::{
    Code, SqlStep, SqlText, Statement, TriggerDef, TriggerEvent, TriggerScope, TriggerTime,
};
use crate::error::{Result, SqlError};
use crate::lexer::Kind;

/// `OLD` and `NEW` with the aliases that REFERENCING gives them.
type Aliases = Vec<(&'static str, String)>;

impl Parser<'_> {
    pub(super) fn create_trigger(&mut self, replace: bool) -> Result<Statement> {
        let name = self.object_name()?;
        let time = match self.accept_any(&["BEFORE", "AFTER"]) {
            Some("BEFORE") => TriggerTime::Before,
            Some(_) => TriggerTime::After,
            None => return Err(self.unexpected(-1, "BEFORE or AFTER")),
        };
        let (events, columns) = self.trigger_events()?;
        let order = if self.accept("ORDER") {
            self.unsigned()?
        } else {
            0
        };
        self.expect("ON")?;
        let start = self.tokens[self.at].start;
        let table = self.object_name()?;
        let end = self.tokens[self.at.saturating_sub(1)].end;
        let text = (self.sql[..start].to_owned(), self.sql[end..].to_owned());
        let aliases = self.referencing()?;
        let scope = self.trigger_scope()?;
        let condition = self.trigger_condition(&aliases)?;
        let objectscript = self.language()?;
        if objectscript {
            refuse_sql_clauses(&aliases, condition.is_some(), !columns.is_empty())?;
        }
        check_aliases(&aliases, &events)?;
        let code = self.trigger_code(objectscript, &aliases)?;
        if scope == TriggerScope::Statement && !objectscript {
            return Err(SqlError::new(
                -400,
                "statement-level triggers are for ObjectScript",
            ));
        }
        Ok(Statement::CreateTrigger(Box::new(TriggerDef {
            name,
            replace,
            time,
            events,
            columns,
            order,
            table,
            scope,
            condition,
            code,
            text,
        })))
    }

    /// Events; `UPDATE OF` stands alone: -1 in a list, -58 for a column given twice.
    fn trigger_events(&mut self) -> Result<(Vec<TriggerEvent>, Vec<String>)> {
        let mut columns: Vec<String> = Vec::new();
        let events = self.comma_list(|p| {
            let event = match p.accept_any(&["INSERT", "UPDATE", "DELETE"]) {
                Some("INSERT") => TriggerEvent::Insert,
                Some("UPDATE") => TriggerEvent::Update,
                Some(_) => TriggerEvent::Delete,
                None => return Err(p.unexpected(-1, "INSERT, UPDATE or DELETE")),
            };
            if event == TriggerEvent::Update && p.accept("OF") {
                columns = p.comma_list(Self::identifier)?;
            }
            Ok(event)
        })?;
        if events.len() > 1 && !columns.is_empty() {
            return Err(SqlError::new(-1, "UPDATE OF in a list of events"));
        }
        for (n, column) in columns.iter().enumerate() {
            if columns[..n]
                .iter()
                .any(|other| crate::catalog::same(other, column))
            {
                return Err(SqlError::new(-58, column));
            }
        }
        Ok((events, columns))
    }

    fn referencing(&mut self) -> Result<Aliases> {
        let mut aliases = Vec::new();
        if !self.accept("REFERENCING") {
            return Ok(aliases);
        }
        while let Some(which) = self.accept_any(&["OLD", "NEW"]) {
            self.accept("ROW");
            self.accept("AS");
            aliases.push((which, self.identifier()?));
        }
        if aliases.is_empty() {
            return Err(self.unexpected(-1, "OLD or NEW"));
        }
        Ok(aliases)
    }

    fn trigger_scope(&mut self) -> Result<TriggerScope> {
        if !self.accept_all(&["FOR", "EACH"]) {
            return Ok(TriggerScope::Row);
        }
        match self.accept_any(&["ROW_AND_OBJECT", "ROW", "STATEMENT"]) {
            Some("STATEMENT") => Ok(TriggerScope::Statement),
            Some(_) => Ok(TriggerScope::Row),
            None => Err(self.unexpected(-1, "ROW, ROW_AND_OBJECT or STATEMENT")),
        }
    }

    fn trigger_condition(&mut self, aliases: &Aliases) -> Result<Option<SqlText>> {
        if !self.accept("WHEN") {
            return Ok(None);
        }
        let start = self.at;
        self.expect_symbol("(")?;
        self.nested(Self::condition)?;
        self.expect_symbol(")")?;
        Ok(Some(self.with_columns(start, self.at, aliases)))
    }

    fn trigger_code(&mut self, objectscript: bool, aliases: &Aliases) -> Result<Code> {
        if objectscript {
            return self.code(true);
        }
        let block = self.accept("BEGIN");
        if block {
            self.accept("ATOMIC");
        }
        let mut steps = Vec::new();
        loop {
            let start = self.at;
            self.step()?;
            let text = self.with_columns(start, self.at, aliases);
            steps.push(SqlStep::Run(text));
            let ended = self.accept_symbol(";");
            if !block || self.accept("END") {
                return Ok(Code::Sql(steps));
            }
            if !ended {
                return Err(self.unexpected(-1, ";"));
            }
        }
    }

    /// The text of these tokens with `?` for `alias.column`; the names are `NEW.column`, `OLD.column`.
    fn with_columns(&self, start: usize, end: usize, aliases: &Aliases) -> SqlText {
        let mut text = String::new();
        let mut names = Vec::new();
        let mut at = start;
        while at < end {
            let token = &self.tokens[at];
            let which = match &token.kind {
                Kind::Word(word) | Kind::Delimited(word) => aliases
                    .iter()
                    .find(|(_, alias)| crate::catalog::same(alias, word)),
                _ => None,
            };
            let column = match self.tokens.get(at + 2).map(|token| &token.kind) {
                Some(Kind::Word(column) | Kind::Delimited(column)) => Some(column),
                _ => None,
            };
            let dotted = matches!(
                self.tokens.get(at + 1).map(|token| &token.kind),
                Some(Kind::Symbol("."))
            );
            text.push(' ');
            match (which, column) {
                (Some((which, _)), Some(column)) if dotted => {
                    names.push(format!("{which}.{column}"));
                    text.push('?');
                    at += 3;
                }
                _ => {
                    text.push_str(&self.sql[token.start..token.end]);
                    at += 1;
                }
            }
        }
        SqlText { text, names }
    }

    /// `DROP TRIGGER n [FROM t]`
    pub(super) fn drop_trigger(&mut self, if_exists: bool) -> Result<Statement> {
        let name = self.object_name()?;
        let table = if self.accept("FROM") {
            Some(self.object_name()?)
        } else {
            None
        };
        Ok(Statement::DropTrigger {
            name,
            table,
            if_exists,
        })
    }
}

/// REFERENCING, WHEN and UPDATE OF are for SQL: -49, -57, -50.
fn refuse_sql_clauses(aliases: &Aliases, condition: bool, columns: bool) -> Result<()> {
    match (aliases.is_empty(), condition, columns) {
        (false, _, _) => Err(SqlError::code(-49)),
        (_, true, _) => Err(SqlError::code(-57)),
        (_, _, true) => Err(SqlError::code(-50)),
        _ => Ok(()),
    }
}

/// There is no old row in INSERT and no new one in DELETE: -48.
fn check_aliases(aliases: &Aliases, events: &[TriggerEvent]) -> Result<()> {
    let wrong = |(which, _): &(&'static str, String)| match *which {
        "OLD" => events.contains(&TriggerEvent::Insert),
        _ => events.contains(&TriggerEvent::Delete),
    };
    if aliases.iter().any(wrong) {
        return Err(SqlError::code(-48));
    }
    Ok(())
}
