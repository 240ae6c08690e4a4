//! Compiles components, and stops calls that take too long.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use wasmtime::Strategy;
use wasmtime::component::{Component, Linker};

use super::bindings::RulesPre;
use super::compiled::CompiledCache;
use super::contents::Contents;
use super::generation::Generation;
use super::instance::InstanceState;
use super::trust::Failures;
use super::wasi;
use crate::config::RulesLimits;
use crate::error::Error;

/// The interface version that this host speaks; see `wit/world.wit`.
pub(super) const INTERFACE_MAJOR: u64 = 9;
/// The interface a component is known by.
const TRANSLATOR: &str = "pgiris:rules/translator@";

/// How often running calls are looked at. A deadline is met to within two of
/// these; each costs one wake-up of an idle process.
const TICK: Duration = Duration::from_millis(50);

/// Compiles components under one set of limits. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    wasmtime: wasmtime::Engine,
    /// The baseline compiler: takes a seventh of the time for code that takes longer to run. None
    /// where it is not wanted, or not to be had.
    baseline: Option<wasmtime::Engine>,
    cache: Option<Arc<CompiledCache>>,
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
        let baseline = limits
            .baseline_compiler
            .then(|| baseline(&limits))
            .flatten();
        let cache = limits
            .compilation_cache
            .as_deref()
            .and_then(CompiledCache::open);
        let weak = wasmtime.weak();
        let weak_baseline = baseline.as_ref().map(wasmtime::Engine::weak);
        std::thread::Builder::new()
            .name("rules-deadline".into())
            .spawn(move || {
                while let Some(engine) = weak.upgrade() {
                    engine.increment_epoch();
                    drop(engine);
                    let baseline = weak_baseline.as_ref();
                    if let Some(engine) = baseline.and_then(wasmtime::EngineWeak::upgrade) {
                        engine.increment_epoch();
                    }
                    std::thread::sleep(TICK);
                }
            })
            .map_err(|error| Error::broker(error.to_string()))?;
        Ok(Self {
            cache: cache.map(Arc::new),
            wasmtime,
            baseline,
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
        let compile = || {
            self.check(contents)?;
            self.generation(path, contents, &self.optimized(contents)?)
        };
        compile().map_err(|reason| unusable(path, &reason))
    }

    /// As [`Engine::load`], sooner: a component that is not in the cache may be compiled by the
    /// baseline compiler; then [`Engine::optimize`] is wanted with the contents that are returned.
    pub(super) fn load_soon(&self, path: &Path) -> Result<(Generation, Option<Contents>), Error> {
        let contents = Contents::read(path)?;
        let compile = || -> Result<_, String> {
            self.check(&contents)?;
            if let Some(component) = self.cached(&contents) {
                return Ok((self.generation(path, &contents, &component)?, false));
            }
            let baseline = self.baseline(&contents);
            let is_baseline = baseline.is_some();
            let component = baseline.map_or_else(|| self.optimized(&contents), Ok)?;
            Ok((self.generation(path, &contents, &component)?, is_baseline))
        };
        let compiled = compile().map_err(|reason| unusable(path, &reason));
        compiled.map(|(generation, is_baseline)| (generation, is_baseline.then_some(contents)))
    }

    /// Compiles the component of a generation by the optimizing compiler, and lets the generation
    /// have it.
    ///
    /// # Errors
    /// Why there is no such code; the generation goes on with what it has.
    pub(super) fn optimize(
        &self,
        generation: &Generation,
        contents: &Contents,
    ) -> Result<(), String> {
        let component = self.optimized(contents)?;
        generation.compiled_anew(self.linked(&component)?);
        Ok(())
    }

    fn check(&self, contents: &Contents) -> Result<(), String> {
        contents.check_signer(&self.limits.signers)?;
        check_preamble(&contents.bytes)
    }

    fn cached(&self, contents: &Contents) -> Option<Component> {
        self.cache.as_ref()?.get(&self.wasmtime, &contents.digest)
    }

    /// The component as the optimizing compiler makes it, or has made it before.
    fn optimized(&self, contents: &Contents) -> Result<Component, String> {
        if let Some(component) = self.cached(contents) {
            return Ok(component);
        }
        let component = Component::from_binary(&self.wasmtime, &contents.bytes)
            .map_err(|error| format!("not a valid component: {error:#}"))?;
        if let Some(cache) = &self.cache {
            cache.put(&self.wasmtime, &contents.digest, &component);
        }
        Ok(component)
    }

    /// None: this compiler does not know what the component uses, or finds it wrong; the other
    /// says how.
    fn baseline(&self, contents: &Contents) -> Option<Component> {
        Component::from_binary(self.baseline.as_ref()?, &contents.bytes).ok()
    }

    fn generation(
        &self,
        path: &Path,
        contents: &Contents,
        component: &Component,
    ) -> Result<Generation, String> {
        let pre = self.linked(component)?;
        let failures = Failures::new(&self.limits, Arc::clone(&self.alarms));
        let name = name_of(path);
        Generation::start(
            &name,
            contents.digest,
            pre,
            self.limits.clone(),
            TICK,
            failures,
        )
    }

    fn linked(&self, component: &Component) -> Result<RulesPre<InstanceState>, String> {
        check_interface(component)?;
        let mut linker = Linker::<InstanceState>::new(component.engine());
        wasi::link(&mut linker, component)?;
        linker
            .instantiate_pre(component)
            .and_then(RulesPre::new)
            .map_err(|error| format!("does not fit the interface: {error:#}"))
    }
}

/// Looks at exports alone; nothing of the component runs.
fn check_interface(component: &Component) -> Result<(), String> {
    let shape = component.component_type();
    let version = shape
        .exports(component.engine())
        .find_map(|(export, _)| export.strip_prefix(TRANSLATOR).map(str::to_owned))
        .ok_or_else(|| {
            format!("does not export {TRANSLATOR}{INTERFACE_MAJOR}; it is not a rules component")
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
    config
        .epoch_interruption(true)
        .max_wasm_stack(limits.stack)
        // A trap is told by the names of functions; where in their bytes is for nobody, and makes what
        // is compiled longer.
        .generate_address_map(false);
    config
}

/// None: it does not know this machine.
fn baseline(limits: &RulesLimits) -> Option<wasmtime::Engine> {
    wasmtime::Engine::new(settings(limits).strategy(Strategy::Winch))
        .inspect_err(|error| tracing::info!("no baseline compiler for rules: {error:#}"))
        .ok()
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
