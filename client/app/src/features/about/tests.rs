use engine::api::{KnockId, RoomEvent, RoomKind, RoomWish, Rules, Wish};

use super::{clock, minutes};
use crate::{
    engine::mirror::{KnockAction, ShowRoom},
    features::about::AboutAction,
    testing::bench::{Bench, member, room},
    ui::kit::Confirm,
};

fn rules(bench: &Bench) -> Vec<Rules> {
    let stage = bench.script.stage();
    let rules = stage.wishes.iter().filter_map(|wish| match wish {
        Wish::InRoom { wish: RoomWish::SetRules(rules), .. } => Some(*rules),
        _ => None,
    });
    rules.collect()
}

#[test]
fn rules_are_set_one_by_one_and_quiet_hours_together() {
    let mut bench = Bench::with_contact();
    bench.act(AboutAction::Open);
    bench.act(AboutAction::MayRingWithVideo);
    bench.write("quiet-from", "22:30");
    bench.write("quiet-until", "seven");
    bench.act(AboutAction::Save);
    assert!(bench.says("Enter both times like 22:00."));
    bench.write("quiet-until", "7");
    bench.act(AboutAction::Save);
    let first = Rules { video: false, ..Rules::default() };
    let quiet = Rules { quiet: Some((22 * 60 + 30, 7 * 60)), ..Rules::default() };
    assert_eq!(rules(&bench), [first, quiet]);
}

#[test]
fn a_contact_is_forgotten_only_when_asked_twice() {
    let mut bench = Bench::with_contact();
    bench.act(AboutAction::Open);
    bench.act(AboutAction::Forget(room(1)));
    assert_eq!(bench.script.wished("Leave"), 0);
    bench.act(Confirm);
    assert_eq!(bench.script.wished("Leave"), 1);
    bench.tell(room(1), RoomEvent::Over(engine::api::OverBecause::Left));
    assert!(!bench.offers(ShowRoom::This(room(1))));
}

#[test]
fn a_contact_is_brought_into_a_kept_room() {
    let mut bench = Bench::with_contact();
    bench.enter(room(2), "Club", RoomKind::Kept);
    bench.act(AboutAction::Open);
    bench.act(AboutAction::Bring);
    assert!(bench.offers(AboutAction::BringInto(room(2))));
    bench.act(AboutAction::BringInto(room(2)));
    assert_eq!(bench.script.wished("Bring"), 1);
}

#[test]
fn members_are_removed_and_knocks_answered() {
    let mut bench = Bench::at_home();
    bench.enter(room(2), "Club", RoomKind::Kept);
    bench.tell(room(2), RoomEvent::Joined { member: member(3), name: "Cyril".into() });
    bench.tell(room(2), RoomEvent::Knock { knock: KnockId(4), name: "Dora".into() });
    bench.act(ShowRoom::This(room(2)));
    assert!(bench.says("Dora is at the door · Club"), "a notice");
    bench.act(AboutAction::Open);
    assert!(bench.says("Dora is at the door"), "and in the sheet");
    bench.act(KnockAction::Admit(room(2), KnockId(4)));
    bench.tell(room(2), RoomEvent::KnockOver { knock: KnockId(4) });
    assert!(!bench.says("Dora is at the door"));
    bench.act(AboutAction::Remove(room(2), member(3)));
    bench.act(Confirm);
    assert_eq!((bench.script.wished("Admit"), bench.script.wished("Remove")), (1, 1));
}

#[test]
fn times_are_read_however_people_write_them() {
    assert_eq!(minutes("22:30"), Some(1350));
    assert_eq!((minutes("7"), minutes("07h15"), minutes("7.05")), (Some(420), Some(435), Some(425)));
    assert_eq!((minutes("24:00"), minutes("7:60"), minutes("soon"), minutes("1:2:3")), (None, None, None, None));
    assert_eq!(clock(425), "07:05");
}
