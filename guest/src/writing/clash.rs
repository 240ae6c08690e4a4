//! An INSERT whose key may clash: the attempt, and what is done where it fails.

use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    Assignment, AssignmentTarget, BinaryOperator, DoUpdate, Expr, Insert, ObjectName, SelectItem,
    SetExpr, Statement, TableWithJoins, Update,
};

use super::proposed::Row;
use super::target::{SetTo, Target, changeable, inserted_row};
use crate::build;
use crate::computed::{self, written};
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::look::{self, Node};
use crate::part::{Part, PartId, Times};
use crate::placeholder;
use crate::relations::{Column, Key, TableName};
use crate::rule::{Means, Pass, Rule as _};
use crate::rules::document_change::DocumentChange;
use crate::scope::Scopes;
use crate::types::oid;
use crate::walk;
use crate::wit::{Diagnostic, RowUse};
use crate::writing;

/// What IRIS says of a key that clashes.
pub(crate) const NOT_UNIQUE: i32 = -119;

/// An INSERT that may clash.
pub(crate) struct Clash<'a> {
    pub(crate) insert: Insert,
    pub(crate) from: Vec<TableWithJoins>,
    /// What the row in the way fulfils; none if it may be any.
    pub(crate) meant: Option<Expr>,
    pub(crate) id: PartId,
    pub(crate) times: Times,
    pub(crate) row: Row<'a>,
    pub(crate) key: Option<&'a Key>,
}

/// The error of a command that would touch a row twice.
pub(crate) fn twice() -> Diagnostic {
    Diagnostic::error(
        "21000",
        "ON CONFLICT DO UPDATE command cannot affect row a second time",
    )
    .with_hint(
        "Ensure that no rows proposed for insertion within the same command have duplicate \
         constrained values.",
    )
}

impl Clash<'_> {
    fn attempt(&self, named: bool) -> Part {
        Part {
            id: named.then_some(self.id),
            counted: true,
            repetition: self.times.clone(),
            tolerated: vec![NOT_UNIQUE],
            ..Part::new(Statement::Insert(self.insert.clone()))
        }
    }

    /// For each row that clashed.
    fn clashed(&self, tree: Statement) -> Part {
        match self.times {
            Times::Once => Part {
                repetition: Times::IfTolerated(self.id),
                ..Part::new(tree)
            },
            _ => Part {
                only_tolerated: Some(self.id),
                ..self.each(tree)
            },
        }
    }

    /// For each row.
    fn each(&self, tree: Statement) -> Part {
        Part {
            repetition: self.times.clone(),
            ..Part::new(tree)
        }
    }

    /// Finds the row in the way by the key that the clause names.
    fn find(&self, meant: &Expr) -> Statement {
        let row = vec![SelectItem::UnnamedExpr(writing::row(None))];
        writing::select(row, self.from.clone(), Some(meant.clone()))
    }

    /// There is none if another key clashed.
    fn found(&self, meant: &Expr) -> Part {
        Part {
            if_empty: Some(self.other_key()),
            ..self.clashed(self.find(meant))
        }
    }

    fn other_key(&self) -> Diagnostic {
        let table = Some(self.row.relation.name.clone());
        if self.row.relation.keys.len() > 1 {
            let message = "duplicate key value violates unique constraint";
            return Diagnostic {
                table,
                ..Diagnostic::error("23505", message)
                    .with_detail("It is not the one that ON CONFLICT names.")
            };
        }
        Diagnostic {
            table,
            ..Diagnostic::error(
                "40001",
                "could not serialize access due to concurrent delete",
            )
        }
    }

    pub(crate) fn nothing(self, items: Option<Vec<SelectItem>>) -> Vec<Part> {
        let meant = self.meant.as_ref();
        let meant = meant.filter(|_| self.row.relation.keys.len() > 1);
        let mut parts = vec![self.attempt(meant.is_some() || items.is_some())];
        let shown = items.map(|items| self.inserted(items));
        let found = meant.map(|meant| self.found(meant));
        match self.times {
            Times::Once => parts.extend(found.into_iter().chain(shown)),
            _ => parts.extend(shown.into_iter().chain(found)),
        }
        parts
    }

    fn inserted(&self, items: Vec<SelectItem>) -> Part {
        let shown = inserted_row(self.from.clone(), items, &self.times);
        match self.times {
            Times::Once => Part {
                repetition: Times::UnlessTolerated(self.id),
                ..shown
            },
            _ => shown,
        }
    }

    pub(crate) fn update(
        self,
        action: DoUpdate,
        items: Option<Vec<SelectItem>>,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Vec<Part>> {
        let (Some(meant), Some(table)) = (self.meant.clone(), self.from.first().cloned()) else {
            return Ok(vec![self.attempt(false)]);
        };
        self.refuse_ambiguous(&action, pass)?;
        let mut tree = Statement::Update(Update {
            update_token: AttachedToken::empty(),
            optimizer_hints: Vec::new(),
            table: table.clone(),
            assignments: writing::single(action.assignments)?.0,
            from: None,
            selection: action.selection,
            returning: None,
            output: None,
            or: None,
            order_by: Vec::new(),
            limit: None,
        });
        self.leave_out_key(&mut tree);
        put_excluded(&mut tree, &self.row, pass)?;
        if pass.means == Means::Arranged {
            DocumentChange.rewrite(&mut tree, pass)?;
        }
        let Statement::Update(mut update) = tree else {
            return Ok(vec![self.attempt(false)]);
        };
        writing::set_defaults(&mut update, pass)?;
        if !matches!(self.times, Times::Once) {
            return self.update_each(update, meant, items, pass);
        }
        let values = self.computed(&update, pass)?;
        let condition = update.selection.take();
        let mut parts = vec![self.attempt(true)];
        if items.is_none() && !asks(&update) && values.is_empty() {
            let is_sure = condition.is_none();
            if !is_sure {
                parts.push(self.found(&meant));
            }
            update.selection = Some(writing::both(meant, condition));
            parts.push(Part {
                counted: true,
                if_empty: is_sure.then(|| self.other_key()),
                ..self.clashed(Statement::Update(update))
            });
            return Ok(parts);
        }
        let target = Target::new(table, condition, pass);
        parts.push(Part {
            rows: RowUse::Keep(target.found),
            ..self.found(&meant)
        });
        parts.extend(items.clone().map(|items| self.inserted(items)));
        parts.extend(target.changed(&mut update, items, values));
        Ok(parts)
    }

    /// What the broker computes of the row in the way.
    fn computed(&self, update: &Update, pass: &mut Pass<'_>) -> Diagnosed<Vec<SetTo>> {
        let mut values = Vec::new();
        if pass.means < Means::Arranged {
            return Ok(values);
        }
        let (relations, parameters) = (pass.relations, pass.parameters.clone());
        let scopes = Scopes::within(relations, &parameters, &self.from);
        for (number, one) in update.assignments.iter().enumerate() {
            if computed::accesses(&one.value) || computed::is_made_here(&one.value) {
                values.extend(written::set_to(
                    number,
                    one,
                    self.row.relation,
                    &scopes,
                    pass,
                )?);
            }
        }
        Ok(values)
    }

    /// All rows are tried, then those that are in the way are changed, together.
    fn update_each(
        &self,
        mut update: Update,
        meant: Expr,
        items: Option<Vec<SelectItem>>,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Vec<Part>> {
        let condition = update.selection.take();
        let mut parts = vec![self.attempt(true)];
        let in_order = condition.is_none() && !asks(&update);
        let by_key = self.key_is_there();
        parts.extend(
            items
                .clone()
                .filter(|_| !(in_order && by_key))
                .map(|items| match in_order {
                    true => self.inserted_without_key(items),
                    false => self.inserted(items),
                }),
        );
        let all = pass.slot();
        parts.push(Part {
            rows: RowUse::Keep(all),
            if_repeated: Some(twice()),
            if_empty: (in_order && by_key).then(|| self.other_key()),
            ..self.each(self.find(&meant))
        });
        if in_order {
            if !by_key {
                parts.push(self.found(&meant));
            }
            update.selection = Some(meant);
            parts.push(Part {
                counted: true,
                ..self.clashed(Statement::Update(update))
            });
            parts.extend(items.map(|items| Part {
                rows: RowUse::Emit,
                ..self.of_kept(all, items)
            }));
            return Ok(parts);
        }
        self.refuse_own_queries(&update, pass)?;
        parts.push(self.found(&meant));
        let target = Target::of_found(update.table.clone(), all, pass);
        parts.extend(lock(&target, &update));
        let changed = target.rows;
        let mut kept = vec![SelectItem::UnnamedExpr(writing::row(None))];
        for assignment in &mut update.assignments {
            let column = u32::try_from(kept.len()).unwrap_or(u32::MAX);
            let held = placeholder::kept(changed, column);
            let value = std::mem::replace(&mut assignment.value, held);
            kept.push(SelectItem::UnnamedExpr(value));
        }
        let condition = writing::both(meant, condition);
        parts.push(Part {
            rows: RowUse::Keep(changed),
            ..self.clashed(writing::select(kept, self.from.clone(), Some(condition)))
        });
        update.selection = Some(target.is_current(changed));
        parts.push(Part {
            counted: true,
            ..target.for_each(Statement::Update(update))
        });
        parts.extend(items.map(|items| target.shown(items)));
        Ok(parts)
    }

    fn of_kept(&self, slot: u32, items: Vec<SelectItem>) -> Part {
        let found = writing::equals(writing::row(None), placeholder::kept(slot, 0));
        Part {
            repetition: Times::ForEach(slot),
            ..Part::new(writing::select(items, self.from.clone(), Some(found)))
        }
    }

    /// Whether no column of the key can be NULL, so that each row can be found by it.
    fn key_is_there(&self) -> bool {
        let column = |name: &String| self.row.relation.column(name);
        self.key.is_some_and(|key| {
            let mut columns = key.columns.iter();
            columns.all(|name| column(name).is_some_and(|column| !column.nullable))
                || self.row.gives(key)
        })
    }

    /// Shows the rows that were inserted and have no key by which they can be found again.
    fn inserted_without_key(&self, items: Vec<SelectItem>) -> Part {
        let columns = self.key.iter().flat_map(|key| &key.columns);
        let is_null = columns
            .map(|name| Expr::IsNull(Box::new(Expr::Identifier(labels::identifier(name)))))
            .reduce(|left, right| build::binary(left, BinaryOperator::Or, right));
        let mut part = self.inserted(items);
        if let Statement::Query(query) = &mut part.tree
            && let SetExpr::Select(select) = &mut *query.body
            && let Some(last) = select.selection.take()
        {
            select.selection = Some(writing::both(last, is_null));
        }
        part.if_empty = None;
        part
    }

    /// Leaves out assignments that change nothing, `k = excluded.k`: IRIS takes no value for a key that it
    /// generates. If nothing is left, a column that keeps its value locks the row.
    fn leave_out_key(&self, tree: &mut Statement) {
        let Statement::Update(update) = tree else {
            return;
        };
        let before = update.assignments.len();
        let mut kept = update.assignments.clone();
        kept.retain(|assignment| !self.is_own_key(assignment));
        if kept.len() == before {
            return;
        }
        if kept.is_empty() {
            let Some(column) = changeable(self.row.relation) else {
                return;
            };
            let same = column.0.last().and_then(|part| part.as_ident()).cloned();
            kept.extend(same.map(|same| Assignment {
                target: AssignmentTarget::ColumnName(column),
                value: Expr::Identifier(same),
            }));
        }
        update.assignments = kept;
    }

    /// Whether a column of the key is set to the value that the row in the way has in it. Strings may
    /// differ in what IRIS's collation does not tell apart.
    fn is_own_key(&self, assignment: &Assignment) -> bool {
        let AssignmentTarget::ColumnName(name) = &assignment.target else {
            return false;
        };
        let Some(name) = labels::of_name(name) else {
            return false;
        };
        let in_key = self.key.is_some_and(|key| {
            let mut columns = key.columns.iter();
            columns.any(|column| column.eq_ignore_ascii_case(&name))
        });
        let has_one_form = self.row.relation.column(&name).is_some_and(|column| {
            matches!(
                column.type_oid,
                oid::INT2 | oid::INT4 | oid::INT8 | oid::NUMERIC | oid::UUID | oid::DATE
            )
        });
        in_key
            && has_one_form
            && matches!(build::unnested(&assignment.value), Expr::CompoundIdentifier(parts)
                if matches!(parts.as_slice(), [table, own]
                    if labels::folded(table) == "excluded" && labels::folded(own) == name))
    }

    /// A name alone may be the row's that is there or the one's that is proposed.
    fn refuse_ambiguous(&self, action: &DoUpdate, pass: &Pass<'_>) -> Diagnosed<()> {
        let mut found = None;
        let values = action.assignments.iter().map(|one| &one.value);
        for value in values.chain(&action.selection) {
            walk::outside_queries(&mut value.clone(), &mut |expression| {
                if writing::is_default(expression) {
                    return;
                }
                if let Expr::Identifier(name) = expression
                    && self.row.relation.column(&labels::folded(name)).is_some()
                {
                    found.get_or_insert_with(|| (labels::folded(name), name.span.start.column));
                }
            });
        }
        match found {
            Some((name, column)) => Err(Diagnostic::error(
                "42702",
                format!("column reference \"{name}\" is ambiguous"),
            )
            .at(
                pass.text,
                usize::try_from(column).unwrap_or(1).saturating_sub(1),
            )),
            None => Ok(()),
        }
    }

    /// A query about the same table would see the rows that were just inserted.
    fn refuse_own_queries(&self, update: &Update, pass: &Pass<'_>) -> Diagnosed<()> {
        let own = self.from.first().and_then(writing::named);
        let own = own.and_then(|(name, _)| TableName::of(name));
        let values = update.assignments.iter().map(|one| &one.value);
        let mut names = values.chain(&update.selection);
        match own {
            Some(own) if names.any(|value| names_table(value, &own)) => {
                Err(Diagnostic::not_supported(
                    "ON CONFLICT DO UPDATE of several rows cannot ask the same table",
                    "insert the rows one by one",
                )
                .at(pass.text, 0))
            }
            _ => Ok(()),
        }
    }
}

/// An update of each that changes nothing holds them until the transaction ends.
fn lock(target: &Target, update: &Update) -> Option<Part> {
    let AssignmentTarget::ColumnName(column) = &update.assignments.first()?.target else {
        return None;
    };
    let column = ObjectName(vec![column.0.last()?.clone()]);
    let row = target.is_current(target.found);
    Some(Part {
        repetition: Times::ForEach(target.found),
        ..Part::new(target.locked(column, row))
    })
}

fn asks(update: &Update) -> bool {
    let mut values = update.assignments.iter().map(|one| &one.value);
    values.any(look::has_query)
}

/// Whether a query inside an expression names the table.
fn names_table(expression: &Expr, table: &TableName) -> bool {
    look::finds(expression, &mut |node| {
        matches!(node, Node::Relation(relation)
            if TableName::of(relation).is_some_and(|name| name == *table))
    })
}

/// Puts the values of the row in place of `excluded`. What is assigned alone, to a column of the same
/// type, is converted where it is.
fn put_excluded(tree: &mut Statement, row: &Row<'_>, pass: &mut Pass<'_>) -> Diagnosed<()> {
    if let Statement::Update(update) = &mut *tree {
        for assignment in &mut update.assignments {
            let AssignmentTarget::ColumnName(target) = &assignment.target else {
                continue;
            };
            let Some(name) = excluded_name(&assignment.value) else {
                continue;
            };
            let target = labels::of_name(target).and_then(|name| row.relation.column(&name));
            let own = row.relation.column(&name);
            let kind = |column: &Column| (column.type_oid, column.digits, column.length);
            if target.map(kind) == own.map(kind) {
                assignment.value = row.excluded(&name, pass)?;
            }
        }
    }
    walk::expressions(tree, &mut |expression| {
        if let Some(name) = excluded_name(expression) {
            *expression = row.excluded_in(&name, pass)?;
        }
        Ok(())
    })
}

/// The column of `excluded` that an expression is.
fn excluded_name(expression: &Expr) -> Option<String> {
    match expression {
        Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [table, column] if labels::folded(table) == "excluded" => Some(labels::folded(column)),
            _ => None,
        },
        _ => None,
    }
}
