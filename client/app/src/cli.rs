//! The command line.

use std::{
    fmt,
    io::BufRead,
    path::{Path, PathBuf},
};

use clap::{Args, Parser, Subcommand, ValueEnum};
use engine::{
    api::{CameraChoice, MediaSettings, MicrophoneChoice, SpeakerChoice},
    invitation::{Invitation, InvitationError, MAX_TEXT},
    qr::{self, QrError},
};

use crate::{
    features::network::Reach,
    ui::{theme::Shade, words::Tongue},
};

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
    /// Open a live room with three simulated guests, on this machine only.
    Demo {
        /// Whether the chat is open at the start.
        #[arg(long, value_enum, default_value = "open")]
        chat: Chat,
    },
    /// Open the lobby of the room that an invitation leads to.
    Join {
        /// A picture of its QR code, or - for a line of stdin. The link itself is refused: other users of this computer
        /// can read the command line.
        invitation: String,
    },
}

/// Why the invitation that the command line names cannot be used. Says nothing of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unusable {
    OnTheCommandLine,
    Stdin,
    File(&'static str),
    Invitation(InvitationError),
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnTheCommandLine => f.write_str(
                "other users of this computer can read the command line: give the invitation as a line of stdin with \
                 `incamera join -`, as a picture file, or paste it in the window",
            ),
            Self::Stdin => f.write_str("stdin cannot be read"),
            Self::File(why) => f.write_str(why),
            Self::Invitation(why) => why.fmt(f),
        }
    }
}

/// The invitation that the command line names: a line of stdin, or a picture file. A link on the command line itself is
/// refused.
pub fn invitation(given: &str, stdin: impl BufRead) -> Result<Invitation, Unusable> {
    const SCHEME: &str = "incamera:";
    let link = given.trim();
    if link.get(..SCHEME.len()).is_some_and(|start| start.eq_ignore_ascii_case(SCHEME)) {
        return Err(Unusable::OnTheCommandLine);
    }
    let text = if given == "-" {
        let mut line = String::new();
        // Twice as much as any invitation: spaces are forgiven.
        stdin.take(2 * MAX_TEXT as u64).read_line(&mut line).map_err(|_| Unusable::Stdin)?;
        line
    } else {
        qr::read_file(Path::new(given)).map_err(|why| {
            Unusable::File(match why {
                QrError::Unreadable(_) => "the file cannot be read",
                QrError::NotAPicture => "the file is not a PNG or JPEG picture, or it is damaged",
                QrError::TooLarge => "the picture is too large",
                _ => "there is no readable code in the picture",
            })
        })?
    };
    text.trim().parse().map_err(Unusable::Invitation)
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
    /// Where packets may go; by default what the profile says, or else anywhere.
    #[arg(long, global = true, value_enum)]
    pub network: Option<Reach>,
    /// The folder with all profiles; by default where the system keeps such data.
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
    /// Open no profile: use only rooms that leave nothing behind.
    #[arg(long, global = true)]
    pub keep_nothing: bool,
    #[arg(long, global = true, value_enum, default_value = "dark")]
    pub theme: Shade,
    /// The language of the window; by default the system's.
    #[arg(long, global = true, value_enum)]
    pub language: Option<Tongue>,
    /// `test`, `none`, a .y4m or .h264 file, or a device; by default the first device.
    #[arg(long, global = true, value_parser = camera)]
    pub camera: Option<CameraChoice>,
    /// `test`, `none`, a .wav file, or a device; by default the first device.
    #[arg(long, global = true, value_parser = microphone)]
    pub microphone: Option<MicrophoneChoice>,
    /// `none` or a device; by default the first device.
    #[arg(long, global = true, value_parser = speaker)]
    pub speaker: Option<SpeakerChoice>,
    /// Save a picture of the window to this PNG file, and exit.
    #[arg(long, global = true, value_name = "FILE.png")]
    pub screenshot: Option<PathBuf>,
    /// How long the window runs before the picture is taken.
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 3.0)]
    pub after: f32,
    /// The screen to start with.
    #[arg(long, global = true, value_enum, default_value = "start")]
    pub screen: First,
    /// Fill the window with one of the scenes that pictures are taken of.
    #[cfg(feature = "scenes")]
    #[arg(long, global = true, value_enum)]
    pub scene: Option<crate::testing::scene::Scene>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::bench::LINKS;

    #[test]
    fn an_invitation_on_the_command_line_is_refused() {
        for given in [LINKS[0].to_owned(), format!(" {}", LINKS[1].to_uppercase()), "incamera:topsecret".into()] {
            let refused = invitation(&given, &b""[..]).err();
            assert_eq!(refused, Some(Unusable::OnTheCommandLine));
            assert!(!refused.is_some_and(|why| format!("{why} {why:?}").contains("topsecret")));
        }
    }

    #[test]
    fn an_invitation_comes_from_a_line_of_stdin() {
        let line = format!("  {}\nmore", LINKS[1]);
        assert!(invitation("-", line.as_bytes()).is_ok_and(|read| read.to_string() == LINKS[1]));
        let why = invitation("-", &b"topsecret"[..]).expect_err("no invitation");
        assert!(!format!("{why} {why:?}").contains("topsecret"));
    }

    #[test]
    fn argument_without_a_link_is_a_picture_file() {
        let refused = invitation("/nowhere/topsecret.png", &b""[..]).err();
        assert_eq!(refused, Some(Unusable::File("the file cannot be read")));
    }
}
