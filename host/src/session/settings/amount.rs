//! Numbers of settings, with and without a unit, as PostgreSQL reads and shows them.
//!
//! PostgreSQL manual, "Parameter Names and Values".

/// What an amount is counted in.
pub(super) struct Units {
    /// From the largest, each with what it holds of the base.
    names: &'static [(&'static str, f64)],
    pub(super) base: &'static str,
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

/// A number with a unit, or of so many of the base each, as a whole number of these.
pub(super) fn in_units(text: &str, units: &Units, each: f64) -> Result<f64, Unknown> {
    let text = text.trim();
    let digit = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+');
    let end = text.find(|c| !digit(c)).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let amount = number(digits).ok_or(Unknown::Number)?;
    let scale = match unit.trim() {
        "" => return Ok(amount.round_ties_even()),
        unit => units.names.iter().find(|(name, _)| *name == unit),
    };
    let (_, scale) = scale.ok_or(Unknown::Unit)?;
    Ok((amount * scale / each).round_ties_even())
}

/// In the largest unit that gives a whole number, as PostgreSQL prints it.
pub(super) fn shown(base: f64, units: &Units) -> String {
    let fits = |(_, scale): &&(&str, f64)| base % scale == 0.0;
    match units.names.iter().find(fits) {
        Some((name, scale)) if base != 0.0 => format!("{}{name}", base / scale),
        _ => "0".into(),
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
