//! What a room asks to be kept on the disk, and what it is restored from.
//!
//! After each [`super::Room::handle`] the caller first makes durable what [`super::Room::take_kept`] gives, all of it or
//! none, and only then carries out what [`super::Room::poll`] gives. So a key is never used twice and a line never counts
//! as delivered that a crash could still take back.

use std::time::Instant;

use group_crypto::{InvitationSecret, MemberId};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{content::Names, wire::Said};
use crate::{
    api::{CallOutcome, ReadOnly, RoomKind, Rules, Terms},
    rendezvous::Whereabouts,
};

pub(crate) enum Keep {
    Details(Details),
    Group(Zeroizing<Vec<u8>>),
    Member {
        member: MemberId,
        details: MemberDetails,
    },
    ForgetMember(MemberId),
    /// A line of our own.
    Own {
        sequence: u64,
        at_ms: i64,
        said: Said,
        names: Names,
    },
    /// A line of a member's; the next of theirs.
    Theirs {
        from: MemberId,
        name: String,
        sequence: u64,
        at_ms: i64,
        said: Said,
        names: Names,
    },
    /// So many lines of a member's, up to this one, are gone, and the next is the one behind.
    Missing {
        from: MemberId,
        name: String,
        up_to: u64,
        at_ms: i64,
        count: u64,
    },
    /// The member has our lines up to this one.
    Acknowledged {
        member: MemberId,
        up_to: u64,
    },
    /// Our own lines behind one are now those behind another, and there are so many: somebody has lines of ours that another
    /// copy of this disk said.
    CountOn {
        behind: u64,
        up_to: u64,
        lines: u64,
    },
    /// The member's lines count from behind this one.
    Begin {
        member: MemberId,
        received: u64,
        acknowledged: u64,
    },
    Call {
        by: MemberId,
        name: String,
        mine: bool,
        at_ms: i64,
        video: bool,
        outcome: CallOutcome,
    },
    Invitation(OpenInvitation),
    ForgetInvitation([u8; 16]),
    /// The commits since some epochs ago, for members who come back.
    History(Vec<(u64, Vec<u8>)>),
    /// All members who were verified here, those who have left too.
    Verified(Vec<Verified>),
    /// All names that members were seen with.
    Names(Vec<Verified>),
    /// A member has another name now.
    Renamed {
        member: MemberId,
        from: String,
        to: String,
        at_ms: i64,
    },
    /// The room is over for us and can be read on.
    ReadOnly(ReadOnly),
    /// The number of our latest statement about where we are.
    Stated(u64),
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Details {
    pub kind: RoomKind,
    pub title: String,
    /// Our own name for it.
    pub label: Option<String>,
    pub rules: Rules,
    /// The other of a contact was verified, as it was written before [`Keep::Verified`] was. No longer set.
    pub verified: bool,
    /// The keys are to be renewed before anything is said: they may have been used elsewhere.
    pub renew: bool,
}

/// A member by a name: the one for which they were verified, or one that they were seen with.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Verified {
    pub member: [u8; 16],
    pub name: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct MemberDetails {
    pub name: String,
    /// Where they were last.
    pub at: Option<Place>,
    pub pair: Option<[u8; 32]>,
    /// They said Hello to us once.
    pub met: bool,
    /// By which a newcomer and the maker of the invitation find each other at first. Last, because it was not written at first.
    pub first_pair: Option<[u8; 32]>,
}

impl MemberDetails {
    /// What an older version wrote ends before `first_pair`, which reads as none: postcard's zero.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let ended = || postcard::from_bytes(&[bytes, &[0]].concat());
        postcard::from_bytes(bytes).or_else(|_| ended()).ok()
    }
}

/// [`Whereabouts`] as they are stored.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Place {
    pub endpoint: [u8; 32],
    pub relays: Vec<String>,
    pub addresses: Vec<std::net::SocketAddr>,
}

impl From<&Whereabouts> for Place {
    fn from(at: &Whereabouts) -> Self {
        Self { endpoint: at.endpoint, relays: at.relays.clone(), addresses: at.addresses.clone() }
    }
}

impl From<Place> for Whereabouts {
    fn from(at: Place) -> Self {
        Self { endpoint: at.endpoint, relays: at.relays, addresses: at.addresses }
    }
}

/// An invitation of ours that can still be taken up.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct OpenInvitation {
    secret: [u8; 32],
    pub terms: Terms,
    /// Unix time in milliseconds.
    pub expires: Option<i64>,
}

impl OpenInvitation {
    pub fn new(terms: Terms, unix_ms: i64) -> Self {
        let valid = terms.valid.map(|valid| i64::try_from(valid.as_millis()).unwrap_or(i64::MAX));
        let secret = *InvitationSecret::generate().as_bytes();
        Self { secret, terms, expires: valid.map(|valid| unix_ms.saturating_add(valid)) }
    }

    pub fn secret(&self) -> InvitationSecret {
        InvitationSecret::from_bytes(self.secret)
    }

    pub fn is_over(&self, unix_ms: i64) -> bool {
        self.expires.is_some_and(|at| unix_ms >= at)
    }
}

/// A room as the disk has it.
pub(crate) struct Stored {
    pub details: Details,
    pub group: Zeroizing<Vec<u8>>,
    pub members: Vec<StoredMember>,
    pub invitations: Vec<OpenInvitation>,
    /// The number of own lines so far.
    pub lines: u64,
    pub history: Vec<(u64, Vec<u8>)>,
    /// None where it was never written.
    pub verified: Option<Vec<Verified>>,
    /// Names that members were seen with.
    pub names: Vec<Verified>,
    /// It is over for us.
    pub read_only: Option<ReadOnly>,
    /// The number of our latest statement about where we are.
    pub stated: u64,
}

pub(crate) struct StoredMember {
    pub id: MemberId,
    pub details: MemberDetails,
    pub received: u64,
    pub acknowledged: u64,
}

/// Unix time and the local day, tied to the monotonic clock. The driver ties it anew now and then, so a clock that is set
/// is followed, and nothing jumps in between.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    pub at: Instant,
    pub unix_ms: i64,
    /// Local time minus UTC, in minutes.
    pub local_minutes: i32,
}

impl Clock {
    pub fn unix_ms(&self, now: Instant) -> i64 {
        let since = now.saturating_duration_since(self.at).as_millis();
        self.unix_ms.saturating_add(i64::try_from(since).unwrap_or(i64::MAX))
    }

    /// Minutes since local midnight.
    pub fn minute_of_day(&self, now: Instant) -> u16 {
        let minutes = self.unix_ms(now) / 60_000 + i64::from(self.local_minutes);
        minutes.rem_euclid(24 * 60) as u16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_of_an_older_version_have_no_first_pair() {
        let old = postcard::to_stdvec(&("Ann", None::<Place>, Some([7u8; 32]), true)).unwrap();
        let read = MemberDetails::from_bytes(&old).unwrap();
        assert_eq!((read.name.as_str(), read.pair, read.met, read.first_pair), ("Ann", Some([7; 32]), true, None));
        let new = MemberDetails { first_pair: Some([8; 32]), ..read };
        let read = MemberDetails::from_bytes(&postcard::to_stdvec(&new).unwrap()).unwrap();
        assert_eq!((read.pair, read.first_pair), (Some([7; 32]), Some([8; 32])));
        assert!((0..old.len()).all(|end| MemberDetails::from_bytes(&old[..end]).is_none()));
    }
}
