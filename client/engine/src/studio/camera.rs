//! The camera thread: capture, show to ourselves, encode.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    },
    thread,
    time::Instant,
};

use media::{
    EncodedFrame, FrameClock, Layer, RawFrame, Stream,
    capture::{self, Camera, CameraSource, CaptureError},
    encode::{LayeredEncoder, Wanted},
};
use tokio::sync::mpsc;

use super::StudioEvent;
use crate::{
    api::{CameraChoice, MediaSettings, Trouble},
    pictures::{Pictures, Tile},
};

/// Ends when dropped.
pub(crate) struct CameraThread {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    sending: AtomicBool,
    /// By [`Layer::index`]: kilobits per second, 0 for a layer that nobody wants.
    kbps: [AtomicU32; Layer::COUNT],
    keyframes: [AtomicBool; Layer::COUNT],
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
        let format = super::format(settings);
        let mut work = Work {
            shared: shared.clone(),
            encoder: LayeredEncoder::new(format, settings.video_kbps),
            clock,
            events,
            pictures,
            began: None,
        };
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

    /// Which layers are wanted, and at which rate in kilobits per second.
    pub fn layers(&self, rates: [Option<u32>; Layer::COUNT]) {
        for (kbps, rate) in self.shared.kbps.iter().zip(rates) {
            kbps.store(rate.unwrap_or(0), Relaxed);
        }
    }

    pub fn keyframe(&self, layer: Layer) {
        self.shared.keyframes[layer.index()].store(true, Relaxed);
    }
}

impl Drop for CameraThread {
    fn drop(&mut self) {
        self.shared.stop.store(true, Relaxed);
    }
}

struct Work {
    shared: Arc<Shared>,
    encoder: LayeredEncoder,
    clock: FrameClock,
    events: mpsc::Sender<StudioEvent>,
    pictures: Pictures,
    began: Option<Instant>,
}

impl Work {
    fn run(&mut self, mut camera: Box<dyn Camera>) -> Result<(), Trouble> {
        let mut lost = false;
        while !self.shared.stop.load(Relaxed) {
            let next = camera.next();
            let is_lost = next.as_ref().err() == Some(&CaptureError::Lost);
            if std::mem::replace(&mut lost, is_lost) != is_lost && !self.shared.stop.load(Relaxed) {
                let _ = self.events.blocking_send(StudioEvent::CameraLost(is_lost));
                self.shared.keyframes.iter().for_each(|keyframe| keyframe.store(true, Relaxed));
            }
            let frame = match next {
                Ok(frame) => frame,
                // It is looked for, and the call goes on.
                Err(CaptureError::Lost) => continue,
                // Nobody cares any more how it ended.
                Err(_) if self.shared.stop.load(Relaxed) => break,
                Err(why) => return Err(trouble(&why)),
            };
            if self.shared.sending.load(Relaxed) {
                self.encode(&frame);
            }
            if !self.shared.stop.load(Relaxed) {
                self.pictures.put_with(Tile::Me, || frame.picture);
            }
        }
        Ok(())
    }

    fn encode(&mut self, frame: &RawFrame) {
        let at = frame.captured.saturating_duration_since(*self.began.get_or_insert(frame.captured));
        let wanted = Wanted {
            kbps: self.shared.kbps.each_ref().map(|kbps| Some(kbps.load(Relaxed)).filter(|kbps| *kbps > 0)),
            keyframes: self.shared.keyframes.each_ref().map(|keyframe| keyframe.swap(false, Relaxed)),
        };
        let encoded = match self.encoder.encode(&frame.picture, at, &wanted) {
            Ok(encoded) => encoded,
            Err(why) => return tracing::error!(%why, "a video encoder failed; it is made anew"),
        };
        if encoded.is_empty() {
            return;
        }
        let captured_us = self.clock.micros(frame.captured);
        let layers: Vec<_> = encoded.iter().map(|(layer, _)| *layer).collect();
        let pictures = encoded.into_iter().map(|(layer, unit)| {
            (layer, EncodedFrame { stream: Stream::Video, keyframe: unit.keyframe, captured_us, data: unit.data })
        });
        if self.events.try_send(StudioEvent::Pictures(pictures.collect())).is_err() {
            // The frames after a gap would be of no use to anybody.
            layers.into_iter().for_each(|layer| self.shared.keyframes[layer.index()].store(true, Relaxed));
        }
    }
}

fn trouble(why: &CaptureError) -> Trouble {
    if let CaptureError::Unreadable(why) = why {
        tracing::error!(%why, "the clip for the camera cannot be played");
    }
    match why {
        CaptureError::Unreadable(_) => Trouble::CameraClipUnreadable,
        CaptureError::Unusable => Trouble::CameraUnusable,
        CaptureError::Lost => Trouble::CameraLost,
    }
}
