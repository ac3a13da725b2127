//! Whether a contact is who they say, and what they may do to us.

use engine::api::{Event, RoomEvent, RoomId, RoomWish, Rules};

use crate::{
    arguments::{Global, Quiet, Switch, quiet_text},
    desk::{ANSWER, Desk},
    error::{Named, PeerError},
    output,
};

pub fn verify(global: &Global, name: &str, read: Option<&str>) -> Result<(), PeerError> {
    let mut desk = Desk::offline(global)?;
    let contact = desk.find(name, Named::Contact)?;
    let code = desk.book.rooms.get(&contact).and_then(|contact| contact.safety_code.clone());
    let code = code.ok_or(PeerError::NoSafetyCode)?;
    output::say(&code);
    if let Some(read) = read {
        if !is_same_code(&code, read) {
            return Err(PeerError::CodesDiffer);
        }
        settle(&mut desk, contact, RoomWish::Verified(true), |_, verified| verified)?;
    }
    desk.close()
}

/// Whatever stands between the digits: people write codes down in many ways.
fn is_same_code(code: &str, read: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let foreign = read.chars().any(|c| !c.is_ascii_digit() && !c.is_whitespace() && !matches!(c, '-' | '.' | ','));
    !foreign && !digits(code).is_empty() && digits(code) == digits(read)
}

pub fn rules(
    global: &Global,
    name: &str,
    ring: Option<Switch>,
    video: Option<Switch>,
    quiet: Option<Quiet>,
) -> Result<(), PeerError> {
    let mut desk = Desk::offline(global)?;
    let contact = desk.find(name, Named::Contact)?;
    let old = desk.book.rooms.get(&contact).map(|contact| contact.rules).unwrap_or_default();
    let new = changed(old, ring, video, quiet);
    if new != old {
        settle(&mut desk, contact, RoomWish::SetRules(new), |rules, _| rules == new)?;
    }
    let switch = |on| if on { "on" } else { "off" };
    let quiet = quiet_text(new.quiet).unwrap_or_else(|| "off".to_owned());
    output::say(format_args!("ring {}  video {}  quiet {quiet}", switch(new.ring), switch(new.video)));
    desk.close()
}

fn changed(old: Rules, ring: Option<Switch>, video: Option<Switch>, quiet: Option<Quiet>) -> Rules {
    Rules {
        ring: ring.map_or(old.ring, |ring| ring == Switch::On),
        video: video.map_or(old.video, |video| video == Switch::On),
        quiet: quiet.map_or(old.quiet, |Quiet(quiet)| quiet),
    }
}

/// Wishes, and waits until the engine has it written down.
fn settle(
    desk: &mut Desk,
    contact: RoomId,
    wish: RoomWish,
    is_done: impl Fn(Rules, bool) -> bool,
) -> Result<(), PeerError> {
    desk.in_room(contact, wish);
    desk.until(Some(ANSWER), |_, event| match event {
        Event::Room { room, what: RoomEvent::Settled { rules, verified } } if *room == contact => {
            is_done(*rules, *verified).then_some(())
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_its_digits_however_they_are_grouped() {
        let code = "12345 67890 00001";
        for same in [code, "123456789000001", " 1234-5678 9000-001\n"] {
            assert!(is_same_code(code, same), "{same}");
        }
        for other in ["", "12345 67890", "12345 67890 00002", "12345 67890 00001 1", "12345 67890 00001x"] {
            assert!(!is_same_code(code, other), "{other}");
        }
        assert!(!is_same_code("", ""));
    }

    #[test]
    fn a_rule_that_is_not_named_stays() {
        let old = Rules { ring: true, video: false, quiet: Some((60, 120)) };
        assert_eq!(changed(old, None, None, None), old);
        assert_eq!(changed(old, Some(Switch::Off), None, None), Rules { ring: false, ..old });
        assert_eq!(changed(old, None, Some(Switch::On), Some(Quiet(None))), Rules { video: true, quiet: None, ..old });
    }
}
