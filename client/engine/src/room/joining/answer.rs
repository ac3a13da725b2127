//! What the maker of an invitation answers.

use group_crypto::MemberId;

use crate::{
    api::JoinFailed,
    invitation::Invitation,
    room::wire::{self, LinkMessage, Refusal},
};

pub(super) enum Answer {
    Admitted(Admitted),
    /// Somebody has to let us in.
    Wait,
    /// This invitation is to be taken up, and not the one that we have.
    Instead(Box<Invitation>),
    /// We are to come with classical keys.
    Classically,
    /// A version of theirs that we do not know says more than we understand.
    Unknown,
}

/// What they say when we are let in.
pub(in crate::room) struct Admitted {
    pub welcome: Vec<u8>,
    pub title: String,
    pub by: MemberId,
}

impl Answer {
    /// # Errors
    /// Why we are not let in: by their word, or as their answer makes no sense.
    pub fn read(bytes: &[u8]) -> Result<Self, JoinFailed> {
        match wire::decode(bytes) {
            Some(LinkMessage::Admitted { welcome, title, by }) => {
                Ok(Self::Admitted(Admitted { welcome, title: title.into(), by: MemberId(by) }))
            }
            Some(LinkMessage::Refused(why)) => Err(refused(why)),
            Some(LinkMessage::Classical) => Ok(Self::Classically),
            Some(LinkMessage::Wait) => Ok(Self::Wait),
            Some(LinkMessage::Unknown) => Ok(Self::Unknown),
            Some(LinkMessage::Instead(text)) => match text.parse::<Invitation>() {
                Ok(invitation) if invitation.is_contact() => Ok(Self::Instead(Box::new(invitation))),
                _ => Err(JoinFailed::Malformed),
            },
            _ => Err(JoinFailed::Malformed),
        }
    }
}

fn refused(why: Refusal) -> JoinFailed {
    match why {
        Refusal::Invalid | Refusal::Unknown => JoinFailed::Refused,
        Refusal::Full => JoinFailed::Full,
        Refusal::Expired => JoinFailed::Expired,
        Refusal::Busy => JoinFailed::TimedOut,
        Refusal::Suite => JoinFailed::Suite,
    }
}
