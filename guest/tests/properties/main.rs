//! What holds for every text: literals and comments come through, parameters keep
//! their number and order, and nothing makes the rules panic.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::result_large_err,
    reason = "tests"
)]

mod nasty;
#[path = "../support/request.rs"]
mod support;

use pgiris_rules::version::{iris_2024_1::Iris2024_1, iris_2025_1::Iris2025_1};
use pgiris_rules::wit::{
    Argument, Diagnostic, Forward, MetadataQuery, MetadataRows, Plan, Protocol, Request, Tracing,
    Translation,
};
use pgiris_rules::{Version, describe, readable, translate};
use support::{VERSIONS, request};

fn run(text: &str) -> Result<Vec<Translation>, Diagnostic> {
    translate(&Iris2025_1, &request(&Iris2025_1, text))
}

#[track_caller]
fn forward(text: &str) -> Forward {
    assert_eq!(run(text).unwrap().len(), 1, "{text}");
    match offline(&Iris2025_1, text) {
        Plan::Forward(forward) => forward,
        other => panic!("{text}: {other:?}"),
    }
}

/// A small generator of numbers, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

const LITERALS: &[&str] = &[
    "'a'",
    "''",
    "''''",
    "'a''b'",
    "'\\'",
    "'a\\''b'",
    "'\\''''\\'",
    "'$1'",
    "'?'",
    "'--'",
    "'/*'",
    "'\u{1F600}'",
    "'TOP ('",
    "'\n'",
    "'%ID'",
    "'{'",
    "'true'",
    "'::int'",
    "';'",
    "\"Q\"",
    "\"a\"\"b\"",
    "\"$1\"",
    "\"select\"",
    "\"a?\"",
    "1.50",
    "007",
    "1e10",
    ".5",
];

#[test]
fn literals_come_through_byte_for_byte() {
    let mut numbers = Numbers(1);
    for round in 0..2_000 {
        let written: Vec<&str> = (0..5).map(|_| numbers.pick(LITERALS)).collect();
        // With a cast the tree is printed, without one the text is passed on.
        let cast = if round % 2 == 0 { "::int" } else { "" };
        let text = format!(
            "SELECT {}, a{cast} FROM {} WHERE b IN ({}, {}) AND c = {}",
            written[0], "t", written[1], written[2], written[3]
        );
        let statement = forward(&text).statement;
        assert!(statement.arguments.is_empty(), "{text}");
        let mut rest = statement.pieces[0].as_str();
        for literal in &written[..4] {
            let at = rest
                .find(literal)
                .unwrap_or_else(|| panic!("{literal} of {text} in {rest}"));
            rest = &rest[at + literal.len()..];
        }
    }
}

/// An embedding or a document is longer than what the printer is left to look at.
#[test]
fn long_literals_come_through_byte_for_byte() {
    for unit in [
        "0.125,",
        "it''s ",
        "a\\b",
        "$1 ? -- ",
        "\u{1F600}",
        "''",
        "line\n",
    ] {
        let literal = format!("'{}'", unit.repeat(2_000));
        for cast in ["::int", ""] {
            let text = format!("SELECT 'b', a{cast}, $2 FROM t WHERE c = {literal} AND d = $1");
            let statement = forward(&text).statement;
            let text = text.replace("a::int", "CAST(a AS INT)");
            assert_eq!(readable(&statement), text);
            assert!(matches!(
                statement.arguments[..],
                [Argument::Parameter(2), Argument::Parameter(1)]
            ));
        }
    }
}

#[test]
fn comments_of_an_unchanged_statement_come_through() {
    let text =
        "SELECT /* one 'x' $1 */ a -- two $2\n, $1 FROM t /*#OPTIONS {\"x\":1} */ WHERE b = $2";
    assert_eq!(readable(&forward(text).statement), text);
    assert_eq!(
        readable(&forward("/* a */ SELECT 1 /* b */; -- c").statement),
        "SELECT 1"
    );
    // IRIS ends a comment at its first end.
    assert_eq!(
        readable(&forward("SELECT 1 /* a /* b */ c */ + 2").statement),
        "SELECT 1   + 2"
    );
    // What IRIS reads as an option survives a change of the statement.
    let changed = "SELECT a::int /*#OPTIONS {\"DynamicSQL\":1} */ FROM t";
    assert_eq!(
        readable(&forward(changed).statement),
        "SELECT CAST(a AS INT) FROM t /*#OPTIONS {\"DynamicSQL\":1} */"
    );
}

#[test]
fn parameters_keep_their_number_and_order() {
    let mut numbers = Numbers(2);
    for _ in 0..1_000 {
        let order: Vec<u32> = (0..6)
            .map(|_| u32::try_from(numbers.below(9) + 1).unwrap())
            .collect();
        let cast = numbers.pick(&["", "::text", "::int"]);
        let text = format!(
            "SELECT ${}, '$1', ${}{cast} FROM t WHERE a = ${} AND b IN (${}, \"$2\", ${}) -- $9\n OR c = ${}",
            order[0], order[1], order[2], order[3], order[4], order[5]
        );
        let Forward {
            statement,
            parameters,
            ..
        } = forward(&text);
        let expected: Vec<Argument> = order
            .iter()
            .map(|number| Argument::Parameter(*number))
            .collect();
        assert_eq!(statement.arguments, expected, "{text}");
        assert_eq!(statement.pieces.len(), statement.arguments.len() + 1);
        assert_eq!(
            parameters.len(),
            usize::try_from(*order.iter().max().unwrap()).unwrap()
        );
    }
}

#[test]
fn question_marks_are_numbered_from_the_left() {
    let statement =
        forward("SELECT TOP ? a, '?' FROM t WHERE b = ? AND c=? AND d IN (?,?)").statement;
    let expected: Vec<Argument> = (1..=5).map(Argument::Parameter).collect();
    assert_eq!(statement.arguments, expected);
    assert_eq!(run("SELECT ?, $1").unwrap_err().sqlstate, "42601");
    // After an operand it is PostgreSQL's operator, which wants a column of a known table.
    match offline(&Iris2025_1, "SELECT a ? 'k' FROM t") {
        Plan::Refuse(refused) => assert_eq!(refused.message, "operator ? is not supported here"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn unreadable_text_is_passed_on() {
    for text in [
        "SELEC 1",
        "SELECT %NOLOCK a FROM t",
        "FREEZE PLANS",
        "SELECT a FROM t WHERE b [ 'x'",
        ") (",
    ] {
        let forward = forward(text);
        assert!(forward.verbatim, "{text}");
        assert_eq!(readable(&forward.statement), text);
    }
    assert_eq!(forward("TUNE TABLE t").tag.word, "TUNE");
}

#[test]
fn texts_are_cut_at_semicolons() {
    let count = |text: &str| run(text).unwrap().len();
    assert_eq!(
        count("SELECT ';'; SELECT $$;$$; SELECT \";\" /* ; */ -- ;\n;;"),
        3
    );
    assert_eq!(
        count("CREATE PROCEDURE p() LANGUAGE SQL { SELECT 1; SELECT 2; }"),
        1
    );
    assert_eq!(
        count(
            "CREATE PROCEDURE p() LANGUAGE SQL BEGIN UPDATE t SET a = CASE WHEN b = 1 THEN 2 END; DELETE FROM t; END; SELECT 1"
        ),
        2
    );
    assert_eq!(count("BEGIN; CREATE TABLE t (begin_ int); END"), 3);
    for empty in ["", " \n\t", "-- x", "/* x */ ; ;", ";"] {
        let translations = run(empty).unwrap();
        assert_eq!(translations.len(), 1);
        assert_eq!(translations[0].plan, Plan::Empty);
    }
    let extended = Request {
        protocol: Protocol::Extended,
        ..request(&Iris2025_1, "SELECT 1; SELECT 2")
    };
    assert_eq!(
        translate(&Iris2025_1, &extended).unwrap_err().sqlstate,
        "42601"
    );
}

/// Also with a small stack, as a component has one.
#[test]
fn nothing_makes_the_rules_panic() {
    // What is not optimized takes several times the stack.
    let size = if cfg!(debug_assertions) {
        2 << 20
    } else {
        1 << 20
    };
    let thread = std::thread::Builder::new().stack_size(size);
    let run = thread.spawn(move || {
        for text in nasty::texts() {
            for version in VERSIONS.iter().copied() {
                let _ = translate(
                    version,
                    &Request {
                        tracing: Tracing::Rules,
                        ..request(&Iris2025_1, &text)
                    },
                );
            }
        }
    });
    run.unwrap().join().unwrap();
}

/// Fragments of statements in any order.
#[test]
fn fragments_do_not_make_the_rules_panic() {
    let parts = [
        "SELECT ",
        "a",
        "1",
        "'x'",
        "$1",
        "?",
        " FROM t ",
        " WHERE ",
        "(",
        ")",
        ", ",
        " = ",
        "::text",
        " <=> ",
        " AND ",
        " ORDER BY ",
        " LIMIT ",
        "NOT ",
        "CASE WHEN ",
        " THEN ",
        " END",
        "true",
        "NULL",
        "%ID",
        "{fn f(",
        "}",
        " IS TRUE",
        " UNION ",
        "WITH q AS (",
        "*",
        "count(",
        " AS ",
        "E'\\",
        "public.",
        "\"q\"",
        "[",
        "]",
        " OFFSET ",
        "TOP ",
        ".",
        "INSERT INTO t VALUES (",
        "CREATE TABLE t (",
        "a text",
        "vector(3)",
        "UPDATE t SET ",
        ";",
        "--",
        "\n",
        "DISTINCT ",
    ];
    let mut numbers = Numbers(3);
    for _ in 0..20_000 {
        let text: String = (0..1 + numbers.below(14))
            .map(|_| numbers.pick(&parts))
            .collect();
        let _ = translate(&Iris2024_1, &request(&Iris2025_1, &text));
    }
}

#[test]
fn deep_statements_are_refused() {
    let refusal = |text: String| match run(&text).unwrap().remove(0).plan {
        Plan::Refuse(refusal) => refusal.sqlstate,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        refusal(format!(
            "SELECT {}1{}",
            "(".repeat(10_000),
            ")".repeat(10_000)
        )),
        "54001"
    );
    assert_eq!(
        refusal(format!(
            "SELECT 1 WHERE 1 = 1{}",
            " OR 1 = 1".repeat(10_000)
        )),
        "54001"
    );
    // What people write is not.
    forward(&format!("SELECT {}1{}", "(".repeat(30), ")".repeat(30)));
    forward(&format!(
        "SELECT a FROM t WHERE b = 1{}",
        " OR b = 1".repeat(500)
    ));
    forward(&format!(
        "SELECT a FROM t WHERE b IN (1{})",
        ", 1".repeat(10_000)
    ));
}

/// The plan of a statement, where there is nobody to ask about its tables.
fn offline(version: &dyn Version, text: &str) -> Plan {
    let plan = |request: &Request| translate(version, request).unwrap().remove(0).plan;
    let first = request(&Iris2025_1, text);
    match plan(&first) {
        Plan::Lookup(lookup) => {
            let nothing = |query: MetadataQuery| MetadataRows {
                name: query.name,
                columns: Vec::new(),
                rows: Vec::new(),
            };
            plan(&Request {
                text: lookup.text,
                offset: lookup.offset,
                metadata: lookup.queries.into_iter().map(nothing).collect(),
                ..first
            })
        }
        other => other,
    }
}

/// Each version is served by one component, the newest by the last.
#[test]
fn the_versions_join_without_a_gap() {
    for pair in VERSIONS.windows(2) {
        assert_eq!(pair[0].serves_until(), Some(pair[1].serves_from()));
    }
    assert_eq!(VERSIONS[3].serves_until(), None);
}

#[test]
fn the_examples_of_the_manifest_hold() {
    for version in VERSIONS.iter().copied() {
        for example in describe(version).examples {
            let output = match offline(version, &example.input) {
                Plan::Forward(forward) => forward.statement.pieces.join("?"),
                Plan::Empty => "empty".to_owned(),
                Plan::Answer(_) => "answer".to_owned(),
                Plan::Transaction(_) => "transaction".to_owned(),
                Plan::Setting(_) => "setting".to_owned(),
                Plan::Refuse(_) => "refuse".to_owned(),
                other => panic!("{other:?}"),
            };
            assert_eq!(output, example.output, "{}", example.input);
        }
    }
}
