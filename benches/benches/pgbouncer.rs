//! The broker beside PgBouncer: the same PostgreSQL behind both, the same pool, pgbench with the statement of `pgbench -S` as the client.
//!
//! The floor is PostgreSQL without anything in between, where the number of its connections allows it. Rounds go
//! through all of them in turn, so that what else the machine does hits all; of each the median round is printed.
//! PgBouncer hands bytes on; the broker plans each statement, too, so it asks more of the processor for less load.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use pgiris_benches::Table;
use pgiris_tests::{Broker, Postgres, rules_file, trusting};

/// Connections to PostgreSQL that clients share.
const CONNECTIONS: usize = 20;
/// Of `pgbench_accounts`: 100,000 rows.
const SCALE: usize = 1;
/// What `pgbench --select-only` sends; with that, pgbench would ask the catalogue for the table, and the broker knows
/// only of tables that IRIS tells of.
const SELECT: &str =
    "\\set aid random(1, 100000)\nSELECT abalance FROM pgbench_accounts WHERE aid = :aid;\n";
const CLIENTS: [usize; 3] = [1, 16, 256];
const ROUNDS: usize = 3;
const SECONDS: usize = 5;
/// How many clients PostgreSQL takes without a pool.
const DIRECT: usize = 50;

fn main() -> Result<()> {
    let postgres = Postgres::start()?;
    let directory = tempfile::tempdir()?;
    run(
        pgbench().args(["--initialize", "--quiet", "--scale", &SCALE.to_string()]),
        postgres.port(),
    )?;
    let script = directory.path().join("select.sql");
    fs::write(&script, SELECT)?;
    let bouncer = Bouncer::start(directory.path(), postgres.port())?;
    let broker = broker(directory.path(), &postgres)?;
    let sites = [
        Site {
            name: "none",
            port: postgres.port(),
            process: None,
        },
        Site {
            name: "PgBouncer",
            port: bouncer.port,
            process: Some(bouncer.child.id()),
        },
        Site {
            name: "pgiris",
            port: broker.port(),
            process: Some(broker.id()),
        },
    ];
    let mut table = Table::new(&[
        "protocol",
        "clients",
        "between",
        "transactions/s",
        "latency",
        "processor for one",
    ]);
    for protocol in ["simple", "extended", "prepared"] {
        for clients in CLIENTS {
            let mut all = vec![Vec::new(); sites.len()];
            for _ in 0..ROUNDS {
                for (site, measured) in sites.iter().zip(&mut all) {
                    let is_direct = site.process.is_none();
                    // In transaction mode Debian's PgBouncer, 1.18, knows no prepared statements.
                    let is_able = site.name != "PgBouncer" || protocol != "prepared";
                    if is_able && (!is_direct || clients <= DIRECT) {
                        measured.push(measure(site, &script, protocol, clients)?);
                    }
                }
            }
            for (site, mut measured) in sites.iter().zip(all) {
                measured.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
                let Some(median) = measured.get(measured.len() / 2) else {
                    continue;
                };
                table.row([
                    protocol.to_owned(),
                    clients.to_string(),
                    site.name.to_owned(),
                    format!("{:.0}", median.per_second),
                    format!("{:.0} µs", median.latency * 1e3),
                    median.processor.map_or_else(String::new, |time| {
                        format!("{:.1} µs", time.as_secs_f64() * 1e6)
                    }),
                ]);
            }
        }
    }
    table.print();
    Ok(())
}

/// What clients talk to.
struct Site {
    name: &'static str,
    port: u16,
    /// Of what is between.
    process: Option<u32>,
}

#[derive(Clone, Copy)]
struct Measured {
    per_second: f64,
    /// Milliseconds.
    latency: f64,
    processor: Option<Duration>,
}

fn measure(site: &Site, script: &Path, protocol: &str, clients: usize) -> Result<Measured> {
    let before = site.process.map(processor).transpose()?;
    let threads = clients.min(2).to_string();
    let output = run(
        pgbench()
            .args(["--no-vacuum", "--protocol", protocol, "--file"])
            .arg(script)
            .args(["--client", &clients.to_string(), "--jobs", &threads])
            .args(["--time", &SECONDS.to_string()]),
        site.port,
    )?;
    let after = site.process.map(processor).transpose()?;
    let number = |label: &str| -> Result<f64> {
        let line = output.lines().find_map(|line| line.strip_prefix(label));
        let words = line.and_then(|line| line.split_whitespace().next());
        let word = words.with_context(|| format!("pgbench says no {label}\n{output}"))?;
        Ok(word.parse()?)
    };
    let done = number("number of transactions actually processed: ")?;
    ensure!(
        number("number of failed transactions: ")? == 0.0,
        "{output}"
    );
    let spent = before
        .zip(after)
        .map(|(before, after)| after.saturating_sub(before));
    Ok(Measured {
        per_second: number("tps = ")?,
        latency: number("latency average = ")?,
        processor: spent.map(|spent| spent.div_f64(done)),
    })
}

fn pgbench() -> Command {
    Command::new("/usr/lib/postgresql/15/bin/pgbench")
}

/// Runs pgbench on that port.
fn run(command: &mut Command, port: u16) -> Result<String> {
    let output = command
        .args(["--host", "127.0.0.1", "--port", &port.to_string()])
        .args(["--username", "postgres", "postgres"])
        .output()
        .context("cannot run pgbench (Debian's postgresql-contrib-15 or postgresql-15)")?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The time that a process has had of the processor, system calls included.
fn processor(process: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (_, rest) = stat.rsplit_once(')').context("no name")?;
    let mut fields = rest.split_whitespace().skip(11);
    let mut ticks = || -> Result<u64> { Ok(fields.next().context("no field")?.parse()?) };
    // Linux counts in hundredths of a second, whatever the kernel's own clock.
    Ok(Duration::from_millis(10 * (ticks()? + ticks()?)))
}

/// PgBouncer, ended with this value.
struct Bouncer {
    child: Child,
    port: u16,
}

impl Bouncer {
    fn start(directory: &Path, server: u16) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let file = directory.join("pgbouncer.ini");
        let users = directory.join("users.txt");
        fs::write(&users, "\"postgres\" \"\"\n")?;
        fs::write(
            &file,
            format!(
                "[databases]\npostgres = host=127.0.0.1 port={server}\n\
                 [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
                 auth_type = trust\nauth_file = {}\npool_mode = transaction\n\
                 default_pool_size = {CONNECTIONS}\nmax_client_conn = 2000\n\
                 log_connections = 0\nlog_disconnections = 0\n",
                users.display()
            ),
        )?;
        // It refuses to run as root.
        for path in [directory, &file, &users] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
        }
        let child = Command::new("/usr/sbin/pgbouncer")
            .arg("--quiet")
            .arg(&file)
            .uid(id("-u")?)
            .gid(id("-g")?)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let child = child.context("cannot start PgBouncer (Debian's pgbouncer)")?;
        let bouncer = Self { child, port };
        for _ in 0..200 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(bouncer);
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        bail!("PgBouncer does not start")
    }
}

/// A number of the user `postgres`.
fn id(option: &str) -> Result<u32> {
    let output = Command::new("id").args([option, "postgres"]).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn broker(directory: &Path, postgres: &Postgres) -> Result<Broker> {
    let file = directory.join("pgiris.toml");
    fs::write(
        &file,
        format!("[pool]\nmode = 'transaction'\nsize = {CONNECTIONS}\n"),
    )?;
    let rules = rules_file("iris-2025.1")?;
    Broker::with(trusting(&file, &postgres.url(), &rules))
}
