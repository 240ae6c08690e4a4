//! Where this user keeps compiled components, if nothing else is configured.

use std::env;
use std::path::PathBuf;

/// What can be made anew, of this program. (XDG Base Directory Specification.) `None`, with a word in
/// the log: the environment names no place.
pub(super) fn user_directory() -> Option<PathBuf> {
    let named = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let place = named
        .filter(|path| path.is_absolute())
        .or_else(|| env::home_dir().map(|home| home.join(".cache")));
    if place.is_none() {
        tracing::warn!(
            "compiled rules are not cached: there is neither XDG_CACHE_HOME nor a home directory"
        );
    }
    Some(place?.join("pgiris"))
}
