//! The figures of a churning room, in the shape in which they are written.

use serde::Serialize;

#[derive(Default, Serialize)]
pub struct Churn {
    pub seed: u64,
    pub events_per_minute: u32,
    pub seconds: f64,
    #[serde(flatten)]
    pub counts: Counts,
    #[serde(flatten)]
    pub keys: Keys,
    #[serde(flatten)]
    pub apart: Apart,
    #[serde(flatten)]
    pub rekeys: Rekeys,
    #[serde(flatten)]
    pub entering: Entering,
    #[serde(flatten)]
    pub at_end: AtEnd,
    /// What should not have happened: the first hundred, and how often.
    pub troubles: Vec<String>,
    pub troubles_count: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<Happened>>,
}

#[derive(Default, Serialize)]
pub struct Counts {
    /// People who were let in, the first ones not counted.
    pub joins: u32,
    pub leaves: u32,
    pub removals: u32,
    pub crashes: u32,
    /// Those of the crashed who came back.
    pub restarts: u32,
    /// Attempts to join that failed; whoever made one tries again with another's invitation.
    pub failed_joins: u32,
}

#[derive(Default, Serialize)]
pub struct Keys {
    /// The longest time in one piece in which a member could be reached and either of two lacked the other's keys.
    pub max_without_keys_ms: u64,
    pub without_keys: Option<Pair>,
    /// How often a stream stood still for more than 200 ms because frames came and could not be opened.
    pub streams_frozen_by_keys: u64,
    pub frames_dropped_for_keys: u64,
}

#[derive(Default, Serialize)]
pub struct Apart {
    /// The longest time in one piece in which two were in and did not have each other's media and keys, for any reason.
    pub max_apart_ms: u64,
    pub apart: Option<Pair>,
    /// How often that was longer than 5 s, and for how many of all pairs it was so at the end.
    pub long_apart: u32,
    pub apart_at_end: u32,
}

#[derive(Default, Serialize)]
pub struct Rekeys {
    /// The longest time from somebody's leaving, or another's wish for their removal, to the epoch without them at one who
    /// was in all the time, and how often it was over 1 s.
    pub max_rekey_ms: u64,
    pub rekey: Option<Pair>,
    pub slow_rekeys: u32,
}

#[derive(Default, Serialize)]
pub struct Entering {
    /// From an invitation in hand to being in; from a start after a crash to being in.
    pub max_join_ms: u64,
    pub max_return_ms: u64,
}

#[derive(Default, Serialize)]
pub struct AtEnd {
    pub people_at_end: usize,
    /// Everybody has the same members, and they are those who should be.
    pub rosters_equal: bool,
    /// Everybody is in the same epoch, and not only in one of the same number.
    pub epochs_equal: bool,
    pub epoch: u64,
    /// How long after the last event it took until both were so.
    pub settled_after_ms: Option<u64>,
}

/// How long `who` was in want of `of`.
#[derive(Serialize)]
pub struct Pair {
    pub who: String,
    pub of: String,
    pub ms: u64,
    pub at_ms: u64,
}

#[derive(Serialize)]
pub struct Happened {
    pub at_ms: u64,
    pub what: &'static str,
    pub who: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}
