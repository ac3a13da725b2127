//! What is seen of everybody: pictures shown together with their voice, measured as the eye would see them, and recorded.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use group_crypto::MemberId;
use media::{
    FrameClock, Picture, Stream,
    decode::process::{Owner, Shown},
    present::VideoFigures,
    record::Y4mRecorder,
};
use tokio::sync::mpsc;

use super::{
    Recordings, StudioEvent,
    lips::Lips,
    recording::Recording,
    screen::{Of, Shared},
};
use crate::{
    api::Trouble,
    pictures::{Pictures, Tile},
};

/// Pictures of one stream that wait for their sound, and their bytes; beyond it the oldest is shown at once.
const HELD: usize = 16;
const HELD_BYTES: usize = 24 << 20;
/// A picture says when it was captured. A recording believes no more than this.
const OLDEST: Duration = Duration::from_secs(5);

fn tile((member, stream): Of) -> Tile {
    if stream == Stream::Screen { Tile::Screen(member) } else { Tile::Member(member) }
}

/// The streams that are watched.
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
    /// Recordings of streams that have ended, which are still written.
    finishing: Vec<JoinHandle<()>>,
    /// That the decoder does not start was told.
    decoder_missed: bool,
}

struct View {
    owner: Owner,
    recording: Option<Recording>,
    /// What a recording is to be called that begins with the first picture: few share a screen.
    to_record: Option<String>,
    shown: u64,
    /// Of the newest picture.
    size: (u32, u32),
    /// It needs too much, or ended the decoder too often, and that was told.
    rests: bool,
    held: VecDeque<Held>,
}

/// A picture that waits for its sound.
struct Held {
    at: Instant,
    captured_us: u32,
    size: (u32, u32),
    /// `None` if nobody wanted to see it.
    picture: Option<Picture>,
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
        let (views, owners, finishing) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        Self { clock, record, events, pictures, lips, shared, views, owners, finishing, decoder_missed: false }
    }

    pub(super) fn members(&self) -> Vec<MemberId> {
        self.views.keys().map(|(member, _)| *member).collect()
    }

    pub(super) fn owner(&self, of: Of) -> Option<Owner> {
        self.views.get(&of).map(|view| view.owner)
    }

    pub(super) fn add(&mut self, member: MemberId, name: &str) -> Owner {
        let next = Owner(self.owners.len() as u64);
        let owner = *self.owners.entry(member).or_insert(next);
        let recording = self.recording(name, true);
        for (stream, recording, to_record) in
            [(Stream::Video, recording, None), (Stream::Screen, None, Some(format!("{name}-screen")))]
        {
            self.shared.figures().insert((member, stream), VideoFigures::new());
            let view =
                View { owner, recording, to_record, shown: 0, size: (0, 0), rests: false, held: VecDeque::new() };
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
        let events = self.events.clone();
        // Where the engine is that busy, the end of a recording goes untold.
        let failed = move || drop(events.try_send(StudioEvent::Trouble(Trouble::RecordingStopped)));
        let begun = created.and_then(|file| Recording::begin(file, failed));
        if begun.is_err() {
            self.tell(StudioEvent::Trouble(Trouble::RecordingStopped));
        }
        begun.ok()
    }

    /// Waits until all recordings are on the disk.
    pub(super) fn finish_recordings(&mut self) {
        for thread in self.finishing.drain(..) {
            let _ = thread.join();
        }
    }

    pub(super) fn pause(&mut self, of: Of) {
        if let Some(view) = self.views.get_mut(&of) {
            view.held.clear();
        }
        if let Some(figures) = self.shared.figures().get_mut(&of) {
            figures.pause();
        }
        self.pictures.forget(tile(of));
    }

    pub(super) fn refuse(&mut self, of: Of) {
        if let Some(figures) = self.shared.figures().get_mut(&of) {
            figures.refuse();
        }
    }

    /// Its pictures rest for a while; that is told once.
    pub(super) fn rest(&mut self, of: Of) {
        let Some(view) = self.views.get_mut(&of) else {
            return;
        };
        if !std::mem::replace(&mut view.rests, true) {
            self.pause(of);
            self.tell(StudioEvent::Trouble(Trouble::PictureRests));
        }
    }

    /// No picture can be decoded on this machine for now: that is told once, and blames nobody.
    pub(super) fn miss_decoder(&mut self, of: Of) {
        if self.views.get_mut(&of).is_some_and(|view| !std::mem::replace(&mut view.rests, true)) {
            self.pause(of);
        }
        if !std::mem::replace(&mut self.decoder_missed, true) {
            self.tell(StudioEvent::Trouble(Trouble::DecoderNotStarted));
        }
    }

    /// Whether somebody looks at this stream's pictures, or they are recorded. The others' are decoded and measured only.
    pub(super) fn want_picture(&self, of: Of) -> bool {
        let records = |view: &View| view.recording.is_some() || self.record.is_some() && view.to_record.is_some();
        self.pictures.are_viewed() || self.views.get(&of).is_some_and(records)
    }

    /// Of the stream's newest picture.
    pub(super) fn lines(&self, of: Of) -> u32 {
        self.views.get(&of).map_or(0, |view| view.size.0.min(view.size.1))
    }

    pub(super) fn remove(&mut self, of: Of) -> Option<Owner> {
        self.pictures.forget(tile(of));
        let view = self.views.remove(&of)?;
        self.finishing.retain(|thread| !thread.is_finished());
        self.finishing.extend(view.recording.map(Recording::finish));
        Some(view.owner)
    }

    /// A picture was decoded: it is shown, now or with its sound. One that is not wanted is measured as if it were.
    pub(super) fn came(&mut self, of: Of, captured_us: u32, shown: &Shown<'_>, wanted: bool) {
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
        view.size = shown.size();
        self.decoder_missed = false;
        if at <= now && view.held.is_empty() {
            let copy = |into: &mut Picture| shown.copy_to(into);
            return self.show(of, captured_us, shown.size(), wanted.then_some(copy));
        }
        let picture = wanted.then(|| {
            let mut picture = Picture::black(2, 2);
            shown.copy_to(&mut picture);
            picture
        });
        let at = view.held.back().map_or(at, |before| before.at.max(at));
        view.held.push_back(Held { at, captured_us, size: shown.size(), picture });
    }

    /// When the next picture that waits is to be shown.
    pub(super) fn due(&self) -> Option<Instant> {
        self.views.values().filter_map(|view| view.held.front()).map(|held| held.at).min()
    }

    /// A stream whose oldest picture has waited long enough, or has to make room.
    pub(super) fn next_due(&self) -> Option<Of> {
        let now = Instant::now();
        let due = |view: &View| {
            let bytes = |held: &Held| held.picture.as_ref().map_or(0, |picture| picture.y.len());
            let over = view.held.len() > HELD || view.held.iter().map(bytes).sum::<usize>() > HELD_BYTES;
            view.held.front().is_some_and(|held| held.at <= now || over)
        };
        self.views.iter().find(|(_, view)| due(view)).map(|(of, _)| *of)
    }

    pub(super) fn show_held(&mut self, of: Of) {
        let held = self.views.get_mut(&of).and_then(|view| view.held.pop_front());
        if let Some(Held { captured_us, size, picture, .. }) = held {
            self.show(
                of,
                captured_us,
                size,
                picture.map(|picture| move |into: &mut Picture| into.clone_from(&picture)),
            );
        }
    }

    /// Shows a picture, if it is there, and measures it.
    fn show(&mut self, of: Of, captured_us: u32, (width, height): (u32, u32), copy: Option<impl Fn(&mut Picture)>) {
        let now = Instant::now();
        let age = self.clock.age_us(captured_us, now);
        if let Some(figures) = self.shared.figures().get_mut(&of) {
            figures.on_frame(now, width, height, age);
        }
        let named = self.views.get_mut(&of).filter(|_| copy.is_some()).and_then(|view| view.to_record.take());
        let begun = named.and_then(|name| self.recording(&name, false));
        let Some(view) = self.views.get_mut(&of) else {
            return;
        };
        view.shown += 1;
        let first = view.shown == 1;
        if begun.is_some() {
            view.recording = begun;
        }
        if let (Some(recording), Some(copy)) = (&mut view.recording, &copy) {
            let age = Duration::from_micros(age.max(0).unsigned_abs().into()).min(OLDEST);
            let captured = now.checked_sub(age).unwrap_or(now);
            if !recording.put(captured, copy) {
                view.recording = None;
            }
        }
        if let Some(copy) = copy {
            self.pictures.put_with(tile(of), || {
                let mut picture = Picture::black(2, 2);
                copy(&mut picture);
                picture
            });
        }
        if first && of.1 == Stream::Video {
            self.tell(StudioEvent::FirstPicture(of.0));
        }
    }

    pub(super) fn tell(&self, event: StudioEvent) {
        if self.events.try_send(event).is_err() {
            tracing::debug!("the engine is busy; an event of the screen is dropped");
        }
    }
}
