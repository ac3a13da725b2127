//! Links whose other end is no member, or not known to be one.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::time::{Duration, Instant};

use group_crypto::MemberId;

use super::{Around, Links, Output};
use crate::{
    api::Route,
    invitation::Invitation,
    room::{
        budget::Cost,
        guest::{Guest, Shown},
        link::LinkId,
        own::suite,
        wire::{Hello, LinkMessage, MAX_MESSAGE, MAX_OF_STRANGER, Refusal},
    },
};

/// Strangers at the door at once; beyond it a new one is turned away.
const MAX_STRANGERS: usize = 64;
/// A stranger who does not become a member by then is closed.
const STRANGER_PATIENCE: Duration = Duration::from_secs(15);
/// Messages a stranger may send that lead to nothing; of them no more than a Hello is kept.
const STRANGER_MESSAGES: usize = 16;

/// A link whose other end has not said Hello (yet).
pub(super) struct Stranger {
    pub endpoint: [u8; 32],
    pub since: Instant,
    pub patience: Duration,
    pub is_dialled: bool,
    /// The member whom we meant by dialling, and said Hello to.
    pub meant: Option<MemberId>,
    pub route: Option<Route>,
    /// The last Hello that made no member of them, and in whose name it is: their admission may reach us yet.
    pub hello: Option<(MemberId, Vec<u8>)>,
    /// Messages that led to nothing.
    idle: usize,
    /// Bytes of all that they said.
    heard: usize,
    /// They have been given an invitation of their own.
    is_served: bool,
    /// They have been told that the keys here are classical.
    told_suite: bool,
}

impl Stranger {
    pub fn new(now: Instant, endpoint: [u8; 32], is_dialled: bool, meant: Option<MemberId>) -> Self {
        Self {
            endpoint,
            since: now,
            patience: STRANGER_PATIENCE,
            is_dialled,
            meant,
            route: None,
            hello: None,
            idle: 0,
            heard: 0,
            is_served: false,
            told_suite: false,
        }
    }

    /// Whether they may say so much more. We dial only whom we know, and members have longer things to say.
    pub fn may_say(&mut self, length: usize) -> bool {
        self.heard = self.heard.saturating_add(length);
        let longest = if self.is_dialled { MAX_MESSAGE } else { MAX_OF_STRANGER };
        length <= longest && self.heard <= MAX_MESSAGE
    }
}

impl Links {
    /// The stranger who has stood there longest, and neither knocks nor is asked for, gives way. False where nobody does.
    pub(super) fn make_room(&mut self, around: Around<'_>) -> bool {
        if self.strangers.len() < MAX_STRANGERS {
            return true;
        }
        let waits = |link| (around.has_knocked)(link) || around.directory.is_asked(link);
        let idle = self.strangers.iter().filter(|(link, s)| !s.is_dialled && !waits(**link));
        let Some(oldest) = idle.min_by_key(|(_, s)| s.since).map(|(link, _)| *link) else {
            return false;
        };
        self.turn_away(oldest);
        true
    }

    fn turn_away(&mut self, link: LinkId) {
        self.strangers.remove(&link);
        self.close(link);
    }

    /// A stranger gets nothing but this answer.
    pub fn refuse(&mut self, link: LinkId, why: Refusal) {
        self.send(link, &LinkMessage::Refused(why));
        self.turn_away(link);
    }

    /// The bearer of an invitation for many contacts gets one of their own.
    pub fn dispense(&mut self, link: LinkId, invitation: &Invitation) {
        self.send(link, &LinkMessage::Instead(invitation.to_string().into()));
        self.turn_away(link);
    }

    /// The keys here are classical: the stranger is to ask again with such keys.
    pub fn ask_for_classical(&mut self, link: LinkId) {
        if let Some(stranger) = self.strangers.get_mut(&link) {
            stranger.told_suite = true;
        }
        self.send(link, &LinkMessage::Classical);
    }

    /// The stranger waits for somebody to let them in, at most for so long.
    pub fn let_wait(&mut self, link: LinkId, patience: Duration) {
        if let Some(stranger) = self.strangers.get_mut(&link) {
            stranger.patience = patience;
        }
        self.send(link, &LinkMessage::Wait);
    }

    /// The stranger is about to get an invitation of their own. False where they are gone.
    pub fn serve(&mut self, link: LinkId) -> bool {
        let stranger = self.strangers.get_mut(&link);
        stranger.map(|stranger| stranger.is_served = true).is_some()
    }

    /// Where the stranger on a link is.
    pub fn endpoint_of(&self, link: LinkId) -> Option<[u8; 32]> {
        self.strangers.get(&link).map(|stranger| stranger.endpoint)
    }

    pub(super) fn stranger_said(&mut self, around: Around<'_>, link: LinkId, message: LinkMessage, bytes: Vec<u8>) {
        let Some(stranger) = self.strangers.get(&link) else {
            return;
        };
        let (endpoint, is_dialled) = (stranger.endpoint, stranger.is_dialled);
        let meant = stranger.meant.or_else(|| self.member_behind(around, link, &endpoint).filter(|_| is_dialled));
        match (message, meant) {
            // Only where we dialled it is known who they are.
            (LinkMessage::Removed { commits }, Some(member)) => {
                if self.charge(around, member, Cost::Unreadable) {
                    self.out.push_back(Output::SaysRemoved { by: member, commits: commits.into() });
                }
                // Nothing follows it, and to look at more of them would cost whatever they like.
                self.lose_link(around, link);
            }
            (LinkMessage::Join { invitation, tag, post_quantum, key_package }, _) => {
                let shown = Shown { invitation, tag, suite: suite(post_quantum), key_package };
                self.on_join(around, link, shown);
            }
            (LinkMessage::Hello(hello), _) => self.stranger_greeted(around, link, &endpoint, (hello, bytes)),
            // A stranger has nothing else to say, and what a later version says is skipped.
            _ => self.note_idle(link),
        }
    }

    fn on_join(&mut self, around: Around<'_>, link: LinkId, shown: Shown) {
        let Some(stranger) = self.strangers.get(&link) else {
            return;
        };
        let guest = Guest {
            link,
            endpoint: Some(stranger.endpoint),
            is_asked: around.directory.is_asked(link),
            is_served: stranger.is_served,
            told_suite: stranger.told_suite,
            is_taken: self.parties.values().any(|party| party.reach.at.endpoint == stranger.endpoint),
        };
        self.out.push_back(Output::Join(guest, shown));
    }

    fn stranger_greeted(
        &mut self,
        around: Around<'_>,
        link: LinkId,
        endpoint: &[u8; 32],
        (hello, bytes): (Hello, Vec<u8>),
    ) {
        if let Some(member) = self.check_hello(around, link, endpoint, &hello) {
            if !self.parties.contains_key(&member) {
                self.begin_lost(around.now, member);
                self.out.push_back(Output::CameBack(member));
            }
            self.attach(around, member, link, hello);
        } else if around.directory.is_out(MemberId(hello.member)) {
            // They were away when it happened. One who only names them gets no proof of it.
            let is_theirs = Self::is_of_removed(around, endpoint, &hello);
            let proof = if is_theirs { around.directory.removal_proof() } else { Vec::new() };
            self.send(link, &LinkMessage::Removed { commits: proof.into_iter().collect() });
            self.turn_away(link);
        } else {
            // They may be a member whose admission has not reached us yet.
            if let Some(stranger) = self.strangers.get_mut(&link) {
                stranger.hello = Some((MemberId(hello.member), bytes));
            }
            self.note_idle(link);
        }
    }

    /// A stranger said something that leads to nothing yet.
    fn note_idle(&mut self, link: LinkId) {
        let Some(stranger) = self.strangers.get_mut(&link) else {
            return;
        };
        stranger.idle = stranger.idle.saturating_add(1);
        if stranger.idle > STRANGER_MESSAGES {
            self.turn_away(link);
        }
    }
}
