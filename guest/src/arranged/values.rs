//! The values of a row: those that IRIS gives, those that functions put behind them, and what the
//! broker computes of both.

use sqlparser::ast::{Expr, Ident, SelectItem};

use super::correlated::Beside;
use super::expansion::Call;
use super::{known, renumbered};
use crate::aggregates::has_aggregate;
use crate::build;
use crate::computed::{self, Computed, accesses, is_written};
use crate::diagnostic::Diagnosed;
use crate::grouped::names::Names;
use crate::labels;
use crate::look::{self, Node};
use crate::rule::Pass;
use crate::scope::Scopes;
use crate::types::{is_number, kept, oid};
use crate::wit::{Column, Expansion, Instruction, Oid, Stage, TypedValue};
use crate::writing;

/// The number of the first value behind those of IRIS, as long as it is not known how many these are.
const BEHIND: u32 = 1 << 20;

/// The rows that IRIS is asked for.
pub(super) struct Rows<'a, 'b> {
    scopes: &'a Scopes<'b>,
    asked: Vec<Asked>,
    behind: Vec<Behind>,
    /// Whether they are those of a subquery that is arranged as well: IRIS gives none.
    is_beneath: bool,
}

/// A value that IRIS gives.
struct Asked {
    /// With its names written in one way.
    canonical: Expr,
    written: Expr,
    type_oid: Oid,
}

/// A value that a function puts behind the others.
struct Behind {
    table: Option<String>,
    name: String,
    type_oid: Oid,
    /// Whether the name of the table stands for it as well.
    is_alone: bool,
}

impl<'a, 'b> Rows<'a, 'b> {
    pub(super) fn new(scopes: &'a Scopes<'b>) -> Self {
        Self {
            scopes,
            asked: Vec::new(),
            behind: Vec::new(),
            is_beneath: false,
        }
    }

    /// Makes the columns of a subquery the first values.
    pub(super) fn put_on(&mut self, alias: &Ident, columns: &[Column]) {
        self.is_beneath = true;
        self.behind = columns
            .iter()
            .map(|column| Behind {
                table: Some(labels::folded(alias)),
                name: column.label.clone(),
                type_oid: column.type_oid,
                is_alone: false,
            })
            .collect();
    }

    /// Puts the values of a subquery behind the others; gives the numbers of what they belong to.
    ///
    /// # Errors
    /// What PostgreSQL says of a literal.
    pub(super) fn put_beside(
        &mut self,
        beside: &Beside,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Option<Vec<u32>>> {
        let mut keys = Vec::with_capacity(beside.keys.len());
        for key in &beside.keys {
            let key = known!(self.value(key, pass)?);
            match key.instructions.as_slice() {
                [Instruction::Column(number)] if *number < BEHIND => keys.push(*number),
                _ => return Ok(None),
            }
        }
        let columns = beside.columns.iter().cloned();
        self.behind.extend(columns.map(|(name, type_oid)| Behind {
            table: Some(beside.table.clone()),
            name,
            type_oid,
            is_alone: false,
        }));
        Ok(Some(keys))
    }

    /// The types of the values that IRIS is asked for.
    pub(super) fn asked_types(&self) -> Vec<Oid> {
        match self.asked.is_empty() {
            true => vec![oid::INT4],
            false => self.asked.iter().map(|one| one.type_oid).collect(),
        }
    }

    pub(super) fn scopes(&self) -> &'a Scopes<'b> {
        self.scopes
    }

    pub(super) fn names(&self) -> Names<'a, 'b> {
        Names {
            scopes: self.scopes,
            is_outermost: true,
        }
    }

    /// What is computed of the values of a row; none if it cannot be.
    ///
    /// # Errors
    /// What PostgreSQL says of a literal.
    pub(super) fn value(
        &mut self,
        expression: &Expr,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Option<Computed>> {
        let mut leaf = |inner: &Expr| self.leaf(inner);
        let (value, found) = known!(computed::compile(expression, &mut leaf, pass)?);
        pass.parameter_types(found);
        Ok(Some(value))
    }

    fn leaf(&mut self, expression: &Expr) -> Option<(u32, Oid)> {
        if let Some(found) = self.number_behind(expression) {
            return Some(found);
        }
        if self.is_beneath {
            return None;
        }
        let type_oid = match writing::is_row(expression) {
            true => Some(oid::TEXT),
            false => self.scopes.type_of(expression),
        };
        // IRIS may read a literal of another type in its own way, or not at all.
        let is_constant = is_written(expression) && type_oid.is_none_or(is_read_here);
        if is_constant || !self.is_asked(expression) {
            return None;
        }
        let type_oid = type_oid?;
        let canonical = self.names().canonical(expression);
        let known = self.asked.iter().position(|one| one.canonical == canonical);
        let number = known.unwrap_or_else(|| {
            self.asked.push(Asked {
                canonical,
                written: expression.clone(),
                type_oid,
            });
            self.asked.len() - 1
        });
        Some((u32::try_from(number).ok()?, self.asked[number].type_oid))
    }

    /// Whether IRIS can be asked for a value, or decides a condition.
    pub(super) fn is_asked(&self, expression: &Expr) -> bool {
        !self.is_beneath
            && !accesses(expression)
            && !computed::is_made_here(expression)
            && !has_aggregate(expression)
            && !look::has_window(expression)
            && !look::finds(expression, &mut |node| match node {
                Node::Expression(inner) => {
                    self.number_behind(inner).is_some() || Call::of_item(inner).is_some()
                }
                _ => false,
            })
    }

    /// Whether a name is that of a column.
    pub(super) fn is_column(&self, name: &Expr) -> bool {
        self.scopes.column(name).is_some() || self.number_behind(name).is_some()
    }

    fn number_behind(&self, expression: &Expr) -> Option<(u32, Oid)> {
        let (table, name) = match expression {
            Expr::Identifier(name) => (None, name),
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [table, name] => (Some(labels::folded(table)), name),
                _ => return None,
            },
            _ => return None,
        };
        let name = labels::folded(name);
        let index = self.behind.iter().position(|one| match &table {
            Some(_) => one.table == table && one.name == name,
            None => one.name == name || one.is_alone && one.table.as_ref() == Some(&name),
        })?;
        let number = BEHIND.checked_add(u32::try_from(index).ok()?)?;
        Some((number, self.behind[index].type_oid))
    }

    /// What puts the rows of a function behind each row; none if the broker knows no such function.
    ///
    /// # Errors
    /// What PostgreSQL says of a literal.
    pub(super) fn expansion(
        &mut self,
        call: Call,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Option<Expansion>> {
        let mut operands = Vec::with_capacity(call.arguments.len());
        for argument in &call.arguments {
            operands.push(known!(self.value(argument, pass)?));
        }
        let (function, operands) = known!(call.resolved(operands, pass));
        let names = known!(call.names(&function));
        let is_alone = function.gives.len() == 1 && !call.ordinality;
        let types = function.types(call.ordinality);
        for (name, type_oid) in names.into_iter().zip(types) {
            self.behind.push(Behind {
                table: call.table(),
                name,
                type_oid,
                is_alone,
            });
        }
        let operands = operands.into_iter().map(|operand| operand.instructions);
        Ok(Some(Expansion {
            name: function.code.to_owned(),
            operands: operands.collect(),
            ordinality: call.ordinality,
            outer: call.outer,
        }))
    }

    /// The columns of functions in FROM, or of the one of that name, as items of a select list.
    pub(super) fn columns_behind(&self, table: Option<&Ident>) -> Vec<SelectItem> {
        let table = table.map(labels::folded);
        let chosen = self
            .behind
            .iter()
            .filter(|one| table.is_none() || one.table == table);
        chosen
            .map(|one| {
                let name = labels::identifier(&one.name);
                SelectItem::UnnamedExpr(match &one.table {
                    Some(table) => Expr::CompoundIdentifier(vec![labels::identifier(table), name]),
                    None => Expr::Identifier(name),
                })
            })
            .collect()
    }

    /// The select list that asks IRIS.
    pub(super) fn asked(&self) -> Vec<SelectItem> {
        if self.asked.is_empty() {
            return vec![SelectItem::UnnamedExpr(build::number(1))];
        }
        let items = self.asked.iter();
        items
            .map(|one| SelectItem::UnnamedExpr(one.written.clone()))
            .collect()
    }

    /// Stages with the numbers that values have when it is known how many IRIS gives. Those behind
    /// the first one that computes rows anew have them already.
    pub(super) fn numbered(&self, stages: Vec<Stage>) -> Vec<Stage> {
        let fewest = usize::from(!self.is_beneath);
        let asked = u32::try_from(self.asked.len().max(fewest)).unwrap_or(BEHIND);
        let number = |known: u32| match known.checked_sub(BEHIND) {
            Some(behind) => asked.saturating_add(behind),
            None => known,
        };
        let all = |lists: Vec<Vec<Instruction>>| {
            let lists = lists.into_iter();
            lists.map(|list| renumbered(list, &number)).collect()
        };
        let renumber = |stage| match stage {
            Stage::Computed(values) => Stage::Computed(all(values)),
            Stage::KeptIf(condition) => Stage::KeptIf(renumbered(condition, &number)),
            Stage::Expanded(expansion) => Stage::Expanded(Expansion {
                operands: all(expansion.operands),
                ..expansion
            }),
            other => other,
        };
        stages.into_iter().map(renumber).collect()
    }
}

/// Whether a literal of a type is the same to the broker as it is written.
fn is_read_here(type_oid: Oid) -> bool {
    is_number(type_oid)
        || kept::is_array(type_oid)
        || matches!(
            type_oid,
            oid::BOOL
                | oid::TEXT
                | oid::VARCHAR
                | oid::JSON
                | oid::JSONB
                | oid::INTERVAL
                | oid::UUID
        )
}

/// A value of a row by its number.
pub(super) fn typed(number: usize, type_oid: Oid) -> TypedValue {
    TypedValue {
        number: u32::try_from(number).unwrap_or(u32::MAX),
        type_oid,
    }
}

/// The values of rows that are laid out for groups.
pub(super) struct Laid {
    pub(super) values: Vec<Computed>,
}

impl Laid {
    /// The number of a value, which is there once.
    pub(super) fn number(&mut self, value: Computed) -> TypedValue {
        let known = self
            .values
            .iter()
            .position(|known| known.instructions == value.instructions);
        let type_oid = value.type_oid;
        let number = known.unwrap_or_else(|| {
            self.values.push(value);
            self.values.len() - 1
        });
        typed(number, type_oid)
    }
}
