//! What a program that embeds the broker may bring along: who decides who is let in, where clients come from, what is
//! behind.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use pgiris::access::{
    Admission, Authenticator, Demand, Entrance, LoginLimits, Users, Verifier, Visitor,
};
use pgiris::rules::{Engine, Library};
use pgiris::upstream::{self, Connection, Connector, Target, UpstreamError};
use pgiris::{Broker, Config, Diagnostic, ErrorKind, Incoming, Monitor};
use pgiris_tests::rules_file;
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::{Client, NoTls};

use super::limits;

/// Takes tokens in the place of passwords; some users prove themselves by SCRAM.
struct Tokens(Users);

#[async_trait]
impl Authenticator for Tokens {
    async fn demand(&self, visitor: &Visitor<'_>) -> Result<Demand, Diagnostic> {
        match visitor.user {
            "guest" => Ok(Demand::Nothing(Admission::new())),
            "ann" => Ok(Demand::ScramSha256(
                self.0.verifier("ann"),
                Admission::new().user("_SYSTEM"),
            )),
            "bob" if visitor.certificate == Some("bob") => Ok(Demand::Nothing(Admission::new())),
            "eve" => Err(Diagnostic::fatal("28000", "the office is closed")),
            _ => Ok(Demand::Password),
        }
    }

    async fn check(&self, visitor: &Visitor<'_>, password: &str) -> Result<Admission, Diagnostic> {
        // Whoever asks elsewhere waits here.
        tokio::task::yield_now().await;
        match password.strip_prefix("token of ") {
            Some(user) if user == visitor.user => Ok(Admission::new().user("SERVICE")),
            _ => Err(Diagnostic::wrong_password(visitor.user)),
        }
    }
}

/// A connector that remembers whom it connected.
struct Noting {
    inner: Arc<dyn Connector>,
    targets: Mutex<Vec<Target>>,
}

#[async_trait]
impl Connector for Noting {
    async fn connect(&self, target: &Target) -> Result<Box<dyn Connection>, UpstreamError> {
        self.note(target);
        self.inner.connect(target).await
    }

    fn name(&self) -> &str {
        "noting"
    }
}

impl Noting {
    fn note(&self, target: &Target) {
        let mut targets = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        targets.push(target.clone());
    }
}

/// A broker without a socket.
struct Site {
    clients: mpsc::Sender<Incoming>,
    connector: Arc<Noting>,
    monitor: Monitor,
    _stop: oneshot::Sender<()>,
}

fn library() -> Result<Arc<Library>> {
    let engine = Engine::new(limits()?)?;
    Ok(Arc::new(Library::open(
        &engine,
        &rules_file("iris-2025.1")?,
    )?))
}

impl Site {
    fn start() -> Result<Self> {
        let mut users = Users::default();
        users.insert("ann", Verifier::of_password("secret", [7; 16]));
        let connector = Arc::new(Noting {
            inner: upstream::connector("sandbox:")?,
            targets: Mutex::default(),
        });
        let mut config = Config::default();
        config.client.connections_per_address = 1;
        let broker = Broker::builder()
            .config(config)
            .rules(library()?)
            .upstream(Arc::clone(&connector) as Arc<dyn Connector>)
            .entrance(Arc::new(Entrance::with(
                None,
                Arc::new(Tokens(users)),
                &LoginLimits::default(),
            )))
            .build()?;
        let monitor = broker.monitor();
        let (clients, incoming) = mpsc::channel(4);
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(broker.run(incoming, async { drop(stopped.await) }));
        Ok(Self {
            clients,
            connector,
            monitor,
            _stop: stop,
        })
    }

    /// A client over a stream in memory, which `dress` says more of.
    async fn connect(
        &self,
        user: &str,
        password: &str,
        dress: impl FnOnce(Incoming) -> Incoming,
    ) -> Result<Client, tokio_postgres::Error> {
        let (here, there) = tokio::io::duplex(4096);
        let incoming = dress(Incoming::new(there));
        self.clients
            .send(incoming)
            .await
            .expect("the broker serves");
        let mut parameters = tokio_postgres::Config::new();
        parameters.user(user).dbname("USER").password(password);
        let (client, connection) = parameters.connect_raw(here, NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    fn last_user(&self) -> String {
        let targets = self.connector.targets.lock();
        let targets = targets.unwrap_or_else(PoisonError::into_inner);
        targets
            .last()
            .map_or_else(String::new, |target| target.user.clone())
    }
}

fn plain(incoming: Incoming) -> Incoming {
    incoming
}

fn encrypted(incoming: Incoming) -> Incoming {
    incoming.encrypted(None)
}

fn code(refused: Result<Client, tokio_postgres::Error>) -> Result<String> {
    let error = refused.err().context("the client was let in")?;
    let code = error.code().with_context(|| format!("{error:?}"))?;
    Ok(code.code().to_owned())
}

#[tokio::test]
async fn somebody_else_decides_who_is_let_in_and_as_whom() -> Result<()> {
    let site = Site::start()?;
    let guest = site.connect("guest", "", plain).await?;
    ensure!(guest.query_one("SELECT 1", &[]).await?.get::<_, i32>(0) == 1);
    ensure!(site.last_user() == "guest");

    site.connect("carl", "token of carl", encrypted).await?;
    ensure!(site.last_user() == "SERVICE");
    ensure!(code(site.connect("carl", "token of eve", encrypted).await)? == "28P01");
    // A password is for nobody else's eyes.
    ensure!(code(site.connect("carl", "token of carl", plain).await)? == "28000");

    let ann = site.connect("ann", "secret", plain).await?;
    ensure!(site.last_user() == "_SYSTEM");
    let name: String = ann
        .query_one("SELECT session_user::text", &[])
        .await?
        .get(0);
    ensure!(name == "ann", "{name}");
    ensure!(code(site.connect("ann", "wrong", plain).await)? == "28P01");

    let named = |name: &str| {
        let name = name.to_owned();
        move |incoming: Incoming| incoming.encrypted(Some(name))
    };
    site.connect("bob", "", named("bob")).await?;
    ensure!(code(site.connect("bob", "", named("ann")).await)? == "28P01");
    let error = site
        .connect("eve", "", plain)
        .await
        .err()
        .context("let in")?;
    let told = error.as_db_error().context("the broker refuses")?;
    ensure!(told.message() == "the office is closed" && told.code().code() == "28000");
    Ok(())
}

#[tokio::test]
async fn whoever_hands_clients_over_says_where_they_come_from() -> Result<()> {
    let site = Site::start()?;
    let from = |address: &str| {
        let address: IpAddr = address.parse().expect("an address");
        move |incoming: Incoming| incoming.from(address)
    };
    let first = site.connect("guest", "", from("10.0.0.1")).await?;
    // There may be one from each address.
    ensure!(code(site.connect("guest", "", from("10.0.0.1")).await)? == "53300");
    let _other = site.connect("guest", "", from("10.0.0.2")).await?;
    first.query_one("SELECT 1", &[]).await?;
    let mut addresses: Vec<_> = site
        .monitor
        .clients()
        .iter()
        .filter_map(|client| client.address)
        .collect();
    addresses.sort();
    ensure!(addresses == ["10.0.0.1".parse::<IpAddr>()?, "10.0.0.2".parse()?]);
    Ok(())
}

#[tokio::test]
async fn clients_come_over_unix_sockets() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let listener = tokio::net::UnixListener::bind(directory.path().join(".s.PGSQL.5432"))?;
    let broker = Broker::builder()
        .rules(library()?)
        .upstream(upstream::connector("sandbox:")?)
        .build()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(broker.run(listener, async { drop(stopped.await) }));
    let mut parameters = tokio_postgres::Config::new();
    parameters
        .host_path(directory.path())
        .user("ann")
        .dbname("USER");
    let (client, connection) = parameters.connect(NoTls).await?;
    tokio::spawn(connection);
    ensure!(client.query_one("SELECT 1", &[]).await?.get::<_, i32>(0) == 1);
    drop(stop);
    running.await??;
    Ok(())
}

#[test]
fn what_cannot_be_put_together_is_told() -> Result<()> {
    let refused = |builder: pgiris::BrokerBuilder| -> Result<String> {
        let error = builder.build().err().context("it was built")?;
        ensure!(error.kind() == ErrorKind::Configuration);
        Ok(error.to_string())
    };
    ensure!(refused(Broker::builder())? == "the broker has no rules");
    ensure!(refused(Broker::builder().rules(library()?))? == "the broker has no upstream");
    let databases = pgiris::Databases::new(std::collections::BTreeMap::new(), None);
    let both = Broker::builder()
        .databases(Arc::new(databases))
        .rules(library()?);
    ensure!(refused(both)?.starts_with("databases have rules"));
    Ok(())
}
