//! Templates of `to_char` for numbers: those that IRIS's TO_CHAR reads alike.

use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::functions::Call;
use crate::functions::call::braced;

/// A template of digits.
struct Template {
    filled: bool,
    /// Places before the point.
    places: usize,
    /// Places behind it.
    fraction: usize,
}

/// Reads `[FM]` and places, groups, and one point; none for what IRIS writes otherwise.
/// Without a 0 before the point IRIS writes one where PostgreSQL writes none.
fn read(template: &str) -> Option<Template> {
    let body = template
        .strip_prefix("FM")
        .or_else(|| template.strip_prefix("fm"));
    let (filled, body) = (body.is_none(), body.unwrap_or(template));
    let (whole, fraction) = match body.split_once(['.', 'D', 'd']) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (body, None),
    };
    let is_place = |c: char| matches!(c, '9' | '0');
    let places = whole.chars().filter(|c| is_place(*c)).count();
    let groups = whole
        .chars()
        .all(|c| is_place(c) || matches!(c, ',' | 'G' | 'g'));
    let behind = fraction.unwrap_or_default();
    let well_formed = groups
        && (1..=15).contains(&places)
        && whole.starts_with(is_place)
        && whole.ends_with(is_place)
        && behind.chars().all(is_place)
        && behind.len() <= 15;
    let exact = fraction.is_none_or(|fraction| {
        !fraction.is_empty() && whole.ends_with('0') && (filled || !fraction.contains('9'))
    });
    // A 9 behind a 0 counts as one in PostgreSQL; IRIS is not said to do the same.
    let leading = whole.trim_start_matches(['9', ',', 'G', 'g']);
    let plain = !leading.contains('9');
    (well_formed && exact && plain).then_some(Template {
        filled,
        places,
        fraction: behind.len(),
    })
}

/// Whether IRIS reads a template as PostgreSQL does.
pub(crate) fn is_read(template: &str) -> bool {
    read(template).is_some()
}

/// `to_char(x, template)` of a number.
pub(super) fn write(call: &mut Call<'_, '_, '_>, template: &str) -> Diagnosed<Expr> {
    let Some(read) = read(template) else {
        return Err(call.refusal(
            " with this template",
            "use 9 and 0, ',' and one '.', with a 0 before it; or format the number in the client",
        ));
    };
    let upper = template
        .to_ascii_uppercase()
        .replace('G', ",")
        .replace('D', ".");
    let body = upper.strip_prefix("FM").unwrap_or(&upper);
    let hidden: String = body
        .chars()
        .map(|c| if matches!(c, '9' | '0') { '#' } else { c })
        .collect();
    let rounded = |number| braced("ROUND", vec![number, build::number(read.fraction)]);
    let limit = format!("1{}", "0".repeat(read.places));
    let above = build::binary(
        rounded(call.copy(0)?),
        BinaryOperator::GtEq,
        build::number(&limit),
    );
    let below = build::binary(
        rounded(call.copy(0)?),
        BinaryOperator::LtEq,
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr: Box::new(build::number(&limit)),
        },
    );
    let blank = if read.filled { " " } else { "" };
    let shown = build::call("TO_CHAR", vec![call.take(0), build::string(&upper)]);
    Ok(build::case(
        vec![
            (above, build::string(&format!("{blank}{hidden}"))),
            (below, build::string(&format!("-{hidden}"))),
        ],
        Some(shown),
    ))
}
