//! A room as one member sees it: who is in it, at which epoch, and the messages of that epoch.

mod commit;
mod process;
mod reads;
mod rejoin;
mod rival;
mod safety;
mod saved;
mod statement;
mod view;

use std::collections::BTreeMap;

use mls_rs::error::MlsError;
use zeroize::Zeroizing;

use crate::client::{ClientError, Local, MlsGroup, create_group};
use crate::redact::redacted_debug;
use crate::{Card, CardError, EpochKeys, InvitationId, InvitationSecret, Member, MemberId, MemberIndex, Suite};
use commit::Did;
pub use commit::{Change, CommitError, Committed};
pub use process::{ProcessError, Received};
use reads::Reads;
pub use rejoin::Rejoiner;
pub use safety::{CodeError, Compared, Comparison, LazySafety, MAX_SHOWN, Safety, SafetyCode, SpokenWords};
pub use saved::{LoadError, SaveError};
pub use statement::SignError;
pub use view::Standing;
use view::View;

/// The longest message looked at: a Welcome into a post-quantum room of 256 stays below it.
pub const MAX_MESSAGE_BYTES: usize = 4 * 1024 * 1024;
/// The longest plaintext [`Group::protect`] takes.
pub const MAX_PLAINTEXT_BYTES: usize = 1024 * 1024;
/// So many messages of one sender and epoch may be missing. When one more is, nothing of that sender can be read any more
/// before the next epoch, but what is missing.
pub const MAX_SKIPPED_GENERATIONS: u32 = 1024;

/// What [`Group::export`] puts before every label, so that none is the one of another protocol.
const EXPORT_PREFIX: &str = "In Camera 1 ";

/// A room as one member sees it.
///
/// Every change either happens completely or not at all: messages are processed and commits built
/// on a copy of the state, which takes the place of the old one when all went well. So a forged or
/// damaged message neither uses up keys nor bars the way of the genuine one.
pub struct Group {
    mls: MlsGroup,
    local: Local,
    view: View,
    /// False once somebody removed this member; from then on nothing can be sent or received.
    present: bool,
    generations_used: u32,
    reads: Reads,
    former: Option<Former>,
    /// The storage has this very state: nothing was sealed or opened since it was written there.
    is_stored: bool,
}

/// The epoch before, as it was when its commit came: what another commit of that epoch starts from.
struct Former {
    mls: MlsGroup,
    view: View,
}

redacted_debug!(Group);

/// What a commit did to the room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochChange {
    /// The epoch that the commit started.
    pub epoch: u64,
    /// Empty for a member who was removed: newcomers are not shown to them.
    pub added: Vec<Member>,
    /// Members who have a new leaf under their old signature key.
    pub returned: Vec<Member>,
    /// As the roster of the epoch before had them; for good.
    pub removed: Vec<Member>,
    /// Those of the removed who said goodbye, and what they signed: nobody wanted them out.
    pub parted: BTreeMap<MemberId, Vec<u8>>,
    /// Those who were taken out for being lost, and may be readmitted.
    pub lost: Vec<Member>,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cryptographic library failed")]
pub struct ExportError;

impl Group {
    /// Opens a new room with one member.
    pub fn create(card: Card, suite: Suite) -> Result<Self, CreateError> {
        let (client, local) = Local::new_client(&card, suite).map_err(|error| match error {
            ClientError::Card(error) => CreateError::Card(error),
            ClientError::Crypto => CreateError::Crypto,
        })?;
        create_group(&client).and_then(|mls| Self::enter(mls, local, MemberIndex(0))).map_err(|_| CreateError::Crypto)
    }

    /// `by` made the commit that the group was entered with.
    pub(crate) fn enter(mut mls: MlsGroup, local: Local, by: MemberIndex) -> Result<Self, MlsError> {
        let view = View::of(&mls, by)?;
        mls.write_to_storage()?;
        let reads = Reads::default();
        Ok(Self { mls, local, view, present: true, generations_used: 0, reads, former: None, is_stored: true })
    }

    pub fn me(&self) -> MemberIndex {
        self.view.me
    }

    pub fn my_id(&self) -> MemberId {
        self.view.my_id
    }

    /// What tells this group from every other; the same for all members, in all epochs.
    pub fn id(&self) -> &[u8] {
        self.mls.group_id()
    }

    pub fn epoch(&self) -> u64 {
        self.view.epoch
    }

    pub fn suite(&self) -> Suite {
        self.local.suite
    }

    /// Equal for all members of an epoch, and for nobody else (RFC 9420, section 8.7): what people
    /// compare to know that they are in the same room.
    pub fn epoch_authenticator(&self) -> [u8; 32] {
        self.view.authenticator
    }

    /// All members, sorted by index, this one included.
    pub fn members(&self) -> &[Member] {
        &self.view.members
    }

    pub fn member(&self, index: MemberIndex) -> Option<Member> {
        self.view.member(index).cloned()
    }

    /// Which epoch this is, also among those of other branches of the room.
    pub fn standing(&self) -> Standing {
        self.view.standing()
    }

    /// The exporter's material for the media keys of this epoch (RFC 9605, section 5.2).
    pub fn epoch_keys(&self) -> EpochKeys {
        self.view.keys.clone()
    }

    /// Thirty-two secret bytes that all members of this epoch have, and nobody else (MLS-Exporter, RFC 9420,
    /// section 8.5). Another label, context or epoch gives unrelated ones.
    pub fn export(&self, label: &str, context: &[u8]) -> Result<Zeroizing<[u8; 32]>, ExportError> {
        let label = [EXPORT_PREFIX, label].concat();
        let mut out = Zeroizing::new([0; 32]);
        let exported = self.mls.export_secret(label.as_bytes(), context, out.len()).map_err(|_| ExportError)?;
        out.copy_from_slice(&exported);
        Ok(out)
    }

    /// How many messages this member protected in this epoch. Long before [`MAX_SKIPPED_GENERATIONS`] of them can be
    /// under way or lost, a commit should renew the epoch.
    pub fn generations_used(&self) -> u32 {
        self.generations_used
    }

    /// Makes an invitation's secret known, so that commits that use it can be processed.
    pub fn learn_invitation(&mut self, secret: &InvitationSecret) {
        self.local.invitations.learn(secret);
    }

    /// Drops an invitation that is over. Commits that still use it will fail with
    /// [`ProcessError::MissingInvitation`].
    pub fn forget_invitation(&mut self, id: InvitationId) {
        self.local.invitations.forget(id);
    }

    /// Seals a message for all members of this epoch (RFC 9420, section 6.3). A room that outlives a restart is
    /// [saved](Self::save) before the message is sent.
    pub fn protect(&mut self, plaintext: &[u8]) -> Result<Vec<u8>, ProtectError> {
        if !self.present {
            return Err(ProtectError::Removed);
        }
        if plaintext.len() > MAX_PLAINTEXT_BYTES {
            return Err(ProtectError::TooLong);
        }
        // Also where it fails: the generation may be gone.
        self.generations_used = self.generations_used.saturating_add(1);
        self.is_stored = false;
        // Signed, so that no other member can seal the message again under another key of this sender's.
        self.mls
            .peek_next_key_generation()
            .and_then(|generation| self.mls.encrypt_application_message(plaintext, generation.to_be_bytes().to_vec()))
            .and_then(|message| message.to_bytes())
            .map_err(|_| ProtectError::Crypto)
    }

    /// Makes the next epoch, whose commit is applied to `mls` already, the current one.
    fn advance(&mut self, mut mls: MlsGroup, did: &Did) -> Result<EpochChange, MlsError> {
        let view = View::of(&mls, did.by)?;
        // Hands the epoch before to the storage, which forgets all but the last few.
        mls.write_to_storage()?;
        let change = self.view.change_to(&view, did);
        let mls = std::mem::replace(&mut self.mls, mls);
        let view = std::mem::replace(&mut self.view, view);
        self.former = Some(Former { mls, view });
        self.reads.enter(self.view.epoch);
        (self.generations_used, self.is_stored) = (0, true);
        Ok(change)
    }
}
