//! What the threads of pictures and of voices share to keep both of a person together.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Instant,
};

use group_crypto::MemberId;
use media::sync::LipSync;

#[derive(Clone, Default)]
pub(crate) struct Lips(Arc<Mutex<BTreeMap<MemberId, LipSync>>>);

impl Lips {
    /// A picture of this age could be shown now; returns when it is to be.
    pub fn picture(&self, member: MemberId, now: Instant, age_us: i32) -> Instant {
        self.lock().entry(member).or_default().picture(now, age_us)
    }

    pub fn voice(&self, member: MemberId, play: impl FnOnce(&mut LipSync)) {
        play(self.lock().entry(member).or_default());
    }

    pub fn forget(&self, member: MemberId) {
        self.lock().remove(&member);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<MemberId, LipSync>> {
        // They are whole after every statement, so a panic elsewhere does not spoil them.
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
