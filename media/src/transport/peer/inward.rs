//! Datagrams that come in, over both ways.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::net::SocketAddr;
use std::time::Instant;

use str0m::net::{Protocol, Receive};
use str0m::{Input, RtcError};

use super::{Peer, State};
use crate::transport::figures::Route;
use crate::transport::guard::Gone;
use crate::transport::ways;
use crate::transport::wire::Ssrcs;

/// Larger datagrams are nobody's we know.
const MAX_DATAGRAM: usize = 2000;

impl Peer {
    /// Whether a datagram is this peer's. For several peers on one socket.
    pub fn accepts(&self, from: SocketAddr, to: SocketAddr, bytes: &[u8]) -> bool {
        if bytes.len() > MAX_DATAGRAM || !self.ways.admits(from, to, bytes) {
            return false;
        }
        let late = self.ways.is_late(from);
        // Parsing is foreign code on foreign bytes, so it happens inside the guard too.
        let accepts = self.rtc.ask(|rtc| {
            let Ok(receive) = Receive::new(Protocol::Udp, from, to, bytes) else {
                return false;
            };
            late || rtc.accepts(&Input::Receive(self.now, receive))
        });
        accepts.unwrap_or(false)
    }

    /// Takes a datagram in that came to our own socket. One that isn't this peer's, or is no datagram of ours at all, changes
    /// nothing and is counted.
    pub fn receive(&mut self, now: Instant, from: SocketAddr, to: SocketAddr, bytes: &[u8]) {
        self.now = self.now.max(now);
        if !self.ways.admits(from, to, bytes) {
            self.figures.dropped_in = self.figures.dropped_in.saturating_add(1);
            return;
        }
        let known = self.ways.is_late(from);
        self.take(Route::Direct, known, Protocol::Udp, (from, to), bytes);
    }

    /// As [`Self::receive`], for a datagram that came over the link to this peer.
    pub fn receive_link(&mut self, now: Instant, bytes: &[u8]) {
        self.now = self.now.max(now);
        if !self.ways.has_link() {
            self.figures.dropped_in = self.figures.dropped_in.saturating_add(1);
            return;
        }
        // The link proves whose datagrams these are. ICE knows that only once it has checked the link, which is a little late
        // when the direct way has died. Before the first connection it is early enough.
        let known = self.state != State::New && !ways::is_check(bytes);
        let addresses = (ways::made_up(self.role.other()), ways::made_up(self.role));
        self.take(Route::Link, known, Protocol::Tcp, addresses, bytes);
    }

    /// `known`: it is this peer's, whatever ICE says.
    fn take(&mut self, route: Route, known: bool, proto: Protocol, (from, to): (SocketAddr, SocketAddr), bytes: &[u8]) {
        if bytes.len() > MAX_DATAGRAM || !Ssrcs::of(self.role.other()).admits(bytes) {
            self.figures.dropped_in = self.figures.dropped_in.saturating_add(1);
            return;
        }
        let now = self.now;
        let taken = self.rtc.with(|rtc| {
            let Ok(receive) = Receive::new(proto, from, to, bytes) else {
                return Ok(false);
            };
            let input = Input::Receive(now, receive);
            if !known && !rtc.accepts(&input) {
                return Ok(false);
            }
            rtc.handle_input(input).map(|()| true)
        });
        match taken {
            Ok(Ok(true)) => self.count_in(route, bytes),
            // DTLS ignores what it can't authenticate once it has keys. What fails before is a handshake that somebody on the path
            // tampered with; its state is not to be used any more (its timers would never come to rest).
            Ok(Err(RtcError::Dtls(_))) => self.die(),
            Ok(Ok(false) | Err(_)) => self.figures.dropped_in = self.figures.dropped_in.saturating_add(1),
            Err(Gone) => self.die(),
        }
    }

    fn count_in(&mut self, route: Route, bytes: &[u8]) {
        self.figures.received_bytes = self.figures.received_bytes.saturating_add(bytes.len() as u64);
        self.figures.received_datagrams = self.figures.received_datagrams.saturating_add(1);
        self.figures.heard = Some(self.now);
        if ways::is_media(bytes) {
            self.figures.on(route).received = self.figures.on(route).received.saturating_add(1);
            if route == Route::Direct {
                self.figures.heard_direct = Some(self.now);
            }
        }
    }
}
