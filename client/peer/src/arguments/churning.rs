//! People who come and go all the time.

use aws_lc_rs::rand;
use clap::Args;

use crate::error::PeerError;

#[derive(Args, Clone)]
pub struct Churning {
    /// Put the people into a kept room in which they join, leave, are removed, crash and come back: this many events a
    /// minute. Their profiles are in a temporary folder.
    #[arg(long, value_name = "EVENTS_PER_MINUTE", value_parser = clap::value_parser!(u32).range(1..=600))]
    churn: Option<u32>,
    /// Choose the same events as an earlier run with this seed; printed if not given.
    #[arg(long, value_name = "N", requires = "churn")]
    seed: Option<u64>,
    /// List every event in the figures.
    #[arg(long, requires = "churn")]
    pub churn_events: bool,
}

impl Churning {
    /// Events a minute, if there are to be any.
    pub fn rate(&self) -> Option<u32> {
        self.churn
    }

    pub fn seed(&self) -> Result<u64, PeerError> {
        let mut bytes = [0; 8];
        match self.seed {
            Some(seed) => Ok(seed),
            None => rand::fill(&mut bytes).map(|()| u64::from_be_bytes(bytes)).map_err(|_| PeerError::Engine),
        }
    }
}
