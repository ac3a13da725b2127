//! The sharing thread: what is shared of a screen, encoded when it changes and until it is sharp.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use media::{
    EncodedFrame, FrameClock, RawFrame, Stream,
    capture::{self, MAX_SCREEN, Screen, ScreenError, ScreenSource, VideoFormat},
    encode::{Content, VideoEncoder},
};
use tokio::sync::mpsc;

use super::StudioEvent;
use crate::api::{MediaSettings, Trouble};

/// Keyframes are no closer than this, whoever asks: one of a full page takes a while to be sent.
const KEYFRAME_PAUSE: Duration = Duration::from_millis(500);
/// While nothing changes, a picture this often: by the next one a receiver knows that it misses the last.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);
/// A picture of so few bytes adds nothing that could be seen: the one before was as sharp as it gets.
const SHARP: usize = 1500;

/// Ends when dropped.
pub(crate) struct SharingThread {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    keyframe: AtomicBool,
    /// Kilobits per second; 0: nobody wants it.
    kbps: AtomicU32,
}

impl SharingThread {
    pub fn start(
        source: ScreenSource,
        settings: &MediaSettings,
        clock: FrameClock,
        events: mpsc::Sender<StudioEvent>,
    ) -> Self {
        let shared = Arc::new(Shared::default());
        let fps = settings.screen_fps;
        let mut work = Work { shared: shared.clone(), fps, clock, events, encoder: None, sent: None, is_sharp: true };
        let spawned = thread::Builder::new().name("sharing".into()).spawn(move || {
            let asked = work.shared.clone();
            let ended = capture::open_screen(&source, fps, &|| asked.stop.load(Relaxed)).and_then(|screen| {
                let _ = work.events.blocking_send(StudioEvent::SharingBegan);
                work.run(screen)
            });
            // Who stopped it knows.
            if let Err(why) = ended
                && !work.shared.stop.load(Relaxed)
            {
                tracing::warn!(%why, "sharing has ended");
                let _ = work.events.blocking_send(StudioEvent::SharingEnded(trouble(why)));
            }
        });
        if spawned.is_err() {
            tracing::error!("the system refused a thread for the screen");
        }
        Self { shared }
    }

    /// The rate at which somebody wants it, in kilobits per second.
    pub fn rate(&self, kbps: Option<u32>) {
        self.shared.kbps.store(kbps.unwrap_or(0), Relaxed);
    }

    pub fn keyframe(&self) {
        self.shared.keyframe.store(true, Relaxed);
    }
}

impl Drop for SharingThread {
    fn drop(&mut self) {
        self.shared.stop.store(true, Relaxed);
    }
}

struct Work {
    shared: Arc<Shared>,
    fps: u32,
    clock: FrameClock,
    events: mpsc::Sender<StudioEvent>,
    encoder: Option<Encoding>,
    /// When the last picture was captured that was sent.
    sent: Option<Instant>,
    is_sharp: bool,
}

struct Encoding {
    encoder: VideoEncoder,
    kbps: u32,
    started: Instant,
    last_keyframe: Option<Instant>,
}

impl Work {
    fn run(&mut self, mut screen: Box<dyn Screen>) -> Result<(), ScreenError> {
        while !self.shared.stop.load(Relaxed) {
            let silent = self.sent.is_none_or(|at| at.elapsed() >= SIGN_OF_LIFE);
            let again = silent || !self.is_sharp || self.shared.keyframe.load(Relaxed);
            if let Some(frame) = screen.next(again)? {
                self.encode(&frame);
            }
        }
        Ok(())
    }

    fn encode(&mut self, frame: &RawFrame) {
        let kbps = self.shared.kbps.load(Relaxed);
        if kbps == 0 {
            // The next picture that is encoded begins anew, and shows what was missed.
            (self.encoder, self.is_sharp) = (None, false);
            return;
        }
        let encoding = match &mut self.encoder {
            Some(encoding) => encoding,
            none => {
                let format = VideoFormat { width: MAX_SCREEN.0, height: MAX_SCREEN.1, fps: self.fps };
                let Ok(encoder) = VideoEncoder::of(Content::Screen, format, kbps) else {
                    return;
                };
                none.insert(Encoding { encoder, kbps, started: frame.captured, last_keyframe: None })
            }
        };
        if std::mem::replace(&mut encoding.kbps, kbps) != kbps && encoding.encoder.set_bitrate(kbps).is_err() {
            self.encoder = None;
            return;
        }
        let rested = encoding.last_keyframe.is_none_or(|at| frame.captured >= at + KEYFRAME_PAUSE);
        let keyframe = rested && self.shared.keyframe.swap(false, Relaxed);
        let at = frame.captured.saturating_duration_since(encoding.started);
        let encoded = match encoding.encoder.encode(&frame.picture, at, keyframe) {
            Ok(Some(encoded)) => encoded,
            // The codec is over its rate: what is to be seen now is still to be sent.
            Ok(None) => {
                self.is_sharp = false;
                self.shared.keyframe.fetch_or(keyframe, Relaxed);
                return;
            }
            Err(why) => {
                tracing::error!(%why, "the screen's encoder failed; it is made anew");
                (self.encoder, self.is_sharp) = (None, false);
                return;
            }
        };
        if encoded.keyframe {
            encoding.last_keyframe = Some(frame.captured);
        }
        (self.sent, self.is_sharp) = (Some(frame.captured), encoded.data.len() <= SHARP);
        let frame = EncodedFrame {
            stream: Stream::Screen,
            keyframe: encoded.keyframe,
            captured_us: self.clock.micros(frame.captured),
            data: encoded.data,
        };
        if !self.shared.stop.load(Relaxed) && self.events.try_send(StudioEvent::Frame(frame)).is_err() {
            // The frames after a gap would be of no use to anybody.
            self.shared.keyframe.store(true, Relaxed);
        }
    }
}

fn trouble(why: ScreenError) -> Trouble {
    match why {
        ScreenError::Gone => Trouble::ScreenGone,
        ScreenError::Declined => Trouble::ScreenDeclined,
        ScreenError::NoDesktop | ScreenError::NotThere | ScreenError::Unsupported(_) => Trouble::ScreenUnusable,
    }
}
