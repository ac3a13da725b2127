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
    /// Settings for peers with these plans and percentages of loss that is left. There is one encoder for all, so nobody alone
    /// decides: of three paths or more the second worst leads, of two the worst by one step at most. A path that needs
    /// more takes it for itself, as blocks beside the longer frames.
    pub fn of(peers: impl Iterator<Item = (Plan, u8)>) -> Self {
        /// Percent of loss that one of two paths may tell the encoder beyond the other.
        const STEP: u8 = 10;
        let (mut blocks, mut losses): (Vec<_>, Vec<_>) = peers.map(|(plan, left)| (plan.blocks, left)).unzip();
        let agreed = |values: &mut Vec<u8>, step: u8| {
            values.sort_unstable_by(|a, b| b.cmp(a));
            match values[..] {
                [] => 0,
                [only] => only,
                [worst, other] => worst.min(other.saturating_add(step)),
                [_, second, ..] => second,
            }
        };
        let blocks = usize::from(agreed(&mut blocks, 1));
        Self { kbps: PRIMARY_KBPS.get(blocks).copied().unwrap_or(VOICE_KBPS), expected_loss: agreed(&mut losses, STEP) }
    }
}

impl Default for VoiceSettings {
    fn default() -> Self {
        Self::of(std::iter::empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kbps(blocks: &[u8]) -> u32 {
        VoiceSettings::of(blocks.iter().map(|blocks| (Plan::new(*blocks, 1, 4), 10 * blocks))).kbps
    }

    #[test]
    fn encoder_follows_what_more_than_one_path_needs() {
        let [whole, less, least] = PRIMARY_KBPS;
        for (blocks, expected) in [
            (&[][..], whole),
            (&[2], least),
            (&[0, 2], less),
            (&[1, 2], least),
            (&[0, 0, 2], whole),
            (&[0, 2, 1], less),
            (&[2, 2, 0], least),
            (&[0, 0, 0, 0, 2], whole),
        ] {
            assert_eq!(kbps(blocks), expected, "{blocks:?}");
        }
    }

    #[test]
    fn loss_that_one_receiver_tells_stays_on_its_path() {
        let expected = |losses: &[u8]| VoiceSettings::of(losses.iter().map(|left| (Plan::NONE, *left))).expected_loss;
        assert_eq!(expected(&[0, 0, 100]), 0);
        assert_eq!(expected(&[0, 100]), 10);
        assert_eq!(expected(&[30]), 30);
        assert_eq!(expected(&[5, 30, 100]), 30);
    }
}
