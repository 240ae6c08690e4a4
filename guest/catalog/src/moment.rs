//! Moments as texts of `timestamptz`.

/// 2000-01-01, where PostgreSQL's own count begins, in microseconds since 1970.
pub(crate) const EPOCH: i64 = 946_684_800_000_000;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// A moment in microseconds since 1970, in UTC.
pub(crate) fn shown(micros: i64) -> String {
    let (day, rest) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    let (year, month, day) = date(day);
    let seconds = rest / SECOND;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = match rest % SECOND {
        0 => String::new(),
        micros => format!(".{micros:06}").trim_end_matches('0').to_owned(),
    };
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}{fraction}+00")
}

/// The date of a day that is counted from 1970-01-01. Years begin in March here, so that
/// the day that some of them have more comes last.
fn date(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    (year, month, of_month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_shown_as_postgresql_shows_them() {
        for (micros, text) in [
            (0, "1970-01-01 00:00:00+00"),
            (EPOCH, "2000-01-01 00:00:00+00"),
            (951_782_399_500_000, "2000-02-28 23:59:59.5+00"),
            (951_868_799_999_999, "2000-02-29 23:59:59.999999+00"),
            (1_735_689_599_000_010, "2024-12-31 23:59:59.00001+00"),
            (-1, "1969-12-31 23:59:59.999999+00"),
        ] {
            assert_eq!(shown(micros), text);
        }
    }
}
