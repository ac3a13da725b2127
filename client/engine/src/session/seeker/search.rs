//! The search on the local network.

use std::net::IpAddr;

use tokio::sync::mpsc;

use crate::{
    rendezvous::lan::{Found, Lan, LanSettings},
    wall::Wall,
};

pub(super) struct Search {
    pub lan: Lan,
    pub finds: mpsc::Receiver<Found>,
    interfaces: Vec<IpAddr>,
}

impl Search {
    pub fn start(wall: &Wall) -> Option<Self> {
        let own = wall.own_networks().into_iter().map(|(address, _)| address);
        let interfaces: Vec<_> = own.filter(|address| !address.is_loopback()).collect();
        match Lan::start(LanSettings { interfaces: interfaces.clone() }) {
            Ok((lan, finds)) => Some(Self { lan, finds, interfaces }),
            Err(why) => {
                tracing::warn!(%why, "the local network is not searched");
                None
            }
        }
    }

    pub fn is_of(&self, wall: &Wall) -> bool {
        let own = wall.own_networks().into_iter().map(|(address, _)| address);
        own.filter(|address| !address.is_loopback()).eq(self.interfaces.iter().copied())
    }
}
