//! A microphone that may vanish: the system's own stands in for it until it is back.

use std::time::{Duration, Instant};

use super::{BLOCK, Microphone, MicrophoneError};
use crate::lookout::{Lookout, Which};

/// Between two questions whether it is there.
const PAUSE: Duration = Duration::from_millis(50);

pub(super) struct Returning<F> {
    open: F,
    /// `None`: there is none.
    microphone: Option<Box<dyn Microphone>>,
    lookout: Option<Lookout<Box<dyn Microphone>>>,
}

impl<F> Returning<F>
where
    F: Fn(Which) -> Result<Box<dyn Microphone>, MicrophoneError> + Clone + Send + 'static,
{
    /// A microphone that is not there at first is not waited for.
    pub(super) fn open(open: F) -> Result<Self, MicrophoneError> {
        let microphone = Some(open(Which::Chosen)?);
        Ok(Self { open, microphone, lookout: None })
    }
}

impl<F> Microphone for Returning<F>
where
    F: Fn(Which) -> Result<Box<dyn Microphone>, MicrophoneError> + Clone + Send + 'static,
{
    fn next(&mut self, block: &mut [f32; BLOCK]) -> Result<Instant, MicrophoneError> {
        if let Some(found) = self.lookout.as_ref().and_then(Lookout::found) {
            self.microphone = Some(found);
        }
        let Some(microphone) = &mut self.microphone else {
            std::thread::sleep(PAUSE);
            return Err(MicrophoneError::Lost);
        };
        microphone.next(block).map_err(|_| {
            let open = self.open.clone();
            self.microphone = None;
            self.lookout = Some(Lookout::start(move |which| open(which).ok()));
            MicrophoneError::Lost
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    };

    use super::*;

    /// Hears one value, until it is unplugged.
    struct Plugged(f32, Arc<AtomicBool>);

    impl Microphone for Plugged {
        fn next(&mut self, block: &mut [f32; BLOCK]) -> Result<Instant, MicrophoneError> {
            std::thread::sleep(Duration::from_millis(1));
            block.fill(self.0);
            self.1.load(Relaxed).then(Instant::now).ok_or(MicrophoneError::Lost)
        }
    }

    #[test]
    fn one_that_is_unplugged_is_replaced_and_comes_back() {
        let (plugged, always) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicBool::new(true)));
        let socket = plugged.clone();
        let open = move |which| -> Result<Box<dyn Microphone>, MicrophoneError> {
            match which {
                Which::Chosen if !socket.load(Relaxed) => Err(MicrophoneError::Unusable),
                Which::Chosen => Ok(Box::new(Plugged(0.5, socket.clone()))),
                Which::StandIn => Ok(Box::new(Plugged(-0.5, always.clone()))),
            }
        };
        let mut microphone = Returning::open(open).unwrap();
        let mut hear = |wanted: Option<f32>| {
            let began = Instant::now();
            let mut block = [0.0; BLOCK];
            while began.elapsed() < Duration::from_secs(10) {
                let heard = microphone.next(&mut block).ok().map(|_| block[0]);
                if heard == wanted {
                    return true;
                }
            }
            false
        };
        assert!(hear(Some(0.5)));
        plugged.store(false, Relaxed);
        assert!(hear(None));
        assert!(hear(Some(-0.5)));
        plugged.store(true, Relaxed);
        assert!(hear(Some(0.5)));
    }

    #[test]
    fn one_that_was_never_there_is_not_waited_for() {
        let open = |_| Err(MicrophoneError::Unusable);
        assert_eq!(Returning::open(open).err(), Some(MicrophoneError::Unusable));
    }
}
