//! The queue of events on their way to the window. It tells how full it is, which std's channel does not.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

use crate::api::Event;

/// Events that wait for the window. What members say waits with them in time, and a state counts once.
pub(crate) const EVENTS: usize = 4096;

#[derive(Clone)]
pub(crate) struct Sender {
    queue: mpsc::SyncSender<Event>,
    waiting: Arc<AtomicUsize>,
}

pub(crate) struct Receiver {
    queue: mpsc::Receiver<Event>,
    waiting: Arc<AtomicUsize>,
}

pub(crate) fn queue() -> (Sender, Receiver) {
    let (sender, receiver) = mpsc::sync_channel(EVENTS);
    let waiting = Arc::new(AtomicUsize::new(0));
    (Sender { queue: sender, waiting: Arc::clone(&waiting) }, Receiver { queue: receiver, waiting })
}

impl Sender {
    /// Drops an event that has no place.
    pub fn send(&self, event: Event) {
        // Counted before it can be taken, so that the number never falls below zero.
        self.waiting.fetch_add(1, Ordering::Relaxed);
        if self.queue.try_send(event).is_err() {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

impl Receiver {
    /// The next event, if one waits.
    pub fn take(&self) -> Option<Event> {
        self.taken(self.queue.try_recv().ok())
    }

    /// The next event; waits for it, `timeout` at most.
    pub fn wait(&self, timeout: Duration) -> Option<Event> {
        self.taken(self.queue.recv_timeout(timeout).ok())
    }

    fn taken(&self, event: Option<Event>) -> Option<Event> {
        if event.is_some() {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        }
        event
    }
}
