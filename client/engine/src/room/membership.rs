//! Who is in: admitting, removing, and the one who orders changes.
//!
//! The *sequencer* is the present member with the lowest leaf index. It alone commits; the others ask it.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use group_crypto::{
    Change, Committed, EpochChange, InvitationSecret, Member, MemberId, MemberIndex, ProcessError, Received,
    check_key_package,
};

use super::{
    LinkId, MAX_MEMBERS, Output,
    inside::Inside,
    keep::Keep,
    links::tell,
    participant::Participant,
    send,
    wire::{self, LinkMessage, Refusal, RoomMessage},
};
use crate::{
    api::{LeftBecause, OverBecause, RoomEvent, RoomKind, Trouble},
    rendezvous::Whereabouts,
};

/// Without a link for this long, a member is taken out of a room that is not kept.
const LOST: Duration = Duration::from_secs(45);
/// Without a link for this long, the sequencer's office passes on.
const ABSENT: Duration = Duration::from_secs(3);
const MAX_PARKED_EACH: usize = 32;
/// A sequencer that does not answer is asked again.
const ASK_AGAIN: Duration = Duration::from_secs(2);
const HISTORY: usize = 64;
const REMEMBERED: usize = 16;

/// Something the sequencer is to do for us.
pub(super) struct Asked {
    ticket: u64,
    pub link: LinkId,
    secret: InvitationSecret,
    key_package: Vec<u8>,
    of: Option<(MemberIndex, Instant)>,
}

impl Asked {
    pub fn new(ticket: u64, link: LinkId, secret: InvitationSecret, key_package: Vec<u8>) -> Self {
        Self { ticket, link, secret, key_package, of: None }
    }
}

impl Inside {
    /// The present member with the lowest leaf index.
    fn sequencer(&self, now: Instant) -> MemberIndex {
        let absent = |since: Option<Instant>| since.is_some_and(|s| now >= s + ABSENT);
        let present = |p: &&Participant| !p.said_goodbye && !p.to_be_removed && !absent(p.linkless_since);
        let others = self.participants.values().filter(present).map(|p| p.member.index);
        let us = (!self.stepping_down).then_some(self.group.me());
        // Alone and asked to go: nobody is left to order anything.
        others.chain(us).min().unwrap_or(self.group.me())
    }

    /// Commits to one new member. The others learn the invitation's secret just ahead of the commit that uses it.
    fn admit(
        &mut self,
        key_package: &[u8],
        secret: &InvitationSecret,
        out: &mut VecDeque<Output>,
    ) -> Result<(Committed, Vec<u8>), Refusal> {
        if self.group.members().len() >= MAX_MEMBERS {
            return Err(Refusal::Full);
        }
        let card = check_key_package(key_package, self.group.suite()).map_err(|_| Refusal::Invalid)?;
        // Two members at one endpoint could not be told apart, and a contact never has a third.
        let full = self.kind == RoomKind::Contact && self.group.members().len() > 1;
        if full || self.group.members().iter().any(|m| m.card.endpoint == card.endpoint) {
            return Err(Refusal::Invalid);
        }
        self.group.learn_invitation(secret);
        self.group_changed = true;
        let epoch = self.group.epoch();
        if let Some(bytes) = self.tell_all(&RoomMessage::Invitation(*secret.as_bytes()), out) {
            self.remember(epoch, bytes);
        }
        let mut committed = self.group.commit(&[Change::Admit { key_package, secret }]).map_err(|why| {
            tracing::warn!(%why, "an admission could not be committed");
            Refusal::Invalid
        })?;
        let welcome = committed.welcome.take().ok_or(Refusal::Invalid)?;
        Ok((committed, welcome))
    }

    /// Sends a commit of ours to everyone of the former epoch, and enters the new one.
    fn publish(&mut self, now: Instant, committed: Committed, out: &mut VecDeque<Output>) {
        let bytes = wire::encode(&LinkMessage::Group(committed.commit));
        self.remember(committed.change.epoch - 1, bytes.clone());
        for p in self.participants.values_mut().filter(|p| !p.said_goodbye) {
            tell(p, &bytes, out);
        }
        self.entered_epoch(now, committed.change, out);
    }

    /// Keeps what the members of `epoch` were told, for those whom it did not reach.
    fn remember(&mut self, epoch: u64, bytes: Vec<u8>) {
        if self.history.len() == HISTORY {
            self.history.pop_front();
        }
        self.history.push_back((epoch, bytes));
        if self.kind != RoomKind::Ephemeral {
            self.keep(Keep::History(self.history.iter().cloned().collect()));
        }
    }

    /// What one who is still in `epoch` has missed. Those who know it already drop it as past.
    pub fn missed_since(&self, epoch: u64, link: LinkId, out: &mut VecDeque<Output>) {
        for (_, bytes) in self.history.iter().filter(|(e, _)| *e >= epoch) {
            out.push_back(Output::Send { link, bytes: bytes.clone() });
        }
    }

    pub fn remove(&mut self, now: Instant, id: MemberId, out: &mut VecDeque<Output>) {
        if self.by_id(id).is_none() || self.kind == RoomKind::Contact {
            return self.trouble(Trouble::NoSuchMember, out);
        }
        self.tell_all(&RoomMessage::AskRemove(id.0), out);
        self.asked_to_remove(now, id, out);
    }

    /// Nothing more goes to them from here, whoever commits to their removal and when.
    fn asked_to_remove(&mut self, now: Instant, id: MemberId, out: &mut VecDeque<Output>) {
        if id == self.group.my_id() {
            self.stepping_down = true;
        } else if let Some(p) = self.by_id(id) {
            p.to_be_removed = true;
            p.drop_media();
        }
        self.look_after_members(now, out);
    }

    /// Does what is the sequencer's to do if that is us, and else sees that the sequencer knows our wishes.
    pub fn look_after_members(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let sequencer = self.sequencer(now);
        if sequencer != self.group.me() {
            return self.ask(now, sequencer, out);
        }
        for asked in std::mem::take(&mut self.asked) {
            match self.admit(&asked.key_package, &asked.secret, out) {
                Ok((committed, welcome)) => {
                    send(out, asked.link, &LinkMessage::Admitted { welcome, title: self.title_for_others() });
                    self.publish(now, committed, out);
                }
                Err(refusal) => self.refuse(asked.link, refusal, out),
            }
        }
        let kept = self.kind != RoomKind::Ephemeral;
        // Who reaches nobody is the one who is lost: the others' commit will say so.
        let alone = self.participants.values().all(|p| p.link.is_none());
        let gone = |p: &&Participant| p.said_goodbye || p.to_be_removed || !kept && !alone && p.is_lost(now);
        let gone: Vec<_> = self.participants.values().filter(gone).map(|p| p.member.index).collect();
        if gone.is_empty() {
            return;
        }
        let changes: Vec<_> = gone.into_iter().map(Change::Remove).collect();
        self.group_changed = true;
        match self.group.commit(&changes) {
            Ok(committed) => self.publish(now, committed, out),
            Err(why) => tracing::error!(%why, "a removal could not be committed"),
        }
    }

    fn ask(&mut self, now: Instant, sequencer: MemberIndex, out: &mut VecDeque<Output>) {
        let mut questions = Vec::new();
        for asked in &mut self.asked {
            if asked.of.is_none_or(|(of, at)| of != sequencer || now >= at + ASK_AGAIN) {
                asked.of = Some((sequencer, now));
                questions.push(RoomMessage::AskAdmit {
                    ticket: asked.ticket,
                    secret: *asked.secret.as_bytes(),
                    key_package: asked.key_package.clone(),
                });
            }
        }
        for question in questions {
            self.tell_one(sequencer, &question, out);
        }
    }

    /// The sequencer's answer for the one at our door.
    pub fn welcome_came(
        &mut self,
        from: MemberIndex,
        ticket: u64,
        welcome: Result<Vec<u8>, Refusal>,
        out: &mut VecDeque<Output>,
    ) {
        let is_it = |a: &Asked| a.ticket == ticket && a.of.is_some_and(|(of, _)| of == from);
        let Some(at) = self.asked.iter().position(is_it) else {
            return;
        };
        let link = self.asked.swap_remove(at).link;
        match welcome {
            Ok(welcome) => send(out, link, &LinkMessage::Admitted { welcome, title: self.title_for_others() }),
            Err(refusal) => self.refuse(link, refusal, out),
        }
    }

    /// `by` is the member whose link brought it; who wrote it, the group itself tells.
    pub fn group_message(&mut self, now: Instant, by: MemberIndex, bytes: Vec<u8>, out: &mut VecDeque<Output>) {
        let epoch = self.group.epoch();
        self.group_changed = true;
        match self.group.process(&bytes) {
            Ok(Received::Message { sender, plaintext, .. }) => {
                let message = wire::decode(&plaintext);
                if matches!(message, Some(RoomMessage::Invitation(_))) {
                    self.remember(epoch, wire::encode(&LinkMessage::Group(bytes)));
                }
                if let Some(message) = message {
                    self.room_message(now, sender, message, out);
                }
            }
            Ok(Received::Epoch(change)) => {
                self.remember(epoch, wire::encode(&LinkMessage::Group(bytes)));
                self.entered_epoch(now, change, out);
            }
            Err(ProcessError::FutureEpoch | ProcessError::MissingInvitation) => self.park(by, bytes),
            Err(why) => tracing::debug!(%why, "a group message is dropped"),
        }
    }

    fn park(&mut self, by: MemberIndex, bytes: Vec<u8>) {
        if self.parked.iter().filter(|(from, _)| *from == by).count() >= MAX_PARKED_EACH {
            tracing::warn!("too many messages of one member wait for an epoch; one is dropped");
            return;
        }
        self.parked.push_back((by, bytes));
    }

    fn room_message(&mut self, now: Instant, sender: MemberIndex, message: RoomMessage, out: &mut VecDeque<Output>) {
        match message {
            RoomMessage::Line { sequence, at_ms, body } => self.line_came(sender, (sequence, at_ms, body), out),
            RoomMessage::Name(name) => self.renamed(sender, name, out),
            RoomMessage::Sees(sees) => self.sees(now, sender, sees, out),
            RoomMessage::Over { to, bytes } => self.over(now, sender, to, bytes, out),
            RoomMessage::Ring { video } => self.rung(now, sender, video, out),
            RoomMessage::Decline => self.declined(now, sender, out),
            RoomMessage::Whereabouts { member, endpoint, relays, addresses } => {
                let theirs = self.participants.get(&sender).is_some_and(|p| p.member.id.0 == member);
                // Of one who is here, only they themselves know better.
                if theirs || self.by_id(MemberId(member)).is_some_and(|p| p.lacks_link()) {
                    self.found(now, MemberId(member), Whereabouts { endpoint, relays, addresses }, false, out);
                }
            }
            RoomMessage::AskRenew => self.asked_to_renew(now, out),
            RoomMessage::Invitation(secret) => {
                let secret = InvitationSecret::from_bytes(secret);
                self.group.learn_invitation(&secret);
                if self.learnt.len() == REMEMBERED
                    && let Some(oldest) = self.learnt.pop_front()
                {
                    self.group.forget_invitation(oldest.id());
                }
                self.learnt.push_back(secret);
                self.retry_parked(now, out);
            }
            RoomMessage::AskAdmit { ticket, secret, key_package } => {
                self.asked_to_admit(now, sender, ticket, secret, &key_package, out);
            }
            RoomMessage::AskRemove(id) => self.asked_to_remove(now, MemberId(id), out),
        }
    }

    fn asked_to_admit(
        &mut self,
        now: Instant,
        asker: MemberIndex,
        ticket: u64,
        secret: [u8; 32],
        key_package: &[u8],
        out: &mut VecDeque<Output>,
    ) {
        // One who is not the sequencer stays silent: the asker asks again.
        if self.sequencer(now) != self.group.me() {
            return;
        }
        let admitted = self.admit(key_package, &InvitationSecret::from_bytes(secret), out);
        let (committed, welcome) = match admitted {
            Ok((committed, welcome)) => (Some(committed), Ok(welcome)),
            Err(refusal) => (None, Err(refusal)),
        };
        // The Welcome goes ahead of the commit, so that the newcomer is told "admitted" before anything else.
        if let Some(p) = self.participants.get_mut(&asker) {
            tell(p, &wire::encode(&LinkMessage::Welcome { ticket, welcome }), out);
        }
        if let Some(committed) = committed {
            self.publish(now, committed, out);
        }
    }

    /// A reader can follow only so far in one epoch: before that, keys are renewed.
    pub fn renew_if_worn(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        if !self.is_worn() && !self.renew {
            return;
        }
        let sequencer = self.sequencer(now);
        if sequencer == self.group.me() {
            self.renew(now, out);
        } else {
            self.tell_one(sequencer, &RoomMessage::AskRenew, out);
        }
    }

    fn asked_to_renew(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        if self.sequencer(now) == self.group.me() {
            self.renew(now, out);
        }
    }

    fn renew(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        self.group_changed = true;
        match self.group.commit(&[]) {
            Ok(committed) => {
                self.renewed();
                self.publish(now, committed, out);
            }
            Err(why) => tracing::error!(%why, "the keys could not be renewed"),
        }
    }

    fn renewed(&mut self) {
        if std::mem::take(&mut self.renew) {
            self.keep_details();
        }
    }

    fn entered_epoch(&mut self, now: Instant, change: EpochChange, out: &mut VecDeque<Output>) {
        if change.removed_me {
            for p in self.participants.values_mut() {
                p.drop_media();
                out.extend(p.link.map(|link| Output::Close { link }));
            }
            self.over = Some(OverBecause::Removed);
            return;
        }
        self.renewed();
        self.keys.enter_epoch(now, &self.group);
        for member in change.removed {
            self.removed(now, &member, out);
        }
        let epoch = self.group.epoch();
        for p in self.participants.values_mut() {
            p.compare_epochs(now, epoch);
            if let Some(link) = p.link {
                send(out, link, &LinkMessage::Epoch(epoch));
            }
        }
        out.push_back(Output::Event(RoomEvent::NewEpoch { epoch }));
        for member in change.added {
            self.add_participant(now, member, out);
        }
        self.retry_parked(now, out);
        self.retry_parked_frames(now, out);
    }

    fn removed(&mut self, now: Instant, member: &Member, out: &mut VecDeque<Output>) {
        let Some(mut p) = self.participants.remove(&member.index) else {
            return;
        };
        p.drop_media();
        self.keys.forget_run(p.member.id);
        out.extend(p.link.map(|link| Output::Close { link }));
        if self.departed.len() < HISTORY {
            self.departed.push(p.figures());
        }
        if self.taken_out.len() == REMEMBERED {
            self.taken_out.pop_front();
        }
        self.taken_out.push_back(p.member.id);
        self.keep(Keep::ForgetMember(p.member.id));
        self.keep_details();
        self.forwards.forget(p.member.id);
        // From a kept room nobody is taken out for being lost.
        if p.to_be_removed || self.kind != RoomKind::Ephemeral && !p.said_goodbye {
            self.revoke_for_many(out);
        }
        if !p.said_goodbye {
            let lost = !p.to_be_removed && p.linkless_since.is_some_and(|s| now >= s + ABSENT);
            let why = if lost { LeftBecause::Lost } else { LeftBecause::Removed };
            out.push_back(Output::Event(RoomEvent::Left { member: p.member.id, why }));
        }
    }

    fn retry_parked(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        for (by, bytes) in std::mem::take(&mut self.parked) {
            self.group_message(now, by, bytes, out);
        }
    }
}

impl Participant {
    fn is_lost(&self, now: Instant) -> bool {
        self.linkless_since.is_some_and(|s| now >= s + LOST)
    }
}
