//! Tries everything that WASI could grant, and tells what came of it.

use crate::bindings::wasi::cli::{environment, stdin, stdout};
use crate::bindings::wasi::clocks::{monotonic_clock, wall_clock};
use crate::bindings::wasi::filesystem::preopens;
use crate::bindings::wasi::io::poll;
use crate::bindings::wasi::io::streams::StreamError;
use crate::bindings::wasi::random::random;
use crate::bindings::wasi::sockets::network::IpAddressFamily;
use crate::bindings::wasi::sockets::{instance_network, ip_name_lookup, tcp_create_socket};

/// A line for each attempt.
pub(crate) fn around() -> Vec<String> {
    let mut found = vec![
        format!("{} variables", environment::get_environment().len()),
        format!("{} arguments", environment::get_arguments().len()),
        format!("directory {:?}", environment::initial_cwd()),
        format!("{} directories", preopens::get_directories().len()),
    ];
    found.push(match stdin::get_stdin().blocking_read(10) {
        Err(StreamError::Closed) => "input closed".into(),
        other => format!("input {other:?}"),
    });
    let network = instance_network::instance_network();
    found.push(
        match ip_name_lookup::resolve_addresses(&network, "localhost") {
            Ok(_) => "localhost has an address".into(),
            Err(error) => format!("address: {}", error.name()),
        },
    );
    found.push(
        match tcp_create_socket::create_tcp_socket(IpAddressFamily::Ipv4) {
            Ok(_) => "a socket".into(),
            Err(error) => format!("socket: {}", error.name()),
        },
    );
    let output = stdout::get_stdout();
    let written = output.check_write().is_ok()
        && output
            .blocking_write_and_flush(b"seen by its author\n")
            .is_ok();
    found.push(format!("written {written}"));
    found.push(format!("{} seconds since 1970", wall_clock::now().seconds));
    let before = monotonic_clock::now();
    // A day, which nobody waits.
    let day = monotonic_clock::subscribe_duration(24 * 3600 * 1_000_000_000);
    day.block();
    let ready = poll::poll(&[&day, &day]).len();
    let passed = (monotonic_clock::now() - before) / 1_000_000_000;
    found.push(format!("{passed} seconds passed, {ready} ready"));
    let bytes = random::get_random_bytes(3);
    found.push(format!("random {:x} {bytes:?}", random::get_random_u64()));
    found
}
