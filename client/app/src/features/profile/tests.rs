use bevy::prelude::*;
use engine::{api::Wish, profiles::LockKind};

use crate::{
    engine::{choices::Choices, journey::JourneyAction, mirror::ShowRoom, profile::CancelErrand},
    features::profile::ProfileAction,
    pages::profiles::ProfilesAction,
    testing::bench::{Bench, room},
    ui::{kit::Confirm, page::Page, power::Quit},
};

#[test]
fn the_first_start_asks_for_a_name_and_a_passphrase_twice() {
    let mut bench = Bench::new();
    bench.go(Page::Profiles);
    bench.rest();
    assert!(bench.offers(ProfilesAction::Make) && bench.offers(ProfilesAction::KeepNothing));
    bench.write("name", "Ada");
    bench.write("passphrase", "one two");
    bench.write("again", "one too");
    bench.act(ProfilesAction::Make);
    assert!(bench.says("The two passphrases are not the same."));
    bench.write("again", "one two");
    bench.act(ProfilesAction::Make);
    bench.rest();
    assert_eq!(bench.page(), Page::Home);
    let stage = bench.script.stage();
    assert!(stage.of_profile && stage.running);
    assert_eq!(stage.kept, ["create"]);
    assert_eq!(stage.profiles[0].kind, LockKind::Passphrase);
}

#[test]
fn where_the_keyring_works_it_is_offered_first() {
    let mut bench = Bench::new();
    bench.script.stage().keyring = true;
    bench.go(Page::Profiles);
    bench.rest();
    assert!(bench.offers(ProfilesAction::LockWith(LockKind::Keyring)));
    bench.write("name", "Ada");
    bench.act(ProfilesAction::Make);
    bench.rest();
    assert_eq!(bench.script.stage().profiles[0].kind, LockKind::Keyring);
}

#[test]
fn a_profile_with_a_passphrase_opens_with_it() {
    let mut bench = Bench::new();
    bench.keep(1, LockKind::Passphrase);
    bench.go(Page::Profiles);
    bench.rest();
    assert!(bench.says("Your passphrase"));
    bench.act(ProfilesAction::Open);
    assert!(bench.says("Enter a passphrase of at most 1024 bytes."));
    bench.write("passphrase", "open sesame");
    bench.act(ProfilesAction::Open);
    bench.rest();
    assert_eq!(bench.page(), Page::Home);
}

#[test]
fn several_profiles_are_chosen_from() {
    let mut bench = Bench::new();
    bench.keep(1, LockKind::Keyring);
    let second = bench.keep(2, LockKind::Keyring);
    bench.go(Page::Profiles);
    bench.rest();
    assert_eq!(bench.page(), Page::Profiles);
    bench.act(ProfilesAction::Pick(second));
    bench.rest();
    assert_eq!(bench.page(), Page::Home);
}

#[test]
fn who_keeps_nothing_is_at_the_start_without_a_profile() {
    let mut bench = Bench::new();
    bench.go(Page::Profiles);
    bench.rest();
    bench.act(ProfilesAction::KeepNothing);
    assert_eq!(bench.page(), Page::Start);
    bench.act(JourneyAction::GoBack);
    assert_eq!(bench.page(), Page::Profiles);
    bench.rest();
}

#[test]
fn a_new_name_is_told_without_a_restart() {
    let mut bench = Bench::at_home();
    bench.act(ProfileAction::Open);
    bench.write("name", "Ada L.");
    bench.act(ProfileAction::SaveFace);
    let told = |wish: &Wish| matches!(wish, Wish::Rename(name) if name == "Ada L.");
    assert!(bench.script.stage().wishes.iter().any(told));
    assert_eq!(bench.script.stage().started.len(), 1);
}

#[test]
fn an_export_closes_the_profile_and_opens_it_again() {
    let mut bench = Bench::with_contact();
    bench.act(ProfileAction::Open);
    bench.write("export-to", "/nowhere/profile.incamera");
    bench.act(ProfileAction::Export);
    assert!(bench.says("Enter a passphrase of at most 1024 bytes."));
    bench.write("sealed-with", "another");
    bench.act(ProfileAction::Export);
    bench.rest();
    assert!(bench.says("The profile was exported"));
    assert_eq!(bench.script.stage().kept, ["open", "open", "export"]);
    assert_eq!(bench.page(), Page::Home);
    assert!(!bench.offers(ShowRoom::This(room(1))), "the engine tells of its rooms anew");
}

#[test]
fn switching_stops_the_engine_and_forgets_its_rooms() {
    let mut bench = Bench::with_contact();
    bench.act(ProfileAction::Open);
    bench.act(ProfileAction::Switch);
    bench.rest();
    assert_eq!(bench.page(), Page::Profiles);
    assert!(bench.engine_stops());
    assert_eq!(bench.count::<With<crate::engine::mirror::Room>>(), 0);
}

#[test]
fn everything_is_deleted_only_by_who_types_the_word() {
    let mut bench = Bench::at_home();
    bench.act(ProfileAction::Open);
    bench.act(ProfileAction::DeleteEverything);
    bench.write("word", "no");
    bench.act(ProfileAction::DeleteEverythingSurely);
    bench.rest();
    assert_eq!(bench.script.stage().profiles.len(), 1);
    assert!(bench.says("That is another word. Nothing was deleted."));
    bench.write("word", "Everything");
    bench.act(ProfileAction::DeleteEverythingSurely);
    bench.rest();
    assert!(bench.script.stage().profiles.is_empty());
    assert_eq!(bench.page(), Page::Profiles);
}

#[test]
fn deleting_one_profile_asks_once_and_leaves_the_others() {
    let mut bench = Bench::at_home();
    bench.keep(2, LockKind::Keyring);
    bench.act(ProfileAction::Open);
    bench.act(ProfileAction::Delete);
    bench.rest();
    assert!(bench.says("Delete this profile?"));
    assert_eq!(bench.script.stage().profiles.len(), 2);
    bench.act(Confirm);
    bench.rest();
    assert_eq!(bench.script.stage().profiles.len(), 1);
    assert_eq!(bench.page(), Page::Profiles);
}

#[test]
fn opened_profile_gives_its_name() {
    let bench = Bench::at_home();
    assert_eq!(bench.app.world().resource::<Choices>().name, "Ada");
}

fn asks_for_a_file(bench: &mut Bench) {
    bench.act(ProfileAction::Open);
    bench.write("export-to", "/nowhere/profile.incamera");
    bench.write("sealed-with", "another");
    bench.script.stage().slow = true;
    bench.act(ProfileAction::Export);
}

#[test]
fn export_that_is_cancelled_makes_no_file() {
    let mut bench = Bench::at_home();
    asks_for_a_file(&mut bench);
    assert!(bench.offers(CancelErrand) && !bench.offers(ProfileAction::Export));
    bench.act(CancelErrand);
    bench.rest();
    assert!(bench.says("Stopped. Nothing was changed."));
    assert!(!bench.script.stage().kept.contains(&"export"));
    assert_eq!(bench.page(), Page::Home);
    assert!(bench.script.stage().running, "the profile is open again");
}

#[test]
fn import_that_is_cancelled_leaves_the_question() {
    let mut bench = Bench::new();
    bench.go(Page::Profiles);
    bench.rest();
    bench.act(ProfilesAction::OpenImport);
    bench.write("from", "/nowhere/profile.incamera");
    for name in ["sealed-with", "passphrase", "again"] {
        bench.write(name, "another");
    }
    bench.script.stage().slow = true;
    bench.act(ProfilesAction::Import);
    assert!(bench.offers(CancelErrand));
    // The thread may start late, and an errand that is cancelled before then never asks for the import.
    for _ in 0..5000 {
        if !bench.script.stage().kept.is_empty() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    bench.act(CancelErrand);
    assert!(!bench.offers(CancelErrand) && bench.offers(ProfilesAction::Import));
    // The next errand waits for the thread of the cancelled one, and is done.
    bench.act(JourneyAction::GoBack);
    bench.write("name", "Ada");
    bench.write("passphrase", "one two");
    bench.write("again", "one two");
    bench.act(ProfilesAction::Make);
    bench.rest();
    assert_eq!(bench.script.stage().kept, ["import", "create"]);
    assert_eq!((bench.page(), bench.script.stage().profiles.len()), (Page::Home, 1));
}

#[test]
fn quitting_waits_for_what_is_being_written() {
    let closing = |bench: &mut Bench| !bench.app.world().resource::<Messages<AppExit>>().is_empty();
    let mut bench = Bench::at_home();
    asks_for_a_file(&mut bench);
    bench.act(Quit::Asked);
    let said = "Something is still being saved; the window closes when it is done. Quit again to close it now.";
    assert!(bench.says(said) && !closing(&mut bench));
    bench.script.stage().slow = false;
    for _ in 0..500 {
        bench.app.update();
        if closing(&mut bench) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    assert!(closing(&mut bench) && bench.script.stage().kept.contains(&"export"));

    let mut bench = Bench::at_home();
    asks_for_a_file(&mut bench);
    bench.act(Quit::Asked);
    bench.app.world_mut().write_message(Quit::Asked);
    bench.app.update();
    assert!(closing(&mut bench));
    let script = bench.script.clone();
    drop(bench);
    assert!(!script.stage().kept.contains(&"export"), "the end of the window stops it");
}
