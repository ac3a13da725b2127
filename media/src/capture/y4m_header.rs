//! The text in YUV4MPEG2 files: one line in front of the file, one in front of every picture.

use super::Unreadable;
use super::pace::Rate;

/// The longest line that is read, in bytes, with its end: programs write remarks behind the header.
pub(super) const MAX_LINE: usize = 4096;

/// The widest and highest picture, in pixels.
const MAX_SIDE: u32 = 4096;

/// What the first line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) width: u32,
    pub(super) height: u32,
    /// `None`: the file does not say.
    pub(super) rate: Option<Rate>,
}

impl Header {
    /// Parses the line without its end.
    pub(super) fn parse(line: &[u8]) -> Result<Self, Unreadable> {
        let text = std::str::from_utf8(line).map_err(|_| Unreadable::NotAClip)?;
        let mut words = text.split(' ');
        if words.next() != Some("YUV4MPEG2") {
            return Err(Unreadable::NotAClip);
        }
        let (mut width, mut height, mut rate) = (None, None, None);
        for word in words.filter(|word| !word.is_empty()) {
            let value = word.get(1..).ok_or(Unreadable::NotAClip)?;
            match word.as_bytes()[0] {
                b'W' => width = Some(side(value)?),
                b'H' => height = Some(side(value)?),
                b'F' => rate = parse_rate(value)?,
                b'I' if !matches!(value, "p" | "?") => {
                    return Err(Unreadable::Unsupported("interlaced pictures"));
                }
                b'C' if !matches!(value, "420" | "420jpeg" | "420mpeg2" | "420paldv") => {
                    return Err(Unreadable::Unsupported("a pixel format other than 8-bit 4:2:0"));
                }
                // Shape of pixels, and whatever programs like to add.
                _ => {}
            }
        }
        let (Some(width), Some(height)) = (width, height) else {
            return Err(Unreadable::NotAClip);
        };
        Ok(Self { width, height, rate })
    }

    /// Bytes of the luma plane and of each chroma plane.
    pub(super) fn plane_sizes(&self) -> (usize, usize) {
        let (width, height) = (self.width as usize, self.height as usize);
        (width * height, width.div_ceil(2) * height.div_ceil(2))
    }

    /// Bytes of a picture.
    pub(super) fn picture_size(&self) -> usize {
        let (luma, chroma) = self.plane_sizes();
        luma + 2 * chroma
    }
}

fn side(value: &str) -> Result<u32, Unreadable> {
    match value.parse() {
        Ok(side @ 2..=MAX_SIDE) => Ok(side),
        Ok(0) | Err(_) => Err(Unreadable::NotAClip),
        Ok(_) => Err(Unreadable::Unsupported("a picture size out of range")),
    }
}

/// `25:1`; `0:0` means unknown.
fn parse_rate(value: &str) -> Result<Option<Rate>, Unreadable> {
    let (pictures, seconds) = value.split_once(':').ok_or(Unreadable::NotAClip)?;
    let number = |text: &str| text.parse::<u32>().map_err(|_| Unreadable::NotAClip);
    let (pictures, seconds) = (number(pictures)?, number(seconds)?);
    if pictures == 0 && seconds == 0 {
        return Ok(None);
    }
    // Slower than this is no video, and would block its reader.
    let sane = seconds > 0 && pictures >= seconds && pictures / seconds <= 1000;
    if sane { Ok(Some(Rate { pictures, seconds })) } else { Err(Unreadable::Unsupported("a frame rate out of range")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_header_is_read() {
        let line = b"YUV4MPEG2 W640 H360 F30000:1001 Ip A1:1 C420mpeg2 XYSCSS=420MPEG2";
        let rate = Some(Rate { pictures: 30_000, seconds: 1001 });
        assert_eq!(Header::parse(line), Ok(Header { width: 640, height: 360, rate }));
    }

    #[test]
    fn each_fault_has_its_own_name() {
        let unsupported = |what| Err(Unreadable::Unsupported(what));
        for (line, expected) in [
            (&b"RIFF"[..], Err(Unreadable::NotAClip)),
            (b"YUV4MPEG2\xff W2 H2", Err(Unreadable::NotAClip)),
            (b"YUV4MPEG2 W640", Err(Unreadable::NotAClip)),
            (b"YUV4MPEG2 W640 H-3", Err(Unreadable::NotAClip)),
            (b"YUV4MPEG2 W640 H99999999999999", Err(Unreadable::NotAClip)),
            (b"YUV4MPEG2 W640 H5000", unsupported("a picture size out of range")),
            (b"YUV4MPEG2 W640 H360 C422", unsupported("a pixel format other than 8-bit 4:2:0")),
            (b"YUV4MPEG2 W640 H360 C420p10", unsupported("a pixel format other than 8-bit 4:2:0")),
            (b"YUV4MPEG2 W640 H360 It", unsupported("interlaced pictures")),
            (b"YUV4MPEG2 W640 H360 F1:0", unsupported("a frame rate out of range")),
            (b"YUV4MPEG2 W640 H360 F1:4000000000", unsupported("a frame rate out of range")),
        ] {
            assert_eq!(Header::parse(line), expected, "{}", String::from_utf8_lossy(line));
        }
    }

    #[test]
    fn chroma_of_odd_pictures_is_rounded_up() {
        let header = Header::parse(b"YUV4MPEG2 W5 H3 F0:0").unwrap();
        assert_eq!((header.plane_sizes(), header.picture_size(), header.rate), ((15, 6), 27, None));
    }
}
