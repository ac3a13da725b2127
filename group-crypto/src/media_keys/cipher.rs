//! One key id's SFrame key, for either direction: derived once, used for every frame.

use sframe::CipherSuite;
use sframe::error::SframeError;
use sframe::frame::validation::{ReplayAttackProtection, Tolerance};
use sframe::frame::{EncryptedFrameView, MediaFrameView, MonotonicCounter};
use sframe::key::{DecryptionKey, EncryptionKey};

/// AES_128_GCM_SHA256_128 (RFC 9605, section 8.1).
const SUITE: CipherSuite = CipherSuite::AesGcm128Sha256;

/// How many frames behind the newest one may still arrive: 1024 are 20 s of audio packets and 34 s
/// of video, more than any jitter buffer waits, in 128 bytes a stream.
const REPLAY_WINDOW: usize = 1024;

/// So many frames under one key and no more; AES-GCM stays well within its limits, and at 60 frames
/// a second it lasts two years.
const MAX_FRAMES: u64 = u32::MAX as u64;

/// Seals the frames of one key id, each with its own counter value.
pub(super) struct SealingKey {
    key: EncryptionKey,
    counter: MonotonicCounter,
}

#[derive(Debug)]
pub(super) enum CipherError {
    Exhausted,
    /// Authentic, and opened before or too old to tell.
    Replayed,
    Failed,
}

impl From<SframeError> for CipherError {
    fn from(error: SframeError) -> Self {
        match error {
            SframeError::CounterCreationFailed(_) => CipherError::Exhausted,
            SframeError::FrameValidationFailed(_) => CipherError::Replayed,
            _ => CipherError::Failed,
        }
    }
}

impl SealingKey {
    pub fn derive(base_key: &[u8], key_id: u64) -> Result<Self, CipherError> {
        Self::derive_from_counter(base_key, key_id, 0)
    }

    /// `counter` is the first one used.
    pub fn derive_from_counter(base_key: &[u8], key_id: u64, counter: u64) -> Result<Self, CipherError> {
        Ok(Self {
            key: EncryptionKey::derive_from(SUITE, key_id, base_key)?,
            counter: MonotonicCounter::with_start_value(counter, MAX_FRAMES),
        })
    }

    /// Replaces what is in `out` by the metadata and the sealed frame. The metadata is
    /// authenticated only (RFC 9605, section 4.3.1); our frames have none.
    pub fn seal(&mut self, metadata: &[u8], plaintext: &[u8], out: &mut Vec<u8>) -> Result<(), CipherError> {
        let frame = MediaFrameView::try_with_meta_data(&mut self.counter, plaintext, metadata)?;
        frame.encrypt_into(&self.key, out)?;
        Ok(())
    }
}

/// Opens the frames of one key id, each of them once.
pub(super) struct OpeningKey {
    key: DecryptionKey,
    replays: ReplayAttackProtection,
}

impl OpeningKey {
    pub fn derive(base_key: &[u8], key_id: u64) -> Result<Self, CipherError> {
        Ok(Self {
            key: DecryptionKey::derive_from(SUITE, key_id, base_key)?,
            replays: ReplayAttackProtection::new(key_id, Tolerance::new(REPLAY_WINDOW)),
        })
    }

    /// Replaces what is in `out` by the metadata and the plaintext; empties it where that fails, so
    /// that nothing unauthenticated is left in it.
    pub fn open(&mut self, metadata: &[u8], sealed: &[u8], out: &mut Vec<u8>) -> Result<(), CipherError> {
        let opened = self.try_open(metadata, sealed, out);
        if opened.is_err() {
            out.clear();
        }
        opened
    }

    fn try_open(&mut self, metadata: &[u8], sealed: &[u8], out: &mut Vec<u8>) -> Result<(), CipherError> {
        let frame = EncryptedFrameView::try_with_meta_data(sealed, metadata)?;
        match frame.validated_decrypt_into(&self.key, out, &mut self.replays).map(drop).map_err(CipherError::from) {
            // The window is asked before the key. A frame of another key with a counter of long ago is no replay of ours.
            Err(CipherError::Replayed) => {
                frame.decrypt_into(&self.key, out)?;
                Err(CipherError::Replayed)
            }
            opened => opened,
        }
    }
}
