//! Who is let in, and how connections are encrypted: the real broker with a configuration
//! file, and the real psql.

mod direct;
mod guessing;
mod reload;
mod site;

use anyhow::{Result, ensure};

pub(crate) use site::{Served, Site, TLS};

/// Everybody needs a password; over TLS or not.
const SCRAM: &str = "[[access]]\nmethod = 'scram-sha-256'\n";

#[test]
fn passwords_are_proved_by_scram() -> Result<()> {
    let site = Site::new()?.user("ann", "a pass'word")?;
    let broker = site.serve(&format!("{TLS}{SCRAM}"))?;
    for options in [
        "sslmode=disable",
        "sslmode=require",
        "sslmode=require channel_binding=disable",
        // SCRAM-SHA-256-PLUS.
        "sslmode=require channel_binding=require",
        "host=localhost sslmode=verify-full",
    ] {
        let answer = broker.ask("ann", Some("a pass'word"), options)?;
        ensure!(answer == Ok("1".into()), "{options}: {answer:?}");
    }
    let refused = "password authentication failed for user \"";
    for options in ["sslmode=disable", "sslmode=require"] {
        broker.refuses("ann", Some("other"), options, &format!("{refused}ann\""))?;
        broker.refuses(
            "nobody",
            Some("other"),
            options,
            &format!("{refused}nobody\""),
        )?;
    }
    broker.refuses("ann", None, "sslmode=disable", "no password supplied")
}

#[test]
fn who_does_not_exist_is_asked_as_everybody_is() -> Result<()> {
    let site = Site::new()?.user("ann", "secret")?;
    let broker = site.serve(SCRAM)?;
    // A salt that changed, or another count of iterations, would tell who exists.
    let first = broker.challenge("nobody")?;
    ensure!(first == broker.challenge("nobody")?, "{first}");
    ensure!(first != broker.challenge("somebody")?, "{first}");
    let real = broker.challenge("ann")?;
    ensure!(real == broker.challenge("ann")?, "{real}");
    let shape = |challenge: &str| {
        challenge
            .rsplit_once(",i=")
            .map(|(salt, i)| (salt.len(), i.to_owned()))
    };
    ensure!(shape(&first) == shape(&real), "{first}\n{real}");
    Ok(())
}

#[test]
fn encryption_is_required_where_it_is_configured() -> Result<()> {
    let site = Site::new()?.user("ann", "secret")?;
    let broker = site.serve(&format!("{}{SCRAM}", TLS.replace("allow", "require")))?;
    broker.refuses(
        "ann",
        Some("secret"),
        "sslmode=disable",
        "must be encrypted",
    )?;
    let answer = broker.ask("ann", Some("secret"), "sslmode=prefer")?;
    ensure!(answer == Ok("1".into()), "{answer:?}");
    // The certificate does not name this host.
    let expected = "server certificate for";
    broker.refuses(
        "ann",
        Some("secret"),
        "host=localhost6 hostaddr=127.0.0.1 sslmode=verify-full",
        expected,
    )
}

#[test]
fn without_a_certificate_there_is_no_encryption() -> Result<()> {
    let broker = Site::new()?.user("ann", "secret")?.serve(SCRAM)?;
    broker.refuses(
        "ann",
        Some("secret"),
        "sslmode=require",
        "server does not support SSL",
    )?;
    let answer = broker.ask("ann", Some("secret"), "sslmode=prefer")?;
    ensure!(answer == Ok("1".into()), "{answer:?}");
    Ok(())
}

#[test]
fn the_first_rule_that_fits_decides() -> Result<()> {
    let site = Site::new()?.user("ann", "secret")?;
    let broker = site.serve(&format!(
        "{TLS}
        [[access]]
        users = ['carl']
        method = 'reject'
        [[access]]
        addresses = ['127.0.0.0/8']
        users = ['ben', 'carl']
        method = 'trust'
        [[access]]
        databases = ['USER']
        encrypted = true
        method = 'scram-sha-256'
        "
    ))?;
    let answer = broker.ask("ben", None, "sslmode=disable")?;
    ensure!(answer == Ok("1".into()), "{answer:?}");
    broker.refuses(
        "carl",
        None,
        "sslmode=disable",
        "rejects the connection for host \"127.0.0.1\", user \"carl\"",
    )?;
    let expected =
        "no access rule for host \"127.0.0.1\", user \"ann\", database \"USER\", no encryption";
    broker.refuses("ann", Some("secret"), "sslmode=disable", expected)?;
    let expected = "database \"%SYS\", SSL encryption";
    broker.refuses(
        "ann",
        Some("secret"),
        "sslmode=require dbname=%SYS",
        expected,
    )?;
    let answer = broker.ask("ann", Some("secret"), "sslmode=require")?;
    ensure!(answer == Ok("1".into()), "{answer:?}");
    Ok(())
}

#[test]
fn certificates_name_their_users() -> Result<()> {
    let site = Site::new()?;
    site.client_certificate("ann")?;
    let tls = format!("{TLS}client_ca = 'ca.crt'\n");
    let broker = site.serve(&format!("{tls}[[access]]\nmethod = 'certificate'\n"))?;
    let own = broker.site.presenting("ann");
    let answer = broker.ask("ann", None, &own)?;
    ensure!(answer == Ok("1".into()), "{answer:?}");
    let refused = "certificate authentication failed for user";
    broker.refuses("ben", None, &own, refused)?;
    broker.refuses("ann", None, "sslmode=require", refused)?;
    broker.refuses("ann", None, "sslmode=disable", refused)
}

#[test]
fn passwords_as_they_are_go_over_encrypted_connections_only() -> Result<()> {
    let site = Site::new()?.user("ann", "secret")?;
    let broker = site.serve(&format!("{TLS}[[access]]\nmethod = 'password'\n"))?;
    let answer = broker.ask("ann", Some("secret"), "sslmode=require")?;
    ensure!(answer == Ok("1".into()), "{answer:?}");
    broker.refuses(
        "ann",
        Some("other"),
        "sslmode=require",
        "password authentication failed",
    )?;
    broker.refuses(
        "nobody",
        Some("secret"),
        "sslmode=require",
        "password authentication failed",
    )?;
    broker.refuses(
        "ann",
        Some("secret"),
        "sslmode=disable",
        "over an encrypted connection only",
    )
}

#[test]
fn passwords_of_iris_are_passed_on() -> Result<()> {
    // In a pool, too, nobody gets what another password has opened.
    let pool = "[pool]\nmode = 'transaction'\nsize = 5\n";
    for pool in ["", pool] {
        let access = "[[access]]\nmethod = 'pass-through'\n";
        let broker = Site::new()?.serve(&format!("{TLS}{pool}{access}"))?;
        let answer = broker.ask("_SYSTEM", Some("SYS"), "sslmode=require")?;
        ensure!(answer == Ok("1".into()), "{answer:?}");
        broker.refuses("_SYSTEM", Some("sys"), "sslmode=require", "_SYSTEM")?;
        broker.refuses(
            "_SYSTEM",
            Some("SYS"),
            "sslmode=disable",
            "over an encrypted connection only",
        )?;
    }
    Ok(())
}

#[test]
fn passwords_cannot_be_guessed_by_the_thousand() -> Result<()> {
    let site = Site::new()?.user("ann", "secret")?;
    let broker = site.serve(&format!("{SCRAM}[login]\nfailures = 3\nwindow = '1h'\n"))?;
    for _ in 0..3 {
        broker.refuses("ann", Some("other"), "", "password authentication failed")?;
    }
    broker.refuses(
        "ann",
        Some("secret"),
        "",
        "too many failed logins from this address",
    )?;
    broker.refuses(
        "ben",
        Some("secret"),
        "",
        "too many failed logins from this address",
    )
}

#[test]
fn mistakes_in_a_configuration_are_told_before_anything_is_served() -> Result<()> {
    let site = Site::new()?;
    for (text, expected) in [
        (
            "lisen = '127.0.0.1:0'",
            "pgiris.toml:1: unknown key `lisen`; did you mean `listen`?",
        ),
        (SCRAM, "need `users`"),
        ("listen = '0.0.0.0:0'", "nothing says who may enter"),
        (&format!("{TLS}client_ca = 'none.crt'"), "none.crt"),
    ] {
        let output = site.refused(text)?;
        ensure!(output.contains(expected), "{text}\n---\n{output}");
    }
    Ok(())
}
