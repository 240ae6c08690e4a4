//! Date and time functions.

use super::Returns::{Date, Integer, Moved, Posix, Real, Short, Text, Time, Timestamp};
use super::Signature;

pub(super) fn find(name: &str) -> Option<Signature> {
    let (args, returns, sql) = match name {
        "CURDATE" => ("", Date, "iris_today"),
        "CURTIME" => ("", Time, "iris_clock0"),
        "NOW" => ("", Timestamp, "iris_now"),
        "GETDATE" | "GETUTCDATE" => ("|i", Timestamp, "iris_now"),
        "DATE" => ("d", Date, "iris_date_of"),
        "LAST_DAY" => ("d", Date, "iris_last_day"),
        "YEAR" | "MONTH" | "QUARTER" | "DAYOFYEAR" => ("d", Integer, "iris_field"),
        "DAYOFWEEK" | "WEEK" => ("d", Integer, "iris_week_field"),
        "DAY" | "DAYOFMONTH" => ("d", Integer, "iris_day_field"),
        "HOUR" | "MINUTE" | "SECOND" => ("d", Integer, "iris_time_field"),
        "DAYNAME" | "MONTHNAME" => ("d", Short(15), "iris_field_name"),
        "DATEPART" => ("pd", Integer, "iris_datepart"),
        "DATENAME" => ("pd", Short(20), "iris_datename"),
        "DATEADD" | "TIMESTAMPADD" => ("pnd", Moved, "iris_dateadd"),
        "DATEDIFF" | "TIMESTAMPDIFF" => ("pdd", Integer, "iris_datediff"),
        "DATE_TRUNC" => ("pd", Moved, "iris_date_trunc"),
        "UNIX_TIMESTAMP" => ("|d", Real(18, 9), "iris_unix_timestamp"),
        "TO_CHAR" | "TOCHAR" => ("v|t", Text, "iris_to_char"),
        "TO_DATE" | "TODATE" => ("t|t", Date, "iris_to_date"),
        "TO_TIMESTAMP" => ("t|t", Timestamp, "iris_to_timestamp"),
        "TO_POSIXTIME" => ("t|t", Posix, "iris_to_posixtime"),
        _ => return None,
    };
    Some(Signature::new(args, returns, sql))
}

/// The functions whose SQL is told which of them it is.
pub(in crate::binder) fn is_named(sql: &str) -> bool {
    matches!(
        sql,
        "iris_math"
            | "iris_field"
            | "iris_week_field"
            | "iris_time_field"
            | "iris_field_name"
            | "iris_day_field"
    )
}
