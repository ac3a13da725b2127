//! How long an agreement waits, and how much it keeps.

use std::time::Duration;

use crate::MAX_MEMBERS;

/// A proposal waits this long for others to go with it.
pub const GATHER: Duration = Duration::from_millis(20);
/// A proposal that the sequencer leaves undone for this long is committed by the member whose turn is next.
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
pub(super) const MAX_PROOF_BYTES: usize = 128 * 1024;
/// Members that were removed for good are kept in mind; beyond it the oldest is forgotten.
pub const MAX_REMOVED: usize = 1024;
/// Messages of one member that wait for an epoch, and their bytes; what goes beyond is dropped.
pub const MAX_PARKED: usize = 32;
pub const MAX_PARKED_BYTES: usize = 1024 * 1024;
/// Those of one member that brought nothing when their epoch came; what that member has waiting beyond it is dropped.
pub(super) const MAX_FAILED_REPLAYS: u32 = 8;
/// Proposals of this member that wait for a commit, beside removals; one more is refused. Of all together twice as many.
pub const MAX_PROPOSALS: usize = 64;
/// Removed members whose keys are kept, to tell whether it is they who ask; beyond it the one removed longest is forgotten.
pub(super) const MAX_REMOVED_KEYS: usize = 128;
/// Members known by their keys, those who are lost included; beyond it a lost one is forgotten.
pub(super) const MAX_KNOWN: usize = 2 * MAX_MEMBERS;
/// Secrets of invitations that others' admissions used.
pub(super) const MAX_SECRETS: usize = 16;
