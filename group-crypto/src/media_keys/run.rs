//! One run of a sender: what keeps the counters of two sealers apart.

use std::fmt;

use crate::derive::random;

/// Names one run of a member's [`Sealer`](crate::Sealer), and goes into its keys.
///
/// A sealer that is made anew within an epoch counts from zero again. Its fresh run id gives it other keys, so that no
/// key ever sees a counter twice, without anything written down. Not a secret; whoever tells it to the others must be
/// known to be that member.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RunId([u8; 16]);

impl RunId {
    pub fn generate() -> Self {
        Self(random())
    }

    /// A run id that another member announced. For this member's own, only [`generate`](Self::generate) will do.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// As much as tells runs apart in a log.
impl fmt::Debug for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "{a:02x}{b:02x}{c:02x}{d:02x}")
    }
}
