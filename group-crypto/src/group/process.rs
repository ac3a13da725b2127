//! Taking in what other members sent: texts of an epoch, and commits that end one.

use std::collections::BTreeMap;
use std::fmt;

use mls_rs::error::MlsError;
use mls_rs::group::{CommitEffect, CommitMessageDescription, ContentType, NewEpoch, ReceivedMessage};
use mls_rs::mls_rs_codec::MlsSize;
use mls_rs::time::MlsTime;
use mls_rs::{MlsMessage, MlsMessageDescription};

use super::commit::Did;
use super::{EpochChange, Group, MAX_MESSAGE_BYTES, View};
use crate::client::{MlsGroup, NO_TIME};
use crate::{Member, MemberIndex};

/// What a message brought. Whoever sent it is proven: messages are signed.
pub enum Received {
    Message {
        sender: MemberIndex,
        /// The epoch it was sealed in: the current one, or one of the last.
        epoch: u64,
        plaintext: Vec<u8>,
    },
    Epoch(EpochChange),
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Received::Message { sender, .. } => {
                f.debug_struct("Message").field("sender", sender).finish_non_exhaustive()
            }
            Received::Epoch(change) => f.debug_tuple("Epoch").field(change).finish(),
        }
    }
}

/// Why a message brought nothing. The group is as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProcessError {
    /// Worth keeping (in a bounded queue: the epoch is only claimed) and trying again after the
    /// next commit.
    #[error("the message is of an epoch yet to come")]
    FutureEpoch,
    #[error("the message is of an epoch gone by")]
    PastEpoch,
    #[error("the message is this member's own")]
    OwnMessage,
    /// Worth trying again once [`Group::learn_invitation`] has been called.
    #[error("the commit uses an invitation that is not known here")]
    MissingInvitation,
    /// The Welcome that goes with it leads into the new epoch.
    #[error("the commit gives this member a new leaf")]
    Readmitted,
    /// The group is as it was: it is what a readmission starts from.
    #[error("the commit takes this member out until they come back")]
    Dropped,
    /// The room would be one that the caller does not agree to.
    #[error("the commit leads to a room that is not acceptable")]
    Unacceptable,
    #[error("not a message of a group")]
    Malformed,
    /// Nothing of this sender can be read any more before the next epoch, but what is missing.
    #[error("too many of the sender's messages are missing before this one")]
    TooManyMissing,
    #[error("the message was read already, or is too old to be read")]
    AlreadyRead,
    #[error("the message is not valid in this room, or this member is no longer in it")]
    Rejected,
}

impl Group {
    /// Takes in a message of this room, once. Messages under way when their epoch ended are read for
    /// three more epochs, if their sender is still a member.
    pub fn process(&mut self, bytes: &[u8]) -> Result<Received, ProcessError> {
        self.take_in(bytes, None, |_| true)
    }

    /// Like [`process`](Self::process), but takes in what members say alone, and no commit.
    pub fn process_message(&mut self, bytes: &[u8]) -> Result<Received, ProcessError> {
        self.take_in(bytes, Some(ContentType::Application), |_| false)
    }

    /// Like [`process`](Self::process), but takes in commits alone, and follows one only to a room that `accept` agrees to,
    /// given its members.
    pub fn process_commit(
        &mut self,
        bytes: &[u8],
        accept: impl FnOnce(&[Member]) -> bool,
    ) -> Result<Received, ProcessError> {
        self.take_in(bytes, Some(ContentType::Commit), accept)
    }

    fn take_in(
        &mut self,
        bytes: &[u8],
        only: Option<ContentType>,
        accept: impl FnOnce(&[Member]) -> bool,
    ) -> Result<Received, ProcessError> {
        let message = parse(bytes)?;
        let epoch = self.check(&message, only)?;
        let mut mls = self.mls.clone();
        let received =
            mls.process_incoming_message_with_time(message, MlsTime::from(NO_TIME)).map_err(|error| match error {
                MlsError::CantProcessMessageFromSelf => ProcessError::OwnMessage,
                MlsError::MissingRequiredPsk => ProcessError::MissingInvitation,
                MlsError::EpochNotFound | MlsError::InvalidEpoch => ProcessError::PastEpoch,
                MlsError::InvalidFutureGeneration(_) => ProcessError::TooManyMissing,
                MlsError::KeyMissing(_) => ProcessError::AlreadyRead,
                _ => ProcessError::Rejected,
            })?;
        match received {
            ReceivedMessage::ApplicationMessage(message) => {
                let sender = MemberIndex(message.sender_index);
                // All members have the keys of all. Which of them a message was sealed with, its sender alone says.
                let generation = message.unauthenticated_key_generation.ok_or(ProcessError::Rejected)?;
                if message.authenticated_data != generation.to_be_bytes() {
                    return Err(ProcessError::Rejected);
                }
                // The key of each message that is missing is kept, and written down, until the epoch is forgotten.
                if !self.reads.count(epoch, sender, generation) {
                    return Err(ProcessError::TooManyMissing);
                }
                (self.mls, self.is_stored) = (mls, false);
                Ok(Received::Message { sender, epoch, plaintext: message.data().to_vec() })
            }
            ReceivedMessage::Commit(commit) => self.follow(mls, commit, accept).map(Received::Epoch),
            _ => Err(ProcessError::Rejected),
        }
    }

    /// The epoch that a message of this room says it is of, by its clear part alone.
    pub(crate) fn claimed_epoch(&self, bytes: &[u8]) -> Result<u64, ProcessError> {
        match parse(bytes)?.description() {
            MlsMessageDescription::PrivateProtocolMessage { group_id, epoch_id, .. }
                if group_id == self.mls.group_id() =>
            {
                Ok(epoch_id)
            }
            _ => Err(ProcessError::Malformed),
        }
    }

    /// Judges by the clear part of the message, before any key is used. Gives the epoch it claims.
    fn check(&self, message: &MlsMessage, only: Option<ContentType>) -> Result<u64, ProcessError> {
        // Members send nothing but private messages, so nobody outside can say anything.
        let MlsMessageDescription::PrivateProtocolMessage { group_id, epoch_id, content_type } = message.description()
        else {
            return Err(ProcessError::Malformed);
        };
        if !self.present || group_id != self.mls.group_id() {
            return Err(ProcessError::Rejected);
        }
        match content_type {
            other if only.is_some_and(|only| only != other) => Err(ProcessError::Rejected),
            _ if epoch_id > self.view.epoch => Err(ProcessError::FutureEpoch),
            ContentType::Commit if epoch_id < self.view.epoch => Err(ProcessError::PastEpoch),
            ContentType::Commit | ContentType::Application => Ok(epoch_id),
            _ => Err(ProcessError::Rejected),
        }
    }

    fn follow(
        &mut self,
        mls: MlsGroup,
        commit: CommitMessageDescription,
        accept: impl FnOnce(&[Member]) -> bool,
    ) -> Result<EpochChange, ProcessError> {
        let mut did = Did::of(&commit);
        did.parted.retain(|member, goodbye| self.is_goodbye_in(&self.mls, *member, goodbye));
        match commit.effect {
            CommitEffect::NewEpoch(_) => {
                let view = View::of(&mls, did.by).map_err(|_| ProcessError::Rejected)?;
                if !accept(&view.members) {
                    return Err(ProcessError::Unacceptable);
                }
                self.advance(mls, &did).map_err(|_| ProcessError::Rejected)
            }
            CommitEffect::Removed { .. } if did.added.contains(&self.view.my_id) => Err(ProcessError::Readmitted),
            CommitEffect::Removed { .. } if did.lost.contains(&self.view.me) => Err(ProcessError::Dropped),
            CommitEffect::Removed { new_epoch, .. } => {
                self.present = false;
                Ok(self.dismissal(&new_epoch, &did))
            }
            CommitEffect::ReInit(_) => Err(ProcessError::Rejected),
        }
    }

    /// What a removed member still learns: that it is out, and who went with it.
    fn dismissal(&self, new_epoch: &NewEpoch, did: &Did) -> EpochChange {
        use mls_rs::group::proposal::Proposal;
        let gone = new_epoch.applied_proposals().iter().filter_map(|info| match &info.proposal {
            Proposal::Remove(remove) => self.member(MemberIndex(remove.to_remove())),
            _ => None,
        });
        let (lost, removed) = gone.partition(|member: &Member| did.lost.contains(&member.index));
        EpochChange {
            epoch: new_epoch.epoch(),
            added: Vec::new(),
            returned: Vec::new(),
            removed,
            parted: BTreeMap::new(),
            lost,
            by: did.by,
            removed_me: true,
        }
    }
}

pub(super) fn parse(bytes: &[u8]) -> Result<MlsMessage, ProcessError> {
    if bytes.len() > MAX_MESSAGE_BYTES {
        return Err(ProcessError::Malformed);
    }
    let message = MlsMessage::from_bytes(bytes).map_err(|_| ProcessError::Malformed)?;
    if message.mls_encoded_len() != bytes.len() {
        return Err(ProcessError::Malformed);
    }
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Card, Change, InvitationSecret, Joiner, Suite};

    #[test]
    fn message_is_refused_when_its_sender_names_another_key() {
        let card = || Card::new("member", [0; 32], [0; 32], Vec::new()).unwrap();
        let secret = InvitationSecret::generate();
        let mut reader = Group::create(card(), Suite::Classical).unwrap();
        let joiner = Joiner::new(card(), Suite::Classical).unwrap();
        let admit = Change::Admit { key_package: joiner.key_package(), secret: &secret };
        let welcome = reader.commit(&[admit]).unwrap().welcome.unwrap();
        let mut sender = joiner.join(&welcome, &secret).unwrap();
        // As it comes out where another member opens a message and seals it again under a later key of its sender's.
        for named in [Vec::new(), 7u32.to_be_bytes().to_vec()] {
            let sealed = sender.mls.encrypt_application_message(b"said before", named).unwrap().to_bytes().unwrap();
            assert_eq!(reader.process(&sealed).err(), Some(ProcessError::Rejected));
        }
        assert!(reader.process(&sender.protect(b"said").unwrap()).is_ok());
    }
}
