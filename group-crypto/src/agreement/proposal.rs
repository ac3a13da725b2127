//! What members want changed, until a commit does it.

use std::time::{Duration, Instant};

use super::message::{Admit, Goodbye, Inner, Package, Proposed};
use super::welcome::Welcomes;
use super::{Action, AdmitError, Agreement, GATHER, MAX_PROPOSALS, TAKEOVER, Ticket};
use crate::key_package::Candidate;
use crate::{EpochChange, InvitationSecret, MemberId};

/// A proposal of ours that nobody commits to is told again.
const TELL_AGAIN: Duration = Duration::from_secs(2);
/// An admission has to be made by then, and a readmission: whoever waits asks anew.
pub(super) const ADMISSION: Duration = Duration::from_secs(15);
pub(super) const READMISSION: Duration = Duration::from_secs(5);
/// This many other members get their turn to drop a newcomer that never came.
const MOST_TURNS: u32 = 2;
/// Proposals of one other member, removals aside.
pub(super) const MAX_PROPOSALS_EACH: usize = 8;

pub(super) struct Proposal {
    pub kind: Kind,
    /// Who proposed it.
    pub asker: MemberId,
    /// Since when we know it, or since when it may be acted on.
    pub since: Instant,
    /// When to look at it again: it is told again, or has expired.
    pub look_again: Instant,
    pub until: Option<Instant>,
}

pub(super) enum Kind {
    Admit(Admission),
    Readmit {
        id: MemberId,
        package: Vec<u8>,
        /// Where they asked us: they wait for it.
        welcomes: Welcomes,
    },
    Remove(MemberId),
    /// Only the sequencer does it, or the member who let them in, and only if it does not see them itself.
    Drop(MemberId),
    Renew,
}

pub(super) struct Admission {
    /// Of who asked for it here; none of others' proposals.
    pub ticket: Option<Ticket>,
    pub id: MemberId,
    pub package: Vec<u8>,
    pub secret: InvitationSecret,
    pub welcomes: Welcomes,
}

impl Admission {
    pub fn new(ticket: Option<Ticket>, id: MemberId, package: Vec<u8>, secret: InvitationSecret) -> Self {
        Self { ticket, id, package, secret, welcomes: Welcomes::default() }
    }
}

impl Proposal {
    /// Of one who never came, the member who let them in knows it best, and does it if nobody else does.
    pub fn drops_awaited(&self, me: MemberId) -> bool {
        matches!(self.kind, Kind::Drop(_)) && self.asker == me && self.until.is_some()
    }

    /// When this member is to do it, with this many members before it.
    pub fn due(&self, place: u32, me: MemberId) -> Option<Instant> {
        match self.kind {
            Kind::Drop(_) if place > 0 && self.drops_awaited(me) => {
                Some(self.since + GATHER + TAKEOVER.saturating_mul(place.min(MOST_TURNS)))
            }
            Kind::Drop(_) if place > 0 => None,
            Kind::Remove(_) => Some(self.since + TAKEOVER.saturating_mul(place)),
            _ => Some(self.since + GATHER + TAKEOVER.saturating_mul(place)),
        }
    }

    /// A commit has brought it, and only its Welcome still has to come from the member who made the commit.
    pub fn awaits_welcome(&self) -> bool {
        matches!(&self.kind, Kind::Readmit { welcomes, .. } if welcomes.by.is_some())
    }

    pub fn is_loss_of(&self, member: MemberId) -> bool {
        matches!(self.kind, Kind::Drop(lost) if lost == member)
    }

    fn proposed(&self) -> Proposed {
        match &self.kind {
            Kind::Admit(Admission { package, secret, .. }) => {
                Proposed::Admit(Admit { secret: *secret.as_bytes(), package: Package(package.clone()) })
            }
            Kind::Readmit { package, .. } => Proposed::Readmit(Package(package.clone())),
            Kind::Remove(member) => Proposed::Remove(member.0),
            Kind::Renew => Proposed::Renew,
            Kind::Drop(member) => Proposed::Drop(member.0),
        }
    }

    pub fn is_like(&self, kind: &Kind, asker: MemberId) -> bool {
        match (&self.kind, kind) {
            (Kind::Admit(Admission { id, .. }), Kind::Admit(Admission { id: other, .. }))
            | (Kind::Remove(id), Kind::Remove(other))
            | (Kind::Drop(id), Kind::Drop(other)) => id == other,
            (Kind::Readmit { package, .. }, Kind::Readmit { package: other, .. }) => {
                package == other && self.asker == asker
            }
            (Kind::Renew, Kind::Renew) => true,
            _ => false,
        }
    }
}

impl Agreement {
    /// Keeps a proposal of ours, and tells it to all who have a link. False where it is known, or there are too many.
    pub(super) fn propose(&mut self, now: Instant, kind: Kind, until: Option<Instant>) -> bool {
        let asker = self.group.my_id();
        let is_new = self.add_proposal(now, kind, asker, until);
        if is_new {
            self.tell_proposal(self.proposals.len().saturating_sub(1), None);
        }
        is_new
    }

    /// False where it is known already, or there are too many.
    pub(super) fn add_proposal(&mut self, now: Instant, kind: Kind, asker: MemberId, until: Option<Instant>) -> bool {
        if self.proposals.iter().any(|proposal| proposal.is_like(&kind, asker)) {
            return false;
        }
        // Removals are as many as there are members at most; nothing that others propose may crowd them out.
        let theirs = self.proposals.iter().filter(|proposal| proposal.asker == asker).count();
        let quota = if asker == self.group.my_id() { MAX_PROPOSALS } else { MAX_PROPOSALS_EACH };
        if !matches!(kind, Kind::Remove(_)) && (theirs >= quota || self.proposals.len() >= 2 * MAX_PROPOSALS) {
            return false;
        }
        let again = now + TELL_AGAIN;
        let look_again = until.map_or(again, |until| until.min(again));
        self.proposals.push(Proposal { kind, asker, since: now, look_again, until });
        true
    }

    /// To one member, or to all who have a link and are to stay.
    fn tell_proposal(&mut self, at: usize, to: Option<MemberId>) {
        let to: Vec<_> = match to {
            Some(member) => vec![member],
            None => self.peers.keys().filter(|id| !self.is_out(**id)).copied().collect(),
        };
        let open = self.proposals.get(at).filter(|proposal| !to.is_empty() && !proposal.awaits_welcome());
        let proposed = match open.map(Proposal::proposed) {
            Some(Proposed::Remove(id)) => match self.parted.get(&MemberId(id)) {
                Some(signature) => Proposed::Part(Goodbye { member: id, signature: signature.clone() }),
                None => Proposed::Remove(id),
            },
            Some(proposed) => proposed,
            None => return,
        };
        let Ok(bytes) = self.protect_inner(&Inner::Propose(proposed)) else {
            return;
        };
        self.actions.extend(to.into_iter().map(|to| Action::Send { to, bytes: bytes.clone() }));
    }

    pub(super) fn tell_own_proposals(&mut self) {
        let me = self.group.my_id();
        for at in 0..self.proposals.len() {
            if self.proposals.get(at).is_some_and(|proposal| proposal.asker == me) {
                self.tell_proposal(at, None);
            }
        }
    }

    /// To one who has just come.
    pub(super) fn tell_proposals_to(&mut self, now: Instant, member: MemberId) {
        let me = self.group.my_id();
        let is_open = |proposal: &Proposal| proposal.asker == me && proposal.until.is_none_or(|until| now < until);
        for at in 0..self.proposals.len() {
            if self.proposals.get(at).is_some_and(is_open) {
                self.tell_proposal(at, Some(member));
            }
        }
    }

    /// A member's proposal, made in this epoch.
    pub(super) fn on_proposal(&mut self, now: Instant, by: MemberId, epoch: u64, proposed: Proposed) {
        match proposed {
            Proposed::Admit(Admit { secret, package: Package(package) }) => {
                let Ok(candidate) = Candidate::parse(&package, self.group.suite()) else { return };
                if !self.known.contains_key(&candidate.id) && !self.is_out(candidate.id) {
                    let secret = InvitationSecret::from_bytes(secret);
                    let kind = Kind::Admit(Admission::new(None, candidate.id, package, secret));
                    self.add_proposal(now, kind, by, Some(now + ADMISSION));
                }
            }
            Proposed::Readmit(Package(package)) => {
                // Also one whom we never met: who proposes it knows them.
                let Ok(candidate) = Candidate::parse(&package, self.group.suite()) else { return };
                if !self.is_out(candidate.id) && candidate.id != self.group.my_id() {
                    let kind = Kind::Readmit { id: candidate.id, package, welcomes: Welcomes::default() };
                    self.add_proposal(now, kind, by, Some(now + READMISSION));
                }
            }
            Proposed::Remove(member) => self.removal_proposed(now, by, epoch, MemberId(member), None),
            // Anybody can say that somebody said goodbye. Without their own word for it, it is a removal.
            Proposed::Part(Goodbye { member, signature }) if self.is_member(MemberId(member)) => {
                let goodbye = Some(signature).filter(|signature| self.is_goodbye(MemberId(member), signature));
                self.removal_proposed(now, by, epoch, MemberId(member), goodbye);
            }
            Proposed::Part(_) => {}
            // Of one who never came, only the member who let them in knows it. Of others, everybody sees for themselves.
            Proposed::Drop(id) if self.unmet.contains(&MemberId(id)) && self.is_member(MemberId(id)) => {
                self.add_proposal(now, Kind::Drop(MemberId(id)), by, Some(now + READMISSION));
            }
            Proposed::Drop(_) => {}
            Proposed::Renew => {
                self.add_proposal(now, Kind::Renew, by, Some(now + ADMISSION));
            }
        }
    }

    /// One who said goodbye a moment before may be wanted out nevertheless, by somebody who still saw them in the room.
    /// Of one who was gone already it says nothing new.
    fn removal_proposed(&mut self, now: Instant, by: MemberId, epoch: u64, member: MemberId, goodbye: Option<Vec<u8>>) {
        let is_member = self.is_member(member);
        if is_member || self.gone.iter().any(|(id, since)| *id == member && epoch < *since) {
            self.mark_out(member, goodbye);
        }
        if is_member {
            self.add_proposal(now, Kind::Remove(member), by, None);
        }
    }

    /// Tells our own proposals again, and drops what nobody did in time.
    pub(super) fn retry_proposals(&mut self, now: Instant) {
        let me = self.group.my_id();
        self.look_after_awaited(now);
        let mut at = 0;
        while let Some(proposal) = self.proposals.get_mut(at) {
            if now < proposal.look_again {
                at = at.saturating_add(1);
                continue;
            }
            if proposal.until.is_some_and(|until| until <= now) {
                let proposal = self.proposals.remove(at);
                self.expired(&proposal);
                continue;
            }
            let again = now + TELL_AGAIN;
            proposal.look_again = proposal.until.map_or(again, |until| until.min(again));
            if proposal.asker == me {
                self.tell_proposal(at, None);
            }
            at = at.saturating_add(1);
        }
    }

    fn expired(&mut self, proposal: &Proposal) {
        if let Kind::Admit(Admission { ticket: Some(ticket), .. }) = proposal.kind {
            self.actions.push_back(Action::Admitted { ticket, welcome: Err(AdmitError::TimedOut) });
        }
    }

    /// Drops what the new epoch brings.
    pub(super) fn fulfilled(&mut self, change: &EpochChange) {
        let members = self.group.members();
        let is_member = |id: &MemberId| members.iter().any(|member| member.id == *id);
        let came = |id: &MemberId| change.added.iter().chain(&change.returned).any(|member| member.id == *id);
        let by = members.iter().find(|member| member.index == change.by).map(|member| member.id);
        let me = self.group.my_id();
        for proposal in &mut self.proposals {
            match &mut proposal.kind {
                Kind::Admit(admission) if came(&admission.id) => admission.welcomes.by = by,
                Kind::Readmit { id, welcomes, .. } if came(id) => welcomes.by = by,
                _ => {}
            }
        }
        self.proposals.retain(|proposal| match &proposal.kind {
            // The asker still waits for the Welcome: the commit may have come first, or a rival takes its place.
            Kind::Admit(Admission { ticket, id, .. }) => ticket.is_some() || !is_member(id),
            Kind::Readmit { id, .. } => !came(id) || proposal.asker == me,
            Kind::Remove(id) | Kind::Drop(id) => is_member(id),
            Kind::Renew => false,
        });
    }
}
