//! What happens, as lines for people.

use std::fmt;

use super::told::Told;
use crate::{
    history::{NEEDS_NEWER_VERSION, missing},
    output::isolated,
    session::CLASSICAL,
};

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.plain())
    }
}

impl Told {
    fn plain(&self) -> String {
        let with = |video: bool| if video { " with video" } else { "" };
        match self {
            Told::Ready { contacts, rooms } => format!("ready: {contacts} contacts, {rooms} rooms"),
            Told::Reach { offline: true, .. } => "network: none".to_owned(),
            Told::Reach { dht, relay, lan, .. } => {
                format!("network: dht {dht}, relay {relay}, lan {}", if *lan { "on" } else { "off" })
            }
            Told::Waiting => "waiting to be let in".to_owned(),
            Told::Entered { room, post_quantum: false, .. } => format!("[{}] entered: {CLASSICAL}", isolated(room)),
            Told::Suite { room, post_quantum: false } => format!("[{}] {CLASSICAL}", isolated(room)),
            Told::Suite { room, .. } => format!("[{}] the keys of this room are post-quantum", isolated(room)),
            Told::Entered { room, .. } => format!("[{}] entered", isolated(room)),
            Told::Titled { room, title } => format!("[{}] is now called {}", isolated(room), isolated(title)),
            Told::ContactMade { room, name } => format!("[{}] {} is now a contact", isolated(room), isolated(name)),
            Told::Joined { room, name } => format!("[{}] {} joined", isolated(room), isolated(name)),
            Told::Renamed { room, name, to } => {
                format!("[{}] {} is now called {}", isolated(room), isolated(name), isolated(to))
            }
            Told::Left { room, name, why } => format!("[{}] {} left ({why})", isolated(room), isolated(name)),
            Told::ReadOnly { room, why } => format!("[{}] {}", isolated(room), read_only(*why)),
            Told::Present { room, name, route } => format!("[{}] {} is here ({route})", isolated(room), isolated(name)),
            Told::Reconnecting { room, name } => format!("[{}] {}: reconnecting", isolated(room), isolated(name)),
            Told::Away { room, name } => format!("[{}] {} is away", isolated(room), isolated(name)),
            Told::Media { room, name, connected: true, path } => {
                format!("[{}] {}: media connected, {}", isolated(room), isolated(name), path.unwrap_or("no path yet"))
            }
            Told::Media { room, name, .. } => format!("[{}] {}: no media", isolated(room), isolated(name)),
            Told::Verification { room, name, verification, verified_as } => {
                format!("[{}] {}", isolated(room), verified(&isolated(name), verification, verified_as.as_deref()))
            }
            Told::Member { room, name, id, state } => {
                format!("[{}] {id}  {} ({state})", isolated(room), isolated(name))
            }
            Told::Safety { room, name, shown } => {
                format!("[{}] {}: {}", isolated(room), isolated(name), shown.lines().join("; "))
            }
            Told::Compared { room, name, outcome, why } => {
                format!("[{}] {}", isolated(room), compared(&isolated(name), outcome, why.as_deref()))
            }
            Told::RoomCode { room, words } => format!("[{}] the room's words: {words}", isolated(room)),
            Told::Said { room, from, text, .. } => line(room, from, isolated(text)),
            Told::NeedsNewerVersion { room, from, .. } => line(room, from, NEEDS_NEWER_VERSION),
            Told::MessagesMissing { room, from, count } => line(room, from, missing(*count)),
            Told::Queued { room, sequence } => format!("[{}] message {sequence} is waiting", isolated(room)),
            Told::Delivered { room, up_to } => format!("[{}] delivered up to message {up_to}", isolated(room)),
            Told::Brought { room, from, title, link } => {
                let (room, from, title, link) = (isolated(room), isolated(from), isolated(title), isolated(link));
                format!("[{room}] {from} invites you to {title}: {link}")
            }
            Told::CallNoted { room, from, video, outcome, seconds } => {
                let seconds = seconds.map(|seconds| format!(" {seconds} s")).unwrap_or_default();
                format!("[{}] call from {}{}: {outcome}{seconds}", isolated(room), isolated(from), with(*video))
            }
            Told::Ringing { room, name, video } => {
                format!("[{}] {} is calling{}", isolated(room), isolated(name), with(*video))
            }
            Told::Calling { room } => format!("[{}] calling", isolated(room)),
            Told::CallUp { room } => format!("[{}] the call is up", isolated(room)),
            Told::CallOver { room } => format!("[{}] the call has ended", isolated(room)),
            Told::Missed { room, name, video } => {
                format!("[{}] missed a call{} from {}", isolated(room), with(*video), isolated(name))
            }
            Told::Knock { room, number, name } => {
                format!("[{}] {} is at the door: /admit {number} or /refuse {number}", isolated(room), isolated(name))
            }
            Told::KnockOver { room, number } => format!("[{}] {number} is no longer at the door", isolated(room)),
            Told::InvitationOver { room } => format!("[{}] an invitation has ended", isolated(room)),
            Told::RoomOver { room, why } => format!("[{}] ended ({why})", isolated(room)),
            Told::JoinFailed { why } => format!("not let in: {why}"),
            Told::Trouble { text } => format!("trouble: {}", isolated(text)),
            Told::Ended => "ended".to_owned(),
        }
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
            isolated(before)
        ),
        (Some(before), _) => format!("WARNING: {name} was verified as {}", isolated(before)),
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

/// What stands in the place of a chat line.
fn line(room: &str, from: &str, said: impl fmt::Display) -> String {
    format!("[{}] {}: {said}", isolated(room), isolated(from))
}
