//! RFC 9605, appendix C, through the code that seals and opens our frames: the headers of C.1, and of C.3 the one of cipher
//! suite 4 (AES_128_GCM_SHA256_128). The values are those of the RFC's own file `test-vectors/test-vectors.json`. C.2 is
//! about AES-CTR with HMAC, which we don't have.

use sframe::header::SframeHeader;

use super::cipher::{CipherError, OpeningKey, SealingKey};

const BASE_KEY: &str = "000102030405060708090a0b0c0d0e0f";
const KEY_ID: u64 = 0x123;
const COUNTER: u64 = 0x4567;
const METADATA: &str = "4945544620534672616d65205747";
const PLAINTEXT: &str = "64726166742d696574662d736672616d652d656e63";
const SEALED: &str = "9901234567b7412c2513a1b66dbb48841bbaf17f598751176ad847681a69c6d0b091c07018ce4adb34eb";

/// Key id, counter, header: every length of both, and the ends of each.
const HEADERS: &[(u64, u64, &str)] = &[
    (0, 0, "00"),
    (0, 1, "01"),
    (0, 0xff, "08ff"),
    (0, 0x100, "090100"),
    (0, 0xffff, "09ffff"),
    (0, 0x1_0000, "0a010000"),
    (0, 0xff_ffff, "0affffff"),
    (0, 0x100_0000, "0b01000000"),
    (0, 0xffff_ffff, "0bffffffff"),
    (0, 0x1_0000_0000, "0c0100000000"),
    (0, 0xff_ffff_ffff, "0cffffffffff"),
    (0, 0x100_0000_0000, "0d010000000000"),
    (0, 0xffff_ffff_ffff, "0dffffffffffff"),
    (0, 0x1_0000_0000_0000, "0e01000000000000"),
    (0, 0xff_ffff_ffff_ffff, "0effffffffffffff"),
    (0, 0x100_0000_0000_0000, "0f0100000000000000"),
    (0, 0xffff_ffff_ffff_ffff, "0fffffffffffffffff"),
    (1, 1, "11"),
    (1, 0x100_0000, "1b01000000"),
    (0xff, 0xff, "88ffff"),
    (0x100, 0x100, "9901000100"),
    (0x100, 0xff_ffff, "9a0100ffffff"),
    (0xffff, 1, "91ffff"),
    (0xffff, 0xffff, "99ffffffff"),
    (0x1_0000, 0x1_0000, "aa010000010000"),
    (0xff_ffff, 0, "a0ffffff"),
    (0xff_ffff, 0xff_ffff, "aaffffffffffff"),
    (0x100_0000, 0xffff, "b901000000ffff"),
    (0x100_0000, 0x100_0000, "bb0100000001000000"),
    (0xffff_ffff, 0xffff_ffff, "bbffffffffffffffff"),
    (0x1_0000_0000, 0, "c00100000000"),
    (0x1_0000_0000, 0x100, "c901000000000100"),
    (0xff_ffff_ffff, 1, "c1ffffffffff"),
    (0xff_ffff_ffff, 0x100_0000, "cbffffffffff01000000"),
    (0x100_0000_0000, 0xff, "d8010000000000ff"),
    (0xffff_ffff_ffff, 0x100, "d9ffffffffffff0100"),
    (0xffff_ffff_ffff, 0xff_ffff, "daffffffffffffffffff"),
    (0x1_0000_0000_0000, 1, "e101000000000000"),
    (0x1_0000_0000_0000, 0xffff, "e901000000000000ffff"),
    (0xff_ffff_ffff_ffff, 0x1_0000, "eaffffffffffffff010000"),
    (0x100_0000_0000_0000, 0, "f00100000000000000"),
    (0x100_0000_0000_0000, 0xff_ffff, "fa0100000000000000ffffff"),
    (0xffff_ffff_ffff_ffff, 0, "f0ffffffffffffffff"),
    (0xffff_ffff_ffff_ffff, 1, "f1ffffffffffffffff"),
    (0xffff_ffff_ffff_ffff, 0xff, "f8ffffffffffffffffff"),
    (0xffff_ffff_ffff_ffff, 0x100, "f9ffffffffffffffff0100"),
    (0xffff_ffff_ffff_ffff, 0xffff, "f9ffffffffffffffffffff"),
    (0xffff_ffff_ffff_ffff, 0x1_0000, "faffffffffffffffff010000"),
    (0xffff_ffff_ffff_ffff, 0xff_ffff, "faffffffffffffffffffffff"),
    (0xffff_ffff_ffff_ffff, 0x100_0000, "fbffffffffffffffff01000000"),
    (0xffff_ffff_ffff_ffff, 0xffff_ffff, "fbffffffffffffffffffffffff"),
    (0xffff_ffff_ffff_ffff, 0x1_0000_0000, "fcffffffffffffffff0100000000"),
    (0xffff_ffff_ffff_ffff, 0xff_ffff_ffff, "fcffffffffffffffffffffffffff"),
    (0xffff_ffff_ffff_ffff, 0x100_0000_0000, "fdffffffffffffffff010000000000"),
    (0xffff_ffff_ffff_ffff, 0xffff_ffff_ffff, "fdffffffffffffffffffffffffffff"),
    (0xffff_ffff_ffff_ffff, 0x1_0000_0000_0000, "feffffffffffffffff01000000000000"),
    (0xffff_ffff_ffff_ffff, 0xff_ffff_ffff_ffff, "feffffffffffffffffffffffffffffff"),
    (0xffff_ffff_ffff_ffff, 0x100_0000_0000_0000, "ffffffffffffffffff0100000000000000"),
    (0xffff_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff, "ffffffffffffffffffffffffffffffffff"),
];

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn sealing_gives_the_rfc_vector() {
    let mut key = SealingKey::derive_from_counter(&bytes(BASE_KEY), KEY_ID, COUNTER).unwrap();
    let mut out = vec![0xff; 3];
    key.seal(&bytes(METADATA), &bytes(PLAINTEXT), &mut out).unwrap();
    assert_eq!(out, [bytes(METADATA), bytes(SEALED)].concat());
}

#[test]
fn opening_takes_the_rfc_vector_once() {
    let mut key = OpeningKey::derive(&bytes(BASE_KEY), KEY_ID).unwrap();
    let mut out = Vec::new();
    key.open(&bytes(METADATA), &bytes(SEALED), &mut out).unwrap();
    assert_eq!(out, [bytes(METADATA), bytes(PLAINTEXT)].concat());
    let again = key.open(&bytes(METADATA), &bytes(SEALED), &mut out);
    assert!(matches!(again, Err(CipherError::Replayed)));
    assert!(out.is_empty());
}

#[test]
fn the_rfc_vector_with_other_metadata_stays_closed() {
    let mut key = OpeningKey::derive(&bytes(BASE_KEY), KEY_ID).unwrap();
    let mut out = Vec::new();
    let opened = key.open(b"other", &bytes(SEALED), &mut out);
    assert!(matches!(opened, Err(CipherError::Failed)));
}

#[test]
fn a_key_whose_counters_are_used_up_seals_nothing_more() {
    let last = u64::from(u32::MAX);
    let mut key = SealingKey::derive_from_counter(&bytes(BASE_KEY), KEY_ID, last).unwrap();
    let mut out = Vec::new();
    key.seal(&[], b"last", &mut out).unwrap();
    assert!(matches!(key.seal(&[], b"one more", &mut out), Err(CipherError::Exhausted)));
}

#[test]
fn headers_are_read_as_the_rfc_has_them() {
    for (key_id, counter, encoded) in HEADERS {
        let header = SframeHeader::deserialize(bytes(encoded)).unwrap();
        assert_eq!((header.key_id(), header.counter()), (*key_id, *counter), "{encoded}");
    }
}

#[test]
fn sealed_frames_begin_with_the_header_that_the_rfc_has() {
    // Counters beyond a key's last one are never written.
    let written = HEADERS.iter().filter(|(_, counter, _)| *counter <= u64::from(u32::MAX));
    assert!(written.clone().count() > 40);
    for (key_id, counter, encoded) in written {
        let mut key = SealingKey::derive_from_counter(&bytes(BASE_KEY), *key_id, *counter).unwrap();
        let mut sealed = Vec::new();
        key.seal(&[], &bytes(PLAINTEXT), &mut sealed).unwrap();
        let header = bytes(encoded);
        assert_eq!(sealed[..header.len()], header);
        assert_eq!(sealed.len(), header.len() + PLAINTEXT.len() / 2 + 16);
        let mut out = Vec::new();
        OpeningKey::derive(&bytes(BASE_KEY), *key_id).unwrap().open(&[], &sealed, &mut out).unwrap();
        assert_eq!(out, bytes(PLAINTEXT));
    }
}

#[test]
fn a_header_that_is_cut_short_opens_nothing() {
    for (key_id, _, encoded) in HEADERS {
        let header = bytes(encoded);
        for length in 0..header.len() {
            let mut key = OpeningKey::derive(&bytes(BASE_KEY), *key_id).unwrap();
            assert!(key.open(&[], &header[..length], &mut Vec::new()).is_err());
        }
    }
}

#[test]
fn the_rfc_vector_with_any_bit_turned_stays_closed() {
    let sealed = bytes(SEALED);
    for at in 0..sealed.len() * 8 {
        let mut damaged = sealed.clone();
        damaged[at / 8] ^= 1 << (at % 8);
        let mut key = OpeningKey::derive(&bytes(BASE_KEY), KEY_ID).unwrap();
        let mut out = Vec::new();
        assert!(key.open(&bytes(METADATA), &damaged, &mut out).is_err());
        assert!(out.is_empty());
    }
}
