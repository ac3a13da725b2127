//! Agreeing on one history of the room without a server that orders it.
//!
//! MLS leaves it to a delivery service which of two commits counts. Here members order themselves:
//!
//! - **Turns.** A member that wants the room changed proposes it to all. The members that are present take turns, by leaf
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

mod action;
mod ask;
mod bounds;
mod follow;
mod heal;
#[cfg(test)]
mod hostile;
mod known;
mod message;
mod proposal;
mod readmit;
mod saved;
mod turn;
mod welcome;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;

use crate::redact::redacted_debug;
use crate::{Card, EpochId, Group, InvitationId, MAX_MEMBERS, MAX_PLAINTEXT_BYTES, MemberId, ProtectError, Standing};
pub use action::{Action, AdmitError, KeyState, NextEpoch, PassedOn, Ticket};
pub use bounds::*;
use heal::{Peer, Told};
use message::{Inner, Message, Sealed, encode};
use proposal::Proposal;
use readmit::{Rejoin, Rejoiners};
pub use saved::{History, RestoreError};

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
    /// Those of who was removed, to tell them apart from others who name them: at most [`MAX_REMOVED_KEYS`].
    removed_keys: BTreeMap<MemberId, Vec<u8>>,
    /// With whom there is a link.
    peers: BTreeMap<MemberId, Peer>,
    /// What was told to members without a link.
    told: BTreeMap<MemberId, Told>,
    proposals: Vec<Proposal>,
    /// Members who came since this run began, and have never had a link with us.
    unmet: BTreeSet<MemberId>,
    /// Whom we let in and have not seen since, and until when they may come: at most [`MAX_PROPOSALS`].
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
    /// Who wrote the message that was opened last.
    author: Option<MemberId>,
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
            removed_keys: BTreeMap::new(),
            peers: BTreeMap::new(),
            told: BTreeMap::new(),
            proposals: Vec::new(),
            unmet: BTreeSet::new(),
            awaited: Vec::new(),
            next_ticket: 0,
            rejoin: None,
            rejoiners: Rejoiners::default(),
            prompt_asks: 0,
            held_until: None,
            hold_again: None,
            parked: VecDeque::new(),
            author: None,
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
            Some(Message::Welcome(welcome)) => return self.on_welcome(from, welcome),
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
        self.retry_proposals(now);
        self.renew_if_worn(now);
        self.commit_what_is_due(now);
    }

    /// Proposals and secrets are sealed as well, and those of the caller may be for one alone.
    fn renew_if_worn(&mut self, now: Instant) {
        if self.group.generations_used() > WORN && !self.peers.is_empty() {
            self.propose_renewal(now);
        }
    }

    /// When there is something to do next, if nothing else happens.
    pub fn deadline(&self) -> Option<Instant> {
        if self.over {
            return None;
        }
        let commits = self.next_commit_at();
        let peers = self.peers.values().filter_map(|peer| peer.again_at);
        let proposals = self.proposals.iter().map(|proposal| proposal.look_again);
        let awaited = self.awaited.iter().filter_map(|(_, until)| *until);
        let rejoin = self.rejoin.as_ref().map(|rejoin| rejoin.until);
        let saves = self.save_at.into_iter().chain(self.save_history_at);
        commits
            .into_iter()
            .chain(peers)
            .chain(proposals)
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

    fn send(&mut self, to: MemberId, message: &Message) {
        self.actions.extend(encode(message).map(|bytes| Action::Send { to, bytes }));
    }
}
