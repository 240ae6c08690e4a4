//! What is wrong where a statement stands: in a transaction block, outside one, in a failed one.

use super::Diagnostic;

const NO_SCHEMA_CHANGES: &str =
    "InterSystems IRIS does not include schema changes in transactions.";

impl Diagnostic {
    pub(crate) fn already_in_transaction() -> Self {
        Self::warning("25001", "there is already a transaction in progress")
    }

    pub(crate) fn not_in_transaction() -> Self {
        Self::warning("25P01", "there is no transaction in progress")
    }

    pub(crate) fn only_in_transaction(command: &str) -> Self {
        Self::error(
            "25P01",
            format!("{command} can only be used in transaction blocks"),
        )
    }

    /// A mode of the transaction that can no longer be changed.
    pub(crate) fn mode_too_late(message: &'static str) -> Self {
        Self::error("25001", message)
    }

    pub(crate) fn set_transaction_outside() -> Self {
        Self::warning(
            "25P01",
            "SET TRANSACTION can only be used in transaction blocks",
        )
    }

    pub(crate) fn no_savepoint(name: &str) -> Self {
        Self::error("3B001", format!("savepoint \"{name}\" does not exist"))
    }

    /// `tag` is that of CommandComplete: "INSERT 0" is said as INSERT.
    pub(crate) fn read_only(tag: &str) -> Self {
        let command = tag.trim_end_matches(" 0");
        Self::error(
            "25006",
            format!("cannot execute {command} in a read-only transaction"),
        )
    }

    pub(crate) fn no_parameter(number: usize) -> Self {
        Self::error("42P02", format!("there is no parameter ${number}"))
    }

    pub(crate) fn schema_change_in_transaction() -> Self {
        Self::warning(
            "01000",
            "a schema change takes effect at once and will not be rolled back",
        )
        .with_detail(NO_SCHEMA_CHANGES)
    }

    pub(crate) fn schema_change_stays() -> Self {
        Self::warning(
            "01000",
            "schema changes before the error were not rolled back",
        )
        .with_detail(NO_SCHEMA_CHANGES)
    }

    pub(crate) fn in_transaction_block(command: &str) -> Self {
        let message = format!("{command} cannot run inside a transaction block");
        Self::error("25001", message)
    }

    pub(crate) fn in_pipeline(command: &str) -> Self {
        let message = format!("{command} cannot be executed within a pipeline");
        Self::error("25001", message)
    }
}
