//! One message of each kind, as this version writes them: for the recorded wire, and as seeds of the fuzzer.

use std::net::SocketAddr;

use super::{Hello, Lines, LinkMessage, Refusal, RoomMessage, Said, Statement, Streams, Verdict, encode};
use crate::{
    rendezvous::Whereabouts,
    room::numbers::{Generation, Kbps, Sequence, UnixMs},
};

fn addresses() -> Vec<SocketAddr> {
    ["127.0.0.1:4000", "[fd00::1]:4001"].map(|address| address.parse().unwrap()).into()
}

fn streams() -> Streams {
    Streams { number: 3, in_call: true, camera: false, microphone: true, screen: true }
}

pub(crate) fn hello() -> Hello {
    Hello {
        member: [1; 16],
        whom: Some([8; 16]),
        run: [2; 16],
        fingerprint: [3; 32],
        relays: vec!["https://relay.example/".into()],
        addresses: addresses(),
        stated: 7,
        statement: vec![6; 64],
        received: Some(Sequence::clamped(7)),
        acknowledged: Sequence::clamped(5),
        pair: [4; 8],
        streams: streams(),
        signature: vec![5; 64],
    }
}

pub(crate) fn of_link() -> Vec<(&'static str, LinkMessage)> {
    use LinkMessage as M;
    let (invitation, tag, key_package) = ([1; 16], [2; 32], b"key package".to_vec());
    let welcome = b"welcome".to_vec();
    let generation = Generation::try_from(9).unwrap();
    let (ufrag, pass) = ("ufrag".into(), "pass".into());
    vec![
        ("join", M::Join { invitation, tag, post_quantum: true, key_package }),
        ("wait", M::Wait),
        ("instead", M::Instead("incamera://join#aaaa".into())),
        ("admitted", M::Admitted { welcome, title: "k\u{fc}che".into(), by: [3; 16] }),
        ("refused", M::Refused(Refusal::Suite)),
        ("removed", M::Removed { commits: vec![b"commit".to_vec()] }),
        ("hello", M::Hello(hello())),
        ("pair", M::Pair([7; 32])),
        ("group", M::Group(b"for the agreement".to_vec())),
        ("handshake", M::Handshake { generation, ufrag, pass, candidates: addresses() }),
        ("probe", M::Probe { generation, received: 300 }),
        ("verdict", M::Verdict { generation, verdict: Verdict::Dead }),
        ("candidates", M::Candidates { generation, candidates: addresses() }),
        ("streams", M::Streams(streams())),
        ("received", M::Received { up_to: Sequence::clamped(300), again: true }),
        ("forward", M::Forward { to: [1; 16], sealed: b"sealed".to_vec() }),
        ("forwarded", M::Forwarded { from: [1; 16], sealed: b"sealed".to_vec() }),
        ("goodbye", M::Goodbye(vec![9; 64])),
        ("rest", M::Rest),
        ("classical", M::Classical),
        ("want", M::Want(Lines { camera: 360, screen: 1080 })),
        ("spare", M::Spare(Kbps::clamped(2000))),
        ("carry", M::Carry(vec![[1; 16], [2; 16]])),
        ("carries", M::Carries { to: vec![[1; 16]], kbps: Kbps::clamped(700) }),
        ("through", M::Through(Some([1; 16]))),
        ("sees", M::Sees(vec![[1; 16], [2; 16]])),
    ]
}

pub(crate) fn of_group() -> Vec<(&'static str, RoomMessage)> {
    use RoomMessage as M;
    let (sequence, at_ms) = (Sequence::clamped(5), UnixMs::clamped(1_700_000_000_000));
    let line = |body| M::Line { sequence, at_ms, body };
    let relays = vec!["https://relay.example/".into()];
    let at = Whereabouts { endpoint: [6; 32], relays, addresses: addresses() };
    let statement = Statement { member: [1; 16], at: (&at).into(), number: 7, signature: b"signature".to_vec() };
    vec![
        ("line", line(Said::Text("\u{e0} table".into()))),
        ("line-invitation", line(Said::Invitation { title: "title".into(), link: "link".into() })),
        ("whereabouts", M::Whereabouts(vec![statement])),
        ("over", M::Over { to: [1; 16], bytes: b"over".to_vec() }),
        ("name", M::Name("Ann".into())),
        ("ring", M::Ring { video: true }),
        ("decline", M::Decline),
        ("missing", M::Missing { up_to: sequence }),
    ]
}

/// All of them with their names, as they are written.
pub(crate) fn written() -> Vec<(&'static str, Vec<u8>)> {
    let of_link = of_link().into_iter().map(|(name, message)| (name, encode(&message)));
    of_link.chain(of_group().into_iter().map(|(name, message)| (name, encode(&message)))).collect()
}
