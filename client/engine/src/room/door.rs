//! The door: invitations of ours, who comes with one, and the waiting room.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use group_crypto::{Agreement, Group, Suite, check_key_package};

use super::{
    LinkId, Output,
    inside::{Inside, most_members},
    keep::{Keep, OpenInvitation},
    keys::Keys,
    send, suite,
    wire::{LinkMessage, Refusal},
};
use crate::{
    api::{InvitationId, KnockId, RoomEvent, RoomKind, Terms},
    invitation::Invitation,
};

/// Invitations that can be taken up at once; beyond it the oldest is withdrawn.
const OUTSTANDING: usize = 64;
/// People in the waiting room; beyond it one gives way, or newcomers are told that the room is full.
const MAX_KNOCKS: usize = 32;
/// One who has waited so long gives way to another.
const GIVES_WAY: Duration = Duration::from_secs(60);
/// Nobody waits for longer.
const KNOCKING: Duration = Duration::from_secs(600);

/// Somebody in the waiting room.
pub(super) struct Knock {
    id: KnockId,
    pub link: LinkId,
    invitation: [u8; 16],
    suite: Suite,
    key_package: Vec<u8>,
    since: Instant,
}

impl Inside {
    pub fn invite(&mut self, now: Instant, terms: Terms, out: &mut VecDeque<Output>) {
        if self.is_read_only(out) || self.kind == RoomKind::Contact && self.agreement.group().members().len() > 1 {
            return;
        }
        if self.invitations.len() == OUTSTANDING
            && let Some(oldest) = self.invitations.front()
        {
            let id = InvitationId(oldest.secret().id().0);
            self.revoke(id, out);
        }
        let open = OpenInvitation::new(terms, self.own.clock.unix_ms(now));
        self.keep(Keep::Invitation(open.clone()));
        self.show_invitation(&open, out);
        self.invitations.push_back(open);
    }

    pub fn show_invitation(&self, open: &OpenInvitation, out: &mut VecDeque<Output>) {
        let secret = open.secret();
        let id = InvitationId(secret.id().0);
        let invitation = Invitation::new(self.kind, open.expires, secret, self.own.at.clone());
        out.push_back(Output::Event(RoomEvent::InvitationReady { id, invitation, terms: open.terms }));
    }

    pub fn revoke(&mut self, id: InvitationId, out: &mut VecDeque<Output>) {
        let before = self.invitations.len();
        self.invitations.retain(|open| open.secret().id().0 != id.0);
        if self.invitations.len() < before {
            self.keep(Keep::ForgetInvitation(id.0));
            out.push_back(Output::Event(RoomEvent::InvitationOver { id }));
        }
    }

    /// One who was removed may still hold an invitation for many: none of ours lets them in again.
    pub fn revoke_for_many(&mut self, out: &mut VecDeque<Output>) {
        let many: Vec<_> = self
            .invitations
            .iter()
            .filter(|open| open.terms.many)
            .map(|open| InvitationId(open.secret().id().0))
            .collect();
        for id in many {
            self.revoke(id, out);
        }
    }

    /// Somebody shows an invitation of ours.
    #[expect(clippy::too_many_arguments, reason = "the fields of one message")]
    pub fn at_the_door(
        &mut self,
        now: Instant,
        link: LinkId,
        invitation: [u8; 16],
        tag: [u8; 32],
        post_quantum: bool,
        key_package: Vec<u8>,
        out: &mut VecDeque<Output>,
    ) {
        let shown = |open: &&OpenInvitation| {
            let secret = open.secret();
            secret.id().0 == invitation && secret.verify_tag(&key_package, &tag)
        };
        let Some(open) = self.invitations.iter().find(shown).cloned() else {
            return self.refuse(link, Refusal::Invalid, out);
        };
        if open.is_over(self.own.clock.unix_ms(now)) {
            self.revoke(InvitationId(invitation), out);
            return self.refuse(link, Refusal::Expired, out);
        }
        // The link proves who stands at the door; nobody is let in for another.
        let endpoint = self.strangers.get(&link).map(|s| s.endpoint);
        let suite = suite(post_quantum);
        let asks_already = self.asked.iter().any(|a| a.link == link) || self.knocks.iter().any(|k| k.link == link);
        let is_served = self.strangers.get(&link).is_some_and(|stranger| stranger.served);
        // Two members at one endpoint could not be told apart.
        let is_taken = self.participants.values().any(|p| Some(p.at.endpoint) == endpoint);
        if asks_already || is_served || is_taken {
            // Before the key package is looked at, which takes a thousand times as long.
            return self.refuse(link, Refusal::Invalid, out);
        }
        let card = check_key_package(&key_package, suite).ok().filter(|card| Some(card.endpoint) == endpoint);
        let Some(card) = card else {
            return self.refuse(link, Refusal::Invalid, out);
        };
        if self.kind == RoomKind::Contact {
            if open.terms.many {
                // One for each who comes: they need no second.
                let first = self.strangers.get_mut(&link).is_some_and(|s| !std::mem::replace(&mut s.served, true));
                if first {
                    out.push_back(Output::Dispense { link });
                }
                return;
            }
            // Whoever came with it first and never said a word had no luck with the network, or is not who it is for.
            if self.agreement.group().members().len() > 1 {
                return self.refuse(link, Refusal::Full, out);
            }
        }
        match (self.suite(), suite) {
            (Suite::Classical, Suite::PostQuantum) => {
                let first = self.strangers.get_mut(&link).is_some_and(|s| !std::mem::replace(&mut s.told_suite, true));
                return if first {
                    send(out, link, &LinkMessage::Classical)
                } else {
                    self.refuse(link, Refusal::Invalid, out)
                };
            }
            (Suite::PostQuantum, Suite::Classical) if !self.may_begin_anew() => {
                return self.refuse(link, Refusal::Suite, out);
            }
            _ => {}
        }
        if open.terms.waiting_room && self.kind != RoomKind::Contact {
            return self.knocked(now, link, invitation, card.name, (suite, key_package), out);
        }
        self.let_in(now, link, &open, (suite, key_package), out);
    }

    fn knocked(
        &mut self,
        now: Instant,
        link: LinkId,
        invitation: [u8; 16],
        name: String,
        (suite, key_package): (Suite, Vec<u8>),
        out: &mut VecDeque<Output>,
    ) {
        if self.knocks.len() >= MAX_KNOCKS && !self.make_way(now, invitation, out) {
            return self.refuse(link, Refusal::Full, out);
        }
        self.next_knock += 1;
        let id = KnockId(self.next_knock);
        if let Some(stranger) = self.strangers.get_mut(&link) {
            stranger.patience = KNOCKING;
        }
        self.knocks.push(Knock { id, link, invitation, suite, key_package, since: now });
        // They may stay for longer than strangers do.
        out.push_back(Output::LetWait { link });
        send(out, link, &LinkMessage::Wait);
        out.push_back(Output::Event(RoomEvent::Knock { knock: id, name }));
    }

    /// Of a full waiting room, one leaves for somebody who shows this invitation: of those with the invitation by which most
    /// are there, the last, if this one is another; else the first, if they have waited for long.
    fn make_way(&mut self, now: Instant, invitation: [u8; 16], out: &mut VecDeque<Output>) -> bool {
        let by = |of: [u8; 16]| self.knocks.iter().filter(|knock| knock.invitation == of).count();
        let Some(most) = self.knocks.iter().map(|knock| knock.invitation).max_by_key(|of| by(*of)) else {
            return true;
        };
        let leaves = if by(invitation) < by(most) {
            self.knocks.iter().rfind(|knock| knock.invitation == most)
        } else {
            self.knocks.iter().find(|knock| knock.invitation == most && now >= knock.since + GIVES_WAY)
        };
        let Some(link) = leaves.map(|knock| knock.link) else {
            return false;
        };
        self.knock_over(link, out);
        self.refuse(link, Refusal::Full, out);
        true
    }

    pub fn answer_knock(&mut self, now: Instant, id: KnockId, admit: bool, out: &mut VecDeque<Output>) {
        let Some(at) = self.knocks.iter().position(|k| k.id == id) else {
            return;
        };
        let knock = self.knocks.remove(at);
        out.push_back(Output::Event(RoomEvent::KnockOver { knock: id }));
        let open = self.invitations.iter().find(|open| open.secret().id().0 == knock.invitation).cloned();
        match open.filter(|_| admit) {
            Some(open) => self.let_in(now, knock.link, &open, (knock.suite, knock.key_package), out),
            None => self.refuse(knock.link, Refusal::Invalid, out),
        }
    }

    /// Their link is gone.
    pub fn knock_over(&mut self, link: LinkId, out: &mut VecDeque<Output>) {
        self.knocks.retain(|knock| {
            if knock.link == link {
                out.push_back(Output::Event(RoomEvent::KnockOver { knock: knock.id }));
            }
            knock.link != link
        });
    }

    fn let_in(
        &mut self,
        now: Instant,
        link: LinkId,
        open: &OpenInvitation,
        (suite, key_package): (Suite, Vec<u8>),
        out: &mut VecDeque<Output>,
    ) {
        if suite == Suite::Classical && self.suite() == Suite::PostQuantum && !self.begin_anew(out) {
            return self.refuse(link, Refusal::Suite, out);
        }
        if !open.terms.many {
            // Used up with the very first who asks, so that two at once do not both get in.
            self.revoke(InvitationId(open.secret().id().0), out);
        }
        self.ask_admission(now, link, key_package, &open.secret(), out);
    }

    /// The last invitation may be used up before whoever took it up is a member.
    pub fn is_alone(&self) -> bool {
        let expected = self.asked.is_empty() && self.knocks.is_empty() && self.invitations.is_empty();
        expected && self.participants.is_empty()
    }

    fn suite(&self) -> Suite {
        self.agreement.group().suite()
    }

    /// Nobody else was ever a member, and nobody is about to be: another group is as good as this one.
    fn may_begin_anew(&self) -> bool {
        let group = self.agreement.group();
        group.epoch() == 0 && group.members().len() == 1 && self.asked.is_empty()
    }

    /// The same room with classical keys, for one whose program has no others. False where it is too late for that.
    fn begin_anew(&mut self, out: &mut VecDeque<Output>) -> bool {
        if !self.may_begin_anew() {
            return false;
        }
        let Ok(group) = Group::create(self.own.card(), Suite::Classical) else {
            return false;
        };
        self.keys = Keys::new(&group, self.own.run);
        self.agreement = Agreement::new(group, self.own.card(), most_members(self.kind));
        self.trust.forget_code();
        self.renew = false;
        self.keep_details();
        let group = self.agreement.group();
        let (me, epoch) = (group.my_id(), group.epoch());
        out.push_back(Output::Event(RoomEvent::Suite { me, epoch, post_quantum: false }));
        // What they brought fits no more, and they stay at the door.
        let (other, knocks): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.knocks).into_iter().partition(|k| k.suite != Suite::Classical);
        self.knocks = knocks;
        for Knock { id, link, .. } in other {
            if let Some(stranger) = self.strangers.get_mut(&link) {
                stranger.told_suite = true;
            }
            out.push_back(Output::Event(RoomEvent::KnockOver { knock: id }));
            send(out, link, &LinkMessage::Classical);
        }
        true
    }

    pub fn look_after_door(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let unix_ms = self.own.clock.unix_ms(now);
        let over: Vec<_> = self
            .invitations
            .iter()
            .filter(|open| open.is_over(unix_ms))
            .map(|open| InvitationId(open.secret().id().0))
            .collect();
        for id in over {
            self.revoke(id, out);
        }
        let tired: Vec<_> = self.knocks.iter().filter(|k| now >= k.since + KNOCKING).map(|k| k.id).collect();
        for id in tired {
            self.answer_knock(now, id, false, out);
        }
    }

    pub fn refuse(&mut self, link: LinkId, refusal: Refusal, out: &mut VecDeque<Output>) {
        send(out, link, &LinkMessage::Refused(refusal));
        self.strangers.remove(&link);
        out.push_back(Output::Close { link });
    }
}
