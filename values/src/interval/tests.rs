use super::{Interval, Wrong};

fn shown(text: &str) -> Result<String, Wrong> {
    Interval::parse(text).map(|interval| interval.to_string())
}

/// As PostgreSQL 15 answered `SELECT interval '…'`; the broker's tests ask it anew.
#[test]
fn intervals_are_read_as_postgresql_reads_them() {
    for (text, expected) in [
        (
            "1 year 2 mons -3 days 04:05:06",
            "1 year 2 mons -3 days +04:05:06",
        ),
        ("2 weeks ago", "-14 days"),
        ("1 day ago 2 hours", "-1 days -02:00:00"),
        ("1h 30m", "01:30:00"),
        ("5 1:2", "5 days 01:02:00"),
        ("1-2 3 4:05:06", "1 year 2 mons 3 days 04:05:06"),
        ("1.5 weeks", "10 days 12:00:00"),
        ("1.999 mons", "1 mon 29 days 23:16:48"),
        ("-1.5 days", "-1 days -12:00:00"),
        ("- 1 day", "-1 days"),
        ("1.0000005 s", "00:00:01"),
        ("1:2.5", "00:01:02.5"),
        ("@ 1 year, 2 months", "1 year 2 mons"),
        ("P1Y2M3DT4H5M6.7S", "1 year 2 mons 3 days 04:05:06.7"),
        ("P0001-02-03T04:05:06", "1 year 2 mons 3 days 04:05:06"),
        ("P00010203T040506", "1 year 2 mons 3 days 04:05:06"),
        ("PT1.5", "01:30:00"),
        ("178000000 years", "178000000 years"),
        ("-0 day", "00:00:00"),
    ] {
        assert_eq!(shown(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn what_is_none_says_why() {
    for text in [
        "",
        "ago",
        "1 ago",
        "1 day 1 day",
        "1.5 s 1 ms",
        "1 hr 2:00",
        "1e3 s",
        "P",
        "p1y",
        "1-2-3",
        "infinity",
        "1 é",
    ] {
        assert_eq!(shown(text), Err(Wrong::Syntax), "{text}");
    }
    for text in [
        "1-12",
        "1:60:1",
        "2147483648 days",
        "999999999999 hours",
        "9223372036854775808 us",
    ] {
        assert_eq!(shown(text), Err(Wrong::Field), "{text}");
    }
    assert_eq!(shown("178956971 years"), Err(Wrong::Range));
}

#[test]
fn what_is_shown_is_read_again() {
    for months in [-14, -1, 0, 1, 25] {
        for days in [-3, 0, 1] {
            for micros in [-90_000_000_001, -1, 0, 1, 3_600_000_000] {
                let interval = Interval {
                    months,
                    days,
                    micros,
                };
                assert_eq!(Interval::parse(&interval.to_string()), Ok(interval));
            }
        }
    }
}
