//! In what two translations of a text differ.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::rules::wit_plan::{ColumnRule, CursorStep, PreparedStep};
use crate::rules::{Plan, Translation};

/// What a component has made of a text.
#[derive(Debug)]
pub(super) enum Made {
    Plans(Vec<Arc<Translation>>),
    /// The text cannot be read.
    Refused(Diagnostic),
    /// It trapped, ran out of time or memory, or gave a plan that is none.
    Failed(String),
    /// It asks what nobody has been told of tables.
    Unanswered,
}

/// In what a candidate differs from the rules in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Difference {
    /// It traps, runs out of time or memory, or gives a plan that is none.
    Failure,
    /// It asks about tables what the rules in use do not, so that it is not known what it would answer.
    Question,
    /// One refuses what the other does not, or with other words.
    Refusal,
    /// Another kind of plan, or another number of statements.
    Plan,
    /// Other texts for IRIS.
    Text,
    /// Other parameters: their order, their types, or where values come from.
    Parameters,
    /// Other result columns: labels or types.
    Columns,
    /// Something else: tags, notices, what it does to the connection.
    Other,
}

impl Difference {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Failure,
        Self::Question,
        Self::Refusal,
        Self::Plan,
        Self::Text,
        Self::Parameters,
        Self::Columns,
        Self::Other,
    ];

    /// As metrics and the console name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failure => "failure",
            Self::Question => "question",
            Self::Refusal => "refusal",
            Self::Plan => "plan",
            Self::Text => "text",
            Self::Parameters => "parameters",
            Self::Columns => "columns",
            Self::Other => "other",
        }
    }
}

/// Empty: none.
pub(super) fn differences(active: &Made, candidate: &Made) -> BTreeSet<Difference> {
    let one = |difference| BTreeSet::from([difference]);
    match (active, candidate) {
        (_, Made::Failed(_)) => one(Difference::Failure),
        (_, Made::Unanswered) => one(Difference::Question),
        (Made::Refused(a), Made::Refused(b)) if a == b => BTreeSet::new(),
        (Made::Plans(a), Made::Plans(b)) if a.len() != b.len() => one(Difference::Plan),
        (Made::Plans(a), Made::Plans(b)) => {
            let pairs = a.iter().zip(b);
            pairs.flat_map(|(a, b)| of_translations(a, b)).collect()
        }
        _ => one(Difference::Refusal),
    }
}

fn of_translations(a: &Translation, b: &Translation) -> BTreeSet<Difference> {
    let mut found = BTreeSet::new();
    let refuses = |one: &Translation| matches!(one.plan, Plan::Refuse(_));
    if refuses(a) || refuses(b) {
        if said(&a.plan) != said(&b.plan) {
            found.insert(Difference::Refusal);
        }
        return found;
    }
    if a.plan.name() != b.plan.name() {
        found.insert(Difference::Plan);
        return found;
    }
    type Aspect = fn(&Plan) -> String;
    let aspects: [(Difference, Aspect); 3] = [
        (Difference::Text, texts),
        (Difference::Parameters, parameters),
        (Difference::Columns, columns),
    ];
    for (difference, aspect) in aspects {
        if aspect(&a.plan) != aspect(&b.plan) {
            found.insert(difference);
        }
    }
    // By which rules it came about is no difference to anybody.
    let rest = |one: &Translation| said(&(&one.plan, &one.notices, &one.alone, &one.counts));
    if found.is_empty() && rest(a) != rest(b) {
        found.insert(Difference::Other);
    }
    found
}

fn said(value: &dyn std::fmt::Debug) -> String {
    format!("{value:?}")
}

/// What IRIS is to be sent, and the statements that stand in others.
fn texts(plan: &Plan) -> String {
    let mut text = String::new();
    let mut add = |one: &str| {
        text.push_str(one);
        text.push('\n');
    };
    match plan {
        Plan::Forward(forward) => add(&forward.statement.with_question_marks()),
        Plan::Sequence(sequence) => {
            let steps = sequence.steps.iter();
            steps.for_each(|step| add(&step.statement.with_question_marks()));
        }
        Plan::Catalog(query) => add(&query.text),
        Plan::Transaction(plan) => plan.commands.iter().for_each(|one| add(&one.join("?"))),
        Plan::Setting(plan) => plan.commands.iter().for_each(|one| add(&one.join("?"))),
        Plan::Copy(plan) => add(&plan.statement.text),
        Plan::Cursor(plan) => {
            if let CursorStep::Declare(declaration) = &plan.step {
                add(&declaration.query.text);
            }
        }
        Plan::Prepared(plan) => {
            if let PreparedStep::Prepare(preparation) = &plan.step {
                add(&preparation.text);
            }
        }
        _ => {}
    }
    text
}

/// Where values come from, and their types.
fn parameters(plan: &Plan) -> String {
    let mut text = said(&plan.parameters());
    match plan {
        Plan::Forward(forward) => text.push_str(&said(&(&forward.arguments, &forward.required))),
        Plan::Sequence(sequence) => {
            text.push_str(&said(&sequence.required));
            for step in &sequence.steps {
                text.push_str(&said(&(&step.arguments, &step.kept_if, &step.computed)));
            }
        }
        _ => {}
    }
    text
}

fn columns(plan: &Plan) -> String {
    let rules = |rules: &[ColumnRule]| said(&rules);
    match plan {
        Plan::Forward(forward) => rules(&forward.columns),
        Plan::Sequence(sequence) => rules(&sequence.columns),
        Plan::Answer(answer) => said(&answer.columns),
        Plan::Catalog(query) => said(&query.columns),
        _ => String::new(),
    }
}

/// What a component has made, for people.
pub(super) fn shown(made: &Made) -> String {
    let mut text = String::new();
    match made {
        Made::Failed(reason) => text.push_str(reason),
        Made::Unanswered => text.push_str("a question about tables that nobody was asked"),
        Made::Refused(refusal) => {
            // To a text it always can, as below.
            let _ = write!(text, "refused: {refusal}");
        }
        Made::Plans(plans) => {
            for translation in plans {
                if !text.is_empty() {
                    text.push('\n');
                }
                let _ = match &translation.plan {
                    Plan::Refuse(refusal) => write!(text, "refused: {refusal}"),
                    plan => write!(text, "{}: {}", plan.name(), texts(plan).trim_end()),
                };
            }
        }
    }
    text
}

/// The same without anything of the statement.
pub(super) fn summed_up(made: &Made) -> String {
    match made {
        Made::Failed(_) => "failed".to_owned(),
        Made::Unanswered => "asks".to_owned(),
        Made::Refused(refusal) => format!("refused {}", refusal.sqlstate),
        Made::Plans(plans) => {
            let name = |one: &Arc<Translation>| match &one.plan {
                Plan::Refuse(refusal) => format!("refused {}", refusal.sqlstate),
                plan => plan.name().to_owned(),
            };
            plans.iter().map(name).collect::<Vec<_>>().join(", ")
        }
    }
}
