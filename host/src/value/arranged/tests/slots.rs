use super::*;
use crate::rules::wit_plan::{AttachedKey, Attachment, RowMatch};

fn kept(rows: &[&str]) -> Rows {
    Arc::new(rows.iter().map(|text| row(text)).collect())
}

fn limited(limit: u64) -> Stage {
    Stage::Limited {
        limit: Some(limit),
        offset: 0,
    }
}

fn matched(except: bool, all: bool) -> Vec<String> {
    let rule = RowMatch {
        slot: 0,
        values: vec![typed(0, 1700), typed(1, 25)],
        except,
        all,
    };
    let there = ["1|a", "2|b", "~|~", "2.0|b", "~|~", "4|d"];
    let here = [
        "1.0|a", "1|a", "2|b", "3|c", "~|~", "3.0|c", "2|b", "2|b", "1|~", "~|~", "~|~",
    ];
    let kept = kept(&there);
    arranged(vec![Stage::Matched { rule, kept }], &here).unwrap()
}

/// With the rows that PostgreSQL 15 leaves, in the order in which they come.
#[test]
fn rows_are_matched_as_postgresql_does() {
    assert_eq!(matched(false, false), ["1.0|a", "2|b", "~|~"]);
    assert_eq!(matched(false, true), ["1.0|a", "2|b", "~|~", "2|b", "~|~"]);
    assert_eq!(matched(true, false), ["3|c", "1|~"]);
    assert_eq!(
        matched(true, true),
        ["1|a", "3|c", "3.0|c", "2|b", "1|~", "~|~"]
    );
}

fn attachment(keys: &[(u32, u32, u32)], outer: bool) -> Attachment {
    let keys = keys.iter().map(|(kept, number, type_oid)| AttachedKey {
        kept: *kept,
        value: typed(*number, *type_oid),
    });
    Attachment {
        slot: 0,
        keys: keys.collect(),
        width: 2,
        outer,
    }
}

fn attached(rule: Attachment, there: &[&str], here: &[&str]) -> Vec<String> {
    let kept = kept(there);
    arranged(vec![Stage::Attached { rule, kept }], here).unwrap()
}

#[test]
fn rows_are_attached_by_equal_keys() {
    let there = ["a|1", "b|~", "c|2.0", "a|1.00", "d|9"];
    let here = ["2|x", "1|y", "~|z", "2.00|w"];
    let by = [(1, 0, 1700)];
    let inner = ["a|1|1|y", "c|2.0|2|x", "c|2.0|2.00|w", "a|1.00|1|y"];
    assert_eq!(attached(attachment(&by, false), &there, &here), inner);
    let outer = [
        "a|1|1|y",
        "b|~|~|~",
        "c|2.0|2|x",
        "c|2.0|2.00|w",
        "a|1.00|1|y",
        "d|9|~|~",
    ];
    assert_eq!(attached(attachment(&by, true), &there, &here), outer);
    let both = [(1, 0, 1700), (0, 1, 25)];
    assert_eq!(
        attached(attachment(&both, false), &["y|1", "x|1", "~|1"], &here),
        ["y|1|1|y"]
    );
}

#[test]
fn each_row_is_attached_without_keys() {
    let rows = attached(attachment(&[], false), &["a|1", "b|~"], &["2|x", "~|~"]);
    assert_eq!(rows, ["a|1|2|x", "a|1|~|~", "b|~|2|x", "b|~|~|~"]);
    assert!(attached(attachment(&[], false), &["a|1"], &[]).is_empty());
    assert_eq!(attached(attachment(&[], true), &["a|1"], &[]), ["a|1|~|~"]);
    assert!(attached(attachment(&[], true), &[], &["2|x"]).is_empty());
}

#[test]
fn rows_of_a_slot_come_behind() {
    let appended = || Stage::Appended(kept(&["8", "9", "8"]));
    let rows = ["1", "8", "2"];
    let all = arranged(vec![appended()], &rows).unwrap();
    assert_eq!(all, ["1", "8", "2", "8", "9", "8"]);
    let stages = vec![
        appended(),
        Stage::Distinct(vec![typed(0, 23)]),
        Stage::Sorted(vec![descending(0, 23)]),
        limited(3),
    ];
    assert_eq!(arranged(stages, &rows).unwrap(), ["9", "8", "2"]);
    let grouping = Grouping {
        keys: Vec::new(),
        aggregates: vec![aggregate("sum", vec![typed(0, 23)])],
    };
    let stages = vec![Stage::Grouped(grouping), appended()];
    assert_eq!(arranged(stages, &rows).unwrap(), ["11", "8", "9", "8"]);
}

#[test]
fn a_limit_is_one_of_the_rows_before_it() {
    let run = |before: u64, behind: u64| {
        let stages = vec![
            limited(before),
            Stage::Appended(kept(&["8", "9"])),
            limited(behind),
        ];
        let mut pipeline = Pipeline::new(stages, Memory::new(1 << 20));
        let mut full = String::new();
        for number in ["1", "2", "3"] {
            full.push(if pipeline.is_full() { 'f' } else { '-' });
            pipeline.push(row(number)).unwrap();
        }
        (full, finished(&mut pipeline).unwrap().join(" "))
    };
    assert_eq!(run(1, 9), ("-ff".to_owned(), "1 8 9".to_owned()));
    assert_eq!(run(0, 9), ("fff".to_owned(), "8 9".to_owned()));
    assert_eq!(run(2, 3), ("--f".to_owned(), "1 2 8".to_owned()));
    assert_eq!(run(9, 2), ("--f".to_owned(), "1 2".to_owned()));
    // Rows in a slot are joined, even if none here is wanted.
    let kept = kept(&["a", "b"]);
    let rule = attachment(&[], true);
    let stages = vec![limited(0), Stage::Attached { rule, kept }, limited(1)];
    assert_eq!(arranged(stages, &["1|2"]).unwrap(), ["a|~|~"]);
}

#[test]
fn what_slots_add_is_held() {
    let all: Vec<String> = (0..400).map(|number| number.to_string()).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let run = |stage: Stage, most: usize| {
        let mut pipeline = Pipeline::new(vec![stage], Memory::new(most));
        let mut rows = 0;
        for number in &all {
            pipeline.push(row(number))?;
            rows += pipeline.take().len();
        }
        rows += finished(&mut pipeline)?.len();
        assert_eq!(pipeline.out.memory.held(), 0);
        Ok(rows)
    };
    let rule = RowMatch {
        slot: 0,
        values: vec![typed(0, 23)],
        except: false,
        all: true,
    };
    let matched = |rows: &[&str]| Stage::Matched {
        rule: rule.clone(),
        kept: kept(rows),
    };
    assert_eq!(run(matched(&all), 20_000), Err(Stopped::Memory));
    assert_eq!(run(matched(&all[..9]), 20_000), Ok(9));
    let except = RowMatch {
        except: true,
        all: false,
        ..rule.clone()
    };
    let kept_rows = kept(&[]);
    let except = Stage::Matched {
        rule: except,
        kept: kept_rows,
    };
    assert_eq!(run(except, 20_000), Err(Stopped::Memory));
    let attached = |rows: &[&str]| Stage::Attached {
        rule: Attachment {
            width: 1,
            ..attachment(&[], false)
        },
        kept: kept(rows),
    };
    assert_eq!(run(attached(&["1"]), 20_000), Err(Stopped::Memory));
    // Joined rows are taken before there are too many.
    assert_eq!(run(attached(&all), 150_000), Ok(160_000));
    assert_eq!(run(Stage::Appended(kept(&all)), 40_000), Ok(800));
}

#[test]
fn bytes_are_given_back_with_their_holder() {
    let memory = Memory::new(10_000);
    let sorted = || Stage::Sorted(vec![ascending(0, 23)]);
    for _ in 0..100 {
        let mut pipeline = Pipeline::new(vec![sorted()], memory.share());
        for number in 0..20 {
            pipeline.push(row(&number.to_string())).unwrap();
        }
    }
    let mut one = memory.share();
    let mut other = memory.share();
    one.hold(6_000).unwrap();
    assert_eq!(other.hold(6_000), Err(Stopped::Memory));
    drop(one);
    assert_eq!(other.hold(1_000), Ok(()));
}
