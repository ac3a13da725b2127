//! The program's side: a decoder that runs, and what it is asked. It is treated as if it belonged to an attacker.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::fs::File;
use std::io::{self, IoSlice, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};

use super::Sandboxed;
use super::protocol::{Answer, Limit, MODE, Outcome, Request, Unit};
use crate::decode::h264::sps::Sequence;
use crate::decode::{DecodeError, PictureLimit};
use crate::picture::Picture;

/// A decoder that takes longer than this for one picture has lost its way. Starting takes a while on a busy machine.
const PATIENCE: Duration = Duration::from_millis(800);
const START: Duration = Duration::from_secs(5);

/// The largest picture that is ever decoded for another participant, in bytes.
pub(super) const MAX_PICTURE: u64 =
    PictureLimit::SCREEN.long_side as u64 * PictureLimit::SCREEN.short_side as u64 * 3 / 2;

/// The socket may wait longer than what is left by this much, so that its timeouts are seldom set anew.
const SLACK: Duration = Duration::from_millis(100);

/// Bytes written at once: less than the kernel holds of a socket.
const CHUNK: usize = 16 << 10;

/// The one variable that the decoder is given: without it the system may not find the libraries of the program.
const LIBRARIES: &str = "LD_LIBRARY_PATH";

/// The time left until then; none is the end.
fn left(until: Instant) -> Result<Duration, Ended> {
    until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()).ok_or(Ended)
}

/// It ended, or said what no decoder says. It is not used any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ended;

impl From<io::Error> for Ended {
    fn from(_: io::Error) -> Self {
        Self
    }
}

/// It ended before it was asked for anything: a fault of this machine, and of nobody's picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotStarted;

/// A running decoder. It ends with this value.
pub(super) struct Process {
    child: Child,
    socket: UnixStream,
    memory: File,
    /// Of the shared memory, in bytes.
    size: u64,
    sequence: u32,
    /// How long the socket waits.
    waits: Duration,
    /// What it said of itself; `None` while it starts.
    sandboxed: Option<Sandboxed>,
}

/// What came of an access unit.
pub(super) struct Decoded {
    /// Whether there is a picture in [`Process::memory`].
    pub(super) picture: Result<bool, DecodeError>,
    pub(super) took: Duration,
}

impl Process {
    pub(super) fn start(program: &Path) -> io::Result<Self> {
        let (socket, theirs) = UnixStream::pair()?;
        let memory = memfd_create("pictures", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
        // Nobody makes it smaller under a reader.
        fcntl_add_seals(&memory, SealFlags::SHRINK | SealFlags::SEAL)?;
        let shared = memory.try_clone()?;
        let child = Command::new(program)
            .arg0(MODE)
            .arg(MODE)
            .env_clear()
            .envs(std::env::var_os(LIBRARIES).map(|folders| (LIBRARIES, folders)))
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::from(shared))
            .stderr(Stdio::null())
            .spawn()?;
        let mut started =
            Self { child, socket, memory: memory.into(), size: 0, sequence: 0, waits: Duration::ZERO, sandboxed: None };
        started.set_waits(START)?;
        Ok(started)
    }

    /// Waits until it has begun.
    pub(super) fn begun(&mut self) -> Result<(), NotStarted> {
        if self.sandboxed.is_none() {
            match self.answer(Instant::now() + START) {
                Ok(Answer::Ready(sandboxed)) => self.sandboxed = Some(sandboxed),
                _ => return Err(NotStarted),
            }
        }
        Ok(())
    }

    pub(super) fn sandboxed(&self) -> Option<Sandboxed> {
        self.sandboxed
    }

    pub(super) fn memory(&self) -> &File {
        &self.memory
    }

    /// Decodes an access unit whose pictures are as `expected`, as was read before it is sent. One that is not `wanted` does not
    /// come into the memory.
    pub(super) fn decode(
        &mut self,
        stream: u32,
        limit: &PictureLimit,
        expected: &Sequence,
        wanted: bool,
        unit: &[u8],
    ) -> Result<Decoded, Ended> {
        if wanted {
            self.make_room(bytes(expected))?;
        }
        self.sequence = self.sequence.wrapping_add(1);
        let length = unit.len().try_into().map_err(|_| Ended)?;
        let request =
            Request::Decode(Unit { stream, limit: Limit::of(limit), wanted, sequence: self.sequence, length });
        let began = Instant::now();
        let until = began + PATIENCE;
        self.ask(until, &request.to_bytes(), unit)?;
        match self.answer(until)? {
            Answer::Decoded { sequence, micros, outcome } if sequence == self.sequence => {
                // It may lie about its time, but not take more than has passed.
                let took = Duration::from_micros(micros.into()).min(began.elapsed());
                match outcome {
                    Outcome::Picture { width, height }
                        if (u32::from(width), u32::from(height)) == (expected.width, expected.height) =>
                    {
                        Ok(Decoded { picture: Ok(true), took })
                    }
                    Outcome::Picture { .. } => Err(Ended),
                    Outcome::Nothing => Ok(Decoded { picture: Ok(false), took }),
                    Outcome::Failed(why) => Ok(Decoded { picture: Err(why), took }),
                }
            }
            _ => Err(Ended),
        }
    }

    /// The stream is over.
    pub(super) fn forget(&mut self, stream: u32) -> Result<(), Ended> {
        self.ask(Instant::now() + PATIENCE, &Request::Forget { stream }.to_bytes(), &[])
    }

    /// Sends all of it by `until`: one that reads slowly has no more time than one that reads nothing. Most units go with one
    /// call, and so wake the decoder once.
    fn ask(&mut self, until: Instant, header: &[u8], unit: &[u8]) -> Result<(), Ended> {
        let (first, rest) = unit.split_at_checked(CHUNK).unwrap_or((unit, &[]));
        self.send(until, &mut [IoSlice::new(header), IoSlice::new(first)])?;
        rest.chunks(CHUNK).try_for_each(|chunk| self.send(until, &mut [IoSlice::new(chunk)]))
    }

    fn send(&mut self, until: Instant, mut left: &mut [IoSlice<'_>]) -> Result<(), Ended> {
        // Takes empty ones away.
        IoSlice::advance_slices(&mut left, 0);
        while !left.is_empty() {
            self.wait_until(until)?;
            match self.socket.write_vectored(left) {
                Ok(0) => return Err(Ended),
                Ok(sent) => IoSlice::advance_slices(&mut left, sent),
                Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(Ended),
            }
        }
        Ok(())
    }

    /// The next answer, all of it by `until`.
    fn answer(&mut self, until: Instant) -> Result<Answer, Ended> {
        let mut answer = [0; Answer::BYTES];
        let mut rest = &mut answer[..];
        while !rest.is_empty() {
            self.wait_until(until)?;
            match self.socket.read(rest) {
                Ok(0) => return Err(Ended),
                Ok(came) => rest = rest.get_mut(came..).unwrap_or_default(),
                Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(Ended),
            }
        }
        Answer::from_bytes(answer).ok_or(Ended)
    }

    /// What follows ends by then, or a moment later.
    fn wait_until(&mut self, until: Instant) -> Result<(), Ended> {
        let left = left(until)?;
        if self.waits < left || self.waits > left.saturating_add(SLACK) {
            self.set_waits(left)?;
        }
        Ok(())
    }

    fn set_waits(&mut self, waits: Duration) -> io::Result<()> {
        self.socket.set_write_timeout(Some(waits))?;
        self.socket.set_read_timeout(Some(waits))?;
        self.waits = waits;
        Ok(())
    }

    fn make_room(&mut self, bytes: u64) -> Result<(), Ended> {
        if bytes > MAX_PICTURE {
            return Err(Ended);
        }
        if bytes > self.size {
            ftruncate(&self.memory, bytes).map_err(|_| Ended)?;
            self.size = bytes;
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        // It is dead, so this does not wait; and nothing is left of it.
        let _ = self.child.wait();
    }
}

impl std::fmt::Debug for Process {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Process({:?})", self.sandboxed)
    }
}

fn bytes(sequence: &Sequence) -> u64 {
    u64::from(sequence.width).saturating_mul(sequence.height.into()).saturating_mul(3) / 2
}

/// Reads a picture of this size out of the shared memory.
pub(super) fn read(memory: &File, width: u32, height: u32, into: &mut Picture) -> io::Result<()> {
    let luma = (width as usize).saturating_mul(height as usize);
    (into.width, into.height) = (width, height);
    let mut offset = 0u64;
    for (plane, bytes) in [(&mut into.y, luma), (&mut into.u, luma / 4), (&mut into.v, luma / 4)] {
        plane.clear();
        plane.reserve_exact(bytes);
        while plane.len() < bytes {
            // It goes where nothing was written before.
            let at = offset.saturating_add(plane.len() as u64);
            match rustix::io::pread(memory, spare_capacity(plane), at) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(why) => return Err(why.into()),
            }
        }
        plane.truncate(bytes);
        offset = offset.saturating_add(bytes as u64);
    }
    Ok(())
}
