//! The keys of rules and of the catalogue, which rules answer.

use super::Key;
use super::forms::{names, optional_size, path, time};
use crate::cli::config::value::shown_size;

pub(super) const KEYS: &[Key] = &[
    size!(
        "translation.memory",
        config.rules.memory,
        "Memory of one instance of a component."
    ),
    optional_size!(
        "translation.total_memory",
        config.rules.total_memory,
        "Memory of all instances of one component together, at work or ready. A quarter is for those that stay within `translation.memory_kept`, so one instance gets three quarters at most. A statement for which nothing is left waits, in turn and no longer than `translation.deadline`, and then gets SQLSTATE 53200. Left out: twice `translation.memory`, no less than 512MB. `\"0B\"`: no limit."
    ),
    size!(
        "translation.memory_kept",
        config.rules.memory_kept,
        "An instance that has grown beyond this is not used again."
    ),
    size!(
        "translation.stack",
        config.rules.stack,
        "Stack of one call of a component."
    ),
    time!(
        "translation.deadline",
        config.rules.deadline,
        "Time for one call of a component."
    ),
    size!(
        "translation.inline_text",
        config.rules.inline_text,
        "Texts above this are translated beside the threads that serve sessions."
    ),
    size!(
        "translation.plan_cache",
        config.rules.plan_cache,
        "Texts of statements whose plans are kept, for each generation of rules."
    ),
    count!(
        "translation.idle_instances",
        config.rules.idle_instances,
        "Instances kept ready; by default two for each processor."
    ),
    count!(
        "translation.distrust_after",
        config.rules.distrust_after,
        "On how many different statements a component may fail, within `translation.distrust_window`, before the last good one that was there before takes its place; 0: on any number."
    ),
    time!(
        "translation.distrust_window",
        config.rules.distrust_window,
        "See `translation.distrust_after`. `\"0s\"`: failures count for as long as the component is in use."
    ),
    Key {
        name: "translation.signers",
        form: "list of public keys",
        about: "Only components that one of these has signed are used: Ed25519, each the line of base64 in its PEM file; see [signed rules](operating.md#signed-rules). An empty list: all are.",
        reloads: false,
        read: |settings, value| {
            let keys = value.list()?.into_iter();
            let keys = keys.map(|key| key.parse().map_err(|error| format!("\"{key}\": {error}")));
            settings.config.rules.signers = keys.collect::<Result<_, String>>()?;
            Ok(())
        },
        show: |settings| {
            let keys = settings.config.rules.signers.iter();
            names(keys.map(ToString::to_string).collect())
        },
    },
    Key {
        name: "translation.compilation_cache",
        form: "`true` or `false`",
        about: "Keep compiled components in `translation.cache_directory`.",
        reloads: false,
        read: |settings, value| {
            settings.cache.is_wanted = value.switch()?;
            Ok(())
        },
        show: |settings| Some(settings.cache.is_wanted.to_string()),
    },
    key!(
        "translation.cache_directory",
        "path",
        false,
        cache.directory,
        path,
        path,
        "Where: a directory `compiled` is made there, for this user alone. Left out: `pgiris` in `$XDG_CACHE_HOME`, or in `.cache` of the user's home."
    ),
    Key {
        name: "translation.baseline_compiler",
        form: "`true` or `false`",
        about: "Start with components that are compiled fast where the cache has none, and compile them for speed meanwhile.",
        reloads: false,
        read: |settings, value| {
            settings.config.rules.baseline_compiler = value.switch()?;
            Ok(())
        },
        show: |settings| Some(settings.config.rules.baseline_compiler.to_string()),
    },
    time!(
        "catalog.age",
        config.rules.schema_age,
        "How long what was learnt of a schema is believed, where definitions do not go through this broker."
    ),
    size!(
        "catalog.memory",
        config.rules.catalog_memory,
        "Memory of the instance that holds a snapshot of the catalogue."
    ),
    optional_size!(
        "catalog.total_memory",
        config.rules.catalog_total_memory,
        "Memory of all those instances of one component together; a query on the catalogue for which nothing is left gets SQLSTATE 53200. Left out: four times `catalog.memory`. `\"0B\"`: no limit."
    ),
    count!(
        "catalog.steps",
        config.rules.catalog_steps,
        "Rows that one query on the catalogue may touch."
    ),
    size!(
        "catalog.rows",
        config.rules.catalog_bytes,
        "Rows that one query on the catalogue may keep."
    ),
];
