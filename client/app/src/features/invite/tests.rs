use std::time::Duration;

use engine::api::{InvitationId, RoomEvent, RoomKind, RoomWish, Terms, Wish};

use super::Lifetime;
use crate::{
    engine::mirror::{ShowInvitations, ShowRoom},
    features::invite::{InviteAction, InviteSheet},
    testing::bench::{Bench, ROOM, room},
    ui::kit::Sheet,
};

fn invited(bench: &Bench) -> Vec<Terms> {
    let stage = bench.script.stage();
    let terms = stage.wishes.iter().filter_map(|wish| match wish {
        Wish::InRoom { wish: RoomWish::Invite(terms), .. } | Wish::InviteContact { terms, .. } => Some(*terms),
        _ => None,
    });
    terms.collect()
}

#[test]
fn inviting_into_a_room_that_leaves_nothing_behind_asks_at_once() {
    let mut bench = Bench::in_room();
    bench.act(ShowInvitations);
    assert_eq!(invited(&bench).len(), 1);
    assert!(invited(&bench)[0].many);
    assert!(bench.says("Creating an invitation…"));
    bench.invitation(ROOM, 1, Terms::default());
    assert!(bench.says("Invite to Tuesday") && bench.offers(InviteAction::Copy));
    bench.act(ShowInvitations);
    assert_eq!(bench.sheet(), Sheet::default());
}

#[test]
fn a_contact_to_be_has_a_name_before_it_has_a_code() {
    let mut bench = Bench::at_home();
    bench.act(InviteAction::Someone);
    bench.act(InviteAction::Make);
    assert!(bench.says("Enter who it is for.") && invited(&bench).is_empty());
    bench.write("label", "Bea");
    bench.act(InviteAction::Lasting(Lifetime::Day));
    bench.act(InviteAction::Make);
    let terms = Terms { many: false, valid: Some(Duration::from_secs(24 * 3600)), waiting_room: false };
    assert_eq!(invited(&bench), [terms]);
    bench.enter(room(1), "Bea", RoomKind::Contact);
    bench.invitation(room(1), 1, terms);
    assert_eq!(bench.sheet(), Sheet::of(InviteSheet(Some(room(1)))));
    assert!(bench.says("Once · 1 day"));
}

#[test]
fn a_copied_invitation_is_lent_to_the_clipboard_alone() {
    let mut bench = Bench::in_room();
    bench.act(ShowInvitations);
    bench.invitation(ROOM, 1, Terms::default());
    bench.act(InviteAction::Copy);
    assert_eq!(bench.clipboard.text(), crate::testing::bench::LINKS[1]);
    assert!(bench.says("Copied"));
    assert!(bench.says("A copied link is removed from the clipboard after a minute, and when the window closes."));
}

#[test]
fn open_invitations_are_listed_and_revoked() {
    let mut bench = Bench::at_home();
    bench.enter(room(2), "Club", RoomKind::Kept);
    bench.act(ShowRoom::This(room(2)));
    bench.act(ShowInvitations);
    bench.act(InviteAction::Many(true));
    bench.act(InviteAction::WaitingRoom);
    bench.act(InviteAction::Lasting(Lifetime::Forever));
    bench.act(InviteAction::Make);
    let terms = Terms { many: true, valid: None, waiting_room: true };
    assert_eq!(invited(&bench), [terms]);
    bench.invitation(room(2), 1, terms);
    bench.invitation(room(2), 2, Terms::default());
    let first = InvitationId([1; 16]);
    assert!(bench.says("For many · Until revoked · Waiting room"));
    bench.act(InviteAction::Revoke(room(2), first));
    assert_eq!(bench.script.wished("Revoke"), 1);
    bench.tell(room(2), RoomEvent::InvitationOver { id: first });
    assert!(!bench.offers(InviteAction::Show(room(2), first)));
}
