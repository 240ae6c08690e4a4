//! Values of a configuration file, read as what a key wants.

use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::de::DeValue;

/// Where values stand.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) text: &'a str,
    /// Where relative paths begin.
    pub(super) directory: &'a Path,
}

impl Place<'_> {
    /// The number of the line with this byte, from 1.
    pub(super) fn line(self, byte: usize) -> usize {
        let before = self.text.as_bytes().iter().take(byte);
        1 + before.filter(|byte| **byte == b'\n').count()
    }
}

/// A value, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    value: &'a DeValue<'a>,
    place: Place<'a>,
}

/// What a key wants instead.
type Wrong = String;

impl<'a> Value<'a> {
    pub(super) fn new(value: &'a DeValue<'a>, place: Place<'a>) -> Self {
        Self { value, place }
    }

    pub(super) fn get(self) -> &'a DeValue<'a> {
        self.value
    }

    /// A string, in which `${NAME}` stands for an environment variable.
    pub(super) fn text(self) -> Result<String, Wrong> {
        self.text_with(|value| value)
    }

    /// As [`Value::text`], for an URL: what comes from the environment cannot end a part of it.
    pub(super) fn url(self) -> Result<String, Wrong> {
        self.text_with(|value| {
            url::form_urlencoded::byte_serialize(value.as_bytes())
                .collect::<String>()
                .replace('+', "%20")
        })
    }

    fn text_with(self, written: impl Fn(String) -> String) -> Result<String, Wrong> {
        let text = self.value.as_str().ok_or("expected a string")?;
        let mut found = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after
                .split_once('}')
                .ok_or("`${` without `}`; `${NAME}` stands for an environment variable")?;
            let value = std::env::var(name)
                .map_err(|_| format!("the environment variable {name} is not set"))?;
            found.push_str(before);
            found.push_str(&written(value));
            rest = after;
        }
        found.push_str(rest);
        Ok(found)
    }

    /// A path; a relative one begins where the file stands.
    pub(super) fn path(self) -> Result<PathBuf, Wrong> {
        Ok(self.place.directory.join(self.text()?))
    }

    /// A name; an empty one is none.
    pub(super) fn name(self) -> Result<Option<String>, Wrong> {
        Ok(Some(self.text()?).filter(|name| !name.is_empty()))
    }

    pub(super) fn list(self) -> Result<Vec<String>, Wrong> {
        let items = self.value.as_array().ok_or("expected a list of strings")?;
        let texts = items
            .iter()
            .map(|item| Self::new(item.get_ref(), self.place).text());
        texts.collect()
    }

    pub(super) fn switch(self) -> Result<bool, Wrong> {
        self.value
            .as_bool()
            .ok_or_else(|| "expected true or false".into())
    }

    /// A part of a whole, from 0 to 1.
    pub(super) fn share(self) -> Result<f64, Wrong> {
        let number = match self.value {
            DeValue::Float(number) => number.as_str().replace('_', "").parse().ok(),
            DeValue::Integer(number) => number.as_str().parse().ok(),
            _ => None,
        };
        number
            .filter(|share| (0.0..=1.0).contains(share))
            .ok_or_else(|| "expected a number from 0 to 1".into())
    }

    /// A number of things.
    pub(super) fn count<N: TryFrom<u64>>(self) -> Result<N, Wrong> {
        let count = self.value.as_integer().and_then(|number| {
            u64::from_str_radix(&number.as_str().replace('_', ""), number.radix()).ok()
        });
        let count = count.ok_or("expected a number that is not negative")?;
        count
            .try_into()
            .map_err(|_| "the number is too large".into())
    }

    /// An amount of memory: a string with a unit, as PostgreSQL writes them.
    pub(super) fn size<N: TryFrom<u64>>(self) -> Result<N, Wrong> {
        const UNITS: [(&str, u64); 5] = [
            ("TB", 1 << 40),
            ("GB", 1 << 30),
            ("MB", 1 << 20),
            ("kB", 1 << 10),
            ("B", 1),
        ];
        let bytes = amount(&self.text()?, &UNITS)
            .ok_or(r#"expected a size as "64MB": B, kB, MB, GB or TB"#)?;
        bytes.try_into().map_err(|_| "the size is too large".into())
    }

    /// A span of time: a string with a unit, as PostgreSQL writes them.
    pub(super) fn duration(self) -> Result<Duration, Wrong> {
        const UNITS: [(&str, u64); 5] = [
            ("ms", 1),
            ("min", 60_000),
            ("s", 1000),
            ("h", 3_600_000),
            ("d", 86_400_000),
        ];
        let milliseconds = amount(&self.text()?, &UNITS)
            .ok_or(r#"expected a time as "30s": ms, s, min, h or d"#)?;
        Ok(Duration::from_millis(milliseconds))
    }

    /// One of some words.
    pub(super) fn word<T: Copy>(self, words: &[(&str, T)]) -> Result<T, Wrong> {
        let text = self.text()?;
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|(_, meaning)| *meaning).ok_or_else(|| {
            let names: Vec<_> = words
                .iter()
                .map(|(word, _)| format!("\"{word}\""))
                .collect();
            format!("expected one of {}", names.join(", "))
        })
    }
}

/// A whole number and its unit. A unit comes before those in which it ends.
fn amount(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (number, unit) = units
        .iter()
        .find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit)))?;
    number.trim().parse::<u64>().ok()?.checked_mul(*unit)
}

/// A size as the documentation shows it.
pub(super) fn shown_size(bytes: u64) -> String {
    let units = [("GB", 1 << 30), ("MB", 1 << 20), ("kB", 1 << 10), ("B", 1)];
    let fits = units
        .iter()
        .find(|(_, unit)| bytes >= *unit && bytes.is_multiple_of(*unit));
    let (name, unit) = fits.unwrap_or(&("B", 1));
    format!("\"{}{name}\"", bytes / unit)
}

/// A span of time as the documentation shows it.
pub(super) fn shown_duration(time: Duration) -> String {
    let milliseconds = time.as_millis();
    let units = [("min", 60_000), ("s", 1000), ("ms", 1)];
    let fits = units
        .iter()
        .find(|(_, unit)| milliseconds >= *unit && milliseconds.is_multiple_of(*unit));
    let (name, unit) = fits.unwrap_or(&("ms", 1));
    format!("\"{}{name}\"", milliseconds / unit)
}
