//! The roster: who is in the group, who is about to be, and what the agreement on its keys wants done.
//!
//! [`Roster`] knows neither links nor the other facets. What members say of keys comes in, and what follows from it comes out
//! of [`Roster::poll`].

mod admission;
mod around;
mod closing;
mod epochs;
mod members;
mod names;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, VecDeque},
    time::Instant,
};

use group_crypto::{Action, Agreement, Group, LazySafety, Member, MemberId, NextEpoch, PassedOn};

use self::{admission::Asked, closing::Closing, members::Entry};
use super::{
    keep::Keep,
    link::LinkId,
    own::Own,
    wire::{self, Refusal, RoomMessage},
};
use crate::api::{OverBecause, ReadOnly, RoomEvent, Trouble};

pub(super) use self::around::Around;

/// From so many messages sealed in one epoch on, only proposals and commits are: a reader follows at most 1024 that they never
/// saw (mls-rs), and whoever has us answer on and on must not use them up. The agreement renews the keys well before that.
const WORN_OUT: u32 = 960;

/// What the roster wants of the rest of the room.
pub(super) enum Output {
    /// A message about keys for a member, if they have a link. `was_missed`: a commit of before, which is theirs to pay for.
    Send {
        to: MemberId,
        bytes: Vec<u8>,
        was_missed: bool,
    },
    /// A member said this inside the group.
    Said {
        from: MemberId,
        message: RoomMessage,
    },
    /// The group is in another epoch. `at_once`: frames are sealed in it from now on, as where somebody is not to hear any more.
    Epoch {
        next: NextEpoch,
        at_once: bool,
    },
    /// All that an epoch brings has been said.
    EpochEntered,
    /// There is another member. By `pair` they and we find each other; by `first_pair` until both are known to have one.
    Joined {
        member: Member,
        pair: Option<[u8; 32]>,
        first_pair: Option<[u8; 32]>,
    },
    /// A member is not in the group any more and may come back.
    Dropped(MemberId),
    /// A member is out for good.
    Left {
        member: MemberId,
        name: String,
    },
    /// Nobody waits any longer for one who was dropped.
    GivenUp(MemberId),
    /// A member said goodbye.
    Parted(MemberId),
    /// A member is to be removed: nothing more may go to them.
    Out(MemberId),
    /// Somebody was not wanted here, and may hold invitations.
    Unwanted,
    /// A member goes by this name.
    Named {
        member: MemberId,
        name: String,
    },
    /// A contact is called by the name of the member.
    Retitled,
    /// What is kept of a member has changed.
    Changed(MemberId),
    /// What is kept of the room has changed.
    Renewed,
    /// The Welcome of the one on this link, or why there is none.
    Admitted {
        link: LinkId,
        welcome: Result<Vec<u8>, Refusal>,
    },
    /// The keys with a member are current again after they were not.
    Reunited(MemberId),
    /// Media is over at all other ends.
    MediaOver,
    /// We are out for good, or there is nobody left. [`Roster::close`] is to be called.
    Closing(ReadOnly),
    Over(OverBecause),
    Keep(Keep),
    Event(RoomEvent),
    Trouble(Trouble),
}

/// Who is in the group, and who is about to be.
pub(super) struct Roster {
    agreement: Agreement,
    /// All members but ourselves, and those who were and may come back.
    members: BTreeMap<MemberId, Entry>,
    /// Whom the sequencer was asked to admit, and who waits for it at our door.
    asked: Vec<Asked>,
    /// How many messages came out of the group's protection.
    told: u64,
    /// The keys are to be renewed with the first member who comes.
    renew: bool,
    /// Since when that was asked for.
    renewing_since: Option<Instant>,
    closing: Closing,
    out: VecDeque<Output>,
}

impl Roster {
    /// `renew`: the keys may have been used elsewhere, and are renewed before anything is said.
    pub fn new(agreement: Agreement, renew: bool) -> Self {
        Self {
            agreement,
            members: BTreeMap::new(),
            asked: Vec::new(),
            told: 0,
            renew,
            renewing_since: None,
            closing: Closing::default(),
            out: VecDeque::new(),
        }
    }

    /// The room's group as it stands.
    pub fn group(&self) -> &Group {
        self.agreement.group()
    }

    pub fn me(&self) -> MemberId {
        self.group().my_id()
    }

    /// Whether the keys are to be renewed before anything is said.
    pub fn is_to_renew(&self) -> bool {
        self.renew
    }

    pub fn deadline(&self) -> Option<Instant> {
        self.agreement.deadline()
    }

    /// What is to be done next. What an output leads to comes after those that are there already.
    pub fn poll(&mut self, around: Around<'_>) -> Option<Output> {
        loop {
            if let Some(output) = self.out.pop_front() {
                return Some(output);
            }
            let Some(action) = self.agreement.poll() else {
                self.asked.retain(|asked| !asked.is_admitted());
                return None;
            };
            self.on_action(around, action);
        }
    }

    fn on_action(&mut self, around: Around<'_>, action: Action) {
        match action {
            Action::Send { to, bytes } => self.out.push_back(Output::Send { to, bytes, was_missed: false }),
            Action::Missed { to, bytes } => self.out.push_back(Output::Send { to, bytes, was_missed: true }),
            Action::Message { from, plaintext } => {
                self.told = self.told.wrapping_add(1);
                let message = wire::decode(&plaintext);
                self.out.extend(message.map(|message| Output::Said { from, message }));
            }
            Action::Epoch(next) => self.enter_epoch(around, next),
            Action::Out { member, parted } => self.on_out(member, parted),
            Action::Admitted { ticket, welcome } => self.on_admitted(ticket, welcome),
            Action::Reunited(member) => self.out.push_back(Output::Reunited(member)),
            Action::Dropped => self.out.push_back(Output::MediaOver),
            Action::CalledOut(is_called_out) => self.on_called_out(around.now, is_called_out),
            Action::Removed => self.out.push_back(Output::Closing(ReadOnly::Removed)),
        }
    }

    /// A member's message about keys, or inside the group. `by` is the member whose link brought it; who wrote what is
    /// inside, the group itself tells. False where it brought nothing.
    pub fn on_message(&mut self, now: Instant, by: MemberId, bytes: &[u8]) -> bool {
        self.agreement.handle(now, by, bytes)
    }

    /// What a member passed on for another.
    pub fn on_passed_on(&mut self, now: Instant, by: MemberId, bytes: &[u8]) -> PassedOn {
        self.agreement.handle_passed_on(now, by, bytes)
    }

    /// Messages that came out of the group's protection so far. What does not count among them is about keys.
    pub fn told(&self) -> u64 {
        self.told
    }

    /// Seals a message for the group, in the current epoch, unless that is worn out.
    pub fn seal(&mut self, message: &RoomMessage) -> Option<Vec<u8>> {
        if self.group().generations_used() > WORN_OUT {
            tracing::debug!("too much was sealed in this epoch; a message is not");
            return None;
        }
        match self.agreement.protect(&wire::encode(message)) {
            Ok(bytes) => Some(wire::encode(&wire::LinkMessage::Group(bytes))),
            Err(why) => {
                tracing::error!(%why, "a message to the room could not be sealed");
                None
            }
        }
    }

    /// A member has a link with us.
    pub fn on_linked(&mut self, now: Instant, member: MemberId) {
        self.agreement.linked(now, member);
    }

    /// A member has no link with us any more.
    pub fn on_unlinked(&mut self, now: Instant, member: MemberId) {
        self.agreement.unlinked(now, member);
    }

    /// Keys that may have been used elsewhere are renewed before anything is said.
    pub fn renew_imported(&mut self, now: Instant) {
        if self.renew {
            self.renewing_since.get_or_insert(now);
            self.agreement.renew(now);
        }
    }

    /// Keys that another copy of this disk may have used are renewed before anything is said.
    pub fn renew_keys(&mut self, now: Instant) {
        self.renew = true;
        self.out.push_back(Output::Renewed);
        self.renew_imported(now);
    }

    /// Messages that were sealed in this epoch; all of them where its keys are to be renewed first.
    pub fn sealed(&self) -> u32 {
        if self.renew { u32::MAX } else { self.group().generations_used() }
    }

    /// Our own card is another one.
    pub fn set_card(&mut self, own: &Own) {
        self.agreement.set_card(own.card());
    }

    /// A member says that we were removed, by these commits.
    pub fn on_refused(&mut self, now: Instant, by: MemberId, commits: &[Vec<u8>]) {
        self.agreement.refused(now, by, commits);
    }

    /// What two compare.
    pub fn safety(&self, member: MemberId) -> Option<LazySafety> {
        let member = self.group().members().iter().find(|known| known.id == member)?;
        self.group().safety(member.index)
    }

    /// What must be on the disk before anything more leaves; the group goes last, as it is after all of it.
    pub fn take_kept(&mut self) -> Vec<Keep> {
        let mut kept: Vec<_> = self.agreement.take_history().map(Keep::History).into_iter().collect();
        match self.agreement.take_save() {
            Some(Ok(bytes)) => kept.push(Keep::Group(bytes)),
            Some(Err(why)) => {
                tracing::error!(%why, "the keys of a room could not be written down");
                self.out.push_back(Output::Over(OverBecause::Failed));
            }
            None => {}
        }
        kept
    }

    /// All of the keys are to be written down.
    pub fn save_all(&mut self) {
        self.agreement.save_all();
    }

    #[cfg(any(test, feature = "simulation", feature = "hostile"))]
    pub fn agreement(&mut self) -> &mut Agreement {
        &mut self.agreement
    }
}
