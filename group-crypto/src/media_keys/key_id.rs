//! The SFrame key id of a frame: which stream, whose, of which epoch (RFC 9605, section 5.2).
//!
//! ```text
//! | context, 8 bits | member index, 8 bits | epoch, 4 bits |
//! ```
//!
//! SFrame writes a key id in as few bytes as it takes: one for the first sixteen members' context 0,
//! two for contexts below 16, three for the rest. Four bits of epoch tell sixteen epochs in a row
//! apart. Where a room went on in two branches, or a frame comes from farther back, they fit several
//! epochs: an [`Opener`](crate::Opener) tries those it has, and a wrong one's key does not open.

use sframe::mls::{MlsKeyId, MlsKeyIdBitRange};

use crate::{MAX_MEMBERS, MemberIndex};

const EPOCH_BITS: u8 = 4;
const INDEX_BITS: u8 = 8;
const _: () = assert!(1 << INDEX_BITS == MAX_MEMBERS);

/// What the header of a sealed frame claims. Nobody vouches for it before the frame is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId {
    /// Which of the member's streams.
    pub context: u8,
    pub member: MemberIndex,
    /// The four low bits of the epoch.
    pub epoch_bits: u8,
}

impl KeyId {
    /// The epoch's part of a key id.
    pub fn epoch_bits_of(epoch: u64) -> u8 {
        (epoch & ((1 << EPOCH_BITS) - 1)) as u8
    }

    /// None where the index is beyond what a room can have.
    pub(super) fn encode(context: u8, member: MemberIndex, epoch: u64) -> Option<u64> {
        MlsKeyId::try_new(context, epoch, member.0, bits()).ok().map(u64::from)
    }

    /// None where the number has more bits than our layout.
    pub(super) fn decode(key_id: u64) -> Option<Self> {
        let parts = MlsKeyId::from_key_id(key_id, bits());
        Some(Self {
            context: u8::try_from(parts.context_id()).ok()?,
            member: MemberIndex(u32::try_from(parts.member_index()).ok()?),
            epoch_bits: u8::try_from(parts.epoch_lsb()).ok()?,
        })
    }
}

fn bits() -> MlsKeyIdBitRange {
    MlsKeyIdBitRange::new(EPOCH_BITS, INDEX_BITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_ids_survive_their_encoding() {
        for (context, member, epoch) in [(0, 0, 0), (3, 255, 17), (255, 7, u64::MAX)] {
            let key_id = KeyId::encode(context, MemberIndex(member), epoch).unwrap();
            let decoded = KeyId::decode(key_id).unwrap();
            assert_eq!(decoded.context, context);
            assert_eq!(decoded.member, MemberIndex(member));
            assert_eq!(decoded.epoch_bits, KeyId::epoch_bits_of(epoch));
        }
    }

    #[test]
    fn what_does_not_fit_has_no_key_id() {
        assert_eq!(KeyId::encode(0, MemberIndex(256), 0), None);
        assert_eq!(KeyId::decode(1 << 20), None);
    }

    #[test]
    fn key_ids_of_usual_streams_take_two_bytes_at_most() {
        assert!(KeyId::encode(0, MemberIndex(15), u64::MAX).unwrap() <= 0xff);
        assert!(KeyId::encode(15, MemberIndex(255), u64::MAX).unwrap() <= 0xffff);
    }
}
