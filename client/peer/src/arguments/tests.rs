use std::path::Path;

use clap::{CommandFactory, Parser};
use engine::api::Network;

use super::{values::*, *};

fn parse(line: &str) -> Result<Arguments, clap::Error> {
    Arguments::try_parse_from(std::iter::once("incamera-peer").chain(line.split_whitespace()))
}

#[test]
fn the_command_line_is_consistent() {
    Arguments::command().debug_assert();
}

#[test]
fn what_holds_for_every_command_may_stand_before_or_after_it() {
    for line in ["--network local create --name Ann", "create --name Ann --network local", "--network local listen"] {
        let network = parse(line).unwrap().global.network().unwrap();
        assert!(network.network == Network::Local && network.relays.is_empty() && !network.lan, "{line}");
    }
    let nested = parse("--data-dir /d contact list --profile Ann --passphrase-file /p").unwrap();
    assert_eq!(nested.global.folder().unwrap(), Path::new("/d"));
    assert_eq!(nested.global.profile.as_deref(), Some("Ann"));
}

#[test]
fn people_are_on_the_internet_unless_they_say_otherwise() {
    let network = parse("listen").unwrap().global.network().unwrap();
    assert!(network.network == Network::Internet && network.lan && !network.hide_address);
    assert!(parse("mesh --people 2").unwrap().global.network_or(Network::Local).unwrap().network == Network::Local);
}

#[test]
fn own_relays_and_nodes_take_the_place_of_the_public_ones() {
    let line =
        "--relay http://a --relay https://b.example:8443/ listen --dht-bootstrap [::1]:6881 --lan off --relay-only";
    let network = parse(line).unwrap().global.network().unwrap();
    assert_eq!(network.relays, ["http://a", "https://b.example:8443/"]);
    assert_eq!(network.dht_bootstrap, ["[::1]:6881"]);
    assert!(!network.lan && network.hide_address);
}

#[test]
fn hiding_the_address_without_a_relay_is_refused() {
    let why = parse("listen --network lan --relay-only").unwrap().global.network().err().unwrap();
    assert!(why.to_string().contains("needs a relay"));
}

#[test]
fn a_mesh_churns_only_if_told_to_and_by_the_seed_it_was_told() {
    let churning = |line| match parse(line).unwrap().command {
        Command::Mesh { churning, .. } => churning,
        _ => panic!("a mesh was asked for"),
    };
    assert_eq!(churning("mesh --people 4").rate(), None);
    let told = churning("mesh --people 4 --churn 12 --seed 7");
    assert_eq!((told.rate(), told.seed().unwrap()), (Some(12), 7));
    let untold = churning("mesh --people 4 --churn 12");
    assert_ne!(untold.seed().unwrap(), untold.seed().unwrap());
}

#[test]
fn what_cannot_be_meant_is_refused() {
    for line in [
        "listen --relay ftp://a",
        "listen --relay https://",
        "listen --relay https://[::1",
        "listen --relay https://a:99999",
        "listen --dht-bootstrap 6881",
        "listen --dht-bootstrap host:0",
        "listen --network moon",
        "mesh --people 4 --churn 0",
        "mesh --people 4 --churn many",
        "mesh --people 4 --seed 1",
        "mesh --people 4 --churn-events",
        "contact invite --hours 0",
        "contact say Ann",
        "contact say Ann hello --file f",
        "contact rules Ann --quiet 22-7",
        "call",
        "profile export file",
    ] {
        assert!(parse(line).is_err(), "{line}");
    }
}

#[test]
fn a_message_is_all_the_words_after_the_name() {
    let Ok(Arguments { command: Command::Contact(ContactCommand::Say { name, text, .. }), .. }) =
        parse("contact say Ann hello there --wait 5")
    else {
        panic!("not read")
    };
    assert_eq!((name.as_str(), text.join(" ").as_str()), ("Ann", "hello there"));
}

#[test]
fn an_invitation_is_for_one_and_a_week_unless_said() {
    let terms = |line: &str| match parse(line).unwrap().command {
        Command::Contact(ContactCommand::Invite { inviting, .. }) => inviting.terms(false),
        Command::Room(RoomCommand::Invite { inviting, waiting_room, .. }) => inviting.terms(waiting_room),
        _ => panic!("not an invitation"),
    };
    assert!(terms("contact invite") == engine::api::Terms::default());
    let many = terms("room invite Choir --many --hours 2 --waiting-room");
    assert!(many.many && many.waiting_room && many.valid.unwrap().as_secs() == 7200);
}

#[test]
fn the_options_of_media_are_what_they_were() {
    let line = "call Ann --video --seconds 3 --camera test --microphone none --size 320x180 --fps 25 --video-kbps 300 \
                --stats s.json --record rec --process off --speaker none";
    assert!(parse(line).is_ok());
    for right in ["listen --size 3840x2160", "listen --size 2160x3840", "listen --size 16x16"] {
        assert!(parse(right).is_ok(), "{right}");
    }
    for wrong in ["listen --size 4096x2160", "listen --size 3840x3840", "listen --size 14x16"] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
    for wrong in ["listen --size 321x180", "listen --size 320", "listen --fps 0", "listen --video-kbps 1"] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn quiet_hours_are_two_times_of_a_day() {
    assert_eq!("22:00-07:30".parse(), Ok(Quiet(Some((1320, 450)))));
    assert_eq!("off".parse(), Ok(Quiet(None)));
    assert_eq!(quiet_text(Some((1320, 450))).unwrap().parse(), Ok(Quiet(Some((1320, 450)))));
    for wrong in [
        "",
        "22:00",
        "24:00-07:00",
        "22:60-07:00",
        "2:00-07:00",
        "22:00-22:00",
        "+2:00-07:00",
        "22:00-07:00-08:00",
        "é:00-07:00",
    ] {
        assert!(wrong.parse::<Quiet>().is_err(), "{wrong}");
    }
}
