//! The decoder's side: what it is sent is decoded, one access unit after another, until the program that started it is gone.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::collections::BTreeMap;
use std::io::{self, BufReader, IoSlice, Read, Write};
use std::time::Duration;

use rustix::stdio::{stdin, stdout};
use rustix::time::{ClockId, clock_gettime};

use super::protocol::{Answer, Outcome, Request, Unit};
use crate::decode::{DecodeError, PictureView, VideoDecoder};

/// Rows that are written with one call: as many as the system takes.
const ROWS: usize = 1024;

/// Most access units, and the header in front of each, come with one call.
const READ: usize = 64 << 10;

/// Never returns. Its standard input is the socket and its standard output the shared memory.
pub(super) fn serve() -> ! {
    let sandboxed = super::sandbox::enter();
    // Whatever goes wrong, the other side sees that it ended. There is nobody here to tell.
    let _ = answer_all(Answer::Ready(sandboxed));
    std::process::exit(0)
}

struct Socket;

impl Read for Socket {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        Ok(rustix::io::read(stdin(), bytes)?)
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::write(stdin(), bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn answer_all(ready: Answer) -> io::Result<()> {
    let mut decoders = BTreeMap::<u32, VideoDecoder>::new();
    let mut unit = Vec::new();
    let mut requests = BufReader::with_capacity(READ, Socket);
    Socket.write_all(&ready.to_bytes())?;
    let mut told = used();
    loop {
        let mut header = [0; Request::BYTES];
        requests.read_exact(&mut header)?;
        match Request::from_bytes(header).ok_or(io::ErrorKind::InvalidData)? {
            Request::Forget { stream } => drop(decoders.remove(&stream)),
            Request::Decode(Unit { stream, limit, wanted, sequence, length }) => {
                unit.resize(length as usize, 0);
                requests.read_exact(&mut unit)?;
                let decoder = decoders.entry(stream).or_insert_with(|| VideoDecoder::within(limit.pictures()));
                let outcome = match decoder.decode(&unit) {
                    Ok(Some(view)) => shown(&view, wanted)?,
                    Ok(None) => Outcome::Nothing,
                    Err(why) => Outcome::Failed(why),
                };
                // All that it took since the last answer, reading and writing too, is this unit's.
                let now = used();
                let micros = now.saturating_sub(told).as_micros().try_into().unwrap_or(u32::MAX);
                told = now;
                Socket.write_all(&Answer::Decoded { sequence, micros, outcome }.to_bytes())?;
            }
        }
    }
}

/// Processor time so far.
fn used() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap_or_default()
}

/// Writes the planes of a picture that is wanted into the shared memory, one after another and without padding.
fn shown(view: &PictureView<'_>, wanted: bool) -> io::Result<Outcome> {
    let size = |side: u32| u16::try_from(side);
    let (Ok(width), Ok(height)) = (size(view.width()), size(view.height())) else {
        return Ok(Outcome::Failed(DecodeError::TooLarge));
    };
    if wanted {
        let (luma, chroma) = view.strides();
        let (wide, high) = (usize::from(width), usize::from(height));
        let rows = rows(view.y(), luma, wide, high).chain(rows(view.u(), chroma, wide / 2, high / 2)).chain(rows(
            view.v(),
            chroma,
            wide / 2,
            high / 2,
        ));
        write_rows(rows)?;
    }
    Ok(Outcome::Picture { width, height })
}

fn rows(plane: &[u8], stride: usize, width: usize, height: usize) -> impl Iterator<Item = &[u8]> {
    plane.chunks(stride.max(1)).take(height).map(move |row| row.get(..width).unwrap_or(row))
}

fn write_rows<'a>(rows: impl Iterator<Item = &'a [u8]>) -> io::Result<()> {
    let mut slices: Vec<_> = rows.map(IoSlice::new).collect();
    let mut offset = 0;
    let mut left = &mut slices[..];
    while !left.is_empty() {
        let now = left.get(..ROWS).unwrap_or(left);
        let written = rustix::io::pwritev(stdout(), now, offset)?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        offset = offset.saturating_add(written as u64);
        IoSlice::advance_slices(&mut left, written);
    }
    Ok(())
}
