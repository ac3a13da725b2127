//! What happens, as lines for people.

use std::fmt;

use super::told::Told;
use crate::{history::missing, output::printable, session::CLASSICAL};

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.plain()))
    }
}

impl Told {
    fn plain(&self) -> String {
        let with = |video: bool| if video { " with video" } else { "" };
        match self {
            Told::Ready { contacts, rooms } => format!("ready: {contacts} contacts, {rooms} rooms"),
            Told::Reach { offline: true, .. } => "reach: no network".to_owned(),
            Told::Reach { dht, relay, lan, .. } => {
                format!("reach: dht {dht}, relay {relay}, lan {}", if *lan { "on" } else { "off" })
            }
            Told::Waiting => "waiting to be let in".to_owned(),
            Told::Entered { room, post_quantum: false, .. } => format!("[{room}] entered: {CLASSICAL}"),
            Told::Suite { room, post_quantum: false } => format!("[{room}] {CLASSICAL}"),
            Told::Suite { room, .. } => format!("[{room}] the keys of this room are post-quantum"),
            Told::Entered { room, .. } => format!("[{room}] entered"),
            Told::Titled { room, title } => format!("[{room}] is now called {title}"),
            Told::ContactMade { room, name } => format!("[{room}] {name} is a contact now"),
            Told::Joined { room, name } => format!("[{room}] {name} joined"),
            Told::Renamed { room, name, to } => format!("[{room}] {name} is now called {to}"),
            Told::Left { room, name, why } => format!("[{room}] {name} left ({why})"),
            Told::ReadOnly { room, why: Some("said to be removed") } => {
                format!(
                    "[{room}] others say that you were removed; nothing can be said here until that turns out wrong"
                )
            }
            Told::ReadOnly { room, why: Some("removed") } => {
                format!("[{room}] you were removed; what was said stays until you leave")
            }
            Told::ReadOnly { room, why: Some(_) } => {
                format!("[{room}] your contact has ended; what was said stays until you leave")
            }
            Told::ReadOnly { room, why: None } => format!("[{room}] you are in after all"),
            Told::Present { room, name, route } => format!("[{room}] {name} is here ({route})"),
            Told::Reconnecting { room, name } => format!("[{room}] {name}: reconnecting"),
            Told::Away { room, name } => format!("[{room}] {name} is away"),
            Told::Media { room, name, connected: true, path } => {
                format!("[{room}] {name}: media comes, {}", path.unwrap_or("no path yet"))
            }
            Told::Media { room, name, .. } => format!("[{room}] {name}: no media"),
            Told::Verification { room, name, verified_as: Some(before), verification } => {
                let doubt = if *verification == "broken" { ", and another who was verified has that name" } else { "" };
                format!("[{room}] WARNING: {name} was verified as {before}{doubt}")
            }
            Told::Verification { room, name, verification: "ambiguous", .. } => {
                format!("[{room}] WARNING: {name} has the name of somebody else")
            }
            Told::Verification { room, name, verification: "broken", .. } => {
                format!("[{room}] WARNING: {name} goes by the name of one who was verified, with other keys")
            }
            Told::Verification { room, name, verification: "verified", .. } => format!("[{room}] {name} is verified"),
            Told::Verification { room, name, .. } => format!("[{room}] {name} is not verified"),
            Told::Member { room, name, id, state } => format!("[{room}] {id}  {name} ({state})"),
            Told::Safety { room, name, shown } => format!("[{room}] {name}: {}", shown.lines().join("; ")),
            Told::Compared { room, name, outcome: "same", .. } => format!("[{room}] {name}: it is the same"),
            Told::Compared { room, name, why: Some(why), .. } => format!("[{room}] {name}: {why}"),
            Told::Compared { room, name, .. } => {
                format!("[{room}] WARNING: {name}: it differs, somebody may be between you")
            }
            Told::RoomCode { room, words } => format!("[{room}] the room's words: {words}"),
            Told::Said { room, from, text, .. } => format!("[{room}] {from}: {text}"),
            Told::MessagesMissing { room, from, count } => format!("[{room}] {from}: {}", missing(*count)),
            Told::Queued { room, sequence } => format!("[{room}] message {sequence} waits"),
            Told::Delivered { room, up_to } => format!("[{room}] delivered up to message {up_to}"),
            Told::Brought { room, from, title, link } => format!("[{room}] {from} brings you into {title}: {link}"),
            Told::CallNoted { room, from, video, outcome, seconds } => {
                let seconds = seconds.map(|seconds| format!(" {seconds} s")).unwrap_or_default();
                format!("[{room}] call of {from}{}: {outcome}{seconds}", with(*video))
            }
            Told::Ringing { room, name, video } => format!("[{room}] {name} calls{}", with(*video)),
            Told::Calling { room } => format!("[{room}] calling"),
            Told::CallUp { room } => format!("[{room}] the call is up"),
            Told::CallOver { room } => format!("[{room}] the call is over"),
            Told::Missed { room, name, video } => format!("[{room}] missed a call{} of {name}", with(*video)),
            Told::Knock { room, number, name } => {
                format!("[{room}] {name} knocks: /admit {number} or /refuse {number}")
            }
            Told::KnockOver { room, number } => format!("[{room}] knock {number} is over"),
            Told::InvitationOver { room } => format!("[{room}] an invitation is over"),
            Told::RoomOver { room, why } => format!("[{room}] over ({why})"),
            Told::JoinFailed { why } => format!("not let in: {why}"),
            Told::Trouble { text } => format!("trouble: {text}"),
            Told::Ended => "ended".to_owned(),
        }
    }
}
