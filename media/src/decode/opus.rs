//! Opus packets to voice (RFC 6716), with loss concealment and recovery from the following packet.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use ::opus::{Channels, Decoder};

/// The longest packet holds 120 ms (RFC 6716, section 3.2.5).
const MAX_SAMPLES: usize = 5760;

/// Concealment comes in steps of 2.5 ms.
const STEP: usize = 120;

/// The packet is not Opus. The decoder itself stays usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the voice packet can't be decoded")]
pub struct VoiceDecodeError;

/// One voice's decoder: packets must reach it in the order in which they were spoken.
pub struct VoiceDecoder {
    decoder: Decoder,
    samples: Box<[f32; MAX_SAMPLES]>,
}

impl VoiceDecoder {
    pub fn new() -> Result<Self, VoiceDecodeError> {
        let decoder = Decoder::new(48_000, Channels::Mono).map_err(|_| VoiceDecodeError)?;
        Ok(Self { decoder, samples: Box::new([0.0; MAX_SAMPLES]) })
    }

    /// The samples of one packet, 48 kHz mono.
    pub fn decode(&mut self, packet: &[u8]) -> Result<&[f32], VoiceDecodeError> {
        if packet.is_empty() {
            // libopus takes an empty packet for a loss, which is not what was asked.
            return Err(VoiceDecodeError);
        }
        let n = self.decoder.decode_float(packet, self.samples.as_mut_slice(), false).map_err(|_| VoiceDecodeError)?;
        Ok(self.sane(n))
    }

    /// About what would have followed, fading: `samples` of it, rounded down to 2.5 ms.
    pub fn conceal(&mut self, samples: usize) -> Result<&[f32], VoiceDecodeError> {
        let wanted = wanted(&mut self.samples, samples);
        let n = self.decoder.decode_float(&[], wanted, false).map_err(|_| VoiceDecodeError)?;
        Ok(self.sane(n))
    }

    /// The lost frame of `samples` before `next`, from the copy that `next` carries (see [`Self::carries_previous`]).
    pub fn recover(&mut self, next: &[u8], samples: usize) -> Result<&[f32], VoiceDecodeError> {
        let wanted = wanted(&mut self.samples, samples);
        let n = self.decoder.decode_float(next, wanted, true).map_err(|_| VoiceDecodeError)?;
        Ok(self.sane(n))
    }

    /// Whether `packet` holds a copy of the frame before it (LBRR).
    ///
    /// Reads the flag of a packet of one SILK or hybrid frame of 10 or 20 ms (RFC 6716, sections 3.1 and 4.2.3); says no
    /// for any other packet.
    pub fn carries_previous(packet: &[u8]) -> bool {
        let &[toc, first, ..] = packet else {
            return false;
        };
        let (config, stereo, frames) = (toc >> 3, toc & 0b100 != 0, toc & 0b11);
        let one_silk_frame = (config < 12 && config % 4 < 2) || (12..16).contains(&config);
        one_silk_frame && !stereo && frames == 0 && first & 0b0100_0000 != 0
    }

    fn sane(&mut self, n: usize) -> &[f32] {
        let samples = self.samples.get_mut(..n).unwrap_or_default();
        for sample in &mut *samples {
            // A hostile packet must not blow up what comes after: mixer, canceller, ears.
            *sample = if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 };
        }
        samples
    }
}

/// Room for so many samples, in whole steps.
fn wanted(room: &mut [f32; MAX_SAMPLES], samples: usize) -> &mut [f32] {
    let n = (samples / STEP).saturating_mul(STEP).clamp(STEP, MAX_SAMPLES);
    room.get_mut(..n).unwrap_or_default()
}
