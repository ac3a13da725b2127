//! What holds for every command: whose profile, and where packets may go.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use engine::{
    api::{Network, NetworkSettings},
    profiles::{self, Lock, LockKind},
};

use super::values::{Switch, bootstrap_node, relay_url};
use crate::{error::PeerError, output, secrets};

/// A relay's root certificate is a few kilobytes.
const MAX_CERTIFICATE: u64 = 1 << 20;

#[derive(Args)]
pub struct Global {
    /// The folder with all profiles; by default where the system keeps such data.
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// The profile to use, by its name or by the id that `profile list` prints; not needed if there is only one.
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// The first line of this file opens the profile; by default the system's keyring does.
    #[arg(long, global = true, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Where packets may go: anywhere (the default), this machine's own networks, or loopback only.
    #[arg(long, global = true)]
    network: Option<NetworkName>,
    /// An iroh relay to use instead of the public ones; can be given up to four times.
    #[arg(long, global = true, value_name = "URL", value_parser = relay_url)]
    relay: Vec<String>,
    /// The root certificate (PEM) of these relays.
    #[arg(long, global = true, value_name = "FILE")]
    relay_ca: Option<PathBuf>,
    /// Hide your address: use only relayed links, and no direct media.
    #[arg(long, global = true)]
    relay_only: bool,
    /// A node to enter the DHT by, instead of the public ones; can be repeated.
    #[arg(long, global = true, value_name = "HOST:PORT", value_parser = bootstrap_node)]
    dht_bootstrap: Vec<String>,
    /// Announce and search on the local network (mDNS); on, except with `--network local`.
    #[arg(long, global = true)]
    lan: Option<Switch>,
    /// Behave like a build without ML-KEM: found and join rooms with classical keys only.
    #[arg(long, global = true, hide = true)]
    pub classical: bool,
}

impl Global {
    pub fn folder(&self) -> Result<PathBuf, PeerError> {
        self.data_dir.clone().or_else(profiles::default_folder).ok_or(PeerError::NoFolder)
    }

    /// How the chosen profile is locked.
    pub fn lock(&self) -> Result<Lock, PeerError> {
        match &self.passphrase_file {
            Some(path) => Ok(Lock::Passphrase(secrets::passphrase(path)?)),
            None if output::told_after_a_while("waiting for the keyring", profiles::keyring_works) => Ok(Lock::Keyring),
            None => Err(self.no_keyring()),
        }
    }

    /// What to do instead depends on how the profiles here are locked.
    fn no_keyring(&self) -> PeerError {
        let kinds = self.folder().ok().and_then(|folder| profiles::list(&folder).ok()).unwrap_or_default();
        let all_want_it = !kinds.is_empty() && kinds.iter().all(|(_, kind)| *kind == LockKind::Keyring);
        if all_want_it { PeerError::NoKeyringForProfiles } else { PeerError::NoKeyring }
    }

    /// `otherwise` is the network where none was chosen.
    pub fn network_or(&self, otherwise: Network) -> Result<NetworkSettings, PeerError> {
        let mut settings = NetworkSettings::of(self.network.map_or(otherwise, Into::into));
        if !self.relay.is_empty() {
            settings.relays.clone_from(&self.relay);
        }
        if !self.dht_bootstrap.is_empty() {
            settings.dht_bootstrap.clone_from(&self.dht_bootstrap);
        }
        if let Some(lan) = self.lan {
            settings.lan = lan == Switch::On;
        }
        if let Some(path) = &self.relay_ca {
            settings.relay_ca = Some(secrets::bounded(path, MAX_CERTIFICATE).map_err(PeerError::Certificate)?);
        }
        settings.hide_address = self.relay_only;
        if settings.hide_address && settings.relays.is_empty() {
            return Err(PeerError::NoRelay);
        }
        Ok(settings)
    }

    pub fn network(&self) -> Result<NetworkSettings, PeerError> {
        self.network_or(Network::Internet)
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum NetworkName {
    Internet,
    Lan,
    Local,
}

impl From<NetworkName> for Network {
    fn from(name: NetworkName) -> Self {
        match name {
            NetworkName::Internet => Network::Internet,
            NetworkName::Lan => Network::Lan,
            NetworkName::Local => Network::Local,
        }
    }
}
