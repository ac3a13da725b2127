//! A disk that is an older copy of itself: others have more of our lines than it has.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use group_crypto::MemberId;

use super::{Chat, Output};
use crate::{
    api::{RoomKind, Trouble},
    room::{keep::Keep, numbers::Sequence, view::View},
};

/// So many lines more than we have may somebody say to have of us. No person says as many, and one who lies makes only so many
/// of ours look missing.
const MOST_AHEAD: u64 = 1_000_000;

impl Chat {
    /// Goes on behind the last of our lines that a member says to have, where we sent none of that number. Those that nobody has confirmed to
    /// this copy of the disk may be others than they have under the same numbers, and move behind theirs.
    ///
    /// Each member is believed once in a run of the program: what an honest one has of the other copy gets no more.
    pub(super) fn count_on(&mut self, view: View<'_>, member: MemberId, theirs: Sequence) {
        let is_older = theirs > self.reached && view.kind != RoomKind::Ephemeral && self.posts.contains_key(&member);
        if !is_older || theirs.lines_since(self.reached) > MOST_AHEAD || self.counted_on.contains(&member) {
            return;
        }
        let behind = self.posts.values().map(|post| post.progress().acknowledged).max().unwrap_or_default();
        if behind >= theirs {
            return;
        }
        let moved = self.lines.lines_since(behind);
        let lines = Sequence::clamped(theirs.get().saturating_add(moved));
        if lines.lines_since(theirs) != moved {
            return tracing::error!("a room can hold no more lines");
        }
        self.held.move_behind(behind, theirs);
        for post in self.posts.values_mut() {
            post.sent = post.progress().acknowledged;
        }
        (self.lines, self.reached) = (lines, theirs);
        // They are shown under their old numbers: none of them counts as delivered before all are.
        self.delivered = self.delivered.max(if moved > 0 { lines.previous().unwrap_or(lines) } else { lines });
        let (behind, up_to, lines) = (behind.get(), theirs.get(), lines.get());
        self.out.push_back(Output::Keep(Keep::CountOn { behind, up_to, lines }));
        if self.counted_on.is_empty() {
            self.out.push_back(Output::Trouble(Trouble::OlderCopy));
        }
        self.counted_on.insert(member);
        self.out.push_back(Output::Renew);
    }
}
