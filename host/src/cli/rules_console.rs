//! `pgiris rules rollback` and `reload`: what the admin console does, for scripts without psql.

use std::env;

use anyhow::Context;
use clap::Args;
use tokio_postgres::{Config, NoTls};

#[derive(Args)]
pub(super) struct Console {
    /// The admin console of the broker, over a connection that is not encrypted; the password may
    /// stand in the environment variable PGPASSWORD.
    #[arg(
        long,
        value_name = "URL",
        default_value = "postgres://_SYSTEM@127.0.0.1:5432/pgiris"
    )]
    console: String,
}

#[derive(Args)]
pub(super) struct Rollback {
    #[command(flatten)]
    console: Console,
    /// The database whose rules go back to those before; left out: all.
    #[arg(value_name = "DATABASE")]
    database: Option<String>,
}

impl Rollback {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let database = self.database.map_or_else(String::new, |database| {
            format!(" \"{}\"", database.replace('"', "\"\""))
        });
        self.console.say(&format!("RULES ROLLBACK{database}"))
    }
}

#[derive(Args)]
pub(super) struct Reload {
    #[command(flatten)]
    console: Console,
}

impl Reload {
    pub(super) fn run(self) -> anyhow::Result<()> {
        self.console.say("RULES RELOAD")
    }
}

impl Console {
    fn say(&self, command: &str) -> anyhow::Result<()> {
        let mut config: Config = self.console.parse().context("--console")?;
        if let (None, Ok(password)) = (config.get_password(), env::var("PGPASSWORD")) {
            config.password(password);
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let connected = config.connect(NoTls).await;
            let (client, connection) = connected.context("cannot reach the admin console")?;
            tokio::spawn(connection);
            let done = client.batch_execute(command).await;
            match done
                .as_ref()
                .err()
                .and_then(tokio_postgres::Error::as_db_error)
            {
                // In the broker's own words.
                Some(error) => Err(anyhow::anyhow!("{}", error.message())),
                None => done.context(command.to_owned()),
            }
        })?;
        println!("{command}");
        Ok(())
    }
}
