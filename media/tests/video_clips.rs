//! Clips on disk: what is recorded can be played, and what is no clip is refused by name.

use std::time::{Duration, Instant};

use media::Picture;
use media::capture::{Camera, CameraSource, CaptureError, Unreadable, VideoFormat, open};
use media::encode::VideoEncoder;
use media::record::Y4mRecorder;
use tempfile::NamedTempFile;

/// A file that is removed at the end of its test.
struct TempFile(NamedTempFile);

impl TempFile {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let file = tempfile::Builder::new().suffix(name).tempfile().unwrap();
        std::fs::write(&file, bytes).unwrap();
        Self(file)
    }

    fn open(&self, width: u32, height: u32, fps: u32) -> Result<Box<dyn Camera>, CaptureError> {
        open(&CameraSource::Clip(self.0.path().to_owned()), VideoFormat { width, height, fps })
    }
}

fn plain(width: u32, height: u32, luma: u8) -> Picture {
    let mut picture = Picture::black(width, height);
    picture.y.fill(luma);
    picture.u.fill(luma / 2);
    picture.v.fill(255 - luma);
    picture
}

fn unreadable(opened: Result<Box<dyn Camera>, CaptureError>) -> Unreadable {
    match opened.err() {
        Some(CaptureError::Unreadable(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_recording_plays_back_as_it_was_and_starts_again_at_its_end() {
    let file = TempFile::new("round-trip.y4m", b"");
    let mut recorder = Y4mRecorder::create(file.0.path(), 100).unwrap();
    for luma in [50, 100, 150] {
        recorder.write(&plain(48, 32, luma)).unwrap();
    }
    recorder.write(&plain(96, 64, 200)).unwrap();
    recorder.finish().unwrap();
    let mut clip = file.open(48, 32, 100).unwrap();
    let first = clip.next().unwrap();
    assert_eq!(first.picture, plain(48, 32, 50));
    let mut seen = vec![50];
    // On a busy machine pictures may be skipped; over a few rounds each is seen.
    for _ in 0..40 {
        let picture = clip.next().unwrap().picture;
        assert_eq!(picture, plain(48, 32, picture.y[0]));
        seen.push(picture.y[0]);
    }
    for luma in [50, 100, 150, 200] {
        assert!(seen.iter().filter(|&&seen| seen == luma).count() >= 2, "{luma}: {seen:?}");
    }
}

#[test]
fn a_clip_is_never_faster_than_real_time_nor_than_wanted() {
    let mut bytes = b"YUV4MPEG2 W16 H16 F100:1\n".to_vec();
    for luma in 0..100 {
        bytes.extend_from_slice(b"FRAME\n");
        bytes.extend_from_slice(&[luma; 384]);
    }
    let file = TempFile::new("pace.y4m", &bytes);
    let mut clip = file.open(16, 16, 50).unwrap();
    let start = Instant::now();
    let shown: Vec<u8> = (0..11).map(|_| clip.next().unwrap().picture.y[0]).collect();
    assert!(start.elapsed() >= Duration::from_millis(200));
    assert!(shown.iter().all(|luma| luma % 2 == 0), "{shown:?}");
    // A stall is made up for by skipping.
    std::thread::sleep(Duration::from_millis(100));
    let after = clip.next().unwrap().picture.y[0];
    assert!(after >= shown[10] + 10, "{after}");
}

#[test]
fn an_odd_clip_with_remarks_is_cut_and_scaled_to_what_is_wanted() {
    let mut bytes = b"YUV4MPEG2 W33 H17 F25:1 Ip A1:1 C420jpeg XREMARK\n".to_vec();
    bytes.extend_from_slice(b"FRAME Xremark\n");
    bytes.extend_from_slice(&[vec![90; 33 * 17], vec![70; 17 * 9], vec![180; 17 * 9]].concat());
    let file = TempFile::new("odd.y4m", &bytes);
    let picture = file.open(65, 48, 25).unwrap().next().unwrap().picture;
    assert_eq!((picture.width, picture.height), (64, 48));
    assert!(
        picture.y.iter().all(|&y| y == 90) && picture.u.iter().all(|&u| u == 70) && picture.v.iter().all(|&v| v == 180)
    );
}

#[test]
fn clip_that_was_cut_plays_as_far_as_it_goes() {
    let remark = [b'x'; 1000];
    let header = [&b"YUV4MPEG2 W16 H16 F25:1 X"[..], &remark, b"\n"].concat();
    let picture = |luma: u8| [&b"FRAME\n"[..], &[luma; 256], &[128; 128]].concat();
    let whole = [header, picture(50), picture(60)].concat();
    let third = picture(70);
    for rest in [&third[..1], &third[..6], &third[..100], &third[..third.len() - 1], b"\n"] {
        let file = TempFile::new("cut.y4m", &[&whole[..], rest].concat());
        let mut clip = file.open(16, 16, 1000).unwrap();
        for _ in 0..5 {
            assert!([50, 60].contains(&clip.next().unwrap().picture.y[0]));
        }
    }
}

#[test]
fn each_way_to_be_no_clip_has_its_name() {
    let whole = [&b"YUV4MPEG2 W16 H16 F25:1\nFRAME\n"[..], &[0; 384]].concat();
    let long = [&b"YUV4MPEG2 W16 H16 X"[..], &[b'x'; 5000], b"\n"].concat();
    let strange = [&whole[..], b"FRAMES\n", &[0; 384]].concat();
    let wide = b"YUV4MPEG2 W16 H16 C444\n";
    for (name, bytes, expected) in [
        ("empty", &b""[..], Unreadable::NotAClip),
        ("text", b"Dear diary,\n", Unreadable::NotAClip),
        ("header", &whole[..12], Unreadable::CutShort),
        ("no picture", &whole[..24], Unreadable::CutShort),
        ("frame line", &whole[..27], Unreadable::CutShort),
        ("half a picture", &whole[..100], Unreadable::CutShort),
        ("last byte", &whole[..whole.len() - 1], Unreadable::CutShort),
        ("long line", &long, Unreadable::NotAClip),
        ("strange line", &strange, Unreadable::NotAClip),
        ("4:4:4", wide, Unreadable::Unsupported("a pixel format other than 8-bit 4:2:0")),
    ] {
        let file = TempFile::new(&format!("bad-{}.y4m", name.replace(':', "-")), bytes);
        assert_eq!(unreadable(file.open(16, 16, 25)), expected, "{name}");
    }
    let directory = CameraSource::Clip(std::env::temp_dir());
    let format = VideoFormat { width: 16, height: 16, fps: 25 };
    assert_eq!(unreadable(open(&directory, format)), Unreadable::NotAClip);
}

#[test]
fn garbage_in_clips_never_panics() {
    let mut random = fastrand::Rng::with_seed(7);
    for round in 0..200u32 {
        let mut bytes =
            if round % 2 == 0 { b"YUV4MPEG2 W16 H16 F25:1\nFRAME\n".to_vec() } else { vec![0, 0, 0, 1, 0x67] };
        bytes.extend((0..round * 4).map(|_| random.u8(..)));
        if round % 2 == 0 && !bytes.is_empty() {
            let at = random.usize(..bytes.len());
            bytes[at] = bytes[at].wrapping_add(round as u8 | 1);
        }
        let name = if round % 2 == 0 { "garbage.y4m" } else { "garbage.h264" };
        let file = TempFile::new(name, &bytes);
        if let Ok(mut clip) = file.open(16, 16, 1000) {
            let _ = clip.next();
        }
    }
}

#[test]
fn an_h264_clip_loops_and_one_that_is_none_is_refused() {
    let format = VideoFormat { width: 48, height: 32, fps: 100 };
    let mut encoder = VideoEncoder::new(format, 500).unwrap();
    let mut stream = Vec::new();
    for nth in 0..5u8 {
        let picture = plain(48, 32, 60 + nth * 30);
        let at = Duration::from_millis(10) * u32::from(nth);
        stream.extend(encoder.encode(&picture, at, false).unwrap().unwrap().data);
    }
    let file = TempFile::new("loop.h264", &stream);
    let mut clip = file.open(32, 32, 100).unwrap();
    for nth in 0..12u8 {
        let picture = clip.next().unwrap().picture;
        assert_eq!((picture.width, picture.height), (32, 32));
        assert!(picture.y[500].abs_diff(60 + nth % 5 * 30) <= 4, "{nth}: {}", picture.y[500]);
    }
    let none = TempFile::new("none.h264", b"Dear diary,\n");
    assert_eq!(unreadable(none.open(32, 32, 100)), Unreadable::NotAClip);
}
