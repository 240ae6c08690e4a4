//! A directory with certificates, users and a configuration, and a broker that uses them.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use std::io::Write;

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Authority, Broker, WireClient, binary, configuration};
use tempfile::TempDir;

/// The table of a configuration that lets clients encrypt.
pub(crate) const TLS: &str =
    "[tls]\nmode = 'allow'\ncertificate = 'server.crt'\nkey = 'server.key'\n";

/// Where a broker keeps what it needs.
pub(crate) struct Site {
    directory: TempDir,
    authority: Authority,
    users: String,
}

impl Site {
    pub(crate) fn new() -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let authority = Authority::new()?;
        fs::write(directory.path().join("ca.crt"), authority.certificate())?;
        let site = Self {
            directory,
            authority,
            users: String::new(),
        };
        site.certificate("server", "broker", &["localhost", "127.0.0.1"])?;
        Ok(site)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes NAME.crt and NAME.key, signed by the authority.
    pub(crate) fn certificate(&self, file: &str, name: &str, hosts: &[&str]) -> Result<()> {
        let identity = self.authority.sign(name, hosts)?;
        identity.write(self.directory.path(), file)
    }

    /// Writes the certificate of an authority that has signed nothing here.
    pub(crate) fn authority_of_others(&self, file: &str) -> Result<()> {
        let other = Authority::new()?;
        Ok(fs::write(self.path(file), other.certificate())?)
    }

    pub(crate) fn client_certificate(&self, user: &str) -> Result<()> {
        self.certificate(user, user, &[])
    }

    /// Options with which psql presents a user's certificate.
    pub(crate) fn presenting(&self, user: &str) -> String {
        let path = |ending: &str| self.path(&format!("{user}.{ending}")).display().to_string();
        format!(
            "sslmode=require sslcert={} sslkey={}",
            path("crt"),
            path("key")
        )
    }

    /// Adds a user, by the line that the command makes.
    pub(crate) fn user(mut self, name: &str, password: &str) -> Result<Self> {
        self.users.push_str(&verifier(name, password)?);
        fs::write(self.path("users"), &self.users)?;
        Ok(self)
    }

    /// Writes the configuration; `tables` follow what every broker here has.
    pub(crate) fn configure(&self, tables: &str) -> Result<PathBuf> {
        let users = match self.path("users").exists() {
            true => "users = 'users'\n",
            false => "",
        };
        let path = self.path("pgiris.toml");
        fs::write(&path, format!("{users}{tables}"))?;
        Ok(path)
    }

    pub(crate) fn serve(self, tables: &str) -> Result<Served> {
        let file = self.configure(tables)?;
        let broker = Broker::configured(&file)?;
        Ok(Served { site: self, broker })
    }

    /// What a broker says that does not start with this configuration.
    pub(crate) fn refused(&self, text: &str) -> Result<String> {
        let file = self.path("pgiris.toml");
        fs::write(&file, text)?;
        // The file's own address is to count.
        let mut arguments = configuration(&file)?;
        if text.contains("listen") {
            arguments.push("--listen=0.0.0.0:0".into());
        }
        Ok(Broker::refuses(arguments)?.output)
    }
}

/// A line of the list of users.
pub(crate) fn verifier(name: &str, password: &str) -> Result<String> {
    let mut command = Command::new(binary()?)
        .args(["users", "verifier", name])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = command.stdin.take().context("no standard input")?;
    writeln!(input, "{password}")?;
    drop(input);
    let output = command.wait_with_output()?;
    ensure!(output.status.success());
    Ok(String::from_utf8(output.stdout)?)
}

/// A broker of such a site.
pub(crate) struct Served {
    pub(crate) site: Site,
    pub(crate) broker: Broker,
}

impl Served {
    /// What psql prints for `SELECT 1`, or why it did not come so far. `options` win over the
    /// usual ones.
    pub(crate) fn ask(
        &self,
        user: &str,
        password: Option<&str>,
        options: &str,
    ) -> Result<Result<String, String>> {
        let root = self.site.path("ca.crt");
        let connection = format!(
            "host=127.0.0.1 port={} dbname=USER user={user} sslrootcert={} {options}",
            self.broker.port(),
            root.display()
        );
        let mut psql = Command::new("psql");
        psql.args(["-X", "-w", "-A", "-t", "-d", &connection, "-c", "SELECT 1"]);
        psql.env_remove("PGPASSWORD").env("LC_ALL", "C");
        // Nothing of the machine's own certificates.
        psql.env("HOME", self.site.path(""));
        if let Some(password) = password {
            psql.env("PGPASSWORD", password);
        }
        let output = psql.output().context("cannot run psql")?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim().to_owned();
        Ok(match output.status.success() {
            true => Ok(text(output.stdout)),
            false => Err(text(output.stderr)),
        })
    }

    pub(crate) fn refuses(
        &self,
        user: &str,
        password: Option<&str>,
        options: &str,
        expected: &str,
    ) -> Result<()> {
        let answer = self.ask(user, password, options)?;
        let is_refused = matches!(&answer, Err(error) if error.contains(expected));
        ensure!(is_refused, "{user} {options}: {answer:?}");
        Ok(())
    }

    /// Salt and iterations that a user's client is told, as `s=…,i=…`.
    pub(crate) fn challenge(&self, user: &str) -> Result<String> {
        let mut client = WireClient::connect(self.broker.port())?;
        let parameters = format!("\0\x03\0\0user\0{user}\0database\0USER\0\0");
        let length = (parameters.len() as u32 + 4).to_be_bytes();
        client.send(&[&length[..], parameters.as_bytes()].concat())?;
        let asked = client.receive()?.context("the broker hung up")?;
        let sasl = b"\0\0\0\x0aSCRAM-SHA-256\0\0";
        ensure!(asked.tag == b'R' && asked.body == sasl, "{asked:?}");
        let first = b"n,,n=,r=abcdef";
        let response = [
            b"SCRAM-SHA-256\0",
            &(first.len() as u32).to_be_bytes()[..],
            first,
        ]
        .concat();
        let length = (response.len() as u32 + 4).to_be_bytes();
        client.send(&[b"p", &length[..], &response].concat())?;
        let answer = client.receive()?.context("the broker hung up")?;
        let challenge = String::from_utf8_lossy(&answer.body);
        let (_, rest) = challenge.split_once(",s=").context("no salt")?;
        Ok(format!("s={rest}"))
    }
}
