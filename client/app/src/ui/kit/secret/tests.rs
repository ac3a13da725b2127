use bevy::input::ButtonState;
use engine::profiles::LockKind;

use super::*;
use crate::{
    features::{network::NetworkAction, profile::ProfileAction},
    testing::bench::Bench,
    ui::{
        kit::{Close, Filled, Form},
        page::Page,
    },
};

fn typed(bench: &Bench, name: &str) -> String {
    bench.app.world().resource::<Secrets>().typed(name).to_owned()
}

fn locked_by_passphrase() -> Bench {
    let mut bench = Bench::new();
    bench.keep(1, LockKind::Passphrase);
    bench.go(Page::Profiles);
    bench.rest();
    bench
}

#[test]
fn letters_at_the_passphrase_screen_are_the_passphrase() {
    let mut bench = locked_by_passphrase();
    bench.type_text("open sesame");
    assert_eq!((bench.page(), typed(&bench, "passphrase").as_str()), (Page::Profiles, "open sesame"));
    assert!(bench.says("•••••••••••") && !bench.says("open sesame"));
    bench.press(Key::Backspace, ButtonState::Pressed);
    assert_eq!(typed(&bench, "passphrase"), "open sesam");
    bench.type_text("e");
    bench.press(Key::Enter, ButtonState::Pressed);
    bench.rest();
    assert_eq!((bench.page(), typed(&bench, "passphrase").as_str()), (Page::Home, ""));
}

#[test]
fn a_passphrase_is_gone_when_its_sheet_closes() {
    let mut bench = locked_by_passphrase();
    bench.type_text("open sesame");
    bench.press(Key::Enter, ButtonState::Pressed);
    bench.rest();
    let (profile, network) = (AnyAction::from(ProfileAction::Open), AnyAction::from(NetworkAction::Open));
    for (open, other, name) in
        [(&profile, &network, "passphrase"), (&profile, &network, "sealed-with"), (&network, &profile, "passphrase")]
    {
        bench.act(open.clone());
        bench.write(name, "open sesame");
        bench.run();
        assert_eq!(typed(&bench, name), "open sesame");
        bench.press(Key::Escape, ButtonState::Pressed);
        assert_eq!((bench.sheet(), typed(&bench, name).as_str()), (Sheet::default(), ""));
        bench.act(open.clone());
        assert!(typed(&bench, name).is_empty() && !bench.says("•••••••••••"));
        bench.act(other.clone());
        assert!(typed(&bench, name).is_empty());
        bench.act(Close);
    }
}

#[test]
fn passphrase_is_gone_once_its_sheet_closes() {
    let mut bench = Bench::at_home();
    bench.app.add_systems(PostUpdate, touch.before(Filled));
    bench.act(ProfileAction::Open);
    bench.write("export-to", "/home/ada/profile");
    bench.act(Close);
    assert!(bench.app.world().resource::<Form>().is_empty());
}

/// The field changes in the very frame in which its sheet closes, as it does when it loses the focus.
fn touch(mut fields: Query<&mut bevy::text::EditableText>) {
    for mut field in &mut fields {
        field.set_changed();
    }
}

#[test]
fn copying_from_a_passphrase_field_copies_nothing() {
    let mut bench = locked_by_passphrase();
    bench.app.init_resource::<Clipboard>();
    bench.type_text("open sesame");
    bench.press(Key::Control, ButtonState::Pressed);
    for letter in ["a", "c", "x"] {
        bench.letter(letter);
    }
    let read = bench.app.world_mut().resource_mut::<Clipboard>().fetch_text().poll_result();
    assert!(!matches!(read, Some(Ok(text)) if text.contains("sesame")));
    assert_eq!(typed(&bench, "passphrase"), "open sesame");
    let world = bench.app.world_mut();
    let texts = world.query::<&bevy::text::EditableText>().iter(world).count();
    assert_eq!(texts, 0, "its letters are nowhere laid out");
}

#[test]
fn a_secret_never_grows_beyond_what_is_reserved() {
    let mut secret = Secret::new();
    let reserved = secret.typed.capacity();
    for _ in 0..3000 {
        secret.push("é");
    }
    assert_eq!((secret.typed.len(), secret.typed.capacity()), (LONGEST, reserved));
    secret.selected = true;
    secret.push("new");
    assert_eq!(secret.typed.as_str(), "new");
}
