//! What two members compare, computed once somebody looks at it.

use std::sync::{Arc, OnceLock};

use super::Safety;
use crate::redact::redacted_debug;

/// The [`Safety`] of two members, which costs milliseconds: in a large room nobody looks at most of them. Clones share it.
#[derive(Clone)]
pub struct LazySafety(Arc<Lazy>);

struct Lazy {
    group_id: Vec<u8>,
    mine: [u8; 32],
    theirs: [u8; 32],
    value: OnceLock<Safety>,
}

redacted_debug!(LazySafety);

impl LazySafety {
    /// See [`Safety::of`].
    pub fn of(group_id: &[u8], mine: &[u8; 32], theirs: &[u8; 32]) -> Self {
        let (mine, theirs) = (*mine, *theirs);
        Self(Arc::new(Lazy { group_id: group_id.to_vec(), mine, theirs, value: OnceLock::new() }))
    }

    /// Takes a few milliseconds the first time.
    pub fn get(&self) -> &Safety {
        let Lazy { group_id, mine, theirs, value } = &*self.0;
        value.get_or_init(|| Safety::of(group_id, mine, theirs))
    }
}

/// Of the same two keys in the same room.
impl PartialEq for LazySafety {
    fn eq(&self, other: &Self) -> bool {
        let keys = |lazy: &Self| (lazy.0.mine, lazy.0.theirs);
        keys(self) == keys(other) && self.0.group_id == other.0.group_id
    }
}

impl Eq for LazySafety {}
