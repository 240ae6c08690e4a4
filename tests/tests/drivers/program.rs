//! How a program of `tests/drivers/` is run: with the URL of a server as its argument.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use pgiris_tests::{drivers_directory, python_environment};

/// A program and what it is run by.
pub(crate) struct Program {
    command: Vec<PathBuf>,
    variables: Vec<(&'static str, PathBuf)>,
}

impl Program {
    fn new<T: AsRef<OsStr>>(words: impl IntoIterator<Item = T>) -> Self {
        Self {
            command: words.into_iter().map(|word| word.as_ref().into()).collect(),
            variables: Vec::new(),
        }
    }

    /// Its packages lie beside it.
    pub(crate) fn node(file: &str) -> Self {
        Self::new([OsStr::new("node"), source("node", file).as_os_str()])
    }

    /// Run in the Python environment.
    pub(crate) fn python(file: &str) -> Result<Self> {
        let python = python_environment()?.join("bin/python");
        Ok(Self::new([python, source("python", file)]))
    }

    /// Java compiles a single file by itself; the driver is where Debian puts it.
    pub(crate) fn java(file: &str) -> Self {
        let driver = OsStr::new("/usr/share/java/postgresql.jar");
        let file = source("jdbc", file);
        Self::new([OsStr::new("java"), OsStr::new("-cp"), driver, file.as_ref()])
    }

    /// An interpreter of Debian's, with Debian's package of the driver.
    pub(crate) fn script(interpreter: &str, folder: &str, file: &str) -> Self {
        Self::new([OsStr::new(interpreter), source(folder, file).as_os_str()])
    }

    /// psql, with the script that it reads.
    pub(crate) fn psql(file: &str) -> Self {
        let psql = ["psql", "--no-psqlrc", "-f"].map(OsStr::new);
        let file = source("psql", file);
        Self::new(psql.into_iter().chain([file.as_os_str()]))
    }

    /// Debian puts packages of Go where the compiler looked before there were modules.
    pub(crate) fn go(file: &str) -> Result<Self> {
        let mut program = Self::new([
            OsStr::new("go"),
            OsStr::new("run"),
            source("go", file).as_os_str(),
        ]);
        program.variables = vec![
            ("GO111MODULE", "off".into()),
            ("GOPATH", "/usr/share/gocode".into()),
            ("GOCACHE", drivers_directory()?.join("go")),
        ];
        Ok(program)
    }

    /// A package of its own, which is built beside what else the drivers need.
    pub(crate) fn cargo(folder: &str) -> Result<Self> {
        let manifest = source(folder, "Cargo.toml");
        let target = drivers_directory()?.join(folder);
        Ok(Self::new([
            OsStr::new("cargo"),
            OsStr::new("run"),
            OsStr::new("--quiet"),
            OsStr::new("--locked"),
            OsStr::new("--manifest-path"),
            manifest.as_os_str(),
            OsStr::new("--target-dir"),
            target.as_os_str(),
            OsStr::new("--"),
        ]))
    }

    /// What it prints for this server.
    pub(crate) fn run(&self, url: &str) -> Result<String> {
        let (name, arguments) = self.command.split_first().context("a command has a name")?;
        let output = Command::new(name)
            .args(arguments)
            .arg(url)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            // What a driver makes of a time or a text must not depend on the machine.
            .envs([("TZ", "UTC"), ("LC_ALL", "C.UTF-8")])
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot start {}; run: cargo xtask test", name.display()))?;
        let printed = String::from_utf8(output.stdout).context("it prints no UTF-8")?;
        ensure!(
            output.status.success(),
            "{:?} {url} failed ({}):\n{}\nafter:\n{printed}",
            self.command,
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(printed)
    }
}

/// A file of `tests/drivers/`.
fn source(folder: &str, file: &str) -> PathBuf {
    let drivers = Path::new(env!("CARGO_MANIFEST_DIR")).join("drivers");
    drivers.join(folder).join(file)
}
