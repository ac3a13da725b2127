//! Hello, and where members are.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::{
    abilities::Abilities,
    encode,
    few::{Few, Short},
    link::Streams,
};
use crate::{
    rendezvous::{
        Whereabouts,
        whereabouts::{MAX_ADDRESSES, MAX_RELAY_URL, MAX_RELAYS},
    },
    room::numbers::Sequence,
};

pub(crate) type Relays = Few<Short<MAX_RELAY_URL>, MAX_RELAYS>;
pub(crate) type Addresses = Few<SocketAddr, MAX_ADDRESSES>;

/// See [`super::LinkMessage::Hello`]. The signature is the member's, over [`Hello::content`].
#[derive(Serialize, Deserialize)]
pub(crate) struct Hello {
    pub member: [u8; 16],
    /// The member for whom it is meant. A newcomer doesn't know yet who let it in, and says none.
    pub whom: Option<[u8; 16]>,
    /// Names the sender's media keys of this run.
    pub run: [u8; 16],
    pub fingerprint: [u8; 32],
    pub relays: Relays,
    pub addresses: Addresses,
    /// The number and the signature of the [`Statement`] of this place, for the reader to pass on.
    pub stated: u64,
    pub statement: Vec<u8>,
    /// The last line of the reader's that the sender has; none for a newcomer.
    pub received: Option<Sequence>,
    /// The last line of the sender's that the reader has, as far as the sender knows.
    pub acknowledged: Sequence,
    /// The first bytes of the SHA-256 of their common secret, or zeros.
    pub pair: [u8; 8],
    pub streams: Streams,
    pub abilities: Abilities,
    pub signature: Vec<u8>,
}

impl Hello {
    /// What the member signs: both ends of the link, and what others will believe for longer than the link lasts.
    pub fn content(&self, from: &[u8; 32], to: &[u8; 32]) -> Vec<u8> {
        let (member, whom) = (&self.member, &self.whom);
        let (place, abilities) = ((&self.relays, &self.addresses), &self.abilities);
        encode(&(from, to, member, whom, &self.run, &self.fingerprint, place, abilities))
    }
}

/// Where a member is, in their own words: a member that passes it on can't change it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Statement {
    pub member: [u8; 16],
    pub at: Place,
    /// A higher one replaces a lower one.
    pub number: u64,
    /// The member's, over [`Statement::content`].
    pub signature: Vec<u8>,
}

impl Statement {
    pub fn content(&self) -> Vec<u8> {
        encode(&(&self.member, &self.at, self.number))
    }
}

/// [`Whereabouts`] as they are told.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Place {
    pub endpoint: [u8; 32],
    pub relays: Relays,
    pub addresses: Addresses,
}

impl From<&Whereabouts> for Place {
    fn from(at: &Whereabouts) -> Self {
        let relays = at.relays.iter().map(|relay| relay.as_str().into()).collect();
        Self { endpoint: at.endpoint, relays, addresses: at.addresses.iter().copied().collect() }
    }
}

impl From<Place> for Whereabouts {
    fn from(at: Place) -> Self {
        let relays = at.relays.into_iter().map(String::from).collect();
        Self { endpoint: at.endpoint, relays, addresses: at.addresses.into() }
    }
}
