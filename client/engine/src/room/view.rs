//! What every facet of the room may know: the time, ourselves, and of each member no more than everybody may.

#[cfg(test)]
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use group_crypto::MemberId;

use super::{
    company::{Linked, Listed},
    keep::Clock,
    wire::{Abilities, Ability, Streams},
};
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

impl View<'_> {
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
pub(super) struct Members<'a>(&'a dyn Source);

/// What knows of members.
pub(super) trait Source {
    fn member(&self, id: MemberId) -> Option<MemberView<'_>>;

    /// In the order of their ids.
    fn members(&self) -> Box<dyn Iterator<Item = MemberView<'_>> + '_>;
}

impl<'a> Members<'a> {
    pub fn new(source: &'a dyn Source) -> Self {
        Self(source)
    }

    /// `None` for ourselves, and for one who is no member.
    pub fn get(self, id: MemberId) -> Option<MemberView<'a>> {
        self.0.member(id)
    }

    pub fn iter(self) -> impl Iterator<Item = MemberView<'a>> {
        self.0.members()
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
    pub abilities: &'a Abilities,
}

impl<'a> MemberView<'a> {
    pub fn new(listed: Listed<'a>, linked: Linked<'a>) -> Self {
        Self {
            id: listed.id,
            name: listed.name,
            has_link: linked.has_link,
            said_goodbye: listed.said_goodbye,
            to_be_removed: listed.to_be_removed,
            linkless_since: linked.linkless_since,
            streams: listed.streams,
            has_own_link: linked.has_own_link,
            index: listed.index,
            endpoint: linked.endpoint,
            fingerprint: linked.fingerprint,
            abilities: linked.abilities,
        }
    }

    /// Whether they are in the call: the one test for all media with them. What they say is what everybody's window shows, so
    /// nobody gets media who is not seen to be there.
    pub fn is_in_call(self) -> bool {
        self.streams.in_call && !self.said_goodbye && !self.to_be_removed
    }

    /// Whether their program has the ability.
    pub fn has(self, ability: Ability) -> bool {
        self.abilities.has(ability)
    }

    /// Whether there has been no link for so long.
    pub fn has_been_linkless(self, now: Instant, time: Duration) -> bool {
        !self.has_link && self.linkless_since.is_some_and(|since| now >= since + time)
    }
}

/// Members for the tests of facets, which need no group and no network.
#[cfg(test)]
pub(super) mod testing {
    use super::*;

    pub const ME: MemberId = MemberId([0; 16]);
    pub const UNIX_MS: i64 = 1_700_000_000_000;

    /// A room with some members, whose state a test sets as it likes.
    pub struct Cast {
        pub now: Instant,
        pub kind: RoomKind,
        me: MemberId,
        clock: Clock,
        members: BTreeMap<MemberId, Actor>,
    }

    /// A member of a [`Cast`].
    pub struct Actor {
        pub name: String,
        pub has_link: bool,
        pub said_goodbye: bool,
        pub to_be_removed: bool,
        pub linkless_since: Option<Instant>,
        pub streams: Streams,
        pub index: u32,
        pub endpoint: [u8; 32],
        pub fingerprint: [u8; 32],
        pub abilities: Abilities,
    }

    /// The id of the nth member; the first has 1.
    pub fn id(nth: u8) -> MemberId {
        MemberId([nth; 16])
    }

    fn actor(nth: u8) -> Actor {
        Actor {
            name: format!("Member {nth}"),
            has_link: true,
            said_goodbye: false,
            to_be_removed: false,
            linkless_since: None,
            streams: Streams::default(),
            index: nth.into(),
            endpoint: [nth; 32],
            fingerprint: [nth; 32],
            abilities: Abilities::ours(),
        }
    }

    impl Cast {
        /// So many members beside ourselves, all of them linked.
        pub fn of(members: u8, kind: RoomKind) -> Self {
            let now = Instant::now();
            let clock = Clock { at: now, unix_ms: UNIX_MS, local_minutes: 0 };
            let members = (1..=members).map(|nth| (id(nth), actor(nth))).collect();
            Self { now, kind, me: ME, clock, members }
        }

        /// Two members with these ids, one of which is ourselves.
        pub fn between(me: MemberId, other: MemberId, kind: RoomKind) -> Self {
            let members = [(other, actor(1))].into();
            Self { me, members, ..Self::of(0, kind) }
        }

        pub fn member(&mut self, nth: u8) -> &mut Actor {
            self.members.get_mut(&id(nth)).unwrap()
        }

        /// The first of them.
        pub fn only(&mut self) -> &mut Actor {
            self.members.values_mut().next().unwrap()
        }

        pub fn wait(&mut self, time: Duration) {
            self.now += time;
        }

        pub fn view(&self) -> View<'_> {
            let me = Me { id: self.me, name: "Me" };
            View { now: self.now, clock: &self.clock, kind: self.kind, me, members: Members::new(self) }
        }
    }

    fn seen<'a>((id, actor): (&MemberId, &'a Actor)) -> MemberView<'a> {
        MemberView {
            id: *id,
            name: &actor.name,
            has_link: actor.has_link,
            said_goodbye: actor.said_goodbye,
            to_be_removed: actor.to_be_removed,
            linkless_since: actor.linkless_since,
            streams: actor.streams,
            has_own_link: actor.has_link,
            index: actor.index,
            endpoint: &actor.endpoint,
            fingerprint: actor.fingerprint,
            abilities: &actor.abilities,
        }
    }

    impl Source for Cast {
        fn member(&self, id: MemberId) -> Option<MemberView<'_>> {
            self.members.get_key_value(&id).map(seen)
        }

        fn members(&self) -> Box<dyn Iterator<Item = MemberView<'_>> + '_> {
            Box::new(self.members.iter().map(seen))
        }
    }
}
