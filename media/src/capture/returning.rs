//! A camera that may vanish and come back: it is looked for until it is there again.

use std::time::Duration;

use super::{Camera, CaptureError};
use crate::picture::RawFrame;

/// Opens its camera anew whenever it is lost.
pub(super) struct Returning<F> {
    open: F,
    /// `None`: it is gone.
    camera: Option<Box<dyn Camera>>,
    /// Between two looks for it.
    pause: Duration,
}

impl<F: FnMut() -> Result<Box<dyn Camera>, CaptureError>> Returning<F> {
    /// A camera that is not there at first is not waited for.
    pub(super) fn open(mut open: F, pause: Duration) -> Result<Self, CaptureError> {
        let camera = open()?;
        Ok(Self { open, camera: Some(camera), pause })
    }
}

impl<F: FnMut() -> Result<Box<dyn Camera>, CaptureError> + Send> Camera for Returning<F> {
    fn next(&mut self) -> Result<RawFrame, CaptureError> {
        let camera = match &mut self.camera {
            Some(camera) => camera,
            none => {
                std::thread::sleep(self.pause);
                // Whatever keeps it from opening now may be over the next time.
                none.insert((self.open)().map_err(|_| CaptureError::Lost)?)
            }
        };
        let next = camera.next();
        if next.is_err() {
            self.camera = None;
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::time::Instant;

    use super::*;
    use crate::picture::Picture;

    /// Gives its pictures, told apart by their width, and is gone then.
    struct Scripted(VecDeque<u32>);

    impl Camera for Scripted {
        fn next(&mut self) -> Result<RawFrame, CaptureError> {
            let width = self.0.pop_front().ok_or(CaptureError::Lost)?;
            Ok(RawFrame { picture: Picture::black(width, 2), captured: Instant::now() })
        }
    }

    type Opening = Result<Vec<u32>, CaptureError>;

    /// What a camera with this history gives in so many calls: a picture's width, or 0 for lost.
    fn seen(history: Vec<Opening>, calls: usize) -> Vec<u32> {
        let mut history = VecDeque::from(history);
        let open = move || -> Result<Box<dyn Camera>, CaptureError> {
            let pictures = history.pop_front().unwrap_or(Err(CaptureError::Unusable))?;
            Ok(Box::new(Scripted(pictures.into())))
        };
        let mut camera = Returning::open(open, Duration::ZERO).unwrap();
        let width = |next: Result<RawFrame, CaptureError>| match next {
            Ok(frame) => frame.picture.width,
            Err(why) => {
                assert_eq!(why, CaptureError::Lost);
                0
            }
        };
        (0..calls).map(|_| width(camera.next())).collect()
    }

    #[test]
    fn a_camera_that_comes_back_goes_on_by_itself() {
        let gone = || Err(CaptureError::Unusable);
        let history = vec![Ok(vec![2, 4]), gone(), gone(), Ok(vec![6]), gone(), Ok(vec![8])];
        assert_eq!(seen(history, 9), [2, 4, 0, 0, 0, 6, 0, 0, 8]);
    }

    #[test]
    fn one_that_opens_and_shows_nothing_is_as_good_as_gone() {
        assert_eq!(seen(vec![Ok(vec![2]), Ok(vec![]), Ok(vec![]), Ok(vec![4])], 5), [2, 0, 0, 0, 4]);
    }

    #[test]
    fn one_that_never_comes_back_is_looked_for_once_a_call() {
        assert_eq!(seen(vec![Ok(vec![2])], 50)[1..], [0; 49]);
    }

    #[test]
    fn one_that_was_never_there_is_not_waited_for() {
        let open = || Err(CaptureError::Unusable);
        assert_eq!(Returning::open(open, Duration::ZERO).err(), Some(CaptureError::Unusable));
    }
}
