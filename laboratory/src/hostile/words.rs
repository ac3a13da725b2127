//! What a hostile member says: lies about third members, payloads to be passed on, and more of everything than anybody reads.
//!
//! Messages are written as their kinds and their fields in a frame, whatever the program's own types would allow.

use std::net::SocketAddr;

use engine::{api::MemberId, hostile::Act};
use serde::Serialize;

use super::pictures::Numbers;

/// Kinds of what is said over a link, and within the group, as the wire counts them.
mod link {
    pub const PAIR: u32 = 7;
    pub const GROUP: u32 = 8;
    pub const HANDSHAKE: u32 = 9;
    pub const PROBE: u32 = 10;
    pub const VERDICT: u32 = 11;
    pub const CANDIDATES: u32 = 12;
    pub const RECEIVED: u32 = 14;
    pub const FORWARD: u32 = 15;
    pub const FORWARDED: u32 = 16;
    pub const WANT: u32 = 20;
    pub const SPARE: u32 = 21;
    pub const CARRY: u32 = 22;
    pub const CARRIES: u32 = 23;
    pub const THROUGH: u32 = 24;
    pub const SEES: u32 = 25;
}
mod room {
    pub const LINE: u32 = 0;
    pub const WHEREABOUTS: u32 = 1;
    pub const OVER: u32 = 2;
    pub const NAME: u32 = 3;
    pub const MISSING: u32 = 6;
}

/// Of a datagram that is to be passed on to the member with the number that follows, and of one that was.
const PASSING: [u8; 2] = [255, 254];
/// Bytes of a payload that is to be passed on.
const PAYLOAD: usize = 64 * 1024;
/// The highest rate that is read, in kilobits per second.
const KBPS: u32 = 1_000_000;
/// The longest line that is read.
const LINE: usize = 8 * 1024;

/// A kind, a length, and the fields.
fn message(kind: u32, fields: impl Serialize) -> Vec<u8> {
    postcard::to_stdvec(&framed(kind, fields)).unwrap_or_default()
}

fn framed(kind: u32, fields: impl Serialize) -> (u32, Vec<u8>) {
    (kind, postcard::to_stdvec(&fields).unwrap_or_default())
}

/// Addresses of nobody: those for documentation (RFC 5737), and the machine itself.
fn nowhere() -> Vec<SocketAddr> {
    [[192, 0, 2, 1], [198, 51, 100, 1], [203, 0, 113, 1], [127, 0, 0, 1]].map(|ip| (ip, 9).into()).into()
}

/// What is said to one member. `third` is another.
pub struct Words {
    pub to: MemberId,
    pub third: MemberId,
}

impl Words {
    fn over_link(&self, kind: u32, fields: impl Serialize) -> Act {
        Act::Link { to: self.to, bytes: message(kind, fields) }
    }

    /// What is not so of a third member, of the way to them, and of how media comes.
    pub fn lies(&self, numbers: &mut Numbers) -> Vec<Act> {
        let (to, third) = (self.to, self.third.0);
        let garbage = numbers.bytes(200);
        let place = (numbers.array::<32>(), vec![String::from("https://relay.invalid/")], nowhere());
        let mut acts = vec![
            // Where the third is, not signed by them; and that the two see each other by way of us.
            Act::Room(message(room::WHEREABOUTS, vec![(third, place, u64::MAX, numbers.bytes(64))])),
            self.over_link(link::SEES, vec![third, self.to.0, numbers.array()]),
            self.over_link(link::THROUGH, Some(third)),
            self.over_link(link::CARRIES, (vec![third; 16], KBPS)),
            self.over_link(link::CARRY, vec![third; 16]),
            self.over_link(link::SPARE, KBPS),
            // In the third's name.
            self.over_link(link::FORWARDED, (third, message(link::GROUP, &garbage))),
            self.over_link(link::FORWARDED, (third, message(link::GROUP, message(link::GROUP, &garbage)))),
            Act::Room(message(room::OVER, (third, message(link::SEES, Vec::<[u8; 16]>::new())))),
            // Nothing comes, all is late, and a keyframe is missed.
            Act::Report { to, of_voice: false, bytes: vec![0x07, 0xd0, 0, 0, 0, 1, 255] },
            Act::Report { to, of_voice: true, bytes: [&[1, 0, 0, 0, 0, 0, 0xff, 0xff][..], &[0; 16]].concat() },
            Act::WantKeyframe(to),
        ];
        for index in 0..4 {
            acts.extend(PASSING.map(|kind| Act::Datagram { to, bytes: [&[kind, index][..], &garbage].concat() }));
        }
        acts
    }

    /// Much to be passed on to the third.
    pub fn forward(&self, numbers: &mut Numbers) -> Act {
        self.over_link(link::FORWARD, (self.third.0, message(link::GROUP, numbers.bytes(PAYLOAD))))
    }

    /// One of each kind that a member may say. `line` is the number of our next line.
    pub fn flood(&self, numbers: &mut Numbers, line: u64) -> Vec<Act> {
        let (generation, kind) = (u32::from(numbers.byte()), u32::from(numbers.byte() % 3));
        let addresses = nowhere();
        let text = |length: usize| framed(0, "a".repeat(length));
        vec![
            Act::Room(message(room::LINE, (line, 0_i64, text(LINE)))),
            Act::Room(message(room::LINE, (1_u64 << 47, 0_i64, text(1)))),
            Act::Room(message(room::MISSING, line + 1000)),
            Act::Room(message(room::NAME, "Mallory")),
            self.over_link(link::PAIR, numbers.array::<32>()),
            self.over_link(link::GROUP, numbers.bytes(500)),
            self.over_link(link::HANDSHAKE, (generation, "ufrag", "a password of some length", &addresses)),
            self.over_link(link::PROBE, (generation, u32::MAX)),
            self.over_link(link::VERDICT, (generation, kind)),
            self.over_link(link::CANDIDATES, (generation, &addresses)),
            self.over_link(link::RECEIVED, (0_u64, true)),
            self.over_link(link::WANT, (u16::from(numbers.byte()), u16::from(numbers.byte()))),
            self.over_link(link::SPARE, u32::from(numbers.byte())),
            self.over_link(link::SEES, vec![numbers.array::<16>(); 100]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use engine::fuzzing;
    use media::{congestion::Report, repair::LossReport};

    use super::*;

    const LIES: &str = "Whereabouts Sees Through Carries Carry Spare Forwarded Forwarded Over";
    const FLOOD: &str = "Line Line Missing Name Pair Group Handshake Probe Verdict Candidates Received Want Spare Sees";

    /// What cannot be read, or is read as another kind, says nothing: the link it came over is closed, and the rest of the row
    /// would be quiet.
    #[test]
    fn hostile_messages_are_read_as_what_they_are() {
        let (words, mut numbers) = (Words { to: MemberId([1; 16]), third: MemberId([2; 16]) }, Numbers::new(1));
        let (lies, flood) = (words.lies(&mut numbers), words.flood(&mut numbers, 1));
        let mut kinds = Vec::new();
        for act in lies.into_iter().chain([words.forward(&mut numbers)]).chain(flood) {
            let kind = match act {
                Act::Link { bytes, .. } => fuzzing::message_kinds(&bytes).0,
                Act::Room(bytes) => fuzzing::message_kinds(&bytes).1,
                Act::Report { of_voice: true, bytes, .. } => {
                    assert!(LossReport::from_bytes(&bytes).is_ok());
                    continue;
                }
                Act::Report { bytes, .. } => {
                    assert!(Report::from_bytes(&bytes).is_ok());
                    continue;
                }
                _ => continue,
            };
            kinds.push(kind.unwrap_or_default());
        }
        assert_eq!(kinds.join(" "), format!("{LIES} Forward {FLOOD}"));
    }
}
