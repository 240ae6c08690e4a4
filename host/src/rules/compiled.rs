//! The cache of compiled components, which is machine code that will run: only where nobody else
//! can write, and only as it was written.
//!
//! An entry is what wasmtime serializes, mapped into memory where it stands, so that brokers share
//! it and a start reads what it runs. Its name says of which component it is, for which compiler
//! and settings, and the SHA-256 of what it holds.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};
use wasmtime::component::Component;

use super::generation::Digest;

/// Entries kept; each takes some thirty megabytes. Those that were not used for longest go first.
const KEPT: usize = 16;

/// What entries are called behind their names.
const EXTENSION: &str = "cwasm";

/// A directory of compiled components.
pub(super) struct CompiledCache {
    directory: PathBuf,
    /// Whom entries belong to, if not to root.
    own: u32,
}

impl CompiledCache {
    /// The one in this directory; none, with a word in the log, where it cannot be trusted.
    pub(super) fn open(within: &Path) -> Option<Self> {
        let directory = within.join("compiled");
        let look = || {
            create(&directory)?;
            let own = own_user(&directory)?;
            io::Result::Ok((own, stranger(&directory, &fs::metadata(&directory)?, own)))
        };
        match look() {
            Ok((own, None)) => Some(Self { directory, own }),
            Ok((_, Some(why))) => not_cached(&why),
            Err(error) => not_cached(&format!("{}: {error}", directory.display())),
        }
    }

    /// The component of this digest, if it has been compiled for this engine. What is damaged is
    /// removed.
    pub(super) fn get(&self, engine: &wasmtime::Engine, of: &Digest) -> Option<Component> {
        let prefix = prefix(engine, of);
        let found = self.entries().ok()?.into_iter();
        found
            .filter(|entry| name(entry).starts_with(&prefix))
            .find_map(|entry| {
                load(engine, &entry, self.own)
                    .inspect_err(|reason| {
                        let entry = entry.display();
                        tracing::warn!("compiled rules in {entry} are unusable: {reason}");
                    })
                    // Where it cannot be removed, it is found unusable again.
                    .inspect_err(|_| drop(fs::remove_file(&entry)))
                    .ok()
            })
    }

    /// Keeps a component, and drops those that have not been used for longest. Where that fails
    /// there is a word in the log.
    pub(super) fn put(&self, engine: &wasmtime::Engine, of: &Digest, component: &Component) {
        let written = component
            .serialize()
            .map_err(|error| format!("{error:#}"))
            .and_then(|code| {
                self.write(&prefix(engine, of), &code)
                    .map_err(|error| error.to_string())
            });
        if let Err(reason) = written {
            not_cached::<()>(&format!("{}: {reason}", self.directory.display()));
        }
    }

    fn write(&self, prefix: &str, code: &[u8]) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.directory)?;
        file.write_all(code)?;
        let name = format!("{prefix}{}.{EXTENSION}", hexadecimal(&digest(code)));
        // An entry is there as a whole, or not at all.
        file.persist(self.directory.join(name))?;
        let mut entries = self.entries()?;
        entries.sort_by_cached_key(|entry| std::cmp::Reverse(last_use(entry)));
        for entry in entries.iter().skip(KEPT) {
            fs::remove_file(entry)?;
        }
        Ok(())
    }

    fn entries(&self) -> io::Result<Vec<PathBuf>> {
        let paths = fs::read_dir(&self.directory)?.map(|entry| Ok(entry?.path()));
        let paths = paths.collect::<io::Result<Vec<_>>>()?;
        let is_entry = |path: &PathBuf| path.extension().is_some_and(|found| found == EXTENSION);
        Ok(paths.into_iter().filter(is_entry).collect())
    }
}

fn not_cached<T>(why: &str) -> Option<T> {
    tracing::warn!("compiled rules are not cached: {why}");
    None
}

fn create(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(directory)
}

/// What the names of entries of a component begin with.
fn prefix(engine: &wasmtime::Engine, of: &Digest) -> String {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{}-{:016x}-", hexadecimal(of), hasher.finish())
}

/// Of an entry, without its extension.
fn name(entry: &Path) -> &str {
    let stem = entry.file_stem().and_then(std::ffi::OsStr::to_str);
    stem.unwrap_or_default()
}

/// The component in an entry, if that is what its name says.
fn load(engine: &wasmtime::Engine, entry: &Path, own: u32) -> Result<Component, String> {
    let mut hash = Sha256::new();
    let mut read = || {
        let file = File::open(entry)?;
        let why = stranger(entry, &file.metadata()?, own);
        io::copy(&mut &file, &mut HashWriter(&mut hash))?;
        io::Result::Ok((file, why))
    };
    let (file, why) = read().map_err(|error| error.to_string())?;
    if let Some(why) = why {
        return Err(why);
    }
    if !name(entry).ends_with(&hexadecimal(&hash.finalize().into())) {
        return Err("it is not as it was written".to_owned());
    }
    // Those that are used stay; where that cannot be noted, an entry goes sooner.
    let _ = file.set_modified(SystemTime::now());
    // SAFETY: what is mapped was written by wasmtime's serialize: the checksum says so, and the
    // directory and the file belong to this user or root and nobody else can write there. Entries are
    // never changed in place: they are renamed into the directory whole, and unlinked.
    #[allow(unsafe_code)]
    let component = unsafe { Component::deserialize_file(engine, entry) };
    component.map_err(|error| format!("{error:#}"))
}

struct HashWriter<'a>(&'a mut Sha256);

impl Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn digest(bytes: &[u8]) -> Digest {
    Sha256::digest(bytes).into()
}

fn hexadecimal(digest: &Digest) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn last_use(entry: &Path) -> SystemTime {
    let metadata = fs::metadata(entry);
    let changed = metadata.and_then(|metadata| metadata.modified());
    changed.unwrap_or(SystemTime::UNIX_EPOCH)
}

/// By what somebody else could write into this file or directory; `own`: who may.
#[cfg(unix)]
fn stranger(path: &Path, found: &fs::Metadata, own: u32) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let path = path.display();
    if found.uid() != own && found.uid() != 0 {
        return Some(format!("{path} belongs to another user"));
    }
    (found.mode() & 0o022 != 0).then(|| format!("others can write into {path}"))
}

#[cfg(not(unix))]
fn stranger(_: &Path, _: &fs::Metadata, _: u32) -> Option<String> {
    None
}

/// The user of this process: a new file belongs to it.
#[cfg(unix)]
fn own_user(directory: &Path) -> io::Result<u32> {
    use std::os::unix::fs::MetadataExt;
    Ok(tempfile::tempfile_in(directory)?.metadata()?.uid())
}

#[cfg(not(unix))]
fn own_user(_: &Path) -> io::Result<u32> {
    Ok(0)
}
