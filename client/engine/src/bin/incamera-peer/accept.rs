//! Taking up an invitation, to a room or from a contact to be.

use std::{
    io::{self, BufRead, Read},
    path::Path,
    time::Duration,
};

use engine::{
    api::{Event, OverBecause, RoomEvent, RoomKind, Wish},
    invitation::{Invitation, MAX_TEXT},
    qr::{self, QrError},
};

use crate::{arguments::Global, desk::Desk, error::PeerError, output};

/// The invitation in a link or in a picture file with its QR code.
pub fn read_invitation(given: &str) -> Result<Invitation, PeerError> {
    const SCHEME: &str = "incamera:";
    let link = given.trim();
    if link.get(..SCHEME.len()).is_some_and(|start| start.eq_ignore_ascii_case(SCHEME)) {
        return Ok(link.parse()?);
    }
    match qr::read_file(Path::new(given)) {
        Ok(link) => Ok(link.parse()?),
        Err(QrError::Unreadable(why)) if why.kind() == io::ErrorKind::NotFound => Err(PeerError::NoInvitation),
        Err(why) => Err(why.into()),
    }
}

/// The same, where `-` means a line of stdin: what stands on a command line can be seen by others on the machine.
pub fn given_invitation(given: &str) -> Result<Invitation, PeerError> {
    if given != "-" {
        return read_invitation(given);
    }
    let mut line = String::new();
    // Twice as much as any invitation: spaces are forgiven.
    io::stdin().lock().take(2 * MAX_TEXT as u64).read_line(&mut line).map_err(PeerError::Stdin)?;
    Ok(line.parse()?)
}

/// Says which command is for this invitation, where it is not the one that was given.
pub fn must_lead_to(kind: RoomKind, invitation: &Invitation) -> Result<(), PeerError> {
    match invitation.kind() {
        leads_to if leads_to == kind => Ok(()),
        RoomKind::Contact => Err(PeerError::LeadsToContact),
        RoomKind::Kept => Err(PeerError::LeadsToRoom),
        RoomKind::Ephemeral => Err(PeerError::LeadsToEphemeral),
    }
}

/// Redeems, waits until we are in, and prints the contact's name or the room's title.
pub fn run(global: &Global, given: &str, kind: RoomKind, seconds: Option<u32>) -> Result<(), PeerError> {
    let invitation = given_invitation(given)?;
    must_lead_to(kind, &invitation)?;
    let mut desk = Desk::online(global)?;
    let known: Vec<_> = desk.book.rooms.keys().copied().collect();
    desk.wish(Wish::Redeem { invitation });
    let limit = seconds.map(|seconds| Duration::from_secs(seconds.into()));
    let entered = desk.until(limit, |_, event| {
        let Event::Room { room, what } = event else { return None };
        if known.contains(room) {
            return None;
        }
        match what {
            RoomEvent::Waiting => {
                output::complain(&"waiting to be let in");
                None
            }
            RoomEvent::Entered { title, .. } => Some(Ok(title.clone())),
            RoomEvent::Over(OverBecause::JoinFailed(why)) => Some(Err((*why).into())),
            RoomEvent::Over(_) => Some(Err(PeerError::Engine)),
            _ => None,
        }
    });
    let title = match entered {
        Err(PeerError::NoAnswer) => return Err(PeerError::NotInTime),
        entered => entered??,
    };
    output::say(output::printable(&title));
    desk.close()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_nothing_of_the_invitation_or_the_file() {
        for given in ["incamera://join#topsecret", "INCAMERA://JOIN#topsecret", "/nowhere/topsecret.png"] {
            let why = read_invitation(given).unwrap_err();
            assert!(!format!("{why} {why:?}").contains("topsecret"), "{why}");
        }
    }

    #[test]
    fn what_is_no_link_is_a_file() {
        assert!(matches!(read_invitation("/nowhere/code.png"), Err(PeerError::NoInvitation)));
        assert!(matches!(read_invitation("/"), Err(PeerError::Qr(_))));
        assert!(matches!(read_invitation(" incamera://join#abc\n"), Err(PeerError::Invitation(_))));
    }
}
