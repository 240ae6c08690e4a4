//! The `postgres://` connector against a PostgreSQL server that encrypts.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that sees something else fails with what it saw"
)]

#[path = "support/driver.rs"]
mod driver;

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use driver::{Driver, Seen, connector_of, row, target};
use pgiris::upstream::{Operation, connector};
use pgiris_tests::{Authority, Identity, Postgres};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const SECRET: &str = "wide-open-sesame";

/// Who is let in how: unencrypted connections only of `plain`.
const HBA: &str = "\
    hostssl all bound 127.0.0.1/32 scram-sha-256\n\
    hostssl all cleartext 127.0.0.1/32 password\n\
    hostssl all shown 127.0.0.1/32 cert\n\
    hostssl all all 127.0.0.1/32 trust\n\
    hostnossl all plain 127.0.0.1/32 trust\n\
    hostnossl all postgres 127.0.0.1/32 reject\n";

/// Certificates, and a server with one of them.
struct Site {
    directory: TempDir,
    authority: Authority,
    server: Postgres,
}

impl Site {
    /// `identity`: the server's, signed by the authority of the file `ca.crt`.
    fn with(identity: impl FnOnce(&Authority) -> Identity) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let authority = Authority::new().unwrap();
        fs::write(directory.path().join("ca.crt"), authority.certificate()).unwrap();
        let identity = identity(&authority);
        identity.write(directory.path(), "server").unwrap();
        let server = Postgres::start_encrypted(&identity, &authority, HBA).unwrap();
        Self {
            directory,
            authority,
            server,
        }
    }

    fn right() -> Self {
        Self::with(|authority| authority.sign("server", &["localhost"]).unwrap())
    }

    fn file(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }

    /// `FILE` in the query stands for a file of this site.
    fn url(&self, user: &str, query: &str) -> String {
        let query = query.replace('<', &self.file("")).replace('>', "");
        format!(
            "postgres://{user}@localhost:{}/postgres?{query}",
            self.server.port()
        )
    }

    /// Whether a connection to it is encrypted, as the server sees it.
    async fn is_encrypted(&self, user: &str, query: &str) -> bool {
        let mut driver = Driver::open(&self.url(user, query)).await;
        let seen = driver
            .query(
                "SELECT ssl::text FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
                vec![],
            )
            .await;
        seen[0] == row(&[Some("true")])
    }

    /// Why there is no connection; the password does not stand in it.
    async fn refusal(&self, user: &str, query: &str) -> String {
        let connector = connector_of(&self.url(user, query));
        let refused = connector.connect(&target()).await.err();
        let message = refused
            .unwrap_or_else(|| panic!("{user} {query}: it was let in"))
            .message;
        assert!(!message.contains(SECRET), "{message}");
        message
    }

    /// Each query is refused for this reason.
    async fn refuses(&self, refused: &[(&str, &str)]) {
        for (query, expected) in refused {
            let message = self.refusal("postgres", query).await;
            assert!(message.contains(expected), "{query}: {message}");
        }
    }
}

#[tokio::test]
async fn each_mode_takes_what_proves_enough() {
    let site = Site::right();
    for query in [
        "",
        "sslmode=prefer",
        "sslmode=require",
        "sslmode=require&sslrootcert=<ca.crt>",
        "sslmode=verify-ca&sslrootcert=<ca.crt>",
        "sslmode=verify-full&sslrootcert=<ca.crt>",
        "sslrootcert=<ca.crt>",
    ] {
        assert!(site.is_encrypted("postgres", query).await, "{query}");
    }
    let mut driver = Driver::open(&site.url("postgres", "")).await;
    driver.run("CREATE ROLE plain LOGIN").await;
    assert!(!site.is_encrypted("plain", "sslmode=disable").await);
    // The server is asked, and has another say.
    let message = site.refusal("postgres", "sslmode=disable").await;
    assert!(message.contains("no encryption"), "{message}");
    let other = Authority::new().unwrap();
    fs::write(site.file("other.crt"), other.certificate()).unwrap();
    let unknown = "the certificate of localhost is not signed by an authority in ";
    site.refuses(&[
        ("sslmode=require&sslrootcert=<other.crt>", unknown),
        ("sslmode=verify-ca&sslrootcert=<other.crt>", unknown),
        ("sslmode=verify-full&sslrootcert=<other.crt>", unknown),
        (
            "sslmode=require&sslnegotiation=direct",
            "cannot encrypt the connection",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_certificate_of_another_host_has_the_right_authority_alone() {
    let site = Site::with(|authority| authority.sign("localhost", &["iris.test"]).unwrap());
    for query in ["sslmode=require", "sslmode=verify-ca&sslrootcert=<ca.crt>"] {
        assert!(site.is_encrypted("postgres", query).await, "{query}");
    }
    let message = "the certificate is for another host than localhost";
    site.refuses(&[("sslmode=verify-full&sslrootcert=<ca.crt>", message)])
        .await;
}

#[tokio::test]
async fn an_expired_certificate_proves_nothing() {
    let site = Site::with(|authority| authority.sign_expired("server", &["localhost"]).unwrap());
    assert!(site.is_encrypted("postgres", "sslmode=require").await);
    let message = "the certificate of localhost has expired";
    site.refuses(&[
        ("sslmode=verify-ca&sslrootcert=<ca.crt>", message),
        ("sslmode=verify-full&sslrootcert=<ca.crt>", message),
    ])
    .await;
}

#[tokio::test]
async fn a_certificate_that_signs_itself_can_be_given_as_it_is() {
    let site = Site::with(|_| Identity::of_its_own("server", &["localhost"]).unwrap());
    for query in [
        "sslmode=verify-ca&sslrootcert=<server.crt>",
        "sslmode=verify-full&sslrootcert=<server.crt>",
    ] {
        assert!(site.is_encrypted("postgres", query).await, "{query}");
    }
    let elsewhere = site.url("postgres", "sslmode=verify-full&sslrootcert=<server.crt>");
    let connector = connector_of(&elsewhere.replace("localhost", "127.0.0.1"));
    let refused = connector.connect(&target()).await.err().unwrap().message;
    assert!(
        refused.contains("for another host than 127.0.0.1"),
        "{refused}"
    );
}

#[tokio::test]
async fn without_encryption_only_the_modes_go_on_that_allow_it() {
    let server = Postgres::start().unwrap();
    let url = |mode: &str| format!("{}?sslmode={mode}", server.url());
    for mode in ["disable", "prefer"] {
        Driver::open(&url(mode)).await;
    }
    for mode in ["require", "verify-full"] {
        // The machine's own authorities may be missing, which is told before.
        let Ok(connector) = connector(&url(mode)) else {
            continue;
        };
        let message = connector.connect(&target()).await.err().unwrap().message;
        let expected = format!("127.0.0.1 does not encrypt connections, and sslmode={mode}");
        assert!(message.contains(&expected), "{message}");
    }
    let bound = connector_of(&format!("{}?channel_binding=require", server.url()));
    let message = bound.connect(&target()).await.err().unwrap().message;
    assert!(message.contains("does not bind the log-in"), "{message}");
}

#[tokio::test]
async fn log_ins_are_bound_to_the_connection() {
    let site = Site::right();
    let mut driver = Driver::open(&site.url("postgres", "")).await;
    for user in ["bound", "cleartext"] {
        let created = driver
            .run(&format!("CREATE ROLE {user} LOGIN PASSWORD '{SECRET}'"))
            .await;
        assert_eq!(created, Seen::Complete(None));
    }
    let with = |user: &str, password: &str| format!("{user}:{password}");
    for wish in ["require", "prefer", "disable"] {
        let query = format!("sslmode=require&channel_binding={wish}");
        assert!(
            site.is_encrypted(&with("bound", SECRET), &query).await,
            "{wish}"
        );
    }
    let bound = "sslmode=require&channel_binding=require";
    let message = site.refusal(&with("bound", "other"), bound).await;
    assert!(
        message.contains("password authentication failed"),
        "{message}"
    );
    // No password is sent to whom cannot bind it, and nobody is believed who asks for none.
    for user in [with("cleartext", SECRET), "postgres".to_owned()] {
        let message = site.refusal(&user, bound).await;
        assert!(message.contains("does not bind the log-in"), "{message}");
    }
    let cleartext = with("cleartext", SECRET);
    assert!(site.is_encrypted(&cleartext, "sslmode=require").await);
}

#[tokio::test]
async fn the_broker_shows_a_certificate_of_its_own() {
    let site = Site::right();
    let mut driver = Driver::open(&site.url("postgres", "")).await;
    driver.run("CREATE ROLE shown LOGIN").await;
    let own = site.authority.sign("shown", &[]).unwrap();
    own.write(site.directory.path(), "own").unwrap();
    let query = "sslmode=require&sslcert=<own.crt>&sslkey=<own.key>";
    assert!(site.is_encrypted("shown", query).await);
    let message = site.refusal("shown", "sslmode=require").await;
    assert!(message.contains("valid client certificate"), "{message}");
    // One that somebody else signed; the file is read again.
    let connector = connector_of(&site.url("shown", query));
    assert!(connector.connect(&target()).await.is_ok());
    let other = Authority::new().unwrap().sign("shown", &[]).unwrap();
    tokio::time::sleep(Duration::from_millis(10)).await;
    other.write(site.directory.path(), "own").unwrap();
    let message = connector.connect(&target()).await.err().unwrap().message;
    assert!(
        message.contains("does not accept the certificate in sslcert"),
        "{message}"
    );
}

#[test]
fn files_of_no_use_are_told_at_once() {
    for (query, expected) in [
        ("sslrootcert=/no/such/file", "/no/such/file"),
        (
            "sslmode=require&sslcert=/no/such/file&sslkey=/other",
            "/no/such/file",
        ),
        ("sslmode=verify-ca", "sslmode=verify-ca needs sslrootcert"),
        ("sslmod=require", "did you mean \"sslmode\"?"),
    ] {
        let error = connector(&format!("postgres://a:{SECRET}@iris/?{query}")).err();
        let message = error.unwrap_or_else(|| panic!("{query}")).to_string();
        assert!(message.contains(expected), "{query}: {message}");
        assert!(!message.contains(SECRET), "{message}");
    }
}

/// Passes bytes on, and keeps the first that each client sends after what asks for encryption.
async fn listener_on_the_way(to: u16) -> (u16, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let all = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let heard = Arc::clone(&all);
            tokio::spawn(async move {
                let mut server = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
                let mut request = [0; 8];
                client.read_exact(&mut request).await.unwrap();
                server.write_all(&request).await.unwrap();
                let answer = server.read_u8().await.unwrap();
                client.write_all(&[answer]).await.unwrap();
                let first = client.read_u8().await.unwrap();
                heard.lock().unwrap().push(first);
                server.write_all(&[first]).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    (port, heard)
}

#[tokio::test]
async fn requests_to_cancel_are_encrypted_as_well() {
    let site = Site::right();
    let (port, heard) = listener_on_the_way(site.server.port()).await;
    let url = site.url("postgres", "sslmode=verify-full&sslrootcert=<ca.crt>");
    let url = url.replace(&site.server.port().to_string(), &port.to_string());
    let mut driver = Driver::open(&url).await;
    driver.submit(vec![
        Operation::Run("SELECT pg_sleep(600)".into()),
        Operation::Sync,
    ]);
    let seen = driver.cancelled().await;
    let Seen::Failed(error) = &seen[0] else {
        panic!("{seen:?}")
    };
    assert_eq!(error.sqlstate.as_deref(), Some("57014"));
    // Each of them began a handshake of TLS.
    let heard = heard.lock().unwrap();
    assert!(
        heard.len() >= 2 && heard.iter().all(|first| *first == 0x16),
        "{heard:?}"
    );
}

#[tokio::test]
async fn rows_and_goodbyes_pass_through_encryption() {
    let site = Site::right();
    let mut driver = Driver::open(&site.url("postgres", "sslmode=require")).await;
    let seen = driver
        .query(
            "SELECT repeat('x', 1000) FROM generate_series(1, 20000)",
            vec![],
        )
        .await;
    assert_eq!(seen.len(), 20_001);
    assert!(driver.0.is_open());
    let mut other = Driver::open(&site.url("postgres", "sslmode=require")).await;
    let others =
        "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
    let count = format!("SELECT count(*)::text {others}");
    assert_eq!(other.query(&count, vec![]).await[0], row(&[Some("1")]));
    // Closed from this end: the server hears of it.
    drop(driver);
    while other.query(&count, vec![]).await[0] != row(&[Some("0")]) {}
    // And from that one: it is noticed without asking.
    let mut ended = Driver::open(&site.url("postgres", "sslmode=require")).await;
    other
        .query(
            &format!("SELECT pg_terminate_backend(pid, 10000) {others}"),
            vec![],
        )
        .await;
    for _ in 0..1000 {
        if !ended.0.is_open() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the end was not noticed");
}
