//! Whatever nests is refused beyond a depth, with PostgreSQL's SQLSTATE, and never by a trap.

use pgiris_rules::wit::{Diagnostic, Plan, Translation};

use crate::entry::{self, world::World};
use crate::long::{self, CHAINS};
use crate::nests::{self, NESTS};
use crate::on_a_small_stack;

/// Far beyond what is understood.
const DEEP: usize = 10_000;

/// The SQLSTATE of what is nested too deep.
const TOO_COMPLEX: &str = "54001";

#[test]
fn what_nests_too_deep_is_refused() {
    on_a_small_stack(|| {
        let mut worlds = entry::VERSIONS.map(|version| World::new(version, entry::TABLES));
        let nests = NESTS.iter().map(|nest| nests::text(nest, DEEP));
        let chains = CHAINS.iter().map(|chain| long::text(chain, DEEP));
        let texts: Vec<String> = nests.chain(chains).collect();
        let mut others = Vec::new();
        for (number, text) in texts.iter().enumerate() {
            let world = &mut worlds[number % 4];
            let request = entry::request(world.version(), text, &[]);
            let answer = pgiris_rules::translate(world.version(), &request);
            if sqlstate(&answer) != Some(TOO_COMPLEX) {
                others.push(format!("{:?}: {}", sqlstate(&answer), start(text)));
            }
        }
        assert!(
            others.is_empty(),
            "{}",
            others.join(
                "
"
            )
        );
    });
}

/// Near the bound the work itself is done, on the stack that there is.
#[test]
fn what_nests_less_deep_is_answered() {
    on_a_small_stack(|| {
        let mut worlds = entry::VERSIONS.map(|version| World::new(version, entry::TABLES));
        for (number, nest) in NESTS.iter().enumerate() {
            for depth in [10, 24, 45, 49, 97, 101] {
                entry::check(&mut worlds[number % 4], &nests::text(nest, depth));
            }
        }
        for (number, chain) in CHAINS.iter().enumerate() {
            for length in [10, 331, 495, 990, 1_001] {
                entry::check(&mut worlds[number % 4], &long::text(chain, length));
            }
        }
    });
}

fn sqlstate(answer: &Result<Vec<Translation>, Diagnostic>) -> Option<&str> {
    match answer {
        Err(refusal) => Some(&refusal.sqlstate),
        Ok(translations) => match &translations.first()?.plan {
            Plan::Refuse(refusal) => Some(&refusal.sqlstate),
            _ => None,
        },
    }
}

fn start(text: &str) -> String {
    text.chars().take(100).collect()
}
