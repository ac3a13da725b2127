//! Whose turn it is to commit, and the commit that this member makes in its turn.

use std::time::Instant;

use super::message::{Bundle, Inner, Message, Readmitted, Welcome, encode};
use super::proposal::{Admission, Kind, Proposal};
use super::{Action, AdmitError, Agreement, KeyState, MAX_PROPOSALS, RENEWAL, SPACING, TAKEOVER};
use crate::{Change, CommitError, Committed, Group, MemberId, ProtectError};

impl Agreement {
    /// How many present members have their turn before this one.
    pub(super) fn place(&self) -> u32 {
        let me = self.group.me();
        let members = self.group.members();
        let before = members.iter().filter(|member| member.index < me && self.takes_turns(member.id)).count();
        u32::try_from(before).unwrap_or(u32::MAX)
    }

    fn takes_turns(&self, member: MemberId) -> bool {
        let peer = self.peers.get(&member).filter(|_| !self.is_out(member));
        peer.is_some_and(|peer| match self.state_of(peer) {
            KeyState::Current | KeyState::Behind => true,
            // Ahead of us: their commit is on its way, and one of ours would only be its rival.
            KeyState::Missing => self.is_above(peer),
            KeyState::Forked => false,
        })
    }

    /// Commits if a proposal is due in our turn, and then to all of them.
    pub(super) fn commit_what_is_due(&mut self, now: Instant) {
        // Each turn brings a commit or drops a proposal.
        for _ in 0..2 * MAX_PROPOSALS {
            if self.next_commit_at().is_none_or(|at| at > now) {
                break;
            }
            self.commit_once(now);
        }
    }

    pub(super) fn next_commit_at(&self) -> Option<Instant> {
        // The place takes a look at all members, and mostly there is no proposal.
        if self.over || self.proposals.is_empty() || self.is_out(self.group.my_id()) {
            return None;
        }
        let (place, me) = (self.place(), self.group.my_id());
        let spaced = self.committed_at.map(|at| at + SPACING);
        let due = |proposal: &Proposal| {
            let due = proposal.due(place, me)?;
            let spaced = match proposal.kind {
                Kind::Remove(_) => None,
                // Whoever asks for new keys again and again gets them now and then.
                Kind::Renew => self.entered_at.map(|at| at + RENEWAL),
                _ => spaced,
            };
            Some(due.max(spaced.unwrap_or(due)).max(self.held_until.unwrap_or(due)))
        };
        self.proposals.iter().filter(|proposal| self.is_open(proposal)).filter_map(due).min()
    }

    /// Whether a commit of ours can bring it.
    fn is_open(&self, proposal: &Proposal) -> bool {
        match &proposal.kind {
            Kind::Admit(Admission { id, .. }) => !self.is_member(*id) && !self.is_out(*id),
            Kind::Remove(id) => *id != self.group.my_id() && self.is_member(*id),
            Kind::Drop(id) => !self.peers.contains_key(id) && *id != self.group.my_id() && self.is_member(*id),
            Kind::Readmit { id, .. } => {
                let fits = self.is_member(*id) || self.group.members().len() < self.limit;
                fits && !self.is_out(*id) && !proposal.awaits_welcome()
            }
            Kind::Renew => true,
        }
    }

    /// One commit, or one proposal less.
    fn commit_once(&mut self, now: Instant) {
        let chosen = self.choose(now);
        let Err(error) = self.try_commit(now, &chosen) else {
            return;
        };
        match error.at().and_then(|at| chosen.get(at)) {
            Some(&faulty) => self.give_up(now, faulty, error),
            // Where it can't be told which one is at fault, one by one tells it.
            None if chosen.len() > 1 && chosen.iter().any(|one| self.try_commit(now, &[*one]).is_ok()) => {}
            None => chosen.into_iter().rev().for_each(|faulty| self.give_up(now, faulty, error)),
        }
    }

    fn try_commit(&mut self, now: Instant, chosen: &[usize]) -> Result<(), CommitError> {
        let proposals = || chosen.iter().filter_map(|at| self.proposals.get(*at));
        let secret = proposals().find_map(|proposal| match &proposal.kind {
            Kind::Admit(Admission { secret, .. }) => Some(secret.clone()),
            _ => None,
        });
        if secret.is_some() && self.group.members().len() >= self.limit {
            return Err(CommitError::Full);
        }
        let members = self.group.members();
        let index = |id: &MemberId| members.iter().find(|member| member.id == *id).map(|member| member.index);
        let mut changes = Vec::new();
        for proposal in proposals() {
            changes.extend(match &proposal.kind {
                Kind::Admit(Admission { package, secret, .. }) => Some(Change::Admit { key_package: package, secret }),
                Kind::Readmit { package, .. } => Some(Change::Readmit { key_package: package }),
                Kind::Remove(id) => index(id).map(|member| match self.parted.get(id) {
                    Some(goodbye) => Change::Part { member, goodbye },
                    None => Change::Remove(member),
                }),
                Kind::Drop(id) => index(id).map(Change::Drop),
                Kind::Renew => None,
            });
        }
        self.unsaved = true;
        // What the others have to know before they can follow a commit that uses this secret. It is sealed for a commit that
        // will be sent: who reads what comes later follows only so many messages that never came.
        let tell = |group: &mut Group| match &secret {
            Some(secret) => group.protect(&encode(&Inner::Secret(*secret.as_bytes())).ok_or(ProtectError::TooLong)?),
            None => Ok(Vec::new()),
        };
        let (told, committed) = self.group.commit_after(&changes, tell)?;
        if let Some(secret) = &secret {
            self.learn_secret(secret);
        }
        self.publish(now, chosen, told, committed);
        Ok(())
    }

    /// The proposals of the next commit, all of one kind. Removals go first and alone: nothing that somebody else wants can
    /// be in their way. Then all who come back at once; then newcomers, one invitation after the other, as whoever is
    /// admitted needs every secret of the commit (RFC 9420, section 12.4.3.1).
    fn choose(&self, now: Instant) -> Vec<usize> {
        let (sequencer, me) = (self.place() == 0, self.group.my_id());
        let open = || self.proposals.iter().enumerate().filter(|(_, proposal)| self.is_open(proposal));
        let place = |(at, _): (usize, &Proposal)| at;
        let mut returning = Vec::new();
        let mut room = self.limit.saturating_sub(self.group.members().len());
        let returns: Vec<usize> = open()
            .filter(|(_, proposal)| match &proposal.kind {
                Kind::Readmit { id, .. } if !returning.contains(id) => {
                    let fits = self.is_member(*id) || room > 0;
                    room = room.saturating_sub(usize::from(fits && !self.is_member(*id)));
                    returning.extend(fits.then_some(*id));
                    fits
                }
                _ => false,
            })
            .map(place)
            .collect();
        let removals = open().filter(|(_, proposal)| match &proposal.kind {
            // One that could not be made waits, and holds up nobody.
            Kind::Remove(_) => proposal.since <= now,
            Kind::Drop(id) => (sequencer || proposal.drops_awaited(me)) && !returning.contains(id),
            _ => false,
        });
        let mut invitation = None;
        let admissions = open().filter(|(_, proposal)| match &proposal.kind {
            Kind::Admit(Admission { secret, .. }) => *invitation.get_or_insert(secret.id()) == secret.id(),
            _ => false,
        });
        let renewals = open().filter(|(_, proposal)| matches!(proposal.kind, Kind::Renew));
        let admissions = admissions.take(room.max(1));
        let kinds = [
            removals.map(place).collect(),
            returns,
            admissions.map(place).collect(),
            renewals.map(place).collect::<Vec<_>>(),
        ];
        kinds.into_iter().find(|kind| !kind.is_empty()).unwrap_or_default()
    }

    fn publish(&mut self, now: Instant, chosen: &[usize], secret: Vec<u8>, committed: Committed) {
        self.committed_at = Some(now);
        let Committed { commit, welcome, change } = committed;
        let bytes = encode(&Message::Commit(Bundle { secret, commit }));
        // The Welcome goes ahead of the commit, so that whoever comes is told so before anything else.
        let proposals = chosen.iter().filter_map(|at| self.proposals.get(*at));
        let welcomed = proposals.filter_map(|proposal| match &proposal.kind {
            Kind::Admit(Admission { id, ticket, .. }) => Some((*id, *ticket, proposal.asker)),
            Kind::Readmit { id, .. } => Some((*id, None, proposal.asker)),
            _ => None,
        });
        let welcome = welcome.unwrap_or_default();
        for (id, ticket, asker) in welcomed.collect::<Vec<_>>() {
            self.pass_welcome(id, ticket, asker, &welcome);
        }
        if let Some(bytes) = bytes {
            self.remember(now, change.epoch.saturating_sub(1), bytes.clone());
            self.actions.extend(self.peers.keys().map(|to| Action::Send { to: *to, bytes: bytes.clone() }));
        }
        self.enter_epoch(now, change, false);
    }

    fn pass_welcome(&mut self, id: MemberId, ticket: Option<super::Ticket>, asker: MemberId, welcome: &[u8]) {
        if let Some(ticket) = ticket {
            self.actions.push_back(Action::Admitted { ticket, welcome: Ok(welcome.to_vec()) });
            self.proposals.retain(
                |proposal| !matches!(proposal.kind, Kind::Admit(Admission { ticket: Some(t), .. }) if t == ticket),
            );
        } else if self.peers.contains_key(&id) {
            let out = self.out_ids();
            self.send(id, &Message::Readmitted(Readmitted { out, welcome: welcome.to_vec() }));
        } else if self.peers.contains_key(&asker) {
            self.send(asker, &Message::Welcome(Welcome { for_whom: id.0, welcome: welcome.to_vec() }));
        }
    }

    /// Without the proposal at fault the others go on. A removal is tried again.
    fn give_up(&mut self, now: Instant, at: usize, error: CommitError) {
        let Some(proposal) = self.proposals.get_mut(at) else { return };
        if matches!(proposal.kind, Kind::Remove(_)) {
            proposal.since = now + TAKEOVER;
            return;
        }
        let proposal = self.proposals.remove(at);
        if let Kind::Admit(Admission { ticket: Some(ticket), .. }) = proposal.kind {
            let full = error == CommitError::Full;
            let why = if full { AdmitError::Full } else { AdmitError::Invalid };
            self.actions.push_back(Action::Admitted { ticket, welcome: Err(why) });
        }
    }
}
