//! What members want changed, until a commit does it.

use std::time::{Duration, Instant};

use super::message::{Admit, Goodbye, Inner, Package, Proposal};
use super::welcome::Welcomes;
use super::{Action, AdmitError, Agreement, GATHER, MAX_WISHES, TAKEOVER, Ticket};
use crate::key_package::Candidate;
use crate::{EpochChange, InvitationSecret, MemberId};

/// A proposal of ours that nobody commits to is told again.
const TELL_AGAIN: Duration = Duration::from_secs(2);
/// An admission has to be made by then, and a readmission: whoever waits asks anew.
pub(super) const ADMISSION: Duration = Duration::from_secs(15);
pub(super) const READMISSION: Duration = Duration::from_secs(5);
/// So many others in the line get their turn to drop one who never came.
const MOST_TURNS: u32 = 2;
/// Proposals of one other member, removals aside.
pub(super) const MAX_WISHES_EACH: usize = 8;

pub(super) struct Wish {
    pub what: What,
    /// Who proposed it.
    pub asker: MemberId,
    /// Since when we know it, or since when it may be acted on.
    pub since: Instant,
    /// When to look at it again: it is told again, or has expired.
    pub look_again: Instant,
    pub until: Option<Instant>,
}

pub(super) enum What {
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
    /// Of who asked for it here; none of others' wishes.
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

impl Wish {
    /// Of one who never came, the member who let them in knows it best, and does it if nobody else does.
    pub fn drops_awaited(&self, me: MemberId) -> bool {
        matches!(self.what, What::Drop(_)) && self.asker == me && self.until.is_some()
    }

    /// When this member is to do it, who stands at this place in the line.
    pub fn due(&self, place: u32, me: MemberId) -> Option<Instant> {
        match self.what {
            What::Drop(_) if place > 0 && self.drops_awaited(me) => {
                Some(self.since + GATHER + TAKEOVER.saturating_mul(place.min(MOST_TURNS)))
            }
            What::Drop(_) if place > 0 => None,
            What::Remove(_) => Some(self.since + TAKEOVER.saturating_mul(place)),
            _ => Some(self.since + GATHER + TAKEOVER.saturating_mul(place)),
        }
    }

    pub fn is_loss_of(&self, member: MemberId) -> bool {
        matches!(self.what, What::Drop(lost) if lost == member)
    }

    fn proposal(&self) -> Proposal {
        match &self.what {
            What::Admit(Admission { package, secret, .. }) => {
                Proposal::Admit(Admit { secret: *secret.as_bytes(), package: Package(package.clone()) })
            }
            What::Readmit { package, .. } => Proposal::Readmit(Package(package.clone())),
            What::Remove(member) => Proposal::Remove(member.0),
            What::Renew => Proposal::Renew,
            What::Drop(member) => Proposal::Drop(member.0),
        }
    }

    pub fn is_like(&self, what: &What, asker: MemberId) -> bool {
        match (&self.what, what) {
            (What::Admit(Admission { id, .. }), What::Admit(Admission { id: other, .. }))
            | (What::Remove(id), What::Remove(other))
            | (What::Drop(id), What::Drop(other)) => id == other,
            (What::Readmit { package, .. }, What::Readmit { package: other, .. }) => {
                package == other && self.asker == asker
            }
            (What::Renew, What::Renew) => true,
            _ => false,
        }
    }
}

impl Agreement {
    /// Keeps a wish of ours, and tells it to all who have a link. False where it is known, or there are too many.
    pub(super) fn propose(&mut self, now: Instant, what: What, until: Option<Instant>) -> bool {
        let asker = self.group.my_id();
        let is_new = self.wish(now, what, asker, until);
        if is_new {
            self.tell_wish(self.wishes.len().saturating_sub(1), None);
        }
        is_new
    }

    /// False where it is known already, or there are too many.
    pub(super) fn wish(&mut self, now: Instant, what: What, asker: MemberId, until: Option<Instant>) -> bool {
        if self.wishes.iter().any(|wish| wish.is_like(&what, asker)) {
            return false;
        }
        // Removals are as many as there are members at most; nothing that others propose may crowd them out.
        let theirs = self.wishes.iter().filter(|wish| wish.asker == asker).count();
        let quota = if asker == self.group.my_id() { MAX_WISHES } else { MAX_WISHES_EACH };
        if !matches!(what, What::Remove(_)) && (theirs >= quota || self.wishes.len() >= 2 * MAX_WISHES) {
            return false;
        }
        let again = now + TELL_AGAIN;
        let look_again = until.map_or(again, |until| until.min(again));
        self.wishes.push(Wish { what, asker, since: now, look_again, until });
        true
    }

    /// To one member, or to all who have a link and are to stay.
    fn tell_wish(&mut self, at: usize, to: Option<MemberId>) {
        let to: Vec<_> = match to {
            Some(member) => vec![member],
            None => self.peers.keys().filter(|id| !self.is_out(**id)).copied().collect(),
        };
        let proposal = match self.wishes.get(at).map(Wish::proposal).filter(|_| !to.is_empty()) {
            Some(Proposal::Remove(id)) => match self.parted.get(&MemberId(id)) {
                Some(signature) => Proposal::Part(Goodbye { member: id, signature: signature.clone() }),
                None => Proposal::Remove(id),
            },
            Some(proposal) => proposal,
            None => return,
        };
        let Ok(bytes) = self.protect_inner(&Inner::Propose(proposal)) else {
            return;
        };
        self.actions.extend(to.into_iter().map(|to| Action::Send { to, bytes: bytes.clone() }));
    }

    pub(super) fn tell_own_wishes(&mut self) {
        let me = self.group.my_id();
        for at in 0..self.wishes.len() {
            if self.wishes.get(at).is_some_and(|wish| wish.asker == me) {
                self.tell_wish(at, None);
            }
        }
    }

    /// To one who has just come.
    pub(super) fn tell_wishes_to(&mut self, now: Instant, member: MemberId) {
        let me = self.group.my_id();
        let is_open = |wish: &Wish| wish.asker == me && wish.until.is_none_or(|until| now < until);
        for at in 0..self.wishes.len() {
            if self.wishes.get(at).is_some_and(is_open) {
                self.tell_wish(at, Some(member));
            }
        }
    }

    /// A member's proposal, made in this epoch.
    pub(super) fn proposed(&mut self, now: Instant, by: MemberId, epoch: u64, proposal: Proposal) {
        match proposal {
            Proposal::Admit(Admit { secret, package: Package(package) }) => {
                let Ok(candidate) = Candidate::parse(&package, self.group.suite()) else { return };
                if !self.known.contains_key(&candidate.id) && !self.is_out(candidate.id) {
                    let secret = InvitationSecret::from_bytes(secret);
                    let what = What::Admit(Admission::new(None, candidate.id, package, secret));
                    self.wish(now, what, by, Some(now + ADMISSION));
                }
            }
            Proposal::Readmit(Package(package)) => {
                // Also one whom we never met: who proposes it knows them.
                let Ok(candidate) = Candidate::parse(&package, self.group.suite()) else { return };
                if !self.is_out(candidate.id) && candidate.id != self.group.my_id() {
                    let what = What::Readmit { id: candidate.id, package, welcomes: Welcomes::default() };
                    self.wish(now, what, by, Some(now + READMISSION));
                }
            }
            Proposal::Remove(member) => self.removal_proposed(now, by, epoch, MemberId(member), None),
            // Anybody can say that somebody said goodbye. Without their own word for it, it is a removal.
            Proposal::Part(Goodbye { member, signature }) if self.is_member(MemberId(member)) => {
                let goodbye = Some(signature).filter(|signature| self.is_goodbye(MemberId(member), signature));
                self.removal_proposed(now, by, epoch, MemberId(member), goodbye);
            }
            Proposal::Part(_) => {}
            // Of one who never came, only the member who let them in knows it. Of others, everybody sees for themselves.
            Proposal::Drop(id) if self.unmet.contains(&MemberId(id)) && self.is_member(MemberId(id)) => {
                self.wish(now, What::Drop(MemberId(id)), by, Some(now + READMISSION));
            }
            Proposal::Drop(_) => {}
            Proposal::Renew => {
                self.wish(now, What::Renew, by, Some(now + ADMISSION));
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
            self.wish(now, What::Remove(member), by, None);
        }
    }

    /// Tells our own wishes again, and drops what nobody did in time.
    pub(super) fn look_after_wishes(&mut self, now: Instant) {
        let me = self.group.my_id();
        self.look_after_awaited(now);
        let mut at = 0;
        while let Some(wish) = self.wishes.get_mut(at) {
            if now < wish.look_again {
                at = at.saturating_add(1);
                continue;
            }
            if wish.until.is_some_and(|until| until <= now) {
                let wish = self.wishes.remove(at);
                self.expired(&wish);
                continue;
            }
            let again = now + TELL_AGAIN;
            wish.look_again = wish.until.map_or(again, |until| until.min(again));
            if wish.asker == me {
                self.tell_wish(at, None);
            }
            at = at.saturating_add(1);
        }
    }

    fn expired(&mut self, wish: &Wish) {
        if let What::Admit(Admission { ticket: Some(ticket), .. }) = wish.what {
            self.actions.push_back(Action::Admitted { ticket, welcome: Err(AdmitError::TimedOut) });
        }
    }

    /// Drops what the new epoch brings.
    pub(super) fn fulfilled(&mut self, change: &EpochChange) {
        let members = self.group.members();
        let is_member = |id: &MemberId| members.iter().any(|member| member.id == *id);
        let came = |id: &MemberId| change.added.iter().chain(&change.returned).any(|member| member.id == *id);
        let by = members.iter().find(|member| member.index == change.by).map(|member| member.id);
        let mut returns = Vec::new();
        for wish in &mut self.wishes {
            match &mut wish.what {
                What::Admit(admission) if came(&admission.id) => admission.welcomes.by = by,
                What::Readmit { id, welcomes, .. } if came(id) => {
                    welcomes.by = by;
                    returns.extend(welcomes.take().map(|welcome| (*id, welcome)));
                }
                _ => {}
            }
        }
        self.wishes.retain(|wish| match &wish.what {
            // The asker still waits for the Welcome.
            What::Admit(Admission { ticket, id, .. }) => ticket.is_some() || !is_member(id),
            What::Readmit { id, .. } => !came(id),
            What::Remove(id) | What::Drop(id) => is_member(id),
            What::Renew => false,
        });
        self.pass_on_welcomes(returns);
    }
}
