//! The kinds of keys, and how values of each stand in a file.

use crate::cli::config::value::{shown_duration, shown_size};

/// A key whose value is a field of the settings, read by one of [`Value`]'s methods.
macro_rules! key {
    ($name:literal, $form:literal, $reloads:expr, $($field:ident).+, $read:ident, $show:expr, $about:literal) => {
        Key {
            name: $name,
            form: $form,
            about: $about,
            reloads: $reloads,
            read: |settings, value| {
                settings.$($field).+ = value.$read()?.into();
                Ok(())
            },
            show: |settings| {
                let show: fn(_) -> Option<String> = $show;
                show(settings.$($field).+.clone())
            },
        }
    };
}

/// A word of a list.
macro_rules! word {
    ($name:literal, $form:literal, $($field:ident).+, $words:expr, $about:literal) => {
        Key {
            name: $name,
            form: $form,
            about: $about,
            reloads: false,
            read: |settings, value| {
                settings.$($field).+ = value.word($words)?;
                Ok(())
            },
            show: |settings| {
                let found = $words.iter().find(|(_, meaning)| *meaning == settings.$($field).+);
                found.map(|(word, _)| format!("\"{word}\""))
            },
        }
    };
}

/// An amount of memory.
macro_rules! size {
    ($name:literal, $($field:ident).+, $about:literal) => {
        Key {
            name: $name,
            form: "size",
            about: $about,
            reloads: false,
            read: |settings, value| {
                settings.$($field).+ = value.size()?;
                Ok(())
            },
            show: |settings| Some(shown_size(settings.$($field).+ as u64)),
        }
    };
}

/// An amount of memory that may be left out.
macro_rules! optional_size {
    ($name:literal, $($field:ident).+, $about:literal) => {
        Key {
            name: $name,
            form: "size",
            about: $about,
            reloads: false,
            read: |settings, value| {
                settings.$($field).+ = Some(value.size()?);
                Ok(())
            },
            show: |settings| optional_size(settings.$($field).+),
        }
    };
}

/// A number of things.
macro_rules! count {
    ($name:literal, $($field:ident).+, $about:literal) => {
        Key {
            name: $name,
            form: "number",
            about: $about,
            reloads: false,
            read: |settings, value| {
                settings.$($field).+ = value.count()?;
                Ok(())
            },
            show: |settings| Some(settings.$($field).+.to_string()),
        }
    };
}

/// A span of time.
macro_rules! time {
    ($name:literal, $($field:ident).+, $about:literal) => {
        key!($name, "time", false, $($field).+, duration, time, $about)
    };
}

pub(super) fn text(value: impl std::fmt::Display) -> Option<String> {
    Some(format!("\"{value}\""))
}

pub(super) fn words(name: Option<String>) -> Option<String> {
    text(name.unwrap_or_default())
}

pub(super) fn names(names: Vec<String>) -> Option<String> {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    Some(format!("[{}]", quoted.join(", ")))
}

pub(super) fn path(path: Option<std::path::PathBuf>) -> Option<String> {
    text(path?.display())
}

pub(super) fn time(time: std::time::Duration) -> Option<String> {
    Some(shown_duration(time))
}

pub(super) fn optional_size(size: Option<usize>) -> Option<String> {
    Some(shown_size(size? as u64))
}
