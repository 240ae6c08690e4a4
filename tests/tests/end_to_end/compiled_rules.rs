//! The cache of compiled rules: what stands there is run, so it is believed only where nobody else can write, and what
//! is broken there is made anew.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, connect, hostile_rules};

/// A broker with a small component, and this cache.
fn serve(cache: &Path) -> Result<Broker> {
    let arguments = ["--rules".into(), hostile_rules()?.into()];
    let cache = cache.to_str().context("a path of the system's own")?;
    Broker::in_environment(arguments, &[("XDG_CACHE_HOME", cache)])
}

/// The compiled components: not what is noted about them.
fn entries(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(entries(&path)?);
        } else if path.extension().is_none() {
            found.push(path);
        }
    }
    Ok(found)
}

async fn works(broker: &Broker) -> Result<()> {
    let client = connect(broker.port(), "USER").await?;
    client.simple_query("SELECT 1").await?;
    Ok(())
}

#[tokio::test]
async fn what_is_broken_is_made_anew() -> Result<()> {
    let cache = tempfile::tempdir()?;
    works(&serve(cache.path())?).await?;
    let [entry] = &entries(cache.path())?[..] else {
        anyhow::bail!("not one component: {:?}", entries(cache.path())?);
    };
    let whole = fs::read(entry)?;
    for broken in [&b""[..], &whole[..whole.len() / 2], b"no code at all"] {
        fs::write(entry, broken)?;
        works(&serve(cache.path())?).await?;
        ensure!(fs::read(entry)?.len() > whole.len() / 2);
    }
    Ok(())
}

#[tokio::test]
async fn what_others_can_write_is_not_used() -> Result<()> {
    let cache = tempfile::tempdir()?;
    works(&serve(cache.path())?).await?;
    let inner = entries(cache.path())?
        .first()
        .and_then(|entry| entry.parent().map(Path::to_owned))
        .context("nothing was cached")?;
    let before = entries(cache.path())?.len();
    fs::remove_file(&entries(cache.path())?[0])?;
    fs::set_permissions(&inner, fs::Permissions::from_mode(0o777))?;
    let broker = serve(cache.path())?;
    works(&broker).await?;
    ensure!(
        broker.output().contains("others can write into"),
        "{}",
        broker.output()
    );
    ensure!(entries(cache.path())?.len() == before - 1);
    Ok(())
}
