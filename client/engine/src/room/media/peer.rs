//! Media with one member, whether there is a path just now or not.

use std::time::Instant;

use ::media::Layer;

use super::{carried::Coming, figures::Figures, key_watch::KeyWatch, path::MediaPath};
use crate::room::{numbers::Generation, wire::Heights};

#[derive(Default)]
pub(super) struct MediaPeer {
    pub path: Option<MediaPath>,
    /// Highest handshake generation used with them.
    pub generation: Generation,
    /// How many paths there were.
    pub paths: u16,
    pub rebuild_at: Option<Instant>,
    /// The next path begins over the link alone, where nobody else can put a word in; the direct way is tried once it is up.
    pub link_first: bool,
    /// Since when frames of theirs do not open.
    pub unopened_since: Option<Instant>,
    pub key_watch: KeyWatch,
    /// With how many lines we show their pictures, and they ours.
    pub shows: Heights,
    pub wants: Heights,
    /// Their camera is not asked for, as this machine has too much to do.
    pub camera_paused: bool,
    /// No higher layer of their camera is asked for until then, as it takes too much of this machine.
    pub eased: Option<(Layer, Instant)>,
    /// How their pictures come, and kilobits per second of others' that they could pass on to each of the room.
    pub coming: Coming,
    pub spare_kbps: u32,
    pub speaking: bool,
    pub figures: Figures,
}

impl MediaPeer {
    /// Stops all media with them at once. What they still send is dropped.
    pub fn drop_path(&mut self) {
        if let Some(path) = self.path.take() {
            // A handshake that came to nothing may have been ended by anybody who sees its datagrams.
            self.link_first = !path.was_connected && path.is_answered();
            self.figures.add(&path);
        }
    }

    /// They are in another run: what there was of media is over.
    pub fn begin_run(&mut self) {
        self.drop_path();
        self.generation = Generation::ZERO;
        (self.coming, self.spare_kbps) = (Coming::default(), 0);
    }

    /// There is another path, on which packets count from the beginning.
    pub fn begin_path(&mut self, path: MediaPath) {
        self.generation = path.generation;
        self.count_path();
        self.path = Some(path);
    }

    pub fn count_path(&mut self) {
        self.paths = self.paths.wrapping_add(1);
    }
}
