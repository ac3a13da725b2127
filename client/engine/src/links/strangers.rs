//! Links of those who dialled us and are not known yet. There are few of them, and they do not last.

use std::{collections::VecDeque, time::Duration};

use iroh::endpoint::Connection;

use crate::room::LinkId;

/// Links of strangers at once. A new one ends the oldest: that had the most time to say who it is, and whoever
/// holds on to all of them keeps nobody out.
const STRANGERS: usize = 32;
/// A stranger whom nobody vouches for within this time is sent away.
pub(super) const PROBATION: Duration = Duration::from_secs(20);
const CROWDED_OUT: u8 = 2;

#[derive(Default)]
pub(super) struct Strangers {
    oldest_first: VecDeque<(LinkId, Connection)>,
}

impl Strangers {
    pub fn arrive(&mut self, link: LinkId, connection: Connection) {
        if self.oldest_first.len() >= STRANGERS
            && let Some((_, oldest)) = self.oldest_first.pop_front()
        {
            oldest.close(CROWDED_OUT.into(), b"");
        }
        self.oldest_first.push_back((link, connection));
    }

    /// Known now, or gone.
    pub fn remove(&mut self, link: LinkId) {
        self.oldest_first.retain(|(other, _)| *other != link);
    }
}
