//! Digits of numbers, as far as nothing is computed with them.

use crate::json;

/// Digits before the point that a `numeric` may have, and its greatest exponent.
const MOST_DIGITS: i64 = 131_072;
const MOST_DECIMALS: i64 = 16_383;

/// A literal of a path as `numeric` shows it; none if it is too large for one.
pub(super) fn literal(written: &str) -> Option<String> {
    let (mantissa, power) = match written.find(['e', 'E']) {
        Some(at) => written.split_at(at),
        None => (written, ""),
    };
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole = if whole.is_empty() { "0" } else { whole };
    let exponent = match power.get(1..) {
        Some(digits) => digits
            .parse::<i64>()
            .unwrap_or(match digits.starts_with('-') {
                true => -MOST_DIGITS * 2,
                false => MOST_DIGITS * 2,
            }),
        None => 0,
    };
    let length = |digits: &str| i64::try_from(digits.len()).unwrap_or(i64::MAX);
    let scale = length(decimals).saturating_sub(exponent);
    if length(whole).saturating_add(exponent) > MOST_DIGITS || scale > MOST_DECIMALS {
        return None;
    }
    let plain = match decimals {
        "" => format!("{whole}{power}"),
        decimals => format!("{whole}.{decimals}{power}"),
    };
    json::number(&plain)
}

/// `numeric_trunc` as an `int4`; none if it is out of range.
pub(super) fn index(number: &str) -> Option<i64> {
    if let Some((_, power)) = number.split_once(['e', 'E']) {
        // Those that are written so are far from 1.
        return power.starts_with('-').then_some(0);
    }
    let whole = number.split_once('.').map_or(number, |(whole, _)| whole);
    whole.parse::<i32>().ok().map(i64::from)
}

/// The bytes of a `numeric` within a `jsonb`: its header, and digits of base 10000.
pub(super) fn size(number: &str) -> u64 {
    let unsigned = number.trim_start_matches('-');
    let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut digits = "0".repeat(whole.len().next_multiple_of(4) - whole.len());
    digits.push_str(whole);
    let before = digits.len() / 4;
    digits.push_str(decimals);
    digits.push_str(&"0".repeat(digits.len().next_multiple_of(4) - digits.len()));
    let is_zero = |group: &[u8]| group.iter().all(|digit| *digit == b'0');
    let groups: Vec<&[u8]> = digits.as_bytes().chunks(4).collect();
    let first = groups.iter().position(|group| !is_zero(group));
    let last = groups.iter().rposition(|group| !is_zero(group));
    let (count, weight) = match (first, last) {
        (Some(first), Some(last)) => (last - first + 1, signed(before) - signed(first) - 1),
        _ => (0, 0),
    };
    let is_short = decimals.len() < 64 && (-64..64).contains(&weight);
    let header = if is_short { 6 } else { 8 };
    header + 2 * u64::try_from(count).unwrap_or_default()
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
