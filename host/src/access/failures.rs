//! Counts failed logins by address, so that passwords cannot be guessed by the thousand.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::LoginLimits;

/// Addresses that are remembered at the same time.
const REMEMBERED: usize = 10_000;

/// The failed logins of late.
pub(crate) struct Failures {
    limit: u32,
    window: Duration,
    counts: Mutex<HashMap<IpAddr, Count>>,
}

struct Count {
    since: Instant,
    failures: u32,
}

impl Failures {
    pub(super) fn new(limits: &LoginLimits) -> Self {
        Self {
            limit: limits.failures,
            window: limits.window,
            counts: Mutex::default(),
        }
    }

    /// How long this address has to wait; `None`: it may try.
    pub(crate) fn wait(&self, address: IpAddr, now: Instant) -> Option<Duration> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.get(&network(address))?;
        let rest = (count.since + self.window).saturating_duration_since(now);
        let is_over = self.limit == 0 || count.failures < self.limit || rest.is_zero();
        Some(rest).filter(|_| !is_over)
    }

    pub(crate) fn note(&self, address: IpAddr, now: Instant) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let address = network(address);
        if counts.len() >= REMEMBERED && !counts.contains_key(&address) {
            self.make_room(&mut counts, now);
        }
        let count = counts.entry(address).or_insert(Count {
            since: now,
            failures: 0,
        });
        if now.saturating_duration_since(count.since) >= self.window {
            *count = Count {
                since: now,
                failures: 0,
            };
        }
        count.failures = count.failures.saturating_add(1);
    }

    /// Forgets what is over; if that is too little, the half that failed least.
    fn make_room(&self, counts: &mut HashMap<IpAddr, Count>, now: Instant) {
        counts.retain(|_, count| now.saturating_duration_since(count.since) < self.window);
        if counts.len() >= REMEMBERED {
            let mut failures: Vec<u32> = counts.values().map(|count| count.failures).collect();
            let (_, median, above) = failures.select_nth_unstable(REMEMBERED / 2);
            let median = *median;
            let more = above.iter().filter(|failures| **failures > median).count();
            let mut room = (REMEMBERED / 2).saturating_sub(more);
            counts.retain(|_, count| {
                let is_one_of_many = count.failures == median && room > 0;
                room -= usize::from(is_one_of_many);
                count.failures > median || is_one_of_many
            });
        }
    }
}

/// Whom an address stands for: whoever has one of version 6 has 2^64.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(limit: u32) -> Failures {
        Failures::new(&LoginLimits {
            failures: limit,
            window: Duration::from_secs(60),
        })
    }

    #[test]
    fn an_address_waits_for_the_end_of_its_window() {
        let (failures, start) = (failures(3), Instant::now());
        let (guesser, other) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        for _ in 0..3 {
            assert_eq!(failures.wait(guesser, start), None);
            failures.note(guesser, start);
        }
        assert_eq!(failures.wait(guesser, start), Some(Duration::from_secs(60)));
        assert_eq!(failures.wait(other, start), None);
        let later = start + Duration::from_secs(60);
        assert_eq!(failures.wait(guesser, later), None);
        failures.note(guesser, later);
        assert_eq!(failures.wait(guesser, later), None);
    }

    #[test]
    fn neighbours_in_a_network_of_version_6_count_together() {
        let (failures, now) = (failures(1), Instant::now());
        failures.note("2001:db8::1".parse().unwrap(), now);
        assert!(
            failures
                .wait("2001:db8::ffff".parse().unwrap(), now)
                .is_some()
        );
        assert!(
            failures
                .wait("2001:db8:0:1::1".parse().unwrap(), now)
                .is_none()
        );
    }

    #[test]
    fn memory_is_bounded_and_the_worst_is_not_forgotten() {
        let (failures, now) = (failures(2), Instant::now());
        let worst = IpAddr::from([192, 0, 2, 1]);
        failures.note(worst, now);
        failures.note(worst, now);
        for number in 0..3 * REMEMBERED as u32 {
            failures.note(IpAddr::from(number.to_be_bytes()), now);
        }
        let counts = failures.counts.lock().unwrap().len();
        assert!((REMEMBERED / 2..=REMEMBERED).contains(&counts), "{counts}");
        assert!(failures.wait(worst, now).is_some());
    }
}
