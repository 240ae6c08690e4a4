//! The list of relations beside a real PostgreSQL's.

use anyhow::{Result, ensure};
use pgiris_catalog::relations;
use tokio_postgres::Client;

/// OIDs from here on are given out by initdb and depend on the machine's locales.
const FIXED: u32 = 12_000;

/// Every relation of the two schemas with its columns; types of domains are those
/// beneath.
const QUERY: &str = "
    SELECT n.nspname::text, c.relname::text, c.oid, c.relkind::text,
           array_agg(a.attname::text ORDER BY a.attnum),
           array_agg(CASE WHEN t.typtype = 'd' THEN t.typbasetype
                          WHEN t.typtype = 'c' OR t.typname = '_pg_statistic' THEN 2277
                          ELSE t.oid END ORDER BY a.attnum)
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    JOIN pg_type t ON t.oid = a.atttypid
    WHERE n.nspname IN ('pg_catalog', 'information_schema') AND c.relkind IN ('r', 'v')
    GROUP BY 1, 2, 3, 4";

/// Fails at the first difference.
pub(crate) async fn compare(client: &Client) -> Result<()> {
    let theirs = client.query(QUERY, &[]).await?;
    ensure!(
        theirs.len() == relations().len(),
        "another number of relations"
    );
    for row in &theirs {
        let (schema, name): (String, String) = (row.get(0), row.get(1));
        let own = relations()
            .iter()
            .find(|own| own.schema == schema && own.name == name);
        let (names, kinds): (Vec<String>, Vec<u32>) = (row.get(4), row.get(5));
        let columns = own.map(|own| &own.columns);
        let same = columns.is_some_and(|columns| {
            columns
                .iter()
                .map(|(name, _)| *name)
                .eq(names.iter().map(String::as_str))
                && columns
                    .iter()
                    .map(|(_, kind)| kind.0)
                    .eq(kinds.iter().copied())
        });
        ensure!(
            same,
            "{schema}.{name} has other columns: {names:?} {kinds:?}, {columns:?}"
        );
        let oid: u32 = row.get(2);
        ensure!(
            oid >= FIXED || own.is_some_and(|own| own.oid == oid),
            "{schema}.{name} has another OID"
        );
        ensure!(
            own.is_some_and(|own| own.kind == row.get::<_, String>(3)),
            "{schema}.{name} is of another kind"
        );
    }
    Ok(())
}
