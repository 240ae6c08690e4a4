//! `pgiris config`: looks at configuration files.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::config::{Settings, document};

#[derive(Subcommand)]
pub(super) enum Task {
    /// Tell what is wrong with a file, and with those that it names.
    Check(Check),
    /// Print every key with its default and what it says, in Markdown.
    Keys,
}

#[derive(Args)]
pub(super) struct Check {
    /// The configuration file.
    file: PathBuf,
}

impl Task {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Check(Check { file }) => {
                Settings::read(&file)?.check(&file)?;
                println!("{} is good", file.display());
            }
            Self::Keys => print!("{}", document()),
        }
        Ok(())
    }
}
