//! Media of two members over their link, without sockets.

use std::time::Duration;

use ::media::{EncodedFrame, Ladder, Layer, Stream, capture::VideoFormat, transport::Certificate};
use group_crypto::{Card, Change, Group, InvitationSecret, Joiner, MemberId, RunId, Suite};

use super::{KeepsUpWith, Media, MediaView, Output};
use crate::{
    api::{Network, Path, RoomKind},
    room::{
        company::Company,
        numbers::Generation,
        view::testing::Cast,
        wire::{Candidates, Heights, LinkMessage, Streams},
    },
    wall::Wall,
};

const ANN: usize = 0;
const BEA: usize = 1;
const STEP: Duration = Duration::from_millis(10);
const IN_CALL: Streams = Streams { number: 1, in_call: true, camera: true, microphone: true, screen: true };

/// A group in which everybody follows at once, or nobody does.
struct Seat {
    group: Group,
    all_follow: bool,
}

impl Company for Seat {
    fn sign(&self, label: &str, content: &[u8]) -> Option<[u8; 64]> {
        self.group.sign(label, content).ok()?.try_into().ok()
    }

    fn verify(&self, member: MemberId, label: &str, content: &[u8], signature: &[u8]) -> bool {
        self.group.verify_by_id(member, label, content, signature)
    }

    fn is_current(&self, _: MemberId) -> bool {
        self.all_follow
    }

    fn my_index(&self) -> u32 {
        self.group.me().0
    }
}

struct Side {
    cast: Cast,
    media: Media,
    seat: Seat,
    certificate: Certificate,
    endpoint: [u8; 32],
    wall: Wall,
    streams: Streams,
    /// What came out and was not carried to the other.
    given: Vec<Output>,
}

impl Side {
    fn act(&mut self, act: impl FnOnce(&mut Media, MediaView<'_>)) {
        let at = MediaView {
            view: self.cast.view(),
            company: &self.seat,
            certificate: &self.certificate,
            sockets: &[],
            wall: &self.wall,
            endpoint: &self.endpoint,
            streams: self.streams,
            screen_kbps: 1000,
        };
        act(&mut self.media, at);
    }

    fn frames(&self, stream: Stream) -> usize {
        let is_one = |output: &&Output| matches!(output, Output::Frame { frame, .. } if frame.stream == stream);
        self.given.iter().filter(is_one).count()
    }
}

/// Ann, who has the lower id and so offers, and Bea.
struct Pair {
    sides: [Side; 2],
    ids: [MemberId; 2],
    /// Messages on their links, by who said them.
    said: Vec<(usize, LinkMessage)>,
    /// Nothing goes over the link.
    is_cut: bool,
}

impl Pair {
    fn new() -> Self {
        let card = |name: &str| Card::new(name, [0; 32], [0; 32], Vec::new()).unwrap();
        let secret = InvitationSecret::generate();
        let mut founder = Group::create(card("One"), Suite::Classical).unwrap();
        let joiner = Joiner::new(card("Other"), Suite::Classical).unwrap();
        let change = Change::Admit { key_package: joiner.key_package(), secret: &secret };
        let welcome = founder.commit(&[change]).unwrap().welcome.unwrap();
        let mut groups = [founder, joiner.join(&welcome, &secret).unwrap()];
        groups.sort_by_key(Group::my_id);
        let ids = [groups[0].my_id(), groups[1].my_id()];
        let runs = [RunId::generate(), RunId::generate()];
        let certificates = [Certificate::generate().unwrap(), Certificate::generate().unwrap()];
        let prints = [certificates[0].fingerprint().0, certificates[1].fingerprint().0];
        let mut certificates = certificates.into_iter();
        let mut nth = 0;
        let sides = groups.map(|group| {
            let (me, other) = (nth, 1 - nth);
            nth += 1;
            let mut cast = Cast::between(ids[me], ids[other], RoomKind::Kept);
            cast.only().fingerprint = prints[other];
            cast.only().streams = IN_CALL;
            let ladder = Ladder::new(VideoFormat { width: 640, height: 360, fps: 25 }, 500);
            let mut media = Media::new(&group, runs[me], ladder);
            media.begin(ids[other]);
            media.on_hello(ids[other], runs[other], false);
            let seat = Seat { group, all_follow: true };
            let certificate = certificates.next().unwrap();
            let (endpoint, wall) = ([me as u8; 32], Wall::new(Network::Local));
            Side { cast, media, seat, certificate, endpoint, wall, streams: IN_CALL, given: Vec::new() }
        });
        Self { sides, ids, said: Vec::new(), is_cut: false }
    }

    /// In a call, with a path that is up.
    fn connected() -> Self {
        let mut pair = Self::new();
        pair.meet();
        pair.run(Duration::from_secs(2));
        assert!(pair.is_up(ANN) && pair.is_up(BEA), "they are not connected");
        pair.sides.iter_mut().for_each(|side| side.given.clear());
        pair
    }

    fn meet(&mut self) {
        for who in [ANN, BEA] {
            let other = self.ids[1 - who];
            self.act(who, |media, at| media.on_together(at, other));
        }
    }

    fn other(&self, who: usize) -> MemberId {
        self.ids[1 - who]
    }

    fn is_up(&self, who: usize) -> bool {
        self.sides[who].media.is_connected(self.other(who))
    }

    fn act(&mut self, who: usize, act: impl FnOnce(&mut Media, MediaView<'_>)) {
        self.sides[who].act(act);
        self.carry(who);
    }

    /// Carries what one wants done to the other, until nothing more is to be done.
    fn carry(&mut self, who: usize) {
        while let Some(output) = self.sides[who].media.poll() {
            let (from, other) = (self.ids[who], 1 - who);
            match output {
                Output::Send(_, message) => {
                    self.said.push((who, copy(&message)));
                    self.sides[other].act(|media, at| media.on_message(at, from, message));
                }
                Output::SendDatagram(_, bytes) if !self.is_cut => {
                    self.sides[other].act(|media, at| media.on_link_datagram(at, from, &bytes));
                }
                Output::SendDatagram(..) => {}
                output => self.sides[who].given.push(output),
            }
            self.carry(other);
        }
    }

    fn run(&mut self, time: Duration) {
        for _ in 0..time.as_millis() / STEP.as_millis() {
            for who in [ANN, BEA] {
                self.sides[who].cast.wait(STEP);
                self.act(who, |media, at| media.on_timeout(at));
            }
        }
    }

    fn speak(&mut self, who: usize, frames: usize) {
        for _ in 0..frames {
            let frame = EncodedFrame { stream: Stream::Audio, keyframe: false, captured_us: 0, data: vec![7; 60] };
            self.act(who, |media, at| media.send_frame(at, &frame));
            self.run(2 * STEP);
        }
    }

    fn show(&mut self, who: usize, keyframe: bool) {
        let frame = EncodedFrame { stream: Stream::Video, keyframe, captured_us: 0, data: vec![9; 400] };
        let pictures = Layer::ALL.map(|layer| (layer, frame.clone()));
        self.act(who, |media, at| media.send_pictures(at, &pictures));
        self.run(4 * STEP);
    }

    fn wants(&self, who: usize) -> Vec<Heights> {
        let want = |(by, message): &(usize, LinkMessage)| match message {
            LinkMessage::Want(lines) if *by == who => Some(*lines),
            _ => None,
        };
        self.said.iter().filter_map(want).collect()
    }
}

fn copy(message: &LinkMessage) -> LinkMessage {
    crate::room::wire::decode(&crate::room::wire::encode(message)).unwrap()
}

fn handshakes(pair: &Pair, who: usize) -> usize {
    let is_one = |(by, message): &&(usize, LinkMessage)| *by == who && matches!(message, LinkMessage::Handshake { .. });
    pair.said.iter().filter(is_one).count()
}

#[test]
fn two_in_a_call_hear_each_other_over_their_link() {
    let mut pair = Pair::connected();
    pair.speak(ANN, 20);
    pair.speak(BEA, 20);
    assert!(pair.sides[BEA].frames(Stream::Audio) >= 18 && pair.sides[ANN].frames(Stream::Audio) >= 18);
}

#[test]
fn lower_member_offers_and_the_other_answers_once() {
    let pair = Pair::connected();
    assert_eq!((handshakes(&pair, ANN), handshakes(&pair, BEA)), (1, 1));
}

#[test]
fn member_outside_of_the_call_is_sent_nothing() {
    let mut pair = Pair::connected();
    pair.sides[ANN].cast.only().streams.in_call = false;
    pair.speak(ANN, 10);
    assert_eq!(pair.sides[BEA].frames(Stream::Audio), 0);
}

#[test]
fn handshake_of_a_member_outside_of_the_call_is_not_answered() {
    let mut pair = Pair::new();
    pair.sides[BEA].cast.only().streams.in_call = false;
    pair.meet();
    assert_eq!((handshakes(&pair, ANN), handshakes(&pair, BEA)), (1, 0));
}

#[test]
fn handshake_of_a_former_generation_changes_nothing() {
    let mut pair = Pair::connected();
    let (ann, generation) = (pair.ids[ANN], Generation::ZERO);
    let old =
        LinkMessage::Handshake { generation, ufrag: "a".into(), pass: "b".into(), candidates: Candidates::default() };
    pair.act(BEA, |media, at| media.on_message(at, ann, old));
    assert!(pair.is_up(BEA));
}

#[test]
fn datagram_of_a_former_generation_is_dropped() {
    let mut pair = Pair::connected();
    let ann = pair.ids[ANN];
    for bytes in [&[][..], &[200], &[200, 1, 2, 3]] {
        pair.act(BEA, |media, at| media.on_link_datagram(at, ann, bytes));
    }
    assert!(pair.is_up(BEA));
}

#[test]
fn camera_is_seen_from_a_keyframe_on() {
    let mut pair = Pair::connected();
    pair.show(ANN, false);
    assert_eq!(pair.sides[BEA].frames(Stream::Video), 0);
    pair.show(ANN, true);
    pair.show(ANN, false);
    assert_eq!(pair.sides[BEA].frames(Stream::Video), 2);
}

#[test]
fn broken_picture_asks_its_sender_for_a_keyframe() {
    let mut pair = Pair::connected();
    pair.show(ANN, true);
    pair.run(Duration::from_secs(1));
    pair.sides[ANN].given.clear();
    let ann = pair.ids[ANN];
    pair.act(BEA, |media, at| media.on_picture_broken(at, ann, Stream::Video));
    pair.run(20 * STEP);
    assert!(pair.sides[ANN].given.iter().any(|output| matches!(output, Output::KeyframeWanted(_))));
}

#[test]
fn screen_is_seen_from_a_keyframe_on() {
    let mut pair = Pair::connected();
    pair.run(Duration::from_secs(1));
    for (keyframe, seen) in [(false, 0), (true, 1)] {
        let frame = EncodedFrame { stream: Stream::Screen, keyframe, captured_us: 0, data: vec![5; 300] };
        pair.act(ANN, |media, at| media.send_frame(at, &frame));
        pair.run(10 * STEP);
        assert_eq!(pair.sides[BEA].frames(Stream::Screen), seen);
    }
}

#[test]
fn member_is_told_once_with_how_many_lines_they_are_shown() {
    let mut pair = Pair::connected();
    pair.said.clear();
    let ann = pair.ids[ANN];
    for lines in [180, 180] {
        pair.act(BEA, |media, _| media.look_at(ann, Stream::Video, lines));
    }
    assert_eq!(pair.wants(BEA).iter().map(|lines| lines.camera).collect::<Vec<_>>(), [180]);
}

#[test]
fn costly_camera_is_asked_for_less_and_later_for_more() {
    let mut pair = Pair::connected();
    pair.said.clear();
    let ann = pair.ids[ANN];
    pair.act(BEA, |media, at| media.ask_for_less(at.now(), ann, 360));
    let less = pair.wants(BEA)[0].camera;
    assert!(less < 360, "{less} lines");
    pair.run(Duration::from_secs(61));
    assert!(pair.wants(BEA).last().unwrap().camera > less);
}

#[test]
fn machine_that_keeps_up_with_one_camera_asks_for_no_second() {
    let mut pair = Pair::connected();
    pair.said.clear();
    pair.sides[BEA].cast.only().streams.camera = false;
    pair.act(BEA, |media, at| media.keep_up_with(at, KeepsUpWith::Speaker));
    assert_eq!(pair.wants(BEA).last().unwrap().camera, 0, "nobody is there to be seen");
    pair.act(BEA, |media, at| media.keep_up_with(at, KeepsUpWith::ALL));
    assert!(pair.wants(BEA).last().unwrap().camera > 0);
}

#[test]
fn camera_that_nobody_looks_at_is_not_encoded() {
    let mut pair = Pair::connected();
    let ann = pair.ids[ANN];
    pair.act(BEA, |media, _| media.look_at(ann, Stream::Video, 0));
    pair.run(Duration::from_secs(1));
    let layers = pair.sides[ANN].given.iter().rev().find_map(|output| match output {
        Output::Layers(rates) => Some(*rates),
        _ => None,
    });
    assert_eq!(layers, Some([None; Layer::COUNT]));
}

#[test]
fn hanging_up_ends_all_media() {
    let mut pair = Pair::connected();
    pair.act(ANN, |media, _| media.on_hung_up());
    assert!(!pair.sides[ANN].media.is_up() && pair.sides[ANN].media.deadline().is_none());
}

#[test]
fn member_who_comes_and_goes_is_not_offered_media_at_once() {
    let mut pair = Pair::connected();
    let (bea, now) = (pair.ids[BEA], pair.sides[ANN].cast.now);
    pair.act(ANN, |media, _| media.on_apart(now, bea));
    pair.act(ANN, |media, at| media.on_together(at, bea));
    assert_eq!(handshakes(&pair, ANN), 1);
    pair.run(Duration::from_secs(1));
    assert_eq!(handshakes(&pair, ANN), 2);
}

#[test]
fn lost_link_is_an_interruption_that_ends() {
    let mut pair = Pair::connected();
    pair.speak(BEA, 5);
    pair.is_cut = true;
    pair.run(Duration::from_secs(5));
    assert!(!pair.is_up(ANN));
    pair.is_cut = false;
    pair.run(Duration::from_secs(15));
    assert!(pair.is_up(ANN));
    assert_eq!(pair.sides[ANN].media.figures(pair.other(ANN)).unwrap().reconnected_after.len(), 1);
}

#[test]
fn frame_of_an_epoch_to_come_waits_for_its_keys() {
    let mut pair = Pair::connected();
    let commit = pair.sides[ANN].seat.group.commit(&[]).unwrap();
    enter(&mut pair.sides[ANN]);
    pair.speak(ANN, 3);
    assert_eq!(pair.sides[BEA].frames(Stream::Audio), 0);
    pair.sides[BEA].seat.group.process(&commit.commit).unwrap();
    enter(&mut pair.sides[BEA]);
    pair.act(BEA, |media, at| media.retry_parked(at));
    assert_eq!(pair.sides[BEA].frames(Stream::Audio), 3);
}

/// Frames are sealed in the group's epoch from now on.
fn enter(side: &mut Side) {
    let (now, group) = (side.cast.now, &side.seat.group);
    side.media.keys.enter_epoch(now, &group.epoch_keys(), group.me(), group.members(), true);
}

#[test]
fn former_epoch_is_used_until_all_have_followed() {
    let mut pair = Pair::connected();
    pair.sides[ANN].seat.all_follow = false;
    pair.sides[ANN].seat.group.commit(&[]).unwrap();
    let (now, group) = (pair.sides[ANN].cast.now, &pair.sides[ANN].seat.group);
    let (keys, me, members) = (group.epoch_keys(), group.me(), group.members().to_vec());
    pair.sides[ANN].media.keys.enter_epoch(now, &keys, me, &members, false);
    pair.speak(ANN, 3);
    assert_eq!(pair.sides[BEA].frames(Stream::Audio), 3, "Bea has only the former epoch's keys");
}

#[test]
fn another_run_of_a_member_begins_from_nothing() {
    let mut pair = Pair::connected();
    let (bea, run) = (pair.ids[BEA], RunId::generate());
    pair.act(ANN, |media, _| media.on_hello(bea, run, true));
    assert!(!pair.sides[ANN].media.is_up());
    assert!(pair.sides[ANN].media.figures(bea).unwrap().sent_bytes > 0, "what was counted stays");
}

#[test]
fn figures_and_state_tell_how_media_goes() {
    let mut pair = Pair::connected();
    pair.speak(ANN, 5);
    let bea = pair.ids[BEA];
    let figures = pair.sides[ANN].media.figures(bea).unwrap();
    assert!(figures.path == Path::Link && figures.connected_after.is_some() && figures.sent_bytes > 0);
    pair.act(ANN, |media, at| {
        let state = media.state(at, bea);
        assert!(state.path == Some(Path::Link) && state.was_connected && !state.camera_paused);
    });
    assert!(pair.sides[ANN].media.figures(MemberId([9; 16])).is_none());
}

#[test]
fn candidates_of_others_are_not_used_without_a_socket_of_ours() {
    let mut pair = Pair::connected();
    pair.act(ANN, |_, at| {
        assert!(at.permitted([([203, 0, 113, 1], 9).into()].into()).is_empty());
    });
}

#[test]
fn forgotten_member_has_no_media() {
    let mut pair = Pair::connected();
    let bea = pair.ids[BEA];
    pair.sides[ANN].media.depart(bea);
    pair.sides[ANN].media.forget(bea);
    assert!(!pair.sides[ANN].media.is_up());
    pair.speak(ANN, 2);
}
