//! The own camera's picture, looked at for a code a few times a second.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use bevy::prelude::*;
use engine::api::Picture;

use crate::ui::power::Waker;

/// The text of a code, or the key of the words for why none could be read.
pub type Found = Result<String, &'static str>;

/// Filled by threads of their own: reading a picture takes a moment.
#[derive(Resource, Default, Clone)]
pub struct Reading(Arc<Mutex<Option<Found>>>);

impl Reading {
    pub fn put(&self, found: Found) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
    }

    pub fn take(&self) -> Option<Found> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Whether the camera is looked at for a code.
#[derive(Resource, Default)]
pub struct Scanner {
    on: bool,
    /// A picture is being read on a thread of its own: one at a time.
    reading: Arc<AtomicBool>,
    /// When the next one may be, in seconds of the window's clock.
    next: f64,
    found: Reading,
    waker: Waker,
}

/// Seconds between two pictures.
const PAUSE: f64 = 0.25;

impl Scanner {
    pub fn start(&mut self, found: Reading, waker: Waker) {
        (self.on, self.found, self.waker) = (true, found, waker);
    }

    pub fn stop(&mut self) {
        self.on = false;
    }

    pub fn is_on(&self) -> bool {
        self.on
    }

    /// Looks at a picture, unless one was looked at a moment ago.
    pub fn offer(&mut self, picture: &Picture, now: f64) {
        if !self.on || now < self.next || self.reading.swap(true, Ordering::AcqRel) {
            return;
        }
        self.next = now + PAUSE;
        let (width, height) = (picture.width as usize, picture.height as usize);
        let (luma, reading) = (picture.y.clone(), Arc::clone(&self.reading));
        let (found, waker) = (self.found.clone(), self.waker.clone());
        let thread = std::thread::Builder::new().name("scan".into()).spawn(move || {
            if let Some(text) = engine::qr::read_luma(width, height, width, &luma) {
                found.put(Ok(text));
                waker.wake();
            }
            reading.store(false, Ordering::Release);
        });
        if thread.is_err() {
            self.reading.store(false, Ordering::Release);
        }
    }
}
