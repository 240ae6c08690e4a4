//! A directory of rules of its own, and a broker that watches it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, binary, rules_file};
use tempfile::TempDir;

const NAME: &str = "iris-2025.1";
/// How often a test looks whether something has come, ten times a second: a component that no cache
/// knows is compiled meanwhile, beside whatever else the machine does.
pub(super) const LOOKS: usize = 3000;
/// In what `version()` answers; what stands for IRIS there tells editions apart.
const MARK: &[u8] = b" on InterSystems IRIS ";

/// Which edition gave this answer of `version()`: `IRIS`, or `#001` and so on.
pub(super) fn edition_of(version: &str) -> Result<String> {
    let (_, rest) = version.split_once(" on InterSystems ").context("no mark")?;
    Ok(rest.chars().take(4).collect())
}

/// Runs `pgiris rules` with these arguments; what it prints.
pub(super) fn rules(arguments: &[&OsStr]) -> Result<String> {
    let output = Command::new(binary()?)
        .arg("rules")
        .args(arguments)
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{said}");
    Ok(String::from_utf8(output.stdout)?)
}

/// A component in which other bytes stand wherever these do: as many.
pub(super) fn replaced(component: &[u8], these: &[u8], others: &[u8]) -> Result<Vec<u8>> {
    ensure!(these.len() == others.len(), "it would be longer or shorter");
    let mut made = component.to_vec();
    let mut found = 0;
    for at in 0..made.len() - these.len() {
        if made[at..].starts_with(these) {
            made[at..at + these.len()].copy_from_slice(others);
            found += 1;
        }
    }
    ensure!(found > 0, "the component has nothing that can be replaced");
    Ok(made)
}

/// Puts a signature beside a file.
pub(super) fn sign(key: &Path, file: &Path) -> Result<()> {
    rules(&[
        "sign".as_ref(),
        "--key".as_ref(),
        key.as_ref(),
        file.as_ref(),
    ])
    .map(drop)
}

/// Rules, and the broker.
pub(super) struct Shelf {
    directory: TempDir,
    stock: Vec<u8>,
    broker: Broker,
}

impl Shelf {
    /// With a directory that holds one file.
    pub(super) fn serve() -> Result<Self> {
        let stock = fs::read(rules_file(NAME)?)?;
        let directory = tempfile::tempdir()?;
        fs::write(directory.path().join(format!("{NAME}.wasm")), &stock)?;
        Self::over(directory, stock, Path::new(""), &[])
    }

    /// The same, under more arguments of `pgiris serve`; the file is signed with this key.
    pub(super) fn signed(key: &Path, arguments: &[OsString]) -> Result<Self> {
        let stock = fs::read(rules_file(NAME)?)?;
        let directory = tempfile::tempdir()?;
        let file = directory.path().join(format!("{NAME}.wasm"));
        fs::write(&file, &stock)?;
        sign(key, &file)?;
        Self::over(directory, stock, Path::new(""), arguments)
    }

    /// With a directory whose file is a link through another link, as in a mounted volume.
    pub(super) fn linked() -> Result<Self> {
        let stock = fs::read(rules_file(NAME)?)?;
        let directory = tempfile::tempdir()?;
        let rules = directory.path().join("rules");
        fs::create_dir_all(rules.join("..first"))?;
        fs::write(rules.join("..first").join(format!("{NAME}.wasm")), &stock)?;
        symlink("..first", rules.join("..data"))?;
        symlink(
            format!("..data/{NAME}.wasm"),
            rules.join(format!("{NAME}.wasm")),
        )?;
        Self::over(directory, stock, Path::new("rules"), &[])
    }

    fn over(directory: TempDir, stock: Vec<u8>, rules: &Path, more: &[OsString]) -> Result<Self> {
        let arguments = ["--rules".into(), directory.path().join(rules).into()];
        let broker = Broker::with(arguments.into_iter().chain(more.iter().cloned()))?;
        Ok(Self {
            directory,
            stock,
            broker,
        })
    }

    pub(super) fn broker(&self) -> &Broker {
        &self.broker
    }

    pub(super) fn port(&self) -> u16 {
        self.broker.port()
    }

    pub(super) fn log(&self) -> String {
        self.broker.output()
    }

    /// Waits until the log says so.
    pub(super) async fn logs(&self, expected: &str) -> Result<()> {
        for _ in 0..LOOKS {
            if self.log().contains(expected) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::bail!("{expected}\n---\n{}", self.log())
    }

    /// The file that the broker watches.
    pub(super) fn file(&self) -> PathBuf {
        self.directory.path().join(format!("{NAME}.wasm"))
    }

    /// The component, marked as another edition; 0: as it is.
    pub(super) fn variant(&self, number: usize) -> Result<Vec<u8>> {
        if number == 0 {
            return Ok(self.stock.clone());
        }
        let mark = format!(" on InterSystems #{number:03} ");
        replaced(&self.stock, MARK, mark.as_bytes())
    }

    /// Exchanges the file as a careful operator does: written beside it, then renamed.
    pub(super) fn put(&self, number: usize) -> Result<()> {
        let beside = self.directory.path().join("beside");
        fs::write(&beside, self.variant(number)?)?;
        Ok(fs::rename(beside, self.file())?)
    }

    /// The same, so that the file is as long and as old as the one that it takes the place of.
    pub(super) fn put_alike(&self, number: usize) -> Result<()> {
        let modified = fs::metadata(self.file())?.modified()?;
        let beside = self.directory.path().join("beside");
        fs::write(&beside, self.variant(number)?)?;
        fs::File::options()
            .write(true)
            .open(&beside)?
            .set_modified(modified)?;
        Ok(fs::rename(beside, self.file())?)
    }

    /// Puts one more file there.
    pub(super) fn add(&self, name: &str, component: &[u8]) -> Result<PathBuf> {
        let beside = self.directory.path().join("beside");
        fs::write(&beside, component)?;
        let file = self.directory.path().join(format!("{name}.wasm"));
        fs::rename(beside, &file)?;
        Ok(file)
    }

    /// The same, for what stands in another file.
    pub(super) fn put_file(&self, file: &Path) -> Result<()> {
        let beside = self.directory.path().join("beside");
        fs::copy(file, &beside)?;
        Ok(fs::rename(beside, self.file())?)
    }

    /// The same, for these bytes.
    pub(super) fn put_bytes(&self, component: &[u8]) -> Result<()> {
        let beside = self.directory.path().join("beside");
        fs::write(&beside, component)?;
        Ok(fs::rename(beside, self.file())?)
    }

    /// Exchanges the directory behind the link.
    pub(super) fn exchange(&self, number: usize) -> Result<()> {
        let rules = self.directory.path().join("rules");
        let next = format!("..edition_{number}");
        fs::create_dir(rules.join(&next))?;
        fs::write(
            rules.join(&next).join(format!("{NAME}.wasm")),
            self.variant(number)?,
        )?;
        symlink(&next, rules.join("..data_tmp"))?;
        Ok(fs::rename(rules.join("..data_tmp"), rules.join("..data"))?)
    }
}
