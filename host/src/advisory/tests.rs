use super::*;

fn name(key: i64) -> Name {
    Name {
        namespace: Arc::from("USER"),
        key: Key::One(key),
    }
}

fn sessions<const N: usize>() -> [Held; N] {
    let locks = Arc::new(Locks::default());
    std::array::from_fn(|_| Held::new(Arc::clone(&locks)))
}

fn taken(held: &mut Held, name: &Name, mode: Mode, until: Until) -> bool {
    let taken = held.try_take(name, mode);
    if taken {
        held.note(name.clone(), mode, until);
    }
    taken
}

fn waits(held: &Held, name: &Name, mode: Mode) -> Waiting {
    match held.take(name, mode) {
        Outcome::Waits(waiting) => waiting,
        other => panic!("{other:?}"),
    }
}

fn is_granted(waiting: &mut Waiting) -> bool {
    let granted = std::pin::pin!(waiting.granted());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    granted.poll(&mut context).is_ready()
}

#[test]
fn one_at_a_time_unless_they_share_it() {
    let [mut a, mut b, mut c] = sessions();
    let one = name(1);
    assert!(taken(&mut a, &one, Mode::Exclusive, Until::Told));
    assert!(!taken(&mut b, &one, Mode::Exclusive, Until::Told));
    assert!(!taken(&mut b, &one, Mode::Shared, Until::Told));
    assert!(taken(&mut b, &name(2), Mode::Exclusive, Until::Told));
    // Its own does not forbid a session another mode.
    assert!(taken(&mut a, &one, Mode::Shared, Until::Told));
    assert!(a.unlock(one.clone(), Mode::Exclusive));
    assert!(taken(&mut b, &one, Mode::Shared, Until::Told));
    assert!(!taken(&mut c, &one, Mode::Exclusive, Until::Told));
    drop((a, b));
    assert!(taken(&mut c, &one, Mode::Exclusive, Until::Told));
}

#[test]
fn numbers_and_pairs_and_namespaces_are_different_keys() {
    let [mut a, mut b] = sessions();
    assert!(taken(&mut a, &name(1), Mode::Exclusive, Until::Told));
    let pair = Name {
        key: Key::Two(0, 1),
        ..name(1)
    };
    assert!(taken(&mut b, &pair, Mode::Exclusive, Until::Told));
    let elsewhere = Name {
        namespace: Arc::from("SAMPLES"),
        ..name(1)
    };
    assert!(taken(&mut b, &elsewhere, Mode::Exclusive, Until::Told));
}

#[test]
fn it_is_given_back_as_often_as_it_was_taken() {
    let [mut a, mut b] = sessions();
    let one = name(1);
    for _ in 0..2 {
        assert!(taken(&mut a, &one, Mode::Exclusive, Until::Told));
    }
    assert!(a.unlock(one.clone(), Mode::Exclusive));
    assert!(!taken(&mut b, &one, Mode::Exclusive, Until::Told));
    assert!(a.unlock(one.clone(), Mode::Exclusive));
    assert!(!a.unlock(one.clone(), Mode::Exclusive));
    assert!(taken(&mut b, &one, Mode::Exclusive, Until::Told));
    b.unlock_all();
    assert!(taken(&mut a, &one, Mode::Exclusive, Until::Told));
}

#[test]
fn those_of_a_transaction_end_with_it_and_with_its_savepoints() {
    let [mut a, mut b] = sessions();
    let mut free = |key| {
        let free = taken(&mut b, &name(key), Mode::Exclusive, Until::Told);
        b.unlock_all();
        free
    };
    for key in 1..=3 {
        assert!(taken(
            &mut a,
            &name(key),
            Mode::Exclusive,
            Until::TransactionEnd
        ));
        a.savepoint();
    }
    // It is not given back by hand.
    assert!(!a.unlock(name(1), Mode::Exclusive));
    a.rolled_back_to(1);
    assert_eq!([1, 2, 3].map(&mut free), [false, false, true]);
    a.released(1);
    a.aborted();
    assert_eq!([1, 2].map(&mut free), [false, true]);
    a.transaction_ended();
    assert!(free(1));
}

#[test]
fn who_came_first_is_first() {
    let [mut a, mut b, c, mut d] = sessions();
    let one = name(1);
    assert!(taken(&mut a, &one, Mode::Shared, Until::Told));
    let mut writer = waits(&b, &one, Mode::Exclusive);
    let mut reader = waits(&c, &one, Mode::Shared);
    assert!(!taken(&mut d, &one, Mode::Shared, Until::Told));
    assert!(!is_granted(&mut writer));
    a.unlock_all();
    assert!(is_granted(&mut writer));
    assert!(!is_granted(&mut reader));
    drop(writer);
    b.note(one.clone(), Mode::Exclusive, Until::Told);
    assert!(!is_granted(&mut reader));
    b.unlock_all();
    assert!(is_granted(&mut reader));
}

#[test]
fn whoever_gives_up_stands_in_nobodys_way() {
    let [mut a, b, mut c] = sessions();
    let one = name(1);
    assert!(taken(&mut a, &one, Mode::Shared, Until::Told));
    let writer = waits(&b, &one, Mode::Exclusive);
    b.give_up(writer, &one, Mode::Exclusive);
    assert!(taken(&mut c, &one, Mode::Shared, Until::Told));
    a.unlock_all();
    c.unlock_all();
    assert!(a.locks.state().locks.is_empty());
    assert!(a.locks.state().waits.is_empty());
}

#[test]
fn a_circle_of_waits_is_found() {
    let [mut a, mut b, mut c] = sessions();
    for (held, key) in [(&mut a, 1), (&mut b, 2), (&mut c, 3)] {
        assert!(taken(held, &name(key), Mode::Exclusive, Until::Told));
    }
    let _a_waits = waits(&a, &name(2), Mode::Exclusive);
    let _b_waits = waits(&b, &name(3), Mode::Shared);
    assert!(matches!(c.take(&name(1), Mode::Shared), Outcome::Deadlock));
    assert!(matches!(c.take(&name(4), Mode::Shared), Outcome::Taken));
}
