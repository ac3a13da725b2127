//! What MLS exports to SFrame for one epoch.

use std::fmt;

use zeroize::Zeroizing;

/// The SFrame base key of one epoch (RFC 9605, section 5.2), wiped when dropped.
#[derive(Clone)]
pub struct EpochKeys {
    epoch: u64,
    base_key: Zeroizing<[u8; Self::BASE_KEY_BYTES]>,
}

impl EpochKeys {
    /// The key size of AES-128-GCM.
    pub(crate) const BASE_KEY_BYTES: usize = 16;

    pub(crate) fn new(epoch: u64, base_key: Zeroizing<[u8; Self::BASE_KEY_BYTES]>) -> Self {
        Self { epoch, base_key }
    }

    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    pub(crate) fn base_key(&self) -> &[u8] {
        self.base_key.as_ref()
    }
}

impl fmt::Debug for EpochKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EpochKeys").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}
