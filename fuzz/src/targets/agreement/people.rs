//! The people of the world, and the disks that each input begins with.

use std::collections::BTreeSet;

use group_crypto::{Agreement, Change, Group, History, InvitationSecret, Joiner, MemberId, Suite, Ticket};

use super::LIMIT;
use crate::targets::genuine::{Made, card};

/// A room of three as their disks have it, and one message of each kind that the wire knows.
///
/// Made anew in each run, as keys are random. The ids are in the order of the people, so that an input does the same again.
pub struct Disks(pub Vec<Vec<u8>>);

impl Disks {
    pub fn new() -> Made<Self> {
        loop {
            let people = three()?;
            if people.is_sorted_by_key(Group::my_id) {
                let saved = people.into_iter().enumerate().map(|(number, group)| {
                    let agreement = Agreement::new(group, card(&name(number))?, LIMIT);
                    Ok(agreement.save()?.to_vec())
                });
                return Ok(Self(saved.collect::<Made<_>>()?));
            }
        }
    }
}

fn three() -> Made<Vec<Group>> {
    let secret = InvitationSecret::from_bytes([1; 32]);
    let mut first = Group::create(card(&name(0))?, Suite::Classical)?;
    let joiners = (1..3).map(|number| Ok(Joiner::new(card(&name(number))?, Suite::Classical)?));
    let joiners = joiners.collect::<Made<Vec<_>>>()?;
    let changes = joiners.iter().map(|joiner| Change::Admit { key_package: joiner.key_package(), secret: &secret });
    let welcome = first.commit(&changes.collect::<Vec<_>>())?.welcome.ok_or("no welcome")?;
    let mut people = vec![first];
    for joiner in joiners {
        people.push(joiner.join(&welcome, &secret)?);
    }
    Ok(people)
}

pub fn name(number: usize) -> String {
    format!("Person {number}")
}

pub struct Person {
    pub agreement: Agreement,
    pub id: MemberId,
    pub keys: Vec<u8>,
    pub history: History,
    /// With whom they were told to have a link.
    pub links: BTreeSet<MemberId>,
    /// Whose removal they have processed.
    pub removed: BTreeSet<MemberId>,
    pub over: bool,
}

impl Person {
    pub fn new(agreement: Agreement, keys: Vec<u8>) -> Self {
        let id = agreement.group().my_id();
        let (links, removed) = (BTreeSet::new(), BTreeSet::new());
        Self { agreement, id, keys, history: History::new(), links, removed, over: false }
    }
}

pub struct Newcomer {
    pub joiner: Option<Joiner>,
    /// Whom they asked, and for which ticket.
    pub waits: Option<(usize, Ticket)>,
}

pub fn restore(keys: &[u8], history: History, number: usize) -> Agreement {
    let card = card(&name(number)).expect("the card is valid");
    Agreement::restore(keys, history, card, LIMIT).expect("what was written down is read")
}
