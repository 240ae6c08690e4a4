//! # What it does
//! Shows IRIS's plan of what a query becomes, under PostgreSQL's label.
//!
//! # Why
//! IRIS's EXPLAIN knows none of PostgreSQL's options, and the query behind it is
//! PostgreSQL's.
//!
//! # Example
//! `EXPLAIN (FORMAT XML) SELECT a::int FROM t` becomes
//! `EXPLAIN SELECT CAST(a AS INTEGER) FROM t`.
//!
//! # Limits
//! The plan is one row, in IRIS's XML. Queries alone can be explained. ANALYZE is
//! refused, as IRIS runs nothing to explain it, and so are options that would leave
//! something out or add what IRIS does not tell, and the formats JSON and YAML.
//!
//! # Versions
//! All. `EXPLAIN ALT` and `EXPLAIN STAT` are IRIS's and passed on.

use crate::classify::plain;
use crate::command::Words;
use crate::diagnostic::Diagnosed;
use crate::naming;
use crate::reader::lexeme::Kind;
use crate::reader::statement::Source;
use crate::rule::{Claim, Rule, Scene};
use crate::types::oid;
use crate::wit::{Answer, Cell, Column, ColumnChange, ColumnRule, Diagnostic, Effect, Oid, Plan};

pub(crate) struct Explain;

impl Rule for Explain {
    fn name(&self) -> &'static str {
        "explain"
    }

    fn summary(&self) -> &'static str {
        "shows IRIS's plan of what a query becomes"
    }

    /// Refuses alone: what it lets pass is explained by [`Explained`].
    fn claim(&self, source: &Source<'_>, _scene: &Scene<'_>) -> Diagnosed<Option<Claim>> {
        Explained::of(source).map(|_| None)
    }
}

const LABEL: &str = "QUERY PLAN";
/// The type `xml`.
const XML: Oid = 142;

/// A statement behind EXPLAIN.
pub(crate) struct Explained<'a> {
    whole: Source<'a>,
    /// What is to be explained.
    pub(crate) query: Source<'a>,
    type_oid: Oid,
}

impl<'a> Explained<'a> {
    /// None if the statement is no EXPLAIN of PostgreSQL's.
    ///
    /// # Errors
    /// It is one that IRIS cannot carry out.
    pub(crate) fn of(source: &'a Source<'_>) -> Diagnosed<Option<Explained<'a>>> {
        let mut words = Words::of(source);
        if !words.take("EXPLAIN") || words.next_is("ALT") || words.next_is("STAT") {
            return Ok(None);
        }
        let type_oid = if words.next_is_symbol("(") && !is_query(&words) {
            options(&mut words)?
        } else {
            if words.next_is("ANALYZE") || words.next_is("ANALYSE") {
                return Err(analyze(&words));
            }
            words.take("VERBOSE");
            oid::TEXT
        };
        explainable(&words)?;
        Ok(Some(Self {
            whole: *source,
            query: words.rest(),
            type_oid,
        }))
    }

    /// The plan of the statement, from that of its query.
    pub(crate) fn plan(&self, plan: Plan) -> Diagnosed<Plan> {
        Ok(match plan {
            Plan::Forward(mut forward) => {
                if let Some(first) = forward.statement.pieces.first_mut() {
                    first.insert_str(0, "EXPLAIN ");
                }
                forward.columns = vec![ColumnRule::One(ColumnChange {
                    label: Some(LABEL.to_owned()),
                    type_oid: Some(self.type_oid),
                    scale: None,
                    digits: None,
                    computed: None,
                    origin: None,
                })];
                forward.tag = plain("EXPLAIN");
                forward.effect = Effect::Read;
                Plan::Forward(forward)
            }
            Plan::Answer(answer) => Plan::Answer(Answer {
                columns: vec![Column {
                    label: LABEL.to_owned(),
                    type_oid: self.type_oid,
                    type_modifier: -1,
                    origin: None,
                }],
                rows: vec![vec![Cell::Text(
                    "<plan>answered by the broker</plan>".to_owned(),
                )]],
                tag: plain("EXPLAIN"),
                parameters: answer.parameters,
            }),
            Plan::Lookup(mut lookup) => {
                let (whole, query) = (self.whole.range(), self.query.range());
                let before = self.whole.text[whole.start..query.start].chars().count();
                let before = u32::try_from(before).unwrap_or(u32::MAX);
                lookup.offset = lookup.offset.saturating_sub(before);
                self.whole.text[whole].clone_into(&mut lookup.text);
                Plan::Lookup(lookup)
            }
            Plan::Refuse(refusal) => Plan::Refuse(refusal),
            _ => {
                return Err(Diagnostic::not_supported(
                    "EXPLAIN of a statement that IRIS carries out in several steps is not supported",
                    "`pgiris translate` shows the steps",
                )
                .at(self.whole.text, self.query.range().start));
            }
        })
    }
}

/// Whether a query stands in the parentheses that come next, not options.
fn is_query(words: &Words<'_>) -> bool {
    let mut ahead = words.clone();
    while ahead.take_symbol("(") {}
    ["SELECT", "VALUES", "WITH", "TABLE"]
        .iter()
        .any(|word| ahead.next_is(word))
}

/// `(ANALYZE off, FORMAT XML)`; gives the type of the plan.
fn options(words: &mut Words<'_>) -> Diagnosed<Oid> {
    words.take_symbol("(");
    let mut type_oid = oid::TEXT;
    naming::list(words, |words| {
        let at = words.peek().map_or(0, |lexeme| lexeme.range().start);
        let here = words.clone();
        let name = words.identifier()?.to_uppercase();
        let value = value(words)?;
        let refuse = |what: String, hint: &str| {
            Err(Diagnostic::not_supported(what, hint).at(here.source.text, at))
        };
        match name.as_str() {
            "FORMAT" => match value.as_deref() {
                Some("text") => type_oid = oid::TEXT,
                Some("xml") => type_oid = XML,
                Some(format @ ("json" | "yaml")) => {
                    return refuse(
                        format!("EXPLAIN format {} is not supported", format.to_uppercase()),
                        "IRIS writes plans in XML",
                    );
                }
                other => {
                    let other = other.unwrap_or_default();
                    return Err(Diagnostic::error(
                        "22023",
                        format!("unrecognized value for EXPLAIN option \"format\": \"{other}\""),
                    )
                    .at(here.source.text, at));
                }
            },
            "ANALYZE" | "ANALYSE" if is_on(value.as_deref(), &name)? => return Err(analyze(&here)),
            "COSTS" if !is_on(value.as_deref(), &name)? => {
                return refuse(
                    "EXPLAIN without COSTS is not supported".to_owned(),
                    "IRIS tells the cost of every plan",
                );
            }
            "WAL" | "TIMING" if is_on(value.as_deref(), &name)? => {
                return Err(Diagnostic::error(
                    "22023",
                    format!("EXPLAIN option {name} requires ANALYZE"),
                ));
            }
            "BUFFERS" | "SETTINGS" | "SUMMARY" if is_on(value.as_deref(), &name)? => {
                return refuse(
                    format!("EXPLAIN option {name} is not supported"),
                    "IRIS's plans do not tell it",
                );
            }
            "ANALYZE" | "ANALYSE" | "COSTS" | "WAL" | "TIMING" | "BUFFERS" | "SETTINGS"
            | "SUMMARY" => {}
            "VERBOSE" => {
                is_on(value.as_deref(), &name)?;
            }
            other => {
                return Err(Diagnostic::error(
                    "42601",
                    format!("unrecognized EXPLAIN option \"{}\"", other.to_lowercase()),
                )
                .at(here.source.text, at));
            }
        }
        Ok(())
    })?;
    if words.take_symbol(")") {
        Ok(type_oid)
    } else {
        words.fail()
    }
}

fn value(words: &mut Words<'_>) -> Diagnosed<Option<String>> {
    if let Some(string) = words.string()? {
        return Ok(Some(string.to_lowercase()));
    }
    let text = words.source.text;
    Ok(match words.peek() {
        Some(lexeme) if matches!(lexeme.kind, Kind::Word | Kind::Number) => {
            words.advance();
            Some(lexeme.text(text).to_lowercase())
        }
        _ => None,
    })
}

fn is_on(value: Option<&str>, name: &str) -> Diagnosed<bool> {
    match value {
        None | Some("true" | "on" | "1") => Ok(true),
        Some("false" | "off" | "0") => Ok(false),
        Some(_) => Err(Diagnostic::error(
            "42601",
            format!("{} requires a Boolean value", name.to_lowercase()),
        )),
    }
}

fn analyze(words: &Words<'_>) -> Diagnostic {
    let at = words.peek().map_or(0, |lexeme| lexeme.range().start);
    Diagnostic::not_supported(
        "EXPLAIN ANALYZE is not supported",
        "use EXPLAIN, or IRIS's EXPLAIN STAT",
    )
    .at(words.source.text, at)
}

/// IRIS explains queries alone.
fn explainable(words: &Words<'_>) -> Diagnosed<()> {
    const OTHERS: &[&str] = &[
        "INSERT", "UPDATE", "DELETE", "MERGE", "EXECUTE", "DECLARE", "CREATE", "VALUES", "TABLE",
    ];
    let alone = ["VALUES", "TABLE"].iter().any(|word| words.next_is(word));
    if !alone && (words.next_is_symbol("(") || is_query(words)) {
        return Ok(());
    }
    let Some(other) = OTHERS.iter().find(|other| words.next_is(other)) else {
        return words.fail();
    };
    let at = words.peek().map_or(0, |lexeme| lexeme.range().start);
    Err(Diagnostic::not_supported(
        format!("EXPLAIN {other} is not supported"),
        "explain its query",
    )
    .at(words.source.text, at))
}
