//! The Python environment of the tests, kept in target/python-venv.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::packages;
use crate::process;
use crate::workspace::Workspace;

/// A virtual environment in which the package of python/ is installed with what its tests need.
pub(crate) struct Environment {
    directory: PathBuf,
}

impl Environment {
    /// Creates the environment, or brings it up to date if pyproject.toml changed.
    pub(crate) fn prepare(workspace: &Workspace) -> Result<Self> {
        let environment = Self {
            directory: workspace.target.join("python-venv"),
        };
        let project = workspace.root.join("python/pyproject.toml");
        let wanted =
            fs::read(&project).with_context(|| format!("cannot read {}", project.display()))?;
        // A copy of what was installed; written last, so that half an installation is done again.
        let installed = environment.directory.join("installed-pyproject.toml");
        if fs::read(&installed).is_ok_and(|installed| installed == wanted) && environment.works() {
            return Ok(environment);
        }
        create(&environment.directory)?;
        process::run(environment.python().args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--editable",
            "python[test]",
        ]))?;
        fs::write(&installed, &wanted).context("cannot note what was installed")?;
        Ok(environment)
    }

    /// The interpreter of the environment.
    pub(crate) fn python(&self) -> Command {
        Command::new(self.program("python"))
    }

    /// The path of a program in the environment, whether it exists or not.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.directory.join("bin").join(name)
    }

    /// A directory with the oldest SQLAlchemy that pyproject.toml allows; on PYTHONPATH it hides the newer one.
    pub(crate) fn oldest_sqlalchemy(&self, workspace: &Workspace) -> Result<PathBuf> {
        let project = fs::read_to_string(workspace.root.join("python/pyproject.toml"))
            .context("cannot read python/pyproject.toml")?;
        let version = project
            .split_once("\"sqlalchemy[asyncio]>=")
            .and_then(|(_, rest)| rest.split_once('"'))
            .map(|(version, _)| version)
            .context("python/pyproject.toml names no oldest sqlalchemy[asyncio]")?;
        let directory = workspace
            .target
            .join(format!("python-sqlalchemy-{version}"));
        // Written last, as above.
        let installed = directory.join("installed");
        if installed.exists() {
            return Ok(directory);
        }
        if directory.exists() {
            fs::remove_dir_all(&directory).context("cannot remove half an installation")?;
        }
        // What it depends on is in the environment.
        process::run(
            self.python()
                .args(["-m", "pip", "install", "--quiet", "--no-deps"])
                .arg(format!("sqlalchemy=={version}"))
                .arg("--target")
                .arg(&directory),
        )?;
        fs::write(&installed, "").context("cannot note what was installed")?;
        Ok(directory)
    }

    /// Whether the interpreter starts and finds the package: it may have been upgraded or removed
    /// since, and the package is read where the checkout was.
    fn works(&self) -> bool {
        process::read(self.python().args(["-c", "import pip, sqlalchemy_pgiris"])).is_ok()
    }
}

fn create(directory: &Path) -> Result<()> {
    if process::find("python3").is_none() {
        packages::install("Python 3", &["python3", "python3-venv"])?;
    }
    let create = || {
        process::run(
            Command::new("python3")
                .args(["-m", "venv", "--clear"])
                .arg(directory),
        )
    };
    let Err(error) = create() else { return Ok(()) };
    // Debian ships Python without the part that puts pip into an environment.
    if process::read(Command::new("python3").args(["-c", "import ensurepip"])).is_ok() {
        bail!("cannot create {}: {error:#}", directory.display());
    }
    packages::install("the venv module of Python", &["python3-venv"])?;
    create()
}
