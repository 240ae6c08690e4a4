//! A PostgreSQL server of the test's own, on a free loopback port, gone when dropped.

#![allow(dead_code, reason = "no test file uses all of it")]
#![allow(
    clippy::panic,
    reason = "a test that cannot start its server fails with what went wrong"
)]

use std::fs;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A running server; the superuser `postgres` needs no password.
pub(crate) struct PostgresServer {
    process: Child,
    port: u16,
    _directory: TempDir,
}

impl PostgresServer {
    /// Starts one; `hba` goes before the line that trusts everybody.
    pub(crate) fn start(hba: &str) -> Self {
        let programs = programs();
        let directory = tempfile::tempdir().expect("a directory for the cluster");
        let data = directory.path().join("data");
        let owner = Owner::find();
        owner.give(directory.path());
        let initdb = owner
            .command(&programs.join("initdb"))
            .args([
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "--pgdata",
            ])
            .arg(&data)
            .output()
            .expect("initdb starts");
        assert!(
            initdb.status.success(),
            "initdb failed: {}",
            String::from_utf8_lossy(&initdb.stderr)
        );
        let hba = format!("{hba}\nhost all all 127.0.0.1/32 trust\n");
        fs::write(data.join("pg_hba.conf"), hba).expect("the cluster's directory is writable");

        let port = free_port();
        let log =
            fs::File::create(directory.path().join("log")).expect("the directory is writable");
        let process = owner
            .command(&programs.join("postgres"))
            .args([
                "-c",
                "fsync=off",
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=",
            ])
            .args(["-p", &port.to_string(), "-D"])
            .arg(&data)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("postgres starts");
        let mut server = Self {
            process,
            port,
            _directory: directory,
        };
        server.wait_until_ready(&data);
        server
    }

    /// The loopback port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The URL of its database `postgres` for the superuser.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// `postmaster.pid` says in its eighth line when the server accepts.
    fn wait_until_ready(&mut self, data: &Path) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while Instant::now() < deadline {
            let state = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
            if state
                .lines()
                .nth(7)
                .is_some_and(|line| line.trim() == "ready")
            {
                return;
            }
            if let Some(status) = self.process.try_wait().expect("the process is ours") {
                let log =
                    fs::read_to_string(self._directory.path().join("log")).unwrap_or_default();
                panic!("postgres ended with {status}: {log}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("postgres did not get ready within a minute");
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        // SIGINT is a fast shutdown, which also removes the shared memory.
        let pid = self.process.id().to_string();
        let _ = Command::new("kill").args(["-INT", &pid]).status();
        let _ = self.process.wait();
    }
}

/// Whom the server runs as: PostgreSQL refuses to run as root.
struct Owner {
    ids: Option<(u32, u32)>,
}

impl Owner {
    fn find() -> Self {
        let number = |arguments: &[&str]| -> Option<u32> {
            let output = Command::new("id").args(arguments).output().ok()?;
            String::from_utf8(output.stdout).ok()?.trim().parse().ok()
        };
        if number(&["-u"]) != Some(0) {
            return Self { ids: None };
        }
        let ids = number(&["-u", "postgres"]).zip(number(&["-g", "postgres"]));
        assert!(
            ids.is_some(),
            "no user postgres: apt-get install postgresql"
        );
        Self { ids }
    }

    fn give(&self, directory: &Path) {
        if let Some((user, group)) = self.ids {
            std::os::unix::fs::chown(directory, Some(user), Some(group))
                .expect("root may give files away");
        }
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").env("LC_ALL", "C").env("TZ", "UTC");
        if let Some((user, group)) = self.ids {
            command.uid(user).gid(group);
        }
        command
    }
}

/// Debian keeps the server's programs outside of PATH, by version.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut candidates: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin")).collect();
    candidates.sort();
    candidates.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    let found = candidates
        .into_iter()
        .find(|directory| directory.join("initdb").is_file());
    found.expect("PostgreSQL is not installed; on Debian: apt-get install postgresql")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
    listener.local_addr().expect("it is bound").port()
}
