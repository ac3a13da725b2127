//! What MLS exports to SFrame for one epoch, and what one run of a sender makes of it.

use std::fmt;

use zeroize::Zeroizing;

use super::RunId;
use crate::derive::expand;

const RUN_LABEL: &[u8] = b"In Camera 1 run";
const ID_LABEL: &[u8] = b"In Camera 1 epoch";

/// A base key in the sense of RFC 9605, section 4.4.2: as long as a key of AES-128-GCM.
pub(crate) type BaseKey = Zeroizing<[u8; 16]>;

/// The base key of one epoch (RFC 9605, section 5.2), wiped when dropped.
#[derive(Clone)]
pub struct EpochKeys {
    epoch: u64,
    id: EpochId,
    base_key: BaseKey,
}

/// Tells an epoch from every other, also from one with the same number in another branch of the room.
///
/// Made of the base key, so two sets of keys have one id only if they are the same keys. Not a secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EpochId([u8; 16]);

impl EpochId {
    pub(crate) fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl EpochKeys {
    pub(crate) fn new(epoch: u64, base_key: BaseKey) -> Self {
        let mut id = [0; 16];
        expand(base_key.as_ref(), &[ID_LABEL], &mut id);
        Self { epoch, id: EpochId(id), base_key }
    }

    /// The number of the epoch. Two branches of a room may both have one of this number.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    pub fn id(&self) -> EpochId {
        self.id
    }

    /// The base key of one run, HKDF-Expand(epoch base key, "In Camera 1 run" || run id, 16). It stands where RFC 9605
    /// has the epoch's base key, which seals nothing itself.
    pub(super) fn of_run(&self, run: RunId) -> BaseKey {
        let mut key = BaseKey::default();
        expand(self.base_key.as_ref(), &[RUN_LABEL, run.as_bytes()], &mut key);
        key
    }
}

impl fmt::Debug for EpochKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EpochKeys").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

/// As much as tells epochs apart in a log.
impl fmt::Debug for EpochId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "{a:02x}{b:02x}{c:02x}{d:02x}")
    }
}
