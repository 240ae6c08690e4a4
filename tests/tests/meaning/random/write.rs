//! Statements that write, by chance.

use rand::RngExt;

use super::grammar::{Grammar, ITEMS, PARTS};
use super::tree::{Kind, Tree, tree};

/// What may be set; the key is given apart.
const COLUMNS: [(Kind, &str); 8] = [
    (Kind::Integer, "n"),
    (Kind::Bigint, "b"),
    (Kind::Numeric, "x"),
    (Kind::Float, "f"),
    (Kind::Text, "tx"),
    (Kind::Date, "d"),
    (Kind::Timestamp, "ts"),
    (Kind::Boolean, "bo"),
];

/// One statement on table `t`.
pub(crate) fn write(grammar: &mut Grammar) -> Tree {
    let depth = grammar.random.random_range(1..=2);
    let returning = returning(grammar);
    match grammar.random.random_range(0..10) {
        0..4 => update(grammar, depth, returning),
        4..6 => delete(grammar, depth, returning),
        6..8 => insert(grammar, depth, returning),
        8 => insert_query(grammar, depth),
        _ => upsert(grammar, returning),
    }
}

fn returning(grammar: &mut Grammar) -> Tree {
    if !grammar.chance(50) {
        return tree![""];
    }
    grammar.from(&[("t", ITEMS)]);
    let kind = grammar.kind(&Kind::VALUES);
    tree![" RETURNING t.id, ", grammar.value(kind, 1), " AS r"].optional()
}

/// Two columns that are not the same.
fn two(grammar: &mut Grammar) -> [(Kind, &'static str); 2] {
    let first = grammar.random.random_range(0..COLUMNS.len());
    let other = (first + grammar.random.random_range(1..COLUMNS.len())) % COLUMNS.len();
    [COLUMNS[first], COLUMNS[other]]
}

fn update(grammar: &mut Grammar, depth: usize, returning: Tree) -> Tree {
    let joined = grammar.chance(25);
    if joined {
        grammar.from(&[("t", ITEMS), ("u", PARTS)]);
    } else {
        grammar.from(&[("t", ITEMS)]);
    }
    let mut changes = Vec::new();
    for (kind, column) in two(grammar) {
        // Which of several joined rows changes it is not said.
        if joined {
            grammar.from(&[("t", ITEMS)]);
        }
        changes.push(tree![format!("{column} = "), grammar.value(kind, depth)]);
    }
    let changes = Tree::list(changes, ", ");
    if joined {
        grammar.from(&[("t", ITEMS), ("u", PARTS)]);
        let condition = grammar.value(Kind::Boolean, 1);
        return tree![
            "UPDATE t SET ",
            changes,
            " FROM u WHERE u.tid = t.id AND u.id <> 2 AND ",
            condition
        ];
    }
    let condition = grammar.value(Kind::Boolean, depth);
    tree![
        "UPDATE t SET ",
        changes,
        tree![" WHERE ", condition].optional(),
        returning
    ]
}

fn delete(grammar: &mut Grammar, depth: usize, returning: Tree) -> Tree {
    if grammar.chance(25) {
        grammar.from(&[("t", ITEMS), ("u", PARTS)]);
        let condition = grammar.value(Kind::Boolean, 1);
        return tree!["DELETE FROM t USING u WHERE u.tid = t.id AND ", condition];
    }
    grammar.from(&[("t", ITEMS)]);
    let condition = grammar.value(Kind::Boolean, depth);
    tree!["DELETE FROM t WHERE ", condition, returning]
}

fn insert(grammar: &mut Grammar, depth: usize, returning: Tree) -> Tree {
    let columns = two(grammar);
    grammar.from(&[]);
    let mut rows = Vec::new();
    for number in 0..grammar.random.random_range(1..=3) {
        let [one, two] = columns.map(|(kind, _)| grammar.value(kind, depth));
        rows.push(tree![format!("({}, ", 100 + number), one, ", ", two, ")"]);
    }
    let [(_, one), (_, two)] = columns;
    tree![
        format!("INSERT INTO t (id, {one}, {two}) VALUES "),
        Tree::list(rows, ", "),
        returning
    ]
}

fn insert_query(grammar: &mut Grammar, depth: usize) -> Tree {
    let columns = two(grammar);
    grammar.from(&[("t", ITEMS)]);
    let values = columns.map(|(kind, _)| grammar.value(kind, depth));
    let condition = grammar.value(Kind::Boolean, 1);
    let [(_, first), (_, second)] = columns;
    let [one, two] = values;
    let head = format!("INSERT INTO t (id, {first}, {second}) SELECT t.id + 100, ");
    tree![
        head,
        one,
        ", ",
        two,
        " FROM t",
        tree![" WHERE ", condition].optional()
    ]
}

fn upsert(grammar: &mut Grammar, returning: Tree) -> Tree {
    let columns = two(grammar);
    grammar.from(&[]);
    let mut rows = Vec::new();
    for key in [5, 50] {
        let [one, two] = columns.map(|(kind, _)| grammar.value(kind, 1));
        rows.push(tree![format!("({key}, "), one, ", ", two, ")"]);
    }
    let [(_, one), (_, two)] = columns;
    let head = format!("INSERT INTO t (id, {one}, {two}) VALUES ");
    let action = if grammar.chance(40) {
        tree![" ON CONFLICT (id) DO NOTHING"]
    } else {
        let changes = format!(" ON CONFLICT (id) DO UPDATE SET {one} = excluded.{one}, {two} = ");
        let other = grammar.of(&["excluded.", "t."]);
        tree![changes, format!("{other}{two}")]
    };
    tree![head, Tree::list(rows, ", "), action, returning]
}
