//! From a text to a code.

use std::path::Path;

use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use media::private_file;
use qrcode::{Color, EcLevel, QrCode};

use super::QrError;

/// White modules around the code (ISO/IEC 18004, section 9.1).
const QUIET: usize = 4;
/// Pixels of a module in a picture file.
const SCALE: usize = 8;

/// A code's modules, without the white that must surround them.
pub struct Code {
    /// Modules on a side.
    pub side: usize,
    modules: Vec<bool>,
}

impl Code {
    /// Whether the module in column `x` and row `y` is dark; all outside of the code are not.
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.side && y < self.side && self.modules.get(y * self.side + x).copied().unwrap_or(false)
    }
}

/// Draws `text`, so that 15 % of the code may be spoilt, or 7 % where the text is too long for that.
pub fn draw(text: &str) -> Result<Code, QrError> {
    let level = |level| QrCode::with_error_correction_level(text, level);
    let code = level(EcLevel::M).or_else(|_| level(EcLevel::L)).map_err(|_| QrError::TooLong)?;
    let side = code.width();
    Ok(Code { side, modules: code.into_colors().into_iter().map(|color| color == Color::Dark).collect() })
}

/// Writes `text` as a black and white PNG. Only the user may read the file: an invitation is a secret.
pub fn save_png(text: &str, to: &Path) -> Result<(), QrError> {
    let (pixels, side) = pixels(&draw(text)?);
    // A code has 177 modules at most, so this is never cut.
    let side = u32::try_from(side).map_err(|_| QrError::TooLong)?;
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(&pixels, side, side, ExtendedColorType::L8)
        .map_err(|why| QrError::Unwritable(std::io::Error::other(why)))?;
    private_file::replace(to, &bytes).map_err(QrError::Unwritable)
}

/// One byte of grey a pixel, and the pixels on a side.
pub(super) fn pixels(code: &Code) -> (Vec<u8>, usize) {
    let side = (code.side + 2 * QUIET) * SCALE;
    let grey = |at: usize| {
        let module = |pixel: usize| (pixel / SCALE).checked_sub(QUIET);
        let dark = module(at % side).zip(module(at / side)).is_some_and(|(x, y)| code.is_dark(x, y));
        if dark { 0 } else { 255 }
    };
    ((0..side * side).map(grey).collect(), side)
}
