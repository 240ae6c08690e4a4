//! The admin port: health, metrics and the page for people.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use pgiris_tests::{AdminPort, Answer, Broker, connect, metric, rules_directory};

/// A broker with an admin port.
struct Site {
    broker: Broker,
    admin: AdminPort,
}

impl Site {
    fn serve(upstream: &str) -> Result<Self> {
        let arguments = [
            "--admin",
            "127.0.0.1:0",
            "--auth",
            "trust",
            "--upstream",
            upstream,
        ];
        let rules = ["--rules".into(), rules_directory()?.into()];
        let broker = Broker::with(arguments.map(Into::into).into_iter().chain(rules))?;
        Ok(Self {
            admin: AdminPort::of(&broker)?,
            broker,
        })
    }

    fn get(&self, path: &str) -> Result<Answer> {
        self.admin.get(path)
    }

    fn get_as(&self, path: &str, accept: &str) -> Result<Answer> {
        self.admin.get_as(path, accept)
    }
}

#[tokio::test]
async fn metrics_count_what_clients_do() -> Result<()> {
    let site = Site::serve("sandbox:")?;
    let client = connect(site.broker.port(), "USER").await?;
    for _ in 0..3 {
        client.simple_query("SELECT 1").await?;
    }
    ensure!(client.simple_query("SELECT * FROM missing").await.is_err());
    let answer = site.get("/metrics")?;
    ensure!(answer.status == 200 && answer.head.contains("text/plain; version=0.0.4"));
    for (line, least) in [
        ("pgiris_query_seconds_count{database=\"USER\"}", 4.0),
        ("pgiris_statements_total{database=\"USER\"}", 3.0),
        ("pgiris_clients{state=\"idle\"}", 1.0),
        (
            "pgiris_errors_total{database=\"USER\",sqlstate=\"42P01\",source=\"server\"}",
            1.0,
        ),
        (
            "pgiris_server_connections{database=\"USER\",user=\"postgres\",state=\"active\"}",
            1.0,
        ),
        ("pgiris_ready", 1.0),
    ] {
        let value =
            metric(&answer.body, line).with_context(|| format!("{line}:\n{}", answer.body))?;
        ensure!(value >= least, "{line} {value}");
    }
    let open = site.get_as("/metrics", "application/openmetrics-text;version=1.0.0")?;
    ensure!(open.head.contains("application/openmetrics-text") && open.body.ends_with("# EOF\n"));
    Ok(())
}

/// Prometheus refuses a whole page for two lines with the same labels.
#[tokio::test]
async fn no_line_is_told_twice() -> Result<()> {
    let site = Site::serve("sandbox:")?;
    // The console has no pool, and each spelling of a namespace the same.
    let consoles = [
        connect(site.broker.port(), "pgiris").await?,
        connect(site.broker.port(), "pgiris").await?,
    ];
    let clients = [
        connect(site.broker.port(), "USER").await?,
        connect(site.broker.port(), "user").await?,
    ];
    let page = site.get("/metrics")?.body;
    let mut lines = BTreeSet::new();
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let (name, _) = line.rsplit_once(' ').context("a value")?;
        ensure!(lines.insert(name), "{name} stands there twice\n{page}");
    }
    let of_pools = lines.iter().filter(|name| name.contains("pool_clients"));
    let of_pools: Vec<_> = of_pools.copied().collect();
    let expected = "pgiris_pool_clients{database=\"USER\",user=\"postgres\"}";
    ensure!(of_pools == [expected], "{of_pools:?}");
    ensure!(metric(&page, expected) == Some(2.0), "{page}");
    drop((clients, consoles));
    Ok(())
}

#[tokio::test]
async fn health_is_told_apart_from_readiness() -> Result<()> {
    let site = Site::serve("postgres://nobody@127.0.0.1:1/USER")?;
    ensure!(site.get("/healthz")?.status == 200);
    // Nobody has tried yet.
    ensure!(site.get("/readyz")?.status == 200);
    ensure!(connect(site.broker.port(), "USER").await.is_err());
    let answer = site.get("/readyz")?;
    ensure!(answer.status == 503, "{}", answer.body);
    ensure!(!answer.body.trim().is_empty());
    ensure!(site.get("/healthz")?.status == 200);
    Ok(())
}

#[tokio::test]
async fn the_page_shows_pools_clients_and_rules() -> Result<()> {
    let site = Site::serve("sandbox:")?;
    let client = connect(site.broker.port(), "USER").await?;
    client.batch_execute("SET application_name = '<b>'").await?;
    let page = site.get("/")?;
    ensure!(page.status == 200 && page.head.contains("text/html"));
    for part in [
        "Clients can be served",
        "postgres",
        "iris-2025.1",
        "&lt;b&gt;",
    ] {
        ensure!(page.body.contains(part), "{part}:\n{}", page.body);
    }
    ensure!(
        page.head
            .contains("content-security-policy: default-src 'none'")
    );
    Ok(())
}

#[test]
fn the_explorer_shows_what_each_rule_does() -> Result<()> {
    let site = Site::serve("sandbox:")?;
    let ask = |query: &str| site.get(&format!("/translate?{query}"));
    let page = ask("sql=SELECT+a+FROM+t+ORDER+BY+v+%3C%3D%3E+%27%5B1%2C2%5D%27+LIMIT+3")?;
    for part in ["cosine_distance_operator", "<ins>", "VECTOR_COSINE"] {
        ensure!(page.body.contains(part), "{part}:\n{}", page.body);
    }
    // Older versions have no vectors.
    let page = ask("rules=iris-2023.1&sql=SELECT+a+FROM+t+ORDER+BY+v+%3C%3D%3E+%27%5B1%5D%27")?;
    ensure!(page.body.contains("0A000"), "{}", page.body);
    let page = ask("sql=SELEC+%3Cscript%3E")?;
    ensure!(page.status == 200 && !page.body.contains("<script>"));
    ensure!(site.get("/nothing")?.status == 404);
    Ok(())
}
