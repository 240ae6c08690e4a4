//! Compiles components, and stops calls that take too long.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use wasmtime::component::{Component, Linker};

use super::bindings::RulesPre;
use super::compiled;
use super::contents::Contents;
use super::generation::Generation;
use super::instance::InstanceState;
use super::trust::Failures;
use super::wasi;
use crate::config::RulesLimits;
use crate::error::Error;

/// The interface version that this host speaks; see `wit/world.wit`.
pub(super) const INTERFACE_MAJOR: u64 = 4;
/// The interface a component is known by.
const TRANSLATOR: &str = "pgiris:rules/translator@";

/// How often running calls are looked at. A deadline is met to within two of
/// these; each costs one wake-up of an idle process.
const TICK: Duration = Duration::from_millis(50);

/// Compiles components under one set of limits. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    wasmtime: wasmtime::Engine,
    limits: RulesLimits,
    /// Counts the components that have failed too often.
    alarms: Arc<watch::Sender<u64>>,
}

impl Engine {
    /// An engine, and the thread that ends calls past their deadline; the
    /// thread ends with the last clone of the engine.
    ///
    /// # Errors
    /// The machine cannot run WebAssembly, or the thread cannot be started.
    pub fn new(limits: RulesLimits) -> Result<Self, Error> {
        let wasmtime = wasmtime::Engine::new(&settings(&limits))
            .map_err(|error| Error::broker(format!("{error:#}")))?;
        let weak = wasmtime.weak();
        std::thread::Builder::new()
            .name("rules-deadline".into())
            .spawn(move || {
                while let Some(engine) = weak.upgrade() {
                    engine.increment_epoch();
                    drop(engine);
                    std::thread::sleep(TICK);
                }
            })
            .map_err(|error| Error::broker(error.to_string()))?;
        Ok(Self {
            wasmtime,
            limits,
            alarms: Arc::default(),
        })
    }

    /// Tells of each component that has failed too often.
    pub(super) fn alarms(&self) -> watch::Receiver<u64> {
        self.alarms.subscribe()
    }

    /// Reads, checks and compiles one component, and translates its examples. Where
    /// [`signers`](RulesLimits::signers) are named, one of them must have signed it.
    ///
    /// # Errors
    /// Kind `Rules`: the reason names the file and what is wrong with it.
    pub fn load(&self, path: &Path) -> Result<Generation, Error> {
        self.compile(path, &Contents::read(path)?)
    }

    /// The same with what stands in the file.
    pub(super) fn compile(&self, path: &Path, contents: &Contents) -> Result<Generation, Error> {
        contents
            .check_signer(&self.limits.signers)
            .and_then(|()| self.compile_bytes(&name_of(path), contents))
            .map_err(|reason| unusable(path, &reason))
    }

    fn compile_bytes(&self, name: &str, contents: &Contents) -> Result<Generation, String> {
        let bytes = contents.bytes.as_slice();
        check_preamble(bytes)?;
        let component = Component::from_binary(&self.wasmtime, bytes)
            .map_err(|error| format!("not a valid component: {error:#}"))?;
        self.check_interface(&component)?;
        let mut linker = Linker::<InstanceState>::new(&self.wasmtime);
        wasi::link(&mut linker, &component)?;
        let pre = linker
            .instantiate_pre(&component)
            .and_then(RulesPre::new)
            .map_err(|error| format!("does not fit the interface: {error:#}"))?;
        let digest = contents.digest;
        let failures = Failures::new(self.limits.distrust_after, Arc::clone(&self.alarms));
        Generation::start(name, digest, pre, self.limits.clone(), TICK, failures)
    }

    /// Looks at exports alone; nothing of the component runs.
    fn check_interface(&self, component: &Component) -> Result<(), String> {
        let shape = component.component_type();
        let version = shape
            .exports(&self.wasmtime)
            .find_map(|(export, _)| export.strip_prefix(TRANSLATOR).map(str::to_owned))
            .ok_or_else(|| {
                format!(
                    "does not export {TRANSLATOR}{INTERFACE_MAJOR}; it is not a rules component"
                )
            })?;
        let major = version
            .split('.')
            .next()
            .and_then(|major| major.parse::<u64>().ok());
        if major != Some(INTERFACE_MAJOR) {
            return Err(format!(
                "speaks version {version} of the rules interface; this broker speaks {INTERFACE_MAJOR}.x"
            ));
        }
        Ok(())
    }
}

/// A file that cannot be used, and why.
pub(super) fn unusable(path: &Path, reason: &str) -> Error {
    Error::rules(format!("rules file {}: {reason}", path.display()))
}

/// What a component from this file is called.
pub(super) fn name_of(path: &Path) -> String {
    path.file_stem()
        .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}

fn settings(limits: &RulesLimits) -> wasmtime::Config {
    let mut config = wasmtime::Config::new();
    config.epoch_interruption(true).max_wasm_stack(limits.stack);
    if limits.compilation_cache
        && let Some(cache) = compiled::cache()
    {
        config.cache(Some(cache));
    }
    config
}

/// Tells the usual mistakes apart before the compiler sees the bytes.
fn check_preamble(bytes: &[u8]) -> Result<(), String> {
    match bytes {
        [] => Err("is empty".into()),
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => Err(
            "is a core module, not a component; make one of it with `wasm-tools component new`"
                .into(),
        ),
        [0, b'a', b's', b'm', ..] => Ok(()),
        _ => Err("is not WebAssembly".into()),
    }
}
