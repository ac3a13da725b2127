//! What a peer's packets carry besides the new frame, and what that means for the encoder.

use super::MAX_BLOCKS;
use super::block::{MAX_LAG, MAX_SPAN};
use super::field;
use crate::encode::VOICE_KBPS;

/// Rate of the voice in kbit/s by the blocks in each packet: with what the blocks take, within [`BUDGET_KBPS`]. A block is as
/// long as the longest frame that it covers.
const PRIMARY_KBPS: [u32; MAX_BLOCKS + 1] = [VOICE_KBPS, 24, 16];

/// What voice may take on the way to one peer, in kbit/s of Opus and of its repair, before it is sealed.
pub const BUDGET_KBPS: u32 = 50;

/// How the packets to one peer are protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Repair blocks in each packet, up to [`MAX_BLOCKS`]; with none there is no protection.
    pub blocks: u8,
    /// How many frames back the newest frame is that a block covers, 1 to 16.
    pub lag: u8,
    /// How many frames a block covers, 1 to 16. With 1 it is a copy.
    pub span: u8,
}

impl Plan {
    pub const NONE: Self = Self { blocks: 0, lag: 1, span: 1 };

    pub(super) const fn new(blocks: u8, lag: u8, span: u8) -> Self {
        assert!(blocks as usize <= MAX_BLOCKS && lag >= 1 && lag <= MAX_LAG && span >= 1 && span <= MAX_SPAN);
        Self { blocks, lag, span }
    }

    /// How many frames later a lost one may still come, and so how long listeners wait.
    pub fn wait(self) -> u8 {
        if self.blocks == 0 { 0 } else { self.lag + self.span - 1 }
    }

    /// The row of block `block` in packet number `packet`.
    pub(super) fn row(packet: u64, block: u8) -> u8 {
        (packet % 64) as u8 * MAX_BLOCKS as u8 + block
    }

    /// The frames that a block in packet number `packet` covers, counted from 1, and their coefficients.
    pub(super) fn terms(lag: u8, span: u8, row: u8, packet: u64) -> impl Iterator<Item = (u64, u8)> {
        let newest = packet.saturating_sub(u64::from(lag));
        let oldest = (newest + 1).saturating_sub(u64::from(span)).max(1);
        (oldest..=newest).map(move |frame| {
            // The receiver counts packets from another beginning than the sender, but the distance is the same for both.
            let behind = (packet - frame) as u8;
            (frame, field::coefficient(row, (row / MAX_BLOCKS as u8).wrapping_sub(behind)))
        })
    }
}

/// What the one encoder shall do for all peers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoiceSettings {
    /// Rate in kbit/s.
    pub kbps: u32,
    /// Loss to expect after repair, in percent: what the encoder's own copies (LBRR) are for.
    pub expected_loss: u8,
}

impl VoiceSettings {
    /// Settings for peers with these plans and percentages of loss that is left: the worst path decides.
    pub fn of(peers: impl Iterator<Item = (Plan, u8)>) -> Self {
        let (blocks, expected_loss) =
            peers.fold((0, 0), |(blocks, loss), (plan, left)| (plan.blocks.max(blocks), left.max(loss)));
        Self { kbps: PRIMARY_KBPS[usize::from(blocks)], expected_loss }
    }
}

impl Default for VoiceSettings {
    fn default() -> Self {
        Self::of(std::iter::empty())
    }
}
