//! The decoders of a call in a process of their own: which streams it has, and what happens when it ends.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::decoders::{Key, Owner, Shown};
use super::{Sandboxed, parent, parent::Process, restarts::Restarts};
use crate::decode::h264::gate::Gate;
use crate::decode::{DecodeError, PictureLimit};

#[derive(Debug)]
pub(super) struct Remote {
    program: PathBuf,
    running: Option<Process>,
    streams: BTreeMap<Key, Stream>,
    next: u32,
    restarts: Restarts<Owner>,
    pub used: Duration,
    /// What the last one said that ran.
    pub sandboxed: Sandboxed,
    /// The last one did not begin.
    pub not_started: bool,
}

#[derive(Debug)]
struct Stream {
    /// What the process calls it.
    number: u32,
    limit: PictureLimit,
    gate: Gate,
}

impl Remote {
    pub fn new(program: PathBuf) -> Self {
        Self {
            program,
            running: None,
            streams: BTreeMap::new(),
            next: 0,
            restarts: Restarts::new(),
            used: Duration::ZERO,
            sandboxed: Sandboxed::No,
            not_started: false,
        }
    }

    pub fn add(&mut self, now: Instant, key: Key, limit: PictureLimit) {
        self.remove_stream(key);
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        self.streams.insert(key, Stream { number, limit, gate: Gate::new(limit) });
        self.run(now);
    }

    pub fn remove(&mut self, key: Key) {
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

    pub fn decode(
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
