//! What a decoder does about losses and garbage: it says so, and the next keyframe puts it right.

use std::time::Duration;

use media::Picture;
use media::capture::VideoFormat;
use media::decode::{DecodeError, MAX_ACCESS_UNIT, VideoDecoder};
use media::encode::{EncodedPicture, VideoEncoder};

const FORMAT: VideoFormat = VideoFormat { width: 160, height: 96, fps: 25 };

/// Thirty pictures; those numbered 0 and 20 are keyframes.
fn stream() -> Vec<EncodedPicture> {
    let mut encoder = VideoEncoder::new(FORMAT, 300).unwrap();
    let encode = |nth: u32| {
        let mut picture = Picture::black(FORMAT.width, FORMAT.height);
        picture.y.iter_mut().enumerate().for_each(|(at, y)| *y = (at as u32 * 7 + nth * 3) as u8 / 2 + 16);
        encoder.encode(&picture, Duration::from_millis(40) * nth, nth == 20).unwrap().unwrap()
    };
    (0..30).map(encode).collect()
}

#[test]
fn nothing_is_shown_after_a_lost_picture_until_a_keyframe() {
    let mut decoder = VideoDecoder::new();
    for (nth, encoded) in stream().iter().enumerate() {
        match nth {
            5 => continue,
            6..20 => assert_eq!(decoder.decode(&encoded.data).err(), Some(DecodeError::NeedsKeyframe), "{nth}"),
            _ => assert!(decoder.decode(&encoded.data).unwrap().is_some(), "{nth}"),
        }
    }
}

#[test]
fn a_stream_joined_in_the_middle_waits_for_its_keyframe() {
    let stream = stream();
    let mut decoder = VideoDecoder::new();
    assert_eq!(decoder.decode(&stream[3].data).err(), Some(DecodeError::NeedsKeyframe));
    assert!(decoder.decode(&stream[20].data).unwrap().is_some());
    assert!(decoder.decode(&stream[21].data).unwrap().is_some());
}

#[test]
fn random_bytes_never_panic_and_the_next_keyframe_is_shown() {
    let keyframe = &stream()[0];
    let mut random = fastrand::Rng::with_seed(0x1a2b_3c4d_5e6f);
    let mut decoder = VideoDecoder::new();
    for _ in 0..2_000 {
        let mut garbage: Vec<u8> = (0..random.usize(..300)).map(|_| random.u8(..)).collect();
        if random.usize(..2) == 0 {
            let kind = [1, 5, 6, 7, 8][random.usize(..5)];
            garbage.splice(0..0, [0, 0, 0, 1, 0x60 | kind]);
        }
        let _ = decoder.decode(&garbage);
    }
    let _ = decoder.decode(b"not H.264");
    assert!(decoder.decode(&keyframe.data).unwrap().is_some());
}

#[test]
fn keyframe_is_shown_after_pictures_with_flipped_bits() {
    let stream = stream();
    let mut random = fastrand::Rng::with_seed(0x9e37_79b9_7f4a);
    let mut decoder = VideoDecoder::new();
    for _ in 0..100 {
        for encoded in &stream {
            let mut data = encoded.data.clone();
            for _ in 0..random.usize(..4) {
                let at = random.usize(..data.len());
                data[at] ^= 1 << random.usize(..8);
            }
            data.truncate(data.len() - random.usize(..2) * random.usize(..data.len()));
            let _ = decoder.decode(&data);
        }
    }
    let _ = decoder.decode(&[]);
    assert!(decoder.decode(&stream[20].data).unwrap().is_some());
}

#[test]
fn what_is_no_access_unit_is_called_so() {
    let mut decoder = VideoDecoder::new();
    assert_eq!(decoder.decode(&[]).err(), Some(DecodeError::Malformed));
    assert_eq!(decoder.decode(&vec![0; MAX_ACCESS_UNIT + 1]).err(), Some(DecodeError::TooLarge));
    // A slice of an SVC enhancement layer.
    assert_eq!(decoder.decode(&[0, 0, 0, 1, 0x74, 1, 2, 3]).err(), Some(DecodeError::Malformed));
}
