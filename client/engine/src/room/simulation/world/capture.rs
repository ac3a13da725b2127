//! What the beings capture, and whether what they are shown is that.

use std::time::Duration;

use ::media::{EncodedFrame, Layer, Stream, jitter::PathSequence};
use group_crypto::MemberId;

use super::{Being, World, network::Happening};
use crate::{api::RoomEvent, room::Input};

const FRAME: Duration = Duration::from_millis(40);
/// As the encoder has it.
const KEYFRAME_PAUSE: Duration = Duration::from_millis(400);
/// Bytes of the longest sound. How many there are for each picture.
const LONGEST_SOUND: usize = 120;
const SOUNDS: usize = 2;
/// What a screen takes at most, in kilobits per second.
pub const SCREEN_KBPS: u32 = 1000;
/// Bytes of a screen's picture, and how many pictures of the camera come between two.
const SCREEN: usize = 30_000;
const PAGE: u32 = 25;

impl World {
    /// Sends 25 frames a second of video and 50 of audio from now on.
    pub fn start_media(&mut self, who: usize) {
        self.beings[who].sends = true;
        self.beings[who].keyframes = [true; Layer::COUNT];
        self.schedule(self.now, Happening::Capture { who });
    }

    /// As the driver does, who tells every room of it.
    pub(super) fn turn_off(&mut self, who: usize) {
        self.beings[who].sends = false;
        self.beings[who].shares = None;
        self.input(who, Input::Streams { camera_on: false, microphone_on: false, screen_on: false });
    }

    pub(super) fn capture(&mut self, who: usize) {
        if !self.beings[who].sends {
            return;
        }
        let captured_us = self.clock.micros(self.now);
        let mut pictures = Vec::new();
        for layer in Layer::ALL {
            let Some(kbps) = self.beings[who].layers[layer.index()] else {
                continue;
            };
            let being = &mut self.beings[who];
            if layer == Layer::Least {
                being.leaves_out = !being.leaves_out;
                if being.leaves_out {
                    continue;
                }
            }
            let last = &mut being.last_keyframes[layer.index()];
            let rested = last[1].is_none_or(|at| self.now >= at + 2 * KEYFRAME_PAUSE);
            let keyframe = rested && std::mem::take(&mut being.keyframes[layer.index()]);
            if keyframe {
                *last = [Some(self.now), last[0]];
            }
            // Always longer than a sound, by which the two are told apart.
            let size = (kbps as usize * 125 * FRAME.as_millis() as usize / 1000).max(LONGEST_SOUND + 1);
            let data = vec![who as u8; if keyframe { 5 * size } else { size }];
            let frame = EncodedFrame { stream: Stream::Video, keyframe, captured_us, data };
            pictures.push((layer, frame));
        }
        self.input(who, Input::Pictures(pictures));
        for _ in 0..SOUNDS {
            let length = self.beings[who].voice.kbps as usize * 125 * FRAME.as_millis() as usize / SOUNDS / 1000;
            let data = vec![who as u8; length.min(LONGEST_SOUND)];
            self.input(who, Input::Frame(EncodedFrame { stream: Stream::Audio, keyframe: true, captured_us, data }));
        }
        self.capture_screen(who, captured_us);
        self.schedule(self.now + FRAME, Happening::Capture { who });
    }

    /// A page that is turned once a second, and asked for whenever somebody cannot read it.
    fn capture_screen(&mut self, who: usize, captured_us: u32) {
        let being = &mut self.beings[who];
        let Some(nth) = being.shares.as_mut().filter(|_| being.screen.is_some()) else {
            return;
        };
        *nth += 1;
        let keyframe = std::mem::take(&mut being.screen_keyframe) || *nth == 1;
        if keyframe || nth.is_multiple_of(PAGE) {
            // A page that is not turned is sent again, by which one who misses it knows.
            let turned = keyframe || !being.screen_rests;
            let data = vec![who as u8; if turned { SCREEN } else { LONGEST_SOUND + 1 }];
            self.input(who, Input::Frame(EncodedFrame { stream: Stream::Screen, keyframe, captured_us, data }));
        }
    }

    /// From now on nothing changes on the shared screen.
    pub fn rest_screen(&mut self, who: usize) {
        self.beings[who].screen_rests = true;
    }

    pub fn share(&mut self, who: usize, shares: bool) {
        self.beings[who].shares = shares.then_some(0);
        self.input(who, Input::Streams { camera_on: true, microphone_on: true, screen_on: shares });
    }

    /// Whether the frame is one that this member captured, and of the stream for which it passes.
    fn is_of(&self, member: MemberId, frame: &EncodedFrame) -> bool {
        let me =
            |being: &Being| being.events.iter().any(|e| matches!(e, RoomEvent::Entered { me, .. } if *me == member));
        let who = self.beings.iter().position(me);
        who.is_some_and(|who| frame.data.iter().all(|byte| usize::from(*byte) == who))
            && (frame.data.len() <= LONGEST_SOUND) == (frame.stream == Stream::Audio)
    }

    /// Counts what was opened, and whether it is right.
    pub(super) fn shown(&mut self, who: usize, member: MemberId, sequence: PathSequence, frame: &EncodedFrame) {
        let now = self.now;
        let right = self.is_of(member, frame);
        let being = &mut self.beings[who];
        let times = being.captured.entry((member, frame.stream, sequence.path, frame.captured_us)).or_default();
        *times += 1;
        // A capture is one picture, or two packets of sound.
        let once = *times <= if frame.stream.is_picture() { 1 } else { SOUNDS };
        being.wrong += usize::from(!right || !once);
        being.opened.push((now, member, frame.stream));
    }
}
