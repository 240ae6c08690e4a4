//! What a misspelt name was meant to be.

/// The name most like an unknown one, if any is.
pub(in crate::cli::config) fn nearest(
    unknown: &str,
    names: impl Iterator<Item = &'static str>,
) -> String {
    let likeness = |name: &str| strsim::jaro_winkler(name, unknown);
    let best = names.max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match best.filter(|name| likeness(name) > 0.8) {
        Some(name) => format!("; did you mean `{name}`?"),
        None => String::new(),
    }
}
