//! What the statement log says: each statement as it came, and how it failed if it did.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;

use crate::Value;
use crate::error::SqlError;
use crate::session::lock;

/// A file that lines are appended to.
pub(crate) struct StatementLog(Mutex<File>);

impl StatementLog {
    pub(crate) fn open(path: &Path) -> std::io::Result<Self> {
        let file = File::options().append(true).create(true).open(path)?;
        Ok(Self(Mutex::new(file)))
    }

    /// One line: the statement; if it has parameters, a tab and them in brackets; a tab, and in a
    /// comment the job number of the connection.
    pub(crate) fn statement(&self, job: i64, sql: &str, parameters: &[Value]) {
        let mut line = sql
            .replace('\\', "\\\\")
            .replace('\n', "\\n")
            .replace('\r', "\\r")
            .replace('\t', "\\t");
        if !parameters.is_empty() {
            let shown: Vec<String> = parameters.iter().map(Value::to_json).collect();
            line.push_str(&format!("\t[{}]", shown.join(",")));
        }
        line.push_str(&format!("\t-- job {job}\n"));
        self.append(&line);
    }

    /// One line: a comment with the SQLCODE of what the job did last.
    pub(crate) fn failure(&self, job: i64, error: &SqlError) {
        self.append(&format!("-- job {job}: SQLCODE {}\n", error.sqlcode));
    }

    /// A log that cannot be written must not fail the statement.
    fn append(&self, line: &str) {
        drop(lock(&self.0).write_all(line.as_bytes()));
    }
}
