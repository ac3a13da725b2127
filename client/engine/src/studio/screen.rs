//! The screen: takes everybody's video in, and tells what the eye sees of it. A thread of its own decodes and shows.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread,
    time::Instant,
};

use group_crypto::MemberId;
use media::{
    EncodedFrame, FrameClock, Stream,
    decode::process::{DecoderHost, Decoders, DecodersFigures},
    present::{VideoFigures, VideoSnapshot},
};
use tokio::sync::mpsc;

use super::{Pushed, Recordings, StudioEvent, Waits, lips::Lips, turns::Turns, views::Views, watching::ScreenThread};
use crate::pictures::Pictures;

/// A stream of somebody.
pub(super) type Of = (MemberId, Stream);
pub(super) type Figures = BTreeMap<Of, VideoFigures>;

/// What the thread is told beside frames.
pub(super) enum Work {
    Add(MemberId, String),
    Remove(MemberId),
    Stop,
}

/// What comes of a stream, in its order.
pub(super) enum Queued {
    Frame(EncodedFrame),
    /// They turned it off: the gap that follows is no freeze.
    Pause,
}

/// What waits for the thread.
pub(super) struct Inbox {
    pub work: VecDeque<Work>,
    pub turns: Turns<Of, Queued>,
}

/// What the thread and its handle share.
pub(super) struct Shared {
    inbox: Mutex<Inbox>,
    pub something: Condvar,
    figures: Mutex<Figures>,
    decoders: Mutex<DecodersFigures>,
}

impl Shared {
    pub fn inbox(&self) -> MutexGuard<'_, Inbox> {
        lock(&self.inbox)
    }

    pub fn figures(&self) -> MutexGuard<'_, Figures> {
        lock(&self.figures)
    }

    pub fn decoders(&self) -> MutexGuard<'_, DecodersFigures> {
        lock(&self.decoders)
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is shared is whole after every statement, so a panic elsewhere does not spoil it.
    shared.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// The thread's handle. Ends when dropped, its recordings finished.
pub(crate) struct Screen {
    shared: Arc<Shared>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Screen {
    pub fn start(
        clock: FrameClock,
        host: DecoderHost,
        record: Option<Arc<Recordings>>,
        events: mpsc::Sender<StudioEvent>,
        pictures: Pictures,
        lips: Lips,
    ) -> Self {
        let shared = Arc::new(Shared {
            inbox: Mutex::new(Inbox { work: VecDeque::new(), turns: Turns::new() }),
            something: Condvar::new(),
            figures: Mutex::default(),
            decoders: Mutex::default(),
        });
        let views = Views::new(clock, record, events, pictures, lips, shared.clone());
        let mut thread = ScreenThread { shared: shared.clone(), decoders: Decoders::new(host), views };
        let spawned = thread::Builder::new().name("screen".into()).spawn(move || thread.run());
        if spawned.is_err() {
            tracing::error!("the system refused a thread for the pictures");
        }
        Self { shared, thread: spawned.ok() }
    }

    /// Hands a frame to the decoder; `false` if it found no room, so that its stream needs a keyframe.
    pub fn frame(&self, member: MemberId, frame: EncodedFrame) -> bool {
        let (of, bytes) = ((member, frame.stream), frame.data.len());
        let pushed = self.shared.inbox().turns.push(Instant::now(), of, bytes, Queued::Frame(frame));
        self.shared.something.notify_one();
        pushed != Pushed::Full
    }

    pub fn add(&self, member: MemberId, name: String) {
        {
            let mut inbox = self.shared.inbox();
            for stream in [Stream::Video, Stream::Screen] {
                inbox.turns.add((member, stream));
            }
        }
        self.tell(Work::Add(member, name));
    }

    /// The stream pauses behind the frames that came before.
    pub fn pause(&self, member: MemberId, stream: Stream) {
        let of = (member, stream);
        {
            let turns = &mut self.shared.inbox().turns;
            if matches!(turns.last(of), Some(Queued::Pause)) {
                return;
            }
            if turns.push(Instant::now(), of, 0, Queued::Pause) == Pushed::Full {
                // What would be seen for a moment only makes room.
                turns.clear(of);
                turns.push(Instant::now(), of, 0, Queued::Pause);
            }
        }
        self.shared.something.notify_one();
    }

    pub fn remove(&self, member: MemberId) {
        {
            let mut inbox = self.shared.inbox();
            for stream in [Stream::Video, Stream::Screen] {
                inbox.turns.remove((member, stream));
            }
        }
        self.tell(Work::Remove(member));
    }

    /// Figures of everyone who was ever shown.
    pub fn figures(&self, member: MemberId, stream: Stream) -> Option<VideoSnapshot> {
        self.shared.figures().get(&(member, stream)).map(VideoFigures::snapshot)
    }

    /// How the decoders are doing.
    pub fn decoders(&self) -> DecodersFigures {
        *self.shared.decoders()
    }

    /// How frames waited for the decoder since this was asked last.
    pub fn waited(&self) -> Waits {
        self.shared.inbox().turns.waited(|(member, _)| *member)
    }

    /// Ends the thread and waits until its recordings are finished.
    pub fn stop(&mut self) {
        self.tell(Work::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }

    /// Nobody is added or removed faster than members come and go, so few of these wait.
    fn tell(&self, work: Work) {
        self.shared.inbox().work.push_back(work);
        self.shared.something.notify_one();
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicBool, Ordering::SeqCst},
        time::{Duration, SystemTime},
    };

    use media::{Picture, capture::VideoFormat, encode::VideoEncoder};

    use super::*;
    use crate::{api::Trouble, pictures::Tile};

    fn next(events: &mut mpsc::Receiver<StudioEvent>) -> StudioEvent {
        let limit = Instant::now() + Duration::from_secs(20);
        while Instant::now() < limit {
            match events.try_recv() {
                Ok(event) => return event,
                Err(_) => thread::sleep(Duration::from_millis(5)),
            }
        }
        panic!("nothing happened");
    }

    /// A frame of one whole picture, captured now.
    fn keyframe(clock: &FrameClock) -> EncodedFrame {
        let format = VideoFormat { width: 64, height: 48, fps: 25 };
        let picture = Picture::black(64, 48);
        let unit = VideoEncoder::new(format, 100).unwrap().encode(&picture, Duration::ZERO, true).unwrap().unwrap();
        let captured_us = clock.micros(Instant::now());
        EncodedFrame { stream: Stream::Video, keyframe: true, captured_us, data: unit.data }
    }

    #[test]
    fn picture_that_waited_is_gone_when_its_stream_pauses() {
        let (go_on, waits) = std::sync::mpsc::sync_channel::<()>(1);
        let waits = Mutex::new(waits);
        // The thread stands still over the first picture.
        let pictures = Pictures::new(Arc::new(move || {
            let _ = lock(&waits).recv();
        }));
        let (ann, bob) = (MemberId([1; 16]), MemberId([2; 16]));
        assert!(pictures.take(Tile::Member(ann)).is_none());
        let clock = FrameClock::new(Instant::now(), SystemTime::now());
        let (events, mut happened) = mpsc::channel(16);
        let screen = Screen::start(clock, DecoderHost::InProcess, None, events, pictures.clone(), Lips::default());
        for member in [ann, bob] {
            screen.add(member, String::new());
        }
        let frame = keyframe(&clock);
        assert!(screen.frame(ann, frame.clone()));
        while pictures.take(Tile::Member(ann)).is_none() {
            thread::sleep(Duration::from_millis(5));
        }
        assert!(screen.frame(ann, frame.clone()));
        screen.pause(ann, Stream::Video);
        drop(go_on);
        while screen.shared.inbox().turns.last((ann, Stream::Video)).is_some() {
            thread::sleep(Duration::from_millis(5));
        }
        assert!(screen.frame(bob, frame));
        while !matches!(next(&mut happened), StudioEvent::FirstPicture(member) if member == bob) {}
        assert!(pictures.take(Tile::Member(ann)).is_none());
        assert_eq!(screen.figures(ann, Stream::Video).unwrap().frames, 2);
    }

    #[test]
    fn panic_over_one_stream_ends_that_stream_alone() {
        let armed = Arc::new(AtomicBool::new(false));
        let trap = armed.clone();
        let pictures = Pictures::new(Arc::new(move || {
            assert!(!trap.swap(false, SeqCst), "a fault over a picture");
        }));
        let (ann, bob) = (MemberId([1; 16]), MemberId([2; 16]));
        // From now on pictures are looked at, so that the trap is met.
        assert!(pictures.take(Tile::Member(ann)).is_none());
        let clock = FrameClock::new(Instant::now(), SystemTime::now());
        let (events, mut happened) = mpsc::channel(16);
        let host = DecoderHost::InProcess;
        let screen = Screen::start(clock, host, None, events, pictures.clone(), Lips::default());
        for member in [ann, bob] {
            screen.add(member, String::new());
        }
        let frame = keyframe(&clock);

        armed.store(true, SeqCst);
        assert!(screen.frame(ann, frame.clone()));
        assert!(matches!(next(&mut happened), StudioEvent::Trouble(Trouble::StreamFailed)));
        assert!(screen.frame(bob, frame.clone()));
        assert!(matches!(next(&mut happened), StudioEvent::FirstPicture(member) if member == bob));
        assert!(pictures.take(Tile::Member(bob)).is_some());
        assert!(screen.frame(ann, frame), "a stream that ended asks for nothing more");
        assert!(pictures.take(Tile::Member(ann)).is_none());
    }
}
