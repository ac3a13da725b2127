//! Who is in: what the agreement on the room's keys says is to be done, and what this member wants of it.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use group_crypto::{Action, Card, LazySafety, Member, MemberId, MemberIndex, NextEpoch};

use crate::api::{LeftBecause, ReadOnly, RoomEvent, RoomKind, Trouble};
use crate::room::{
    Output,
    budget::Cost,
    inside::Inside,
    inside::participant::Participant,
    keep::Keep,
    output::send,
    rows,
    view::SOUGHT,
    wire::{self, LinkMessage, RoomMessage},
};

/// Without a link for this long, a member is taken out of a room that is not kept, until they come back.
const LOST: Duration = Duration::from_secs(45);
/// The figures of so many who have left are kept.
const DEPARTED: usize = 64;
/// In the place of what only the group knew of one who is not in it any more.
const LOST_NAME: &str = "Lost";
const NO_INDEX: MemberIndex = MemberIndex(u32::MAX);

impl Inside {
    pub fn safety_of(&self, member: MemberId) -> Option<LazySafety> {
        let group = self.membership.agreement.group();
        let member = group.members().iter().find(|known| known.id == member)?;
        group.safety(member.index)
    }

    /// A member is here: what to compare with them follows.
    pub fn show_safety(&self, member: MemberId, out: &mut VecDeque<Output>) {
        if let Some(safety) = self.safety_of(member) {
            out.push_back(Output::Event(RoomEvent::Safety { member, safety }));
        }
    }

    pub fn remove(&mut self, now: Instant, id: MemberId, out: &mut VecDeque<Output>) {
        // A member who is merely said to be removed can still remove the one who says so.
        if self.about.closing.is_final() {
            return self.trouble(Trouble::ReadOnly, out);
        }
        if !self.participants.contains_key(&id) || self.about.kind == RoomKind::Contact {
            return self.trouble(Trouble::NoSuchMember, out);
        }
        self.membership.agreement.remove(now, id);
        self.carry_out(now, out);
    }

    /// Does what has become due between the members.
    pub fn look_after_members(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        self.end_if_called_out(now);
        // Who reaches nobody is the one who is lost: the others' commit will say so.
        let alone = self.participants.values().all(|p| p.link.is_none());
        if self.about.kind == RoomKind::Ephemeral && !alone {
            let lost = self.participants.values().filter(|p| p.is_lost(now) && !p.standing.is_dropped);
            for member in lost.map(|p| p.member.id).collect::<Vec<_>>() {
                self.membership.agreement.lost(now, member);
            }
        }
        // A room that is kept goes on waiting for those who were ever here: any member can have dropped them.
        let is_awaited = |p: &Participant| self.about.kind != RoomKind::Ephemeral && self.has_met(p.member.id);
        let given_up = |p: &Participant| {
            p.standing.is_dropped && !is_awaited(p) && p.linkless_since.is_some_and(|since| now >= since + SOUGHT)
        };
        for member in self.participants.values().filter(|p| given_up(p)).map(|p| p.member.id).collect::<Vec<_>>() {
            self.participants.remove(&member);
            self.forget_member(member);
        }
        self.membership.agreement.handle_timeout(now);
        self.carry_out(now, out);
    }

    /// A member's message about keys, or inside the group. `by` is the member whose link brought it; who wrote what is
    /// inside, the group itself tells. False where it brought nothing.
    pub fn group_message(&mut self, now: Instant, by: MemberId, bytes: &[u8], out: &mut VecDeque<Output>) -> bool {
        let is_readable = match self.links.forwarding.is_passing_on() {
            true => self.membership.agreement.handle_passed_on(now, by, bytes),
            false => self.membership.agreement.handle(now, by, bytes),
        };
        let told = self.membership.told;
        self.carry_out(now, out);
        // One who passes something on cannot tell what it is.
        if !self.links.forwarding.is_passing_on() {
            if !is_readable {
                self.charge(now, by, Cost::Unreadable, out);
            } else if self.membership.told == told {
                // What nobody says to anybody is about keys.
                self.charge(now, by, Cost::Proposal, out);
            }
        }
        is_readable
    }

    /// Whatever the agreement wants done, in its order: what an action leads to comes after it.
    pub fn carry_out(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        if std::mem::replace(&mut self.membership.carrying_out, true) {
            return;
        }
        while let Some(action) = self.membership.agreement.poll() {
            match action {
                Action::Send { to, bytes } => {
                    if let Some(link) = self.participants.get(&to).and_then(|p| p.link) {
                        send(out, link, &LinkMessage::Group(bytes));
                    }
                }
                Action::Message { from, plaintext } => {
                    self.membership.told = self.membership.told.wrapping_add(1);
                    if let Some(message) = wire::decode(&plaintext) {
                        self.room_message(now, from, message, out);
                    }
                }
                Action::Epoch(next) => self.entered_epoch(now, next, out),
                Action::Out { member, parted } => {
                    if let Some(p) = self.participants.get_mut(&member) {
                        p.standing.to_be_removed = true;
                        p.standing.is_unwanted |= !parted;
                        self.media.drop_path(member);
                    } else if !parted {
                        self.at_door(now, out, |door, _| door.revoke_for_many());
                    }
                }
                Action::Admitted { ticket, welcome } => self.admitted(ticket, welcome, out),
                Action::Reunited(member) => {
                    self.in_chat(now, out, |chat, _, _| chat.ask_again(member));
                    self.in_call(now, out, |call, _, _| call.ring_again(member));
                }
                // Whatever media there was is over at the other ends.
                Action::Dropped => self.media.drop_all_paths(),
                Action::CalledOut(called_out) => self.called_out(now, called_out, out),
                Action::Removed => self.close(now, ReadOnly::Removed, out),
            }
        }
        self.membership.asked.retain(|asked| !asked.is_admitted());
        self.membership.carrying_out = false;
    }

    fn room_message(&mut self, now: Instant, sender: MemberId, message: RoomMessage, out: &mut VecDeque<Output>) {
        match message {
            RoomMessage::Line { sequence, at_ms, body } => self.in_chat(now, out, |chat, view, rows| {
                chat.on_line(view, sender, sequence, (at_ms, body), rows);
            }),
            RoomMessage::Missing { up_to } => {
                self.in_chat(now, out, |chat, view, rows| chat.on_missing(view, sender, up_to, rows));
            }
            RoomMessage::Name(name) => {
                let is_new = self.participants.get(&sender).is_some_and(|p| p.name != name);
                if is_new && self.charge(now, sender, Cost::Name, out) && self.has_room_for_name(now, sender, &name) {
                    self.renamed(now, sender, name, out);
                }
            }
            RoomMessage::Over { to, bytes } => self.on_over(now, sender, to, bytes, out),
            RoomMessage::Ring { video } => {
                let rules = self.about.rules;
                self.in_call(now, out, |call, view, rows| call.on_ring(view, sender, video, &rules, rows));
            }
            RoomMessage::Decline => self.in_call(now, out, |call, view, _| call.on_decline(view, sender)),
            RoomMessage::Whereabouts(told) => self.told_where(now, sender, told, out),
            RoomMessage::Unknown => {}
        }
    }

    /// A new name stands in the history, or is not taken.
    fn has_room_for_name(&mut self, now: Instant, member: MemberId, name: &str) -> bool {
        let Some(p) = self.participants.get(&member) else {
            return false;
        };
        let units = rows::units(p.name.len().saturating_add(name.len()));
        self.pending.rows.charge(now, member, units).is_ok()
    }

    /// Keys that may have been used elsewhere are renewed before anything is said.
    pub fn renew_imported_keys(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        if self.membership.renew {
            self.membership.agreement.renew(now);
            self.carry_out(now, out);
        }
    }

    fn entered_epoch(&mut self, now: Instant, next: NextEpoch, out: &mut VecDeque<Output>) {
        if std::mem::take(&mut self.membership.renew) {
            self.keep_details();
        }
        let at_once = next.went_over || !next.change.removed.is_empty() || !next.change.lost.is_empty();
        self.media.enter_epoch(now, &next, at_once);
        let NextEpoch { change, members, .. } = next;
        for member in &change.removed {
            self.removed(now, member, out);
        }
        for member in &change.lost {
            self.dropped(now, member, out);
        }
        for member in members {
            match self.participants.get_mut(&member.id) {
                Some(p) => {
                    let is_back = std::mem::take(&mut p.standing.is_dropped);
                    if p.name.is_empty() {
                        p.name.clone_from(&member.card.name);
                    }
                    let (id, name) = (member.id, p.name.clone());
                    p.member = member;
                    self.in_trust(now, out, |trust, view| trust.on_name(view, id, &name));
                    if is_back {
                        out.push_back(Output::Event(RoomEvent::Joined { member: id, name }));
                    }
                }
                None => self.add_participant(now, member, out),
            }
        }
        out.push_back(Output::Event(RoomEvent::NewEpoch { epoch: change.epoch }));
        self.in_media(now, out, |media, at| media.retry_parked(at));
    }

    /// Somebody is out for good.
    fn removed(&mut self, now: Instant, member: &Member, out: &mut VecDeque<Output>) {
        let Some(p) = self.participants.remove(&member.id) else {
            return;
        };
        self.depart(&p);
        out.extend(p.link.map(|link| Output::Close { link }));
        self.keep(Keep::ForgetMember(p.member.id));
        self.in_forwarding(now, out, |forwarding| forwarding.on_unlinked(member.id));
        self.forget_member(member.id);
        if self.about.kind == RoomKind::Ephemeral {
            // A name is free again here: whoever crashed comes back with new keys.
            self.trust.forget_names(p.member.id);
        }
        if p.standing.is_unwanted {
            self.at_door(now, out, |door, _| door.revoke_for_many());
        }
        if !p.standing.said_goodbye && !p.standing.is_dropped {
            let lost = p.is_lost(now);
            let why = match (p.standing.is_unwanted, lost) {
                (true, true) => LeftBecause::Lost,
                (true, false) => LeftBecause::Removed,
                (false, _) => LeftBecause::Goodbye,
            };
            out.push_back(Output::Event(RoomEvent::Left { member: p.member.id, why }));
        }
    }

    /// Somebody is not in the group any more and may come back: they are known and dialled as before.
    fn dropped(&mut self, now: Instant, member: &Member, out: &mut VecDeque<Output>) {
        let Some(mut p) = self.participants.remove(&member.id) else {
            return;
        };
        if p.link.is_none() {
            self.depart(&p);
            p.linkless_since.get_or_insert(now);
        }
        if !std::mem::replace(&mut p.standing.is_dropped, true) {
            out.push_back(Output::Event(RoomEvent::Left { member: member.id, why: LeftBecause::Lost }));
        }
        self.participants.insert(member.id, p);
    }

    /// One who is not in the group any more, and whose key is known: they are dialled and found as before, and may come back.
    pub fn add_lost(&mut self, now: Instant, id: MemberId, name: String) {
        // Nobody sees this card: they come back with a new one.
        let Ok(card) = Card::new(LOST_NAME, [0; 32], [0; 32], Vec::new()) else {
            return;
        };
        let mut p = Participant::new(now, Member { index: NO_INDEX, id, card });
        (p.name, p.standing.is_dropped) = (name, true);
        self.participants.insert(id, p);
        self.chat.begin(id);
        self.media.begin(id);
    }

    /// One who is no participant any more, and whom nobody waits for.
    fn forget_member(&mut self, member: MemberId) {
        self.chat.forget(member);
        self.call.forget(member);
        self.media.forget(member);
        self.links.forwarding.forget(member);
        self.pending.rows.forget(member);
    }

    fn depart(&mut self, p: &Participant) {
        self.media.depart(p.member.id);
        if self.membership.departed.len() < DEPARTED {
            self.membership.departed.extend(self.figures_of(p));
        }
    }
}

impl Participant {
    fn is_lost(&self, now: Instant) -> bool {
        self.linkless_since.is_some_and(|since| now >= since + LOST)
    }
}
