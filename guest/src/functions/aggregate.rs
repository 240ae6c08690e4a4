//! Aggregates.

use sqlparser::ast::{BinaryOperator, DuplicateTreatment, Expr, FunctionArguments};

use super::call::{and, is_not_null};
use super::json::elsewhere;
use super::{ANY, Call, Entry, Fate, Returns, Wants, array};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::look::{self, Node};
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::types::oid;
use crate::wit::Diagnostic;

const FLOAT8: Returns = Returns::Type(oid::FLOAT8);
const BOOL: Returns = Returns::Type(oid::BOOL);
const CONDITIONS: Marks = Marks::PREDICATE.and(Marks::CONDITION);
const ORDERED_SET: &str =
    "by the broker, of all values of a group, see `element_access`: in the select list";
const STATISTICS: &str = "put it together from sum, count and avg";

pub(super) const TABLE: &[Entry] = &[
    Entry::new(&["sum"], (1, 1), Returns::Sum, Fate::Same).wanting(Wants::Number),
    Entry::new(&["avg"], (1, 1), Returns::Average, Fate::Same).wanting(Wants::Number),
    Entry::new(&["min", "max"], (1, 1), Returns::FirstOrText, Fate::Same),
    Entry::new(
        &["count"],
        (0, 1),
        Returns::Type(oid::INT8),
        Fate::Translated(
            "`COUNT(…)`; `count(DISTINCT (a, b))` as `COUNT(DISTINCT JSON_ARRAY(a, b))`",
            count,
        ),
    ),
    Entry::new(
        &["stddev_pop", "var_pop"],
        (1, 1),
        Returns::Average,
        Fate::Same,
    )
    .wanting(Wants::Number),
    Entry::new(
        &["stddev", "stddev_samp", "variance", "var_samp"],
        (1, 1),
        Returns::Average,
        Fate::Translated("the same, NULL where there are not two values", sample),
    )
    .wanting(Wants::Number)
    .bringing(CONDITIONS),
    Entry::new(
        &["string_agg"],
        (2, 2),
        Returns::Type(oid::TEXT),
        Fate::Translated("`$LISTTOSTRING(%DLIST(x), separator)`", string_agg),
    ),
    Entry::new(
        &["bool_and", "every"],
        (1, 1),
        BOOL,
        Fate::Emulated(
            "`MIN(CASE WHEN x THEN 1 WHEN NOT x THEN 0 END) = 1`",
            |call| boolean(call, "MIN"),
        ),
    )
    .wanting(Wants::Boolean)
    .bringing(CONDITIONS),
    Entry::new(
        &["bool_or"],
        (1, 1),
        BOOL,
        Fate::Emulated(
            "`MAX(CASE WHEN x THEN 1 WHEN NOT x THEN 0 END) = 1`",
            |call| boolean(call, "MAX"),
        ),
    )
    .wanting(Wants::Boolean)
    .bringing(CONDITIONS),
    Entry::new(
        &["array_agg"],
        (1, 1),
        Returns::ArrayOf,
        Fate::Emulated(
            "`'{' || $LISTTOSTRING(%DLIST(…), ',') || '}'`",
            array::aggregate,
        ),
    )
    .typed()
    .bringing(CONDITIONS),
    Entry::new(
        &["xmlagg"],
        (1, 2),
        Returns::Unknown,
        Fate::Refused("select the rows, and put them together in the client"),
    ),
    Entry::new(
        &["bit_and", "bit_or", "bit_xor"],
        (1, 1),
        Returns::First,
        Fate::Arranged("IRIS has no operators on bits"),
    ),
    Entry::new(
        &["corr", "covar_pop", "covar_samp"],
        (2, 2),
        FLOAT8,
        Fate::Arranged(STATISTICS),
    ),
    Entry::new(
        &[
            "regr_avgx",
            "regr_avgy",
            "regr_intercept",
            "regr_r2",
            "regr_slope",
            "regr_sxx",
            "regr_sxy",
            "regr_syy",
        ],
        (2, 2),
        FLOAT8,
        Fate::Arranged(STATISTICS),
    ),
    Entry::new(
        &["regr_count"],
        (2, 2),
        Returns::Type(oid::INT8),
        Fate::Emulated(
            "`COUNT(CASE WHEN y IS NOT NULL AND x IS NOT NULL THEN 1 END)`",
            |call| {
                let both = and(is_not_null(call.take(0)), is_not_null(call.take(1)));
                let one = build::case(vec![(both, build::number(1))], None);
                alike(call, "COUNT", one)
            },
        ),
    )
    .bringing(CONDITIONS),
    Entry::new(
        &["percentile_cont", "percentile_disc"],
        (1, 1),
        Returns::Unknown,
        Fate::Emulated(ORDERED_SET, elsewhere),
    ),
    Entry::new(
        &["mode"],
        (0, 0),
        Returns::Unknown,
        Fate::Emulated(ORDERED_SET, elsewhere),
    ),
    Entry::new(
        &["any_value"],
        (1, 1),
        Returns::FirstOrText,
        Fate::Named("MIN"),
    ),
    Entry::new(
        &["range_agg", "range_intersect_agg"],
        (1, 1),
        Returns::Unknown,
        Fate::Refused("IRIS has no ranges"),
    ),
    Entry::new(
        &["grouping"],
        (1, ANY),
        Returns::Type(oid::INT4),
        Fate::Emulated("the number of the grouping", grouping),
    ),
];

/// GROUPING where nothing is grouped: beside GROUP BY it has become a number.
fn grouping(_: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    Err(Diagnostic::error(
        "42803",
        "arguments to GROUPING must be grouping expressions of the associated query level",
    ))
}

/// Another aggregate with the DISTINCT, FILTER and OVER of this one.
pub(super) fn alike(call: &Call<'_, '_, '_>, name: &str, argument: Expr) -> Diagnosed<Expr> {
    let mut made = build::call(name, vec![argument]);
    let (Expr::Function(function), Some(written)) = (&mut made, &call.function) else {
        return Ok(made);
    };
    function.filter = written.filter.clone();
    function.over = written.over.clone();
    if let (FunctionArguments::List(made), FunctionArguments::List(written)) =
        (&mut function.args, &written.args)
    {
        made.duplicate_treatment = written.duplicate_treatment;
        if !written.clauses.is_empty() {
            return Err(call.refusal(
                " with ORDER BY",
                "IRIS puts the values together in the order of the rows that it reads: order them in the client",
            ));
        }
    }
    Ok(made)
}

/// Refuses DISTINCT of an aggregate that puts values together: PostgreSQL sorts them.
pub(super) fn unsorted(call: &Call<'_, '_, '_>) -> Diagnosed<()> {
    let is_distinct = call.function.as_ref().is_some_and(|function| {
        matches!(&function.args, FunctionArguments::List(list)
            if list.duplicate_treatment == Some(DuplicateTreatment::Distinct))
    });
    if !is_distinct {
        return Ok(());
    }
    Err(call.refusal(
        " with DISTINCT",
        "IRIS does not sort the values, and the broker does for string_agg and array_agg in the select \
         list of the outermost query, if the rows are not ordered by it",
    ))
}

/// Of one value there is no deviation; IRIS says 0.
fn sample(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let window = |function: &sqlparser::ast::Function| function.over.is_some();
    if call.function.as_ref().is_some_and(window) {
        return Err(call.refusal(" with OVER", "put it together from sum, count and avg"));
    }
    let again = call.copy(0)?;
    let value = call.take(0);
    let name = call.name.to_uppercase();
    let deviation = alike(call, &name, value)?;
    let count = alike(call, "COUNT", again)?;
    let enough = build::binary(count, BinaryOperator::Gt, build::number(1));
    Ok(build::case(vec![(enough, deviation)], None))
}

/// `LIST` has no separator but the comma, and keeps those inside the values apart
/// from none; a list of IRIS's own does.
fn string_agg(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let (value, separator) = (call.take(0), call.take(1));
    if call
        .function
        .as_ref()
        .is_some_and(|function| function.over.is_some())
    {
        return Err(call.refusal(" with OVER", "aggregate in a subquery that is grouped"));
    }
    unsorted(call)?;
    let separator = one_separator(call, separator)?;
    let list = alike(call, "%DLIST", value)?;
    Ok(build::call("$LISTTOSTRING", vec![list, separator]))
}

/// IRIS puts one separator between all values, and none where it is NULL.
fn one_separator(call: &Call<'_, '_, '_>, separator: Expr) -> Diagnosed<Expr> {
    if build::is_null(&separator) {
        return Ok(build::string(""));
    }
    if placeholder::number_of(build::unnested(&separator)).is_some() {
        return Ok(build::call("COALESCE", vec![separator, build::string("")]));
    }
    let names_column = |node: Node<'_>| {
        matches!(
            node,
            Node::Expression(Expr::Identifier(_) | Expr::CompoundIdentifier(_))
        )
    };
    if look::finds(&separator, &mut |node| names_column(node)) {
        return Err(call.refusal(
            " with a separator that is not constant",
            "aggregate separator || value, and cut the first separator off in the client",
        ));
    }
    Ok(separator)
}

fn boolean(call: &mut Call<'_, '_, '_>, name: &str) -> Diagnosed<Expr> {
    let again = call.copy(0)?;
    let number = build::case(
        vec![
            (call.take(0), build::number(1)),
            (build::not(again), build::number(0)),
        ],
        None,
    );
    let extreme = alike(call, name, number)?;
    Ok(build::nested(build::binary(
        extreme,
        BinaryOperator::Eq,
        build::number(1),
    )))
}

/// A row is one value in PostgreSQL, which counts rows of NULLs too.
fn count(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let argument = match call.take(0) {
        Expr::Tuple(values) => build::call("%EXACT", vec![build::call("JSON_ARRAY", values)]),
        other => other,
    };
    alike(call, "COUNT", argument)
}
