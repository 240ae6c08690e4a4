//! `FOR SOME %ELEMENT`: the elements of a `$LIST` as rows of `%KEY` and `%VALUE`.

use super::Binder;
use super::scope::{RelationColumn, Scope};
use crate::ast::Expr;
use crate::collation::Collation;
use crate::datatype::Type;
use crate::error::Result;

impl Binder<'_> {
    pub(super) fn some_element(
        &mut self,
        list: &Expr,
        label: &str,
        condition: &Expr,
    ) -> Result<String> {
        let list = self.value(list, None)?.sql;
        let alias = self.alias();
        let column = |name: &str, ty: Type, sql: String| RelationColumn {
            name: name.to_owned(),
            sql_name: name.to_owned(),
            collation: ty.is_text().then_some(Collation::Exact),
            ty,
            weight: 1,
            expression: Some(sql),
        };
        let columns = vec![
            column("%KEY", Type::Integer, format!("({alias}.key + 1)")),
            column("%VALUE", Type::Varchar(None), format!("{alias}.value")),
        ];
        let source = format!("json_each(iris_list_elements({list}))");
        let relation = self.add(label, None, columns, None, source.clone())?;
        self.scopes.push(Scope {
            relations: vec![relation],
            collated: Vec::new(),
        });
        let condition = self.condition(condition);
        self.scopes.pop();
        Ok(format!(
            "EXISTS (SELECT 1 FROM {source} AS {alias} WHERE {})",
            condition?
        ))
    }
}
