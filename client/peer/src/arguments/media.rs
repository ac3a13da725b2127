//! Where the own picture and voice come from, how long, and what is written down.

use std::{path::PathBuf, str::FromStr, time::Duration};

use clap::Args;
use engine::api::{CameraChoice, MediaSettings, MicrophoneChoice, Region, ScreenSource, SpeakerChoice};

use media::decode::process::DecoderHost;

use super::Switch;

#[derive(Args, Clone)]
pub struct Media {
    /// The camera: test, none, a .y4m or .h264 file, or a device.
    #[arg(long, default_value = "none", value_name = "SOURCE")]
    camera: Camera,
    /// The microphone: test, none, a .wav file, or a device.
    #[arg(long, default_value = "none", value_name = "SOURCE")]
    microphone: Microphone,
    /// The speaker: none, or a device.
    #[arg(long, default_value = "none", value_name = "SINK")]
    speaker: Speaker,
    /// Speech processing; by default on for devices and off for files.
    #[arg(long)]
    process: Option<Switch>,
    /// The size of your picture.
    #[arg(long, default_value = "640x360", value_name = "WxH")]
    size: Size,
    /// The most pictures per second.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=60))]
    fps: u32,
    /// The bit rate of your video.
    #[arg(long, default_value_t = 800, value_parser = clap::value_parser!(u32).range(30..=20_000))]
    video_kbps: u32,
    /// Share the screen in every call: test, x11, portal, region:WxH+X+Y or window:ID.
    #[arg(long, value_name = "WHAT")]
    share_screen: Option<Shared>,
    /// The most pictures of the screen per second.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=30))]
    screen_fps: u32,
    /// The bit rate of the screen.
    #[arg(long, default_value_t = 1500, value_parser = clap::value_parser!(u32).range(30..=20_000))]
    screen_kbps: u32,
    /// Leave after this many seconds; in a call, counted from when it is up.
    #[arg(long)]
    seconds: Option<f64>,
    /// Record every other participant to NAME.y4m, NAME-screen.y4m and NAME.wav in this folder.
    #[arg(long, value_name = "DIR")]
    pub record: Option<PathBuf>,
    /// Decode the others' video in this process, without a sandbox, to measure what the sandbox costs.
    #[arg(long)]
    decode_in_process: bool,
    /// Write the figures to this JSON file at the end.
    #[arg(long, value_name = "FILE")]
    pub stats: Option<PathBuf>,
}

impl Media {
    pub fn settings(&self) -> MediaSettings {
        MediaSettings {
            camera: self.camera.0.clone(),
            microphone: self.microphone.0.clone(),
            speaker: self.speaker.0.clone(),
            process: self.process.map(|switch| switch == Switch::On),
            suppress_noise: true,
            width: self.size.width,
            height: self.size.height,
            fps: self.fps,
            video_kbps: self.video_kbps,
            screen_fps: self.screen_fps,
            screen_kbps: self.screen_kbps,
            share: self.share_screen.as_ref().map(|shared| shared.0.clone()),
            record: self.record.clone(),
            decoder: match self.decode_in_process {
                true => DecoderHost::InProcess,
                false => DecoderHost::this_program(),
            },
        }
    }

    pub fn seconds(&self) -> Option<Duration> {
        // A negative or absurd time means what the nearest sensible one means.
        self.seconds.map(|s| Duration::try_from_secs_f64(s.max(0.0)).unwrap_or(Duration::MAX))
    }

    pub fn is_quiet(&self) -> bool {
        self.camera.0 == CameraChoice::None && self.microphone.0 == MicrophoneChoice::None
    }

    /// The same with a moving picture and a voice where none were chosen.
    pub fn with_test_sources(mut self) -> Self {
        if self.is_quiet() {
            (self.camera, self.microphone) = (Camera(CameraChoice::Test), Microphone(MicrophoneChoice::Test));
        }
        self
    }
}

#[derive(Clone)]
struct Camera(CameraChoice);

impl FromStr for Camera {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(match text {
            "none" => CameraChoice::None,
            "test" => CameraChoice::Test,
            file if has_extension(file, &["y4m", "h264"]) => CameraChoice::Clip(file.into()),
            path if is_no_device(path) => return Err("a clip for the camera is a .y4m or .h264 file"),
            device => CameraChoice::Device(device.to_owned()),
        }))
    }
}

#[derive(Clone)]
struct Microphone(MicrophoneChoice);

impl FromStr for Microphone {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(match text {
            "none" => MicrophoneChoice::None,
            "test" => MicrophoneChoice::Test,
            file if has_extension(file, &["wav"]) => MicrophoneChoice::Clip(file.into()),
            path if is_no_device(path) => return Err("a clip for the microphone is a .wav file"),
            device => MicrophoneChoice::Device(device.to_owned()),
        }))
    }
}

#[derive(Clone)]
struct Speaker(SpeakerChoice);

impl FromStr for Speaker {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(if text == "none" { SpeakerChoice::None } else { SpeakerChoice::Device(text.to_owned()) }))
    }
}

/// Whether it is the path of something that is there and no device.
fn is_no_device(path: &str) -> bool {
    std::fs::metadata(path).is_ok_and(|there| there.is_file() || there.is_dir())
}

fn has_extension(file: &str, extensions: &[&str]) -> bool {
    let extension = std::path::Path::new(file).extension();
    extension.is_some_and(|e| extensions.iter().any(|known| e.eq_ignore_ascii_case(known)))
}

#[derive(Clone)]
struct Shared(ScreenSource);

impl FromStr for Shared {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str =
            "test, x11, portal, region:WxH+X+Y as in region:640x480+100+0, or window:ID as xwininfo shows it";
        Ok(Self(match text.split_once(':') {
            None if text == "test" => ScreenSource::Test,
            None if text == "x11" => ScreenSource::Whole,
            None if text == "portal" => ScreenSource::Portal,
            Some(("region", place)) => ScreenSource::Region(region(place).ok_or(WRONG)?),
            Some(("window", id)) => {
                let id = id.strip_prefix("0x").map_or_else(|| id.parse(), |hex| u32::from_str_radix(hex, 16));
                ScreenSource::Window(id.map_err(|_| WRONG)?)
            }
            _ => return Err(WRONG),
        }))
    }
}

/// As X11 writes places.
fn region(text: &str) -> Option<Region> {
    let (width, rest) = text.split_once('x')?;
    let (height, place) = rest.split_once('+')?;
    let (x, y) = place.split_once('+')?;
    let (width, height) = (width.parse().ok()?, height.parse().ok()?);
    Some(Region { x: x.parse().ok()?, y: y.parse().ok()?, width, height })
}

#[derive(Clone, Copy)]
struct Size {
    width: u32,
    height: u32,
}

impl FromStr for Size {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str =
            "a size is WIDTHxHEIGHT in even numbers from 16x16 to 3840x2160, either way round, like 640x360";
        let (width, height) = text.split_once('x').ok_or(WRONG)?;
        let side = |text: &str| text.parse().ok().filter(|n: &u32| *n >= 16 && n.is_multiple_of(2)).ok_or(WRONG);
        let (width, height) = (side(width)?, side(height)?);
        // What the encoder takes.
        let fits = width.max(height) <= 3840 && width.min(height) <= 2160;
        if fits { Ok(Self { width, height }) } else { Err(WRONG) }
    }
}
