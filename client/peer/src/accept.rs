//! Taking up an invitation, to a room or from a contact to be.

use std::{
    io::{self, BufRead, Read},
    path::Path,
    time::Duration,
};

use engine::{
    api::{Event, OverBecause, RoomEvent, RoomKind, Wish},
    invitation::{Invitation, InvitationError, MAX_PASTED},
    qr::{self, QrError},
};

use crate::{arguments::Global, desk::Desk, error::PeerError, output, secrets};

/// The invitation in a text, in a text file, or in a picture file with its QR code.
pub fn read_invitation(given: &str) -> Result<Invitation, PeerError> {
    match given.parse() {
        Err(InvitationError::NotAnInvitation) => read_file(Path::new(given)),
        found => Ok(found?),
    }
}

fn read_file(path: &Path) -> Result<Invitation, PeerError> {
    match qr::read_file(path) {
        Ok(link) => Ok(link.parse()?),
        Err(QrError::Unreadable(why)) if why.kind() == io::ErrorKind::NotFound => Err(PeerError::NoInvitation),
        Err(QrError::NotAPicture) => {
            let text = secrets::bounded(path, MAX_PASTED as u64).map_err(|_| QrError::NotAPicture)?;
            match String::from_utf8_lossy(&text).parse() {
                Err(InvitationError::NotAnInvitation) => Err(PeerError::NoInvitation),
                found => Ok(found?),
            }
        }
        Err(why) => Err(why.into()),
    }
}

/// The same, where `-` means stdin: what stands on a command line can be seen by others on the machine.
pub fn given_invitation(given: &str) -> Result<Invitation, PeerError> {
    if given != "-" {
        let invitation = read_invitation(given)?;
        if !Path::new(given).is_file() {
            output::complain(
                &"other users of this machine can see an invitation on the command line: give - or a file instead",
            );
        }
        return Ok(invitation);
    }
    output::told_after_a_while("waiting for the invitation on stdin", || from_lines(&mut io::stdin().lock()))
}

/// The first whole invitation of the lines; a mail may have broken it. What follows it is left.
fn from_lines(lines: &mut impl BufRead) -> Result<Invitation, PeerError> {
    let mut text = Vec::new();
    loop {
        let left = (MAX_PASTED as u64).saturating_sub(text.len() as u64);
        let read = lines.by_ref().take(left).read_until(b'\n', &mut text).map_err(PeerError::Stdin)?;
        match String::from_utf8_lossy(&text).parse() {
            Err(InvitationError::Damaged | InvitationError::NotAnInvitation) if read > 0 => {}
            found => return Ok(found?),
        }
    }
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
    output::say(output::isolated(&title));
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
    fn link_that_a_mail_broke_is_read_from_stdin() {
        let lines = |mut text: &[u8]| from_lines(&mut text).unwrap_err().to_string();
        assert!(lines(b"Come in:\nincamera://join#abc\ndef\n").contains("damaged"));
        assert!(lines(b"Come in!\n").contains("begins with"));
    }

    #[test]
    fn what_is_no_link_is_a_file() {
        assert!(matches!(read_invitation("/nowhere/code.png"), Err(PeerError::NoInvitation)));
        assert!(matches!(read_invitation("/"), Err(PeerError::Qr(_))));
        assert!(matches!(read_invitation(" incamera://join#abc\n"), Err(PeerError::Invitation(_))));
    }
}
