//! One statement to its plan, without the plan cache: by the component, and by the same rules
//! compiled natively.
//!
//! The floor is the native call. Both take turns, in batches that are long enough for the clock.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use pgiris::RulesLimits;
use pgiris::rules::{Engine, Generation, wit};
use pgiris_benches::{Table, Times, micros, native_context, ratio};
use pgiris_rules::version::iris_2025_1::Iris2025_1;
use pgiris_rules::wit as native;
use pgiris_tests::{compiled_rules, rules_file};

/// Turns of each, and calls in each turn.
const TURNS: usize = 200;
const CALLS: u32 = 100;

/// How much slower than native a component may be, and how long a call may take.
const GOAL: &str = "2 x";
const STATEMENTS: &[(&str, &str, &str)] = &[
    ("SELECT 1", "SELECT 1", "10 µs"),
    (
        "vector select",
        "SELECT id, title FROM documents WHERE kind = $1 \
         ORDER BY embedding <=> '[0.1,0.2,0.3]' LIMIT 5",
        "40 µs",
    ),
    (
        "the same by an ORM",
        "SELECT documents.id AS documents_id, documents.title AS documents_title, \
         documents.embedding <=> $1::VECTOR AS distance FROM documents JOIN authors \
         ON authors.id = documents.author_id WHERE documents.kind = $2::VARCHAR \
         AND documents.created > '2024-01-01'::DATE AND authors.active IS true \
         ORDER BY documents.embedding <=> $3::VECTOR LIMIT $4::INTEGER OFFSET $5::INTEGER",
        "",
    ),
];

/// Of the embeddings that most models give.
const DIMENSIONS: u32 = 1536;

/// A search for a vector that is written out.
fn search(dimensions: u32) -> String {
    let elements: Vec<String> = (0..dimensions)
        .map(|n| format!("{:.8}", f64::from(n * 7919 % 1000) / 1000.0 - 0.5 + 1e-8))
        .collect();
    format!(
        "SELECT id, title FROM documents ORDER BY embedding <=> '[{}]' LIMIT 5",
        elements.join(",")
    )
}

fn main() -> Result<()> {
    let mut limits = RulesLimits::default();
    limits.compilation_cache = Some(compiled_rules()?);
    let engine = Engine::new(limits)?;
    let component = engine.load(&rules_file("iris-2025.1")?)?;
    let mut table = Table::new(&[
        "statement",
        "native",
        "component",
        "goal",
        "to native",
        "goal",
    ]);
    let long = search(DIMENSIONS);
    let written = ["long vector", long.as_str(), "300 µs"];
    let statements = STATEMENTS
        .iter()
        .map(|(name, text, goal)| [*name, *text, *goal]);
    for [name, text, goal] in statements.chain([written]) {
        let (native, component) = measure(&component, text)?;
        table.row([
            name.to_owned(),
            micros(native),
            micros(component),
            goal.to_owned(),
            ratio(component, native),
            GOAL.to_owned(),
        ]);
    }
    table.print();
    Ok(())
}

/// The medians: native, component.
fn measure(component: &Generation, text: &str) -> Result<(Duration, Duration)> {
    let (mut inside, mut outside) = (component_request(text), native_request(text));
    answer_lookup(&mut inside, &mut outside);
    ensure!(
        component.translate_uncached(&inside).is_ok(),
        "the component refuses {text}"
    );
    ensure!(
        pgiris_rules::translate(&Iris2025_1, &outside).is_ok(),
        "the rules refuse {text}"
    );
    let (mut native, mut by_component) = (Times::default(), Times::default());
    for turn in 0..=TURNS {
        // The first warms up.
        if turn == 1 {
            (native, by_component) = (Times::default(), Times::default());
        }
        let start = Instant::now();
        for _ in 0..CALLS {
            let _ = black_box(pgiris_rules::translate(&Iris2025_1, black_box(&outside)));
        }
        native.since_each(start, CALLS);
        let start = Instant::now();
        for _ in 0..CALLS {
            let _ = black_box(component.translate_uncached(black_box(&inside)));
        }
        by_component.since_each(start, CALLS);
    }
    Ok((native.median(), by_component.median()))
}

/// A statement whose plan depends on the schema is measured with the answers at hand:
/// that its tables are not there.
fn answer_lookup(inside: &mut wit::Request, outside: &mut native::Request) {
    let Ok(translations) = pgiris_rules::translate(&Iris2025_1, outside) else {
        return;
    };
    for translation in translations {
        if let native::Plan::Lookup(lookup) = translation.plan {
            for query in lookup.queries {
                inside.metadata.push(wit::MetadataRows {
                    name: query.name.clone(),
                    columns: Vec::new(),
                    rows: Vec::new(),
                });
                outside.metadata.push(native::MetadataRows {
                    name: query.name,
                    columns: Vec::new(),
                    rows: Vec::new(),
                });
            }
        }
    }
}

fn component_request(text: &str) -> wit::Request {
    wit::Request {
        text: text.to_owned(),
        offset: 0,
        metadata: Vec::new(),
        protocol: wit::Protocol::Extended,
        parameter_types: Vec::new(),
        context: wit::Context {
            iris: wit::IrisVersion {
                year: 2025,
                release: 1,
            },
            user: "_SYSTEM".to_owned(),
            database: "USER".to_owned(),
            settings: Vec::new(),
        },
        tracing: wit::Tracing::None,
    }
}

/// The same, in the types of the rules library: both are made from `wit/`.
fn native_request(text: &str) -> native::Request {
    native::Request {
        text: text.to_owned(),
        offset: 0,
        metadata: Vec::new(),
        protocol: native::Protocol::Extended,
        parameter_types: Vec::new(),
        context: native_context(),
        tracing: native::Tracing::None,
    }
}
