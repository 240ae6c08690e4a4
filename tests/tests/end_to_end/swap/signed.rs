//! Rules that are used only if somebody who is accepted has signed them.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use pgiris_tests::{AdminPort, Broker, connect, metric, rules_file};
use tempfile::TempDir;

use super::shelf::{Shelf, rules, sign};
use super::{comes_to, edition};

/// A key pair, and a configuration by which its signatures are accepted.
struct Signer {
    directory: TempDir,
    public: String,
}

impl Signer {
    fn new() -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let key = directory.path().join("key.pem");
        let printed = rules(&["keygen".as_ref(), key.as_ref()])?;
        let mode = fs::metadata(&key)?.permissions().mode();
        ensure!(mode & 0o777 == 0o600, "{mode:o}");
        Ok(Self {
            directory,
            public: printed.trim().to_owned(),
        })
    }

    fn key(&self) -> PathBuf {
        self.directory.path().join("key.pem")
    }

    /// Arguments of `pgiris serve`.
    fn configuration(&self) -> Result<Vec<OsString>> {
        let file = self.directory.path().join("pgiris.toml");
        let text = format!("[translation]\nsigners = [\"{}\"]\n", self.public);
        fs::write(&file, text)?;
        let admin = ["--admin", "127.0.0.1:0", "--config"].map(OsString::from);
        Ok(admin.into_iter().chain([file.into()]).collect())
    }

    fn verify(&self, file: &Path) -> Result<String> {
        let key = self.public.as_ref();
        rules(&["verify".as_ref(), "--key".as_ref(), key, file.as_ref()])
    }
}

/// Where the signature of the shelf's file is.
fn signature(shelf: &Shelf) -> PathBuf {
    shelf.file().with_extension("wasm.sig")
}

fn refused(shelf: &Shelf) -> Result<f64> {
    let text = AdminPort::of(shelf.broker())?.get("/metrics")?.body;
    let line = text
        .lines()
        .find(|line| line.starts_with("pgiris_rules_refused_total{"));
    let (name, _) = line
        .and_then(|line| line.rsplit_once(' '))
        .context("no such metric")?;
    metric(&text, name).context("no number")
}

#[tokio::test]
async fn what_is_signed_by_nobody_who_is_accepted_changes_nothing() -> Result<()> {
    let (signer, stranger) = (Signer::new()?, Signer::new()?);
    let shelf = Shelf::signed(&signer.key(), &signer.configuration()?)?;
    let client = connect(shelf.port(), "USER").await?;
    ensure!(edition(&client).await? == "IRIS");
    ensure!(signer.verify(&shelf.file())?.contains(&signer.public));

    // The signature that is there is of the file before.
    shelf.put(1)?;
    shelf.logs("is signed by nobody who is accepted").await?;
    ensure!(signer.verify(&shelf.file()).is_err());
    ensure!(edition(&client).await? == "IRIS");
    ensure!(refused(&shelf)? == 1.0);

    sign(&stranger.key(), &shelf.file())?;
    ensure!(stranger.verify(&shelf.file())?.contains(&stranger.public));
    let counted = pgiris_tests::eventually(|| refused(&shelf).ok().filter(|count| *count == 2.0));
    ensure!(counted.is_some(), "{}", shelf.log());
    ensure!(edition(&client).await? == "IRIS");

    // It comes after the file that it is of.
    sign(&signer.key(), &shelf.file())?;
    comes_to(&client, "#001", &shelf).await?;

    // What is in use stays so without its signature, which is of no use for another file.
    fs::remove_file(signature(&shelf))?;
    shelf.put(2)?;
    shelf.logs("is not signed").await?;
    ensure!(edition(&client).await? == "#001");
    Ok(())
}

#[tokio::test]
async fn a_signature_may_come_first_or_in_pieces() -> Result<()> {
    let signer = Signer::new()?;
    let shelf = Shelf::signed(&signer.key(), &signer.configuration()?)?;
    let client = connect(shelf.port(), "USER").await?;
    let beside = signer.directory.path().join("next.wasm");
    let signed = |number| -> Result<Vec<u8>> {
        fs::write(&beside, shelf.variant(number)?)?;
        sign(&signer.key(), &beside)?;
        Ok(fs::read(beside.with_extension("wasm.sig"))?)
    };
    // First: the file before goes on in use, and nobody is told that anything is wrong.
    fs::write(signature(&shelf), signed(1)?)?;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    ensure!(edition(&client).await? == "IRIS");
    shelf.put(1)?;
    comes_to(&client, "#001", &shelf).await?;
    ensure!(refused(&shelf)? == 0.0, "{}", shelf.log());

    // In pieces.
    let whole = signed(2)?;
    fs::write(signature(&shelf), &whole[..20])?;
    shelf.put(2)?;
    shelf.logs("no signature: 64 bytes").await?;
    ensure!(edition(&client).await? == "#001");
    fs::write(signature(&shelf), &whole)?;
    comes_to(&client, "#002", &shelf).await
}

#[test]
fn a_broker_does_not_start_with_rules_that_nobody_signed() -> Result<()> {
    let signer = Signer::new()?;
    let rules: [OsString; 2] = ["--rules".into(), rules_file("iris-2025.1")?.into()];
    let refused = Broker::refuses(signer.configuration()?.into_iter().chain(rules))?;
    ensure!(!refused.status.success());
    ensure!(
        refused.output.contains("iris-2025.1.wasm: is not signed"),
        "{}",
        refused.output
    );
    Ok(())
}

#[test]
fn keys_are_not_overwritten() -> Result<()> {
    let signer = Signer::new()?;
    let before = fs::read(signer.key())?;
    let again = rules(&["keygen".as_ref(), signer.key().as_ref()]);
    ensure!(again.is_err_and(|error| error.to_string().contains("cannot write")));
    ensure!(fs::read(signer.key())? == before);
    Ok(())
}
