//! Cameras of this machine, through nokhwa. Each has a thread of its own: its handle may not change threads, and its
//! reads know no time limit, so that a camera that vanished would keep the caller for ever.

use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak, mpsc};
use std::time::{Duration, Instant};

use nokhwa::utils::{ApiBackend, CameraFormat, CameraIndex, FrameFormat, RequestedFormat, RequestedFormatType};

use super::colour::{Converter, READABLE};
use super::scale::Scaler;
use super::{Camera, CameraInfo, CaptureError, VideoFormat};
use crate::picture::{Picture, RawFrame};

/// How long a camera may take to open. Some wake up slowly.
const OPENING: Duration = Duration::from_secs(10);
/// How long a camera may be silent before it counts as gone.
const SILENCE: Duration = Duration::from_secs(3);
/// Broken buffers in a row before a camera counts as gone.
const MAX_BROKEN: u32 = 60;

pub(super) fn list() -> Vec<CameraInfo> {
    let found = nokhwa::query(ApiBackend::Auto).unwrap_or_default();
    found.iter().map(|info| CameraInfo { id: info.index().as_string(), name: info.human_name() }).collect()
}

/// Threads that hang in a camera that is gone, at most; beyond it the camera is not opened again.
const MAX_HANGING: usize = 4;

/// A camera as somebody chose it, wherever the system puts it.
pub(super) struct Device {
    id: String,
    /// The system's name for it, once it was seen.
    name: Option<String>,
    format: VideoFormat,
    /// Those of the threads of former openings that have not ended.
    threads: Vec<Weak<Slot>>,
}

impl Device {
    pub(super) fn new(id: &str, format: VideoFormat) -> Self {
        Self { id: id.into(), name: None, format, threads: Vec::new() }
    }

    /// Opens it: at first by its id, and later, when it may have come back under another one, by its name.
    pub(super) fn open(&mut self) -> Result<Box<dyn Camera>, CaptureError> {
        self.threads.retain(|slot| slot.strong_count() > 0);
        let there = list();
        if self.name.is_none() {
            self.name = there.iter().find(|info| info.id == self.id).map(|info| info.name.clone());
        }
        for id in places(&self.id, self.name.as_deref(), &there) {
            if self.threads.len() >= MAX_HANGING {
                break;
            }
            let slot = Arc::new(Slot::default());
            self.threads.push(Arc::downgrade(&slot));
            if let Ok(camera) = DeviceCamera::open(&id, self.format, slot) {
                return Ok(Box::new(camera));
            }
        }
        Err(CaptureError::Unusable)
    }
}

/// Under which ids a camera may be now, the likeliest first. Never those of cameras by another name.
fn places(id: &str, name: Option<&str>, there: &[CameraInfo]) -> Vec<String> {
    let Some(name) = name else {
        return vec![id.into()];
    };
    let mut ids: Vec<_> = there.iter().filter(|info| info.name == name).map(|info| info.id.clone()).collect();
    ids.sort_by_key(|other| other != id);
    ids
}

/// The caller's side of a camera.
struct DeviceCamera {
    slot: Arc<Slot>,
}

/// Between the camera's thread and the caller: one picture, the latest; older ones are dropped.
#[derive(Default)]
struct Slot {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    latest: Option<RawFrame>,
    /// The thread has ended, for the camera is gone.
    lost: bool,
    /// Nobody wants pictures any more.
    closed: bool,
}

impl Slot {
    fn update(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    fn is_closed(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).closed
    }
}

impl DeviceCamera {
    fn open(id: &str, format: VideoFormat, slot: Arc<Slot>) -> Result<Self, CaptureError> {
        let index = id.parse().map_or_else(|_| CameraIndex::String(id.into()), CameraIndex::Index);
        let (report, opened) = mpsc::sync_channel(1);
        let theirs = Arc::clone(&slot);
        let run = move || match start(index, format) {
            Some(camera) => {
                let _ = report.send(true);
                deliver(camera, format, &theirs);
                theirs.update(|state| state.lost = true);
            }
            None => drop(report.send(false)),
        };
        std::thread::Builder::new().name("camera".into()).spawn(run).map_err(|_| CaptureError::Unusable)?;
        // From here on dropping this tells the thread to end, also where it opens the camera too late.
        let camera = Self { slot };
        match opened.recv_timeout(OPENING) {
            Ok(true) => Ok(camera),
            _ => Err(CaptureError::Unusable),
        }
    }
}

impl Camera for DeviceCamera {
    fn next(&mut self) -> Result<RawFrame, CaptureError> {
        let state = self.slot.state.lock().unwrap_or_else(PoisonError::into_inner);
        let empty = |state: &mut State| state.latest.is_none() && !state.lost;
        let waited = self.slot.changed.wait_timeout_while(state, SILENCE, empty);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.latest.take().ok_or(CaptureError::Lost)
    }
}

impl Drop for DeviceCamera {
    fn drop(&mut self) {
        // Not joined: the thread may hang in a read that never returns.
        self.slot.update(|state| state.closed = true);
    }
}

fn start(index: CameraIndex, format: VideoFormat) -> Option<nokhwa::Camera> {
    let any = RequestedFormat::with_formats(RequestedFormatType::None, &READABLE);
    let mut camera = nokhwa::Camera::new(index, any).ok()?;
    let offered = camera.compatible_camera_formats().unwrap_or_default();
    if let Some(best) = closest(&offered, format) {
        let exactly = RequestedFormat::with_formats(RequestedFormatType::Exact(best), &READABLE);
        // A camera that refuses keeps the format it was opened with, which will do.
        let _ = camera.set_camera_requset(exactly);
    }
    camera.open_stream().ok()?;
    Some(camera)
}

/// The smallest format that is as large and as fast as wanted; failing that, the largest and fastest.
fn closest(offered: &[CameraFormat], wanted: VideoFormat) -> Option<CameraFormat> {
    let cost = |format: &CameraFormat| {
        let missing = wanted.width.saturating_sub(format.width()) + wanted.height.saturating_sub(format.height());
        // Cameras say 30 and mean 29.97.
        let slow = (wanted.fps * 9 / 10).saturating_sub(format.frame_rate());
        let kind = READABLE.iter().position(|&readable| readable == format.format());
        (slow, missing, format.width() * format.height(), format.frame_rate(), kind)
    };
    offered.iter().filter(|format| READABLE.contains(&format.format())).min_by_key(|format| cost(format)).copied()
}

/// Fills the slot until the camera is gone or nobody wants its pictures.
fn deliver(mut camera: nokhwa::Camera, format: VideoFormat, slot: &Slot) {
    let mut scaler = Scaler::new();
    let mut native = Picture::black(format.width, format.height);
    let mut thinning = Thinning { interval: Duration::from_secs(1) / format.fps, due: None };
    let mut converter = Converter::default();
    let mut broken = 0;
    while !slot.is_closed() && broken < MAX_BROKEN {
        let Ok(buffer) = camera.frame() else { break };
        let captured = Instant::now();
        if !thinning.keeps(captured) {
            continue;
        }
        let size = buffer.resolution();
        let kind: FrameFormat = buffer.source_frame_format();
        if converter.convert(kind, buffer.buffer(), (size.width(), size.height()), &mut native).is_none() {
            broken += 1;
            continue;
        }
        broken = 0;
        let mut picture = Picture::black(format.width, format.height);
        if (native.width, native.height) == (picture.width, picture.height) {
            std::mem::swap(&mut native, &mut picture);
        } else if scaler.fill((&native).into(), &mut picture).is_none() {
            continue;
        }
        slot.update(|state| state.latest = Some(RawFrame { picture, captured }));
    }
    // Ends the stream; what that says of a camera that is gone is of no use.
    let _ = camera.stop_stream();
}

/// Leaves out pictures of a camera that is faster than wanted.
struct Thinning {
    interval: Duration,
    due: Option<Instant>,
}

impl Thinning {
    /// Whether to keep a picture that came at `now`.
    fn keeps(&mut self, now: Instant) -> bool {
        // A third of an interval early is jitter, not speed.
        let due = self.due.unwrap_or(now);
        if now + self.interval / 3 < due {
            return false;
        }
        // Counted from when it was due, so that jitter does not slow the camera down; from now after a pause.
        self.due = Some(if now > due + self.interval { now } else { due } + self.interval);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nokhwa::utils::Resolution;

    const WANTED: VideoFormat = VideoFormat { width: 640, height: 360, fps: 30 };

    fn offer(width: u32, height: u32, kind: FrameFormat, fps: u32) -> CameraFormat {
        CameraFormat::new(Resolution::new(width, height), kind, fps)
    }

    #[test]
    fn the_smallest_format_that_suffices_is_chosen() {
        let offered = [
            offer(1920, 1080, FrameFormat::MJPEG, 30),
            offer(1280, 720, FrameFormat::YUYV, 10),
            offer(640, 480, FrameFormat::MJPEG, 30),
            offer(640, 480, FrameFormat::YUYV, 30),
            offer(320, 240, FrameFormat::YUYV, 30),
            offer(640, 360, FrameFormat::GRAY, 30),
        ];
        assert_eq!(closest(&offered, WANTED), Some(offered[3]));
        assert_eq!(closest(&offered[..2], WANTED), Some(offered[0]));
        assert_eq!(closest(&offered[4..], WANTED), Some(offered[4]));
        assert_eq!(closest(&offered[5..], WANTED), None);
    }

    #[test]
    fn a_camera_twice_as_fast_loses_every_second_picture() {
        let start = Instant::now();
        let mut thinning = Thinning { interval: Duration::from_secs(1) / 30, due: None };
        let kept = (0..120).filter(|&nth| thinning.keeps(start + Duration::from_secs(nth) / 60)).count();
        assert_eq!(kept, 60);
        let mut thinning = Thinning { interval: Duration::from_secs(1) / 30, due: None };
        let kept = (0..60).filter(|&nth| thinning.keeps(start + Duration::from_millis(nth * 100 / 3 + nth % 3 * 4)));
        assert_eq!(kept.count(), 60);
    }

    #[test]
    fn a_camera_that_is_not_there_is_unusable() {
        let opened = Device::new("4000000", WANTED).open();
        assert_eq!(opened.err(), Some(CaptureError::Unusable));
    }

    #[test]
    fn camera_is_looked_for_by_name_and_not_replaced() {
        let there = [("0", "Lid"), ("1", "Lid"), ("2", "Desk")];
        let there = there.map(|(id, name)| CameraInfo { id: id.into(), name: name.into() });
        assert_eq!(places("2", Some("Desk"), &there), ["2"]);
        // Back under another number, and its number is another's by now.
        assert_eq!(places("0", Some("Desk"), &there), ["2"]);
        assert_eq!(places("1", Some("Lid"), &there), ["1", "0"]);
        assert!(places("0", Some("Roof"), &there).is_empty());
        assert_eq!(places("7", None, &there), ["7"]);
    }
}
