//! What may be asked of a room.

use group_crypto::MemberId;

use super::{Inside, Pair, Phase, Room, RoomFigures, Summary, Whose, content::RoomUri};
use crate::api::RoomKind;

impl Room {
    /// With whom we have a secret to be found by.
    pub fn pairs(&self) -> Vec<Pair> {
        match &self.phase {
            Phase::Joining(joining) => joining.pair().into_iter().collect(),
            Phase::Inside(inside) => inside.pairs(),
            Phase::Over(..) => Vec::new(),
        }
    }

    pub fn kind(&self) -> Option<RoomKind> {
        match &self.phase {
            Phase::Inside(inside) => Some(inside.about.kind),
            Phase::Joining(joining) => Some(joining.kind()),
            Phase::Over(..) => None,
        }
    }

    /// A member's name by their id, ourselves included.
    pub fn name_of(&self, member: MemberId) -> Option<String> {
        self.inside()?.name_of(member)
    }

    /// Who else is in the call.
    pub fn others_in_call(&self) -> Vec<(MemberId, String)> {
        self.inside().map(Inside::others_in_call).unwrap_or_default()
    }

    /// There are others in the call, and no place for us.
    pub fn call_is_full(&self) -> bool {
        self.inside().is_some_and(Inside::call_is_full)
    }

    /// Nobody else is a member, is about to be one, or can become one by an invitation of ours.
    pub fn is_alone(&self) -> bool {
        self.inside().is_some_and(Inside::is_alone)
    }

    /// The id of the group, while we are a member of it who can say something.
    pub fn open_group(&self) -> Option<&[u8]> {
        self.inside().and_then(|inside| inside.roster.open_group())
    }

    /// As message IDs know it.
    pub fn uri(&self) -> Option<RoomUri> {
        self.inside().map(|inside| RoomUri::new(inside.roster.group().id()))
    }

    /// Whose this endpoint is, if it is one of the room's.
    pub fn whose(&self, endpoint: &[u8; 32]) -> Option<Whose> {
        self.inside().and_then(|inside| inside.links.whose(&inside.about.own.at, endpoint))
    }

    pub fn my_id(&self) -> Option<MemberId> {
        self.inside().map(|inside| inside.roster.me())
    }

    /// Our own standing: title, epoch, suite and names, for the figures.
    pub fn summary(&self) -> Option<Summary> {
        match &self.phase {
            Phase::Inside(inside) => Some(inside.summary()),
            Phase::Over(summary, _) => summary.clone(),
            Phase::Joining(_) => None,
        }
    }

    /// Figures of everybody who is or was in the room.
    pub fn figures(&self) -> Vec<RoomFigures> {
        match &self.phase {
            Phase::Inside(inside) => inside.figures(),
            Phase::Over(_, figures) => figures.clone(),
            Phase::Joining(_) => Vec::new(),
        }
    }
}
