//! A whole mesh by its size: complete people over real loopback UDP, against the bare codecs of the same pictures.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use benches::{measuring, median};
use engine::{
    Engine,
    api::{
        CameraChoice, Event, MediaSettings, MicrophoneChoice, Network, NetworkSettings, RoomEvent, RoomKind, RoomWish,
        Settings, Terms, Wish,
    },
    stats::Stats,
};
use media::{
    Picture,
    capture::{self, CameraSource, VideoFormat},
    decode::{VideoDecoder, VoiceDecoder},
    encode::{VOICE_FRAME, VOICE_KBPS, VideoEncoder, VoiceEncoder},
};

const SIZES: [u32; 3] = [2, 4, 6];
const FORMAT: VideoFormat = VideoFormat { width: 640, height: 360, fps: 30 };
const KBPS: u32 = 500;
/// Everybody is there and has picked up speed by then.
const SETTLE: Duration = Duration::from_secs(4);
const MEASURE: Duration = Duration::from_secs(8);

fn main() {
    // As a test this would only hold up the others: the simulation and the socket tests cover it.
    if !measuring() {
        return;
    }
    let codecs = Codecs::measure();
    println!("\nmesh on loopback, test cards of 640x360 at 30 fps, {KBPS} kbps, for {} s:", MEASURE.as_secs());
    println!("  people  streams  slowest fps  freezes  worst p95  cores  against bare codecs");
    for size in SIZES {
        let measured = mesh(size);
        let bare = f64::from(size) * codecs.cores(size);
        println!(
            "  {size:>6}  {:>7}  {:>11.1}  {:>7}  {:>6.1} ms  {:>5.2}  {:>19.2}",
            measured.streams,
            measured.slowest_fps,
            measured.freezes,
            measured.worst_p95,
            measured.cores,
            measured.cores / bare,
        );
    }
    println!();
}

/// What the codecs alone take: pictures of the test camera, and a voice.
struct Codecs {
    video: Codec,
    voice: Codec,
}

/// Median times of one frame.
struct Codec {
    encode: Duration,
    decode: Duration,
}

impl Codecs {
    fn measure() -> Self {
        Self { video: video(), voice: voice() }
    }

    /// Cores that one of `size` people needs for codecs.
    fn cores(&self, size: u32) -> f64 {
        let load = |codec: &Codec, rate: u32| (codec.encode + codec.decode * (size - 1)) * rate;
        (load(&self.video, FORMAT.fps) + load(&self.voice, 50)).as_secs_f64()
    }
}

fn video() -> Codec {
    let mut camera = capture::open(&CameraSource::Test { seed: 1 }, FORMAT).expect("the test camera needs nothing");
    let pictures: Vec<_> = (0..3 * FORMAT.fps).map(|_| camera.next().expect("the test camera has no end")).collect();
    let mut encoder = VideoEncoder::new(FORMAT, KBPS).expect("a format that can be encoded");
    let (mut decoder, mut shown) = (VideoDecoder::new(), Picture::black(2, 2));
    let (mut encoding, mut decoding) = (Vec::new(), Vec::new());
    for frame in &pictures {
        let at = frame.captured - pictures[0].captured;
        let began = Instant::now();
        let unit = encoder.encode(&frame.picture, at, false);
        encoding.push(began.elapsed());
        let Some(unit) = unit.expect("a picture of the right size") else {
            continue;
        };
        let began = Instant::now();
        if let Some(view) = decoder.decode(&unit.data).expect("our own unit") {
            view.copy_to(&mut shown);
        }
        decoding.push(began.elapsed());
    }
    Codec { encode: median(encoding), decode: median(decoding) }
}

/// A tone that glides, so that no two frames are alike.
fn voice() -> Codec {
    let mut encoder = VoiceEncoder::new(VOICE_KBPS).expect("a rate that Opus has");
    let mut decoder = VoiceDecoder::new().expect("48 kHz mono");
    let (mut encoding, mut decoding) = (Vec::new(), Vec::new());
    for number in 0..500 {
        let frame = std::array::from_fn::<f32, VOICE_FRAME, _>(|at| {
            let t = (number * VOICE_FRAME + at) as f32 / 48_000.0;
            0.3 * (t * (900.0 + 200.0 * t.sin())).sin()
        });
        let began = Instant::now();
        let packet = encoder.encode(&frame).expect("20 ms of sound");
        encoding.push(began.elapsed());
        let Some(packet) = packet else {
            continue;
        };
        let began = Instant::now();
        decoder.decode(&packet).expect("our own packet");
        decoding.push(began.elapsed());
    }
    Codec { encode: median(encoding), decode: median(decoding) }
}

struct Measured {
    streams: usize,
    slowest_fps: f64,
    freezes: u64,
    worst_p95: f64,
    cores: f64,
}

fn mesh(size: u32) -> Measured {
    let mut people = vec![Person::start(1)];
    people[0].engine.wish(Wish::Found { title: "Bench".into(), kind: RoomKind::Ephemeral });
    let invitation = people[0].invitation();
    for number in 2..=size {
        let person = Person::start(number);
        person.engine.wish(Wish::Redeem { invitation: invitation.clone() });
        people.push(person);
    }
    let before = figures_after(&mut people, SETTLE);
    let after = figures_after(&mut people, MEASURE);
    let seconds = after[0].seconds - before[0].seconds;
    let mut measured = Measured {
        streams: 0,
        slowest_fps: f64::INFINITY,
        freezes: 0,
        worst_p95: 0.0,
        cores: (after[0].cpu_seconds - before[0].cpu_seconds) / seconds,
    };
    for (before, after) in before.iter().zip(&after) {
        let seconds = after.seconds - before.seconds;
        for participant in &after.participants {
            let earlier = before.participants.iter().find(|p| p.name == participant.name);
            let earlier = earlier.map(|p| p.video).unwrap_or_default();
            let video = &participant.video;
            measured.streams += 1;
            measured.slowest_fps = measured.slowest_fps.min((video.frames - earlier.frames) as f64 / seconds);
            measured.freezes += video.freezes - earlier.freezes;
            measured.worst_p95 = measured.worst_p95.max(video.latency_ms.p95);
        }
    }
    measured
}

/// Lets everybody live for so long; then the next figures of each.
fn figures_after(people: &mut [Person], time: Duration) -> Vec<Stats> {
    let until = Instant::now() + time;
    while Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
        for person in people.iter_mut() {
            while person.engine.next_event().is_some() {}
        }
    }
    people.iter_mut().map(Person::figures).collect()
}

struct Person {
    engine: Engine,
}

impl Person {
    fn start(number: u32) -> Self {
        let media = MediaSettings {
            camera: CameraChoice::Test,
            microphone: MicrophoneChoice::Test,
            width: FORMAT.width,
            height: FORMAT.height,
            fps: FORMAT.fps,
            video_kbps: KBPS,
            ..MediaSettings::default()
        };
        let settings = Settings {
            name: format!("Person {number}"),
            network: NetworkSettings::of(Network::Local),
            media,
            post_quantum: true,
            wake: Arc::new(|| {}),
        };
        Self { engine: Engine::start(settings, None).expect("loopback and threads") }
    }

    fn invitation(&mut self) -> engine::invitation::Invitation {
        self.wait(|engine, event| match event {
            Event::Room { room, what: RoomEvent::Entered { .. } } => {
                let terms = Terms { many: true, valid: None, waiting_room: false };
                engine.wish(Wish::InRoom { room, wish: RoomWish::Invite(terms) });
                None
            }
            Event::Room { what: RoomEvent::InvitationReady { invitation, .. }, .. } => Some(invitation),
            _ => None,
        })
    }

    fn figures(&mut self) -> Stats {
        self.wait(|_, event| match event {
            Event::Figures(stats) => Some(stats),
            _ => None,
        })
    }

    fn wait<T>(&mut self, mut wanted: impl FnMut(&Engine, Event) -> Option<T>) -> T {
        let until = Instant::now() + Duration::from_secs(15);
        while Instant::now() < until {
            if let Some(event) = self.engine.wait_event(Duration::from_millis(100))
                && let Some(found) = wanted(&self.engine, event)
            {
                return found;
            }
        }
        panic!("the engine does not answer");
    }
}
