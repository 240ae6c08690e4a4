//! TO_VECTOR, VECTOR_COSINE, VECTOR_DOT_PRODUCT.

use super::typed::{Typed, text_literal};
use super::{Binder, convert};
use crate::ast::Expr;
use crate::datatype::{Type, default_element};
use crate::error::{Result, SqlError};
use crate::vector::Element;

impl Binder<'_> {
    /// A value to compute with: neither a stream (-37) nor a vector, of which there is no arithmetic.
    pub(super) fn countable(&self, value: &Typed) -> Result<()> {
        self.refuse_stream(value, -37)?;
        match value.ty {
            Type::Vector(..) => Err(SqlError::new(-400, "no arithmetic on VECTOR")),
            _ => Ok(()),
        }
    }

    /// `TO_VECTOR(data, type, length)`; the parser left the type as a text, empty if none was given.
    pub(super) fn vector_literal(&mut self, args: &[Expr]) -> Result<Typed> {
        let data = self.value(&args[0], None)?;
        let element = match &args[1] {
            Expr::Text(keyword) if keyword.is_empty() => default_element(self.version),
            Expr::Text(keyword) => Element::of_keyword(keyword)
                .ok_or_else(|| SqlError::new(-400, format!("vector of {keyword}")))?,
            _ => return Err(SqlError::code(-1)),
        };
        let mut fixed = None;
        let length = match args.get(2) {
            None => "NULL".to_owned(),
            Some(length) => {
                if let Expr::Number(text) = length {
                    fixed = text.parse().ok();
                }
                convert::as_integer(&self.value(length, None)?)
            }
        };
        let sql = format!(
            "iris_to_vector({},'{}',{length})",
            convert::as_text(&data),
            element.keyword()
        );
        Ok(Typed::computed(sql, Type::Vector(element, fixed)))
    }

    /// Lengths are compared when it runs: -257. A string is -258, another element type -259.
    pub(super) fn vector_function(&mut self, name: &str, args: &[Expr]) -> Result<Typed> {
        let [left, right] = args else {
            return Err(SqlError::new(
                if args.len() > 2 { -381 } else { -380 },
                name,
            ));
        };
        let left = self.value(left, None)?;
        let right = self.value(right, None)?;
        let element = |value: &Typed| match &value.ty {
            _ if value.is_null() => Ok(None),
            Type::Vector(element, _) => Ok(Some(*element)),
            _ => Err(SqlError::new(
                -258,
                format!("{name} argument is not a vector"),
            )),
        };
        let (a, b) = (element(&left)?, element(&right)?);
        if let (Some(a), Some(b)) = (a, b)
            && a != b
        {
            return Err(SqlError::new(
                -259,
                format!("{} and {}", a.keyword(), b.keyword()),
            ));
        }
        let element = a.or(b).unwrap_or(Element::Double);
        if element == Element::Timestamp {
            return Err(SqlError::new(-259, format!("{name} of TIMESTAMP")));
        }
        let function = if name == "VECTOR_COSINE" {
            "iris_cosine"
        } else {
            "iris_dot_product"
        };
        let sql = format!(
            "{function}({},{},{})",
            left.sql,
            right.sql,
            text_literal(element.keyword())
        );
        Ok(Typed::computed(sql, Type::Double))
    }
}
