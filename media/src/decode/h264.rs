//! H.264 in: decodes access units, and after a loss waits for the next keyframe instead of showing rubble.

pub(crate) mod gate;
mod limit;
pub(crate) mod nal;
pub(crate) mod sps;

use openh264::OpenH264API;
use openh264::decoder::{DecodedYUV, Decoder, DecoderConfig, Flush};
use openh264::formats::YUVSource;

use crate::picture::Picture;
use gate::Gate;
pub use limit::{MAX_SIDE, PictureLimit};
use sps::Sequence;

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
    /// It ended, or this stream ended it too often: nothing is decoded for a while.
    #[error("the decoder is not running")]
    Unavailable,
    /// This machine does not let it run; no stream is to blame.
    #[error("the decoder cannot be started")]
    NotStarted,
}

/// An H.264 decoder for one stream.
pub struct VideoDecoder {
    gate: Gate,
    decoder: Option<Decoder>,
}

impl Default for VideoDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl VideoDecoder {
    /// A decoder for a file that the person chose. What others send is decoded [`Self::within`] a limit.
    pub fn new() -> Self {
        Self::within(PictureLimit::FILE)
    }

    /// A decoder that refuses pictures larger than `limit` before memory is reserved for them.
    pub fn within(limit: PictureLimit) -> Self {
        Self { gate: Gate::new(limit), decoder: None }
    }

    /// Decodes one access unit (Annex B). `None`: the unit was sound and held no picture.
    ///
    /// # Errors
    ///
    /// After any error the next picture can only come from a keyframe.
    pub fn decode(&mut self, data: &[u8]) -> Result<Option<PictureView<'_>>, DecodeError> {
        let admitted = self.gate.admit(data)?;
        if admitted.begins {
            self.decoder = Some(start().inspect_err(|_| self.gate.distrust())?);
        }
        let decoder = self.decoder.as_mut().ok_or(DecodeError::NeedsKeyframe)?;
        match decoder.decode(data) {
            Ok(None) => Ok(None),
            Ok(Some(picture)) if is_as_announced(&picture, &admitted.sequence) => Ok(Some(PictureView(picture))),
            Ok(Some(_)) => {
                self.gate.distrust();
                Err(DecodeError::Malformed)
            }
            Err(_) => {
                self.gate.distrust();
                // OpenH264 tells a missing reference from a broken slice in no reliable way; the remedy is one.
                Err(if admitted.keyframe { DecodeError::Codec } else { DecodeError::NeedsKeyframe })
            }
        }
    }
}

impl std::fmt::Debug for VideoDecoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VideoDecoder({:?})", self.gate)
    }
}

/// Rows of the decoder's planes are longer than a picture's by the margins that motion may point into.
const MAX_MARGINS: usize = 256;

/// Whether the codec made of the parameter set what we read in it.
fn is_as_announced(picture: &DecodedYUV<'_>, sequence: &Sequence) -> bool {
    let (width, height) = (sequence.width as usize, sequence.height as usize);
    let (luma, u, v) = picture.strides();
    let rows_fit = |plane: &[u8], stride: usize, width: usize, height: usize, coded: usize| {
        (width..=coded + MAX_MARGINS).contains(&stride) && stride.checked_mul(height) == Some(plane.len())
    };
    let coded = sequence.coded_width as usize;
    picture.dimensions() == (width, height)
        && u == v
        && rows_fit(picture.y(), luma, width, height, coded)
        && rows_fit(picture.u(), u, width / 2, height / 2, coded / 2)
        && rows_fit(picture.v(), v, width / 2, height / 2, coded / 2)
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
        // Cropping in 4:2:0 goes by pairs of pixels, so the sizes are even.
        (picture.width, picture.height) = (self.width(), self.height());
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
        packed.extend_from_slice(row.get(..width).unwrap_or(row));
    }
}

fn start() -> Result<Decoder, DecodeError> {
    // Pictures come out as they go in: there are no B pictures to wait for.
    let config = DecoderConfig::new().debug(false).flush_after_decode(Flush::NoFlush);
    Decoder::with_api_config(OpenH264API::from_source(), config).map_err(|_| DecodeError::Codec)
}

#[cfg(test)]
pub(crate) mod tests;
