//! The world: a clock, a network that delays, reorders, doubles and cuts, and the people in it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::{Duration, Instant};

use group_crypto::{Action, Agreement, Group, InvitationSecret, KeyState, MemberId, NextEpoch, Suite, Ticket};

use crate::model::Model;
use crate::person::{Live, Person, State, card};

pub const LIMIT: usize = 16;
/// A newcomer may be known to some before others: strangers are asked to wait.
const STRANGERS_PATIENCE: Duration = Duration::from_secs(15);

pub struct Random(fastrand::Rng);

impl Random {
    pub fn new(seed: u64) -> Self {
        // Seeds in a row have first numbers in a row.
        let drawn = fastrand::Rng::with_seed(seed).u64(..);
        Self(fastrand::Rng::with_seed(drawn))
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0.u64(..bound.max(1))
    }

    pub fn chance(&mut self, of_a_hundred: u64) -> bool {
        self.below(100) < of_a_hundred
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Deliver {
        from: usize,
        to: usize,
        connection: u64,
        count: u64,
        bytes: Vec<u8>,
    },
    Welcome {
        to: usize,
        welcome: Vec<u8>,
    },
    /// One side notices that a link is gone.
    Notice {
        at: usize,
        other: usize,
        connection: u64,
    },
}

/// What a member of the simulated world says to another beside what is said about keys: see [`super::person::Mail`].
const LINE: u8 = 0;
const CONFIRM: u8 = 1;

pub struct Settings {
    pub suite: Suite,
    /// Messages overtake each other, and come twice.
    pub rough: bool,
    /// One way, in milliseconds.
    pub delay: (u64, u64),
    /// Who is without a link for so long is dropped, and may come back.
    pub drop_after: Option<Duration>,
}

pub struct World {
    pub seed: u64,
    pub now: Instant,
    pub random: Random,
    pub settings: Settings,
    pub people: Vec<Person>,
    /// Who can reach whom: those in the same cell.
    pub cells: Vec<usize>,
    /// Connections by pair, lower first.
    links: BTreeMap<(usize, usize), u64>,
    /// Since when two have had no link, for those who should.
    apart_since: BTreeMap<(usize, usize), Instant>,
    /// Until when one of two who does not know the other is patient.
    strangers: BTreeMap<(usize, usize), Instant>,
    /// As each side sees it.
    pub attached: BTreeMap<(usize, usize), u64>,
    connections: u64,
    queue: BinaryHeap<Reverse<(Instant, Event)>>,
    /// Messages by pair: what delays are drawn from, so that the order in which members send does not change them. (They
    /// are told apart by random keys, and a seed has to replay.)
    sent: BTreeMap<(usize, usize), u64>,
    last_arrival: BTreeMap<(usize, usize), Instant>,
    tickets: BTreeMap<(usize, Ticket), usize>,
    pub secret: InvitationSecret,
    pub model: Model,
    next_look: Instant,
}

impl World {
    pub fn new(seed: u64, settings: Settings) -> Self {
        let now = Instant::now();
        let group = Group::create(card(0), settings.suite).unwrap();
        let mut founder = Person::joiner(0, settings.suite);
        founder.enter(Agreement::new(group, card(0), LIMIT));
        founder.write_down();
        Self {
            seed,
            now,
            random: Random::new(seed),
            settings,
            people: vec![founder],
            cells: vec![0],
            links: BTreeMap::new(),
            apart_since: BTreeMap::new(),
            strangers: BTreeMap::new(),
            attached: BTreeMap::new(),
            connections: 0,
            queue: BinaryHeap::new(),
            sent: BTreeMap::new(),
            last_arrival: BTreeMap::new(),
            tickets: BTreeMap::new(),
            secret: InvitationSecret::generate(),
            model: Model::default(),
            next_look: now,
        }
    }

    pub fn those_in(&self) -> Vec<usize> {
        self.people.iter().filter(|p| p.agreement().is_some()).map(|p| p.number).collect()
    }

    pub fn of(&self, id: MemberId) -> Option<usize> {
        self.people.iter().position(|p| p.id == Some(id))
    }

    fn schedule(&mut self, at: Instant, event: Event) {
        self.queue.push(Reverse((at, event)));
    }

    fn draw(&mut self, from: usize, to: usize) -> Random {
        let count = self.sent.entry((from, to)).or_default();
        *count += 1;
        Random::new(self.seed << 40 ^ (from as u64) << 32 ^ (to as u64) << 24 ^ *count)
    }

    fn delay(&self, random: &mut Random) -> Duration {
        let (least, most) = self.settings.delay;
        Duration::from_millis(least + random.below(most - least + 1))
    }

    /// Runs for so long, looking after links every 50 ms.
    pub fn run(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let event = self.queue.peek().map(|Reverse((at, _))| *at);
            let wake = self.people.iter().filter_map(|p| p.wake_at).min();
            let next = [event, wake, Some(self.next_look)].into_iter().flatten().min().unwrap_or(end);
            if next > end {
                self.now = end;
                return;
            }
            self.now = self.now.max(next);
            if self.next_look <= self.now {
                self.next_look = self.now + Duration::from_millis(50);
                self.look_after_links();
                self.seal_frames();
            } else if event.is_some_and(|at| at <= self.now) {
                let Some(Reverse((_, event))) = self.queue.pop() else { continue };
                self.happen(event);
            } else {
                let woken = self.people.iter().position(|p| p.wake_at.is_some_and(|at| at <= self.now));
                if let Some(number) = woken {
                    self.with(number, |now, agreement| agreement.handle_timeout(now));
                    let idle = self.people[number].wake_at.is_none_or(|at| at > self.now);
                    assert!(idle, "seed {}: {number} has nothing to do and does not rest", self.seed);
                }
            }
            self.check();
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Deliver { from, to, connection, bytes, .. } => {
                let attached = self.attached.get(&(to, from)) == Some(&connection);
                let reached = self.cells[from] == self.cells[to];
                if attached
                    && reached
                    && let Some(id) = self.people[from].id
                {
                    self.with(to, |now, agreement| {
                        agreement.handle(now, id, &bytes);
                    });
                }
            }
            Event::Welcome { to, welcome } => self.let_in(to, &welcome),
            Event::Notice { at, other, connection } => {
                if self.attached.get(&(at, other)) == Some(&connection) {
                    self.attached.remove(&(at, other));
                    if let Some(id) = self.people[other].id {
                        self.with(at, |now, agreement| agreement.unlinked(now, id));
                    }
                }
            }
        }
    }

    /// One input for one person, and everything that follows from it.
    pub fn with(&mut self, number: usize, input: impl FnOnce(Instant, &mut Agreement)) {
        let now = self.now;
        let Some(live) = self.people[number].live() else { return };
        input(now, &mut live.agreement);
        self.carry_out(number);
    }

    fn carry_out(&mut self, number: usize) {
        let mut actions = Vec::new();
        if let Some(live) = self.people[number].live() {
            actions.extend(std::iter::from_fn(|| live.agreement.poll()));
        }
        // The chat writes down what it shows together with the keys, before anything leaves.
        let mut out = Vec::new();
        for action in actions {
            match action {
                Action::Send { to, bytes } | Action::Missed { to, bytes } => out.push((to, bytes)),
                Action::Message { from, plaintext } => self.said(number, from, &plaintext),
                Action::Epoch(next) => self.entered(number, &next),
                Action::Out { .. } | Action::Dropped => {}
                Action::Admitted { ticket, welcome } => {
                    if let (Some(joiner), Ok(welcome)) = (self.tickets.remove(&(number, ticket)), welcome) {
                        let mut random = self.draw(number, joiner);
                        let at = self.now + self.delay(&mut random);
                        self.schedule(at, Event::Welcome { to: joiner, welcome });
                    }
                }
                Action::Reunited(member) => self.post_again(number, member),
                Action::CalledOut(false) => {}
                // The honest believe it when all say so.
                Action::Removed | Action::CalledOut(true) => {
                    self.people[number].state = State::Gone;
                    self.hang_up(number);
                }
            }
        }
        self.people[number].write_down();
        for (to, bytes) in out {
            self.transmit(number, to, bytes);
        }
        if let Some(live) = self.people[number].live() {
            let more = live.agreement.deadline();
            self.people[number].wake_at = more;
        } else {
            self.people[number].wake_at = None;
        }
        // What the chat sealed above is sent now.
        self.flush(number);
    }

    fn flush(&mut self, number: usize) {
        let Some(live) = self.people[number].live() else { return };
        let mut out = Vec::new();
        while let Some(action) = live.agreement.poll() {
            if let Action::Send { to, bytes } | Action::Missed { to, bytes } = action {
                out.push((to, bytes));
            }
        }
        for (to, bytes) in out {
            self.transmit(number, to, bytes);
        }
    }

    pub fn transmit(&mut self, from: usize, to: MemberId, bytes: Vec<u8>) {
        let Some(to) = self.of(to) else { return };
        let Some(&connection) = self.attached.get(&(from, to)) else { return };
        let mut random = self.draw(from, to);
        let count = self.sent[&(from, to)];
        let mut at = self.now + self.delay(&mut random);
        if self.settings.rough {
            if random.chance(3) {
                let again = self.now + self.delay(&mut random);
                self.schedule(again, Event::Deliver { from, to, connection, count, bytes: bytes.clone() });
            }
        } else {
            // In order, as a link delivers.
            let last = self.last_arrival.get(&(from, to)).copied();
            at = last.map_or(at, |last| at.max(last));
            self.last_arrival.insert((from, to), at);
        }
        self.schedule(at, Event::Deliver { from, to, connection, count, bytes });
    }

    fn entered(&mut self, number: usize, NextEpoch { change, keys, me, members, .. }: &NextEpoch) {
        let (seed, person) = (self.seed, &mut self.people[number]);
        let Some(Live { sealer, .. }) = person.live() else { return };
        let rotated = sealer.rotate(keys, *me);
        assert_eq!(rotated, Ok(()), "seed {seed}: an epoch comes twice");
        person.keys_had.insert(keys.id());
        let id = person.id;
        for member in &change.removed {
            self.model.removed(id, member.id);
        }
        for gone in change.removed.iter().filter_map(|member| self.of(member.id)).collect::<Vec<_>>() {
            self.cut(number.min(gone), number.max(gone));
        }
        // Whoever is new to us gets what is said from now on.
        let mail = &mut self.people[number].disk.mail;
        for member in members {
            let lines = mail.lines;
            mail.begins.entry(member.id).or_insert(lines);
            mail.confirmed.entry(member.id).or_insert(lines);
        }
    }

    fn let_in(&mut self, number: usize, welcome: &[u8]) {
        let state = std::mem::replace(&mut self.people[number].state, State::Gone);
        let State::Outside(joiner) = state else {
            self.people[number].state = state;
            return;
        };
        let group = joiner.join(welcome, &self.secret).unwrap();
        let members = group.members().to_vec();
        let person = &mut self.people[number];
        person.enter(Agreement::new(group, card(number), LIMIT));
        for member in members {
            person.disk.mail.begins.insert(member.id, 0);
            person.disk.mail.confirmed.insert(member.id, 0);
        }
        person.write_down();
    }

    /// Somebody from outside asks somebody inside to be let in.
    pub fn join(&mut self, asker: usize) -> usize {
        let number = self.people.len();
        let mut person = Person::joiner(number, self.settings.suite);
        person.asker = Some(asker);
        let State::Outside(joiner) = &person.state else { unreachable!() };
        let key_package = joiner.key_package().to_vec();
        self.people.push(person);
        self.cells.push(self.cells[asker]);
        let secret = self.secret.clone();
        let mut ticket = None;
        self.with(asker, |now, agreement| ticket = agreement.admit(now, key_package, &secret).ok());
        if let Some(ticket) = ticket {
            // The answer may have come at once.
            self.tickets.insert((asker, ticket), number);
        }
        number
    }

    fn look_after_links(&mut self) {
        for a in 0..self.people.len() {
            for b in a + 1..self.people.len() {
                self.look_after_link(a, b);
            }
        }
    }

    fn look_after_link(&mut self, a: usize, b: usize) {
        let near = self.cells[a] == self.cells[b];
        let up = self.links.contains_key(&(a, b));
        let (Some(one), Some(other)) = (self.people[a].agreement(), self.people[b].agreement()) else {
            return self.cut(a, b);
        };
        let (a_id, b_id) = (one.group().my_id(), other.group().my_id());
        let (a_knows, b_knows) = (one.knows(b_id), other.knows(a_id));
        let (a_out, b_out) = (one.is_out(b_id), other.is_out(a_id));
        let strangers_until = self.strangers.get(&(a, b)).copied();
        let related =
            one.group().members().iter().any(|m| m.id == b_id) || other.group().members().iter().any(|m| m.id == a_id);
        if up && !near {
            return self.cut(a, b);
        }
        if up || !near {
            self.drop_lost(a, b, related);
            return;
        }
        // Who was removed while they were away is told so by whom they try to reach.
        if a_out && b_knows {
            return self.with(b, |now, agreement| agreement.refused(now, a_id, &[]));
        }
        if b_out && a_knows {
            return self.with(a, |now, agreement| agreement.refused(now, b_id, &[]));
        }
        if a_knows != b_knows && strangers_until.is_none() {
            self.strangers.insert((a, b), self.now + STRANGERS_PATIENCE);
        }
        if a_knows != b_knows && strangers_until.is_some_and(|until| self.now > until) {
            let (at, by) = if a_knows { (a, b_id) } else { (b, a_id) };
            return self.with(at, |now, agreement| agreement.refused(now, by, &[]));
        }
        if a_knows && b_knows && self.random.chance(60) {
            self.connections += 1;
            let connection = self.connections;
            self.links.insert((a, b), connection);
            self.apart_since.remove(&(a, b));
            self.attached.insert((a, b), connection);
            self.attached.insert((b, a), connection);
            self.last_arrival.remove(&(a, b));
            self.last_arrival.remove(&(b, a));
            self.with(a, |now, agreement| agreement.linked(now, b_id));
            self.with(b, |now, agreement| agreement.linked(now, a_id));
        }
    }

    fn drop_lost(&mut self, a: usize, b: usize, related: bool) {
        let Some(after) = self.settings.drop_after.filter(|_| related) else { return };
        let now = self.now;
        let since = *self.apart_since.entry((a, b)).or_insert(now);
        if self.links.contains_key(&(a, b)) || now < since + after {
            return;
        }
        self.apart_since.insert((a, b), now);
        let alone = |w: &Self, n: usize| !w.attached.keys().any(|(at, _)| *at == n);
        for (at, other) in [(a, b), (b, a)] {
            if !alone(self, at)
                && let Some(id) = self.people[other].id
            {
                self.with(at, |now, agreement| agreement.lost(now, id));
            }
        }
    }

    /// Both notice, each when they do.
    fn cut(&mut self, a: usize, b: usize) {
        let Some(connection) = self.links.remove(&(a, b)) else { return };
        self.apart_since.insert((a, b), self.now);
        for (at, other) in [(a, b), (b, a)] {
            let when = self.now + Duration::from_millis(self.random.below(800));
            self.schedule(when, Event::Notice { at, other, connection });
        }
    }

    fn hang_up(&mut self, number: usize) {
        for other in 0..self.people.len() {
            if other != number {
                self.attached.remove(&(number, other));
                self.cut(number.min(other), number.max(other));
            }
        }
    }

    pub fn crash(&mut self, number: usize) {
        self.people[number].state = State::Crashed;
        self.people[number].wake_at = None;
        self.hang_up(number);
    }

    pub fn restart(&mut self, number: usize) {
        let person = &mut self.people[number];
        if !matches!(person.state, State::Crashed) {
            return;
        }
        let disk = person.disk.clone();
        let agreement = Agreement::restore(&disk.keys, disk.history, card(number), LIMIT).unwrap();
        person.enter(agreement);
    }

    /// Says goodbye to those who are here, who see to the rest.
    pub fn leave(&mut self, number: usize) {
        let Some(id) = self.people[number].id else { return };
        let told: Vec<usize> = self.attached.keys().filter(|(at, _)| *at == number).map(|(_, other)| *other).collect();
        let hears =
            |other: &usize| self.cells[*other] == self.cells[number] && self.people[*other].agreement().is_some();
        let reached: Vec<_> = told.into_iter().filter(hears).collect();
        if reached.is_empty() {
            return;
        }
        self.people[number].state = State::Gone;
        self.people[number].wake_at = None;
        self.people[number].told.extend(&reached);
        self.hang_up(number);
        for other in reached {
            self.with(other, |now, agreement| agreement.remove(now, id));
        }
    }

    pub fn remove(&mut self, by: usize, whom: usize) {
        let Some(id) = self.people[whom].id else { return };
        // Somebody unknown to them can't be meant.
        let known = self.people[by].agreement().is_some_and(|agreement| agreement.knows(id));
        if let Some(by_id) = self.people[by].id.filter(|_| known) {
            self.model.ask_removal(by_id, id);
            self.people[whom].told.push(by);
        }
        self.with(by, |now, agreement| agreement.remove(now, id));
    }

    /// A line to everybody who is in the room for the one who says it.
    pub fn say(&mut self, number: usize) {
        let Some(live) = self.people[number].live() else { return };
        let members = live.agreement.group().members().to_vec();
        let Some(id) = self.people[number].id else { return };
        let mail = &mut self.people[number].disk.mail;
        mail.lines += 1;
        let line = mail.lines;
        for member in members.iter().filter(|member| member.id != id) {
            mail.confirmed.entry(member.id).or_insert(line - 1);
            self.model.said(id, line, member.id);
        }
        for member in members {
            self.post(number, member.id);
        }
    }

    /// Sends what is not confirmed. One message each: the simulated chat has no window.
    fn post(&mut self, number: usize, to: MemberId) {
        let mail = &self.people[number].disk.mail;
        let (lines, confirmed) = (mail.lines, mail.confirmed.get(&to).copied());
        let Some(confirmed) = confirmed else { return };
        let linked = self.of(to).is_some_and(|other| self.attached.contains_key(&(number, other)));
        for line in confirmed + 1..=lines {
            let Some(live) = self.people[number].live().filter(|_| linked) else { return };
            if live.agreement.is_out(to) {
                return;
            }
            let plaintext = [&[LINE][..], &line.to_be_bytes(), &confirmed.to_be_bytes()].concat();
            if let Ok(bytes) = live.agreement.protect(&plaintext) {
                self.people[number].write_down();
                self.transmit(number, to, bytes);
            }
        }
    }

    fn post_again(&mut self, number: usize, to: MemberId) {
        self.post(number, to);
    }

    fn said(&mut self, number: usize, from: MemberId, plaintext: &[u8]) {
        let Some((&kind, rest)) = plaintext.split_first() else { return };
        let word = |at: usize| rest.get(at..at + 8).map(|b| u64::from_be_bytes(b.try_into().unwrap()));
        let mail = &mut self.people[number].disk.mail;
        match (kind, word(0), word(8)) {
            (LINE, Some(line), Some(confirmed)) => {
                // Where they begin for us, they tell.
                let received = mail.received.entry(from).or_insert(confirmed);
                if line == *received + 1 {
                    *received = line;
                    mail.shown.push((from, line));
                }
                let up_to = *received;
                let Some(live) = self.people[number].live() else { return };
                let plaintext = [&[CONFIRM][..], &up_to.to_be_bytes()].concat();
                if let Ok(bytes) = live.agreement.protect(&plaintext) {
                    self.people[number].write_down();
                    self.transmit(number, from, bytes);
                }
            }
            // A group message is read by nobody else: confirmations go to one, as lines do here.
            (CONFIRM, Some(up_to), _) => {
                if up_to <= mail.lines
                    && let Some(confirmed) = mail.confirmed.get_mut(&from)
                {
                    *confirmed = up_to.max(*confirmed);
                }
            }
            _ => {}
        }
    }

    /// Everybody's lines once more, as a program does from time to time.
    pub fn post_all(&mut self) {
        for number in self.those_in() {
            let others: Vec<_> = self.people[number].disk.mail.confirmed.keys().copied().collect();
            for other in others {
                self.post(number, other);
            }
        }
    }

    fn seal_frames(&mut self) {
        for person in &mut self.people {
            let Some(live) = person.live() else { continue };
            let epoch = live.agreement.group().standing().id;
            let run = live.sealer.run();
            let mut sealed = Vec::new();
            live.sealer.seal(0, b"frame", &mut sealed).unwrap();
            // Key id and counter are the header, in front of five bytes and the tag.
            let header = sealed[..sealed.len() - 5 - 16].to_vec();
            self.model.sealed(self.seed, epoch, *run.as_bytes(), header);
        }
    }

    fn check(&mut self) {
        let pairs: Vec<_> = self.attached.keys().copied().collect();
        for (a, b) in pairs {
            let both = self.attached.contains_key(&(b, a)) && self.cells[a] == self.cells[b];
            let state = match (self.people[a].agreement(), self.people[b].id) {
                (Some(agreement), Some(id)) if both && !agreement.is_out(id) => Some(agreement.key_state(id)),
                _ => None,
            };
            let out = self.people[b].agreement().zip(self.people[a].id).is_some_and(|(other, id)| other.is_out(id));
            let lacking = state.is_some_and(|state| state != KeyState::Current) && !out;
            self.model.keys(self.now, (a, b), lacking);
        }
        let attached = &self.attached;
        self.model.forget_pairs(|pair| attached.contains_key(pair));
        self.model.check_removed(self.seed, &self.people);
    }
}
