//! TO_CHAR's number formats: `9 0 . , D G $ B S FM`.

use bigdecimal::{BigDecimal, Signed};

use crate::decimal;

/// Does the format show digits, and nothing but numbers?
pub(super) fn is_one(format: &str) -> bool {
    let upper = format.to_ascii_uppercase();
    let body = upper.strip_prefix("FM").unwrap_or(&upper);
    body.contains(['9', '0']) && body.bytes().all(|b| b"90.,DG$BS".contains(&b))
}

/// A format, taken apart.
struct Format<'a> {
    filled: bool,
    blank_zero: bool,
    dollar: bool,
    sign_first: bool,
    sign_last: bool,
    whole: &'a str,
    fraction: usize,
    point: bool,
}

impl<'a> Format<'a> {
    fn of(upper: &'a str) -> Self {
        let (body, filled) = match upper.strip_prefix("FM") {
            Some(body) => (body, false),
            None => (upper, true),
        };
        let (whole, fraction) = body.split_once(['.', 'D']).unwrap_or((body, ""));
        Self {
            filled,
            blank_zero: body.contains('B'),
            dollar: body.contains('$'),
            sign_first: body.starts_with('S'),
            sign_last: body.len() > 1 && body.ends_with('S'),
            whole,
            fraction: fraction
                .bytes()
                .filter(|b| matches!(b, b'9' | b'0'))
                .count(),
            point: body.contains(['.', 'D']),
        }
    }
}

/// The number in this format; `#` throughout if it has more digits than the format.
pub(super) fn write(number: &BigDecimal, format: &str) -> String {
    let upper = format.to_ascii_uppercase();
    let format = Format::of(&upper);
    let scale = i64::try_from(format.fraction).unwrap_or(0);
    let rounded = decimal::round(number, scale);
    let plain = rounded.abs().to_plain_string();
    let (whole, decimals) = plain.split_once('.').unwrap_or((&plain, ""));
    let room = format
        .whole
        .bytes()
        .filter(|b| matches!(b, b'9' | b'0'))
        .count();
    let whole = match whole.trim_start_matches('0') {
        // A number below one shows its zero, if there is a place for it.
        "" if !format.blank_zero && room > 0 => "0",
        whole => whole,
    };
    if whole.len() > room {
        return "#".repeat(upper.len() + 1);
    }
    let (blanks, mut shown) = digits(&format, whole, room);
    if format.point {
        shown.push('.');
        shown.push_str(decimals);
    }
    framed(&format, &shown, blanks, rounded.is_negative())
}

/// How many places stay blank in front, and the digits with their separators.
fn digits(format: &Format<'_>, whole: &str, room: usize) -> (usize, String) {
    let mut digits = std::iter::repeat_n(' ', room - whole.len()).chain(whole.chars());
    let (mut blanks, mut shown) = (0, String::new());
    for place in format.whole.chars() {
        match place {
            '9' | '0' => {
                let digit = digits.next().unwrap_or(' ');
                let forced = place == '0' || !shown.is_empty();
                match digit {
                    ' ' if forced && !(format.blank_zero && whole.is_empty()) => shown.push('0'),
                    ' ' => blanks += 1,
                    digit => shown.push(digit),
                }
            }
            ',' | 'G' if !shown.is_empty() => shown.push(','),
            ',' | 'G' => blanks += 1,
            _ => {}
        }
    }
    (blanks, shown)
}

/// Sign, dollar and leading blanks. A positive number without a sign has a blank in its place.
fn framed(format: &Format<'_>, shown: &str, blanks: usize, negative: bool) -> String {
    let dollar = if format.dollar { "$" } else { "" };
    let blanks = if format.filled { blanks } else { 0 };
    let sign = match (negative, format.sign_first || format.sign_last) {
        (true, _) => "-",
        (false, true) => "+",
        (false, false) if format.filled => " ",
        (false, false) => "",
    };
    let blanks = " ".repeat(blanks);
    if format.sign_last && !format.sign_first {
        return format!("{blanks}{dollar}{shown}{sign}");
    }
    format!("{blanks}{sign}{dollar}{shown}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_manual() {
        for (number, format, wanted) in [
            ("1000", "999", "####"),
            ("1000", "9999", " 1000"),
            ("1000", "99999", "  1000"),
            ("1000", "9,999.99", " 1,000.00"),
            ("1000", "9G999D99", " 1,000.00"),
            ("10", "99.99", " 10.00"),
            ("-10", "99.99", "-10.00"),
            ("10", "S99.99", "+10.00"),
            ("10", "99.99S", "10.00+"),
            ("-10", "99.99S", "10.00-"),
            ("12345678.90", "FM99,999,999.99", "12,345,678.90"),
            ("1234567890", "$9G999G999G999", " $1,234,567,890"),
            ("1234567890", "S$9G999G999G999", "+$1,234,567,890"),
            ("1234567.4999", "9999999.9", " 1234567.5"),
            ("1234567.91", "9999999", " 1234568"),
            ("5", "000", " 005"),
            ("0", "9", " 0"),
            (".5", "9.9", " 0.5"),
        ] {
            let number = decimal::exact(number).unwrap();
            assert_eq!(write(&number, format), wanted, "{format}");
        }
    }
}
