//! What the parser makes of a statement: names unresolved, types unknown.

mod administration;
mod column;
mod expression;
mod query;
mod routine;
mod statement;
mod walk;

pub(crate) use administration::{
    Account, Cascade, Database, Grant, GrantMode, GrantObject, Granted, Privilege, PrivilegeCheck,
};
pub(crate) use column::{ComputeTime, Computed, Written};
pub(crate) use expression::{
    Aggregate, BinaryOp, CompareOp, Expr, Frame, FrameBound, JsonKind, OrderItem, Quantifier,
};
pub(crate) use query::{
    Cte, Distinct, JoinCondition, JoinKind, JsonColumn, JsonTable, Limit, Query, Select,
    SelectItem, SetExpr, SetOp, TableRef, TableSource, Top,
};
pub(crate) use routine::{
    Code, RoutineDef, RoutineKind, RoutineParameter, SqlStep, SqlText, TriggerDef, TriggerEvent,
    TriggerScope, TriggerTime,
};
pub(crate) use statement::{
    AlterAction, Assignment, ColumnDef, Delete, DropBehaviour, ForeignKey, IndexDef, IndexKind,
    Insert, InsertSource, InsertTarget, Isolation, KeyConstraint, LockMode, ObjectName,
    ReferenceAction, Restrictions, Statement, TableDef, TransactionModes, TypeName, Update,
    ViewDef, ViewOption,
};
