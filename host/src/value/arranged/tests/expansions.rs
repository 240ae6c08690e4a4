use super::*;

/// The rows that a function returns, or the message of the error.
fn rows_of(name: &str, operands: &[Option<&str>]) -> Result<Vec<String>, String> {
    assert!(expanded::takes(name, operands.len()), "{name}");
    let operand = |value: &Option<&str>| {
        let value = value.map(str::to_owned);
        Arc::from([Instruction::Constant(value)])
    };
    let expansion = Stage::Expanded {
        name: name.to_owned(),
        operands: operands.iter().map(operand).collect(),
        ordinality: false,
        outer: false,
    };
    let rows = arranged(vec![expansion], &["k"]).map_err(|stopped| match stopped {
        Stopped::Value(error) => format!("{}: {error}", error.sqlstate()),
        Stopped::Memory => "too much".to_owned(),
        Stopped::Interrupted => "interrupted".to_owned(),
    })?;
    Ok(rows.iter().map(|row| row.replacen("k|", "", 1)).collect())
}

#[test]
fn functions_return_rows() {
    let twice = r#"{"a":1,"a":2,"b":null,"c":"x\"y"}"#;
    for (name, operands, expected) in [
        (
            "json_each",
            &[twice][..],
            &["a|1", "a|2", "b|null", r#"c|"x\"y""#][..],
        ),
        ("json_each_text", &[twice], &["a|1", "a|2", "b|~", "c|x\"y"]),
        ("json_object_keys", &[twice], &["a", "a", "b", "c"]),
        ("jsonb_object_keys", &["{}"], &[]),
        (
            "jsonb_array_elements",
            &[r#"[1, null, "x", [1, 2]]"#],
            &["1", "null", "\"x\"", "[1, 2]"],
        ),
        (
            "jsonb_array_elements_text",
            &[r#"[1, null, "x", [1, 2]]"#],
            &["1", "~", "x", "[1, 2]"],
        ),
        ("array_unnest", &["{{1,2},{3,NULL}}"], &["1", "2", "3", "~"]),
        (
            "generate_series_int4",
            &["2147483645", "2147483647"],
            &["2147483645", "2147483646", "2147483647"],
        ),
        ("generate_series_step_int8", &["3", "0", "-2"], &["3", "1"]),
        ("generate_series_int4", &["3", "1"], &[]),
        (
            "generate_series_step_numeric",
            &["1", "2.00", "0.50"],
            &["1", "1.50", "2.00"],
        ),
        (
            "generate_series_timestamp",
            &["2020-01-31", "2020-05-01", "1 mon"],
            &[
                "2020-01-31 00:00:00",
                "2020-02-29 00:00:00",
                "2020-03-29 00:00:00",
                "2020-04-29 00:00:00",
            ],
        ),
        (
            "regexp_split_to_table_no_flags",
            &["a b c", "\\s"],
            &["a", "b", "c"],
        ),
        (
            "regexp_matches",
            &["foobarbequebaz", "ba.", "g"],
            &["{bar}", "{baz}"],
        ),
        ("regexp_matches_no_flags", &["foobarbaz", "ba."], &["{bar}"]),
        ("regexp_matches_no_flags", &["a", "b"], &[]),
        ("text_to_table", &["a,b,,c", ","], &["a", "b", "", "c"]),
    ] {
        let operands: Vec<_> = operands.iter().copied().map(Some).collect();
        let found = rows_of(name, &operands);
        assert_eq!(found.as_deref(), Ok(&expected.map_owned()[..]), "{name}");
    }
    assert_eq!(
        rows_of("text_to_table", &[Some("ab"), None]),
        Ok(vec!["a".to_owned(), "b".to_owned()])
    );
    assert_eq!(
        rows_of("generate_series_int4", &[Some("1"), None]),
        Ok(Vec::new())
    );
}

trait MapOwned {
    fn map_owned(&self) -> Vec<String>;
}

impl MapOwned for [&str] {
    fn map_owned(&self) -> Vec<String> {
        self.iter().map(|text| (*text).to_owned()).collect()
    }
}

#[test]
fn functions_refuse_in_the_words_of_postgresql() {
    for (name, operands, expected) in [
        (
            "json_array_elements",
            &["{}"][..],
            "cannot call json_array_elements on a non-array",
        ),
        (
            "json_array_elements_text",
            &["null"],
            "cannot call json_array_elements_text on a scalar",
        ),
        (
            "jsonb_array_elements",
            &["{}"],
            "cannot extract elements from an object",
        ),
        (
            "jsonb_array_elements",
            &["1"],
            "cannot extract elements from a scalar",
        ),
        (
            "json_each",
            &["[]"],
            "cannot deconstruct an array as an object",
        ),
        ("json_each", &["1"], "cannot deconstruct a scalar"),
        (
            "jsonb_each_text",
            &["[]"],
            "cannot call jsonb_each_text on a non-object",
        ),
        (
            "json_object_keys",
            &["[]"],
            "cannot call json_object_keys on an array",
        ),
        (
            "generate_series_step_int4",
            &["1", "2", "0"],
            "step size cannot equal zero",
        ),
        (
            "generate_series_numeric",
            &["NaN", "2"],
            "start value cannot be NaN",
        ),
        (
            "regexp_split_to_table",
            &["a", "b", "g"],
            "regexp_split_to_table() does not support the \"global\" option",
        ),
    ] {
        let operands: Vec<_> = operands.iter().copied().map(Some).collect();
        assert_eq!(
            rows_of(name, &operands),
            Err(format!("22023: {expected}")),
            "{name}"
        );
    }
}

#[test]
fn rows_are_numbered_and_kept() {
    let expansion = |ordinality, outer| Stage::Expanded {
        name: "array_unnest".to_owned(),
        operands: vec![column(1)],
        ordinality,
        outer,
    };
    let rows = ["1|{a,b}", "2|{}", "3|~"];
    assert_eq!(
        arranged(vec![expansion(true, true)], &rows).unwrap(),
        ["1|{a,b}|a|1", "1|{a,b}|b|2", "2|{}|~|~", "3|~|~|~"]
    );
    assert_eq!(
        arranged(vec![expansion(false, false)], &rows).unwrap(),
        ["1|{a,b}|a", "1|{a,b}|b"]
    );
}

#[test]
fn a_series_is_not_longer_than_it_must() {
    let stages = |limit| {
        let series = Stage::Expanded {
            name: "generate_series_int8".to_owned(),
            operands: vec![column(0), [constant("9223372036854775807")].into()],
            ordinality: false,
            outer: false,
        };
        vec![series, Stage::Limited { limit, offset: 1 }]
    };
    assert_eq!(
        arranged(stages(Some(2)), &["1", "5"]).unwrap(),
        ["1|2", "1|3"]
    );
    assert_eq!(arranged(stages(None), &["1"]), Err(Stopped::Memory));
}

#[test]
fn a_series_of_which_nothing_is_left_ends_when_nobody_waits_for_it() {
    let series = Stage::Expanded {
        name: "generate_series_int8".to_owned(),
        operands: vec![column(0), [constant("9223372036854775807")].into()],
        ordinality: false,
        outer: false,
    };
    let none = Stage::KeptIf([constant("f")].into());
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let is_stopped = move || asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) > 1_000;
    let pipeline = Pipeline::new(vec![series, none], Memory::new(1 << 20));
    let mut pipeline = pipeline.stopped_by(is_stopped);
    assert_eq!(pipeline.push(row("1")), Err(Stopped::Interrupted));
}
