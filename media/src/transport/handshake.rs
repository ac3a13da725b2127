//! What two peers tell each other over the link before they can exchange datagrams.

use std::net::SocketAddr;

use super::ways;

/// Most addresses that one side offers. ICE tries every pair, so this bounds the packets that a peer can make us send.
pub const MAX_CANDIDATES: usize = 8;

/// ICE credentials and addresses of one side (RFC 8445, section 5.3). Goes to the peer only, over an authenticated link.
#[derive(Clone, PartialEq, Eq)]
pub struct Handshake {
    pub ufrag: String,
    pub pass: String,
    /// Where our own socket can be reached. Empty when only the link is to be used; the link itself needs no address.
    pub candidates: Vec<SocketAddr>,
}

/// Why a handshake is not used. The same handshake never gets better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    #[error("the ICE credentials are malformed")]
    Credentials,
    #[error("there are too many candidates, or none without the link")]
    Candidates,
    #[error("a candidate is not an address one can send to")]
    Address,
}

impl Handshake {
    /// Refuses what [`super::Peer::accept`] could not use. RFC 8839, section 5.4 gives the lengths and characters of credentials.
    pub fn check(&self) -> Result<(), HandshakeError> {
        let well_formed = |text: &str, least: usize| {
            (least..=256).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/')
        };
        if !well_formed(&self.ufrag, 4) || !well_formed(&self.pass, 22) {
            return Err(HandshakeError::Credentials);
        }
        if self.candidates.len() > MAX_CANDIDATES {
            return Err(HandshakeError::Candidates);
        }
        if !self.candidates.iter().all(is_sendable) {
            return Err(HandshakeError::Address);
        }
        Ok(())
    }
}

pub(super) fn is_sendable(address: &SocketAddr) -> bool {
    let ip = address.ip();
    let broadcast = matches!(ip, std::net::IpAddr::V4(v4) if v4.is_broadcast());
    address.port() != 0 && !ip.is_unspecified() && !ip.is_multicast() && !broadcast && !ways::is_made_up(address)
}

impl std::fmt::Debug for Handshake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Handshake({} candidates)", self.candidates.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Handshake {
        Handshake {
            ufrag: "abcd1234abcd1234".into(),
            pass: "abcdefghijklmnopqrstuv".into(),
            candidates: vec!["127.0.0.1:4000".parse().unwrap()],
        }
    }

    #[test]
    fn a_handshake_with_odd_credentials_is_refused() {
        assert_eq!(good().check(), Ok(()));
        for (ufrag, pass) in [("abc", "abcdefghijklmnopqrstuv"), ("abcd", "short"), ("ab:d", "abcdefghijklmnopqrstuv")]
        {
            let handshake = Handshake { ufrag: ufrag.into(), pass: pass.into(), ..good() };
            assert_eq!(handshake.check(), Err(HandshakeError::Credentials));
        }
        let handshake = Handshake { pass: "x".repeat(257), ..good() };
        assert_eq!(handshake.check(), Err(HandshakeError::Credentials));
    }

    #[test]
    fn a_handshake_with_too_many_candidates_is_refused() {
        let offering = |count| Handshake { candidates: vec![good().candidates[0]; count], ..good() };
        assert_eq!(offering(MAX_CANDIDATES + 1).check(), Err(HandshakeError::Candidates));
        assert_eq!(offering(MAX_CANDIDATES).check(), Ok(()));
        assert_eq!(offering(0).check(), Ok(()));
    }

    #[test]
    fn a_candidate_that_stands_for_the_link_is_refused() {
        for address in ["192.0.2.1:9", "192.0.2.255:9", "[::ffff:192.0.2.2]:9"] {
            let handshake = Handshake { candidates: vec![address.parse().unwrap()], ..good() };
            assert_eq!(handshake.check(), Err(HandshakeError::Address), "{address}");
        }
    }

    #[test]
    fn a_candidate_nobody_can_send_to_is_refused() {
        for address in ["0.0.0.0:9", "127.0.0.1:0", "224.0.0.1:9", "255.255.255.255:9", "[::]:9", "[ff02::1]:9"] {
            let handshake = Handshake { candidates: vec![address.parse().unwrap()], ..good() };
            assert_eq!(handshake.check(), Err(HandshakeError::Address), "{address}");
        }
    }

    #[test]
    fn debug_output_shows_neither_credentials_nor_addresses() {
        assert_eq!(format!("{:?}", good()), "Handshake(1 candidates)");
    }
}
