//! Coming back into a room under one's old signature key, where the own state of the group is lost or another.

use std::collections::{BTreeMap, BTreeSet};

use mls_rs::time::MlsTime;

use super::commit::Did;
use super::{EpochChange, Group};
use crate::client::{ClientError, Local, MlsClient, NO_TIME};
use crate::joiner::{make_key_package, parse_welcome};
use crate::redact::redacted_debug;
use crate::{Card, JoinError, JoinerError, MAX_MEMBERS, MemberIndex};

/// A member who waits for a [`Change::Readmit`](crate::Change::Readmit).
pub struct Rejoiner {
    client: MlsClient,
    local: Local,
    key_package: Vec<u8>,
    group_id: Vec<u8>,
}

redacted_debug!(Rejoiner);

impl Group {
    /// What going over from this room, as it is here, to `other`, the same room on another branch, changes. Whoever is
    /// not there is lost.
    pub(crate) fn change_to(&self, other: &Group) -> EpochChange {
        let lost = self.view.members.iter().map(|member| member.index).collect();
        self.view
            .change_to(&other.view, &Did { by: other.view.me, lost, parted: BTreeMap::new(), added: BTreeSet::new() })
    }

    /// Starts coming back into this room, with a card that tells where this member is now. The group goes on meanwhile.
    pub fn rejoiner(&self, card: &Card) -> Result<Rejoiner, JoinerError> {
        let (client, local) = self.local.again(card).map_err(|error| match error {
            ClientError::Card(error) => JoinerError::Card(error),
            ClientError::Crypto => JoinerError::Crypto,
        })?;
        let key_package = make_key_package(&client)?;
        Ok(Rejoiner { client, local, key_package, group_id: self.mls.group_id().to_vec() })
    }
}

impl Rejoiner {
    pub fn key_package(&self) -> &[u8] {
        &self.key_package
    }

    /// Enters the room again. Who sent the Welcome has to be known as a member by other means: MLS shows only that
    /// somebody who had the key package made it.
    pub fn join(&self, welcome: &[u8]) -> Result<Group, JoinError> {
        let message = parse_welcome(welcome)?;
        let (group, info) =
            self.client.join_group(None, &message, Some(MlsTime::from(NO_TIME))).map_err(|_| JoinError::NotForMe)?;
        if group.group_id() != self.group_id || group.roster().members_iter().count() > MAX_MEMBERS {
            return Err(JoinError::Rejected);
        }
        Group::enter(group, self.local.clone(), MemberIndex(info.sender)).map_err(|_| JoinError::Rejected)
    }
}
