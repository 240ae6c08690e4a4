//! The files in `deploy/`, as far as they can be checked without what they are for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use pgiris_tests::{binary, rules_directory};

use crate::access::Site;

fn deploy(file: &str) -> Result<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../deploy")
        .join(file);
    fs::read_to_string(&path).with_context(|| path.display().to_string())
}

/// Whether a configuration is good whose files are those of this site.
fn is_good(text: &str) -> Result<()> {
    let site = Site::new()?.user("ann", "secret")?;
    site.certificate("tls", "broker", &["localhost"])?;
    let directory = site.path("");
    let here = |name: &str| {
        format!(
            "{}/{name}",
            directory.display().to_string().trim_end_matches('/')
        )
    };
    let text = text
        .replace("/etc/pgiris-tls/", &here(""))
        .replace("/etc/pgiris-secrets/", &here(""))
        .replace(
            "/usr/local/share/pgiris/rules",
            &rules_directory()?.display().to_string(),
        );
    let file: PathBuf = site.path("pgiris.toml");
    fs::write(&file, text)?;
    let output = Command::new(binary()?)
        .args(["config", "check"])
        .arg(&file)
        .env("IRIS_PASSWORD", "secret")
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{said}");
    Ok(())
}

#[test]
fn their_configurations_are_good() -> Result<()> {
    is_good(&deploy("compose.toml")?)?;
    let manifest = deploy("kubernetes/pgiris.yaml")?;
    let (_, text) = manifest
        .split_once("pgiris.toml: |\n")
        .context("it is there")?;
    let (text, _) = text.split_once("\n---").context("it ends")?;
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    is_good(&lines.join("\n"))
}

#[test]
fn they_speak_of_the_same_places() -> Result<()> {
    let dockerfile = deploy("Dockerfile")?;
    let (unit, compose) = (deploy("pgiris.service")?, deploy("compose.yaml")?);
    let (toml, manifest) = (deploy("compose.toml")?, deploy("kubernetes/pgiris.yaml")?);
    for (text, part) in [
        (&dockerfile, "/usr/local/share/pgiris/rules"),
        (
            &dockerfile,
            "\"serve\", \"--config\", \"/etc/pgiris/pgiris.toml\"",
        ),
        (
            &unit,
            "/usr/local/bin/pgiris serve --config /etc/pgiris/pgiris.toml",
        ),
        (
            &compose,
            "\"serve\", \"--config\", \"/etc/pgiris/pgiris.toml\"",
        ),
        (&unit, "Type=notify-reload"),
        // Where compiled components are kept, though nothing else can be written.
        (&toml, "cache_directory = \"/var/cache/pgiris\""),
        (&compose, "- compiled:/var/cache/pgiris"),
        (
            &dockerfile,
            "--chown=nonroot:nonroot /cache /var/cache/pgiris",
        ),
        (&manifest, "cache_directory = \"/var/cache/pgiris\""),
        (&manifest, "{name: compiled, mountPath: /var/cache/pgiris}"),
        (&unit, "XDG_CACHE_HOME=/var/cache/pgiris"),
    ] {
        ensure!(text.contains(part), "{part}\n---\n{text}");
    }
    Ok(())
}
