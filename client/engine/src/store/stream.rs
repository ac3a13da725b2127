//! Bytes sealed in chunks, so that none can be changed, left out, doubled, moved or cut off unnoticed.
//!
//! The STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár (2015, "Online Authenticated-Encryption and its
//! Nonce-Reuse Misuse-Resistance") over AES-256-GCM: the nonce of a chunk is 7 zero bytes, the number of the chunk (4
//! bytes, big endian, from 0) and 1 for the last chunk, 0 for the others. The zero bytes are safe because a key seals
//! one stream.

use aws_lc_rs::aead::{Aad, Nonce};
use zeroize::Zeroizing;

use super::{StoreError, envelope::cipher, lock::Key};

/// Bytes of content in each chunk but the last, which has fewer or as many.
pub(super) const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;

/// Seals `plain` with a key that must never have sealed anything.
pub(super) fn seal(key: &Key, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
    let cipher = cipher(key)?;
    let (last, full) = split_last(plain, CHUNK);
    let mut sealed = Vec::with_capacity(plain.len() + (plain.len() / CHUNK + 1) * TAG);
    for (number, chunk, is_last) in numbered(full, last, CHUNK) {
        let mut buffer = chunk.to_vec();
        let tag = cipher
            .seal_in_place_separate_tag(nonce(number, is_last)?, Aad::empty(), &mut buffer)
            .map_err(|_| StoreError::TooLarge)?;
        sealed.extend_from_slice(&buffer);
        sealed.extend_from_slice(tag.as_ref());
    }
    Ok(sealed)
}

/// Undoes [`seal`].
///
/// # Errors
/// [`StoreError::Damaged`] for anything but the whole of what was sealed with `key`.
pub(super) fn open(key: &Key, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let cipher = cipher(key)?;
    let (last, full) = split_last(sealed, CHUNK + TAG);
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
    for (number, chunk, is_last) in numbered(full, last, CHUNK + TAG) {
        let mut buffer = Zeroizing::new(chunk.to_vec());
        let opened = cipher
            .open_in_place(nonce(number, is_last)?, Aad::empty(), &mut buffer)
            .map_err(|_| StoreError::Damaged)?;
        plain.extend_from_slice(opened);
    }
    Ok(plain)
}

/// The last chunk, which is never missing and empty only when all is, and those in front of it.
fn split_last(bytes: &[u8], chunk: usize) -> (&[u8], &[u8]) {
    let full = bytes.len().saturating_sub(1) / chunk * chunk;
    let (full, last) = bytes.split_at_checked(full).unwrap_or((&[], bytes));
    (last, full)
}

fn numbered<'a>(full: &'a [u8], last: &'a [u8], chunk: usize) -> impl Iterator<Item = (usize, &'a [u8], bool)> {
    let full = full.chunks(chunk).map(|chunk| (chunk, false));
    full.chain([(last, true)]).enumerate().map(|(number, (chunk, is_last))| (number, chunk, is_last))
}

fn nonce(number: usize, is_last: bool) -> Result<Nonce, StoreError> {
    let [a, b, c, d] = u32::try_from(number).map_err(|_| StoreError::TooLarge)?.to_be_bytes();
    Ok(Nonce::assume_unique_for_key([0, 0, 0, 0, 0, 0, 0, a, b, c, d, u8::from(is_last)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        Zeroizing::new([7; 32])
    }

    #[test]
    fn what_was_sealed_opens_at_every_length_around_a_chunk() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1] {
            let plain: Vec<u8> = (0..length).map(|i| i as u8).collect();
            let sealed = seal(&key(), &plain).unwrap();
            assert_eq!(sealed.len(), length + TAG * length.div_ceil(CHUNK).max(1));
            assert_eq!(*open(&key(), &sealed).unwrap(), plain);
        }
    }

    #[test]
    fn chunks_cut_off_moved_doubled_or_changed_are_refused() {
        let sealed = seal(&key(), &vec![1; 3 * CHUNK]).unwrap();
        let chunks: Vec<&[u8]> = sealed.chunks(CHUNK + TAG).collect();
        let [a, b, c] = chunks[..] else { panic!("{} chunks", chunks.len()) };
        for wrong in [
            vec![],
            [a].concat(),
            [a, b].concat(),
            [b, a, c].concat(),
            [a, a, c].concat(),
            [a, b, b, c].concat(),
            [a, b, c, c].concat(),
            [a, b, c, &[0]].concat(),
            sealed[..sealed.len() - 1].to_vec(),
        ] {
            assert_eq!(open(&key(), &wrong).err(), Some(StoreError::Damaged), "{} bytes", wrong.len());
        }
        for at in [0, CHUNK, CHUNK + TAG, sealed.len() - 1] {
            let mut wrong = sealed.clone();
            wrong[at] ^= 1;
            assert_eq!(open(&key(), &wrong).err(), Some(StoreError::Damaged), "byte {at}");
        }
    }
}
