//! The adaptive jitter buffer of one voice: packets in as they come, 10 ms of sound out when asked.
//!
//! A synchronous value: it owns no clock and no thread, so the same calls give the same sound.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::decode::VoiceDecoder;
use crate::microphone::BLOCK;
use crate::repair::Came;

mod clock;
mod delay;
mod play;
mod ready;
mod sequence;
mod stretch;

use clock::{Origin, samples_in};
use delay::{DelayMeter, MAX_TARGET, MIN_TARGET};
use ready::Ready;
pub use sequence::PathSequence;

/// 1.3 s of 20 ms packets. The oldest are dropped.
const MAX_PACKETS: usize = 64;
/// One packet's samples, as our encoder makes them.
const FRAME: i64 = 960;
/// Packets this far from their time (5 s), or from a past that is over, belong to no stream of ours ...
const STRANGE: i64 = 5 * 48_000;
/// ... until so many came in a row: then the sender has started anew.
const STRANGE_MAX: u32 = 25;
/// What repair asks for is forgotten after so many packets that ask for less: one after a pause repairs little.
const REPAIRS_LESS: u32 = 50;

/// A packet of Opus, and its place in its stream.
#[derive(Clone, PartialEq, Eq)]
pub struct VoicePacket {
    pub sequence: PathSequence,
    /// RTP's (RFC 3550, section 5.1), extended to 64 bits; it counts samples at 48 kHz. Both together tell a loss from a pause.
    pub timestamp: u64,
    /// See [`crate::EncodedFrame::captured_us`].
    pub captured_us: u32,
    pub data: Vec<u8>,
    pub came: Came,
}

impl std::fmt::Debug for VoicePacket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VoicePacket({}, {} bytes)", self.sequence.number, self.data.len())
    }
}

/// What a pulled block begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Normal,
    /// Made up: its packet is lost or late.
    Concealed,
    /// Its packet is lost; this is the copy from the packet after it.
    Recovered,
    /// A pause of the voice, or nothing came yet, or nothing comes any more.
    Silence,
    /// Shortened by a period, to bring the delay down.
    Accelerated,
    /// Lengthened by a period, to bring the delay up.
    Stretched,
}

/// What [`JitterBuffer::pull`] gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pulled {
    /// When the block's first sample was captured, as [`crate::EncodedFrame::captured_us`]; none for what is made up.
    pub captured_us: Option<u32>,
    pub kind: Kind,
}

/// Figures since the beginning, and delays of the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JitterSnapshot {
    /// All that was pulled since the first packet came.
    pub played_ms: u64,
    /// What of it stood in for lost or late packets, as WebRTC's `concealedSamples`: recovered frames and pauses are not.
    pub concealed_ms: u64,
    /// How long audio shall wait beyond the fastest packet's way, and how long it does.
    pub target_delay_ms: u32,
    pub current_delay_ms: u32,
    /// Packets that came after their time was over, and packets of a number that was there already.
    pub late: u64,
    pub duplicate: u64,
    /// Packets that were dropped because they were strange, or too many, or waited in vain.
    pub dropped: u64,
}

struct Packet {
    timestamp: i64,
    captured_us: u32,
    data: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Playing,
    /// Holding back the next packet until its delay is the target. Here delay is set without anybody hearing it.
    Waiting(Why),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    Start,
    Pause,
    Outage,
}

/// One voice's buffer and decoder.
pub struct JitterBuffer {
    decoder: VoiceDecoder,
    origin: Option<Origin>,
    packets: BTreeMap<PathSequence, Packet>,
    meter: DelayMeter,
    state: State,
    next_sequence: PathSequence,
    next_timestamp: i64,
    ready: Ready,
    /// Samples made up since the last packet. Whether they stand for a loss shows only when the next one comes.
    gap: i64,
    paused: bool,
    delay: f32,
    frames_since_scaling: u32,
    loss: f32,
    lossy: bool,
    copies: bool,
    /// How much longer than the network asks for sound is held back, because lost packets are repaired by later ones.
    repair: i64,
    repairs_less: u32,
    /// For so long sound shall wait at least, because its picture is late.
    hold: i64,
    strange: u32,
    played: u64,
    concealed: u64,
    late: u64,
    duplicate: u64,
    dropped: u64,
}

impl JitterBuffer {
    #[expect(clippy::expect_used, reason = "Opus has the one format that is asked for")]
    pub fn new() -> Self {
        Self {
            decoder: VoiceDecoder::new().expect("48 kHz mono is a format that Opus has"),
            origin: None,
            packets: BTreeMap::new(),
            meter: DelayMeter::new(),
            state: State::Waiting(Why::Start),
            next_sequence: PathSequence::default(),
            next_timestamp: 0,
            ready: Ready::default(),
            gap: 0,
            paused: false,
            delay: MIN_TARGET as f32,
            frames_since_scaling: 0,
            loss: 0.0,
            lossy: false,
            copies: false,
            repair: 0,
            repairs_less: 0,
            hold: 0,
            strange: 0,
            played: 0,
            concealed: 0,
            late: 0,
            duplicate: 0,
            dropped: 0,
        }
    }

    /// Takes a packet.
    pub fn insert(&mut self, now: Instant, packet: VoicePacket) {
        let VoicePacket { sequence, timestamp, captured_us, .. } = packet;
        let origin = *self.origin.get_or_insert(Origin { now, timestamp });
        let (arrival, relative) = (origin.samples(now), origin.timestamp(timestamp));
        let known = self.state != State::Waiting(Why::Start) || !self.packets.is_empty();
        let far_off = known && self.meter.delay(arrival, relative).abs() > STRANGE;
        let late = sequence < self.next_sequence;
        if far_off || late {
            self.strange = self.strange.saturating_add(1);
            if far_off {
                self.dropped = self.dropped.saturating_add(1);
            } else {
                self.late = self.late.saturating_add(1);
                self.measure(arrival, relative, packet.came);
            }
            if self.strange >= STRANGE_MAX {
                self.start_anew();
                self.insert(now, packet);
            }
            return;
        }
        self.strange = 0;
        if self.packets.contains_key(&sequence) {
            self.duplicate = self.duplicate.saturating_add(1);
            return;
        }
        self.measure(arrival, relative, packet.came);
        self.copies |= VoiceDecoder::carries_previous(&packet.data);
        self.packets.insert(sequence, Packet { timestamp: relative, captured_us, data: packet.data });
        if self.packets.len() > MAX_PACKETS {
            self.packets.pop_first();
            self.dropped = self.dropped.saturating_add(1);
        }
    }

    /// Takes note of when a packet came, and of how long to wait for those that don't.
    fn measure(&mut self, arrival: i64, timestamp: i64, came: Came) {
        // A repaired frame is as late as the packets that repair it: that says nothing about the network.
        if came.repaired {
            return;
        }
        self.meter.arrived(arrival, timestamp);
        let repair = i64::from(came.wait).saturating_mul(FRAME);
        self.repairs_less = if repair < self.repair { self.repairs_less.saturating_add(1) } else { 0 };
        if repair > self.repair || self.repairs_less >= REPAIRS_LESS {
            self.repair = repair;
        }
    }

    /// Gives the next 10 ms.
    pub fn pull(&mut self, now: Instant, out: &mut [f32; BLOCK]) -> Pulled {
        let Some(origin) = self.origin else {
            out.fill(0.0);
            return Pulled { captured_us: None, kind: Kind::Silence };
        };
        let now = origin.samples(now);
        self.follow_delay(now);
        while self.ready.len() < BLOCK {
            self.produce(now);
        }
        self.played = self.played.saturating_add(BLOCK as u64);
        self.ready.pull(out)
    }

    pub fn snapshot(&self) -> JitterSnapshot {
        JitterSnapshot {
            played_ms: self.played / 48,
            concealed_ms: self.concealed / 48,
            target_delay_ms: u32::try_from(self.target() / 48).unwrap_or(0),
            current_delay_ms: u32::try_from(self.delay_samples() / 48).unwrap_or(0),
            late: self.late,
            duplicate: self.duplicate,
            dropped: self.dropped,
        }
    }

    /// Makes sound wait for so much longer than it has to, from now on.
    pub fn hold(&mut self, hold: Duration) {
        self.hold = samples_in(hold);
    }

    /// How much longer than it has to sound waits now.
    pub fn held(&self) -> Duration {
        let held = if self.hold > 0 { self.delay_samples().saturating_sub(self.own_target()) } else { 0 };
        Duration::from_micros(held.max(0).unsigned_abs().saturating_mul(1000) / 48)
    }

    /// The delay in whole samples; a float that is out of range becomes the nearest integer that is in range.
    #[expect(clippy::cast_possible_truncation, reason = "saturates by definition")]
    fn delay_samples(&self) -> i64 {
        self.delay.max(0.0) as i64
    }

    fn target(&self) -> i64 {
        self.own_target().saturating_add(self.hold).min(MAX_TARGET)
    }

    /// What loss and jitter ask for.
    fn own_target(&self) -> i64 {
        let copies = if self.lossy && self.copies { FRAME } else { 0 };
        self.meter.target().saturating_add(copies.max(self.repair)).min(MAX_TARGET)
    }

    fn start_anew(&mut self) {
        let old = std::mem::take(self);
        (self.played, self.concealed) = (old.played, old.concealed);
        self.hold = old.hold;
        (self.late, self.duplicate, self.dropped) = (old.late, old.duplicate, old.dropped);
    }
}

impl Default for JitterBuffer {
    fn default() -> Self {
        Self::new()
    }
}
