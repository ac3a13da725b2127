//! What a camera's bytes cost to become pictures, for whoever measures it without a camera.

use nokhwa::utils::FrameFormat;

use super::{Scaler, colour};
use crate::picture::Picture;

/// The formats of cameras that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RawFormat {
    Nv12,
    Yuyv,
    Mjpeg,
}

/// Does to a camera's buffers what is done to those of an open one.
pub struct RawConverter {
    colours: colour::Converter,
    native: Picture,
    scaler: Scaler,
}

impl RawConverter {
    pub fn new() -> Self {
        Self { colours: colour::Converter::default(), native: Picture::black(2, 2), scaler: Scaler::new() }
    }

    /// A buffer as a picture of its own size; `None` if it is broken.
    pub fn convert(&mut self, format: RawFormat, data: &[u8], size: (u32, u32)) -> Option<&Picture> {
        let format = match format {
            RawFormat::Nv12 => FrameFormat::NV12,
            RawFormat::Yuyv => FrameFormat::YUYV,
            RawFormat::Mjpeg => FrameFormat::MJPEG,
        };
        self.colours.convert(format, data, size, &mut self.native)?;
        Some(&self.native)
    }

    /// Fills `to` with the middle of `from`; `None` if the planes are not as large as they claim.
    pub fn scale(&mut self, from: &Picture, to: &mut Picture) -> Option<()> {
        self.scaler.fill(from.into(), to)
    }
}

impl Default for RawConverter {
    fn default() -> Self {
        Self::new()
    }
}
