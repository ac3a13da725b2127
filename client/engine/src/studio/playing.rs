//! The playing thread: jitter buffers, recordings and the speaker of everybody's voice.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, mpsc as std_mpsc},
    thread,
    time::{Duration, Instant},
};

use group_crypto::MemberId;
use media::{
    FrameClock,
    jitter::VoicePacket,
    playout::{AudioSnapshot, Playout, VoiceId},
    record::WavRecorder,
    speaker::{Search, Speaker, SpeakerSource},
};
use tokio::sync::mpsc;

use super::{Recordings, StudioEvent, lips::Lips, microphone::FarEndSlot};
use crate::api::{SpeakerChoice, Trouble};

/// Packets that wait for their jitter buffer, all participants together; beyond it they are dropped as if lost.
const WAITING: usize = 256;
/// How often figures and speaking states are told.
const FIGURES: Duration = Duration::from_millis(100);
/// That the speaker is lost is told no more often than this.
const TOLD_AGAIN: Duration = Duration::from_secs(30);

enum Work {
    Packet { came: Instant, member: MemberId, packet: VoicePacket },
    Add(MemberId, String),
    Remove(MemberId),
    Place(MemberId, f32),
    Speaker(SpeakerChoice),
    Tone,
    Stop,
}

/// The thread's handle. Ends when dropped, its recordings finished.
pub(crate) struct Playing {
    work: std_mpsc::SyncSender<Work>,
    figures: Ledger,
    far_end: FarEndSlot,
    thread: Option<thread::JoinHandle<()>>,
}

type Ledger = Arc<Mutex<BTreeMap<MemberId, AudioSnapshot>>>;

impl Playing {
    pub fn start(
        clock: FrameClock,
        record: Option<Arc<Recordings>>,
        speaker: SpeakerChoice,
        events: mpsc::Sender<StudioEvent>,
        lips: Lips,
    ) -> Self {
        let (work, waiting) = std_mpsc::sync_channel(WAITING);
        let (figures, far_end) = (Ledger::default(), FarEndSlot::default());
        let (ledger, slot) = (figures.clone(), far_end.clone());
        let spawned = thread::Builder::new().name("playing".into()).spawn(move || {
            let now = Instant::now();
            let playout = Playout::new(now, None);
            let mut thread = PlayingThread {
                clock,
                record,
                events,
                figures: ledger,
                far_end: slot,
                lips,
                playout,
                voices: BTreeMap::new(),
                next_voice: 0,
                choice: SpeakerChoice::None,
                search: None,
                loss_told: None,
                next_figures: now + FIGURES,
            };
            thread.use_speaker(speaker);
            thread.run(&waiting);
        });
        if spawned.is_err() {
            tracing::error!("the system refused a thread for the voices");
        }
        Self { work, figures, far_end, thread: spawned.ok() }
    }

    /// A packet that finds no room is as good as lost on the way.
    pub fn packet(&self, member: MemberId, packet: VoicePacket) {
        let _ = self.work.try_send(Work::Packet { came: Instant::now(), member, packet });
    }

    pub fn add(&self, member: MemberId, name: String) {
        let _ = self.work.send(Work::Add(member, name));
    }

    pub fn remove(&self, member: MemberId) {
        let _ = self.work.send(Work::Remove(member));
    }

    pub fn place(&self, member: MemberId, x: f32) {
        let _ = self.work.try_send(Work::Place(member, x));
    }

    pub fn use_speaker(&self, choice: SpeakerChoice) {
        let _ = self.work.send(Work::Speaker(choice));
    }

    /// A few notes, to find out whether the speaker is heard.
    pub fn play_tone(&self) {
        let _ = self.work.try_send(Work::Tone);
    }

    /// Where the final mix for the echo canceller lies.
    pub fn far_end(&self) -> FarEndSlot {
        self.far_end.clone()
    }

    /// Figures of everyone who was ever heard.
    pub fn figures(&self, member: MemberId) -> Option<AudioSnapshot> {
        lock(&self.figures).get(&member).cloned()
    }

    /// Ends the thread and waits until its recordings are finished.
    pub fn stop(&mut self) {
        let _ = self.work.send(Work::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        self.stop();
    }
}

fn lock(figures: &Ledger) -> std::sync::MutexGuard<'_, BTreeMap<MemberId, AudioSnapshot>> {
    // Figures are whole after every statement, so a panic elsewhere does not spoil them.
    figures.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

struct PlayingThread {
    clock: FrameClock,
    record: Option<Arc<Recordings>>,
    events: mpsc::Sender<StudioEvent>,
    figures: Ledger,
    far_end: FarEndSlot,
    lips: Lips,
    playout: Playout,
    voices: BTreeMap<MemberId, Voice>,
    next_voice: u64,
    choice: SpeakerChoice,
    /// For the chosen speaker, which is gone.
    search: Option<Search>,
    loss_told: Option<Instant>,
    next_figures: Instant,
}

struct Voice {
    id: VoiceId,
    speaking: bool,
}

impl PlayingThread {
    fn run(&mut self, waiting: &std_mpsc::Receiver<Work>) {
        loop {
            if self.playout.is_idle() && self.search.is_none() {
                match waiting.recv() {
                    Ok(Work::Stop) | Err(_) => break,
                    Ok(work) => self.work(work),
                }
            } else {
                // Packets do not wake this thread: they are many, and none is heard before the next block is due.
                thread::sleep(self.playout.next_due().saturating_duration_since(Instant::now()));
            }
            if !self.take(waiting) {
                break;
            }
            let now = Instant::now();
            if now >= self.playout.next_due() {
                let ticked = self.playout.tick(now, &self.clock);
                if ticked.recording_failed {
                    self.tell(StudioEvent::Trouble(Trouble::RecordingStopped));
                }
                let failed = |voice: &Voice| ticked.failed == Some(voice.id);
                if let Some(member) = self.voices.iter().find(|(_, voice)| failed(voice)).map(|(member, _)| *member) {
                    self.fail(member);
                }
                if ticked.speaker_lost {
                    self.speaker_lost(now);
                }
                if let Some(found) = self.search.as_ref().and_then(Search::found) {
                    self.play_by(Some(found));
                }
            }
            if now >= self.next_figures {
                self.next_figures = now + FIGURES;
                self.tell_figures();
            }
        }
        self.tell_figures();
        for member in self.voices.keys().copied().collect::<Vec<_>>() {
            self.remove(member);
        }
    }

    /// Does what waits; `false` once nothing more will come.
    fn take(&mut self, waiting: &std_mpsc::Receiver<Work>) -> bool {
        loop {
            match waiting.try_recv() {
                Ok(Work::Stop) | Err(std_mpsc::TryRecvError::Disconnected) => return false,
                Ok(work) => self.work(work),
                Err(std_mpsc::TryRecvError::Empty) => return true,
            }
        }
    }

    fn work(&mut self, work: Work) {
        match work {
            Work::Packet { came, member, packet } => {
                let voice = self.voices.get(&member).map(|voice| voice.id);
                if voice.is_some_and(|voice| !self.playout.insert(came, voice, packet)) {
                    self.fail(member);
                }
            }
            Work::Add(member, name) => self.add(member, &name),
            Work::Remove(member) => self.remove(member),
            Work::Place(member, x) => {
                if let Some(voice) = self.voices.get(&member) {
                    self.playout.place(voice.id, x);
                }
            }
            Work::Speaker(choice) => self.use_speaker(choice),
            Work::Tone => {
                if !self.playout.play_tone() {
                    self.tell(StudioEvent::Trouble(Trouble::SpeakerUnusable));
                }
            }
            Work::Stop => {}
        }
    }

    fn add(&mut self, member: MemberId, name: &str) {
        let mut recorder = None;
        if let Some(recordings) = &self.record {
            match WavRecorder::create(&recordings.path(name, "wav")) {
                Ok(created) => recorder = Some(created),
                Err(_) => self.tell(StudioEvent::Trouble(Trouble::RecordingStopped)),
            }
        }
        let id = VoiceId(self.next_voice);
        self.next_voice += 1;
        self.playout.add(id, recorder);
        self.voices.insert(member, Voice { id, speaking: false });
    }

    fn remove(&mut self, member: MemberId) {
        if let Some(voice) = self.voices.remove(&member) {
            if let Some(snapshot) = self.playout.figures(voice.id) {
                lock(&self.figures).insert(member, snapshot);
            }
            self.playout.remove(voice.id);
            self.lips.forget(member);
        }
    }

    /// Their voice has met a fault of ours: it ends, and the others go on.
    fn fail(&mut self, member: MemberId) {
        tracing::error!("a participant's voice failed and has ended");
        self.remove(member);
        self.tell(StudioEvent::Trouble(Trouble::StreamFailed));
    }

    fn use_speaker(&mut self, choice: SpeakerChoice) {
        self.search = None;
        let speaker = match &choice {
            SpeakerChoice::None => None,
            SpeakerChoice::Device(id) => match Speaker::open(&SpeakerSource::Device(id.clone())) {
                Ok(speaker) => Some(speaker),
                Err(_) => {
                    self.tell(StudioEvent::Trouble(Trouble::SpeakerUnusable));
                    None
                }
            },
        };
        self.choice = choice;
        self.play_by(speaker);
    }

    /// One that opens and is gone again at once is told of now and then, not each time.
    fn speaker_lost(&mut self, now: Instant) {
        self.play_by(None);
        if let SpeakerChoice::Device(id) = &self.choice {
            self.search = Some(Search::start(&SpeakerSource::Device(id.clone())));
        }
        if self.loss_told.is_none_or(|told| now >= told + TOLD_AGAIN) {
            self.loss_told = Some(now);
            self.tell(StudioEvent::Trouble(Trouble::SpeakerLost));
        }
    }

    fn play_by(&mut self, mut speaker: Option<Speaker>) {
        let far_end = speaker.as_mut().and_then(Speaker::far_end);
        *self.far_end.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = far_end;
        self.playout.set_speaker(Instant::now(), speaker);
    }

    fn tell_figures(&mut self) {
        let mut changed = Vec::new();
        for (member, voice) in &mut self.voices {
            self.lips.voice(*member, |sync| self.playout.follow_picture(voice.id, sync));
            let Some(snapshot) = self.playout.figures(voice.id) else {
                continue;
            };
            if snapshot.level.speaking != voice.speaking {
                voice.speaking = snapshot.level.speaking;
                changed.push(StudioEvent::Speaking { member: *member, speaking: voice.speaking });
            }
            lock(&self.figures).insert(*member, snapshot);
        }
        for event in changed {
            self.tell(event);
        }
    }

    fn tell(&self, event: StudioEvent) {
        if self.events.try_send(event).is_err() {
            tracing::debug!("the engine is busy; an event of the voices is dropped");
        }
    }
}
