//! JSON_ARRAY, JSON_OBJECT, IS JSON, and the length of JSON_ARRAYAGG.

use super::typed::{Typed, text_literal};
use super::{Binder, cast, convert};
use crate::ast::{Expr, JsonKind};
use crate::datatype::Type;
use crate::error::{Result, SqlError};

impl Binder<'_> {
    /// `JSON_ARRAY(x, …)`: the first argument says what becomes of NULL.
    pub(super) fn json_array(&mut self, args: &[Expr]) -> Result<Typed> {
        let Some((Expr::Text(nulls), items)) = args.split_first() else {
            return Err(SqlError::new(-380, "JSON_ARRAY"));
        };
        self.exactly("JSON_ARRAY", items, 1..=super::call::MOST_ARGUMENTS)?;
        let mut parts = vec![text_literal(nulls)];
        for item in items {
            parts.push(self.json_value(item)?);
        }
        let sql = format!("iris_json_array({})", parts.join(","));
        Ok(Typed::computed(sql, Type::Varchar(None)))
    }

    /// `JSON_OBJECT(key:value, …)`: the first argument says what becomes of NULL.
    pub(super) fn json_object(&mut self, args: &[Expr]) -> Result<Typed> {
        let Some((Expr::Text(nulls), members)) = args.split_first() else {
            return Err(SqlError::new(-380, "JSON_OBJECT"));
        };
        self.exactly("JSON_OBJECT", members, 2..=2 * super::call::MOST_ARGUMENTS)?;
        let mut parts = vec![text_literal(nulls)];
        for member in members.chunks(2) {
            let [key, value] = member else {
                return Err(SqlError::new(-380, "JSON_OBJECT"));
            };
            let key = self.value(key, None)?;
            self.refuse_stream(&key, -37)?;
            parts.push(convert::as_text(&key));
            parts.push(self.json_value(value)?);
        }
        let sql = format!("iris_json_object({})", parts.join(","));
        Ok(Typed::computed(sql, Type::Varchar(None)))
    }

    /// Numbers stay numbers; everything else becomes a string in ODBC form.
    fn json_value(&mut self, item: &Expr) -> Result<String> {
        let value = self.value(item, None)?;
        Ok(json_item(&value))
    }

    /// `x IS JSON [VALUE|SCALAR|ARRAY|OBJECT]`; on a stream it asks for a value only.
    pub(super) fn is_json(&mut self, operand: &Expr, kind: JsonKind) -> Result<String> {
        let value = self.value(operand, None)?;
        if value.ty.is_stream() {
            return Ok(format!("({} IS NULL)", value.sql));
        }
        let types = match kind {
            JsonKind::Value => "'array','object'",
            JsonKind::Array => "'array'",
            JsonKind::Object => "'object'",
        };
        Ok(format!(
            "(SELECT CASE json_valid(v) WHEN 1 THEN json_type(v) IN ({types}) WHEN 0 THEN 0 END \
             FROM (SELECT {} AS v))",
            convert::as_text(&value)
        ))
    }
}

/// A value as JSON.
pub(super) fn json_item(value: &Typed) -> String {
    match &value.ty {
        _ if value.is_null() => value.sql.clone(),
        ty if ty.is_number() => format!("iris_json_number({})", value.sql),
        Type::List => format!("iris_json_text(iris_list_to_string({}))", value.sql),
        _ => format!("iris_json_text({})", cast::odbc_text(value)),
    }
}
