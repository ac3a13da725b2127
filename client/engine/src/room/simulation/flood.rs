//! A member who floods and lies to all others while they talk.

use std::time::{Duration, Instant};

use ::media::{EncodedFrame, Layer, Stream};
use group_crypto::MemberId;

use super::{
    tests::{frames, room},
    world::{CLEAR, SECOND, World},
};
use crate::{
    rendezvous::Whereabouts,
    room::{
        Input, Output, Phase,
        numbers::{Generation, Kbps, Sequence, UnixMs},
        wire::{self, Candidates, Few, Heights, LinkMessage, MemberIds, Purpose, RoomMessage, Statement, Verdict},
    },
};

const MALLORY: usize = 3;
const HONEST: [usize; 3] = [0, 1, 2];
/// Between two floods.
const PAUSE: Duration = Duration::from_millis(40);
/// Of fifty sounds a second, so many come at least.
const SOUNDS: usize = 48;

/// Lies on the link to one member, of which `number` makes each another.
fn lies(number: u32, others: &[MemberId]) -> Vec<LinkMessage> {
    let candidates: Candidates = [([203, 0, 113, 7], 9).into(); 8].into();
    let (ufrag, pass) = ("abcd".into(), "a".repeat(24).into());
    let generation = Generation::try_from(number).unwrap_or(Generation::MAX);
    let mut lies = vec![
        LinkMessage::Received { up_to: Sequence::ZERO, again: true },
        LinkMessage::Handshake { generation, ufrag, pass, candidates: candidates.clone() },
        LinkMessage::Candidates { generation, candidates },
        LinkMessage::Probe { generation, received: 0 },
        LinkMessage::Verdict { generation, verdict: Verdict::Dead },
        LinkMessage::Want(Heights { camera: 0, screen: 0 }),
        LinkMessage::Spare(Kbps::MAX),
        LinkMessage::Carry(others.iter().map(|id| id.0).collect()),
        LinkMessage::Carries { to: others.iter().map(|id| id.0).collect(), kbps: Kbps::MAX },
        LinkMessage::Through(others.first().map(|id| id.0)),
        LinkMessage::Sees(MemberIds::default()),
        LinkMessage::Removed { commits: Few::default() },
    ];
    lies.extend(others.iter().map(|id| LinkMessage::Forward { to: id.0, sealed: vec![7; 64 * 1024] }));
    lies
}

/// What Mallory says inside the group.
fn sealed_lies(number: u32, others: &[MemberId]) -> Vec<RoomMessage> {
    let statements = others.iter().zip(1..).map(|(id, nth)| {
        let addresses = vec![([203, 0, 113, nth], 9).into(); 16];
        let at = Whereabouts { endpoint: [nth; 32], relays: Vec::new(), addresses };
        Statement { member: id.0, at: (&at).into(), number: u64::MAX, signature: vec![nth; 64] }
    });
    vec![
        RoomMessage::Whereabouts(statements.collect()),
        RoomMessage::Ring { video: true },
        RoomMessage::Name(format!("Person {}", number % 3).into()),
        RoomMessage::Missing { up_to: Sequence::MAX },
        RoomMessage::Line { sequence: Sequence::MAX, at_ms: UnixMs::MAX, body: "late".to_owned().into() },
    ]
}

fn flood(world: &mut World, number: u32) {
    let ids = HONEST.map(|who| world.id(who));
    for victim in HONEST {
        let others: Vec<_> = ids.into_iter().filter(|id| *id != ids[victim]).collect();
        let mut said: Vec<_> = lies(number, &others).iter().map(wire::encode).collect();
        if let Phase::Inside(mallory) = &mut world.beings[MALLORY].room.phase {
            said.extend(sealed_lies(number, &others).iter().filter_map(|message| mallory.roster.seal(message)));
        }
        for bytes in said {
            if let Some(link) = world.link_with(MALLORY, victim) {
                world.carry(MALLORY, Output::Send { link, purpose: Purpose::Control, bytes });
                world.carry(MALLORY, Output::SendDatagram { link, bytes: vec![number as u8; 1100] });
            }
        }
    }
    let data = vec![0xee; 200_000];
    let frame = EncodedFrame { stream: Stream::Video, keyframe: true, captured_us: number, data };
    world.input(MALLORY, Input::Pictures(vec![(Layer::High, frame)]));
}

#[test]
fn three_hear_each_other_while_a_fourth_floods_and_lies() {
    let mut world = room(61, CLEAR, 4);
    world.run(2 * SECOND);
    for second in 1..=5 {
        let since = world.now;
        for step in 0..25 {
            flood(&mut world, second * 25 + step);
            world.run(PAUSE);
        }
        for at in HONEST {
            assert_eq!(world.beings[at].ended, None, "person {at} is out");
            for of in HONEST.into_iter().filter(|of| *of != at) {
                let sounds = frames(&world, at, of, Stream::Audio, since);
                assert!(sounds >= SOUNDS, "second {second}: person {at} has {sounds} sounds of {of}");
            }
        }
    }
}

/// The longest time without a sound of this person's, as another hears it.
fn longest_silence(world: &World, at: usize, of: usize, since: Instant) -> Duration {
    let of = world.id(of);
    let heard = world.beings[at].opened.iter().filter(|(_, member, stream)| *member == of && *stream == Stream::Audio);
    let times: Vec<_> = heard.map(|(t, ..)| *t).filter(|t| *t >= since).collect();
    times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(Duration::MAX)
}

#[test]
fn commit_kept_from_one_member_silences_nobody() {
    // The first makes the commits, and keeps them from the second.
    const LIAR: usize = 0;
    const VICTIM: usize = 1;
    let mut world = room(62, CLEAR, 4);
    world.run(2 * SECOND);
    let kept_back = world.link_with(LIAR, VICTIM);
    world.tamper = Some(Box::new(move |who, output| match &output {
        Output::Send { link, .. } if who == LIAR && Some(*link) == kept_back => Vec::new(),
        _ => vec![output],
    }));
    let (since, before) = (world.now, world.beings[2].room.summary().unwrap().epoch);
    let now = world.now;
    if let Phase::Inside(liar) = &mut world.beings[LIAR].room.phase {
        liar.roster.agreement().renew(now);
    }
    world.input(LIAR, Input::Timeout);
    world.run(2 * SECOND);
    assert!(world.beings[2].room.summary().unwrap().epoch > before, "there was a commit");
    for (at, of) in [(VICTIM, 2), (VICTIM, 3), (2, VICTIM), (3, VICTIM), (2, 3), (3, 2)] {
        let silence = longest_silence(&world, at, of, since);
        assert!(silence < Duration::from_millis(100), "person {at} hears nothing of {of} for {silence:?}");
    }
}
