//! One whole room in this process: complete people over real loopback UDP, measured once everybody sees everybody.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use engine::{
    Engine,
    api::{
        CameraChoice, Event, MediaSettings, MicrophoneChoice, Network, NetworkSettings, RoomEvent, RoomKind, RoomWish,
        Settings, Terms, Wish,
    },
    stats::{Audio, Stats},
};
use media::capture::VideoFormat;

use crate::{Failed, report::Room};

/// So long everybody may take to see everybody; what is measured then is what there is.
const COMPLETE: Duration = Duration::from_secs(40);
/// Rates, estimates and the layer that the machine keeps up with have come to rest by then, and the figures' delays are of the
/// time after the beginning.
const SETTLE: Duration = Duration::from_secs(16);
/// How long an engine may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Lives in a room of `people`, and tells every so often what the time since was like.
pub fn live(
    people: u32,
    format: VideoFormat,
    kbps: u32,
    every: Duration,
    times: u32,
    mut tell: impl FnMut(Room),
) -> Result<(), Failed> {
    let began = Instant::now();
    let mut company = vec![Person::start(1, format, kbps)?];
    company[0].engine.wish(Wish::Found { title: "Bench".into(), kind: RoomKind::Ephemeral });
    let invitation = company[0].invitation()?;
    for number in 2..=people {
        let person = Person::start(number, format, kbps)?;
        person.engine.wish(Wish::Redeem { invitation: invitation.clone() });
        company.push(person);
    }
    let mut complete_after = COMPLETE;
    while began.elapsed() < COMPLETE {
        pass(&mut company, Duration::from_millis(200));
        if company.iter().all(|person| person.sees(people - 1)) {
            complete_after = began.elapsed();
            break;
        }
    }
    let mut before = after(&mut company, SETTLE)?;
    for _ in 0..times {
        let now = after(&mut company, every)?;
        let room = between(&before, &now, format);
        tell(Room { complete_after: complete_after.as_secs_f64(), kbps, ..room });
        before = now;
    }
    Ok(())
}

/// What happened from these figures of everybody to those, where pictures of this format were asked for.
fn between(before: &[Stats], after: &[Stats], format: VideoFormat) -> Room {
    let seconds = after[0].seconds - before[0].seconds;
    let (people, VideoFormat { width, height, .. }) = (after.len() as u32, format);
    let mut room = Room { people, width, height, seconds, ..Room::default() };
    room.quality.slowest_fps = f64::INFINITY;
    room.cores = (after[0].cpu_seconds - before[0].cpu_seconds) / seconds;
    room.rss_mb = memory_stats::memory_stats().map_or(0.0, |stats| stats.physical_mem as f64 / 1e6);
    let (mut medians, mut concealed, mut played, mut frames) = (Vec::new(), 0.0, 0.0, 0);
    for (before, after) in before.iter().zip(after) {
        for participant in &after.participants {
            let earlier = before.participants.iter().find(|p| p.name == participant.name);
            let (before_video, before_audio) = earlier.map(|p| (p.video, p.audio)).unwrap_or_default();
            let (video, audio) = (&participant.video, &participant.audio);
            let came = video.frames - before_video.frames;
            room.streams += usize::from(came > 0);
            room.whole += usize::from(came > 0 && (video.width, video.height) == (width, height));
            frames += came;
            room.quality.slowest_fps = room.quality.slowest_fps.min(came as f64 / (after.seconds - before.seconds));
            room.quality.freezes += video.freezes - before_video.freezes;
            room.quality.p95_ms = room.quality.p95_ms.max(video.latency_ms.p95);
            medians.push(video.latency_ms.p50);
            let made_up = |audio: &Audio| audio.concealed_ratio * audio.played_ms as f64;
            concealed += made_up(audio) - made_up(&before_audio);
            played += (audio.played_ms - before_audio.played_ms) as f64;
            room.quality.jitter_buffer_ms += audio.jitter_buffer_ms;
        }
    }
    let streams = medians.len().max(1);
    medians.sort_by(f64::total_cmp);
    room.quality.p50_ms = medians.get(streams / 2).copied().unwrap_or_default();
    room.quality.jitter_buffer_ms /= streams as f64;
    // Of figures that were rounded, a difference can be a little below nothing.
    room.quality.concealed = (concealed / f64::max(played, 1.0)).max(0.0);
    room.quality.mean_fps = frames as f64 / seconds / streams as f64;
    let expected = after.len() * (after.len() - 1);
    if medians.len() < expected {
        // Somebody has not even met somebody.
        room.quality.slowest_fps = 0.0;
    }
    room
}

/// Lets everybody live for so long; then the next figures of each.
fn after(company: &mut [Person], time: Duration) -> Result<Vec<Stats>, Failed> {
    pass(company, time);
    company.iter_mut().map(Person::next_figures).collect()
}

fn pass(company: &mut [Person], time: Duration) {
    let until = Instant::now() + time;
    while Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
        for person in company.iter_mut() {
            person.take_events();
        }
    }
}

struct Person {
    engine: Engine,
    figures: Stats,
}

impl Person {
    fn start(number: u32, format: VideoFormat, kbps: u32) -> Result<Self, Failed> {
        let media = MediaSettings {
            camera: CameraChoice::Test,
            microphone: MicrophoneChoice::Test,
            width: format.width,
            height: format.height,
            fps: format.fps,
            video_kbps: kbps,
            ..MediaSettings::default()
        };
        let settings = Settings {
            name: format!("Person {number}"),
            network: NetworkSettings::of(Network::Local),
            media,
            post_quantum: true,
            wake: Arc::new(|| {}),
        };
        let engine = Engine::start(settings, None).map_err(|why| Failed::Engine(why.to_string()))?;
        Ok(Self { engine, figures: Stats::default() })
    }

    fn take_events(&mut self) {
        while let Some(event) = self.engine.next_event() {
            if let Event::Figures(stats) = event {
                self.figures = stats;
            }
        }
    }

    fn sees(&self, others: u32) -> bool {
        let seen = self.figures.participants.iter().filter(|p| p.video.frames > 0).count();
        seen == others as usize
    }

    fn invitation(&mut self) -> Result<engine::invitation::Invitation, Failed> {
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

    fn next_figures(&mut self) -> Result<Stats, Failed> {
        self.wait(|_, event| match event {
            Event::Figures(stats) => Some(stats),
            _ => None,
        })
    }

    fn wait<T>(&mut self, mut wanted: impl FnMut(&Engine, Event) -> Option<T>) -> Result<T, Failed> {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if let Some(event) = self.engine.wait_event(Duration::from_millis(100))
                && let Some(found) = wanted(&self.engine, event)
            {
                return Ok(found);
            }
        }
        Err(Failed::Engine("it does not answer".into()))
    }
}
