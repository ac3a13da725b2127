//! The screen thread: decodes everybody's video, counts what the eye would see, keeps recordings.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, mpsc as std_mpsc},
    thread,
    time::Instant,
};

use group_crypto::MemberId;
use media::{
    EncodedFrame, FrameClock, Picture,
    decode::VideoDecoder,
    present::{VideoFigures, VideoSnapshot},
    record::Y4mRecorder,
};
use tokio::sync::mpsc;

use super::{Recordings, StudioEvent};
use crate::{
    api::Trouble,
    handle::{Pictures, Tile},
};

/// Frames that wait for the decoder, all participants together; beyond it a frame is dropped and its stream needs a keyframe.
const WAITING: usize = 128;

enum Work {
    Frame(MemberId, EncodedFrame),
    Add(MemberId, String),
    /// Their camera went off: the gap that follows is no freeze.
    Pause(MemberId),
    Remove(MemberId),
    Stop,
}

/// The thread's handle. Ends when dropped, its recordings finished.
pub(crate) struct Screen {
    work: std_mpsc::SyncSender<Work>,
    figures: Ledger,
    thread: Option<thread::JoinHandle<()>>,
}

type Ledger = Arc<Mutex<BTreeMap<MemberId, VideoFigures>>>;

impl Screen {
    pub fn start(
        clock: FrameClock,
        fps: u32,
        record: Option<Arc<Recordings>>,
        events: mpsc::Sender<StudioEvent>,
        pictures: Pictures,
    ) -> Self {
        let (work, waiting) = std_mpsc::sync_channel(WAITING);
        let figures = Ledger::default();
        let mut thread = ScreenThread {
            clock,
            fps,
            record,
            events,
            pictures,
            figures: figures.clone(),
            views: BTreeMap::new(),
            picture: Picture::black(2, 2),
        };
        let spawned = thread::Builder::new().name("screen".into()).spawn(move || thread.run(&waiting));
        if spawned.is_err() {
            tracing::error!("the system refused a thread for the pictures");
        }
        Self { work, figures, thread: spawned.ok() }
    }

    /// Hands a frame to the decoder; `false` if it found no room.
    pub fn frame(&self, member: MemberId, frame: EncodedFrame) -> bool {
        self.work.try_send(Work::Frame(member, frame)).is_ok()
    }

    pub fn add(&self, member: MemberId, name: String) {
        let _ = self.work.send(Work::Add(member, name));
    }

    pub fn pause(&self, member: MemberId) {
        let _ = self.work.try_send(Work::Pause(member));
    }

    pub fn remove(&self, member: MemberId) {
        let _ = self.work.send(Work::Remove(member));
    }

    /// Figures of everyone who was ever shown.
    pub fn figures(&self, member: MemberId) -> Option<VideoSnapshot> {
        lock(&self.figures).get(&member).map(VideoFigures::snapshot)
    }

    /// Ends the thread and waits until its recordings are finished.
    pub fn stop(&mut self) {
        let _ = self.work.send(Work::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.stop();
    }
}

fn lock(figures: &Ledger) -> std::sync::MutexGuard<'_, BTreeMap<MemberId, VideoFigures>> {
    // Figures are whole after every statement, so a panic elsewhere does not spoil them.
    figures.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

struct ScreenThread {
    clock: FrameClock,
    fps: u32,
    record: Option<Arc<Recordings>>,
    events: mpsc::Sender<StudioEvent>,
    pictures: Pictures,
    figures: Ledger,
    views: BTreeMap<MemberId, View>,
    picture: Picture,
}

struct View {
    decoder: VideoDecoder,
    recorder: Option<Y4mRecorder>,
    shown: bool,
}

impl ScreenThread {
    fn run(&mut self, waiting: &std_mpsc::Receiver<Work>) {
        while let Ok(work) = waiting.recv() {
            match work {
                Work::Frame(member, frame) => self.decode(member, &frame),
                Work::Add(member, name) => self.add(member, &name),
                Work::Pause(member) => {
                    if let Some(figures) = lock(&self.figures).get_mut(&member) {
                        figures.pause();
                    }
                    self.pictures.forget(Tile::Member(member));
                }
                Work::Remove(member) => self.remove(member),
                Work::Stop => break,
            }
        }
        for member in self.views.keys().copied().collect::<Vec<_>>() {
            self.remove(member);
        }
    }

    fn add(&mut self, member: MemberId, name: &str) {
        let mut recorder = None;
        if let Some(recordings) = &self.record {
            match Y4mRecorder::create(&recordings.path(name, "y4m"), self.fps) {
                Ok(created) => recorder = Some(created),
                Err(_) => self.tell(StudioEvent::Trouble(Trouble::RecordingStopped)),
            }
        }
        lock(&self.figures).insert(member, VideoFigures::new());
        self.views.insert(member, View { decoder: VideoDecoder::new(), recorder, shown: false });
    }

    fn remove(&mut self, member: MemberId) {
        self.pictures.forget(Tile::Member(member));
        let recorder = self.views.remove(&member).and_then(|view| view.recorder);
        if let Some(mut recorder) = recorder
            && recorder.finish().is_err()
        {
            self.tell(StudioEvent::Trouble(Trouble::RecordingStopped));
        }
    }

    fn decode(&mut self, member: MemberId, frame: &EncodedFrame) {
        let Some(view) = self.views.get_mut(&member) else {
            return;
        };
        let decoded = match view.decoder.decode(&frame.data) {
            Ok(Some(decoded)) => decoded,
            Ok(None) => return,
            Err(_) => return self.tell(StudioEvent::PictureBroken(member)),
        };
        let now = Instant::now();
        let age_us = self.clock.age_us(frame.captured_us, now);
        if let Some(figures) = lock(&self.figures).get_mut(&member) {
            figures.on_frame(now, decoded.width(), decoded.height(), age_us);
        }
        let mut failed = false;
        if let Some(recorder) = &mut view.recorder {
            decoded.copy_to(&mut self.picture);
            failed = recorder.write(&self.picture).is_err();
        }
        self.pictures.put_with(Tile::Member(member), || {
            let mut picture = Picture::black(2, 2);
            decoded.copy_to(&mut picture);
            picture
        });
        let first = !std::mem::replace(&mut view.shown, true);
        if failed {
            view.recorder = None;
            self.tell(StudioEvent::Trouble(Trouble::RecordingStopped));
        }
        if first {
            self.tell(StudioEvent::FirstPicture(member));
        }
    }

    fn tell(&self, event: StudioEvent) {
        if self.events.try_send(event).is_err() {
            tracing::debug!("the engine is busy; an event of the screen is dropped");
        }
    }
}
