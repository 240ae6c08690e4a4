//! Numbers of settings, with and without a unit, as PostgreSQL reads and shows them.
//!
//! PostgreSQL manual, "Parameter Names and Values".

/// What an amount is counted in.
pub(super) struct Units {
    /// From the largest, each with what it holds of the base.
    names: &'static [(&'static str, f64)],
    base: &'static str,
    pub(super) hint: &'static str,
}

pub(super) const MEMORY: &Units = &Units {
    names: &[
        ("TB", 1_073_741_824.0),
        ("GB", 1_048_576.0),
        ("MB", 1024.0),
        ("kB", 1.0),
        ("B", 1.0 / 1024.0),
    ],
    base: "kB",
    hint: "Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and \"TB\".",
};

pub(super) const TIME: &Units = &Units {
    names: &[
        ("d", 86_400_000.0),
        ("h", 3_600_000.0),
        ("min", 60_000.0),
        ("s", 1000.0),
        ("ms", 1.0),
        ("us", 0.001),
    ],
    base: "ms",
    hint: "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\".",
};

/// What is wrong with an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unknown {
    Number,
    Unit,
}

/// `on` or `off`; a beginning that means one alone will do.
pub(super) fn switch(folded: &str) -> Option<&'static str> {
    let begins = |word: &str| !folded.is_empty() && word.starts_with(folded);
    match folded {
        "1" | "on" => Some("on"),
        "0" | "of" | "off" => Some("off"),
        _ if begins("true") || begins("yes") => Some("on"),
        _ if begins("false") || begins("no") => Some("off"),
        _ => None,
    }
}

/// A number alone.
pub(super) fn number(text: &str) -> Option<f64> {
    text.trim()
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite())
}

/// The numbers that a setting takes, with its limits as messages tell them.
pub(super) struct Range {
    pub(super) least: &'static str,
    pub(super) most: &'static str,
    pub(super) unit: Option<Unit>,
    pub(super) whole: bool,
}

/// What a number alone is counted in.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    pub(super) name: &'static str,
    pub(super) units: &'static Units,
    /// What it holds of the base.
    pub(super) each: f64,
}

impl Range {
    /// Whole numbers without a unit.
    pub(super) const fn of(least: &'static str, most: &'static str) -> Self {
        Self {
            least,
            most,
            unit: None,
            whole: true,
        }
    }

    /// The number, in the unit of the range.
    pub(super) fn read(&self, text: &str) -> Result<f64, Unknown> {
        let read = match self.unit {
            Some(unit) => in_units(text, unit.units, unit.each)?,
            None => number(text).ok_or(Unknown::Number)?,
        };
        Ok(if self.whole {
            read.round_ties_even()
        } else {
            read
        })
    }

    pub(super) fn holds(&self, number: f64) -> bool {
        let limit = |text: &str, none: f64| text.parse().unwrap_or(none);
        // PostgreSQL tells the largest double as 1.79769e+308, which is less.
        let most = match self.most {
            "1.79769e+308" => f64::MAX,
            most => limit(most, f64::INFINITY),
        };
        (limit(self.least, f64::NEG_INFINITY)..=most).contains(&number)
    }

    /// As SHOW prints it: with a unit only above zero.
    pub(super) fn shown(&self, number: f64) -> String {
        match self.unit {
            Some(unit) if number > 0.0 => shown(number * unit.each, unit.units),
            _ => number.to_string(),
        }
    }
}

/// The unit of that name.
pub(super) fn unit(name: &'static str) -> Option<Unit> {
    // Of the two, blocks alone are counted by the eight.
    let (times, base) = match name.strip_prefix('8') {
        Some(base) => (8.0, base),
        None => (1.0, name),
    };
    [MEMORY, TIME].into_iter().find_map(|units| {
        let (_, scale) = units.names.iter().find(|(known, _)| *known == base)?;
        Some(Unit {
            name,
            units,
            each: times * scale,
        })
    })
}

/// A number with a unit, or of so many of the base each, as a number of these.
fn in_units(text: &str, units: &Units, each: f64) -> Result<f64, Unknown> {
    let text = text.trim();
    let digit = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+');
    let end = text.find(|c| !digit(c)).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let amount = number(digits).ok_or(Unknown::Number)?;
    let scale = match unit.trim() {
        "" => return Ok(amount),
        unit => units.names.iter().find(|(name, _)| *name == unit),
    };
    let (_, scale) = scale.ok_or(Unknown::Unit)?;
    Ok(amount * scale / each)
}

/// In the largest unit that gives a whole number, as PostgreSQL prints it.
fn shown(base: f64, units: &Units) -> String {
    let fits = |(_, scale): &&(&str, f64)| (base / scale).fract() == 0.0;
    match units.names.iter().find(fits) {
        Some((name, scale)) if base != 0.0 => format!("{}{name}", base / scale),
        Some(_) => "0".into(),
        None => format!("{base}{}", units.base),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_shown_in_the_largest_unit() {
        for (text, each, expected) in [
            ("5MB", 1.0, "5MB"),
            ("1024kB", 1.0, "1MB"),
            ("4096", 1.0, "4MB"),
            ("1.5 GB", 1.0, "1536MB"),
            ("100", 8.0, "800kB"),
            ("0", 8.0, "0"),
        ] {
            let number = in_units(text, MEMORY, each).unwrap();
            assert_eq!(shown(number * each, MEMORY), expected, "{text}");
        }
        assert_eq!(in_units("abc", MEMORY, 1.0), Err(Unknown::Number));
        assert_eq!(in_units("5mb", MEMORY, 1.0), Err(Unknown::Unit));
        assert_eq!(in_units("-5", TIME, 1.0), Ok(-5.0));
    }

    #[test]
    fn switches_may_be_shortened() {
        for (text, expected) in [
            ("tr", Some("on")),
            ("o", None),
            ("of", Some("off")),
            ("", None),
            ("maybe", None),
        ] {
            assert_eq!(switch(text), expected, "{text}");
        }
    }
}
