//! Of texts.

use std::fmt::Write as _;

use md5::{Digest as _, Md5};
use pgiris_values::quoting;

use super::{Scalar, array};

pub(super) const SCALARS: &[Scalar] = &[
    Scalar::new("md5_text", 1, |operands| {
        let mut shown = String::with_capacity(32);
        for byte in Md5::digest(operands.text(0)) {
            write!(shown, "{byte:02x}").expect("writing to memory does not fail");
        }
        Ok(shown)
    }),
    Scalar::new("initcap", 1, |operands| Ok(capitalized(operands.text(0)))),
    Scalar::new("textoctetlen", 1, |operands| {
        Ok(operands.text(0).len().to_string())
    }),
    // A text has far fewer bytes than a number has room for.
    Scalar::new("bit_length", 1, |operands| {
        Ok(operands.text(0).len().saturating_mul(8).to_string())
    }),
    Scalar::new("quote_ident", 1, |operands| {
        Ok(quoting::quote_ident(operands.text(0)))
    }),
    Scalar::of_nulls("text_to_array", 2..=2, |operands| {
        Ok(split(operands).map(array))
    }),
    Scalar::of_nulls("text_to_array_null", 3..=3, |operands| {
        Ok(split(operands).map(array))
    }),
];

/// `str_initcap`: letters behind letters and digits are small, others are capitals.
fn capitalized(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut is_inside = false;
    for letter in text.chars() {
        shown.push(match is_inside {
            // That of the capital I with a dot is an i with a mark.
            true => letter.to_lowercase().next().unwrap_or(letter),
            false => capital(letter),
        });
        // Fractions and raised digits are neither.
        is_inside = letter.is_alphabetic() || letter.is_ascii_digit();
    }
    shown
}

/// The capital of a letter, if that is one letter: PostgreSQL maps each on its own (`towupper`).
pub(super) fn capital(letter: char) -> char {
    let mut capitals = letter.to_uppercase();
    match (capitals.next(), capitals.next()) {
        (Some(one), None) => one,
        _ => letter,
    }
}

/// `text_to_array_internal`: the text, what stands between elements, and what is NULL.
pub(in crate::value) fn split(operands: &[Option<String>]) -> Option<Vec<Option<String>>> {
    let [Some(text), separator, null @ ..] = operands else {
        return None;
    };
    let null = null.first().and_then(Option::as_deref);
    let element = |part: &str| (Some(part) != null).then(|| part.to_owned());
    Some(match separator.as_deref() {
        _ if text.is_empty() => Vec::new(),
        None => {
            let mut room = [0; 4];
            let letters = text.chars();
            letters
                .map(|letter| element(letter.encode_utf8(&mut room)))
                .collect()
        }
        Some("") => vec![element(text)],
        Some(separator) => text.split(separator).map(element).collect(),
    })
}
