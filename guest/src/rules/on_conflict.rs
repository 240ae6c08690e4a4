//! # What it does
//! Carries `ON CONFLICT` out: tries to insert, and if a key clashes does nothing or
//! updates the row that is in the way.
//!
//! # Why
//! IRIS has no `ON CONFLICT`; its `INSERT OR UPDATE` updates whatever key clashes,
//! and knows no other values than those to insert.
//!
//! # Example
//! `INSERT INTO t (k, a) VALUES (1, 2) ON CONFLICT DO NOTHING` becomes
//! `INSERT INTO t (k, a) VALUES (1, 2)`, tolerating SQLCODE -119.
//!
//! # Limits
//! Of `INSERT … SELECT` only DO NOTHING is carried out, without RETURNING. Rows whose
//! keys are parameters are not compared with each other beforehand: one that is hit
//! twice is updated twice. `excluded` is not known of columns that have a default
//! and are not given.
//!
//! # Versions
//! All.

use std::collections::HashSet;

use sqlparser::ast::{
    DoUpdate, Expr, Insert, OnConflict, OnConflictAction, OnInsert, Parens, SelectItem, SetExpr,
    Statement, Update, Values,
};

use super::insert_values::{last, name, relation_of};
use super::{column_label, returning, value_rows};
use crate::build;
use crate::conflict_target::key;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::part::{Part, PartId, Times};
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::relations::{Key, Relation};
use crate::rule::{Pass, Rule};
use crate::scope::Scopes;
use crate::walk;
use crate::wit::{Diagnostic, RowUse};
use crate::writing;

/// What IRIS says of a key that clashes.
const NOT_UNIQUE: i32 = -119;

pub(crate) struct OnConflictClause;

impl Rule for OnConflictClause {
    fn name(&self) -> &'static str {
        "on_conflict"
    }

    fn summary(&self) -> &'static str {
        "inserts, and does nothing or updates where a key clashes"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::CONFLICT)
    }

    fn needs_relations(&self, marks: Marks) -> bool {
        marks.has(Marks::CONFLICT)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let Statement::Insert(insert) = tree else {
            return Ok(false);
        };
        let conflict = match insert.on.take() {
            Some(OnInsert::OnConflict(conflict)) => conflict,
            other => {
                insert.on = other;
                return Ok(false);
            }
        };
        let Some(relation) = relation_of(insert, pass) else {
            // IRIS will say what is wrong with the table.
            insert.returning = None;
            return Ok(true);
        };
        let key = key(&conflict, relation)?;
        let Some(row) = Row::of(insert, relation) else {
            pass.split = Some(from_query(insert, &conflict, key, relation, pass)?);
            return Ok(true);
        };
        row.type_parameters(pass);
        let meant = match key.map(|key| row.meets(key)).transpose()? {
            // Without a value for the key nothing can clash with it.
            Some(None) => return Ok(true),
            Some(Some(meant)) => Some(meant),
            None => None,
        };
        let from = returning::target(&Statement::Insert(insert.clone()));
        let mut items = insert.returning.take();
        if let Some(items) = &mut items {
            column_label::describe(items, &from, pass);
        }
        insert.table_alias = None;
        let clash = Clash {
            insert: insert.clone(),
            from,
            meant,
            id: pass.part_id(),
            relation,
        };
        pass.split = Some(match conflict.action {
            OnConflictAction::DoNothing => clash.nothing(items),
            OnConflictAction::DoUpdate(update) => clash.update(update, items, &row, pass)?,
        });
        Ok(true)
    }
}

/// The row that is to be inserted, with the names of its columns.
struct Row<'a> {
    relation: &'a Relation,
    values: Vec<(String, Expr)>,
}

impl<'a> Row<'a> {
    /// None if it is not one row.
    fn of(insert: &Insert, relation: &'a Relation) -> Option<Self> {
        let values: Vec<Expr> = match insert.source.as_ref().map(|source| &*source.body) {
            None => Vec::new(),
            Some(SetExpr::Values(values)) => values.rows.first()?.content.clone(),
            Some(SetExpr::Select(select)) if select.from.is_empty() => {
                let values = select.projection.iter().map(|item| match item {
                    SelectItem::UnnamedExpr(value) => Some(value.clone()),
                    _ => None,
                });
                values.collect::<Option<_>>()?
            }
            Some(_) => return None,
        };
        let names = columns(insert, relation);
        Some(Self {
            relation,
            values: names.into_iter().zip(values).collect(),
        })
    }

    /// Among values a parameter has the type of its column.
    fn type_parameters(&self, pass: &mut Pass<'_>) {
        for (name, value) in &self.values {
            let column = self.relation.column(name);
            if let (Some(number), Some(column)) = (placeholder::number_of(value), column) {
                pass.parameter_type(number, column.type_oid);
            }
        }
    }

    fn value(&self, column: &str) -> Option<&Expr> {
        let mut values = self.values.iter();
        let found = values.find(|(name, _)| name.eq_ignore_ascii_case(column));
        found.map(|(_, value)| value)
    }

    /// What the stored row with this key fulfils; none if it cannot be there.
    fn meets(&self, key: &Key) -> Diagnosed<Option<Expr>> {
        let mut condition = None;
        for column in &key.columns {
            let value = match self.value(column) {
                Some(value) if !is_null(value) => value.clone(),
                Some(_) => return Ok(None),
                None if self.has_default(column) => {
                    return Err(Diagnostic::not_supported(
                        format!("ON CONFLICT is not supported with the default of \"{column}\""),
                        "give the column a value",
                    ));
                }
                None => return Ok(None),
            };
            let same = writing::equals(Expr::Identifier(name(column)), build::nested(value));
            condition = Some(match condition {
                None => same,
                Some(before) => build::binary(before, sqlparser::ast::BinaryOperator::And, same),
            });
        }
        Ok(condition)
    }

    fn has_default(&self, column: &str) -> bool {
        let column = self.relation.column(column);
        column.is_some_and(|column| column.has_default && !column.generated)
    }

    /// `excluded.column`
    fn excluded(&self, column: &str, pass: &mut Pass<'_>) -> Diagnosed<Expr> {
        if let Some(value) = self.value(column) {
            return Ok(build::nested(pass.copies.copy(value)?));
        }
        match self.relation.column(column) {
            None => Err(Diagnostic::error(
                "42703",
                format!("column excluded.{column} does not exist"),
            )),
            Some(known) if known.has_default || known.generated => Err(Diagnostic::not_supported(
                format!("excluded.{column} is not known"),
                "give the column a value",
            )),
            Some(_) => Ok(build::name("NULL")),
        }
    }
}

/// The names of the columns that are given.
fn columns(insert: &Insert, relation: &Relation) -> Vec<String> {
    if insert.columns.is_empty() {
        let all = relation.columns.iter();
        return all.map(|column| column.name.clone()).collect();
    }
    let given = insert.columns.iter();
    given.map(|name| last(name).unwrap_or_default()).collect()
}

fn is_null(value: &Expr) -> bool {
    placeholder::is_null(value)
        || matches!(build::unnested(value), Expr::Value(value)
            if matches!(value.value, sqlparser::ast::Value::Null))
}

/// An INSERT that may clash.
struct Clash<'a> {
    insert: Insert,
    from: Vec<sqlparser::ast::TableWithJoins>,
    /// What the row in the way fulfils; none if it may be any.
    meant: Option<Expr>,
    id: PartId,
    relation: &'a Relation,
}

impl Clash<'_> {
    fn attempt(&self, named: bool) -> Part {
        Part {
            id: named.then_some(self.id),
            counted: true,
            tolerated: vec![NOT_UNIQUE],
            ..Part::new(Statement::Insert(self.insert.clone()))
        }
    }

    fn clashed(&self, tree: Statement) -> Part {
        Part {
            repetition: Times::IfTolerated(self.id),
            ..Part::new(tree)
        }
    }

    /// Finds the row in the way by the key that the clause names; there is none
    /// if another key clashed.
    fn found(&self, meant: &Expr) -> Part {
        let row = vec![SelectItem::UnnamedExpr(writing::row(None))];
        let tree = writing::select(row, self.from.clone(), Some(meant.clone()));
        Part {
            if_empty: Some(self.other_key()),
            ..self.clashed(tree)
        }
    }

    fn other_key(&self) -> Diagnostic {
        let table = Some(self.relation.name.clone());
        if self.relation.keys.len() > 1 {
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

    fn nothing(self, items: Option<Vec<SelectItem>>) -> Vec<Part> {
        let meant = self.meant.as_ref();
        let meant = meant.filter(|_| self.relation.keys.len() > 1);
        let mut parts = vec![self.attempt(meant.is_some() || items.is_some())];
        parts.extend(meant.map(|meant| self.found(meant)));
        parts.extend(items.map(|items| self.inserted(items)));
        parts
    }

    fn inserted(&self, items: Vec<SelectItem>) -> Part {
        Part {
            repetition: Times::UnlessTolerated(self.id),
            ..returning::inserted_row(self.from.clone(), items)
        }
    }

    fn update(
        self,
        action: DoUpdate,
        items: Option<Vec<SelectItem>>,
        row: &Row<'_>,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Vec<Part>> {
        let (Some(meant), Some(table)) = (self.meant.clone(), self.from.first().cloned()) else {
            return Ok(vec![self.attempt(false)]);
        };
        let mut tree = Statement::Update(Update {
            update_token: sqlparser::ast::helpers::attached_token::AttachedToken::empty(),
            optimizer_hints: Vec::new(),
            table: table.clone(),
            assignments: action.assignments,
            from: None,
            selection: action.selection,
            returning: None,
            output: None,
            or: None,
            order_by: Vec::new(),
            limit: None,
        });
        put_excluded(&mut tree, row, pass)?;
        let Statement::Update(mut update) = tree else {
            return Ok(vec![self.attempt(false)]);
        };
        let condition = update.selection.take();
        let mut parts = vec![self.attempt(true)];
        let asks = update
            .assignments
            .iter()
            .any(|one| writing::asks(&one.value));
        if items.is_none() && !asks {
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
        let target = returning::Target::new(table, condition, pass);
        parts.push(Part {
            rows: RowUse::Keep(target.found),
            ..self.found(&meant)
        });
        parts.extend(items.clone().map(|items| self.inserted(items)));
        parts.extend(target.changed(&mut update, items));
        Ok(parts)
    }
}

/// Puts the values of the row in place of `excluded`.
fn put_excluded(tree: &mut Statement, row: &Row<'_>, pass: &mut Pass<'_>) -> Diagnosed<()> {
    walk::expressions(tree, &mut |expression| {
        if let Expr::CompoundIdentifier(parts) = expression
            && let [table, column] = parts.as_slice()
            && labels::folded(table) == "excluded"
        {
            *expression = row.excluded(&labels::folded(column), pass)?;
        }
        Ok(())
    })
}

/// The rows of a query, each inserted unless it clashes.
fn from_query(
    insert: &mut Insert,
    conflict: &OnConflict,
    key: Option<&Key>,
    relation: &Relation,
    pass: &mut Pass<'_>,
) -> Diagnosed<Vec<Part>> {
    let simple = matches!(conflict.action, OnConflictAction::DoNothing)
        && (key.is_none() || relation.keys.len() < 2)
        && insert.returning.is_none();
    let width = insert.source.as_ref().and_then(|query| {
        if !insert.columns.is_empty() {
            return Some(insert.columns.len());
        }
        let mut scopes = Scopes::new(pass.relations, &pass.parameters);
        Some(scopes.columns_of(query)?.len())
    });
    let (true, Some(width), Some(mut query)) = (simple, width, insert.source.take()) else {
        return Err(Diagnostic::not_supported(
            "this ON CONFLICT is not supported for INSERT ... SELECT",
            "insert the rows by VALUES, or leave out those that are there by NOT EXISTS",
        ));
    };
    let slot = pass.slot();
    let width = u32::try_from(width).unwrap_or(u32::MAX);
    let values = (0..width).map(|column| placeholder::kept(slot, column));
    let row = SetExpr::Values(Values {
        explicit_row: false,
        value_keyword: false,
        rows: vec![Parens::with_empty_span(values.collect())],
    });
    let mut one = writing::query(Vec::new(), Vec::new(), None);
    one.body = Box::new(row);
    std::mem::swap(&mut one, &mut query);
    insert.source = Some(query);
    insert.table_alias = None;
    Ok(vec![
        Part {
            rows: RowUse::Keep(slot),
            ..Part::new(Statement::Query(Box::new(one)))
        },
        Part {
            repetition: Times::ForEach(slot),
            counted: true,
            tolerated: vec![NOT_UNIQUE],
            ..Part::new(Statement::Insert(insert.clone()))
        },
    ])
}

/// One command must not update a row twice; as far as its text tells.
pub(crate) fn refuse_twice(
    insert: &Insert,
    rows: &[Parens<Vec<Expr>>],
    pass: &Pass<'_>,
) -> Diagnosed<()> {
    let Some(OnInsert::OnConflict(conflict)) = &insert.on else {
        return Ok(());
    };
    let (OnConflictAction::DoUpdate(_), Some(relation)) =
        (&conflict.action, relation_of(insert, pass))
    else {
        return Ok(());
    };
    let Some(key) = key(conflict, relation)? else {
        return Ok(());
    };
    let columns = columns(insert, relation);
    let places: Option<Vec<usize>> = key
        .columns
        .iter()
        .map(|column| {
            columns
                .iter()
                .position(|name| name.eq_ignore_ascii_case(column))
        })
        .collect();
    let mut seen = HashSet::new();
    for row in rows {
        let values: Option<Vec<String>> = places
            .iter()
            .flatten()
            .map(|place| value_rows::text_of(row.content.get(*place)?))
            .collect();
        let Some(values) = values.filter(|values| !values.is_empty()) else {
            continue;
        };
        if !seen.insert(values) {
            return Err(Diagnostic::error(
                "21000",
                "ON CONFLICT DO UPDATE command cannot affect row a second time",
            )
            .with_hint(
                "Ensure that no rows proposed for insertion within the same command have \
                 duplicate constrained values.",
            ));
        }
    }
    Ok(())
}
