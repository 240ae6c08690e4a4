//! What SHOW shows, row by row.

mod averages;
mod shadow;
mod sockets;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use super::command::Subject;
use super::help;
use crate::broker::Shared;
use crate::monitor::{ClientFigures, DatabaseFigures, Monitor};
use crate::pool::figures::PoolFigures;
use crate::rules::{GenerationFigures, RulesFigures};

type Row = Vec<Option<String>>;

/// The rows of a subject, as wide as its table.
pub(super) fn rows(subject: Subject, monitor: &Monitor, shared: &Shared) -> Vec<Row> {
    match subject {
        Subject::Help => help::rows()
            .into_iter()
            .map(|(command, about)| vec![text(command), text(about)])
            .collect(),
        Subject::Version => vec![vec![text(format!("pgiris {}", env!("CARGO_PKG_VERSION")))]],
        Subject::State => pairs(&[
            ("active", !shared.is_ending()),
            ("paused", shared.pools.is_paused()),
            ("draining", shared.is_ending()),
        ]),
        Subject::Databases => databases(monitor, shared),
        Subject::Pools => monitor.pools().iter().map(pool).collect(),
        Subject::Clients => clients(monitor),
        Subject::Servers => servers(monitor),
        Subject::Sockets => sockets::sockets(monitor),
        Subject::Users => sockets::users(monitor),
        Subject::Stats => stats(monitor),
        Subject::StatsAverages => averages::averages(monitor, shared.began.elapsed()),
        Subject::Errors => errors(monitor),
        Subject::Rules => rules(monitor),
        Subject::Config => config(shared),
        Subject::Lists => lists(monitor),
        Subject::Shadow => shadow::shadow(monitor),
        Subject::ShadowSamples => shadow::samples(monitor),
    }
}

fn databases(monitor: &Monitor, shared: &Shared) -> Vec<Row> {
    let mut found: BTreeMap<String, Vec<PoolFigures>> = BTreeMap::new();
    let traffic = monitor.databases().into_iter().map(|one| one.name);
    for name in traffic.chain(shared.pools.databases().names()) {
        found.entry(name).or_default();
    }
    for pool in monitor.pools() {
        found.entry(pool.database.clone()).or_default().push(pool);
    }
    let console = shared.console.load();
    found.retain(|name, _| console.database.as_ref() != Some(name));
    let row = |(name, pools): (String, Vec<PoolFigures>)| {
        let clients: usize = pools.iter().map(|pool| pool.clients).sum();
        let connections: usize = pools.iter().map(|pool| pool.active + pool.idle).sum();
        let place = shared.pools.databases().find(&name);
        let limits = place.as_ref().map(|place| place.limits());
        vec![
            text(&name),
            place.as_ref().map(|place| place.namespace_for(&name)),
            number(pools.len()),
            number(clients),
            number(connections),
            limits.map(|limits| limits.size.to_string()),
            limits.map(|limits| limits.mode.as_str().to_owned()),
            flag(shared.pools.is_paused_for(&name)),
            flag(shared.pools.is_disabled(&name)),
        ]
    };
    found.into_iter().map(row).collect()
}

fn pool(pool: &PoolFigures) -> Row {
    let pinned: usize = pool.pinned.values().sum();
    let reasons: Vec<String> = pool
        .pinned
        .iter()
        .map(|(reason, count)| format!("{reason}: {count}"))
        .collect();
    vec![
        text(&pool.database),
        text(&pool.user),
        number(pool.clients),
        number(pool.waiting),
        number(pool.active),
        number(pool.idle),
        number(pool.connecting),
        number(pinned),
        microseconds(pool.longest_wait),
        text(pool.mode.as_str()),
        number(pool.size),
        number(pool.leases),
        number(pool.waits),
        number(pool.timeouts),
        number(pool.connects),
        number(pool.failures),
        number(pool.losses),
        text(reasons.join(", ")),
    ]
}

fn clients(monitor: &Monitor) -> Vec<Row> {
    let servers = monitor.servers();
    let held: BTreeMap<u32, u64> = servers
        .iter()
        .filter_map(|server| Some((server.client?, server.number)))
        .collect();
    let row = |client: ClientFigures| {
        vec![
            number(client.process),
            text(&client.user),
            text(&client.database),
            text(client.state.as_str()),
            microseconds(client.state_time),
            client.address.map(|address| address.to_string()),
            moment(client.connected),
            text(&client.application),
            text(if client.is_encrypted { "yes" } else { "no" }),
            held.get(&client.process).map(u64::to_string),
            number(client.queries),
        ]
    };
    monitor.clients().into_iter().map(row).collect()
}

fn servers(monitor: &Monitor) -> Vec<Row> {
    let state = |client: Option<u32>| if client.is_some() { "active" } else { "idle" };
    monitor
        .servers()
        .into_iter()
        .map(|server| {
            vec![
                number(server.number),
                text(&server.user),
                text(&server.database),
                text(state(server.client)),
                microseconds(server.age),
                server.client.map(|process| process.to_string()),
                flag(server.is_pinned),
                number(server.leases),
            ]
        })
        .collect()
}

fn stats(monitor: &Monitor) -> Vec<Row> {
    let pools = monitor.pools();
    let row = |database: DatabaseFigures| {
        let of_it = pools.iter().filter(|pool| pool.database == database.name);
        let waited: Duration = of_it.map(|pool| pool.wait_time).sum();
        let errors: u64 = database.errors.values().sum();
        vec![
            text(&database.name),
            number(database.transactions),
            number(database.queries.count),
            number(database.statements),
            number(database.received),
            number(database.sent),
            microseconds(database.transaction_time),
            microseconds(database.queries.sum),
            microseconds(waited),
            number(errors),
            mean(database.queries.sum, database.queries.count),
            mean(database.transaction_time, database.transactions),
        ]
    };
    monitor.databases().into_iter().map(row).collect()
}

fn errors(monitor: &Monitor) -> Vec<Row> {
    let of = |database: DatabaseFigures| {
        let name = database.name;
        let errors = database.errors.into_iter();
        errors.map(move |((sqlstate, source), count)| {
            vec![
                text(&name),
                text(sqlstate),
                text(source.as_str()),
                number(count),
            ]
        })
    };
    monitor.databases().into_iter().flat_map(of).collect()
}

fn rules(monitor: &Monitor) -> Vec<Row> {
    let row = |path: String, one: GenerationFigures| {
        vec![
            text(path),
            text(one.name),
            text(one.version),
            text(one.digest),
            text(one.serves_from),
            one.serves_until,
            flag(one.is_in_use),
            number(one.cache_hits),
            number(one.translations.count),
            microseconds(one.translations.sum),
            number(one.failures),
        ]
    };
    let of = |rules: RulesFigures| {
        let path = rules.path.display().to_string();
        let generations = rules.generations.into_iter();
        generations.map(move |one| row(path.clone(), one))
    };
    monitor.rules().into_iter().flat_map(of).collect()
}

fn config(shared: &Shared) -> Vec<Row> {
    let settings = shared.operator.iter().flat_map(|one| one.settings());
    settings
        .map(|setting| {
            vec![
                text(setting.key),
                setting.value,
                setting.default,
                text(if setting.reloads { "yes" } else { "no" }),
            ]
        })
        .collect()
}

fn lists(monitor: &Monitor) -> Vec<Row> {
    let pools = monitor.pools();
    let clients = monitor.clients();
    let servers = monitor.servers();
    let used = servers.iter().filter(|server| server.client.is_some());
    let used = used.count();
    pairs(&[
        ("databases", monitor.databases().len()),
        ("pools", pools.len()),
        ("connections", monitor.connections()),
        ("clients", clients.len()),
        (
            "waiting_clients",
            pools.iter().map(|pool| pool.waiting).sum(),
        ),
        ("used_servers", used),
        ("free_servers", servers.len() - used),
        ("rules", monitor.generations().len()),
    ])
}

fn pairs<T: ToString + Copy>(pairs: &[(&str, T)]) -> Vec<Row> {
    let row = |(key, value): &(&str, T)| vec![text(*key), text(value.to_string())];
    pairs.iter().map(row).collect()
}

fn text(value: impl Into<String>) -> Option<String> {
    Some(value.into())
}

fn number(value: impl ToString) -> Option<String> {
    Some(value.to_string())
}

fn flag(value: bool) -> Option<String> {
    number(u8::from(value))
}

fn microseconds(duration: Duration) -> Option<String> {
    number(duration.as_micros())
}

fn mean(sum: Duration, count: u64) -> Option<String> {
    number(sum.as_micros() / u128::from(count.max(1)))
}

fn moment(time: SystemTime) -> Option<String> {
    let timestamp = Timestamp::try_from(time).ok()?;
    Some(timestamp.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}
