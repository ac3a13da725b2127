//! The decoders of everybody's pictures, wherever they run.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{DecoderHost, Sandboxed};
use crate::decode::h264::gate::Gate;
use crate::decode::{DecodeError, PictureLimit, PictureView, VideoDecoder};
use crate::picture::Picture;

#[cfg(target_os = "linux")]
use super::{parent, parent::Process, restarts::Restarts};

/// A participant, by a number that the caller chooses: whoever sends pictures that end the decoder pays for it with all of
/// their streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner(pub u64);

/// A stream of a participant: their camera or their screen.
type Key = (Owner, bool);

/// How the decoders are doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DecodersFigures {
    pub sandboxed: Sandboxed,
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
        memory: &'a std::fs::File,
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

    /// Packs the planes tightly into `picture`, whose memory is used again where the size is the same.
    pub fn copy_to(&self, picture: &mut Picture) {
        match self {
            Self::Here(view) => view.copy_to(picture),
            #[cfg(target_os = "linux")]
            Self::Process { memory, width, height } => {
                // The memory is ours and at least so large, so this does not fail; a black picture would be the worst of it.
                if parent::read(memory, *width, *height, picture).is_err() {
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

    /// Decodes one access unit (Annex B).
    ///
    /// # Errors
    ///
    /// After any error the stream's next picture can only come from a keyframe. [`DecodeError::Unavailable`] says that asking
    /// for one does not help for now.
    pub fn decode(
        &mut self,
        now: Instant,
        owner: Owner,
        screen: bool,
        unit: &[u8],
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
            Host::Process(remote) => remote.decode(now, (owner, screen), unit, &mut self.ended, &mut self.took),
        }
    }

    /// What the last unit took, decoded or not: processor time where a process tells it.
    pub fn took(&self) -> Duration {
        self.took
    }

    pub fn figures(&self) -> DecodersFigures {
        let (sandboxed, used) = match &self.host {
            Host::Here(_) => (Sandboxed::No, Duration::ZERO),
            #[cfg(target_os = "linux")]
            Host::Process(remote) => (remote.sandboxed, remote.used),
        };
        DecodersFigures { sandboxed, ended: self.ended, used }
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
            self.running = Process::start(&self.program)
                .inspect_err(|why| tracing::error!(kind = ?why.kind(), "the decoder cannot be started"))
                .ok();
        }
    }

    /// What ran is gone: every stream begins anew.
    fn end(&mut self) {
        self.running = None;
        for stream in self.streams.values_mut() {
            stream.gate.distrust();
        }
    }

    fn decode(
        &mut self,
        now: Instant,
        key: Key,
        unit: &[u8],
        ended: &mut u64,
        took: &mut Duration,
    ) -> Result<Option<Shown<'_>>, DecodeError> {
        if self.restarts.rests(now, key.0) {
            return Err(DecodeError::Unavailable);
        }
        self.run(now);
        let stream = self.streams.get_mut(&key).ok_or(DecodeError::NeedsKeyframe)?;
        if self.running.is_none() {
            stream.gate.distrust();
            return Err(DecodeError::Unavailable);
        }
        let admitted = stream.gate.admit(unit)?;
        let process = self.running.as_mut().ok_or(DecodeError::Unavailable)?;
        let began = Instant::now();
        let answer = process.decode(stream.number, &stream.limit, &admitted.sequence, unit);
        if let Some(sandboxed) = process.sandboxed() {
            self.sandboxed = sandboxed;
        }
        match answer {
            Ok(parent::Decoded { picture, took: used }) => {
                *took = used;
                self.used += used;
                if !picture.inspect_err(|_| stream.gate.distrust())? {
                    return Ok(None);
                }
                let memory = self.running.as_ref().map(Process::memory);
                let (width, height) = (admitted.sequence.width, admitted.sequence.height);
                Ok(memory.map(|memory| Shown::Process { memory, width, height }))
            }
            Err(parent::Ended) => {
                tracing::warn!("the decoder has ended; pictures begin anew");
                *took = began.elapsed();
                *ended += 1;
                self.end();
                self.restarts.ended(now, key.0);
                self.run(now);
                Err(DecodeError::NeedsKeyframe)
            }
        }
    }
}
