//! The cache of compiled components, which is machine code that will run: only where nobody else
//! can write.

use std::fs;
use std::io;
use std::path::Path;

use wasmtime::{Cache, CacheConfig};

/// The cache of this user; none, with a word in the log, where it cannot be trusted.
pub(super) fn cache() -> Option<Cache> {
    let cache = Cache::new(CacheConfig::new())
        .inspect_err(|error| tracing::warn!("compiled rules are not cached: {error:#}"))
        .ok()?;
    let directory = cache.directory();
    match stranger(directory) {
        Ok(None) => Some(cache),
        Ok(Some(why)) => {
            tracing::warn!("compiled rules are not cached: {why}");
            None
        }
        Err(error) => {
            let directory = directory.display();
            tracing::warn!("compiled rules are not cached in {directory}: {error}");
            None
        }
    }
}

/// By what somebody else could write into this directory, or one in it.
#[cfg(unix)]
fn stranger(directory: &Path) -> io::Result<Option<String>> {
    use std::os::unix::fs::MetadataExt;
    // A new file belongs to this process.
    let own = tempfile::tempfile_in(directory)?.metadata()?.uid();
    stranger_to(own, directory)
}

#[cfg(unix)]
fn stranger_to(own: u32, directory: &Path) -> io::Result<Option<String>> {
    use std::os::unix::fs::MetadataExt;
    let found = fs::metadata(directory)?;
    if found.uid() != own && found.uid() != 0 {
        let directory = directory.display();
        return Ok(Some(format!("{directory} belongs to another user")));
    }
    if found.mode() & 0o022 != 0 {
        let directory = directory.display();
        return Ok(Some(format!("others can write into {directory}")));
    }
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir()
            && let Some(why) = stranger_to(own, &entry.path())?
        {
            return Ok(Some(why));
        }
    }
    Ok(None)
}

#[cfg(not(unix))]
fn stranger(_: &Path) -> io::Result<Option<String>> {
    Ok(None)
}
