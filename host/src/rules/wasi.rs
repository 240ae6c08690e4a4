//! WASI 0.2, with nothing granted: what the runtimes of other languages want to be there, and
//! that nobody can do or learn anything by.
//!
//! No files, no network, no environment, no arguments; the standard input is closed, what is
//! written to the other two is told at the level `debug`. Clocks show 1970 and go on as they are
//! read, and random numbers are the same in each call: what a call answers depends on its
//! arguments alone, as `wit/world.wit` demands.

use wasmtime::StoreContextMut;
use wasmtime::component::types::{ComponentFunc, ComponentItem, Type};
use wasmtime::component::{Component, Linker, LinkerInstance, Resource, ResourceType, Val};

use super::instance::InstanceState;

/// By which interfaces of WASI are known.
const PREFIX: &str = "wasi:";

/// What the clock goes on by at each look, in nanoseconds.
const TICK: u64 = 1000;

/// Bytes that may be written, or asked for, at a time.
const PIECE: u64 = 64 * 1024;

/// How WASI's own errors say that something is not allowed.
const DENIALS: [&str; 4] = [
    "access-denied",
    "not-permitted",
    "HTTP-request-denied",
    "closed",
];

/// All that a call can change here. Each begins with the same.
#[derive(Default)]
pub(super) struct Senses {
    clock: u64,
    random: u64,
}

impl Senses {
    fn now(&mut self) -> u64 {
        self.clock = self.clock.saturating_add(TICK);
        self.clock
    }

    /// SplitMix64.
    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn random_bytes(&mut self, count: u64) -> wasmtime::Result<Val> {
        if count > PIECE {
            return Err(denied("so many random bytes"));
        }
        let bytes = (0..count).map(|_| Val::U8(self.random().to_le_bytes()[0]));
        Ok(Val::List(bytes.collect()))
    }
}

/// What stands behind each handle that a component gets: nothing.
struct Nothing;

/// Links what a component imports of WASI; `Err` names an import that is something else.
pub(super) fn link(
    linker: &mut Linker<InstanceState>,
    component: &Component,
) -> Result<(), String> {
    let shape = component.component_type();
    let engine = linker.engine().clone();
    for (name, import) in shape.imports(&engine) {
        let ComponentItem::ComponentInstance(instance) = import.ty else {
            return Err(stranger(name));
        };
        if !name.starts_with(PREFIX) {
            return Err(stranger(name));
        }
        let interface = name.split('@').next().unwrap_or(name);
        let mut linked = linker.instance(name).map_err(unlinked)?;
        for (item, export) in instance.exports(&engine) {
            match export.ty {
                ComponentItem::ComponentFunc(_) => function(&mut linked, interface, item),
                ComponentItem::Resource(_) => {
                    let nothing = ResourceType::host::<Nothing>();
                    linked.resource(item, nothing, |_, _| Ok(()))
                }
                // Other types need nobody.
                _ => Ok(()),
            }
            .map_err(unlinked)?;
        }
    }
    Ok(())
}

fn stranger(import: &str) -> String {
    let why = match import.starts_with("pgiris:rules/") {
        true => "it is to be composed with the rules that it delegates to",
        false => "a rules component imports nothing but WASI, by which nothing is granted",
    };
    format!("imports \"{import}\"; {why}")
}

fn unlinked(error: wasmtime::Error) -> String {
    format!("its imports cannot be linked: {error:#}")
}

fn function(
    linked: &mut LinkerInstance<'_, InstanceState>,
    interface: &str,
    name: &str,
) -> wasmtime::Result<()> {
    let known = format!("{interface}#{name}");
    linked.func_new(name, move |mut store, shape, arguments, results| {
        match results.first_mut() {
            None => acknowledge(&known)?,
            Some(result) => {
                *result = match answer(&mut store, &known, arguments)? {
                    Some(answer) => answer,
                    None => refusal(&mut store, &known, &shape)?,
                }
            }
        }
        arguments.iter().try_for_each(|one| let_go(&mut store, one))
    })
}

/// Gives handles back: those that are lent must be, before a call returns.
fn let_go(store: &mut StoreContextMut<'_, InstanceState>, value: &Val) -> wasmtime::Result<()> {
    match value {
        Val::Resource(handle) => handle.resource_drop(&mut *store),
        Val::List(values) | Val::Tuple(values) => {
            values.iter().try_for_each(|value| let_go(store, value))
        }
        Val::Option(Some(value)) => let_go(store, value),
        _ => Ok(()),
    }
}

/// Functions without a result.
fn acknowledge(name: &str) -> wasmtime::Result<()> {
    match name {
        "wasi:io/poll#[method]pollable.block" => Ok(()),
        _ => Err(denied(name)),
    }
}

/// What is answered in a way of its own.
fn answer(
    store: &mut StoreContextMut<'_, InstanceState>,
    name: &str,
    arguments: &[Val],
) -> wasmtime::Result<Option<Val>> {
    let senses = store.data_mut().senses();
    let Some((interface, function)) = name.split_once('#') else {
        return Ok(None);
    };
    let answer = match (interface, function) {
        ("wasi:clocks/monotonic-clock", "now") => Val::U64(senses.now()),
        ("wasi:clocks/monotonic-clock", "resolution") => Val::U64(TICK),
        ("wasi:clocks/monotonic-clock", "subscribe-instant") => {
            senses.clock = senses.clock.max(number(arguments.first()));
            return Ok(None);
        }
        ("wasi:clocks/monotonic-clock", "subscribe-duration") => {
            senses.clock = senses.clock.saturating_add(number(arguments.first()));
            return Ok(None);
        }
        ("wasi:clocks/wall-clock", "now") => moment(senses.now()),
        ("wasi:clocks/wall-clock", "resolution") => moment(TICK),
        (
            "wasi:random/random" | "wasi:random/insecure",
            "get-random-bytes" | "get-insecure-random-bytes",
        ) => senses.random_bytes(number(arguments.first()))?,
        ("wasi:random/random" | "wasi:random/insecure", _) => Val::U64(senses.random()),
        ("wasi:random/insecure-seed", _) => {
            Val::Tuple(vec![Val::U64(senses.random()), Val::U64(senses.random())])
        }
        // Nobody waits for anything.
        ("wasi:io/poll", "[method]pollable.ready") => Val::Bool(true),
        ("wasi:io/poll", "poll") => match arguments.first() {
            Some(Val::List(pollables)) => {
                Val::List((0_u32..).take(pollables.len()).map(Val::U32).collect())
            }
            _ => return Ok(None),
        },
        ("wasi:io/streams", "[method]output-stream.check-write") => ok(Some(Val::U64(PIECE))),
        (
            "wasi:io/streams",
            "[method]output-stream.write"
            | "[method]output-stream.blocking-write-and-flush"
            | "[method]output-stream.flush"
            | "[method]output-stream.blocking-flush",
        ) => {
            tell(arguments.get(1));
            ok(None)
        }
        ("wasi:io/error", "[method]error.to-debug-string") => Val::String("not granted".into()),
        _ => return Ok(None),
    };
    Ok(Some(answer))
}

/// Everything else: empty where it can be, denied where that can be said, else the end of the
/// call.
fn refusal(
    store: &mut StoreContextMut<'_, InstanceState>,
    name: &str,
    shape: &ComponentFunc,
) -> wasmtime::Result<Val> {
    let denial = match shape.results().next() {
        Some(Type::List(_)) => Some(Val::List(Vec::new())),
        Some(Type::Option(_)) => Some(Val::Option(None)),
        Some(Type::Own(_)) => {
            let handle = Resource::<Nothing>::new_own(0).try_into_resource_any(&mut *store)?;
            Some(Val::Resource(handle))
        }
        Some(Type::Result(result)) => result.err().and_then(|error| {
            let denial = denial(&error)?;
            Some(Val::Result(Err(Some(Box::new(denial)))))
        }),
        _ => None,
    };
    denial.ok_or_else(|| denied(name))
}

/// The error of this type that says that something is not allowed.
fn denial(error: &Type) -> Option<Val> {
    match error {
        Type::Enum(error) => {
            let word = DENIALS
                .iter()
                .find(|word| error.names().any(|name| name == **word))?;
            Some(Val::Enum((*word).to_owned()))
        }
        Type::Variant(error) => {
            let is_there = |word: &&&str| {
                let mut cases = error.cases();
                cases.any(|case| case.name == **word && case.ty.is_none())
            };
            let word = DENIALS.iter().find(is_there)?;
            Some(Val::Variant((*word).to_owned(), None))
        }
        _ => None,
    }
}

fn denied(what: &str) -> wasmtime::Error {
    wasmtime::Error::msg(format!("it asked for {what}, which is not granted"))
}

fn ok(value: Option<Val>) -> Val {
    Val::Result(Ok(value.map(Box::new)))
}

fn number(value: Option<&Val>) -> u64 {
    match value {
        Some(Val::U64(number)) => *number,
        _ => 0,
    }
}

fn moment(nanoseconds: u64) -> Val {
    const SECOND: u64 = 1_000_000_000;
    let rest = u32::try_from(nanoseconds % SECOND).unwrap_or_default();
    Val::Record(vec![
        ("seconds".into(), Val::U64(nanoseconds / SECOND)),
        ("nanoseconds".into(), Val::U32(rest)),
    ])
}

/// What it writes is for its author.
fn tell(written: Option<&Val>) {
    let Some(Val::List(bytes)) = written else {
        return;
    };
    if tracing::enabled!(tracing::Level::DEBUG) {
        let bytes = bytes.iter().filter_map(|byte| match byte {
            Val::U8(byte) => Some(*byte),
            _ => None,
        });
        let bytes: Vec<u8> = bytes.collect();
        tracing::debug!("the rules write {:?}", String::from_utf8_lossy(&bytes));
    }
}
