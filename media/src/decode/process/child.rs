//! The decoder's side: what it is sent is decoded, one access unit after another, until the program that started it is gone.

use std::collections::BTreeMap;
use std::io::{self, IoSlice, Read, Write};
use std::time::Duration;

use rustix::stdio::{stdin, stdout};
use rustix::time::{ClockId, clock_gettime};

use super::protocol::{Answer, Outcome, Request};
use crate::decode::{DecodeError, PictureView, VideoDecoder};

/// Rows that are written with one call; the system takes 1024.
const ROWS: usize = 512;

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
    Socket.write_all(&ready.to_bytes())?;
    loop {
        let mut header = [0; Request::BYTES];
        Socket.read_exact(&mut header)?;
        match Request::from_bytes(header).ok_or(io::ErrorKind::InvalidData)? {
            Request::Forget { stream } => drop(decoders.remove(&stream)),
            Request::Decode { stream, limit, sequence, length } => {
                unit.resize(length as usize, 0);
                Socket.read_exact(&mut unit)?;
                let began = used();
                let decoder = decoders.entry(stream).or_insert_with(|| VideoDecoder::within(limit.pictures()));
                let outcome = match decoder.decode(&unit) {
                    Ok(Some(view)) => written(&view)?,
                    Ok(None) => Outcome::Nothing,
                    Err(why) => Outcome::Failed(why),
                };
                let micros = used().saturating_sub(began).as_micros().try_into().unwrap_or(u32::MAX);
                Socket.write_all(&Answer::Decoded { sequence, micros, outcome }.to_bytes())?;
            }
        }
    }
}

/// Processor time so far.
fn used() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap_or_default()
}

/// Writes the planes into the shared memory, one after another and without padding.
fn written(view: &PictureView<'_>) -> io::Result<Outcome> {
    let size = |side: u32| u16::try_from(side);
    let (Ok(width), Ok(height)) = (size(view.width()), size(view.height())) else {
        return Ok(Outcome::Failed(DecodeError::TooLarge));
    };
    let (luma, chroma) = view.strides();
    let (wide, high) = (usize::from(width), usize::from(height));
    let mut offset = 0;
    write_plane(view.y(), luma, wide, high, &mut offset)?;
    write_plane(view.u(), chroma, wide / 2, high / 2, &mut offset)?;
    write_plane(view.v(), chroma, wide / 2, high / 2, &mut offset)?;
    Ok(Outcome::Picture { width, height })
}

fn write_plane(plane: &[u8], stride: usize, width: usize, height: usize, offset: &mut u64) -> io::Result<()> {
    let rows: Vec<&[u8]> =
        plane.chunks(stride.max(1)).take(height).map(|row| row.get(..width).unwrap_or(row)).collect();
    for rows in rows.chunks(ROWS) {
        let mut slices: Vec<_> = rows.iter().map(|row| IoSlice::new(row)).collect();
        let mut left = &mut slices[..];
        while !left.is_empty() {
            let written = rustix::io::pwritev(stdout(), left, *offset)?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            *offset += written as u64;
            IoSlice::advance_slices(&mut left, written);
        }
    }
    Ok(())
}
