//! The cache of compiled rules: what stands there is run, so it is believed only where nobody else can write, and what
//! is broken there is made anew.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, connect, eventually, hostile_rules, rules_file};

/// A broker with a small component, and this cache.
fn serve(cache: &Path) -> Result<Broker> {
    let arguments = ["--rules".into(), hostile_rules()?.into()];
    let cache = cache.to_str().context("a path of the system's own")?;
    Broker::in_environment(arguments, &[("XDG_CACHE_HOME", cache)])
}

/// The compiled components.
fn entries(cache: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(directory(cache))?.map(|entry| Ok(entry?.path()));
    entries.collect()
}

fn directory(cache: &Path) -> PathBuf {
    cache.join("pgiris/compiled")
}

async fn works(broker: &Broker) -> Result<()> {
    let client = connect(broker.port(), "USER").await?;
    client.simple_query("SELECT 1").await?;
    Ok(())
}

/// A component is compiled beside the sessions, and then it is there.
fn entry(cache: &Path) -> Result<PathBuf> {
    let one = || match &entries(cache).ok()?[..] {
        [entry] if entry.extension()? == "cwasm" => Some(entry.clone()),
        _ => None,
    };
    eventually(one).context("nothing was cached")
}

#[tokio::test]
async fn what_is_broken_is_made_anew() -> Result<()> {
    let cache = tempfile::tempdir()?;
    let broker = serve(cache.path())?;
    works(&broker).await?;
    let whole = fs::read(entry(cache.path())?)?;
    drop(broker);
    let mut other = whole.clone();
    // Such code could do anything.
    other[whole.len() / 2] ^= 1;
    for broken in [
        &b""[..],
        &whole[..whole.len() / 2],
        b"no code at all",
        &other,
    ] {
        fs::write(entry(cache.path())?, broken)?;
        let broker = serve(cache.path())?;
        works(&broker).await?;
        let told = broker.output();
        ensure!(told.contains("it is not as it was written"), "{told}");
        ensure!(fs::read(entry(cache.path())?)?.len() == whole.len());
    }
    Ok(())
}

#[tokio::test]
async fn what_others_can_write_is_not_used() -> Result<()> {
    let cache = tempfile::tempdir()?;
    let broker = serve(cache.path())?;
    fs::remove_file(entry(cache.path())?)?;
    drop(broker);
    fs::set_permissions(directory(cache.path()), fs::Permissions::from_mode(0o777))?;
    let broker = serve(cache.path())?;
    works(&broker).await?;
    let told = broker.output();
    ensure!(told.contains("others can write into"), "{told}");
    ensure!(entries(cache.path())?.is_empty());
    Ok(())
}

#[tokio::test]
async fn an_entry_that_others_can_write_is_not_used() -> Result<()> {
    let cache = tempfile::tempdir()?;
    let broker = serve(cache.path())?;
    let entry = entry(cache.path())?;
    drop(broker);
    fs::set_permissions(&entry, fs::Permissions::from_mode(0o666))?;
    let broker = serve(cache.path())?;
    works(&broker).await?;
    let told = broker.output();
    ensure!(told.contains("others can write into"), "{told}");
    Ok(())
}

/// What is not in the cache answers at once, and for speed later; sessions notice nothing.
#[tokio::test]
async fn what_is_compiled_fast_at_first_is_compiled_for_speed() -> Result<()> {
    let cache = tempfile::tempdir()?;
    let rules = rules_file("iris-2025.1")?;
    let cache_home = cache
        .path()
        .to_str()
        .context("a path of the system's own")?;
    let broker = Broker::in_environment(
        ["--rules".into(), rules.into()],
        &[("XDG_CACHE_HOME", cache_home)],
    )?;
    let client = connect(broker.port(), "USER").await?;
    ensure!(
        entries(cache.path())?.is_empty(),
        "it was compiled for speed at once"
    );
    let prepared = client.prepare("SELECT $1::int + 1").await?;
    let mut number = 0;
    while !broker.output().contains("rules compiled for speed") {
        let row = client.query_one(&prepared, &[&number]).await?;
        ensure!(row.get::<_, i32>(0) == number + 1);
        // A statement that no cache of plans has.
        let row = client
            .query_one(&format!("SELECT {number}::text || 'x'"), &[])
            .await?;
        ensure!(row.get::<_, &str>(0) == format!("{number}x"));
        number += 1;
    }
    ensure!(number > 0 && entries(cache.path())?.len() == 1);
    let row = client.query_one("SELECT 'after'::text", &[]).await?;
    ensure!(row.get::<_, &str>(0) == "after");
    Ok(())
}

#[tokio::test]
async fn the_configuration_names_another_place() -> Result<()> {
    let (elsewhere, home) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let file = elsewhere.path().join("pgiris.toml");
    let serve = |more: &str| -> Result<Broker> {
        // Relative to the file.
        fs::write(
            &file,
            format!("[translation]\ncache_directory = 'kept'\n{more}"),
        )?;
        let rules = ["--rules".into(), hostile_rules()?.into()];
        let arguments = ["--config".into(), file.clone().into()];
        let home = home.path().to_str().context("a path of the system's own")?;
        Broker::in_environment(
            arguments.into_iter().chain(rules),
            &[("XDG_CACHE_HOME", home)],
        )
    };
    let kept = elsewhere.path().join("kept");
    let broker = serve("compilation_cache = false\n")?;
    works(&broker).await?;
    drop(broker);
    ensure!(!kept.exists());
    let broker = serve("")?;
    works(&broker).await?;
    // While it is written it has another name.
    let is_entry = |file: &Path| file.extension().is_some_and(|found| found == "cwasm");
    let entry = eventually(|| {
        let files = fs::read_dir(kept.join("compiled")).ok()?.flatten();
        let mut paths = files.map(|file| file.path());
        paths.find(|path| is_entry(path))
    });
    entry.context("nothing was cached")?;
    ensure!(fs::read_dir(home.path())?.next().is_none());
    let mode = fs::metadata(kept.join("compiled"))?.permissions().mode();
    ensure!(mode & 0o777 == 0o700, "{mode:o}");
    Ok(())
}
