//! What rooms ask to be kept, as writes.

use group_crypto::MemberId;

use super::{DELETED, HISTORY, NAMES, READ_ONLY, STATED, VERIFIED, coding::encode, entry::Entry};
use crate::{
    room::{content::Names, keep::Keep},
    store::{InvitationKey, MemberKey, Part, RoomKey, Write},
};

/// The member whose word is kept, where it is one.
pub(super) fn said_by(keep: &Keep) -> Option<MemberId> {
    match keep {
        Keep::Theirs { from, .. } | Keep::Missing { from, .. } => Some(*from),
        Keep::Acknowledged { member, .. } | Keep::Begin { member, .. } => Some(*member),
        _ => None,
    }
}

pub(super) fn part<'a>(room: RoomKey, keep: &'a Keep, bytes: &'a [u8]) -> Part<'a> {
    let skip = |from: MemberId, up_to: u64| Write::Skip { room, from: key(from), up_to };
    let mut then = Vec::new();
    let write = match keep {
        Keep::Details(_) => Write::Room { room, details: bytes },
        Keep::Group(group) => Write::Group { room, bytes: Some(group) },
        Keep::Member { member, .. } => Write::Member { room, member: key(*member), details: bytes },
        Keep::ForgetMember(member) => Write::ForgetMember { room, member: key(*member) },
        Keep::Own { sequence, at_ms, names, .. } => {
            then = said(room, None, *sequence, names);
            Write::Queue { room, sequence: *sequence, at_ms: *at_ms, body: bytes }
        }
        Keep::Theirs { from, name, sequence, at_ms, names, .. } => {
            then = said(room, Some(key(*from)), *sequence, names);
            Write::Received { room, from: key(*from), name, sequence: *sequence, at_ms: *at_ms, body: bytes }
        }
        Keep::Acknowledged { member, up_to } | Keep::Begin { member, acknowledged: up_to, .. } => {
            Write::Acknowledged { room, member: key(*member), up_to: *up_to }
        }
        Keep::CountOn { behind, up_to, lines } => {
            Write::CountOn { room, behind: *behind, up_to: *up_to, lines: *lines }
        }
        Keep::Call { at_ms, .. } | Keep::Missing { at_ms, .. } | Keep::Renamed { at_ms, .. } => {
            Write::Note { room, at_ms: *at_ms, body: bytes }
        }
        Keep::Invitation(open) => {
            Write::Invitation { invitation: InvitationKey(open.secret().id().0), room: Some(room), bytes }
        }
        Keep::ForgetInvitation(id) => Write::ForgetInvitation { invitation: InvitationKey(*id) },
        Keep::History(_) => Write::RoomValue { room, name: HISTORY, bytes: Some(bytes) },
        Keep::Verified(_) => Write::RoomValue { room, name: VERIFIED, bytes: Some(bytes) },
        Keep::Names(_) => Write::RoomValue { room, name: NAMES, bytes: Some(bytes) },
        Keep::ReadOnly(_) => Write::RoomValue { room, name: READ_ONLY, bytes: Some(bytes) },
        Keep::Stated(_) => Write::RoomValue { room, name: STATED, bytes: Some(bytes) },
    };
    let first = match keep {
        Keep::Begin { member, received, .. } => Some(skip(*member, *received)),
        Keep::Missing { from, up_to, .. } => Some(skip(*from, *up_to)),
        _ => None,
    };
    Part { writes: first.into_iter().chain([write]).chain(then).collect(), may_be_left_out: said_by(keep).is_some() }
}

/// What a line is called, and what is to be gone because of it.
pub(super) fn said<'a>(room: RoomKey, from: Option<MemberKey>, sequence: u64, names: &'a Names) -> Vec<Write<'a>> {
    let target = names.target.as_ref().filter(|_| names.deletes);
    let erase = target.map(|target| Write::Erase { room, from, message: target.as_bytes(), body: &DELETED });
    [name(room, from, sequence, names)].into_iter().chain(erase).collect()
}

pub(super) fn name<'a>(room: RoomKey, from: Option<MemberKey>, sequence: u64, names: &'a Names) -> Write<'a> {
    let [message, target] = [&names.message, &names.target].map(|id| id.as_ref().map(|id| id.as_bytes().as_slice()));
    Write::Name { room, from, sequence, message, target }
}

pub(super) fn key(member: MemberId) -> MemberKey {
    MemberKey(member.0)
}

/// The opaque part of a write.
pub(super) fn encoded(keep: &Keep) -> Vec<u8> {
    match keep {
        Keep::Details(details) => encode(details),
        Keep::Member { details, .. } => encode(details),
        Keep::Own { said, .. } | Keep::Theirs { said, .. } => encode(&Entry::Said(said.into())),
        Keep::Call { by, name, mine, video, outcome, .. } => {
            encode(&Entry::Call { by: by.0, name: name.clone(), mine: *mine, video: *video, outcome: *outcome })
        }
        Keep::Missing { from, name, count, .. } => {
            encode(&Entry::Missing { by: from.0, name: name.clone(), count: *count })
        }
        Keep::Invitation(open) => encode(open),
        Keep::History(history) => encode(history),
        Keep::Verified(verified) => encode(verified),
        Keep::Names(names) => encode(names),
        Keep::Renamed { member, from, to, .. } => {
            encode(&Entry::Renamed { member: member.0, from: from.clone(), to: to.clone() })
        }
        Keep::ReadOnly(why) => encode(why),
        Keep::Stated(number) => encode(number),
        Keep::Group(_)
        | Keep::ForgetMember(_)
        | Keep::Acknowledged { .. }
        | Keep::CountOn { .. }
        | Keep::Begin { .. }
        | Keep::ForgetInvitation(_) => Vec::new(),
    }
}
