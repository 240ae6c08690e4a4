//! Functions that return rows: in FROM, where they may take what stands before them, and in the
//! select list.

use sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, FunctionArguments, JoinConstraint, JoinOperator,
    ObjectName, TableAlias, TableFactor, TableFunctionArgs, TableWithJoins, Value,
};

use crate::build;
use crate::computed::{Computed, paths, settle};
use crate::labels;
use crate::rule::Pass;
use crate::types::{kept, oid};
use crate::wit::Oid;

/// A function for one list of types.
#[derive(Clone, Copy)]
struct Known {
    name: &'static str,
    /// The name of its code (`pg_proc.prosrc`).
    code: &'static str,
    takes: &'static [Oid],
    /// Names and types of the values of a row; a name that is empty is that of the function.
    gives: &'static [(&'static str, Oid)],
}

/// One that a call means.
pub(super) struct Meant {
    pub(super) code: &'static str,
    pub(super) gives: Vec<(&'static str, Oid)>,
}

const JSON: &[Oid] = &[oid::JSON];
const JSONB: &[Oid] = &[oid::JSONB];
const TEXTS: &[Oid] = &[oid::TEXT, oid::TEXT];
const THREE_TEXTS: &[Oid] = &[oid::TEXT, oid::TEXT, oid::TEXT];
const WHOLE_PATH: &[Oid] = &[oid::JSONB, oid::JSONPATH, oid::JSONB, oid::BOOL];
const TEXT_ARRAY: Oid = 1009;

const fn known(
    name: &'static str,
    code: &'static str,
    takes: &'static [Oid],
    gives: &'static [(&'static str, Oid)],
) -> Known {
    Known {
        name,
        code,
        takes,
        gives,
    }
}

const ALL: &[Known] = &[
    known(
        "json_array_elements",
        "json_array_elements",
        JSON,
        &[("value", oid::JSON)],
    ),
    known(
        "jsonb_array_elements",
        "jsonb_array_elements",
        JSONB,
        &[("value", oid::JSONB)],
    ),
    known(
        "json_array_elements_text",
        "json_array_elements_text",
        JSON,
        &[("value", oid::TEXT)],
    ),
    known(
        "jsonb_array_elements_text",
        "jsonb_array_elements_text",
        JSONB,
        &[("value", oid::TEXT)],
    ),
    known(
        "json_each",
        "json_each",
        JSON,
        &[("key", oid::TEXT), ("value", oid::JSON)],
    ),
    known(
        "jsonb_each",
        "jsonb_each",
        JSONB,
        &[("key", oid::TEXT), ("value", oid::JSONB)],
    ),
    known(
        "json_each_text",
        "json_each_text",
        JSON,
        &[("key", oid::TEXT), ("value", oid::TEXT)],
    ),
    known(
        "jsonb_each_text",
        "jsonb_each_text",
        JSONB,
        &[("key", oid::TEXT), ("value", oid::TEXT)],
    ),
    known(
        "json_object_keys",
        "json_object_keys",
        JSON,
        &[("", oid::TEXT)],
    ),
    known(
        "jsonb_object_keys",
        "jsonb_object_keys",
        JSONB,
        &[("", oid::TEXT)],
    ),
    known(
        "jsonb_path_query",
        "jsonb_path_query",
        WHOLE_PATH,
        &[("", oid::JSONB)],
    ),
    known(
        "jsonb_path_query_tz",
        "jsonb_path_query_tz",
        WHOLE_PATH,
        &[("", oid::JSONB)],
    ),
    known(
        "regexp_split_to_table",
        "regexp_split_to_table_no_flags",
        TEXTS,
        &[("", oid::TEXT)],
    ),
    known(
        "regexp_split_to_table",
        "regexp_split_to_table",
        THREE_TEXTS,
        &[("", oid::TEXT)],
    ),
    known(
        "regexp_matches",
        "regexp_matches_no_flags",
        TEXTS,
        &[("", TEXT_ARRAY)],
    ),
    known(
        "regexp_matches",
        "regexp_matches",
        THREE_TEXTS,
        &[("", TEXT_ARRAY)],
    ),
    known(
        "string_to_table",
        "text_to_table",
        TEXTS,
        &[("", oid::TEXT)],
    ),
    known(
        "generate_series",
        "generate_series_int4",
        &[oid::INT4, oid::INT4],
        &[("", oid::INT4)],
    ),
    known(
        "generate_series",
        "generate_series_step_int4",
        &[oid::INT4, oid::INT4, oid::INT4],
        &[("", oid::INT4)],
    ),
    known(
        "generate_series",
        "generate_series_int8",
        &[oid::INT8, oid::INT8],
        &[("", oid::INT8)],
    ),
    known(
        "generate_series",
        "generate_series_step_int8",
        &[oid::INT8, oid::INT8, oid::INT8],
        &[("", oid::INT8)],
    ),
    known(
        "generate_series",
        "generate_series_timestamp",
        &[oid::TIMESTAMP, oid::TIMESTAMP, oid::INTERVAL],
        &[("", oid::TIMESTAMP)],
    ),
];

impl Meant {
    /// The types of the values of a row.
    pub(super) fn types(&self, ordinality: bool) -> Vec<Oid> {
        let own = self.gives.iter().map(|(_, type_oid)| *type_oid);
        own.chain(ordinality.then_some(oid::INT8)).collect()
    }
}

/// A call of such a function.
pub(crate) struct Call {
    name: String,
    pub(super) arguments: Vec<Expr>,
    alias: Option<TableAlias>,
    pub(super) ordinality: bool,
    /// Whether a row without any is left.
    pub(super) outer: bool,
    /// Whether it stands in the select list.
    is_item: bool,
}

impl Call {
    /// The call that an item of a select list is.
    pub(super) fn of_item(expression: &Expr) -> Option<Self> {
        let Expr::Function(function) = build::unnested(expression) else {
            return None;
        };
        let name = build::function_name(function)?;
        let is_plain = function.over.is_none()
            && function.filter.is_none()
            && function.within_group.is_empty();
        // As one value a row of several columns would be a record, which no client is told of here.
        let is_record = name.trim_end_matches("_text").ends_with("_each");
        if !is_plain || is_record || !is_known(&name) {
            return None;
        }
        let arguments = match &function.args {
            FunctionArguments::List(list) if paths::is_one(&name) => paths::in_order(&list.args)?,
            _ => build::arguments(function).into_iter().cloned().collect(),
        };
        Some(Self {
            name,
            arguments,
            alias: None,
            ordinality: false,
            outer: false,
            is_item: true,
        })
    }

    fn of_factor(factor: &TableFactor) -> Option<Self> {
        let (name, arguments, alias, ordinality) = match factor {
            TableFactor::UNNEST {
                alias,
                array_exprs,
                with_offset: false,
                with_ordinality,
                ..
            } => (
                "unnest".to_owned(),
                array_exprs.clone(),
                alias,
                *with_ordinality,
            ),
            other => {
                let (name, arguments, alias, ordinality) = written(other)?;
                (called(name)?, arguments, alias, ordinality)
            }
        };
        is_known(&name).then(|| Self {
            name,
            arguments,
            alias: alias.clone(),
            ordinality,
            outer: false,
            is_item: false,
        })
    }

    /// The name by which the statement knows the source.
    pub(super) fn table(&self) -> Option<String> {
        let alias = self.alias.as_ref().map(|alias| labels::folded(&alias.name));
        match self.is_item {
            true => None,
            false => Some(alias.unwrap_or_else(|| self.name.clone())),
        }
    }

    /// The names of the columns; none if it is given more names than it has columns.
    pub(super) fn names(&self, meant: &Meant) -> Option<Vec<String>> {
        if self.is_item {
            return Some(vec![self.item_name()]);
        }
        let table = self.table()?;
        let of_function = meant.gives.iter().map(|(name, _)| match name.is_empty() {
            true => table.clone(),
            false => (*name).to_owned(),
        });
        let ordinality = self.ordinality.then(|| "ordinality".to_owned());
        let mut names: Vec<String> = of_function.chain(ordinality).collect();
        let given = self.alias.iter().flat_map(|alias| &alias.columns);
        for (index, column) in given.enumerate() {
            if column.data_type.is_some() {
                return None;
            }
            *names.get_mut(index)? = labels::folded(&column.name);
        }
        Some(names)
    }

    /// What stands for the value in the select list.
    pub(super) fn item(&self) -> Expr {
        Expr::Identifier(labels::identifier(&self.item_name()))
    }

    /// A name that no statement has.
    fn item_name(&self) -> String {
        format!("{} ", self.name)
    }

    /// The function that is meant by operands of these types, and the operands as it takes them.
    pub(super) fn resolved(
        &self,
        operands: Vec<Computed>,
        pass: &mut Pass<'_>,
    ) -> Option<(Meant, Vec<Computed>)> {
        if self.name == "unnest" {
            // Those of several stand side by side, and are all called so.
            let name = if operands.len() == 1 { "" } else { "unnest" };
            let element = |array: &Computed| Some((name, kept::element_of(array.type_oid)?));
            let meant = Meant {
                code: "array_unnest",
                gives: operands.iter().map(element).collect::<Option<_>>()?,
            };
            let is_called_so = operands.len() == 1 || !self.is_item && !operands.is_empty();
            return is_called_so.then_some((meant, operands));
        }
        let fitting = ALL
            .iter()
            .filter(|one| one.name == self.name && one.takes.len() == operands.len());
        for one in fitting {
            let settled: Option<Vec<Computed>> = operands
                .iter()
                .zip(one.takes)
                .map(|(operand, target)| settle(operand.clone(), *target, pass))
                .collect();
            if let Some(settled) = settled {
                let meant = Meant {
                    code: one.code,
                    gives: one.gives.to_vec(),
                };
                return Some((meant, settled));
            }
        }
        None
    }
}

fn is_known(name: &str) -> bool {
    name == "unnest" || ALL.iter().any(|one| one.name == name)
}

/// The name, the arguments and the alias of a function in FROM, and whether its rows are numbered.
pub(super) fn written(
    factor: &TableFactor,
) -> Option<(&ObjectName, Vec<Expr>, &Option<TableAlias>, bool)> {
    match factor {
        TableFactor::Table {
            name,
            args:
                Some(TableFunctionArgs {
                    args,
                    settings: None,
                }),
            alias,
            with_ordinality,
            sample: None,
            ..
        }
        | TableFactor::Function {
            name,
            args,
            with_ordinality,
            alias,
            ..
        } => Some((name, given(name, args)?, alias, *with_ordinality)),
        _ => None,
    }
}

fn called(name: &ObjectName) -> Option<String> {
    match name.0.as_slice() {
        [part] => Some(labels::folded(part.as_ident()?)),
        _ => None,
    }
}

fn given(name: &ObjectName, arguments: &[FunctionArg]) -> Option<Vec<Expr>> {
    match called(name).is_some_and(|name| paths::is_one(&name)) {
        true => paths::in_order(arguments),
        false => plain(arguments),
    }
}

fn plain(arguments: &[FunctionArg]) -> Option<Vec<Expr>> {
    let argument = |argument: &FunctionArg| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => Some(expression.clone()),
        _ => None,
    };
    arguments.iter().map(argument).collect()
}

/// Takes the calls out of FROM, whose order they keep; none if one stands where it cannot be put
/// behind what IRIS gives.
pub(super) fn taken(from: &mut Vec<TableWithJoins>) -> Option<Vec<Call>> {
    let mut calls = Vec::new();
    let mut left: Vec<TableWithJoins> = Vec::with_capacity(from.len());
    for mut table in std::mem::take(from) {
        let joins = std::mem::take(&mut table.joins);
        let first = Call::of_factor(&table.relation);
        let is_call = first.is_some();
        calls.extend(first);
        let mut stays = false;
        for join in joins {
            match Call::of_factor(&join.relation) {
                Some(mut call) => {
                    call.outer = is_outer(&join.join_operator)?;
                    calls.push(call);
                }
                // A table behind a function would have to be joined to its rows.
                None if is_call || stays => return None,
                None => table.joins.push(join),
            }
            stays |= !calls.is_empty();
        }
        if !is_call {
            left.push(table);
        }
    }
    *from = left;
    Some(calls)
}

/// Whether a join with the rows of a function leaves rows without any; none if it has a condition.
fn is_outer(operator: &JoinOperator) -> Option<bool> {
    use JoinOperator as J;
    match operator {
        J::CrossJoin(_) => Some(false),
        J::Join(JoinConstraint::On(on)) | J::Inner(JoinConstraint::On(on)) if is_true(on) => {
            Some(false)
        }
        J::Left(JoinConstraint::On(on)) | J::LeftOuter(JoinConstraint::On(on)) if is_true(on) => {
            Some(true)
        }
        _ => None,
    }
}

pub(super) fn is_true(condition: &Expr) -> bool {
    matches!(build::unnested(condition), Expr::Value(value) if value.value == Value::Boolean(true))
}
