//! One person of the simulated world: an agreement, what is on their disk, their chat, and their frames.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use group_crypto::{Agreement, Card, EpochId, History, Joiner, MemberId, RunId, Sealer, Suite};

/// The state of a person, as the rest of the world can see it.
pub enum State {
    /// Waits for a Welcome.
    Outside(Box<Joiner>),
    In(Box<Live>),
    Crashed,
    /// Left, or was told that they were removed.
    Gone,
}

pub struct Live {
    pub agreement: Agreement,
    pub sealer: Sealer,
}

/// What survives a crash: all of it is written before anything is sent.
#[derive(Default, Clone)]
pub struct Disk {
    pub keys: Vec<u8>,
    pub history: History,
    pub mail: Mail,
}

/// A chat as the engine keeps it: own lines are counted, and sent again to each until confirmed.
#[derive(Default, Clone)]
pub struct Mail {
    pub lines: u64,
    /// How far each has confirmed our lines.
    pub confirmed: BTreeMap<MemberId, u64>,
    /// How far we have each one's lines.
    pub received: BTreeMap<MemberId, u64>,
    /// Everything that was shown, in order.
    pub shown: Vec<(MemberId, u64)>,
    /// Our lines count for these from this one on: they came later than the lines before.
    pub begins: BTreeMap<MemberId, u64>,
}

pub struct Person {
    pub number: usize,
    /// Who vouched for them.
    pub asker: Option<usize>,
    /// To whom they said goodbye, or who removed them.
    pub told: Vec<usize>,
    pub id: Option<MemberId>,
    pub state: State,
    pub disk: Disk,
    /// Somebody in whose hands they keep the keys of every epoch they ever had: a removed member who forgets nothing.
    pub keys_had: BTreeSet<EpochId>,
    pub wake_at: Option<Instant>,
}

pub fn card(number: usize) -> Card {
    Card::new(format!("person {number}"), [number as u8; 32], [number as u8; 32], Vec::new()).unwrap()
}

impl Person {
    pub fn joiner(number: usize, suite: Suite) -> Self {
        let joiner = Joiner::new(card(number), suite).unwrap();
        Self {
            number,
            asker: None,
            told: Vec::new(),
            id: None,
            state: State::Outside(Box::new(joiner)),
            disk: Disk::default(),
            keys_had: BTreeSet::new(),
            wake_at: None,
        }
    }

    pub fn enter(&mut self, agreement: Agreement) {
        let group = agreement.group();
        // A sealer of its own for every run: nothing of it is on the disk.
        let sealer = Sealer::new(&group.epoch_keys(), group.me(), RunId::generate());
        self.id = Some(group.my_id());
        self.keys_had.insert(group.standing().id);
        self.state = State::In(Box::new(Live { agreement, sealer }));
    }

    pub fn live(&mut self) -> Option<&mut Live> {
        match &mut self.state {
            State::In(live) => Some(live),
            _ => None,
        }
    }

    pub fn agreement(&self) -> Option<&Agreement> {
        match &self.state {
            State::In(live) => Some(&live.agreement),
            _ => None,
        }
    }

    /// As the engine does after every input: first the disk, then the network.
    pub fn write_down(&mut self) {
        let State::In(live) = &mut self.state else { return };
        if let Some(save) = live.agreement.take_save() {
            self.disk.keys = save.unwrap().to_vec();
        }
        if let Some(history) = live.agreement.take_history() {
            self.disk.history = history;
        }
    }
}
