//! What is changed while the broker runs.

use std::fs;

use anyhow::{Context, Result, ensure};
use pgiris_tests::eventually;

use super::SCRAM;
use super::site::{Served, Site, TLS, verifier};

impl Served {
    /// Waits until psql's answer is this.
    fn comes_to(&self, user: &str, password: &str, expected: bool) -> Result<()> {
        eventually(|| {
            let answer = self.ask(user, Some(password), "sslmode=prefer").ok()?;
            (answer.is_ok() == expected).then_some(())
        })
        .with_context(|| format!("{user} {expected}: {}", self.broker.output()))
    }

    /// Waits until the log says so.
    fn logs(&self, expected: &str) -> Result<()> {
        eventually(|| self.broker.output().contains(expected).then_some(()))
            .with_context(|| format!("{expected}\n---\n{}", self.broker.output()))
    }
}

/// Whoever waits for a password to count fails more often than a guesser may.
const PATIENT: &str = "[login]\nfailures = 0\n";

#[test]
fn users_change_with_their_file() -> Result<()> {
    let served = Site::new()?
        .user("ann", "first")?
        .serve(&format!("{SCRAM}{PATIENT}"))?;
    served.comes_to("ann", "first", true)?;
    fs::write(served.site.path("users"), verifier("ann", "second")?)?;
    served.comes_to("ann", "second", true)?;
    served.comes_to("ann", "first", false)?;
    // A file with a mistake changes nothing.
    fs::write(served.site.path("users"), "\"ann\" \"third\"\n")?;
    served.logs("stays as it was")?;
    ensure!(
        !served.broker.output().contains("third"),
        "a secret was logged"
    );
    served.comes_to("ann", "second", true)
}

#[test]
fn rules_change_at_sighup_and_the_rest_is_named() -> Result<()> {
    let served = Site::new()?.user("ann", "secret")?.serve(SCRAM)?;
    served.comes_to("ann", "secret", true)?;
    let tables = "[[access]]\nmethod = 'reject'\n[clients]\nportals = 5\n";
    served.site.configure(tables)?;
    served.broker.signal("HUP")?;
    served.comes_to("ann", "secret", false)?;
    served.logs("counts after a restart: clients.portals")?;
    served.site.configure("")?;
    served.broker.signal("HUP")?;
    served.logs("no access rules any more")?;
    served.site.configure(SCRAM)?;
    served.comes_to("ann", "secret", true)
}

#[test]
fn certificates_change_with_their_files() -> Result<()> {
    let served = Site::new()?
        .user("ann", "secret")?
        .serve(&format!("{TLS}{SCRAM}"))?;
    let verified = "host=localhost sslmode=verify-full";
    let answer = served.ask("ann", Some("secret"), verified)?;
    ensure!(answer == Ok("1".into()), "{answer:?}");
    served
        .site
        .certificate("server", "broker", &["elsewhere.test"])?;
    eventually(|| served.ask("ann", Some("secret"), verified).ok()?.err())
        .context("the old certificate is still in use")?;
    served
        .site
        .certificate("server", "broker", &["localhost"])?;
    eventually(|| served.ask("ann", Some("secret"), verified).ok()?.ok())
        .context("the new certificate is not in use")?;
    Ok(())
}
