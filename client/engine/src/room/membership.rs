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
    links::tell,
    send,
    wire::{self, LinkMessage, Refusal, RoomMessage},
};
use crate::api::{EndedBecause, Event, LeftBecause, Trouble};

/// Without a link for this long, a member is taken out of the room.
const LOST: Duration = Duration::from_secs(12);
/// Without a link for this long, the sequencer's office passes on.
const ABSENT: Duration = Duration::from_secs(3);
const MAX_PARKED: usize = 256;
const MAX_ASKED: usize = 64;

/// Something the sequencer is to do for us.
pub(super) struct Asked {
    what: Ask,
    of: Option<MemberIndex>,
}

enum Ask {
    Admit { ticket: u64, link: LinkId, secret: InvitationSecret, key_package: Vec<u8> },
    Remove(MemberIndex),
}

impl Inside {
    /// The present member with the lowest leaf index.
    fn sequencer(&self, now: Instant) -> MemberIndex {
        let absent = |since: Option<Instant>| since.is_some_and(|s| now >= s + ABSENT);
        let others = self.participants.values().filter(|p| !p.said_goodbye && !absent(p.linkless_since));
        others.map(|p| p.member.index).chain([self.group.me()]).min().expect("we are there ourselves")
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
        let secret = self.invitations.iter().find(|s| s.id().0 == invitation && s.verify_tag(&key_package, &tag));
        let Some(secret) = secret.cloned().filter(|_| post_quantum) else {
            return self.refuse(link, Refusal::Invalid, out);
        };
        if self.asked.len() >= MAX_ASKED {
            return self.refuse(link, Refusal::Full, out);
        }
        if self.sequencer(now) == self.group.me() {
            match self.admit(now, &key_package, &secret, out) {
                Ok((committed, welcome)) => {
                    send(out, link, &LinkMessage::Admitted { welcome, title: self.title.clone() });
                    self.publish(now, committed, out);
                }
                Err(refusal) => self.refuse(link, refusal, out),
            }
        } else {
            let ticket = self.next_ticket;
            self.next_ticket += 1;
            self.asked.push(Asked { what: Ask::Admit { ticket, link, secret, key_package }, of: None });
            self.look_after_members(now, out);
        }
    }

    fn refuse(&mut self, link: LinkId, refusal: Refusal, out: &mut VecDeque<Output>) {
        send(out, link, &LinkMessage::Refused(refusal));
        self.strangers.remove(&link);
        out.push_back(Output::Close { link });
    }

    /// Commits to one new member. The others learn the invitation's secret just ahead of the commit that uses it.
    fn admit(
        &mut self,
        _now: Instant,
        key_package: &[u8],
        secret: &InvitationSecret,
        out: &mut VecDeque<Output>,
    ) -> Result<(Committed, Vec<u8>), Refusal> {
        if self.group.members().len() >= MAX_MEMBERS {
            return Err(Refusal::Full);
        }
        let card = check_key_package(key_package, self.group.suite()).map_err(|_| Refusal::Invalid)?;
        // Two members at one endpoint could not be told apart.
        if self.group.members().iter().any(|m| m.card.endpoint == card.endpoint) {
            return Err(Refusal::Invalid);
        }
        self.group.learn_invitation(secret);
        self.tell_all(&RoomMessage::Invitation(*secret.as_bytes()), out);
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
        for p in self.participants.values_mut().filter(|p| !p.said_goodbye) {
            tell(p, &bytes, out);
        }
        self.entered_epoch(now, committed.change, out);
    }

    pub fn remove(&mut self, now: Instant, id: MemberId, out: &mut VecDeque<Output>) {
        let index = self.by_id(id).map(|p| p.member.index);
        let Some(index) = index else {
            return self.trouble(Trouble::NoSuchMember, out);
        };
        if self.asked.len() < MAX_ASKED {
            self.asked.push(Asked { what: Ask::Remove(index), of: None });
            self.look_after_members(now, out);
        }
    }

    /// Does what is the sequencer's to do if that is us, and else sees that the sequencer knows our wishes.
    pub fn look_after_members(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let sequencer = self.sequencer(now);
        if sequencer != self.group.me() {
            return self.ask(sequencer, out);
        }
        for asked in std::mem::take(&mut self.asked) {
            match asked.what {
                Ask::Remove(index) => self.mark_for_removal(now, index),
                Ask::Admit { link, secret, key_package, .. } => match self.admit(now, &key_package, &secret, out) {
                    Ok((committed, welcome)) => {
                        send(out, link, &LinkMessage::Admitted { welcome, title: self.title.clone() });
                        self.publish(now, committed, out);
                    }
                    Err(refusal) => self.refuse(link, refusal, out),
                },
            }
        }
        let gone: Vec<_> = self.participants.values().filter(|p| p.is_gone(now)).map(|p| p.member.index).collect();
        if gone.is_empty() {
            return;
        }
        let changes: Vec<_> = gone.into_iter().map(Change::Remove).collect();
        match self.group.commit(&changes) {
            Ok(committed) => self.publish(now, committed, out),
            Err(why) => tracing::error!(%why, "a removal could not be committed"),
        }
    }

    fn mark_for_removal(&mut self, _now: Instant, index: MemberIndex) {
        if let Some(p) = self.participants.get_mut(&index) {
            p.to_be_removed = true;
            p.drop_media();
        }
    }

    fn ask(&mut self, sequencer: MemberIndex, out: &mut VecDeque<Output>) {
        let mut questions = Vec::new();
        for asked in self.asked.iter_mut().filter(|a| a.of != Some(sequencer)) {
            asked.of = Some(sequencer);
            questions.push(match &asked.what {
                Ask::Admit { ticket, secret, key_package, .. } => RoomMessage::AskAdmit {
                    ticket: *ticket,
                    secret: *secret.as_bytes(),
                    key_package: key_package.clone(),
                },
                Ask::Remove(index) => RoomMessage::AskRemove(index.0),
            });
        }
        for question in questions {
            self.tell_one(sequencer, &question, out);
        }
    }

    /// The sequencer's answer for the one at our door.
    pub fn welcome_came(&mut self, ticket: u64, welcome: Result<Vec<u8>, Refusal>, out: &mut VecDeque<Output>) {
        let is_it = |a: &Asked| matches!(a.what, Ask::Admit { ticket: t, .. } if t == ticket);
        let Some(at) = self.asked.iter().position(is_it) else {
            return;
        };
        if let Ask::Admit { link, .. } = self.asked.swap_remove(at).what {
            match welcome {
                Ok(welcome) => send(out, link, &LinkMessage::Admitted { welcome, title: self.title.clone() }),
                Err(refusal) => self.refuse(link, refusal, out),
            }
        }
    }

    pub fn group_message(&mut self, now: Instant, bytes: Vec<u8>, out: &mut VecDeque<Output>) {
        match self.group.process(&bytes) {
            Ok(Received::Message { sender, plaintext }) => self.room_message(now, sender, &plaintext, out),
            Ok(Received::Epoch(change)) => self.entered_epoch(now, change, out),
            Err(ProcessError::FutureEpoch | ProcessError::MissingInvitation) => {
                if self.parked.len() == MAX_PARKED {
                    self.parked.pop_front();
                    tracing::warn!("too many messages wait for an epoch; the oldest is dropped");
                }
                self.parked.push_back(bytes);
            }
            Err(why) => tracing::debug!(%why, "a group message is dropped"),
        }
    }

    fn room_message(&mut self, now: Instant, sender: MemberIndex, plaintext: &[u8], out: &mut VecDeque<Output>) {
        match wire::decode(plaintext) {
            Some(RoomMessage::Say(text)) => {
                if let (Some(p), Ok(Some(text))) = (self.participants.get(&sender), super::chat_text(&text)) {
                    let (member, name) = (p.member.id, p.member.card.name.clone());
                    out.push_back(Output::Event(Event::Said { member, name, text: text.to_owned(), mine: false }));
                }
            }
            Some(RoomMessage::Invitation(secret)) => {
                self.group.learn_invitation(&InvitationSecret::from_bytes(secret));
                self.retry_parked(now, out);
            }
            Some(RoomMessage::AskAdmit { ticket, secret, key_package }) => {
                self.asked_to_admit(now, sender, ticket, secret, &key_package, out);
            }
            // One who is not the sequencer any more need not answer: the asker asks again.
            Some(RoomMessage::AskRemove(index)) if self.sequencer(now) == self.group.me() => {
                self.mark_for_removal(now, MemberIndex(index));
                self.look_after_members(now, out);
            }
            Some(RoomMessage::AskRemove(_)) | None => {}
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
        if self.sequencer(now) != self.group.me() {
            return;
        }
        let admitted = self.admit(now, key_package, &InvitationSecret::from_bytes(secret), out);
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

    fn entered_epoch(&mut self, now: Instant, change: EpochChange, out: &mut VecDeque<Output>) {
        if change.removed_me {
            for p in self.participants.values_mut() {
                p.drop_media();
                out.extend(p.link.map(|link| Output::Close { link }));
            }
            self.over = Some(EndedBecause::Removed);
            return;
        }
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
        out.push_back(Output::Event(Event::NewEpoch { epoch }));
        for member in change.added {
            self.add_participant(now, member, out);
        }
        self.retry_parked(now, out);
        self.retry_parked_frames(now, out);
    }

    fn removed(&mut self, now: Instant, member: &Member, out: &mut VecDeque<Output>) {
        self.asked.retain(|a| !matches!(a.what, Ask::Remove(index) if index == member.index));
        let Some(mut p) = self.participants.remove(&member.index) else {
            return;
        };
        p.drop_media();
        out.extend(p.link.map(|link| Output::Close { link }));
        if !p.said_goodbye {
            let lost = !p.to_be_removed && p.linkless_since.is_some_and(|s| now >= s + ABSENT);
            let why = if lost { LeftBecause::Lost } else { LeftBecause::Removed };
            out.push_back(Output::Event(Event::Left { member: p.member.id, why }));
        }
    }

    fn retry_parked(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        for bytes in std::mem::take(&mut self.parked) {
            self.group_message(now, bytes, out);
        }
    }
}

impl super::participant::Participant {
    fn is_gone(&self, now: Instant) -> bool {
        self.said_goodbye || self.to_be_removed || self.linkless_since.is_some_and(|s| now >= s + LOST)
    }
}
