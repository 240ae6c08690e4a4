//! Holds a component against a corpus of what every one has to do.
//!
//! A page is Markdown: a block `sql` is what a client sends in one message, the block `plans`
//! behind it what must become of it, a line for each statement. A line lists what is allowed,
//! between bars: the kind of the plan, and the word of its tag if that is settled. `refuse` has a
//! SQLSTATE instead, and so has `error`, which is for a text of which nothing is carried out.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use pgiris::rules::{Engine, Generation, Plan, Translation, wit};

use crate::cli::corpus::{Fence, fences, files, read_text};
use crate::cli::offline;

/// A page with its name.
macro_rules! page {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../../../guest/conformance/", $name, ".md")),
        )
    };
}

/// The pages that the program has with it.
const PAGES: [(&str, &str); 5] = [
    page!("copy"),
    page!("session"),
    page!("statements"),
    page!("texts"),
    page!("transactions"),
];

/// What is to become of a text.
pub(super) struct Case {
    file: PathBuf,
    /// Of its first line, from 1.
    line: usize,
    pub(super) text: String,
    /// A line for each statement.
    plans: Vec<String>,
}

/// What every component has to do, as the program knows it.
pub(super) fn built_in() -> anyhow::Result<Vec<Case>> {
    let mut all = Vec::new();
    for (name, text) in PAGES {
        all.extend(cases(Path::new(name), text).context(name)?);
    }
    Ok(all)
}

/// How a component has done.
pub(super) struct Outcome {
    pub(super) cases: usize,
    /// What is wrong, each with its place.
    pub(super) failures: Vec<String>,
}

/// Asks a component, and another instance of the same file, for everything in the corpus.
pub(super) fn hold(
    engine: &Engine,
    generation: &Generation,
    file: &Path,
    cases: &[Case],
) -> anyhow::Result<Outcome> {
    let twin = engine.load(file)?;
    let mut failures = beside_statements(generation);
    for case in cases {
        let iris = generation.manifest().serves_from;
        let request = offline::request(case.text.clone(), iris, wit::Tracing::None);
        let answers = [generation, generation, &twin].map(|one| {
            let answer = one.translate_offline(&request);
            (format!("{answer:?}"), answer)
        });
        let [(first, answer), others @ ..] = answers;
        let got = match answer {
            Ok(translations) => translations.iter().map(shown).collect(),
            Err(error) => vec![format!("error {}", error.sqlstate)],
        };
        let mut wrong = Vec::new();
        if !fits(&got, &case.plans) {
            wrong.push(format!("{}, not {}", got.join(", "), case.plans.join(", ")));
        }
        if others.iter().any(|(other, _)| *other != first) {
            wrong.push("another answer each time it is asked".to_owned());
        }
        let place = format!("{}:{}", case.file.display(), case.line);
        failures.extend(wrong.into_iter().map(|why| format!("{place}: {why}")));
    }
    Ok(Outcome {
        cases: cases.len(),
        failures,
    })
}

/// What a component has to do where no client has sent anything.
fn beside_statements(generation: &Generation) -> Vec<String> {
    let mut failures = Vec::new();
    let housekeeping = &generation.manifest().housekeeping;
    for (name, commands) in [
        ("begin", &housekeeping.begin),
        ("commit", &housekeeping.commit),
        ("rollback", &housekeeping.rollback),
        ("savepoint", &housekeeping.savepoint),
        ("rollback-to", &housekeeping.rollback_to),
    ] {
        if commands.is_empty() {
            failures.push(format!("housekeeping: no commands for {name}"));
        }
    }
    // BIT, INTEGER, BIGINT, NUMERIC, DOUBLE, VARCHAR, DATE, TIME, TIMESTAMP, VARBINARY, and none
    // that anybody knows.
    let types = [-7, 4, -5, 2, 8, 12, 9, 10, 11, -3, 4711].map(|code| wit::IrisType {
        code,
        precision: 10,
        scale: 2,
    });
    if let Err(error) = generation.map_types(&types) {
        failures.push(format!("map-types: {}", error.message));
    }
    // Of no SQLCODE, a table that is not there, a key that is there twice, and one that is none.
    for sqlcode in [0, -30, -119, -99_999] {
        let error = wit::UpstreamError {
            sqlcode,
            sqlstate: None,
            message: "it failed".into(),
            statement: None,
        };
        let told = generation.map_error(&error);
        if told.is_of_failed_rules() {
            failures.push(format!("map-error: none for SQLCODE {sqlcode}"));
        }
    }
    failures
}

/// A plan as a corpus writes it.
pub(super) fn shown(translation: &Translation) -> String {
    let tag = match &translation.plan {
        Plan::Forward(plan) => plan.tag.word.as_str(),
        Plan::Answer(plan) => &plan.tag.word,
        Plan::Sequence(plan) => &plan.tag.word,
        Plan::Catalog(plan) => &plan.tag.word,
        Plan::Transaction(plan) => &plan.tag.word,
        Plan::Setting(plan) => &plan.tag.word,
        Plan::Cursor(plan) => &plan.tag.word,
        Plan::Prepared(plan) => &plan.tag.word,
        Plan::Refuse(refusal) => &*refusal.sqlstate,
        Plan::Empty | Plan::Lookup(_) | Plan::Copy(_) | Plan::Console(_) => {
            return translation.plan.name().to_owned();
        }
    };
    format!("{} {tag}", translation.plan.name())
}

/// Whether each statement has become something that is allowed.
fn fits(got: &[String], plans: &[String]) -> bool {
    let allowed = |got: &String, line: &String| {
        line.split('|').map(str::trim).any(|allowed| {
            // Without a word any will do.
            got == allowed || got.split(' ').next() == Some(allowed)
        })
    };
    got.len() == plans.len() && got.iter().zip(plans).all(|(got, line)| allowed(got, line))
}

/// What stands in these files.
pub(super) fn read(corpus: &[PathBuf]) -> anyhow::Result<Vec<Case>> {
    let mut found = Vec::new();
    for path in corpus {
        for file in files(path, &["md"])? {
            let text = read_text(&file)?;
            found.extend(cases(&file, &text).with_context(|| file.display().to_string())?);
        }
    }
    ensure!(!found.is_empty(), "there are no statements");
    Ok(found)
}

/// Those of a page.
fn cases(file: &Path, text: &str) -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    let mut fences = fences(text).into_iter();
    while let Some(Fence { kind, line, text }) = fences.next() {
        match kind.as_str() {
            "sql" => {}
            "plans" => bail!("{line}: plans without a text before them"),
            _ => continue,
        }
        let plans = fences.next().filter(|next| next.kind == "plans");
        let plans = plans.with_context(|| format!("{line}: no plans behind this text"))?;
        cases.push(Case {
            file: file.to_owned(),
            line,
            text,
            plans: plans.text.lines().map(str::to_owned).collect(),
        });
    }
    Ok(cases)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_built_in() {
        let pages = concat!(env!("CARGO_MANIFEST_DIR"), "/../guest/conformance");
        let there = read(&[pages.into()]).unwrap();
        let built_in = built_in().unwrap();
        let texts = |cases: &[Case]| {
            cases
                .iter()
                .map(|case| case.text.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(texts(&there), texts(&built_in));
    }

    #[test]
    fn a_line_allows_what_it_lists() {
        let fit = |got: &str, line: &str| fits(&[got.to_owned()], &[line.to_owned()]);
        assert!(fit("forward SELECT", "answer | forward SELECT"));
        assert!(fit("forward SELECT", "forward"));
        assert!(!fit("forward SELECT", "forward INSERT 0 | answer SELECT"));
        assert!(fit("refuse 0A000", "refuse 0A000"));
        assert!(!fits(&["empty".to_owned()], &[]));
    }
}
