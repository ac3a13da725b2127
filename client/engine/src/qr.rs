//! An invitation as a QR picture (ISO/IEC 18004): drawn, and read from a picture file or from the camera.
//!
//! A picture that is read comes from somebody else. It is bounded before it is decoded, and a fault of the reading
//! library ends that reading only.

mod bitmap;
mod draw;
mod finders;
mod read;
#[cfg(test)]
mod tests;

use std::io;

pub use draw::{Code, draw, save_png};
pub use read::{read_file, read_luma};

/// Why a code cannot be drawn or read. Says nothing of the text or the file's name.
#[derive(Debug, thiserror::Error)]
pub enum QrError {
    #[error("the text is longer than a QR code can hold")]
    TooLong,
    #[error("the QR picture cannot be written: {}", .0.kind())]
    Unwritable(io::Error),
    #[error("the picture cannot be read: {}", .0.kind())]
    Unreadable(io::Error),
    #[error("the file is not a PNG or JPEG picture, or it is damaged")]
    NotAPicture,
    #[error("the picture is larger than {MEGAPIXELS} megapixels or {MEGABYTES} MB")]
    TooLarge,
    #[error("there is no readable QR code in the picture")]
    NoCode,
}

/// The most pixels a picture file may have, in millions: more than a telephone's camera makes.
const MEGAPIXELS: u64 = 64;
/// The most bytes a picture file may have, in millions.
const MEGABYTES: u64 = 32;
