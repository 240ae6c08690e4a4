//! # What it does
//! Lets the broker sort what `string_agg` and `array_agg` put together in the order of the values
//! themselves, with DISTINCT, which sorts them in PostgreSQL, and in that of an ORDER BY.
//!
//! # Why
//! IRIS puts the values together in the order of the rows that it reads. (InterSystems SQL Reference,
//! `LIST`, `%DLIST`.)
//!
//! # Example
//! `SELECT string_agg(DISTINCT s, ', ') FROM t` becomes a query for
//! `'{' || $LISTTOSTRING(%DLIST(DISTINCT …), ',') || '}'`, an array, which the broker sorts, and puts
//! together with the separator.
//!
//! # Limits
//! An item of the select list, at the outermost level, without SELECT DISTINCT, and not what the rows
//! are ordered by. Elsewhere it is refused. Strings are in the order of their bytes.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    BinaryOperator, DuplicateTreatment, Expr, Function, FunctionArgumentClause,
    FunctionArgumentList, FunctionArguments, Ident, NullTreatment, ObjectName, OrderBySort, Query,
    SelectItem, SetExpr, Statement, Value,
};

use crate::build;
use crate::computed::chained::in_place_of_columns;
use crate::computed::items::announce;
use crate::computed::{self, Computed};
use crate::diagnostic::Diagnosed;
use crate::functions::{Call as Written, array};
use crate::labels;
use crate::order_item;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::Scopes;
use crate::types::{kept, oid};
use crate::wit::{Call, ColumnChange, ColumnRule, Function as Computing, Instruction, Oid};

pub(crate) struct SortedAggregate;

impl Rule for SortedAggregate {
    fn name(&self) -> &'static str {
        "sorted_aggregate"
    }

    fn summary(&self) -> &'static str {
        "lets the broker sort what aggregates put together"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::AGGREGATE) && (marks.has(Marks::DISTINCT) || marks.has(Marks::ORDER))
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        match tree {
            Statement::Query(query) if pass.shown => of_query(query, pass),
            _ => Ok(false),
        }
    }
}

/// The name and the arguments of an aggregate that puts values together; none if it is another.
fn putting_together(function: &Function) -> Option<(String, &FunctionArgumentList)> {
    let name = build::function_name(function)?;
    let FunctionArguments::List(list) = &function.args else {
        return None;
    };
    let fits = match name.as_str() {
        "string_agg" => list.args.len() == 2,
        "array_agg" => list.args.len() == 1,
        _ => false,
    };
    (fits && function.over.is_none()).then_some((name, list))
}

/// The name of an aggregate that puts values together, and whether the greatest comes first; none
/// if it is another, or does not sort.
fn order_of(function: &Function) -> Option<(String, bool)> {
    let (name, list) = putting_together(function)?;
    let is_distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
    match list.clauses.as_slice() {
        [] => is_distinct.then_some((name, false)),
        [FunctionArgumentClause::OrderBy(items)] => {
            let [item] = items.as_slice() else {
                return None;
            };
            let value = *build::arguments(function).first()?;
            let is_same = build::unnested(&item.expr) == build::unnested(value);
            let descends = matches!(item.options.sort, Some(OrderBySort::Desc));
            let nulls_first = item.options.nulls_first.unwrap_or(descends);
            // A string_agg has no NULL.
            let is_usual = nulls_first == descends || name == "string_agg";
            (is_same && is_usual && item.with_fill.is_none()).then_some((name, descends))
        }
        _ => None,
    }
}

fn of_query(query: &mut Query, pass: &mut Pass<'_>) -> Diagnosed<bool> {
    let parameters = pass.parameters.clone();
    let mut scopes = Scopes::new(pass.relations, &parameters);
    scopes.open_queries(query);
    let keys = order_item::written(query);
    let SetExpr::Select(select) = &mut *query.body else {
        return Ok(false);
    };
    if select.distinct.is_some() {
        return Ok(false);
    }
    scopes.open_select(select);
    let is_star = |item: &SelectItem| labels::of_item(item).is_none();
    if select.projection.iter().any(is_star) {
        return Ok(false);
    }
    let mut changed = false;
    for (index, item) in select.projection.iter_mut().enumerate() {
        let Some(label) = labels::of_item(item) else {
            continue;
        };
        let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item else {
            continue;
        };
        if keys.iter().any(|key| is_key(key, index, &label, expr)) {
            continue;
        }
        changed |= of_item(expr, index, Some(label), &scopes, pass)?;
    }
    Ok(changed)
}

/// Whether the rows are ordered by this item.
fn is_key(key: &Expr, index: usize, label: &str, item: &Expr) -> bool {
    match build::unnested(key) {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => digits.parse() == Ok(index + 1),
            _ => false,
        },
        Expr::Identifier(name) => labels::folded(name) == label,
        key => key == item,
    }
}

fn of_item(
    item: &mut Expr,
    index: usize,
    label: Option<String>,
    scopes: &Scopes<'_>,
    pass: &mut Pass<'_>,
) -> Diagnosed<bool> {
    let item = build::unnested_mut(item);
    let Expr::Function(function) = item else {
        return Ok(false);
    };
    let Some((name, descends)) = order_of(function) else {
        return by_keys(item, index, label, scopes, pass);
    };
    let arguments = build::arguments(function);
    let Some(element) = arguments
        .first()
        .and_then(|value| element_of(value, scopes))
    else {
        return Ok(false);
    };
    let sort = |array| match descends {
        false => sorted(array, Computing::ArraySorted, element),
        true => sorted(array, Computing::ArraySortedDescending, element),
    };
    let mut instructions = sort(vec![Instruction::Column(0)]);
    let (type_oid, nulls) = if name == "string_agg" {
        let Some(joining) = joining(arguments.get(1).copied(), pass)? else {
            return Ok(false);
        };
        instructions.extend(joining);
        (oid::TEXT, NullTreatment::IgnoreNulls)
    } else {
        (kept::array_of(element), NullTreatment::RespectNulls)
    };
    rewritten(function, nulls);
    let computed = Computed {
        instructions,
        type_oid,
    };
    tell(index, label, computed, pass);
    Ok(true)
}

/// The same by other keys than the values: IRIS is asked for both.
fn by_keys(
    item: &mut Expr,
    index: usize,
    label: Option<String>,
    scopes: &Scopes<'_>,
    pass: &mut Pass<'_>,
) -> Diagnosed<bool> {
    let Expr::Function(function) = item else {
        return Ok(false);
    };
    let Some((name, keys)) = keys_of(function, scopes) else {
        return Ok(false);
    };
    let arguments: Vec<Expr> = build::arguments(function).into_iter().cloned().collect();
    let Some(value) = arguments.first() else {
        return Ok(false);
    };
    let Some(element) = element_of(value, scopes) else {
        return Ok(false);
    };
    let mut instructions = vec![
        Instruction::Column(0),
        Instruction::Constant(Some(
            keys.iter().map(Key::told).collect::<Vec<_>>().join(","),
        )),
        call(Computing::ArrayOrdered, 0),
    ];
    let mut type_oid = kept::array_of(element);
    if name == "string_agg" {
        let Some(joining) = joining(arguments.get(1), pass)? else {
            return Ok(false);
        };
        instructions.extend(joining);
        type_oid = oid::TEXT;
    }
    let values = keys.into_iter().map(|key| key.value);
    let args = values.chain(std::iter::once(value.clone())).collect();
    let mut plain = function.clone();
    let mut filter = plain.filter.take().map(|filter| *filter);
    if name == "string_agg" {
        // NULL of nothing but NULL, which an array of them would not be.
        let is_there = Expr::IsNotNull(Box::new(build::nested(pass.copies.copy(value)?)));
        filter = Some(match filter {
            Some(filter) => build::binary(build::nested(filter), BinaryOperator::And, is_there),
            None => is_there,
        });
    }
    if let FunctionArguments::List(list) = &mut plain.args {
        list.clauses.clear();
    }
    let mut rows = Written {
        name: "array_agg",
        args,
        function: Some(plain),
        scopes,
        pass,
    };
    *item = array::rows(&mut rows, filter)?;
    pass.brought
        .add(Marks::CAST.and(Marks::PREDICATE).and(Marks::CONDITION));
    let computed = Computed {
        instructions,
        type_oid,
    };
    tell(index, label, computed, pass);
    Ok(true)
}

/// Notes what the client sees of an item. What was to be computed of the aggregate is computed of what
/// the broker makes of it.
fn tell(index: usize, label: Option<String>, aggregate: Computed, pass: &mut Pass<'_>) {
    let Some(ColumnRule::One(ColumnChange {
        label: known_label,
        type_oid: Some(type_oid),
        computed: Some(known),
        ..
    })) = pass.columns.get(index)
    else {
        return announce(index, None, label, aggregate, pass);
    };
    let computed = Computed {
        instructions: in_place_of_columns(known, &aggregate.instructions),
        type_oid: *type_oid,
    };
    announce(index, None, known_label.clone(), computed, pass);
}

/// What puts the elements of an array together with a separator between them, NULL left out; none
/// if the broker cannot compute the separator.
fn joining(separator: Option<&Expr>, pass: &mut Pass<'_>) -> Diagnosed<Option<Vec<Instruction>>> {
    let Some(separator) = separator else {
        return Ok(None);
    };
    let Some((mut instructions, found)) = computed::separator(separator, pass)? else {
        return Ok(None);
    };
    pass.parameter_types(found);
    instructions.push(Instruction::Constant(None));
    instructions.push(call(Computing::ArrayToString, 0));
    Ok(Some(instructions))
}

/// What values are ordered by.
struct Key {
    value: Expr,
    type_oid: Oid,
    descends: bool,
    nulls_first: bool,
}

impl Key {
    /// As the broker is told of it.
    fn told(&self) -> String {
        format!(
            "{} {} {}",
            self.type_oid,
            if self.descends { "desc" } else { "asc" },
            if self.nulls_first { "first" } else { "last" },
        )
    }
}

/// The name of an aggregate and what its values are ordered by; none if that is not known.
fn keys_of(function: &Function, scopes: &Scopes<'_>) -> Option<(String, Vec<Key>)> {
    let (name, list) = putting_together(function)?;
    let [FunctionArgumentClause::OrderBy(items)] = list.clauses.as_slice() else {
        return None;
    };
    if list.duplicate_treatment == Some(DuplicateTreatment::Distinct) {
        return None;
    }
    let keys: Option<Vec<Key>> = items
        .iter()
        .map(|item| {
            let descends = matches!(item.options.sort, Some(OrderBySort::Desc));
            let type_oid = element_of(&item.expr, scopes)?;
            (item.with_fill.is_none() && order_item::ordinal(&item.expr).is_none()).then(|| Key {
                value: item.expr.clone(),
                type_oid,
                descends,
                nulls_first: item.options.nulls_first.unwrap_or(descends),
            })
        })
        .collect();
    Some((name, keys?))
}

/// The type of the elements.
fn element_of(value: &Expr, scopes: &Scopes<'_>) -> Option<Oid> {
    match scopes.type_of(value)? {
        oid::VARCHAR | oid::NAME => Some(oid::TEXT),
        known => (kept::array_of(known) != 0).then_some(known),
    }
}

/// `array_agg` of the same values, which the broker sorts.
fn rewritten(function: &mut Function, nulls: NullTreatment) {
    function.name = ObjectName::from(vec![Ident::new("array_agg")]);
    function.null_treatment = Some(nulls);
    if let FunctionArguments::List(list) = &mut function.args {
        list.args.truncate(1);
        list.clauses.clear();
    }
}

fn sorted(mut array: Vec<Instruction>, function: Computing, element: Oid) -> Vec<Instruction> {
    array.push(call(function, element));
    array
}

fn call(function: Computing, operand_type: Oid) -> Instruction {
    Instruction::Call(Call {
        function,
        operand_type,
    })
}
