//! Whether a contact is who they say, and what they may do to us.

use engine::api::{Compared, Event, RoomEvent, RoomId, RoomWish, Rules};
use serde::Serialize;

use crate::{
    arguments::{Global, Quiet, Switch, quiet_text},
    desk::{ANSWER, Desk},
    error::{Named, PeerError},
    output,
    safety::{self, Shown},
};

#[derive(Serialize)]
struct Verified<'a> {
    name: &'a str,
    #[serde(flatten)]
    shown: &'a Shown,
    verification: &'static str,
    /// What came of the comparison, where there was one.
    compared: Option<&'static str>,
}

/// Prints what both compare, and compares what the other showed or read.
pub fn verify(global: &Global, name: &str, read: Option<&str>, json: bool) -> Result<(), PeerError> {
    let read = read.map(safety::given).transpose()?;
    let mut desk = Desk::offline(global)?;
    let contact = desk.find(name, Named::Contact)?;
    let known = desk.book.rooms.get(&contact).and_then(|contact| {
        let (member, known) = contact.members.first_key_value()?;
        Some((*member, Shown::from(known.safety.as_ref()?.get()), known.state.verification, contact.title.clone()))
    });
    let (member, shown, before, title) = known.ok_or(PeerError::NoSafetyCode)?;
    if !json {
        shown.lines().iter().for_each(output::say);
    }
    let outcome = match read {
        Some(shown) => Some(compare(&mut desk, contact, RoomWish::Compare { member, shown })?),
        None => None,
    };
    let verification = match outcome {
        Some(Compared::Same) => "verified",
        Some(Compared::Different) => "not",
        None => before.into(),
    };
    let compared = outcome.map(|outcome| safety::outcome(Ok(outcome)));
    if json {
        output::say_json(&Verified { name: &title, shown: &shown, verification, compared })?;
    } else {
        output::say(format_args!("verified:  {}", if verification == "verified" { "yes" } else { "no" }));
    }
    desk.close()?;
    if outcome == Some(Compared::Different) { Err(PeerError::CodesDiffer) } else { Ok(()) }
}

/// Waits until the engine has it written down, too.
fn compare(desk: &mut Desk, contact: RoomId, wish: RoomWish) -> Result<Compared, PeerError> {
    desk.in_room(contact, wish);
    let outcome = desk.until(Some(ANSWER), |_, event| match event {
        Event::Room { room, what: RoomEvent::Compared { outcome, .. } } if *room == contact => Some(*outcome),
        _ => None,
    })?;
    Ok(outcome?)
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
        settle(&mut desk, contact, new)?;
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
fn settle(desk: &mut Desk, contact: RoomId, new: Rules) -> Result<(), PeerError> {
    desk.in_room(contact, RoomWish::SetRules(new));
    desk.until(Some(ANSWER), |_, event| match event {
        Event::Room { room, what: RoomEvent::Settled { rules } } if *room == contact => (*rules == new).then_some(()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_is_not_named_stays() {
        let old = Rules { ring: true, video: false, quiet: Some((60, 120)) };
        assert_eq!(changed(old, None, None, None), old);
        assert_eq!(changed(old, Some(Switch::Off), None, None), Rules { ring: false, ..old });
        assert_eq!(changed(old, None, Some(Switch::On), Some(Quiet(None))), Rules { video: true, quiet: None, ..old });
    }
}
