//! What strangers, members and files may send, as functions of bytes: what the targets in `fuzz/` call.
//!
//! Each says whether the bytes were taken, and panics when what was taken breaks a promise. Checksums are put right
//! first: they keep out accidents, not attackers, and would keep out the fuzzer too.

#![expect(clippy::expect_used, reason = "a broken promise is reported by a panic")]

#[cfg(test)]
mod tests;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE32_NOPAD;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    invitation::Invitation,
    rendezvous::{
        Whereabouts,
        keys::{DAY, Secret, Side, keys},
        record,
    },
    room::wire::{self, LinkMessage, RoomMessage},
    store,
};

/// The length of the checksums of invitations and envelopes, bytes.
const CHECK: usize = 4;

/// A script of what a member of a room does who keeps no rule. See [`crate::room::simulation::hostile`].
///
/// # Panics
/// When an honest member of the room suffers what the rules do not allow.
#[cfg(feature = "fuzzing")]
pub fn hostile(bytes: &[u8]) {
    crate::room::simulation::hostile::run(bytes);
}

/// Changes of what a disk says of a room, which may have come with an import. See [`crate::room::simulation::restored`].
///
/// # Panics
/// When the room is lost for anybody, or says what is not plain.
#[cfg(feature = "fuzzing")]
pub fn restored(bytes: &[u8]) {
    crate::room::simulation::restored::run(bytes);
}

/// What others write, all the way to what is shown. See [`crate::room::simulation::shown`].
///
/// # Panics
/// When something that is shown or kept is not plain.
#[cfg(feature = "fuzzing")]
pub fn shown(bytes: &[u8]) {
    crate::room::simulation::shown::run(bytes);
}

/// What anybody can do at the gate of our links. See [`crate::links::hostile`].
///
/// # Panics
/// When more callers get in at once than may, or more sources are remembered.
#[cfg(feature = "fuzzing")]
pub fn link(bytes: &[u8]) {
    crate::links::hostile::run(bytes);
}

/// What anybody on the LAN can say. See [`crate::rendezvous::lan::hostile`].
///
/// # Panics
/// When somebody is found who was not there.
#[cfg(feature = "fuzzing")]
pub fn nearby(bytes: &[u8]) {
    crate::rendezvous::lan::hostile::run(bytes);
}

/// An invitation as text, or what stands in one in front of the checksum.
///
/// # Panics
/// When an invitation that was read is not written as it is read.
pub fn invitation(bytes: &[u8]) -> bool {
    let text = str::from_utf8(bytes).ok().and_then(|text| text.parse().ok());
    let code = BASE32_NOPAD.encode(&[bytes, &check(bytes)].concat());
    let body = format!("incamera://join#{code}").parse().ok();
    let mut taken = false;
    for invitation in [text, body].into_iter().flatten() {
        let invitation: Invitation = invitation;
        let written = invitation.to_string();
        let read: Invitation = written.parse().expect("what was written is read");
        assert!(read.to_string() == written, "an invitation is written as it was read");
        taken = true;
    }
    taken
}

/// A record as it lies in the DHT, or what stands in one behind version and time.
///
/// # Panics
/// When whereabouts that were read cannot be published, or are others for the reader.
pub fn record(bytes: &[u8]) -> bool {
    const NOW: u64 = 20_000 * DAY;
    let keys = keys(&Secret::from_bytes([7; 32]), Side::Lower, NOW / DAY);
    let sealed = record::open(&keys, bytes, NOW).ok().map(|(whereabouts, _)| whereabouts);
    let body = Whereabouts::from_bytes(bytes).ok();
    let mut taken = false;
    for whereabouts in [sealed, body].into_iter().flatten() {
        let published = record::seal(&keys, &whereabouts, NOW).expect("what was read can be published");
        assert!(record::open(&keys, &published, NOW) == Ok((whereabouts, NOW)), "a record is read as it was published");
        taken = true;
    }
    taken
}

/// A message over a link, or one inside the group.
///
/// # Panics
/// When a message that was read grows by being written, or is another one then.
pub fn message(bytes: &[u8]) -> bool {
    let [link, room] = [message_of::<LinkMessage>(bytes), message_of::<RoomMessage>(bytes)];
    link || room
}

fn message_of<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> bool {
    let Some(message) = wire::decode::<T>(bytes) else { return false };
    let written = wire::encode(&message);
    assert!(written.len() <= bytes.len(), "a message grows by being written");
    let read: T = wire::decode(&written).expect("what was written is read");
    assert!(wire::encode(&read) == written, "a message is written as it was read");
    true
}

/// As which kind a message is read over a link, and as which one inside the group, by their names in the code.
pub fn message_kinds(bytes: &[u8]) -> (Option<String>, Option<String>) {
    (kind_of::<LinkMessage>(bytes), kind_of::<RoomMessage>(bytes))
}

/// In JSON a variant with fields is an object whose only key is its name, and one without fields is its name
/// (serde.rs/enum-representations).
fn kind_of<T: DeserializeOwned>(bytes: &[u8]) -> Option<String>
where
    for<'a> wire::Plain<'a, T>: Serialize,
{
    match serde_json::to_value(wire::Plain(&wire::decode::<T>(bytes)?)).ok()? {
        Value::String(kind) => Some(kind),
        Value::Object(fields) => fields.into_iter().next().map(|(kind, _)| kind),
        _ => None,
    }
}

/// An export locked with the passphrase `fuzz`: the envelope in front of it, Argon2id at the lowest cost, the stream.
pub fn envelope(bytes: &[u8]) -> bool {
    let Ok(passphrase) = store::Passphrase::new("fuzz".into()) else { return false };
    store::read_export(&cheap_and_checked(bytes), &passphrase).is_ok()
}

/// What an export holds, once it is opened.
///
/// # Panics
/// When what was read is not written as it is read.
pub fn import(bytes: &[u8]) -> bool {
    let Ok(dump) = store::read_dump(bytes) else { return false };
    let version = bytes.iter().take(2).copied();
    let written: Vec<u8> = version.clone().chain(wire::encode(&dump)).collect();
    let read = store::read_dump(&written).expect("what was written is read");
    let again: Vec<u8> = version.chain(wire::encode(&read)).collect();
    assert!(again == written, "a dump is written as it was read");
    true
}

/// An envelope with the right checksum, where there is room for one, and with a cost that is refused, or paid at once.
fn cheap_and_checked(bytes: &[u8]) -> Vec<u8> {
    const LOCKED_BY: usize = 10;
    const PASSPHRASE: u8 = 2;
    // Memory in KiB, passes, lanes: where each stands, and the most that is paid.
    const COST: [(usize, u32); 3] = [(11, 64), (15, 1), (19, 4)];
    // What stands above is beyond every bound: refused before it is paid.
    const BEARABLE: u32 = 256 * 1024;

    let mut bytes = bytes.to_vec();
    let with_passphrase = bytes.get(LOCKED_BY) == Some(&PASSPHRASE);
    for (at, most) in COST.into_iter().filter(|_| with_passphrase) {
        if let Some(field) = bytes.get_mut(at..).and_then(|from| from.first_chunk_mut::<4>()) {
            let number = u32::from_be_bytes(*field);
            *field = if number <= BEARABLE { number.min(most) } else { number }.to_be_bytes();
        }
    }
    let head = if with_passphrase { 40 } else { 12 };
    let keys = bytes.get(head - 1).copied().map_or(0, usize::from);
    let end = head + 12 + keys * 32 + 16;
    if let Some((body, rest)) = bytes.split_at_mut_checked(end)
        && let Some(field) = rest.first_chunk_mut()
    {
        *field = check(body);
    }
    bytes
}

fn check(body: &[u8]) -> [u8; CHECK] {
    digest(&SHA256, body).as_ref().first_chunk().copied().unwrap_or_default()
}
