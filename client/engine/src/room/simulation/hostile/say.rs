//! What a member says who keeps no rule, from the bytes of a script.

use std::{
    collections::VecDeque,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use ::media::{EncodedFrame, Layer, Stream, split::Splitter};
use arbitrary::Unstructured;
use group_crypto::{MemberIndex, Sealer};
use serde::Serialize;

use super::{super::unsealed::danger_unsealed, ANNA, BEA, MALLORY, Scene, Words, number};
use crate::room::{
    Input,
    company::Directory,
    links::{Around, Links},
    wire::{self, MAX_MESSAGE, Said},
};

/// What counters and sizes are the likeliest to be mistaken for.
const EDGES: [u64; 15] = [
    0,
    1,
    2,
    31,
    33,
    600,
    1024,
    (1 << 32) - 1,
    1 << 32,
    (1 << 48) - 1,
    1 << 48,
    i64::MAX as u64,
    i64::MAX as u64 + 1,
    u64::MAX - 1,
    u64::MAX,
];
/// The edges of what a calendar can show.
const TIMES: [i64; 6] = [0, 1, i64::MIN, i64::MAX, 8_210_266_876_799_999, -8_334_601_228_800_000];
/// How many of something.
const MANY: [usize; 6] = [0, 1, 2, 16, 129, 2000];
const TEXTS: [&str; 10] = [
    "",
    "hello",
    "Anna",
    "\u{202e}txt.exe",
    "\u{0}",
    "\n\n\n",
    "\u{200b}\u{2060}",
    "a\u{301}\u{301}\u{301}\u{301}",
    "incamera://join#AAAA",
    "<b>&amp;</b>",
];

fn wide(script: &mut Unstructured<'_>) -> u64 {
    let which = usize::from(number(script));
    EDGES.get(which).copied().unwrap_or_else(|| {
        let mut bytes = [0; 8];
        let _ = script.fill_buffer(&mut bytes);
        u64::from_be_bytes(bytes)
    })
}

fn narrow(script: &mut Unstructured<'_>) -> u32 {
    wide(script) as u32
}

fn many(script: &mut Unstructured<'_>) -> usize {
    MANY[usize::from(number(script)) % MANY.len()]
}

/// A length, in steps of 1 or 4096 bytes, and as many bytes: what the script has of them, then the same again and again.
pub(super) fn bytes(script: &mut Unstructured<'_>) -> Vec<u8> {
    let length = usize::from(number(script));
    let given = script.bytes(length.min(script.len())).unwrap_or_default().to_vec();
    match number(script) {
        0 => given,
        by => {
            let fill = given.first().copied().unwrap_or(by);
            [given, vec![fill; usize::from(by % 64) * 4096]].concat()
        }
    }
}

fn text(script: &mut Unstructured<'_>) -> String {
    match TEXTS.get(usize::from(number(script))) {
        Some(text) => (*text).into(),
        None => "x".repeat(8 * many(script)),
    }
}

fn member(scene: &Scene, script: &mut Unstructured<'_>) -> [u8; 16] {
    let which = usize::from(number(script));
    if which <= MALLORY { scene.id(which).0 } else { [which as u8; 16] }
}

fn members(scene: &Scene, script: &mut Unstructured<'_>) -> Vec<[u8; 16]> {
    let one = member(scene, script);
    vec![one; many(script)]
}

fn address(script: &mut Unstructured<'_>) -> SocketAddr {
    let v4 = |a, b, c, d| IpAddr::V4(Ipv4Addr::new(a, b, c, d));
    let which = number(script);
    let ip = match which % 10 {
        0 => v4(127, 0, 0, 1),
        1 => v4(10, 0, 0, 1),
        2 => v4(203, 0, 113, which),
        3 => v4(0, 0, 0, 0),
        4 => v4(255, 255, 255, 255),
        5 => v4(224, 0, 0, 251),
        6 => IpAddr::V6(Ipv6Addr::LOCALHOST),
        7 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        8 => IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1)),
        _ => IpAddr::V6(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0x7f00, 1)),
    };
    SocketAddr::new(ip, narrow(script) as u16)
}

fn addresses(script: &mut Unstructured<'_>) -> Vec<SocketAddr> {
    let one = address(script);
    vec![one; many(script)]
}

/// A message as its kind and its fields, whatever the program's own types would allow.
fn message(kind: u32, fields: impl Serialize) -> Vec<u8> {
    wire::encode(&(kind, wire::encode(&fields)))
}

type Place = ([u8; 32], Vec<String>, Vec<SocketAddr>);

fn place(scene: &Scene, script: &mut Unstructured<'_>) -> Place {
    let which = usize::from(number(script));
    let endpoint = scene.world.beings.get(which).map_or([which as u8; 32], |being| being.at.endpoint);
    let relays = vec![text(script); many(script) % 17];
    (endpoint, relays, addresses(script))
}

/// What a member says who was removed.
pub(super) fn removed() -> Vec<u8> {
    message(REMOVED, Vec::<u8>::new())
}

/// Kinds of messages, as the wire counts them.
const REMOVED: u32 = 5;
const HELLO: u32 = 6;
const LINE: u32 = 0;
const WHEREABOUTS: u32 = 1;
const OVER: u32 = 2;
const NAME: u32 = 3;
const RING: u32 = 4;
const DECLINE: u32 = 5;
const MISSING: u32 = 6;
const UNKNOWN: u32 = 7;

/// Of the kind that the script says; only a Hello is said otherwise (see [`hello`]).
pub(super) fn link_message(scene: &Scene, script: &mut Unstructured<'_>) -> Vec<u8> {
    let kind = u32::from(number(script)) % 27;
    match kind {
        0 => {
            let (invitation, tag) = ([number(script); 16], [number(script); 32]);
            message(kind, (invitation, tag, number(script).is_multiple_of(2), bytes(script)))
        }
        2 => message(kind, text(script)),
        3 => message(kind, (bytes(script), text(script), member(scene, script))),
        4 => message(kind, number(script)),
        REMOVED => removed(),
        7 => message(kind, [number(script); 32]),
        8 | 17 => message(kind, bytes(script)),
        9 => message(kind, (narrow(script), text(script), text(script), addresses(script))),
        10 => message(kind, (narrow(script), narrow(script))),
        11 => message(kind, (narrow(script), number(script))),
        12 => message(kind, (narrow(script), addresses(script))),
        13 => {
            let flags = number(script);
            message(kind, (narrow(script), [1, 2, 4, 8].map(|flag| flags & flag != 0)))
        }
        14 => message(kind, (wide(script), number(script).is_multiple_of(2))),
        15 | 16 => message(kind, (member(scene, script), bytes(script))),
        20 => message(kind, (narrow(script) as u16, narrow(script) as u16)),
        21 => message(kind, narrow(script)),
        22 | 25 => message(kind, members(scene, script)),
        23 => message(kind, (members(scene, script), narrow(script))),
        24 => message(kind, number(script).is_multiple_of(2).then(|| member(scene, script))),
        _ => message(kind, ()),
    }
}

pub(super) fn room_message(scene: &Scene, script: &mut Unstructured<'_>) -> Words {
    let message = match number(script) % 9 {
        0 => line(wide(script), time(script), &body(script)),
        1 => return Words::Line { at_ms: time(script), body: body(script) },
        2 => whereabouts(scene, script),
        3 => message(OVER, (member(scene, script), bytes(script))),
        4 => message(NAME, text(script)),
        5 => message(RING, number(script).is_multiple_of(2)),
        6 => message(DECLINE, ()),
        7 => message(MISSING, wide(script)),
        _ => message(UNKNOWN, wide(script)),
    };
    Words::Room(message)
}

pub(super) fn line(sequence: u64, at_ms: i64, body: &Said) -> Vec<u8> {
    message(LINE, (sequence, at_ms, body))
}

/// Where one member is, again and again, each time elsewhere; not signed by them.
fn whereabouts(scene: &Scene, script: &mut Unstructured<'_>) -> Vec<u8> {
    let (of, place) = (member(scene, script), place(scene, script));
    // Nobody reads more at once, and a message of all of these would be a burden to the test alone.
    let most = MAX_MESSAGE / wire::encode(&place).len() + 1;
    let told = (0..many(script).min(most)).zip(1_u64..).map(|(nth, number)| {
        let mut place = place.clone();
        place.0[31] ^= nth as u8;
        (of, place, number, vec![7_u8; 64])
    });
    let told: Vec<_> = told.collect();
    message(WHEREABOUTS, told)
}

fn time(script: &mut Unstructured<'_>) -> i64 {
    TIMES.get(usize::from(number(script))).copied().unwrap_or(1_700_000_000_000)
}

fn body(script: &mut Unstructured<'_>) -> Said {
    match number(script) % 4 {
        0 | 1 => Said::Text(text(script)),
        2 => Said::Unknown { kind: 2 + narrow(script) % 1000, bytes: bytes(script) },
        _ => Said::Invitation { title: text(script), link: text(script) },
    }
}

/// Mallory's, signed for the victim, but with other numbers of lines: these are not signed.
pub(super) fn hello(scene: &mut Scene, script: &mut Unstructured<'_>) -> Option<Vec<u8>> {
    let victim = scene.id(scene.victim);
    let to = scene.world.beings[scene.victim].at.endpoint;
    // Meant for the victim, for nobody in particular, or for another member.
    let whom = match number(script) % 4 {
        0 | 1 => Some(victim),
        2 => None,
        _ => Some(scene.id(scene.other())),
    };
    let (now, mut hello) = (scene.now(), None);
    let act = |links: &mut Links, around: Around<'_>| hello = links.hello(around, to, whom);
    scene.inside(MALLORY)?.in_links(now, &mut VecDeque::new(), act);
    let said = hello?;
    let (received, acknowledged) = (number(script).is_multiple_of(2).then(|| wide(script)), wide(script));
    let who = (said.member, said.whom, said.run, said.fingerprint);
    let place = (said.relays, said.addresses, said.stated, said.statement);
    Some(message(HELLO, (who, place, received, acknowledged, said.pair, said.streams, said.abilities, said.signature)))
}

fn stream(script: &mut Unstructured<'_>) -> Stream {
    [Stream::Audio, Stream::Video, Stream::Screen][usize::from(number(script) % 3)]
}

/// Anything at all as Mallory's sound, picture or screen.
pub(super) fn frame(scene: &mut Scene, script: &mut Unstructured<'_>) {
    let (stream, keyframe) = (stream(script), number(script).is_multiple_of(2));
    let frame = EncodedFrame { stream, keyframe, captured_us: narrow(script), data: bytes(script) };
    for _ in 0..std::mem::replace(&mut scene.times, 1) {
        if scene.left == 0 {
            return;
        }
        scene.left -= 1;
        let frame = EncodedFrame { data: frame.data.clone(), ..frame };
        match stream {
            Stream::Video => scene.world.input(MALLORY, Input::Pictures(vec![(Layer::Least, frame)])),
            _ => scene.world.input(MALLORY, Input::Frame(frame)),
        }
    }
}

/// With the keys that all members have, in the name of the other honest member, over Mallory's own connection.
pub(super) fn forged(scene: &mut Scene, script: &mut Unstructured<'_>) {
    let (stream, nth) = (stream(script), number(script));
    let (other, victim) = (scene.id(scene.other()), scene.id(scene.victim));
    let other_run = scene.inside(if scene.victim == ANNA { BEA } else { ANNA }).map(|inside| inside.about.own.run);
    let now = scene.now();
    let Some(inside) = scene.inside(MALLORY) else { return };
    let Some(index) = inside.roster.listed(other).map(|listed| MemberIndex(listed.index)) else { return };
    let Some(run) = other_run else { return };
    let mut sealer = Sealer::new(&inside.roster.group().epoch_keys(), index, run);
    let frame = EncodedFrame { stream, keyframe: true, captured_us: 77, data: vec![0xee; 80] };
    let mut sealed = Vec::new();
    for _ in 0..=nth {
        sealed.clear();
        // A counter that nobody has used yet.
        if sealer.seal(stream.context(), &frame.to_plaintext(), &mut sealed).is_err() {
            return;
        }
    }
    let packets = Splitter::new().split(&danger_unsealed(stream, u32::from(nth), sealed));
    let mut out = VecDeque::new();
    inside.in_media(now, &mut out, |media, at| {
        media.act_on(at, victim, |now, peer| packets.iter().for_each(|packet| peer.send(now, packet)));
    });
    out.into_iter().for_each(|output| scene.world.carry(MALLORY, output));
}

#[cfg(test)]
mod tests {
    use super::{super::ROOMS, *};
    use crate::room::wire::{LinkMessage, RoomMessage};

    /// What cannot be read says nothing, and a script that says it finds nothing.
    #[test]
    fn scripts_say_each_kind_that_can_be_read() {
        let scene = Scene::new(ROOMS[0].lock().unwrap().clone(), 2);
        let script = |which: u8| [vec![b'0' + which], vec![b'0'; 99]].concat();
        for kind in (0..26).filter(|kind| *kind != 6) {
            let said = link_message(&scene, &mut Unstructured::new(&script(kind)));
            assert!(wire::decode::<LinkMessage>(&said).is_some() && said[0] == kind, "{kind} of a link");
        }
        for (which, kind) in [(0, LINE), (2, WHEREABOUTS), (3, OVER), (4, NAME), (5, RING), (6, DECLINE), (7, MISSING)]
        {
            let said = room_message(&scene, &mut Unstructured::new(&script(which)));
            let Words::Room(said) = said else { panic!("{which} is said within the group") };
            assert!(wire::decode::<RoomMessage>(&said).is_some() && u32::from(said[0]) == kind, "{which}");
        }
        // Lists that are not empty.
        let said = whereabouts(&scene, &mut Unstructured::new(b"0000001"));
        assert!(wire::decode::<RoomMessage>(&said).is_some());
    }
}
