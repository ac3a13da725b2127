//! Several peers behind one uplink: what is sent follows what it carries, sound first.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use media::capture::VideoFormat;
use media::split::Splitter;
use media::uplink::Uplink;
use media::{Ladder, Layer, SealedFrame, Stream};

use crate::net::{Conditions, SECOND, SharedUplink, milliseconds};
use crate::peers::World;

const FPS: u32 = 30;
const RECEIVERS: usize = 3;
/// As long as Opus with copies takes.
const VOICE: usize = 150;

/// One person who sends to three others, over an uplink that they share.
struct Sender {
    world: World,
    uplink: Uplink<usize>,
    splitter: Splitter,
    /// What each gets now, and whether the next frame of a layer has to be a keyframe.
    gets: BTreeMap<usize, Option<Layer>>,
    keyframes: [bool; 3],
    captured: u32,
    /// How much of each receiver's pictures was looked at, whether the last was broken, and when a keyframe was asked for.
    looked: [(usize, bool, Option<Instant>); RECEIVERS],
}

impl Sender {
    fn new(seed: u64, conditions: Conditions, bits_per_second: u64) -> Self {
        let mut world = World::connected(seed, conditions, RECEIVERS);
        let senders = (0..RECEIVERS).map(|pair| world.ends[2 * pair].address).collect();
        world.net.uplinks.push(SharedUplink::new(senders, bits_per_second, milliseconds(200)));
        let mut uplink = Uplink::new(Ladder::new(VideoFormat { width: 640, height: 360, fps: FPS }, 500));
        (0..RECEIVERS).for_each(|receiver| uplink.want(receiver, 360));
        Self {
            world,
            uplink,
            splitter: Splitter::new(),
            gets: BTreeMap::new(),
            keyframes: [true; 3],
            captured: 0,
            looked: [(0, false, None); RECEIVERS],
        }
    }

    fn call(&mut self, seconds: u32) {
        for _ in 0..seconds * FPS {
            for receiver in 0..RECEIVERS {
                let end = &mut self.world.ends[2 * receiver];
                self.uplink.carries(receiver, end.control.rate());
                let wanted = std::mem::take(&mut end.keyframes_wanted) > 0;
                end.peer.pace(end.control.rate() * 3 / 2);
                if let Some(layer) = self.gets.get(&receiver).copied().flatten().filter(|_| wanted) {
                    self.keyframes[layer.index()] = true;
                }
                self.world.drain(2 * receiver);
            }
            let plan = self.uplink.plan(self.world.now).clone();
            for (layer, kbps) in Layer::ALL.into_iter().zip(plan.rates) {
                if let Some(kbps) = kbps {
                    self.picture(layer, kbps, &plan.layers);
                }
            }
            (0..RECEIVERS).for_each(|receiver| self.ask(receiver));
            for _ in 0..2 {
                // Three packets of voice in two pictures.
                self.captured += 1_000_000 / FPS / 2;
                if self.captured % 60_000 < 50_000 {
                    let voice = SealedFrame::from_ciphertext(Stream::Audio, self.captured, vec![1; VOICE]);
                    let packets = self.splitter.split(&voice);
                    (0..RECEIVERS).for_each(|receiver| self.world.send(2 * receiver, &packets));
                }
                self.world.pass(SECOND / FPS / 2);
            }
        }
    }

    /// Who can't decode asks for a keyframe, three times a second at most.
    fn ask(&mut self, receiver: usize) {
        let (index, now) = (2 * receiver + 1, self.world.now);
        let end = &mut self.world.ends[index];
        let (looked, broken, asked) = &mut self.looked[receiver];
        for picture in end.frames[*looked..].iter().filter(|picture| picture.frame.stream == Stream::Video) {
            *broken = picture.frame.bytes()[0] == 0 && (*broken || picture.after_loss);
        }
        *looked = end.frames.len();
        if *broken && asked.is_none_or(|at| now >= at + milliseconds(300)) {
            *asked = Some(now);
            end.peer.request_keyframe(now);
            self.world.drain(index);
        }
    }

    fn picture(&mut self, layer: Layer, kbps: u32, plan: &BTreeMap<usize, Option<Layer>>) {
        let to: Vec<_> = plan.iter().filter(|(_, gets)| **gets == Some(layer)).map(|(receiver, _)| *receiver).collect();
        let begins = to.iter().any(|receiver| self.gets.get(receiver).copied().flatten() != Some(layer));
        let keyframe = std::mem::take(&mut self.keyframes[layer.index()]) || begins;
        let bytes = (kbps * 125 / FPS) as usize * if keyframe { 6 } else { 1 };
        let frame = SealedFrame::from_ciphertext(Stream::Video, self.captured, vec![u8::from(keyframe); bytes]);
        let packets = self.splitter.split(&frame);
        for receiver in to {
            self.gets.insert(receiver, Some(layer));
            self.world.send(2 * receiver, &packets);
        }
    }

    /// The longest time without a picture that can be decoded at any receiver since `since`, and the loss of sound of each.
    fn suffered(&self, since: Instant) -> (Duration, f64) {
        let (mut longest, mut most_lost) = (Duration::ZERO, 0.0f64);
        for receiver in 0..RECEIVERS {
            let end = &self.world.ends[2 * receiver + 1];
            let (mut last, mut broken) = (since, false);
            for picture in end.of(Stream::Video).filter(|picture| picture.at >= since) {
                let keyframe = picture.frame.bytes()[0] == 1;
                broken = !keyframe && (broken || picture.after_loss);
                if !broken {
                    longest = longest.max(picture.at - last);
                    last = picture.at;
                }
            }
            longest = longest.max(self.world.now - last);
            let heard: Vec<_> = end.of(Stream::Audio).filter(|sound| sound.at >= since).map(|s| s.sequence).collect();
            let (first, newest) = (heard.iter().min().unwrap(), heard.iter().max().unwrap());
            most_lost = most_lost.max(1.0 - heard.len() as f64 / (newest - first + 1) as f64);
        }
        (longest, most_lost)
    }
}

#[test]
fn a_slow_uplink_is_shared_without_frozen_pictures_and_without_losing_sound() {
    let rough = Conditions { delay: milliseconds(20), jitter: milliseconds(40), loss: 0.05 };
    let mut frozen = Vec::new();
    for seed in 1..6 {
        let mut sender = Sender::new(seed, rough, 1_000_000);
        sender.call(10);
        let since = sender.world.now;
        let mut sent = 0;
        for _ in 0..60 {
            sender.call(1);
            sent += (0..RECEIVERS).map(|receiver| sender.world.ends[2 * receiver].control.rate()).sum::<u64>();
        }
        let (longest, lost) = sender.suffered(since);
        println!("seed {seed}: {} kbps, longest without a picture {longest:?}, sound lost {lost:.3}", sent / 60_000);
        assert!(sent / 60 > 700_000);
        assert!(lost < 0.1, "{lost}");
        frozen.push(longest);
    }
    // Certificates are not seeded, so no two runs are alike, and now and then a keyframe has bad luck more than once.
    frozen.sort();
    assert!(frozen[2] < 2 * SECOND && frozen[4] < 15 * SECOND, "{frozen:?}");
}

#[test]
fn a_wide_uplink_carries_all_that_is_wanted() {
    let mut sender = Sender::new(5, Conditions { delay: milliseconds(20), ..Conditions::default() }, 10_000_000);
    sender.call(10);
    let plan = sender.uplink.plan(sender.world.now);
    assert_eq!(plan.rates, [None, Some(500), None]);
}
