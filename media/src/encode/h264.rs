//! H.264 out: one encoder per layer, each setting chosen by measuring.

mod cadence;
#[cfg(test)]
mod tests;

use std::ffi::c_int;
use std::time::Duration;

use openh264::encoder::{
    BitRate, Complexity, Encoder, EncoderConfig, FrameRate, FrameType, IntraFramePeriod, Profile, QpRange,
    RateControlMode, SpsPpsStrategy, UsageType, VuiConfig,
};
use openh264::formats::YUVSource;
use openh264::{OpenH264API, Timestamp};

use crate::capture::VideoFormat;
use crate::picture::Picture;
use cadence::Cadence;

/// The rates an encoder accepts, in kilobits per second.
pub const VIDEO_KBPS: std::ops::RangeInclusive<u32> = 30..=50_000;

/// Why a picture was not encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// Retrying does not help: no size of this kind is ever encoded.
    #[error("a picture of {width}x{height} cannot be encoded")]
    Size { width: u32, height: u32 },
    #[error("a picture's planes do not have the size it says")]
    Planes,
    /// The encoder was dropped; the next picture starts a new one, with a keyframe.
    #[error("the H.264 encoder failed")]
    Codec,
}

/// One encoded picture: an access unit in Annex B.
#[derive(Clone, PartialEq, Eq)]
pub struct EncodedPicture {
    pub data: Vec<u8>,
    /// An IDR with its parameter sets.
    pub keyframe: bool,
}

impl std::fmt::Debug for EncodedPicture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EncodedPicture({} bytes, keyframe: {})", self.data.len(), self.keyframe)
    }
}

/// What pictures show, which decides how their bits are spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// What moves, evenly: each picture on its time, however coarse.
    Camera,
    /// Text: each picture sharp enough to be read, whatever it costs. A page that is new takes its time to be sent.
    Screen,
}

/// An H.264 encoder for one stream of pictures.
pub struct VideoEncoder {
    content: Content,
    format: VideoFormat,
    kbps: u32,
    running: Option<Running>,
}

/// The codec, and the size of picture it was made for.
struct Running {
    encoder: Encoder,
    width: u32,
    height: u32,
    kbps: u32,
    cadence: Cadence,
}

impl VideoEncoder {
    /// An encoder for about `format.fps` pictures a second at `kbps` kilobits per second (held within [`VIDEO_KBPS`]).
    pub fn new(format: VideoFormat, kbps: u32) -> Result<Self, EncodeError> {
        Self::of(Content::Camera, format, kbps)
    }

    /// As [`Self::new`], for pictures of this kind.
    pub fn of(content: Content, format: VideoFormat, kbps: u32) -> Result<Self, EncodeError> {
        check_size(format.width & !1, format.height & !1)?;
        Ok(Self { content, format, kbps: within_limits(kbps), running: None })
    }

    /// Encodes one picture captured `at` after the stream's start. `keyframe` asks for an IDR.
    ///
    /// A picture of another size than the last starts the stream afresh, with a keyframe. `None`: the codec left the
    /// picture out.
    pub fn encode(
        &mut self,
        picture: &Picture,
        at: Duration,
        keyframe: bool,
    ) -> Result<Option<EncodedPicture>, EncodeError> {
        let source = Source::new(picture)?;
        let result = self.running(picture)?.encode(&source, at, keyframe);
        if result.is_err() {
            self.running = None;
        }
        result
    }

    /// Sets the rate for the pictures to come, in kilobits per second, without a keyframe.
    pub fn set_bitrate(&mut self, kbps: u32) -> Result<(), EncodeError> {
        self.kbps = within_limits(kbps);
        let Some(running) = &mut self.running else {
            return Ok(());
        };
        let result = running.set_bitrate(self.kbps);
        if result.is_err() {
            self.running = None;
        }
        result
    }

    /// The codec for pictures of this size, made anew where the last one had another: OpenH264's own change of size
    /// forgets every change of rate since the start.
    fn running(&mut self, picture: &Picture) -> Result<&mut Running, EncodeError> {
        let (width, height) = (picture.width, picture.height);
        let running = match self.running.take() {
            Some(running) if (running.width, running.height) == (width, height) => running,
            _ => Running {
                encoder: start(self.content, self.format.fps, self.kbps)?,
                width,
                height,
                kbps: self.kbps,
                cadence: Cadence::new(self.format.fps),
            },
        };
        Ok(self.running.insert(running))
    }
}

impl Running {
    fn encode(&mut self, source: &Source, at: Duration, keyframe: bool) -> Result<Option<EncodedPicture>, EncodeError> {
        if keyframe {
            self.encoder.force_intra_frame();
        }
        if let Some(fps) = self.cadence.on_picture(at) {
            self.set_option(ENCODER_OPTION_FRAME_RATE, fps)?;
        }
        let at = Timestamp::from_millis(at.as_millis().min(i64::MAX as u128) as u64);
        let stream = self.encoder.encode_at(source, at).map_err(|_| EncodeError::Codec)?;
        let keyframe = match stream.frame_type() {
            FrameType::IDR => true,
            FrameType::I | FrameType::P | FrameType::IPMixed => false,
            FrameType::Skip => return Ok(None),
            FrameType::Invalid => return Err(EncodeError::Codec),
        };
        let data = stream.to_vec();
        Ok((!data.is_empty()).then_some(EncodedPicture { data, keyframe }))
    }

    /// OpenH264 refuses a target above its maximum, and yet applies half of it; so the one that makes room goes first.
    fn set_bitrate(&mut self, kbps: u32) -> Result<(), EncodeError> {
        let bps = (kbps * 1000) as c_int;
        let maximum = (ENCODER_OPTION_MAX_BITRATE, BitrateInfo { layer: SPATIAL_LAYER_0, bitrate: bps });
        let target = (ENCODER_OPTION_BITRATE, BitrateInfo { layer: SPATIAL_LAYER_ALL, bitrate: bps });
        let steps = if kbps > self.kbps { [maximum, target] } else { [target, maximum] };
        for (option, info) in steps {
            self.set_option(option, info)?;
        }
        self.kbps = kbps;
        Ok(())
    }

    fn set_option<T: OptionValue>(&mut self, option: c_int, mut value: T) -> Result<(), EncodeError> {
        // SAFETY: each option used here takes a pointer to a value of its type, which is only read during the call.
        let status = unsafe { self.encoder.raw_api().set_option(option, (&raw mut value).cast()) };
        if status == 0 { Ok(()) } else { Err(EncodeError::Codec) }
    }
}

/// Coarser than its upper end letters of a few pixels blur; finer than its lower one nobody sees what it costs.
const SCREEN_QP: QpRange = QpRange::new(18, 34);

/// A fresh codec. Its first picture is a keyframe.
fn start(content: Content, fps: u32, kbps: u32) -> Result<Encoder, EncodeError> {
    let screen = content == Content::Screen;
    let config = EncoderConfig::new()
        // For screens it looks for what has moved as a whole, as scrolled text has. It takes half the bits for a page of text,
        // or a third where it scrolls.
        .usage_type(if screen { UsageType::ScreenContentRealTime } else { UsageType::CameraVideoRealTime })
        // Constrained Baseline: no B pictures, hence no delay. Main and High change nothing that OpenH264 then uses.
        .profile(Profile::Baseline)
        // Medium costs a fifth more time for 0.06 dB.
        .complexity(Complexity::Low)
        .bitrate(BitRate::from_bps(kbps * 1000))
        .max_frame_rate(FrameRate::from_hz(fps.clamp(1, 120) as f32))
        // Bitrate without skipping spends what it may and no more (within 1 % over 10 s), and leaves no picture out.
        // The timestamp mode falls silent for seconds after a change downwards.
        .rate_control_mode(RateControlMode::Bitrate)
        .skip_frames(false)
        .qp(if screen { SCREEN_QP } else { QpRange::new(10, 51) })
        // Keyframes are asked for by whoever misses something; periodic ones, and those at cuts, only cost.
        .intra_frame_period(IntraFramePeriod::from_num_frames(0))
        .scene_change_detect(false)
        // Takes 0.7 dB from pictures whose background moves a little.
        .background_detection(false)
        // Changes nothing in this version.
        .adaptive_quantization(false)
        .long_term_reference(false)
        .sps_pps_strategy(SpsPpsStrategy::ConstantId)
        // A room has more streams than cores.
        .num_threads(1)
        .vui(VuiConfig::bt709());
    let mut encoder = Encoder::with_api_config(OpenH264API::from_source(), config).map_err(|_| EncodeError::Codec)?;
    let mut quiet: c_int = WELS_LOG_QUIET;
    // SAFETY: the option takes a pointer to an int, which is only read during the call; it is the one option that may be
    // set before the first picture, and must be, or the codec writes its warnings about the settings to stderr.
    let status = unsafe { encoder.raw_api().set_option(ENCODER_OPTION_TRACE_LEVEL, (&raw mut quiet).cast()) };
    if status == 0 { Ok(encoder) } else { Err(EncodeError::Codec) }
}

fn within_limits(kbps: u32) -> u32 {
    kbps.clamp(*VIDEO_KBPS.start(), *VIDEO_KBPS.end())
}

/// OpenH264 goes up to 3840x2160, either way round, and down to one macroblock.
fn check_size(width: u32, height: u32) -> Result<(), EncodeError> {
    let (long, short) = (width.max(height), width.min(height));
    let fits = short >= 16 && long <= 3840 && short <= 2160 && width.is_multiple_of(2) && height.is_multiple_of(2);
    if fits { Ok(()) } else { Err(EncodeError::Size { width, height }) }
}

/// A picture whose planes were checked, for the codec reads them by pointer.
struct Source<'a>(&'a Picture);

impl<'a> Source<'a> {
    fn new(picture: &'a Picture) -> Result<Self, EncodeError> {
        check_size(picture.width, picture.height)?;
        let luma = picture.width as usize * picture.height as usize;
        let whole = picture.y.len() == luma && picture.u.len() == luma / 4 && picture.v.len() == luma / 4;
        if whole { Ok(Self(picture)) } else { Err(EncodeError::Planes) }
    }
}

impl YUVSource for Source<'_> {
    fn dimensions(&self) -> (usize, usize) {
        (self.0.width as usize, self.0.height as usize)
    }

    fn strides(&self) -> (usize, usize, usize) {
        let width = self.0.width as usize;
        (width, width / 2, width / 2)
    }

    fn y(&self) -> &[u8] {
        &self.0.y
    }

    fn u(&self) -> &[u8] {
        &self.0.u
    }

    fn v(&self) -> &[u8] {
        &self.0.v
    }
}

// From OpenH264's codec_app_def.h; the wrapper has no safe way to change a rate, and does not re-export its constants.
const ENCODER_OPTION_FRAME_RATE: c_int = 4;
const ENCODER_OPTION_BITRATE: c_int = 5;
const ENCODER_OPTION_MAX_BITRATE: c_int = 6;
const ENCODER_OPTION_TRACE_LEVEL: c_int = 25;
const SPATIAL_LAYER_0: c_int = 0;
const SPATIAL_LAYER_ALL: c_int = 4;
const WELS_LOG_QUIET: c_int = 0;

/// The types of the options' values.
trait OptionValue {}
impl OptionValue for f32 {}
impl OptionValue for BitrateInfo {}

/// `SBitrateInfo` of codec_app_def.h.
#[repr(C)]
struct BitrateInfo {
    layer: c_int,
    /// Bits per second.
    bitrate: c_int,
}
