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
        no_check: bool,
    },
    CreateTable(TableDef),
    CreateTableAs {
        name: ObjectName,
        if_not_exists: bool,
        query: Query,
        columnar: bool,
        parameters: Vec<(String, String)>,
    },
    DropTable {
        name: ObjectName,
        if_exists: bool,
        behaviour: DropBehaviour,
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
    CreateView(ViewDef),
    /// The new definition of a view that exists.
    AlterView(ViewDef),
    DropView {
        name: ObjectName,
        if_exists: bool,
        behaviour: DropBehaviour,
    },
    CreateRoutine(Box<super::RoutineDef>),
    DropRoutine {
        kind: super::RoutineKind,
        name: ObjectName,
        if_exists: bool,
    },
    CreateTrigger(Box<super::TriggerDef>),
    DropTrigger {
        name: ObjectName,
        table: Option<ObjectName>,
        if_exists: bool,
    },
    BuildIndex {
        table: ObjectName,
        indexes: Vec<String>,
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
        args: Vec<Expr>,
    },
}

/// `IN … MODE`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LockMode {
    Share,
    Exclusive,
}

/// What becomes of the objects that refer to a dropped one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DropBehaviour {
    Restrict,
    Cascade,
}

/// `CREATE VIEW`, `ALTER VIEW`
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ViewDef {
    pub(crate) name: ObjectName,
    pub(crate) columns: Vec<String>,
    pub(crate) query: Query,
    pub(crate) text: String,
    pub(crate) replace: bool,
    pub(crate) option: ViewOption,
}

/// What stands after WITH.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ViewOption {
    None,
    ReadOnly,
    /// `LOCAL CHECK OPTION`: the views beneath are not checked.
    LocalCheck,
    /// `[CASCADED] CHECK OPTION`
    Check,
}

/// What INSERT fills: a table or view by name, or a subquery in parentheses.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum InsertTarget {
    Named(ObjectName),
    Subquery(Box<Query>),
}

/// `INSERT [OR UPDATE]`
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Insert {
    pub(crate) or_update: bool,
    pub(crate) restrictions: Restrictions,
    pub(crate) table: InsertTarget,
    pub(crate) columns: Option<Vec<String>>,
    pub(crate) source: InsertSource,
}

/// `%NOCHECK` and `%NOTRIGGER`, the restrictions that change what happens here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Restrictions {
    pub(crate) no_check: bool,
    pub(crate) no_trigger: bool,
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
    pub(crate) restrictions: Restrictions,
    pub(crate) table: ObjectName,
    pub(crate) alias: Option<String>,
    pub(crate) ctes: Vec<super::Cte>,
    pub(crate) assignments: Vec<Assignment>,
    /// `VALUES` without a list of columns: one for each.
    pub(crate) all_values: Option<Vec<Expr>>,
    pub(crate) from: Vec<super::TableRef>,
    pub(crate) condition: Option<Expr>,
}

/// `DELETE`
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Delete {
    pub(crate) restrictions: Restrictions,
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
    /// `AUTO_INCREMENT`
    pub(crate) counter: bool,
    pub(crate) private: bool,
    pub(crate) columnar: bool,
    pub(crate) default: Option<(Expr, String)>,
    pub(crate) on_update: Option<(Expr, String)>,
    pub(crate) computed: Option<super::Computed>,
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
    DropForeignKey(String),
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
    /// `MODIFY`, as far as given.
    Modify {
        column: String,
        type_name: Option<TypeName>,
        default: Option<(Expr, String)>,
        required: Option<bool>,
    },
    /// `CONVERT TO STORAGETYPE = …`, for the table or one column.
    Convert {
        column: Option<String>,
        columnar: bool,
    },
    /// Accepted without effect.
    Nothing,
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
