//! INSERT, UPDATE and DELETE as wholes: all rows or none, and then the triggers.

use std::sync::atomic::Ordering;

use crate::error::Result;
use crate::functions::Datum;
use crate::plan::Write;
use crate::session::lock;
use crate::{Completion, Connection};

impl Connection {
    /// Changes rows and carries out the triggers that this fires. A failure of
    /// either leaves nothing behind; an open transaction goes on.
    pub(crate) fn write(&mut self, write: &Write, parameters: &[Datum]) -> Result<Completion> {
        // What a trigger does is part of the statement that fired it.
        if self.session.trigger_depth.load(Ordering::Relaxed) > 0 {
            return self.write_and_fire(write, parameters);
        }
        self.check_writable()?;
        self.begin_change(write)?;
        let fires = self.fires(write);
        let fenced = fires || self.transaction.open && !write.one_row;
        self.session.fenced.store(fenced, Ordering::SeqCst);
        let result = self.in_turn(|connection| {
            lock(&connection.session.fired).clear();
            connection.write_and_fire(write, parameters)
        });
        self.session.fenced.store(false, Ordering::SeqCst);
        result
    }

    fn fires(&self, write: &Write) -> bool {
        !write.restrictions.no_trigger && self.catalog().has_triggers()
    }

    fn write_and_fire(&mut self, write: &Write, parameters: &[Datum]) -> Result<Completion> {
        let fires = self.fires(write);
        self.session.no_trigger.store(!fires, Ordering::Relaxed);
        let completion = self.write_once(write, parameters)?;
        if fires {
            let catalog = self.catalog();
            self.fire(write, &catalog)?;
        }
        Ok(completion)
    }

    /// Runs SQL without foreign keys and triggers.
    pub(crate) fn silently(&self, run: impl FnOnce(&Self) -> Result<()>) -> Result<()> {
        self.session.no_check.store(true, Ordering::Relaxed);
        self.session.no_trigger.store(true, Ordering::Relaxed);
        let result = run(self);
        self.session.no_check.store(false, Ordering::Relaxed);
        self.session.no_trigger.store(false, Ordering::Relaxed);
        result
    }
}
