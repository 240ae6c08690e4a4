//! # What it does
//! Writes pgvector's indexes, `USING hnsw` and `USING ivfflat`, as IRIS's HNSW.
//!
//! # Why
//! IRIS has one approximate index of vectors, which names its distance. (Using
//! InterSystems SQL, "Vector Search".)
//!
//! # Example
//! `CREATE INDEX near ON items USING hnsw (v vector_cosine_ops) WITH (m = 16)` becomes
//! `CREATE INDEX near ON items(v) AS HNSW(Distance='Cosine', M=16)`.
//!
//! # Limits
//! Indexes for the Euclidean and the taxicab distance are refused. `lists` of ivfflat has
//! no equivalent, and the settings `hnsw.ef_search` and `ivfflat.probes` change nothing.
//!
//! # Versions
//! From 2025.1; before, no index is made, and a warning says so.

use sqlparser::ast::{BinaryOperator, CreateIndex, Expr, IndexType, Statement};

use crate::build;
use crate::definition::offset;
use crate::diagnostic::Diagnosed;
use crate::functions::integer;
use crate::labels;
use crate::reader::marks::Marks;
use crate::relations::TableName;
use crate::rule::{Pass, Rule};
use crate::wit::{Diagnostic, Severity};

pub(crate) struct VectorIndex;

impl Rule for VectorIndex {
    fn name(&self) -> &'static str {
        "vector_index"
    }

    fn summary(&self) -> &'static str {
        "writes indexes with hnsw and ivfflat as IRIS's HNSW"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::DEFINITION)
    }

    fn needs_relations(&self, tree: &Statement) -> bool {
        matches!(tree, Statement::CreateIndex(index) if method(index).is_some())
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let Statement::CreateIndex(index) = tree else {
            return Ok(false);
        };
        let Some(method) = method(index) else {
            return Ok(false);
        };
        if !pass.scene.version.has_vectors() {
            return Err(Diagnostic::not_supported(
                "vectors are not supported by this version of IRIS",
                "use IRIS 2024.1 or later",
            ));
        }
        let parameters = parameters(index, &method, pass)?;
        check_column(index, pass)?;
        if !pass.scene.version.has_vector_indexes() {
            let what = format!("no index with {method} is created");
            pass.notices.push(
                Diagnostic::warning("01000", what).with_detail(
                    "IRIS has such indexes from 2025.1; searches are exact without one.",
                ),
            );
            pass.split = Some(Vec::new());
            return Ok(true);
        }
        if method == "ivfflat" {
            let mut notice = Diagnostic::error("00000", "an HNSW index takes the place of ivfflat");
            notice.severity = Severity::Notice;
            pass.notices.push(notice);
        }
        index.using = None;
        index.with.clear();
        for column in &mut index.columns {
            column.operator_class = None;
        }
        pass.suffix = format!(" AS HNSW({parameters})");
        Ok(true)
    }
}

/// The access method, if it is none of PostgreSQL's own.
fn method(index: &CreateIndex) -> Option<String> {
    match &index.using {
        Some(IndexType::Custom(name)) => Some(labels::folded(name)),
        _ => None,
    }
}

/// `Distance='Cosine', M=16, efConstruction=64`
fn parameters(index: &CreateIndex, method: &str, pass: &Pass<'_>) -> Diagnosed<String> {
    if !matches!(method, "hnsw" | "ivfflat") {
        let message = format!("access method \"{method}\" does not exist");
        return Err(Diagnostic::error("42704", message));
    }
    let lacks = |what: &str| {
        let message = format!("access method \"{method}\" does not support {what} indexes");
        Diagnostic::error("0A000", message)
    };
    if index.unique {
        return Err(lacks("unique"));
    }
    let [column] = index.columns.as_slice() else {
        return Err(lacks("multicolumn"));
    };
    let Some(class) = &column.operator_class else {
        let message = format!(
            "data type vector has no default operator class for access method \"{method}\""
        );
        return Err(Diagnostic::error("42704", message).with_hint(
            "You must specify an operator class for the index or define a default operator class for the data type.",
        ));
    };
    let class = class.to_string().to_lowercase();
    let distance = match class.as_str() {
        "vector_cosine_ops" | "halfvec_cosine_ops" => "Cosine",
        "vector_ip_ops" | "halfvec_ip_ops" => "DotProduct",
        "vector_l2_ops" | "halfvec_l2_ops" | "vector_l1_ops" | "halfvec_l1_ops" => {
            return Err(Diagnostic::not_supported(
                format!("an index with {class} is not supported"),
                "use vector_cosine_ops and <=>, or vector_ip_ops and <#>",
            )
            .at(pass.text, offset(&column.column.expr)));
        }
        _ => {
            return Err(Diagnostic::error(
                "42704",
                format!("operator class \"{class}\" does not exist for access method \"{method}\""),
            ));
        }
    };
    let mut written = format!("Distance='{distance}'");
    let options = options(index, method)?;
    if let Some(m) = options.m {
        written.push_str(&format!(", M={m}"));
    }
    if let Some(ef) = options.ef_construction {
        written.push_str(&format!(", efConstruction={ef}"));
    }
    Ok(written)
}

/// pgvector's defaults, which `ef_construction` is checked against.
const DEFAULT_M: i64 = 16;
const DEFAULT_EF: i64 = 64;

#[derive(Default)]
struct Options {
    m: Option<i64>,
    ef_construction: Option<i64>,
}

/// What stands behind WITH, within pgvector's limits.
fn options(index: &CreateIndex, method: &str) -> Diagnosed<Options> {
    let mut options = Options::default();
    for option in &index.with {
        let Expr::BinaryOp {
            left,
            op: BinaryOperator::Eq,
            right,
        } = option
        else {
            return Err(unrecognized(&option.to_string()));
        };
        let name = match &**left {
            Expr::Identifier(name) => labels::folded(name),
            other => other.to_string(),
        };
        let (least, most) = match (method, name.as_str()) {
            ("hnsw", "m") => (2, 100),
            ("hnsw", "ef_construction") => (4, 1000),
            ("ivfflat", "lists") => (1, 32_768),
            _ => return Err(unrecognized(&name)),
        };
        let value = number(right).ok_or_else(|| {
            let message = format!("invalid value for integer option \"{name}\": {right}");
            Diagnostic::error("22023", message)
        })?;
        if !(least..=most).contains(&value) {
            let message = format!("value {value} out of bounds for option \"{name}\"");
            return Err(Diagnostic::error("22023", message).with_detail(format!(
                "Valid values are between \"{least}\" and \"{most}\"."
            )));
        }
        match name.as_str() {
            "m" => options.m = Some(value),
            "ef_construction" => options.ef_construction = Some(value),
            _ => {}
        }
    }
    let (m, ef) = (
        options.m.unwrap_or(DEFAULT_M),
        options.ef_construction.unwrap_or(DEFAULT_EF),
    );
    if ef < 2 * m {
        let message = "ef_construction must be greater than or equal to 2 * m";
        return Err(Diagnostic::error("22023", message));
    }
    Ok(options)
}

/// Also in quotes, as PostgreSQL reads it.
fn number(expression: &Expr) -> Option<i64> {
    integer(expression).or_else(|| match build::unnested(expression) {
        Expr::Value(value) => value.value.clone().into_string()?.parse().ok(),
        _ => None,
    })
}

fn unrecognized(name: &str) -> Diagnostic {
    Diagnostic::error("22023", format!("unrecognized parameter \"{name}\""))
}

/// IRIS wants a fixed length, as pgvector does.
fn check_column(index: &CreateIndex, pass: &Pass<'_>) -> Diagnosed<()> {
    let relation = TableName::of(&index.table_name).and_then(|name| pass.relations.find(&name));
    let (Some(relation), [column]) = (relation, index.columns.as_slice()) else {
        return Ok(());
    };
    let Expr::Identifier(name) = &column.column.expr else {
        return Ok(());
    };
    match relation
        .column(&name.value)
        .and_then(|column| column.vector)
    {
        Some(shape) if shape.element.is_some() && shape.length.is_none() => Err(Diagnostic::error(
            "22023",
            "column does not have dimensions",
        )),
        _ => Ok(()),
    }
}
