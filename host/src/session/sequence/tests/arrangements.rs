//! Rows that are kept, and arranged with those of later steps.

use super::*;
use crate::rules::wit_plan::{
    Arrangement, AttachedKey, Attachment, Column, FrameBound, FrameExclusion, FrameMode, RowMatch,
    SortKey, Stage, TypedValue, Window, WindowFrame,
};

const VALUE: TypedValue = TypedValue {
    number: 0,
    type_oid: 23,
};

fn by_value() -> Vec<SortKey> {
    vec![SortKey {
        value: VALUE,
        descending: true,
        nulls_first: false,
    }]
}

/// A step of whose rows others are made, with so many columns.
fn arranged(text: &str, stages: Vec<Stage>, columns: usize, rows: RowUse) -> wit_plan::Step {
    let column = Column {
        label: "a".to_owned(),
        type_oid: 23,
        type_modifier: -1,
        origin: None,
    };
    wit_plan::Step {
        counted: matches!(rows, RowUse::Emit),
        arrangement: Some(Arrangement {
            rows: Vec::new(),
            stages,
            columns: vec![column; columns],
        }),
        ..step(text, vec![], rows)
    }
}

fn below(limit: u32, slot: u32) -> wit_plan::Step {
    let text = format!("SELECT a, k FROM t WHERE a < {limit} ORDER BY a");
    arranged(&text, Vec::new(), 1, RowUse::Keep(slot))
}

fn above(limit: u32, stages: Vec<Stage>, columns: usize) -> wit_plan::Step {
    let text = format!("SELECT a FROM t WHERE a > {limit} ORDER BY a");
    arranged(&text, stages, columns, RowUse::Emit)
}

#[tokio::test]
async fn kept_rows_come_behind_others() {
    let mut fixture = fixture().await;
    let appended = vec![Stage::Appended(0)];
    let steps = vec![
        insert_each(&[1, 2, 3, 4]),
        below(3, 0),
        above(1, appended, 1),
    ];
    let answer = fixture.sequence(steps).await;
    assert_eq!(answer.unwrap(), "D(2) D(3) D(4) D(1) D(2) C(INSERT 0 9)");
    let union = vec![
        Stage::Appended(0),
        Stage::Distinct(vec![VALUE]),
        Stage::Sorted(by_value()),
    ];
    let answer = fixture
        .sequence(vec![below(3, 0), above(1, union, 1)])
        .await;
    assert_eq!(answer.unwrap(), "D(4) D(3) D(2) D(1) C(INSERT 0 4)");
}

#[tokio::test]
async fn a_step_uses_what_several_kept() {
    let mut fixture = fixture().await;
    let matched = Stage::Matched(RowMatch {
        slot: 1,
        values: vec![VALUE],
        except: true,
        all: false,
    });
    let attached = Stage::Attached(Attachment {
        slot: 0,
        keys: vec![AttachedKey {
            kept: 0,
            value: VALUE,
        }],
        width: 1,
        outer: true,
    });
    let windowed = Stage::Windowed(vec![Window {
        name: "row_number".to_owned(),
        operands: Vec::new(),
        filter: None,
        partition: Vec::new(),
        order: by_value(),
        frame: WindowFrame {
            mode: FrameMode::Range,
            start: FrameBound::UnboundedPreceding,
            end: FrameBound::CurrentRow,
            exclusion: FrameExclusion::NoOthers,
        },
    }]);
    let stages = vec![matched, attached, windowed];
    let steps = vec![
        insert_each(&[1, 2, 3, 4]),
        below(4, 0),
        below(3, 1),
        above(0, stages, 3),
    ];
    let answer = fixture.sequence(steps).await;
    let expected = "D(1,NULL,3) D(2,NULL,2) D(3,3,1) C(INSERT 0 7)";
    assert_eq!(answer.unwrap(), expected);
}

#[tokio::test]
async fn rows_are_kept_in_the_place_of_those_that_they_are_made_of() {
    let mut fixture = fixture().await;
    let more = arranged(
        "SELECT a FROM t WHERE a = 4",
        vec![Stage::Appended(0)],
        1,
        RowUse::Keep(0),
    );
    let steps = vec![
        insert_each(&[1, 4]),
        below(3, 0),
        more,
        above(9, vec![Stage::Appended(0)], 1),
    ];
    let answer = fixture.sequence(steps).await;
    assert_eq!(answer.unwrap(), "D(4) D(1) C(INSERT 0 4)");
}

#[tokio::test]
async fn slots_that_are_arranged_are_those_of_arrangements() {
    let mut fixture = fixture().await;
    let appended = |slot| above(1, vec![Stage::Appended(slot)], 1);
    let plain = || step("SELECT a FROM t", vec![], RowUse::Keep(0));
    for steps in [
        vec![plain(), appended(0)],
        vec![below(3, 0), plain(), appended(0)],
        vec![below(3, 0), appended(1)],
        vec![appended(0), below(3, 0)],
    ] {
        let error = fixture.sequence(steps).await.unwrap_err();
        assert!(error.contains("slot"), "{error}");
    }
    let matched = Stage::Matched(RowMatch {
        slot: 0,
        values: vec![VALUE; 2],
        except: false,
        all: false,
    });
    let steps = vec![below(3, 0), above(1, vec![matched], 1)];
    let error = fixture.sequence(steps).await.unwrap_err();
    assert!(error.contains("as long as"), "{error}");
}

#[tokio::test]
async fn kept_rows_are_held_with_all_others() {
    let mut config = Config::default();
    config.client.memory = 1;
    let mut fixture = fixture_of(config).await;
    let all: Vec<u32> = (1..=400).collect();
    let steps = vec![insert_each(&all), below(100, 0), below(100, 1)];
    assert_eq!(fixture.sequence(steps).await.unwrap(), "C(INSERT 0 400)");
    let steps = vec![below(500, 0), below(500, 1)];
    assert_eq!(fixture.sequence(steps).await.unwrap_err(), "53200");
}
