//! What is fuzzed: any bytes become plans or a refusal, whatever the tables are that they
//! name. The tests run the same function over texts of their own.

use std::cell::RefCell;

use pgiris_rules::Version;
use pgiris_rules::version::{
    iris_2023_1::Iris2023_1, iris_2024_1::Iris2024_1, iris_2024_3::Iris2024_3,
    iris_2025_1::Iris2025_1,
};
use pgiris_rules::wit::{
    Context, Diagnostic, MetadataRows, Plan, Protocol, Request, Statement, Tracing,
};
use pgiris_rules::wit::{Step, Translation};

#[path = "../tests/corpus/world.rs"]
pub mod world;
use world::World;

/// All of them, the oldest first.
pub const VERSIONS: [&dyn Version; 4] = [&Iris2023_1, &Iris2024_1, &Iris2024_3, &Iris2025_1];

/// Tables of every kind.
pub const TABLES: &str = "CREATE TABLE t (a int, b text, n numeric(10,2), d date, ts timestamp, f float8, ok bool);
CREATE TABLE k (id serial PRIMARY KEY, a varchar(10) DEFAULT 'x' NOT NULL UNIQUE, b bytea, j jsonb, u uuid);
CREATE TABLE r (id int PRIMARY KEY, k_id int REFERENCES k (id), i interval)";

thread_local! {
    /// One world for each version.
    static WORLDS: RefCell<Vec<World>> =
        RefCell::new(VERSIONS.iter().map(|version| World::new(*version, TABLES)).collect());
}

/// Translates the text for every version, all that the rules ask about its tables answered.
pub fn translate(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    WORLDS.with_borrow_mut(|worlds| {
        for world in worlds {
            check(world, &text);
        }
    });
}

/// Translates the text and looks at what comes out.
pub fn check(world: &mut World, text: &str) {
    let request = request(world.version(), text, &[]);
    let length = text.chars().count();
    match world.translations(&request) {
        Err(refusal) => check_diagnostic(&refusal, length),
        Ok(translations) => {
            assert!(!translations.is_empty());
            for translation in translations {
                check_translation(&translation, length);
            }
        }
    }
}

fn check_translation(translation: &Translation, length: usize) {
    for notice in &translation.notices {
        check_diagnostic(notice, length);
    }
    match &translation.plan {
        Plan::Refuse(refusal) => check_diagnostic(refusal, length),
        Plan::Forward(forward) => check_statement(&forward.statement),
        Plan::Sequence(sequence) => sequence.steps.iter().for_each(check_step),
        _ => {}
    }
}

fn check_step(step: &Step) {
    check_statement(&step.statement);
}

fn check_statement(statement: &Statement) {
    assert_eq!(statement.pieces.len(), statement.arguments.len() + 1);
}

fn check_diagnostic(diagnostic: &Diagnostic, length: usize) {
    assert_eq!(diagnostic.sqlstate.len(), 5, "{diagnostic:?}");
    assert!(!diagnostic.message.is_empty(), "{diagnostic:?}");
    if let Some(position) = diagnostic.position {
        let position = usize::try_from(position).expect("a position fits");
        assert!((1..=length + 1).contains(&position), "{diagnostic:?}");
    }
}

/// The answers to what is asked about tables: that there are none.
pub fn no_tables(version: &dyn Version, request: &Request) -> Vec<MetadataRows> {
    let Ok(translations) = pgiris_rules::translate(version, request) else {
        return Vec::new();
    };
    let lookups = translations.into_iter().filter_map(|one| match one.plan {
        Plan::Lookup(lookup) => Some(lookup.queries),
        _ => None,
    });
    lookups
        .flatten()
        .map(|query| MetadataRows {
            name: query.name,
            columns: Vec::new(),
            rows: Vec::new(),
        })
        .collect()
}

/// As the broker sends it.
pub fn request(version: &dyn Version, text: &str, settings: &[(String, String)]) -> Request {
    Request {
        text: text.to_owned(),
        offset: 0,
        metadata: Vec::new(),
        protocol: Protocol::Simple,
        parameter_types: Vec::new(),
        context: Context {
            iris: version.serves_from(),
            user: "_SYSTEM".to_owned(),
            database: "USER".to_owned(),
            settings: settings.to_vec(),
        },
        tracing: Tracing::Rules,
    }
}
