//! From every participant's packets to the speaker and the recordings, in step with the sound card, or without one with
//! the clock.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crate::frame::FrameClock;
use crate::jitter::{JitterBuffer, VoicePacket};
use crate::microphone::BLOCK;
use crate::process::Level;
use crate::record::WavRecorder;
use crate::speaker::Speaker;
pub use crate::speaker::VoiceId;
use crate::sync::LipSync;

mod latency;
mod tone;
mod voice;

use tone::Tone;
use voice::Voice;

const BLOCK_TIME: Duration = Duration::from_millis(10);
/// How often a speaker is asked what it wants.
const SPEAKER_STEP: Duration = Duration::from_millis(5);
/// A speaker that wants nothing for this long does not set the pace until it wants again.
const STALLED: Duration = Duration::from_millis(200);
/// What a sound card takes, generously, until it has played what fades out.
const FADE_OUT: Duration = Duration::from_millis(150);
/// Whoever ticks later than this gets the present: the blocks in between are skipped.
const CATCH_UP: u32 = 6;

/// No participant has it.
const TONE: VoiceId = VoiceId(u64::MAX);

/// What happened in a tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ticked {
    /// A voice met a fault of ours. It is to be removed; the next one is told in the next tick.
    pub failed: Option<VoiceId>,
    /// How many blocks of every voice were played.
    pub blocks: usize,
    /// A recording could not go on. It is told once for each.
    pub recording_failed: bool,
    /// The speaker is gone and was dropped; playing goes on by the clock.
    pub speaker_lost: bool,
}

/// Figures of one voice.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AudioSnapshot {
    pub played_ms: u64,
    /// Concealed of played samples, 0 to 1.
    pub concealed_ratio: f64,
    /// Packets that came too late to be played, and packets that came again.
    pub late: u64,
    pub duplicate: u64,
    /// How long sound waits in the jitter buffer now.
    pub jitter_buffer_ms: f64,
    /// Capture to the moment a block is handed to play, over the latest 5 s; 0 until there is one.
    pub latency_p50_ms: f64,
    pub latency_p95_ms: f64,
    pub level: Level,
}

/// All voices that are heard. It belongs to one thread, which calls [`Self::tick`] by [`Self::next_due`].
pub struct Playout {
    voices: BTreeMap<VoiceId, Voice>,
    speaker: Option<Speaker>,
    /// The speaker before, while it fades out, and until when.
    leaving: Option<(Speaker, Instant)>,
    /// What is played beside the voices, to find out whether it is heard.
    tone: Option<Tone>,
    /// When the clock's next block is due.
    next: Instant,
    speaker_due: Instant,
    speaker_moved: Instant,
}

impl Playout {
    pub fn new(now: Instant, speaker: Option<Speaker>) -> Self {
        let mut playout = Self {
            voices: BTreeMap::new(),
            speaker: None,
            leaving: None,
            tone: None,
            next: now,
            speaker_due: now,
            speaker_moved: now,
        };
        playout.set_speaker(now, speaker);
        playout
    }

    /// Changes or takes away the speaker; nobody loses what is buffered. The one before fades out while the next fades in.
    pub fn set_speaker(&mut self, now: Instant, speaker: Option<Speaker>) {
        if let Some(before) = self.speaker.take().filter(|before| !before.lost()) {
            before.close();
            self.leaving = Some((before, now + FADE_OUT));
        }
        self.speaker = speaker;
        self.speaker_due = now;
        self.speaker_moved = now;
        if let Some(speaker) = &mut self.speaker {
            for (id, voice) in &self.voices {
                speaker.add(*id);
                speaker.place(*id, voice.x);
            }
            if self.tone.is_some() {
                speaker.add(TONE);
            }
        }
    }

    /// Plays a few notes from left and right, a second of them; false where no speaker is open.
    pub fn play_tone(&mut self) -> bool {
        if let Some(speaker) = &mut self.speaker {
            speaker.remove(TONE);
            speaker.add(TONE);
            self.tone = Some(Tone::default());
        }
        self.speaker.is_some()
    }

    /// What the speaker plays, for the echo canceller; once for each speaker.
    pub fn far_end(&mut self) -> Option<crate::speaker::FarEnd> {
        self.speaker.as_mut()?.far_end()
    }

    /// Begins to hear a voice; with a recorder, to record what is heard.
    pub fn add(&mut self, id: VoiceId, recorder: Option<WavRecorder>) {
        self.remove(id);
        self.voices.insert(id, Voice::new(JitterBuffer::new(), recorder));
        if let Some(speaker) = &mut self.speaker {
            speaker.add(id);
        }
    }

    /// Ends a voice and its recording.
    pub fn remove(&mut self, id: VoiceId) {
        if let Some(voice) = self.voices.remove(&id) {
            voice.finish();
            if let Some(speaker) = &mut self.speaker {
                speaker.remove(id);
            }
        }
    }

    /// A packet came. One for an unknown voice is dropped. `false`: it met a fault of ours, and the voice is to be removed.
    pub fn insert(&mut self, now: Instant, id: VoiceId, packet: VoicePacket) -> bool {
        let Some(voice) = self.voices.get_mut(&id) else {
            return true;
        };
        catch_unwind(AssertUnwindSafe(|| voice.jitter.insert(now, packet))).is_ok()
    }

    /// Keeps a voice together with its picture, by what was played last. To be called every so often.
    pub fn follow_picture(&mut self, id: VoiceId, sync: &mut LipSync) {
        if let Some(voice) = self.voices.get_mut(&id) {
            voice.follow_picture(sync);
        }
    }

    /// Where a voice is heard: -1 left, 1 right.
    pub fn place(&mut self, id: VoiceId, x: f32) {
        if let Some(voice) = self.voices.get_mut(&id) {
            voice.x = x;
            if let Some(speaker) = &mut self.speaker {
                speaker.place(id, x);
            }
        }
    }

    /// Plays all blocks that are due.
    pub fn tick(&mut self, now: Instant, clock: &FrameClock) -> Ticked {
        let mut ticked = Ticked::default();
        self.leaving.take_if(|(_, until)| *until <= now);
        if self.speaker.as_ref().is_some_and(Speaker::lost) {
            self.speaker = None;
            ticked.speaker_lost = true;
        }
        let wanted = self.speaker.as_mut().map_or(0, Speaker::wanted);
        if wanted > 0 {
            self.speaker_moved = now;
        }
        if self.speaker.is_some() && now.saturating_duration_since(self.speaker_moved) < STALLED {
            for _ in 0..wanted {
                self.block(now, now, clock, true, &mut ticked);
            }
            self.speaker_due = now + SPEAKER_STEP;
            self.next = now + BLOCK_TIME;
        } else {
            self.follow_clock(now, clock, &mut ticked);
        }
        ticked
    }

    /// There is nobody to hear and nothing to hear them by: ticks have nothing to do.
    pub fn is_idle(&self) -> bool {
        self.voices.is_empty() && self.speaker.is_none() && self.leaving.is_none()
    }

    /// When to tick next.
    pub fn next_due(&self) -> Instant {
        if self.speaker.is_some() { self.speaker_due.min(self.next) } else { self.next }
    }

    pub fn figures(&self, id: VoiceId) -> Option<AudioSnapshot> {
        self.voices.get(&id).map(Voice::figures)
    }

    fn follow_clock(&mut self, now: Instant, clock: &FrameClock, ticked: &mut Ticked) {
        if now.saturating_duration_since(self.next) > BLOCK_TIME * CATCH_UP {
            self.next = now;
        }
        while self.next <= now {
            // The time it was due, not the time that the thread woke: the jitter buffer sees an even pace.
            self.block(self.next, now, clock, false, ticked);
            self.next += BLOCK_TIME;
        }
        self.speaker_due = self.next;
    }

    fn block(&mut self, due: Instant, now: Instant, clock: &FrameClock, heard: bool, ticked: &mut Ticked) {
        let mut block = [0.0; BLOCK];
        for (id, voice) in &mut self.voices {
            // A fault of ours over one voice must not end all of them.
            match catch_unwind(AssertUnwindSafe(|| voice.play(due, now, clock, &mut block))) {
                Ok(recording_failed) => ticked.recording_failed |= recording_failed,
                Err(_) => {
                    block.fill(0.0);
                    ticked.failed.get_or_insert(*id);
                }
            }
            if let Some(speaker) = self.speaker.as_mut().filter(|_| heard) {
                speaker.push(*id, &block);
            }
        }
        if let Some(speaker) = self.speaker.as_mut().filter(|_| heard) {
            match self.tone.as_mut().and_then(|tone| Some((tone.place()?, tone.next()))) {
                Some((place, block)) => {
                    speaker.place(TONE, place);
                    speaker.push(TONE, &block);
                }
                None if self.tone.take().is_some() => speaker.remove(TONE),
                None => {}
            }
            speaker.pushed();
        }
        ticked.blocks += 1;
    }
}
