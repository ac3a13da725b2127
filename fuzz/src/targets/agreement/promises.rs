//! What follows each act: the disk first, then what is to be done; and all promises are kept.

use group_crypto::{Action, Agreement, Ticket};

use super::people::{Person, name};
use super::{LIMIT, World};
use crate::targets::genuine::card;

/// What one call may give to do: far more than to tell each of [`LIMIT`] members all commits and proposals that are kept.
const MAX_ACTIONS: usize = 1000;

impl World<'_> {
    /// First the disk, then what is to be done; and all promises are kept.
    pub fn settle(&mut self, at: usize) {
        let person = &mut self.people[at];
        if let Some(saved) = person.agreement.take_save() {
            person.keys = saved.expect("an agreement can be written down").to_vec();
        }
        if let Some(history) = person.agreement.take_history() {
            person.history = history;
        }
        let actions: Vec<_> = std::iter::from_fn(|| person.agreement.poll()).collect();
        assert!(actions.len() <= MAX_ACTIONS, "one call gives {} things to do", actions.len());
        for action in actions {
            self.carry_out(at, action);
        }
        let person = &self.people[at];
        for member in person.agreement.group().members() {
            assert!(!person.removed.contains(&member.id), "one who was removed is back");
            let _ = person.agreement.key_state(member.id);
        }
        assert!(!person.over || person.agreement.deadline().is_none(), "one who is out has something to do");
        assert!(person.agreement.group().members().len() <= LIMIT, "more are in the room than it may have");
    }

    fn carry_out(&mut self, at: usize, action: Action) {
        let person = &mut self.people[at];
        match action {
            Action::Send { to, bytes } | Action::Missed { to, bytes } => {
                assert!(person.links.contains(&to), "a message to one with whom there is no link");
                self.send(at, to, bytes);
            }
            Action::Message { from, plaintext } => {
                assert!(plaintext == from.0, "one speaks as another");
                assert!(!person.removed.contains(&from), "one who was removed is heard");
            }
            Action::Epoch(next) => {
                assert!(next.members.iter().any(|member| member.index == next.me && member.id == person.id));
                person.removed.extend(next.change.removed.iter().map(|member| member.id));
            }
            Action::Out { member, .. } => assert!(person.agreement.is_out(member), "one who is out is not"),
            Action::Admitted { ticket, welcome } => {
                let Ok(welcome) = welcome else { return };
                self.enter((at, ticket), &welcome);
            }
            Action::Reunited(member) => assert!(person.links.contains(&member), "reunited with nobody"),
            // Whatever follows, the agreement says itself.
            Action::Dropped | Action::CalledOut(_) => {}
            Action::Removed => person.over = true,
        }
    }

    fn enter(&mut self, of: (usize, Ticket), welcome: &[u8]) {
        let number = self.newcomers.iter().position(|newcomer| newcomer.waits == Some(of));
        let Some(joiner) = number.and_then(|number| self.newcomers[number].joiner.take()) else { return };
        // What a member passes on need not be genuine.
        let Ok(group) = joiner.join(welcome, &self.secret) else { return };
        let number = self.people.len();
        let Ok(card) = card(&name(number)) else { return };
        let agreement = Agreement::new(group, card, LIMIT);
        self.people.push(Person::new(agreement, Vec::new()));
        self.settle(number);
    }
}
