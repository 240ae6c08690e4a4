//! Makes the statements of a sequence that writes: the row that is meant, the
//! queries that find and show it.

pub(crate) mod assignment;
pub(crate) mod clash;
pub(crate) mod clock_default;
pub(crate) mod convert;
mod double;
pub(crate) mod filled;
pub(crate) mod joined;
pub(crate) mod merged;
pub(crate) mod proposed;
pub(crate) mod returned;
pub(crate) mod target;
pub(crate) mod truncated;

use sqlparser::ast::{
    BinaryOperator, CharacterLength, DataType, Delete, ExactNumberInfo, Expr, FromTable, Ident,
    Insert, ObjectName, Parens, Query, SelectItem, SetExpr, SetOperator, SetQuantifier, Statement,
    TableAlias, TableFactor, TableObject, TableWithJoins, Update, UpdateTableFromKind, Value,
    Values, Visit,
};

use crate::build;
use crate::definition;
use crate::diagnostic::Diagnosed;
use crate::look::{self, Node};
use crate::part::{Part, Times};
use crate::place;
use crate::placeholder;
use crate::relations::{Column, Relation, TableName};
use crate::rule::Pass;
use crate::scope::Scopes;
use crate::types::LONGEST_STRING;
use crate::wit::{Diagnostic, RowUse};

pub(crate) use assignment::{default_of, set_defaults, single};

/// IRIS's name for the hidden row number.
const ROW: &str = "%ID";

/// The hidden row number of the only table in reach, or of the one so called.
pub(crate) fn row(qualifier: Option<&Ident>) -> Expr {
    match qualifier {
        None => build::name(ROW),
        Some(table) => Expr::CompoundIdentifier(vec![table.clone(), Ident::new(ROW)]),
    }
}

/// Whether an expression is the number of a row.
pub(crate) fn is_row(expression: &Expr) -> bool {
    let name = match expression {
        Expr::Identifier(name) => Some(name),
        Expr::CompoundIdentifier(parts) => parts.last(),
        _ => None,
    };
    name.is_some_and(|name| name.quote_style.is_none() && name.value.eq_ignore_ascii_case(ROW))
}

/// Whether a row is one of those whose numbers are kept in the slot, in the first column.
pub(crate) fn is_among(row: Expr, slot: u32) -> Expr {
    is_among_values(row, slot, 0)
}

/// Whether a value is one of those that are kept in the slot, in that column; they have no commas.
pub(crate) fn is_among_values(value: Expr, slot: u32, column: u32) -> Expr {
    let list = build::call(
        "$LISTFROMSTRING",
        vec![placeholder::all_kept(slot, column), build::string(",")],
    );
    build::binary(value, BinaryOperator::Custom("%INLIST".to_owned()), list)
}

/// `left = right`
pub(crate) fn equals(left: Expr, right: Expr) -> Expr {
    build::binary(left, BinaryOperator::Eq, right)
}

/// Both conditions; none is true.
pub(crate) fn both(left: Expr, right: Option<Expr>) -> Expr {
    match right {
        None => left,
        Some(right) => build::binary(left, BinaryOperator::And, build::nested(right)),
    }
}

/// A query as a tree of its own.
pub(crate) fn select(
    projection: Vec<SelectItem>,
    from: Vec<TableWithJoins>,
    selection: Option<Expr>,
) -> Statement {
    Statement::Query(Box::new(query(projection, from, selection)))
}

/// A plain query.
pub(crate) fn query(
    projection: Vec<SelectItem>,
    from: Vec<TableWithJoins>,
    selection: Option<Expr>,
) -> Query {
    let mut select = build::select(projection, from);
    select.selection = selection;
    build::query(SetExpr::Select(Box::new(select)))
}

/// A table in a FROM.
pub(crate) fn table(name: &ObjectName, alias: Option<&Ident>) -> TableWithJoins {
    TableWithJoins {
        relation: TableFactor::Table {
            name: name.clone(),
            alias: alias.map(|alias| TableAlias {
                explicit: true,
                name: alias.clone(),
                columns: Vec::new(),
                at: None,
            }),
            args: None,
            with_hints: Vec::new(),
            version: None,
            with_ordinality: false,
            partitions: Vec::new(),
            json_path: None,
            sample: None,
            index_hints: Vec::new(),
        },
        joins: Vec::new(),
    }
}

/// The table that a FROM names, and what the statement calls it.
pub(crate) fn named(table: &TableWithJoins) -> Option<(&ObjectName, Option<&Ident>)> {
    match &table.relation {
        TableFactor::Table {
            name,
            alias,
            args: None,
            ..
        } if table.joins.is_empty() => Some((name, alias.as_ref().map(|alias| &alias.name))),
        _ => None,
    }
}

/// By which name the columns of a table are qualified.
pub(crate) fn called(table: &TableWithJoins) -> Option<Ident> {
    let (name, alias) = named(table)?;
    let own = name.0.last().and_then(|part| part.as_ident());
    alias.or(own).cloned()
}

/// What a statement that writes returns, if it does.
pub(crate) fn returning(tree: &Statement) -> Option<&Vec<SelectItem>> {
    match tree {
        Statement::Insert(insert) => insert.returning.as_ref(),
        Statement::Update(update) => update.returning.as_ref(),
        Statement::Delete(delete) => delete.returning.as_ref(),
        _ => None,
    }
}

/// The same, to be changed or taken.
pub(crate) fn returning_mut(tree: &mut Statement) -> Option<&mut Option<Vec<SelectItem>>> {
    match tree {
        Statement::Insert(insert) => Some(&mut insert.returning),
        Statement::Update(update) => Some(&mut update.returning),
        Statement::Delete(delete) => Some(&mut delete.returning),
        _ => None,
    }
}

/// What is known of the table that an INSERT writes to.
pub(crate) fn relation_of<'a>(insert: &Insert, pass: &Pass<'a>) -> Option<&'a Relation> {
    let TableObject::TableName(name) = &insert.table else {
        return None;
    };
    pass.relations.find(&TableName::of(name)?)
}

/// What is known of the table that an UPDATE or a DELETE names.
pub(crate) fn relation_named<'a>(table: &TableWithJoins, pass: &Pass<'a>) -> Option<&'a Relation> {
    let (name, _) = named(table)?;
    pass.relations.find(&TableName::of(name)?)
}

/// The error of a NULL in a column that must have a value.
pub(crate) fn null_value(column: &Column, relation: &Relation) -> Diagnostic {
    let message = format!(
        "null value in column \"{}\" of relation \"{}\" violates not-null constraint",
        column.name, relation.name
    );
    Diagnostic {
        table: Some(relation.name.clone()),
        column: Some(column.name.clone()),
        ..Diagnostic::error("23502", message)
    }
}

/// The tables of the FROM of an UPDATE.
pub(crate) fn tables_of(from: &UpdateTableFromKind) -> &[TableWithJoins] {
    match from {
        UpdateTableFromKind::BeforeSet(tables) | UpdateTableFromKind::AfterSet(tables) => tables,
    }
}

/// What the columns in an UPDATE can be of: its table, and those of its FROM.
pub(crate) fn sources_of_update(update: &Update) -> Vec<TableWithJoins> {
    let others = update.from.as_ref().map_or(&[][..], tables_of);
    std::iter::once(&update.table)
        .chain(others)
        .cloned()
        .collect()
}

/// The same of a DELETE and its USING.
pub(crate) fn sources_of_delete(delete: &Delete) -> Vec<TableWithJoins> {
    let (FromTable::WithFromKeyword(tables) | FromTable::WithoutKeyword(tables)) = &delete.from;
    let others = delete.using.as_deref().unwrap_or_default();
    tables.iter().chain(others).cloned().collect()
}

/// The word DEFAULT.
pub(crate) fn is_default(expression: &Expr) -> bool {
    matches!(expression, Expr::Identifier(word)
        if word.quote_style.is_none() && word.value.eq_ignore_ascii_case("DEFAULT"))
}

/// Takes the query of an INSERT out of it, to be asked before; the INSERT then runs
/// for each of its rows. None if the query's columns cannot be counted.
pub(crate) fn kept_query(insert: &mut Insert, pass: &mut Pass<'_>) -> Option<(Part, Times)> {
    let width = match insert.columns.len() {
        0 => {
            let mut scopes = Scopes::new(pass.relations, &pass.parameters);
            scopes.columns_of(insert.source.as_deref()?)?.len()
        }
        given => given,
    };
    let given = parameters_of(insert);
    let (mut part, times) = kept_rows(insert, width, pass)?;
    if let Statement::Query(query) = &mut part.tree {
        if let SetExpr::Select(select) = &mut *query.body {
            for (item, given) in select.projection.iter_mut().zip(&given) {
                if given.is_some() {
                    *item = SelectItem::UnnamedExpr(build::number(1));
                }
            }
        }
        type_literals(&mut query.body);
    }
    // What is the same in all rows need not be kept, as IRIS announces it.
    if let Some(SetExpr::Values(values)) = insert.source.as_mut().map(|source| &mut *source.body)
        && let Some(row) = values.rows.first_mut()
    {
        for (value, given) in row.content.iter_mut().zip(given) {
            *value = given.unwrap_or_else(|| build::take(value));
        }
    }
    Some((part, times))
}

/// The items of the select of an INSERT that are parameters.
fn parameters_of(insert: &Insert) -> Vec<Option<Expr>> {
    let body = insert.source.as_deref().map(|source| &*source.body);
    let Some(SetExpr::Select(select)) = body else {
        return Vec::new();
    };
    let parameter = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
            placeholder::number_of(expr).map(|_| expr.clone())
        }
        _ => None,
    };
    let is_star = |item: &SelectItem| {
        matches!(
            item,
            SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..)
        )
    };
    match select.projection.iter().any(is_star) {
        true => Vec::new(),
        false => select.projection.iter().map(parameter).collect(),
    }
}

/// Whether a piece of a statement reads the table that the statement writes to, as far as names tell,
/// or a view, which may.
pub(crate) fn reads(piece: &impl Visit, table: &TableName, pass: &Pass<'_>) -> bool {
    look::finds(piece, &mut |node| {
        matches!(node, Node::Relation(relation)
            if TableName::of(relation)
                .is_some_and(|name| name == *table || pass.relations.is_view(&name)))
    })
}

/// Refuses what needs the numbers of rows of a view, which has none.
pub(crate) fn refuse_view(table: &TableWithJoins, what: &str, pass: &Pass<'_>) -> Diagnosed<()> {
    let Some((name, _)) = named(table) else {
        return Ok(());
    };
    match TableName::of(name) {
        Some(known) if pass.relations.is_view(&known) => Err(Diagnostic::not_supported(
            format!("{what} is not supported for a view"),
            "write to the table that the view selects from",
        )
        .at(pass.text, definition::offset(name))),
        _ => Ok(()),
    }
}

/// Refuses a RETURNING that asks the table: it would see the rows of its own statement, and those
/// of PostgreSQL's do not.
pub(crate) fn refuse_own_reads(
    items: &[SelectItem],
    table: &[TableWithJoins],
    pass: &Pass<'_>,
) -> Diagnosed<()> {
    let own = table.first().and_then(named);
    let Some(own) = own.and_then(|(name, _)| TableName::of(name)) else {
        return Ok(());
    };
    let mut values = items.iter().filter_map(|item| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
        _ => None,
    });
    match values.find(|value| reads(*value, &own, pass)) {
        None => Ok(()),
        Some(value) => Err(Diagnostic::not_supported(
            "a query in RETURNING about the table that is written to is not supported",
            "ask it in a statement of its own, in the same transaction",
        )
        .at(pass.text, place::of(value))),
    }
}

/// The same of a source that gives so many values in a row.
pub(crate) fn kept_rows(
    insert: &mut Insert,
    width: usize,
    pass: &mut Pass<'_>,
) -> Option<(Part, Times)> {
    let slot = pass.slot();
    let width = u32::try_from(width).ok()?;
    let values = (0..width).map(|column| placeholder::kept(slot, column));
    let row = SetExpr::Values(Values {
        explicit_row: false,
        value_keyword: false,
        rows: vec![Parens::with_empty_span(values.collect())],
    });
    let query = insert.source.replace(Box::new(build::query(row)))?;
    let part = Part {
        rows: RowUse::Keep(slot),
        ..Part::new(Statement::Query(query))
    };
    Some((part, Times::ForEach(slot)))
}

/// A value that is to be kept, with its type told if it is a literal.
pub(crate) fn typed(value: Expr) -> Expr {
    match type_of_literal(&value) {
        Some(data_type) => build::cast(value, data_type),
        None => value,
    }
}

/// IRIS announces every literal as INTEGER, and a kept value has the type that was
/// announced.
fn type_literals(body: &mut SetExpr) {
    match body {
        SetExpr::Select(select) => {
            for item in &mut select.projection {
                if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item
                {
                    *expr = typed(build::take(expr));
                }
            }
        }
        SetExpr::SetOperation { left, right, .. } => {
            type_literals(left);
            type_literals(right);
        }
        SetExpr::Query(query) => type_literals(&mut query.body),
        _ => {}
    }
}

/// The longest string that a cast gives.
fn varchar() -> DataType {
    DataType::Varchar(Some(CharacterLength::IntegerLength {
        length: LONGEST_STRING,
        unit: None,
    }))
}

fn type_of_literal(expression: &Expr) -> Option<DataType> {
    let Expr::Value(value) = build::unnested(expression) else {
        return None;
    };
    match &value.value {
        Value::SingleQuotedString(_) | Value::Placeholder(_) | Value::Null => Some(varchar()),
        Value::Number(digits, _) => {
            let (_, decimals) = digits.split_once('.')?;
            let scale = decimals
                .bytes()
                .take_while(u8::is_ascii_digit)
                .count()
                .min(18);
            let scale = i64::try_from(scale).ok()?;
            Some(DataType::Numeric(ExactNumberInfo::PrecisionAndScale(
                36, scale,
            )))
        }
        _ => None,
    }
}

/// A query that gives the rows of VALUES.
pub(crate) fn union(rows: Vec<Vec<Expr>>) -> Option<Query> {
    let legs = rows.into_iter().map(|row| {
        let items = row.into_iter().map(SelectItem::UnnamedExpr).collect();
        query(items, Vec::new(), None).body
    });
    let all = legs.reduce(|left, right| {
        Box::new(SetExpr::SetOperation {
            op: SetOperator::Union,
            set_quantifier: SetQuantifier::All,
            left,
            right,
        })
    });
    Some(build::query(*all?))
}
