//! What every facet of the room may know: the time, ourselves, and of each member no more than everybody may.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use group_crypto::{Agreement, MemberId};

use super::{Own, forward::is_forwarded, keep::Clock, participant::Participant, wire::Streams};
use crate::api::RoomKind;

/// A member who was lost is dialled for so long, should they come back.
pub(super) const SOUGHT: Duration = Duration::from_secs(1800);

/// The room as a facet sees it while it handles one input.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub now: Instant,
    pub clock: &'a Clock,
    pub kind: RoomKind,
    pub me: Me<'a>,
    pub members: Members<'a>,
}

impl<'a> View<'a> {
    pub fn new(
        now: Instant,
        kind: RoomKind,
        own: &'a Own,
        agreement: &Agreement,
        participants: &'a BTreeMap<MemberId, Participant>,
    ) -> Self {
        let me = Me { id: agreement.group().my_id(), name: &own.name };
        View { now, clock: &own.clock, kind, me, members: Members::new(participants) }
    }

    /// Unix time in milliseconds.
    pub fn unix_ms(&self) -> i64 {
        self.clock.unix_ms(self.now)
    }
}

/// Ourselves.
#[derive(Clone, Copy)]
pub(super) struct Me<'a> {
    pub id: MemberId,
    pub name: &'a str,
}

/// All members but ourselves.
#[derive(Clone, Copy)]
pub(super) struct Members<'a>(&'a BTreeMap<MemberId, Participant>);

impl<'a> Members<'a> {
    pub fn new(participants: &'a BTreeMap<MemberId, Participant>) -> Self {
        Self(participants)
    }

    /// `None` for ourselves, and for one who is no member.
    pub fn get(self, id: MemberId) -> Option<MemberView<'a>> {
        self.0.get(&id).map(MemberView::of)
    }

    pub fn iter(self) -> impl Iterator<Item = MemberView<'a>> {
        self.0.values().map(MemberView::of)
    }
}

/// What is known of one member.
#[derive(Clone, Copy)]
pub(super) struct MemberView<'a> {
    pub id: MemberId,
    pub name: &'a str,
    /// A link is up, and they have said Hello on it.
    pub has_link: bool,
    pub said_goodbye: bool,
    /// Their removal was asked for, and nothing more is said to them.
    pub to_be_removed: bool,
    /// Since when there is no link, for a member who had one or should have had one.
    pub linkless_since: Option<Instant>,
    /// Their part in the call, as they told it last.
    pub streams: Streams,
    /// The link is one of our own, and not a way through another member.
    pub has_own_link: bool,
    /// Their place in the group.
    pub index: u32,
    /// Of their run: the key of their links, and the digest of their DTLS certificate.
    pub endpoint: &'a [u8; 32],
    pub fingerprint: [u8; 32],
}

impl<'a> MemberView<'a> {
    /// Whether they are in the call: the one test for all media with them. What they say is what everybody's window shows, so
    /// nobody gets media who is not seen to be there.
    pub fn is_in_call(self) -> bool {
        self.streams.in_call && !self.said_goodbye && !self.to_be_removed
    }

    /// Whether there has been no link for so long.
    pub fn has_been_linkless(self, now: Instant, time: Duration) -> bool {
        !self.has_link && self.linkless_since.is_some_and(|since| now >= since + time)
    }

    pub fn of(p: &'a Participant) -> Self {
        Self {
            id: p.member.id,
            name: &p.name,
            has_link: p.link.is_some(),
            said_goodbye: p.said_goodbye,
            to_be_removed: p.to_be_removed,
            linkless_since: p.linkless_since,
            streams: p.streams,
            has_own_link: p.link.is_some_and(|link| !is_forwarded(link)),
            index: p.member.index.0,
            endpoint: &p.at.endpoint,
            fingerprint: p.fingerprint,
        }
    }
}

/// Members for the tests of facets, which need no group and no network.
#[cfg(test)]
pub(super) mod testing {
    use group_crypto::{Card, Member, MemberIndex};

    use super::{super::LinkId, *};

    pub const ME: MemberId = MemberId([0; 16]);
    pub const UNIX_MS: i64 = 1_700_000_000_000;

    /// A room with these members, whose state a test sets as it likes.
    pub struct Cast {
        pub now: Instant,
        pub kind: RoomKind,
        clock: Clock,
        participants: BTreeMap<MemberId, Participant>,
    }

    /// The id of the nth member; the first has 1.
    pub fn id(nth: u8) -> MemberId {
        MemberId([nth; 16])
    }

    impl Cast {
        /// So many members beside ourselves, all of them linked.
        pub fn of(members: u8, kind: RoomKind) -> Self {
            let now = Instant::now();
            let clock = Clock { at: now, unix_ms: UNIX_MS, local_minutes: 0 };
            let mut cast = Self { now, kind, clock, participants: BTreeMap::new() };
            for nth in 1..=members {
                let card = Card::new(&format!("Member {nth}"), [nth; 32], [nth; 32], Vec::new()).unwrap();
                let member = Member { index: MemberIndex(nth.into()), id: id(nth), card };
                let mut p = Participant::new(now, member);
                p.link = Some(LinkId(nth.into()));
                cast.participants.insert(id(nth), p);
            }
            cast
        }

        pub fn member(&mut self, nth: u8) -> &mut Participant {
            self.participants.get_mut(&id(nth)).unwrap()
        }

        pub fn wait(&mut self, time: Duration) {
            self.now += time;
        }

        pub fn view(&self) -> View<'_> {
            let me = Me { id: ME, name: "Me" };
            View { now: self.now, clock: &self.clock, kind: self.kind, me, members: Members::new(&self.participants) }
        }
    }
}
