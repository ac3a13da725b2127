use engine::{
    api::{Event, Help, Network, Reach, Trouble, Wish},
    profiles::LockKind,
};

use crate::{
    engine::profile::network, features::network::NetworkAction, pages::profiles::ProfilesAction, testing::bench::Bench,
    ui::page::Page,
};

fn reach(relay: Help, dht: Help) -> Event {
    Event::Reach(Reach { offline: false, dht, relay, lan: true, clock_in_doubt: false })
}

#[test]
fn the_state_is_said_in_plain_words() {
    let mut bench = Bench::at_home();
    bench.act(NetworkAction::Open);
    assert!(bench.says("Not known yet"));
    bench.happen(reach(Help::Unreachable, Help::Works));
    assert!(bench.says("No relay answers: people behind strict routers cannot be reached."));
    assert!(bench.says("The DHT answers: contacts are found wherever they are."));
}

#[test]
fn network_says_that_the_clock_may_be_wrong() {
    let mut bench = Bench::at_home();
    bench.act(NetworkAction::Open);
    let doubted = |bench: &mut Bench| {
        bench.texts().iter().filter(|text| text.starts_with("This computer’s clock may be wrong: it says ")).count()
    };
    bench.happen(reach(Help::Works, Help::Works));
    assert_eq!(doubted(&mut bench), 0);
    let help = Help::Works;
    bench.happen(Event::Reach(Reach { offline: false, dht: help, relay: help, lan: true, clock_in_doubt: true }));
    assert_eq!(doubted(&mut bench), 1);
    bench.happen(Event::Trouble(Trouble::ClockInDoubt { unix_s: 0 }));
    assert_eq!(doubted(&mut bench), 2, "beside the sheet, a notice");
}

#[test]
fn who_is_offline_reads_it_on_every_screen() {
    let mut bench = Bench::in_room();
    let offline = Reach { offline: true, dht: Help::Off, relay: Help::Off, lan: false, clock_in_doubt: false };
    bench.happen(Event::Reach(offline));
    assert!(bench.says("You are offline: this computer has no network"));
    bench.happen(reach(Help::Works, Help::Works));
    assert!(!bench.says("You are offline: this computer has no network"));
}

#[test]
fn what_is_applied_is_kept_in_the_profile() {
    let mut bench = Bench::at_home();
    bench.act(NetworkAction::Open);
    bench.act(NetworkAction::Reach(super::Reach::Internet));
    bench.write("relays", "https://relay.example/, https://other.example/");
    bench.act(NetworkAction::HideAddress);
    bench.act(NetworkAction::UseDht);
    bench.act(NetworkAction::Apply);
    bench.rest();
    let kept = bench.script.stage().profiles[0].values.get(network::KEPT).cloned().expect("kept");
    let settings = network::read(&kept).expect("readable");
    assert!(settings.network == Network::Internet && settings.hide_address);
    assert_eq!(settings.relays, ["https://relay.example/", "https://other.example/"]);
    assert_eq!(bench.script.stage().started.len(), 2);
}

#[test]
fn without_the_passphrase_it_holds_until_the_window_closes() {
    let mut bench = Bench::new();
    bench.keep(1, LockKind::Passphrase);
    bench.go(Page::Profiles);
    bench.rest();
    bench.write("passphrase", "open sesame");
    bench.act(ProfilesAction::Open);
    bench.rest();
    bench.act(NetworkAction::Open);
    bench.act(NetworkAction::Reach(super::Reach::Lan));
    bench.act(NetworkAction::Apply);
    bench.rest();
    let lan = |wish: &Wish| matches!(wish, Wish::UseNetwork(settings) if settings.network == Network::Lan);
    assert!(bench.script.stage().wishes.iter().any(lan));
    assert!(bench.script.stage().profiles[0].values.is_empty());
    assert!(bench.says("This applies until the window closes."));
}
