//! What happens, in the shape that `--json` writes.

use engine::api::{CallState, Event, MemberId, OverBecause, ParticipantState, Presence, RoomEvent};
use serde::Serialize;

use super::terms::{over, read_only};
use crate::{
    book::Room,
    safety::{self, Shown},
    said::NewLine,
};

/// One thing that happened.
#[derive(Serialize)]
pub struct Told {
    #[serde(flatten)]
    pub what: What,
    /// The title of the room, or the contact's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum What {
    /// All that is kept has been read.
    Ready {
        contacts: usize,
        rooms: usize,
    },
    Reach {
        offline: bool,
        dht: &'static str,
        relay: &'static str,
        lan: bool,
    },
    /// At a door, after an invitation was taken up.
    Waiting,
    Entered {
        kind: &'static str,
        post_quantum: bool,
    },
    /// The room began anew under another suite.
    Suite {
        post_quantum: bool,
    },
    Titled {
        title: String,
    },
    ContactMade {
        name: String,
    },
    Joined {
        name: String,
    },
    Renamed {
        name: String,
        to: String,
    },
    Left {
        name: String,
        why: &'static str,
    },
    /// Nothing more can be said there; `why` is none once that is over.
    ReadOnly {
        why: Option<&'static str>,
    },
    Present {
        name: String,
        route: &'static str,
    },
    Reconnecting {
        name: String,
    },
    Away {
        name: String,
    },
    /// Their media arrives, or no longer does.
    Media {
        name: String,
        connected: bool,
        path: Option<&'static str>,
    },
    /// Whether they are verified has changed: `verified`, `not`, or `broken`.
    Verification {
        name: String,
        verification: &'static str,
        /// The name for which they were verified, if it is another one.
        #[serde(skip_serializing_if = "Option::is_none")]
        verified_as: Option<String>,
    },
    /// One of those that `/who` lists.
    Member {
        name: String,
        id: String,
        state: &'static str,
    },
    /// What we and a member compare.
    Safety {
        name: String,
        #[serde(flatten)]
        shown: Shown,
    },
    Compared {
        name: String,
        outcome: &'static str,
        /// Of what could not be compared.
        why: Option<String>,
    },
    /// What all members of a room compare.
    RoomCode {
        words: String,
    },
    Delivered {
        up_to: u64,
    },
    Ringing {
        name: String,
        video: bool,
    },
    Calling,
    CallUp,
    CallOver,
    Missed {
        name: String,
        video: bool,
    },
    /// `number` is what `/admit` and `/refuse` take.
    Knock {
        number: u32,
        name: String,
    },
    KnockOver {
        number: u32,
    },
    /// Used up, expired or revoked.
    InvitationOver,
    RoomOver {
        why: &'static str,
    },
    JoinFailed {
        why: String,
    },
    Trouble {
        text: String,
    },
    /// Events that were lost, as stdout was not read.
    Lagged {
        dropped: u64,
    },
    Ended,
    /// A line of the chat, with an event for each kind of it.
    #[serde(untagged)]
    Line(NewLine),
}

impl What {
    /// Told of the room with this title.
    pub fn of(self, room: &str) -> Told {
        Told { what: self, room: Some(room.to_owned()) }
    }
}

/// Told of no room.
impl From<What> for Told {
    fn from(what: What) -> Self {
        Self { what, room: None }
    }
}

/// What an event outside of any room says; most say nothing that is printed.
pub fn tell(event: &Event) -> Option<Told> {
    let what = match event {
        Event::Reach(reach) => {
            What::Reach { offline: reach.offline, dht: reach.dht.into(), relay: reach.relay.into(), lan: reach.lan }
        }
        Event::Trouble(trouble) => What::Trouble { text: trouble.to_string() },
        Event::Lagged { dropped } => What::Lagged { dropped: *dropped },
        Event::Ended(_) => What::Ended,
        _ => return None,
    };
    Some(what.into())
}

/// What an event of a room says. `known` is the room before it, `number` that of the knock.
pub fn tell_of(known: Option<&Room>, number: Option<u32>, event: &RoomEvent) -> Vec<Told> {
    match (known, event) {
        (_, RoomEvent::Waiting) => vec![What::Waiting.into()],
        (_, RoomEvent::Over(OverBecause::JoinFailed(why))) => vec![What::JoinFailed { why: why.to_string() }.into()],
        (_, RoomEvent::Entered { title, kind, post_quantum, .. }) => {
            vec![What::Entered { kind: kind.into(), post_quantum: *post_quantum }.of(title)]
        }
        (Some(known), RoomEvent::Changed { member, state }) => {
            let (name, old) = (known.name_of(*member), known.members.get(member).map(|member| &member.state));
            changed(name, old, state).into_iter().map(|what| what.of(&known.title)).collect()
        }
        (Some(known), event) => happened(known, number, event).map(|what| what.of(&known.title)).into_iter().collect(),
        (None, _) => Vec::new(),
    }
}

fn happened(known: &Room, number: Option<u32>, event: &RoomEvent) -> Option<What> {
    let name = |member| known.name_of(member).to_owned();
    Some(match event {
        RoomEvent::Titled { title } if *title != known.title => What::Titled { title: title.clone() },
        RoomEvent::Suite { post_quantum, .. } => What::Suite { post_quantum: *post_quantum },
        RoomEvent::Joined { name, .. } if known.is_waiting() => What::ContactMade { name: name.clone() },
        RoomEvent::Joined { name, .. } => What::Joined { name: name.clone() },
        RoomEvent::Renamed { member, name: to } => What::Renamed { name: name(*member), to: to.clone() },
        RoomEvent::Left { member, why } => What::Left { name: name(*member), why: why.into() },
        RoomEvent::Said(line) => What::Line(NewLine::of(line)?),
        RoomEvent::LineChanged(line) => What::Line(NewLine::changed(line)),
        RoomEvent::Compared { member, outcome } => {
            let why = outcome.err().map(|why| why.to_string());
            What::Compared { name: name(*member), outcome: safety::outcome(*outcome), why }
        }
        RoomEvent::Delivered { up_to } => What::Delivered { up_to: *up_to },
        RoomEvent::Call(CallState::Ringing { by, video }) => What::Ringing { name: name(*by), video: *video },
        RoomEvent::Call(CallState::Calling) => What::Calling,
        RoomEvent::Call(CallState::In) => What::CallUp,
        RoomEvent::Call(CallState::None) if known.call != CallState::None => What::CallOver,
        RoomEvent::Missed { by, video } => What::Missed { name: name(*by), video: *video },
        RoomEvent::Knock { name, .. } => What::Knock { number: number?, name: name.clone() },
        RoomEvent::KnockOver { .. } => What::KnockOver { number: number? },
        RoomEvent::InvitationOver { .. } => What::InvitationOver,
        RoomEvent::ReadOnly(why) => What::ReadOnly { why: why.map(read_only) },
        RoomEvent::Over(why) => What::RoomOver { why: over(*why) },
        _ => return None,
    })
}

/// The member that an event is about.
pub fn member_of(what: &RoomEvent) -> Option<MemberId> {
    match what {
        RoomEvent::Joined { member, .. }
        | RoomEvent::Renamed { member, .. }
        | RoomEvent::Left { member, .. }
        | RoomEvent::Changed { member, .. }
        | RoomEvent::Compared { member, .. }
        | RoomEvent::Call(CallState::Ringing { by: member, .. })
        | RoomEvent::Missed { by: member, .. } => Some(*member),
        RoomEvent::Said(line) => Some(line.member),
        _ => None,
    }
}

/// Whether they can be reached, whether they are verified, and whether their media comes.
fn changed(name: &str, old: Option<&ParticipantState>, new: &ParticipantState) -> Vec<What> {
    let unknown = ParticipantState::default();
    let old = old.unwrap_or(&unknown);
    let name = || name.to_owned();
    let mut told = Vec::new();
    if old.presence != new.presence {
        told.push(match new.presence {
            Presence::Here(route) => What::Present { name: name(), route: route.into() },
            Presence::Reconnecting => What::Reconnecting { name: name() },
            Presence::Away => What::Away { name: name() },
        });
    }
    if (old.verification, &old.verified_as) != (new.verification, &new.verified_as) {
        let (verification, verified_as) = (new.verification.into(), new.verified_as.clone());
        told.push(What::Verification { name: name(), verification, verified_as });
    }
    if (old.connected, old.path) != (new.connected, new.path) {
        told.push(What::Media { name: name(), connected: new.connected, path: new.path.map(Into::into) });
    }
    told
}
