//! People for the tests: real engines with real sockets on loopback.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use engine::{
    Engine,
    api::{CameraChoice, EndedBecause, Event, MediaSettings, MemberId, MicrophoneChoice, Network, Settings, Wish},
    invitation::Invitation,
    stats::Stats,
};

pub struct Someone {
    pub engine: Engine,
    pub said: Vec<(String, String)>,
    pub invitation: Option<Invitation>,
    pub names: BTreeMap<MemberId, String>,
    pub stats: Stats,
    pub ended: Option<EndedBecause>,
}

impl Someone {
    pub fn start(name: &str, size: (u32, u32)) -> Self {
        let media = MediaSettings {
            camera: CameraChoice::Test,
            microphone: MicrophoneChoice::Test,
            width: size.0,
            height: size.1,
            fps: 25,
            video_kbps: 300,
            ..MediaSettings::default()
        };
        let settings = Settings { name: name.into(), network: Network::Local, media, wake: Arc::new(|| {}) };
        Self {
            engine: Engine::start(settings).expect("the engine starts"),
            said: Vec::new(),
            invitation: None,
            names: BTreeMap::new(),
            stats: Stats::default(),
            ended: None,
        }
    }

    pub fn create(name: &str, title: &str) -> Self {
        let mut host = Self::start(name, (320, 180));
        host.engine.wish(Wish::Create { title: title.into() });
        host.engine.wish(Wish::Invite);
        until(&mut [&mut host], |people| people[0].invitation.is_some());
        host
    }

    pub fn join(name: &str, invitation: &Invitation) -> Self {
        let someone = Self::start(name, (320, 180));
        someone.engine.wish(Wish::Join { invitation: invitation.clone() });
        someone
    }

    pub fn member(&self, name: &str) -> Option<MemberId> {
        self.names.iter().find(|(_, known)| *known == name).map(|(member, _)| *member)
    }

    pub fn frames_of(&self, name: &str) -> u64 {
        self.stats.participants.iter().find(|p| p.name == name).map_or(0, |p| p.video.frames)
    }

    fn listen(&mut self) {
        while let Some(event) = self.engine.next_event() {
            match event {
                Event::InvitationReady(invitation) => self.invitation = Some(invitation),
                Event::Joined { member, name } => {
                    self.names.insert(member, name);
                }
                Event::Left { member, .. } => {
                    self.names.remove(&member);
                }
                Event::Said { name, text, mine: false, .. } => self.said.push((name, text)),
                Event::Figures(stats) => self.stats = stats,
                Event::Ended(why) => self.ended = Some(why),
                _ => {}
            }
        }
    }
}

/// Lets everybody live until `done`; a generous limit of time says that it will never be.
pub fn until(people: &mut [&mut Someone], mut done: impl FnMut(&[&mut Someone]) -> bool) {
    let limit = Instant::now() + Duration::from_secs(60);
    loop {
        for someone in people.iter_mut() {
            someone.listen();
        }
        if done(people) {
            return;
        }
        assert!(Instant::now() < limit, "it did not happen within a minute");
        std::thread::sleep(Duration::from_millis(10));
    }
}
