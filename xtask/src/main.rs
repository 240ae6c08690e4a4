//! Everything that is done to this repository is a subcommand here.

mod bench;
mod component;
mod drivers;
mod overlays;
mod packages;
mod postgres;
mod process;
mod python;
mod rules;
mod run;
mod test;
mod toolchain;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;

use crate::workspace::Workspace;

/// One subcommand: its name, its line in the help, and what it does with the rest of the arguments.
type Subcommand = (
    &'static str,
    &'static str,
    fn(&Workspace, &[String]) -> Result<()>,
);

const SUBCOMMANDS: &[Subcommand] = &[
    (
        "rules",
        "build every rules component into target/rules",
        rules::command,
    ),
    (
        "run",
        "build what is missing and serve the sandbox: `run [-- ARGUMENTS OF pgiris serve]`",
        run::command,
    ),
    (
        "test",
        "set up what is missing and run every test, Rust and Python",
        test::command,
    ),
    (
        "bench",
        "run the benchmarks: `bench [NAME ...]`",
        bench::command,
    ),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        eprint!("{}", help());
        return ExitCode::from(2);
    };
    if matches!(name.as_str(), "help" | "-h" | "--help") {
        print!("{}", help());
        return ExitCode::SUCCESS;
    }
    let Some((.., subcommand)) = SUBCOMMANDS.iter().find(|(known, ..)| known == name) else {
        eprint!("error: there is no subcommand `{name}`\n\n{}", help());
        return ExitCode::from(2);
    };
    match Workspace::locate().and_then(|workspace| subcommand(&workspace, rest)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn help() -> String {
    let mut help = String::from("Usage: cargo xtask SUBCOMMAND\n\nSubcommands:\n");
    for (name, line, _) in SUBCOMMANDS {
        help.push_str(&format!("  {name:6} {line}\n"));
    }
    help.push_str(
        "\nEnvironment:\n  PGIRIS_WASM_TOOLCHAIN  which compiler builds the rules: rustup, rustup-add or debian\n                         (not set: the first that works, in this order)\n",
    );
    help
}
