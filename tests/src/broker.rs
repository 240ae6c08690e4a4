//! Starts the real broker and ends it.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};

use crate::lines::Lines;
use crate::signal::signal;
use crate::wait::eventually;
use crate::{binary, example, rules_directory};

/// What names the database server to test against, instead of the sandbox.
const UPSTREAM: &str = "PGIRIS_TEST_UPSTREAM";

/// A broker that accepts connections; killed on drop.
pub struct Broker {
    child: Child,
    port: u16,
    output: Lines,
}

/// A broker that ended before it accepted anything.
pub struct Refused {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed.
    pub output: String,
}

/// The arguments of `pgiris serve` for a configuration file, with all rules.
///
/// # Errors
/// The rules are not where they are built.
pub fn configuration(file: &Path) -> Result<Vec<OsString>> {
    Ok(vec![
        "--config".into(),
        file.into(),
        "--rules".into(),
        rules_directory()?.into(),
    ])
}

/// The same for a broker in front of a real database that lets everybody in, with these rules.
pub fn trusting(file: &Path, upstream: &str, rules: &Path) -> [OsString; 8] {
    [
        "--config".into(),
        file.into(),
        "--upstream".into(),
        upstream.into(),
        "--auth".into(),
        "trust".into(),
        "--rules".into(),
        rules.into(),
    ]
}

impl Broker {
    /// In front of an empty sandbox in memory, or of what `PGIRIS_TEST_UPSTREAM` names, with all
    /// rules.
    ///
    /// # Errors
    /// It does not start.
    pub fn start() -> Result<Self> {
        let upstream = env::var_os(UPSTREAM).unwrap_or_else(|| "sandbox:".into());
        Self::with([
            "--upstream".into(),
            upstream,
            "--rules".into(),
            rules_directory()?.into(),
        ])
    }

    /// With these arguments of `pgiris serve`, on a port from the operating system.
    ///
    /// # Errors
    /// It does not start.
    pub fn with(arguments: impl IntoIterator<Item = OsString>) -> Result<Self> {
        Self::of(launch(Command::new(binary()?), arguments)?)
    }

    /// One that inherits a socket as systemd hands it over, and listens on nothing else.
    ///
    /// # Errors
    /// It does not start.
    pub fn inheriting(
        listener: TcpListener,
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Self> {
        // The first descriptor handed over is 3, and the variables name the process itself.
        let script = "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" \"$@\" 3<&0 </dev/null";
        let mut command = Command::new("sh");
        command.args(["-c", script]).arg(binary()?);
        command.stdin(OwnedFd::from(listener));
        Self::of(launch(command, arguments)?)
    }

    /// An example of how to embed one, with these arguments.
    ///
    /// # Errors
    /// It does not start.
    pub fn example(name: &str, arguments: impl IntoIterator<Item = OsString>) -> Result<Self> {
        let mut command = Command::new(example(name)?);
        command.args(arguments).stdin(Stdio::null());
        Self::of(started(command)?)
    }

    fn of((child, output, port): (Child, Lines, Option<u16>)) -> Result<Self> {
        let mut broker = Self {
            child,
            port: 0,
            output,
        };
        broker.port = port.with_context(|| format!("it ended:\n{}", broker.output()))?;
        Ok(broker)
    }

    /// As [`Broker::with`], in an environment with these variables as well.
    ///
    /// # Errors
    /// It does not start.
    pub fn in_environment(
        arguments: impl IntoIterator<Item = OsString>,
        variables: &[(&str, &str)],
    ) -> Result<Self> {
        // As a service manager sets it: it names the process itself.
        let script = "WATCHDOG_PID=$$ exec \"$0\" \"$@\" </dev/null";
        let mut command = Command::new("sh");
        command.args(["-c", script]).arg(binary()?);
        command.envs(variables.iter().copied());
        Self::of(launch(command, arguments)?)
    }

    /// With this configuration file, and all rules.
    ///
    /// # Errors
    /// It does not start.
    pub fn configured(file: &Path) -> Result<Self> {
        Self::with(configuration(file)?)
    }

    /// Expects that these arguments of `pgiris serve` are refused.
    ///
    /// # Errors
    /// It started all the same.
    pub fn refuses(arguments: impl IntoIterator<Item = OsString>) -> Result<Refused> {
        let (mut child, output, port) = launch(Command::new(binary()?), arguments)?;
        if port.is_some() {
            child.kill()?;
            bail!("the broker started:\n{}", output.text());
        }
        let status = child.wait()?;
        Ok(Refused {
            status,
            output: output.text(),
        })
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The port it listens on, at 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it printed so far, log included.
    pub fn output(&self) -> String {
        self.output.text()
    }

    /// The memory that it holds, in KiB, as Linux counts it (`VmRSS`).
    ///
    /// # Errors
    /// It is no longer there.
    pub fn resident_memory(&self) -> Result<u64> {
        self.memory("VmRSS:")
    }

    /// Makes [`Self::peak_memory`] begin anew: what it took to start is not asked.
    ///
    /// # Errors
    /// It is no longer there.
    pub fn forget_peak_memory(&self) -> Result<()> {
        fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5")?;
        Ok(())
    }

    /// The most memory that it held so far, in KiB (`VmHWM`).
    ///
    /// # Errors
    /// It is no longer there.
    pub fn peak_memory(&self) -> Result<u64> {
        self.memory("VmHWM:")
    }

    fn memory(&self, line: &str) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|found| found.strip_prefix(line));
        let kilobytes = line
            .context("the process has no memory")?
            .trim()
            .trim_end_matches(" kB");
        Ok(kilobytes.parse()?)
    }

    /// How many files and sockets it has open.
    ///
    /// # Errors
    /// It is no longer there.
    pub fn open_files(&self) -> Result<usize> {
        Ok(fs::read_dir(format!("/proc/{}/fd", self.child.id()))?.count())
    }

    /// How many of its threads have this name.
    ///
    /// # Errors
    /// It is no longer there.
    pub fn threads(&self, name: &str) -> Result<usize> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.child.id()))?;
        // A thread may end while it is looked at.
        let names = threads.filter_map(|thread| {
            let path = thread.ok()?.path().join("comm");
            fs::read_to_string(path).ok()
        });
        Ok(names.filter(|found| found.trim() == name).count())
    }

    /// Sends a signal, by its name, as in `INT`.
    ///
    /// # Errors
    /// The broker is no longer there.
    pub fn signal(&self, name: &str) -> Result<()> {
        signal(name, &self.child.id().to_string())
    }

    /// Waits until it ended by itself.
    ///
    /// # Errors
    /// It does not.
    pub fn ended(&mut self) -> Result<ExitStatus> {
        let ended = eventually(|| self.child.try_wait().transpose());
        ended
            .context("the broker does not end")?
            .context("cannot wait for the broker")
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // By its process id; it has no children.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the broker and waits for its port, or `None` if it ends instead.
fn launch(
    mut command: Command,
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<(Child, Lines, Option<u16>)> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let inherits = command.get_program() == "sh";
    command.arg("serve");
    if !arguments.iter().any(|argument| argument == "--listen") {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    command.args(arguments);
    if !inherits {
        command.stdin(Stdio::null());
    }
    started(command)
}

/// Starts a program that says where it listens.
fn started(mut command: Command) -> Result<(Child, Lines, Option<u16>)> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    // What glibc keeps for each thread would hide what a test wants to see of the memory.
    command.env("MALLOC_ARENA_MAX", "1");
    let mut child = command.spawn().context("cannot start the broker")?;
    let output = Lines::default();
    let readers = [
        child.stdout.take().map(|stream| output.collect(stream)),
        child.stderr.take().map(|stream| output.collect(stream)),
    ];
    let port = eventually(|| match (output.find(listening_on), child.try_wait()) {
        (Some(port), _) => Some(Some(port)),
        (None, Ok(None)) => None,
        (None, _) => Some(None),
    });
    let Some(port) = port else {
        child.kill()?;
        bail!("the broker neither listens nor ends:\n{}", output.text());
    };
    if port.is_none() {
        for reader in readers.into_iter().flatten() {
            reader
                .join()
                .map_err(|_| anyhow::anyhow!("cannot read what the broker printed"))?;
        }
    }
    Ok((child, output, port))
}

fn listening_on(line: &str) -> Option<u16> {
    line.split_once("listening on 127.0.0.1:")?
        .1
        .trim()
        .parse()
        .ok()
}
