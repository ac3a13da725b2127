//! A room of several members in one thread, and seeded chance.

use group_crypto::{
    Card, Change, Committed, Group, InvitationSecret, Joiner, Member, MemberId, MemberIndex, Opener, ProcessError,
    Received, RunId, Sealer, Suite,
};

pub fn card(name: &str) -> Card {
    let address = "192.0.2.1:4433".parse().unwrap();
    Card::new(name, [3; 32], [4; 32], vec![address]).unwrap()
}

pub fn joiner(name: &str, suite: Suite) -> Joiner {
    Joiner::new(card(name), suite).unwrap()
}

pub fn names(members: &[Member]) -> Vec<&str> {
    members.iter().map(|m| m.card.name.as_str()).collect()
}

/// The one run of a member in most tests.
pub fn run(MemberIndex(index): MemberIndex) -> RunId {
    RunId::from_bytes([index as u8; 16])
}

/// Members who all know one invitation. The first of them commits.
pub struct Room {
    pub members: Vec<Group>,
    pub secret: InvitationSecret,
    suite: Suite,
}

impl Room {
    pub fn new(suite: Suite) -> Self {
        Self {
            members: vec![Group::create(card("member 0"), suite).unwrap()],
            secret: InvitationSecret::generate(),
            suite,
        }
    }

    /// A room whose members came in one commit after another.
    pub fn of(people: usize, suite: Suite) -> Self {
        let mut room = Self::new(suite);
        for n in 1..people {
            room.admit(&[&format!("member {n}")]);
        }
        room
    }

    pub fn admit(&mut self, names: &[&str]) -> Committed {
        let joiners: Vec<_> = names.iter().map(|name| joiner(name, self.suite)).collect();
        let secret = self.secret.clone();
        let changes: Vec<_> =
            joiners.iter().map(|joiner| Change::Admit { key_package: joiner.key_package(), secret: &secret }).collect();
        let committed = self.commit(&changes);
        let welcome = committed.welcome.as_deref().unwrap();
        for joiner in joiners {
            let mut group = joiner.join(welcome, &secret).unwrap();
            group.learn_invitation(&secret);
            self.members.push(group);
        }
        committed
    }

    /// The first member commits, and all others follow.
    pub fn commit(&mut self, changes: &[Change<'_>]) -> Committed {
        let (first, others) = self.members.split_first_mut().unwrap();
        let committed = first.commit(changes).unwrap();
        for other in others {
            match other.process(&committed.commit).unwrap() {
                Received::Epoch(change) if change.removed_me => {}
                Received::Epoch(change) => assert_eq!(change, committed.change),
                Received::Message { .. } => panic!("a commit is not a message"),
            }
        }
        committed
    }

    /// The first member says a byte in each of so many epochs, from 0 on; nobody has read it yet.
    pub fn say_across_epochs(&mut self, epochs: u8) -> Vec<Vec<u8>> {
        let say = |n| {
            let said = self.members[0].protect(&[n]).unwrap();
            self.commit(&[]);
            said
        };
        (0..epochs).map(say).collect()
    }

    pub fn id(&self, of: usize) -> MemberId {
        self.members[of].my_id()
    }

    pub fn sealer(&self, of: usize) -> Sealer {
        let me = self.members[of].me();
        Sealer::new(&self.members[of].epoch_keys(), me, run(me))
    }

    /// Knows everybody's [`run`].
    pub fn opener(&self, of: usize) -> Opener {
        let mut opener = Opener::new();
        let members = self.members[of].members();
        opener.add_epoch(&self.members[of].epoch_keys(), members);
        members.iter().for_each(|member| opener.set_run(member.id, run(member.index)));
        opener
    }
}

pub fn text(received: Result<Received, ProcessError>) -> (MemberIndex, Vec<u8>) {
    match received.unwrap() {
        Received::Message { sender, plaintext, .. } => (sender, plaintext),
        Received::Epoch(_) => panic!("a message is not a commit"),
    }
}

/// The same for the same seed.
pub struct Random(fastrand::Rng);

impl Random {
    pub fn new(seed: u64) -> Self {
        // Seeds in a row have first numbers in a row.
        let drawn = fastrand::Rng::with_seed(seed).u64(..);
        Self(fastrand::Rng::with_seed(drawn))
    }

    pub fn draw(&mut self) -> u64 {
        self.0.u64(..)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0.usize(..limit.max(1))
    }

    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.draw() as u8).collect()
    }

    /// Flips a bit, cuts, appends, or overwrites a byte.
    pub fn damage(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        let at = self.below(bytes.len());
        match self.below(8) {
            0 => bytes.truncate(at),
            1 => bytes.push(self.draw() as u8),
            2 => bytes[at] = bytes[at].wrapping_add(1 + self.below(255) as u8),
            _ => bytes[at] ^= 1 << self.below(8),
        }
        bytes
    }
}
