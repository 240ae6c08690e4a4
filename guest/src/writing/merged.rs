//! The parts of a MERGE: everything is found before anything is changed.

use std::slice;

use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    Assignment, AssignmentTarget, BinaryOperator, Delete, Expr, FromTable, Ident, Insert, Merge,
    ObjectName, Parens, Query, SelectItem, SetExpr, Statement, TableObject, TableWithJoins, Update,
    Values, With,
};

use super::joined::names_anything;
use super::target::{Target, changeable};
use super::{filled, is_default};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::part::{Part, Times};
use crate::place;
use crate::placeholder;
use crate::relations::{Relation, TableName};
use crate::rule::Pass;
use crate::rules::assigned_value;
use crate::scope::Scopes;
use crate::wit::{Diagnostic, RowUse};
use crate::writing;

/// What a clause does.
pub(crate) enum Outcome {
    Update(Vec<Assignment>),
    Delete,
    Nothing,
    /// The columns, if they are listed, and the values.
    Insert(Vec<ObjectName>, Vec<Expr>),
}

/// The clauses of one kind, with their conditions.
type Clauses = [(Option<Expr>, Outcome)];

pub(crate) struct Merging<'a> {
    name: ObjectName,
    table: TableWithJoins,
    source: TableWithJoins,
    called: Ident,
    on: Expr,
    with: Option<With>,
    relation: &'a Relation,
}

impl<'a> Merging<'a> {
    /// # Errors
    /// What PostgreSQL says of a table that is not there.
    pub(crate) fn new(merge: &Merge, with: Option<With>, pass: &Pass<'a>) -> Diagnosed<Self> {
        let from = |relation: &sqlparser::ast::TableFactor| TableWithJoins {
            relation: relation.clone(),
            joins: Vec::new(),
        };
        let table = from(&merge.table);
        let (name, alias) = writing::named(&table)
            .ok_or_else(|| Diagnostic::error("42601", "MERGE needs the name of a table"))?;
        let own = name.0.last().and_then(|part| part.as_ident());
        let known = TableName::of(name).and_then(|name| pass.relations.find(&name));
        let (Some(called), Some(relation)) = (alias.or(own).cloned(), known) else {
            let message = format!(
                "relation \"{}\" does not exist",
                labels::of_name(name).unwrap_or_default()
            );
            let start = crate::rules::merge::offset(name);
            return Err(Diagnostic::error("42P01", message).at(pass.text, start));
        };
        Ok(Self {
            name: name.clone(),
            called,
            relation,
            source: from(&merge.source),
            on: (*merge.on).clone(),
            with,
            table,
        })
    }

    /// # Errors
    /// What PostgreSQL says of values that do not fit.
    pub(crate) fn parts(
        &self,
        matched: &Clauses,
        unmatched: &Clauses,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Vec<Part>> {
        let touched = pass.slot();
        let target = Target::of_found(self.table.clone(), touched, pass);
        let mut parts = self.found(matched, &target, touched);
        let mut changes: [Vec<Part>; 3] = Default::default();
        for (place, (_, outcome)) in matched.iter().enumerate() {
            let chosen = chosen(matched, place);
            let slot = pass.slot();
            let mut kept = vec![writing::row(Some(&self.called))];
            match outcome {
                Outcome::Delete => changes[0].push(self.deletion(slot)),
                Outcome::Update(assignments) => {
                    let update = self.update(assignments.clone(), slot, &mut kept, pass)?;
                    changes[1].push(update);
                }
                Outcome::Nothing | Outcome::Insert(..) => continue,
            }
            let tables = vec![self.table.clone(), self.source.clone()];
            let meant = writing::both(build::nested(self.on.clone()), chosen);
            parts.push(self.asked(kept, tables, meant, RowUse::Keep(slot)));
        }
        for (place, (_, outcome)) in unmatched.iter().enumerate() {
            let Outcome::Insert(columns, values) = outcome else {
                continue;
            };
            let slot = pass.slot();
            let mut kept = Vec::new();
            let insert = self.insert(columns.clone(), values.clone(), slot, &mut kept, pass)?;
            if kept.is_empty() {
                kept.push(build::number(1));
            }
            let none = build::not(self.has_match());
            let meant = writing::both(none, chosen(unmatched, place));
            parts.push(self.asked(kept, vec![self.source.clone()], meant, RowUse::Keep(slot)));
            changes[2].push(insert);
        }
        parts.extend(changes.into_iter().flatten());
        Ok(parts)
    }

    /// Finds and locks the rows that are to be changed, each of them once.
    fn found(&self, matched: &Clauses, target: &Target, touched: u32) -> Vec<Part> {
        let places = matched
            .iter()
            .enumerate()
            .filter_map(|(place, (_, outcome))| {
                matches!(outcome, Outcome::Update(_) | Outcome::Delete).then_some(place)
            });
        let places: Vec<usize> = places.collect();
        if places.is_empty() {
            return Vec::new();
        }
        let any = match matched {
            [(condition, _)] => condition.clone().map(build::nested),
            _ => Some(Expr::InList {
                expr: Box::new(choice(matched)),
                list: places.iter().map(build::number).collect(),
                negated: false,
            }),
        };
        let row = vec![writing::row(Some(&self.called))];
        let tables = vec![self.table.clone(), self.source.clone()];
        let meant = writing::both(build::nested(self.on.clone()), any);
        let mut parts = vec![Part {
            if_repeated: Some(twice()),
            ..self.asked(row, tables, meant, RowUse::Keep(touched))
        }];
        parts.extend(changeable(self.relation).map(|column| Part {
            repetition: Times::ForEach(touched),
            ..Part::new(target.locked(column, target.is_current(touched)))
        }));
        parts
    }

    fn asked(
        &self,
        values: Vec<Expr>,
        tables: Vec<TableWithJoins>,
        meant: Expr,
        rows: RowUse,
    ) -> Part {
        let items = values.into_iter().map(SelectItem::UnnamedExpr).collect();
        let query = Query {
            with: self.with.clone(),
            ..writing::query(items, tables, Some(meant))
        };
        Part {
            rows,
            ..Part::new(Statement::Query(Box::new(query)))
        }
    }

    /// `EXISTS (SELECT 1 FROM target WHERE on)`
    fn has_match(&self) -> Expr {
        let one = vec![SelectItem::UnnamedExpr(build::number(1))];
        Expr::Exists {
            subquery: Box::new(writing::query(
                one,
                vec![self.table.clone()],
                Some(self.on.clone()),
            )),
            negated: false,
        }
    }

    /// Of the row that was kept.
    fn current(slot: u32) -> Expr {
        writing::equals(writing::row(None), placeholder::kept(slot, 0))
    }

    fn deletion(&self, slot: u32) -> Part {
        let delete = Delete {
            delete_token: AttachedToken::empty(),
            optimizer_hints: Vec::new(),
            tables: Vec::new(),
            from: FromTable::WithFromKeyword(vec![self.table.clone()]),
            using: None,
            selection: Some(Self::current(slot)),
            returning: None,
            output: None,
            order_by: Vec::new(),
            limit: None,
        };
        Part {
            counted: true,
            repetition: Times::ForEach(slot),
            ..Part::new(Statement::Delete(delete))
        }
    }

    fn update(
        &self,
        assignments: Vec<Assignment>,
        slot: u32,
        kept: &mut Vec<Expr>,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Part> {
        let (assignments, _) = writing::single(assignments)?;
        let mut update = Update {
            update_token: AttachedToken::empty(),
            optimizer_hints: Vec::new(),
            table: self.table.clone(),
            assignments,
            from: None,
            selection: Some(Self::current(slot)),
            returning: None,
            output: None,
            or: None,
            order_by: Vec::new(),
            limit: None,
        };
        let tables = [self.table.clone(), self.source.clone()];
        let parameters = pass.parameters.clone();
        let scopes = Scopes::within(pass.relations, &parameters, &tables);
        for assignment in &mut update.assignments {
            if is_kept(&assignment.value) {
                let assigned = slice::from_mut(assignment);
                assigned_value::assignments(assigned, self.relation, &scopes, pass)?;
            }
        }
        writing::set_defaults(&mut update, pass)?;
        for assignment in &mut update.assignments {
            if let AssignmentTarget::ColumnName(name) = &assignment.target {
                let column = labels::of_name(name).and_then(|name| self.relation.column(&name));
                type_parameter(
                    &assignment.value,
                    column.map(|column| column.type_oid),
                    pass,
                );
            }
            keep(&mut assignment.value, slot, kept);
        }
        Ok(Part {
            counted: true,
            repetition: Times::ForEach(slot),
            ..Part::new(Statement::Update(update))
        })
    }

    fn insert(
        &self,
        mut columns: Vec<ObjectName>,
        values: Vec<Expr>,
        slot: u32,
        kept: &mut Vec<Expr>,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Part> {
        if columns.is_empty() {
            let all = self.relation.columns.iter().take(values.len());
            columns
                .extend(all.map(|column| ObjectName::from(vec![labels::identifier(&column.name)])));
        }
        if columns.len() != values.len() {
            let message = match columns.len() < values.len() {
                true => "INSERT has more expressions than target columns",
                false => "INSERT has more target columns than expressions",
            };
            let error = Diagnostic::error("42601", message);
            return Err(match values.get(columns.len()) {
                Some(first) => error.at(pass.text, place::of(first)),
                None => error,
            });
        }
        let parameters = pass.parameters.clone();
        let sources = [self.source.clone()];
        let scopes = Scopes::within(pass.relations, &parameters, &sources);
        let mut given = Vec::with_capacity(columns.len());
        let mut row = Vec::with_capacity(columns.len());
        for (name, mut value) in columns.into_iter().zip(values) {
            if is_default(&value) {
                continue;
            }
            let column = labels::of_name(&name).and_then(|name| self.relation.column(&name));
            if let Some(column) = column {
                if is_kept(&value) {
                    assigned_value::assigned(&mut value, column, &scopes, pass)?;
                    filled::value(&mut value, column, self.relation, &scopes, pass)?;
                }
                type_parameter(&value, Some(column.type_oid), pass);
            }
            keep(&mut value, slot, kept);
            given.push(name);
            row.push(value);
        }
        let source = (!row.is_empty()).then(|| {
            Box::new(build::query(SetExpr::Values(Values {
                explicit_row: false,
                value_keyword: false,
                rows: vec![Parens::with_empty_span(row)],
            })))
        });
        Ok(Part {
            counted: true,
            repetition: Times::ForEach(slot),
            ..Part::new(Statement::Insert(self.plain_insert(given, source)))
        })
    }

    fn plain_insert(&self, columns: Vec<ObjectName>, source: Option<Box<Query>>) -> Insert {
        Insert {
            insert_token: AttachedToken::empty(),
            optimizer_hints: Vec::new(),
            or: None,
            ignore: false,
            into: true,
            table: TableObject::TableName(self.name.clone()),
            table_alias: None,
            columns,
            overwrite: false,
            source,
            assignments: Vec::new(),
            partitioned: None,
            after_columns: Vec::new(),
            has_table_keyword: false,
            on: None,
            returning: None,
            output: None,
            replace_into: false,
            priority: None,
            insert_alias: None,
            settings: None,
            format_clause: None,
            multi_table_insert_type: None,
            multi_table_into_clauses: Vec::new(),
            multi_table_when_clauses: Vec::new(),
            multi_table_else_clause: None,
        }
    }
}

/// Among values a parameter has the type of its column.
fn type_parameter(value: &Expr, type_oid: Option<crate::wit::Oid>, pass: &mut Pass<'_>) {
    if let (Some(number), Some(type_oid)) = (placeholder::number_of(value), type_oid) {
        pass.parameter_type(number, type_oid);
    }
}

/// Whether a value is kept: it depends on the rows, and has the column's type before it is. The others
/// are converted where they are assigned.
fn is_kept(value: &Expr) -> bool {
    names_anything(value)
}

/// Puts a kept value in the place of one that depends on the rows.
fn keep(value: &mut Expr, slot: u32, kept: &mut Vec<Expr>) {
    if is_kept(value) {
        let column = u32::try_from(kept.len()).unwrap_or(u32::MAX);
        kept.push(std::mem::replace(value, placeholder::kept(slot, column)));
    }
}

/// The number of the first clause whose condition is true.
fn choice(clauses: &Clauses) -> Expr {
    let mut branches = Vec::new();
    for (place, (condition, _)) in clauses.iter().enumerate() {
        match condition {
            Some(condition) => branches.push((condition.clone(), build::number(place))),
            None if branches.is_empty() => return build::number(place),
            None => return build::case(branches, Some(build::number(place))),
        }
    }
    build::case(branches, None)
}

/// Whether a clause is the first whose condition is true; none if it always is.
fn chosen(clauses: &Clauses, place: usize) -> Option<Expr> {
    if place == 0 {
        return clauses.first()?.0.clone();
    }
    Some(build::binary(
        choice(clauses),
        BinaryOperator::Eq,
        build::number(place),
    ))
}

/// The error of a command that would touch a row twice.
fn twice() -> Diagnostic {
    Diagnostic::error("21000", "MERGE command cannot affect row a second time")
        .with_hint("Ensure that not more than one source row matches any one target row.")
}
