//! How long IRIS waits for a lock, from PostgreSQL's `lock_timeout`.
//! (InterSystems SQL Reference, "SET OPTION"; PostgreSQL manual, "Client Connection Defaults".)

/// IRIS's own, until somebody sets another: `LockTimeout`.
const SECONDS_BY_DEFAULT: u32 = 10;
/// The longest that IRIS takes; PostgreSQL's 0 is "no limit".
const SECONDS_AT_MOST: u32 = 32_767;

/// The command for a value as SHOW prints it, none for DEFAULT; no command if it is no such value.
pub(crate) fn command(value: Option<&str>) -> Option<String> {
    let seconds = match value {
        None => SECONDS_BY_DEFAULT,
        Some(value) => match milliseconds(value)? {
            0 => SECONDS_AT_MOST,
            // Never less than was asked for: IRIS counts whole seconds.
            some => u32::try_from(some.div_ceil(1000))
                .map_or(SECONDS_AT_MOST, |seconds| seconds.min(SECONDS_AT_MOST)),
        },
    };
    Some(format!("SET OPTION LOCK_TIMEOUT = {seconds}"))
}

/// A whole number with its unit.
fn milliseconds(value: &str) -> Option<u64> {
    let value = value.trim();
    let end = value
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(value.len());
    let (number, unit) = value.split_at(end);
    let each = match unit.trim() {
        "" | "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(each)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_whole_seconds_and_no_shorter_than_asked() {
        for (value, seconds) in [
            (None, Some(10)),
            (Some("0"), Some(32_767)),
            (Some("1ms"), Some(1)),
            (Some("1001"), Some(2)),
            (Some("2s"), Some(2)),
            (Some("5min"), Some(300)),
            (Some("24d"), Some(32_767)),
            (Some("soon"), None),
            (Some("99999999999999999999d"), None),
        ] {
            let expected = seconds.map(|seconds| format!("SET OPTION LOCK_TIMEOUT = {seconds}"));
            assert_eq!(command(value), expected, "{value:?}");
        }
    }
}
