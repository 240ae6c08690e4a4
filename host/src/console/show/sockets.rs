//! SHOW SOCKETS and SHOW USERS: clients and connections to IRIS, one by one and by user.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::{Row, moment, number, text};
use crate::monitor::Monitor;

/// Clients, then connections to IRIS, each with the other end that it has at the moment.
pub(super) fn sockets(monitor: &Monitor) -> Vec<Row> {
    let servers = monitor.servers();
    let held: BTreeMap<u32, u64> = servers
        .iter()
        .filter_map(|server| Some((server.client?, server.number)))
        .collect();
    let clients = monitor.clients().into_iter().map(|client| {
        vec![
            text("C"),
            text(&client.user),
            text(&client.database),
            text(client.state.as_str()),
            client.address.map(|address| address.to_string()),
            moment(client.connected),
            number(client.process),
            held.get(&client.process).map(u64::to_string),
        ]
    });
    let of_servers = servers.iter().map(|server| {
        vec![
            text("S"),
            text(&server.user),
            text(&server.database),
            text(if server.client.is_some() {
                "active"
            } else {
                "idle"
            }),
            None,
            SystemTime::now().checked_sub(server.age).and_then(moment),
            server.client.map(|process| process.to_string()),
            number(server.number),
        ]
    });
    clients.chain(of_servers).collect()
}

/// Those that have a client, a connection or a pool.
pub(super) fn users(monitor: &Monitor) -> Vec<Row> {
    let mut found: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    let mut count = |user: String, column: usize| found.entry(user).or_default()[column] += 1;
    for client in monitor.clients() {
        count(client.user, 0);
    }
    for server in monitor.servers() {
        count(server.user, 1);
    }
    for pool in monitor.pools() {
        count(pool.user, 2);
    }
    let row = |(name, counts): (String, [usize; 3])| {
        let counts = counts.into_iter().map(number);
        std::iter::once(text(name)).chain(counts).collect()
    };
    found.into_iter().map(row).collect()
}
