//! What the session last got from sequences: `currval` and `lastval`.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;

use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::failure::Failure;
use crate::diagnostic::Diagnostic;
use crate::rules::wit::Counted;
use crate::rules::wit_plan::{Argument, Effect};
use crate::rules::{Plan, Translation};

/// Values by sequence. They are the session's: no transaction takes them back.
#[derive(Debug, Default)]
pub(crate) struct Sequences {
    current: HashMap<String, Bytes>,
    /// Of any of them.
    last: Option<Bytes>,
    /// Those that are counters of columns.
    of_columns: HashSet<String>,
    /// What the last INSERT counted: it can be asked while nothing else has run.
    pending: Option<Counted>,
}

impl Sequences {
    /// The session got a value.
    pub(super) fn got(&mut self, name: &str, value: Bytes) {
        self.last = Some(value.clone());
        self.current.insert(name.to_owned(), value);
    }

    /// An INSERT has given values of counters.
    pub(super) fn counted(&mut self, counted: &Counted) {
        if counted.query.is_some() {
            self.pending = Some(counted.clone());
        }
    }

    /// What is still to be asked, if it can be asked.
    pub(super) fn take_pending(&mut self) -> Option<Counted> {
        self.pending.take()
    }

    /// The values of these counters, one each.
    pub(super) fn settled(&mut self, counted: Counted, values: Vec<Option<String>>) {
        for (name, value) in counted.sequences.into_iter().zip(values) {
            if let Some(value) = value {
                self.got(&name, value.into());
                self.of_columns.insert(name);
            }
        }
    }

    /// A statement is about to write that makes these counters go on; none: they are not
    /// known. Their values are not known either, also if it fails.
    pub(super) fn before_write(&mut self, counted: Option<&Counted>) {
        let lost: Vec<String> = match counted {
            Some(counted) => counted.sequences.clone(),
            None => self.of_columns.drain().collect(),
        };
        if counted.is_none() || !lost.is_empty() {
            self.last = None;
        }
        for name in lost {
            self.current.remove(&name);
        }
    }

    /// "DISCARD SEQUENCES discards all cached sequence-related state".
    pub(super) fn discard(&mut self) {
        *self = Self::default();
    }

    /// What `currval` of a sequence gives, or without a name `lastval`.
    ///
    /// # Errors
    /// SQLSTATE 55000 if it is not defined yet.
    pub(crate) fn current(&self, name: Option<&str>) -> Result<Bytes, Diagnostic> {
        let found = match name {
            Some(name) => self.current.get(name),
            None => self.last.as_ref(),
        };
        found
            .cloned()
            .ok_or_else(|| Diagnostic::no_current_value(name))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Before a plan is carried out: what the last INSERT counted is asked for if the plan
    /// is about it, and cannot be asked any more behind others.
    pub(super) async fn before_counting(
        &mut self,
        translation: &Translation,
    ) -> Result<(), Failure> {
        let plan = &translation.plan;
        if asks(plan) {
            self.settle_counters().await?;
        }
        match plan {
            Plan::Forward(_)
            | Plan::Sequence(_)
            | Plan::Catalog(_)
            | Plan::Cursor(_)
            | Plan::Copy(_) => {
                self.sequences.take_pending();
            }
            _ => {}
        }
        if writes(plan) {
            self.sequences.before_write(translation.counts.as_ref());
        }
        Ok(())
    }

    /// Asks for the values that the last INSERT counted, before anything else runs.
    pub(super) async fn settle_counters(&mut self) -> Result<(), Failure> {
        let Some(counted) = self.sequences.take_pending() else {
            return Ok(());
        };
        let query = counted.query.clone().unwrap_or_default();
        self.leave_portal().await?;
        if let Ok((_, rows)) = self.held()?.fetch(&query).await?
            && let Some(row) = rows.into_iter().next()
        {
            self.sequences.settled(counted, row);
        }
        Ok(())
    }
}

/// Whether a plan is about the current value of a sequence.
fn asks(plan: &Plan) -> bool {
    let asks = |arguments: &[Argument]| {
        let mut arguments = arguments.iter();
        arguments.any(|argument| matches!(argument, Argument::CurrentValue(_)))
    };
    match plan {
        Plan::Forward(plan) => asks(&plan.arguments),
        Plan::Sequence(plan) => plan.steps.iter().any(|step| asks(&step.arguments)),
        // Its query is translated later.
        Plan::Cursor(_) => true,
        _ => false,
    }
}

fn writes(plan: &Plan) -> bool {
    match plan {
        Plan::Forward(plan) => plan.effect == Effect::Write,
        Plan::Sequence(plan) => plan.effect == Effect::Write,
        Plan::Copy(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_known_by_sequence() {
        let mut sequences = Sequences::default();
        assert!(sequences.current(None).is_err());
        sequences.got("s", Bytes::from_static(b"5"));
        assert_eq!(sequences.current(Some("s")).unwrap(), "5");
        assert_eq!(sequences.current(None).unwrap(), "5");
        assert_eq!(sequences.current(Some("u")).unwrap_err().sqlstate, "55000");
        sequences.before_write(None);
        assert!(sequences.current(None).is_err());
        assert!(sequences.current(Some("s")).is_ok());
        sequences.discard();
        assert!(sequences.current(Some("s")).is_err());
    }
    #[test]
    fn counters_of_columns_are_asked_for_later() {
        let counted = Counted {
            sequences: vec!["t_id_seq".to_owned(), "t_n_seq".to_owned()],
            query: Some("SELECT id, n FROM t".to_owned()),
        };
        let mut sequences = Sequences::default();
        sequences.counted(&counted);
        let pending = sequences.take_pending().unwrap();
        sequences.settled(pending, vec![Some("3".to_owned()), Some("7".to_owned())]);
        assert!(sequences.take_pending().is_none());
        assert_eq!(sequences.current(Some("t_id_seq")).unwrap(), "3");
        assert_eq!(sequences.current(None).unwrap(), "7");
        // Nothing is counted.
        sequences.before_write(Some(&Counted {
            sequences: Vec::new(),
            query: None,
        }));
        assert_eq!(sequences.current(None).unwrap(), "7");
        sequences.before_write(Some(&counted));
        assert!(sequences.current(None).is_err());
        assert!(sequences.current(Some("t_id_seq")).is_err());
    }
}
