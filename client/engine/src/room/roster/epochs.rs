//! Who comes and goes as the group moves from one epoch to the next.

use std::time::{Duration, Instant};

use group_crypto::{Member, MemberId, NextEpoch};

use super::{Around, Output, Roster, members::Entry};
use crate::{
    api::{LeftBecause, RoomEvent, RoomKind, Trouble},
    room::view::SOUGHT,
};

/// Without a link for this long, a member is taken out of a room that is not kept, until they come back.
const LOST: Duration = Duration::from_secs(45);

/// Keys that another copy may have used are those of all epochs that others are in already, as they say; so long at most.
const CATCH_UP: Duration = Duration::from_secs(5);

impl Roster {
    /// Somebody is to be removed by us.
    pub fn remove(&mut self, around: Around<'_>, member: MemberId) {
        // A member who is merely said to be removed can still remove the one who says so.
        if self.is_closed() {
            return self.out.push_back(Output::Trouble(Trouble::ReadOnly));
        }
        if !self.is_member(member) || around.kind == RoomKind::Contact {
            return self.out.push_back(Output::Trouble(Trouble::NoSuchMember));
        }
        self.agreement.remove(around.now, member);
    }

    /// Does what has become due between the members.
    pub fn on_timeout(&mut self, around: Around<'_>) {
        self.end_if_called_out(around);
        // Who reaches nobody is the one who is lost: the others' commit will say so.
        let is_linked = |id: MemberId| around.links.linked(id).is_some_and(|linked| linked.has_link);
        if around.kind == RoomKind::Ephemeral && self.members.keys().any(|id| is_linked(*id)) {
            let lost = self.members.values().filter(|entry| !entry.standing.is_dropped);
            let lost = lost.map(|entry| entry.member.id).filter(|id| is_away(around, *id, LOST));
            for member in lost.collect::<Vec<_>>() {
                self.agreement.lost(around.now, member);
            }
        }
        // A room that is kept goes on waiting for those who were ever here: any member can have dropped them.
        let is_awaited = |id: MemberId| around.kind != RoomKind::Ephemeral && (around.has_met)(id);
        let given_up = |id: &MemberId, entry: &mut Entry| {
            entry.standing.is_dropped && !is_awaited(*id) && is_away(around, *id, SOUGHT)
        };
        let given_up = self.members.extract_if(.., given_up).map(|(id, _)| Output::GivenUp(id));
        self.out.extend(given_up);
        self.agreement.handle_timeout(around.now);
    }

    pub(super) fn enter_epoch(&mut self, around: Around<'_>, next: NextEpoch) {
        // A claim to be far ahead must not keep us silent.
        let is_late = |since: Instant| around.now.saturating_duration_since(since) >= CATCH_UP;
        if (next.is_first_seen || self.renewing_since.is_some_and(is_late)) && std::mem::take(&mut self.renew) {
            self.renewing_since = None;
            self.out.push_back(Output::Renewed);
        } else if self.renew {
            // It only brings us to where the others are, and it may be where another copy of our keys was used.
            self.agreement.renew(around.now);
        }
        let at_once = next.went_over || !next.change.removed.is_empty() || !next.change.lost.is_empty();
        let (removed, lost) = (next.change.removed.clone(), next.change.lost.clone());
        let (members, epoch) = (next.members.clone(), next.change.epoch);
        self.out.push_back(Output::Epoch { next, at_once });
        for member in removed {
            self.on_removed(around, member.id);
        }
        for member in lost {
            self.on_dropped(member.id);
        }
        for member in members {
            self.on_listed(around, member);
        }
        self.out.push_back(Output::Event(RoomEvent::NewEpoch { epoch }));
        self.out.push_back(Output::EpochEntered);
    }

    /// Somebody is in the group.
    fn on_listed(&mut self, around: Around<'_>, member: Member) {
        let id = member.id;
        let Some(entry) = self.members.get_mut(&id) else {
            return self.add(around, member);
        };
        let is_back = std::mem::take(&mut entry.standing.is_dropped);
        if entry.name.is_empty() {
            entry.name.clone_from(&member.card.name);
        }
        let name = entry.name.clone();
        entry.member = member;
        self.out.push_back(Output::Named { member: id, name: name.clone() });
        if is_back {
            self.out.push_back(Output::Event(RoomEvent::Joined { member: id, name }));
        }
    }

    /// There is another member, whom this run has not met.
    pub fn add(&mut self, around: Around<'_>, member: Member) {
        if member.id == self.me() {
            return;
        }
        let (mut pair, mut first_pair) = (None, None);
        if around.kind != RoomKind::Contact {
            // Members of a larger room could all export the same.
            first_pair = self.first_pair_with(&member);
        } else if let Ok(secret) = self.group().export("pair", &[]) {
            // There are only two in this epoch, and both export it.
            pair = Some(*secret);
        }
        self.members.insert(member.id, Entry::new(member.clone(), member.card.name.clone()));
        self.out.push_back(Output::Joined { member, pair, first_pair });
    }

    /// Somebody is out for good.
    fn on_removed(&mut self, around: Around<'_>, member: MemberId) {
        let Some(entry) = self.members.remove(&member) else {
            return;
        };
        self.out.push_back(Output::Left { member, name: entry.name });
        let standing = entry.standing;
        if standing.is_unwanted {
            self.out.push_back(Output::Unwanted);
        }
        if !standing.said_goodbye && !standing.is_dropped {
            let why = match (standing.is_unwanted, is_away(around, member, LOST)) {
                (true, true) => LeftBecause::Lost,
                (true, false) => LeftBecause::Removed,
                (false, _) => LeftBecause::Goodbye,
            };
            self.out.push_back(Output::Event(RoomEvent::Left { member, why }));
        }
    }

    /// Somebody is not in the group any more and may come back: they are known and dialled as before.
    fn on_dropped(&mut self, member: MemberId) {
        let Some(entry) = self.members.get_mut(&member) else {
            return;
        };
        self.out.push_back(Output::Dropped(member));
        if !std::mem::replace(&mut entry.standing.is_dropped, true) {
            self.out.push_back(Output::Event(RoomEvent::Left { member, why: LeftBecause::Lost }));
        }
    }
}

/// Whether there has been no link with a member for so long.
fn is_away(around: Around<'_>, member: MemberId, time: Duration) -> bool {
    let since = around.links.linked(member).and_then(|linked| linked.linkless_since);
    since.is_some_and(|since: Instant| around.now.saturating_duration_since(since) >= time)
}
