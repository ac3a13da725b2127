use engine::api::{RoomEvent, RoomKind, RoomWish, Wish};

use crate::{
    engine::{journey::JourneyAction, mirror::ShowRoom},
    features::{
        about::{AboutAction, AboutSheet},
        accept::AcceptAction,
        invite::InviteAction,
    },
    pages::home::HomeAction,
    testing::bench::{Bench, line, member, room},
    ui::{
        kit::{Close, Sheet},
        page::Page,
    },
};

#[test]
fn the_empty_home_says_what_to_do_first() {
    let mut bench = Bench::at_home();
    assert!(
        bench.offers(InviteAction::Someone) && bench.offers(AcceptAction::Open) && bench.offers(HomeAction::NewRoom)
    );
    assert!(bench.says("Invite someone"));
}

#[test]
fn with_rooms_in_the_list_nobody_reads_that_nobody_is_there() {
    let mut bench = Bench::at_home();
    bench.enter(room(1), "Bea", RoomKind::Contact);
    assert!(bench.says("Choose a contact or room on the left"));
    assert!(!bench.texts().iter().any(|text| text.starts_with("Nobody is here yet")));
}

#[test]
fn every_room_is_asked_for_its_newest_lines_as_it_comes() {
    let mut bench = Bench::at_home();
    bench.enter(room(1), "Bea", RoomKind::Contact);
    let stage = bench.script.stage();
    let older = |wish: &Wish| matches!(wish, Wish::InRoom { wish: RoomWish::Older { before: None }, .. });
    assert!(stage.wishes.iter().any(older));
}

#[test]
fn the_list_names_contacts_their_last_line_and_what_is_unread() {
    let mut bench = Bench::with_contact();
    bench.enter(room(2), "Club", RoomKind::Kept);
    bench.tell(room(2), RoomEvent::Said(line(2, 1, "See you at ten")));
    assert!(bench.says("Bea") && bench.says("Club") && bench.says("See you at ten"));
    assert!(bench.says("1"));
    bench.tell(room(2), RoomEvent::Titled { title: "Book club".into() });
    assert!(bench.says("Book club"));
}

#[test]
fn rooms_that_leave_nothing_behind_are_not_in_the_list() {
    let mut bench = Bench::with_contact();
    bench.enter(room(9), "Passing", RoomKind::Ephemeral);
    bench.act(JourneyAction::GoBack);
    assert_eq!(bench.page(), Page::Home);
    assert!(!bench.offers(ShowRoom::This(room(9))) && bench.offers(ShowRoom::This(room(1))));
}

#[test]
fn arrows_walk_through_the_list() {
    let mut bench = Bench::with_contact();
    bench.enter(room(2), "Club", RoomKind::Kept);
    bench.tell(room(2), RoomEvent::Said(line(2, 1, "newest")));
    bench.act(ShowRoom::Previous);
    bench.tell(room(2), RoomEvent::Said(line(2, 2, "read at once")));
    bench.act(AboutAction::Open);
    assert_eq!(bench.sheet(), Sheet::of(AboutSheet(room(2))));
    bench.act(Close);
    bench.act(ShowRoom::Next);
    bench.act(AboutAction::Open);
    assert_eq!(bench.sheet(), Sheet::of(AboutSheet(room(1))));
}

#[test]
fn a_founded_room_is_shown() {
    let mut bench = Bench::with_contact();
    bench.act(HomeAction::NewRoom);
    bench.write("title", "Tuesday");
    bench.act(HomeAction::Found(RoomKind::Kept));
    assert_eq!(bench.script.wished("Found"), 1);
    bench.enter(room(3), "Tuesday", RoomKind::Kept);
    bench.act(AboutAction::Open);
    assert_eq!(bench.sheet(), Sheet::of(AboutSheet(room(3))));
}

#[test]
fn ephemeral_room_begins_in_the_lobby_of_the_same_engine() {
    let mut bench = Bench::at_home();
    let starts = bench.script.stage().started.len();
    bench.act(HomeAction::NewRoom);
    bench.act(HomeAction::Found(RoomKind::Ephemeral));
    assert_eq!(bench.page(), Page::Lobby);
    assert_eq!(bench.script.wished("Preview"), 1);
    bench.act(JourneyAction::Enter);
    bench.enter(room(4), "Room", RoomKind::Ephemeral);
    assert_eq!(bench.page(), Page::Room);
    assert_eq!(bench.script.stage().started.len(), starts);
    bench.tell(room(4), RoomEvent::Over(engine::api::OverBecause::Left));
    assert_eq!(bench.page(), Page::Home);
}

#[test]
fn an_invitation_that_fails_says_why_and_leaves_the_list() {
    let mut bench = Bench::at_home();
    bench.tell(room(5), RoomEvent::Entering);
    assert!(bench.says("Knocking…"));
    bench.tell(room(5), RoomEvent::Waiting);
    assert!(bench.says("Waiting to be let in…"));
    let why = engine::api::JoinFailed::Expired;
    bench.tell(room(5), RoomEvent::Over(engine::api::OverBecause::JoinFailed(why)));
    assert!(bench.says("The invitation has expired."));
    assert!(!bench.offers(ShowRoom::This(room(5))));
}

#[test]
fn a_contact_that_renames_itself_is_named_anew() {
    let mut bench = Bench::with_contact();
    bench.tell(room(1), RoomEvent::Renamed { member: member(1), name: "Beatrix".into() });
    bench.tell(room(1), RoomEvent::Titled { title: "Beatrix".into() });
    assert!(bench.says("Beatrix") && !bench.says("Bea"));
}
