//! The mix: every voice in its place between the ears. It runs in the sound card's callback: nothing in it waits or allocates.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rtrb::{Consumer, Producer, RingBuffer};

use super::{MAX_VOICES, VoiceId};

/// Changes that the callback has not seen yet: everybody comes and is placed at once, twice over. A full queue drops the newest.
const CHANGES: usize = 4 * MAX_VOICES;
/// How far a voice at the edge is turned to the side: 22.5 degrees of 45. Further, the other ear would lose it.
const TURN: f32 = std::f32::consts::FRAC_PI_8;
/// A voice moves and the whole fades as fast as nobody hears it happen: 10 ms.
const GLIDE: f32 = 1.0 / 480.0;
/// Where a starved voice's last sample goes, so that it ends without a click: to nothing within 5 ms ...
const DECAY: f32 = 0.98;
/// ... and it comes back within 2.5 ms.
const RETURN: f32 = 1.0 / 120.0;
/// Many voices at once are held below full scale, and let go of again within a tenth of a second.
const CEILING: f32 = 0.97;
const RELEASE: f32 = 1.0 - 1.0 / 4800.0;

/// What each ear gets of a voice.
type Ears = [f32; 2];

/// Of -1, the left, to 1, the right: the same power everywhere.
fn ears(x: f32) -> Ears {
    let x = if x.is_finite() { x.clamp(-1.0, 1.0) } else { 0.0 };
    let angle = std::f32::consts::FRAC_PI_4 + x * TURN;
    [angle.cos(), angle.sin()].map(|gain| gain * std::f32::consts::SQRT_2)
}

enum Change {
    Add(VoiceId, Consumer<f32>),
    Place(VoiceId, Ears),
}

/// The side that says what is heard.
pub(super) struct Desk {
    changes: Producer<Change>,
    gone: Consumer<Consumer<f32>>,
    closing: Arc<AtomicBool>,
}

pub(super) struct Mixer {
    changes: Consumer<Change>,
    /// The rings of voices that ended, to be freed elsewhere.
    gone: Producer<Consumer<f32>>,
    closing: Arc<AtomicBool>,
    voices: Vec<Placed>,
    whole: f32,
    peak: f32,
}

struct Placed {
    id: VoiceId,
    samples: Consumer<f32>,
    ears: Ears,
    wanted: Ears,
    last: f32,
    gate: f32,
}

/// Both sides of a mixer that begins with a fade.
pub(super) fn mixer() -> (Desk, Mixer) {
    let (changes, seen) = RingBuffer::new(CHANGES);
    let (gone, freed) = RingBuffer::new(2 * MAX_VOICES);
    let closing = Arc::new(AtomicBool::new(false));
    let desk = Desk { changes, gone: freed, closing: closing.clone() };
    let voices = Vec::with_capacity(MAX_VOICES);
    (desk, Mixer { changes: seen, gone, closing, voices, whole: 0.0, peak: 0.0 })
}

impl Desk {
    /// Gives a voice its place, in the middle. It goes when nobody holds the other end of its ring any more.
    pub(super) fn add(&mut self, id: VoiceId, samples: Consumer<f32>) -> bool {
        while self.gone.pop().is_ok() {}
        self.changes.push(Change::Add(id, samples)).is_ok()
    }

    pub(super) fn place(&mut self, id: VoiceId, x: f32) {
        let _ = self.changes.push(Change::Place(id, ears(x)));
    }

    /// Fades out what is heard, for good.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }
}

impl Mixer {
    /// Fills `out` with interleaved stereo at 48 kHz.
    pub(super) fn render(&mut self, out: &mut [f32]) {
        self.follow();
        out.fill(0.0);
        for voice in &mut self.voices {
            voice.add_to(out);
        }
        let mut n = 0;
        while let Some(voice) = self.voices.get(n) {
            if !voice.is_over() || self.gone.is_full() {
                n += 1;
                continue;
            }
            let _ = self.gone.push(self.voices.swap_remove(n).samples);
        }
        let wanted = if self.closing.load(Ordering::Relaxed) { 0.0 } else { 1.0 };
        for frame in out.chunks_exact_mut(2) {
            self.whole += (wanted - self.whole).clamp(-GLIDE, GLIDE);
            self.peak = frame[0].abs().max(frame[1].abs()).max(self.peak * RELEASE);
            let gain = if self.peak > CEILING { self.whole * CEILING / self.peak } else { self.whole };
            (frame[0], frame[1]) = (frame[0] * gain, frame[1] * gain);
        }
    }

    fn follow(&mut self) {
        while let Ok(change) = self.changes.pop() {
            match change {
                Change::Add(id, samples) if self.voices.len() < MAX_VOICES => {
                    let ears = ears(0.0);
                    self.voices.push(Placed { id, samples, ears, wanted: ears, last: 0.0, gate: 0.0 });
                }
                Change::Add(_, samples) => drop(self.gone.push(samples)),
                Change::Place(id, ears) => {
                    for voice in self.voices.iter_mut().filter(|voice| voice.id == id) {
                        voice.wanted = ears;
                    }
                }
            }
        }
    }
}

impl Placed {
    fn add_to(&mut self, out: &mut [f32]) {
        let there = self.samples.slots().min(out.len() / 2);
        let (heard, starved) = out.split_at_mut(2 * there);
        if let Ok(chunk) = self.samples.read_chunk(there) {
            let (mut ears, mut gate) = (self.ears, self.gate);
            for (frame, sample) in heard.chunks_exact_mut(2).zip(chunk) {
                gate = (gate + RETURN).min(1.0);
                self.last = sample * gate;
                glide(&mut ears, self.wanted);
                frame[0] += ears[0] * self.last;
                frame[1] += ears[1] * self.last;
            }
            (self.ears, self.gate) = (ears, gate);
        }
        if starved.is_empty() {
            return;
        }
        self.gate = 0.0;
        for frame in starved.chunks_exact_mut(2) {
            self.last *= DECAY;
            if self.last.abs() < 1e-6 {
                // A silent voice costs nothing.
                self.last = 0.0;
                break;
            }
            frame[0] += self.ears[0] * self.last;
            frame[1] += self.ears[1] * self.last;
        }
    }

    fn is_over(&self) -> bool {
        self.samples.is_abandoned() && self.samples.is_empty() && self.last == 0.0
    }
}

fn glide(ears: &mut Ears, wanted: Ears) {
    for (now, wanted) in ears.iter_mut().zip(wanted) {
        *now += (wanted - *now).clamp(-GLIDE, GLIDE);
    }
}
