//! One message of each kind, as this version writes them: for the recorded wire, and as seeds of the fuzzer.

use std::net::SocketAddr;

use super::{
    Abilities, Heights, Hello, LinkMessage, Refusal, RoomMessage, Said, Statement, Streams, Verdict, encode,
    framed::Framed,
};
use crate::{
    rendezvous::Whereabouts,
    room::numbers::{Generation, Kbps, Sequence, UnixMs},
};

fn addresses() -> [SocketAddr; 2] {
    ["127.0.0.1:4000", "[fd00::1]:4001"].map(|address| address.parse().unwrap())
}

fn streams() -> Streams {
    Streams { number: 3, in_call: true, camera: false, microphone: true, screen: true }
}

fn hello() -> Hello {
    Hello {
        member: [1; 16],
        whom: Some([8; 16]),
        run: [2; 16],
        fingerprint: [3; 32],
        relays: ["https://relay.example/".into()].into(),
        addresses: addresses().into(),
        stated: 7,
        statement: vec![6; 64],
        received: Some(Sequence::clamped(7)),
        acknowledged: Sequence::clamped(5),
        pair: [4; 8],
        streams: streams(),
        abilities: Abilities::ours(),
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
        ("link/join", M::Join { invitation, tag, post_quantum: true, key_package }),
        ("link/wait", M::Wait),
        ("link/instead", M::Instead("incamera://join#aaaa".into())),
        ("link/admitted", M::Admitted { welcome, title: "k\u{fc}che".into(), by: [3; 16] }),
        ("link/refused", M::Refused(Refusal::Suite)),
        ("link/removed", M::Removed { commits: [b"commit".to_vec()].into() }),
        ("link/hello", M::Hello(hello())),
        ("link/pair", M::Pair([7; 32])),
        ("link/group", M::Group(b"for the agreement".to_vec())),
        ("link/handshake", M::Handshake { generation, ufrag, pass, candidates: addresses().into() }),
        ("link/probe", M::Probe { generation, received: 300 }),
        ("link/verdict", M::Verdict { generation, verdict: Verdict::Dead }),
        ("link/candidates", M::Candidates { generation, candidates: addresses().into() }),
        ("link/streams", M::Streams(streams())),
        ("link/received", M::Received { up_to: Sequence::clamped(300), again: true }),
        ("link/forward", M::Forward { to: [1; 16], sealed: b"sealed".to_vec() }),
        ("link/forwarded", M::Forwarded { from: [1; 16], sealed: b"sealed".to_vec() }),
        ("link/goodbye", M::Goodbye(vec![9; 64])),
        ("link/rest", M::Rest),
        ("link/classical", M::Classical),
        ("link/want", M::Want(Heights { camera: 360, screen: 1080 })),
        ("link/spare", M::Spare(Kbps::clamped(2000))),
        ("link/carry", M::Carry([[1; 16], [2; 16]].into())),
        ("link/carries", M::Carries { to: [[1; 16]].into(), kbps: Kbps::clamped(700) }),
        ("link/through", M::Through(Some([1; 16]))),
        ("link/sees", M::Sees([[1; 16], [2; 16]].into())),
    ]
}

pub(crate) fn of_group() -> Vec<(&'static str, RoomMessage)> {
    use RoomMessage as M;
    let (sequence, at_ms) = (Sequence::clamped(5), UnixMs::clamped(1_700_000_000_000));
    let line = |body| M::Line { sequence, at_ms, body };
    let relays = vec!["https://relay.example/".into()];
    let at = Whereabouts { endpoint: [6; 32], relays, addresses: addresses().into() };
    let statement = Statement { member: [1; 16], at: (&at).into(), number: 7, signature: b"signature".to_vec() };
    vec![
        ("group/line", line(Said::Text("\u{e0} table".into()))),
        ("group/line-content", line(Said::Content(b"content".to_vec()))),
        ("group/line-invitation", line(Said::Invitation { title: "title".into(), link: "link".into() })),
        ("group/whereabouts", M::Whereabouts([statement].into())),
        ("group/over", M::Over { to: [1; 16], bytes: b"over".to_vec() }),
        ("group/name", M::Name("Ann".into())),
        ("group/ring", M::Ring { video: true }),
        ("group/decline", M::Decline),
        ("group/missing", M::Missing { up_to: sequence }),
    ]
}

/// All of them with their names, as they are written.
pub(crate) fn written() -> Vec<(&'static str, Vec<u8>)> {
    let of_link = of_link().into_iter().map(|(name, message)| (name, encode(&message)));
    of_link.chain(of_group().into_iter().map(|(name, message)| (name, encode(&message)))).collect()
}

/// A message with these fields, and bytes behind them that a later version has added.
pub(crate) fn longer(message: &[u8], by: &[u8]) -> Vec<u8> {
    let Framed { kind, fields } = postcard::from_bytes(message).unwrap();
    frame(kind, &[fields, by].concat())
}

pub(crate) fn frame(kind: u32, fields: &[u8]) -> Vec<u8> {
    encode(&Framed { kind, fields })
}
