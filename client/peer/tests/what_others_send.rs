//! What others send is decoded in a process of its own, and recorded as it came: real programs, real processes.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use media::{Picture, record::Y4mRecorder};

use tempfile::tempdir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_incamera-peer");

/// A program in a room, ended with its test.
struct Peer(Child);

impl Peer {
    fn start(first: &[&str], name: &str, more: &[&str]) -> Self {
        let child = Command::new(PROGRAM)
            .args(first)
            .args(["--name", name, "--network", "local"])
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        Self(child.expect("the program starts"))
    }

    /// The invitation that a room's creator prints first.
    fn invitation(&mut self) -> String {
        let mut line = String::new();
        BufReader::new(self.0.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    /// Hangs up and waits for the files to be written.
    fn end(mut self) {
        assert!(Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status().unwrap().success());
        let limit = Instant::now() + Duration::from_secs(20);
        while self.0.try_wait().unwrap().is_none() {
            assert!(Instant::now() < limit, "the program does not end");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A recording: its size and rate, and its pictures' luma.
struct Recorded {
    size: (usize, usize),
    fps: usize,
    lumas: Vec<Vec<u8>>,
}

fn recorded(path: &Path) -> Recorded {
    let bytes = fs::read(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    let end = bytes.iter().position(|&byte| byte == b'\n').expect("a header");
    let header = std::str::from_utf8(&bytes[..end]).unwrap();
    let number = |key: char| {
        let field = header.split(' ').find_map(|field| field.strip_prefix(key)).expect(header);
        field.split(':').next().unwrap().parse::<usize>().unwrap()
    };
    let size = (number('W'), number('H'));
    let luma = size.0 * size.1;
    let frames = bytes[end + 1..].chunks_exact(6 + luma * 3 / 2);
    let lumas = frames.map(|frame| frame[6..6 + luma].to_vec()).collect();
    Recorded { size, fps: number('F'), lumas }
}

const SIZE: (usize, usize) = (640, 360);
const BLOCK: usize = 16;
const CLIP: usize = 100;

/// A textured scene that pans, with its number in black and white blocks at the top.
fn scene(nth: usize) -> Picture {
    let mut picture = Picture::black(SIZE.0 as u32, SIZE.1 as u32);
    for (at, sample) in picture.y.iter_mut().enumerate() {
        let (x, y) = (at % SIZE.0, at / SIZE.0);
        let panned = x + nth;
        let texture = (panned * panned / 37 + y * y / 23 + panned * y / 51) % 64;
        *sample = match (y < BLOCK, x / BLOCK) {
            (true, bit @ 0..8) => 40 + 160 * (nth >> bit & 1) as u8,
            _ => 80 + texture as u8 / 2,
        };
    }
    picture
}

fn number(luma: &[u8]) -> usize {
    let white = |bit: usize| usize::from(luma[SIZE.0 * BLOCK / 2 + bit * BLOCK + BLOCK / 2] > 120);
    (0..8).map(|bit| white(bit) << bit).sum()
}

/// Peak signal to noise ratio of the luma, in dB.
fn psnr(a: &[u8], b: &[u8]) -> f64 {
    let squares: u64 = a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum();
    10.0 * (255.0 * 255.0 / (squares as f64 / a.len() as f64).max(1e-3)).log10()
}

#[test]
fn recordings_have_the_size_clock_and_quality_of_what_came() {
    let folder = tempdir().unwrap();
    let clip = folder.path().join("scene.y4m");
    let scenes: Vec<_> = (0..CLIP).map(scene).collect();
    let mut file = Y4mRecorder::create(&clip, 10).unwrap();
    scenes.iter().for_each(|scene| file.write(scene).unwrap());
    file.finish().unwrap();

    let media = ["--camera", clip.to_str().unwrap(), "--size", "640x360", "--fps", "10", "--video-kbps", "800"];
    let record = |name: &str| folder.path().join(name);
    let dirs = ["ann", "bob", "cid"].map(record);
    let own = |nth: usize| [&media[..], &["--record", dirs[nth].to_str().unwrap()]].concat();
    let mut ann = Peer::start(&["create"], "Ann", &own(0));
    let invitation = ann.invitation();
    let bob = Peer::start(&["join", &invitation], "Bob", &own(1));
    let cid = Peer::start(&["join", &invitation], "Cid", &own(2));
    thread::sleep(Duration::from_secs(14));
    for peer in [cid, bob, ann] {
        peer.end();
    }
    for (dir, name) in [(0, "Bob"), (0, "Cid"), (1, "Ann"), (1, "Cid"), (2, "Ann"), (2, "Bob")] {
        let recorded = recorded(&dirs[dir].join(format!("{name}.y4m")));
        assert_eq!((recorded.size, recorded.fps), (SIZE, 10));
        // Joining takes a moment, and the last seconds are those of the one who stays longest.
        let seconds = recorded.lumas.len() as f64 / 10.0;
        assert!((8.0..=18.0).contains(&seconds), "{name}: {seconds} s");
        // The clip is played at its own rate: what is recorded in a second is a second of it.
        let (first, last) = (recorded.lumas.len() / 3, recorded.lumas.len() - 15);
        let passed = (number(&recorded.lumas[last]) + 4 * CLIP - number(&recorded.lumas[first])) % CLIP;
        assert!((last - first).abs_diff(passed) <= 4, "{name}: {passed} pictures of the clip in {}", last - first);
        // The layers below are seen for the first seconds alone.
        let quality: Vec<f64> = recorded.lumas[last / 2..last]
            .iter()
            .filter_map(|luma| Some(psnr(luma, &scenes.get(number(luma))?.y)))
            .collect();
        let mean = quality.iter().sum::<f64>() / quality.len() as f64;
        assert!(mean >= 34.0, "{name}: {mean:.1} dB");
    }
}

#[cfg(target_os = "linux")]
mod process {
    use media::{
        capture::VideoFormat,
        decode::{
            DecodeError,
            process::{DecoderHost, Decoders, Owner, Sandboxed},
        },
        encode::VideoEncoder,
    };

    use super::*;

    /// The processes that this one started as decoders.
    fn decoders_of(pid: u32) -> Vec<u32> {
        let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap().filter_map(Result::ok);
        let children = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
        let children: Vec<u32> = children
            .flat_map(|line| line.split(' ').filter_map(|pid| pid.trim().parse().ok()).collect::<Vec<_>>())
            .collect();
        let is_decoder = |pid: &u32| {
            fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.starts_with(b"incamera-decoder\0"))
        };
        children.into_iter().filter(is_decoder).collect()
    }

    fn kill(pid: u32) {
        assert!(Command::new("kill").args(["-KILL", &pid.to_string()]).status().unwrap().success());
    }

    #[test]
    fn killed_decoder_costs_under_a_second_of_picture() {
        let folder = tempdir().unwrap();
        let stats = folder.path().join("bob.json");
        let media = ["--camera", "test", "--size", "320x180", "--fps", "20"];
        let mut ann = Peer::start(&["create"], "Ann", &media);
        let invitation = ann.invitation();
        let own = [&media[..], &["--stats", stats.to_str().unwrap()]].concat();
        let bob = Peer::start(&["join", &invitation], "Bob", &own);
        thread::sleep(Duration::from_secs(6));
        let decoders = decoders_of(bob.0.id());
        assert_eq!(decoders.len(), 1, "one process decodes all streams of a call");
        let status = fs::read_to_string(format!("/proc/{}/status", decoders[0])).unwrap();
        for held in ["NoNewPrivs:\t1", "Seccomp:\t2", "Threads:\t1"] {
            assert!(status.contains(held), "{held} is not in {status}");
        }
        kill(decoders[0]);
        thread::sleep(Duration::from_secs(4));
        assert_eq!(decoders_of(bob.0.id()).len(), 1, "it is started again");
        bob.end();
        let figures: serde_json::Value = serde_json::from_slice(&fs::read(&stats).unwrap()).unwrap();
        assert_eq!((figures["decoder"].as_str(), figures["decoder_ended"].as_u64()), (Some("sandboxed"), Some(1)));
        let video = &figures["participants"][0]["video"];
        assert!(video["longest_freeze_ms"].as_u64().unwrap() < 1_000, "{video}");
        assert!(video["frames"].as_u64().unwrap() > 100, "{video}");
    }

    #[test]
    fn decoder_process_refuses_crashes_and_begins_again() {
        let format = VideoFormat { width: 320, height: 180, fps: 25 };
        let mut encoder = VideoEncoder::new(format, 300).unwrap();
        let mut picture = Picture::black(320, 180);
        picture.y.iter_mut().enumerate().for_each(|(at, y)| *y = 50 + (at % 320 / 4) as u8);
        let units: Vec<_> = (0..4).map(|n| encoder.encode(&picture, Duration::from_millis(40) * n, n == 2)).collect();
        let units: Vec<_> = units.into_iter().map(|unit| unit.unwrap().unwrap().data).collect();

        let mut decoders = Decoders::new(DecoderHost::Process(PROGRAM.into()));
        let (one, two) = (Owner(1), Owner(2));
        for owner in [one, two] {
            decoders.add(Instant::now(), owner, false);
        }
        let mut seen = Picture::black(2, 2);
        let shown = |decoders: &mut Decoders, owner, unit: &[u8], seen: &mut Picture| {
            let shown = decoders.decode(Instant::now(), owner, false, unit, true)?.expect("a picture for every unit");
            assert_eq!(shown.size(), (320, 180));
            shown.copy_to(seen);
            Ok::<_, DecodeError>(())
        };
        shown(&mut decoders, one, &units[0], &mut seen).unwrap();
        assert!(psnr(&seen.y, &picture.y) > 34.0);
        shown(&mut decoders, one, &units[1], &mut seen).unwrap();
        assert_eq!(decoders.figures().sandboxed, Sandboxed::Yes);
        // One that nobody looks at is not brought here, and what follows it is as good as ever.
        let unseen = decoders.decode(Instant::now(), one, false, &units[2], false).unwrap().expect("a picture");
        assert_eq!(unseen.size(), (320, 180));
        unseen.copy_to(&mut seen);
        assert_eq!(seen, Picture::black(320, 180));
        shown(&mut decoders, one, &units[3], &mut seen).unwrap();
        assert!(psnr(&seen.y, &picture.y) > 34.0);
        // A stream knows nothing of another's.
        assert_eq!(shown(&mut decoders, two, &units[1], &mut seen), Err(DecodeError::NeedsKeyframe));
        assert_eq!(shown(&mut decoders, two, b"\0\0\x01\x67\x42", &mut seen), Err(DecodeError::Malformed));

        let own = std::process::id();
        let killed = *decoders_of(own).first().expect("a decoder runs");
        kill(killed);
        assert_eq!(shown(&mut decoders, one, &units[1], &mut seen), Err(DecodeError::NeedsKeyframe));
        assert_eq!(decoders.figures().ended, 1);
        shown(&mut decoders, one, &units[2], &mut seen).unwrap();
        shown(&mut decoders, two, &units[0], &mut seen).unwrap();

        // The same member's picture once more: theirs rest, the others' go on.
        kill(*decoders_of(own).iter().find(|&&pid| pid != killed).expect("a decoder runs"));
        assert_eq!(shown(&mut decoders, one, &units[2], &mut seen), Err(DecodeError::NeedsKeyframe));
        assert_eq!(shown(&mut decoders, one, &units[2], &mut seen), Err(DecodeError::Unavailable));
        shown(&mut decoders, two, &units[0], &mut seen).unwrap();
        for owner in [one, two] {
            decoders.remove(owner, false);
        }
    }
}
