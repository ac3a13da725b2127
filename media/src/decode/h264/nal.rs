//! The units of an H.264 byte stream (ITU-T H.264, Annex B and section 7.3.1).

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

/// A coded slice of a picture that refers to others.
pub(crate) const SLICE: u8 = 1;
/// A coded slice of an IDR picture, which refers to none.
pub(crate) const IDR_SLICE: u8 = 5;
pub(crate) const SEI: u8 = 6;
pub(crate) const SPS: u8 = 7;
pub(crate) const PPS: u8 = 8;
pub(crate) const DELIMITER: u8 = 9;
pub(crate) const FILLER: u8 = 12;

/// One unit: what lies between two start codes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Nal<'a> {
    /// Where the unit's start code begins in the stream.
    pub(crate) offset: usize,
    /// Header byte and payload, without trailing zeros. Never empty.
    pub(crate) bytes: &'a [u8],
}

impl Nal<'_> {
    fn header(&self) -> u8 {
        self.bytes.first().copied().unwrap_or(0)
    }

    pub(crate) fn kind(&self) -> u8 {
        self.header() & 0x1f
    }

    /// Whether the bit is set that says the unit is broken (section 7.4.1).
    pub(crate) fn is_forbidden(&self) -> bool {
        self.header() & 0x80 != 0
    }

    /// Whether this is the first slice of a picture: `first_mb_in_slice`, an Exp-Golomb code, is 0, so its first bit is 1.
    pub(crate) fn begins_picture(&self) -> bool {
        matches!(self.kind(), SLICE | IDR_SLICE) && self.bytes.get(1).is_some_and(|byte| byte & 0x80 != 0)
    }
}

/// The units of `stream`, in order. Bytes before the first start code belong to none.
pub(crate) fn units(stream: &[u8]) -> impl Iterator<Item = Nal<'_>> {
    let mut next = start_code(stream, 0);
    std::iter::from_fn(move || {
        loop {
            let (offset, begin) = next?;
            next = start_code(stream, begin);
            let end = next.map_or(stream.len(), |(offset, _)| offset);
            let mut bytes = stream.get(begin..end)?;
            while let [rest @ .., 0] = bytes {
                bytes = rest;
            }
            if !bytes.is_empty() {
                return Some(Nal { offset, bytes });
            }
        }
    })
}

/// Finds `00 00 01` at `from` or later: where it begins, counting one zero more before it, and where it ends.
fn start_code(stream: &[u8], from: usize) -> Option<(usize, usize)> {
    let at = from.checked_add(stream.get(from..)?.windows(3).position(|bytes| bytes == [0, 0, 1])?)?;
    let before = at.checked_sub(1).filter(|&before| before >= from && stream.get(before) == Some(&0));
    Some((before.unwrap_or(at), at.checked_add(3)?))
}

/// Cuts a stream into access units, each with the parameter sets in front of it: ranges of bytes.
pub(crate) fn access_units(stream: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    // Where the current access unit begins, and whether it has its picture yet.
    let mut begin = None;
    let mut has_picture = false;
    for nal in units(stream) {
        let is_slice = matches!(nal.kind(), SLICE | IDR_SLICE);
        if has_picture && (!is_slice || nal.begins_picture()) && nal.kind() != FILLER {
            found.push(begin.unwrap_or(0)..nal.offset);
            (begin, has_picture) = (None, false);
        }
        begin.get_or_insert(nal.offset);
        has_picture |= is_slice;
    }
    if let (Some(begin), true) = (begin, has_picture) {
        found.push(begin..stream.len());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_found_behind_short_and_long_start_codes() {
        let stream = [9, 0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x68, 2, 0, 0, 0, 1, 0x65, 0x80, 3, 0];
        let kinds: Vec<_> = units(&stream).map(|nal| (nal.kind(), nal.offset, nal.bytes.len())).collect();
        assert_eq!(kinds, [(SPS, 1, 2), (PPS, 7, 2), (IDR_SLICE, 12, 3)]);
    }

    #[test]
    fn a_stream_without_start_codes_has_no_units() {
        assert_eq!(units(&[]).count(), 0);
        assert_eq!(units(&[0, 0, 0, 0, 1]).count(), 0);
        assert_eq!(units(&[7; 40]).count(), 0);
    }

    #[test]
    fn slices_of_one_picture_stay_together() {
        let stream = [
            &[0, 0, 0, 1, 0x67, 1][..],
            &[0, 0, 0, 1, 0x65, 0x88],
            &[0, 0, 1, 0x65, 0x40],
            &[0, 0, 0, 1, 0x41, 0x9a],
            &[0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x65, 0x88],
        ]
        .concat();
        assert_eq!(access_units(&stream), [0..17, 17..23, 23..35]);
    }
}
