//! Faults on demand, for tests of those who use IRIS: errors, delays, lost connections.

use std::fmt;
use std::ops::ControlFlow;
use std::str::FromStr;
use std::time::Duration;

use crate::error::{Result, SqlError};
use crate::instance::Instance;
use crate::plan::Plan;
use crate::session::lock;
use crate::{Completion, Connection, Value};

/// What goes wrong, for which executions.
///
/// Written as `KIND[*COUNT][@TEXT]`, where the kind is `fail:SQLCODE`,
/// `delay:MILLISECONDS`, `drop` or `drop:ROWS`; the count is how many
/// executions it strikes (1 if there is none, `all` for no end), and the text
/// is what their statements contain, whatever the case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What happens.
    pub kind: FaultKind,
    /// How many executions it strikes; `None` is all.
    pub count: Option<u32>,
    /// It strikes only statements that contain this text; the empty text is in all.
    pub text: String,
}

/// What happens to an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// It fails with this SQLCODE and is not carried out.
    Fail(i32),
    /// It starts after this time.
    Delay(Duration),
    /// The connection is lost once so many rows are out: with 0 before the
    /// statement is carried out. An execution with fewer rows is carried out,
    /// but its answer does not come. The transaction is rolled back.
    Drop(u64),
}

/// What is left to go wrong, in the order in which it was asked for.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    /// The faults that strike this execution. At most one that fails or drops.
    fn strike(&mut self, sql: &str) -> Vec<FaultKind> {
        let sql = sql.to_ascii_lowercase();
        let mut struck = Vec::new();
        for fault in &mut self.0 {
            if !sql.contains(&fault.text.to_ascii_lowercase()) {
                continue;
            }
            if let Some(count) = &mut fault.count {
                *count = count.saturating_sub(1);
            }
            struck.push(fault.kind);
            if !matches!(fault.kind, FaultKind::Delay(_)) {
                break;
            }
        }
        self.0.retain(|fault| fault.count != Some(0));
        struck
    }
}

impl Instance {
    /// From now on, this goes wrong too.
    pub(crate) fn inject(&self, fault: Fault) {
        if fault.count != Some(0) {
            lock(&self.faults).0.push(fault);
        }
    }

    /// From now on, nothing more goes wrong.
    pub(crate) fn clear_faults(&self) {
        lock(&self.faults).0.clear();
    }
}

impl Connection {
    /// What is to befall this execution: after how many rows the connection is lost.
    pub(crate) fn befall(&mut self, sql: &str) -> Result<Option<u64>> {
        let struck = {
            let mut faults = lock(&self.session.instance.faults);
            if faults.0.is_empty() {
                return Ok(None);
            }
            faults.strike(sql)
        };
        for kind in struck {
            match kind {
                FaultKind::Delay(time) => std::thread::sleep(time),
                FaultKind::Fail(sqlcode) => return Err(SqlError::new(sqlcode, "injected fault")),
                FaultKind::Drop(0) => return Err(self.lose()),
                FaultKind::Drop(rows) => return Ok(Some(rows)),
            }
        }
        Ok(None)
    }

    /// Carries a plan out, but gives no more than so many rows and then no answer.
    pub(crate) fn run_until_lost(
        &mut self,
        (plan, text): (&Plan, &str),
        parameters: &[Value],
        row: &mut dyn FnMut(&[Value]) -> ControlFlow<()>,
        rows: u64,
    ) -> Result<Completion> {
        let mut left = rows;
        let outcome = self.run(plan, text, parameters, &mut |values| {
            left = left.saturating_sub(1);
            if row(values).is_break() || left == 0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        let error = self.lose();
        outcome.and(Err(error))
    }

    /// Ends the connection as a lost one ends: its transaction is rolled back.
    pub(crate) fn lose(&mut self) -> SqlError {
        self.is_lost = true;
        // Whoever lost it cannot be told of an error; SQLite undoes what is left at the end.
        drop(self.resume().and_then(|()| self.rollback()));
        lost()
    }

    /// Fails if the connection was lost.
    pub(crate) fn check_connected(&self) -> Result<()> {
        if self.is_lost { Err(lost()) } else { Ok(()) }
    }

    /// Whether an injected fault has ended this connection: from then on, every
    /// call fails with -461.
    pub fn is_lost(&self) -> bool {
        self.is_lost
    }
}

fn lost() -> SqlError {
    SqlError::new(-461, "injected fault")
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            FaultKind::Fail(sqlcode) => write!(f, "fail:{sqlcode}")?,
            FaultKind::Delay(time) => write!(f, "delay:{}", time.as_millis())?,
            FaultKind::Drop(0) => write!(f, "drop")?,
            FaultKind::Drop(rows) => write!(f, "drop:{rows}")?,
        }
        match self.count {
            Some(1) => {}
            Some(count) => write!(f, "*{count}")?,
            None => write!(f, "*all")?,
        }
        if !self.text.is_empty() {
            write!(f, "@{}", self.text)?;
        }
        Ok(())
    }
}

/// A text that describes no fault; says what one looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultSyntaxError(String);

impl fmt::Display for FaultSyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "\"{}\" is no fault; one is written fail:SQLCODE, delay:MILLISECONDS, drop or drop:ROWS, \
             then *COUNT or *all, then @TEXT",
            self.0
        )
    }
}

impl std::error::Error for FaultSyntaxError {}

impl FromStr for Fault {
    type Err = FaultSyntaxError;

    fn from_str(whole: &str) -> std::result::Result<Self, Self::Err> {
        let wrong = || FaultSyntaxError(whole.to_owned());
        let (rest, text) = whole.split_once('@').unwrap_or((whole, ""));
        let (kind, count) = rest.split_once('*').unwrap_or((rest, "1"));
        let count = match count {
            "all" => None,
            number => Some(number.parse().map_err(|_| wrong())?),
        };
        Ok(Self {
            kind: kind.parse().map_err(|()| wrong())?,
            count,
            text: text.to_owned(),
        })
    }
}

impl FromStr for FaultKind {
    type Err = ();

    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        let (name, value) = text.split_once(':').unwrap_or((text, ""));
        let number = || value.parse::<u64>().map_err(drop);
        match name {
            "fail" => match value.parse::<i32>() {
                Ok(sqlcode) if sqlcode < 0 => Ok(Self::Fail(sqlcode)),
                _ => Err(()),
            },
            "delay" => Ok(Self::Delay(Duration::from_millis(number()?))),
            "drop" if value.is_empty() => Ok(Self::Drop(0)),
            "drop" => Ok(Self::Drop(number()?)),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_written_as_it_is_read() {
        for text in [
            "fail:-110",
            "fail:-400*3@update t",
            "delay:250*all",
            "drop",
            "drop:10@a*b@c",
        ] {
            assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
        }
        for text in [
            "", "fail", "fail:100", "fail:x", "delay", "drop:x", "drop*x", "explode",
        ] {
            assert!(text.parse::<Fault>().is_err(), "{text}");
        }
    }

    #[test]
    fn faults_strike_so_often_and_what_they_match() {
        let mut faults = Faults(vec![
            "delay:1*all@b".parse().unwrap(),
            "fail:-1*2".parse().unwrap(),
            "fail:-2@B".parse().unwrap(),
        ]);
        let delay = FaultKind::Delay(Duration::from_millis(1));
        assert_eq!(faults.strike("a"), [FaultKind::Fail(-1)]);
        assert_eq!(faults.strike("ab"), [delay, FaultKind::Fail(-1)]);
        assert_eq!(faults.strike("AB"), [delay, FaultKind::Fail(-2)]);
        assert_eq!(faults.strike("a"), []);
        assert_eq!(faults.strike("b"), [delay]);
    }
}
