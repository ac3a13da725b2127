//! The room as media sees it.

use std::{net::SocketAddr, time::Instant};

use ::media::transport::{Certificate, MAX_CANDIDATES};
use group_crypto::MemberId;

use crate::{
    room::{
        company::Company,
        view::{MemberView, View},
        wire::{Candidates, Streams},
    },
    wall::Wall,
};

/// The room as media sees it.
#[derive(Clone, Copy)]
pub(in crate::room) struct MediaView<'a> {
    pub view: View<'a>,
    pub company: &'a dyn Company,
    pub certificate: &'a Certificate,
    /// Where the call's UDP sockets are bound; none where the address is hidden.
    pub sockets: &'a [SocketAddr],
    pub wall: &'a Wall,
    /// Our endpoint in this run.
    pub endpoint: &'a [u8; 32],
    /// Our part in the call.
    pub streams: Streams,
    /// Kilobits per second that a shared screen takes at most.
    pub screen_kbps: u32,
}

impl<'a> MediaView<'a> {
    pub fn now(self) -> Instant {
        self.view.now
    }

    pub fn member(self, id: MemberId) -> Option<MemberView<'a>> {
        self.view.members.get(id)
    }

    pub fn is_in_call(self, id: MemberId) -> bool {
        self.member(id).is_some_and(MemberView::is_in_call)
    }

    /// Whether a member and we are in the call together: media is offered, accepted, sent and shown where that is so, and
    /// nowhere else.
    pub fn is_together(self, member: MemberView<'_>) -> bool {
        self.streams.in_call && member.is_in_call()
    }

    /// The addresses of others that the wall lets us send to.
    pub fn permitted(self, candidates: Candidates) -> Vec<SocketAddr> {
        if self.sockets.is_empty() {
            // Without a socket there is nothing to send from, and an answer would tell our address.
            return Vec::new();
        }
        let permitted = candidates.into_iter().filter(|candidate| self.wall.permits_told(*candidate));
        permitted.take(MAX_CANDIDATES).collect()
    }
}
