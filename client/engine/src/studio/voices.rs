//! What the playing thread does: voices come, go and are heard, and a speaker that is gone is looked for.

use std::{
    collections::BTreeMap,
    sync::{Arc, mpsc as std_mpsc},
    thread,
    time::{Duration, Instant},
};

use group_crypto::MemberId;
use media::{
    FrameClock,
    playout::{Playout, VoiceId},
    record::WavRecorder,
    speaker::{Search, Speaker, SpeakerSource},
};
use tokio::sync::mpsc;

use super::{
    Recordings, StudioEvent,
    lips::Lips,
    microphone::FarEndSlot,
    playing::{Ledger, Work, lock},
};
use crate::api::{SpeakerChoice, Trouble};

/// How often figures and speaking states are told.
const FIGURES: Duration = Duration::from_millis(100);
/// That the speaker is lost is told no more often than this.
const TOLD_AGAIN: Duration = Duration::from_secs(30);

pub(super) struct PlayingThread {
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
    pub fn new(
        clock: FrameClock,
        record: Option<Arc<Recordings>>,
        events: mpsc::Sender<StudioEvent>,
        figures: Ledger,
        far_end: FarEndSlot,
        lips: Lips,
    ) -> Self {
        let now = Instant::now();
        Self {
            clock,
            record,
            events,
            figures,
            far_end,
            lips,
            playout: Playout::new(now, None),
            voices: BTreeMap::new(),
            next_voice: 0,
            choice: SpeakerChoice::None,
            search: None,
            loss_told: None,
            next_figures: now + FIGURES,
        }
    }

    pub fn run(&mut self, waiting: &std_mpsc::Receiver<Work>) {
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

    pub fn use_speaker(&mut self, choice: SpeakerChoice) {
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
