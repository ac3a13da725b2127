//! Links, without a group and a network.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use aws_lc_rs::digest::{SHA512, digest};
use group_crypto::{Card, MemberId, PassedOn};

use super::{Around, Links, Output};
use crate::{
    api::{Presence, RoomKind, Route},
    rendezvous::Whereabouts,
    room::{
        budget::Cost,
        company::{Company, Directory, Linkage, Listed},
        link::LinkId,
        numbers::Progress,
        own::{Own, testing::own},
        view::testing::id,
        wire::{self, Hello, LinkMessage, RoomMessage, Statement, Streams},
    },
};

const ME: u8 = 5;
const SECOND: Duration = Duration::from_secs(1);

/// A roster whose members sign with their names: enough to tell a true word from a false one.
#[derive(Default)]
struct Register {
    me: u8,
    /// By number; true: they said goodbye.
    members: BTreeMap<u8, bool>,
    removed: Vec<u8>,
    former: Vec<u8>,
}

fn signed(member: MemberId, label: &str, content: &[u8]) -> [u8; 64] {
    let all = [&member.0, label.as_bytes(), content].concat();
    digest(&SHA512, &all).as_ref().try_into().expect("SHA-512 has 64 bytes")
}

fn listed<'a>((number, said_goodbye): (&'a u8, &'a bool)) -> Listed<'a> {
    Listed {
        id: id(*number),
        name: "Somebody",
        said_goodbye: *said_goodbye,
        to_be_removed: false,
        streams: Streams::default(),
        index: u32::from(*number),
    }
}

impl Company for Register {
    fn sign(&self, label: &str, content: &[u8]) -> Option<[u8; 64]> {
        Some(signed(id(self.me), label, content))
    }

    fn verify(&self, member: MemberId, label: &str, content: &[u8], signature: &[u8]) -> bool {
        signature == signed(member, label, content)
    }

    fn is_current(&self, _: MemberId) -> bool {
        true
    }

    fn my_index(&self) -> u32 {
        self.me.into()
    }
}

impl Directory for Register {
    fn me(&self) -> MemberId {
        id(self.me)
    }

    fn listed(&self, member: MemberId) -> Option<Listed<'_>> {
        self.members.get_key_value(&member.0[0]).filter(|(number, _)| id(**number) == member).map(listed)
    }

    fn all(&self) -> Box<dyn Iterator<Item = Listed<'_>> + '_> {
        Box::new(self.members.iter().map(listed))
    }

    fn may_return(&self, member: MemberId) -> bool {
        self.former.contains(&member.0[0])
    }

    fn is_out(&self, member: MemberId) -> bool {
        self.removed.contains(&member.0[0])
    }

    fn verify_removed(&self, member: MemberId, label: &str, content: &[u8], signature: &[u8]) -> bool {
        self.is_out(member) && signature == signed(member, label, content)
    }

    fn removal_proof(&self) -> Vec<Vec<u8>> {
        vec![b"proof".to_vec()]
    }

    fn is_asked(&self, _: LinkId) -> bool {
        false
    }
}

/// One member's links.
struct Side {
    now: Instant,
    kind: RoomKind,
    own: Own,
    register: Register,
    links: Links,
    opened: u64,
}

fn whereabouts(number: u8) -> Whereabouts {
    let addresses = vec![SocketAddr::from(([127, 0, 0, 1], 1000 + u16::from(number)))];
    Whereabouts { endpoint: [number; 32], relays: Vec::new(), addresses }
}

fn card(number: u8) -> Card {
    Card::new("Somebody", [number; 32], [number; 32], whereabouts(number).addresses).unwrap()
}

impl Side {
    /// The member with this number, in a room with these others.
    fn new(me: u8, others: &[u8]) -> Self {
        let now = Instant::now();
        let own = Own { at: whereabouts(me), ..own(me) };
        let register = Register { me, ..Register::default() };
        let mut side = Self { now, kind: RoomKind::Kept, own, register, links: Links::default(), opened: 0 };
        for other in others {
            side.register.members.insert(*other, false);
            side.act(|links, around| links.begin(around, id(*other), &card(*other)));
        }
        side
    }

    fn act<T>(&mut self, act: impl FnOnce(&mut Links, Around<'_>) -> T) -> T {
        let around = Around {
            now: self.now,
            kind: self.kind,
            own: &self.own,
            directory: &self.register,
            streams: Streams::default(),
            progress: &|_| Progress::default(),
            has_knocked: &|_| false,
        };
        act(&mut self.links, around)
    }

    fn poll(&mut self) -> Vec<Output> {
        std::iter::from_fn(|| self.links.poll()).collect()
    }

    /// A link with this endpoint comes up. Gives what comes of it.
    fn open(&mut self, endpoint: u8, is_dialled: bool) -> (LinkId, Vec<Output>) {
        self.opened += 1;
        let link = LinkId::Own(self.opened);
        self.act(|links, around| links.on_opened(around, link, [endpoint; 32], is_dialled));
        (link, self.poll())
    }

    fn hear(&mut self, link: LinkId, message: &LinkMessage) -> Vec<Output> {
        self.act(|links, around| links.on_message(around, link, wire::encode(message)));
        while self.act(|links, around| links.read_next(around)) {}
        self.poll()
    }

    /// A Hello of this side's, as it comes to the endpoint.
    fn hello(&mut self, to: u8, whom: Option<u8>) -> Hello {
        self.act(|links, around| links.hello(around, [to; 32], whom.map(id))).unwrap()
    }

    /// A link on which this other member has said Hello.
    fn link_with(&mut self, other: u8, is_dialled: bool) -> LinkId {
        let hello = Side::new(other, &[self.register.me]).hello(self.register.me, Some(self.register.me));
        let (link, _) = self.open(other, is_dialled);
        let outputs = self.hear(link, &LinkMessage::Hello(hello));
        assert!(outputs.iter().any(|output| matches!(output, Output::Greeted { .. })), "{other} is met");
        link
    }

    fn wait(&mut self, time: Duration) -> Vec<Output> {
        self.now += time;
        self.act(|links, around| links.on_timeout(around));
        self.poll()
    }

    fn close(&mut self, link: LinkId) -> Vec<Output> {
        self.act(|links, around| links.on_closed(around, link));
        self.poll()
    }

    fn presence(&self, of: u8) -> Presence {
        self.links.presence(self.now, id(of))
    }
}

fn dials(outputs: &[Output]) -> Vec<(u8, bool)> {
    let dial = |output: &Output| match output {
        Output::Dial { to, is_hearsay } => Some((to.endpoint[0], *is_hearsay)),
        _ => None,
    };
    outputs.iter().filter_map(dial).collect()
}

fn sent(outputs: &[Output], on: LinkId) -> Vec<LinkMessage> {
    let said = |output: &Output| match output {
        Output::Send { link, bytes, .. } if *link == on => wire::decode(bytes),
        _ => None,
    };
    outputs.iter().filter_map(said).collect()
}

fn is_closed(outputs: &[Output], link: LinkId) -> bool {
    outputs.iter().any(|output| matches!(output, Output::Close(closed) if *closed == link))
}

fn statement(of: u8, number: u64) -> Statement {
    let mut statement =
        Statement { member: id(of).0, at: (&whereabouts(of + 100)).into(), number, signature: Vec::new() };
    statement.signature = signed(id(of), "whereabouts", &statement.content()).to_vec();
    statement
}

#[test]
fn lower_member_of_a_pair_dials_at_once() {
    let mut side = Side::new(ME, &[3, 7]);
    assert_eq!(dials(&side.wait(Duration::ZERO)), [(7, false)]);
}

#[test]
fn member_is_greeted_where_a_dial_leads_to_them() {
    let mut side = Side::new(ME, &[7]);
    let (link, outputs) = side.open(7, true);
    assert!(matches!(&sent(&outputs, link)[..], [LinkMessage::Hello(hello)] if hello.whom == Some(id(7).0)));
    assert_eq!(side.links.link_with(id(7)), None, "they have not said Hello");
}

#[test]
fn caller_is_not_told_who_we_are_before_they_say_it() {
    let mut side = Side::new(ME, &[7]);
    let (link, outputs) = side.open(7, false);
    assert!(sent(&outputs, link).is_empty());
}

#[test]
fn dial_that_leads_to_nobody_we_know_is_closed() {
    let mut side = Side::new(ME, &[7]);
    let (link, outputs) = side.open(9, true);
    assert!(is_closed(&outputs, link));
}

#[test]
fn hello_makes_a_link_the_members() {
    let mut side = Side::new(ME, &[7]);
    let link = side.link_with(7, false);
    assert_eq!(side.links.link_with(id(7)), Some(link));
    assert_eq!(side.presence(7), Presence::Here(Route::Direct));
}

#[test]
fn hello_signed_by_another_is_not_taken() {
    let mut side = Side::new(ME, &[7, 8]);
    let mut hello = Side::new(8, &[ME]).hello(ME, Some(ME));
    hello.member = id(7).0;
    let (link, _) = side.open(8, false);
    let outputs = side.hear(link, &LinkMessage::Hello(hello));
    assert!(!outputs.iter().any(|output| matches!(output, Output::Greeted { .. })));
    assert_eq!(side.links.link_with(id(7)), None);
}

#[test]
fn hello_to_another_endpoint_is_not_taken() {
    let mut side = Side::new(ME, &[7]);
    let hello = Side::new(7, &[ME]).hello(99, Some(ME));
    let (link, _) = side.open(7, false);
    side.hear(link, &LinkMessage::Hello(hello));
    assert_eq!(side.links.link_with(id(7)), None);
}

#[test]
fn removed_member_gets_the_proof_and_no_link() {
    let mut side = Side::new(ME, &[7]);
    side.register.removed.push(8);
    let hello = Side::new(8, &[ME]).hello(ME, Some(ME));
    let (link, _) = side.open(8, false);
    let outputs = side.hear(link, &LinkMessage::Hello(hello));
    assert!(matches!(&sent(&outputs, link)[..], [LinkMessage::Removed { commits }] if commits.len() == 1));
    assert!(is_closed(&outputs, link));
}

#[test]
fn stranger_that_names_a_removed_member_gets_no_proof() {
    let mut side = Side::new(ME, &[7]);
    side.register.removed.push(8);
    let mut hello = Side::new(9, &[ME]).hello(ME, Some(ME));
    hello.member = id(8).0;
    let (link, _) = side.open(9, false);
    let outputs = side.hear(link, &LinkMessage::Hello(hello));
    assert!(matches!(&sent(&outputs, link)[..], [LinkMessage::Removed { commits }] if commits.is_empty()));
}

#[test]
fn hello_is_all_that_is_kept_of_a_stranger() {
    let mut side = Side::new(ME, &[7]);
    let hello = Side::new(8, &[ME]).hello(ME, Some(ME));
    let (link, _) = side.open(8, false);
    side.hear(link, &LinkMessage::Group(b"before".to_vec()));
    side.hear(link, &LinkMessage::Hello(hello));
    side.hear(link, &LinkMessage::Group(b"behind".to_vec()));
    side.register.members.insert(8, false);
    side.act(|links, around| links.begin(around, id(8), &card(8)));
    side.links.meet_waiting(id(8));
    while side.act(|links, around| links.read_next(around)) {}
    let outputs = side.poll();
    assert!(outputs.iter().any(|output| matches!(output, Output::Greeted { .. })), "their admission has come");
    assert!(!outputs.iter().any(|output| matches!(output, Output::Said { .. })));
}

#[test]
fn stranger_that_says_nothing_of_use_is_turned_away() {
    let mut side = Side::new(ME, &[7]);
    let (link, _) = side.open(9, false);
    let mut closed = (0..40).map(|_| is_closed(&side.hear(link, &LinkMessage::Rest), link));
    assert_eq!(closed.position(|closed| closed), Some(16));
}

#[test]
fn former_member_that_says_hello_comes_back() {
    let mut side = Side::new(ME, &[7]);
    side.register.former.push(8);
    let hello = Side::new(8, &[ME]).hello(ME, Some(ME));
    let (link, _) = side.open(8, false);
    let outputs = side.hear(link, &LinkMessage::Hello(hello));
    let place = |wanted: fn(&Output) -> bool| outputs.iter().position(wanted);
    let came_back = place(|output| matches!(output, Output::CameBack(_)));
    let greeted = place(|output| matches!(output, Output::Greeted { .. }));
    assert!(came_back.is_some() && came_back < greeted, "they are a member again before they are greeted");
}

#[test]
fn member_that_said_goodbye_gets_no_link() {
    let mut side = Side::new(ME, &[7]);
    let hello = Side::new(7, &[ME]).hello(ME, Some(ME));
    let (link, _) = side.open(7, false);
    side.register.members.insert(7, true);
    assert!(is_closed(&side.hear(link, &LinkMessage::Hello(hello)), link));
    assert_eq!(side.links.link_with(id(7)), None);
}

#[test]
fn crossed_dials_leave_the_one_of_the_lower_member() {
    for (other, ours_stays) in [(7, true), (3, false)] {
        let mut side = Side::new(ME, &[other]);
        let ours = side.link_with(other, true);
        let theirs = {
            let hello = Side::new(other, &[ME]).hello(ME, Some(ME));
            let (link, _) = side.open(other, false);
            side.hear(link, &LinkMessage::Hello(hello));
            link
        };
        let kept = if ours_stays { ours } else { theirs };
        assert_eq!(side.links.link_with(id(other)), Some(kept), "with member {other}");
    }
}

#[test]
fn replaced_link_is_closed_a_moment_later() {
    let mut side = Side::new(ME, &[7]);
    let old = side.link_with(7, false);
    side.now += 60 * SECOND;
    let new = side.link_with(7, false);
    assert_eq!(side.links.by_link(old), Some(id(7)), "what is under way on it still counts");
    assert!(is_closed(&side.wait(4 * SECOND), old));
    assert_eq!((side.links.by_link(old), side.links.link_with(id(7))), (None, Some(new)));
}

#[test]
fn lost_link_is_dialled_anew() {
    let mut side = Side::new(ME, &[7]);
    let link = side.link_with(7, true);
    let outputs = side.close(link);
    assert!(outputs.iter().any(|output| matches!(output, Output::Unlinked(member) if *member == id(7))));
    assert_eq!(side.presence(7), Presence::Reconnecting);
    assert_eq!(dials(&side.wait(SECOND)), [(7, false)]);
    side.now += 46 * SECOND;
    assert_eq!(side.presence(7), Presence::Away);
}

#[test]
fn dial_fails_ever_more_seldom_when_a_member_stays_away() {
    let mut side = Side::new(ME, &[7]);
    side.wait(Duration::ZERO);
    let mut dialled = 0;
    for _ in 0..60 * 60 {
        side.act(|links, around| links.on_dial_failed(around, [7; 32], false));
        dialled += dials(&side.wait(SECOND)).len();
    }
    assert!((2..40).contains(&dialled), "{dialled} dials in an hour");
}

#[test]
fn another_version_is_told_once() {
    let mut side = Side::new(ME, &[7]);
    let told = |outputs: Vec<Output>| outputs.iter().filter(|o| matches!(o, Output::Trouble(_))).count();
    side.act(|links, around| links.on_dial_failed(around, [7; 32], true));
    assert_eq!(told(side.poll()), 1);
    side.act(|links, around| links.on_dial_failed(around, [7; 32], true));
    assert_eq!(told(side.poll()), 0);
}

#[test]
fn message_waits_for_a_link_and_goes_out_on_it() {
    let mut side = Side::new(ME, &[7]);
    let bytes = wire::encode(&LinkMessage::Group(b"sealed".to_vec()));
    side.links.tell_in_time(&[id(7)], wire::Purpose::Control, &bytes);
    assert!(side.poll().is_empty());
    let hello = Side::new(7, &[ME]).hello(ME, Some(ME));
    let (link, _) = side.open(7, false);
    let outputs = side.hear(link, &LinkMessage::Hello(hello));
    let groups = sent(&outputs, link).into_iter().filter(|message| matches!(message, LinkMessage::Group(_)));
    assert_eq!(groups.count(), 1);
}

#[test]
fn messages_that_wait_are_bounded() {
    let mut side = Side::new(ME, &[7]);
    for number in 0..2000u32 {
        let bytes = wire::encode(&LinkMessage::Group(number.to_be_bytes().to_vec()));
        side.links.tell_in_time(&[id(7)], wire::Purpose::Control, &bytes);
    }
    let hello = Side::new(7, &[ME]).hello(ME, Some(ME));
    let (link, _) = side.open(7, false);
    let outputs = side.hear(link, &LinkMessage::Hello(hello));
    let groups = |message: LinkMessage| if let LinkMessage::Group(bytes) = message { Some(bytes) } else { None };
    let said: Vec<_> = sent(&outputs, link).into_iter().filter_map(groups).collect();
    assert_eq!((said.len(), said.last().cloned()), (256, Some(1999u32.to_be_bytes().to_vec())));
}

#[test]
fn link_with_unreadable_words_is_closed() {
    let mut side = Side::new(ME, &[7]);
    let link = side.link_with(7, false);
    side.act(|links, around| links.on_message(around, link, vec![0xff; 40]));
    while side.act(|links, around| links.read_next(around)) {}
    assert!(is_closed(&side.poll(), link));
    assert_eq!(side.links.link_with(id(7)), None);
}

#[test]
fn member_that_overuses_its_budget_loses_the_link() {
    let mut side = Side::new(ME, &[7, 8]);
    let (link, other) = (side.link_with(7, false), side.link_with(8, false));
    while side.act(|links, around| links.charge(around, id(7), Cost::Unreadable)) {}
    for _ in 0..1000 {
        side.act(|links, around| links.charge(around, id(7), Cost::Unreadable));
    }
    assert!(is_closed(&side.poll(), link));
    assert_eq!(side.links.link_with(id(8)), Some(other), "nobody else is disturbed");
}

#[test]
fn true_statement_of_a_third_member_leads_to_one_dial() {
    let mut side = Side::new(ME, &[7, 8]);
    side.link_with(7, false);
    side.wait(Duration::ZERO);
    side.act(|links, around| links.on_told(around, id(7), vec![statement(8, 1)]));
    assert_eq!(dials(&side.poll()), [(108, true)]);
    side.act(|links, around| links.on_told(around, id(7), vec![statement(8, 1)]));
    assert!(dials(&side.poll()).is_empty(), "it is no news");
}

#[test]
fn forged_statement_of_a_third_member_leads_to_no_dial() {
    let mut side = Side::new(ME, &[7, 8]);
    side.link_with(7, false);
    side.wait(Duration::ZERO);
    let forged = Statement { signature: signed(id(7), "whereabouts", b"").to_vec(), ..statement(8, 1) };
    side.act(|links, around| links.on_told(around, id(7), vec![forged]));
    assert!(dials(&side.poll()).is_empty());
}

#[test]
fn statement_of_a_linked_member_moves_nobody() {
    let mut side = Side::new(ME, &[7, 8]);
    side.link_with(7, false);
    side.link_with(8, false);
    side.act(|links, around| links.on_told(around, id(7), vec![statement(8, 1)]));
    assert!(dials(&side.poll()).is_empty());
    assert_eq!(side.links.linked(id(8)).map(|linked| *linked.endpoint), Some([8; 32]));
}

#[test]
fn own_statement_counts_up_when_we_move() {
    let mut side = Side::new(ME, &[7]);
    let first = side.act(|links, around| links.stated(around)).unwrap();
    assert_eq!(side.act(|links, around| links.stated(around)), Some(first));
    side.own.at = whereabouts(90);
    side.own.clock.unix_ms -= 1_000_000;
    assert!(side.act(|links, around| links.stated(around)).unwrap() > first, "though the clock was set back");
}

#[test]
fn newcomer_is_introduced_to_those_who_are_here() {
    let mut side = Side::new(ME, &[7, 8]);
    side.link_with(7, false);
    let hello = Side::new(8, &[ME]).hello(ME, Some(ME));
    let (link, _) = side.open(8, false);
    let outputs = side.hear(link, &LinkMessage::Hello(hello));
    let told = outputs.iter().filter_map(|output| match output {
        Output::Tell { to, message: RoomMessage::Whereabouts(told) } => Some((to.clone(), told.len())),
        _ => None,
    });
    assert!(told.collect::<Vec<_>>().contains(&(vec![id(8)], 1)));
}

#[test]
fn lower_member_makes_the_secret_of_a_pair() {
    for (other, makes) in [(7, true), (3, false)] {
        let mut side = Side::new(ME, &[other]);
        let hello = Side::new(other, &[ME]).hello(ME, Some(ME));
        let (link, _) = side.open(other, false);
        let outputs = side.hear(link, &LinkMessage::Hello(hello));
        let pairs = sent(&outputs, link).into_iter().filter(|message| matches!(message, LinkMessage::Pair(_)));
        assert_eq!(pairs.count() == 1, makes, "with member {other}");
        assert_eq!(side.links.secrets(id(other))[0].is_some(), makes);
    }
}

#[test]
fn secret_of_a_pair_is_the_lower_members() {
    let mut side = Side::new(ME, &[3, 7]);
    let (lower, higher) = (side.link_with(3, false), side.link_with(7, false));
    side.hear(lower, &LinkMessage::Pair([1; 32]));
    side.hear(higher, &LinkMessage::Pair([2; 32]));
    assert_eq!(side.links.secrets(id(3))[0], Some([1; 32]));
    assert_ne!(side.links.secrets(id(7))[0], Some([2; 32]), "the higher member only says it back");
}

#[test]
fn strangers_at_the_door_are_bounded() {
    let mut side = Side::new(ME, &[7]);
    let first = side.open(101, false).0;
    let closed: Vec<_> = (0..64).flat_map(|_| side.open(102, false).1).collect();
    assert!(is_closed(&closed, first), "the one who stood there longest gives way");
    assert_eq!(closed.iter().filter(|output| matches!(output, Output::Close(_))).count(), 1);
}

#[test]
fn stranger_that_says_too_much_is_closed() {
    let mut side = Side::new(ME, &[7]);
    let (link, _) = side.open(101, false);
    let long = LinkMessage::Group(vec![0; wire::MAX_OF_STRANGER]);
    assert!(is_closed(&side.hear(link, &long), link));
    let (link, _) = side.open(101, false);
    let closed: Vec<_> = (0..17).flat_map(|_| side.hear(link, &LinkMessage::Wait)).collect();
    assert!(is_closed(&closed, link), "more messages than may wait");
}

#[test]
fn stranger_that_stays_a_stranger_is_closed() {
    let mut side = Side::new(ME, &[7]);
    let (link, _) = side.open(101, false);
    assert!(!is_closed(&side.wait(14 * SECOND), link));
    assert!(is_closed(&side.wait(2 * SECOND), link));
}

#[test]
fn join_of_a_stranger_goes_to_the_door() {
    let mut side = Side::new(ME, &[7]);
    let (link, _) = side.open(101, false);
    let join =
        LinkMessage::Join { invitation: [1; 16], tag: [2; 32], post_quantum: true, key_package: b"package".to_vec() };
    let outputs = side.hear(link, &join);
    let guest = outputs.iter().find_map(|output| match output {
        Output::Join(guest, shown) => Some((*guest, shown.key_package.clone())),
        _ => None,
    });
    let (guest, package) = guest.expect("the door hears of it");
    assert_eq!((guest.link, guest.endpoint, package), (link, Some([101; 32]), b"package".to_vec()));
}

#[test]
fn rest_of_a_member_is_no_lost_link() {
    let mut side = Side::new(ME, &[7]);
    let link = side.link_with(7, false);
    assert!(is_closed(&side.hear(link, &LinkMessage::Rest), link));
    assert_eq!(side.presence(7), Presence::Away, "they said that they go");
}

#[test]
fn message_to_pass_on_goes_to_the_one_it_is_for() {
    let mut side = Side::new(ME, &[7, 8]);
    let (from, to) = (side.link_with(7, false), side.link_with(8, false));
    let outputs = side.hear(from, &LinkMessage::Forward { to: id(8).0, sealed: b"sealed".to_vec() });
    let forwarded = outputs.iter().find_map(|output| match output {
        Output::Forward { link, bytes, .. } => Some((*link, wire::decode::<LinkMessage>(bytes))),
        _ => None,
    });
    let Some((link, Some(LinkMessage::Forwarded { from, .. }))) = forwarded else { panic!("it is passed on") };
    assert_eq!((link, from), (to, id(7).0));
}

/// Whether what a member passes on, as they say for another, is read.
fn is_passed_on(side: &mut Side, by: LinkId, from: u8) -> bool {
    let sealed = wire::encode(&LinkMessage::Group(b"sealed".to_vec()));
    let outputs = side.hear(by, &LinkMessage::Forwarded { from: id(from).0, sealed });
    outputs.iter().any(|output| matches!(output, Output::PassedOn { .. }))
}

#[test]
fn words_of_a_linked_member_are_brought_by_nobody() {
    let mut side = Side::new(ME, &[7, 8, 9]);
    let (by, _) = (side.link_with(7, false), side.link_with(8, false));
    assert!(is_passed_on(&mut side, by, 8), "it may have been under way when their link came up");
    side.wait(4 * SECOND);
    assert!(!is_passed_on(&mut side, by, 8) && !is_passed_on(&mut side, by, 7));
    assert!(is_passed_on(&mut side, by, 9), "one without a link needs others");
}

#[test]
fn author_pays_for_what_another_brings_of_keys() {
    let mut side = Side::new(ME, &[7, 9]);
    let by = side.link_with(7, false);
    let mut read = |author: u8| {
        let is_read = is_passed_on(&mut side, by, 9);
        let what = PassedOn::By(id(author));
        side.act(|links, around| links.on_passed_on_read(around, id(7), id(9), what, true));
        is_read
    };
    let times = (0..2000).take_while(|_| read(9)).count();
    assert_eq!(times, 1024 + 32, "their budget, and what is forgiven of the one who brings it");
}

#[test]
fn words_in_anothers_name_are_read_a_few_times() {
    let mut side = Side::new(ME, &[7, 8, 9]);
    let by = side.link_with(7, false);
    let mut times = 0;
    while is_passed_on(&mut side, by, 9) {
        side.act(|links, around| links.on_passed_on_read(around, id(7), id(9), PassedOn::By(id(8)), false));
        times += 1;
    }
    assert_eq!(times, 32);
}

#[test]
fn forgotten_member_loses_link_and_place() {
    let mut side = Side::new(ME, &[7]);
    let link = side.link_with(7, false);
    side.register.members.remove(&7);
    side.act(|links, around| links.forget(around, id(7)));
    assert!(is_closed(&side.poll(), link));
    assert!(side.links.linked(id(7)).is_none() && side.links.by_link(link).is_none());
}

#[test]
fn everybody_is_closed_when_the_room_is() {
    let mut side = Side::new(ME, &[7]);
    let (link, (stranger, _)) = (side.link_with(7, false), side.open(101, false));
    side.links.close_all();
    let outputs = side.poll();
    assert!(is_closed(&outputs, link) && is_closed(&outputs, stranger));
    assert!(dials(&side.wait(60 * SECOND)).is_empty());
}
