//! What one person hands to another: `incamera://join#...`, as a link or as a QR picture.
//!
//! After the `#`: base32 (RFC 4648, no padding, lower case) of version (1 byte), kind (1: 0 ephemeral room, 1 kept room, 2
//! contact), expiry (4: minutes of Unix time, 0: never), secret (32), the maker's endpoint (32), number of addresses (1),
//! each address (4: 4 or 6, then 4 or 16 bytes, then the port in big endian), number of relays (1), each relay (1: length,
//! then its URL), and the first four bytes of the SHA-256 of all before them, so that a cut-off copy is told apart from a
//! forged one.
//!
//! Endpoint, addresses and relays are where the maker is now. Later the secret finds them (see `rendezvous`).
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, fmt, str::FromStr};

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::{BASE32_NOPAD, Specification};
use group_crypto::InvitationSecret;

use crate::{
    api::RoomKind,
    rendezvous::whereabouts::{MAX_RELAY_URL, Whereabouts, read_addresses, read_relays},
};

const PREFIX: &str = "incamera://join#";
const VERSION: u8 = 2;
/// What does not fit is found by the secret.
const MAX_ADDRESSES: usize = 8;
const MAX_RELAYS: usize = 2;
const CHECK: usize = 4;
/// No invitation is longer in characters.
pub const MAX_TEXT: usize = 1024;
/// So many characters of a text are searched for an invitation.
pub const MAX_PASTED: usize = 64 * 1024;
/// So many links of a text are tried.
const MAX_LINKS: usize = 8;
/// What every spelling of a link begins with.
const LINK: &[u8] = b"incamera://join";

/// An invitation to one room: a secret, and where its maker can be reached.
#[derive(Clone)]
pub struct Invitation {
    pub(crate) kind: RoomKind,
    /// Minutes of Unix time; 0: never.
    pub(crate) expires: u32,
    pub(crate) secret: InvitationSecret,
    pub(crate) whereabouts: Whereabouts,
}

/// Why a text is no invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvitationError {
    #[error("an invitation begins with incamera://join#")]
    NotAnInvitation,
    #[error("the invitation is damaged: copy all of it again")]
    Damaged,
    #[error("the invitation was made by a newer version")]
    Newer,
}

impl Invitation {
    /// `expires` is Unix time in milliseconds.
    pub(crate) fn new(kind: RoomKind, expires: Option<i64>, secret: InvitationSecret, mut at: Whereabouts) -> Self {
        at.addresses.truncate(MAX_ADDRESSES);
        at.relays.retain(|relay| relay.len() <= MAX_RELAY_URL);
        at.relays.truncate(MAX_RELAYS);
        // Rounded up: nobody is late by less than a minute.
        let minutes = expires.map_or(0, |ms| (ms.max(0) / 60_000).saturating_add(1).try_into().unwrap_or(u32::MAX));
        Self { kind, expires: minutes, secret, whereabouts: at }
    }

    /// Whether it makes a contact, and not a way into a room.
    pub fn is_contact(&self) -> bool {
        self.kind == RoomKind::Contact
    }

    pub fn kind(&self) -> RoomKind {
        self.kind
    }

    pub(crate) fn is_over(&self, unix_ms: i64) -> bool {
        self.expires != 0 && unix_ms >= i64::from(self.expires).saturating_mul(60_000)
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION, kind_number(self.kind)];
        bytes.extend_from_slice(&self.expires.to_be_bytes());
        bytes.extend_from_slice(self.secret.as_bytes());
        bytes.extend_from_slice(&self.whereabouts.endpoint);
        self.whereabouts.write_addresses(&mut bytes);
        self.whereabouts.write_relays(&mut bytes);
        let check = check(&bytes);
        bytes.extend_from_slice(&check);
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, InvitationError> {
        use InvitationError::Damaged;
        let (body, said) = bytes.split_last_chunk::<CHECK>().ok_or(Damaged)?;
        if check(body) != *said {
            return Err(Damaged);
        }
        let (&version, rest) = body.split_first().ok_or(Damaged)?;
        if version > VERSION {
            return Err(InvitationError::Newer);
        }
        let (&kind, rest) = rest.split_first().ok_or(Damaged)?;
        let kind = [RoomKind::Ephemeral, RoomKind::Kept, RoomKind::Contact].get(usize::from(kind)).ok_or(Damaged)?;
        let (expires, rest) = rest.split_first_chunk::<4>().ok_or(Damaged)?;
        let (secret, rest) = rest.split_first_chunk::<32>().ok_or(Damaged)?;
        let (endpoint, rest) = rest.split_first_chunk::<32>().ok_or(Damaged)?;
        if version != VERSION {
            return Err(Damaged);
        }
        let (addresses, rest) = read_addresses(rest).map_err(|_| Damaged)?;
        let (relays, rest) = read_relays(rest).map_err(|_| Damaged)?;
        if !rest.is_empty() || addresses.len() > MAX_ADDRESSES || relays.len() > MAX_RELAYS {
            return Err(Damaged);
        }
        Ok(Self {
            kind: *kind,
            expires: u32::from_be_bytes(*expires),
            secret: InvitationSecret::from_bytes(*secret),
            whereabouts: Whereabouts { endpoint: *endpoint, relays, addresses },
        })
    }
}

fn check(body: &[u8]) -> [u8; CHECK] {
    digest(&SHA256, body).as_ref().first_chunk().copied().unwrap_or_default()
}

fn kind_number(kind: RoomKind) -> u8 {
    match kind {
        RoomKind::Ephemeral => 0,
        RoomKind::Kept => 1,
        RoomKind::Contact => 2,
    }
}

impl fmt::Display for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = BASE32_NOPAD.encode(&self.to_bytes()).to_ascii_lowercase();
        write!(f, "{PREFIX}{code}")
    }
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Invitation(..)")
    }
}

impl FromStr for Invitation {
    type Err = InvitationError;

    /// Finds the first whole invitation in a text, and forgives what copying and mailing do to it: words and marks around,
    /// line breaks and invisible characters inside, upper case, an escaped `#`, parameters behind.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let pasted = Pasted::new(text);
        let mut why = InvitationError::NotAnInvitation;
        for code in pasted.codes().take(MAX_LINKS) {
            match pasted.invitation_at(code) {
                Ok(invitation) => return Ok(invitation),
                Err(InvitationError::Newer) => why = InvitationError::Newer,
                Err(InvitationError::NotAnInvitation) => {}
                Err(InvitationError::Damaged) if why == InvitationError::Newer => {}
                Err(InvitationError::Damaged) => why = InvitationError::Damaged,
            }
        }
        Err(why)
    }
}

/// A text that somebody pasted, in lower case, without white space and without what cannot be seen.
struct Pasted {
    text: Vec<u8>,
    /// Where white space was: a link may end there, or may have been broken.
    gaps: BTreeSet<usize>,
}

impl Pasted {
    fn new(text: &str) -> Self {
        let (mut kept, mut gaps) = (Vec::new(), BTreeSet::new());
        for c in text.chars().take(MAX_PASTED).filter(|c| !is_invisible(*c)) {
            if c.is_whitespace() {
                gaps.insert(kept.len());
            } else {
                // What is not ASCII is part of no link.
                kept.push(u8::try_from(c).ok().filter(u8::is_ascii).map_or(b'\0', |c| c.to_ascii_lowercase()));
            }
        }
        Self { text: kept, gaps }
    }

    /// Where the code of each link begins.
    fn codes(&self) -> impl Iterator<Item = usize> {
        let after = |at: usize| {
            let rest = self.text.get(at..)?.strip_prefix(LINK)?;
            let rest = rest.strip_prefix(b"/").unwrap_or(rest);
            let code = rest.strip_prefix(b"#").or_else(|| rest.strip_prefix(b"%23"))?;
            Some(self.text.len().saturating_sub(code.len()))
        };
        (0..self.text.len()).filter_map(after)
    }

    /// The code may end at each gap and at each character that is in no code, or may have been broken there. Its check sum
    /// tells.
    fn invitation_at(&self, begin: usize) -> Result<Invitation, InvitationError> {
        let base32 = lower_base32();
        let try_code = |code: &[u8]| {
            let bytes = base32.decode(code).map_err(|_| InvitationError::Damaged)?;
            Invitation::from_bytes(&bytes)
        };
        let mut code = Vec::new();
        let mut is_tried = true;
        for (at, byte) in self.text.iter().enumerate().skip(begin).map(|(at, byte)| (at, *byte)) {
            let belongs = byte.is_ascii_lowercase() || (b'2'..=b'7').contains(&byte);
            if (!belongs || self.gaps.contains(&at)) && !is_tried {
                match try_code(&code) {
                    Err(InvitationError::Damaged) => is_tried = true,
                    known => return known,
                }
            }
            if belongs && code.len() < MAX_TEXT {
                code.push(byte);
                is_tried = false;
            }
        }
        try_code(&code)
    }
}

/// Characters that have no shape of their own and that programs put into texts that they show: soft hyphens, joiners,
/// marks of direction and of byte order.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[expect(clippy::expect_used, reason = "the alphabet is a constant")]
fn lower_base32() -> data_encoding::Encoding {
    let mut specification = Specification::new();
    specification.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    specification.encoding().expect("thirty-two different symbols make a base32")
}
