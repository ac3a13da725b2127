//! The secrets that two share, by which they find each other.

use group_crypto::MemberId;

use crate::{
    api::InvitationId,
    rendezvous::{Secret, Side},
};

/// Who is searched for, or may search for us.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Whom {
    Member(MemberId),
    /// The same, by the secret that the invitation gave the two: the one who let us in, or whom we let in.
    FirstPair(MemberId),
    /// Whoever bears this invitation of ours.
    Bearer(InvitationId),
    /// The maker of the invitation that we bear.
    Inviter,
}

/// A secret that two share, for the rendezvous.
pub(crate) struct Pair {
    pub whom: Whom,
    pub secret: Secret,
    pub side: Side,
    /// They are here; nobody needs to search.
    pub present: bool,
    /// We want to reach them, beyond being found.
    pub wanted: bool,
}
