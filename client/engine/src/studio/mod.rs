//! The studio: the threads between devices and codecs of one person.
//!
//! Each thread owns its devices and codecs; frames pass through bounded queues, and what is too late is dropped.

mod camera;
#[cfg(feature = "hostile")]
mod hostile;
mod lips;
mod microphone;
mod playing;
mod pressure;
mod recording;
mod recordings;
mod screen;
mod sharing;
mod turns;
mod views;
mod voices;
mod watching;

use std::{
    sync::Arc,
    time::{Instant, SystemTime},
};

use group_crypto::MemberId;
use media::{EncodedFrame, FrameClock, Ladder, Layer, Stream, capture::VideoFormat, repair::VoiceSettings};
use tokio::sync::mpsc;

use crate::{
    api::{CameraChoice, MediaSettings, MicrophoneChoice, ScreenSource, SpeakerChoice, Trouble},
    pictures::Pictures,
};
pub(crate) use camera::CameraThread;
#[cfg(feature = "hostile")]
pub use hostile::Acts;
use lips::Lips;
pub(crate) use microphone::MicrophoneThread;
pub(crate) use playing::Playing;
pub(crate) use pressure::{Pressure, Waits};
pub(crate) use recordings::Recordings;
pub(crate) use screen::Screen;
pub(crate) use sharing::SharingThread;
use turns::Pushed;

/// What the studio's threads tell the engine.
pub(crate) enum StudioEvent {
    Frame(EncodedFrame),
    /// One picture of our camera, in each of the layers that are wanted.
    Pictures(Vec<(Layer, EncodedFrame)>),
    PictureBroken(MemberId, Stream),
    /// To decode a member's camera, whose pictures have so many lines, takes more than one stream's share of this machine.
    PictureTakesTooMuch {
        member: MemberId,
        lines: u32,
    },
    FirstPicture(MemberId),
    Speaking {
        member: MemberId,
        speaking: bool,
    },
    MicrophoneLevel {
        level: f32,
        speaking: bool,
    },
    /// It vanished, and is looked for; or it is back.
    CameraLost(bool),
    SharingBegan,
    SharingEnded(Trouble),
    Trouble(Trouble),
    /// What the laboratory's hostile member does beside all that.
    #[cfg(feature = "hostile")]
    Act(crate::hostile::Act),
}

/// Events on their way to the engine; a frame beyond it is dropped, and video then begins anew with a keyframe.
const EVENTS: usize = 256;

pub(crate) type Channel = (mpsc::Sender<StudioEvent>, mpsc::Receiver<StudioEvent>);

/// By which the studio's threads tell the engine.
pub(crate) fn channel() -> Channel {
    mpsc::channel(EVENTS)
}

/// Everything a person sees, hears and speaks with.
pub(crate) struct Studio {
    pub settings: MediaSettings,
    pub clock: FrameClock,
    /// Tells test cards and test melodies of different people apart.
    seed: u32,
    events: mpsc::Sender<StudioEvent>,
    pictures: Pictures,
    pub camera: Option<CameraThread>,
    pub microphone: Option<MicrophoneThread>,
    sharing: Option<SharingThread>,
    pub screen: Screen,
    pub playing: Playing,
    /// Frames are encoded, not only shown.
    sending: bool,
    /// The layers that somebody wants, with their rates.
    layers: [Option<u32>; Layer::COUNT],
    /// The rate at which somebody wants what is shared.
    sharing_kbps: Option<u32>,
    voice: VoiceSettings,
}

impl Studio {
    /// Devices stay closed until [`Self::wake`].
    pub fn open(settings: MediaSettings, seed: u32, events: mpsc::Sender<StudioEvent>, pictures: Pictures) -> Self {
        let clock = FrameClock::new(Instant::now(), SystemTime::now());
        let record = settings.record.clone().map(|directory| Arc::new(Recordings::new(directory, &settings)));
        let lips = Lips::default();
        let screen = Screen::start(
            clock,
            settings.decoder.clone(),
            record.clone(),
            events.clone(),
            pictures.clone(),
            lips.clone(),
        );
        let playing = Playing::start(clock, record, SpeakerChoice::None, events.clone(), lips);
        Self {
            settings,
            clock,
            seed,
            events,
            pictures,
            camera: None,
            microphone: None,
            sharing: None,
            screen,
            playing,
            sending: false,
            layers: [None; Layer::COUNT],
            sharing_kbps: None,
            voice: VoiceSettings::default(),
        }
    }

    /// Opens the chosen devices, those that are on.
    pub fn wake(&mut self, camera_on: bool, microphone_on: bool) {
        self.playing.use_speaker(self.settings.speaker.clone());
        if self.camera.is_none() {
            self.use_camera(camera_on);
        }
        self.use_microphone(microphone_on);
    }

    /// Gives all devices back.
    pub fn sleep(&mut self) {
        self.send(false);
        (self.camera, self.microphone, self.sharing) = (None, None, None);
        self.pictures.forget(crate::pictures::Tile::Me);
        self.playing.use_speaker(SpeakerChoice::None);
    }

    /// From now on frames are encoded, or only shown.
    pub fn send(&mut self, sending: bool) {
        self.sending = sending;
        if let Some(camera) = &self.camera {
            camera.send(sending);
        }
        if let Some(microphone) = &self.microphone {
            microphone.send(sending);
        }
    }

    pub fn choose_camera(&mut self, choice: CameraChoice, used: bool) {
        self.settings.camera = choice;
        self.use_camera(used);
    }

    /// Off gives the device back, so that its light goes out.
    pub fn use_camera(&mut self, on: bool) {
        self.camera = None;
        self.pictures.forget(crate::pictures::Tile::Me);
        if on && self.settings.camera != CameraChoice::None {
            let camera =
                CameraThread::start(&self.settings, self.seed, self.clock, self.events.clone(), self.pictures.clone());
            camera.send(self.sending);
            camera.layers(self.layers);
            self.camera = Some(camera);
        }
    }

    pub fn forget_own_picture(&self) {
        self.pictures.forget(crate::pictures::Tile::Me);
    }

    pub fn choose_microphone(&mut self, choice: MicrophoneChoice, used: bool) {
        self.settings.microphone = choice;
        self.microphone = None;
        if used {
            self.use_microphone(true);
        }
    }

    /// Muted, a microphone stays open: speaking again must not cost a word.
    pub fn use_microphone(&mut self, on: bool) {
        if on && self.microphone.is_none() && self.settings.microphone != MicrophoneChoice::None {
            let far_end = self.playing.far_end();
            let (clock, events) = (self.clock, self.events.clone());
            let microphone = MicrophoneThread::start(&self.settings, self.seed, clock, self.voice, far_end, events);
            microphone.send(self.sending);
            self.microphone = Some(microphone);
        }
        if let Some(microphone) = &self.microphone {
            microphone.mute(!on);
        }
    }

    pub fn suppress_noise(&mut self, on: bool) {
        self.settings.suppress_noise = on;
        if let Some(microphone) = &self.microphone {
            microphone.suppress_noise(on);
        }
    }

    /// What the paths to all participants leave for our voice.
    pub fn use_voice(&mut self, voice: VoiceSettings) {
        self.voice = voice;
        if let Some(microphone) = &self.microphone {
            microphone.use_voice(voice);
        }
    }

    pub fn choose_speaker(&mut self, choice: SpeakerChoice, awake: bool) {
        self.settings.speaker = choice.clone();
        if awake {
            self.playing.use_speaker(choice);
        }
    }

    /// Ends all threads and waits until the recordings are finished.
    pub fn stop(&mut self) {
        (self.camera, self.microphone, self.sharing) = (None, None, None);
        self.screen.stop();
        self.playing.stop();
    }

    /// The layers that a camera has.
    pub fn ladder(&self) -> Ladder {
        Ladder::new(format(&self.settings), self.settings.video_kbps)
    }

    /// Which layers of the camera are wanted, and at which rate in kilobits per second.
    pub fn layers(&mut self, rates: [Option<u32>; Layer::COUNT]) {
        self.layers = rates;
        if let Some(camera) = &self.camera {
            camera.layers(rates);
        }
    }

    pub fn share(&mut self, source: ScreenSource) {
        let thread = SharingThread::start(source, &self.settings, self.clock, self.events.clone());
        thread.rate(self.sharing_kbps);
        self.sharing = Some(thread);
    }

    pub fn stop_sharing(&mut self) {
        self.sharing = None;
    }

    pub fn is_sharing(&self) -> bool {
        self.sharing.is_some()
    }

    /// The rate at which the screen is wanted, in kilobits per second.
    pub fn share_at(&mut self, kbps: Option<u32>) {
        self.sharing_kbps = kbps;
        if let Some(sharing) = &self.sharing {
            sharing.rate(kbps);
        }
    }

    pub fn screen_keyframe(&self) {
        if let Some(sharing) = &self.sharing {
            sharing.keyframe();
        }
    }

    pub fn keyframe(&self, layer: Layer) {
        if let Some(camera) = &self.camera {
            camera.keyframe(layer);
        }
    }
}

/// What cameras are asked for.
fn format(settings: &MediaSettings) -> VideoFormat {
    VideoFormat { width: settings.width, height: settings.height, fps: settings.fps }
}
