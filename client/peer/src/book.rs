//! What is known of our contacts and rooms, from the engine's events.

use std::collections::BTreeMap;

use engine::api::{
    CallState, Event, InvitationId, LazySafety, MemberId, ParticipantState, Presence, Reach, RoomEvent, RoomId,
    RoomKind, Rules, SpokenWords, Verification,
};

use crate::{
    error::{Named, PeerError},
    names::{self, Candidate},
};

pub struct Member {
    pub name: String,
    pub state: ParticipantState,
    /// What we compare with them.
    pub safety: Option<LazySafety>,
}

pub struct Room {
    pub title: String,
    pub kind: RoomKind,
    pub members: BTreeMap<MemberId, Member>,
    pub rules: Rules,
    /// Of the present epoch.
    pub code: Option<SpokenWords>,
    /// Those that can still be redeemed.
    pub invitations: Vec<InvitationId>,
    pub call: CallState,
    /// Own lines up to this sequence have reached everybody.
    pub delivered: u64,
}

impl Room {
    pub fn new(title: &str, kind: RoomKind) -> Self {
        Self {
            title: title.to_owned(),
            kind,
            members: BTreeMap::new(),
            rules: Rules::default(),
            code: None,
            invitations: Vec::new(),
            call: CallState::None,
            delivered: 0,
        }
    }

    /// A contact to be whose invitation nobody has taken up.
    pub fn is_waiting(&self) -> bool {
        self.kind == RoomKind::Contact && self.members.is_empty()
    }

    /// Of a contact: the other is.
    pub fn is_verified(&self) -> bool {
        self.members.values().any(|member| member.state.verification == Verification::Verified)
    }

    /// What tells it from others of its name.
    fn note_for_people(&self) -> &'static str {
        match (self.kind, self.is_waiting()) {
            (RoomKind::Contact, true) => "invited",
            (RoomKind::Contact, false) => "contact",
            _ => "room",
        }
    }

    pub fn name_of(&self, member: MemberId) -> &str {
        self.members.get(&member).map_or("?", |member| &member.name)
    }

    pub fn somebody_is_here(&self) -> bool {
        self.members.values().any(|member| matches!(member.state.presence, Presence::Here(_)))
    }

    pub fn note(&mut self, what: &RoomEvent) {
        match what {
            RoomEvent::Titled { title } => self.title.clone_from(title),
            RoomEvent::Settled { rules } => self.rules = *rules,
            RoomEvent::NewEpoch { .. } => self.code = None,
            RoomEvent::RoomCode(code) => self.code = Some(*code),
            RoomEvent::Safety { member, safety } => {
                if let Some(known) = self.members.get_mut(member) {
                    known.safety = Some(safety.clone());
                }
            }
            RoomEvent::InvitationReady { id, .. } if !self.invitations.contains(id) => self.invitations.push(*id),
            RoomEvent::InvitationOver { id } => self.invitations.retain(|known| known != id),
            RoomEvent::Joined { member, name } => {
                let state = ParticipantState::default();
                self.members.insert(*member, Member { name: name.clone(), state, safety: None });
            }
            RoomEvent::Renamed { member, name } => {
                if let Some(known) = self.members.get_mut(member) {
                    known.name.clone_from(name);
                }
            }
            RoomEvent::Left { member, .. } => {
                self.members.remove(member);
            }
            RoomEvent::Changed { member, state } => {
                if let Some(known) = self.members.get_mut(member) {
                    known.state = state.clone();
                }
            }
            RoomEvent::Delivered { up_to } => self.delivered = self.delivered.max(*up_to),
            RoomEvent::Said(line) if line.mine && line.delivered => self.delivered = self.delivered.max(line.sequence),
            RoomEvent::Call(call) => self.call = *call,
            _ => {}
        }
    }
}

/// The member of that name or id. Members of one name are told apart by whether they are here: one who crashed and came
/// back is there twice for a while.
pub fn find_member<'a>(
    name: &str,
    members: impl Iterator<Item = (MemberId, &'a str, Presence)>,
) -> Result<MemberId, PeerError> {
    let candidate = |(id, name, presence): (MemberId, &'a str, Presence)| Candidate {
        id: names::digits(&id.0),
        name,
        note: presence_name(presence),
        it: id,
    };
    names::find(name, Named::Member, members.map(candidate))
}

/// The ids of these members as a list prints them.
pub fn member_ids<'a>(members: impl Iterator<Item = &'a MemberId>) -> BTreeMap<MemberId, String> {
    short(members.map(|id| (*id, names::digits(&id.0))))
}

fn short<T: Ord>(ids: impl Iterator<Item = (T, String)>) -> BTreeMap<T, String> {
    let (keys, ids): (Vec<_>, Vec<_>) = ids.unzip();
    keys.into_iter().zip(names::short_ids(ids.iter().map(String::as_str))).collect()
}

pub fn presence_name(presence: Presence) -> &'static str {
    match presence {
        Presence::Here(_) => "here",
        Presence::Reconnecting => "reconnecting",
        Presence::Away => "away",
    }
}

#[derive(Default)]
pub struct Book {
    pub rooms: BTreeMap<RoomId, Room>,
    /// How we stand on the network, as last told.
    pub reach: Option<Reach>,
}

impl Book {
    pub fn note(&mut self, event: &Event) {
        if let Event::Reach(reach) = event {
            self.reach = Some(*reach);
        }
        let Event::Room { room, what } = event else { return };
        match what {
            RoomEvent::Entered { title, kind, .. } => {
                self.rooms.insert(*room, Room::new(title, *kind));
            }
            RoomEvent::Over(_) => {
                self.rooms.remove(room);
            }
            _ => {
                if let Some(known) = self.rooms.get_mut(room) {
                    known.note(what);
                }
            }
        }
    }

    /// All of one kind.
    pub fn of(&self, kind: RoomKind) -> impl Iterator<Item = (RoomId, &Room)> {
        self.rooms.iter().filter(move |(_, room)| room.kind == kind).map(|(id, room)| (*id, room))
    }

    pub fn find(&self, name: &str, kind: Named) -> Result<RoomId, PeerError> {
        let fits = |room: &Room| match kind {
            Named::Contact => room.kind == RoomKind::Contact,
            Named::Room => room.kind == RoomKind::Kept,
            _ => true,
        };
        let fitting = self.rooms.iter().filter(|(_, room)| fits(room));
        names::find(
            name,
            kind,
            fitting.map(|(id, room)| Candidate {
                id: names::digits(&id.0),
                name: &room.title,
                note: room.note_for_people(),
                it: *id,
            }),
        )
    }

    /// The id of each room as the lists print it.
    pub fn room_ids(&self) -> BTreeMap<RoomId, String> {
        short(self.rooms.keys().map(|id| (*id, names::digits(&id.0))))
    }

    /// The same of a room's members.
    pub fn member_ids(&self, room: RoomId) -> BTreeMap<MemberId, String> {
        self.rooms.get(&room).map(|room| member_ids(room.members.keys())).unwrap_or_default()
    }

    pub fn find_member(&self, room: RoomId, name: &str) -> Result<MemberId, PeerError> {
        let members = self.rooms.get(&room).into_iter().flat_map(|room| &room.members);
        find_member(name, members.map(|(id, member)| (*id, member.name.as_str(), member.state.presence)))
    }

    /// The room whose call we are in.
    pub fn in_call(&self) -> Option<RoomId> {
        self.rooms.iter().find(|(_, room)| room.call == CallState::In).map(|(id, _)| *id)
    }

    /// The room whose call we are in, or where nobody has answered ours yet.
    pub fn calling(&self) -> Option<RoomId> {
        let waits = || self.rooms.iter().find(|(_, room)| room.call == CallState::Calling).map(|(id, _)| *id);
        self.in_call().or_else(waits)
    }

    /// A room whose call rings here.
    pub fn ringing(&self) -> Option<(RoomId, bool)> {
        self.rooms.iter().find_map(|(id, room)| match room.call {
            CallState::Ringing { video, .. } => Some((*id, video)),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use engine::api::{Body, LeftBecause, Line, Route};

    use super::*;

    const BEA: MemberId = MemberId([2; 16]);

    fn contact() -> Room {
        let mut room = Room::new("Doctor", RoomKind::Contact);
        room.note(&RoomEvent::Joined { member: BEA, name: "Bea".into() });
        room
    }

    #[test]
    fn a_contact_to_be_waits_until_somebody_joins() {
        assert!(Room::new("Doctor", RoomKind::Contact).is_waiting());
        assert!(!contact().is_waiting());
        assert!(!Room::new("Choir", RoomKind::Kept).is_waiting());
    }

    #[test]
    fn members_come_change_and_go() {
        let mut room = contact();
        assert!(!room.somebody_is_here());
        let here = ParticipantState { presence: Presence::Here(Route::Direct), ..ParticipantState::default() };
        room.note(&RoomEvent::Changed { member: BEA, state: here });
        room.note(&RoomEvent::Renamed { member: BEA, name: "Béa".into() });
        assert!(room.somebody_is_here());
        assert_eq!(room.name_of(BEA), "Béa");
        room.note(&RoomEvent::Left { member: BEA, why: LeftBecause::Goodbye });
        assert_eq!(room.name_of(BEA), "?");
    }

    #[test]
    fn delivery_is_known_from_either_event_and_never_goes_back() {
        let mut room = contact();
        let line = Line { mine: true, sequence: 7, ..Line::new(BEA, "Me".into(), 0, Body::Text("x".into())) };
        room.note(&RoomEvent::Said(line.clone()));
        assert_eq!(room.delivered, 7);
        room.note(&RoomEvent::Delivered { up_to: 5 });
        room.note(&RoomEvent::Said(Line { sequence: 9, mine: false, ..line }));
        assert_eq!(room.delivered, 7);
        room.note(&RoomEvent::Delivered { up_to: 8 });
        assert_eq!(room.delivered, 8);
    }
}
