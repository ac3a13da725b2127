//! Settings, parsed once: which relays there are, whose certificates they may show, and which transports are used at all.

use std::io;

use iroh::{RelayUrl, tls::CaTlsConfig};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use thiserror::Error;

use super::{LinkSettings, names};
use crate::{api::Network, rendezvous::whereabouts::MAX_RELAY_URL, wall::Wall};

/// Own relays at most: each is probed for its latency, and all of them are told to contacts.
pub(super) const RELAYS: usize = 4;

/// Settings that make no sense. Names neither hosts nor addresses, so that it can be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum BadSettings {
    #[error("relay {0} of the list is not an https:// or http:// URL of at most {MAX_RELAY_URL} characters")]
    RelayUrl(usize),
    #[error("relay {0} of the list is outside the allowed network (names are looked up on the Internet only)")]
    RelayOutside(usize),
    #[error("more than {RELAYS} relays")]
    TooManyRelays,
    #[error("the relay's root certificate cannot be read as PEM or DER")]
    RelayCertificate,
    #[error("hiding the address needs a relay")]
    NowhereToHide,
}

impl From<BadSettings> for io::Error {
    fn from(bad: BadSettings) -> Self {
        io::Error::new(io::ErrorKind::InvalidInput, bad)
    }
}

/// The ways that links may take.
pub(super) struct Ways {
    pub relays: Vec<RelayUrl>,
    pub roots: CaTlsConfig,
    /// No packet of ours goes to a peer but through an own relay.
    pub hidden: bool,
}

impl Ways {
    /// Which of the relays that somebody else names we connect to: each learns our address.
    pub fn relay(&self, wall: &Wall, named: &str) -> Option<RelayUrl> {
        let relay = parse(named)?;
        if self.relays.contains(&relay) {
            return wall.permits_relay(&relay).then_some(relay);
        }
        // The name of an own relay may lead into a private network. Others must not name other ports there.
        let at_own = |own: &&RelayUrl| own.host_str().and_then(names::host) == relay.host_str().and_then(names::host);
        let mut same_host = self.relays.iter().filter(|_| names::is_name(&relay)).filter(at_own);
        let is_other_port = same_host.any(|own| own.port_or_known_default() != relay.port_or_known_default());
        (!is_other_port && !self.hidden && wall.permits_told_relay(&relay)).then_some(relay)
    }

    /// Whether relays are asked which address we come from. Within the own networks it is known, and hidden it is unwanted.
    pub fn asks_own_address(&self, wall: &Wall) -> bool {
        wall.network() == Network::Internet && !self.hidden
    }
}

impl TryFrom<&LinkSettings> for Ways {
    type Error = BadSettings;

    fn try_from(settings: &LinkSettings) -> Result<Self, BadSettings> {
        let mut relays = Vec::new();
        for (i, relay) in settings.relays.iter().enumerate() {
            let relay = parse(relay).ok_or(BadSettings::RelayUrl(i + 1))?;
            if !settings.wall.permits_relay(&relay) {
                return Err(BadSettings::RelayOutside(i + 1));
            }
            if !relays.contains(&relay) {
                relays.push(relay);
            }
        }
        if relays.len() > RELAYS {
            return Err(BadSettings::TooManyRelays);
        }
        if settings.hide_address && relays.is_empty() {
            return Err(BadSettings::NowhereToHide);
        }
        let own = settings.relay_ca.as_deref().map_or(Ok(Vec::new()), roots)?;
        let roots = CaTlsConfig::embedded().with_extra_roots(own);
        Ok(Self { relays, roots, hidden: settings.hide_address })
    }
}

fn parse(relay: &str) -> Option<RelayUrl> {
    let relay: RelayUrl = relay.parse().ok()?;
    let is_fit = matches!(relay.scheme(), "https" | "http") && relay.has_host();
    (is_fit && relay.as_str().len() <= MAX_RELAY_URL).then_some(relay)
}

fn roots(certificates: &[u8]) -> Result<Vec<CertificateDer<'static>>, BadSettings> {
    let pem: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificates).collect();
    let found = match pem {
        Ok(found) if !found.is_empty() => found,
        _ => vec![CertificateDer::from(certificates.to_vec())],
    };
    // iroh leaves out what it can not read; a relay that is never trusted would be a riddle.
    let mut store = RootCertStore::empty();
    for certificate in &found {
        store.add(certificate.clone()).map_err(|_| BadSettings::RelayCertificate)?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways(relays: &[&str], relay_ca: Option<&[u8]>, hide_address: bool) -> Result<Ways, BadSettings> {
        let relays = relays.iter().map(ToString::to_string).collect();
        let relay_ca = relay_ca.map(<[u8]>::to_vec);
        Ways::try_from(&LinkSettings { wall: Wall::local(), relays, relay_ca, hide_address })
    }

    #[test]
    fn settings_that_make_no_sense_say_why() {
        let why = |ways: Result<Ways, BadSettings>| ways.err();
        assert_eq!(why(ways(&["http://127.0.0.1:1", "nonsense"], None, false)), Some(BadSettings::RelayUrl(2)));
        assert_eq!(why(ways(&["ftp://127.0.0.1:1"], None, false)), Some(BadSettings::RelayUrl(1)));
        assert_eq!(why(ways(&["https://192.0.2.1"], None, false)), Some(BadSettings::RelayOutside(1)));
        assert_eq!(why(ways(&["https://localhost"], None, false)), Some(BadSettings::RelayOutside(1)));
        assert_eq!(why(ways(&[], Some(b"no certificate"), false)), Some(BadSettings::RelayCertificate));
        assert_eq!(why(ways(&[], None, true)), Some(BadSettings::NowhereToHide));
        let many: Vec<_> = (1..=RELAYS + 1).map(|port| format!("http://127.0.0.1:{port}")).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        assert_eq!(why(ways(&many, None, false)), Some(BadSettings::TooManyRelays));
    }

    #[test]
    fn who_hides_connects_to_no_relay_that_another_names() {
        let (own, other) = ("http://127.0.0.1:1/", "http://127.0.0.1:2/");
        let open = ways(&[own], None, false).unwrap();
        assert!(open.relay(&Wall::local(), own).is_some() && open.relay(&Wall::local(), other).is_some());
        let hidden = ways(&[own], None, true).unwrap();
        assert!(hidden.relay(&Wall::local(), own).is_some() && hidden.relay(&Wall::local(), other).is_none());
    }
}
