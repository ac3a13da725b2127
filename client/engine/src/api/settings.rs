//! What a running profile is set to: network, devices, and where to call when something waits.

use std::{path::PathBuf, sync::Arc};

use media::decode::process::DecoderHost;

use super::ScreenSource;

/// Where packets may ever go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Network {
    /// Loopback only.
    Local,
    /// The networks that this machine's own interfaces are on.
    Lan,
    /// Anywhere.
    #[default]
    Internet,
}

#[derive(Clone, PartialEq, Eq)]
pub enum CameraChoice {
    None,
    /// A moving test card.
    Test,
    /// A YUV4MPEG2 file, looped in real time.
    Clip(PathBuf),
    /// A device by the id that [`crate::devices`] lists.
    Device(String),
}

#[derive(Clone, PartialEq, Eq)]
pub enum MicrophoneChoice {
    None,
    /// A quiet melody.
    Test,
    /// A WAV file, looped in real time.
    Clip(PathBuf),
    Device(String),
}

#[derive(Clone, PartialEq, Eq)]
pub enum SpeakerChoice {
    None,
    Device(String),
}

/// A device as lists show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Device {
    pub id: String,
    pub name: String,
}

/// How the own picture and voice are made.
#[derive(Clone)]
pub struct MediaSettings {
    pub camera: CameraChoice,
    pub microphone: MicrophoneChoice,
    pub speaker: SpeakerChoice,
    /// Echo cancellation, noise suppression and gain; `None`: on for devices, off for files.
    pub process: Option<bool>,
    /// Of these the noise suppression, as long as the profile says nothing else.
    pub suppress_noise: bool,
    pub width: u32,
    pub height: u32,
    pub fps: u32,
    pub video_kbps: u32,
    /// Pictures of a shared screen per second, at most, and their rate.
    pub screen_fps: u32,
    pub screen_kbps: u32,
    /// Shared from the beginning of every call, for programs without a window.
    pub share: Option<ScreenSource>,
    /// Where NAME.y4m and NAME.wav of every other participant go.
    pub record: Option<PathBuf>,
    /// Where what others send is decoded: a process of its own in programs that begin with
    /// [`media::decode::process::serve_if_asked`].
    pub decoder: DecoderHost,
}

impl Default for MediaSettings {
    fn default() -> Self {
        Self {
            camera: CameraChoice::None,
            microphone: MicrophoneChoice::None,
            speaker: SpeakerChoice::None,
            process: None,
            suppress_noise: true,
            width: 1280,
            height: 720,
            fps: 30,
            video_kbps: 1500,
            screen_fps: 5,
            screen_kbps: 1500,
            share: None,
            record: None,
            decoder: DecoderHost::this_program(),
        }
    }
}

/// Where packets may go, and by whose help people find and reach each other.
#[derive(Clone)]
pub struct NetworkSettings {
    pub network: Network,
    /// URLs of iroh relays, tried in order of nearness; a relay sees sealed bytes and addresses only.
    pub relays: Vec<String>,
    /// A root certificate (PEM) for own relays.
    pub relay_ca: Option<Vec<u8>>,
    /// `host:port` of nodes through which the DHT is entered; none: the DHT is off.
    pub dht_bootstrap: Vec<String>,
    /// Announce and look on the local network (mDNS).
    pub lan: bool,
    /// Only relayed links, no direct media: nobody we talk to learns our address.
    pub hide_address: bool,
}

impl Default for NetworkSettings {
    /// People's: the Internet, the public relays and DHT.
    fn default() -> Self {
        Self::of(Network::Internet)
    }
}

impl NetworkSettings {
    /// What `network` allows: relays and DHT only for the Internet, mDNS for it and the LAN.
    pub fn of(network: Network) -> Self {
        let internet = network == Network::Internet;
        Self {
            network,
            relays: if internet { crate::public::relays() } else { Vec::new() },
            relay_ca: None,
            dht_bootstrap: if internet { crate::public::bootstrap() } else { Vec::new() },
            lan: network != Network::Local,
            hide_address: false,
        }
    }
}

/// Everything one running profile needs.
#[derive(Clone)]
pub struct Settings {
    pub name: String,
    pub network: NetworkSettings,
    pub media: MediaSettings,
    /// Found rooms, and join them, with post-quantum keys: false stands for a program that has none.
    pub post_quantum: bool,
    /// Called from any thread when an event or a picture is waiting; must not block.
    pub wake: Arc<dyn Fn() + Send + Sync>,
}
