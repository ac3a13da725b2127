//! What a schedule keeps of each pair.

use std::{collections::BTreeMap, time::Instant};

use super::Moment;
use crate::rendezvous::keys::{Secret, Side};

#[derive(Debug)]
pub(super) struct Pair {
    pub secret: Secret,
    pub side: Side,
    pub linked: bool,
    pub wanted: bool,
    /// So long into the two hours before midnight tomorrow's record waits, s: not all pairs' at once.
    pub early_wait: u64,
    pub publications: BTreeMap<u64, Publication>,
    pub lookup: Option<Lookup>,
}

/// One day's record in the DHT, as far as we know.
#[derive(Debug)]
pub(super) struct Publication {
    pub last: Option<Moment>,
    pub due: Instant,
    pub failures: usize,
}

#[derive(Debug)]
pub(super) struct Lookup {
    pub due: Instant,
    pub step: usize,
    /// Days still to be asked about in this round, the next one last.
    pub days: Vec<u64>,
}

impl Lookup {
    /// One that begins anew, and is due at once.
    pub fn new(now: Instant) -> Self {
        Self { due: now, step: 0, days: Vec::new() }
    }
}
