//! XMLELEMENT, XMLFOREST, XMLCONCAT: tags written around values.
//!
//! A value is escaped unless it is the call of another XML function, directly or as
//! the one item of a subquery; inside CASE it is a value like any other.

use super::typed::{Typed, text_literal};
use super::{Binder, convert};
use crate::ast::{Expr, SelectItem, SetExpr};
use crate::datatype::Type;
use crate::error::{Result, SqlError};

impl Binder<'_> {
    /// `XMLELEMENT("tag", XMLATTRIBUTES(…), x, …)`: a tag also around nothing.
    pub(super) fn xml_element(&mut self, args: &[Expr]) -> Result<Typed> {
        let Some((Expr::Text(tag), content)) = args.split_first() else {
            return Err(SqlError::new(-380, "XMLELEMENT"));
        };
        if content.is_empty() {
            return Err(SqlError::new(-380, "XMLELEMENT"));
        }
        self.exactly("XMLELEMENT", args, 2..=super::call::MOST_ARGUMENTS)?;
        let (mut attributes, mut parts) = (Vec::new(), Vec::new());
        for item in content {
            match item {
                Expr::Call { name, args, .. } if name == "XMLATTRIBUTES" => {
                    if !attributes.is_empty() {
                        return Err(SqlError::new(-1, "XMLATTRIBUTES given twice"));
                    }
                    attributes = self.xml_attributes(args)?;
                }
                _ => parts.push(self.xml_value(item)?),
            }
        }
        let open = if attributes.is_empty() { ">" } else { " >" };
        let mut all = vec![text_literal(&format!("<{tag}"))];
        all.append(&mut attributes);
        all.push(text_literal(open));
        all.append(&mut parts);
        all.push(text_literal(&format!("</{tag}>")));
        Ok(glued(&all))
    }

    /// ` name='value'` for each pair of value and name.
    fn xml_attributes(&mut self, args: &[Expr]) -> Result<Vec<String>> {
        let mut sql = Vec::new();
        for pair in args.chunks(2) {
            let [value, Expr::Text(name)] = pair else {
                return Err(SqlError::new(-380, "XMLATTRIBUTES"));
            };
            let name = self.xml_name(name, value)?;
            let value = self.value(value, None)?;
            self.refuse_stream(&value, -37)?;
            sql.push(text_literal(&format!(" {name}='")));
            sql.push(format!("iris_xml_escape({})", convert::as_text(&value)));
            sql.push(text_literal("'"));
        }
        Ok(sql)
    }

    /// `XMLFOREST(x AS tag, …)`: no tag around NULL.
    pub(super) fn xml_forest(&mut self, args: &[Expr]) -> Result<Typed> {
        if args.is_empty() {
            return Err(SqlError::new(-380, "XMLFOREST"));
        }
        let mut all = Vec::new();
        for pair in args.chunks(2) {
            let [value, Expr::Text(tag)] = pair else {
                return Err(SqlError::new(-380, "XMLFOREST"));
            };
            let tag = match tag.as_str() {
                "" => self.xml_name(tag, value)?.to_uppercase(),
                tag => tag.to_owned(),
            };
            let content = self.xml_value(value)?;
            all.push(format!(
                "({} || {content} || {})",
                text_literal(&format!("<{tag}>")),
                text_literal(&format!("</{tag}>"))
            ));
        }
        Ok(glued(&all))
    }

    /// `XMLCONCAT(element, element, …)`
    pub(super) fn xml_concat(&mut self, args: &[Expr]) -> Result<Typed> {
        self.exactly("XMLCONCAT", args, 2..=super::call::MOST_ARGUMENTS)?;
        if !args.iter().all(is_xml) {
            return Err(SqlError::new(-380, "XMLCONCAT of what is no XMLELEMENT"));
        }
        let parts = args.iter().map(|arg| self.xml_value(arg));
        Ok(glued(&parts.collect::<Result<Vec<_>>>()?))
    }

    /// The name that an item without AS takes: its column's.
    fn xml_name(&mut self, name: &str, value: &Expr) -> Result<String> {
        match value {
            _ if !name.is_empty() => Ok(name.to_owned()),
            Expr::Column { qualifier, name } => {
                Ok(self.resolve(qualifier.as_ref(), name)?.column.name)
            }
            _ => Err(SqlError::new(
                -1,
                "AS expected after an XML value that is no column",
            )),
        }
    }

    fn xml_value(&mut self, item: &Expr) -> Result<String> {
        let value = self.value(item, None)?;
        if is_xml(item) {
            return Ok(value.sql);
        }
        if value.ty.is_stream() {
            let stream = Typed {
                ty: Type::LongVarchar,
                ..value
            };
            return Ok(format!(
                "('<![CDATA[' || {} || ']]>')",
                convert::as_text(&stream)
            ));
        }
        Ok(format!("iris_xml_escape({})", convert::as_text(&value)))
    }
}

/// Text after text; NULL is nothing.
fn glued(parts: &[String]) -> Typed {
    let sql = format!("iris_xml({})", parts.join(","));
    Typed::computed(sql, Type::Varchar(None))
}

fn is_xml(expr: &Expr) -> bool {
    match expr {
        Expr::Call { name, .. } => {
            matches!(name.as_str(), "XMLELEMENT" | "XMLFOREST" | "XMLCONCAT")
        }
        Expr::Aggregate(aggregate) => {
            aggregate.name == "XMLAGG" && aggregate.argument.as_ref().is_some_and(is_xml)
        }
        Expr::Subquery(query) => match &query.body {
            SetExpr::Select(select) => match select.items.as_slice() {
                [SelectItem::Expr { expr, .. }] => is_xml(expr),
                _ => false,
            },
            _ => false,
        },
        _ => false,
    }
}
