use std::time::Duration;

use super::*;

fn parse(text: &str) -> Result<Settings, String> {
    Settings::parse(text, Path::new("/etc/pgiris")).map_err(|mistakes| mistakes.to_string())
}

#[test]
fn a_whole_file_is_read() {
    let settings = parse(
        r#"
        listen = "0.0.0.0:6432"
        upstream = "sandbox:"
        rules = "rules"
        users = "/run/secrets/users"

        [tls]
        mode = "require"
        certificate = "server.crt"
        key = "server.key"
        minimum = "1.3"

        [[access]]
        addresses = ["127.0.0.1", "fd00::/8"]
        users = ["ann"]
        method = "trust"

        [[access]]
        encrypted = true
        method = "scram-sha-256"

        [clients]
        message = "1MB"
        stalled_timeout = "2min"
        portals = 7

        [translation]
        compilation_cache = false
        cache_directory = "cache"
        total_memory = "4GB"
        "#,
    )
    .unwrap();
    assert_eq!(settings.listen.to_string(), "0.0.0.0:6432");
    assert_eq!(settings.rules, Path::new("/etc/pgiris/rules"));
    assert_eq!(
        settings.users.as_deref(),
        Some(Path::new("/run/secrets/users"))
    );
    assert_eq!(settings.tls.mode, Some(tls::Mode::Require));
    assert_eq!(settings.tls.minimum, tls::Minimum::Tls13);
    assert_eq!(
        settings.tls.key.as_deref(),
        Some(Path::new("/etc/pgiris/server.key"))
    );
    assert_eq!(settings.access.len(), 2);
    assert_eq!(settings.access[0].addresses[0].to_string(), "127.0.0.1/32");
    assert_eq!(settings.access[1].encrypted, Some(true));
    assert_eq!(settings.config.client.message, 1 << 20);
    assert_eq!(
        settings.config.client.stalled_timeout,
        Duration::from_secs(120)
    );
    assert_eq!(settings.config.client.portals, 7);
    assert!(!settings.cache.is_wanted && settings.rules_limits().compilation_cache.is_none());
    assert_eq!(
        settings.cache.directory.as_deref(),
        Some(Path::new("/etc/pgiris/cache"))
    );
    assert_eq!(settings.config.rules.total_memory, Some(4 << 30));
}

#[test]
fn an_empty_file_leaves_every_default() {
    let (read, defaults) = (parse("").unwrap(), Settings::default());
    for key in keys() {
        assert_eq!((key.show)(&read), (key.show)(&defaults), "{}", key.name);
    }
}

/// What a key shows it reads, and then nothing but it has changed.
#[test]
fn every_key_reads_what_it_shows() {
    let defaults = Settings::default();
    for key in keys() {
        let Some(shown) = (key.show)(&defaults) else {
            continue;
        };
        let read = parse(&format!("{} = {shown}", key.name)).unwrap();
        for other in keys().filter(|other| other.name != "rules") {
            assert_eq!((other.show)(&read), (other.show)(&defaults), "{}", key.name);
        }
    }
}

#[test]
fn mistakes_are_all_told_with_their_lines() {
    let error = parse(
        r#"lisen = "127.0.0.1:1"
listen = "here"
[clients]
mesage = "1MB"
message = 1
portals = -1
startup_timeout = "1 fortnight"
[tls]
mode = "sometimes"
[[access]]
adresses = ["10.0.0.0/8"]
method = "trust"
[[access]]
addresses = ["10.0.0.0/99"]
[wholly]
other = 1
"#,
    )
    .unwrap_err();
    for expected in [
        "1: unknown key `lisen`; did you mean `listen`?",
        "2: `listen`: expected an address and a port",
        "4: unknown key `clients.mesage`; did you mean `clients.message`?",
        "5: `clients.message`: expected a string",
        "6: `clients.portals`: expected a number that is not negative",
        "7: `clients.startup_timeout`: expected a time as \"30s\"",
        "9: `tls.mode`: expected one of \"disable\", \"allow\", \"require\"",
        "11: unknown key `access.adresses`; did you mean `addresses`?",
        "14: `access.addresses`: \"10.0.0.0/99\" is no network",
        "13: this access rule has no `method`",
        "15: unknown key `wholly`",
    ] {
        assert!(
            error.lines().any(|line| line.starts_with(expected)),
            "{expected}\n---\n{error}"
        );
    }
    assert_eq!(error.lines().count(), 11, "{error}");
    assert!(parse("listen = ").unwrap_err().starts_with("1: "));
}

#[test]
fn contradictions_are_told() {
    for (text, expected) in [
        ("[tls]\nmode = 'allow'", "tls.certificate"),
        ("[[access]]\nmethod = 'scram-sha-256'", "`users`"),
        ("[[access]]\nmethod = 'certificate'", "tls.client_ca"),
        (
            "[[access]]\nmethod = 'pass-through'",
            "encrypted connections only",
        ),
        ("[[access]]\nmethod = 'trust'", "must name its `addresses`"),
        (
            "[clients]\nmessage = '0B'",
            "2: `clients.message` must be at least 1kB",
        ),
        (
            "peers = ['b:1', 'c']",
            "1: `peers`: \"c\" is no host and port",
        ),
        ("peers = ['b:0']", "is no host and port"),
        (
            "[traces]\nendpoint = 'grpc://x'",
            "2: traces.endpoint is `grpc://x`",
        ),
        (
            "[databases.pgiris]\nupstream = 'sandbox:'",
            "1: `databases.pgiris`: the admin console",
        ),
        (
            "[settings]\nnosuch = '1'",
            "2: `settings.nosuch`: unrecognized",
        ),
        (
            "[databases.a]\nupstream = 'sandbox:'\nsettings = { statement_timeout = '3x' }",
            "3: `databases.a.settings.statement_timeout`: invalid value",
        ),
        ("[pol]\nsize = 1", "did you mean `pool`?"),
        (
            "[translation]\nmemory = '2GB'\ntotal_memory = '1GB'",
            "`translation.total_memory` is less than `translation.memory`",
        ),
        (
            "[catalog]\ntotal_memory = '1MB'",
            "`catalog.total_memory` is less than `catalog.memory`",
        ),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn secrets_come_from_the_environment() {
    // Set by cargo for every test.
    let version = env!("CARGO_PKG_VERSION");
    let settings = parse(r#"upstream = "postgres://a:${CARGO_PKG_VERSION}@h/U""#).unwrap();
    assert_eq!(settings.upstream(), format!("postgres://a:{version}@h/U"));
    let error = parse(r#"upstream = "${PGIRIS_NO_SUCH_VARIABLE}""#).unwrap_err();
    assert!(
        error.contains("PGIRIS_NO_SUCH_VARIABLE is not set"),
        "{error}"
    );
    let error = parse(r#"upstream = "${oh""#).unwrap_err();
    assert!(error.contains("without `}`"), "{error}");
}

/// The page in `docs/` says what the table of keys says; `UPDATE=1` writes it.
#[test]
fn the_documentation_is_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/configuration.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, document()).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == document(),
        "docs/configuration.md is not up to date: run with UPDATE=1"
    );
}

#[test]
fn pools_are_read_and_need_a_size_to_be_shared() {
    let settings = parse(
        "[pool]\nmode = 'transaction'\nsize = 20\nwait_timeout = '5s'\nminimum = 2\nlifetime = '2h'",
    );
    let pool = settings.unwrap().config.pool;
    assert_eq!(pool.mode, PoolMode::Transaction);
    assert_eq!((pool.size, pool.minimum), (20, 2));
    assert_eq!(pool.wait_timeout, Duration::from_secs(5));
    assert_eq!(pool.lifetime, Duration::from_secs(7200));
    let mistake = parse("[pool]\nmode = 'statement'").unwrap_err();
    assert!(mistake.contains("set `pool.size`"), "{mistake}");
    let mistake = parse("[pool]\nsize = 1\nminimum = 2").unwrap_err();
    assert!(mistake.contains("`pool.minimum`"), "{mistake}");
    let mistake = parse("[pool]\nsizes = 1").unwrap_err();
    assert!(mistake.contains("did you mean `pool.size`?"), "{mistake}");
}
