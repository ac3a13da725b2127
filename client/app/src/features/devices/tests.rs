use engine::api::{MicrophoneChoice, SpeakerChoice, Wish};

use super::Equipment;
use crate::{
    features::devices::{DevicesAction, DevicesSheet},
    testing::bench::Bench,
    ui::kit::{Close, Sheet},
};

/// The lists of an engine without devices: the test source, where there is one, and none.
#[test]
fn devices_are_chosen_during_a_call() {
    let mut bench = Bench::in_room();
    bench.act(DevicesAction::Open);
    assert_eq!(bench.sheet(), Sheet::of(DevicesSheet));
    assert!(bench.says("Play a test sound"));
    bench.act(DevicesAction::OpenList(Equipment::Microphone));
    assert!(bench.says("Test melody"));
    bench.act(DevicesAction::Choose(Equipment::Microphone, 1));
    bench.act(DevicesAction::OpenList(Equipment::Speaker));
    bench.act(DevicesAction::Choose(Equipment::Speaker, 0));
    let stage = bench.script.stage();
    let wished = |wanted: fn(&Wish) -> bool| stage.wishes.iter().any(wanted);
    assert!(wished(|wish| matches!(wish, Wish::UseMicrophone(MicrophoneChoice::None))));
    assert!(wished(|wish| matches!(wish, Wish::UseSpeaker(SpeakerChoice::None))));
}

#[test]
fn a_list_opens_and_closes_and_the_sheet_with_it() {
    let mut bench = Bench::in_room();
    bench.act(DevicesAction::Open);
    bench.act(DevicesAction::OpenList(Equipment::Camera));
    assert!(bench.says("Test picture"));
    bench.act(Close);
    assert_eq!(bench.sheet(), Sheet::default());
    assert!(!bench.says("Play a test sound"));
}

#[test]
fn the_notes_are_played_with_a_key_too() {
    let mut bench = Bench::in_room();
    bench.act(DevicesAction::PlayTone);
    assert_eq!(bench.script.wished("PlayTone"), 1);
}
