use super::*;

/// One call, as a line of the list says it.
fn call_of(name: &str, types: &str, options: &str) -> Aggregate {
    let types = types.split(',').zip(0..);
    let operands: Vec<TypedValue> = types
        .map(|(type_oid, number)| typed(number, type_oid.parse().unwrap()))
        .collect();
    let key = |value: &TypedValue| descending(value.number, value.type_oid);
    let order = operands.iter().filter(|_| options.contains('o')).map(key);
    Aggregate {
        distinct: options.contains('d'),
        order: order.collect(),
        ..aggregate(name, operands)
    }
}

#[test]
fn aggregates_are_those_of_postgresql() {
    let mut wrong = Vec::new();
    let lines = include_str!("aggregates.txt").lines();
    for line in lines.filter(|line| !line.starts_with('#')) {
        let (head, rest) = line.split_once(": ").unwrap();
        let (rows, expected) = rest.split_once("=> ").unwrap();
        let words: Vec<&str> = head.split(' ').collect();
        let rows: Vec<&str> = match rows.trim_end() {
            "" => Vec::new(),
            rows => rows.split(" ; ").collect(),
        };
        let grouping = Grouping {
            keys: Vec::new(),
            aggregates: vec![call_of(words[0], words[1], words[2])],
        };
        let found = match arranged(vec![Stage::Grouped(grouping)], &rows) {
            Ok(rows) => rows.concat().replace('\n', "\\n"),
            Err(Stopped::Value(error)) => format!("!{}", error.sqlstate()),
            Err(Stopped::Memory) => "too much".to_owned(),
            Err(Stopped::Interrupted) => "interrupted".to_owned(),
        };
        if found != expected {
            wrong.push(format!("{line}, not {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn groups_have_the_values_of_their_first_rows() {
    let grouping = || Grouping {
        keys: vec![typed(0, 1700), typed(1, 25)],
        aggregates: vec![
            aggregate("count", Vec::new()),
            Aggregate {
                filter: Some(2),
                ..aggregate("sum", vec![typed(0, 1700)])
            },
        ],
    };
    let rows = ["1.0|a|t", "2|~|t", "1.00|a|f", "2.0|~|t", "~|~|~", "~|~|t"];
    let groups = arranged(vec![Stage::Grouped(grouping())], &rows).unwrap();
    assert_eq!(groups, ["1.0|a|2|1.0", "2|~|2|4.0", "~|~|2|~"]);
    assert!(
        arranged(vec![Stage::Grouped(grouping())], &[])
            .unwrap()
            .is_empty()
    );
    let all = Grouping {
        keys: Vec::new(),
        ..grouping()
    };
    assert_eq!(arranged(vec![Stage::Grouped(all)], &[]).unwrap(), ["0|~"]);
}
