//! Queries by chance.

use rand::RngExt;

use super::grammar::{Grammar, ITEMS, PARTS};
use super::tree::{Kind, Tree, tree};

/// A query whose rows have one order only, or may come in any.
pub(crate) fn query(grammar: &mut Grammar) -> Tree {
    let depth = grammar.random.random_range(1..=3);
    let from = from(grammar);
    let condition = condition(grammar, 60, depth);
    match grammar.random.random_range(0..100) {
        0..25 => grouped(grammar, from, condition, depth - 1),
        25..35 => window(grammar, from, condition),
        35..45 => set_operation(grammar),
        45..55 => distinct(grammar, from, condition, depth),
        55..65 => nested(grammar, from, condition, depth),
        _ => plain(grammar, from, condition, depth),
    }
}

fn from(grammar: &mut Grammar) -> Tree {
    match grammar.random.random_range(0..10) {
        0..5 => {
            grammar.from(&[("t", ITEMS)]);
            return tree![" FROM t"];
        }
        5 => {
            grammar.from(&[("u", PARTS)]);
            return tree![" FROM u"];
        }
        _ => grammar.from(&[("a", ITEMS), ("c", PARTS)]),
    }
    let join = grammar.of(&["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"]);
    // PostgreSQL joins on both sides by equality of columns alone.
    let on = if join == "FULL JOIN" || grammar.chance(60) {
        Tree::words(Kind::Boolean, "a.id = c.tid")
    } else {
        grammar.value(Kind::Boolean, 1)
    };
    tree![format!(" FROM t a {join} u c ON "), on]
}

/// WHERE, so many times of a hundred.
fn condition(grammar: &mut Grammar, percent: u32, depth: usize) -> Tree {
    if !grammar.chance(percent) {
        return tree![""];
    }
    tree![" WHERE ", grammar.value(Kind::Boolean, depth)].optional()
}

/// The keys of the tables in reach.
fn keys(grammar: &Grammar, suffix: &str) -> String {
    let keys = grammar
        .sources
        .iter()
        .map(|source| format!("{}.id{suffix}", source.alias));
    keys.collect::<Vec<_>>().join(", ")
}

const SHOWN: [Kind; 8] = Kind::VALUES;

fn plain(grammar: &mut Grammar, from: Tree, condition: Tree, depth: usize) -> Tree {
    let mut items = Vec::new();
    for number in 0..grammar.random.random_range(1..=3) {
        let kind = grammar.kind(&SHOWN);
        items.push(tree![grammar.value(kind, depth), format!(" AS c{number}")]);
    }
    let keys = keys(grammar, "");
    let listed = keys.replace("a.id, c.id", "a.id AS i1, c.id AS i2");
    let ordinal = grammar.sources.len() + 1;
    let order = if grammar.chance(50) {
        keys
    } else {
        format!(
            "{ordinal}{}, {keys}",
            grammar.of(&["", " DESC", " NULLS FIRST", " DESC NULLS LAST"])
        )
    };
    let limit = if grammar.chance(30) {
        format!(" LIMIT {}", grammar.random.random_range(0..5))
    } else {
        String::new()
    };
    let items = Tree::list(items, ", ");
    tree![
        format!("SELECT {listed}, "),
        items,
        from,
        condition,
        format!(" ORDER BY {order}"),
        limit
    ]
}

const AGGREGATES: &[&str] = &[
    "count(*)",
    "count({any})",
    "count(DISTINCT {int})",
    "count(DISTINCT {text})",
    "count(*) FILTER (WHERE {bool})",
    "sum({int})",
    "sum({num})",
    "sum({float})",
    "sum(DISTINCT {int})",
    "avg({float})",
    "round(avg({int}), 3)",
    "min({int})",
    "min({num})",
    "min({date})",
    "max({int})",
    "max({ts})",
    "max({text})",
    "max({num})",
    "bool_and({bool})",
    "bool_or({bool})",
    "every({bool})",
];

fn grouped(grammar: &mut Grammar, from: Tree, condition: Tree, depth: usize) -> Tree {
    let mut keys = Vec::new();
    for _ in 0..grammar.random.random_range(0..=2) {
        let kind = grammar.kind(&[Kind::Integer, Kind::Text, Kind::Boolean, Kind::Date]);
        let key = grammar.value(kind, 1);
        // A constant would be an ordinal, or a key that PostgreSQL refuses.
        if key.to_string().contains('.') {
            keys.push(key);
        }
    }
    let mut items = Vec::new();
    for (number, key) in keys.iter().enumerate() {
        items.push(tree![key.clone(), format!(" AS k{number}")]);
    }
    for number in 0..grammar.random.random_range(1..=2) {
        let template = grammar.of(AGGREGATES);
        items.push(tree![
            grammar.fill(Kind::Fixed, template, depth),
            format!(" AS a{number}")
        ]);
    }
    let ordinals: Vec<_> = (1..=items.len()).map(|number| number.to_string()).collect();
    let order = format!(" ORDER BY {}", ordinals.join(", "));
    let groups = match keys.is_empty() {
        true => tree![""],
        false => tree![" GROUP BY ", Tree::list(keys, ", ")],
    };
    let having = if grammar.chance(20) {
        let than = grammar.of(&[">", "<="]);
        tree![format!(" HAVING count(*) {than} 1")].optional()
    } else {
        tree![""]
    };
    tree![
        "SELECT ",
        Tree::list(items, ", "),
        from,
        condition,
        groups,
        having,
        order
    ]
}

/// Whose frames are whole in every order of ties, or that see no ties.
fn window(grammar: &mut Grammar, from: Tree, condition: Tree) -> Tree {
    let keys = keys(grammar, "");
    let template = grammar.of(&[
        "row_number() OVER (ORDER BY {keys})",
        "rank() OVER (ORDER BY {int})",
        "dense_rank() OVER (PARTITION BY {bool} ORDER BY {text})",
        "count(*) OVER (PARTITION BY {int})",
        "sum({int}) OVER (ORDER BY {keys})",
        "max({text}) OVER (PARTITION BY {bool} ORDER BY {keys})",
        "{lag|lead}({int}) OVER (ORDER BY {keys})",
        "{first|last}_value({text}) OVER (PARTITION BY {bool} ORDER BY {keys})",
        "ntile(2) OVER (ORDER BY {keys})",
    ]);
    let call = grammar.fill(Kind::Fixed, &template.replace("{keys}", &keys), 1);
    tree![
        format!("SELECT {keys}, "),
        call,
        " AS w",
        from,
        condition,
        format!(" ORDER BY {keys}")
    ]
}

fn set_operation(grammar: &mut Grammar) -> Tree {
    let kinds = [
        grammar.kind(&SHOWN),
        grammar.kind(&[Kind::Integer, Kind::Text]),
    ];
    let leg = |grammar: &mut Grammar| {
        let from = from(grammar);
        let [one, two] = kinds.map(|kind| grammar.value(kind, 1));
        tree![
            "SELECT ",
            one,
            " AS c1, ",
            two,
            " AS c2",
            from,
            condition(grammar, 80, 1)
        ]
    };
    let (one, two) = (leg(grammar), leg(grammar));
    let operation = grammar.of(&[" UNION ", " UNION ALL ", " INTERSECT ", " EXCEPT "]);
    tree![one, operation, two, " ORDER BY 1, 2"]
}

fn distinct(grammar: &mut Grammar, from: Tree, condition: Tree, depth: usize) -> Tree {
    let kind = grammar.kind(&SHOWN);
    let value = grammar.value(kind, depth);
    let order = grammar.of(&[
        " ORDER BY 1",
        " ORDER BY 1 DESC",
        " ORDER BY c1 NULLS FIRST",
    ]);
    tree!["SELECT DISTINCT ", value, " AS c1", from, condition, order]
}

fn nested(grammar: &mut Grammar, from: Tree, condition: Tree, depth: usize) -> Tree {
    let key = keys(grammar, "");
    let [number, text] = [Kind::Integer, Kind::Text].map(|kind| grammar.value(kind, depth));
    let one = key.split(',').next().unwrap_or(&key).to_owned();
    let page = if grammar.sources.len() == 1 && grammar.chance(50) {
        let [limit, offset] = [1..=5, 0..=2].map(|range| grammar.random.random_range(range));
        tree![format!(" ORDER BY {one} LIMIT {limit} OFFSET {offset}")].optional()
    } else {
        tree![""]
    };
    let inner = tree![
        format!("SELECT {one} AS id, "),
        number,
        " AS v, ",
        text,
        " AS w",
        from,
        condition,
        page
    ];
    if grammar.chance(50) {
        let rest =
            ") SELECT q.*, v + 1 AS v1 FROM q WHERE v IS NOT NULL OR w = '' ORDER BY 1, 2, 3";
        return tree!["WITH q AS (", inner, rest];
    }
    let rest = ") s GROUP BY s.w ORDER BY s.w NULLS FIRST";
    tree!["SELECT s.w, count(*), max(s.v) AS m FROM (", inner, rest]
}
