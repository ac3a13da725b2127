//! The screen's thread: decodes everybody's video in turn, shows it together with its voice, counts what the eye would see,
//! keeps recordings. What goes wrong with one stream ends that stream.

use std::{
    collections::{BTreeMap, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use group_crypto::MemberId;
use media::{
    EncodedFrame, FrameClock, Picture, Stream,
    decode::{
        DecodeError,
        process::{Decoders, Owner, Shown},
    },
    present::VideoFigures,
    record::Y4mRecorder,
};
use tokio::sync::mpsc;

use super::{
    Recordings, StudioEvent,
    lips::Lips,
    screen::{Of, Shared, Work},
};
use crate::{
    api::Trouble,
    handle::{Pictures, Tile},
};

/// Pictures of one stream that wait for their sound, and their bytes; beyond it the oldest is shown at once.
const HELD: usize = 16;
const HELD_BYTES: usize = 24 << 20;
/// A picture says when it was captured. A recording believes no more than this.
const OLDEST: Duration = Duration::from_secs(5);

fn tile((member, stream): Of) -> Tile {
    if stream == Stream::Screen { Tile::Screen(member) } else { Tile::Member(member) }
}

pub(super) struct ScreenThread {
    pub shared: Arc<Shared>,
    pub decoders: Decoders,
    pub views: Views,
}

impl ScreenThread {
    pub fn run(&mut self) {
        loop {
            let now = Instant::now();
            let (work, next) = {
                let mut inbox = self.shared.inbox();
                let work = inbox.work.pop_front();
                // Who comes and goes is known before their frames are looked at.
                let next = if work.is_none() { inbox.turns.next(now) } else { None };
                (work, next)
            };
            let idle = work.is_none() && next.is_none();
            match work {
                Some(Work::Stop) => break,
                Some(work) => self.work(work),
                None => {}
            }
            if let Some((of, frame)) = next {
                self.decode(of, &frame);
            }
            self.fenced_show_due();
            if idle {
                self.wait();
            }
        }
        for member in self.views.members() {
            self.work(Work::Remove(member));
        }
    }

    /// Waits until something comes or a picture is due.
    fn wait(&self) {
        let inbox = self.shared.inbox();
        let now = Instant::now();
        if !inbox.work.is_empty() {
            return;
        }
        let due = [inbox.turns.due(now), self.views.due()].into_iter().flatten().min();
        match due {
            Some(due) => {
                let wait = due.saturating_duration_since(now);
                if !wait.is_zero() {
                    drop(self.shared.something.wait_timeout(inbox, wait));
                }
            }
            None => drop(self.shared.something.wait(inbox)),
        }
    }

    fn work(&mut self, work: Work) {
        match work {
            Work::Add(member, name) => {
                let owner = self.views.add(member, &name);
                for screen in [false, true] {
                    self.decoders.add(Instant::now(), owner, screen);
                }
            }
            Work::Pause(member, stream) => self.views.pause((member, stream)),
            Work::Remove(member) => {
                for stream in [Stream::Video, Stream::Screen] {
                    if let Some(owner) = self.views.remove((member, stream)) {
                        self.decoders.remove(owner, stream == Stream::Screen);
                    }
                }
            }
            Work::Stop => {}
        }
        *self.shared.decoders() = self.decoders.figures();
    }

    /// Decodes and shows one frame. A panic over it ends its stream and nothing else.
    fn decode(&mut self, of: Of, frame: &EncodedFrame) {
        let Some(owner) = self.views.owner(of) else {
            return;
        };
        let screen = of.1 == Stream::Screen;
        let (decoders, views) = (&mut self.decoders, &mut self.views);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let decoded = decoders.decode(Instant::now(), owner, screen, &frame.data)?;
            if let Some(shown) = decoded {
                views.came(of, frame.captured_us, &shown);
            }
            Ok(())
        }));
        // What is refused is charged as well.
        let over = self.shared.inbox().turns.charge(Instant::now(), of, self.decoders.took());
        match outcome {
            Ok(_) if over => self.views.rest(of),
            Ok(Ok(())) => {}
            Ok(Err(DecodeError::Unavailable)) => self.views.rest(of),
            Ok(Err(why)) => {
                if why != DecodeError::NeedsKeyframe {
                    self.views.refuse(of);
                }
                self.views.tell(StudioEvent::PictureBroken(of.0, of.1));
            }
            Err(_) => self.fail(of),
        }
        *self.shared.decoders() = self.decoders.figures();
    }

    fn fenced_show_due(&mut self) {
        while let Some(of) = self.views.next_due() {
            if catch_unwind(AssertUnwindSafe(|| self.views.show_held(of))).is_err() {
                self.fail(of);
            }
        }
    }

    /// The stream has met a fault of ours: it ends, and the others go on.
    fn fail(&mut self, of: Of) {
        tracing::error!("a participant's pictures failed and have ended");
        self.shared.inbox().turns.remove(of);
        if let Some(owner) = self.views.remove(of) {
            self.decoders.remove(owner, of.1 == Stream::Screen);
        }
        self.views.tell(StudioEvent::Trouble(Trouble::StreamFailed));
    }
}

/// What is seen of everybody.
pub(super) struct Views {
    clock: FrameClock,
    record: Option<Arc<Recordings>>,
    events: mpsc::Sender<StudioEvent>,
    pictures: Pictures,
    lips: Lips,
    shared: Arc<Shared>,
    views: BTreeMap<Of, View>,
    /// Everybody who was ever watched: a member who comes back is the same one, whatever their pictures did before.
    owners: BTreeMap<MemberId, Owner>,
    picture: Picture,
}

struct View {
    owner: Owner,
    recording: Option<Recording>,
    /// What a recording is to be called that begins with the first picture: few share a screen.
    to_record: Option<String>,
    shown: u64,
    /// It needs too much, or ended the decoder too often, and that was told.
    rests: bool,
    held: VecDeque<Held>,
}

struct Recording {
    file: Y4mRecorder,
    began: Option<Instant>,
}

/// A picture that waits for its sound.
struct Held {
    at: Instant,
    captured_us: u32,
    picture: Picture,
}

impl Views {
    pub fn new(
        clock: FrameClock,
        record: Option<Arc<Recordings>>,
        events: mpsc::Sender<StudioEvent>,
        pictures: Pictures,
        lips: Lips,
        shared: Arc<Shared>,
    ) -> Self {
        let (views, picture) = (BTreeMap::new(), Picture::black(2, 2));
        Self { clock, record, events, pictures, lips, shared, views, owners: BTreeMap::new(), picture }
    }

    fn members(&self) -> Vec<MemberId> {
        self.views.keys().map(|(member, _)| *member).collect()
    }

    fn owner(&self, of: Of) -> Option<Owner> {
        self.views.get(&of).map(|view| view.owner)
    }

    fn add(&mut self, member: MemberId, name: &str) -> Owner {
        let next = Owner(self.owners.len() as u64);
        let owner = *self.owners.entry(member).or_insert(next);
        let recording = self.recording(name, true);
        for (stream, recording, to_record) in
            [(Stream::Video, recording, None), (Stream::Screen, None, Some(format!("{name}-screen")))]
        {
            self.shared.figures().insert((member, stream), VideoFigures::new());
            let view = View { owner, recording, to_record, shown: 0, rests: false, held: VecDeque::new() };
            self.views.insert((member, stream), view);
        }
        owner
    }

    fn recording(&self, name: &str, camera: bool) -> Option<Recording> {
        let recordings = self.record.as_ref()?;
        let (path, fps) = (recordings.path(name, "y4m"), recordings.fps);
        let created = match recordings.size.filter(|_| camera) {
            Some(size) => Y4mRecorder::create_for(&path, fps, size),
            None => Y4mRecorder::create(&path, fps),
        };
        if created.is_err() {
            self.tell(StudioEvent::Trouble(Trouble::RecordingStopped));
        }
        created.ok().map(|file| Recording { file, began: None })
    }

    fn pause(&mut self, of: Of) {
        if let Some(view) = self.views.get_mut(&of) {
            view.held.clear();
        }
        if let Some(figures) = self.shared.figures().get_mut(&of) {
            figures.pause();
        }
        self.pictures.forget(tile(of));
    }

    fn refuse(&mut self, of: Of) {
        if let Some(figures) = self.shared.figures().get_mut(&of) {
            figures.refuse();
        }
    }

    /// Its pictures rest for a while; that is told once.
    fn rest(&mut self, of: Of) {
        let Some(view) = self.views.get_mut(&of) else {
            return;
        };
        if !std::mem::replace(&mut view.rests, true) {
            self.pause(of);
            self.tell(StudioEvent::Trouble(Trouble::PictureRests));
        }
    }

    fn remove(&mut self, of: Of) -> Option<Owner> {
        self.pictures.forget(tile(of));
        let view = self.views.remove(&of)?;
        if let Some(mut recording) = view.recording {
            let until = recording.began.map(|began| began.elapsed());
            if recording.file.finish_at(until.unwrap_or_default()).is_err() {
                self.tell(StudioEvent::Trouble(Trouble::RecordingStopped));
            }
        }
        Some(view.owner)
    }

    /// A picture was decoded: it is shown, now or with its sound.
    fn came(&mut self, of: Of, captured_us: u32, shown: &Shown<'_>) {
        let now = Instant::now();
        let at = match of.1 {
            // A page is read, not heard.
            Stream::Screen => now,
            _ => self.lips.picture(of.0, now, self.clock.age_us(captured_us, now)),
        };
        let Some(view) = self.views.get_mut(&of) else {
            return;
        };
        view.rests = false;
        if at <= now && view.held.is_empty() {
            return self.show(of, captured_us, shown.size(), |into| shown.copy_to(into));
        }
        let mut picture = Picture::black(2, 2);
        shown.copy_to(&mut picture);
        let at = view.held.back().map_or(at, |before| before.at.max(at));
        view.held.push_back(Held { at, captured_us, picture });
    }

    /// When the next picture that waits is to be shown.
    fn due(&self) -> Option<Instant> {
        self.views.values().filter_map(|view| view.held.front()).map(|held| held.at).min()
    }

    /// A stream whose oldest picture has waited long enough, or has to make room.
    fn next_due(&self) -> Option<Of> {
        let now = Instant::now();
        let due = |view: &View| {
            let over =
                view.held.len() > HELD || view.held.iter().map(|held| held.picture.y.len()).sum::<usize>() > HELD_BYTES;
            view.held.front().is_some_and(|held| held.at <= now || over)
        };
        self.views.iter().find(|(_, view)| due(view)).map(|(of, _)| *of)
    }

    fn show_held(&mut self, of: Of) {
        let held = self.views.get_mut(&of).and_then(|view| view.held.pop_front());
        if let Some(Held { captured_us, picture, .. }) = held {
            let size = (picture.width, picture.height);
            self.show(of, captured_us, size, |into| into.clone_from(&picture));
        }
    }

    fn show(&mut self, of: Of, captured_us: u32, (width, height): (u32, u32), copy: impl Fn(&mut Picture)) {
        let now = Instant::now();
        let age = self.clock.age_us(captured_us, now);
        if let Some(figures) = self.shared.figures().get_mut(&of) {
            figures.on_frame(now, width, height, age);
        }
        let named = self.views.get_mut(&of).and_then(|view| view.to_record.take());
        let begun = named.and_then(|name| self.recording(&name, false));
        let Some(view) = self.views.get_mut(&of) else {
            return;
        };
        view.shown += 1;
        let first = view.shown == 1;
        if begun.is_some() {
            view.recording = begun;
        }
        let mut failed = false;
        if let Some(recording) = &mut view.recording {
            copy(&mut self.picture);
            let age = Duration::from_micros(age.max(0).unsigned_abs().into()).min(OLDEST);
            let captured = now.checked_sub(age).unwrap_or(now);
            let began = *recording.began.get_or_insert(captured);
            failed = recording.file.write_at(&self.picture, captured.saturating_duration_since(began)).is_err();
        }
        if failed {
            view.recording = None;
            self.tell(StudioEvent::Trouble(Trouble::RecordingStopped));
        }
        self.pictures.put_with(tile(of), || {
            let mut picture = Picture::black(2, 2);
            copy(&mut picture);
            picture
        });
        if first && of.1 == Stream::Video {
            self.tell(StudioEvent::FirstPicture(of.0));
        }
    }

    fn tell(&self, event: StudioEvent) {
        if self.events.try_send(event).is_err() {
            tracing::debug!("the engine is busy; an event of the screen is dropped");
        }
    }
}
