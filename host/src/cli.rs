//! Arguments of the `pgiris` command, and what each subcommand does.

mod admin;
mod cache;
mod config;
mod config_check;
mod corpus;
mod offline;
mod rules_check;
mod rules_compose;
mod rules_console;
mod rules_diff;
mod rules_new;
mod rules_sign;
mod serve;
mod translate;
mod users;

use clap::{Parser, Subcommand};

/// Use InterSystems IRIS with any PostgreSQL client.
#[derive(Parser)]
#[command(name = "pgiris", version, about)]
pub(crate) struct Command {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Accept PostgreSQL clients and answer them from IRIS.
    Serve(serve::Serve),
    /// Show the plan of a statement, rule by rule.
    Translate(translate::Translate),
    /// Work with rules files.
    #[command(subcommand)]
    Rules(Rules),
    /// Work with configuration files.
    #[command(subcommand)]
    Config(config_check::Task),
    /// Work with lists of users.
    #[command(subcommand)]
    Users(users::Task),
}

#[derive(Subcommand)]
enum Rules {
    /// Print the manifest of a component, run its examples, time it.
    Check(rules_check::Check),
    /// Show what would change if one component took the place of another.
    Diff(rules_diff::Diff),
    /// Begin a project of rules of one's own, in Rust.
    New(rules_new::New),
    /// Make a rules file of what a compiler made, over other rules if it delegates to them.
    Compose(rules_compose::Compose),
    /// Have a running broker go back to the rules before.
    Rollback(rules_console::Rollback),
    /// Have a running broker read the files of rules again.
    Reload(rules_console::Reload),
    /// Make a key to sign components with; prints its public key, for `translation.signers`.
    Keygen(rules_sign::Keygen),
    /// Sign components.
    Sign(rules_sign::Sign),
    /// Say whether components are signed by a key.
    Verify(rules_sign::Verify),
}

impl Command {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self.task {
            Task::Serve(serve) => serve.run(),
            Task::Translate(translate) => translate.run(),
            Task::Rules(Rules::Check(check)) => check.run(),
            Task::Rules(Rules::Diff(diff)) => diff.run(),
            Task::Rules(Rules::New(new)) => new.run(),
            Task::Rules(Rules::Compose(compose)) => compose.run(),
            Task::Rules(Rules::Rollback(rollback)) => rollback.run(),
            Task::Rules(Rules::Reload(reload)) => reload.run(),
            Task::Rules(Rules::Keygen(keygen)) => keygen.run(),
            Task::Rules(Rules::Sign(sign)) => sign.run(),
            Task::Rules(Rules::Verify(verify)) => verify.run(),
            Task::Config(task) => task.run(),
            Task::Users(task) => task.run(),
        }
    }
}
