use super::*;
use crate::rules::wit_plan::{self as wit, Argument, Arrangement, Expansion, FrameBound, RowLimit};

fn is_refused(stages: Vec<wit::Stage>, columns: usize) -> bool {
    let column = wit::Column {
        label: "a".to_owned(),
        type_oid: 23,
        type_modifier: -1,
        origin: None,
    };
    let surroundings = Surroundings {
        parameters: 1,
        slots: &[Some(2), None, Some(3)],
    };
    let arrangement = Arrangement {
        rows: Vec::new(),
        stages,
        columns: vec![column; columns],
    };
    is_sound(&arrangement, surroundings).is_err()
}

fn two() -> wit::Stage {
    let column = |number| vec![Instruction::Column(number)];
    wit::Stage::Computed(vec![column(8), column(9)])
}

fn expansion(name: &str, operands: usize) -> wit::Stage {
    wit::Stage::Expanded(Expansion {
        name: name.to_owned(),
        operands: vec![vec![constant("1")]; operands],
        ordinality: true,
        outer: false,
    })
}

fn grouping(name: &str, operands: Vec<TypedValue>) -> wit::Stage {
    wit::Stage::Grouped(Grouping {
        keys: vec![typed(1, 23)],
        aggregates: vec![aggregate(name, operands)],
    })
}

fn limited(limit: Argument) -> wit::Stage {
    wit::Stage::Limited(RowLimit {
        limit: Some(limit),
        offset: None,
    })
}

#[test]
fn values_are_there() {
    assert!(!is_refused(Vec::new(), 9));
    assert!(!is_refused(vec![two()], 2));
    assert!(is_refused(vec![two()], 3));
    let sorted = |number| wit::Stage::Sorted(vec![ascending(number, 23)]);
    assert!(!is_refused(vec![sorted(7), two(), sorted(1)], 2));
    assert!(is_refused(vec![two(), sorted(2)], 2));
    let distinct = wit::Stage::Distinct(vec![typed(2, 23)]);
    assert!(is_refused(vec![two(), distinct], 2));
    let kept = |number| wit::Stage::KeptIf(vec![Instruction::Parameter(number)]);
    assert!(!is_refused(vec![kept(1)], 0));
    assert!(is_refused(vec![kept(2)], 0));
}

#[test]
fn functions_are_known() {
    assert!(!is_refused(vec![expansion("jsonb_each", 1), two()], 2));
    assert!(is_refused(
        vec![two(), expansion("jsonb_each", 1), two()],
        2
    ));
    assert!(!is_refused(vec![two(), expansion("jsonb_each", 1)], 5));
    assert!(is_refused(vec![two(), expansion("jsonb_each", 1)], 6));
    assert!(is_refused(vec![expansion("jsonb_each", 2)], 0));
    assert!(is_refused(vec![expansion("unnest", 1)], 0));
    assert!(!is_refused(
        vec![two(), grouping("sum", vec![typed(0, 23)])],
        2
    ));
    assert!(is_refused(
        vec![two(), grouping("sum", vec![typed(0, 25)])],
        2
    ));
    assert!(is_refused(
        vec![two(), grouping("sum", vec![typed(2, 23)])],
        2
    ));
    assert!(is_refused(vec![grouping("median", vec![typed(2, 23)])], 2));
    assert!(is_refused(vec![grouping("count", Vec::new())], 3));
}

#[test]
fn limits_are_numbers_of_rows() {
    let constant = |value: Option<&str>| {
        Argument::Constant(wit::Constant {
            type_oid: 20,
            value: value.map(str::to_owned),
        })
    };
    for limit in [Argument::Limit(1), constant(Some("5")), constant(None)] {
        assert!(!is_refused(vec![limited(limit)], 0));
    }
    for limit in [
        Argument::Limit(2),
        Argument::Offset(1),
        Argument::Parameter(1),
        constant(Some("-5")),
    ] {
        assert!(is_refused(vec![limited(limit)], 0));
    }
}

fn windowed(change: impl FnOnce(&mut wit::Window)) -> wit::Stage {
    let mut window = wit::Window {
        name: "sum".to_owned(),
        operands: vec![typed(0, 23)],
        filter: None,
        partition: Vec::new(),
        order: vec![ascending(1, 23)],
        frame: wit::WindowFrame {
            mode: wit::FrameMode::Range,
            start: FrameBound::UnboundedPreceding,
            end: FrameBound::CurrentRow,
            exclusion: wit::FrameExclusion::NoOthers,
        },
    };
    change(&mut window);
    wit::Stage::Windowed(vec![window])
}

#[test]
fn windows_are_known() {
    let call = |name: &str, operands: usize| {
        let operands = vec![typed(0, 23); operands];
        let name = name.to_owned();
        windowed(|window| (window.name, window.operands) = (name, operands))
    };
    for (name, operands) in [
        ("row_number", 0..=0),
        ("rank", 0..=0),
        ("dense_rank", 0..=0),
        ("percent_rank", 0..=0),
        ("cume_dist", 0..=0),
        ("ntile", 1..=1),
        ("lag", 1..=3),
        ("lead", 1..=3),
        ("first_value", 1..=1),
        ("last_value", 1..=1),
        ("nth_value", 2..=2),
        ("count", 0..=1),
    ] {
        for count in 0..5 {
            let is_refused = is_refused(vec![two(), call(name, count)], 3);
            assert_eq!(is_refused, !operands.contains(&count), "{name} {count}");
        }
    }
    assert!(is_refused(vec![two(), call("median", 1)], 3));
    let filtered = |name: &str| {
        let name = name.to_owned();
        windowed(|window| (window.name, window.filter) = (name, Some(1)))
    };
    assert!(!is_refused(vec![filtered("sum")], 9));
    assert!(is_refused(vec![filtered("first_value")], 9));
}

#[test]
fn windows_take_values_that_are_there() {
    assert!(!is_refused(vec![two(), windowed(|_| ())], 3));
    assert!(is_refused(vec![two(), windowed(|_| ())], 4));
    let changes: [fn(&mut wit::Window); 5] = [
        |window| window.operands = vec![typed(2, 23)],
        |window| window.filter = Some(2),
        |window| window.partition = vec![typed(2, 23)],
        |window| window.order = vec![ascending(2, 23)],
        |window| window.frame.start = FrameBound::Preceding(typed(2, 23)),
    ];
    for change in changes {
        assert!(is_refused(vec![two(), windowed(change)], 3));
        assert!(!is_refused(vec![windowed(change)], 3));
    }
}

#[test]
fn frames_begin_before_their_ends() {
    let framed = |mode, start: FrameBound, end: FrameBound| {
        windowed(|window| {
            let exclusion = wit::FrameExclusion::Ties;
            window.frame = wit::WindowFrame {
                mode,
                start,
                end,
                exclusion,
            };
        })
    };
    let by = |type_oid| FrameBound::Following(typed(0, type_oid));
    let (first, last) = (
        FrameBound::UnboundedPreceding,
        FrameBound::UnboundedFollowing,
    );
    let modes = [
        wit::FrameMode::Rows,
        wit::FrameMode::Range,
        wit::FrameMode::Groups,
    ];
    for mode in modes {
        assert!(!is_refused(vec![framed(mode, first, last)], 0));
        assert!(!is_refused(vec![framed(mode, by(20), by(20))], 0));
        assert!(is_refused(vec![framed(mode, last, last)], 0));
        assert!(is_refused(vec![framed(mode, first, first)], 0));
        assert!(is_refused(vec![framed(mode, by(20), by(1186))], 0));
    }
    let keyed = |order: Vec<SortKey>, offset| {
        windowed(|window| {
            window.order = order;
            window.frame.start = by(offset);
        })
    };
    for (key, offset) in [
        (1082, 1186),
        (1184, 1186),
        (1186, 1186),
        (1083, 1186),
        (1700, 23),
        (700, 701),
    ] {
        assert!(!is_refused(vec![keyed(vec![ascending(0, key)], offset)], 0));
    }
    for (key, offset) in [(1082, 23), (25, 25), (23, 1700)] {
        assert!(is_refused(vec![keyed(vec![ascending(0, key)], offset)], 0));
    }
    assert!(is_refused(vec![keyed(Vec::new(), 20)], 0));
    assert!(is_refused(vec![keyed(vec![ascending(0, 23); 2], 20)], 0));
}

#[test]
fn slots_are_those_of_earlier_steps_with_an_arrangement() {
    let appended = wit::Stage::Appended;
    assert!(!is_refused(vec![two(), appended(0)], 2));
    assert!(!is_refused(vec![appended(2)], 9));
    for slot in 1..4 {
        assert!(is_refused(vec![two(), appended(slot)], 2), "{slot}");
    }
    let matched = |slot, values: usize| {
        wit::Stage::Matched(wit::RowMatch {
            slot,
            values: vec![typed(0, 23); values],
            except: false,
            all: false,
        })
    };
    assert!(!is_refused(vec![two(), matched(0, 2)], 2));
    assert!(!is_refused(vec![two(), matched(2, 3)], 2));
    assert!(is_refused(vec![two(), matched(0, 1)], 2));
    assert!(is_refused(vec![two(), matched(1, 2)], 2));
    let attached = |slot, kept, number, width| {
        wit::Stage::Attached(wit::Attachment {
            slot,
            keys: vec![wit::AttachedKey {
                kept,
                value: typed(number, 23),
            }],
            width,
            outer: false,
        })
    };
    assert!(!is_refused(vec![two(), attached(2, 2, 1, 2)], 5));
    assert!(!is_refused(vec![attached(2, 2, 1, 2)], 5));
    assert!(is_refused(vec![two(), attached(2, 2, 1, 2)], 6));
    assert!(is_refused(vec![two(), attached(2, 3, 1, 2)], 5));
    assert!(is_refused(vec![two(), attached(2, 2, 2, 2)], 5));
    assert!(is_refused(vec![two(), attached(2, 2, 1, 3)], 5));
    assert!(is_refused(vec![two(), attached(1, 0, 0, 2)], 2));
}
