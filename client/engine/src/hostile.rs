//! What a member does who keeps no rule, by the keys and links of one who keeps them. Only the laboratory plays one: no
//! program that ships has the feature.

use crate::api::MemberId;
pub use crate::studio::Acts;

/// Something that no honest program does. Bytes are sent as they are.
pub enum Act {
    /// An access unit in place of a picture of our camera, which stands still from the first of these on.
    Picture(Vec<u8>),
    /// A message over our link with a member, if there is one.
    Link { to: MemberId, bytes: Vec<u8> },
    /// A message sealed for the group, over all links.
    Room(Vec<u8>),
    /// A datagram over our link with a member.
    Datagram { to: MemberId, bytes: Vec<u8> },
    /// Asks a member for a keyframe of their camera.
    WantKeyframe(MemberId),
    /// Tells a member how their media comes: of the path, or of the voice.
    Report { to: MemberId, of_voice: bool, bytes: Vec<u8> },
}
