//! One buffer of the compositor as lines of pixels. It may claim anything: what does not add up is refused.

use pipewire::spa::param::video::{VideoFormat, VideoInfoRaw};

use crate::capture::screen::finish::{Order, PIXEL};
use crate::capture::screen::{Region, ScreenError};

/// The longest side of a screen or window, and how many pixels it may have, which is twice what 8K has.
pub(super) const MAX_SIDE: u32 = 16_384;
const MAX_PIXELS: u64 = 64 << 20;

/// What both sides have agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Format {
    size: (u32, u32),
    order: Order,
}

/// Where in the buffer the picture lies, in bytes.
#[derive(Clone, Copy)]
pub(super) struct Chunk {
    pub(super) offset: u32,
    pub(super) size: u32,
    /// From one line to the next.
    pub(super) stride: i32,
}

/// A picture in a buffer: at least one whole line of `size.0` pixels every `stride` bytes, `size.1` times.
pub(super) struct Shot<'a> {
    pub(super) size: (u32, u32),
    pub(super) order: Order,
    pub(super) stride: usize,
    pub(super) data: &'a [u8],
}

impl Format {
    pub(super) fn of(info: VideoInfoRaw) -> Result<Self, ScreenError> {
        Self::new(info.format(), (info.size().width, info.size().height))
    }

    fn new(format: VideoFormat, size: (u32, u32)) -> Result<Self, ScreenError> {
        let order = match format {
            VideoFormat::BGRx | VideoFormat::BGRA => Order::Bgr,
            VideoFormat::RGBx | VideoFormat::RGBA => Order::Rgb,
            _ => return Err(ScreenError::Unsupported("unusual colours")),
        };
        let sane = |side: u32| (2..=MAX_SIDE).contains(&side);
        if !sane(size.0) || !sane(size.1) || u64::from(size.0) * u64::from(size.1) > MAX_PIXELS {
            return Err(ScreenError::Unsupported("an unusual size"));
        }
        Ok(Self { size, order })
    }

    /// The picture in `buffer`, or the part of it that is meant: a window is often sent in a picture as large as its screen.
    pub(super) fn shot<'a>(
        &self,
        buffer: &'a [u8],
        chunk: Chunk,
        part: Option<Region>,
    ) -> Result<Shot<'a>, ScreenError> {
        const WRONG: ScreenError = ScreenError::Unsupported("broken pictures");
        let (width, height) = (self.size.0 as usize, self.size.1 as usize);
        let stride = usize::try_from(chunk.stride).map_err(|_| WRONG)?;
        if stride < width * PIXEL {
            return Err(WRONG);
        }
        // None of it overflows: a stride is below 2^31, a height below 2^15.
        let needed = stride * (height - 1) + width * PIXEL;
        let rest = buffer.get(chunk.offset as usize..).ok_or(WRONG)?;
        let data = rest.get(..needed).filter(|_| chunk.size as usize >= needed).ok_or(WRONG)?;
        let Some(part) = part else {
            return Ok(Shot { size: self.size, order: self.order, stride, data });
        };
        let begin = |at: i32, length: u32, end: u32| {
            let inside = i64::from(at) + i64::from(length) <= i64::from(end) && length >= 2;
            usize::try_from(at).ok().filter(|_| inside).ok_or(WRONG)
        };
        let (left, top) = (begin(part.x, part.width, self.size.0)?, begin(part.y, part.height, self.size.1)?);
        let data = data.get(top * stride + left * PIXEL..).ok_or(WRONG)?;
        Ok(Shot { size: (part.width, part.height), order: self.order, stride, data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::screen::pixels::Pixels;

    const FORMAT: Format = Format { size: (4, 3), order: Order::Bgr };

    fn chunk(offset: u32, size: u32, stride: i32) -> Chunk {
        Chunk { offset, size, stride }
    }

    /// Pixels that say where they are, in lines of 20 bytes after 8 that belong to nobody.
    fn buffer() -> Vec<u8> {
        let mut buffer = vec![255; 8 + 3 * 20];
        for (nth, byte) in (0..).zip(0..48_usize) {
            buffer[8 + byte / 16 * 20 + byte % 16] = nth;
        }
        buffer
    }

    fn pixels(shot: &Shot) -> Vec<u8> {
        let mut pixels = Pixels::default();
        pixels.resize(shot.size);
        pixels.put((0, 0), shot.size, shot.data, shot.stride);
        pixels.data
    }

    #[test]
    fn lines_are_found_wherever_they_lie() {
        let (buffer, all) = (buffer(), (0..48).collect::<Vec<u8>>());
        assert_eq!(pixels(&FORMAT.shot(&buffer, chunk(8, 60, 20), None).unwrap()), all);
        // The last line needs nothing after it.
        assert_eq!(pixels(&FORMAT.shot(&buffer[..64], chunk(8, 56, 20), None).unwrap()), all);
        assert_eq!(pixels(&FORMAT.shot(&all, chunk(0, 48, 16), None).unwrap()), all);
    }

    #[test]
    fn a_window_is_cut_out_of_its_screen() {
        let part = |x, y, width, height| {
            let part = Region { x, y, width, height };
            FORMAT.shot(&buffer(), chunk(8, 60, 20), Some(part)).map(|shot| (shot.size, pixels(&shot)))
        };
        let expected = (20..28).chain(36..44).collect::<Vec<u8>>();
        assert_eq!(part(1, 1, 2, 2).unwrap(), ((2, 2), expected));
        assert_eq!(part(0, 0, 4, 3).unwrap().1.len(), 48);
        for (x, y, width, height) in
            [(-1, 0, 2, 2), (0, -1, 2, 2), (3, 0, 2, 2), (0, 2, 2, 2), (0, 0, 0, 3), (0, 0, 4, 1), (9, 9, 2, 2)]
        {
            assert!(part(x, y, width, height).is_err(), "{x} {y} {width} {height}");
        }
        assert!(part(i32::MAX, i32::MAX, u32::MAX, u32::MAX).is_err());
    }

    #[test]
    fn what_does_not_add_up_is_refused() {
        let buffer = buffer();
        for (offset, size, stride) in [
            (8, 60, 15),
            (8, 60, 0),
            (8, 60, -20),
            (8, 60, i32::MIN),
            (8, 60, i32::MAX),
            (8, 55, 20),
            (8, 0, 20),
            (13, 60, 20),
            (69, 60, 20),
            (u32::MAX, u32::MAX, 20),
            (8, 60, 27),
        ] {
            assert!(FORMAT.shot(&buffer, chunk(offset, size, stride), None).is_err(), "{offset} {size} {stride}");
        }
        assert!(FORMAT.shot(&[], chunk(0, 48, 16), None).is_err());
        let largest = Format::new(VideoFormat::BGRx, (MAX_SIDE, 4096)).unwrap();
        assert!(largest.shot(&buffer, chunk(u32::MAX, u32::MAX, i32::MAX), None).is_err());
    }

    #[test]
    fn unknown_colours_and_absurd_sizes_are_refused() {
        for format in [VideoFormat::BGRx, VideoFormat::BGRA, VideoFormat::RGBx, VideoFormat::RGBA] {
            assert!(Format::new(format, (1920, 1080)).is_ok());
        }
        for format in [VideoFormat::NV12, VideoFormat::xRGB, VideoFormat::Unknown, VideoFormat::from_raw(77_777)] {
            let why = Some(ScreenError::Unsupported("unusual colours"));
            assert_eq!(Format::new(format, (1920, 1080)).err(), why);
        }
        for size in [(0, 0), (1, 100), (100, 1), (MAX_SIDE, MAX_SIDE), (MAX_SIDE + 1, 2), (u32::MAX, u32::MAX)] {
            let why = Some(ScreenError::Unsupported("an unusual size"));
            assert_eq!(Format::new(VideoFormat::BGRx, size).err(), why);
        }
        assert!(Format::of(VideoInfoRaw::default()).is_err());
    }
}
