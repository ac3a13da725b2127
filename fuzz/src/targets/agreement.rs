//! A small world of agreements for bytes to drive: a room of three, newcomers, and a network that does its worst.
//!
//! A byte is a letter, by its lower five bits, so that a seed reads as text; behind it come the arguments that the letter
//! asks for, a byte each, of which `0` is zero (see [`World::act`]). Other bytes mean nothing.

mod network;
mod people;
mod promises;

use std::{
    collections::VecDeque,
    sync::LazyLock,
    time::{Duration, Instant},
};

use group_crypto::{Group, History, InvitationSecret, Joiner, MemberId, Suite};

use self::network::Message;
use self::people::{Disks, Newcomer, Person, name, restore};
use super::genuine::{card, group_of, vector};

/// The most members that the room may have.
const LIMIT: usize = 5;
/// What an input asks for beyond so much is left undone, so that none takes long.
const MAX_ACTS: usize = 96;
/// Who comes to the room in one input.
const MAX_NEWCOMERS: usize = 3;
/// How often an agreement may be due in the longest wait of an input, of five seconds: the retries of all it waits for.
const MAX_DEADLINES: usize = 400;

static DISKS: LazyLock<Disks> = LazyLock::new(|| Disks::new().expect("a room can be made"));

/// The properties: whatever arrives, from whomever, nothing breaks, nobody who was removed is back or is heard, nobody
/// speaks as another, and what was due is not due again at once.
pub fn run(input: &[u8]) {
    World::run(&DISKS, input);
}

/// What an input does to the room. Each act is a letter and its arguments.
struct World<'a> {
    now: Instant,
    secret: InvitationSecret,
    people: Vec<Person>,
    newcomers: Vec<Newcomer>,
    under_way: VecDeque<Message>,
    input: std::slice::Iter<'a, u8>,
}

impl<'a> World<'a> {
    fn run(disks: &Disks, input: &'a [u8]) {
        let restored = disks.0.iter().enumerate().map(|(number, keys)| {
            let agreement = restore(keys, History::new(), number);
            Person::new(agreement, keys.clone())
        });
        let mut world = World {
            now: Instant::now(),
            secret: InvitationSecret::from_bytes([2; 32]),
            people: restored.collect(),
            newcomers: Vec::new(),
            under_way: VecDeque::new(),
            input: input.iter(),
        };
        for _ in 0..MAX_ACTS {
            let Some(letter) = world.input.next() else { break };
            world.act(letter & 0x1f | 0x60);
        }
    }

    fn act(&mut self, letter: u8) {
        match letter {
            // Links of two come up and go down on both sides, or on one.
            b'l' => self.both(Self::link),
            b'u' => self.both(Self::unlink),
            b'h' => self.with_other(Self::link),
            b'g' => self.with_other(Self::unlink),
            // All have links with all.
            b'a' => self.link_all(),
            // Messages that are under way arrive, twice, not at all, changed, from another or at another; or all do.
            b'd' => self.deliver(true),
            b't' => self.deliver(false),
            b'x' => drop(self.take(true)),
            b'm' => self.deliver_changed(),
            b'f' => self.deliver_elsewhere(),
            b'e' => self.deliver_all(),
            // Bytes of the input arrive.
            b'i' => self.deliver_input(),
            // Steps of 20 ms, or until somebody has something to do.
            b'w' => self.wait(),
            b'n' => self.until_due(),
            b'r' => self.with_other(|world, at, other| {
                let now = world.now;
                world.people[at].agreement.remove(now, other);
            }),
            b'o' => self.with_other(|world, at, other| {
                let now = world.now;
                world.people[at].agreement.lost(now, other);
            }),
            b'q' => self.with_other(|world, at, other| {
                let now = world.now;
                world.people[at].agreement.refused(now, other, &[]);
            }),
            b'k' => {
                let (at, now) = (self.somebody(), self.now);
                self.people[at].agreement.renew(now);
                self.settle(at);
            }
            b'p' => self.admit(),
            // A member who keeps no rule proposes something to all.
            b'v' => self.propose(),
            b's' => self.say(),
            b'c' => self.crash(),
            _ => {}
        }
    }

    fn argument(&mut self) -> usize {
        self.input.next().map_or(0, |byte| byte.wrapping_sub(b'0').into())
    }

    fn somebody(&mut self) -> usize {
        self.argument() % self.people.len()
    }

    /// One, and the id of another or, rarely, of nobody.
    fn with_other(&mut self, act: impl FnOnce(&mut Self, usize, MemberId)) {
        let (at, other) = (self.somebody(), self.argument());
        let nobody = MemberId([other as u8; 16]);
        let id = self.people.get(other % (self.people.len() + 1)).map_or(nobody, |person| person.id);
        act(self, at, id);
        self.settle(at);
    }

    fn both(&mut self, act: fn(&mut Self, usize, MemberId)) {
        let (one, other) = (self.somebody(), self.somebody());
        self.pair(one, other, act);
    }

    fn pair(&mut self, one: usize, other: usize, act: fn(&mut Self, usize, MemberId)) {
        for (at, with) in [(one, other), (other, one)] {
            act(self, at, self.people[with].id);
            self.settle(at);
        }
    }

    fn link_all(&mut self) {
        for one in 0..self.people.len() {
            for other in one + 1..self.people.len() {
                self.pair(one, other, Self::link);
            }
        }
    }

    fn link(&mut self, at: usize, member: MemberId) {
        self.people[at].links.insert(member);
        self.people[at].agreement.linked(self.now, member);
    }

    fn unlink(&mut self, at: usize, member: MemberId) {
        self.people[at].links.remove(&member);
        self.people[at].agreement.unlinked(self.now, member);
    }

    fn wait(&mut self) {
        let end = self.now + Duration::from_millis(20) * self.argument() as u32;
        for _ in 0..MAX_DEADLINES * self.people.len() {
            let due = self.people.iter().filter_map(|person| person.agreement.deadline()).min();
            let Some(due) = due.filter(|due| *due <= end) else {
                self.now = end;
                return;
            };
            self.now = self.now.max(due);
            self.look_after_those_due();
        }
        panic!("there is always something to do at once");
    }

    fn until_due(&mut self) {
        let due = self.people.iter().filter_map(|person| person.agreement.deadline()).min();
        self.now = due.map_or(self.now, |due| due.max(self.now));
        self.look_after_those_due();
    }

    fn look_after_those_due(&mut self) {
        for at in 0..self.people.len() {
            let person = &mut self.people[at];
            if person.agreement.deadline().is_some_and(|due| due <= self.now) {
                person.agreement.handle_timeout(self.now);
                let next = person.agreement.deadline();
                assert!(next.is_none_or(|next| next > self.now), "what was due is due again at once");
                self.settle(at);
            }
        }
    }

    /// Of one who has not come yet, the number of whom the input says.
    fn package(&mut self) -> Option<(usize, Vec<u8>)> {
        let number = self.argument() % MAX_NEWCOMERS;
        while self.newcomers.len() <= number {
            let person = card(&name(3 + self.newcomers.len())).expect("the card is valid");
            let joiner = Joiner::new(person, Suite::Classical).expect("keys can be made");
            self.newcomers.push(Newcomer { joiner: Some(joiner), waits: None });
        }
        let joiner = self.newcomers[number].joiner.as_ref()?;
        Some((number, joiner.key_package().to_vec()))
    }

    /// What only members can say reaches what a stranger's bytes never do. Their agreement knows nothing of it.
    fn propose(&mut self) {
        let (at, kind) = (self.somebody(), self.argument() % 7);
        let secret = self.secret.as_bytes().to_vec();
        let inner = match kind {
            0 => {
                let Some((_, package)) = self.package() else { return };
                [vec![3, 2], vector(&package)].concat()
            }
            1 => {
                let Some((_, package)) = self.package() else { return };
                [vec![3, 1], secret, vector(&package)].concat()
            }
            2 => vec![3, 4],
            3 => [vec![2], secret].concat(),
            4 | 5 => {
                let of = self.somebody();
                [vec![3, if kind == 4 { 3 } else { 5 }], self.people[of].id.0.to_vec()].concat()
            }
            _ => {
                let length = self.argument().min(self.input.len());
                let (bytes, rest) = self.input.as_slice().split_at(length);
                self.input = rest.iter();
                bytes.to_vec()
            }
        };
        let mut keys = self.people[at].keys.clone();
        let Some(Ok(mut group)) = group_of(&mut keys).map(|group| Group::load(group)) else { return };
        let Ok(sealed) = group.protect(&inner) else { return };
        for to in self.people[at].links.clone() {
            self.send(at, to, [vec![3], vector(&sealed)].concat());
        }
    }

    /// A newcomer asks a member, or another one, again.
    fn admit(&mut self) {
        let at = self.somebody();
        let Some((number, package)) = self.package() else { return };
        if let Ok(ticket) = self.people[at].agreement.admit(self.now, package, &self.secret) {
            self.newcomers[number].waits = Some((at, ticket));
        }
        self.settle(at);
    }

    /// What is said begins with who says it.
    fn say(&mut self) {
        let at = self.somebody();
        let person = &mut self.people[at];
        let said = person.agreement.protect(&person.id.0);
        let links: Vec<_> = person.links.iter().copied().collect();
        self.settle(at);
        let Ok(bytes) = said else { return };
        for to in links {
            self.send(at, to, bytes.clone());
        }
    }

    /// What a person knew is gone but for what lies on the disk.
    fn crash(&mut self) {
        let at = self.somebody();
        let person = &mut self.people[at];
        if person.over {
            return;
        }
        person.agreement = restore(&person.keys, person.history.clone(), at);
        person.links.clear();
        person.agreement.handle_timeout(self.now);
        self.settle(at);
    }
}
