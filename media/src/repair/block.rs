//! Repair blocks as they stand in a payload, and the symbols they are sums of.
//!
//! ```text
//!  0                   1                   2                   3
//! +-------+-------+-+-------------+-------------------------------+
//! | lag-1 |span-1 |M|     row     |            length             |  symbol ...
//! +-------+-------+-+-------------+-------------------------------+
//! ```
//!
//! The block covers `span` frames, of which the newest is `lag` frames before the one that it travels with; with M, another
//! block follows. `row` picks its coefficients, and counts on: blocks of different packets differ.
//!
//! A frame's symbol is 16 bits, of which 11 are its length and 5 its number, then its bytes. The number counts 20 ms steps
//! of the RTP clock.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use super::MAX_BLOCKS;
use crate::split::AUDIO_FRAME_TICKS;

/// Bytes in front of a block's symbol.
pub const BLOCK_HEADER: usize = 4;
/// Bytes in front of a frame in its symbol.
pub const SYMBOL_HEADER: usize = 2;

pub(super) const MAX_LAG: u8 = 16;
pub(super) const MAX_SPAN: u8 = 16;

const MORE: u8 = 0x80;
/// How many frames' numbers can be told apart.
const NUMBERS: u64 = 32;
/// How many of them are taken for later than expected; the others are earlier.
const LATER: u64 = 8;
const LENGTH_BITS: u32 = 11;

/// One block, borrowed from its payload.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Block<'a> {
    pub lag: u8,
    pub span: u8,
    pub row: u8,
    pub symbol: &'a [u8],
}

impl Block<'_> {
    pub fn write(&self, more: bool, out: &mut Vec<u8>) {
        out.push(self.lag.saturating_sub(1) << 4 | self.span.saturating_sub(1));
        out.push(if more { MORE } else { 0 } | self.row & !MORE);
        // A symbol is shorter than a datagram.
        out.extend_from_slice(&u16::try_from(self.symbol.len()).unwrap_or(u16::MAX).to_be_bytes());
        out.extend_from_slice(self.symbol);
    }
}

/// The blocks at the beginning of a payload, and the frame after them. `None` if that is not what it is.
pub(crate) fn read(mut payload: &[u8]) -> Option<(Vec<Block<'_>>, &[u8])> {
    let mut blocks = Vec::new();
    loop {
        let (&[reach, row, high, low], rest) = payload.split_first_chunk::<BLOCK_HEADER>()?;
        let (symbol, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes([high, low])))?;
        if blocks.len() == MAX_BLOCKS || symbol.len() <= SYMBOL_HEADER {
            return None;
        }
        blocks.push(Block {
            lag: (reach >> 4).saturating_add(1),
            span: (reach & 15).saturating_add(1),
            row: row & !MORE,
            symbol,
        });
        payload = rest;
        if row & MORE == 0 {
            return (!payload.is_empty()).then_some((blocks, payload));
        }
    }
}

pub(super) fn symbol(timestamp: u64, frame: &[u8]) -> Vec<u8> {
    let number = timestamp.div_euclid(u64::from(AUDIO_FRAME_TICKS)).rem_euclid(NUMBERS);
    // A frame is shorter than a datagram, and so than 2^11 bytes.
    let head = (number << LENGTH_BITS) | (frame.len() as u64 & ((1 << LENGTH_BITS) - 1));
    u16::try_from(head).unwrap_or(0).to_be_bytes().iter().chain(frame).copied().collect()
}

/// A frame's timestamp and bytes from its symbol. `expected` is what the timestamp would be if nobody paused between this
/// frame and another one: pauses before that one make it less, and pauses after it more.
pub(super) fn frame_of(symbol: &[u8], expected: u64) -> Option<(u64, Vec<u8>)> {
    let (&head, rest) = symbol.split_first_chunk::<SYMBOL_HEADER>()?;
    let head = u16::from_be_bytes(head);
    let (frame, padding) = rest.split_at_checked(usize::from(head & ((1 << LENGTH_BITS) - 1)))?;
    if frame.is_empty() || padding.iter().any(|byte| *byte != 0) {
        return None;
    }
    let step = u64::from(AUDIO_FRAME_TICKS);
    let latest = expected.checked_add(LATER * step)?;
    let behind = latest.checked_div(step)?.wrapping_sub(u64::from(head >> LENGTH_BITS)) % NUMBERS;
    Some((latest.checked_sub(behind.checked_mul(step)?)?, frame.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_back_as_they_were_written() {
        let blocks = [
            Block { lag: 1, span: 16, row: 127, symbol: &[1, 2, 3] },
            Block { lag: 16, span: 1, row: 0, symbol: &[9; 300] },
        ];
        let mut payload = Vec::new();
        blocks[0].write(true, &mut payload);
        blocks[1].write(false, &mut payload);
        payload.extend([7, 7]);
        assert_eq!(read(&payload), Some((blocks.to_vec(), &[7u8, 7][..])));
        for cut in 0..payload.len() - 1 {
            assert_eq!(read(&payload[..cut]), None);
        }
    }

    #[test]
    fn more_blocks_than_anybody_sends_are_refused() {
        let mut payload = Vec::new();
        for _ in 0..=MAX_BLOCKS {
            Block { lag: 1, span: 1, row: 0, symbol: &[1, 2, 3] }.write(true, &mut payload);
        }
        assert_eq!(read(&payload), None);
    }

    #[test]
    fn a_symbol_says_when_its_frame_was_and_how_long_it_is() {
        let expected = 48_000 + 960 * 1000;
        for then in (0..NUMBERS).map(|n| expected + LATER * 960 - n * 960) {
            let mut padded = symbol(then, &[5, 0, 0]);
            padded.extend([0, 0]);
            assert_eq!(frame_of(&padded, expected), Some((then, vec![5, 0, 0])));
        }
        assert_eq!(frame_of(&[0, 0, 0], 0), None);
        assert_eq!(frame_of(&[0, 1, 5, 5], 0), None);
    }
}
