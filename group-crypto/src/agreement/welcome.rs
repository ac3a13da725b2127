//! Those whom this member proposed to let in, or back in: their Welcomes, which go on once their commit is followed, and
//! those who then never came.

use std::time::{Duration, Instant};

use super::message::{Message, Readmitted, Welcome};
use super::proposal::{Admission, Kind, READMISSION};
use super::{Action, Agreement, MAX_PROPOSALS};
use crate::MemberId;

/// Welcomes that are kept for one proposal: of the one who made the commit, and of some who only say so.
const MAX_WELCOMES: usize = 4;

/// Whom we let in has to be here by then. Whoever is dropped and was only slow makes two commits more, so this is long.
const AWAITED: Duration = Duration::from_secs(30);

/// Welcomes that members sent for one proposal, one each. Only that of the member who made the commit counts: anybody could
/// send one that leads nowhere.
#[derive(Default)]
pub(super) struct Welcomes {
    kept: Vec<(MemberId, Vec<u8>)>,
    /// Who made the commit.
    pub by: Option<MemberId>,
}

impl Welcomes {
    fn keep(&mut self, from: MemberId, welcome: Vec<u8>) {
        self.kept.retain(|(known, _)| *known != from);
        if self.kept.len() < MAX_WELCOMES {
            self.kept.push((from, welcome));
        }
    }

    pub fn take(&mut self) -> Option<Vec<u8>> {
        let at = self.kept.iter().position(|(from, _)| self.by == Some(*from))?;
        Some(self.kept.swap_remove(at).1)
    }
}

impl Agreement {
    /// The answer to a proposal of ours, from a member who says to have made the commit. It counts once the commit is
    /// followed. False where nobody waits for it.
    pub(super) fn on_welcome(&mut self, from: MemberId, Welcome { for_whom, welcome }: Welcome) -> bool {
        let (id, me) = (MemberId(for_whom), self.group.my_id());
        let ours = self.proposals.iter_mut().find_map(|proposal| match &mut proposal.kind {
            Kind::Admit(admission) if admission.id == id && admission.ticket.is_some() => Some(&mut admission.welcomes),
            Kind::Readmit { id: other, welcomes, .. } if *other == id && proposal.asker == me => Some(welcomes),
            _ => None,
        });
        let Some(welcomes) = ours else { return false };
        welcomes.keep(from, welcome);
        self.pass_on_welcomes();
        true
    }

    /// Gives out the Welcomes whose commits we have followed.
    pub(super) fn pass_on_welcomes(&mut self) {
        let mut returning = Vec::new();
        let actions = &mut self.actions;
        self.proposals.retain_mut(|proposal| match &mut proposal.kind {
            Kind::Admit(Admission { ticket: Some(ticket), welcomes, .. }) => {
                let welcome = welcomes.take();
                let is_waiting = welcome.is_none();
                actions.extend(welcome.map(|welcome| Action::Admitted { ticket: *ticket, welcome: Ok(welcome) }));
                is_waiting
            }
            Kind::Readmit { id, welcomes, .. } => {
                let welcome = welcomes.take();
                let is_waiting = welcome.is_none();
                returning.extend(welcome.map(|welcome| (*id, welcome)));
                is_waiting
            }
            _ => true,
        });
        for (id, welcome) in returning {
            if self.peers.contains_key(&id) {
                let out = self.out_ids();
                self.send(id, &Message::Readmitted(Readmitted { out, welcome }));
            }
        }
    }

    /// One who was let in and never came: the Welcome got lost, and with it the only state that could use their leaf.
    pub(super) fn look_after_awaited(&mut self, now: Instant) {
        for (_, until) in &mut self.awaited {
            until.get_or_insert(now + AWAITED);
        }
        let late = |(_, until): &&(MemberId, Option<Instant>)| until.is_some_and(|until| until <= now);
        let late: Vec<_> = self.awaited.iter().filter(late).map(|(id, _)| *id).collect();
        self.awaited.retain(|(id, _)| !late.contains(id));
        for member in late {
            // Once more, and again: on another branch that we may go over to, they are still a member.
            self.await_member(member);
            if self.is_member(member) {
                self.propose(now, Kind::Drop(member), Some(now + READMISSION));
            }
        }
    }

    /// Remembers whom the Welcome is for until they are here; beyond the bound the oldest is forgotten.
    pub(super) fn await_member(&mut self, member: MemberId) {
        if self.awaited.len() == MAX_PROPOSALS {
            self.awaited.remove(0);
        }
        self.awaited.push((member, None));
        self.unsaved = true;
    }
}
