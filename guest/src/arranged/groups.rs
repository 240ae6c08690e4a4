//! Groups, and the aggregates of their rows.

use sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArgumentClause, FunctionArguments, Query, Select,
    SelectItem,
};

use super::expansion::Call;
use super::order::{is_sorted, key};
use super::values::{Laid, Rows, typed};
use super::windows::Windows;
use super::{Arranging, Item, known};
use crate::aggregates::{has_aggregate, is_aggregate, takes_row};
use crate::build;
use crate::computed::{self, Computed, ordered_set};
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::order_item;
use crate::rule::Pass;
use crate::types::{kept, oid};
use crate::walk;
use crate::wit::{Aggregate, Grouping, Instruction, Oid, Stage};
use crate::zone;

/// Whether a query forms groups.
pub(super) fn are_made(keys: &[Expr], items: &[Item], select: &Select, query: &Query) -> bool {
    !keys.is_empty()
        || select.having.is_some()
        || items.iter().any(|item| has_aggregate(&item.expression))
        || order_item::written(query).iter().any(has_aggregate)
}

/// What the values of the result are computed of.
pub(super) enum Level {
    Rows,
    Groups(Groups),
    Windows(Windows),
}

impl Level {
    /// Of its rows only those for which this is true.
    pub(super) fn keep_if(&mut self, condition: Computed) {
        if let Self::Groups(groups) = self {
            groups.having = Some(condition.instructions);
        }
    }

    pub(super) fn stages(self) -> Vec<Stage> {
        match self {
            Self::Rows => Vec::new(),
            Self::Groups(groups) => groups.stages(),
            Self::Windows(windows) => windows.stages(),
        }
    }
}

/// The groups of a query.
pub(super) struct Groups {
    /// With their names written in one way, and with their types.
    keys: Vec<(Expr, Oid)>,
    /// The calls, likewise, with what they give.
    calls: Vec<(Expr, Oid)>,
    aggregates: Vec<Aggregate>,
    /// What stands in the rows that are grouped: the keys, and then what the aggregates take.
    laid: Laid,
    having: Option<Vec<Instruction>>,
}

impl Arranging<'_, '_> {
    /// The groups, with all that the statement asks of them.
    pub(super) fn groups(
        &mut self,
        keys: &[Expr],
        items: &[Item],
        select: &Select,
        query: &Query,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Option<Level>> {
        let mut groups = Groups {
            keys: Vec::new(),
            calls: Vec::new(),
            aggregates: Vec::new(),
            laid: Laid { values: Vec::new() },
            having: None,
        };
        for key in keys {
            let key = known!(self.meant_key(key, items, select));
            known!(groups.add_key(&key, &mut self.rows, pass)?);
        }
        let asked = items.iter().map(|item| item.expression.clone());
        let asked: Vec<Expr> = asked
            .chain(select.having.clone())
            .chain(order_item::written(query))
            .collect();
        for column in self
            .rows
            .names()
            .depending(&asked, &groups.key_expressions(), pass.relations)
        {
            known!(groups.add_key(&column, &mut self.rows, pass)?);
        }
        Ok(Some(Level::Groups(groups)))
    }

    /// Whether rows are grouped by what a function gives that returns rows.
    pub(super) fn groups_expanded(&self, keys: &[Expr], items: &[Item], select: &Select) -> bool {
        keys.iter().any(|key| {
            let meant = self.meant_key(key, items, select);
            meant.is_some_and(|meant| Call::of_item(&meant).is_some())
        })
    }

    /// What GROUP BY means: a column first, then what the select list calls so.
    fn meant_key(&self, key: &Expr, items: &[Item], select: &Select) -> Option<Expr> {
        if let Some(number) = order_item::ordinal(key) {
            return Some(items.get(number.checked_sub(1)?)?.expression.clone());
        }
        let Expr::Identifier(name) = key else {
            return Some(key.clone());
        };
        if self.rows.is_column(key) {
            return Some(key.clone());
        }
        let is_called = |item: &SelectItem| {
            matches!(item, SelectItem::ExprWithAlias { alias, .. }
                if labels::folded(alias) == labels::folded(name))
        };
        let is_counted = select.projection.len() == items.len();
        let place = select.projection.iter().position(is_called);
        let called = place
            .filter(|_| is_counted)
            .and_then(|place| items.get(place));
        Some(called.map_or_else(|| key.clone(), |item| item.expression.clone()))
    }
}

impl Groups {
    fn key_expressions(&self) -> Vec<Expr> {
        self.keys.iter().map(|(key, _)| key.clone()).collect()
    }

    fn add_key(
        &mut self,
        key: &Expr,
        rows: &mut Rows<'_, '_>,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Option<()>> {
        let canonical = rows.names().canonical(key);
        if self.keys.iter().any(|(known, _)| *known == canonical) {
            return Ok(Some(()));
        }
        let value = known!(rows.value(key, pass)?);
        if value.type_oid == 0 || !is_sorted(value.type_oid) {
            return Ok(None);
        }
        self.keys.push((canonical, value.type_oid));
        // Each key has a place of its own, though two may be computed alike.
        self.laid.values.push(value);
        Ok(Some(()))
    }

    /// What is computed of a group; none if it cannot be.
    ///
    /// # Errors
    /// What PostgreSQL says of a literal.
    pub(super) fn value(
        &mut self,
        expression: &Expr,
        rows: &mut Rows<'_, '_>,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Option<Computed>> {
        for call in calls(expression) {
            let canonical = rows.names().canonical(&Expr::Function(call.clone()));
            if !self.calls.iter().any(|(known, _)| *known == canonical) {
                let type_oid = known!(self.add_call(&call, rows, pass)?);
                self.calls.push((canonical, type_oid));
            }
        }
        let names = rows.names();
        let mut leaf = |inner: &Expr| {
            let canonical = names.canonical(inner);
            let all = self.keys.iter().chain(&self.calls);
            let numbered = all.enumerate();
            let (number, (_, type_oid)) =
                { numbered }.find(|(_, (known, _))| *known == canonical)?;
            Some((u32::try_from(number).ok()?, *type_oid))
        };
        let (value, found) = known!(computed::compile(expression, &mut leaf, pass)?);
        pass.parameter_types(found);
        Ok(Some(value))
    }

    /// An aggregate call; gives the type of its result.
    fn add_call(
        &mut self,
        function: &Function,
        rows: &mut Rows<'_, '_>,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Option<Oid>> {
        let name = known!(build::function_name(function));
        let (distinct, order) = known!(clauses(function));
        let mut operands = Vec::new();
        for argument in build::arguments(function) {
            // By its labels an enumeration is ordered.
            let by_labels = rows.scopes().enum_of(argument).is_some();
            if has_aggregate(argument) || by_labels && matches!(name.as_str(), "min" | "max") {
                return Ok(None);
            }
            operands.push(known!(rows.value(argument, pass)?));
        }
        let types: Vec<Oid> = operands.iter().map(|operand| operand.type_oid).collect();
        let (gives, takes) = known!(signature(&name, &types));
        // The document of a moment depends on the zone.
        let makes_document = matches!(gives, oid::JSON | oid::JSONB);
        if makes_document
            && types.contains(&oid::TIMESTAMPTZ)
            && !zone::is_session_in_utc(&pass.scene)
        {
            return Ok(None);
        }
        let mut laid = Vec::with_capacity(operands.len());
        for (operand, target) in operands.into_iter().zip(takes) {
            let operand = known!(computed::settle(operand, target, pass));
            laid.push(self.laid.number(operand));
        }
        let mut keys = Vec::new();
        for item in order {
            let value = known!(rows.value(&item.expr, pass)?);
            let sorted = is_sorted(value.type_oid) && rows.scopes().enum_of(&item.expr).is_none();
            if !sorted {
                return Ok(None);
            }
            keys.push(known!(key(self.laid.number(value), &item.options)));
        }
        let filter = match &function.filter {
            None => None,
            Some(condition) => {
                let condition = known!(rows.value(condition, pass)?);
                if condition.type_oid != oid::BOOL {
                    return Ok(None);
                }
                Some(self.laid.number(condition).number)
            }
        };
        self.aggregates.push(Aggregate {
            name,
            operands: laid,
            distinct,
            order: keys,
            filter,
        });
        Ok(Some(gives))
    }

    fn stages(self) -> Vec<Stage> {
        let keys = self.keys.iter().enumerate();
        let grouping = Grouping {
            keys: keys
                .map(|(number, (_, type_oid))| typed(number, *type_oid))
                .collect(),
            aggregates: self.aggregates,
        };
        let laid = self.laid.values.into_iter();
        let laid = laid.map(|value| value.instructions).collect();
        let mut stages = vec![Stage::Computed(laid), Stage::Grouped(grouping)];
        stages.extend(self.having.map(Stage::KeptIf));
        stages
    }
}

/// The aggregate calls in an expression, as the broker is asked for them.
fn calls(expression: &Expr) -> Vec<Function> {
    let mut found = Vec::new();
    let mut copy = expression.clone();
    walk::outside_queries(&mut copy, &mut |inner| {
        let Expr::Function(function) = inner else {
            return;
        };
        if let Some(Expr::Function(array)) = ordered_set::values_of(function) {
            found.push(array);
        } else if is_aggregate(function) {
            found.push(function.clone());
        }
    });
    found
}

/// Whether IRIS has nothing for an aggregate call.
pub(super) fn is_own(aggregate: &Aggregate) -> bool {
    let is_plain = matches!(
        aggregate.name.as_str(),
        "count" | "sum" | "avg" | "min" | "max" | "every" | "bool_and" | "bool_or"
    );
    let of_intervals = aggregate
        .operands
        .iter()
        .any(|operand| operand.type_oid == oid::INTERVAL);
    !is_plain || of_intervals || !aggregate.order.is_empty()
}

/// Whether nothing stands beside the arguments of a window function's call that the broker has not;
/// none if they are no list.
pub(super) fn clauses_of_window(function: &Function) -> Option<bool> {
    let is_bare = match &function.args {
        FunctionArguments::List(list) => {
            list.duplicate_treatment.is_none() && list.clauses.is_empty()
        }
        FunctionArguments::None => true,
        FunctionArguments::Subquery(_) => return None,
    };
    let has_row = takes_row(function);
    Some(
        is_bare
            && !has_row
            && function.within_group.is_empty()
            && function.null_treatment.is_none(),
    )
}

/// What stands beside the arguments of a call: DISTINCT and ORDER BY; none if there is more.
fn clauses(function: &Function) -> Option<(bool, Vec<sqlparser::ast::OrderByExpr>)> {
    let FunctionArguments::List(list) = &function.args else {
        return None;
    };
    let distinct = matches!(list.duplicate_treatment, Some(DuplicateTreatment::Distinct));
    if takes_row(function) {
        return None;
    }
    let mut order = Vec::new();
    for clause in &list.clauses {
        match clause {
            FunctionArgumentClause::OrderBy(items) => order.extend(items.iter().cloned()),
            _ => return None,
        }
    }
    let is_plain = function.over.is_none() && function.within_group.is_empty();
    is_plain.then_some((distinct, order))
}

/// The type that an aggregate gives of operands of these types, and those that it takes them as
/// (`pg_aggregate.dat`); none if the broker has none of them.
pub(super) fn signature(name: &str, operands: &[Oid]) -> Option<(Oid, Vec<Oid>)> {
    let is_exact = |known| matches!(known, oid::INT2 | oid::INT4 | oid::INT8 | oid::NUMERIC);
    let is_float = |known| matches!(known, oid::FLOAT4 | oid::FLOAT8);
    let own = |gives: Oid| Some((gives, operands.to_vec()));
    let shown = |known: Oid| if known == 0 { oid::TEXT } else { known };
    match (name, operands) {
        ("count", [] | [_]) => Some((oid::INT8, operands.iter().copied().map(shown).collect())),
        ("sum", [oid::INT2 | oid::INT4]) => own(oid::INT8),
        ("sum" | "avg", [oid::INTERVAL]) => own(oid::INTERVAL),
        ("sum", [oid::FLOAT4]) => own(oid::FLOAT4),
        ("sum" | "avg", [known]) if is_exact(*known) => own(oid::NUMERIC),
        ("sum" | "avg", [known]) if is_float(*known) => own(oid::FLOAT8),
        ("min" | "max", [oid::VARCHAR]) => own(oid::TEXT),
        ("min" | "max", [known]) if is_sorted(*known) && *known != oid::BOOL => own(*known),
        ("bool_and" | "bool_or" | "every", [oid::BOOL]) => own(oid::BOOL),
        ("string_agg", [_, _]) => Some((oid::TEXT, vec![oid::TEXT, oid::TEXT])),
        ("array_agg", [known]) if !kept::is_array(*known) => {
            let element = shown(*known);
            let array = kept::array_of(element);
            kept::is_array(array).then(|| (array, vec![element]))
        }
        ("json_agg", [known]) => Some((oid::JSON, vec![shown(*known)])),
        ("jsonb_agg", [known]) => Some((oid::JSONB, vec![shown(*known)])),
        ("json_object_agg", [key, value]) => Some((oid::JSON, vec![shown(*key), shown(*value)])),
        ("jsonb_object_agg", [key, value]) => Some((oid::JSONB, vec![shown(*key), shown(*value)])),
        ("bit_and" | "bit_or" | "bit_xor", [oid::INT2 | oid::INT4 | oid::INT8]) => own(operands[0]),
        (
            "stddev" | "stddev_pop" | "stddev_samp" | "variance" | "var_pop" | "var_samp",
            [known],
        ) => {
            if is_exact(*known) {
                return own(oid::NUMERIC);
            }
            is_float(*known).then(|| (oid::FLOAT8, operands.to_vec()))
        }
        ("corr" | "covar_pop" | "covar_samp", [_, _]) => of_doubles(operands, oid::FLOAT8),
        ("regr_count", [_, _]) => of_doubles(operands, oid::INT8),
        (name, [_, _]) if name.starts_with("regr_") => of_doubles(operands, oid::FLOAT8),
        _ => None,
    }
}

fn of_doubles(operands: &[Oid], gives: Oid) -> Option<(Oid, Vec<Oid>)> {
    let are_numbers = operands.iter().all(|known| crate::types::is_number(*known));
    are_numbers.then(|| (gives, vec![oid::FLOAT8; operands.len()]))
}
