//! The two ways to a peer, as candidates of ICE: addresses of our own socket, and the link under a made-up address.
//!
//! The link is a relayed candidate (RFC 8445, section 5.1.1) on both sides, so ICE prefers the direct way. It is given the transport
//! protocol TCP, which nothing else here has: ICE pairs candidates of one protocol only, so a made-up address never meets a real one.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use str0m::net::{Protocol, Transmit};
use str0m::{Candidate, Rtc};

use super::event::Role;
use super::figures::Route;
use super::handshake::{MAX_CANDIDATES, is_sendable};

/// Addresses of the peer that are ever taken in. ICE forgets none of them, and the peer could name new ones without end.
const MOST_REMOTE: usize = 16 * MAX_CANDIDATES;

/// Stands for the link on this side. It is an address for documentation (TEST-NET-1, RFC 5737): nobody's, and never sent to.
pub(super) const fn made_up(role: Role) -> SocketAddr {
    let last = match role {
        Role::Controlling => 1,
        Role::Controlled => 2,
    };
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)), 1)
}

pub(super) fn is_made_up(address: &SocketAddr) -> bool {
    matches!(address.ip().to_canonical(), IpAddr::V4(v4) if matches!(v4.octets(), [192, 0, 2, _]))
}

/// Whether a datagram is one of ICE's (RFC 7983, section 7).
pub(super) fn is_check(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| *first < 4)
}

pub(super) fn is_media(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| (128..192).contains(first))
}

fn host(address: SocketAddr) -> Option<Candidate> {
    Candidate::host(address, Protocol::Udp).ok()
}

fn relayed(role: Role) -> Option<Candidate> {
    let address = made_up(role);
    Candidate::relayed(address, address, Protocol::Tcp).ok()
}

/// Which candidates ICE has.
pub(super) struct Ways {
    role: Role,
    link: bool,
    /// Addresses of our own socket. ICE has them unless `left`.
    local: Vec<SocketAddr>,
    /// Addresses of the peer that ICE has.
    remote: Vec<SocketAddr>,
    taken: usize,
    /// The direct way is not used.
    left: bool,
    /// The newest direct pair: where we sent from, and to.
    pair: Option<(SocketAddr, SocketAddr)>,
}

impl Ways {
    pub(super) fn new(role: Role, link: bool) -> Self {
        Self { role, link, local: Vec::new(), remote: Vec::new(), taken: 0, left: false, pair: None }
    }

    pub(super) fn has_link(&self) -> bool {
        self.link
    }

    pub(super) fn local(&self) -> &[SocketAddr] {
        &self.local
    }

    /// Adds our candidates. Of `local`, those that nobody can send to and those beyond [`MAX_CANDIDATES`] are left out.
    pub(super) fn offer(&mut self, rtc: &mut Rtc, local: &[SocketAddr]) {
        self.add_local(rtc, &sendable(local));
        if let Some(link) = relayed(self.role).filter(|_| self.link) {
            rtc.add_local_candidate(link);
        }
    }

    /// Adds the peer's candidates.
    pub(super) fn expect(&mut self, rtc: &mut Rtc, remote: &[SocketAddr]) {
        self.add_remote(rtc, remote);
        if let Some(link) = relayed(self.role.other()).filter(|_| self.link) {
            rtc.add_remote_candidate(link);
        }
    }

    /// Takes the direct way from ICE. The link's own candidate goes as well and comes again: a new pair is checked and nominated at
    /// once, an old one only when its next check is due.
    pub(super) fn leave(&mut self, rtc: &mut Rtc) {
        if self.left || !self.link {
            return;
        }
        self.left = true;
        for address in &self.local {
            invalidate(rtc, host(*address));
        }
        invalidate(rtc, relayed(self.role));
        if let Some(link) = relayed(self.role) {
            rtc.add_local_candidate(link);
        }
    }

    /// Gives the direct way to ICE again, with these addresses instead of those before. A direct way that is in use and whose
    /// addresses stay is not touched.
    pub(super) fn renew(&mut self, rtc: &mut Rtc, route: Option<Route>, local: &[SocketAddr], remote: &[SocketAddr]) {
        let (local, remote) = (sendable(local), sendable(remote));
        let stays = |(from, to): (SocketAddr, SocketAddr)| {
            // The peer may be seen at an address that it doesn't know of, so only one that it had named can be gone.
            local.contains(&from) && (remote.contains(&to) || !self.remote.contains(&to))
        };
        let in_use = !self.left && route == Some(Route::Direct);
        let keep = in_use && self.pair.is_some_and(stays);
        if in_use && !keep {
            self.leave(rtc);
        }
        let is_gone = |address: &SocketAddr| !keep || !local.contains(address);
        for address in self.local.extract_if(.., |address| is_gone(address)) {
            invalidate(rtc, host(address));
        }
        for address in self.remote.extract_if(.., |address| !remote.contains(address)) {
            invalidate(rtc, host(address));
        }
        self.add_remote(rtc, &remote);
        self.add_local(rtc, &local);
        self.left = false;
    }

    /// How a datagram of ICE's or over it leaves; `None` if it must not. ICE takes a round trip or two to leave the direct way, and
    /// what it still sends there meanwhile goes over the link.
    pub(super) fn route(&mut self, transmit: &Transmit) -> Option<Route> {
        let (from, to) = (transmit.source, transmit.destination);
        if transmit.proto == Protocol::Tcp {
            let ours = from == made_up(self.role) && to == made_up(self.role.other());
            return (ours && self.link).then_some(Route::Link);
        }
        if is_made_up(&from) || is_made_up(&to) {
            return None;
        }
        let check = is_check(&transmit.contents);
        if self.left || !self.local.contains(&from) {
            return (self.link && !check).then_some(Route::Link);
        }
        if !check {
            self.pair = Some((from, to));
        }
        Some(Route::Direct)
    }

    /// Whether ICE may see a datagram at all.
    pub(super) fn admits(&self, from: SocketAddr, to: SocketAddr, bytes: &[u8]) -> bool {
        self.local.contains(&to) && !is_made_up(&from) && !(self.left && is_check(bytes))
    }

    /// Whether a datagram comes from where the peer was before we left the direct way: it may not have left yet.
    pub(super) fn is_late(&self, from: SocketAddr) -> bool {
        self.left && self.pair.is_some_and(|(_, peer)| peer == from)
    }

    fn add_local(&mut self, rtc: &mut Rtc, local: &[SocketAddr]) {
        for &address in local {
            if self.local.contains(&address) {
                continue;
            }
            if host(address).is_some_and(|candidate| rtc.add_local_candidate(candidate).is_some()) {
                self.local.push(address);
            }
        }
    }

    fn add_remote(&mut self, rtc: &mut Rtc, remote: &[SocketAddr]) {
        for &address in remote {
            let Some(candidate) = host(address).filter(|_| self.taken < MOST_REMOTE) else {
                continue;
            };
            if !self.remote.contains(&address) {
                rtc.add_remote_candidate(candidate);
                self.remote.push(address);
                self.taken += 1;
            }
        }
    }
}

fn sendable(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    addresses.iter().copied().filter(is_sendable).take(MAX_CANDIDATES).collect()
}

fn invalidate(rtc: &mut Rtc, candidate: Option<Candidate>) {
    if let Some(candidate) = candidate {
        rtc.direct_api().invalidate_candidate(&candidate);
    }
}
