//! What anybody on the LAN can say: packets of multicast DNS, and instances with any TXT strings.

use std::collections::BTreeMap;

use arbitrary::Unstructured;

use super::{
    instance::Sighting,
    recognise::{Found, MAX_LOOKED_FOR, Recogniser},
};
use crate::rendezvous::{
    Whereabouts,
    keys::{DAY, Secret, Side, keys},
    schedule::PairId,
};

/// Instances of one input, at most.
const MAX_ACTS: usize = 64;
/// The pairs we are of; we look for the lower side of each.
const PAIRS: u64 = 3;

/// The first byte says what it is: a packet, or instances on the LAN.
///
/// # Panics
/// When something breaks, or somebody is found who was not there.
pub fn run(input: &[u8]) {
    let Some((kind, rest)) = input.split_first() else { return };
    if kind.is_multiple_of(2) {
        let mut packet = rest.to_vec();
        // The library takes a packet that ends before its questions do, and this entry of it calls that a fault.
        if let Some(questions) = packet.get_mut(4..6) {
            questions.fill(0);
        }
        mdns_sd::fuzz_api::parse_packet(&packet);
    } else {
        instances(&mut Unstructured::new(rest));
    }
}

/// An instance is whose it is and since when, its name, and changes of its strings: which, where, how many bytes go, and how
/// many come in their place.
fn instances(script: &mut Unstructured<'_>) {
    let mut recogniser = Recogniser::default();
    for pair in 0..PAIRS {
        assert!(recogniser.look_for(PairId(pair), secret(pair), Side::Higher));
    }
    let (mut now, mut newest) = (20_000 * DAY, BTreeMap::new());
    for port in 1..=MAX_ACTS as u16 {
        if script.is_empty() {
            break;
        }
        let [whose, ago, name, changes, later]: [u8; 5] = script.arbitrary().unwrap_or_default();
        now += u64::from(later) * 600;
        // One pair more than we look for. A clock may be ahead, too.
        let pair = u64::from(whose >> 1) % (PAIRS + 1);
        let side = if whose & 1 == 0 { Side::Lower } else { Side::Higher };
        let published = now.saturating_add_signed(i64::from(ago as i8) * 1200);
        let keys = keys(&secret(pair), side, published / DAY);
        let at = Whereabouts { endpoint: [7; 32], relays: Vec::new(), addresses: vec![([192, 0, 2, 1], port).into()] };
        let Ok(made) = Sighting::make(&keys, &at, published) else { continue };
        let properties = made.strings();
        let strings =
            properties.iter().map(|string| (string.key().to_owned(), string.val().unwrap_or_default().to_vec()));
        let mut strings: BTreeMap<_, _> = strings.collect();
        for _ in 0..changes % 4 {
            change(&mut strings, script);
        }
        let read = Sighting::read(|key| strings.get(key).map(Vec::as_slice));
        let Some(sighting) = read else { continue };
        let is_whole = (sighting.nonce, sighting.token, &sighting.sealed) == (made.nonce, made.token, &made.sealed);
        let found = recogniser.sighted(format!("{}", name % 8), sighting, now);
        if let Some(Found { pair: of, whereabouts, published: said }) = found {
            assert!(is_whole && side == Side::Lower, "somebody is found by damaged strings");
            assert!(of == PairId(pair) && whereabouts == at && said == published, "somebody else is found");
            let before = newest.insert(pair, published).unwrap_or(0);
            assert!(before <= published, "an older record takes the place of a newer one");
        }
        if name & 0x80 != 0 {
            recogniser.gone(&format!("{}", name % 8));
        }
        let _ = recogniser.among_remembered(PairId(pair), now);
    }
    for pair in 0..=MAX_LOOKED_FOR as u64 {
        let taken = recogniser.look_for(PairId(pair), secret(pair), Side::Higher);
        assert_eq!(taken, pair < MAX_LOOKED_FOR as u64);
    }
}

fn change(strings: &mut BTreeMap<String, Vec<u8>>, script: &mut Unstructured<'_>) {
    let [which, from, gone, come] = script.arbitrary::<[u8; 4]>().unwrap_or_default().map(usize::from);
    let come = script.bytes(come.min(script.len())).unwrap_or_default().to_vec();
    let Some(key) = strings.keys().nth(which % 8).cloned() else { return };
    if which & 0x80 != 0 {
        strings.remove(&key);
    } else if let Some(value) = strings.get_mut(&key) {
        let from = from.min(value.len());
        value.splice(from..(from + gone).min(value.len()), come);
    }
}

fn secret(pair: u64) -> Secret {
    Secret::from_bytes([pair as u8; 32])
}
