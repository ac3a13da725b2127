//! Agreeing on one history of the room without a server that orders it.
//!
//! MLS leaves it to a delivery service which of two commits counts. Here members order themselves:
//!
//! - **The line.** Who wants the room changed proposes it to all. The members who are present stand in a line, by leaf
//!   index; the first is the *sequencer* and commits what was proposed, many changes at once. What it leaves undone for
//!   [`TAKEOVER`] the second does, then the third: a sequencer that is gone, cut off or unwilling delays a change and no
//!   more.
//! - **Branches.** Where two commit in one epoch nevertheless, or two parts of the room were apart, there are two branches
//!   of its history. Everybody says where they stand; who learns of a branch of higher rank goes over to it (see
//!   [`Standing`]). If the branches part one commit ago, the other commit is processed in place of one's own ([`Group::process_rival`]). Else the higher branch readmits whoever asks: a new leaf
//!   under the old signature key, all who ask at once in one commit. Nobody leaves their branch before they are let into
//!   the other, so that nobody is without keys meanwhile.
//! - **Removals beat everything.** Who was removed is kept in mind by everyone who was told. No commit and no Welcome that
//!   would bring them back is followed; who goes over to another branch takes the removals along, and waits until they
//!   are made there.
//! - **Lost** members, taken out because nobody reached them, may come back in the same way.
//!
//! A state machine without IO or clock: time and messages come in as arguments, [`Action`]s come out of
//! [`poll`](Agreement::poll). Only the keys' randomness is the cryptographic library's own. After every call: save what
//! [`take_save`](Agreement::take_save) gives, then carry out what `poll` gives.

mod follow;
mod heal;
#[cfg(test)]
mod hostile;
mod line;
mod message;
mod saved;
mod welcome;
mod wish;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use crate::redact::redacted_debug;
use crate::{
    Card, EpochChange, EpochId, EpochKeys, Group, InvitationId, InvitationSecret, MAX_MEMBERS, MAX_PLAINTEXT_BYTES,
    Member, MemberId, MemberIndex, ProtectError, Standing,
};
use heal::{Peer, Rejoin, Rejoiners};
use message::{Inner, Message, Sealed, Stand, encode};
pub use saved::{History, RestoreError};
use wish::Wish;

/// A proposal waits this long for others to go with it.
pub const GATHER: Duration = Duration::from_millis(20);
/// What the sequencer leaves undone for so long, the next in the line does.
pub const TAKEOVER: Duration = Duration::from_millis(700);
/// Between two commits of one member, but for removals.
pub const SPACING: Duration = Duration::from_millis(50);
/// Between an epoch's beginning and a renewal of its keys that somebody asks for.
pub const RENEWAL: Duration = Duration::from_secs(1);
/// Messages sealed in one epoch before its keys are renewed: readers follow at most [`MAX_SKIPPED_GENERATIONS`](crate::MAX_SKIPPED_GENERATIONS) that they
/// never saw.
pub const WORN: u32 = 600;
/// The state of the epoch before is kept for so long, for a rival of the commit that ended it.
pub const OVERLAP: Duration = Duration::from_secs(3);
/// What brought no answer is said again.
pub const RETRY: Duration = Duration::from_millis(500);
/// What was read is written down within this time: nobody is told anything that rests on it, and if it comes again after a
/// crash it is taken in again. Before anything is sealed or committed, all is.
pub const SAVE_WITHIN: Duration = Duration::from_secs(2);
/// The commits kept for others are written down within this time, and at once where one removes somebody. A member that misses
/// one that a crash took is readmitted.
pub const SAVE_HISTORY_WITHIN: Duration = Duration::from_secs(20);
/// Commits kept for members that missed them. One that missed more is readmitted.
pub const HISTORY: usize = 64;
/// Bytes of these commits; beyond it the oldest are forgotten sooner. All of them are written down at once.
pub const MAX_HISTORY_BYTES: usize = 2 * 1024 * 1024;
/// Bytes of those that are shown to one who was removed while away.
const MAX_PROOF_BYTES: usize = 128 * 1024;
/// Members that were removed for good are kept in mind; beyond it the oldest is forgotten.
pub const MAX_REMOVED: usize = 1024;
/// Messages of one member that wait for an epoch, and their bytes; what goes beyond is dropped.
pub const MAX_PARKED: usize = 32;
pub const MAX_PARKED_BYTES: usize = 1024 * 1024;
/// Those of one member that brought nothing when their epoch came; what that member has waiting beyond it is dropped.
const MAX_FAILED_REPLAYS: u32 = 8;
/// Proposals of this member that wait for a commit, beside removals; one more is refused. Of all together twice as many.
pub const MAX_WISHES: usize = 64;
/// Members known by their keys, those who are lost included; beyond it a lost one is forgotten.
const MAX_KNOWN: usize = 2 * MAX_MEMBERS;
/// Secrets of invitations that others' admissions used.
const MAX_SECRETS: usize = 16;

/// What the application asked to be told about later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// The keys between this member and another, from what both have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum KeyState {
    /// Both stand at the same epoch of the same branch.
    Current,
    /// They have not followed yet.
    Behind,
    /// They are ahead, or have not said where they stand.
    #[default]
    Missing,
    /// The two are on different branches of the room's history.
    Forked,
}

/// Why nobody was admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AdmitError {
    #[error("the key package is not valid here")]
    Invalid,
    #[error("the room is full")]
    Full,
    #[error("too many admissions are under way")]
    Busy,
    #[error("nobody made the commit in time")]
    TimedOut,
}

/// What is to be done, in this order.
pub enum Action {
    /// Over the link with this member, which was said to be up.
    Send { to: MemberId, bytes: Vec<u8> },
    /// The application's message of a member.
    Message { from: MemberId, plaintext: Vec<u8> },
    /// Another epoch is the current one, or was for a moment: several may follow each other at once.
    Epoch(NextEpoch),
    /// Somebody is to be removed: nothing more may go to them from now on, whoever commits to it and when. `parted`: they
    /// said goodbye. It comes again without that where somebody wants them out as well.
    Out { member: MemberId, parted: bool },
    /// The answer to [`Agreement::admit`]: the Welcome.
    Admitted { ticket: Ticket, welcome: Result<Vec<u8>, AdmitError> },
    /// The keys with this member are current again after they were not. What they said meanwhile may have been lost.
    Reunited(MemberId),
    /// The others have taken this member out as lost, and given up what they had with it. It is about to come back.
    Dropped,
    /// Others say that this member was removed, and nobody has proven it: true once all who are here say so, false once
    /// somebody who shares our epoch does not. Nobody's word takes anything from this member, so it is only to be shown.
    CalledOut(bool),
    /// This member was removed: by a commit, which is the proof.
    Removed,
}

redacted_debug!(Action, NextEpoch);

/// An epoch that this member entered: what its media needs of it.
pub struct NextEpoch {
    pub change: EpochChange,
    pub keys: EpochKeys,
    /// This member's index in it.
    pub me: MemberIndex,
    pub members: Vec<Member>,
    /// It is of another branch than the one before.
    pub went_over: bool,
}

/// One member's view of the room and its history. See the [module's documentation](self).
pub struct Agreement {
    group: Group,
    card: Card,
    /// The most members the room may have.
    limit: usize,
    /// The epochs of our branch that we know, oldest first; the last is the current one. At most [`HISTORY`] + 1.
    chain: VecDeque<Standing>,
    /// Epochs of branches that we left, oldest first: at most [`HISTORY`]. Nobody goes back to one, as its keys have met
    /// counters.
    left: VecDeque<EpochId>,
    /// The commits between them, by the epoch they end: at most [`HISTORY`] and [`MAX_HISTORY_BYTES`].
    history: VecDeque<(u64, Vec<u8>)>,
    /// Who was removed for good, oldest first: at most [`MAX_REMOVED`].
    out: VecDeque<MemberId>,
    /// Those of them who said goodbye, and what they signed.
    parted: BTreeMap<MemberId, Vec<u8>>,
    /// Who was removed by one of the commits whose former epoch can still be read, and which epoch it began.
    gone: Vec<(MemberId, u64)>,
    /// The signature keys of all members, and of the lost.
    known: BTreeMap<MemberId, Vec<u8>>,
    /// With whom there is a link.
    peers: BTreeMap<MemberId, Peer>,
    wishes: Vec<Wish>,
    /// Members who came since this run began, and have never had a link with us.
    unmet: BTreeSet<MemberId>,
    /// Whom we let in and have not seen since, and until when they may come: at most [`MAX_WISHES`].
    awaited: Vec<(MemberId, Option<Instant>)>,
    next_ticket: u64,
    rejoin: Option<Rejoin>,
    rejoiners: Rejoiners,
    /// Of how many the next commit was asked for without waiting long.
    prompt_asks: u32,
    /// Commits are held back until then, as it seems that our branch is about to be left.
    held_until: Option<Instant>,
    /// When they may be held back again.
    hold_again: Option<Instant>,
    parked: VecDeque<(MemberId, Vec<u8>)>,
    /// Those that waited for the epoch that has come, to be taken in one after the other.
    replayed: VecDeque<(MemberId, Vec<u8>)>,
    /// Secrets of invitations that others told, oldest first.
    secrets: VecDeque<InvitationId>,
    /// Until when a rival commit is taken.
    rival_until: Option<Instant>,
    committed_at: Option<Instant>,
    entered_at: Option<Instant>,
    /// Whom we asked for a readmission how often, and until when that counts.
    tried: BTreeMap<MemberId, (u32, Instant)>,
    /// Members who say that we were removed, of whom there is no link; and whether that was told.
    refused_by: BTreeSet<MemberId>,
    called_out: bool,
    serial: u64,
    actions: VecDeque<Action>,
    /// It is to be written down before anything more is done.
    unsaved: bool,
    unsaved_history: bool,
    /// When what may wait is to be written down, and the commits that do.
    save_at: Option<Instant>,
    save_history_at: Option<Instant>,
    over: bool,
}

redacted_debug!(Agreement);

impl Agreement {
    /// Of one who founded the room or was let in. `limit`: the most members the room may have.
    pub fn new(group: Group, card: Card, limit: usize) -> Self {
        let mut agreement = Self {
            card,
            limit: limit.min(MAX_MEMBERS),
            chain: VecDeque::new(),
            left: VecDeque::new(),
            history: VecDeque::new(),
            out: VecDeque::new(),
            parted: BTreeMap::new(),
            gone: Vec::new(),
            known: BTreeMap::new(),
            peers: BTreeMap::new(),
            wishes: Vec::new(),
            unmet: BTreeSet::new(),
            awaited: Vec::new(),
            next_ticket: 0,
            rejoin: None,
            rejoiners: Rejoiners::default(),
            prompt_asks: 0,
            held_until: None,
            hold_again: None,
            parked: VecDeque::new(),
            replayed: VecDeque::new(),
            secrets: VecDeque::new(),
            rival_until: None,
            committed_at: None,
            entered_at: None,
            tried: BTreeMap::new(),
            refused_by: BTreeSet::new(),
            called_out: false,
            serial: 0,
            actions: VecDeque::new(),
            unsaved: true,
            unsaved_history: false,
            save_at: None,
            save_history_at: None,
            over: false,
            group,
        };
        agreement.chain.push_back(agreement.group.standing());
        agreement.know_members();
        agreement
    }

    /// The room as it stands. Only the agreement changes it.
    pub fn group(&self) -> &Group {
        &self.group
    }

    /// Where this member is now: what a readmission tells the others.
    pub fn set_card(&mut self, card: Card) {
        self.card = card;
    }

    /// A link with this member is up: they have proven who they are. Unknown and removed members are ignored, and so is
    /// who has a link already; for them it is a new one, and what was said on the old one may be lost.
    pub fn linked(&mut self, now: Instant, member: MemberId) {
        if member == self.group.my_id() || !self.known.contains_key(&member) || self.is_out(member) {
            return;
        }
        self.wishes.retain(|wish| !wish.is_loss_of(member));
        self.unmet.remove(&member);
        let awaited = self.awaited.len();
        self.awaited.retain(|(id, _)| *id != member);
        // A restart must not wait for them again, and drop them when they are only away.
        self.unsaved |= self.awaited.len() < awaited;
        self.peers.insert(member, Peer::new(now));
        self.refused_by.remove(&member);
        self.tell_stand(member);
        self.insist_on_removals(now);
        self.tell_wishes_to(now, member);
    }

    /// The link with this member is gone.
    pub fn unlinked(&mut self, now: Instant, member: MemberId) {
        self.peers.remove(&member);
        self.parked.retain(|(from, _)| *from != member);
        if self.rejoin.as_ref().is_some_and(|rejoin| rejoin.via == member) {
            self.rejoin = None;
        }
        self.handle_timeout(now);
    }

    /// A member with whom there is no link refuses one, as this member was removed. So they say; `commits` may prove it, as
    /// [`removal_proof`](Self::removal_proof) gives them.
    pub fn refused(&mut self, now: Instant, by: MemberId, commits: &[Vec<u8>]) {
        if !self.known.contains_key(&by) || self.over || self.is_out(by) {
            return;
        }
        self.follow_to_removal(now, commits);
        if !self.over {
            self.refused_by.insert(by);
            self.judge_called_out();
        }
        self.handle_timeout(now);
    }

    /// The latest commits, of which one may have removed somebody who was away, for them to see.
    pub fn removal_proof(&self) -> Vec<Vec<u8>> {
        let mut left = MAX_PROOF_BYTES;
        let fits = |bytes: &&Vec<u8>| {
            let fits = bytes.len() <= left;
            left = left.saturating_sub(bytes.len());
            fits
        };
        let mut commits: Vec<_> = self.history.iter().rev().map(|(_, bytes)| bytes).take_while(fits).cloned().collect();
        commits.reverse();
        commits
    }

    /// The room is over for this member, as was proven before a restart.
    pub fn retire(&mut self) {
        self.over = true;
    }

    /// Takes in what came over the link with a member. Whatever it is, it harms nobody else. False where keys were tried on
    /// it in vain, or nobody waits for it: what such messages cost is for the caller to limit.
    pub fn handle(&mut self, now: Instant, from: MemberId, bytes: &[u8]) -> bool {
        let is_readable = self.take_in(now, from, bytes);
        self.handle_timeout(now);
        is_readable
    }

    /// Takes in what a member passed on for another one. Only what is sealed for the group tells who wrote it: anything else
    /// would count as the word of the member who passes it on, and is dropped. False as for [`handle`](Self::handle).
    pub fn handle_passed_on(&mut self, now: Instant, by: MemberId, bytes: &[u8]) -> bool {
        matches!(message::decode(bytes), Some(Message::Sealed(_))) && self.handle(now, by, bytes)
    }

    fn take_in(&mut self, now: Instant, from: MemberId, bytes: &[u8]) -> bool {
        if self.over || !self.peers.contains_key(&from) {
            return true;
        }
        match message::decode(bytes) {
            // Whatever they are about to do to the room, it is without us.
            Some(Message::Stand(_) | Message::Commit(_) | Message::Forked(_)) if self.is_out(from) => {}
            Some(Message::Stand(stand)) => self.stands(now, from, stand),
            Some(Message::Commit(bundle)) => return self.committed(now, from, &bundle, bytes),
            Some(Message::Sealed(Sealed(sealed))) => return self.sealed(now, from, &sealed, bytes),
            Some(Message::Forked(out)) => self.forked(now, from, &out),
            Some(Message::Readmit(ask)) => return self.asked_to_readmit(now, from, ask),
            Some(Message::Readmitted(answer)) => return self.readmitted(now, from, answer),
            Some(Message::Out) => self.called_out(from),
            Some(Message::Welcome(welcome)) => return self.welcome_came(from, welcome),
            None => return false,
        }
        true
    }

    /// Does what has become due. To be called at [`deadline`](Self::deadline), and harmless at any time.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.do_what_is_due(now);
        let mut failures = BTreeMap::new();
        // One after the other and not from within each other: each may bring the epoch of the next.
        while let Some((from, bytes)) = self.replayed.pop_front() {
            let failed = failures.entry(from).or_insert(0_u32);
            if *failed < MAX_FAILED_REPLAYS && !self.take_in(now, from, &bytes) {
                *failed = failed.saturating_add(1);
            }
            self.do_what_is_due(now);
        }
    }

    fn do_what_is_due(&mut self, now: Instant) {
        if self.over {
            return;
        }
        if self.rival_until.is_some_and(|until| until <= now) {
            self.rival_until = None;
            self.group.forget_former();
        }
        self.unsaved |= self.save_at.take_if(|at| *at <= now).is_some();
        self.unsaved_history |= self.save_history_at.take_if(|at| *at <= now).is_some();
        self.rejoiners.forget(now);
        self.look_after_peers(now);
        self.look_after_wishes(now);
        self.renew_if_worn(now);
        self.commit_what_is_due(now);
    }

    /// Proposals and secrets are sealed as well, and those of the caller may be for one alone.
    fn renew_if_worn(&mut self, now: Instant) {
        if self.group.generations_used() > WORN && !self.peers.is_empty() {
            self.wish_to_renew(now);
        }
    }

    /// When there is something to do next, if nothing else happens.
    pub fn deadline(&self) -> Option<Instant> {
        if self.over {
            return None;
        }
        let commits = self.next_commit_at();
        let peers = self.peers.values().filter_map(|peer| peer.again_at);
        let wishes = self.wishes.iter().map(|wish| wish.look_again);
        let awaited = self.awaited.iter().filter_map(|(_, until)| *until);
        let rejoin = self.rejoin.as_ref().map(|rejoin| rejoin.until);
        let saves = self.save_at.into_iter().chain(self.save_history_at);
        commits
            .into_iter()
            .chain(peers)
            .chain(wishes)
            .chain(awaited)
            .chain(rejoin)
            .chain(self.rival_until)
            .chain(saves)
            .min()
    }

    pub fn poll(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// Seals a message of the application for all members of the current epoch. What comes out is what their
    /// [`handle`](Self::handle) takes.
    pub fn protect(&mut self, plaintext: &[u8]) -> Result<Vec<u8>, ProtectError> {
        // Before it is copied.
        if plaintext.len() > MAX_PLAINTEXT_BYTES {
            return Err(ProtectError::TooLong);
        }
        self.protect_inner(&Inner::Text(Sealed(plaintext.to_vec())))
    }

    fn protect_inner(&mut self, inner: &Inner) -> Result<Vec<u8>, ProtectError> {
        let inner = encode(inner).ok_or(ProtectError::TooLong)?;
        self.unsaved = true;
        let sealed = self.group.protect(&inner)?;
        encode(&Message::Sealed(Sealed(sealed))).ok_or(ProtectError::TooLong)
    }

    /// Lets the bearer of an invitation in, whose key package was proven with its secret. The answer is an
    /// [`Action::Admitted`].
    pub fn admit(
        &mut self,
        now: Instant,
        key_package: Vec<u8>,
        secret: &InvitationSecret,
    ) -> Result<Ticket, AdmitError> {
        self.wish_to_admit(now, key_package, secret)
    }

    /// Removes a member for good, whoever commits to it. Nobody who is told of it sends to them any more.
    pub fn remove(&mut self, now: Instant, member: MemberId) {
        self.take_out(now, member, None);
    }

    /// Removes a member for good who said goodbye, by [their statement](Group::sign_goodbye). False where it is none.
    pub fn part(&mut self, now: Instant, member: MemberId, goodbye: Vec<u8>) -> bool {
        let is_theirs = self.is_goodbye(member, &goodbye);
        if is_theirs {
            self.take_out(now, member, Some(goodbye));
        }
        is_theirs
    }

    /// Whether it is [the statement](Group::sign_goodbye) of one who is or was lately in the group.
    pub fn is_goodbye(&self, member: MemberId, goodbye: &[u8]) -> bool {
        // The key of one who is about to be removed is not kept any more, and they are still in the group.
        let lost = self.known.get(&member).is_some_and(|key| self.group.is_goodbye(key, goodbye));
        lost || self.group.is_goodbye_of(member, goodbye)
    }

    fn take_out(&mut self, now: Instant, member: MemberId, goodbye: Option<Vec<u8>>) {
        if self.known.contains_key(&member) {
            self.wish_to_remove(now, member, goodbye);
            self.handle_timeout(now);
        }
    }

    /// This member could not be reached for long: takes them out until they come back. It is the sequencer's to do, and
    /// has no effect on others.
    pub fn lost(&mut self, now: Instant, member: MemberId) {
        self.wish_to_drop(now, member);
        self.handle_timeout(now);
    }

    /// Renews all keys.
    pub fn renew(&mut self, now: Instant) {
        self.wish_to_renew(now);
        self.handle_timeout(now);
    }

    /// Makes the secret of an invitation of this member's known to the group, so that others' commits can use it.
    pub fn learn_invitation(&mut self, secret: &InvitationSecret) {
        self.group.learn_invitation(secret);
        self.unsaved = true;
    }

    /// The state of the keys between this member and another.
    pub fn key_state(&self, member: MemberId) -> KeyState {
        self.peers.get(&member).map_or(KeyState::Missing, |peer| self.state_of(peer))
    }

    /// Whether this member was removed, or is about to be.
    pub fn is_out(&self, member: MemberId) -> bool {
        self.out.contains(&member)
    }

    /// All who were removed for good, as far as it is kept in mind, oldest first.
    pub fn removed(&self) -> impl Iterator<Item = MemberId> + '_ {
        self.out.iter().copied()
    }

    /// The first of the members who are present.
    pub fn is_sequencer(&self) -> bool {
        self.place() == 0
    }

    /// Like [`Group::verify_by_id`], and also for those who were lost.
    pub fn verify(&self, member: MemberId, label: &str, content: &[u8], signature: &[u8]) -> bool {
        let key = self.known.get(&member).filter(|_| !self.is_out(member));
        key.is_some_and(|key| self.group.verify_with_key(key, label, content, signature))
    }

    /// Known by their key: a member, or one who was lost.
    pub fn knows(&self, member: MemberId) -> bool {
        self.known.contains_key(&member) && !self.is_out(member)
    }

    fn send(&mut self, to: MemberId, message: &Message) {
        self.actions.extend(encode(message).map(|bytes| Action::Send { to, bytes }));
    }

    fn tell_stand(&mut self, to: MemberId) {
        self.say_stand(to, false);
    }

    fn say_stand(&mut self, to: MemberId, asks: bool) {
        self.serial = self.serial.saturating_add(1);
        let at = self.group.standing().into();
        self.send(to, &Message::Stand(Stand { serial: self.serial, asks, at }));
    }

    fn tell_all_where_we_stand(&mut self) {
        for member in self.peers.keys().copied().collect::<Vec<_>>() {
            self.tell_stand(member);
        }
    }

    /// Keeps the keys of all members in mind; of those who are none any more, only as many as there is room for.
    fn know_members(&mut self) {
        self.known.extend(self.group.signature_keys());
        let out = |id: &MemberId| self.out.contains(id);
        self.known.retain(|id, _| !out(id));
        while self.known.len() > MAX_KNOWN {
            let members = self.group.members();
            let is_lost = |id: &&MemberId| !members.iter().any(|member| member.id == **id);
            // One who was here counts for more than names that a member lets in and drops.
            let unmet = self.unmet.iter().filter(is_lost).find(|id| self.known.contains_key(id));
            let Some(lost) = unmet.or_else(|| self.known.keys().find(is_lost)).copied() else { break };
            self.known.remove(&lost);
        }
        self.unmet.retain(|id| self.known.contains_key(id));
    }
}
