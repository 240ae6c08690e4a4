//! FROM: sources, joins, and where conditions are decided.

use std::cell::OnceCell;
use std::rc::Rc;

use sqlparser::ast::{self, FunctionArgExpr, JoinConstraint, JoinOperator, TableFactor};

use super::nodes::{inner, parts};
use super::query::{known, renamed};
use super::scope::{Clause, Merged, Named, Scope, Sink};
use super::special::argument_of;
use super::{Binder, Typed, folded, names};
use crate::definition;
use crate::failure::{Failure, Result};
use crate::functions;
use crate::plan::{Column, Comparison, Expr, Node, Origin, SetItem, Source, SourceKind, Subquery};
use crate::types::Type;
use crate::value::Value;

impl Binder {
    pub(super) fn from(
        &self,
        list: &[ast::TableWithJoins],
        scope: &Scope<'_>,
        sources: &mut Vec<Source>,
    ) -> Result<Node> {
        let mut node: Option<Node> = None;
        for item in list {
            let next = self.joined(item, scope, sources)?;
            node = Some(match node {
                None => next,
                Some(left) => inner(left, next, Vec::new(), sources),
            });
        }
        Ok(node.unwrap_or(Node::Nothing))
    }

    fn joined(
        &self,
        item: &ast::TableWithJoins,
        scope: &Scope<'_>,
        sources: &mut Vec<Source>,
    ) -> Result<Node> {
        let mut node = self.factor(&item.relation, scope, sources)?;
        for join in &item.joins {
            let (side, constraint) = match &join.join_operator {
                JoinOperator::Join(on) | JoinOperator::Inner(on) | JoinOperator::CrossJoin(on) => {
                    (Side::Inner, on)
                }
                JoinOperator::Left(on) | JoinOperator::LeftOuter(on) => (Side::Left, on),
                JoinOperator::Right(on) | JoinOperator::RightOuter(on) => (Side::Right, on),
                JoinOperator::FullOuter(on) => (Side::Full, on),
                _ => return Err(Failure::not_supported("such a join")),
            };
            let left = node.sources();
            let right = self.factor(&join.relation, scope, sources)?;
            let on = self.constraint(constraint, side, [left, right.sources()], scope)?;
            node = match side {
                Side::Inner => inner(node, right, on, sources),
                Side::Left => Node::Left(Box::new(node), Box::new(Node::inner(vec![right], on))),
                Side::Right => Node::Left(Box::new(right), Box::new(Node::inner(vec![node], on))),
                Side::Full => Node::Full(Box::new(node), Box::new(right), on),
            };
        }
        Ok(node)
    }

    fn constraint(
        &self,
        constraint: &JoinConstraint,
        side: Side,
        sides: [u128; 2],
        scope: &Scope<'_>,
    ) -> Result<Vec<Expr>> {
        match constraint {
            JoinConstraint::None => Ok(Vec::new()),
            JoinConstraint::On(expr) => {
                let condition =
                    scope.within(Clause::From, || self.condition(expr, scope, "JOIN/ON"))?;
                Ok(parts(condition))
            }
            JoinConstraint::Using(list) => list
                .iter()
                .map(|name| {
                    let name = names(name)?.pop().unwrap_or_default();
                    self.merge(&name, side, sides, scope)
                })
                .collect(),
            JoinConstraint::Natural => {
                let shared: Vec<String> = {
                    let named = scope.named.borrow();
                    let of = |side: u128| {
                        named
                            .iter()
                            .filter(move |source| side & (1 << source.number) != 0)
                            .flat_map(|source| source.columns.iter())
                    };
                    let [left, right] = sides;
                    of(left)
                        .map(|column| column.name.clone())
                        .filter(|name| of(right).any(|column| column.name == *name))
                        .collect()
                };
                shared
                    .iter()
                    .map(|name| self.merge(name, side, sides, scope))
                    .collect()
            }
        }
    }

    /// One column of both sides under USING.
    fn merge(
        &self,
        name: &str,
        side: Side,
        [left, right]: [u128; 2],
        scope: &Scope<'_>,
    ) -> Result<Expr> {
        let (first, mut covers) = self.using(name, left, scope, "left")?;
        let (second, more) = self.using(name, right, scope, "right")?;
        covers.extend(more);
        let test = self.compare("=", Comparison::Equal, first.clone(), second.clone())?;
        let value = match side {
            Side::Inner | Side::Left => first,
            Side::Right => second,
            Side::Full => {
                let (exprs, kind) = self.unify(vec![first, second], "JOIN/USING")?;
                Typed::new(Expr::Coalesce(exprs), kind)
            }
        };
        let mut merged = scope.merged.borrow_mut();
        merged.retain(|known| known.name != name);
        merged.push(Merged {
            name: name.to_owned(),
            value,
            covers,
        });
        Ok(test.expr)
    }

    fn using(
        &self,
        name: &str,
        side: u128,
        scope: &Scope<'_>,
        what: &str,
    ) -> Result<(Typed, Vec<(usize, String)>)> {
        let merged = scope.merged.borrow();
        let within = |merged: &&Merged| {
            merged.name == name
                && merged
                    .covers
                    .iter()
                    .all(|(number, _)| side & (1 << number) != 0)
        };
        if let Some(merged) = merged.iter().find(within) {
            return Ok((merged.value.clone(), merged.covers.clone()));
        }
        let numbers: Vec<usize> = scope
            .named
            .borrow()
            .iter()
            .map(|source| source.number)
            .filter(|number| side & (1 << number) != 0)
            .collect();
        numbers
            .into_iter()
            .find_map(|number| {
                let found = scope.of_number(number, name)?;
                Some((found, vec![(number, name.to_owned())]))
            })
            .ok_or_else(|| {
                Failure::new(
                    "42703",
                    format!(
                        "column \"{name}\" specified in USING clause does not exist in {what} table"
                    ),
                )
            })
    }

    fn factor(
        &self,
        factor: &TableFactor,
        scope: &Scope<'_>,
        sources: &mut Vec<Source>,
    ) -> Result<Node> {
        match factor {
            TableFactor::Table {
                name,
                alias,
                args: None,
                ..
            } => self.table(name, alias.as_ref(), scope, sources),
            TableFactor::Table {
                name,
                alias,
                args: Some(arguments),
                with_ordinality,
                ..
            } => self.call_in_from(
                name,
                &arguments.args,
                *with_ordinality,
                alias.as_ref(),
                (scope, sources),
            ),
            TableFactor::Function {
                name,
                args,
                with_ordinality,
                alias,
                ..
            } => self.call_in_from(
                name,
                args,
                *with_ordinality,
                alias.as_ref(),
                (scope, sources),
            ),
            TableFactor::UNNEST {
                alias,
                array_exprs,
                with_ordinality,
                ..
            } => {
                let mut items = Vec::new();
                let mut columns = Vec::new();
                for expr in array_exprs {
                    let argument = self.expr(expr, scope)?;
                    let (item, found) = self.set("unnest", vec![argument])?;
                    columns.push(plain_columns("unnest", found));
                    items.push((item, 1));
                }
                let columns: Vec<Column> = columns.into_iter().flatten().collect();
                self.add_functions(
                    "unnest",
                    items,
                    columns,
                    *with_ordinality,
                    alias.as_ref(),
                    (scope, sources),
                )
            }
            TableFactor::Derived {
                lateral,
                subquery,
                alias,
                ..
            } => self.derived(*lateral, subquery, alias.as_ref(), scope, sources),
            TableFactor::NestedJoin {
                table_with_joins,
                alias: None,
            } => self.joined(table_with_joins, scope, sources),
            other => Err(Failure::not_supported(format!("\"{other}\" in FROM"))),
        }
    }

    fn table(
        &self,
        name: &ast::ObjectName,
        alias: Option<&ast::TableAlias>,
        scope: &Scope<'_>,
        sources: &mut Vec<Source>,
    ) -> Result<Node> {
        let parts = names(name)?;
        let (schema, table) = match parts.as_slice() {
            [table] => (None, table.as_str()),
            [schema, table] | [_, schema, table] => (Some(schema.as_str()), table.as_str()),
            _ => return Err(Failure::new("42601", "improper qualified name")),
        };
        if schema.is_none()
            && let Some((common, in_progress)) = scope.commons.find(table)
        {
            if in_progress {
                scope.sink.is_volatile.set(true);
            }
            if common.is_correlated.get() {
                scope.sink.reads_correlated.set(true);
            }
            let columns = common.columns.borrow().clone();
            let kind = SourceKind::Common(common);
            let named = nameless(table, columns);
            return add(kind, named, alias, scope, sources);
        }
        let missing = || {
            Failure::new(
                "42P01",
                format!("relation \"{}\" does not exist", parts.join(".")),
            )
            .at(name
                .0
                .first()
                .and_then(|part| part.as_ident())
                .and_then(super::position))
        };
        let place = definition::find(schema.unwrap_or("pg_catalog"), table).ok_or_else(missing)?;
        let found = definition::all().get(place).ok_or_else(missing)?;
        let columns = found
            .columns
            .iter()
            .zip(1..)
            .map(|((name, kind), number)| Column {
                name: (*name).to_owned(),
                kind: *kind,
                origin: Some(Origin {
                    relation: found.oid,
                    number,
                }),
                fields: None,
            })
            .collect();
        let mut named = nameless(table, columns);
        named.schema = Some(found.schema.to_owned());
        let constant = |number: i64, kind| Typed::new(Expr::Constant(Value::Int(number)), kind);
        named.hidden = vec![
            ("tableoid", constant(i64::from(found.oid), Type::OID)),
            ("xmin", constant(1, Type::XID)),
            ("xmax", constant(0, Type::XID)),
        ];
        add(SourceKind::Relation(place), named, alias, scope, sources)
    }

    fn derived(
        &self,
        lateral: bool,
        query: &ast::Query,
        alias: Option<&ast::TableAlias>,
        scope: &Scope<'_>,
        sources: &mut Vec<Source>,
    ) -> Result<Node> {
        let sink = Sink::default();
        let closed = scope.is_closed.replace(!lateral);
        let bound = self.query(query, Some(scope), scope.commons, &sink);
        scope.is_closed.set(closed);
        let bound = bound?;
        sink.hand_on(scope.sink);
        let named = nameless("", known(&bound.columns));
        let memo = sink.is_steady().then(Default::default);
        let subquery = Rc::new(Subquery {
            query: bound,
            captured: sink.captured.into_inner(),
            memo,
        });
        let kind = SourceKind::Derived(subquery, OnceCell::new());
        add(kind, named, alias, scope, sources)
    }

    fn call_in_from(
        &self,
        name: &ast::ObjectName,
        arguments: &[ast::FunctionArg],
        ordinality: bool,
        alias: Option<&ast::TableAlias>,
        (scope, sources): (&Scope<'_>, &mut Vec<Source>),
    ) -> Result<Node> {
        let name = self.function_name(name)?;
        let arguments = arguments
            .iter()
            .map(|argument| match argument_of(argument)? {
                FunctionArgExpr::Expr(expr) => self.expr(expr, scope),
                _ => Err(Failure::new("42601", "syntax error at or near \"*\"")),
            })
            .collect::<Result<Vec<_>>>()?;
        if name == "unnest" && arguments.len() > 1 {
            let mut items = Vec::new();
            let mut columns = Vec::new();
            for argument in arguments {
                let (item, found) = self.set(&name, vec![argument])?;
                columns.extend(plain_columns(&name, found));
                items.push((item, 1));
            }
            return self.add_functions(&name, items, columns, ordinality, alias, (scope, sources));
        }
        let (item, columns) = if functions::sets_named(&name).next().is_some() {
            self.set(&name, arguments)?
        } else {
            // A plain function gives one row.
            let typed = match self.conditional(&name, &arguments)? {
                Some(typed) => typed,
                None => self.call(&name, arguments)?,
            };
            let item = SetItem {
                call: |_, values| Ok(vec![values.into()]),
                arguments: vec![typed.expr],
                is_scalar: true,
            };
            (item, vec![(String::new(), typed.kind)])
        };
        let columns = plain_columns(&name, columns);
        let items = vec![(item, columns.len())];
        self.add_functions(&name, items, columns, ordinality, alias, (scope, sources))
    }

    fn add_functions(
        &self,
        name: &str,
        items: Vec<(SetItem, usize)>,
        mut columns: Vec<Column>,
        ordinality: bool,
        alias: Option<&ast::TableAlias>,
        (scope, sources): (&Scope<'_>, &mut Vec<Source>),
    ) -> Result<Node> {
        let is_scalar = columns.len() == 1 && items.iter().all(|(item, _)| item.is_scalar);
        // The alias of a single plain value names its column as well.
        if is_scalar
            && let (Some(alias), Some(column)) = (alias, columns.first_mut())
            && column.name == name
        {
            column.name = folded(&alias.name);
        }
        if ordinality {
            columns.push(Column {
                name: "ordinality".to_owned(),
                kind: Type::INT8,
                origin: None,
                fields: None,
            });
        }
        let mut named = nameless(name, columns);
        named.is_scalar = is_scalar && !ordinality;
        let kind = SourceKind::Functions { items, ordinality };
        add(kind, named, alias, scope, sources)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Inner,
    Left,
    Right,
    Full,
}

fn plain_columns(name: &str, columns: Vec<(String, Type)>) -> Vec<Column> {
    columns
        .into_iter()
        .map(|(column, kind)| Column {
            name: if column.is_empty() {
                name.to_owned()
            } else {
                column
            },
            kind,
            origin: None,
            fields: None,
        })
        .collect()
}

fn nameless(alias: &str, columns: Vec<Column>) -> Named {
    Named {
        alias: alias.to_owned(),
        schema: None,
        columns,
        hidden: Vec::new(),
        number: 0,
        is_scalar: false,
    }
}

fn add(
    kind: SourceKind,
    mut named: Named,
    alias: Option<&ast::TableAlias>,
    scope: &Scope<'_>,
    sources: &mut Vec<Source>,
) -> Result<Node> {
    let width = named.columns.len();
    named.number = sources.len();
    if let Some(alias) = alias {
        named.alias = folded(&alias.name);
        named.schema = None;
        named.columns = renamed(named.columns, alias)?;
    }
    let number = named.number;
    if number >= 128 {
        return Err(Failure::new("54000", "too many tables in one query"));
    }
    scope.named.borrow_mut().push(named);
    sources.push(Source { kind, width });
    Ok(Node::Scan(number))
}
