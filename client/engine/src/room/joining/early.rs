//! Links that other members open before our Welcome comes.

use crate::{
    api::Route,
    room::{link::LinkId, wire::MAX_OF_STRANGER},
};

/// Links that others may open before our Welcome comes, and messages on each.
const EARLY: usize = 32;
const EARLY_MESSAGES: usize = 16;

/// At most [`EARLY`], with [`EARLY_MESSAGES`] of a stranger's each.
#[derive(Default)]
pub(super) struct EarlyLinks(Vec<EarlyLink>);

pub(super) struct EarlyLink {
    pub link: LinkId,
    pub endpoint: [u8; 32],
    pub route: Option<Route>,
    pub said: Vec<Vec<u8>>,
}

impl EarlyLinks {
    /// False where there are too many.
    pub fn open(&mut self, link: LinkId, endpoint: [u8; 32]) -> bool {
        let has_place = self.0.len() < EARLY;
        if has_place {
            self.0.push(EarlyLink { link, endpoint, route: None, said: Vec::new() });
        }
        has_place
    }

    pub fn close(&mut self, link: LinkId) {
        self.0.retain(|early| early.link != link);
    }

    pub fn on_route(&mut self, link: LinkId, route: Route) {
        if let Some(early) = self.of(link) {
            early.route = Some(route);
        }
    }

    /// What is said beyond the bounds is dropped.
    pub fn on_message(&mut self, link: LinkId, bytes: Vec<u8>) {
        if let Some(early) = self.of(link)
            && early.said.len() < EARLY_MESSAGES
            && bytes.len() <= MAX_OF_STRANGER
        {
            early.said.push(bytes);
        }
    }

    pub fn into_all(self) -> Vec<EarlyLink> {
        self.0
    }

    fn of(&mut self, link: LinkId) -> Option<&mut EarlyLink> {
        self.0.iter_mut().find(|early| early.link == link)
    }
}
