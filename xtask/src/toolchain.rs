//! Chooses the compiler that builds the rules for wasm32-unknown-unknown.
//!
//! Three cases, in this order: the target is installed; rustup can add it; Debian's own compiler builds it, standard
//! library included. `PGIRIS_WASM_TOOLCHAIN` picks one by name.

use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::packages;
use crate::process;

/// The target that the rules are compiled for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

const CHOICE: &str = "PGIRIS_WASM_TOOLCHAIN";

/// Debian's compiler (kept recent for its browsers), its sources of the standard library and its linker.
const DEBIAN_PACKAGES: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "lld-19"];
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_LINKER: &str = "/usr/bin/wasm-ld-19";

/// A compiler that can build the rules.
#[derive(Clone, Copy)]
pub(crate) enum Toolchain {
    /// The one that built this xtask; the target is there.
    Rustup,
    /// Debian's, which builds the standard library for the target as well.
    Debian,
}

impl Toolchain {
    /// The first that works, or the one that the environment names; prints which.
    pub(crate) fn choose() -> Result<Self> {
        match env::var(CHOICE).ok().as_deref() {
            None | Some("") => first_that_works(),
            Some("rustup") => installed(),
            Some("rustup-add") => added(),
            Some("debian") => debian(),
            Some(other) => bail!("{CHOICE}={other} is not known; use rustup, rustup-add or debian"),
        }
    }

    /// The name of the subfolder that its output goes to.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rustup => "rustup",
            Self::Debian => "debian",
        }
    }

    /// `cargo build` for the target, to be completed with packages, profile and target directory.
    pub(crate) fn cargo_build(self) -> Command {
        let mut command = match self {
            Self::Rustup => process::cargo(),
            Self::Debian => Command::new(DEBIAN_CARGO),
        };
        command.args(["build", "--target", TARGET]);
        if let Self::Debian = self {
            command.args(["-Z", "build-std=std,panic_abort"]);
            // What rustup and `cargo run` tell their children would lead this compiler astray.
            for name in [
                "CARGO",
                "RUSTUP_TOOLCHAIN",
                "RUSTC_WRAPPER",
                "LD_LIBRARY_PATH",
            ] {
                command.env_remove(name);
            }
            command
                .env("RUSTC", DEBIAN_RUSTC)
                .env("RUSTC_BOOTSTRAP", "1");
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", DEBIAN_LINKER);
            command.env(
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
                "-Clinker-flavor=wasm-ld",
            );
        }
        command
    }
}

fn first_that_works() -> Result<Toolchain> {
    let mut refusals = Vec::new();
    for case in [installed, added, debian] {
        match case() {
            Ok(toolchain) => return Ok(toolchain),
            Err(error) => refusals.push(format!("{error:#}")),
        }
    }
    bail!("no compiler for {TARGET}: {}", refusals.join("; "))
}

/// Case 1: the target is installed.
fn installed() -> Result<Toolchain> {
    if !target_is_installed() {
        bail!("the target {TARGET} is not installed (rustup target add {TARGET})");
    }
    eprintln!("wasm toolchain: the target {TARGET} is installed");
    Ok(Toolchain::Rustup)
}

/// Case 2: rustup adds the target.
fn added() -> Result<Toolchain> {
    if process::find("rustup").is_none() {
        bail!("rustup is not on the search path");
    }
    process::run(Command::new("rustup").args(["target", "add", TARGET]))?;
    if !target_is_installed() {
        bail!("rustup added the target {TARGET} to another toolchain than the one in use");
    }
    eprintln!("wasm toolchain: rustup added the target {TARGET}");
    Ok(Toolchain::Rustup)
}

/// Case 3: Debian's compiler.
fn debian() -> Result<Toolchain> {
    let programs = [DEBIAN_RUSTC, DEBIAN_CARGO, DEBIAN_LINKER];
    if !programs.iter().all(|program| Path::new(program).exists()) || !has_debian_sources() {
        packages::install("Debian's compiler for wasm", DEBIAN_PACKAGES)?;
    }
    eprintln!("wasm toolchain: Debian's compiler, which builds the standard library too");
    Ok(Toolchain::Debian)
}

/// Whether the standard library for the target lies where the compiler looks for it, however it
/// came there.
fn target_is_installed() -> bool {
    let mut rustc = Command::new("rustc");
    let directory = process::read(rustc.args(["--print", "target-libdir", "--target", TARGET]));
    directory.is_ok_and(|directory| Path::new(&directory).is_dir())
}

/// Whether the sources of the standard library lie where Debian's compiler looks for them.
fn has_debian_sources() -> bool {
    let sysroot = process::read(Command::new(DEBIAN_RUSTC).args(["--print", "sysroot"]));
    sysroot.is_ok_and(|sysroot| {
        Path::new(&sysroot)
            .join("lib/rustlib/src/rust/library")
            .is_dir()
    })
}
