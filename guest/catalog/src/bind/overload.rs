//! Which of the functions of a name is meant, section 10.3 of the manual.

use super::coerce;
use crate::types::Type;

/// The candidate that takes the arguments with the fewest conversions.
pub(super) fn best<T>(
    candidates: impl Iterator<Item = &'static T>,
    kinds: &[Type],
    signature: impl Fn(&'static T) -> (&'static [Type], bool),
) -> Option<&'static T> {
    let mut found: Option<(usize, &'static T)> = None;
    for candidate in candidates {
        let (wanted, variadic) = signature(candidate);
        let Some(cost) = cost(wanted, variadic, kinds) else {
            continue;
        };
        if found.is_none_or(|(least, _)| cost < least) {
            found = Some((cost, candidate));
        }
    }
    found.map(|(_, candidate)| candidate)
}

fn cost(wanted: &[Type], variadic: bool, kinds: &[Type]) -> Option<usize> {
    let fixed = wanted.len() - usize::from(variadic);
    let fits = if variadic {
        kinds.len() >= fixed
    } else {
        kinds.len() == wanted.len()
    };
    if !fits {
        return None;
    }
    kinds
        .iter()
        .zip(wanted)
        .take(fixed)
        .map(|(kind, wanted)| {
            if kind == wanted {
                Some(0)
            } else if *kind == Type::UNKNOWN {
                // A string is what a literal is taken for.
                Some(if *wanted == Type::TEXT { 1 } else { 2 })
            } else if coerce::is_held_alike(*kind, *wanted) && coerce::is_implicit(*kind, *wanted) {
                Some(2)
            } else {
                coerce::is_implicit(*kind, *wanted).then_some(3)
            }
        })
        .sum()
}

/// `anyelement` and `anyarray` by what the arguments are.
pub(super) fn polymorphic(result: Type, wanted: &[Type], kinds: &[Type]) -> Type {
    let of = |pseudo: Type| {
        wanted
            .iter()
            .zip(kinds)
            .find(|(wanted, kind)| **wanted == pseudo && **kind != Type::UNKNOWN)
            .map(|(_, kind)| *kind)
    };
    let plain = |kind: Type| match kind.element() {
        // The elements of a vector make a plain array.
        Some(element) if kind.is_vector() => element.array().unwrap_or(kind),
        _ => kind,
    };
    match result {
        Type::ANYELEMENT => of(Type::ANYARRAY)
            .and_then(Type::element)
            .or_else(|| of(Type::ANYELEMENT))
            .unwrap_or(Type::TEXT),
        Type::ANYARRAY => of(Type::ANYARRAY)
            .map(plain)
            .or_else(|| of(Type::ANYELEMENT)?.array())
            .unwrap_or(Type(1009)),
        other => other,
    }
}
