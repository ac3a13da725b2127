//! The waiting room.

use std::time::{Duration, Instant};

use group_crypto::Suite;

use super::Shown;
use crate::{api::KnockId, room::link::LinkId};

/// People in the waiting room; beyond it one gives way, or newcomers are told that the room is full.
pub(super) const MAX_KNOCKS: usize = 32;
/// One who has waited so long gives way to another.
const GIVES_WAY: Duration = Duration::from_secs(60);

/// Somebody in the waiting room.
pub(super) struct Knock {
    pub id: KnockId,
    pub link: LinkId,
    pub shown: Shown,
    since: Instant,
}

/// All of them, in the order in which they came: at most [`MAX_KNOCKS`].
#[derive(Default)]
pub(super) struct Knocks {
    all: Vec<Knock>,
    /// How many there ever were.
    counted: u64,
}

/// Nobody gives way.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

impl Knocks {
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub fn has(&self, link: LinkId) -> bool {
        self.all.iter().any(|knock| knock.link == link)
    }

    pub fn add(&mut self, now: Instant, link: LinkId, shown: Shown) -> KnockId {
        self.counted += 1;
        let id = KnockId(self.counted);
        self.all.push(Knock { id, link, shown, since: now });
        id
    }

    pub fn take(&mut self, id: KnockId) -> Option<Knock> {
        let at = self.all.iter().position(|knock| knock.id == id)?;
        Some(self.all.remove(at))
    }

    pub fn take_others_than(&mut self, suite: Suite) -> Vec<Knock> {
        let (others, stay) = std::mem::take(&mut self.all).into_iter().partition(|knock| knock.shown.suite != suite);
        self.all = stay;
        others
    }

    /// Their link is gone.
    pub fn forget(&mut self, link: LinkId) -> Option<KnockId> {
        let id = self.all.iter().find(|knock| knock.link == link)?.id;
        self.take(id).map(|knock| knock.id)
    }

    pub fn since_before(&self, now: Instant, patience: Duration) -> Vec<KnockId> {
        self.all.iter().filter(|knock| now >= knock.since + patience).map(|knock| knock.id).collect()
    }

    /// Of a full waiting room, one leaves for somebody who shows this invitation: of those with the invitation by which most
    /// are there, the last, if this one is another; else the first, if they have waited for long. Gives the link of the one
    /// who leaves, if anybody has to.
    ///
    /// # Errors
    /// [`Full`] where nobody gives way.
    pub fn make_way(&self, now: Instant, invitation: [u8; 16]) -> Result<Option<LinkId>, Full> {
        if self.all.len() < MAX_KNOCKS {
            return Ok(None);
        }
        let by = |of: [u8; 16]| self.all.iter().filter(|knock| knock.shown.invitation == of).count();
        let Some(most) = self.all.iter().map(|knock| knock.shown.invitation).max_by_key(|of| by(*of)) else {
            return Ok(None);
        };
        let mut of_most = self.all.iter().filter(|knock| knock.shown.invitation == most);
        let leaves = if by(invitation) < by(most) {
            of_most.next_back()
        } else {
            of_most.find(|knock| now >= knock.since + GIVES_WAY)
        };
        leaves.map(|knock| Some(knock.link)).ok_or(Full)
    }
}
