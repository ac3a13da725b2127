//! The newest picture of each tile, on its way to the window.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use crate::api::{MemberId, Picture};

/// Whose picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tile {
    Me,
    Member(MemberId),
    /// What a member shares of their screen.
    Screen(MemberId),
}

/// A single slot per tile: a new picture replaces one that nobody took.
///
/// Without a viewer nothing is copied: pictures are kept from the first [`Pictures::take`] on.
#[derive(Clone)]
pub struct Pictures {
    inner: Arc<PicturesInner>,
}

struct PicturesInner {
    watched: AtomicBool,
    slots: Mutex<BTreeMap<Tile, Picture>>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Pictures {
    pub(crate) fn new(wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { inner: Arc::new(PicturesInner { watched: AtomicBool::new(false), slots: Mutex::default(), wake }) }
    }

    /// The newest picture of a tile that was not taken yet.
    pub fn take(&self, tile: Tile) -> Option<Picture> {
        self.inner.watched.store(true, Relaxed);
        self.slots().remove(&tile)
    }

    /// Whether anybody looks at all.
    pub(crate) fn are_viewed(&self) -> bool {
        self.inner.watched.load(Relaxed)
    }

    /// Keeps the picture that `make` gives, if anybody looks at all.
    pub(crate) fn put_with(&self, tile: Tile, make: impl FnOnce() -> Picture) {
        if self.are_viewed() {
            let picture = make();
            self.slots().insert(tile, picture);
            (self.inner.wake)();
        }
    }

    pub(crate) fn forget(&self, tile: Tile) {
        self.slots().remove(&tile);
    }

    fn slots(&self) -> std::sync::MutexGuard<'_, BTreeMap<Tile, Picture>> {
        // The map is whole after every statement, so a panic elsewhere does not spoil it.
        self.inner.slots.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
