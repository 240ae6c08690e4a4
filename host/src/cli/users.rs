//! `pgiris users`: makes lines for the list of users.

use std::io::{IsTerminal, Read};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use pgiris::access::Verifier;
use rand::TryRng;
use rand::rngs::SysRng;

#[derive(Subcommand)]
pub(super) enum Task {
    /// Ask for a password, or read it from standard input, and print the user's line for the
    /// file `users`.
    Verifier(Maker),
}

#[derive(Args)]
pub(super) struct Maker {
    /// The user's name.
    name: String,
}

impl Task {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let Self::Verifier(Maker { name }) = self;
        if name.is_empty() || name.contains(['\n', '\r', '\0']) {
            bail!("a user's name cannot be empty, and is one line");
        }
        let password = password()?;
        if password.is_empty() || password.contains('\0') {
            bail!("a password cannot be empty, and has no zero bytes");
        }
        let mut salt = [0; 16];
        SysRng
            .try_fill_bytes(&mut salt)
            .context("the system gives no random numbers")?;
        let verifier = Verifier::of_password(&password, salt);
        println!("\"{}\" \"{verifier}\"", name.replace('"', "\"\""));
        Ok(())
    }
}

/// Typed twice and not shown at a terminal; else what comes, without the line's end.
fn password() -> anyhow::Result<String> {
    if std::io::stdin().is_terminal() {
        let first = rpassword::prompt_password("Password: ")?;
        if rpassword::prompt_password("Again: ")? != first {
            bail!("the two passwords differ");
        }
        return Ok(first);
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}
