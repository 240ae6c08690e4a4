use super::*;
use crate::rules::wit_plan::{FrameBound, FrameExclusion, FrameMode, Window, WindowFrame};

/// Calls as the lines of the list say them, with the constants that stand behind the values of rows.
struct Reader {
    width: u32,
    constants: Vec<String>,
}

impl Reader {
    /// `2:23`, or `=text:25`.
    fn value(&mut self, text: &str) -> TypedValue {
        let (value, type_oid) = text.rsplit_once(':').unwrap();
        let type_oid = type_oid.parse().unwrap();
        let Some(constant) = value.strip_prefix('=') else {
            return typed(value.parse().unwrap(), type_oid);
        };
        self.constants.push(constant.replace('_', " "));
        let number = self.width + u32::try_from(self.constants.len()).unwrap() - 1;
        typed(number, type_oid)
    }

    fn values(&mut self, text: &str) -> Vec<TypedValue> {
        listed(text).map(|one| self.value(one)).collect()
    }

    fn key(&mut self, text: &str) -> SortKey {
        let (value, order) = text.rsplit_once(':').unwrap();
        SortKey {
            value: self.value(value),
            descending: order.starts_with('d'),
            nulls_first: order.ends_with('f'),
        }
    }

    fn bound(&mut self, text: &str) -> FrameBound {
        match text {
            "up" => FrameBound::UnboundedPreceding,
            "cr" => FrameBound::CurrentRow,
            "uf" => FrameBound::UnboundedFollowing,
            _ => match text.split_at(1) {
                ("p", offset) => FrameBound::Preceding(self.value(offset)),
                (_, offset) => FrameBound::Following(self.value(offset)),
            },
        }
    }

    fn window(&mut self, words: &[&str]) -> Window {
        Window {
            name: words[0].to_owned(),
            operands: self.values(words[1]),
            filter: words[2].parse().ok(),
            partition: self.values(words[3]),
            order: listed(words[4]).map(|one| self.key(one)).collect(),
            frame: WindowFrame {
                mode: match words[5] {
                    "rows" => FrameMode::Rows,
                    "range" => FrameMode::Range,
                    _ => FrameMode::Groups,
                },
                start: self.bound(words[6]),
                end: self.bound(words[7]),
                exclusion: match words[8] {
                    "no" => FrameExclusion::NoOthers,
                    "current" => FrameExclusion::CurrentRow,
                    "group" => FrameExclusion::Group,
                    _ => FrameExclusion::Ties,
                },
            },
        }
    }
}

fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').filter(|one| *one != "-")
}

/// The call of a line, as PostgreSQL writes what comes of it.
fn found(head: &str, rows: &[&str]) -> String {
    let mut reader = Reader {
        width: u32::try_from(rows[0].split('|').count()).unwrap(),
        constants: Vec::new(),
    };
    let words: Vec<&str> = head.split(' ').collect();
    let window = reader.window(&words);
    assert!(super::super::windowed::is_known(&window), "{head}");
    assert_eq!(super::super::windowed::is_sound_frame(&window), Ok(()));
    let longer = |row: &&str| {
        let constants = reader.constants.iter();
        constants.fold((*row).to_owned(), |row, one| row + "|" + one)
    };
    let rows: Vec<String> = rows.iter().map(longer).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    match arranged(vec![Stage::Windowed(vec![window])], &rows) {
        Ok(found) => {
            let last = found.iter().map(|row| row.rsplit_once('|').unwrap().1);
            last.collect::<Vec<_>>().join(" ; ").replace('\n', "\\n")
        }
        Err(Stopped::Value(error)) => format!("!{} {error}", error.sqlstate()),
        Err(Stopped::Memory) => "too much".to_owned(),
        Err(Stopped::Interrupted) => "interrupted".to_owned(),
    }
}

#[test]
fn window_functions_are_those_of_postgresql() {
    let lines = include_str!("windows.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    let (rows, calls): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with("row "));
    let rows: Vec<&str> = rows.iter().map(|row| &row[4..]).collect();
    let mut wrong = Vec::new();
    for line in calls {
        let (head, expected) = line.split_once(" => ").unwrap();
        let found = found(head, &rows);
        if found != expected {
            wrong.push(format!("{line}\nnot {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn plain(name: &str, operands: Vec<TypedValue>) -> Window {
    Window {
        name: name.to_owned(),
        operands,
        filter: None,
        partition: Vec::new(),
        order: Vec::new(),
        frame: WindowFrame {
            mode: FrameMode::Range,
            start: FrameBound::UnboundedPreceding,
            end: FrameBound::CurrentRow,
            exclusion: FrameExclusion::NoOthers,
        },
    }
}

#[test]
fn rows_stay_in_their_order() {
    let by_key = |name: &str| Window {
        partition: vec![typed(0, 1700)],
        order: vec![descending(1, 23)],
        ..plain(name, Vec::new())
    };
    let windows = vec![
        by_key("row_number"),
        by_key("rank"),
        plain("count", Vec::new()),
    ];
    let rows = ["1.0|2", "2|1", "1.00|3", "~|4", "1|3", "~|5"];
    let found = arranged(vec![Stage::Windowed(windows)], &rows).unwrap();
    assert_eq!(
        found,
        [
            "1.0|2|3|3|6",
            "2|1|1|1|6",
            "1.00|3|1|1|6",
            "~|4|2|2|6",
            "1|3|2|1|6",
            "~|5|1|1|6"
        ]
    );
    let none = arranged(vec![Stage::Windowed(vec![plain("rank", Vec::new())])], &[]);
    assert_eq!(none.unwrap(), Vec::<String>::new());
}

#[test]
fn sums_go_on_from_row_to_row() {
    let running = Window {
        order: vec![ascending(0, 23)],
        ..plain("sum", vec![typed(0, 23)])
    };
    let memory = Memory::new(1 << 26);
    let mut pipeline = Pipeline::new(vec![Stage::Windowed(vec![running])], memory);
    for number in 1..=50_000 {
        pipeline.push(row(&number.to_string())).unwrap();
    }
    let rows = finished(&mut pipeline).unwrap();
    assert_eq!(rows.last().map(String::as_str), Some("50000|1250025000"));
}

#[test]
fn rows_of_windows_are_held() {
    let run = |window: Window| {
        let mut pipeline = Pipeline::new(vec![Stage::Windowed(vec![window])], Memory::new(60_000));
        for number in 0..200 {
            pipeline.push(row(&number.to_string()))?;
        }
        finished(&mut pipeline)
    };
    assert_eq!(run(plain("row_number", Vec::new())).unwrap().len(), 200);
    // One array is that of all rows, then there is one for each of them.
    let all = plain("array_agg", vec![typed(0, 23)]);
    assert_eq!(run(all.clone()).unwrap().len(), 200);
    let running = Window {
        order: vec![ascending(0, 23)],
        ..all
    };
    assert_eq!(run(running), Err(Stopped::Memory));
}
