//! Plans of IRIS statements without parameters and rows, for statements that are
//! read word by word.

use crate::classify::plain;
use crate::rule::Claim;
use crate::wit::{
    Diagnostic, Effect, Forward, Plan, Repetition, RowUse, Sequence, Severity, Statement, Step,
};

/// A text without placeholders.
pub(crate) fn statement(text: String) -> Statement {
    Statement {
        pieces: vec![text],
        arguments: Vec::new(),
    }
}

/// A step that runs once.
pub(crate) fn step(text: String) -> Step {
    run(statement(text))
}

/// The same, of a statement with placeholders.
pub(crate) fn run(statement: Statement) -> Step {
    Step {
        statement,
        repetition: Repetition::Once,
        rows: RowUse::Discard,
        counted: false,
        tolerated: Vec::new(),
        if_empty: None,
        if_repeated: None,
        only_tolerated: None,
        kept_if: None,
        computed: Vec::new(),
        arrangement: None,
    }
}

/// One statement as it is, several as a sequence.
pub(crate) fn carried_out(mut steps: Vec<Step>, tag: &str, effect: Effect) -> Claim {
    let alone = steps.len() == 1
        && steps[0].tolerated.is_empty()
        && matches!(steps[0].repetition, Repetition::Once);
    if alone && let Some(only) = steps.pop() {
        return Plan::Forward(Forward {
            statement: only.statement,
            parameters: Vec::new(),
            columns: Vec::new(),
            tag: plain(tag),
            effect,
            verbatim: false,
            required: Vec::new(),
        })
        .into();
    }
    sequence(steps, tag, effect).into()
}

pub(crate) fn sequence(steps: Vec<Step>, tag: &str, effect: Effect) -> Plan {
    Plan::Sequence(Sequence {
        steps,
        parameters: Vec::new(),
        columns: Vec::new(),
        tag: plain(tag),
        effect,
        required: Vec::new(),
        temporary: Vec::new(),
    })
}

/// Nothing is to be done, and the client is told so.
pub(crate) fn acknowledged(tag: &str, why: &str) -> Claim {
    Claim {
        plan: nothing(tag),
        notices: vec![notice(format!("{tag} does nothing")).with_detail(why)],
    }
}

/// Nothing is to be done, as in PostgreSQL.
pub(crate) fn nothing(tag: &str) -> Plan {
    sequence(Vec::new(), tag, Effect::Read)
}

pub(crate) fn notice(message: impl Into<String>) -> Diagnostic {
    let mut notice = Diagnostic::error("00000", message);
    notice.severity = Severity::Notice;
    notice
}
