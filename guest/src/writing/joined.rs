//! The rows that an UPDATE with FROM or a DELETE with USING means: each once, with the
//! first of the rows that it is joined with.

use sqlparser::ast::{
    DataType, Delete, ExactNumberInfo, Expr, Ident, ObjectName, Select, SelectItem, SetExpr,
    Statement, TableWithJoins, TimezoneInfo, Top, TopQuantity, Update,
};

use super::target::{self, Target};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::look::{self, Node};
use crate::part::{Part, Times};
use crate::placeholder;
use crate::relations::{Relation, TableName};
use crate::rule::Pass;
use crate::scope::Scopes;
use crate::types::{Digits, oid};
use crate::walk;
use crate::wit::{ColumnRule, Diagnostic, Oid, RowUse};
use crate::writing;

pub(crate) struct Joined<'a> {
    target: Target,
    table: TableWithJoins,
    others: Vec<TableWithJoins>,
    condition: Option<Expr>,
    relation: Option<&'a Relation>,
    /// What the statement calls the table that is written to.
    called: Ident,
}

impl<'a> Joined<'a> {
    /// None if the table has no name.
    pub(crate) fn new(
        table: TableWithJoins,
        others: Vec<TableWithJoins>,
        condition: Option<Expr>,
        pass: &mut Pass<'a>,
    ) -> Option<Self> {
        let (name, alias) = writing::named(&table)?;
        let own = name.0.last().and_then(|part| part.as_ident());
        let called = alias.or(own)?.clone();
        let relation = TableName::of(name).and_then(|name| pass.relations.find(&name));
        Some(Self {
            target: Target::new(table.clone(), None, pass),
            table,
            others,
            condition,
            relation,
            called,
        })
    }

    /// All tables, as a FROM lists them.
    pub(crate) fn tables(&self) -> Vec<TableWithJoins> {
        let target = std::iter::once(&self.table);
        target.chain(&self.others).cloned().collect()
    }

    fn row(&self) -> Expr {
        writing::row(Some(&self.called))
    }

    /// What is asked of the joined rows of one row of the target.
    fn of_row(&self, slot: u32, items: Vec<SelectItem>) -> Statement {
        let current = writing::equals(self.row(), placeholder::kept(slot, 0));
        let meant = writing::both(current, self.condition.clone());
        writing::select(items, self.tables(), Some(meant))
    }

    /// Finds the rows, locks them, and keeps of those that still are meant the row
    /// number and what else is asked.
    fn confirmed(&self, lock: Option<ObjectName>, kept: Vec<Expr>) -> Vec<Part> {
        let row = vec![SelectItem::UnnamedExpr(self.row())];
        let mut parts = vec![Part {
            rows: RowUse::KeepFirst(self.target.found),
            ..Part::new(writing::select(row, self.tables(), self.condition.clone()))
        }];
        let candidate = self.target.is_current(self.target.found);
        parts.extend(lock.map(|column| Part {
            repetition: Times::ForEach(self.target.found),
            ..Part::new(self.target.locked(column, candidate))
        }));
        let items = std::iter::once(self.row()).chain(kept);
        let items = items.map(SelectItem::UnnamedExpr).collect();
        parts.push(Part {
            repetition: Times::ForEach(self.target.found),
            rows: RowUse::KeepFirst(self.target.rows),
            ..Part::new(self.of_row(self.target.found, items))
        });
        parts
    }

    /// Finds and locks the rows to be removed; the slot that has them.
    pub(crate) fn doomed(&self) -> (Vec<Part>, u32) {
        let lock = self.relation.and_then(super::target::changeable);
        (self.confirmed(lock, Vec::new()), self.target.rows)
    }

    /// Removes them.
    pub(crate) fn removed(&self, mut delete: Delete) -> Part {
        delete.using = None;
        delete.returning = None;
        delete.selection = Some(self.target.is_current(self.target.rows));
        Part {
            counted: true,
            ..self.target.for_each(Statement::Delete(delete))
        }
    }

    /// Shows the rows, then removes them.
    pub(crate) fn deleted(&self, delete: Delete, items: Vec<SelectItem>) -> Vec<Part> {
        let (mut parts, _) = self.doomed();
        let mut shown = self.of_row(self.target.rows, items);
        if let Some(select) = select_of(&mut shown) {
            select.top = Some(Top {
                with_ties: false,
                percent: false,
                quantity: Some(TopQuantity::Constant(1)),
            });
        }
        parts.push(Part {
            rows: RowUse::Emit,
            ..self.target.for_each(shown)
        });
        parts.push(self.removed(delete));
        parts
    }

    /// Changes the rows, and shows them.
    pub(crate) fn changed(
        &self,
        mut update: Update,
        mut items: Option<Vec<SelectItem>>,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Vec<Part>> {
        let lock = target::lock_of(&update);
        let mut kept = Vec::new();
        for assignment in &mut update.assignments {
            if names_anything(&assignment.value) {
                let held = self.held(&kept);
                kept.push(std::mem::replace(&mut assignment.value, held));
            }
        }
        if let Some(items) = &mut items {
            self.keep_others(items, &mut kept, pass)?;
        }
        update.from = None;
        update.returning = None;
        update.selection = Some(self.target.is_current(self.target.rows));
        let mut parts = self.confirmed(lock, kept);
        parts.push(Part {
            counted: true,
            ..self.target.for_each(Statement::Update(update))
        });
        parts.extend(items.map(|items| self.target.shown(items)));
        Ok(parts)
    }

    /// What is kept next, behind the row number.
    fn held(&self, kept: &[Expr]) -> Expr {
        let column = u32::try_from(kept.len() + 1).unwrap_or(u32::MAX);
        placeholder::kept(self.target.rows, column)
    }

    /// With each `*` written out that stands beside others, or means more than the target's columns.
    pub(crate) fn expand(
        &self,
        items: Vec<SelectItem>,
        pass: &Pass<'_>,
    ) -> Diagnosed<Vec<SelectItem>> {
        let scopes = Scopes::within(pass.relations, &pass.parameters, &self.others);
        let mut written = Vec::with_capacity(items.len());
        let is_alone = items.len() == 1;
        for item in items {
            match self.expanded(&item, is_alone, &scopes)? {
                Some(columns) => written.extend(columns),
                None => written.push(item),
            }
        }
        Ok(written)
    }

    /// Puts kept values in the place of the columns of the other tables.
    fn keep_others(
        &self,
        items: &mut [SelectItem],
        kept: &mut Vec<Expr>,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<()> {
        let parameters = pass.parameters.clone();
        let scopes = Scopes::within(pass.relations, &parameters, &self.others);
        for (place, item) in items.iter_mut().enumerate() {
            let (SelectItem::UnnamedExpr(value) | SelectItem::ExprWithAlias { expr: value, .. }) =
                item
            else {
                continue;
            };
            let label = labels::of_expression(value);
            let whole = scopes.column(value).and_then(|column| column.type_oid);
            let before = kept.len();
            let mut keep = |expression: &mut Expr| self.keep(expression, &scopes, kept);
            walk::expression(value, &mut Columns(&mut keep))?;
            if kept.len() == before {
                continue;
            }
            if let SelectItem::UnnamedExpr(value) = item {
                *item = SelectItem::ExprWithAlias {
                    expr: build::take(value),
                    alias: labels::identifier(&label),
                };
            }
            if let (Some(ColumnRule::One(column)), Some(_)) = (pass.columns.get_mut(place), whole) {
                column.type_oid = whole;
            }
        }
        Ok(())
    }

    fn keep(
        &self,
        expression: &mut Expr,
        scopes: &Scopes<'_>,
        kept: &mut Vec<Expr>,
    ) -> Diagnosed<()> {
        if !self.is_of_others(expression) {
            return Ok(());
        }
        let column = scopes.column(expression).ok_or_else(unknown)?;
        let type_oid = column.type_oid.ok_or_else(unknown)?;
        if matches!(type_oid, oid::BYTEA | oid::VECTOR) {
            return Err(unknown());
        }
        let held = match iris_type(type_oid, column.digits) {
            Some(data_type) => build::cast(self.held(kept), data_type),
            None => self.held(kept),
        };
        kept.push(std::mem::replace(expression, held));
        Ok(())
    }

    /// Whether this is a column of another table than the target.
    pub(crate) fn is_of_others(&self, expression: &Expr) -> bool {
        match expression {
            Expr::Identifier(name) => {
                name.value != "%ID"
                    && self
                        .relation
                        .is_none_or(|relation| relation.column(&name.value).is_none())
            }
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [.., qualifier, _] => labels::folded(qualifier) != labels::folded(&self.called),
                _ => false,
            },
            _ => false,
        }
    }

    /// The columns of a `*` that stands beside others, or means more than the target's.
    fn expanded(
        &self,
        item: &SelectItem,
        is_alone: bool,
        scopes: &Scopes<'_>,
    ) -> Diagnosed<Option<Vec<SelectItem>>> {
        let only = match item {
            SelectItem::Wildcard(_) => None,
            SelectItem::QualifiedWildcard(qualifier, _) => {
                Some(labels::qualifier(qualifier).ok_or_else(unknown)?)
            }
            _ => return Ok(None),
        };
        let is_own = |name: &Ident| labels::folded(name) == labels::folded(&self.called);
        let own = only.as_ref().is_none_or(is_own);
        if own && only.is_some() && is_alone {
            return Ok(None);
        }
        let column = |table: &Ident, name: &str| {
            SelectItem::UnnamedExpr(Expr::CompoundIdentifier(vec![
                table.clone(),
                labels::identifier(name),
            ]))
        };
        let mut items = Vec::new();
        if own {
            let relation = self.relation.ok_or_else(unknown)?;
            let own = relation.columns.iter();
            items.extend(own.map(|own| column(&self.called, &own.name)));
        }
        for source in scopes.sources() {
            if only
                .as_ref()
                .is_some_and(|only| own || !source.is_called(only))
            {
                continue;
            }
            let table = Ident::new(source.alias.as_deref().ok_or_else(unknown)?);
            for output in source.columns.as_ref().ok_or_else(unknown)? {
                items.push(column(&table, output.name.as_deref().ok_or_else(unknown)?));
            }
        }
        Ok(Some(items))
    }
}

/// The type of IRIS's in which a kept value is what it was; none where a cast could only cut.
pub(crate) fn iris_type(type_oid: Oid, digits: Option<Digits>) -> Option<DataType> {
    Some(match type_oid {
        oid::BOOL => DataType::Bit(None),
        oid::INT2 => DataType::SmallInt(None),
        oid::INT4 => DataType::Integer(None),
        oid::INT8 => DataType::BigInt(None),
        oid::NUMERIC => {
            let Digits { precision, scale } = digits?;
            let info = ExactNumberInfo::PrecisionAndScale(u64::from(precision), i64::from(scale));
            DataType::Numeric(info)
        }
        oid::FLOAT8 => DataType::Double(ExactNumberInfo::None),
        oid::DATE => DataType::Date,
        oid::TIME => DataType::Time(None, TimezoneInfo::None),
        oid::TIMESTAMP | oid::TIMESTAMPTZ => DataType::Timestamp(None, TimezoneInfo::None),
        _ => return None,
    })
}

fn unknown() -> Diagnostic {
    Diagnostic::not_supported(
        "RETURNING of a column whose type is not known is not supported",
        "read it in a statement of its own, in the same transaction",
    )
}

fn select_of(tree: &mut Statement) -> Option<&mut Select> {
    match tree {
        Statement::Query(query) => match &mut *query.body {
            SetExpr::Select(select) => Some(select),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a value depends on a row.
pub(crate) fn names_anything(value: &Expr) -> bool {
    look::finds(value, &mut |node| match node {
        Node::Expression(Expr::Identifier(name)) => name.value != "NULL",
        Node::Expression(expression) => {
            matches!(expression, Expr::CompoundIdentifier(_) | Expr::Subquery(_))
        }
        _ => false,
    })
}

/// Calls a function for every expression.
struct Columns<'a>(&'a mut dyn FnMut(&mut Expr) -> Diagnosed<()>);

impl walk::Hooks for Columns<'_> {
    fn leave_expression(&mut self, expression: &mut Expr) -> Diagnosed<()> {
        (self.0)(expression)
    }
}
