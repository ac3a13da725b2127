//! The newest picture, between PipeWire's thread and whoever takes it. A new one replaces one that nobody took.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::shot::Shot;
use crate::capture::screen::ScreenError;
use crate::capture::screen::finish::{Finish, Order};
use crate::capture::screen::pixels::Pixels;
use crate::picture::Picture;

#[derive(Default)]
pub(super) struct Slot {
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Default)]
struct State {
    /// Both sides know what kind of pictures will come.
    agreed: bool,
    pixels: Pixels,
    /// `None` until there is a picture.
    order: Option<Order>,
    /// Nobody has seen this picture yet.
    changed: bool,
    ended: Option<ScreenError>,
}

impl Slot {
    pub(super) fn agree(&self) {
        self.lock().agreed = true;
        self.moved.notify_all();
    }

    pub(super) fn put(&self, shot: &Shot) {
        let mut state = self.lock();
        let moved = state.pixels.resize(shot.size) | (state.order.replace(shot.order) != Some(shot.order));
        let differs = state.pixels.put((0, 0), shot.size, shot.data, shot.stride);
        state.changed |= moved || differs;
    }

    /// No picture comes any more. The first reason counts.
    pub(super) fn end(&self, why: ScreenError) {
        self.lock().ended.get_or_insert(why);
        self.moved.notify_all();
    }

    /// The stream is gone, or never was one.
    pub(super) fn lose(&self) {
        let agreed = self.lock().agreed;
        self.end(if agreed { ScreenError::Gone } else { ScreenError::Unsupported("pictures that cannot be read") });
    }

    /// Waits until it is known what kind of pictures will come.
    pub(super) fn agreed(&self, patience: Duration) -> Result<(), ScreenError> {
        let waits = |state: &mut State| !state.agreed && state.ended.is_none();
        let waited = self.moved.wait_timeout_while(self.lock(), patience, waits);
        let (state, late) = waited.unwrap_or_else(PoisonError::into_inner);
        match state.ended {
            Some(why) => Err(why),
            None if late.timed_out() => Err(ScreenError::NoDesktop),
            None => Ok(()),
        }
    }

    /// The newest picture, if nobody has seen it yet, or `again`.
    pub(super) fn take(&self, again: bool, finish: &mut Finish) -> Result<Option<Picture>, ScreenError> {
        let mut state = self.lock();
        if let Some(why) = state.ended {
            return Err(why);
        }
        let Some(order) = state.order.filter(|_| state.changed || again) else {
            return Ok(None);
        };
        state.changed = false;
        let picture = finish.picture(&state.pixels.data, state.pixels.size, order);
        picture.map(Some).ok_or(ScreenError::Unsupported("an unusual size"))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A picture that was half copied when its thread panicked is replaced by the next, or none comes.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: (u32, u32) = (32, 16);

    fn put(slot: &Slot, pixel: [u8; 4], size: (u32, u32), order: Order) {
        let data = pixel.repeat((size.0 * size.1) as usize);
        slot.put(&Shot { size, order, stride: size.0 as usize * 4, data: &data });
    }

    /// The lightness of the next picture.
    fn taken(slot: &Slot, again: bool, finish: &mut Finish) -> Option<u8> {
        slot.take(again, finish).unwrap().map(|picture| picture.y[0])
    }

    #[test]
    fn only_what_changed_is_a_picture_and_the_newest_wins() {
        let (slot, mut finish) = (Slot::default(), Finish::new());
        assert_eq!(taken(&slot, true, &mut finish), None);
        put(&slot, [0; 4], SIZE, Order::Bgr);
        put(&slot, [255; 4], SIZE, Order::Bgr);
        assert_eq!(taken(&slot, false, &mut finish), Some(235));
        put(&slot, [255; 4], SIZE, Order::Bgr);
        assert_eq!(taken(&slot, false, &mut finish), None);
        assert_eq!(taken(&slot, true, &mut finish), Some(235));
    }

    #[test]
    fn a_change_of_size_or_colours_is_one() {
        let (slot, mut finish) = (Slot::default(), Finish::new());
        for (size, order) in [(SIZE, Order::Bgr), (SIZE, Order::Rgb), ((64, 16), Order::Rgb)] {
            put(&slot, [0, 0, 255, 0], size, order);
            let picture = slot.take(false, &mut finish).unwrap().expect("a picture");
            assert_eq!((picture.width, picture.height), size);
            // Red or blue.
            assert_eq!(picture.y[0].abs_diff(63) <= 1, order == Order::Bgr);
        }
    }

    #[test]
    fn the_first_end_counts_and_is_told_for_good() {
        let slot = Slot::default();
        slot.lose();
        slot.agree();
        slot.lose();
        let why = ScreenError::Unsupported("pictures that cannot be read");
        assert_eq!(slot.agreed(Duration::ZERO), Err(why));
        assert_eq!(slot.take(true, &mut Finish::new()).err(), Some(why));
    }

    #[test]
    fn a_desktop_that_never_agrees_is_not_waited_for() {
        let slot = Slot::default();
        assert_eq!(slot.agreed(Duration::ZERO), Err(ScreenError::NoDesktop));
        slot.agree();
        assert_eq!(slot.agreed(Duration::ZERO), Ok(()));
        slot.lose();
        assert_eq!(slot.take(false, &mut Finish::new()).err(), Some(ScreenError::Gone));
    }
}
