//! Templates of `to_char` for dates: `src/backend/utils/adt/formatting.c`, `DCH_keywords`.

use sqlparser::ast::{BinaryOperator, DataType, Expr, TimezoneInfo};

use super::field::days_since_monday;
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::functions::Call;
use crate::functions::call::{operation, varchar};
use crate::types::oid;
use crate::zone::named::Shown;
use crate::zone::{self, Zone};

/// The elements, the longer ones before those that they begin with. Only these
/// spellings, and those in small letters throughout, are elements.
const ELEMENTS: [&str; 60] = [
    "A.D.", "A.M.", "AD", "AM", "B.C.", "BC", "CC", "DAY", "DDD", "DD", "DY", "Day", "Dy", "D",
    "FF1", "FF2", "FF3", "FF4", "FF5", "FF6", "FX", "HH24", "HH12", "HH", "IDDD", "ID", "IW",
    "IYYY", "IYY", "IY", "I", "J", "MI", "MM", "MONTH", "MON", "MS", "Month", "Mon", "OF", "P.M.",
    "PM", "Q", "RM", "SSSSS", "SSSS", "SS", "TZH", "TZM", "TZ", "US", "WW", "W", "Y,YYY", "YYYY",
    "YYY", "YY", "Y", "TM", "SP",
];

/// A piece of a template.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    /// As it is written, and whether it is filled up with blanks or zeros.
    Element(String, bool),
}

/// The pieces of a template; none if it has a suffix like `TH`.
pub(super) fn pieces(template: &str) -> Option<Vec<Piece>> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut rest = template;
    let literal = |pieces: &mut Vec<Piece>, c: char| match pieces.last_mut() {
        Some(Piece::Text(text)) => text.push(c),
        _ => pieces.push(Piece::Text(c.to_string())),
    };
    while let Some(first) = rest.chars().next() {
        let unfilled = rest.strip_prefix("FM").or_else(|| rest.strip_prefix("fm"));
        let behind = unfilled.unwrap_or(rest);
        if let Some((element, tail)) = element(behind) {
            if ["TH", "th", "SP"]
                .iter()
                .any(|suffix| tail.starts_with(suffix))
            {
                return None;
            }
            pieces.push(Piece::Element(element, unfilled.is_none()));
            rest = tail;
        } else if unfilled.is_some() {
            rest = behind;
        } else if first == '"' {
            let mut quoted = rest.char_indices().skip(1);
            let mut end = rest.len();
            while let Some((at, c)) = quoted.next() {
                match c {
                    '"' => {
                        end = at + 1;
                        break;
                    }
                    '\\' => {
                        if let Some((_, c)) = quoted.next() {
                            literal(&mut pieces, c);
                        }
                    }
                    c => literal(&mut pieces, c),
                }
            }
            rest = rest.get(end..)?;
        } else {
            let escaped = rest.strip_prefix("\\\"").map(|tail| ('"', tail));
            let (c, tail) = match escaped {
                Some(escaped) => escaped,
                None => (first, rest.get(first.len_utf8()..)?),
            };
            literal(&mut pieces, c);
            rest = tail;
        }
    }
    Some(pieces)
}

/// The element at the beginning of a text, and what follows it.
fn element(text: &str) -> Option<(String, &str)> {
    ELEMENTS.iter().find_map(|element| {
        let head = text.get(..element.len())?;
        let is_it = head == *element
            || head.bytes().all(|b| !b.is_ascii_uppercase()) && head.eq_ignore_ascii_case(element);
        is_it.then(|| {
            (
                head.to_owned(),
                text.get(element.len()..).unwrap_or_default(),
            )
        })
    })
}

/// Whether an element tells of the time of day.
fn is_clock(upper: &str) -> bool {
    upper.starts_with("HH")
        || upper.starts_with("SS")
        || upper.starts_with("FF")
        || matches!(upper, "MI" | "MS" | "US" | "AM" | "PM")
}

/// What IRIS's TO_CHAR writes as PostgreSQL's does.
fn is_shared(upper: &str) -> bool {
    matches!(
        upper,
        "YYYY" | "YYY" | "YY" | "Y" | "MM" | "DD" | "HH24" | "HH12" | "HH" | "MI" | "SS"
    )
}

/// Whether an element shows the time zone.
fn shows_zone(element: &str) -> bool {
    matches!(element, "OF" | "TZ" | "TZH" | "TZM")
}

/// `to_char(x, template)` of a date or timestamp.
pub(super) fn write(call: &mut Call<'_, '_, '_>, template: &str) -> Diagnosed<Expr> {
    let Some(pieces) = pieces(template) else {
        return Err(refused(call, "a suffix"));
    };
    let has_clock = pieces.iter().any(|piece| match piece {
        Piece::Element(element, _) => is_clock(&element.to_ascii_uppercase()),
        Piece::Text(_) => false,
    });
    let is_element = |piece: &Piece| matches!(piece, Piece::Element(..));
    if !pieces.iter().any(is_element) {
        return Err(call.refusal(
            " with a template of text alone",
            "write the text instead of the call",
        ));
    }
    // IRIS takes the number of a date for seconds.
    let needs_time = has_clock && call.type_of(0) == Some(oid::DATE);
    let shows_zone = pieces.iter().any(|piece| match piece {
        Piece::Element(element, _) => shows_zone(&element.to_ascii_uppercase()),
        Piece::Text(_) => false,
    });
    let moment = match shows_zone {
        true if call.type_of(0) == Some(oid::TIMESTAMPTZ) => Some(call.copy(0)?),
        _ => None,
    };
    let zone = Zone::of(&call.pass.scene)?.zip(moment);
    let is_zoned = call.type_of(0) == Some(oid::TIMESTAMPTZ);
    zone::on_clocks(call, 0)?;
    let value = call.take(0);
    let value = if needs_time {
        build::cast(value, DataType::Timestamp(None, TimezoneInfo::None))
    } else {
        value
    };
    let mut writer = Writer {
        call,
        value,
        is_zoned,
        zone,
        shared: String::new(),
        parts: Vec::new(),
    };
    for piece in pieces {
        writer.piece(piece)?;
    }
    writer.flush()?;
    let mut parts = writer.parts.into_iter();
    let first = parts.next().unwrap_or_else(|| build::string(""));
    Ok(match parts.len() {
        0 => first,
        _ => build::nested(parts.fold(first, |left, right| {
            build::binary(left, BinaryOperator::StringConcat, right)
        })),
    })
}

fn refused(call: &Call<'_, '_, '_>, what: &str) -> crate::wit::Diagnostic {
    call.refusal(
        &format!(" with {what} in the template"),
        "use YYYY, MM, DD, HH24, MI, SS, US, Month, Day and their kin, or format in the client",
    )
}

struct Writer<'w, 'a, 'b, 'c> {
    call: &'w mut Call<'a, 'b, 'c>,
    value: Expr,
    is_zoned: bool,
    /// The session's, if the template shows it, and the moment in UTC.
    zone: Option<(Zone, Expr)>,
    /// The end of the template that IRIS reads itself.
    shared: String,
    parts: Vec<Expr>,
}

impl Writer<'_, '_, '_, '_> {
    fn piece(&mut self, piece: Piece) -> Diagnosed<()> {
        match piece {
            Piece::Text(text) => {
                // IRIS needs something between the elements that is none.
                let separates = text
                    .chars()
                    .all(|c| matches!(c, '-' | '/' | '.' | ':' | ',' | ' '));
                if separates && !self.shared.is_empty() {
                    self.shared.push_str(&text);
                } else {
                    self.flush()?;
                    self.parts.push(build::string(&text));
                }
            }
            Piece::Element(element, filled) => {
                let upper = element.to_ascii_uppercase();
                if upper == "FX" {
                    return Ok(());
                }
                if is_shared(&upper) && filled {
                    if self.shared.ends_with(|c: char| c.is_ascii_alphanumeric()) {
                        self.flush()?;
                    }
                    self.shared.push_str(&upper);
                    return Ok(());
                }
                self.flush()?;
                let part = self.element(&element, &upper, filled)?;
                self.parts.push(part);
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Diagnosed<()> {
        if !self.shared.is_empty() {
            let template = std::mem::take(&mut self.shared);
            let part = self.iris(&template)?;
            self.parts.push(part);
        }
        Ok(())
    }

    /// `TO_CHAR(x, template)`
    fn iris(&mut self, template: &str) -> Diagnosed<Expr> {
        let value = self.again()?;
        Ok(build::call("TO_CHAR", vec![value, build::string(template)]))
    }

    fn again(&mut self) -> Diagnosed<Expr> {
        self.call.pass.copies.copy(&self.value)
    }

    fn field(&mut self, field: &str) -> Diagnosed<Expr> {
        let value = self.again()?;
        Ok(build::call("DATEPART", vec![build::string(field), value]))
    }

    fn element(&mut self, written: &str, upper: &str, filled: bool) -> Diagnosed<Expr> {
        let digits = |number, width: u32| match filled {
            true => build::call(
                "LPAD",
                vec![number, build::number(width), build::string("0")],
            ),
            false => build::cast(number, varchar(20)),
        };
        Ok(match upper {
            _ if is_shared(upper) => {
                let number = build::cast(self.iris(upper)?, DataType::Integer(None));
                build::cast(number, varchar(4))
            }
            "SSSSS" | "SSSS" => self.iris("SSSSS")?,
            "MONTH" | "DAY" => {
                let name = self.iris(upper)?;
                let name = in_case(name, written);
                match filled {
                    true => build::call("RPAD", vec![name, build::number(9)]),
                    false => name,
                }
            }
            "MON" | "DY" => {
                let name = self.iris(upper)?;
                in_case(name, written)
            }
            "AM" | "PM" => {
                let meridian = self.iris("AM")?;
                in_case(meridian, written)
            }
            "US" | "FF6" => digits(self.field("mcs")?, 6),
            "MS" | "FF3" => digits(self.field("ms")?, 3),
            "FF1" | "FF2" | "FF4" | "FF5" => {
                let all = build::call(
                    "LPAD",
                    vec![self.field("mcs")?, build::number(6), build::string("0")],
                );
                let length = upper.trim_start_matches('F');
                build::call(
                    "SUBSTRING",
                    vec![all, build::number(1), build::number(length)],
                )
            }
            "Q" => digits(self.field("quarter")?, 1),
            "D" => digits(self.field("weekday")?, 1),
            "DDD" => digits(self.field("dayofyear")?, 3),
            "ID" => {
                let days = days_since_monday(self.again()?);
                let number = build::binary(days, BinaryOperator::Plus, build::number(1));
                build::cast(number, varchar(1))
            }
            "W" => {
                let weeks = divided(plus(self.field("day")?, 6), 7);
                build::cast(weeks, varchar(1))
            }
            "WW" => digits(divided(plus(self.field("dayofyear")?, 6), 7), 2),
            "CC" => digits(divided(plus(self.field("year")?, 99), 100), 2),
            "IW" => {
                let day = self.of_thursday("dayofyear")?;
                digits(divided(plus(day, 6), 7), 2)
            }
            "IYYY" => {
                let year = self.of_thursday("year")?;
                digits(year, 4)
            }
            "J" => {
                let value = self.again()?;
                let first = build::string("1840-12-31");
                let days = build::call("DATEDIFF", vec![build::string("dd"), first, value]);
                build::cast(plus(days, 2_393_471), varchar(10))
            }
            "OF" => return self.zone(Shown::Offset, written),
            "TZH" => return self.zone(Shown::Hours, written),
            "TZM" => return self.zone(Shown::Minutes, written),
            "TZ" => return self.zone(Shown::Abbreviation, written),
            _ => return Err(refused(self.call, written)),
        })
    }

    /// What is shown of the time zone.
    fn zone(&mut self, shown: Shown, written: &str) -> Diagnosed<Expr> {
        if !self.is_zoned {
            return Err(refused(self.call, written));
        }
        let copies = &mut self.call.pass.copies;
        let text = match &self.zone {
            Some((zone, moment)) => zone.shown_behind(moment, shown, copies)?,
            None => build::string(match shown {
                Shown::Minutes => "00",
                Shown::Abbreviation => "UTC",
                _ => "+00",
            }),
        };
        let text = match written.starts_with('t') && shown == Shown::Abbreviation {
            true => build::call("LOWER", vec![text]),
            false => text,
        };
        // NULL beside no moment.
        let is_there = Expr::IsNotNull(Box::new(build::nested(self.again()?)));
        Ok(build::case(vec![(is_there, text)], None))
    }

    fn of_thursday(&mut self, field: &str) -> Diagnosed<Expr> {
        let days = days_since_monday(self.again()?);
        let count = build::binary(build::number(3), BinaryOperator::Minus, days);
        let value = self.again()?;
        let thursday = build::call("DATEADD", vec![build::string("dd"), count, value]);
        Ok(build::call(
            "DATEPART",
            vec![build::string(field), thursday],
        ))
    }
}

/// Names come with a capital; the spelling of the element says how they are wanted.
fn in_case(name: Expr, written: &str) -> Expr {
    let is_upper = |c: char| c.is_ascii_uppercase();
    if written.chars().all(is_upper) {
        build::call("UPPER", vec![name])
    } else if written.chars().any(is_upper) {
        name
    } else {
        build::call("LOWER", vec![name])
    }
}

fn plus(number: Expr, count: u32) -> Expr {
    build::binary(number, BinaryOperator::Plus, build::number(count))
}

fn divided(number: Expr, by: u32) -> Expr {
    operation(
        number,
        BinaryOperator::Custom("\\".to_owned()),
        build::number(by),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_cut_as_in_postgresql() {
        let element = |name: &str| Piece::Element(name.to_owned(), true);
        let text = |text: &str| Piece::Text(text.to_owned());
        assert_eq!(
            pieces("YYYYMMDD\"T\"FMDay, é"),
            Some(vec![
                element("YYYY"),
                element("MM"),
                element("DD"),
                text("T"),
                Piece::Element("Day".to_owned(), false),
                text(", é"),
            ])
        );
        assert_eq!(pieces("Mm"), Some(vec![text("Mm")]));
        assert_eq!(pieces("DDTHH24"), None);
        assert_eq!(pieces("\"open"), Some(vec![text("open")]));
        assert_eq!(pieces("\\\"yy"), Some(vec![text("\""), element("yy")]));
    }
}
