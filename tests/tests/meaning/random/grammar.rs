//! Expressions by chance: templates for each type, filled with columns, values and each other.
//!
//! In a template `{int}` is an expression of that type, and `{a|b|}` one of some words.

use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use super::tree::{Kind, Part, Tree, tree};

/// A table of the tests and its columns by type.
#[derive(Clone, Copy)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    columns: &'static [(Kind, &'static str)],
}

/// What the statements are about; as [`super::TABLES`] defines them.
pub(crate) const ITEMS: Table = Table {
    name: "t",
    columns: &[
        (Kind::Integer, "id"),
        (Kind::Integer, "n"),
        (Kind::Bigint, "b"),
        (Kind::Numeric, "x"),
        (Kind::Float, "f"),
        (Kind::Text, "s"),
        (Kind::Text, "tx"),
        (Kind::Date, "d"),
        (Kind::Timestamp, "ts"),
        (Kind::Boolean, "bo"),
    ],
};
pub(crate) const PARTS: Table = Table {
    name: "u",
    columns: &[
        (Kind::Integer, "id"),
        (Kind::Integer, "tid"),
        (Kind::Integer, "q"),
        (Kind::Text, "name"),
    ],
};

/// A table in reach, by its alias.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) alias: String,
    table: Table,
}

/// No query has more sources in reach.
const SOURCES: usize = 4;

pub(crate) struct Grammar {
    pub(crate) random: StdRng,
    pub(crate) sources: Vec<Source>,
}

impl Grammar {
    pub(crate) fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices.choose(&mut self.random).copied().unwrap_or("")
    }

    pub(crate) fn kind(&mut self, choices: &[Kind]) -> Kind {
        choices
            .choose(&mut self.random)
            .copied()
            .unwrap_or(Kind::Integer)
    }

    /// True so many times of a hundred.
    pub(crate) fn chance(&mut self, percent: u32) -> bool {
        self.random.random_range(0..100) < percent
    }

    /// Tables in reach from here, and no others.
    pub(crate) fn from(&mut self, sources: &[(&str, Table)]) {
        self.sources.clear();
        for (alias, table) in sources {
            self.sources.push(Source {
                alias: (*alias).to_owned(),
                table: *table,
            });
        }
    }

    /// An expression of a type, at most so deep.
    pub(crate) fn value(&mut self, kind: Kind, depth: usize) -> Tree {
        if depth == 0 || self.chance(20) {
            return self.leaf(kind);
        }
        if self.chance(2) && self.sources.len() < SOURCES {
            return self.scalar_subquery(kind, depth);
        }
        if self.chance(18) {
            let template = self.of(COMMON);
            let of = format!("{{{}}}", short(kind));
            return self.fill(kind, &template.replace("{same}", &of), depth - 1);
        }
        if kind == Kind::Boolean && self.chance(6) && self.sources.len() < SOURCES {
            return self.exists(depth);
        }
        let template = self.of(templates(kind));
        self.fill(kind, template, depth - 1)
    }

    /// A template with its places filled.
    pub(crate) fn fill(&mut self, kind: Kind, template: &str, depth: usize) -> Tree {
        let mut parts = Vec::new();
        let any = self.kind(&Kind::VALUES);
        for (number, piece) in template.split(['{', '}']).enumerate() {
            let part = match piece {
                words if number % 2 == 0 => Part::from(words),
                "any" => Part::Tree(self.value(any, depth)),
                choice if choice.contains('|') => {
                    let choices: Vec<&str> = choice.split('|').collect();
                    Part::from(self.of(&choices))
                }
                name => Part::Tree(self.value(long(name), depth)),
            };
            parts.push(part);
        }
        Tree::new(kind, parts)
    }

    fn leaf(&mut self, kind: Kind) -> Tree {
        if self.chance(70)
            && let Some(column) = self.column(kind)
        {
            return Tree::words(kind, column);
        }
        if self.chance(7) {
            return Tree::words(kind, format!("NULL::{}", kind.type_name()));
        }
        let literal = self.of(values(kind)).to_owned();
        Tree::new(kind, vec![Part::Value { literal, kind }])
    }

    fn column(&mut self, kind: Kind) -> Option<String> {
        let mut columns = Vec::new();
        for source in &self.sources {
            for (of, name) in source.table.columns {
                if *of == kind {
                    columns.push(format!("{}.{name}", source.alias));
                }
            }
        }
        columns.choose(&mut self.random).cloned()
    }

    fn exists(&mut self, depth: usize) -> Tree {
        let source = self.inner();
        let from = format!(
            "EXISTS (SELECT 1 FROM {} {} WHERE ",
            source.table.name, source.alias
        );
        self.sources.push(source);
        let condition = self.value(Kind::Boolean, depth - 1);
        self.sources.pop();
        Tree::new(
            Kind::Boolean,
            vec![from.into(), condition.into(), ")".into()],
        )
    }

    /// One value of a correlated query: an aggregate, so that it is one.
    fn scalar_subquery(&mut self, kind: Kind, depth: usize) -> Tree {
        let source = self.inner();
        let aggregate = if kind == Kind::Boolean {
            "bool_or"
        } else {
            "max"
        };
        let from = format!(") FROM {} {} WHERE ", source.table.name, source.alias);
        let outer = std::mem::replace(&mut self.sources, vec![source.clone()]);
        let value = self.value(kind, depth.saturating_sub(2));
        self.sources = outer;
        self.sources.push(source);
        let condition = self.value(Kind::Boolean, depth - 1);
        self.sources.pop();
        let query = tree![format!("(SELECT {aggregate}("), value, from, condition, ")"];
        Tree::new(kind, vec![query.into()])
    }

    fn inner(&mut self) -> Source {
        let table = if self.chance(50) { ITEMS } else { PARTS };
        Source {
            alias: format!("{}{}", table.name, self.sources.len()),
            table,
        }
    }
}

const NAMES: [(&str, Kind); 8] = [
    ("int", Kind::Integer),
    ("big", Kind::Bigint),
    ("num", Kind::Numeric),
    ("float", Kind::Float),
    ("text", Kind::Text),
    ("date", Kind::Date),
    ("ts", Kind::Timestamp),
    ("bool", Kind::Boolean),
];

fn short(kind: Kind) -> &'static str {
    NAMES
        .iter()
        .find(|(_, of)| *of == kind)
        .map_or("", |(name, _)| name)
}

fn long(name: &str) -> Kind {
    let found = NAMES.iter().find(|(of, _)| *of == name);
    found
        .map(|(_, kind)| *kind)
        .unwrap_or_else(|| panic!("no type is called {name}"))
}

/// What every type can be in.
const COMMON: &[&str] = &[
    "CASE WHEN {bool} THEN {same} ELSE {same} END",
    "CASE WHEN {bool} THEN {same} END",
    "CASE {int} WHEN {int} THEN {same} WHEN {int} THEN {same} END",
    "COALESCE({same}, {same})",
    "NULLIF({same}, {same})",
    "{GREATEST|LEAST}({same}, {same})",
];

fn values(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Integer => &["0", "1", "2", "3", "7", "10", "-1", "-4"],
        Kind::Bigint => &["0", "1", "5", "10000000000"],
        Kind::Numeric => &["1.5", "0.25", "-2.75", "100.00", "3.0"],
        Kind::Float => &["0.5", "2", "1e3"],
        Kind::Text => &["abc", "ABC", "", "a%", "9", "10", "x'y", " pad ", "Zürich"],
        Kind::Date => &["2024-01-31", "2024-02-29", "1999-12-31"],
        Kind::Timestamp => &["2024-01-31 10:20:30", "2023-12-01 00:00:00"],
        Kind::Boolean => &["true", "false"],
        Kind::Optional | Kind::Fixed => &[],
    }
}

fn templates(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Integer => INTEGER,
        Kind::Bigint => BIGINT,
        Kind::Numeric => NUMERIC,
        Kind::Float => FLOAT,
        Kind::Text => TEXT,
        Kind::Date => DATE,
        Kind::Timestamp => TIMESTAMP,
        Kind::Boolean | Kind::Optional | Kind::Fixed => BOOLEAN,
    }
}

const INTEGER: &[&str] = &[
    "({int} {+|-|*} {int})",
    "({int} / {int})",
    "({int} % {int})",
    "mod({int}, {int})",
    "(- {int})",
    "abs({int})",
    "sign({int})::int",
    "{num}::int",
    "{float}::int",
    "({bool})::int",
    "length({text})",
    "position({text} in {text})",
    "strpos({text}, {text})",
    "ascii({text})",
    "({date} - {date})",
    "extract({year|month|day|dow|doy|quarter|week} from {date})::int",
];
const BIGINT: &[&str] = &[
    "({big} {+|-|*} {int})",
    "({big} / {int})",
    "({big} % {big})",
    "{int}::bigint",
    "abs({big})",
];
const NUMERIC: &[&str] = &[
    "({num} {+|-|*} {num})",
    "({num} + {int})",
    "({num} % {num})",
    "round({num}, {0|1|2})",
    "round({num})",
    "trunc({num}, 1)",
    "trunc({num})",
    "floor({num})",
    "ceil({num})",
    "abs({num})",
    "sign({num})",
    "(- {num})",
    "{int}::numeric",
    "{num}::numeric(8,1)",
    "extract({year|month|day|dow|doy|quarter} from {date})",
    "extract({hour|minute|second} from {ts})",
];
const FLOAT: &[&str] = &[
    "({float} {+|-|*} {float})",
    "({float} / {1|2|4})",
    "({float} + {num})",
    "{num}::float8",
    "{int}::float8",
    "power({float}, 2)",
    "floor({float})",
    "abs({float})",
    "date_part('{year|month|day}', {date})",
];
const TEXT: &[&str] = &[
    "({text} || {text})",
    "({text} || {int})",
    "{upper|lower|trim|ltrim|rtrim|reverse|initcap}({text})",
    "trim({leading|trailing|both} 'a' from {text})",
    "substring({text} from {1|2|0|-1} for {0|1|2|3})",
    "substr({text}, {1|2|0})",
    "replace({text}, {text}, {text})",
    "translate({text}, 'abc', 'x')",
    "{left|right}({text}, {0|1|2|-1})",
    "{lpad|rpad}({text}, {0|2|5}, {text})",
    "repeat({text}, {-1|0|1|2})",
    "split_part({text}, {text}, {1|2})",
    "overlay({text} placing {text} from 2 for {0|1})",
    "concat({text}, {int}, {text})",
    "concat_ws('-', {text}, {text})",
    "to_char({date}, '{YYYY-MM-DD|DD.MM.YY|Mon YYYY}')",
    "to_char({ts}, 'HH24:MI:SS')",
    "{int}::text",
    "{big}::text",
    "{float}::text",
    "{date}::text",
    "{ts}::text",
    "{bool}::text",
    "{text}::varchar(3)",
];
const DATE: &[&str] = &[
    "({date} + {int})",
    "({date} - {0|1|31|40})",
    "{ts}::date",
    "to_date(to_char({date}, 'YYYYMMDD'), 'YYYYMMDD')",
];
const TIMESTAMP: &[&str] = &[
    "({ts} {+|-} interval '{1 day|2 hours|1 month|90 minutes}')",
    "({date} + interval '{1 day|2 hours|1 month|1 year}')",
    "date_trunc('{month|day|year|hour|quarter|week}', {ts})",
    "{date}::timestamp",
];
const BOOLEAN: &[&str] = &[
    "({int} {=|<>|<|>|<=|>=} {int})",
    "({num} {=|<>|<|>|<=|>=} {int})",
    "({num} {=|<>|<|>|<=|>=} {num})",
    "({float} {=|<>|<|>|<=|>=} {float})",
    "({text} {=|<>|<|>|<=|>=} {text})",
    "({text} {=|<>|<|>|<=|>=} {text})",
    "({date} {=|<>|<|>|<=|>=} {date})",
    "({ts} {=|<>|<|>|<=|>=} {ts})",
    "({bool} {=|<>} {bool})",
    "({bool} {AND|OR} {bool})",
    "({bool} {AND|OR} {bool})",
    "(NOT {bool})",
    "({any} IS {|NOT }NULL)",
    "({bool} IS {|NOT }{TRUE|FALSE|UNKNOWN})",
    "({text} {|NOT }{LIKE|ILIKE} '{%a%|a_c|%||A%|_|%\\%%}')",
    "({int} {|NOT }IN ({int}, {int}))",
    "({text} {|NOT }IN ({text}, {text}, {text}))",
    "({date} {|NOT }IN ({date}))",
    "({int} {|NOT }BETWEEN {|SYMMETRIC }{int} AND {int})",
    "({text} {|NOT }BETWEEN {text} AND {text})",
    "({date} {|NOT }BETWEEN {date} AND {date})",
    "({int} IS {|NOT }DISTINCT FROM {int})",
    "({text} IS {|NOT }DISTINCT FROM {text})",
    "({int} = ANY (ARRAY[{int}, {int}]))",
    "({int} {=|<|>} ALL (ARRAY[{int}, {int}]))",
    "(({int}, {text}) {=|<|>=} ({int}, {text}))",
    "({int} {|NOT }IN (SELECT u9.tid FROM u u9 WHERE u9.q > 4))",
];
