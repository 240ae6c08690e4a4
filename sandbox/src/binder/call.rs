//! Function calls by name: those with rules of their own, and the way to the tables.

use super::typed::Typed;
use super::{Binder, convert};
use crate::Version;
use crate::ast::Expr;
use crate::datatype::Type;
use crate::error::{Result, SqlError};

/// IRIS's limit for COALESCE, GREATEST and LEAST, kept for every list of arguments.
pub(super) const MOST_ARGUMENTS: usize = 140;

impl Binder<'_> {
    /// A call; -359 if there is no such function in this version.
    pub(super) fn call(&mut self, name: &str, args: &[Expr], braced: bool) -> Result<Typed> {
        if since(name) > self.version {
            return Err(not_found(name));
        }
        match name {
            "COALESCE" | "NVL" | "ISNULL" | "IFNULL" | "NULLIF" | "DECODE" | "GREATEST"
            | "LEAST" => self.conditional(name, args, braced),
            "TO_VECTOR" => self.vector_literal(args),
            "VECTOR_COSINE" | "VECTOR_DOT_PRODUCT" => self.vector_function(name, args),
            "{D}" | "{T}" | "{TS}" => self.moment_literal(name, &args[0]),
            "%EXACT" | "%SQLUPPER" | "%SQLSTRING" | "%TRUNCATE" | "%SPACE" | "%ALPHAUP"
            | "%STRING" | "%UPPER" => self.collation_call(name, args),
            "%PLUS" | "%MINUS" | "%MVR" => self.plus(name, args),
            "%ODBCOUT" | "%ODBCIN" | "%EXTERNAL" | "%INTERNAL" => {
                self.format_transformation(name, args)
            }
            "%OBJECT" => self.object(args),
            "%OID" => self.oid(args),
            "JSON_OBJECT" => self.json_object(args),
            "JSON_ARRAY" => self.json_array(args),
            "XMLELEMENT" => self.xml_element(args),
            "XMLFOREST" => self.xml_forest(args),
            "XMLCONCAT" => self.xml_concat(args),
            "TRUNCATE" => self.truncate(args),
            "SEARCH_INDEX" => self.search_index(args),
            "PREDICT" | "PROBABILITY" => Err(SqlError::new(-180, "model not found")),
            "EMBEDDING" => self.embedding(args),
            _ if self.is_plain(name) => self.plain_call(name, args),
            _ => match self.user_function(name, args)? {
                Some(value) => Ok(value),
                None => Err(not_found(name)),
            },
        }
    }

    fn conditional(&mut self, name: &str, args: &[Expr], braced: bool) -> Result<Typed> {
        let (least, most) = match name {
            "NVL" | "ISNULL" | "NULLIF" => (2, 2),
            "IFNULL" if braced => (2, 2),
            "IFNULL" => (2, 3),
            "DECODE" => (3, MOST_ARGUMENTS),
            "COALESCE" => (2, MOST_ARGUMENTS),
            _ => (1, MOST_ARGUMENTS),
        };
        self.exactly(name, args, least..=most)?;
        match name {
            "NULLIF" => self.nullif(&args[0], &args[1]),
            "IFNULL" if !braced => self.ifnull(args),
            "DECODE" => self.decode(args),
            "GREATEST" => self.extreme("max", args),
            "LEAST" => self.extreme("min", args),
            "COALESCE" => self.coalesce(args),
            _ => self.replaced(args),
        }
    }

    /// -380 for fewer arguments than `count` allows, -381 for more.
    pub(super) fn exactly(
        &self,
        name: &str,
        args: &[Expr],
        count: std::ops::RangeInclusive<usize>,
    ) -> Result<()> {
        if args.len() < *count.start() {
            return Err(SqlError::new(-380, name));
        }
        if args.len() > *count.end() {
            return Err(SqlError::new(-381, name));
        }
        Ok(())
    }

    /// `{fn TRUNCATE(x, scale)}`: INTEGER stays INTEGER as long as no scale is positive.
    fn truncate(&mut self, args: &[Expr]) -> Result<Typed> {
        self.exactly("TRUNCATE", args, 2..=2)?;
        let number = self.value(&args[0], None)?;
        let scale = self.value(&args[1], None)?;
        self.refuse_stream(&number, -37)?;
        self.refuse_stream(&scale, -37)?;
        let (sql, ty) = convert::as_number(&number);
        let whole = match &args[1] {
            Expr::Number(text) => text.parse() == Ok(0),
            Expr::Negate(operand) => matches!(**operand, Expr::Number(_)),
            _ => false,
        };
        let (sql, ty) = match ty {
            ty @ (Type::Double | Type::Numeric { .. }) => (sql, ty),
            ty if whole => (sql, ty),
            ty => {
                let precision = ty.describe().precision;
                let numeric = Type::Numeric {
                    precision,
                    scale: 0,
                };
                (convert::as_numeric(&number), numeric)
            }
        };
        let scale = convert::as_number(&scale).0;
        Ok(Typed::computed(format!("iris_truncate({sql},{scale})"), ty))
    }

    /// The index must belong to a table of the query: -151, and -152 if several have one of
    /// that name. None has the Find() method that this function calls: -149.
    fn search_index(&mut self, args: &[Expr]) -> Result<Typed> {
        let Some((Expr::Text(path), parameters)) = args.split_first() else {
            return Err(SqlError::new(-380, "SEARCH_INDEX"));
        };
        for parameter in parameters {
            self.value(parameter, None)?;
        }
        let name = path.rsplit('.').next().unwrap_or(path);
        let scope = self.scopes.last();
        let relations = scope
            .map(|scope| scope.relations.as_slice())
            .unwrap_or_default();
        let found = relations
            .iter()
            .filter_map(|relation| self.relations[*relation].table.as_ref())
            .filter(|table| {
                let owner = format!("{}.{name}", table.full_name()).to_uppercase();
                owner == path.to_uppercase() || owner.ends_with(&format!(".{path}").to_uppercase())
            })
            .filter(|table| {
                let same = |index: &crate::ast::IndexDef| crate::catalog::same(&index.name, name);
                table.indexes.iter().any(same)
            })
            .count();
        Err(SqlError::new(
            match found {
                0 => -151,
                1 => -149,
                _ => -152,
            },
            path,
        ))
    }

    /// There are no embedding configurations here.
    fn embedding(&mut self, args: &[Expr]) -> Result<Typed> {
        self.exactly("EMBEDDING", args, 1..=2)?;
        for arg in args {
            self.value(arg, None)?;
        }
        Err(SqlError::new(-400, "no embedding configuration"))
    }
}

/// The first version that has the function.
fn since(name: &str) -> Version {
    match name {
        "TO_VECTOR" | "VECTOR_COSINE" | "VECTOR_DOT_PRODUCT" => Version::V2024_1,
        "EMBEDDING" => Version::V2024_3,
        "HASHBYTES" => Version::V2025_1,
        _ => Version::V2023_1,
    }
}

pub(super) fn not_found(name: &str) -> SqlError {
    SqlError::new(
        -359,
        format!("User defined SQL function 'SQLUSER.{name}' does not exist"),
    )
}
