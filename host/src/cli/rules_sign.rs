//! `pgiris rules keygen`, `sign` and `verify`: who has made a component.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use pgiris::rules::signature::{PublicKey, Signature, SigningKey, private_pem, signature_path};
use rand::TryRng;
use rand::rngs::SysRng;

#[derive(Args)]
pub(super) struct Keygen {
    /// Where the private key goes; the file must not be there.
    #[arg(value_name = "KEY.pem")]
    key: PathBuf,
}

impl Keygen {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let mut seed = [0; 32];
        SysRng
            .try_fill_bytes(&mut seed)
            .context("the system gives no random numbers")?;
        let public = SigningKey::from_seed(&seed)?.public();
        let file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&self.key);
        file.and_then(|mut file| {
            file.write_all(private_pem(&seed).as_bytes())?;
            file.sync_all()
        })
        .with_context(|| format!("cannot write {}", self.key.display()))?;
        println!("{public}");
        Ok(())
    }
}

#[derive(Args)]
pub(super) struct Sign {
    /// The private key: PEM, as `pgiris rules keygen` or `openssl genpkey -algorithm ed25519`
    /// makes it.
    #[arg(long, value_name = "KEY.pem")]
    key: PathBuf,
    /// The components; each gets a file FILE.wasm.sig beside it.
    #[arg(value_name = "FILE.wasm", required = true)]
    files: Vec<PathBuf>,
}

impl Sign {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let pem = fs::read_to_string(&self.key)
            .with_context(|| format!("cannot read {}", self.key.display()))?;
        let key = SigningKey::from_pem(&pem).with_context(|| self.key.display().to_string())?;
        for file in &self.files {
            let bytes = read(file)?;
            let path = signature_path(file);
            // A broker that watches the file never sees half of its signature.
            let draft = signature_path(&path);
            fs::write(&draft, format!("{}\n", key.sign(&bytes)))
                .and_then(|()| fs::rename(&draft, &path))
                .with_context(|| format!("cannot write {}", path.display()))?;
            println!("{}: written", path.display());
        }
        Ok(())
    }
}

#[derive(Args)]
pub(super) struct Verify {
    /// A public key: the line of base64 that `pgiris rules keygen` prints, or a PEM file. May be
    /// given several times; one of them must have signed each file.
    #[arg(long = "key", value_name = "KEY", required = true)]
    keys: Vec<String>,
    /// The components, with FILE.wasm.sig beside each.
    #[arg(value_name = "FILE.wasm", required = true)]
    files: Vec<PathBuf>,
}

impl Verify {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let keys = self.keys.iter().map(|key| public_key(key));
        let keys = keys.collect::<anyhow::Result<Vec<_>>>()?;
        for file in &self.files {
            let path = signature_path(file);
            let signature =
                Signature::read(&read(&path)?).with_context(|| path.display().to_string())?;
            let bytes = read(file)?;
            match keys.iter().find(|key| key.verifies(&bytes, &signature)) {
                Some(key) => println!("{}: signed by {key}", file.display()),
                None => bail!(
                    "{}: signed by none of these keys, or changed since",
                    file.display()
                ),
            }
        }
        Ok(())
    }
}

fn public_key(given: &str) -> anyhow::Result<PublicKey> {
    let parsed = match fs::read_to_string(given) {
        Ok(pem) => pem.parse(),
        Err(_) => given.parse(),
    };
    parsed.with_context(|| given.to_owned())
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}
