//! Operators of PostgreSQL that IRIS has nothing for.

use sqlparser::ast::{BinaryOperator, Expr};

use crate::build;

/// An operator as it is written, and the hint of its refusal; none if it is not one
/// of these.
pub(crate) fn refused(operator: &BinaryOperator) -> Option<(&'static str, &'static str)> {
    use BinaryOperator as O;
    let bits =
        "IRIS has no operators on bits: one side must be a constant, or compute it in the client";
    Some(match operator {
        O::HashMinus => ("#-", crate::computed::HINT),
        O::PGBitwiseXor => (
            "#",
            "IRIS's # is the modulus: write % for it, and a + b - 2 * (a & b) for the exclusive or",
        ),
        O::PGBitwiseShiftLeft => ("<<", bits),
        O::PGBitwiseShiftRight => (">>", bits),
        O::BitwiseOr => ("|", bits),
        _ => return None,
    })
}

/// The operators of PostgreSQL and pgvector as the document shows them: how they are
/// written, what becomes of them, how or what instead. Those that [`refused`] knows follow.
#[cfg(test)]
pub(super) const OTHERS: &[(&str, &str, &str)] = &[
    (
        "`AND` `OR` `NOT`",
        "same",
        "a boolean value becomes a comparison with 1",
    ),
    ("`=` `<>` `!=` `<` `<=` `>` `>=`", "same", ""),
    (
        "`BETWEEN`, `BETWEEN SYMMETRIC`",
        "translated",
        "`BETWEEN`, of both orders",
    ),
    (
        "`IS NULL` `IS NOT NULL` `ISNULL` `NOTNULL`",
        "translated",
        "`IS [NOT] NULL`",
    ),
    (
        "`IS [NOT] TRUE` `FALSE` `UNKNOWN`",
        "emulated",
        "comparisons with 1 and 0",
    ),
    (
        "`IS [NOT] DISTINCT FROM`",
        "emulated",
        "comparisons and `IS NULL`",
    ),
    (
        "`IN`, `= ANY (…)`, `<> ALL (…)`",
        "translated",
        "lists, subqueries, arrays that are parameters",
    ),
    ("`+` `-` `*`", "same", "of numbers"),
    ("`/`", "translated", "`\\` between integers"),
    ("`%`", "translated", "`MOD(a, b)`"),
    ("`^`", "translated", "`{fn POWER(x, y)}`"),
    ("`\\|/` `@`", "translated", "`{fn SQRT(x)}`, `ABS(x)`"),
    (
        "`\\|\\|/`",
        "refused",
        "use power(x, 1.0 / 3), which is not exact",
    ),
    (
        "`&` `\\|` `~` `<<` `>>` on integers",
        "emulated",
        "`MOD`, with a constant on one side; else refused",
    ),
    (
        "`+` `-` of dates, times and intervals",
        "translated",
        "`DATEADD`, `DATEDIFF`; an interval is written down beside a date",
    ),
    (
        "`-` of timestamps",
        "refused",
        "IRIS has no intervals; use DATEDIFF with a unit",
    ),
    (
        "`AT TIME ZONE`",
        "translated",
        "UTC and constant offsets; see `timezone`",
    ),
    ("`OVERLAPS`", "emulated", "see `overlaps`"),
    (
        "`\\|\\|`",
        "same",
        "operands are spelled as in PostgreSQL; those of arrays and jsonb are below",
    ),
    (
        "`LIKE` `NOT LIKE` `~~` `!~~`",
        "translated",
        "`LIKE … ESCAPE '\\'`",
    ),
    (
        "`ILIKE` `~~*` `!~~*`",
        "translated",
        "`UPPER(a) LIKE UPPER(b)`",
    ),
    (
        "`SIMILAR TO` `~` `~*` `!~` `!~*`",
        "translated",
        "`%PATTERN`, of constants without `[^…]`, `\\w` and anchors inside; else by the broker, see `regular_expression`; `SIMILAR TO` else refused",
    ),
    ("`^@`", "translated", "`INSTR(s, part) = 1`"),
    ("`COLLATE`", "same", "see the rules of string columns"),
    ("`<=>`", "translated", "`1 - VECTOR_COSINE(a, b)`"),
    ("`<#>`", "translated", "`-VECTOR_DOT_PRODUCT(a, b)`"),
    ("`<->` `<+>`", "refused", "use `<=>` or `<#>`"),
    (
        "`->` `->>` `#>` `#>>` `?` `?\\|` `?&` of documents, subscripts",
        "emulated",
        super::json::BROKER,
    ),
    (
        "`\\|\\|` `-` `#-` of documents, `\\|\\|` of arrays",
        "emulated",
        "as these, see `document_change`",
    ),
    (
        "`@>` `<@` `&&` of documents and arrays",
        "emulated",
        "as these; not of ranges",
    ),
    (
        "`= ANY` `<> ANY` `= ALL` `<> ALL` of arrays that are kept",
        "emulated",
        "as these",
    ),
    (
        "`@?` `@@` of documents and paths",
        "emulated",
        "as these; of paths without the method `datetime()`",
    ),
    (
        "`@@` of texts, `@@@` `!!`",
        "refused",
        "IRIS searches texts by an iFind index and %ID %FIND search_index(…)",
    ),
    (
        "`<<=` `>>=` `&<` `&>` `<<\\|` `\\|>>` `&<\\|` `\\|&>` `<^` `>^` `?#` `?-` `?\\|` `?-\\|` `?\\|\\|` `~=` `##` `@-@` `-\\|-`",
        "refused",
        "IRIS has no geometric, network and range types",
    ),
];

/// The operators that are refused, with their hints.
#[cfg(test)]
pub(super) fn all() -> Vec<(&'static str, &'static str)> {
    use BinaryOperator as O;
    [O::PGBitwiseXor]
        .iter()
        .filter_map(|operator| refused(operator))
        .collect()
}

pub(crate) fn is_name(expression: &Expr) -> bool {
    matches!(
        build::unnested(expression),
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::BinaryOp { .. }
    )
}
