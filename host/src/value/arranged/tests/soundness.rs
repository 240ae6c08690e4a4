use super::*;
use crate::rules::wit_plan::{self as wit, Argument, Arrangement, Expansion, RowLimit};

fn is_refused(stages: Vec<wit::Stage>, columns: usize) -> bool {
    let column = wit::Column {
        label: "a".to_owned(),
        type_oid: 23,
        type_modifier: -1,
        origin: None,
    };
    let arrangement = Arrangement {
        rows: Vec::new(),
        stages,
        columns: vec![column; columns],
    };
    is_sound(&arrangement, 1).is_err()
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
