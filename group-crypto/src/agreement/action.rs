//! What an agreement asks for and answers.

use crate::redact::redacted_debug;
use crate::{EpochChange, EpochKeys, Member, MemberId, MemberIndex};

/// What the application asked to be told about later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// The keys between this member and another, from what both have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum KeyState {
    /// Both stand at the same epoch of the same branch.
    Current,
    /// They have not followed yet.
    Behind,
    /// They are ahead, or have not said where they stand.
    #[default]
    Missing,
    /// The two are on different branches of the room's history.
    Forked,
}

/// Why nobody was admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AdmitError {
    #[error("the key package is not valid here")]
    Invalid,
    #[error("the room is full")]
    Full,
    #[error("too many admissions are under way")]
    Busy,
    #[error("nobody made the commit in time")]
    TimedOut,
}

/// What a message was that one member passed on for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassedOn {
    /// Keys were tried on it in vain, or it is nothing that is passed on: what such messages cost is for the caller to limit.
    Unreadable,
    /// It waits for its epoch, or nobody waits for it.
    Unopened,
    /// This member wrote it.
    By(MemberId),
}

/// What is to be done, in this order.
pub enum Action {
    /// Over the link with this member, which was said to be up.
    Send { to: MemberId, bytes: Vec<u8> },
    /// As [`Send`](Self::Send): a commit that this member missed. What it costs is theirs, so it may be left out where they
    /// have had too much, and is told again as long as they lack it.
    Missed { to: MemberId, bytes: Vec<u8> },
    /// The application's message of a member.
    Message { from: MemberId, plaintext: Vec<u8> },
    /// Another epoch is the current one, or was for a moment: several may follow each other at once.
    Epoch(NextEpoch),
    /// Somebody is to be removed: nothing more may go to them from now on, whoever commits to it and when. `parted`: they
    /// said goodbye. It comes again without that where somebody wants them out as well.
    Out { member: MemberId, parted: bool },
    /// The answer to [`Agreement::admit`](super::Agreement::admit): the Welcome.
    Admitted { ticket: Ticket, welcome: Result<Vec<u8>, AdmitError> },
    /// The keys with this member are current again after they were not. What they said meanwhile may have been lost.
    Reunited(MemberId),
    /// The others have taken this member out as lost, and given up what they had with it. It is about to come back.
    Dropped,
    /// Others say that this member was removed, and nobody has proven it: true once all who are here say so, false once
    /// somebody who shares our epoch does not. Nobody's word takes anything from this member, so it is only to be shown.
    CalledOut(bool),
    /// This member was removed: by a commit, which is the proof.
    Removed,
}

redacted_debug!(Action, NextEpoch);

/// An epoch that this member entered: what its media needs of it.
pub struct NextEpoch {
    pub change: EpochChange,
    pub keys: EpochKeys,
    /// This member's index in it.
    pub me: MemberIndex,
    pub members: Vec<Member>,
    /// It is of another branch than the one before.
    pub went_over: bool,
    /// Nobody with a link had said to be in it, or further: no other copy of this member's state can have been.
    pub is_first_seen: bool,
}
