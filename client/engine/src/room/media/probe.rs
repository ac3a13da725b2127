//! What simulated rooms look at, and what members who lie do with their own media.

use std::time::Instant;

use ::media::transport::Peer;
use group_crypto::MemberId;

use super::{Media, MediaView};

impl Media {
    /// Does something with the path to a member that an honest room would not do.
    pub fn act_on(&mut self, at: MediaView<'_>, member: MemberId, act: impl FnOnce(Instant, &mut Peer)) {
        if let Some(path) = self.path_mut(member) {
            act(at.now(), &mut path.peer);
        }
        self.drain(at, member);
    }
}

#[cfg(any(test, feature = "simulation"))]
impl Media {
    /// The member who carries our pictures.
    pub fn carrier(&self) -> Option<MemberId> {
        self.carrying.carrier()
    }
}

#[cfg(feature = "fuzzing")]
impl Media {
    /// Whether a path to a member is up, whatever they say of the call.
    pub fn has_connected_path(&self, member: MemberId) -> bool {
        self.peers.get(&member).is_some_and(|peer| peer.path.as_ref().is_some_and(|path| path.connected))
    }
}

#[cfg(test)]
impl Media {
    /// How many see our pictures by way of the carrier.
    pub fn carried_to(&self) -> usize {
        self.carrying.is_seen_by()
    }

    /// What a member has said last of how much they could carry, in kilobits per second.
    pub fn spare_of(&self, member: MemberId) -> u32 {
        self.peers[&member].spare_kbps
    }

    /// Whether nothing says that packets to a member queue.
    pub fn is_calm_about(&self, at: MediaView<'_>, member: MemberId) -> bool {
        self.live(at, member).is_none_or(|path| path.outbound.control.is_calm())
    }
}
