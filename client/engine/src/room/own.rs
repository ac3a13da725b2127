//! What this person brings into a room.

use std::net::SocketAddr;

use ::media::{Ladder, transport::Certificate};
use group_crypto::{Card, RunId, Suite};

use super::{keep::Clock, wire::Abilities};
use crate::{rendezvous::Whereabouts, wall::Wall};

/// What this person brings into the room: all of it is this room's alone, but for the name.
pub(crate) struct Own {
    pub name: String,
    /// Names our media keys of this run.
    pub run: RunId,
    /// Where our links are.
    pub at: Whereabouts,
    pub certificate: Certificate,
    /// Where the call's UDP sockets are bound: the host candidates. None outside of a call, and when the address is hidden.
    pub sockets: Vec<SocketAddr>,
    pub wall: Wall,
    pub camera_on: bool,
    pub microphone_on: bool,
    /// A screen is shared.
    pub screen_on: bool,
    pub clock: Clock,
    /// Others can be found by what the driver searches: waiting for it is worth a while.
    pub searches: bool,
    /// This program has the post-quantum suite, and founds rooms with it.
    pub post_quantum: bool,
    /// The layers that our camera has.
    pub ladder: Ladder,
    /// Kilobits per second that a shared screen takes at most.
    pub screen_kbps: u32,
    /// What this program can do, as others are told.
    pub abilities: Abilities,
}

impl Own {
    /// The best suite that this program has.
    pub fn suite(&self) -> Suite {
        suite(self.post_quantum)
    }

    pub fn card(&self) -> Card {
        let mut addresses = self.at.addresses.clone();
        addresses.truncate(group_crypto::MAX_ADDRESSES);
        Card {
            name: self.name.clone(),
            endpoint: self.at.endpoint,
            fingerprint: self.certificate.fingerprint().0,
            addresses,
        }
    }
}

/// The best suite of a program that has the post-quantum one, or has not.
pub(super) fn suite(post_quantum: bool) -> Suite {
    if post_quantum { Suite::PostQuantum } else { Suite::Classical }
}

/// Ourselves, for tests of facets.
#[cfg(test)]
pub(super) mod testing {
    use std::time::Instant;

    use ::media::capture::VideoFormat;
    use group_crypto::RunId;

    use super::*;
    use crate::room::view::testing::UNIX_MS;

    /// Somebody at the endpoint of this number, with nothing turned on.
    pub fn own(number: u8) -> Own {
        Own {
            name: format!("Member {number}"),
            run: RunId::generate(),
            at: Whereabouts { endpoint: [number; 32], relays: Vec::new(), addresses: Vec::new() },
            certificate: Certificate::generate().unwrap(),
            sockets: Vec::new(),
            wall: Wall::local(),
            camera_on: false,
            microphone_on: false,
            screen_on: false,
            clock: Clock { at: Instant::now(), unix_ms: UNIX_MS, local_minutes: 0 },
            searches: false,
            post_quantum: false,
            ladder: Ladder::new(VideoFormat { width: 640, height: 360, fps: 25 }, 500),
            screen_kbps: 1000,
            abilities: Abilities::ours(),
        }
    }
}
