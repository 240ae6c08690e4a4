//! What the broker does now, on one page.

use std::time::Duration;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use pgiris::monitor::{ClientFigures, ClientState, DatabaseFigures};
use pgiris::rules::RulesFigures;
use pgiris::shadow::ShadowFigures;
use pgiris::{Monitor, PoolFigures};

/// How often the page is loaded anew, in seconds.
const REFRESH: u32 = 5;

/// Clients that are listed; what a page can show at a glance.
const LISTED: usize = 50;

pub(super) fn overview(monitor: &Monitor) -> Markup {
    let body = html! {
        (state(monitor))
        (databases(&monitor.databases()))
        (pools(&monitor.pools()))
        (clients(monitor.clients()))
        @for one in monitor.rules() { (rules(&one)) }
        @if let Some(figures) = monitor.shadow() { (candidate(&figures)) }
    };
    frame("Overview", Some(REFRESH), &body)
}

/// A page: what is on every one of them, around `body`. `refresh`: seconds.
pub(super) fn frame(title: &str, refresh: Option<u32>, body: &Markup) -> Markup {
    let link = |path: &str, name: &str| {
        html! { a href=(path) aria-current=[(name == title).then_some("page")] { (name) } }
    };
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                @if let Some(seconds) = refresh {
                    meta http-equiv="refresh" content=(seconds);
                }
                title { "pgiris: " (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    strong { "pgiris" }
                    nav {
                        (link("/", "Overview"))
                        (link("/translate", "Translation"))
                        a href="/metrics" { "Metrics" }
                    }
                    small { "version " (env!("CARGO_PKG_VERSION")) }
                }
                main { (body) }
            }
        }
    }
}

const STYLE: &str = include_str!("style.css");

fn state(monitor: &Monitor) -> Markup {
    match monitor.unready() {
        None => html! { p.state.good { "Clients can be served." } },
        Some(why) => html! { p.state.bad { "Clients cannot be served: " (why) } },
    }
}

fn databases(databases: &[DatabaseFigures]) -> Markup {
    let names = [
        "database",
        "queries",
        "mean",
        "transactions",
        "received",
        "sent",
        "errors",
    ];
    let rows = databases.iter().map(|one| {
        let errors: u64 = one.errors.values().sum();
        vec![
            one.name.clone(),
            one.queries.count.to_string(),
            mean(one.queries.sum, one.queries.count),
            one.transactions.to_string(),
            size(one.received),
            size(one.sent),
            errors.to_string(),
        ]
    });
    table("Traffic", "since the start", &names, 1, rows.collect())
}

fn pools(pools: &[PoolFigures]) -> Markup {
    let names = [
        "database", "user", "mode", "clients", "waiting", "active", "idle", "opening", "size",
        "pinned", "lost", "state",
    ];
    let rows = pools.iter().map(|pool| {
        let pinned: usize = pool.pinned.values().sum();
        let state = match (&pool.refusal, pool.is_paused) {
            (_, true) => "paused",
            (Some(_), _) => "cannot connect",
            (None, false) => "",
        };
        vec![
            pool.database.clone(),
            pool.user.clone(),
            pool.mode.as_str().to_owned(),
            pool.clients.to_string(),
            pool.waiting.to_string(),
            pool.active.to_string(),
            pool.idle.to_string(),
            pool.connecting.to_string(),
            match pool.size {
                0 => "any".to_owned(),
                size => size.to_string(),
            },
            pinned.to_string(),
            pool.losses.to_string(),
            state.to_owned(),
        ]
    });
    table("Pools", "connections to IRIS", &names, 3, rows.collect())
}

fn clients(mut clients: Vec<ClientFigures>) -> Markup {
    // Those that do something are of more interest than those that do not, and for the longest.
    clients.sort_by_key(|client| {
        let is_idle = client.state == ClientState::Idle;
        (is_idle, std::cmp::Reverse(client.state_time))
    });
    let names = [
        "process",
        "user",
        "database",
        "application",
        "address",
        "state",
        "for",
        "queries",
    ];
    let count = clients.len();
    let rows = clients.into_iter().take(LISTED).map(|client| {
        vec![
            client.process.to_string(),
            client.user,
            client.database,
            client.application,
            client
                .address
                .map_or_else(String::new, |address| address.to_string()),
            client.state.as_str().to_owned(),
            span(client.state_time),
            client.queries.to_string(),
        ]
    });
    let about = match count {
        0..=LISTED => count.to_string(),
        _ => format!("{LISTED} of {count}"),
    };
    table("Clients", &about, &names, 7, rows.collect())
}

fn rules(rules: &RulesFigures) -> Markup {
    let names = [
        "rules",
        "version",
        "digest",
        "for IRIS",
        "in use",
        "translations",
        "mean",
        "from the cache",
        "failures",
    ];
    let rows = rules.generations.iter().map(|one| {
        let until = one.serves_until.as_ref();
        vec![
            one.name.clone(),
            one.version.clone(),
            one.digest.clone(),
            match until {
                Some(until) => format!("from {} before {until}", one.serves_from),
                None => format!("from {}", one.serves_from),
            },
            if one.is_in_use { "yes" } else { "" }.to_owned(),
            one.translations.count.to_string(),
            mean(one.translations.sum, one.translations.count),
            one.cache_hits.to_string(),
            one.failures.to_string(),
        ]
    });
    let about = rules.path.display().to_string();
    table("Rules", &about, &names, 5, rows.collect())
}

/// What a candidate does differently.
fn candidate(figures: &ShadowFigures) -> Markup {
    let names = [
        "rules",
        "candidate",
        "in what",
        "compared",
        "differing",
        "time",
        "candidate's time",
    ];
    let about = format!(
        "{}, {} % of messages, {} dropped",
        figures.path.display(),
        figures.share * 100.0,
        figures.dropped
    );
    let rows = figures.pairs.iter().map(|pair| {
        let differences = pair.differences.iter();
        let differences = differences.map(|(kind, count)| format!("{} {count}", kind.as_str()));
        vec![
            pair.active.clone(),
            format!("{} {}", pair.candidate, pair.candidate_digest),
            differences.collect::<Vec<_>>().join(", "),
            pair.compared.to_string(),
            pair.differing.to_string(),
            mean(pair.active_time.sum, pair.active_time.count),
            mean(pair.candidate_time.sum, pair.candidate_time.count),
        ]
    });
    table("Candidate", &about, &names, 3, rows.collect())
}

/// `words`: how many columns at the front are texts; the others are numbers.
fn table(title: &str, about: &str, names: &[&str], words: usize, rows: Vec<Vec<String>>) -> Markup {
    let class = |index: usize| (index >= words).then_some("number");
    html! {
        section {
            h2 { (title) " " small { (about) } }
            @if rows.is_empty() {
                p.none { "none" }
            } @else {
                div.wide {
                    table {
                        thead { tr {
                            @for (index, name) in names.iter().enumerate() {
                                th scope="col" class=[class(index)] { (name) }
                            }
                        } }
                        tbody {
                            @for row in &rows {
                                tr {
                                    @for (index, value) in row.iter().enumerate() {
                                        td class=[class(index)] { (value) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn mean(sum: Duration, count: u64) -> String {
    match u32::try_from(count) {
        Ok(0) => String::new(),
        Ok(count) => span(sum / count),
        Err(_) => span(sum.div_f64(count as f64)),
    }
}

/// With three digits or so.
fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 if time < Duration::from_millis(1) => format!("{} µs", time.as_micros()),
        0 => format!("{:.1} ms", time.as_secs_f64() * 1e3),
        1..60 => format!("{:.1} s", time.as_secs_f64()),
        60..3600 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut amount = bytes as f64 / 1024.0;
    let mut unit = UNITS[0];
    for next in &UNITS[1..] {
        if amount < 1024.0 {
            break;
        }
        amount /= 1024.0;
        unit = next;
    }
    format!("{amount:.1} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_readable() {
        let texts = [0, 1023, 1024, 1_572_864, u64::MAX].map(size);
        assert_eq!(texts, ["0 B", "1023 B", "1.0 kB", "1.5 MB", "16384.0 PB"]);
        let texts = [0, 999, 1_500, 61_000_000, 7_260_000_000]
            .map(|microseconds| span(Duration::from_micros(microseconds)));
        assert_eq!(texts, ["0 µs", "999 µs", "1.5 ms", "1 min", "2 h 1 min"]);
        assert_eq!(mean(Duration::from_secs(3), 0), "");
    }
}
