//! What a room knows of itself and its members, for the figures.

use group_crypto::{MemberId, Suite};

use super::media::MediaFigures;
use crate::api::{KeyState, Route};

/// The figures of one participant that the room itself knows.
#[derive(Clone)]
pub(crate) struct RoomFigures {
    pub member: Option<MemberId>,
    pub name: String,
    pub route: Option<Route>,
    pub keys: KeyState,
    /// The name of the member who passes their pictures on now.
    pub carried_by: Option<String>,
    pub media: MediaFigures,
}

/// See [`Room::summary`](super::Room::summary).
#[derive(Clone)]
pub(crate) struct Summary {
    pub title: String,
    pub epoch: u64,
    pub suite: Suite,
    pub names: Vec<String>,
    pub roster: Vec<MemberId>,
    pub authenticator: [u8; 32],
}
