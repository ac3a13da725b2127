//! A room of three in which one keeps no rule: a script of bytes says what that member does, and when.
//!
//! An act is a letter, by its lower five bits, so that a seed reads as text; behind it come the arguments that the letter
//! asks for, a byte each, of which `0` is zero (see [`Scene::act`]). Other bytes mean nothing.
//!
//! What honest members are owed is checked after each act (see [`watch`]), and in the end, with the hostile member gone,
//! that they still hear each other.

mod say;
mod watch;

use std::{
    cell::RefCell,
    rc::Rc,
    sync::LazyLock,
    time::{Duration, Instant},
};

use arbitrary::Unstructured;
use group_crypto::MemberId;

use super::{
    disk::Disk,
    world::{CLEAR, OPEN, SECOND, World},
};
use crate::{
    api::{RoomKind, Rules},
    room::{
        Input, LinkId, Output, Phase,
        inside::Inside,
        wire::{self, LinkMessage, Purpose, RoomMessage, Said},
    },
};
use watch::Watch;

const ANNA: usize = 0;
const BEA: usize = 1;
const MALLORY: usize = 2;
const NAMES: [&str; 3] = ["Anna", "Bea", "Mallory"];
const HONEST: [usize; 2] = [ANNA, BEA];

/// What a script asks for beyond this is left undone, so that none takes long.
const MAX_ACTS: usize = 64;
const MAX_MESSAGES: usize = 1500;
const MAX_TIME: Duration = Duration::from_secs(90);
/// An act takes so long, simulated: what it leads to is done by then.
const ACT: Duration = Duration::from_millis(60);
/// What honest members say arrives by then, once the hostile one is gone.
const HEARD: Duration = Duration::from_secs(150);

/// The room as the three disks have it: with Mallory's member id below the others' and above, as much depends on the order,
/// and so that Bea and Mallory have not met yet, or all have said something.
///
/// Made anew in each run of the program, since keys are random. The order of ids is not.
static ROOMS: LazyLock<[Disks; 4]> = LazyLock::new(|| {
    [(true, true), (false, true), (true, false), (false, false)].map(|(lowest, met)| disks(lowest, met))
});

type Disks = std::sync::Mutex<[Disk; 3]>;

fn disks(lowest: bool, met: bool) -> Disks {
    loop {
        let mut world = World::new(1, CLEAR);
        world.classical = true;
        world.found(NAMES[ANNA], RoomKind::Kept);
        let invitation = world.invite_with(ANNA, OPEN);
        if !met {
            world.apart.push((BEA, MALLORY));
        }
        for name in &NAMES[1..] {
            world.join(name, &invitation);
            world.run(SECOND);
        }
        let [anna, bea, mallory] = [ANNA, BEA, MALLORY].map(|who| world.id(who));
        if anna < bea && (if lowest { mallory < anna } else { bea < mallory }) {
            for who in [ANNA, BEA, MALLORY].into_iter().filter(|_| met) {
                world.input(who, Input::Say(Said::Text("begun".into())));
                world.run(SECOND);
            }
            return [ANNA, BEA, MALLORY].map(|who| world.beings[who].disk.clone()).into();
        }
    }
}

/// # Panics
/// When an honest member suffers what the rules do not allow.
pub fn run(script: &[u8]) {
    let mut script = Unstructured::new(script);
    let which = usize::from(number(&mut script)) % ROOMS.len();
    let disks = ROOMS[which].lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone();
    // Lines count from 1, and the first is said where all have met.
    let mut scene = Scene::new(disks, if which < 2 { 2 } else { 1 });
    for _ in 0..MAX_ACTS {
        if script.is_empty() || scene.now() >= scene.began + MAX_TIME {
            break;
        }
        let letter = script.arbitrary::<u8>().unwrap_or_default() & 0x1f | 0x60;
        scene.act(letter, &mut script);
    }
    scene.finish();
}

/// The next argument.
fn number(script: &mut Unstructured<'_>) -> u8 {
    if script.is_empty() { 0 } else { script.arbitrary::<u8>().unwrap_or_default().wrapping_sub(b'0') }
}

/// What Mallory says.
enum Words {
    /// As it goes over a link.
    Link(Vec<u8>),
    /// To be sealed for the group.
    Room(Vec<u8>),
    /// The line that the victim expects next.
    Line { at_ms: i64, body: Said },
}

/// By which way Mallory's words go.
#[derive(Clone, Copy)]
enum Way {
    Link,
    /// The other honest member is asked to pass them on.
    Forwarded,
    /// The link that was opened last by a script.
    Opened,
}

struct Scene {
    world: World,
    began: Instant,
    watch: Rc<RefCell<Watch>>,
    /// Whom Mallory's acts are about.
    victim: usize,
    way: Way,
    opened: Option<LinkId>,
    /// How often the next message is said.
    times: usize,
    /// Of all that may be said.
    left: usize,
    said: [Vec<String>; 2],
    /// Mallory's next line to each.
    next_line: [u64; 2],
    alive: [bool; 3],
    sends: [bool; 3],
    barred: [bool; 2],
}

impl Scene {
    fn new(disks: [Disk; 3], next_line: u64) -> Self {
        let mut world = World::new(2, CLEAR);
        world.classical = true;
        for (name, disk) in NAMES.into_iter().zip(disks) {
            world.come_back(name, disk);
        }
        let watch = Rc::new(RefCell::new(Watch::new(&world)));
        let tampering = Rc::clone(&watch);
        world.tamper = Some(Box::new(move |who, output| tampering.borrow_mut().pass(who, output)));
        Self {
            began: world.now,
            world,
            watch,
            victim: ANNA,
            way: Way::Link,
            opened: None,
            times: 1,
            left: MAX_MESSAGES,
            said: [Vec::new(), Vec::new()],
            next_line: [next_line; 2],
            alive: [true; 3],
            sends: [false; 3],
            barred: [false; 2],
        }
    }

    fn now(&self) -> Instant {
        self.world.now
    }

    fn inside(&mut self, who: usize) -> Option<&mut Inside> {
        match &mut self.world.beings[who].room.phase {
            Phase::Inside(inside) => Some(inside),
            _ => None,
        }
    }

    fn id(&self, who: usize) -> MemberId {
        self.world.id(who)
    }

    fn other(&self) -> usize {
        if self.victim == ANNA { BEA } else { ANNA }
    }

    fn act(&mut self, letter: u8, script: &mut Unstructured<'_>) {
        match letter {
            // Time: steps of 20 ms, or seconds.
            b'w' => self.run(Duration::from_millis(20) * u32::from(number(script))),
            b'l' => self.run(SECOND * u32::from(number(script) % 64)),
            // All who share a secret and miss each other are told where they are.
            b'r' => self.world.rendezvous(),
            // What honest members do, of their own accord.
            b'h' => {
                let which = usize::from(number(script));
                self.honest_says(which % 2, which & 2 != 0);
            }
            b'c' => self.calls(usize::from(number(script)) % 3),
            b'e' => self.world.input(usize::from(number(script)) % 3, Input::HangUp),
            b'k' => self.kill_or_restart(usize::from(number(script)) % 3),
            b'p' => self.rules(number(script)),
            // Whom it is about, how often the next is said, and which way.
            b'v' => self.victim = HONEST[usize::from(number(script)) % 2],
            b'q' => self.times = usize::from(number(script)).max(1),
            b'z' => self.way = [Way::Link, Way::Forwarded, Way::Opened][usize::from(number(script)) % 3],
            // Links: never again between the two or after all, closed, another that is opened from some endpoint.
            b'u' => self.bar(),
            b'x' => self.close(),
            b'n' => self.open(script),
            letter if self.act_hostile(letter, script) => {}
            _ => return,
        }
        self.watch.borrow_mut().next_act();
        self.run(ACT);
        self.check();
    }

    /// What Mallory says and sends. False where the letter means nothing.
    fn act_hostile(&mut self, letter: u8, script: &mut Unstructured<'_>) -> bool {
        match letter {
            // What Mallory says: on the link, inside the group, within itself, bytes, a Hello.
            b'm' => {
                let message = say::link_message(self, script);
                self.say(&Words::Link(message));
            }
            b's' => {
                let words = say::room_message(self, script);
                self.say(&words);
            }
            b'o' => self.nest(script),
            b'b' => {
                let bytes = say::bytes(script);
                self.say(&Words::Link(bytes));
            }
            b'a' => {
                let bytes = say::bytes(script);
                self.say(&Words::Link(wire::encode(&LinkMessage::Group(bytes))));
            }
            b'g' => {
                if let Some(hello) = say::hello(self, script) {
                    self.say(&Words::Link(hello));
                }
            }
            // Media: a datagram on the link or at the socket, a frame of anything, one in another's name.
            b'd' => self.datagram(script),
            b't' => self.world.throw(self.victim, say::bytes(script)),
            b'f' => say::frame(self, script),
            b'j' => say::forged(self, script),
            // From now on, or no more: Mallory does not say to be in the call, confirms no line, says Removed for Hello. And the next
            // messages arrive damaged.
            b'i' => self.watch.borrow_mut().hides ^= true,
            b'{' => self.watch.borrow_mut().confirms_nothing ^= true,
            b'|' => self.watch.borrow_mut().turns_away ^= true,
            b'y' => self.watch.borrow_mut().damages = u32::from(number(script)),
            _ => return false,
        }
        true
    }

    fn run(&mut self, duration: Duration) {
        // Not all at once, so that nothing that lasts is missed.
        let end = self.world.now + duration;
        while self.world.now < end {
            self.world.run(SECOND.min(end - self.world.now));
            let hidden = watch::hidden_listener(&mut self.world);
            self.watch.borrow_mut().saw_hidden_listener(self.world.now, hidden);
        }
    }

    fn honest_says(&mut self, who: usize, at_length: bool) {
        // One who is said to be removed is told that nothing can be said now, and keeps the text.
        let is_open = self.world.read_only(who).is_none();
        if self.alive[who] && is_open && self.said[who].len() < MAX_ACTS {
            let number = self.said[who].len();
            let text = if at_length { format!("{number:08000} of {who}") } else { format!("{number} of {who}") };
            self.said[who].push(text.clone());
            self.world.input(who, Input::Say(Said::Text(text)));
        }
    }

    fn calls(&mut self, who: usize) {
        if !self.alive[who] {
            return;
        }
        self.world.input(who, Input::Call { video: true });
        if !std::mem::replace(&mut self.sends[who], true) {
            self.world.start_media(who);
        }
    }

    fn kill_or_restart(&mut self, who: usize) {
        if self.alive[who] {
            self.world.kill(who);
        } else {
            self.revive(who);
        }
        self.alive[who] = !self.alive[who];
    }

    fn revive(&mut self, who: usize) {
        self.world.restart(who);
        let endpoint = self.world.beings[who].at.endpoint;
        self.watch.borrow_mut().endpoints.insert(endpoint);
    }

    fn rules(&mut self, which: u8) {
        let rules = Rules { ring: which & 1 == 0, video: which & 2 == 0, quiet: (which & 4 != 0).then_some((0, 1439)) };
        self.world.input(self.victim, Input::SetRules(rules));
    }

    fn bar(&mut self) {
        let pair = (MALLORY, self.victim);
        if std::mem::replace(&mut self.barred[self.victim], true) {
            self.barred[self.victim] = false;
            self.world.apart.retain(|apart| *apart != pair);
        } else {
            self.world.apart.push(pair);
            self.world.break_link(MALLORY, self.victim);
            self.world.notice_broken_links();
        }
    }

    fn close(&mut self) {
        if let Some(link) = self.link() {
            self.world.carry(MALLORY, Output::Close { link });
        }
    }

    /// From Mallory's own endpoint, another member's, or one that nobody knows.
    fn open(&mut self, script: &mut Unstructured<'_>) {
        let of = usize::from(number(script));
        let endpoint = self.world.beings.get(of).map_or([of as u8; 32], |being| being.at.endpoint);
        if self.alive[self.victim] && self.left > 0 {
            self.left -= 1;
            self.opened = Some(self.world.open_link(MALLORY, self.victim, endpoint));
            self.way = Way::Opened;
        }
    }

    fn link(&self) -> Option<LinkId> {
        match self.way {
            Way::Link => self.link_with(self.victim),
            Way::Forwarded => self.link_with(self.other()),
            Way::Opened => self.opened,
        }
    }

    /// Which of some that were dialled at the same time counts, Mallory's room knows.
    fn link_with(&self, who: usize) -> Option<LinkId> {
        let Phase::Inside(inside) = &self.world.beings[MALLORY].room.phase else { return None };
        let link = inside.links.own_link_with(self.id(who));
        link.or_else(|| self.world.link_with(MALLORY, who))
    }

    /// Inside the group each is sealed anew.
    fn say(&mut self, words: &Words) {
        for _ in 0..std::mem::replace(&mut self.times, 1) {
            let Some(link) = self.link().filter(|_| self.left > 0) else { return };
            self.left -= 1;
            let bytes = match words {
                Words::Link(bytes) => Some(bytes.clone()),
                Words::Room(message) => self.seal(message),
                Words::Line { at_ms, body } => {
                    let sequence = self.next_line[self.victim];
                    self.next_line[self.victim] += 1;
                    self.seal(&say::line(sequence, *at_ms, body))
                }
            };
            let Some(bytes) = bytes else { return };
            let bytes = match self.way {
                Way::Forwarded => wire::encode(&LinkMessage::Forward { to: self.id(self.victim).0, sealed: bytes }),
                _ => bytes,
            };
            self.world.carry(MALLORY, Output::Send { link, purpose: Purpose::Control, bytes });
        }
    }

    /// What says it on a link, sealed for the group.
    fn seal(&mut self, message: &[u8]) -> Option<Vec<u8>> {
        let sealed = self.inside(MALLORY)?.roster.agreement().protect(message).ok()?;
        Some(wire::encode(&LinkMessage::Group(sealed)))
    }

    /// A link message, within a message of the group that says it over another member, within another, and so on.
    fn nest(&mut self, script: &mut Unstructured<'_>) {
        let depth = number(script);
        let mut bytes = match number(script) {
            0 => say::hello(self, script).unwrap_or_default(),
            _ => say::link_message(self, script),
        };
        let to = self.id(self.victim).0;
        for _ in 1..depth.max(1) {
            let over = wire::encode(&RoomMessage::Over { to, bytes });
            let Some(sealed) = self.seal(&over) else { return };
            bytes = sealed;
        }
        self.say(&Words::Room(wire::encode(&RoomMessage::Over { to, bytes })));
    }

    fn datagram(&mut self, script: &mut Unstructured<'_>) {
        let bytes = say::bytes(script);
        for _ in 0..std::mem::replace(&mut self.times, 1) {
            let Some(link) = self.link().filter(|_| self.left > 0) else { return };
            self.left -= 1;
            self.world.carry(MALLORY, Output::SendDatagram { link, bytes: bytes.clone() });
        }
    }

    fn check(&mut self) {
        let lines = HONEST.map(|who| watch::lines_of(&self.world, who, HONEST[1 - who]));
        for who in HONEST {
            assert_eq!(self.world.beings[who].ended, None, "{} is out by a word of Mallory's", NAMES[who]);
            let said = &self.said[1 - who];
            let heard = &lines[who];
            assert!(said.starts_with(heard), "{} has other lines than were said", NAMES[who]);
        }
        self.watch.borrow().check(&self.world, MAX_MESSAGES - self.left, self.world.now - self.began);
    }

    /// Mallory is gone. Whoever is honest finds the other, and hears all that was said.
    fn finish(mut self) {
        self.watch.borrow_mut().rest();
        if self.alive[MALLORY] {
            self.world.kill(MALLORY);
        }
        for who in HONEST {
            if !self.alive[who] {
                self.revive(who);
            }
            self.alive[who] = true;
            self.world.input(who, Input::HangUp);
        }
        // Those who were told that they are removed meet one who knows better.
        let met = self.world.now + HEARD;
        while self.world.now < met && HONEST.into_iter().any(|who| self.world.read_only(who).is_some()) {
            self.run(5 * SECOND);
            self.world.rendezvous();
        }
        for who in HONEST {
            assert_eq!(self.world.read_only(who), None, "a word alone has closed a room for good");
            self.honest_says(who, false);
        }
        let end = self.world.now + HEARD;
        while self.world.now < end {
            self.run(5 * SECOND);
            self.world.rendezvous();
            if HONEST.into_iter().all(|who| watch::lines_of(&self.world, who, 1 - who) == self.said[1 - who]) {
                return self.check();
            }
        }
        let heard = HONEST.map(|who| watch::lines_of(&self.world, who, 1 - who).len());
        let said = HONEST.map(|who| self.said[1 - who].len());
        panic!("honest members do not hear each other: {heard:?} of {said:?} lines came");
    }
}
