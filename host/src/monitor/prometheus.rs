//! Everything a monitor sees, as metrics for Prometheus.

mod shadow;

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeCounterValue, EncodeGaugeValue, EncodeMetric, MetricEncoder,
    NoLabelSet,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};

use super::{ClientState, DatabaseFigures, Durations, Monitor};
use crate::pool::figures::PoolFigures;
use crate::rules::{GenerationFigures, RulesFigures};

/// Labels of one line.
type Labels<'a> = Vec<(&'static str, &'a str)>;

/// Name, help and unit of a metric.
type Head<'a> = (&'a str, &'a str, Option<&'a Unit>);

impl Monitor {
    /// Lets a registry know all metrics of this broker; their names begin with `pgiris`. What
    /// they are is asked each time that the registry is.
    pub fn register(&self, registry: &mut Registry) {
        let registry = registry.sub_registry_with_prefix("pgiris");
        registry.register_collector(Box::new(self.clone()));
    }
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor").finish_non_exhaustive()
    }
}

impl Collector for Monitor {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut sheet = Sheet { encoder };
        self.broker(&mut sheet)?;
        clients(&mut sheet, self)?;
        pools(&mut sheet, &self.pools())?;
        databases(&mut sheet, &self.databases())?;
        rules(&mut sheet, &self.rules())?;
        match self.shadow() {
            Some(figures) => shadow::shadow(&mut sheet, &figures),
            None => Ok(()),
        }
    }
}

impl Monitor {
    fn broker(&self, sheet: &mut Sheet<'_>) -> fmt::Result {
        let version = vec![("version", env!("CARGO_PKG_VERSION"))];
        sheet.gauges(
            ("build", "The broker, by its version", None),
            [(version, 1)],
        )?;
        let serves = u64::from(self.unready().is_none());
        sheet.gauge("ready", "Whether clients can be served", serves)
    }
}

fn clients(sheet: &mut Sheet<'_>, monitor: &Monitor) -> fmt::Result {
    let connections = monitor.connections() as u64;
    sheet.gauge(
        "client_connections",
        "Connections that clients have opened, before and after login",
        connections,
    )?;
    sheet.counter(
        "client_connections_refused",
        "Connections of clients that were turned away for want of a place",
        monitor.turned_away(),
    )?;
    let clients = monitor.clients();
    let count = |state: ClientState| {
        let there = clients.iter().filter(|client| client.state == state);
        (vec![("state", state.as_str())], there.count() as u64)
    };
    sheet.gauges(
        ("clients", "Sessions, by what they do", None),
        ClientState::ALL.map(count),
    )
}

fn pools(sheet: &mut Sheet<'_>, pools: &[PoolFigures]) -> fmt::Result {
    type Reading = fn(&PoolFigures) -> u64;
    let states: [(&str, Reading); 3] = [
        ("active", |pool| pool.active as u64),
        ("idle", |pool| pool.idle as u64),
        ("connecting", |pool| pool.connecting as u64),
    ];
    let by_state = pools.iter().flat_map(|pool| {
        states.iter().map(move |(state, read)| {
            let mut labels = of_pool(pool);
            labels.push(("state", *state));
            (labels, read(pool))
        })
    });
    sheet.gauges(
        (
            "server_connections",
            "Connections to IRIS, by what becomes of them",
            None,
        ),
        by_state,
    )?;
    let pinned = pools.iter().flat_map(|pool| {
        pool.pinned.iter().map(move |(reason, count)| {
            let mut labels = of_pool(pool);
            labels.push(("reason", reason.as_str()));
            (labels, *count as u64)
        })
    });
    sheet.gauges(("server_connections_pinned", "Connections to IRIS that sessions keep beyond their transaction, by the command that left something there", None),
        pinned,
    )?;
    let gauges: [(&str, &str, Reading); 4] = [
        ("pool_clients", "Sessions that may use the pool", |pool| {
            pool.clients as u64
        }),
        (
            "pool_waiting",
            "Sessions that wait for a connection",
            |pool| pool.waiting as u64,
        ),
        (
            "pool_size",
            "Connections that there may be; 0: any number",
            |pool| pool.size as u64,
        ),
        ("pool_paused", "Whether the pool is paused", |pool| {
            u64::from(pool.is_paused)
        }),
    ];
    for (name, help, read) in gauges {
        sheet.gauges(
            (name, help, None),
            pools.iter().map(|pool| (of_pool(pool), read(pool))),
        )?;
    }
    let longest = pools
        .iter()
        .map(|pool| (of_pool(pool), pool.longest_wait.as_secs_f64()));
    sheet.gauges(
        (
            "pool_longest_wait",
            "How long the session has waited that is first in the queue",
            Some(&Unit::Seconds),
        ),
        longest,
    )?;
    let counters: [(&str, &str, Reading); 6] = [
        (
            "pool_leases",
            "How often a session was lent a connection",
            |pool| pool.leases,
        ),
        (
            "pool_waits",
            "How often a session had to wait for one",
            |pool| pool.waits,
        ),
        ("pool_timeouts", "How often one waited in vain", |pool| {
            pool.timeouts
        }),
        (
            "server_connects",
            "Connections to IRIS that were opened",
            |pool| pool.connects,
        ),
        (
            "server_connect_failures",
            "How often one could not be opened",
            |pool| pool.failures,
        ),
        (
            "server_losses",
            "Connections to IRIS that were lost, or found dead",
            |pool| pool.losses,
        ),
    ];
    for (name, help, read) in counters {
        sheet.counters(
            (name, help, None),
            pools.iter().map(|pool| (of_pool(pool), read(pool))),
        )?;
    }
    let waited = pools
        .iter()
        .map(|pool| (of_pool(pool), pool.wait_time.as_secs_f64()));
    sheet.counters(
        (
            "pool_wait",
            "How long sessions have waited for connections together",
            Some(&Unit::Seconds),
        ),
        waited,
    )
}

fn databases(sheet: &mut Sheet<'_>, databases: &[DatabaseFigures]) -> fmt::Result {
    type Reading = fn(&DatabaseFigures) -> u64;
    let counters: [(&str, &str, Reading); 4] = [
        ("received_bytes", "Bytes that came from clients", |one| {
            one.received
        }),
        ("sent_bytes", "Bytes that went to clients", |one| one.sent),
        (
            "statements",
            "Statements that were executed, or failed when they were to be",
            |one| one.statements,
        ),
        ("transactions", "Transactions that ended", |one| {
            one.transactions
        }),
    ];
    for (name, help, read) in counters {
        sheet.counters(
            (name, help, None),
            databases.iter().map(|one| (of_database(one), read(one))),
        )?;
    }
    let time = databases
        .iter()
        .map(|one| (of_database(one), one.transaction_time.as_secs_f64()));
    sheet.counters(
        (
            "transaction",
            "How long transactions took together",
            Some(&Unit::Seconds),
        ),
        time,
    )?;
    let queries = databases.iter().map(|one| (of_database(one), &one.queries));
    sheet.histograms(
        (
            "query",
            "How long clients waited for ReadyForQuery",
            Some(&Unit::Seconds),
        ),
        queries,
    )?;
    let errors = databases.iter().flat_map(|one| {
        one.errors.iter().map(move |((sqlstate, source), count)| {
            let mut labels = of_database(one);
            labels.push(("sqlstate", sqlstate));
            labels.push(("source", source.as_str()));
            (labels, *count)
        })
    });
    sheet.counters(
        (
            "errors",
            "Errors that clients were told, by SQLSTATE and by who found them",
            None,
        ),
        errors,
    )
}

fn rules(sheet: &mut Sheet<'_>, rules: &[RulesFigures]) -> fmt::Result {
    type Reading = fn(&RulesFigures) -> u64;
    let paths: Vec<String> = rules
        .iter()
        .map(|one| one.path.display().to_string())
        .collect();
    let counters: [(&str, &str, Reading); 4] = [
        (
            "rules_distrusted",
            "How often the rules before were taken again because those in use failed too often",
            |one| one.distrusted,
        ),
        (
            "rules_published",
            "How often other rules were published than before",
            |one| one.published,
        ),
        (
            "rules_refused",
            "Files of rules that could not be used",
            |one| one.refused,
        ),
        (
            "rules_rolled_back",
            "How often the rules before were taken again",
            |one| one.rolled_back,
        ),
    ];
    for (name, help, read) in counters {
        let lines = rules.iter().zip(&paths);
        let lines = lines.map(|(one, path)| (vec![("path", path.as_str())], read(one)));
        sheet.counters((name, help, None), lines)?;
    }
    let all: Vec<(&str, &GenerationFigures)> = rules
        .iter()
        .zip(&paths)
        .flat_map(|(one, path)| {
            let generations = one.generations.iter();
            generations.map(move |generation| (path.as_str(), generation))
        })
        .collect();
    let in_use = all
        .iter()
        .map(|one| (of_rules(*one), u64::from(one.1.is_in_use)));
    sheet.gauges(
        (
            "rules_in_use",
            "Whether statements are answered by them",
            None,
        ),
        in_use,
    )?;
    let hits = all.iter().map(|one| (of_rules(*one), one.1.cache_hits));
    sheet.counters(
        ("plan_cache_hits", "How often a plan was at hand", None),
        hits,
    )?;
    let translations = all.iter().map(|one| (of_rules(*one), &one.1.translations));
    sheet.histograms(
        (
            "translation",
            "How long the rules took for a text whose plan was not at hand",
            Some(&Unit::Seconds),
        ),
        translations,
    )?;
    let failures = all.iter().map(|one| (of_rules(*one), one.1.failures));
    sheet.counters(
        (
            "rules_failures",
            "How often the rules trapped, ran out of time or memory, or gave a plan that is none",
            None,
        ),
        failures,
    )
}

fn of_pool(pool: &PoolFigures) -> Labels<'_> {
    vec![("database", &pool.database), ("user", &pool.user)]
}

fn of_database(database: &DatabaseFigures) -> Labels<'_> {
    vec![("database", &database.name)]
}

fn of_rules<'a>((path, rules): (&'a str, &'a GenerationFigures)) -> Labels<'a> {
    vec![
        ("path", path),
        ("rules", &rules.name),
        ("digest", &rules.digest),
    ]
}

/// Metrics, written one after the other.
struct Sheet<'a> {
    encoder: DescriptorEncoder<'a>,
}

impl Sheet<'_> {
    fn gauge(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        let metric = self
            .encoder
            .encode_descriptor(name, help, None, MetricType::Gauge)?;
        ConstGauge::new(value).encode(metric)
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        let metric = self
            .encoder
            .encode_descriptor(name, help, None, MetricType::Counter)?;
        ConstCounter::new(value).encode(metric)
    }

    fn gauges<'l, N: EncodeGaugeValue>(
        &mut self,
        head: Head<'_>,
        lines: impl IntoIterator<Item = (Labels<'l>, N)>,
    ) -> fmt::Result {
        let write = |value, metric: MetricEncoder<'_>| ConstGauge::new(value).encode(metric);
        self.lines(head, MetricType::Gauge, lines, write)
    }

    fn counters<'l, N: EncodeCounterValue>(
        &mut self,
        head: Head<'_>,
        lines: impl IntoIterator<Item = (Labels<'l>, N)>,
    ) -> fmt::Result {
        let write = |value, metric: MetricEncoder<'_>| ConstCounter::new(value).encode(metric);
        self.lines(head, MetricType::Counter, lines, write)
    }

    fn histograms<'l>(
        &mut self,
        head: Head<'_>,
        lines: impl IntoIterator<Item = (Labels<'l>, &'l Durations)>,
    ) -> fmt::Result {
        let write = |value: &Durations, mut metric: MetricEncoder<'_>| {
            let within: u64 = value.buckets.iter().map(|(_, count)| count).sum();
            let bounded = value
                .buckets
                .iter()
                .map(|(bound, count)| (bound.as_secs_f64(), *count));
            let beyond = (f64::MAX, value.count.saturating_sub(within));
            let buckets: Vec<_> = bounded.chain([beyond]).collect();
            metric.encode_histogram::<NoLabelSet>(
                value.sum.as_secs_f64(),
                value.count,
                &buckets,
                None,
            )
        };
        self.lines(head, MetricType::Histogram, lines, write)
    }

    fn lines<'l, T>(
        &mut self,
        (name, help, unit): Head<'_>,
        kind: MetricType,
        lines: impl IntoIterator<Item = (Labels<'l>, T)>,
        write: impl Fn(T, MetricEncoder<'_>) -> fmt::Result,
    ) -> fmt::Result {
        let mut metric = self.encoder.encode_descriptor(name, help, unit, kind)?;
        for (labels, value) in lines {
            write(value, metric.encode_family(&labels)?)?;
        }
        Ok(())
    }
}
