//! The decoders of everybody's pictures, wherever they run.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{DecoderHost, Sandboxed};
use crate::decode::{DecodeError, PictureLimit, PictureView, VideoDecoder};
use crate::picture::Picture;

#[cfg(target_os = "linux")]
use super::{parent, remote::Remote};

/// A participant, by a number that the caller chooses: one whose pictures end the decoder pays for it with all of their streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner(pub u64);

/// A stream of a participant: their camera or their screen.
pub(super) type Key = (Owner, bool);

/// How the decoders are doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DecodersFigures {
    pub sandboxed: Sandboxed,
    /// It could not be started when that was tried last: nobody's pictures are seen.
    pub not_started: bool,
    /// How often the process ended and pictures had to begin anew.
    pub ended: u64,
    /// Processor time that decoding took in the process, in total.
    pub used: Duration,
}

/// The decoders of all streams of a call.
#[derive(Debug)]
pub struct Decoders {
    host: Host,
    ended: u64,
    took: Duration,
}

#[derive(Debug)]
enum Host {
    Here(BTreeMap<Key, VideoDecoder>),
    #[cfg(target_os = "linux")]
    Process(Box<Remote>),
}

/// The moment of one decode.
#[derive(Debug)]
pub enum Shown<'a> {
    Here(PictureView<'a>),
    #[cfg(target_os = "linux")]
    Process {
        /// Where it lies, if it was wanted.
        memory: Option<&'a std::fs::File>,
        width: u32,
        height: u32,
    },
}

impl Shown<'_> {
    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        match self {
            Self::Here(view) => (view.width(), view.height()),
            #[cfg(target_os = "linux")]
            Self::Process { width, height, .. } => (*width, *height),
        }
    }

    /// Packs the planes tightly into `picture`, whose memory is used again where the size is the same. One that nobody wanted
    /// is black.
    pub fn copy_to(&self, picture: &mut Picture) {
        match self {
            Self::Here(view) => view.copy_to(picture),
            #[cfg(target_os = "linux")]
            Self::Process { memory, width, height } => {
                // The memory is ours and at least so large, so this does not fail; a black picture would be the worst of it.
                if memory.is_none_or(|memory| parent::read(memory, *width, *height, picture).is_err()) {
                    *picture = Picture::black(*width, *height);
                }
            }
        }
    }
}

impl Decoders {
    /// A process is started with the first stream.
    pub fn new(host: DecoderHost) -> Self {
        let host = match host {
            #[cfg(target_os = "linux")]
            DecoderHost::Process(program) => Host::Process(Box::new(Remote::new(program))),
            // Other systems have no sandbox here yet, and the figures say so.
            _ => Host::Here(BTreeMap::new()),
        };
        Self { host, ended: 0, took: Duration::ZERO }
    }

    /// Begins a stream; `screen` tells a participant's screen from their camera.
    pub fn add(&mut self, now: Instant, owner: Owner, screen: bool) {
        let limit = if screen { PictureLimit::SCREEN } else { PictureLimit::CAMERA };
        match &mut self.host {
            Host::Here(decoders) => drop(decoders.insert((owner, screen), VideoDecoder::within(limit))),
            #[cfg(target_os = "linux")]
            Host::Process(remote) => remote.add(now, (owner, screen), limit),
        }
        #[cfg(not(target_os = "linux"))]
        let _ = now;
    }

    /// Ends a stream. The process ends with the last one.
    pub fn remove(&mut self, owner: Owner, screen: bool) {
        match &mut self.host {
            Host::Here(decoders) => drop(decoders.remove(&(owner, screen))),
            #[cfg(target_os = "linux")]
            Host::Process(remote) => remote.remove((owner, screen)),
        }
    }

    /// Decodes one access unit (Annex B). A picture that is not `wanted` is not brought here: only its size is known.
    ///
    /// # Errors
    ///
    /// After any error the stream's next picture can only come from a keyframe. [`DecodeError::Unavailable`] and
    /// [`DecodeError::NotStarted`] say that asking for one does not help for now.
    pub fn decode(
        &mut self,
        now: Instant,
        owner: Owner,
        screen: bool,
        unit: &[u8],
        wanted: bool,
    ) -> Result<Option<Shown<'_>>, DecodeError> {
        self.took = Duration::ZERO;
        match &mut self.host {
            Host::Here(decoders) => {
                let decoder = decoders.get_mut(&(owner, screen)).ok_or(DecodeError::NeedsKeyframe)?;
                let began = Instant::now();
                let decoded = decoder.decode(unit);
                self.took = began.elapsed();
                Ok(decoded?.map(Shown::Here))
            }
            #[cfg(target_os = "linux")]
            Host::Process(remote) => {
                let (ended, took) = (&mut self.ended, &mut self.took);
                remote.decode(now, (owner, screen), unit, wanted, ended, took)
            }
        }
    }

    /// What the last unit took, decoded or not: processor time where a process tells it.
    pub fn took(&self) -> Duration {
        self.took
    }

    pub fn figures(&self) -> DecodersFigures {
        let (sandboxed, not_started, used) = match &self.host {
            Host::Here(_) => (Sandboxed::No, false, Duration::ZERO),
            #[cfg(target_os = "linux")]
            Host::Process(remote) => (remote.sandboxed, remote.not_started, remote.used),
        };
        DecodersFigures { sandboxed, not_started, ended: self.ended, used }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::capture::VideoFormat;
    use crate::encode::VideoEncoder;

    #[test]
    fn decoder_that_does_not_start_blames_no_stream() {
        let format = VideoFormat { width: 64, height: 48, fps: 25 };
        let picture = Picture::black(64, 48);
        let unit = VideoEncoder::new(format, 100).unwrap().encode(&picture, Duration::ZERO, true).unwrap().unwrap();
        // One that ends at once, and one that is not there.
        for program in ["/bin/false", "/nowhere/incamera"] {
            let mut decoders = Decoders::new(DecoderHost::Process(program.into()));
            let start = Instant::now();
            for owner in 0..3 {
                decoders.add(start, Owner(owner), false);
            }
            for nth in 0..20 {
                let decoded = decoders.decode(start, Owner(nth % 3), false, &unit.data, true);
                assert_eq!(decoded.err(), Some(DecodeError::NotStarted), "{program}");
            }
            let figures = decoders.figures();
            assert!(figures.not_started && figures.ended == 0, "{figures:?}");
            assert_eq!(decoders.took(), Duration::ZERO, "nobody pays for it");
        }
    }
}
