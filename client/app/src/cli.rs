//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use engine::api::{CameraChoice, MediaSettings, MicrophoneChoice, Network, SpeakerChoice};

/// A room behind closed doors: see, hear and write to the people you choose.
#[derive(Parser)]
#[command(name = "incamera", version)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub options: Options,
}

#[derive(Subcommand)]
pub enum Command {
    /// Open a live room with three simulated guests, on this machine alone.
    Demo {
        /// Whether the chat is open at first.
        #[arg(long, value_enum, default_value = "open")]
        chat: Chat,
    },
    /// Go to the lobby of the room that an invitation leads to.
    Join {
        /// The whole of it, `incamera://join#...`.
        invitation: String,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Chat {
    Open,
    Closed,
}

#[derive(Args)]
pub struct Options {
    /// Your name, as the others see it.
    #[arg(long, global = true)]
    pub name: Option<String>,
    /// Where packets may ever go; without it, what the profile says, and anywhere where it says nothing.
    #[arg(long, global = true, value_enum)]
    pub network: Option<Reach>,
    /// Where profiles are kept; without it, the system's place for such things.
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
    /// Open no profile: only rooms that leave nothing behind.
    #[arg(long, global = true)]
    pub keep_nothing: bool,
    #[arg(long, global = true, value_enum, default_value = "dark")]
    pub theme: Shade,
    /// The language of the window; without it, the system's.
    #[arg(long, global = true, value_enum)]
    pub language: Option<Tongue>,
    /// `test`, `none`, a .y4m or .h264 file, or a device; without it, the first device.
    #[arg(long, global = true, value_parser = camera)]
    pub camera: Option<CameraChoice>,
    /// `test`, `none`, a .wav file, or a device; without it, the first device.
    #[arg(long, global = true, value_parser = microphone)]
    pub microphone: Option<MicrophoneChoice>,
    /// `none` or a device; without it, the first device.
    #[arg(long, global = true, value_parser = speaker)]
    pub speaker: Option<SpeakerChoice>,
    /// Save the window's picture to this PNG file and exit.
    #[arg(long, global = true, value_name = "FILE.png")]
    pub screenshot: Option<PathBuf>,
    /// How long the window runs before its picture is taken.
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 3.0)]
    pub after: f32,
    /// The screen to begin with.
    #[arg(long, global = true, value_enum, default_value = "start")]
    pub screen: First,
    /// Fill the window with one of the scenes that pictures are taken of.
    #[cfg(feature = "scenes")]
    #[arg(long, global = true, value_enum)]
    pub scene: Option<crate::scene::Scene>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Reach {
    /// Loopback only.
    Local,
    /// The networks that this machine's own interfaces are on.
    Lan,
    /// Anywhere.
    Internet,
}

impl From<Reach> for Network {
    fn from(reach: Reach) -> Self {
        match reach {
            Reach::Local => Network::Local,
            Reach::Lan => Network::Lan,
            Reach::Internet => Network::Internet,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Shade {
    Dark,
    Light,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Tongue {
    En,
    Fr,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum First {
    Start,
    Lobby,
    Room,
}

/// How large and how fast the own picture is, and how many bits a second it may take.
pub fn media(camera: CameraChoice, microphone: MicrophoneChoice, speaker: SpeakerChoice) -> MediaSettings {
    MediaSettings { camera, microphone, speaker, ..MediaSettings::default() }
}

fn camera(text: &str) -> Result<CameraChoice, String> {
    Ok(match text {
        "none" => CameraChoice::None,
        "test" => CameraChoice::Test,
        file if file.ends_with(".y4m") || file.ends_with(".h264") => CameraChoice::Clip(PathBuf::from(file)),
        device => CameraChoice::Device(device.to_owned()),
    })
}

fn microphone(text: &str) -> Result<MicrophoneChoice, String> {
    Ok(match text {
        "none" => MicrophoneChoice::None,
        "test" => MicrophoneChoice::Test,
        file if file.ends_with(".wav") => MicrophoneChoice::Clip(PathBuf::from(file)),
        device => MicrophoneChoice::Device(device.to_owned()),
    })
}

fn speaker(text: &str) -> Result<SpeakerChoice, String> {
    Ok(match text {
        "none" => SpeakerChoice::None,
        device => SpeakerChoice::Device(device.to_owned()),
    })
}
