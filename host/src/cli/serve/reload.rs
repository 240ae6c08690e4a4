//! What is changed while the broker runs: access rules, users, certificates, databases, the console.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use pgiris::Databases;
use pgiris::access::Entrance;
use pgiris::console::ConsoleDoor;
use pgiris::rules::Library;
use pgiris::shadow::Shadow;
use pgiris::tls::Tls;
use tokio::signal::unix::Signal;
use tokio::sync::mpsc;

use super::Serve;
use super::backends::Backends;
use super::operator::Reload;
use crate::cli::config::Settings;

/// How often files are looked at. Looking asks for their times alone, follows links (so that
/// a mounted configuration that is swapped whole is noticed), and costs microseconds.
const INTERVAL: Duration = Duration::from_secs(2);

/// Keeps a broker's door as its configuration has it.
pub(super) struct Reloader {
    /// What was said on the command line, which wins.
    pub(super) arguments: Serve,
    pub(super) backends: Backends,
    pub(super) databases: Arc<Databases>,
    /// What the file said when the broker started.
    pub(super) settings: Settings,
    /// Where the users are now.
    pub(super) users: Option<PathBuf>,
    pub(super) entrance: Arc<Entrance>,
    pub(super) tls: Option<Arc<Tls>>,
    pub(super) shadow: Arc<Shadow>,
    pub(super) console: ConsoleDoor,
}

impl Reloader {
    /// Reloads at each SIGHUP, when somebody asks for it, and when a file changes.
    pub(super) async fn run(mut self, mut hangup: Signal, mut ordered: mpsc::Receiver<Reload>) {
        let mut seen = self.times();
        // The broker serves already: nobody waits for a candidate, and one that cannot be used keeps nobody from starting.
        let settings = self.settings.clone();
        match tokio::task::block_in_place(|| self.backends.candidate(&settings)) {
            Ok(candidate) => self.try_out(candidate, &settings),
            Err(error) => tracing::error!("no candidate for the rules is tried: {error:#}"),
        }
        loop {
            let mut order = None;
            let is_asked = tokio::select! {
                received = hangup.recv() => received.is_some(),
                Some(reload) = ordered.recv() => {
                    order = Some(reload);
                    true
                }
                () = tokio::time::sleep(INTERVAL) => false,
            };
            let now = self.times();
            if is_asked || now != seen {
                let users = self.users.clone();
                super::manager::reloading();
                let outcome = self.reload();
                super::manager::ready();
                if let Some(order) = order {
                    let told = outcome.as_ref().map_err(|error| format!("{error:#}"));
                    // Whoever does not wait any longer need not hear it.
                    let _ = order.send(told.copied());
                }
                match outcome {
                    Ok(()) => tracing::info!("the configuration was read again"),
                    Err(error) => tracing::error!("the configuration stays as it was: {error:#}"),
                }
                // A change from while it was read is seen at the next look.
                seen = if self.users == users {
                    now
                } else {
                    self.times()
                };
            }
        }
    }

    fn reload(&mut self) -> anyhow::Result<()> {
        let settings = match &self.arguments.config {
            Some(file) => Settings::read(file)?,
            None => self.settings.clone(),
        };
        if settings.access.is_empty() && !self.settings.access.is_empty() {
            anyhow::bail!("it has no access rules any more, without which nobody could enter");
        }
        // All of it is read before any of it counts.
        let access = settings.access()?;
        let effective = self.arguments.over(settings.clone());
        // A real database is for nobody whom no rule lets in.
        self.arguments.check_access(&effective)?;
        let (named, others) = tokio::task::block_in_place(|| self.backends.make(&effective))?;
        let candidate = tokio::task::block_in_place(|| self.backends.candidate(&effective))?;
        if let Some(tls) = &self.tls {
            tls.reload()?;
        }
        self.try_out(candidate, &effective);
        if !settings.access.is_empty() {
            self.entrance.set_access(access);
        }
        self.console.set(settings.console());
        self.databases.set(named, others);
        self.backends.settle(&effective);
        self.users.clone_from(&settings.users);
        let pending = self.settings.differences(&settings);
        if !pending.is_empty() {
            tracing::warn!(
                "changed, and counts after a restart: {}",
                pending.join(", ")
            );
        }
        Ok(())
    }

    /// Tries this candidate from now on, or none.
    fn try_out(&self, candidate: Option<Arc<Library>>, settings: &Settings) {
        match candidate {
            Some(candidate) => self.shadow.try_out(candidate, settings.shadow.clone()),
            None => self.shadow.stop(),
        }
    }

    /// When each file was changed last; `None`: it is not there.
    fn times(&self) -> Vec<Option<SystemTime>> {
        let changed = |path: &Path| {
            std::fs::metadata(path)
                .and_then(|file| file.modified())
                .ok()
        };
        let configuration = self.arguments.config.iter().chain(&self.users);
        let certificates = self.tls.iter().flat_map(|tls| tls.files());
        configuration
            .map(PathBuf::as_path)
            .chain(certificates)
            .map(changed)
            .collect()
    }
}
