//! What happens, in the shape that `--json` writes.

use engine::api::{Body, CallState, Event, MemberId, OverBecause, ParticipantState, Presence, RoomEvent};
use serde::Serialize;

use super::terms::{over, read_only};
use crate::{
    book::Room,
    history::outcome,
    safety::{self, Shown},
};

/// One thing that happened. `room` is its title, or the contact's name.
#[derive(Serialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Told {
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
        room: String,
        kind: &'static str,
        post_quantum: bool,
    },
    /// The room began anew under another suite.
    Suite {
        room: String,
        post_quantum: bool,
    },
    Titled {
        room: String,
        title: String,
    },
    ContactMade {
        room: String,
        name: String,
    },
    Joined {
        room: String,
        name: String,
    },
    Renamed {
        room: String,
        name: String,
        to: String,
    },
    Left {
        room: String,
        name: String,
        why: &'static str,
    },
    /// Nothing more can be said there; `why` is none once that is over.
    ReadOnly {
        room: String,
        why: Option<&'static str>,
    },
    Present {
        room: String,
        name: String,
        route: &'static str,
    },
    Reconnecting {
        room: String,
        name: String,
    },
    Away {
        room: String,
        name: String,
    },
    /// Their media arrives, or no longer does.
    Media {
        room: String,
        name: String,
        connected: bool,
        path: Option<&'static str>,
    },
    /// Whether they are verified has changed: `verified`, `not`, or `broken`.
    Verification {
        room: String,
        name: String,
        verification: &'static str,
        /// The name for which they were verified, if it is another one.
        #[serde(skip_serializing_if = "Option::is_none")]
        verified_as: Option<String>,
    },
    /// One of those that `/who` lists.
    Member {
        room: String,
        name: String,
        id: String,
        state: &'static str,
    },
    /// What we and a member compare.
    Safety {
        room: String,
        name: String,
        #[serde(flatten)]
        shown: Shown,
    },
    Compared {
        room: String,
        name: String,
        outcome: &'static str,
        /// Of what could not be compared.
        why: Option<String>,
    },
    /// What all members of a room compare.
    RoomCode {
        room: String,
        words: String,
    },
    Said {
        room: String,
        from: String,
        text: String,
        sequence: u64,
        at_ms: i64,
    },
    /// A message that only a newer version can show.
    NeedsNewerVersion {
        room: String,
        from: String,
        sequence: u64,
    },
    /// Messages of somebody that are gone.
    MessagesMissing {
        room: String,
        from: String,
        count: u64,
    },
    /// An own message is in the outbox.
    Queued {
        room: String,
        sequence: u64,
    },
    Delivered {
        room: String,
        up_to: u64,
    },
    Brought {
        room: String,
        from: String,
        title: String,
        link: String,
    },
    CallNoted {
        room: String,
        from: String,
        video: bool,
        outcome: &'static str,
        seconds: Option<u32>,
    },
    Ringing {
        room: String,
        name: String,
        video: bool,
    },
    Calling {
        room: String,
    },
    CallUp {
        room: String,
    },
    CallOver {
        room: String,
    },
    Missed {
        room: String,
        name: String,
        video: bool,
    },
    /// `number` is what `/admit` and `/refuse` take.
    Knock {
        room: String,
        number: u32,
        name: String,
    },
    KnockOver {
        room: String,
        number: u32,
    },
    /// Used up, expired or revoked.
    InvitationOver {
        room: String,
    },
    RoomOver {
        room: String,
        why: &'static str,
    },
    JoinFailed {
        why: String,
    },
    Trouble {
        text: String,
    },
    Ended,
}

/// What an event outside of any room says; most say nothing that is printed.
pub fn tell(event: &Event) -> Option<Told> {
    Some(match event {
        Event::Reach(reach) => {
            Told::Reach { offline: reach.offline, dht: reach.dht.into(), relay: reach.relay.into(), lan: reach.lan }
        }
        Event::Trouble(trouble) => Told::Trouble { text: trouble.to_string() },
        Event::Ended(_) => Told::Ended,
        _ => return None,
    })
}

/// What an event of a room says. `known` is the room before it, `number` that of the knock.
pub fn tell_of(known: Option<&Room>, number: Option<u32>, what: &RoomEvent) -> Vec<Told> {
    match (known, what) {
        (Some(known), RoomEvent::Changed { member, state }) => {
            let (room, name) = (known.title.clone(), known.name_of(*member).to_owned());
            changed(room, name, known.members.get(member).map(|member| &member.state), state)
        }
        _ => tell_one(known, number, what).into_iter().collect(),
    }
}

fn tell_one(known: Option<&Room>, number: Option<u32>, what: &RoomEvent) -> Option<Told> {
    match what {
        RoomEvent::Waiting => return Some(Told::Waiting),
        RoomEvent::Entered { title, kind, post_quantum, .. } => {
            let (room, kind) = (title.clone(), kind.into());
            return Some(Told::Entered { room, kind, post_quantum: *post_quantum });
        }
        RoomEvent::Over(OverBecause::JoinFailed(why)) => return Some(Told::JoinFailed { why: why.to_string() }),
        _ => {}
    }
    let known = known?;
    let room = known.title.clone();
    let name = |member| known.name_of(member).to_owned();
    Some(match what {
        RoomEvent::Titled { title } if *title != room => Told::Titled { room, title: title.clone() },
        RoomEvent::Suite { post_quantum, .. } => Told::Suite { room, post_quantum: *post_quantum },
        RoomEvent::Joined { name, .. } if known.is_waiting() => Told::ContactMade { room, name: name.clone() },
        RoomEvent::Joined { name, .. } => Told::Joined { room, name: name.clone() },
        RoomEvent::Renamed { member, name: to } => Told::Renamed { room, name: name(*member), to: to.clone() },
        RoomEvent::Left { member, why } => Told::Left { room, name: name(*member), why: why.into() },
        RoomEvent::Said(line) => {
            let from = line.name.clone();
            match &line.body {
                Body::Text(_) | Body::Invitation { .. } | Body::NeedsNewerVersion if line.mine => {
                    Told::Queued { room, sequence: line.sequence }
                }
                Body::Text(text) => {
                    Told::Said { room, from, text: text.clone(), sequence: line.sequence, at_ms: line.at_ms }
                }
                Body::Invitation { title, link } => {
                    Told::Brought { room, from, title: title.clone(), link: link.clone() }
                }
                Body::NeedsNewerVersion => Told::NeedsNewerVersion { room, from, sequence: line.sequence },
                Body::Missing { count } => Told::MessagesMissing { room, from, count: *count },
                // Told as such already.
                Body::Renamed { .. } => return None,
                Body::Call { video, outcome: how } => {
                    let (outcome, seconds) = outcome(*how);
                    Told::CallNoted { room, from, video: *video, outcome, seconds }
                }
            }
        }
        RoomEvent::Compared { member, outcome } => {
            let why = outcome.err().map(|why| why.to_string());
            Told::Compared { room, name: name(*member), outcome: safety::outcome(*outcome), why }
        }
        RoomEvent::Delivered { up_to } => Told::Delivered { room, up_to: *up_to },
        RoomEvent::Call(CallState::Ringing { by, video }) => Told::Ringing { room, name: name(*by), video: *video },
        RoomEvent::Call(CallState::Calling) => Told::Calling { room },
        RoomEvent::Call(CallState::In) => Told::CallUp { room },
        RoomEvent::Call(CallState::None) if known.call != CallState::None => Told::CallOver { room },
        RoomEvent::Missed { by, video } => Told::Missed { room, name: name(*by), video: *video },
        RoomEvent::Knock { name, .. } => Told::Knock { room, number: number?, name: name.clone() },
        RoomEvent::KnockOver { .. } => Told::KnockOver { room, number: number? },
        RoomEvent::InvitationOver { .. } => Told::InvitationOver { room },
        RoomEvent::ReadOnly(why) => Told::ReadOnly { room, why: why.map(read_only) },
        RoomEvent::Over(why) => Told::RoomOver { room, why: over(*why) },
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
fn changed(room: String, name: String, old: Option<&ParticipantState>, new: &ParticipantState) -> Vec<Told> {
    let unknown = ParticipantState::default();
    let old = old.unwrap_or(&unknown);
    let mut told = Vec::new();
    if old.presence != new.presence {
        let (room, name) = (room.clone(), name.clone());
        told.push(match new.presence {
            Presence::Here(route) => Told::Present { room, name, route: route.into() },
            Presence::Reconnecting => Told::Reconnecting { room, name },
            Presence::Away => Told::Away { room, name },
        });
    }
    if (old.verification, &old.verified_as) != (new.verification, &new.verified_as) {
        let verification = new.verification.into();
        let verified_as = new.verified_as.clone();
        told.push(Told::Verification { room: room.clone(), name: name.clone(), verification, verified_as });
    }
    if (old.connected, old.path) != (new.connected, new.path) {
        told.push(Told::Media { room, name, connected: new.connected, path: new.path.map(Into::into) });
    }
    told
}
