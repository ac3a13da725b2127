//! What simulations look into and upset.

use group_crypto::MemberId;

use super::{Around, Links};
use crate::room::{link::LinkId, wire::Hello};

impl Links {
    /// Our Hello to the endpoint `to`.
    pub fn hello(&mut self, around: Around<'_>, to: [u8; 32], whom: Option<MemberId>) -> Option<Hello> {
        self.own_hello(around, &to, whom)
    }

    pub fn members(&self) -> Vec<MemberId> {
        self.parties.keys().copied().collect()
    }

    /// The link of our own with a member.
    pub fn own_link_with(&self, member: MemberId) -> Option<LinkId> {
        self.parties.get(&member)?.own_link()
    }
}

#[cfg(test)]
mod unsettling {
    use super::*;
    use crate::rendezvous::Whereabouts;

    impl Links {
        /// The number of our own statement.
        pub fn stated(&mut self, around: Around<'_>) -> Option<u64> {
            self.own_statement(around).map(|statement| statement.number)
        }

        /// Where a member is, as far as links know.
        pub fn place_of(&self, member: MemberId) -> Option<&Whereabouts> {
            self.parties.get(&member).map(|party| &party.reach.at)
        }

        /// A member is taken to be here, and not dialled.
        pub fn misplace(&mut self, member: MemberId, at: Whereabouts) {
            if let Some(party) = self.parties.get_mut(&member) {
                (party.reach.at, party.reach.dial_at) = (at, None);
            }
        }

        /// The first link that is up.
        pub fn any_link(&self) -> Option<LinkId> {
            self.parties.values().find_map(|party| party.link)
        }

        /// Opens a way to a member through another.
        pub fn open_way(&mut self, to: MemberId, by: MemberId) -> LinkId {
            self.forwarding.open(to, by)
        }
    }
}
