//! Welcomes for those whom this member proposed to let in, or back in: they go on once their commit is followed.

use super::message::{Message, Readmitted, Welcome};
use super::wish::What;
use super::{Action, Agreement};
use crate::MemberId;

/// Welcomes that are kept for one wish: of the one who made the commit, and of some who only say so.
const MAX_WELCOMES: usize = 4;

/// Welcomes that members sent for one wish, one each. Only that of the member who made the commit counts: anybody could
/// send one that leads nowhere.
#[derive(Default)]
pub(super) struct Welcomes {
    kept: Vec<(MemberId, Vec<u8>)>,
    /// Who made the commit.
    pub by: Option<MemberId>,
}

impl Welcomes {
    fn keep(&mut self, from: MemberId, welcome: Vec<u8>) {
        self.kept.retain(|(known, _)| *known != from);
        if self.kept.len() < MAX_WELCOMES {
            self.kept.push((from, welcome));
        }
    }

    pub fn take(&mut self) -> Option<Vec<u8>> {
        let at = self.kept.iter().position(|(from, _)| self.by == Some(*from))?;
        Some(self.kept.swap_remove(at).1)
    }
}

impl Agreement {
    /// The answer to a proposal of ours, from a member who says to have made the commit. It counts once the commit is
    /// followed. False where nobody waits for it.
    pub(super) fn welcome_came(&mut self, from: MemberId, Welcome { for_whom, welcome }: Welcome) -> bool {
        let (id, me) = (MemberId(for_whom), self.group.my_id());
        let ours = self.wishes.iter_mut().find_map(|wish| match &mut wish.what {
            What::Admit(admission) if admission.id == id && admission.ticket.is_some() => Some(&mut admission.welcomes),
            What::Readmit { id: other, welcomes, .. } if *other == id && wish.asker == me => Some(welcomes),
            _ => None,
        });
        let Some(welcomes) = ours else { return false };
        welcomes.keep(from, welcome);
        self.answer_admissions();
        true
    }

    /// Gives out those for members who come back.
    pub(super) fn pass_on_welcomes(&mut self, welcomes: Vec<(MemberId, Vec<u8>)>) {
        for (id, welcome) in welcomes {
            if self.peers.contains_key(&id) {
                let out = self.out_ids();
                self.send(id, &Message::Readmitted(Readmitted { out, welcome }));
            }
        }
    }

    /// Gives out the Welcomes whose commits we have followed.
    pub(super) fn answer_admissions(&mut self) {
        let actions = &mut self.actions;
        self.wishes.retain_mut(|wish| {
            let What::Admit(admission) = &mut wish.what else { return true };
            let Some((ticket, welcome)) = admission.ticket.zip(admission.welcomes.take()) else { return true };
            actions.push_back(Action::Admitted { ticket, welcome: Ok(welcome) });
            false
        });
    }
}
