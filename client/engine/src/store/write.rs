//! What can be written.

use super::{InvitationKey, MemberKey, RoomKey};

/// One change. Those handed to [`super::Store::apply`] together happen together or not at all.
///
/// Times are milliseconds of Unix time. Sequences count from 1, without gaps: one count for the own lines of a room,
/// and one for those of each member of it.
pub enum Write<'a> {
    /// A named blob of the profile: a setting, its face. None removes it.
    Value {
        name: &'a str,
        bytes: Option<&'a [u8]>,
    },
    /// A named blob of a room. None removes it.
    RoomValue {
        room: RoomKey,
        name: &'a str,
        bytes: Option<&'a [u8]>,
    },
    /// A new room, or new details of one.
    Room {
        room: RoomKey,
        details: &'a [u8],
    },
    /// The state of the room's MLS group. The former one is overwritten.
    Group {
        room: RoomKey,
        bytes: Option<&'a [u8]>,
    },
    /// Removes a room and all that belongs to it: group, values, members, lines, invitations.
    ForgetRoom {
        room: RoomKey,
    },
    /// A new member, or new details of one. Own lines from here on wait for a new member; earlier ones are not for
    /// them.
    Member {
        room: RoomKey,
        member: MemberKey,
        details: &'a [u8],
    },
    /// Removes a member. The lines that they wrote stay.
    ForgetMember {
        room: RoomKey,
        member: MemberKey,
    },
    /// An own line. It waits for the members that the room has now.
    Queue {
        room: RoomKey,
        sequence: u64,
        at_ms: i64,
        body: &'a [u8],
    },
    /// A member's line, under the name they had. One that was received before is ignored: each line arrives once.
    Received {
        room: RoomKey,
        from: MemberKey,
        name: &'a str,
        sequence: u64,
        at_ms: i64,
        body: &'a [u8],
    },
    /// What a line is called that was just queued or received, and the one that it changes. `from`: nobody for an own line.
    Name {
        room: RoomKey,
        from: Option<MemberKey>,
        sequence: u64,
        message: Option<&'a [u8]>,
        target: Option<&'a [u8]>,
    },
    /// What a line said, and all that its author changed in it, is this from now on. An own line that somebody waits for stays.
    Erase {
        room: RoomKey,
        from: Option<MemberKey>,
        message: &'a [u8],
        body: &'a [u8],
    },
    /// The member's lines up to this one will never come: they were written before we were there, or expired waiting.
    Skip {
        room: RoomKey,
        from: MemberKey,
        up_to: u64,
    },
    /// The member has received our lines up to this one.
    Acknowledged {
        room: RoomKey,
        member: MemberKey,
        up_to: u64,
    },
    /// Our lines behind one are now those behind another, which is after all of them, and the last is this one.
    CountOn {
        room: RoomKey,
        behind: u64,
        up_to: u64,
        lines: u64,
    },
    /// Something that happened, in the history of a room: a call, a person who came.
    Note {
        room: RoomKey,
        at_ms: i64,
        body: &'a [u8],
    },
    /// Removes all lines from before a time, but for those that somebody waits for.
    Expire {
        room: RoomKey,
        before_ms: i64,
    },
    /// A new invitation, or a new state of one. Without a room it is for a contact that is yet to be.
    Invitation {
        invitation: InvitationKey,
        room: Option<RoomKey>,
        bytes: &'a [u8],
    },
    ForgetInvitation {
        invitation: InvitationKey,
    },
}

/// Changes that belong together, of several that are handed to [`super::Store::apply_parts`].
pub struct Part<'a> {
    pub writes: Vec<Write<'a>>,
    /// They follow from what somebody else said, and may make no sense.
    pub may_be_left_out: bool,
}
