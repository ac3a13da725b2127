//! Somebody on the line who sees datagrams and can add some, but drop none.

use ::media::Stream;

use super::{
    tests::frames,
    world::{CLEAR, SECOND, World},
};
use crate::room::Output;

/// The first byte of a DTLS record (RFC 9443, section 2).
const DTLS: std::ops::RangeInclusive<u8> = 20..=63;

#[test]
fn injected_dtls_records_stop_no_call() {
    let mut world = World::new(93, CLEAR);
    let host = world.create("Host");
    let invitation = world.invite(host);
    // Ahead of each record of a handshake goes a damaged one, from the right address to the right address.
    world.tamper = Some(Box::new(|_, output| match output {
        Output::Transmit { from, to, bytes } if bytes.first().is_some_and(|first| DTLS.contains(first)) => {
            let mut forged = bytes.clone();
            if let Some(last) = forged.last_mut() {
                *last ^= 0x55;
            }
            forged.truncate(forged.len().max(40) - 7);
            vec![Output::Transmit { from, to, bytes: forged }, Output::Transmit { from, to, bytes }]
        }
        other => vec![other],
    }));
    let guest = world.join("Guest", &invitation);
    world.run(12 * SECOND);
    world.start_media(host);
    world.start_media(guest);
    let since = world.now;
    world.run(3 * SECOND);
    for (who, from) in [(host, guest), (guest, host)] {
        assert!(frames(&world, who, from, Stream::Audio, since) >= 140, "the call was stopped");
    }
}
