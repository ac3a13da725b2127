//! What links tell.

use tokio::sync::OwnedSemaphorePermit;

use super::{RelayState, Writer};
use crate::{
    api::Route,
    room::{DialError, LinkId},
};

pub(crate) enum LinkEvent {
    Opened {
        link: LinkId,
        endpoint: [u8; 32],
        dialled: bool,
        writer: Writer,
    },
    Message {
        link: LinkId,
        bytes: Vec<u8>,
        /// Counts these bytes among those that wait on their link until it is dropped.
        counts: OwnedSemaphorePermit,
    },
    Datagram {
        link: LinkId,
        bytes: Vec<u8>,
    },
    Closed {
        link: LinkId,
    },
    DialFailed {
        endpoint: [u8; 32],
        why: DialError,
    },
    /// What a link says next goes this way. Told when it opens and at each change.
    Route {
        link: LinkId,
        route: Route,
    },
    /// [`Links::whereabouts`](super::Links::whereabouts) changed.
    Whereabouts,
    /// A relayed link seems to be dead, and another endpoint is ready to dial its other end.
    Doubtful {
        link: LinkId,
    },
    /// The own relays became reachable or unreachable. Never told where no relay is set.
    Relay(RelayState),
}

/// Datagrams that were not sent, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unsent {
    /// Larger than the path takes.
    pub oversize: u64,
    /// Older ones, given up for a newer one that the congestion window did not let through in time.
    pub stale: u64,
}
