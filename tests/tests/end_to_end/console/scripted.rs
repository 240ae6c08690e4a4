//! The console by the command line, where nothing goes in the clear.

use std::process::Command;

use anyhow::{Result, ensure};
use pgiris_tests::binary;

use crate::access::{Served, Site};

const STRICT: &str = "\
    [tls]\nmode = 'require'\ncertificate = 'server.crt'\nkey = 'server.key'\n\
    [console]\nadministrators = ['root']\n\
    [[access]]\naddresses = ['127.0.0.1']\nmethod = 'scram-sha-256'\n";

/// What the command says: by standard output if it succeeds.
fn reload(served: &Served, query: &str, password: &str) -> Result<Result<String, String>> {
    let console = format!(
        "postgres://root@127.0.0.1:{}/pgiris?{query}",
        served.broker.port()
    );
    let output = Command::new(binary()?)
        .args(["rules", "reload", "--console", &console])
        .env("PGPASSWORD", password)
        .output()?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim().to_owned();
    Ok(match output.status.success() {
        true => Ok(text(output.stdout)),
        false => Err(text(output.stderr)),
    })
}

#[test]
fn rules_are_read_again_over_an_encrypted_connection() -> Result<()> {
    let served = Site::new()?.user("root", "secret")?.serve(STRICT)?;
    let root = served.site.path("ca.crt");
    let verified = format!("sslmode=verify-full&sslrootcert={}", root.display());
    let done = reload(&served, &verified, "secret")?;
    ensure!(done == Ok("RULES RELOAD".to_owned()), "{done:?}");

    served.site.authority_of_others("others.crt")?;
    let others = served.site.path("others.crt");
    let unknown = format!("sslmode=verify-full&sslrootcert={}", others.display());
    for (query, password, expected) in [
        (verified.as_str(), "wrong", "password authentication failed"),
        ("sslmode=disable", "secret", "encrypted"),
        (&unknown, "secret", "cannot encrypt the connection"),
        ("sslmode=allways", "secret", "sslmode"),
    ] {
        let refused = reload(&served, query, password)?;
        let is_told = matches!(&refused, Err(error) if error.contains(expected));
        ensure!(is_told, "{query} {password}: {refused:?}");
    }
    Ok(())
}
