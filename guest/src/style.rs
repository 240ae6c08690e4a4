//! How the session wants values as text: `DateStyle`, `IntervalStyle`, `extra_float_digits`.
//!
//! PostgreSQL manual, "Date/Time Output", "Locale and Formatting"; `src/backend/utils/adt/datetime.c`,
//! `EncodeDateOnly` and `EncodeDateTime`.

use sqlparser::ast::{BinaryOperator, DataType, Expr, TimezoneInfo};

use crate::build;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::moment_text::{DATE_STYLE_SETTING, Order};
use crate::rule::Scene;
use crate::types::{self, kept, oid};
use crate::wit::{Diagnostic, Oid};
use crate::zone::{self, ZONE_SETTING};

pub(crate) const INTERVAL_STYLE_SETTING: &str = "IntervalStyle";
pub(crate) const FLOAT_DIGITS_SETTING: &str = "extra_float_digits";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Dates {
    Iso,
    Sql,
    Postgres,
    German,
}

/// The styles of a session.
pub(crate) struct Style<'a> {
    scene: Scene<'a>,
    dates: Dates,
    order: Order,
    /// Whether intervals are written as by default.
    has_plain_intervals: bool,
    /// Whether numbers are written with as many digits as they need.
    has_exact_numbers: bool,
}

impl<'a> Style<'a> {
    /// The session's; none if it is the default.
    pub(crate) fn of(scene: Scene<'a>) -> Option<Self> {
        let style = scene.setting(DATE_STYLE_SETTING).unwrap_or("ISO");
        let dates = match style.split(',').next() {
            Some("SQL") => Dates::Sql,
            Some("Postgres") => Dates::Postgres,
            Some("German") => Dates::German,
            _ => Dates::Iso,
        };
        let digits = scene.setting(FLOAT_DIGITS_SETTING);
        let digits = digits.and_then(|digits| digits.parse::<i32>().ok());
        let style = Self {
            scene,
            dates,
            order: Order::of(&scene),
            has_plain_intervals: scene
                .setting(INTERVAL_STYLE_SETTING)
                .is_none_or(|style| style == "postgres"),
            has_exact_numbers: digits.is_none_or(|digits| digits > 0),
        };
        let is_default =
            style.dates == Dates::Iso && style.has_plain_intervals && style.has_exact_numbers;
        (!is_default).then_some(style)
    }

    /// The setting by which values of this type are written in another way than IRIS's rules
    /// write them.
    pub(crate) fn concerned(&self, type_oid: Oid) -> Option<&'static str> {
        match type_oid {
            oid::DATE | oid::TIMESTAMP | oid::TIMESTAMPTZ if self.dates != Dates::Iso => {
                Some(DATE_STYLE_SETTING)
            }
            oid::INTERVAL if !self.has_plain_intervals => Some(INTERVAL_STYLE_SETTING),
            oid::FLOAT4 | oid::FLOAT8 if !self.has_exact_numbers => Some(FLOAT_DIGITS_SETTING),
            _ => None,
        }
    }

    /// The same of the elements of an array.
    pub(crate) fn concerned_in(&self, array: Oid) -> Option<&'static str> {
        const TIMESTAMPTZ_ARRAY: Oid = 1185;
        const INTERVAL_ARRAY: Oid = 1187;
        let element = match array {
            TIMESTAMPTZ_ARRAY => Some(oid::TIMESTAMPTZ),
            INTERVAL_ARRAY => Some(oid::INTERVAL),
            other => kept::element_of(other),
        };
        self.concerned(element?)
    }

    /// The text of a value, in PostgreSQL's words; none if it is the same in every style.
    ///
    /// # Errors
    /// Nothing of IRIS's writes it so.
    pub(crate) fn text(
        &self,
        value: &Expr,
        type_oid: Oid,
        copies: &mut Copies,
    ) -> Diagnosed<Option<Expr>> {
        if let Some(setting) = self.concerned_in(type_oid) {
            return Err(refusal(type_oid, setting));
        }
        let Some(setting) = self.concerned(type_oid) else {
            return Ok(None);
        };
        match type_oid {
            oid::DATE => self.day(value, copies).map(Some),
            oid::TIMESTAMP => self.moment(value, copies).map(Some),
            oid::TIMESTAMPTZ if zone::is_session_in_utc(&self.scene) => {
                let plain =
                    build::cast(value.clone(), DataType::Timestamp(None, TimezoneInfo::None));
                let clock = self.moment(&plain, copies)?;
                Ok(Some(joined(vec![clock, build::string(self.utc())])))
            }
            oid::TIMESTAMPTZ => Err(refusal(type_oid, ZONE_SETTING)),
            _ => Err(refusal(type_oid, setting)),
        }
    }

    /// What is behind a moment in UTC.
    fn utc(&self) -> &'static str {
        let name = self.scene.setting(ZONE_SETTING).unwrap_or_default();
        let name = name.to_ascii_lowercase();
        match name.ends_with("gmt") || name.ends_with("greenwich") {
            true => " GMT",
            false => " UTC",
        }
    }

    fn day(&self, value: &Expr, copies: &mut Copies) -> Diagnosed<Expr> {
        let mut part = |from: u8, length: u8| part(value, from, Some(length), copies);
        let (year, month, day) = (part(1, 4)?, part(6, 2)?, part(9, 2)?);
        let point = match self.dates {
            Dates::German => ".",
            Dates::Postgres => "-",
            Dates::Sql | Dates::Iso => "/",
        };
        let is_day_first = self.dates == Dates::German || self.order == Order::DayFirst;
        let (first, second) = match is_day_first {
            true => (day, month),
            false => (month, day),
        };
        let point = || build::string(point);
        Ok(joined(vec![first, point(), second, point(), year]))
    }

    fn moment(&self, value: &Expr, copies: &mut Copies) -> Diagnosed<Expr> {
        if self.dates != Dates::Postgres {
            let day = self.day(value, copies)?;
            // With the blank before it.
            let clock = part(value, 11, None, copies)?;
            return Ok(joined(vec![day, clock]));
        }
        // As IRIS has them, each with a capital.
        let fields = match self.order {
            Order::DayFirst => ["DY", "DD", "MON"],
            _ => ["DY", "MON", "DD"],
        };
        let mut parts = Vec::new();
        for field in fields {
            if !parts.is_empty() {
                parts.push(build::string(" "));
            }
            let shown = vec![copies.copy(value)?, build::string(field)];
            parts.push(build::call("TO_CHAR", shown));
        }
        parts.push(part(value, 11, None, copies)?);
        parts.push(build::string(" "));
        parts.push(part(value, 1, Some(4), copies)?);
        Ok(joined(parts))
    }
}

/// A part of the text in ISO's form.
fn part(value: &Expr, from: u8, length: Option<u8>, copies: &mut Copies) -> Diagnosed<Expr> {
    let text = build::cast(build::nested(copies.copy(value)?), DataType::Text);
    let mut arguments = vec![text, build::number(from)];
    arguments.extend(length.map(build::number));
    Ok(build::call("substr", arguments))
}

fn joined(parts: Vec<Expr>) -> Expr {
    let whole = parts
        .into_iter()
        .reduce(|left, right| build::binary(left, BinaryOperator::StringConcat, right));
    build::nested(whole.unwrap_or_else(|| build::string("")))
}

/// What cannot be written in the session's style.
pub(crate) fn refusal(type_oid: Oid, setting: &str) -> Diagnostic {
    let default = match setting {
        DATE_STYLE_SETTING => "ISO",
        INTERVAL_STYLE_SETTING => "postgres",
        ZONE_SETTING => "UTC",
        _ => "1",
    };
    Diagnostic::not_supported(
        format!(
            "the text of {} within a statement is not supported where {setting} is not {default}",
            types::words(type_oid)
        ),
        &format!("SET {setting} TO '{default}', or select the value and not its text"),
    )
}
