use engine::api::{
    Body, CallOutcome, CallState, JoinFailed, LeftBecause, Line, MemberId, OverBecause, ParticipantState, Path,
    Presence, RoomEvent, RoomKind, Route,
};

use super::told::tell_of;
use crate::book::Room;

const BEA: MemberId = MemberId([2; 16]);

fn contact() -> Room {
    let mut room = Room::new("Doctor", RoomKind::Contact);
    room.note(&RoomEvent::Joined { member: BEA, name: "Bea".into() });
    room
}

fn json(room: &Room, what: &RoomEvent) -> Vec<String> {
    tell_of(Some(room), None, what).iter().map(|told| serde_json::to_string(told).unwrap()).collect()
}

fn line(body: Body, mine: bool) -> RoomEvent {
    RoomEvent::Said(Line { id: Some(1), mine, sequence: 4, delivered: false, ..Line::new(BEA, "Bea".into(), 5, body) })
}

#[test]
fn what_is_said_is_one_object_with_its_event() {
    let said = line(Body::Text("a\n\"b\"".into()), false);
    assert_eq!(
        json(&contact(), &said),
        [r#"{"event":"said","from":"Bea","text":"a\n\"b\"","sequence":4,"at_ms":5,"room":"Doctor"}"#]
    );
    assert_eq!(
        json(&contact(), &line(Body::Text("x".into()), true)),
        [r#"{"event":"queued","sequence":4,"room":"Doctor"}"#]
    );
    assert_eq!(
        json(&contact(), &RoomEvent::Delivered { up_to: 4 }),
        [r#"{"event":"delivered","up_to":4,"room":"Doctor"}"#]
    );
}

#[test]
fn the_first_who_joins_a_contact_to_be_makes_it_a_contact() {
    let joined = RoomEvent::Joined { member: BEA, name: "Bea".into() };
    let waiting = Room::new("Doctor", RoomKind::Contact);
    assert_eq!(json(&waiting, &joined), [r#"{"event":"contact_made","name":"Bea","room":"Doctor"}"#]);
    let choir = Room::new("Choir", RoomKind::Kept);
    assert_eq!(json(&choir, &joined), [r#"{"event":"joined","name":"Bea","room":"Choir"}"#]);
}

#[test]
fn change_tells_two_things_once() {
    let mut room = contact();
    let state = ParticipantState {
        presence: Presence::Here(Route::Relayed),
        connected: true,
        path: Some(Path::Link),
        ..ParticipantState::default()
    };
    let changed = RoomEvent::Changed { member: BEA, state };
    assert_eq!(
        json(&room, &changed),
        [
            r#"{"event":"present","name":"Bea","route":"relayed","room":"Doctor"}"#,
            r#"{"event":"media","name":"Bea","connected":true,"path":"link","room":"Doctor"}"#,
        ]
    );
    room.note(&changed);
    assert!(json(&room, &changed).is_empty());
    let away = RoomEvent::Changed { member: BEA, state: ParticipantState::default() };
    assert_eq!(json(&room, &away)[0], r#"{"event":"away","name":"Bea","room":"Doctor"}"#);
}

#[test]
fn who_left_is_still_named() {
    let left = RoomEvent::Left { member: BEA, why: LeftBecause::Removed };
    assert_eq!(json(&contact(), &left), [r#"{"event":"left","name":"Bea","why":"removed","room":"Doctor"}"#]);
}

#[test]
fn a_call_is_told_from_ringing_to_its_end() {
    let mut room = contact();
    let idle = RoomEvent::Call(CallState::None);
    assert!(json(&room, &idle).is_empty());
    let ringing = RoomEvent::Call(CallState::Ringing { by: BEA, video: true });
    assert_eq!(json(&room, &ringing), [r#"{"event":"ringing","name":"Bea","video":true,"room":"Doctor"}"#]);
    room.note(&ringing);
    assert_eq!(json(&room, &RoomEvent::Call(CallState::In)), [r#"{"event":"call_up","room":"Doctor"}"#]);
    assert_eq!(json(&room, &idle), [r#"{"event":"call_over","room":"Doctor"}"#]);
    let noted = line(Body::Call { video: false, outcome: CallOutcome::Held(65) }, true);
    assert_eq!(
        json(&room, &noted),
        [r#"{"event":"call_noted","from":"Bea","video":false,"outcome":"held","seconds":65,"room":"Doctor"}"#]
    );
}

#[test]
fn what_has_no_room_yet_is_told_too() {
    let refused = RoomEvent::Over(OverBecause::JoinFailed(JoinFailed::Full));
    let told = |what: &RoomEvent| tell_of(None, None, what).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(told(&refused), ["not let in: the room is full"]);
    assert_eq!(told(&RoomEvent::Waiting), ["waiting to be let in"]);
    assert!(told(&RoomEvent::Delivered { up_to: 1 }).is_empty());
}

#[test]
fn classical_keys_are_told_on_entering_and_when_found() {
    let entered = |post_quantum| RoomEvent::Entered {
        title: "Choir".into(),
        kind: RoomKind::Kept,
        me: BEA,
        epoch: 0,
        post_quantum,
    };
    let told = |what: &RoomEvent| tell_of(Some(&contact()), None, what)[0].to_string();
    assert_eq!(told(&entered(true)), "[\"Choir\"] entered");
    assert_eq!(told(&entered(false)), "[\"Choir\"] entered: the keys of this room are classical, not post-quantum");
    let suite = RoomEvent::Suite { me: BEA, epoch: 0, post_quantum: false };
    assert_eq!(told(&suite), "[\"Doctor\"] the keys of this room are classical, not post-quantum");
    assert_eq!(json(&contact(), &suite), [r#"{"event":"suite","post_quantum":false,"room":"Doctor"}"#]);
}

#[test]
fn name_cannot_look_like_an_event_when_it_holds_one() {
    let joined = RoomEvent::Joined { member: MemberId([9; 16]), name: r#"Ann" joined\ the codes match: Bob"#.into() };
    let told: Vec<_> = tell_of(Some(&contact()), None, &joined).iter().map(ToString::to_string).collect();
    assert_eq!(told, [r#"["Doctor"] "Ann\" joined\\ the codes match: Bob" joined"#]);
}
