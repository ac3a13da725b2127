//! Somebody on the way into a room: a key package out, a Welcome in.

use mls_rs::error::MlsError;
use mls_rs::mls_rs_codec::MlsSize;
use mls_rs::time::MlsTime;
use mls_rs::{MlsMessage, WireFormat};

use crate::client::{ClientError, Local, MlsClient, NO_TIME};
use crate::group::MAX_MESSAGE_BYTES;
use crate::redact::redacted_debug;
use crate::{Card, CardError, Group, InvitationSecret, MAX_MEMBERS, MemberIndex, Suite};

/// Somebody on the way into a room. Good for one join; its private keys are dropped with it.
pub struct Joiner {
    client: MlsClient,
    local: Local,
    key_package: Vec<u8>,
}

redacted_debug!(Joiner);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JoinerError {
    #[error("the card is not valid: {0}")]
    Card(CardError),
    #[error("the cryptographic library failed")]
    Crypto,
}

/// Why a Welcome does not let this joiner in. A new join, with a new [`Joiner`], may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    #[error("not a welcome")]
    Malformed,
    #[error("the welcome is for somebody else")]
    NotForMe,
    #[error("the welcome was not made with this invitation")]
    WrongInvitation,
    #[error("the room the welcome leads to is not valid")]
    Rejected,
}

impl Joiner {
    pub fn new(card: Card, suite: Suite) -> Result<Self, JoinerError> {
        let (client, local) = Local::new_client(&card, suite).map_err(|error| match error {
            ClientError::Card(error) => JoinerError::Card(error),
            ClientError::Crypto => JoinerError::Crypto,
        })?;
        let key_package = make_key_package(&client)?;
        Ok(Self { client, local, key_package })
    }

    /// What a member of the room needs to admit this joiner.
    pub fn key_package(&self) -> &[u8] {
        &self.key_package
    }

    /// Enters the room. A room whose key schedule does not contain the invitation's secret is
    /// refused: anyone could have made it.
    pub fn join(self, welcome: &[u8], secret: &InvitationSecret) -> Result<Group, JoinError> {
        let message = parse_welcome(welcome)?;
        if message.cipher_suite() != Some(self.local.suite.mls()) {
            return Err(JoinError::NotForMe);
        }
        self.local.invitations.learn(secret);
        let (group, info) =
            self.client.join_group(None, &message, Some(MlsTime::from(NO_TIME))).map_err(|error| match error {
                MlsError::WelcomeKeyPackageNotFound => JoinError::NotForMe,
                MlsError::MissingRequiredPsk => JoinError::WrongInvitation,
                _ => JoinError::Rejected,
            })?;
        if !self.local.invitations.was_asked_for(secret.id()) {
            return Err(JoinError::WrongInvitation);
        }
        if group.roster().members_iter().count() > MAX_MEMBERS {
            return Err(JoinError::Rejected);
        }
        Group::enter(group, self.local, MemberIndex(info.sender)).map_err(|_| JoinError::Rejected)
    }
}

pub(crate) fn make_key_package(client: &MlsClient) -> Result<Vec<u8>, JoinerError> {
    client
        .generate_key_package_message(Default::default(), Default::default(), Some(MlsTime::from(NO_TIME)))
        .and_then(|message| message.to_bytes())
        .map_err(|_| JoinerError::Crypto)
}

pub(crate) fn parse_welcome(bytes: &[u8]) -> Result<MlsMessage, JoinError> {
    if bytes.len() > MAX_MESSAGE_BYTES {
        return Err(JoinError::Malformed);
    }
    let message = MlsMessage::from_bytes(bytes).map_err(|_| JoinError::Malformed)?;
    if message.wire_format() != WireFormat::Welcome || message.mls_encoded_len() != bytes.len() {
        return Err(JoinError::Malformed);
    }
    Ok(message)
}
