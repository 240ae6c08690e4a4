//! The IRIS statements that the host needs for its own ends.

use crate::rules::transaction::{BEGIN, COMMIT, ROLLBACK, ROLLBACK_TO, SAVEPOINT, alone, named};
use crate::wit::Housekeeping;

/// IRIS's default is READ UNCOMMITTED; statements outside transactions have
/// PostgreSQL's default as well.
const CONNECT: &str = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED";

pub(crate) fn housekeeping() -> Housekeeping {
    Housekeeping {
        connect: vec![alone(CONNECT)],
        begin: vec![alone(BEGIN)],
        commit: vec![alone(COMMIT)],
        rollback: vec![alone(ROLLBACK)],
        savepoint: vec![named(SAVEPOINT)],
        // IRIS deletes the savepoint that it rolls back to.
        rollback_to: vec![named(ROLLBACK_TO), named(SAVEPOINT)],
        version_query: "SELECT $ZVERSION".to_owned(),
    }
}
