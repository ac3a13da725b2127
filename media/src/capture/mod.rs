//! Where pictures come from: a camera, a clip on disk, a test card, or a screen. Each blocks the thread that asks for its pictures.

mod test_card;

mod clip;
mod h264_clip;
mod y4m;
mod y4m_header;

mod colour;
mod device;
mod returning;

mod screen;

mod pace;
mod raw;
mod scale;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::picture::RawFrame;
pub use raw::{RawConverter, RawFormat};
use returning::Returning;
pub(crate) use scale::Scaler;
pub use screen::{MAX_SCREEN, Region, SCREEN_FPS, Screen, ScreenError, ScreenInfo, ScreenSource, open_screen, screens};

/// How often a camera that vanished is looked for.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The pictures somebody wants. Odd sizes are rounded down to even ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VideoFormat {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Pictures a second, at most.
    pub fps: u32,
}

impl VideoFormat {
    /// The format held within what can be encoded: even, 16x16 to 3840x2160 either way round, 1 to 120 pictures a second.
    fn sane(self) -> Self {
        let (widest, highest) = if self.width >= self.height { (3840, 2160) } else { (2160, 3840) };
        Self {
            width: self.width.clamp(16, widest) & !1,
            height: self.height.clamp(16, highest) & !1,
            fps: self.fps.clamp(1, 120),
        }
    }
}

/// What to open.
#[derive(Clone, PartialEq, Eq)]
pub enum CameraSource {
    /// A moving test card, different for every seed.
    Test { seed: u32 },
    /// A clip on disk, played in a loop: `.h264` (Annex B), anything else YUV4MPEG2.
    Clip(PathBuf),
    /// A camera, by the id in [`cameras`].
    Device(String),
}

impl std::fmt::Debug for CameraSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Paths and devices have people's names in them.
        f.write_str(match self {
            CameraSource::Test { .. } => "Test",
            CameraSource::Clip(_) => "Clip",
            CameraSource::Device(_) => "Device",
        })
    }
}

/// Why there are no pictures, or no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaptureError {
    /// The clip is not one. Retrying does not help before the file is another.
    #[error("the clip can't be read: {0}")]
    Unreadable(#[from] Unreadable),
    /// The camera is in use, may not be used, or offers nothing that we read. Retrying later may help.
    #[error("the camera can't be opened")]
    Unusable,
    /// The camera was there and is gone. Whoever goes on asking gets its pictures once it is back.
    #[error("the camera is gone")]
    Lost,
}

/// What is wrong with a clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("there is no such file")]
    NotFound,
    #[error("there is no permission to read the file")]
    NoAccess,
    #[error("the file is not a clip")]
    NotAClip,
    #[error("the clip is cut short")]
    CutShort,
    /// A clip, but of a kind that is not played.
    #[error("the clip has {0}, which is not supported")]
    Unsupported(&'static str),
}

impl From<std::io::Error> for Unreadable {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Unreadable::NotFound,
            std::io::ErrorKind::UnexpectedEof => Unreadable::CutShort,
            _ => Unreadable::NoAccess,
        }
    }
}

/// A source of pictures.
pub trait Camera: Send {
    /// Blocks until the next picture is due. A caller that comes late misses pictures; it never gets a burst of old ones.
    /// After [`CaptureError::Lost`] it looks for the camera again, about once a second and call; every other error is final.
    fn next(&mut self) -> Result<RawFrame, CaptureError>;
}

/// Opens a source whose pictures have the size of `format` and come at most as often.
pub fn open(source: &CameraSource, format: VideoFormat) -> Result<Box<dyn Camera>, CaptureError> {
    let format = format.sane();
    Ok(match source {
        CameraSource::Test { seed } => Box::new(test_card::TestCamera::new(*seed, format)),
        CameraSource::Clip(path) if is_h264(path) => Box::new(h264_clip::H264Clip::open(path, format)?),
        CameraSource::Clip(path) => Box::new(y4m::Y4mClip::open(path, format)?),
        CameraSource::Device(id) => {
            let mut device = device::Device::new(id, format);
            Box::new(Returning::open(move || device.open(), LOOK_AGAIN)?)
        }
    })
}

fn is_h264(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("h264"))
}

/// A camera that is there now.
#[derive(Clone, PartialEq, Eq)]
pub struct CameraInfo {
    /// For [`CameraSource::Device`].
    pub id: String,
    /// For people. The system's, so it may hold anything.
    pub name: String,
}

impl std::fmt::Debug for CameraInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CameraInfo")
    }
}

/// The cameras of this machine. None where there are none or the system does not say.
pub fn cameras() -> Vec<CameraInfo> {
    device::list()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_tells_nothing_about_its_owner() {
        let clip = CameraSource::Clip("holiday/ada.y4m".into());
        let device = CameraSource::Device("Ada's camera".into());
        assert_eq!(format!("{clip:?} {device:?}"), "Clip Device");
    }

    #[test]
    fn a_clip_that_is_not_there_is_said_to_be_so() {
        let format = VideoFormat { width: 64, height: 48, fps: 30 };
        for name in ["no such clip.y4m", "no such clip.h264"] {
            let opened = open(&CameraSource::Clip(name.into()), format);
            assert_eq!(opened.err(), Some(CaptureError::Unreadable(Unreadable::NotFound)));
        }
    }
}
