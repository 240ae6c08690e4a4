//! What is wrong with a value, in PostgreSQL's words and codes.

use pgiris_values::bytes;
use pgiris_values::expression;
use pgiris_values::interval::Wrong;
use pgiris_values::json_path;

use super::Kind;

/// A value that cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ValueError {
    sqlstate: &'static str,
    message: String,
    detail: Option<String>,
    hint: Option<&'static str>,
}

impl ValueError {
    /// Class 22 for bad data, 42 where there is no conversion at all.
    pub fn sqlstate(&self) -> &'static str {
        self.sqlstate
    }

    /// What PostgreSQL says beside the message.
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// What the user can do.
    pub fn hint(&self) -> Option<&'static str> {
        self.hint
    }

    fn new(sqlstate: &'static str, message: String) -> Self {
        Self {
            sqlstate,
            message,
            detail: None,
            hint: None,
        }
    }

    /// What PostgreSQL refuses in these words.
    pub(super) fn refused(sqlstate: &'static str, message: impl Into<String>) -> Self {
        Self::new(sqlstate, message.into())
    }

    /// 22003: an infinite result of numbers that are finite (`float_overflow_error`).
    pub(super) fn float_overflow() -> Self {
        Self::numeric_range("value out of range: overflow".to_owned())
    }

    /// 22003: a product or a quotient that is 0 because it is too small (`float_underflow_error`).
    pub(super) fn float_underflow() -> Self {
        Self::numeric_range("value out of range: underflow".to_owned())
    }

    /// 0A000: PostgreSQL has the value, and IRIS does not.
    pub(crate) fn not_in_iris(kind: Kind, text: &str) -> Self {
        Self {
            hint: Some("IRIS has neither NaN nor infinity"),
            ..Self::new(
                "0A000",
                format!("{} value \"{text}\" is not supported", kind.name()),
            )
        }
    }

    /// 22023: base64 that ends within a group.
    pub(super) fn base64_end() -> Self {
        Self {
            hint: Some("Input data is missing padding, is truncated, or is otherwise corrupted."),
            ..Self::new("22023", "invalid base64 end sequence".to_owned())
        }
    }

    /// 22P02: text that is not of the type.
    pub(super) fn text_syntax(kind: Kind, text: &str) -> Self {
        Self::new(
            "22P02",
            format!("invalid input syntax for type {}: \"{text}\"", kind.name()),
        )
    }

    /// 22P02: text that is no array.
    pub(super) fn array_syntax(text: &str) -> Self {
        Self::new("22P02", format!("malformed array literal: \"{text}\""))
    }

    /// 54000: `MAXDIM`.
    pub(super) fn array_dimensions() -> Self {
        let message = "number of array dimensions exceeds the maximum allowed (6)";
        Self::new("54000", message.to_owned())
    }

    /// 0A000: subscripts that begin elsewhere than at 1.
    pub(super) fn array_bounds() -> Self {
        Self::new("0A000", "bounds of arrays are not supported".to_owned())
    }

    /// 22P02: text that is no document.
    pub(super) fn json_syntax() -> Self {
        Self::new("22P02", "invalid input syntax for type json".to_owned())
    }

    /// What PostgreSQL says of a path of SQL/JSON.
    pub(super) fn path(wrong: json_path::Wrong) -> Self {
        Self {
            detail: wrong.detail,
            ..Self::new(wrong.sqlstate, wrong.message)
        }
    }

    /// 2202E: a path that is an array of arrays.
    pub(super) fn path_dimensions() -> Self {
        Self::new("2202E", "wrong number of array subscripts".to_owned())
    }

    /// 0A000: where the broker computes with arrays of one dimension.
    pub(super) fn array_of_one_dimension() -> Self {
        let message = "arrays of several dimensions are not supported here";
        Self::new("0A000", message.to_owned())
    }

    /// XX000: a parameter that is not bound.
    pub(super) fn no_value() -> Self {
        Self::new("XX000", "a parameter has no value".to_owned())
    }

    /// 22023: what has no length.
    pub(super) fn json_length(what: &str) -> Self {
        let message = format!("cannot get array length of a {what}");
        Self::new("22023", message)
    }

    /// 22025: nothing follows the escape character.
    pub(super) fn pattern_end() -> Self {
        let message = "LIKE pattern must not end with escape character";
        Self::new("22025", message.to_owned())
    }

    /// 0A000: elements that IRIS cannot look a value up among.
    pub(super) fn array_elements() -> Self {
        let message = "arrays of floating numbers and of bytes are not supported";
        Self::new("0A000", message.to_owned())
    }

    /// 0A000: an element that contains what stands between elements.
    pub(super) fn array_character() -> Self {
        let message = "array elements with the characters U+0001 to U+0004 are not supported";
        Self::new("0A000", message.to_owned())
    }

    /// 22007, 22015 or 22008: text that is no interval.
    pub(super) fn interval(text: &str, wrong: Wrong) -> Self {
        Self::new(wrong.sqlstate(), wrong.message(text))
    }

    /// 22023: a word for no field; 0A000: `of_dates`, which an interval has not.
    pub(super) fn interval_field(name: &str, of_dates: &[&str]) -> Self {
        let name = name.to_ascii_lowercase();
        match of_dates.contains(&name.as_str()) {
            true => Self::new(
                "0A000",
                format!("unit \"{name}\" not supported for type interval"),
            ),
            false => Self::new(
                "22023",
                format!("unit \"{name}\" not recognized for type interval"),
            ),
        }
    }

    /// 22012.
    pub(super) fn division_by_zero() -> Self {
        Self::new("22012", "division by zero".to_owned())
    }

    /// 22003: of `factorial`.
    pub(super) fn negative_factorial() -> Self {
        Self::numeric_range("factorial of a negative number is undefined".to_owned())
    }

    /// 22003: more digits than a numeric has.
    pub(super) fn numeric_overflow() -> Self {
        Self::numeric_range("value overflows numeric format".to_owned())
    }

    /// 42601: parts of a template for numbers that do not go together.
    pub(super) fn template(message: &str) -> Self {
        Self::new("42601", message.to_owned())
    }

    /// 22P02: what has no ordinal (`get_th`).
    pub(super) fn no_number(text: &str) -> Self {
        Self::new("22P02", format!("\"{text}\" is not a number"))
    }

    /// 0A000: a part of a template for numbers that is not read.
    pub(super) fn template_input(part: &str) -> Self {
        Self::new("0A000", format!("\"{part}\" not supported for input"))
    }

    /// 0A000: a template for numbers that has more places than there are digits.
    pub(super) fn template_too_long() -> Self {
        let message = "templates of more than 1000 characters are not supported";
        Self::new("0A000", message.to_owned())
    }

    /// 0A000: an infinite number, or none, by a template.
    pub(super) fn not_finite() -> Self {
        let message = "templates of infinite numbers are not supported";
        Self::new("0A000", message.to_owned())
    }

    /// 2201B, 22023 or 0A000: what is wrong with a regular expression.
    pub(super) fn expression(wrong: expression::Wrong) -> Self {
        match wrong {
            expression::Wrong::Invalid(what) => {
                Self::new("2201B", format!("invalid regular expression: {what}"))
            }
            expression::Wrong::Option(letter) => Self::new(
                "22023",
                format!("invalid regular expression option: \"{letter}\""),
            ),
            expression::Wrong::Unsupported => {
                let message = "this regular expression is not supported";
                Self {
                    hint: Some(
                        "Use one without references, lookarounds, constraints on words, options inside and quantifiers that are not greedy.",
                    ),
                    ..Self::new("0A000", message.to_owned())
                }
            }
        }
    }

    /// 22023: the option `g` of a function that looks for one match, or for all of them anyway.
    pub(super) fn expression_global(function: &str) -> Self {
        Self {
            hint: (function == "regexp_match")
                .then_some("Use the regexp_matches function instead."),
            ..Self::new(
                "22023",
                format!("{function}() does not support the \"global\" option"),
            )
        }
    }

    /// 54000: an expression that takes too long.
    pub(super) fn expression_too_complex() -> Self {
        Self::new("54000", "regular expression is too complex".to_owned())
    }

    /// 54000: a text longer than any that is put together (`enlargeStringInfo`).
    pub(super) fn text_too_long() -> Self {
        Self::new("54000", "requested length too large".to_owned())
    }

    /// 22003: of digits in a template of `format`.
    pub(super) fn format_number() -> Self {
        Self::numeric_range("number is out of range".to_owned())
    }

    /// 22023: what is wrong with a template of `format`.
    pub(super) fn format_template(message: &str) -> Self {
        Self::new("22023", message.to_owned())
    }

    /// 22023: no specifier of `format`, where one is to stand.
    pub(super) fn format_specifier(message: String) -> Self {
        Self {
            hint: Some("For a single \"%\" use \"%%\"."),
            ..Self::new("22023", message)
        }
    }

    /// 22004: NULL has no name.
    pub(super) fn format_null() -> Self {
        let message = "null values cannot be formatted as an SQL identifier";
        Self::new("22004", message.to_owned())
    }

    /// 22P03: bytes that are not of the type.
    pub(super) fn binary() -> Self {
        Self::new("22P03", "incorrect binary data format".to_owned())
    }

    /// 08P01: bytes that end before the value does (`pq_copymsgbytes`).
    pub(super) fn cut_off() -> Self {
        Self::new("08P01", "insufficient data left in message".to_owned())
    }

    /// 22003: a number in text that the type cannot hold.
    pub(super) fn text_range(kind: Kind, text: &str) -> Self {
        Self::new(
            "22003",
            format!("value \"{text}\" is out of range for type {}", kind.name()),
        )
    }

    /// 22003: a number that the type cannot hold.
    pub(super) fn range(kind: Kind) -> Self {
        Self::numeric_range(format!("{} out of range", kind.name()))
    }

    /// 22000: what pgvector refuses of a vector.
    pub(super) fn vector(message: String) -> Self {
        Self::new("22000", message)
    }

    /// 54000: more than the type holds.
    pub(super) fn too_many(message: String) -> Self {
        Self::new("54000", message)
    }

    /// 22003: a fraction of an ordered set.
    pub(super) fn percentile(fraction: f64) -> Self {
        Self::numeric_range(format!(
            "percentile value {fraction} is not between 0 and 1"
        ))
    }

    /// 22003 with a message of its own.
    pub(super) fn numeric_range(message: String) -> Self {
        Self::new("22003", message)
    }

    /// 22007: text that is no date or time.
    pub(super) fn datetime_syntax(kind: Kind, text: &str) -> Self {
        Self::new(
            "22007",
            format!("invalid input syntax for type {}: \"{text}\"", kind.name()),
        )
    }

    /// 22008: a month 13 or a day 32, which the other order of the fields may explain.
    pub(super) fn month_or_day(text: &str) -> Self {
        Self {
            hint: Some("Perhaps you need a different \"datestyle\" setting."),
            ..Self::datetime_field(text)
        }
    }

    /// 22008: a 30th of February, an hour 25.
    pub(super) fn datetime_field(text: &str) -> Self {
        Self::new(
            "22008",
            format!("date/time field value out of range: \"{text}\""),
        )
    }

    /// 22009: an offset of 16 hours or more.
    pub(super) fn datetime_zone(text: &str) -> Self {
        Self::new(
            "22009",
            format!("time zone displacement out of range: \"{text}\""),
        )
    }

    /// 22008: a date that IRIS does not have.
    pub(super) fn datetime_range(kind: Kind, text: Option<&str>) -> Self {
        let what = match kind {
            Kind::Date => "date",
            Kind::Time => "time",
            _ => "timestamp",
        };
        Self::new(
            "22008",
            match text {
                Some(text) => format!("{what} out of range: \"{text}\""),
                None => format!("{what} out of range"),
            },
        )
    }

    /// 22021: bytes that are not UTF-8, or a zero byte.
    pub(super) fn encoding(bytes: &[u8]) -> Self {
        let listed: Vec<String> = bytes
            .iter()
            .take(4)
            .map(|byte| format!("0x{byte:02x}"))
            .collect();
        Self::new(
            "22021",
            format!(
                "invalid byte sequence for encoding \"UTF8\": {}",
                listed.join(" ")
            ),
        )
    }

    /// 54000: a row that no message can carry.
    pub(crate) fn row_too_large() -> Self {
        Self::new("54000", "row is too large for a message".to_owned())
    }

    /// 42846: no conversion leads from one type to the other.
    pub(super) fn no_cast(from: &str, to: Kind) -> Self {
        Self::new("42846", format!("cannot cast type {from} to {}", to.name()))
    }

    /// 42883: the type has no binary format here.
    pub(super) fn no_binary_input() -> Self {
        Self::new(
            "42883",
            "no binary input function available for this type".to_owned(),
        )
    }

    /// 42883: the type has no binary format here.
    pub(super) fn no_binary_output() -> Self {
        Self::new(
            "42883",
            "no binary output function available for this type".to_owned(),
        )
    }
}

impl From<bytes::Wrong> for ValueError {
    fn from(wrong: bytes::Wrong) -> Self {
        Self::new(wrong.sqlstate(), wrong.to_string())
    }
}
