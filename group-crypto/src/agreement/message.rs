//! What members say to each other about the keys, in the encoding of RFC 9420, section 2.1.
//!
//! [`Message`]s go over the links between two members, which encrypt them and prove who sent them. [`Inner`] goes inside
//! the group: encrypted for, and signed to, all members of an epoch.

use mls_rs::mls_rs_codec::{self, MlsDecode, MlsEncode, MlsSize};

use crate::{EpochId, MemberId, MemberIndex, Standing};

#[derive(MlsSize, MlsEncode, MlsDecode)]
#[repr(u8)]
pub(super) enum Message {
    Stand(Stand) = 1,
    Commit(Bundle) = 2,
    Sealed(Sealed) = 3,
    /// To one on a lower branch.
    Forked(Ids) = 4,
    /// To one on a higher branch.
    Readmit(Readmit) = 5,
    Readmitted(Readmitted) = 6,
    /// To one who was removed.
    Out = 7,
    /// From who committed to who asked.
    Welcome(Welcome) = 8,
}

/// Where the sender stands: the newest epoch of their branch. `serial` grows; an older one counts no more.
#[derive(MlsSize, MlsEncode, MlsDecode)]
pub(super) struct Stand {
    pub serial: u64,
    /// The reader is to say where they stand: what they said may have been lost.
    pub asks: bool,
    pub at: Epoch,
}

/// A [`Standing`].
#[derive(MlsSize, MlsEncode, MlsDecode)]
pub(super) struct Epoch {
    epoch: u64,
    by: u32,
    id: [u8; 16],
}

impl From<Standing> for Epoch {
    fn from(Standing { epoch, by, id }: Standing) -> Self {
        Self { epoch, by: by.0, id: *id.as_bytes() }
    }
}

impl From<Epoch> for Standing {
    fn from(Epoch { epoch, by, id }: Epoch) -> Self {
        Self { epoch, by: MemberIndex(by), id: EpochId::from_bytes(id) }
    }
}

/// A commit, behind the message of its epoch that tells the secret it uses, if it uses one.
#[derive(Clone, MlsSize, MlsEncode, MlsDecode)]
pub(super) struct Bundle {
    #[mls_codec(with = "mls_rs_codec::byte_vec")]
    pub secret: Vec<u8>,
    #[mls_codec(with = "mls_rs_codec::byte_vec")]
    pub commit: Vec<u8>,
}

#[derive(MlsSize, MlsEncode, MlsDecode)]
pub(super) struct Sealed(#[mls_codec(with = "mls_rs_codec::byte_vec")] pub Vec<u8>);

/// Members who were removed for good.
#[derive(MlsSize, MlsEncode, MlsDecode)]
pub(super) struct Ids(pub Vec<[u8; 16]>);

#[derive(MlsSize, MlsEncode, MlsDecode)]
pub(super) struct Readmit {
    pub out: Ids,
    #[mls_codec(with = "mls_rs_codec::byte_vec")]
    pub key_package: Vec<u8>,
}

#[derive(MlsSize, MlsEncode, MlsDecode)]
pub(super) struct Readmitted {
    pub out: Ids,
    #[mls_codec(with = "mls_rs_codec::byte_vec")]
    pub welcome: Vec<u8>,
}

/// For whom the Welcome is, its owner's id tells; one commit has one Welcome for all.
#[derive(MlsSize, MlsEncode, MlsDecode)]
pub(super) struct Welcome {
    pub for_whom: [u8; 16],
    #[mls_codec(with = "mls_rs_codec::byte_vec")]
    pub welcome: Vec<u8>,
}

#[derive(MlsSize, MlsEncode, MlsDecode)]
#[repr(u8)]
pub(super) enum Inner {
    /// The application's.
    Text(Sealed) = 1,
    /// The secret of an invitation that the commit behind it uses.
    Secret([u8; 32]) = 2,
    Propose(Proposed) = 3,
}

/// What the sequencer is asked for. All hear it, so that the next can do it in the sequencer's place.
#[derive(Clone, PartialEq, Eq, MlsSize, MlsEncode, MlsDecode)]
#[repr(u8)]
pub(super) enum Proposed {
    Admit(Admit) = 1,
    Readmit(Package) = 2,
    Remove([u8; 16]) = 3,
    Renew = 4,
    /// Nobody has seen them for long.
    Drop([u8; 16]) = 5,
    /// They said goodbye.
    Part(Goodbye) = 6,
}

impl Proposed {
    pub fn is_removal(&self) -> bool {
        matches!(self, Self::Remove(_) | Self::Part(_))
    }
}

/// A member's own statement that they leave for good.
#[derive(Clone, PartialEq, Eq, MlsSize, MlsEncode, MlsDecode)]
pub(super) struct Goodbye {
    pub member: [u8; 16],
    #[mls_codec(with = "mls_rs_codec::byte_vec")]
    pub signature: Vec<u8>,
}

#[derive(Clone, PartialEq, Eq, MlsSize, MlsEncode, MlsDecode)]
pub(super) struct Admit {
    pub secret: [u8; 32],
    pub package: Package,
}

#[derive(Clone, PartialEq, Eq, MlsSize, MlsEncode, MlsDecode)]
pub(super) struct Package(#[mls_codec(with = "mls_rs_codec::byte_vec")] pub Vec<u8>);

impl Ids {
    pub fn of(ids: impl Iterator<Item = MemberId>) -> Self {
        Self(ids.map(|id| id.0).collect())
    }

    pub fn members(&self) -> impl Iterator<Item = MemberId> + '_ {
        self.0.iter().copied().map(MemberId)
    }
}

/// None where something in it is longer than a length can say: 2^30 bytes, which nothing that is bounded comes near.
pub(super) fn encode<T: MlsEncode>(message: &T) -> Option<Vec<u8>> {
    message.mls_encode_to_vec().ok()
}

/// None for anything but exactly one message.
pub(super) fn decode<T: MlsDecode>(mut bytes: &[u8]) -> Option<T> {
    let message = T::mls_decode(&mut bytes).ok()?;
    bytes.is_empty().then_some(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_is_not_encoded_when_no_length_can_say_its_own() {
        // It is never touched, so it takes no memory.
        let text = Inner::Text(Sealed(vec![0; 1 << 30]));
        assert!(encode(&text).is_none());
        assert!(encode(&Inner::Text(Sealed(vec![0; 1 << 10]))).is_some());
    }
}
