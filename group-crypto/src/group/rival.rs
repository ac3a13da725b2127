//! Two commits of one epoch: going over to the other one, from the epoch that both start from.

use mls_rs::group::{CommitEffect, ReceivedMessage};
use mls_rs::time::MlsTime;
use mls_rs::{MlsMessage, MlsMessageDescription};

use super::commit::Did;
use super::process::parse;
use super::{EpochChange, Group, ProcessError, View};
use crate::client::{MlsGroup, NO_TIME};
use crate::{Member, Standing};

impl Group {
    /// Takes in a commit of the epoch before, in place of the one that ended it here, where `accept` prefers where it
    /// leads: given where that is, and its members. Also the committer of the former can.
    ///
    /// Possible until [`forget_former`](Self::forget_former), for as long as no further commit came. What was protected
    /// under the epoch that is left here can't be read after it.
    pub fn process_rival(
        &mut self,
        bytes: &[u8],
        accept: impl FnOnce(Standing, &[Member]) -> bool,
    ) -> Result<EpochChange, ProcessError> {
        let message = parse(bytes)?;
        let former = self.former.as_ref().filter(|_| self.present).ok_or(ProcessError::PastEpoch)?;
        let MlsMessageDescription::PrivateProtocolMessage { group_id, epoch_id, .. } = message.description() else {
            return Err(ProcessError::Malformed);
        };
        if group_id != self.mls.group_id() || epoch_id != former.view.epoch {
            return Err(ProcessError::PastEpoch);
        }
        let mut mls = former.mls.clone();
        // The past epochs have to end where this commit begins.
        let was = self.local.storage.forget_from(epoch_id);
        let result = self.go_over(&mut mls, message, accept);
        if result.is_err() {
            self.local.storage.put_back(was);
        }
        result
    }

    fn go_over(
        &mut self,
        mls: &mut MlsGroup,
        message: MlsMessage,
        accept: impl FnOnce(Standing, &[Member]) -> bool,
    ) -> Result<EpochChange, ProcessError> {
        let received = mls
            .process_incoming_message_with_time(message, MlsTime::from(NO_TIME))
            .map_err(|_| ProcessError::Rejected)?;
        let ReceivedMessage::Commit(commit) = received else {
            return Err(ProcessError::Rejected);
        };
        if !matches!(commit.effect, CommitEffect::NewEpoch(_)) {
            return Err(ProcessError::Rejected);
        }
        let mut did = Did::of(&commit);
        if let Some(former) = &self.former {
            did.parted.retain(|member, goodbye| self.is_goodbye_in(&former.mls, *member, goodbye));
        }
        let view = View::of(mls, did.by).map_err(|_| ProcessError::Rejected)?;
        if !accept(view.standing(), &view.members) {
            return Err(ProcessError::Unacceptable);
        }
        mls.write_to_storage().map_err(|_| ProcessError::Rejected)?;
        // Seen from the epoch that is left, everybody who is not there is lost but those whom this commit removed.
        let removed = self.former.as_ref().map_or(Vec::new(), |former| former.view.change_to(&view, &did).removed);
        let here = self.view.members.iter();
        let lost = here.filter(|member| !removed.iter().any(|gone| gone.id == member.id)).map(|member| member.index);
        let change = self.view.change_to(&view, &Did { lost: lost.collect(), ..did });
        (self.mls, self.view) = (mls.clone(), view);
        self.reads.enter(self.view.epoch);
        (self.generations_used, self.is_stored) = (0, true);
        Ok(change)
    }

    /// Drops what [`process_rival`](Self::process_rival) needs: from then on a stolen memory opens nothing of the epoch
    /// before that was sealed for its ratchets.
    pub fn forget_former(&mut self) {
        self.former = None;
    }
}
