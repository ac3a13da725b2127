//! A sealed picture on its way through a third member: beside it stands what shows the last receiver whose it is.
//!
//! The keys that seal a frame are those of all members, and the SRTP of a pair proves only who passed it on. So whoever sends
//! pictures by way of another adds a proof, which this crate carries and does not know how to make.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use crate::frame::Stream;
use crate::seal::{ReceivedFrame, SealedFrame};

/// Length of a proof in bytes: an Ed25519 signature.
pub const PROOF: usize = 64;
/// Flags, member, number, proof.
const HEADER: usize = 1 + 2 + 4 + PROOF;
const KEYFRAME: u8 = 0b0000_0001;

/// A picture of some member's camera, as [`crate::Lane::Carried`] has it.
#[derive(Clone, PartialEq, Eq)]
pub struct Carried {
    /// Whose it says to be: the index of a leaf.
    pub member: u16,
    /// One more than the picture before it, in one run of its sender. Whoever misses one needs a keyframe.
    pub number: u32,
    /// By the sender, over [`Self::claim`].
    pub proof: [u8; PROOF],
    pub frame: ReceivedFrame,
}

impl Carried {
    /// A picture of ours, whose proof is still to be made.
    pub fn new(member: u16, number: u32, frame: SealedFrame) -> Self {
        Self { member, number, proof: [0; PROOF], frame: frame.into() }
    }

    /// What stands beside the sealed bytes, and has to be proven with them.
    pub fn claim(&self) -> [u8; HEADER - PROOF] {
        let ([a, b], [c, d, e, f]) = (self.member.to_be_bytes(), self.number.to_be_bytes());
        [if self.frame.keyframe { KEYFRAME } else { 0 }, a, b, c, d, e, f]
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        [&self.claim()[..], &self.proof, self.frame.bytes()].concat()
    }

    /// Reads what [`crate::gather::Gather`] put together. `None` if it is cut short or has unknown flags.
    pub fn read(whole: &ReceivedFrame) -> Option<Self> {
        let (&[flags, a, b, c, d, e, f], rest) = whole.bytes().split_first_chunk()?;
        let (proof, sealed) = rest.split_first_chunk()?;
        if flags & !KEYFRAME != 0 || sealed.is_empty() {
            return None;
        }
        let frame = ReceivedFrame::new(Stream::Video, flags & KEYFRAME != 0, sealed.to_vec());
        let (member, number) = (u16::from_be_bytes([a, b]), u32::from_be_bytes([c, d, e, f]));
        Some(Self { member, number, proof: *proof, frame })
    }
}

impl std::fmt::Debug for Carried {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Carried({}, {}, {:?})", self.member, self.number, self.frame)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::Lane;
    use crate::gather::{Gather, Gathered};
    use crate::split::Splitter;

    fn picture(member: u16, number: u32, keyframe: bool, length: usize) -> Carried {
        let frame = ReceivedFrame::new(Stream::Video, keyframe, vec![number as u8; length]);
        Carried { member, number, proof: [member as u8; PROOF], frame }
    }

    #[test]
    fn pictures_of_several_members_come_whole_and_in_order() {
        let (mut splitter, mut gather, now) = (Splitter::new(), Gather::new(Lane::Carried), Instant::now());
        let pictures: Vec<_> = (0..9).map(|n| picture(n % 3, 100 + u32::from(n) / 3, n < 3, 2_500)).collect();
        let packets: Vec<_> = pictures.iter().flat_map(|picture| splitter.split_carried(picture)).collect();
        assert_eq!(packets.len(), 27);
        for (sequence, packet) in (1..).zip(&packets) {
            gather.insert(now, sequence, packet.timestamp.into(), &packet.payload);
        }
        let came = std::iter::from_fn(|| gather.poll(now));
        let came: Vec<_> = came.filter_map(|Gathered::Frame { frame, .. }| Carried::read(&frame)).collect();
        assert_eq!(came, pictures);
    }

    #[test]
    fn what_is_cut_short_or_unknown_is_refused() {
        let bytes = picture(3, 7, true, 9).to_bytes();
        let read = |bytes: &[u8]| Carried::read(&ReceivedFrame::new(Stream::Video, false, bytes.to_vec()));
        assert!(read(&bytes).is_some_and(|read| read == picture(3, 7, true, 9)));
        assert!((0..=HEADER).all(|length| read(&bytes[..length]).is_none()));
        assert_eq!(read(&[&[0x80], &bytes[1..]].concat()), None);
    }

    #[test]
    fn a_proof_is_over_all_that_stands_beside_the_frame() {
        let claim = picture(3, 7, true, 9).claim();
        let others = [picture(4, 7, true, 9), picture(3, 8, true, 9), picture(3, 7, false, 9)];
        assert!(others.iter().all(|other| other.claim() != claim));
    }
}
