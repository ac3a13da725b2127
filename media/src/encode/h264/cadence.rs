//! How often pictures really come.

use std::time::Duration;

/// Measures how often pictures really come. The codec shares its bits out by the frame rate it was told: a camera in the
/// dark at 15 of 30 pictures a second would get half its rate.
pub(super) struct Cadence {
    /// What the codec was told last.
    fps: f32,
    /// Since when, until when and how many pictures were counted.
    window: Option<(Duration, Duration, u32)>,
}

impl Cadence {
    /// Long enough for jitter to even out.
    const WINDOW: Duration = Duration::from_secs(1);
    /// A gap as long as this is a pause, and says nothing about the rate.
    const PAUSE: Duration = Duration::from_millis(500);

    pub fn new(fps: u32) -> Self {
        Self { fps: fps.clamp(1, 120) as f32, window: None }
    }

    /// A picture comes `at` this moment of the stream. Some: the rate has changed by more than a tenth.
    pub fn on_picture(&mut self, at: Duration) -> Option<f32> {
        let Some((since, last, count)) = self.window else {
            self.window = Some((at, at, 0));
            return None;
        };
        if at < last || at - last >= Self::PAUSE {
            self.window = Some((at, at, 0));
            return None;
        }
        let (span, count) = (at - since, count + 1);
        if span < Self::WINDOW {
            self.window = Some((since, at, count));
            return None;
        }
        self.window = Some((at, at, 0));
        let fps = (count as f32 / span.as_secs_f32()).clamp(1.0, 120.0);
        if (fps - self.fps).abs() <= self.fps / 10.0 {
            return None;
        }
        self.fps = fps;
        Some(fps)
    }
}
