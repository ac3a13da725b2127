//! The codecs at the pace of a room instead of one frame behind the other: caches are cold then, and the processor has slept.

use std::thread::sleep;
use std::time::{Duration, Instant};

use benches::timed;
use media::{
    Picture,
    capture::VideoFormat,
    decode::{VideoDecoder, VoiceDecoder},
    encode::{VOICE_FRAME, VOICE_KBPS, VideoEncoder, VoiceEncoder},
    microphone::BLOCK,
};

use super::{PACKET, PICTURE, stage};
use crate::report::{Class, Per, Stage};

const TIME: Duration = Duration::from_secs(4);

pub fn measure(card: &[(Duration, Picture)], melody: &[[f32; BLOCK]], format: VideoFormat, kbps: u32) -> Vec<Stage> {
    let mut encoder = VideoEncoder::new(format, kbps).expect("a format that can be encoded");
    let mut voice = VoiceEncoder::new(VOICE_KBPS).expect("a rate that Opus has");
    let (mut decoder, mut hearing) = (VideoDecoder::new(), VoiceDecoder::new().expect("48 kHz mono"));
    let mut times: [Vec<Duration>; 4] = Default::default();
    let began = Instant::now();
    for ((at, picture), blocks) in card.iter().take_while(|(at, _)| *at < TIME).zip(melody.chunks_exact(2)) {
        sleep((began + *at).saturating_duration_since(Instant::now()));
        let unit = timed(&mut times[0], || encoder.encode(picture, *at, false)).expect("the right size");
        if let Some(unit) = unit {
            sleep(Duration::from_millis(2));
            timed(&mut times[1], || decoder.decode(&unit.data).map(|view| view.is_some())).expect("our own unit");
        }
        let mut frame = [0.0; VOICE_FRAME];
        frame.iter_mut().zip(blocks.iter().flatten()).for_each(|(to, from)| *to = *from);
        sleep(Duration::from_millis(2));
        let packet = timed(&mut times[2], || voice.encode(&frame)).expect("20 ms of sound");
        if let Some(packet) = packet {
            sleep(Duration::from_millis(2));
            timed(&mut times[3], || hearing.decode(&packet).map(<[f32]>::len)).expect("our own packet");
        }
    }
    let [encode, decode, speak, hear] = times;
    vec![
        stage("paced: picture: encode", PICTURE, Per::Person, Class::Paced, encode),
        stage("paced: voice: encode", PACKET, Per::Person, Class::Paced, speak),
        stage("paced: picture: decode", PICTURE, Per::Other, Class::Paced, decode),
        stage("paced: voice: decode", PACKET, Per::Other, Class::Paced, hear),
    ]
}
