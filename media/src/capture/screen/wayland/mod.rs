//! What somebody chose in the desktop's own dialog: the portal hands over a PipeWire stream, whose newest picture is taken.

mod params;
mod portal;
mod shot;
mod slot;
mod stream;

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::finish::Finish;
use super::{Screen, ScreenError};
use crate::capture::pace::{Pace, Rate};
use crate::picture::RawFrame;
use portal::Session;
use slot::Slot;
use stream::Stream;

/// Both sides agree on a kind of pictures within moments, or never.
const AGREEING: Duration = Duration::from_secs(5);

/// A screen or window that the desktop lets us see, until it is dropped.
pub(super) struct PortalScreen {
    // Dropped in this order: nobody reads any more when the desktop hears that it may stop.
    _stream: Stream,
    session: Session,
    slot: Arc<Slot>,
    pace: Pace,
    finish: Finish,
}

impl PortalScreen {
    /// Asks somebody what to share, unless `stopped`.
    pub(super) fn open(fps: u32, stopped: &dyn Fn() -> bool) -> Result<Self, ScreenError> {
        let (session, source) = portal::ask(stopped)?;
        let slot = Arc::new(Slot::default());
        let stream = Stream::open(source, fps, slot.clone())?;
        slot.agreed(AGREEING)?;
        Ok(Self { _stream: stream, session, slot, pace: Pace::new(Rate::hertz(fps)), finish: Finish::new() })
    }
}

impl Screen for PortalScreen {
    fn next(&mut self, again: bool) -> Result<Option<RawFrame>, ScreenError> {
        let now = Instant::now();
        let due = self.pace.next(now);
        std::thread::sleep(due.at.saturating_duration_since(now));
        if self.session.is_closed() {
            return Err(ScreenError::Gone);
        }
        // What came last is what is to be seen now, however long ago it came.
        let captured = Instant::now();
        let picture = self.slot.take(again, &mut self.finish)?;
        Ok(picture.map(|picture| RawFrame { picture, captured }))
    }
}
