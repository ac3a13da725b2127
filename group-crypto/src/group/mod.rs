//! A room as one member sees it: who is in it, at which epoch, and the messages of that epoch.

mod commit;
mod process;
mod view;

use mls_rs::error::MlsError;

use crate::client::{ClientError, MlsGroup, client, create_group};
use crate::invitation::Invitations;
use crate::redact::redacted_debug;
use crate::{Card, CardError, EpochKeys, InvitationId, InvitationSecret, Member, MemberId, MemberIndex, Suite};
pub use commit::{Change, CommitError, Committed};
pub use process::{ProcessError, Received};
use view::View;

/// The longest message looked at: a Welcome into a post-quantum room of 256 stays below it.
pub const MAX_MESSAGE_BYTES: usize = 4 * 1024 * 1024;
/// The longest plaintext [`Group::protect`] takes.
pub const MAX_PLAINTEXT_BYTES: usize = 1024 * 1024;

/// A room as one member sees it.
///
/// Every change either happens completely or not at all: messages are processed and commits built
/// on a copy of the state, which takes the place of the old one when all went well. So a forged or
/// damaged message neither uses up keys nor bars the way of the genuine one.
pub struct Group {
    mls: MlsGroup,
    suite: Suite,
    invitations: Invitations,
    view: View,
    /// False once somebody removed this member; from then on nothing can be sent or received.
    present: bool,
}

redacted_debug!(Group);

/// What a commit did to the room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochChange {
    /// The epoch that the commit started.
    pub epoch: u64,
    /// Empty for a member who was removed: newcomers are not shown to them.
    pub added: Vec<Member>,
    /// As the roster of the epoch before had them.
    pub removed: Vec<Member>,
    /// Who committed.
    pub by: MemberIndex,
    pub removed_me: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CreateError {
    #[error("the card is not valid: {0}")]
    Card(CardError),
    #[error("the cryptographic library failed")]
    Crypto,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProtectError {
    #[error("the message is longer than {MAX_PLAINTEXT_BYTES} bytes")]
    TooLong,
    #[error("this member was removed from the room")]
    Removed,
    #[error("the cryptographic library failed")]
    Crypto,
}

impl Group {
    /// Opens a new room with one member.
    pub fn create(card: Card, suite: Suite) -> Result<Self, CreateError> {
        let invitations = Invitations::default();
        let client = client(&card, suite, invitations.clone()).map_err(|error| match error {
            ClientError::Card(error) => CreateError::Card(error),
            ClientError::Crypto => CreateError::Crypto,
        })?;
        create_group(&client).and_then(|mls| Self::enter(mls, suite, invitations)).map_err(|_| CreateError::Crypto)
    }

    pub(crate) fn enter(mut mls: MlsGroup, suite: Suite, invitations: Invitations) -> Result<Self, MlsError> {
        let view = View::of(&mls)?;
        mls.write_to_storage()?;
        Ok(Self { mls, suite, invitations, view, present: true })
    }

    pub fn me(&self) -> MemberIndex {
        self.view.me
    }

    pub fn my_id(&self) -> MemberId {
        self.view.my_id
    }

    pub fn epoch(&self) -> u64 {
        self.view.epoch
    }

    pub fn suite(&self) -> Suite {
        self.suite
    }

    /// Equal for all members of an epoch, and for nobody else (RFC 9420, section 8.7): what people
    /// compare to know that they are in the same room.
    pub fn epoch_authenticator(&self) -> [u8; 32] {
        self.view.authenticator
    }

    /// All members, sorted by index, this one included.
    pub fn members(&self) -> Vec<Member> {
        self.view.members.clone()
    }

    pub fn member(&self, index: MemberIndex) -> Option<Member> {
        self.view.member(index).cloned()
    }

    /// The exporter's material for the media keys of this epoch (RFC 9605, section 5.2).
    pub fn epoch_keys(&self) -> EpochKeys {
        self.view.keys.clone()
    }

    /// Makes an invitation's secret known, so that commits that use it can be processed.
    pub fn learn_invitation(&mut self, secret: &InvitationSecret) {
        self.invitations.learn(secret);
    }

    /// Drops an invitation that is over. Commits that still use it will fail with
    /// [`ProcessError::MissingInvitation`].
    pub fn forget_invitation(&mut self, id: InvitationId) {
        self.invitations.forget(id);
    }

    /// Seals a message for all members of this epoch (RFC 9420, section 6.3).
    pub fn protect(&mut self, plaintext: &[u8]) -> Result<Vec<u8>, ProtectError> {
        if !self.present {
            return Err(ProtectError::Removed);
        }
        if plaintext.len() > MAX_PLAINTEXT_BYTES {
            return Err(ProtectError::TooLong);
        }
        self.mls
            .encrypt_application_message(plaintext, Vec::new())
            .and_then(|message| message.to_bytes())
            .map_err(|_| ProtectError::Crypto)
    }

    /// Makes the next epoch, whose commit is applied to `mls` already, the current one.
    fn advance(&mut self, mut mls: MlsGroup, by: MemberIndex) -> Result<EpochChange, MlsError> {
        let view = View::of(&mls)?;
        // Hands the epoch before to the storage, which forgets all but the last few.
        mls.write_to_storage()?;
        let change = EpochChange {
            epoch: view.epoch,
            added: view.members_not_in(&self.view),
            removed: self.view.members_not_in(&view),
            by,
            removed_me: false,
        };
        self.mls = mls;
        self.view = view;
        Ok(change)
    }
}
