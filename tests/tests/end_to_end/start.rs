//! How the broker starts, refuses to start, and ends.

use std::ffi::OsString;
use std::fs;
use std::net::TcpListener;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, WireClient, eventually, rules_directory, rules_file};

#[test]
fn missing_rules_are_refused() -> Result<()> {
    let directory = tempfile::tempdir()?;
    refused_for(&directory.path().join("none.wasm"), "none.wasm")
}

#[test]
fn directory_without_rules_is_refused() -> Result<()> {
    let directory = tempfile::tempdir()?;
    refused_for(directory.path(), ".wasm")
}

#[test]
fn broken_rules_are_refused_with_the_reason() -> Result<()> {
    let whole = fs::read(rules_file("iris-2025.1")?)?;
    let cases: [(&str, &[u8], &str); 5] = [
        ("text.wasm", b"SELECT 1", "not WebAssembly"),
        ("empty.wasm", b"", "empty"),
        ("module.wasm", b"\0asm\x01\0\0\0", "core module"),
        ("hollow.wasm", b"\0asm\x0d\0\x01\0", "pgiris:rules"),
        (
            "half.wasm",
            &whole[..whole.len() / 2],
            "not a valid component",
        ),
    ];
    let directory = tempfile::tempdir()?;
    for (name, content, reason) in cases {
        let path = directory.path().join(name);
        fs::write(&path, content)?;
        refused_for(&path, name)?;
        refused_for(&path, reason)?;
    }
    Ok(())
}

#[test]
fn another_major_version_of_the_interface_is_refused() -> Result<()> {
    let component = fs::read(rules_file("iris-2025.1")?)?;
    let (of_today, of_another) = (b"@9.0.0", b"@8.0.0");
    // A name of the same length leaves the component whole.
    let mut other = component.clone();
    for at in 0..other.len() - of_today.len() {
        if other[at..].starts_with(of_today) {
            other[at..at + of_today.len()].copy_from_slice(of_another);
        }
    }
    ensure!(
        other != component,
        "the interface is no longer at version 9.0.0"
    );
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("other.wasm");
    fs::write(&path, other)?;
    refused_for(&path, "other.wasm")?;
    refused_for(&path, "8.0.0")
}

#[test]
fn taken_port_is_an_error_that_names_the_flag() -> Result<()> {
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let address = taken.local_addr()?.to_string();
    let arguments = serve("--listen", &address, &rules_directory()?);
    let refused = Broker::refuses(arguments)?;
    ensure!(!refused.status.success());
    ensure!(refused.output.contains("--listen"), "{}", refused.output);
    ensure!(refused.output.contains(&address), "{}", refused.output);
    ensure!(!refused.output.contains("panicked"), "{}", refused.output);
    Ok(())
}

#[test]
fn unknown_upstream_is_refused() -> Result<()> {
    for upstream in ["nonsense", "mysql://localhost/", "sandbox:?iris=1999.9"] {
        let rules = rules_directory()?;
        let arguments = [
            "--upstream".into(),
            upstream.into(),
            "--rules".into(),
            rules.into(),
        ];
        let refused = Broker::refuses(arguments)?;
        ensure!(!refused.status.success(), "{upstream}");
        ensure!(!refused.output.contains("panicked"), "{}", refused.output);
    }
    Ok(())
}

#[test]
fn start_says_how_to_connect() -> Result<()> {
    let broker = Broker::start()?;
    let port = broker.port().to_string();
    for part in ["psql", "iris+psycopg://"] {
        let says = |said: &str| {
            said.lines()
                .any(|line| line.contains(part) && line.contains(&port))
        };
        // It is said behind the line that the broker is known by.
        let said = eventually(|| Some(broker.output()).filter(|said| says(said)));
        said.with_context(|| format!("{part}\n---\n{}", broker.output()))?;
    }
    Ok(())
}

#[test]
fn interrupt_ends_the_broker() -> Result<()> {
    for signal in ["INT", "TERM"] {
        let mut broker = Broker::start()?;
        let mut client = WireClient::ready(broker.port(), "USER")?;
        broker.signal(signal)?;
        ensure!(broker.ended()?.success(), "{signal}: {}", broker.output());
        // As PostgreSQL says it, or without a word.
        for frame in client.receive_all()? {
            ensure!(frame.field(b'C').as_deref() == Some("57P01"), "{frame}");
        }
    }
    Ok(())
}

#[test]
fn sandbox_file_keeps_its_rows() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let upstream = format!(
        "sandbox:{}",
        directory.path().join("namespace.db").display()
    );
    let start = || Broker::with(serve("--upstream", &upstream, &rules_directory()?));
    let ask = |broker: &Broker, script| pgiris_tests::psql(broker.port(), "USER", script);
    let broker = start()?;
    ask(
        &broker,
        "CREATE TABLE kept (id int); INSERT INTO kept VALUES (42);",
    )?;
    drop(broker);
    let answer = ask(&start()?, "SELECT id FROM kept;")?;
    ensure!(answer.contains("42"), "{answer}");
    Ok(())
}

/// The broker ends with a failure, and says this.
fn refused_for(rules: &Path, reason: &str) -> Result<()> {
    let refused = Broker::refuses(serve("--upstream", "sandbox:", rules))?;
    ensure!(!refused.status.success(), "{}", rules.display());
    ensure!(
        refused.output.contains(reason),
        "no `{reason}` in:\n{}",
        refused.output
    );
    ensure!(!refused.output.contains("panicked"), "{}", refused.output);
    Ok(())
}

/// The arguments of a broker in front of a sandbox, with this flag.
fn serve(flag: &str, value: &str, rules: &Path) -> Vec<OsString> {
    let mut arguments: Vec<OsString> =
        vec!["--rules".into(), rules.into(), flag.into(), value.into()];
    if flag != "--upstream" {
        arguments.extend(["--upstream".into(), "sandbox:".into()]);
    }
    arguments
}
