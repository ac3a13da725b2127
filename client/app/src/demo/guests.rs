//! Simulated guests for the demo: full peers with their own engine, keys and sockets on loopback.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use engine::{
    Engine, StartError,
    api::{
        CameraChoice, Event, MediaSettings, MicrophoneChoice, Network, NetworkSettings, RoomEvent, RoomWish, Settings,
        SpeakerChoice, Wish,
    },
    invitation::Invitation,
};

use crate::engine::door::Company;

const NAMES: [&str; 3] = ["Bea", "Cyril", "Dr. Mbaye"];

/// What a guest says, so long after they came in.
const LINES: [&[(u64, &str)]; 3] = [
    &[(1500, "Did everyone get the draft?"), (9000, "No server in the middle: nobody else can read this.")],
    &[(3000, "Oui, merci. Page 4 needs a second look, the dates don't match.")],
    &[(4500, "Reading it now 👍")],
];

/// Starts three guests that join the invitation's room. It takes a moment.
pub fn join(invitation: &Invitation) -> Result<Box<dyn Company>, StartError> {
    Ok(Box::new(Guests::join(invitation, &assets().join("demo"))?))
}

/// Three guests that stay in their room until they are dropped.
struct Guests {
    stop: Arc<AtomicBool>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Guests {
    /// `clips` holds `guest-N.h264` and `guest-N.wav`, N from 1 to 3. A guest whose clip is missing shows a test card.
    fn join(invitation: &Invitation, clips: &Path) -> Result<Self, StartError> {
        let mut guests = Self { stop: Arc::default(), threads: Vec::new() };
        for (n, name) in NAMES.iter().enumerate() {
            let engine = Engine::start(settings(name, clips, n + 1), None)?;
            engine.wish(Wish::Redeem { invitation: invitation.clone() });
            let stop = guests.stop.clone();
            let live = thread::Builder::new().name("guest".into()).spawn(move || live(engine, LINES[n], &stop));
            guests.threads.push(live.map_err(|_| StartError::System)?);
        }
        Ok(guests)
    }
}

impl Company for Guests {}

impl Drop for Guests {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn settings(name: &str, clips: &Path, number: usize) -> Settings {
    let file = |extension: &str| Some(clips.join(format!("guest-{number}.{extension}"))).filter(|p| p.exists());
    let media = MediaSettings {
        camera: file("h264").map_or(CameraChoice::Test, CameraChoice::Clip),
        microphone: file("wav").map_or(MicrophoneChoice::Test, MicrophoneChoice::Clip),
        speaker: SpeakerChoice::None,
        width: 640,
        height: 360,
        fps: 25,
        video_kbps: 600,
        ..MediaSettings::default()
    };
    Settings {
        name: name.to_owned(),
        network: NetworkSettings::of(Network::Local),
        media,
        post_quantum: true,
        wake: Arc::new(|| {}),
    }
}

fn live(mut engine: Engine, lines: &[(u64, &str)], stop: &AtomicBool) {
    let mut lines = lines.iter().peekable();
    let mut entered = None;
    while !stop.load(Relaxed) {
        match engine.wait_event(Duration::from_millis(100)) {
            Some(Event::Room { room, what: RoomEvent::Entered { .. } }) => entered = Some((room, Instant::now())),
            Some(Event::Room { what: RoomEvent::Over(_), .. }) => engine.wish(Wish::Stop),
            Some(Event::Ended(_)) => return,
            _ => {}
        }
        let due = |(after, _): &&(u64, &str)| {
            entered.is_some_and(|(_, at): (_, Instant)| at.elapsed() >= Duration::from_millis(*after))
        };
        if let Some((_, text)) = lines.next_if(due)
            && let Some((room, _)) = entered
        {
            engine.wish(Wish::InRoom { room, wish: RoomWish::Say((*text).to_owned()) });
        }
    }
}

/// The folder with the demo's clips: beside the binary, where packages put it, or in the source tree.
fn assets() -> PathBuf {
    let beside = std::env::current_exe().ok();
    let ancestors = beside.iter().flat_map(|binary| binary.ancestors().skip(1));
    ancestors
        .flat_map(|folder| [folder.join("assets"), folder.join("share/incamera")])
        .find(|folder| folder.join("demo").is_dir())
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets"))
}
