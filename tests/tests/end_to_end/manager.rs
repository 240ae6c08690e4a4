//! What the service manager hears, on a socket in its place; and the socket that it hands over.

use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, DEADLINE, WireClient, answers, rules_file};

/// The manager's end.
struct Manager {
    socket: UnixDatagram,
    directory: tempfile::TempDir,
}

impl Manager {
    fn new() -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let socket = UnixDatagram::bind(directory.path().join("notify"))?;
        socket.set_read_timeout(Some(DEADLINE))?;
        Ok(Self { socket, directory })
    }

    /// What comes next, but for signs of life.
    fn hears(&self) -> Result<String> {
        loop {
            let mut buffer = [0; 1024];
            let length = self.socket.recv(&mut buffer).context("nothing is told")?;
            let told = String::from_utf8_lossy(&buffer[..length]).trim().to_owned();
            if told != "WATCHDOG=1" {
                return Ok(told);
            }
        }
    }

    fn serve(&self, watchdog: Option<&str>) -> Result<Broker> {
        let file = self.directory.path().join("pgiris.toml");
        std::fs::write(&file, "upstream = 'sandbox:'\n")?;
        let path = self.directory.path().join("notify").display().to_string();
        let mut variables = vec![("NOTIFY_SOCKET", path.as_str())];
        variables.extend(watchdog.map(|time| ("WATCHDOG_USEC", time)));
        let arguments = [
            "--config".into(),
            file.into(),
            "--rules".into(),
            rules_file("iris-2025.1")?.into(),
        ];
        Broker::in_environment(arguments, &variables)
    }
}

#[test]
fn the_manager_is_told_of_start_reload_and_end() -> Result<()> {
    let manager = Manager::new()?;
    let mut broker = manager.serve(None)?;
    ensure!(manager.hears()? == "READY=1");
    answers(&mut WireClient::ready(broker.port(), "USER")?)?;
    broker.signal("HUP")?;
    let reloading = manager.hears()?;
    let moment = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=");
    ensure!(
        moment.is_some_and(|moment| moment.parse::<u64>().is_ok()),
        "{reloading}"
    );
    ensure!(manager.hears()? == "READY=1");
    broker.signal("TERM")?;
    ensure!(manager.hears()? == "STOPPING=1");
    ensure!(broker.ended()?.success());
    Ok(())
}

#[test]
fn the_manager_hears_signs_of_life() -> Result<()> {
    let manager = Manager::new()?;
    let _broker = manager.serve(Some("20000"))?;
    ensure!(manager.hears()? == "READY=1");
    for _ in 0..3 {
        let mut buffer = [0; 1024];
        let length = manager.socket.recv(&mut buffer)?;
        let told = String::from_utf8_lossy(&buffer[..length]);
        ensure!(told.trim() == "WATCHDOG=1", "{told}");
    }
    Ok(())
}

#[test]
fn clients_are_accepted_on_the_socket_that_is_handed_over() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let rules = rules_file("iris-2025.1")?;
    let broker = Broker::inheriting(listener, ["--rules".into(), rules.into()])?;
    ensure!(broker.port() == port, "{}", broker.output());
    answers(&mut WireClient::ready(port, "USER")?)
}

#[test]
fn a_socket_that_others_reach_needs_access_rules_as_well() -> Result<()> {
    let listener = TcpListener::bind("0.0.0.0:0")?;
    let rules = rules_file("iris-2025.1")?;
    let refused = Broker::inheriting(listener, ["--rules".into(), rules.into()]);
    let why = refused.err().context("it started")?.to_string();
    ensure!(why.contains("nothing says who may enter"), "{why}");
    Ok(())
}
