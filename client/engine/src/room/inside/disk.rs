//! What the room writes down, and what it does when that was not written.

use std::{collections::VecDeque, time::Instant};

use group_crypto::MemberId;

use crate::api::{OverBecause, RoomEvent, RoomKind};
use crate::room::{
    Output,
    inside::Inside,
    keep::{Details, Keep},
};

impl Inside {
    /// Asks for something to be on the disk before anything more leaves.
    pub fn keep(&mut self, what: Keep) {
        if self.about.kind != RoomKind::Ephemeral {
            self.pending.kept.push(what);
        }
    }

    /// Keeps what is known of a member.
    pub fn keep_member(&mut self, member: MemberId) {
        let met = self.has_met(member);
        if let Some(kept) = self.participants.get(&member).map(|p| p.keep(met)) {
            self.keep(kept);
        }
    }

    /// Whether a member has said Hello to us once.
    pub fn has_met(&self, member: MemberId) -> bool {
        self.chat.progress(member).received.is_some()
    }

    pub fn keep_details(&mut self) {
        let details = Details {
            kind: self.about.kind,
            title: self.about.title.clone(),
            label: self.about.label.clone(),
            rules: self.about.rules,
            verified: false,
            renew: self.membership.renew,
        };
        self.keep(Keep::Details(details));
    }

    /// What must be on the disk before anything more leaves; the group goes last, as it is after all of it.
    pub fn take_kept(&mut self) -> Vec<Keep> {
        if self.about.kind == RoomKind::Ephemeral {
            return Vec::new();
        }
        if let Some(history) = self.membership.agreement.take_history() {
            self.pending.kept.push(Keep::History(history));
        }
        match self.membership.agreement.take_save() {
            Some(Ok(bytes)) => self.pending.kept.push(Keep::Group(bytes)),
            Some(Err(why)) => {
                tracing::error!(%why, "the keys of a room could not be written down");
                self.pending.over = Some(OverBecause::Failed);
            }
            None => {}
        }
        std::mem::take(&mut self.pending.kept)
    }

    /// What a member said was not kept. Their link is closed, and the chat with them stands where the disk has it.
    pub fn not_kept(
        &mut self,
        now: Instant,
        member: MemberId,
        progress: Option<(u64, u64)>,
        out: &mut VecDeque<Output>,
    ) {
        out.retain(|output| !self.follows_from(member, output));
        self.chat.on_not_kept(member, progress);
        let Some(p) = self.participants.get(&member) else {
            return;
        };
        let links = [p.link, p.former_link.map(|(former, _)| former)];
        if progress.is_none() {
            self.keep_member(member);
        }
        for link in links.into_iter().flatten() {
            self.link_closed(now, link, out);
            out.push_back(Output::Close { link });
        }
    }

    /// Whether this output only follows from what the member said: it shows or confirms it.
    pub fn follows_from(&self, member: MemberId, output: &Output) -> bool {
        match output {
            Output::Event(RoomEvent::Said(line)) => line.member == member,
            Output::Send { link, .. } => self.by_link(*link) == Some(member),
            _ => false,
        }
    }
}
