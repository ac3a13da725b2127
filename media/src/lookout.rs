//! Looks for a device that is gone, on a thread of its own: to open one takes time, and sound must not wait for it.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);

/// Which device to open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Chosen,
    /// The system's own, until the chosen one is back.
    StandIn,
}

impl Which {
    /// What to open where this device was chosen; none where nothing else can stand in for it.
    pub(crate) fn of(self, chosen: &str) -> Option<&str> {
        match self {
            Self::Chosen => Some(chosen),
            Self::StandIn => (chosen != "default").then_some("default"),
        }
    }
}

/// Ends when dropped.
pub(crate) struct Lookout<D> {
    found: mpsc::Receiver<D>,
    stopped: Arc<AtomicBool>,
}

impl<D: Send + 'static> Lookout<D> {
    /// Opens the chosen device as soon as it is there, and what stands in for it as long as it is not.
    pub(crate) fn start(open: impl FnMut(Which) -> Option<D> + Send + 'static) -> Self {
        Self::with_pause(open, PAUSE)
    }

    fn with_pause(mut open: impl FnMut(Which) -> Option<D> + Send + 'static, pause: Duration) -> Self {
        // One that waits to be taken is enough.
        let (tell, found) = mpsc::sync_channel(1);
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = stopped.clone();
        let spawned = thread::Builder::new().name("lookout".into()).spawn(move || {
            let mut has_stand_in = false;
            while !stop.load(Relaxed) {
                if let Some(device) = open(Which::Chosen) {
                    let _ = tell.send(device);
                    break;
                }
                if !has_stand_in && let Some(device) = open(Which::StandIn) {
                    has_stand_in = tell.send(device).is_ok();
                }
                thread::sleep(pause);
            }
        });
        if spawned.is_err() {
            tracing::error!("the system refused a thread to look for a device");
        }
        Self { found, stopped }
    }

    /// A device that was found since this was asked last. What comes later is better.
    pub(crate) fn found(&self) -> Option<D> {
        self.found.try_iter().last()
    }
}

impl<D> Drop for Lookout<D> {
    fn drop(&mut self) {
        self.stopped.store(true, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn next(lookout: &Lookout<u32>) -> Option<u32> {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(5) {
            if let Some(found) = lookout.found() {
                return Some(found);
            }
            thread::sleep(Duration::from_millis(1));
        }
        None
    }

    #[test]
    fn another_stands_in_once_until_the_chosen_one_is_back() {
        let looks = Arc::new(AtomicBool::new(false));
        let is_back = looks.clone();
        let mut opened = 0;
        let open = move |which| {
            opened += 1;
            match which {
                Which::Chosen => is_back.load(Relaxed).then_some(1000 + opened),
                Which::StandIn => (opened > 4).then_some(opened),
            }
        };
        let lookout = Lookout::with_pause(open, Duration::from_millis(1));
        assert_eq!(next(&lookout), Some(6), "the third look for another finds one");
        thread::sleep(Duration::from_millis(50));
        assert_eq!(lookout.found(), None);
        looks.store(true, Relaxed);
        assert!(next(&lookout) > Some(1000));
    }
}
