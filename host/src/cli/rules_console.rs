//! `pgiris rules rollback` and `reload`: what the admin console does, for scripts without psql.

use std::env;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use pgiris::upstream::postgres::PostgresConnector;
use pgiris::upstream::{Connector as _, Event, Operation, Target};
use url::Url;

#[derive(Args)]
pub(super) struct Console {
    /// The admin console of the broker, by a URL with the parameters of an upstream's (`sslmode`,
    /// `sslrootcert`, `sslcert` and so on); the password may stand in the environment variable
    /// PGPASSWORD.
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
    /// The database whose rules go back to those before, and with it all that the same component serves. Left
    /// out: whatever was published last, wherever there is any.
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
        let password = env::var("PGPASSWORD").ok();
        let url = with_password(&self.console, password.as_deref()).context("--console")?;
        let connector = PostgresConnector::new(&url).context("--console")?;
        // For what the URL leaves out.
        let target = Target {
            user: "_SYSTEM".to_owned(),
            password,
            namespace: "pgiris".to_owned(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let mut connection = connector.connect(&target).await?;
            connection.submit(vec![Operation::Run(Arc::from(command)), Operation::Sync])?;
            loop {
                match connection.next().await? {
                    // In the broker's own words.
                    Event::Failed(error) => bail!(error),
                    Event::Synced => return Ok(()),
                    _ => {}
                }
            }
        })?;
        println!("{command}");
        Ok(())
    }
}

/// A URL that names a user, with the password of the environment if it has none itself.
fn with_password(url: &str, password: Option<&str>) -> anyhow::Result<String> {
    let mut parsed = Url::parse(url)?;
    if !parsed.username().is_empty() && parsed.password().is_none() {
        // A URL that takes none is told by the connector.
        let _ = parsed.set_password(password);
    }
    Ok(parsed.into())
}
