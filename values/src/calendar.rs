//! Steps on the calendar.

use jiff::Span;
use jiff::civil::DateTime;

/// So many months and then so many days later: the end of a shorter month is cut
/// (`timestamp_pl_interval`). None outside of the years that the calendar has.
pub fn moved(moment: DateTime, months: i32, days: i32) -> Option<DateTime> {
    let months = Span::new().try_months(months).ok()?;
    let days = Span::new().try_days(days).ok()?;
    moment.checked_add(months).ok()?.checked_add(days).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_come_before_days() {
        let from: DateTime = "2024-01-31T10:00:00".parse().unwrap();
        let moved = |months, days| moved(from, months, days).map(|moved| moved.to_string());
        assert_eq!(moved(1, 1).as_deref(), Some("2024-03-01T10:00:00"));
        assert_eq!(moved(-11, 0).as_deref(), Some("2023-02-28T10:00:00"));
        assert_eq!(moved(i32::MAX, 0), None);
        assert_eq!(moved(0, i32::MIN), None);
    }
}
