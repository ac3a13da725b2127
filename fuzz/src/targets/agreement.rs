//! A small world of agreements for bytes to drive: a room of three, newcomers, and a network that does its worst.
//!
//! A byte is a letter, by its lower five bits, so that a seed reads as text; behind it come the arguments that the letter
//! asks for, a byte each, of which `0` is zero (see [`World::act`]). Other bytes mean nothing.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::LazyLock,
    time::{Duration, Instant},
};

use group_crypto::{Action, Agreement, Change, Group, History, InvitationSecret, Joiner, MemberId, Suite, Ticket};

use super::genuine::{Made, card, group_of, vector};

/// The most members that the room may have.
const LIMIT: usize = 5;
/// What an input asks for beyond so much is left undone, so that none takes long.
const MAX_ACTS: usize = 96;
/// Who comes to the room in one input.
const MAX_NEWCOMERS: usize = 3;
/// Messages under way: one more, and the oldest is lost.
const MAX_UNDER_WAY: usize = 64;
/// What one call may give to do: far more than to tell each of [`LIMIT`] members all commits and proposals that are kept.
const MAX_ACTIONS: usize = 1000;
/// How often an agreement may be due in the longest wait of an input, of five seconds: the retries of all it waits for.
const MAX_DEADLINES: usize = 400;

static DISKS: LazyLock<Disks> = LazyLock::new(|| Disks::new().expect("a room can be made"));

/// The properties: whatever arrives, from whomever, nothing breaks, nobody who was removed is back or is heard, nobody
/// speaks as another, and what was due is not due again at once.
pub fn run(input: &[u8]) {
    World::run(&DISKS, input);
}

/// A room of three as their disks have it, and one message of each kind that the wire knows.
///
/// Made anew in each run, as keys are random. The ids are in the order of the people, so that an input does the same again.
struct Disks(Vec<Vec<u8>>);

impl Disks {
    fn new() -> Made<Self> {
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

fn name(number: usize) -> String {
    format!("Person {number}")
}

struct Person {
    agreement: Agreement,
    id: MemberId,
    keys: Vec<u8>,
    history: History,
    /// With whom they were told to have a link.
    links: BTreeSet<MemberId>,
    /// Whose removal they have processed.
    removed: BTreeSet<MemberId>,
    over: bool,
}

impl Person {
    fn new(agreement: Agreement, keys: Vec<u8>) -> Self {
        let id = agreement.group().my_id();
        let (links, removed) = (BTreeSet::new(), BTreeSet::new());
        Self { agreement, id, keys, history: History::new(), links, removed, over: false }
    }
}

struct Newcomer {
    joiner: Option<Joiner>,
    /// Whom they asked, and for which ticket.
    waits: Option<(usize, Ticket)>,
}

struct Message {
    from: usize,
    to: usize,
    bytes: Vec<u8>,
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

    /// One of the messages under way, which stays so where it is not `gone`.
    fn take(&mut self, gone: bool) -> Option<Message> {
        let at = self.argument().checked_rem(self.under_way.len())?;
        if gone {
            return self.under_way.remove(at);
        }
        let Message { from, to, bytes } = self.under_way.get(at)?;
        Some(Message { from: *from, to: *to, bytes: bytes.clone() })
    }

    fn deliver(&mut self, gone: bool) {
        if let Some(message) = self.take(gone) {
            self.arrive(&message);
        }
    }

    fn deliver_all(&mut self) {
        // Answers to answers come to an end by themselves only where time stands still for long enough.
        for _ in 0..MAX_UNDER_WAY {
            let Some(message) = self.under_way.pop_front() else { break };
            self.arrive(&message);
        }
    }

    /// Two bytes say where, one what comes there; or, beyond the end, what is added to it.
    fn deliver_changed(&mut self) {
        let message = self.take(false);
        let [high, low, instead] = [(); 3].map(|()| self.argument());
        let Some(Message { from, to, mut bytes }) = message else { return };
        match bytes.get_mut(high << 8 | low) {
            Some(byte) => *byte = instead as u8,
            None => bytes.push(instead as u8),
        }
        self.arrive(&Message { from, to, bytes });
    }

    fn deliver_elsewhere(&mut self) {
        let message = self.take(false);
        let (from, to) = (self.somebody(), self.somebody());
        if let Some(message) = message {
            self.arrive(&Message { from, to, ..message });
        }
    }

    fn deliver_input(&mut self) {
        let (from, to, length) = (self.somebody(), self.somebody(), self.argument());
        let (bytes, rest) = self.input.as_slice().split_at(length.min(self.input.len()));
        self.input = rest.iter();
        self.arrive(&Message { from, to, bytes: bytes.to_vec() });
    }

    /// Bytes can come only over a link that the reader has.
    fn arrive(&mut self, message: &Message) {
        let sender = self.people[message.from].id;
        if self.people[message.to].links.contains(&sender) {
            self.people[message.to].agreement.handle(self.now, sender, &message.bytes);
            self.settle(message.to);
        }
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

    fn send(&mut self, from: usize, to: MemberId, bytes: Vec<u8>) {
        let Some(to) = self.people.iter().position(|person| person.id == to) else { return };
        if self.under_way.len() == MAX_UNDER_WAY {
            self.under_way.pop_front();
        }
        self.under_way.push_back(Message { from, to, bytes });
    }

    /// First the disk, then what is to be done; and all promises are kept.
    fn settle(&mut self, at: usize) {
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
            Action::Send { to, bytes } => {
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

fn restore(keys: &[u8], history: History, number: usize) -> Agreement {
    let card = card(&name(number)).expect("the card is valid");
    Agreement::restore(keys, history, card, LIMIT).expect("what was written down is read")
}
