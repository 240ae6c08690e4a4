//! `pgiris config check` finds what `pgiris serve` would refuse, and says where it stands.

use std::fs;
use std::process::Command;

use anyhow::{Result, ensure};
use pgiris_tests::{Broker, binary};
use tempfile::TempDir;

/// A directory with a configuration.
struct Site(TempDir);

impl Site {
    fn new(text: &str) -> Result<Self> {
        let site = Self(tempfile::tempdir()?);
        fs::write(site.0.path().join("pgiris.toml"), text)?;
        Ok(site)
    }

    /// What the check says; `None`: that it is good.
    fn checked(&self) -> Result<Option<String>> {
        let file = self.0.path().join("pgiris.toml");
        let output = Command::new(binary()?)
            .args(["config", "check"])
            .arg(&file)
            .output()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok((!output.status.success()).then_some(said))
    }

    /// What the broker says that does not start, at the address that the file names.
    fn served(&self) -> Result<String> {
        let file = self.0.path().join("pgiris.toml");
        let text = fs::read_to_string(&file)?;
        let listen = if text.contains("listen") {
            "0.0.0.0:0"
        } else {
            "127.0.0.1:0"
        };
        let arguments = [
            "--config".into(),
            file.into(),
            "--listen".into(),
            listen.into(),
        ];
        Ok(Broker::refuses(arguments)?.output)
    }
}

#[test]
fn what_is_not_served_is_not_good() -> Result<()> {
    let rules = pgiris_tests::rules_file("iris-2025.1")?;
    let rules = format!("rules = '{}'\n", rules.display());
    for (text, expected) in [
        ("listen = '0.0.0.0:6432'", "2: 0.0.0.0:"),
        (
            "upstream = 'postgres://127.0.0.1:1/'",
            "2: clients of postgres need authentication",
        ),
        ("upstream = 'sandbox:?colour=red'", "2: `upstream`: "),
        (
            "[databases.a]\nupstream = 'sandbox:?colour=red'",
            "3: `upstream`: ",
        ),
        (
            "peers = ['other']",
            "2: `peers`: \"other\" is no host and port",
        ),
        (
            "[databases.pgiris]\nupstream = 'sandbox:'",
            "2: `databases.pgiris`",
        ),
        (
            "upstream = 'sandbox:'\n[databases.a.settings]\nnosuch = '1'",
            "4: `databases.a.settings.nosuch`: unrecognized",
        ),
        (
            "[traces]\nendpoint = 'grpc://x'",
            "3: traces.endpoint is `grpc://x`",
        ),
        (
            "[clients]\nmessage = '0B'",
            "3: `clients.message` must be at least 1kB",
        ),
        (
            "[pol]\nsize = 1",
            "2: unknown key `pol`; did you mean `pool`?",
        ),
        (
            "users = 'nobody'\n[[access]]\nmethod = 'scram-sha-256'",
            "2: cannot read ",
        ),
    ] {
        let site = Site::new(&format!("{rules}{text}\n"))?;
        let said = site.checked()?.unwrap_or_default();
        ensure!(
            said.contains(&format!("pgiris.toml:{expected}")),
            "{text}\n---\n{said}"
        );
        ensure!(!site.served()?.contains("listening on"), "{text} is served");
    }
    let site = Site::new("rules = 'nowhere'\n")?;
    let said = site.checked()?.unwrap_or_default();
    ensure!(
        said.contains("pgiris.toml:1: there is nothing at "),
        "{said}"
    );
    let site = Site::new(&format!(
        "{rules}peers = ['b:5432', '[::1]:1']\n[settings]\nTimeZone = 'UTC'\n"
    ))?;
    ensure!(site.checked()?.is_none());
    Ok(())
}
