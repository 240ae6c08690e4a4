//! Queries of which IRIS gives the rows, and the broker makes the result: it computes what rows are
//! chosen, grouped and ordered by where IRIS cannot.

mod changed;
mod common_tables;
mod correlated;
mod described;
mod expansion;
mod flattened;
mod groups;
mod inserted;
mod order;
mod prepared;
mod records;
mod sets;
mod values;
mod windows;

use sqlparser::ast::{Expr, GroupByExpr, Query, Select, SelectItem, SetExpr, Statement};

use crate::build;
use crate::computed::condition::{all_of, conjuncts};
use crate::computed::{self, Computed, known};
use crate::derived;
use crate::diagnostic::Diagnosed;
use crate::grouped::has_merged_columns;
use crate::labels;
use crate::part::Part;
use crate::rule::Pass;
use crate::scope::Scopes;
use crate::types::oid;
use crate::walk;
use crate::windows::named::Named;
use crate::wit::{Arrangement, Column, Instruction, Oid, Origin, Stage};

use correlated::Beside;
pub(crate) use described::described;
use values::Rows;

/// The parts that a statement becomes whose rows the broker arranges; none if it cannot.
///
/// # Errors
/// What PostgreSQL says of a literal.
pub(crate) fn parts(tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<Option<Vec<Part>>> {
    match tree {
        Statement::Query(query) => {
            if matches!(*query.body, SetExpr::SetOperation { .. }) {
                return sets::parts(query, pass);
            }
            if let Some(parts) = correlated::parts(query, pass)? {
                return Ok(Some(parts));
            }
            let mut inner = query.clone();
            let arrangement = known!(arrange(&mut inner, pass)?);
            if !arrangement.stages.iter().any(is_of_all_rows) {
                return Ok(None);
            }
            Ok(Some(vec![Part {
                arrangement: Some(arrangement),
                ..Part::whole(Statement::Query(inner))
            }]))
        }
        Statement::Insert(insert) => inserted::parts(insert.clone(), pass),
        Statement::Update(update) => changed::of_update(update.clone(), pass),
        Statement::Delete(delete) => changed::of_delete(delete.clone(), pass),
        _ => Ok(None),
    }
}

/// Whether a stage does what IRIS cannot.
fn computes(stage: &Stage) -> bool {
    let calls = |instructions: &Vec<Instruction>| {
        let is_value =
            |one: &Instruction| matches!(one, Instruction::Column(_) | Instruction::Parameter(_));
        let is_own = |one: &Instruction| matches!(one, Instruction::Scalar(call) if computed::is_own(&call.name));
        instructions.iter().any(is_own) || calls(instructions) && instructions.iter().any(is_value)
    };
    match stage {
        Stage::Computed(values) => values.iter().any(calls),
        Stage::KeptIf(condition) => calls(condition),
        Stage::Expanded(_) => true,
        Stage::Grouped(grouping) => grouping.aggregates.iter().any(groups::is_own),
        Stage::Windowed(_)
        | Stage::Appended(_)
        | Stage::Matched(_)
        | Stage::Attached(_)
        | Stage::Distinct(_)
        | Stage::Sorted(_)
        | Stage::Limited(_) => false,
    }
}

/// Whether a stage computes, or looks at rows beside each other.
fn is_of_all_rows(stage: &Stage) -> bool {
    matches!(
        stage,
        Stage::Distinct(_) | Stage::Sorted(_) | Stage::Grouped(_) | Stage::Windowed(_)
    ) || computes(stage)
        || matches!(stage, Stage::Computed(values) if values.iter().any(|value| calls(value)))
}

/// Whether something is called, be it of constants only.
fn calls(instructions: &[Instruction]) -> bool {
    instructions
        .iter()
        .any(|one| matches!(one, Instruction::Call(_) | Instruction::Scalar(_)))
}

/// What the broker makes of the rows of a query, which then asks for them alone; none if it cannot.
fn arrange(query: &mut Query, pass: &mut Pass<'_>) -> Diagnosed<Option<Arrangement>> {
    let mut flat = query.clone();
    records::write(&mut flat);
    flattened::flatten(&mut flat);
    walk::query(&mut flat, &mut Named::new(pass.text, &mut pass.copies))?;
    let made = arrange_beside(query, flat, &[], pass)?;
    Ok(made.map(|made| made.arrangement))
}

/// What is made of the rows of a query.
struct Made {
    arrangement: Arrangement,
    /// The types of the values that IRIS is asked for.
    asked: Vec<Oid>,
    /// The numbers of those that the values beside belong to.
    keys: Vec<Vec<u32>>,
}

/// The same of a query in its last form, with values beside those that IRIS gives.
fn arrange_beside(
    query: &mut Query,
    mut flat: Query,
    beside: &[Beside],
    pass: &mut Pass<'_>,
) -> Diagnosed<Option<Made>> {
    let SetExpr::Select(select) = &*flat.body else {
        return Ok(None);
    };
    if !is_plain(&flat, select) {
        return Ok(None);
    }
    let mut inner = (**select).clone();
    let beneath = match prepared::source_beneath(&inner) {
        Some(_) if flat.with.is_some() || !beside.is_empty() => return Ok(None),
        Some((alias, subquery)) => {
            let mut subquery = subquery.clone();
            let arranged = known!(arrange(&mut subquery, pass)?);
            inner.from.clear();
            Some((alias, subquery, arranged))
        }
        None => None,
    };
    let Some(expansions) = expansion::taken(&mut inner.from) else {
        return Ok(None);
    };
    if !expansions.is_empty() && !beside.is_empty() {
        return Ok(None);
    }
    prepared::move_conditions(&mut inner);
    let relations = pass.relations;
    let parameters = pass.parameters.clone();
    let mut scopes = Scopes::new(relations, &parameters);
    scopes.open_queries(&flat);
    scopes.open_select(&inner);
    prepared::name_whole_rows(&mut inner, &scopes);
    let has_star = inner
        .projection
        .iter()
        .any(|item| labels::of_item(item).is_none());
    if has_star && inner.from.iter().any(has_merged_columns) {
        return Ok(None);
    }
    let mut arranging = Arranging {
        rows: Rows::new(&scopes),
        stages: Vec::new(),
    };
    if let Some((alias, _, arranged)) = &beneath {
        arranging.rows.put_on(alias, &arranged.columns);
    }
    let mut keys = Vec::with_capacity(beside.len());
    for one in beside {
        keys.push(known!(arranging.rows.put_beside(one, pass)?));
    }
    let Some(columns) = arranging.query(&flat, &mut inner, expansions, pass)? else {
        return Ok(None);
    };
    let Arranging { rows, stages } = arranging;
    let stages = rows.numbered(stages);
    let asked = rows.asked_types();
    if let Some((_, subquery, arranged)) = beneath {
        *query = subquery;
        let arrangement = Arrangement {
            rows: Vec::new(),
            stages: arranged.stages.into_iter().chain(stages).collect(),
            columns,
        };
        return Ok(Some(Made {
            arrangement,
            asked,
            keys,
        }));
    }
    inner.projection = rows.asked();
    inner.distinct = None;
    inner.group_by = GroupByExpr::Expressions(Vec::new(), Vec::new());
    inner.having = None;
    query.with = flat.with.take();
    *query.body = SetExpr::Select(Box::new(inner));
    query.order_by = None;
    query.limit_clause = None;
    query.fetch = None;
    let arrangement = Arrangement {
        rows: Vec::new(),
        stages,
        columns,
    };
    Ok(Some(Made {
        arrangement,
        asked,
        keys,
    }))
}

/// Whether a query has nothing that stands in the way.
fn is_plain(query: &Query, select: &Select) -> bool {
    let has_sets = match &select.group_by {
        GroupByExpr::Expressions(_, modifiers) => !modifiers.is_empty(),
        GroupByExpr::All(_) => true,
    };
    let ties = query
        .fetch
        .as_ref()
        .is_some_and(|fetch| fetch.with_ties || fetch.percent);
    !(has_sets || ties)
        && query.locks.is_empty()
        && select.into.is_none()
        && select.top.is_none()
        && select.qualify.is_none()
        && select.lateral_views.is_empty()
}

/// A query while its stages are put together.
struct Arranging<'a, 'b> {
    rows: Rows<'a, 'b>,
    stages: Vec<Stage>,
}

/// A result column.
struct Item {
    label: String,
    expression: Expr,
    origin: Option<Origin>,
}

impl Arranging<'_, '_> {
    fn query(
        &mut self,
        query: &Query,
        select: &mut Select,
        expansions: Vec<expansion::Call>,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Option<Vec<Column>>> {
        if !expansions.is_empty() {
            self.conditions_before(select, pass)?;
        }
        for call in expansions {
            let stage = known!(self.rows.expansion(call, pass)?);
            self.stages.push(Stage::Expanded(stage));
        }
        known!(self.conditions(select, pass)?);
        let mut items = known!(self.items(select, pass));
        let keys = match &select.group_by {
            GroupByExpr::Expressions(keys, _) => keys.clone(),
            GroupByExpr::All(_) => return Ok(None),
        };
        let is_grouped = groups::are_made(&keys, &items, select, query);
        if !is_grouped || self.groups_expanded(&keys, &items, select) {
            known!(self.expanded_item(&mut items, pass)?);
        }
        let mut level = if is_grouped {
            known!(self.groups(&keys, &items, select, query, pass)?)
        } else {
            groups::Level::Rows
        };
        if let Some(having) = select.having.as_ref() {
            let condition = known!(self.of_level(having, &mut level, pass)?);
            if condition.type_oid != oid::BOOL {
                return Ok(None);
            }
            level.keep_if(condition);
        }
        if windows::are_there(&items, select, query) {
            level = groups::Level::Windows(windows::Windows::over(level));
        }
        let mut values = Vec::with_capacity(items.len());
        for item in &items {
            let value = known!(self.of_level(&item.expression, &mut level, pass)?);
            values.push(settled(value));
        }
        let columns = items.into_iter().zip(&values).map(|(item, value)| Column {
            label: item.label,
            type_oid: value.type_oid,
            type_modifier: self.modifier(&item.expression, value.type_oid),
            origin: item.origin,
        });
        let columns: Vec<Column> = columns.collect();
        let labels: Vec<String> = columns.iter().map(|column| column.label.clone()).collect();
        let ordering =
            known!(self.ordering(query, select, &labels, &mut values, &mut level, pass)?);
        let computed = values.into_iter().map(|value| match &level {
            groups::Level::Windows(windows) => windows.numbered(value.instructions),
            _ => value.instructions,
        });
        let computed = Stage::Computed(computed.collect());
        let left = match &level {
            groups::Level::Windows(windows) if query.order_by.is_none() => windows.left_order(),
            _ => None,
        };
        self.stages.extend(level.stages());
        self.stages.extend(left.map(Stage::Sorted));
        self.stages.push(computed);
        self.stages.extend(ordering);
        Ok(Some(columns))
    }

    /// Keeps only the rows of which functions that return rows are to be called: conditions on what
    /// there is without these.
    fn conditions_before(&mut self, select: &mut Select, pass: &mut Pass<'_>) -> Diagnosed<()> {
        let Some(selection) = select.selection.take() else {
            return Ok(());
        };
        let mut left = Vec::new();
        for condition in conjuncts(selection) {
            let value = match self.rows.is_asked(&condition) {
                true => None,
                false => self.rows.value(&condition, pass)?,
            };
            match value.filter(|value| value.type_oid == oid::BOOL) {
                Some(value) => self.stages.push(Stage::KeptIf(value.instructions)),
                None => left.push(condition),
            }
        }
        select.selection = all_of(left);
        Ok(())
    }

    /// Leaves in WHERE what IRIS decides.
    fn conditions(&mut self, select: &mut Select, pass: &mut Pass<'_>) -> Diagnosed<Option<()>> {
        let Some(selection) = select.selection.take() else {
            return Ok(Some(()));
        };
        let mut left = Vec::new();
        let mut chosen: Option<Computed> = None;
        for condition in conjuncts(selection) {
            if self.rows.is_asked(&condition) {
                left.push(condition);
                continue;
            }
            let condition = known!(self.rows.value(&condition, pass)?);
            if condition.type_oid != oid::BOOL {
                return Ok(None);
            }
            chosen = Some(match chosen {
                Some(chosen) => chosen.and(condition),
                None => condition,
            });
        }
        select.selection = all_of(left);
        let chosen = chosen.map(|chosen| Stage::KeptIf(chosen.instructions));
        self.stages.extend(chosen);
        Ok(Some(()))
    }

    /// The result columns; none if there is a `*` whose columns are not known.
    fn items(&self, select: &Select, pass: &Pass<'_>) -> Option<Vec<Item>> {
        let scopes = self.rows.scopes();
        let mut listed = Vec::new();
        for item in &select.projection {
            match item {
                SelectItem::Wildcard(_) if select.from.is_empty() => {
                    listed.extend(self.rows.columns_behind(None));
                }
                SelectItem::Wildcard(_) => {
                    let one = build::select(vec![item.clone()], Vec::new());
                    listed.extend(derived::listed(&one, scopes)?);
                    listed.extend(self.rows.columns_behind(None));
                }
                SelectItem::QualifiedWildcard(kind, _) => {
                    let behind = labels::qualifier(kind)
                        .map(|name| self.rows.columns_behind(Some(&name)))
                        .unwrap_or_default();
                    if behind.is_empty() {
                        let one = build::select(vec![item.clone()], Vec::new());
                        listed.extend(derived::listed(&one, scopes)?);
                    } else {
                        listed.extend(behind);
                    }
                }
                other => listed.push(other.clone()),
            }
        }
        let knows_origins = pass.origins.len() == listed.len();
        let item = |(index, item): (usize, SelectItem)| {
            let label = labels::of_item(&item)?;
            let (SelectItem::UnnamedExpr(expression)
            | SelectItem::ExprWithAlias {
                expr: expression, ..
            }) = item
            else {
                return None;
            };
            let origin = pass.origins.get(index).filter(|_| knows_origins);
            let own = || scopes.column(&expression).and_then(|column| column.origin);
            let origin = origin.copied().flatten().or_else(own);
            Some(Item {
                label,
                expression,
                origin,
            })
        };
        listed.into_iter().enumerate().map(item).collect()
    }

    /// Puts the rows of a function that stands in the select list behind those of the query.
    fn expanded_item(&mut self, items: &mut [Item], pass: &mut Pass<'_>) -> Diagnosed<Option<()>> {
        let mut calls = Vec::new();
        for item in items {
            walk::outside_queries(&mut item.expression, &mut |inner| {
                if let Some(call) = expansion::Call::of_item(inner) {
                    *inner = call.item();
                    calls.push(call);
                }
            });
        }
        // Those of several would stand side by side.
        if calls.len() > 1 {
            return Ok(None);
        }
        for call in calls {
            let stage = known!(self.rows.expansion(call, pass)?);
            self.stages.push(Stage::Expanded(stage));
        }
        Ok(Some(()))
    }

    /// As in `pg_attribute.atttypmod`, as far as it is known of a column.
    fn modifier(&self, expression: &Expr, type_oid: Oid) -> i32 {
        let column = self.rows.scopes().column(expression);
        let modifier = match type_oid {
            oid::NUMERIC => column
                .and_then(|column| column.digits)
                .map(|digits| (digits.precision << 16 | digits.scale) + 4),
            oid::BPCHAR => column
                .and_then(|column| column.padded)
                .and_then(|length| u32::try_from(length).ok())
                .map(|length| length + 4),
            _ => None,
        };
        modifier
            .and_then(|modifier| i32::try_from(modifier).ok())
            .unwrap_or(-1)
    }

    fn of_level(
        &mut self,
        expression: &Expr,
        level: &mut groups::Level,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Option<Computed>> {
        match level {
            groups::Level::Rows => self.rows.value(expression, pass),
            groups::Level::Groups(groups) => groups.value(expression, &mut self.rows, pass),
            groups::Level::Windows(windows) => self.of_windows(expression, windows, pass),
        }
    }
}

/// What has no type yet is a text.
fn settled(value: Computed) -> Computed {
    match value.type_oid {
        0 => Computed {
            type_oid: oid::TEXT,
            ..value
        },
        _ => value,
    }
}

/// Instructions with other numbers for the values that they take.
fn renumbered(instructions: Vec<Instruction>, number: &impl Fn(u32) -> u32) -> Vec<Instruction> {
    let renumber = |instruction| match instruction {
        Instruction::Column(known) => Instruction::Column(number(known)),
        other => other,
    };
    instructions.into_iter().map(renumber).collect()
}
