//! H.264 in: decodes access units, and after a loss waits for the next keyframe instead of showing rubble.

pub(crate) mod nal;
mod sps;

use openh264::OpenH264API;
use openh264::decoder::{DecodedYUV, Decoder, DecoderConfig, Flush};
use openh264::formats::YUVSource;

use crate::picture::Picture;
pub use sps::MAX_SIDE;

/// The longest access unit a decoder looks at, in bytes.
pub const MAX_ACCESS_UNIT: usize = 4 << 20;

/// Why there is no picture. After each of these the next one can only come from a keyframe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Nothing came yet to start from, or something before this was lost. Ask the sender for a keyframe.
    #[error("waiting for a keyframe")]
    NeedsKeyframe,
    /// Not H.264 as we speak it: a kind of unit nobody sends, or parameter sets that make no sense.
    #[error("not H.264 of the kind used here")]
    Malformed,
    #[error("the picture or the memory it asks for is too large")]
    TooLarge,
    #[error("the H.264 decoder failed")]
    Codec,
}

/// An H.264 decoder for one stream.
#[derive(Default)]
pub struct VideoDecoder {
    decoder: Option<Decoder>,
    /// A decoder that has seen an error is never trusted again: the next keyframe starts a new one.
    trusted: bool,
}

impl VideoDecoder {
    pub fn new() -> Self {
        Self::default()
    }

    /// Decodes one access unit (Annex B). `None`: the unit was sound and held no picture.
    pub fn decode(&mut self, data: &[u8]) -> Result<Option<PictureView<'_>>, DecodeError> {
        let keyframe = check(data).inspect_err(|_| self.trusted = false)?;
        if !self.trusted {
            if !keyframe {
                return Err(DecodeError::NeedsKeyframe);
            }
            self.decoder = Some(start()?);
            self.trusted = true;
        }
        let decoder = self.decoder.as_mut().ok_or(DecodeError::NeedsKeyframe)?;
        match decoder.decode(data) {
            Ok(picture) => Ok(picture.map(PictureView)),
            Err(_) => {
                self.trusted = false;
                // OpenH264 tells a missing reference from a broken slice in no reliable way; the remedy is one.
                Err(if keyframe { DecodeError::Codec } else { DecodeError::NeedsKeyframe })
            }
        }
    }
}

/// The moment of one decode: planes in the decoder's memory, rows `stride` bytes apart.
pub struct PictureView<'a>(DecodedYUV<'a>);

impl PictureView<'_> {
    /// In pixels.
    pub fn width(&self) -> u32 {
        self.0.dimensions().0 as u32
    }

    /// In pixels.
    pub fn height(&self) -> u32 {
        self.0.dimensions().1 as u32
    }

    pub fn y(&self) -> &[u8] {
        self.0.y()
    }

    pub fn u(&self) -> &[u8] {
        self.0.u()
    }

    pub fn v(&self) -> &[u8] {
        self.0.v()
    }

    /// Bytes from row to row, of the luma plane and of each chroma plane.
    pub fn strides(&self) -> (usize, usize) {
        let (y, u, _) = self.0.strides();
        (y, u)
    }

    /// Packs the planes tightly into `picture`, whose memory is used again where the size is the same.
    pub fn copy_to(&self, picture: &mut Picture) {
        // Cropping in 4:2:0 goes by pairs of pixels, so the sizes are even; this holds whatever the codec says.
        picture.width = self.width() & !1;
        picture.height = self.height() & !1;
        let (width, height) = (picture.width as usize, picture.height as usize);
        let (luma, chroma) = self.strides();
        pack(&mut picture.y, self.y(), luma, width, height);
        pack(&mut picture.u, self.u(), chroma, width / 2, height / 2);
        pack(&mut picture.v, self.v(), chroma, width / 2, height / 2);
    }
}

impl std::fmt::Debug for PictureView<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PictureView({}x{})", self.width(), self.height())
    }
}

fn pack(packed: &mut Vec<u8>, plane: &[u8], stride: usize, width: usize, height: usize) {
    packed.clear();
    packed.reserve_exact(width * height);
    for row in plane.chunks(stride.max(1)).take(height) {
        packed.extend_from_slice(&row[..width]);
    }
}

fn start() -> Result<Decoder, DecodeError> {
    // Pictures come out as they go in: there are no B pictures to wait for.
    let config = DecoderConfig::new().debug(false).flush_after_decode(Flush::NoFlush);
    Decoder::with_api_config(OpenH264API::from_source(), config).map_err(|_| DecodeError::Codec)
}

/// Refuses what the codec has no need to see; tells whether the unit can start a stream: an IDR with its parameter sets.
fn check(data: &[u8]) -> Result<bool, DecodeError> {
    if data.len() > MAX_ACCESS_UNIT {
        return Err(DecodeError::TooLarge);
    }
    let (mut idr, mut sps, mut pps, mut any) = (false, false, false, false);
    for unit in nal::units(data) {
        any = true;
        match unit.kind() {
            nal::IDR_SLICE => idr = true,
            nal::SPS => {
                sps::check(unit.bytes)?;
                sps = true;
            }
            nal::PPS => pps = true,
            nal::SLICE | nal::SEI | nal::DELIMITER | nal::FILLER => {}
            _ => return Err(DecodeError::Malformed),
        }
    }
    if any { Ok(idr && sps && pps) } else { Err(DecodeError::Malformed) }
}
