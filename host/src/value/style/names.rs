//! The words of `DateStyle` and `IntervalStyle`.

use super::{Dates, Intervals, Order};

/// `DateStyle` as SHOW prints it, from what SET says and what it was: either word may be
/// left out (`check_datestyle` of PostgreSQL's `variable.c`).
///
/// # Errors
/// The detail of the error.
pub(crate) fn date_style(value: &str, before: &str, reset: &str) -> Result<String, String> {
    let (mut style, mut order): (Option<&str>, Option<&str>) = (None, None);
    let words_given = value.split(',').map(str::trim);
    // An empty list is none, and changes nothing.
    for word in words_given.filter(|_| !value.trim().is_empty()) {
        let word = word.trim_matches('"');
        let folded = word.to_ascii_uppercase();
        match folded.as_str() {
            "ISO" => choose(&mut style, "ISO")?,
            "SQL" => choose(&mut style, "SQL")?,
            _ if folded.starts_with("POSTGRES") => choose(&mut style, "Postgres")?,
            "GERMAN" => {
                choose(&mut style, "German")?;
                // "German style also sets DMY unless an order is given".
                order.get_or_insert("DMY");
            }
            "YMD" => order = Some(ordered(order, style, "YMD")?),
            "DMY" => order = Some(ordered(order, style, "DMY")?),
            _ if folded.starts_with("EURO") => order = Some(ordered(order, style, "DMY")?),
            "MDY" | "US" => order = Some(ordered(order, style, "MDY")?),
            _ if folded.starts_with("NONEURO") => order = Some(ordered(order, style, "MDY")?),
            "DEFAULT" => {
                let (default_style, default_order) = words(reset);
                style.get_or_insert(default_style);
                order.get_or_insert(default_order);
            }
            _ => {
                return Err(format!(
                    "Unrecognized key word: \"{}\".",
                    word.to_lowercase()
                ));
            }
        }
    }
    let (old_style, old_order) = words(before);
    Ok(format!(
        "{}, {}",
        style.unwrap_or(old_style),
        order.unwrap_or(old_order)
    ))
}

fn choose<'a>(chosen: &mut Option<&'a str>, word: &'a str) -> Result<(), String> {
    match chosen.replace(word) {
        Some(before) if before != word => Err(conflicting()),
        _ => Ok(()),
    }
}

/// The order that German implies is none that was asked for.
fn ordered<'a>(
    before: Option<&str>,
    style: Option<&str>,
    word: &'a str,
) -> Result<&'a str, String> {
    match before {
        Some(before) if before != word && style != Some("German") => Err(conflicting()),
        _ => Ok(word),
    }
}

fn conflicting() -> String {
    "Conflicting \"datestyle\" specifications.".to_owned()
}

fn words(canonical: &str) -> (&str, &str) {
    canonical.split_once(", ").unwrap_or(("ISO", "MDY"))
}

/// What a `DateStyle` that SHOW prints means for output.
pub(super) fn dates(canonical: &str) -> (Dates, Order) {
    let (style, order) = words(canonical);
    let dates = match style {
        "SQL" => Dates::Sql,
        "Postgres" => Dates::Postgres,
        "German" => Dates::German,
        _ => Dates::Iso,
    };
    let order = match order {
        "DMY" => Order::DayFirst,
        _ => Order::MonthFirst,
    };
    (dates, order)
}

pub(super) fn intervals(value: &str) -> Intervals {
    match value {
        "postgres_verbose" => Intervals::PostgresVerbose,
        "sql_standard" => Intervals::SqlStandard,
        "iso_8601" => Intervals::Iso8601,
        _ => Intervals::Postgres,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_may_be_left_out() {
        for (value, before, after) in [
            ("iso", "SQL, DMY", "ISO, DMY"),
            ("dmy", "SQL, MDY", "SQL, DMY"),
            ("German", "ISO, MDY", "German, DMY"),
            ("german, mdy", "ISO, YMD", "German, MDY"),
            ("PostgreSQL, European", "ISO, MDY", "Postgres, DMY"),
            ("\"SQL\",US", "ISO, DMY", "SQL, MDY"),
            ("default", "SQL, DMY", "ISO, MDY"),
            ("ISO, iso", "SQL, DMY", "ISO, DMY"),
            ("", "SQL, DMY", "SQL, DMY"),
        ] {
            assert_eq!(
                date_style(value, before, "ISO, MDY").unwrap(),
                after,
                "{value}"
            );
        }
        for wrong in ["iso,", "iso, sql", "dmy, mdy", "Swiss"] {
            assert!(
                date_style(wrong, "ISO, MDY", "ISO, MDY").is_err(),
                "{wrong}"
            );
        }
    }
}
