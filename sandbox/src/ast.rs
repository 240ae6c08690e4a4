//! What the parser makes of a statement: names unresolved, types unknown.

mod administration;
mod expression;
mod query;
mod statement;
mod walk;

pub(crate) use administration::{
    Account, Cascade, Database, Grant, GrantMode, GrantObject, Granted, Privilege, PrivilegeCheck,
};
pub(crate) use expression::{
    Aggregate, BinaryOp, CompareOp, Expr, Frame, FrameBound, JsonKind, OrderItem, Quantifier,
};
pub(crate) use query::{
    Cte, Distinct, JoinCondition, JoinKind, JsonColumn, JsonTable, Limit, Query, Select,
    SelectItem, SetExpr, SetOp, TableRef, TableSource, Top,
};
pub(crate) use statement::{
    AlterAction, Assignment, ColumnDef, Delete, ForeignKey, IndexDef, IndexKind, Insert,
    InsertSource, Isolation, KeyConstraint, LockMode, ObjectName, ReferenceAction, Statement,
    TableDef, TransactionModes, TypeName, Update,
};
