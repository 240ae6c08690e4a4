//! How a program that embeds a broker puts it together.

use std::sync::Arc;

use super::Broker;
use crate::access::{Authenticator, Entrance, LoginLimits};
use crate::config::Config;
use crate::console::Operator;
use crate::databases::Databases;
use crate::error::{Error, ErrorKind};
use crate::rules::Library;
use crate::shadow::Shadow;
use crate::upstream::Connector;

/// A broker that is being put together; [`Broker::builder`] begins one.
///
/// It needs rules and an upstream, or databases that have theirs. Whatever else is not said is as
/// [`Config::default`] has it, and everybody is let in.
///
/// ```no_run
/// use std::sync::Arc;
///
/// use pgiris::rules::{Engine, Library};
/// use pgiris::{Broker, Config, upstream};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let mut config = Config::default();
/// config.client.connections = 100;
/// let engine = Engine::new(config.rules.clone())?;
/// let broker = Broker::builder()
///     .config(config)
///     .rules(Arc::new(Library::open(&engine, "rules".as_ref())?))
///     .upstream(upstream::connector("postgres://iris.example:5432/USER")?)
///     .build()?;
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:5432").await?;
/// broker.run(listener, std::future::pending()).await?;
/// # Ok(())
/// # }
/// ```
#[must_use]
#[derive(Default)]
pub struct BrokerBuilder {
    config: Config,
    rules: Option<Arc<Library>>,
    upstream: Option<Arc<dyn Connector>>,
    databases: Option<Arc<Databases>>,
    entrance: Option<Arc<Entrance>>,
    operator: Option<Arc<dyn Operator>>,
    shadow: Arc<Shadow>,
}

impl BrokerBuilder {
    /// Limits and the like.
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Where plans come from.
    pub fn rules(mut self, rules: Arc<Library>) -> Self {
        self.rules = Some(rules);
        self
    }

    /// Where rows come from, whatever database a client asks for.
    pub fn upstream(mut self, upstream: Arc<dyn Connector>) -> Self {
        self.upstream = Some(upstream);
        self
    }

    /// Several databases, each with rules, an upstream and limits of its own in the place of
    /// [`Config::pool`]. They may be shared by several brokers, and exchanged while they run.
    pub fn databases(mut self, databases: Arc<Databases>) -> Self {
        self.databases = Some(databases);
        self
    }

    /// Encryption, and who is let in. It may be shared by several brokers, and changed while they run.
    pub fn entrance(mut self, entrance: Arc<Entrance>) -> Self {
        self.entrance = Some(entrance);
        self
    }

    /// Who decides who is let in, where the broker itself need not encrypt; takes the place of
    /// [`BrokerBuilder::entrance`].
    pub fn authenticator(self, authenticator: Arc<dyn Authenticator>) -> Self {
        let entrance = Entrance::with(None, authenticator, &LoginLimits::default());
        self.entrance(Arc::new(entrance))
    }

    /// Somebody who can do what the admin console asks of the process. There is a console if
    /// [`ConsoleAccess`](crate::console::ConsoleAccess) names its database.
    pub fn operator(mut self, operator: Arc<dyn Operator>) -> Self {
        self.operator = Some(operator);
        self
    }

    /// Where candidates for the rules are tried; it may be shared by several brokers.
    pub fn shadow(mut self, shadow: Arc<Shadow>) -> Self {
        self.shadow = shadow;
        self
    }

    /// The broker.
    ///
    /// # Errors
    /// Kind `Configuration`: rules or an upstream are missing, or there are both those and databases.
    pub fn build(self) -> Result<Broker, Error> {
        let wrong = |message: &str| Error::new(ErrorKind::Configuration, message);
        let databases = match (self.databases, self.rules, self.upstream) {
            (Some(databases), None, None) => databases,
            (Some(_), ..) => {
                return Err(wrong(
                    "databases have rules and upstreams of their own; a broker has either",
                ));
            }
            (None, Some(rules), Some(upstream)) => {
                Arc::new(Databases::one(&self.config, rules, upstream))
            }
            (None, None, _) => return Err(wrong("the broker has no rules")),
            (None, _, None) => return Err(wrong("the broker has no upstream")),
        };
        let entrance = self
            .entrance
            .unwrap_or_else(|| Arc::new(Entrance::open_to_all()));
        Ok(Broker::of(
            self.config,
            databases,
            entrance,
            self.operator,
            self.shadow,
        ))
    }
}
