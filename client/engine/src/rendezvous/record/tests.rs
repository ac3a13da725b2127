use super::*;
use crate::rendezvous::{
    keys::{Secret, Side, keys},
    whereabouts::{MAX_ADDRESSES, MAX_RELAY_URL, MAX_RELAYS},
};

const NOW: u64 = 20_000 * DAY + 12 * 3600;

fn day_keys(byte: u8) -> DayKeys {
    keys(&Secret::from_bytes([byte; 32]), Side::Lower, NOW / DAY)
}

fn fullest() -> Whereabouts {
    let relay = |n: usize| format!("https://{n}{}", "r".repeat(MAX_RELAY_URL - 9));
    let address = |n: usize| format!("[2001:db8::{n}]:4433").parse().unwrap();
    Whereabouts {
        endpoint: [9; 32],
        relays: (0..MAX_RELAYS).map(relay).collect(),
        addresses: (0..MAX_ADDRESSES).map(address).collect(),
    }
}

fn empty() -> Whereabouts {
    Whereabouts { endpoint: [1; 32], relays: Vec::new(), addresses: Vec::new() }
}

/// A record whose plaintext is `plain`: what a contact with a mind of their own may publish.
fn sealed_by_hand(keys: &DayKeys, plain: &[u8]) -> Vec<u8> {
    let mut plain = plain.to_vec();
    plain.resize(PLAIN_LEN, 0);
    let nonce = Nonce::assume_unique_for_key([3; NONCE_LEN]);
    let tag = keys.seal.seal_in_place_separate_tag(nonce, Aad::empty(), &mut plain).unwrap();
    [&[3; NONCE_LEN][..], &plain, tag.as_ref()].concat()
}

#[test]
fn every_record_has_the_same_length_and_comes_back_as_it_was() {
    let keys = day_keys(1);
    for whereabouts in [empty(), fullest()] {
        let sealed = seal(&keys, &whereabouts, NOW).unwrap();
        assert_eq!(sealed.len(), SEALED_LEN);
        assert_eq!(open(&keys, &sealed, NOW + 5).map(|(read, at)| (read == whereabouts, at)), Ok((true, NOW)));
    }
}

#[test]
fn the_same_record_never_looks_the_same_twice() {
    let keys = day_keys(1);
    assert_ne!(seal(&keys, &empty(), NOW).unwrap(), seal(&keys, &empty(), NOW).unwrap());
}

#[test]
fn only_the_pair_s_keys_open_a_record() {
    let sealed = seal(&day_keys(1), &fullest(), NOW).unwrap();
    assert_eq!(open(&day_keys(2), &sealed, NOW).unwrap_err(), RecordError::NotOurs);
    let yesterday = keys(&Secret::from_bytes([1; 32]), Side::Lower, NOW / DAY - 1);
    assert_eq!(open(&yesterday, &sealed, NOW).unwrap_err(), RecordError::NotOurs);
}

#[test]
fn every_changed_byte_and_every_other_length_is_refused() {
    let keys = day_keys(1);
    let sealed = seal(&keys, &fullest(), NOW).unwrap();
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert_eq!(open(&keys, &changed, NOW).unwrap_err(), RecordError::NotOurs, "byte {at}");
        assert_eq!(open(&keys, &sealed[..at], NOW).unwrap_err(), RecordError::WrongLength);
    }
    let longer = [&sealed[..], &[0]].concat();
    assert_eq!(open(&keys, &longer, NOW).unwrap_err(), RecordError::WrongLength);
}

#[test]
fn record_is_believed_for_26_hours_and_from_2_hours_ahead() {
    let keys = day_keys(1);
    let sealed = seal(&keys, &empty(), NOW).unwrap();
    let error = |now: u64| open(&keys, &sealed, now).err();
    assert_eq!(error(NOW + MAX_AGE), None);
    assert_eq!(error(NOW + MAX_AGE + 1), Some(RecordError::TooOld));
    assert_eq!(error(NOW - CLOCK_MARGIN), None);
    assert_eq!(error(NOW - CLOCK_MARGIN - 1), Some(RecordError::FromTheFuture));
    assert_eq!(error(0), Some(RecordError::FromTheFuture));
    assert_eq!(error(u64::MAX), Some(RecordError::TooOld));
}

#[test]
fn what_does_not_fit_is_not_sealed() {
    let refused = |change: fn(&mut Whereabouts)| {
        let mut whereabouts = fullest();
        change(&mut whereabouts);
        seal(&day_keys(1), &whereabouts, NOW).unwrap_err()
    };
    assert_eq!(
        refused(|w| w.relays.push("https://a".into())),
        RecordError::Whereabouts(WhereaboutsError::TooManyRelays)
    );
    assert_eq!(
        refused(|w| w.addresses.push("192.0.2.1:1".parse().unwrap())),
        RecordError::Whereabouts(WhereaboutsError::TooManyAddresses)
    );
    for relay in ["", "ftp://relay", "https://", "https://a b", "https://\u{e9}", &"https://".repeat(17)] {
        let mut whereabouts = empty();
        whereabouts.relays.push(relay.to_owned());
        assert_eq!(
            seal(&day_keys(1), &whereabouts, NOW).unwrap_err(),
            RecordError::Whereabouts(WhereaboutsError::BadRelay),
            "{relay}"
        );
    }
}

#[test]
fn address_of_nobody_or_everybody_is_refused_both_ways() {
    for address in ["0.0.0.0:1", "[::]:1", "224.0.0.251:5353", "255.255.255.255:1", "192.0.2.1:0", "[ff02::1]:1"] {
        let mut whereabouts = empty();
        whereabouts.addresses.push(address.parse().unwrap());
        assert_eq!(
            seal(&day_keys(1), &whereabouts, NOW).unwrap_err(),
            RecordError::Whereabouts(WhereaboutsError::BadAddress),
            "{address}"
        );
    }
    let body = [&[0; 32][..], &[0, 1], &[4, 224, 0, 0, 251, 0, 9]].concat();
    assert_eq!(Whereabouts::from_bytes(&body).unwrap_err(), RecordError::Whereabouts(WhereaboutsError::BadAddress));
}

#[test]
fn a_malformed_body_gives_its_own_error() {
    let error = |tail: &[u8]| Whereabouts::from_bytes(&[&[0; 32][..], tail].concat()).err();
    assert_eq!(Whereabouts::from_bytes(&[]).err(), Some(RecordError::Malformed));
    assert_eq!(error(&[]), Some(RecordError::Malformed));
    assert_eq!(error(&[0]), Some(RecordError::Malformed));
    assert_eq!(error(&[0, 0]), None);
    assert_eq!(error(&[0, 0, 0, 0]), None);
    assert_eq!(error(&[0, 0, 0, 1]), Some(RecordError::Malformed), "a trailing byte");
    assert_eq!(error(&[5]), Some(RecordError::Whereabouts(WhereaboutsError::TooManyRelays)));
    assert_eq!(error(&[1, 200, b'h']), Some(RecordError::Malformed));
    assert_eq!(error(&[0, 17]), Some(RecordError::Whereabouts(WhereaboutsError::TooManyAddresses)));
    assert_eq!(error(&[0, 1, 5, 0, 0, 0, 0, 0, 0]), Some(RecordError::Malformed));
    assert_eq!(error(&[0, 1, 6, 1, 2, 3, 4, 0, 9]), Some(RecordError::Malformed));
}

#[test]
fn a_newer_version_is_told_from_a_damaged_record() {
    let keys = day_keys(1);
    assert_eq!(open(&keys, &sealed_by_hand(&keys, &[2]), NOW).unwrap_err(), RecordError::Newer);
    assert_eq!(open(&keys, &sealed_by_hand(&keys, &[0]), NOW).unwrap_err(), RecordError::Malformed);
}

#[test]
fn body_of_a_released_record_is_read_as_it_was() {
    let recorded = include_bytes!("../../../../../fuzz/seeds/record/good-mixed");
    let at = Whereabouts {
        endpoint: [5; 32],
        relays: vec!["https://relay.example/".into()],
        addresses: vec!["127.0.0.1:4000".parse().unwrap(), "[fd00::1]:4001".parse().unwrap()],
    };
    assert_eq!(Whereabouts::from_bytes(recorded), Ok(at));
}
