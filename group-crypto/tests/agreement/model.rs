//! What must hold, whatever happens: a few sets, held against the world after every step.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::{Duration, Instant};

use group_crypto::{EpochId, MemberId};

use crate::person::{Person, State};

#[derive(Default)]
pub struct Model {
    /// Who asked for whose removal.
    removals: Vec<(MemberId, MemberId)>,
    /// Whose removal each one has processed.
    removed_by: BTreeMap<MemberId, BTreeSet<MemberId>>,
    /// Lines by who said them, with those they were said to.
    said: BTreeMap<(MemberId, u64), BTreeSet<MemberId>>,
    sealed: HashSet<(EpochId, [u8; 16], Vec<u8>)>,
    lacking_since: BTreeMap<(usize, usize), Instant>,
    pub longest_without_keys: Duration,
    pub worst: Option<(usize, usize)>,
}

impl Model {
    pub fn ask_removal(&mut self, by: MemberId, whom: MemberId) {
        self.removals.push((by, whom));
    }

    pub fn removed(&mut self, by: Option<MemberId>, whom: MemberId) {
        if let Some(by) = by {
            self.removed_by.entry(by).or_default().insert(whom);
        }
    }

    pub fn said(&mut self, by: MemberId, line: u64, to: MemberId) {
        self.said.entry((by, line)).or_default().insert(to);
    }

    /// (5) No key meets a counter twice.
    pub fn sealed(&mut self, seed: u64, epoch: EpochId, run: [u8; 16], header: Vec<u8>) {
        assert!(self.sealed.insert((epoch, run, header)), "seed {seed}: a key and a counter come twice");
    }

    /// (3) How long two who have a link are without each other's keys.
    pub fn keys(&mut self, now: Instant, pair: (usize, usize), lacking: bool) {
        if !lacking {
            self.lacking_since.remove(&pair);
            return;
        }
        let since = *self.lacking_since.entry(pair).or_insert(now);
        if now - since > self.longest_without_keys {
            self.longest_without_keys = now - since;
            self.worst = Some(pair);
        }
    }

    pub fn forget_pairs(&mut self, attached: impl Fn(&(usize, usize)) -> bool) {
        self.lacking_since.retain(|pair, _| attached(pair));
    }

    /// (2) Whoever has processed a removal seals under keys that the removed never had.
    pub fn check_removed(&self, seed: u64, people: &[Person]) {
        for sender in people {
            let (Some(agreement), Some(id)) = (sender.agreement(), sender.id) else { continue };
            let epoch = agreement.group().standing().id;
            for gone in self.removed_by.get(&id).into_iter().flatten() {
                let Some(theirs) = people.iter().find(|p| p.id == Some(*gone)) else { continue };
                assert!(
                    !theirs.keys_had.contains(&epoch),
                    "seed {seed}: {} seals under keys that {} has, whom it removed",
                    sender.number,
                    theirs.number
                );
            }
        }
    }

    /// Those who know each other. Everybody does, but for those whom somebody let in who was removed elsewhere by then:
    /// to the others they are strangers, and stay so.
    fn parts<'a>(&self, seed: u64, people: &[Person], staying: &[&'a Person]) -> Vec<Vec<&'a Person>> {
        let mut parts: Vec<Vec<&Person>> = Vec::new();
        for person in staying {
            let one_of =
                |part: &&mut Vec<&Person>| part.iter().all(|other| knows(person, other) && knows(other, person));
            match parts.iter_mut().find(one_of) {
                Some(part) => part.push(person),
                None => parts.push(vec![person]),
            }
        }
        let apart = parts.iter().filter(|part| !part.iter().all(|person| is_strange(people, person))).count();
        assert!(apart <= 1, "seed {seed}: {} parts that do not know each other", parts.len());
        parts
    }

    /// (1) and (4), once everything has been quiet and connected for a while.
    pub fn check_end(&self, seed: u64, people: &[Person]) {
        let staying: Vec<_> = people.iter().filter(|p| matches!(p.state, State::In(_))).collect();
        let at = |id: &MemberId| {
            let person = staying.iter().find(|p| p.id == Some(*id))?;
            person.agreement().map(|agreement| agreement.group().standing())
        };
        for (by, whom) in &self.removals {
            assert!(at(by).is_none() || at(by) != at(whom), "seed {seed}: {by:?} removed {whom:?}, who is here");
        }
        for part in self.parts(seed, people, &staying) {
            check_part(seed, people, &part, part.len() == staying.len());
            self.check_chat(seed, &part);
        }
    }

    fn check_chat(&self, seed: u64, part: &[&Person]) {
        for person in part {
            let (Some(id), mail) = (person.id, &person.disk.mail) else { continue };
            let distinct: BTreeSet<_> = mail.shown.iter().collect();
            assert_eq!(distinct.len(), mail.shown.len(), "seed {seed}: {} was shown a line twice", person.number);
            for (by, line) in self.said.iter().filter(|(_, to)| to.contains(&id)).map(|(said, _)| said) {
                let theirs = part.iter().any(|p| p.id == Some(*by));
                assert!(
                    !theirs || mail.shown.contains(&(*by, *line)),
                    "seed {seed}: {} misses line {line} of {by:?}",
                    person.number
                );
            }
        }
    }
}

fn knows(one: &Person, other: &Person) -> bool {
    one.agreement().zip(other.id).is_some_and(|(agreement, id)| agreement.knows(id))
}

/// Others may be right not to know them: somebody removed them, or who vouched for them, or those are gone.
fn is_strange(people: &[Person], person: &Person) -> bool {
    let removed = |id| people.iter().filter_map(Person::agreement).any(|agreement| agreement.is_out(id));
    let mut person = person;
    loop {
        if person.id.is_some_and(removed) || !matches!(person.state, State::In(_)) {
            return true;
        }
        match person.asker {
            Some(asker) => person = &people[asker],
            None => return false,
        }
    }
}

/// All of a part stand at one epoch, and have one roster: those who are there, and, where there are other parts, those of
/// whom nobody said that they are gone.
fn check_part(seed: u64, people: &[Person], part: &[&Person], whole: bool) {
    let expected: BTreeSet<_> = part.iter().map(|person| person.number).collect();
    let first = part[0].agreement().expect("they are in").group();
    for person in part {
        let group = person.agreement().expect("they are in").group();
        let (one, other) = (person.number, part[0].number);
        assert_eq!(group.epoch(), first.epoch(), "seed {seed}: the epochs of {one} and {other}");
        assert_eq!(group.standing().id, first.standing().id, "seed {seed}: the branches of {one} and {other}");
        let numbers = group.members().iter().filter_map(|m| m.card.name.rsplit(' ').next()?.parse::<usize>().ok());
        let roster: BTreeSet<_> = numbers.filter(|number| !cannot_be_known(people, *number)).collect();
        let fine = roster == expected || !whole && roster.is_superset(&expected);
        assert!(fine, "seed {seed}: the roster of {one} is {roster:?}, and not {expected:?}");
    }
}

/// Somebody of whom nobody here can know that they will not come: their Welcome was lost together with the one who let
/// them in, or they said goodbye only to such as are gone too.
fn cannot_be_known(people: &[Person], number: usize) -> bool {
    let gone = |number: &usize| !matches!(people[*number].state, State::In(_));
    match &people[number].state {
        State::Outside(_) => people[number].asker.is_some_and(|asker| gone(&asker)),
        State::Gone => people[number].told.iter().all(gone),
        _ => false,
    }
}
