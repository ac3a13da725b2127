//! The screen thread: decodes everybody's video, shows it together with its voice, counts what the eye would see, keeps
//! recordings.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, Mutex,
        mpsc::{self as std_mpsc, RecvTimeoutError},
    },
    thread,
    time::Instant,
};

use group_crypto::MemberId;
use media::{
    EncodedFrame, FrameClock, Picture, Stream,
    decode::{PictureLimit, VideoDecoder},
    present::{VideoFigures, VideoSnapshot},
    record::Y4mRecorder,
};
use tokio::sync::mpsc;

use super::{Recordings, StudioEvent, Waits, lips::Lips};
use crate::{
    api::Trouble,
    handle::{Pictures, Tile},
};

/// Frames that wait for the decoder, all participants together; beyond it a frame is dropped and its stream needs a keyframe.
const WAITING: usize = 128;
/// Pictures of one participant that wait for their sound; beyond it the oldest is shown at once.
const HELD: usize = 16;

enum Work {
    Frame {
        came: Instant,
        member: MemberId,
        frame: EncodedFrame,
    },
    Add(MemberId, String),
    /// They turned this stream off: the gap that follows is no freeze.
    Pause(MemberId, Stream),
    Remove(MemberId),
    Stop,
}

/// The thread's handle. Ends when dropped, its recordings finished.
pub(crate) struct Screen {
    work: std_mpsc::SyncSender<Work>,
    figures: Ledger,
    waits: Arc<Mutex<Waits>>,
    thread: Option<thread::JoinHandle<()>>,
}

type Figures = BTreeMap<(MemberId, Stream), VideoFigures>;
type Ledger = Arc<Mutex<Figures>>;

impl Screen {
    pub fn start(
        clock: FrameClock,
        fps: u32,
        record: Option<Arc<Recordings>>,
        events: mpsc::Sender<StudioEvent>,
        pictures: Pictures,
        lips: Lips,
    ) -> Self {
        let (work, waiting) = std_mpsc::sync_channel(WAITING);
        let (figures, waits) = (Ledger::default(), Arc::<Mutex<Waits>>::default());
        let mut thread = ScreenThread {
            clock,
            fps,
            record,
            events,
            pictures,
            lips,
            figures: figures.clone(),
            waits: waits.clone(),
            views: BTreeMap::new(),
            picture: Picture::black(2, 2),
        };
        let spawned = thread::Builder::new().name("screen".into()).spawn(move || thread.run(&waiting));
        if spawned.is_err() {
            tracing::error!("the system refused a thread for the pictures");
        }
        Self { work, figures, waits, thread: spawned.ok() }
    }

    /// Hands a frame to the decoder; `false` if it found no room.
    pub fn frame(&self, member: MemberId, frame: EncodedFrame) -> bool {
        self.work.try_send(Work::Frame { came: Instant::now(), member, frame }).is_ok()
    }

    pub fn add(&self, member: MemberId, name: String) {
        let _ = self.work.send(Work::Add(member, name));
    }

    pub fn pause(&self, member: MemberId, stream: Stream) {
        let _ = self.work.try_send(Work::Pause(member, stream));
    }

    pub fn remove(&self, member: MemberId) {
        let _ = self.work.send(Work::Remove(member));
    }

    /// Figures of everyone who was ever shown.
    pub fn figures(&self, member: MemberId, stream: Stream) -> Option<VideoSnapshot> {
        lock(&self.figures).get(&(member, stream)).map(VideoFigures::snapshot)
    }

    /// How frames waited for the decoder since this was asked last.
    pub fn waited(&self) -> Waits {
        std::mem::take(&mut *lock(&self.waits))
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

fn lock<T>(figures: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Figures are whole after every statement, so a panic elsewhere does not spoil them.
    figures.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn tile(member: MemberId, stream: Stream) -> Tile {
    if stream == Stream::Screen { Tile::Screen(member) } else { Tile::Member(member) }
}

struct ScreenThread {
    clock: FrameClock,
    fps: u32,
    record: Option<Arc<Recordings>>,
    events: mpsc::Sender<StudioEvent>,
    pictures: Pictures,
    lips: Lips,
    figures: Ledger,
    waits: Arc<Mutex<Waits>>,
    views: BTreeMap<(MemberId, Stream), View>,
    picture: Picture,
}

struct View {
    decoder: VideoDecoder,
    sight: Sight,
}

/// What is seen of one participant.
struct Sight {
    recorder: Option<Y4mRecorder>,
    /// What a recording is to be called that begins with the first picture: few share a screen.
    to_record: Option<String>,
    shown: bool,
    held: VecDeque<Held>,
}

/// A picture that waits for its sound.
struct Held {
    at: Instant,
    captured_us: u32,
    picture: Picture,
}

impl ScreenThread {
    fn run(&mut self, waiting: &std_mpsc::Receiver<Work>) {
        loop {
            let next = self.views.values().filter_map(|view| view.sight.held.front()).map(|held| held.at).min();
            let work = match next {
                None => waiting.recv().ok(),
                Some(at) => match waiting.recv_timeout(at.saturating_duration_since(Instant::now())) {
                    Ok(work) => Some(work),
                    Err(RecvTimeoutError::Timeout) => {
                        self.show_due();
                        continue;
                    }
                    Err(RecvTimeoutError::Disconnected) => None,
                },
            };
            let Some(work) = work else { break };
            match work {
                Work::Frame { came, member, frame } => {
                    lock(&self.waits).add(came.elapsed());
                    self.decode(member, &frame);
                }
                Work::Add(member, name) => self.add(member, &name),
                Work::Pause(member, stream) => {
                    if let Some(view) = self.views.get_mut(&(member, stream)) {
                        view.sight.held.clear();
                    }
                    if let Some(figures) = lock(&self.figures).get_mut(&(member, stream)) {
                        figures.pause();
                    }
                    self.pictures.forget(tile(member, stream));
                }
                Work::Remove(member) => self.remove(member),
                Work::Stop => break,
            }
        }
        for (member, _) in self.views.keys().copied().collect::<Vec<_>>() {
            self.remove(member);
        }
    }

    fn add(&mut self, member: MemberId, name: &str) {
        let (recorder, to_record) = (self.recorder(name), Some(format!("{name}-screen")));
        for (stream, recorder, to_record) in [(Stream::Video, recorder, None), (Stream::Screen, None, to_record)] {
            lock(&self.figures).insert((member, stream), VideoFigures::new());
            let sight = Sight { recorder, to_record, shown: false, held: VecDeque::new() };
            let limit = if stream == Stream::Screen { PictureLimit::SCREEN } else { PictureLimit::CAMERA };
            self.views.insert((member, stream), View { decoder: VideoDecoder::within(limit), sight });
        }
    }

    fn recorder(&self, name: &str) -> Option<Y4mRecorder> {
        let created = Y4mRecorder::create(&self.record.as_ref()?.path(name, "y4m"), self.fps);
        if created.is_err() {
            self.tell(StudioEvent::Trouble(Trouble::RecordingStopped));
        }
        created.ok()
    }

    fn remove(&mut self, member: MemberId) {
        for stream in [Stream::Video, Stream::Screen] {
            self.pictures.forget(tile(member, stream));
            let recorder = self.views.remove(&(member, stream)).and_then(|view| view.sight.recorder);
            if let Some(mut recorder) = recorder
                && recorder.finish().is_err()
            {
                self.tell(StudioEvent::Trouble(Trouble::RecordingStopped));
            }
        }
    }

    fn decode(&mut self, member: MemberId, frame: &EncodedFrame) {
        let of = (member, frame.stream);
        let Some(View { mut decoder, mut sight }) = self.views.remove(&of) else {
            return;
        };
        match decoder.decode(&frame.data) {
            Ok(Some(decoded)) => {
                let now = Instant::now();
                let at = match frame.stream {
                    // A page is read, not heard.
                    Stream::Screen => now,
                    _ => self.lips.picture(member, now, self.clock.age_us(frame.captured_us, now)),
                };
                if at <= now && sight.held.is_empty() {
                    let size = (decoded.width(), decoded.height());
                    self.show(of, &mut sight, frame.captured_us, size, |into| decoded.copy_to(into));
                } else {
                    let mut picture = Picture::black(2, 2);
                    decoded.copy_to(&mut picture);
                    let before = sight.held.back().map_or(at, |before| before.at.max(at));
                    sight.held.push_back(Held { at: before, captured_us: frame.captured_us, picture });
                }
            }
            Ok(None) => {}
            Err(_) => self.tell(StudioEvent::PictureBroken(member, frame.stream)),
        }
        self.views.insert(of, View { decoder, sight });
        self.show_due();
    }

    /// Shows what has waited long enough.
    fn show_due(&mut self) {
        let now = Instant::now();
        let mut views = std::mem::take(&mut self.views);
        for (of, View { sight, .. }) in &mut views {
            let over = sight.held.len().saturating_sub(HELD);
            let due = sight.held.iter().take_while(|held| held.at <= now).count().max(over);
            for Held { captured_us, picture, .. } in sight.held.drain(..due).collect::<Vec<_>>() {
                let size = (picture.width, picture.height);
                self.show(*of, sight, captured_us, size, |into| into.clone_from(&picture));
            }
        }
        self.views = views;
    }

    fn show(
        &mut self,
        (member, stream): (MemberId, Stream),
        sight: &mut Sight,
        captured_us: u32,
        (width, height): (u32, u32),
        copy: impl Fn(&mut Picture),
    ) {
        let now = Instant::now();
        if let Some(figures) = lock(&self.figures).get_mut(&(member, stream)) {
            figures.on_frame(now, width, height, self.clock.age_us(captured_us, now));
        }
        if let Some(name) = sight.to_record.take() {
            sight.recorder = self.recorder(&name);
        }
        let mut failed = false;
        if let Some(recorder) = &mut sight.recorder {
            copy(&mut self.picture);
            failed = recorder.write(&self.picture).is_err();
        }
        self.pictures.put_with(tile(member, stream), || {
            let mut picture = Picture::black(2, 2);
            copy(&mut picture);
            picture
        });
        let first = !std::mem::replace(&mut sight.shown, true);
        if failed {
            sight.recorder = None;
            self.tell(StudioEvent::Trouble(Trouble::RecordingStopped));
        }
        if first && stream == Stream::Video {
            self.tell(StudioEvent::FirstPicture(member));
        }
    }

    fn tell(&self, event: StudioEvent) {
        if self.events.try_send(event).is_err() {
            tracing::debug!("the engine is busy; an event of the screen is dropped");
        }
    }
}
