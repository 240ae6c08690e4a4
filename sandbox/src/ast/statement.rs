//! Statements other than queries, and the definitions inside DDL.

use super::{Expr, Query};

/// `[schema.]name`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ObjectName {
    pub(crate) schema: Option<String>,
    pub(crate) name: String,
}

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Statement {
    Query(Query),
    Insert(Insert),
    Update(Update),
    Delete(Delete),
    Truncate {
        table: ObjectName,
    },
    CreateTable(TableDef),
    CreateTableAs {
        name: ObjectName,
        if_not_exists: bool,
        query: Query,
    },
    DropTable {
        name: ObjectName,
        if_exists: bool,
    },
    AlterTable {
        table: ObjectName,
        action: AlterAction,
    },
    CreateIndex {
        table: ObjectName,
        index: IndexDef,
    },
    DropIndex {
        name: String,
        table: Option<ObjectName>,
        if_exists: bool,
    },
    CreateView {
        name: ObjectName,
        columns: Vec<String>,
        query: Query,
        text: String,
        replace: bool,
    },
    DropView {
        name: ObjectName,
        if_exists: bool,
    },
    CreateSchema {
        name: String,
        if_not_exists: bool,
    },
    DropSchema {
        name: String,
        if_exists: bool,
        cascade: bool,
    },
    StartTransaction(TransactionModes),
    SetTransaction(TransactionModes),
    Commit,
    Rollback,
    Savepoint(String),
    RollbackTo(String),
    InTransaction,
    SetOption {
        name: String,
        value: String,
    },
    LockTable {
        table: ObjectName,
        mode: LockMode,
        /// Seconds.
        wait: Option<u64>,
    },
    UnlockTable {
        table: ObjectName,
        mode: LockMode,
        immediate: bool,
    },
    Explain(Box<Statement>),
    CheckPrivilege(super::PrivilegeCheck),
    Account(super::Account),
    Grant(super::Grant),
    Database(super::Database),
    /// Accepted and without effect here: TUNE TABLE and its kin, on a table that must exist.
    Maintain {
        table: Option<ObjectName>,
    },
    Call {
        name: ObjectName,
    },
}

/// `IN … MODE`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LockMode {
    Share,
    Exclusive,
}

/// `INSERT [OR UPDATE]`
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Insert {
    pub(crate) or_update: bool,
    pub(crate) no_check: bool,
    pub(crate) table: ObjectName,
    pub(crate) columns: Option<Vec<String>>,
    pub(crate) source: InsertSource,
}

/// What is inserted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum InsertSource {
    Values(Vec<Expr>),
    Query(Box<Query>),
    Defaults,
}

/// `column = value`
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Assignment {
    pub(crate) column: String,
    pub(crate) value: Expr,
}

/// `UPDATE`
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Update {
    pub(crate) no_check: bool,
    pub(crate) table: ObjectName,
    pub(crate) alias: Option<String>,
    pub(crate) ctes: Vec<super::Cte>,
    pub(crate) assignments: Vec<Assignment>,
    pub(crate) from: Vec<super::TableRef>,
    pub(crate) condition: Option<Expr>,
}

/// `DELETE`
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Delete {
    pub(crate) no_check: bool,
    pub(crate) table: ObjectName,
    pub(crate) alias: Option<String>,
    pub(crate) ctes: Vec<super::Cte>,
    pub(crate) from: Vec<super::TableRef>,
    pub(crate) condition: Option<Expr>,
}

/// A type as written: words upper case, except for class names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TypeName {
    pub(crate) name: String,
    pub(crate) args: Vec<String>,
}

/// `CREATE TABLE`
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TableDef {
    pub(crate) name: ObjectName,
    pub(crate) if_not_exists: bool,
    pub(crate) temporary: bool,
    pub(crate) columns: Vec<ColumnDef>,
    pub(crate) keys: Vec<KeyConstraint>,
    pub(crate) foreign_keys: Vec<ForeignKey>,
    pub(crate) description: Option<String>,
    pub(crate) public_row_id: bool,
    pub(crate) columnar: bool,
    pub(crate) parameters: Vec<(String, String)>,
}

/// A column of `CREATE TABLE` or `ALTER TABLE … ADD`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ColumnDef {
    pub(crate) name: String,
    pub(crate) type_name: Option<TypeName>,
    pub(crate) not_null: bool,
    pub(crate) identity: bool,
    pub(crate) default: Option<(Expr, String)>,
    pub(crate) collation: Option<String>,
    pub(crate) description: Option<String>,
}

/// `[CONSTRAINT n] UNIQUE|PRIMARY KEY (columns)`
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct KeyConstraint {
    pub(crate) name: Option<String>,
    pub(crate) primary: bool,
    pub(crate) columns: Vec<String>,
}

/// `[CONSTRAINT n] FOREIGN KEY (columns) REFERENCES t [(columns)] …`
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ForeignKey {
    pub(crate) name: Option<String>,
    pub(crate) columns: Vec<String>,
    pub(crate) target: ObjectName,
    pub(crate) target_columns: Vec<String>,
    pub(crate) on_delete: ReferenceAction,
    pub(crate) on_update: ReferenceAction,
    pub(crate) no_check: bool,
}

/// What happens to referencing rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReferenceAction {
    NoAction,
    SetDefault,
    SetNull,
    Cascade,
}

impl ReferenceAction {
    /// As INFORMATION_SCHEMA and DDL write it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::NoAction => "NO ACTION",
            Self::SetDefault => "SET DEFAULT",
            Self::SetNull => "SET NULL",
            Self::Cascade => "CASCADE",
        }
    }
}

/// An index.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct IndexDef {
    pub(crate) name: String,
    pub(crate) kind: IndexKind,
    pub(crate) columns: Vec<String>,
    pub(crate) data: Vec<String>,
}

/// The kinds that differ in what the stand-in does with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IndexKind {
    Plain,
    Unique,
    /// BITMAP, BITSLICE, COLUMNAR: recorded, not built.
    Special(String),
    /// `HNSW(Distance='…')`: recorded, not built.
    Hnsw(Vec<(String, String)>),
}

/// What `ALTER TABLE` does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum AlterAction {
    Add {
        columns: Vec<ColumnDef>,
        keys: Vec<KeyConstraint>,
        foreign_keys: Vec<ForeignKey>,
    },
    DropColumn(String),
    DropConstraint(String),
    DropPrimaryKey,
    RenameTable(String),
    RenameColumn {
        from: String,
        to: String,
    },
    SetType {
        column: String,
        type_name: TypeName,
    },
    SetDefault {
        column: String,
        default: Option<(Expr, String)>,
    },
    SetRequired {
        column: String,
        required: bool,
    },
    SetCollation {
        column: String,
        collation: String,
    },
}

/// The modes of a transaction, as far as given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TransactionModes {
    pub(crate) isolation: Option<Isolation>,
    pub(crate) read_only: Option<bool>,
    /// `%COMMITMODE`: 0 NONE, 1 IMPLICIT, 2 EXPLICIT.
    pub(crate) commit_mode: Option<u8>,
}

/// The isolation levels that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Isolation {
    Uncommitted,
    Committed,
    Verified,
}
