//! Every step of the way of the same frames, in one run: from the encoder over two transports to what is shown and heard.

use std::time::{Duration, Instant};

use benches::{
    keys::{Keys, LASTS, OPENS},
    micros, timed,
};
use media::{
    EncodedFrame, Open, Picture, Seal, Stream,
    capture::VideoFormat,
    decode::VideoDecoder,
    encode::{EncodedPicture, VOICE_FRAME, VOICE_KBPS, VideoEncoder, VoiceEncoder},
    gather::{Gather, Gathered},
    jitter::{JitterBuffer, PathSequence, VoicePacket},
    microphone::BLOCK,
    process::LevelMeter,
    repair::Came,
    split::Splitter,
};

use super::{PACKET, PICTURE, TENTH, stage};
use crate::{
    pair::{Datagram, Pair},
    report::{Class, Per, Stage},
};

/// In this order they stand in the table.
#[derive(Default)]
struct Times {
    encode: Vec<Duration>,
    seal: Vec<Duration>,
    split: Vec<Duration>,
    protect: Vec<Duration>,
    receive: Vec<Duration>,
    gather: Vec<Duration>,
    open: Vec<Duration>,
    decode: Vec<Duration>,
    last: Vec<Duration>,
}

const STEP: Duration = Duration::from_millis(10);
/// Milliseconds that a frame may be under way.
const PATIENCE: u32 = 100;

/// Does it, and adds how long it took.
fn clocked<T>(took: &mut Duration, act: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let done = act();
    *took += began.elapsed();
    done
}

pub fn measure(card: &[(Duration, Picture)], melody: &[[f32; BLOCK]], format: VideoFormat, kbps: u32) -> Vec<Stage> {
    let mut way = Way::new(format, kbps);
    let mut pictures = card.iter().peekable();
    for (number, blocks) in melody.chunks_exact(2).enumerate() {
        for half in 0..2 {
            let time = STEP * (2 * number as u32 + half);
            way.upkeep();
            while let Some((at, picture)) = pictures.next_if(|(at, _)| *at <= time) {
                way.picture(*at, picture);
            }
            if half == 1 {
                way.voice(time, blocks);
            }
            way.pair.pass(STEP);
        }
    }
    way.stages()
}

struct Way {
    keys: Keys,
    pair: Pair,
    splitter: Splitter,
    video: Times,
    voice: Times,
    upkeep: Vec<Duration>,
    pictures: (VideoEncoder, Gather, VideoDecoder, Picture),
    sound: (VoiceEncoder, Gather),
    jitter: (JitterBuffer, LevelMeter),
}

impl Way {
    fn new(format: VideoFormat, kbps: u32) -> Self {
        let encoder = VideoEncoder::new(format, kbps).expect("a format that can be encoded");
        let mut voice = VoiceEncoder::new(VOICE_KBPS).expect("a rate that Opus has");
        // As rooms have it on a clean network.
        voice.set_expected_loss(5).expect("a share of loss");
        Self {
            keys: Keys::of_two(),
            pair: Pair::connected(),
            splitter: Splitter::new(),
            video: Times::default(),
            voice: Times::default(),
            upkeep: Vec::new(),
            pictures: (encoder, Gather::new(Stream::Video), VideoDecoder::new(), Picture::black(2, 2)),
            sound: (voice, Gather::new(Stream::Audio)),
            jitter: (JitterBuffer::new(), LevelMeter::new()),
        }
    }

    /// Timers, reports and estimates of both ends: half of it is one end's.
    fn upkeep(&mut self) {
        let pair = &mut self.pair;
        let began = Instant::now();
        let mut flying = pair.drive();
        while let Some(datagram) = flying.pop() {
            pair.receive(&datagram);
            flying.extend(pair.drain(datagram.to).0);
        }
        self.upkeep.push(began.elapsed() / 2);
    }

    fn picture(&mut self, at: Duration, picture: &Picture) {
        let (encoder, ..) = &mut self.pictures;
        let unit = timed(&mut self.video.encode, || encoder.encode(picture, at, false)).expect("the right size");
        // A picture that the encoder leaves out ends here.
        let Some(EncodedPicture { data, keyframe }) = unit else {
            return;
        };
        let captured_us = at.as_micros() as u32;
        let frame = self.carry(EncodedFrame { stream: Stream::Video, keyframe, captured_us, data });
        let (_, _, decoder, shown) = &mut self.pictures;
        let view = timed(&mut self.video.decode, || decoder.decode(&frame.0.data)).expect("our own unit");
        if let Some(view) = view {
            timed(&mut self.video.last, || view.copy_to(shown));
        }
    }

    fn voice(&mut self, at: Duration, blocks: &[[f32; BLOCK]]) {
        let mut frame = [0.0; VOICE_FRAME];
        frame.iter_mut().zip(blocks.iter().flatten()).for_each(|(to, from)| *to = *from);
        let (encoder, ..) = &mut self.sound;
        let packet = timed(&mut self.voice.encode, || encoder.encode(&frame)).expect("20 ms of sound");
        if let Some(data) = packet {
            let captured_us = at.as_micros() as u32;
            let frame = EncodedFrame { stream: Stream::Audio, keyframe: true, captured_us, data };
            let (frame, sequence, timestamp) = self.carry(frame);
            let now = self.pair.now;
            let EncodedFrame { captured_us, data, .. } = frame;
            self.jitter.0.insert(
                now,
                VoicePacket {
                    sequence: PathSequence::of_first_path(sequence),
                    timestamp,
                    captured_us,
                    data,
                    came: Came::default(),
                },
            );
        }
        let (jitter, meter) = &mut self.jitter;
        let now = self.pair.now;
        timed(&mut self.voice.last, || {
            for later in [Duration::ZERO, STEP] {
                let mut block = [0.0; BLOCK];
                jitter.pull(now + later, &mut block);
                meter.push(&block);
            }
        });
    }

    /// Seals, sends, receives and opens a frame; gives it back with its place in its stream.
    fn carry(&mut self, frame: EncodedFrame) -> (EncodedFrame, u64, u64) {
        let (times, gather) = match frame.stream {
            Stream::Video | Stream::Screen => (&mut self.video, &mut self.pictures.1),
            Stream::Audio => (&mut self.voice, &mut self.sound.1),
        };
        let (keys, pair) = (&mut self.keys, &mut self.pair);
        let sealed = timed(&mut times.seal, || keys.seal(&frame).expect(LASTS));
        let packets = timed(&mut times.split, || self.splitter.split(&sealed));
        let mut took = [Duration::ZERO; 3];
        let [protect, receive, gathering] = &mut took;
        let mut flying = clocked(protect, || pair.send(&packets));
        for _ in 0..PATIENCE {
            while !flying.is_empty() {
                let mut came = Vec::new();
                flying = clocked(receive, || {
                    let take = |datagram: Datagram| {
                        pair.receive(&datagram);
                        let (answers, packets) = pair.drain(datagram.to);
                        came.extend(packets);
                        answers
                    };
                    flying.drain(..).flat_map(take).collect()
                });
                let now = pair.now;
                clocked(gathering, || {
                    for packet in came.iter().filter(|packet| packet.lane == frame.stream.into()) {
                        gather.insert(now, packet.sequence, packet.timestamp, &packet.payload);
                    }
                });
            }
            let whole = clocked(gathering, || gather.poll(pair.now));
            if let Some(Gathered::Frame { frame: sealed, sequence, timestamp, .. }) = whole {
                let [protect, receive, gathering] = took;
                times.protect.push(protect);
                times.receive.push(receive);
                times.gather.push(gathering);
                return (timed(&mut times.open, || keys.open(&sealed).expect(OPENS)), sequence, timestamp);
            }
            // The transport sends a large frame in a few goes.
            pair.pass(Duration::from_millis(1));
            flying = clocked(protect, || pair.drive());
        }
        unreachable!("nothing is lost between the two");
    }

    fn stages(self) -> Vec<Stage> {
        use Class::{Codec, Pipeline};
        use Per::{Other, Person};
        let (video, voice) = (self.video, self.voice);
        // Most of the time there is nothing to do, so the middle would say nothing.
        let upkeep = micros(self.upkeep.iter().sum()) / self.upkeep.len().max(1) as f64;
        vec![
            stage("picture: encode", PICTURE, Person, Codec, video.encode),
            stage("voice: encode", PACKET, Person, Codec, voice.encode),
            stage("picture: seal", PICTURE, Person, Pipeline, video.seal),
            stage("voice: seal", PACKET, Person, Pipeline, voice.seal),
            stage("picture: split", PICTURE, Person, Pipeline, video.split),
            stage("voice: split", PACKET, Person, Pipeline, voice.split),
            stage("picture: protect", PICTURE, Other, Pipeline, video.protect),
            stage("voice: protect", PACKET, Other, Pipeline, voice.protect),
            Stage { micros: upkeep, ..stage("transport's timers, reports", TENTH, Other, Pipeline, self.upkeep) },
            stage("picture: receive", PICTURE, Other, Pipeline, video.receive),
            stage("voice: receive", PACKET, Other, Pipeline, voice.receive),
            stage("picture: gather", PICTURE, Other, Pipeline, video.gather),
            stage("voice: gather", PACKET, Other, Pipeline, voice.gather),
            stage("picture: open", PICTURE, Other, Pipeline, video.open),
            stage("voice: open", PACKET, Other, Pipeline, voice.open),
            stage("picture: decode", PICTURE, Other, Codec, video.decode),
            stage("voice: jitter buffer, decode", PACKET, Other, Codec, voice.last),
            stage("picture: present (planes)", PICTURE, Other, Pipeline, video.last),
        ]
    }
}
