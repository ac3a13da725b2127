//! Links: who dials whom, who is at the other end, and what is said there.
//!
//! [`Links`] know neither keys nor the chat. What members say and links do comes in, and what is to be done comes out of
//! [`Links::poll`]. What a member says is charged to their budget here, before anybody else hears of it.

mod around;
mod dialing;
mod forwarding;
mod hello;
mod opening;
mod party;
mod passing;
#[cfg(any(test, feature = "simulation", feature = "hostile"))]
mod probe;
mod reading;
mod strangers;
mod telling;
#[cfg(test)]
mod tests;
mod whereabouts;
mod whose;

use std::{
    collections::{BTreeMap, VecDeque},
    time::Instant,
};

use group_crypto::{Card, MemberId, RunId};

use self::{forwarding::Forwarding, party::Party, reading::Unread, strangers::Stranger};
use super::{
    company::{Directory, Linkage, Linked},
    guest::{Guest, Shown},
    keep::{Keep, MemberDetails},
    link::LinkId,
    numbers::Sequence,
    wire::{LinkMessage, Purpose, RoomMessage, Statement, Streams},
};
use crate::{
    api::{Presence, Route, Trouble},
    rendezvous::Whereabouts,
};

pub(crate) use self::whose::Whose;
pub(super) use self::{around::Around, party::Everyone};

/// What links want done.
pub(super) enum Output {
    Dial {
        to: Whereabouts,
        is_hearsay: bool,
    },
    Send {
        link: LinkId,
        purpose: Purpose,
        bytes: Vec<u8>,
    },
    /// Of another member, the author: dropped where the link does not keep up.
    Forward {
        link: LinkId,
        author: MemberId,
        bytes: Vec<u8>,
    },
    SendDatagram {
        link: LinkId,
        bytes: Vec<u8>,
    },
    /// The other end of the link is no stranger any more.
    Vouch(LinkId),
    Close(LinkId),
    /// To be sealed for the group and sent to these members, now or once they have a link.
    Tell {
        to: Vec<MemberId>,
        message: RoomMessage,
    },
    /// To be sealed for the group and sent to those who have a link.
    TellLinked(RoomMessage),
    /// A member was heard.
    Heard(MemberId),
    /// A member said this.
    Said {
        by: MemberId,
        message: LinkMessage,
    },
    /// A member passed on what another is said to have sealed. [`Links::on_passed_on_read`] is to be called once it was read.
    PassedOn {
        by: MemberId,
        from: MemberId,
        bytes: Vec<u8>,
    },
    /// A stranger asks to be let in.
    Join(Guest, Shown),
    /// A stranger's link is gone.
    StrangerGone(LinkId),
    /// One who is no member any more is at the other end of a link.
    CameBack(MemberId),
    /// A member's link is up, and they have said who they are in this run.
    Greeted {
        by: MemberId,
        run: RunId,
        is_new_run: bool,
        streams: Streams,
    },
    /// Where the chat with a member stands, as their Hello says: what they have of ours, and we of theirs.
    Met {
        by: MemberId,
        received: Option<Sequence>,
        acknowledged: Sequence,
    },
    /// Another link with a member has taken the place of the one before.
    Replaced(MemberId),
    /// A link has been up for a moment: what may have gone down with the one before is to be said again.
    Settled(MemberId),
    /// There is no link with a member any more.
    Unlinked(MemberId),
    /// A member says that we were removed, by these commits.
    SaysRemoved {
        by: MemberId,
        commits: Vec<Vec<u8>>,
    },
    /// What is kept of a member has changed.
    Changed(MemberId),
    Keep(Keep),
    Trouble(Trouble),
}

/// Our links with members, and with strangers at the door.
#[derive(Default)]
pub(super) struct Links {
    parties: BTreeMap<MemberId, Party>,
    /// Links that are no member's yet.
    strangers: BTreeMap<LinkId, Stranger>,
    forwarding: Forwarding,
    /// What was said and is not read yet: empty between two inputs.
    unread: Unread,
    /// What we have signed about where we are, and the highest number of such a statement.
    own_statement: Option<Statement>,
    stated: u64,
    /// That a member has a program of another version was said once.
    told_version: bool,
    out: VecDeque<Output>,
}

impl Links {
    /// `stated`: the highest number of a statement of ours.
    pub fn restored(stated: u64) -> Self {
        Self { stated, ..Self::default() }
    }

    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// All members, with what the directory has of them.
    pub fn everyone<'a>(&'a self, directory: &'a dyn Directory) -> Everyone<'a> {
        Everyone { directory, parties: &self.parties }
    }

    /// There is another member, who is to be linked to. The lower of two dials.
    pub fn begin(&mut self, around: Around<'_>, member: MemberId, card: &Card) {
        let mut party = Party::new(around.now, member, card);
        if around.directory.me() < member {
            party.reach.dial_at = Some(around.now);
        }
        self.parties.insert(member, party);
    }

    /// One who is not in the group any more is known and found as before, and may come back.
    pub fn begin_lost(&mut self, now: Instant, member: MemberId) {
        let nowhere = Whereabouts { endpoint: [0; 32], relays: Vec::new(), addresses: Vec::new() };
        self.parties.insert(member, Party::lost(now, member, nowhere));
    }

    /// What the disk has of a member.
    pub fn resume(&mut self, now: Instant, member: MemberId, details: &MemberDetails) {
        if let Some(party) = self.parties.get_mut(&member) {
            party.resume(now, details);
        }
    }

    /// What we and a new member find each other by.
    pub fn begin_pair(&mut self, member: MemberId, pair: Option<[u8; 32]>, first_pair: Option<[u8; 32]>) {
        if let Some(party) = self.parties.get_mut(&member) {
            (party.reach.pair, party.reach.first_pair) = (pair, first_pair);
        }
    }

    /// Nothing of a member is known any more; their link is closed.
    pub fn forget(&mut self, around: Around<'_>, member: MemberId) {
        if let Some(party) = self.parties.remove(&member) {
            self.out.extend(party.link.map(Output::Close));
            self.forwarding.on_unlinked(member);
            self.follow_forwarding(around);
            self.forwarding.forget(member);
        }
    }

    /// A member is not in the group any more. Without a link they count as away from now on, if not from earlier.
    pub fn on_dropped(&mut self, now: Instant, member: MemberId) {
        if let Some(party) = self.parties.get_mut(&member).filter(|party| party.link.is_none()) {
            party.linkless_since.get_or_insert(now);
        }
    }

    /// Whether anything here changes by itself until then.
    pub fn is_busy(&self, now: Instant, until: Instant) -> bool {
        !self.strangers.is_empty() || self.parties.values().any(|party| party.is_unsettled(now, until))
    }

    /// What is kept of a member, under this name. `met`: they said Hello to us once.
    pub fn details(&self, member: MemberId, name: String, met: bool) -> Option<MemberDetails> {
        let reach = &self.parties.get(&member)?.reach;
        Some(MemberDetails { name, at: Some((&reach.at).into()), pair: reach.pair, met, first_pair: reach.first_pair })
    }

    /// The secrets that a member and we find each other by: the lasting one, and the first.
    pub fn secrets(&self, member: MemberId) -> [Option<[u8; 32]>; 2] {
        self.parties.get(&member).map_or([None; 2], |party| [party.reach.pair, party.reach.first_pair])
    }

    pub fn link_with(&self, member: MemberId) -> Option<LinkId> {
        self.parties.get(&member)?.link
    }

    /// The member whose link this is.
    pub fn by_link(&self, link: LinkId) -> Option<MemberId> {
        self.parties.values().find(|party| party.is_on(link)).map(|party| party.id)
    }

    pub fn presence(&self, now: Instant, member: MemberId) -> Presence {
        self.parties.get(&member).map_or(Presence::Away, |party| party.presence(now))
    }

    /// The route of the link with a member, or of the last one they had.
    pub fn route(&self, member: MemberId) -> Option<Route> {
        self.parties.get(&member).and_then(|party| party.route.or(party.former_route))
    }

    /// Whether a link that we dialled is up to where a member is, and they have not said Hello on it.
    pub fn is_met(&self, member: MemberId) -> bool {
        let party = self.parties.get(&member);
        party.is_some_and(|party| self.strangers.values().any(|s| s.is_dialled && party.is_at(&s.endpoint)))
    }

    fn close(&mut self, link: LinkId) {
        self.out.push_back(Output::Close(link));
    }
}

impl Linkage for Links {
    fn linked(&self, member: MemberId) -> Option<Linked<'_>> {
        self.parties.get(&member).map(Party::linked)
    }
}
