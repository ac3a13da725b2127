//! One in the middle who meddles with the media that they pass on.

use std::collections::{BTreeMap, VecDeque};

use ::media::{EncodedFrame, Stream};
use group_crypto::Sealer;

use crate::room::{LinkId, Output};

/// As in `forward`: what stands in front of a datagram that was passed on.
const PASSED_ON: u8 = 254;
const HEADER: usize = 3;

/// What Mallory does with media that pass through.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Malice {
    Honest,
    Drops,
    FlipsBits,
    Replays,
    Reorders,
    /// Sound as picture, picture as sound.
    SwapsStreams,
    /// Anna's as Dora's, Dora's as Anna's.
    SwapsSenders,
    /// Its own packets, with its own proof, as Anna's.
    PassesOwnOff,
    /// Frames sealed in Anna's name with the keys that all share, in packets like Anna's, without the proof.
    ForgesPackets,
}

pub struct Middle {
    pub malice: Malice,
    random: u64,
    /// The last that passed through, and what waits to be let go in another order.
    passed: VecDeque<(LinkId, Vec<u8>)>,
    pub held: Vec<Output>,
    /// Who is who: Anna's and Dora's index as Mallory puts it before what it passes on.
    anna: u8,
    dora: u8,
    /// By where it goes to, who it is from, and payload type: the SSRC.
    ssrcs: BTreeMap<(LinkId, u8, u8), [u8; 4]>,
    forger: Sealer,
    /// What came of it: how many datagrams were tampered with.
    pub tampered: usize,
}

impl Middle {
    /// `anna` and `dora` are their indexes, `forger` has Mallory's keys and Anna's name.
    pub fn new(seed: u64, anna: u8, dora: u8, forger: Sealer) -> Self {
        Self {
            malice: Malice::Honest,
            random: seed,
            passed: VecDeque::new(),
            held: Vec::new(),
            anna,
            dora,
            ssrcs: BTreeMap::new(),
            forger,
            tampered: 0,
        }
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) as usize % limit
    }

    /// What is sent in the place of what Mallory would send.
    pub fn send(&mut self, output: Output) -> Vec<Output> {
        let Output::SendDatagram { link, bytes } = output else {
            return vec![output];
        };
        if bytes.first() != Some(&PASSED_ON) || bytes.len() < HEADER {
            return self.own(link, bytes);
        }
        if self.passed.len() == 400 {
            self.passed.pop_front();
        }
        self.passed.push_back((link, bytes.clone()));
        let before = bytes.clone();
        let sent = self.meddle(link, bytes);
        let untouched = matches!(&sent[..], [Output::SendDatagram { bytes, .. }] if *bytes == before);
        self.tampered += usize::from(!untouched);
        sent
    }

    fn meddle(&mut self, link: LinkId, mut bytes: Vec<u8>) -> Vec<Output> {
        let datagram = |bytes| Output::SendDatagram { link, bytes };
        match self.malice {
            Malice::Honest | Malice::PassesOwnOff => {}
            Malice::Drops => {
                if self.below(2) == 0 {
                    return Vec::new();
                }
            }
            Malice::FlipsBits => {
                let at = 1 + self.below(bytes.len() - 1);
                bytes[at] ^= 1 << self.below(8);
            }
            Malice::Replays => {
                let old = self.below(self.passed.len());
                let (of, old) = self.passed[old].clone();
                return vec![datagram(bytes.clone()), datagram(bytes), Output::SendDatagram { link: of, bytes: old }];
            }
            Malice::Reorders => {
                self.held.push(datagram(bytes));
                return if self.held.len() < 8 { Vec::new() } else { self.held.drain(..).rev().collect() };
            }
            Malice::SwapsStreams => {
                if let Some((kind, ssrc)) = rtp(&bytes) {
                    let from = bytes[1];
                    self.ssrcs.insert((link, from, kind), ssrc);
                    let other =
                        self.ssrcs.iter().find(|((to, of, other), _)| (*to, *of) == (link, from) && *other != kind);
                    if let Some(((_, _, other), ssrc)) = other {
                        let marker = bytes[HEADER + 1] & 0x80;
                        bytes[HEADER + 1] = marker | other;
                        bytes[HEADER + 8..HEADER + 12].copy_from_slice(ssrc);
                    }
                }
            }
            Malice::SwapsSenders => {
                bytes[1] = match bytes[1] {
                    from if from == self.anna => self.dora,
                    from if from == self.dora => self.anna,
                    from => from,
                };
            }
            Malice::ForgesPackets => {
                if rtp(&bytes).is_some() && bytes[1] == self.anna {
                    let forged = self.packet_like(&bytes);
                    return vec![datagram(forged), datagram(bytes)];
                }
            }
        }
        vec![datagram(bytes)]
    }

    /// A datagram of Mallory's own media, with the SRTP tag that proves it to be Mallory's.
    fn own(&mut self, link: LinkId, bytes: Vec<u8>) -> Vec<Output> {
        let generation = self.passed.iter().rev().find(|(to, bytes)| *to == link && bytes[1] == self.anna);
        let mut sent = Vec::new();
        if self.malice == Malice::PassesOwnOff
            && let Some((_, like)) = generation
            && let Some((_, datagram)) = bytes.split_first()
        {
            sent.push(Output::SendDatagram { link, bytes: [&like[..HEADER], datagram].concat() });
            self.tampered += 1;
        }
        sent.push(Output::SendDatagram { link, bytes });
        sent
    }

    /// One with the header of this one, and a whole frame in it that is sealed in Anna's name.
    fn packet_like(&mut self, like: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::new();
        self.forger.seal(Stream::Audio.context(), &forged_frame().to_plaintext(), &mut sealed).unwrap();
        let mut header = like[..HEADER + 12].to_vec();
        // Without extensions and contributing sources, so that the payload follows.
        header[HEADER] = 0x80;
        [&header[..], &[0xc0], &sealed, &[0; 10]].concat()
    }
}

/// Payload type and SSRC, where it is a packet of SRTP (RFC 7983, section 7; RFC 5761, section 4).
fn rtp(bytes: &[u8]) -> Option<(u8, [u8; 4])> {
    let packet = bytes.get(HEADER..)?;
    let (first, second) = (*packet.first()?, *packet.get(1)?);
    let is_media = (128..192).contains(&first) && !(192..=223).contains(&second);
    is_media.then_some((second & 0x7f, packet.get(8..12)?.try_into().ok()?))
}

pub fn forged_frame() -> EncodedFrame {
    EncodedFrame { stream: Stream::Audio, keyframe: true, captured_us: 77, data: vec![0xee; 80] }
}
