//! What the evaluator answers, with the rows of a real PostgreSQL.

use anyhow::Result;
use pgiris_catalog::{Budget, Catalog, Failure, Session, Type, is_view, relations, run};
use sqlparser::ast::Statement;
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;
use tokio_postgres::Client;

use crate::theirs::{Answer, rows};

/// A snapshot of a real catalogue.
pub(crate) struct Ours {
    catalog: Catalog,
    session: Session,
}

impl Ours {
    /// Reads every relation.
    pub(crate) async fn load(client: &Client) -> Result<Self> {
        let mut catalog = Catalog::new("postgres", "postgres");
        for relation in relations() {
            if is_view(relation.schema, relation.name) {
                continue;
            }
            let columns: Vec<String> = relation
                .columns
                .iter()
                .map(|(name, kind)| match readable(*kind) {
                    // Trees of expressions as the texts that the server makes of them.
                    None if *name == "proargdefaults" => "pg_get_expr(proargdefaults, 0)".into(),
                    None if *name == "prosqlbody" => "pg_get_function_sqlbody(oid)".into(),
                    None => format!("\"{name}\"::text"),
                    Some(form) => format!("\"{name}\"::{form}::text"),
                })
                .collect();
            let text = format!(
                "SELECT {} FROM {}.\"{}\"",
                columns.join(", "),
                relation.schema,
                relation.name
            );
            let rows = texts(client, &text).await?;
            catalog.put_texts(relation.schema, relation.name, &rows)?;
        }
        // Trees of expressions as the texts that the server makes of them.
        for (relation, text) in [
            (
                "pg_attrdef",
                "SELECT oid::text, adrelid::text, adnum::text, pg_get_expr(adbin, adrelid) FROM pg_attrdef",
            ),
            (
                "pg_rewrite",
                "SELECT oid::text, rulename::text, ev_class::text, ev_type::text, ev_enabled::text, \
                 is_instead::text, NULL, pg_get_viewdef(ev_class) FROM pg_rewrite",
            ),
        ] {
            let rows = texts(client, text).await?;
            catalog.put_texts("pg_catalog", relation, &rows)?;
        }
        let mut session = Session::plain();
        for row in texts(
            client,
            "SELECT name, current_setting(name) FROM pg_settings",
        )
        .await?
        {
            if let [Some(name), Some(value)] = row.as_slice() {
                session.set(name, value);
            }
        }
        Ok(Self { catalog, session })
    }

    /// The answer to a query.
    pub(crate) fn answer(&self, text: &str) -> Answer {
        match self.rows(text) {
            Ok(answer) => answer,
            Err(failure) => Answer::Error(failure.sqlstate.to_owned(), failure.message),
        }
    }

    fn rows(&self, text: &str) -> Result<Answer, Failure> {
        let mut statements = Parser::parse_sql(&PostgreSqlDialect {}, text)
            .map_err(|error| Failure::new("42601", error.to_string()))?;
        let Some(Statement::Query(query)) = statements.pop() else {
            return Err(Failure::new("42601", "not a query"));
        };
        let budget = Budget {
            steps: 20_000_000,
            bytes: 100_000_000,
        };
        let answer = run(&self.catalog, &self.session, &query, &[], &[], &[], budget)?;
        let columns = answer
            .columns
            .iter()
            .map(|column| (column.name.clone(), column.kind.0))
            .collect();
        Ok(Answer::Rows(columns, answer.rows))
    }
}

/// The form in which a column is read, if not as it is.
fn readable(kind: Type) -> Option<&'static str> {
    match kind {
        Type::REGPROC | Type::REGCLASS | Type::REGTYPE => Some("oid"),
        Type(2211) => Some("oid[]"),
        _ => None,
    }
}

async fn texts(client: &Client, text: &str) -> Result<Vec<Vec<Option<String>>>> {
    Ok(rows(&client.simple_query(text).await?))
}
