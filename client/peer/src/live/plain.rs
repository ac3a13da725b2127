//! What happens, as lines for people.

use std::fmt;

use super::told::{Told, What};
use crate::{
    output::{isolated, lagged, quoted},
    session::CLASSICAL,
};

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(room) = &self.room {
            write!(f, "[{}] ", quoted(room))?;
        }
        f.write_str(&plain(&self.what))
    }
}

fn plain(what: &What) -> String {
    let with = |video: bool| if video { " with video" } else { "" };
    match what {
        What::Ready { contacts, rooms } => format!("ready: {contacts} contacts, {rooms} rooms"),
        What::Reach { offline: true, .. } => "network: none".to_owned(),
        What::Reach { dht, relay, lan, .. } => {
            format!("network: dht {dht}, relay {relay}, lan {}", if *lan { "on" } else { "off" })
        }
        What::Waiting => "waiting to be let in".to_owned(),
        What::Entered { post_quantum: false, .. } => format!("entered: {CLASSICAL}"),
        What::Entered { .. } => "entered".to_owned(),
        What::Suite { post_quantum: false } => CLASSICAL.to_owned(),
        What::Suite { .. } => "the keys of this room are post-quantum".to_owned(),
        What::Titled { title } => format!("is now called {}", quoted(title)),
        What::ContactMade { name } => format!("{} is now a contact", quoted(name)),
        What::Joined { name } => format!("{} joined", quoted(name)),
        What::Renamed { name, to } => format!("{} is now called {}", quoted(name), quoted(to)),
        What::Left { name, why } => format!("{} left ({why})", quoted(name)),
        What::ReadOnly { why } => read_only(*why).to_owned(),
        What::Present { name, route } => format!("{} is here ({route})", quoted(name)),
        What::Reconnecting { name } => format!("{}: reconnecting", quoted(name)),
        What::Away { name } => format!("{} is away", quoted(name)),
        What::Media { name, connected: true, path } => {
            format!("{}: media connected, {}", quoted(name), path.unwrap_or("no path yet"))
        }
        What::Media { name, .. } => format!("{}: no media", quoted(name)),
        What::Verification { name, verification, verified_as } => {
            verified(&quoted(name), verification, verified_as.as_deref())
        }
        What::Member { name, id, state } => format!("{id}  {} ({state})", quoted(name)),
        What::Safety { name, shown } => format!("{}: {}", quoted(name), shown.lines().join("; ")),
        What::Compared { name, outcome, why } => compared(&quoted(name), outcome, why.as_deref()),
        What::RoomCode { words } => format!("the room's words: {words}"),
        What::Line(line) => line.to_string(),
        What::Delivered { up_to } => format!("delivered up to message {up_to}"),
        What::Ringing { name, video } => format!("{} is calling{}", quoted(name), with(*video)),
        What::Calling => "calling".to_owned(),
        What::CallUp => "the call is up".to_owned(),
        What::CallOver => "the call has ended".to_owned(),
        What::Missed { name, video } => format!("missed a call{} from {}", with(*video), quoted(name)),
        What::Knock { number, name } => {
            format!("{} is at the door: /admit {number} or /refuse {number}", quoted(name))
        }
        What::KnockOver { number } => format!("{number} is no longer at the door"),
        What::InvitationOver => "an invitation has ended".to_owned(),
        What::RoomOver { why } => format!("ended ({why})"),
        What::JoinFailed { why } => format!("not let in: {why}"),
        What::Trouble { text } => format!("trouble: {}", isolated(text)),
        What::Lagged { dropped } => format!("WARNING: {}", lagged(*dropped)),
        What::Ended => "ended".to_owned(),
    }
}

/// Why nothing can be written in a room, or that it can be again.
fn read_only(why: Option<&str>) -> &'static str {
    match why {
        Some("said to be removed") => {
            "others say that you were removed; you cannot write here unless that turns out to be wrong"
        }
        Some("removed") => "you were removed; the chat stays until you leave",
        Some(_) => "your contact has ended this; the chat stays until you leave",
        None => "you are still a member",
    }
}

fn verified(name: &str, verification: &str, verified_as: Option<&str>) -> String {
    match (verified_as, verification) {
        (Some(before), "broken") => format!(
            "WARNING: {name} was verified as {}, and someone else who was verified has this name",
            quoted(before)
        ),
        (Some(before), _) => format!("WARNING: {name} was verified as {}", quoted(before)),
        (None, "ambiguous") => format!("WARNING: {name} has the same name as someone else"),
        (None, "broken") => format!("WARNING: {name} uses the name of a verified member, with other keys"),
        (None, "verified") => format!("{name} is verified"),
        (None, _) => format!("{name} is not verified"),
    }
}

fn compared(name: &str, outcome: &str, why: Option<&str>) -> String {
    match (outcome, why) {
        ("same", _) => format!("{name}: the codes match"),
        (_, Some(why)) => format!("{name}: {why}"),
        (_, None) => format!("WARNING: {name}: the codes differ, someone may be between you"),
    }
}
