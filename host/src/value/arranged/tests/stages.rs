use super::*;

#[test]
fn a_pipeline_goes_with_its_session_from_thread_to_thread() {
    fn is_send<T: Send>() {}
    is_send::<Pipeline>();
}

#[test]
fn rows_are_computed_chosen_and_ordered() {
    let is_less = [
        Instruction::Column(0),
        constant("10"),
        call(Function::Less, 23),
    ];
    let stages = vec![
        Stage::KeptIf(is_less.into()),
        Stage::Computed(vec![
            column(1),
            [
                Instruction::Column(0),
                Instruction::Column(1),
                call(Function::Concatenated, 0),
            ]
            .into(),
        ]),
        Stage::Sorted(vec![descending(0, 25), ascending(1, 25)]),
    ];
    let rows = ["9|b", "10|z", "2|c", "~|q", "1|b", "3|~"];
    let arranged = arranged(stages, &rows).unwrap();
    assert_eq!(arranged, ["~|~", "c|2c", "b|1b", "b|9b"]);
}

#[test]
fn equal_rows_are_there_once() {
    let stages = vec![Stage::Distinct(vec![typed(0, 1700), typed(1, 1042)])];
    let rows = ["1.0|a", "1|a ", "~|a", "1.00|b", "~|a  "];
    assert_eq!(arranged(stages, &rows).unwrap(), ["1.0|a", "~|a", "1.00|b"]);
}

#[test]
fn equal_keys_keep_their_order() {
    let rows: Vec<String> = (0..1000).map(|n| format!("{}|{n}", n * 7 % 10)).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let sorted = |limit| {
        let limited = Stage::Limited { limit, offset: 2 };
        arranged(vec![Stage::Sorted(vec![ascending(0, 23)]), limited], &rows).unwrap()
    };
    let all = sorted(None);
    assert_eq!(all[..3], ["0|20", "0|30", "0|40"]);
    assert_eq!(sorted(Some(120)), all[..120]);
    assert_eq!(sorted(Some(0)), Vec::<String>::new());
}

#[test]
fn the_first_rows_are_all_that_is_held() {
    let stages = || {
        let limited = Stage::Limited {
            limit: Some(1),
            offset: 0,
        };
        vec![Stage::Sorted(vec![ascending(0, 23)]), limited]
    };
    let run = |stages| {
        let mut pipeline = Pipeline::new(stages, Memory::new(50_000));
        for number in 0..10_000 {
            pipeline.push(row(&number.to_string()))?;
        }
        finished(&mut pipeline)
    };
    assert_eq!(run(stages()), Ok(vec!["0".to_owned()]));
    let mut all = stages();
    all.truncate(1);
    assert_eq!(run(all), Err(Stopped::Memory));
    let distinct = vec![Stage::Distinct(vec![typed(0, 23)])];
    assert_eq!(run(distinct), Err(Stopped::Memory));
    let grouping = |keys, aggregates| Stage::Grouped(Grouping { keys, aggregates });
    let groups = vec![grouping(vec![typed(0, 23)], Vec::new())];
    assert_eq!(run(groups), Err(Stopped::Memory));
    let elements = aggregate("array_agg", vec![typed(0, 23)]);
    assert_eq!(
        run(vec![grouping(Vec::new(), vec![elements])]),
        Err(Stopped::Memory)
    );
}

#[test]
fn a_limit_that_is_reached_is_full() {
    let limited = |limit| Stage::Limited {
        limit: Some(limit),
        offset: 1,
    };
    let mut pipeline = Pipeline::new(vec![limited(1)], Memory::new(1 << 20));
    assert!(!pipeline.is_full());
    pipeline.push(row("1")).unwrap();
    assert!(pipeline.take().is_empty());
    pipeline.push(row("2")).unwrap();
    assert!(pipeline.is_full());
    pipeline.push(row("3")).unwrap();
    assert_eq!(finished(&mut pipeline).unwrap(), ["2"]);
    assert!(Pipeline::new(vec![limited(0)], Memory::new(0)).is_full());
    // What is sorted before the limit is still wanted.
    let sorted = Stage::Sorted(vec![ascending(0, 23)]);
    let mut pipeline = Pipeline::new(vec![sorted, limited(1)], Memory::new(1 << 20));
    for number in ["3", "1", "2"] {
        assert!(!pipeline.is_full());
        pipeline.push(row(number)).unwrap();
    }
    assert_eq!(finished(&mut pipeline).unwrap(), ["2"]);
}

#[test]
fn values_that_are_refused_stop() {
    let sorted = Stage::Sorted(vec![ascending(0, 23)]);
    let stopped = arranged(vec![sorted], &["x"]).unwrap_err();
    let Stopped::Value(error) = stopped else {
        panic!("{stopped:?}");
    };
    assert_eq!(error.sqlstate(), "22P02");
}
