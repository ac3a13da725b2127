//! The camera thread: capture, show to ourselves, encode.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use media::{
    EncodedFrame, FrameClock, RawFrame, Stream,
    capture::{self, Camera, CameraSource, CaptureError, VideoFormat},
    encode::VideoEncoder,
};
use tokio::sync::mpsc;

use super::StudioEvent;
use crate::{
    api::{CameraChoice, MediaSettings, Trouble},
    handle::{Pictures, Tile},
};

/// Keyframes are no closer than this, whoever asks: each costs as much as many other frames.
const KEYFRAME_PAUSE: Duration = Duration::from_millis(250);

/// Ends when dropped.
pub(crate) struct CameraThread {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    sending: AtomicBool,
    keyframe: AtomicBool,
}

impl CameraThread {
    pub fn start(
        settings: &MediaSettings,
        seed: u32,
        clock: FrameClock,
        events: mpsc::Sender<StudioEvent>,
        pictures: Pictures,
    ) -> Self {
        let shared = Arc::new(Shared::default());
        let source = match &settings.camera {
            CameraChoice::None | CameraChoice::Test => CameraSource::Test { seed },
            CameraChoice::Clip(path) => CameraSource::Clip(path.clone()),
            CameraChoice::Device(id) => CameraSource::Device(id.clone()),
        };
        let format = VideoFormat { width: settings.width, height: settings.height, fps: settings.fps };
        let mut work =
            Work { shared: shared.clone(), format, kbps: settings.video_kbps, clock, events, pictures, encoder: None };
        let spawned = thread::Builder::new().name("camera".into()).spawn({
            let (events, stopped) = (work.events.clone(), shared.clone());
            move || match capture::open(&source, format) {
                Ok(camera) => {
                    if let Err(trouble) = work.run(camera) {
                        let _ = events.blocking_send(StudioEvent::Trouble(trouble));
                    }
                }
                // Replaced meanwhile: its trouble is nobody's any more.
                Err(_) if stopped.stop.load(Relaxed) => {}
                Err(why) => {
                    let _ = events.blocking_send(StudioEvent::Trouble(trouble(&why)));
                }
            }
        });
        if spawned.is_err() {
            tracing::error!("the system refused a thread for the camera");
        }
        Self { shared }
    }

    /// Whether frames are encoded and sent, or only shown to ourselves.
    pub fn send(&self, sending: bool) {
        self.shared.sending.store(sending, Relaxed);
    }

    pub fn keyframe(&self) {
        self.shared.keyframe.store(true, Relaxed);
    }
}

impl Drop for CameraThread {
    fn drop(&mut self) {
        self.shared.stop.store(true, Relaxed);
    }
}

struct Work {
    shared: Arc<Shared>,
    format: VideoFormat,
    kbps: u32,
    clock: FrameClock,
    events: mpsc::Sender<StudioEvent>,
    pictures: Pictures,
    encoder: Option<Encoding>,
}

struct Encoding {
    encoder: VideoEncoder,
    started: Instant,
    last_keyframe: Option<Instant>,
}

impl Work {
    fn run(&mut self, mut camera: Box<dyn Camera>) -> Result<(), Trouble> {
        while !self.shared.stop.load(Relaxed) {
            let frame = match camera.next() {
                Ok(frame) => frame,
                // Nobody cares any more how it ended.
                Err(_) if self.shared.stop.load(Relaxed) => break,
                Err(why) => return Err(trouble(&why)),
            };
            if self.shared.sending.load(Relaxed) {
                self.encode(&frame)?;
            }
            if !self.shared.stop.load(Relaxed) {
                self.pictures.put_with(Tile::Me, || frame.picture);
            }
        }
        Ok(())
    }

    fn encode(&mut self, frame: &RawFrame) -> Result<(), Trouble> {
        let encoding = match &mut self.encoder {
            Some(encoding) => encoding,
            none => {
                let encoder = VideoEncoder::new(self.format, self.kbps).map_err(|_| Trouble::CameraUnusable)?;
                none.insert(Encoding { encoder, started: frame.captured, last_keyframe: None })
            }
        };
        let rested = encoding.last_keyframe.is_none_or(|at| frame.captured >= at + KEYFRAME_PAUSE);
        let keyframe = rested && self.shared.keyframe.swap(false, Relaxed);
        let at = frame.captured.saturating_duration_since(encoding.started);
        let encoded = match encoding.encoder.encode(&frame.picture, at, keyframe) {
            Ok(Some(encoded)) => encoded,
            Ok(None) => return Ok(()),
            Err(why) => {
                tracing::error!(%why, "the video encoder failed; it is made anew");
                self.encoder = None;
                return Ok(());
            }
        };
        if encoded.keyframe {
            encoding.last_keyframe = Some(frame.captured);
        }
        let frame = EncodedFrame {
            stream: Stream::Video,
            keyframe: encoded.keyframe,
            captured_us: self.clock.micros(frame.captured),
            data: encoded.data,
        };
        if self.events.try_send(StudioEvent::Frame(frame)).is_err() {
            // The frames after a gap would be of no use to anybody.
            self.shared.keyframe.store(true, Relaxed);
        }
        Ok(())
    }
}

fn trouble(why: &CaptureError) -> Trouble {
    match why {
        CaptureError::Unreadable(_) => Trouble::CameraClipUnreadable,
        CaptureError::Unusable => Trouble::CameraUnusable,
        CaptureError::Lost => Trouble::CameraLost,
    }
}
