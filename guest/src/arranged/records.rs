//! Functions that make rows of the columns that a statement lists of documents:
//! `jsonb_to_recordset(d) AS t(a int)` and their like.

use sqlparser::ast::{
    BinaryOperator, DataType, Expr, Ident, Join, JoinConstraint, JoinOperator, ObjectName, Query,
    Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, TableAlias, TableAliasColumnDef,
    TableFactor,
};

use super::expansion::written;
use crate::build;
use crate::labels;
use crate::types::{self, oid};

/// What a row is made of, as long as it has not been taken apart; no statement has the name.
const ROW: &str = "value ";

/// Writes them as functions and subqueries that take a document apart.
pub(super) fn write(query: &mut Query) {
    let SetExpr::Select(select) = &mut *query.body else {
        return;
    };
    let is_alone = matches!(select.from.as_slice(), [table] if table.joins.is_empty());
    for table in 0..select.from.len() {
        let Some(source) = select.from.get_mut(table) else {
            return;
        };
        if let Some(record) = Record::of(&source.relation) {
            let (first, behind) = record.written(is_alone);
            source.relation = first;
            if let Some(behind) = behind {
                source.joins.insert(0, joined(behind));
            }
            record.expand(select);
        }
        joins(select, table);
    }
}

/// The same of those that are joined.
fn joins(select: &mut Select, table: usize) {
    let mut at = 0;
    while let Some(join) = select
        .from
        .get_mut(table)
        .and_then(|table| table.joins.get_mut(at))
    {
        at += 1;
        let Some(record) = Record::of(&join.relation) else {
            continue;
        };
        let (first, behind) = record.written(false);
        join.relation = first;
        if let (Some(behind), Some(source)) = (behind, select.from.get_mut(table)) {
            source.joins.insert(at, joined(behind));
            at += 1;
        }
        record.expand(select);
    }
}

fn joined(relation: TableFactor) -> Join {
    Join {
        relation,
        global: false,
        join_operator: JoinOperator::CrossJoin(JoinConstraint::None),
    }
}

/// A call with its list of columns.
struct Record {
    document: Expr,
    /// Whether the document is an array, of which each element is a row.
    of_set: bool,
    is_binary: bool,
    alias: Ident,
    columns: Vec<(Ident, DataType)>,
}

impl Record {
    fn of(factor: &TableFactor) -> Option<Self> {
        let (name, arguments, Some(alias), false) = written(factor)? else {
            return None;
        };
        let (of_set, is_binary) = match labels::of_name(name)?.as_str() {
            "json_to_record" => (false, false),
            "jsonb_to_record" => (false, true),
            "json_to_recordset" => (true, false),
            "jsonb_to_recordset" => (true, true),
            _ => return None,
        };
        let [document] = arguments.as_slice() else {
            return None;
        };
        let column = |column: &TableAliasColumnDef| {
            let data_type = column.data_type.clone()?;
            // Arrays and rows in a document are written in another way than as texts.
            let known = types::of(&data_type)?.oid;
            (!types::kept::is_array(known)).then(|| (column.name.clone(), data_type))
        };
        let columns = alias
            .columns
            .iter()
            .map(column)
            .collect::<Option<Vec<_>>>()?;
        (!columns.is_empty()).then(|| Self {
            document: document.clone(),
            of_set,
            is_binary,
            alias: alias.name.clone(),
            columns,
        })
    }

    /// What stands in the place of the call, and behind it.
    fn written(&self, is_alone: bool) -> (TableFactor, Option<TableFactor>) {
        if !self.of_set {
            let document = build::nested(self.typed_document());
            return (self.subquery(&document, None), None);
        }
        let elements = self.elements();
        let element = Expr::CompoundIdentifier(vec![self.rows(), Ident::with_quote('"', ROW)]);
        match is_alone {
            true => (self.subquery(&element, Some(elements)), None),
            false => (elements, Some(self.subquery(&element, None))),
        }
    }

    /// What the source of the elements is called; no statement has the name.
    fn rows(&self) -> Ident {
        Ident::with_quote('"', format!("{} ", labels::folded(&self.alias)))
    }

    /// A literal is a document here.
    fn typed_document(&self) -> Expr {
        let data_type = match self.is_binary {
            true => DataType::JSONB,
            false => DataType::JSON,
        };
        match build::unnested(&self.document) {
            Expr::Value(_) => build::cast(self.document.clone(), data_type),
            _ => self.document.clone(),
        }
    }

    fn elements(&self) -> TableFactor {
        let name = match self.is_binary {
            true => "jsonb_array_elements",
            false => "json_array_elements",
        };
        TableFactor::Function {
            lateral: true,
            name: ObjectName::from(vec![Ident::new(name)]),
            args: vec![sqlparser::ast::FunctionArg::Unnamed(
                sqlparser::ast::FunctionArgExpr::Expr(self.typed_document()),
            )],
            with_ordinality: false,
            alias: Some(TableAlias {
                columns: vec![TableAliasColumnDef {
                    name: Ident::with_quote('"', ROW),
                    data_type: None,
                }],
                ..alias(self.rows())
            }),
        }
    }

    /// The columns of a document.
    fn subquery(&self, document: &Expr, from: Option<TableFactor>) -> TableFactor {
        let item = |(name, data_type): &(Ident, DataType)| {
            let key = build::string(&labels::folded(name));
            let is_document = types::of(data_type)
                .is_some_and(|known| matches!(known.oid, oid::JSON | oid::JSONB));
            let operator = match is_document {
                true => BinaryOperator::Arrow,
                false => BinaryOperator::LongArrow,
            };
            let member = build::nested(build::binary(document.clone(), operator, key));
            SelectItem::ExprWithAlias {
                expr: build::cast(member, data_type.clone()),
                alias: name.clone(),
            }
        };
        let lateral = from.is_none();
        let from = from.map(|relation| sqlparser::ast::TableWithJoins {
            relation,
            joins: Vec::new(),
        });
        let items = self.columns.iter().map(item).collect();
        let select = build::select(items, from.into_iter().collect());
        TableFactor::Derived {
            lateral,
            subquery: Box::new(build::query(SetExpr::Select(Box::new(select)))),
            alias: Some(alias(self.alias.clone())),
            sample: None,
        }
    }

    /// Lists the columns where the select list says `t.*`.
    fn expand(&self, select: &mut Select) {
        let items = std::mem::take(&mut select.projection);
        for item in items {
            match &item {
                SelectItem::QualifiedWildcard(
                    kind @ SelectItemQualifiedWildcardKind::ObjectName(_),
                    _,
                ) if labels::qualifier(kind)
                    .is_some_and(|name| labels::folded(&name) == labels::folded(&self.alias)) =>
                {
                    let listed = self.columns.iter().map(|(name, _)| {
                        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(vec![
                            self.alias.clone(),
                            name.clone(),
                        ]))
                    });
                    select.projection.extend(listed);
                }
                _ => select.projection.push(item),
            }
        }
    }
}

fn alias(name: Ident) -> TableAlias {
    TableAlias {
        explicit: true,
        name,
        columns: Vec::new(),
        at: None,
    }
}
