//! The decoders of everybody's pictures, wherever they run.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{DecoderHost, Sandboxed};
use crate::decode::h264::gate::Gate;
use crate::decode::{DecodeError, PictureLimit, PictureView, VideoDecoder};
use crate::picture::Picture;

#[cfg(target_os = "linux")]
use super::{parent, parent::Process, restarts::Restarts};

/// A participant, by a number that the caller chooses: one whose pictures end the decoder pays for it with all of their streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner(pub u64);

/// A stream of a participant: their camera or their screen.
type Key = (Owner, bool);

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

#[cfg(target_os = "linux")]
#[derive(Debug)]
struct Remote {
    program: std::path::PathBuf,
    running: Option<Process>,
    streams: BTreeMap<Key, Stream>,
    next: u32,
    restarts: Restarts<Owner>,
    used: Duration,
    /// What the last one said that ran.
    sandboxed: Sandboxed,
    /// The last one did not begin.
    not_started: bool,
}

#[cfg(target_os = "linux")]
#[derive(Debug)]
struct Stream {
    /// What the process calls it.
    number: u32,
    limit: PictureLimit,
    gate: Gate,
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
            DecoderHost::Process(program) => Host::Process(Box::new(Remote {
                program,
                running: None,
                streams: BTreeMap::new(),
                next: 0,
                restarts: Restarts::new(),
                used: Duration::ZERO,
                sandboxed: Sandboxed::No,
                not_started: false,
            })),
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

#[cfg(target_os = "linux")]
impl Remote {
    fn add(&mut self, now: Instant, key: Key, limit: PictureLimit) {
        self.remove_stream(key);
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        self.streams.insert(key, Stream { number, limit, gate: Gate::new(limit) });
        self.run(now);
    }

    fn remove(&mut self, key: Key) {
        self.remove_stream(key);
        if self.streams.is_empty() {
            self.running = None;
        }
    }

    fn remove_stream(&mut self, key: Key) {
        let number = self.streams.remove(&key).map(|stream| stream.number);
        if let Some((process, number)) = self.running.as_mut().zip(number)
            && process.forget(number).is_err()
        {
            self.end();
        }
    }

    fn run(&mut self, now: Instant) {
        if self.running.is_none() && self.restarts.may_start(now) {
            match Process::start(&self.program) {
                Ok(process) => self.running = Some(process),
                Err(why) => {
                    tracing::error!(kind = ?why.kind(), "the decoder cannot be started");
                    self.failed_to_start(now);
                }
            }
        }
    }

    fn failed_to_start(&mut self, now: Instant) {
        self.not_started = true;
        self.restarts.failed_to_start(now);
        self.end();
    }

    /// What ran is gone: every stream begins anew.
    fn end(&mut self) {
        self.running = None;
        for stream in self.streams.values_mut() {
            stream.gate.distrust();
        }
    }

    /// A decoder runs from here on. That none does is told apart by whether it could not be started or ended too often.
    fn begin(&mut self, now: Instant) -> Result<(), DecodeError> {
        self.run(now);
        match self.running.as_mut().map(Process::begun) {
            Some(Ok(())) => {
                self.sandboxed = self.running.as_ref().and_then(Process::sandboxed).unwrap_or_default();
                self.not_started = false;
                Ok(())
            }
            Some(Err(parent::NotStarted)) => {
                tracing::error!("the decoder ended while it started");
                self.failed_to_start(now);
                Err(DecodeError::NotStarted)
            }
            None if self.not_started => Err(DecodeError::NotStarted),
            None => Err(DecodeError::Unavailable),
        }
    }

    fn decode(
        &mut self,
        now: Instant,
        key: Key,
        unit: &[u8],
        wanted: bool,
        ended: &mut u64,
        took: &mut Duration,
    ) -> Result<Option<Shown<'_>>, DecodeError> {
        if self.restarts.rests(now, key.0) {
            return Err(DecodeError::Unavailable);
        }
        self.begin(now)?;
        let stream = self.streams.get_mut(&key).ok_or(DecodeError::NeedsKeyframe)?;
        let admitted = stream.gate.admit(unit)?;
        let process = self.running.as_mut().ok_or(DecodeError::Unavailable)?;
        let began = Instant::now();
        let answer = process.decode(stream.number, &stream.limit, &admitted.sequence, wanted, unit);
        match answer {
            Ok(parent::Decoded { picture, took: used }) => {
                *took = used;
                self.used = self.used.saturating_add(used);
                if !picture.inspect_err(|_| stream.gate.distrust())? {
                    return Ok(None);
                }
                let memory = self.running.as_ref().map(Process::memory).filter(|_| wanted);
                let (width, height) = (admitted.sequence.width, admitted.sequence.height);
                Ok(Some(Shown::Process { memory, width, height }))
            }
            Err(parent::Ended) => {
                tracing::warn!("the decoder has ended; pictures begin anew");
                *took = began.elapsed();
                *ended = ended.saturating_add(1);
                self.end();
                self.restarts.ended(now, key.0);
                self.run(now);
                Err(DecodeError::NeedsKeyframe)
            }
        }
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
