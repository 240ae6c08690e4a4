//! A directory of rules of its own, and a broker that watches it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, rules_file};
use tempfile::TempDir;

const NAME: &str = "iris-2025.1";
/// In what `version()` answers; what stands for IRIS there tells editions apart.
const MARK: &[u8] = b" on InterSystems IRIS ";

/// Which edition gave this answer of `version()`: `IRIS`, or `#001` and so on.
pub(super) fn edition_of(version: &str) -> Result<String> {
    let (_, rest) = version.split_once(" on InterSystems ").context("no mark")?;
    Ok(rest.chars().take(4).collect())
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
        Self::over(directory, stock, Path::new(""))
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
        Self::over(directory, stock, Path::new("rules"))
    }

    fn over(directory: TempDir, stock: Vec<u8>, rules: &Path) -> Result<Self> {
        let arguments = ["--rules".into(), directory.path().join(rules).into()];
        let broker = Broker::with(arguments)?;
        Ok(Self {
            directory,
            stock,
            broker,
        })
    }

    pub(super) fn port(&self) -> u16 {
        self.broker.port()
    }

    pub(super) fn log(&self) -> String {
        self.broker.output()
    }

    /// Waits until the log says so.
    pub(super) async fn logs(&self, expected: &str) -> Result<()> {
        for _ in 0..600 {
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
        let mut variant = self.stock.clone();
        let mut found = 0;
        for at in 0..variant.len() - MARK.len() {
            if variant[at..].starts_with(MARK) {
                variant[at..at + MARK.len()].copy_from_slice(mark.as_bytes());
                found += 1;
            }
        }
        ensure!(found > 0, "the component says nothing that can be marked");
        Ok(variant)
    }

    /// Exchanges the file as a careful operator does: written beside it, then renamed.
    pub(super) fn put(&self, number: usize) -> Result<()> {
        let beside = self.directory.path().join("beside");
        fs::write(&beside, self.variant(number)?)?;
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
