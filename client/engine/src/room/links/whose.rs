//! Whose an endpoint of a room is, which shows where an invitation leads.

use super::Links;
use crate::rendezvous::Whereabouts;

/// Whose an endpoint of a room is. They are random for each room and run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    Ours,
    AnotherMembers,
}

impl Links {
    /// Whose this endpoint is, as far as we know; `own`: where we are.
    pub fn whose(&self, own: &Whereabouts, endpoint: &[u8; 32]) -> Option<Whose> {
        if own.endpoint == *endpoint {
            return Some(Whose::Ours);
        }
        self.parties.values().any(|party| party.is_at(endpoint)).then_some(Whose::AnotherMembers)
    }
}
