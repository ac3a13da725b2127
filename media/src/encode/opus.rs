//! Voice to Opus packets (RFC 6716): 48 kHz mono, 20 ms, constrained VBR or CBR, in-band FEC, and DTX in true silence.

use ::opus::{Application, Bandwidth, Bitrate, Channels, Encoder, Signal};

use crate::microphone::BLOCK;
use crate::process::LevelMeter;

/// Samples in one Opus frame: 20 ms at 48 kHz.
pub const VOICE_FRAME: usize = 960;

/// What a voice uses in kbit/s where nothing is lost.
pub const VOICE_KBPS: u32 = 32;

/// Analysis effort, 0 to 10. Above 7 PESQ-WB of clean speech no longer rises (5: 4.246, 7: 4.256, 10: 4.257), CPU does.
const COMPLEXITY: i32 = 7;

/// No frame of 20 ms is larger than this (RFC 6716, section 3.4).
const MAX_PACKET: usize = 1275;

/// Lower rates leave room for repair. Then nothing is spent on what is above 8 kHz: what speech has below is worth more (0.1 of
/// PESQ-WB at 24 kbit/s, 0.25 at 16). And all frames have one size, because a repair block is as long as the longest frame
/// that it covers; what that costs in quality, the rate that it saves gives back.
const FREE_KBPS: u32 = 28;

/// Nothing is left out before nobody has spoken for so many frames: 1.2 s. libopus alone begins 200 ms after the voice, in the
/// midst of a sentence, and what the listener makes up for breath and room costs 0.1 of PESQ-WB.
const TALKS_ON: u32 = 60;

/// libopus marks a frame that need not be sent by making it this short.
const DTX_PACKET: usize = 2;

/// The encoder refused a frame or a setting. Trying the same again does not help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the voice encoder failed: {0:?}")]
pub struct VoiceEncodeError(::opus::ErrorCode);

impl From<::opus::Error> for VoiceEncodeError {
    fn from(error: ::opus::Error) -> Self {
        Self(error.code())
    }
}

/// One voice's encoder. Its output is the same for every listener.
pub struct VoiceEncoder {
    encoder: Encoder,
    meter: LevelMeter,
    silent_frames: u32,
    in_pause: bool,
}

impl VoiceEncoder {
    /// `kbps` is held between 6 and 128.
    pub fn new(kbps: u32) -> Result<Self, VoiceEncodeError> {
        let mut encoder = Encoder::new(48_000, Channels::Mono, Application::Voip)?;
        encoder.set_signal(Signal::Voice)?;
        encoder.set_vbr(true)?;
        encoder.set_vbr_constraint(true)?;
        encoder.set_complexity(COMPLEXITY)?;
        encoder.set_inband_fec(true)?;
        encoder.set_dtx(false)?;
        let mut encoder = Self { encoder, meter: LevelMeter::new(), silent_frames: 0, in_pause: false };
        encoder.set_bitrate(kbps)?;
        encoder.set_expected_loss(0)?;
        Ok(encoder)
    }

    /// Encodes 20 ms. `None` while the voice pauses.
    ///
    /// The first frame of a pause does leave, as one or two bytes: without it the other side could not tell a pause from
    /// a loss.
    pub fn encode(&mut self, frame: &[f32; VOICE_FRAME]) -> Result<Option<Vec<u8>>, VoiceEncodeError> {
        self.follow_silence(frame)?;
        let mut packet = [0; MAX_PACKET];
        let len = self.encoder.encode_float(frame, &mut packet)?;
        let pause = len <= DTX_PACKET;
        let goes_on = pause && self.in_pause;
        self.in_pause = pause;
        Ok((!goes_on).then(|| packet[..len].to_vec()))
    }

    fn follow_silence(&mut self, frame: &[f32; VOICE_FRAME]) -> Result<(), VoiceEncodeError> {
        let (blocks, _) = frame.as_chunks::<BLOCK>();
        // The meter has to hear every block.
        let speaking = blocks.iter().filter(|block| self.meter.push(block).speaking).count();
        let speaks = speaking > 0;
        let before = self.silent_frames;
        self.silent_frames = if speaks { 0 } else { before.saturating_add(1) };
        if (before < TALKS_ON) != (self.silent_frames < TALKS_ON) {
            self.encoder.set_dtx(!speaks)?;
        }
        Ok(())
    }

    /// Target rate in kbit/s, held between 6 and 128; takes effect with the next frame.
    pub fn set_bitrate(&mut self, kbps: u32) -> Result<(), VoiceEncodeError> {
        let free = kbps >= FREE_KBPS;
        self.encoder.set_max_bandwidth(if free { Bandwidth::Fullband } else { Bandwidth::Wideband })?;
        self.encoder.set_vbr(free)?;
        // The clamp keeps the value far inside i32.
        Ok(self.encoder.set_bitrate(Bitrate::Bits((kbps.clamp(6, 128) * 1000) as i32))?)
    }

    /// The loss that listeners see, in percent. The higher, the more of the rate goes into a second, coarser copy of the
    /// previous frame (LBRR, RFC 6716, section 2.1.7); at 0 there is none.
    pub fn set_expected_loss(&mut self, percent: u8) -> Result<(), VoiceEncodeError> {
        Ok(self.encoder.set_packet_loss_perc(i32::from(percent.min(100)))?)
    }
}
