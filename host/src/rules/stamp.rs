//! By what a file is seen to have changed, without a look into it.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::library::files;
use super::signature::signature_path;

/// A file, links followed, as it stood at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    path: PathBuf,
    /// `None`: it was not there.
    found: Option<Look>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Look {
    length: u64,
    modified: Option<SystemTime>,
    identity: Identity,
}

/// What tells a file from another one of the same length and time: a copy that keeps times, renamed
/// over what was there.
#[cfg(unix)]
#[derive(Clone, Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
    /// When the inode changed last, which nobody can set: seconds, and nanoseconds of them.
    changed: (i64, i64),
}

#[cfg(unix)]
impl From<&Metadata> for Identity {
    fn from(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

#[cfg(not(unix))]
#[derive(Clone, Debug, PartialEq, Eq)]
struct Identity;

#[cfg(not(unix))]
impl From<&Metadata> for Identity {
    fn from(_: &Metadata) -> Self {
        Self
    }
}

impl Stamp {
    fn of(path: PathBuf) -> Self {
        let metadata = std::fs::metadata(&path).ok();
        let look = |metadata: Metadata| Look {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            identity: Identity::from(&metadata),
        };
        Self {
            path,
            found: metadata.map(look),
        }
    }
}

/// The rules files at a path, each with its signature, which may come after what it is of.
pub(super) fn stamps(path: &Path) -> Vec<Stamp> {
    let (files, _) = files(path).unwrap_or_default();
    files
        .into_iter()
        .flat_map(|file| [signature_path(&file), file])
        .map(Stamp::of)
        .collect()
}
