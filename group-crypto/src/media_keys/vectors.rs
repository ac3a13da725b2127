//! RFC 9605, appendix C.3, cipher suite 4 (AES_128_GCM_SHA256_128), through the code that seals and
//! opens our frames.

use super::cipher::{CipherError, OpeningKey, SealingKey};

const BASE_KEY: &str = "000102030405060708090a0b0c0d0e0f";
const KEY_ID: u64 = 0x123;
const COUNTER: u64 = 0x4567;
const METADATA: &str = "4945544620534672616d65205747";
const PLAINTEXT: &str = "64726166742d696574662d736672616d652d656e63";
const SEALED: &str = "9901234567b7412c2513a1b66dbb48841bbaf17f598751176ad847681a69c6d0b091c07018ce4adb34eb";

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
