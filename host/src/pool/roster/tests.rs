//! The account of a pool, with numbers for connections.

use super::*;
use crate::upstream::UpstreamErrorKind;

fn roster(size: usize) -> Roster<u32> {
    Roster::new(PoolLimits {
        size,
        minimum: 1,
        reserve: 1,
        idle_timeout: Duration::from_secs(10),
        lifetime: Duration::from_secs(100),
        ..PoolLimits::default()
    })
}

fn waits(roster: &mut Roster<u32>, now: Instant) -> Ticket {
    match roster.ask(now) {
        Asked::Wait(ticket, _) => ticket,
        Asked::Turn(_) => panic!("it need not wait"),
    }
}

fn opens(roster: &mut Roster<u32>, now: Instant) {
    assert!(matches!(roster.ask(now), Asked::Turn(Turn::Open)));
}

fn taken(turn: Option<Turn<u32>>) -> Option<u32> {
    match turn {
        Some(Turn::Take(idle)) => Some(idle.line),
        _ => None,
    }
}

fn down() -> UpstreamError {
    UpstreamError {
        kind: UpstreamErrorKind::Connection,
        sqlcode: 0,
        sqlstate: None,
        message: "down".to_owned(),
    }
}

#[test]
fn first_come_first_served() {
    let (mut roster, now) = (roster(1), Instant::now());
    opens(&mut roster, now);
    let [first, second] = [waits(&mut roster, now), waits(&mut roster, now)];
    assert!(roster.claim(first).is_none());
    assert!(roster.give_back(7, now, now).is_none());
    // Whoever comes now comes behind those who wait.
    let third = waits(&mut roster, now);
    assert_eq!(taken(roster.claim(first)), Some(7));
    assert!(roster.claim(second).is_none());
    roster.give_back(7, now, now);
    assert_eq!(taken(roster.claim(second)), Some(7));
    roster.lose(now);
    assert!(matches!(roster.claim(third), Some(Turn::Open)));
    assert_eq!((roster.lent(), roster.idle(), roster.waiting()), (1, 0, 0));
}

#[test]
fn who_leaves_passes_its_turn_on() {
    let (mut roster, now) = (roster(1), Instant::now());
    opens(&mut roster, now);
    let [first, second, third] = [(); 3].map(|()| waits(&mut roster, now));
    roster.leave(second, now);
    roster.give_back(7, now, now);
    roster.leave(first, now);
    assert_eq!(taken(roster.claim(third)), Some(7));
    let fourth = waits(&mut roster, now);
    roster.lose(now);
    roster.leave(fourth, now);
    assert_eq!(roster.connections(), 0);
}

#[test]
fn the_one_that_was_used_last_is_used_next() {
    let (mut roster, now) = (roster(3), Instant::now());
    (0..3).for_each(|_| opens(&mut roster, now));
    (1..=3).for_each(|line| assert!(roster.give_back(line, now, now).is_none()));
    let Asked::Turn(turn) = roster.ask(now) else {
        panic!("it waits");
    };
    assert_eq!(taken(Some(turn)), Some(3));
    // What is not used is closed in time, but for the minimum.
    let later = now + Duration::from_secs(10);
    assert_eq!(roster.tend(true, later), [1, 2]);
    roster.give_back(3, now, later);
    let later = later + Duration::from_secs(10);
    assert!(roster.tend(true, later).is_empty());
    assert_eq!(roster.tend(false, later), [3]);
    assert!(roster.is_empty(later));
}

#[test]
fn old_connections_are_not_kept() {
    let (mut roster, now) = (roster(2), Instant::now());
    (0..2).for_each(|_| opens(&mut roster, now));
    let later = now + Duration::from_secs(100);
    assert_eq!(roster.give_back(1, now, later), Some(1));
    assert!(roster.give_back(2, later, later).is_none());
    assert_eq!(roster.tend(true, later + Duration::from_secs(100)), [2]);
    assert!(roster.claim_minimum(later));
    assert!(!roster.claim_minimum(later));
}

#[test]
fn the_reserve_is_for_those_who_have_waited() {
    let (mut roster, now) = (roster(1), Instant::now());
    opens(&mut roster, now);
    let [first, second] = [waits(&mut roster, now), waits(&mut roster, now)];
    assert!(matches!(roster.claim_reserve(first, now), Some(Turn::Open)));
    assert!(roster.claim_reserve(second, now).is_none());
    roster.give_back(1, now, now);
    assert_eq!(taken(roster.claim(second)), Some(1));
    // Nobody waits: what is beyond the size is closed.
    assert_eq!(roster.give_back(2, now, now), Some(2));
    assert!(roster.give_back(1, now, now).is_none());
}

#[test]
fn nobody_waits_for_what_cannot_come() {
    let (mut roster, now) = (roster(2), Instant::now());
    opens(&mut roster, now);
    roster.opened();
    opens(&mut roster, now);
    let waiting = waits(&mut roster, now);
    roster.failed(&down(), now);
    roster.lose(now);
    // The other connection may come back.
    assert!(roster.claim(waiting).is_none());
    roster.lose(now);
    assert!(matches!(roster.claim(waiting), Some(Turn::Refused(_))));
    assert!(matches!(roster.ask(now), Asked::Turn(Turn::Refused(_))));
    assert!(!roster.is_empty(now));
    opens(&mut roster, now + Duration::from_secs(1));
}

#[test]
fn after_the_pause_those_who_wait_may_open() {
    let (mut roster, now) = (roster(2), Instant::now());
    opens(&mut roster, now);
    opens(&mut roster, now);
    roster.failed(&down(), now);
    roster.lose(now);
    let waiting = waits(&mut roster, now);
    roster.tend(true, now);
    assert!(roster.claim(waiting).is_none());
    roster.tend(true, now + Duration::from_secs(1));
    assert!(matches!(roster.claim(waiting), Some(Turn::Open)));
}

#[test]
fn without_a_size_everybody_opens_and_none_is_kept() {
    let (mut roster, now) = (roster(0), Instant::now());
    (0..1000).for_each(|_| opens(&mut roster, now));
    assert_eq!(roster.lent(), 1000);
    // None is kept but for the minimum.
    (1..1000).for_each(|line| assert_eq!(roster.give_back(line, now, now), Some(line)));
    assert_eq!(roster.give_back(1000, now, now), None);
}
