//! What one person hands to another: `incamera://join#...`, as a link or as a QR picture.
//!
//! After the `#`: base32 (RFC 4648, no padding, lower case) of version (1 byte), secret (32), the maker's endpoint (32),
//! number of addresses (1), each address (4: 4 or 6, then 4 or 16 bytes, then the port in big endian), and the first
//! four bytes of the SHA-256 of all before them, so that a cut-off copy is told apart from a forged one.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::{BASE32_NOPAD, Specification};
use group_crypto::InvitationSecret;

const PREFIX: &str = "incamera://join#";
const VERSION: u8 = 1;
const MAX_ADDRESSES: usize = 13;
const CHECK: usize = 4;
/// No invitation is longer in characters.
pub const MAX_TEXT: usize = 1024;

/// An invitation to one room: a secret, and where its maker can be reached.
#[derive(Clone)]
pub struct Invitation {
    pub(crate) secret: InvitationSecret,
    pub(crate) endpoint: [u8; 32],
    pub(crate) addresses: Vec<SocketAddr>,
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
    pub(crate) fn new(endpoint: [u8; 32], mut addresses: Vec<SocketAddr>) -> Self {
        addresses.truncate(MAX_ADDRESSES);
        Self { secret: InvitationSecret::generate(), endpoint, addresses }
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(self.secret.as_bytes());
        bytes.extend_from_slice(&self.endpoint);
        bytes.push(self.addresses.len() as u8);
        for address in &self.addresses {
            match address.ip() {
                IpAddr::V4(ip) => {
                    bytes.push(4);
                    bytes.extend_from_slice(&ip.octets());
                }
                IpAddr::V6(ip) => {
                    bytes.push(6);
                    bytes.extend_from_slice(&ip.octets());
                }
            }
            bytes.extend_from_slice(&address.port().to_be_bytes());
        }
        let check = digest(&SHA256, &bytes);
        bytes.extend_from_slice(&check.as_ref()[..CHECK]);
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, InvitationError> {
        use InvitationError::Damaged;
        let (body, check) = bytes.split_last_chunk::<CHECK>().ok_or(Damaged)?;
        if digest(&SHA256, body).as_ref()[..CHECK] != check[..] {
            return Err(Damaged);
        }
        let (&version, rest) = body.split_first().ok_or(Damaged)?;
        if version > VERSION {
            return Err(InvitationError::Newer);
        }
        let (secret, rest) = rest.split_first_chunk::<32>().ok_or(Damaged)?;
        let (endpoint, rest) = rest.split_first_chunk::<32>().ok_or(Damaged)?;
        let (&count, mut rest) = rest.split_first().ok_or(Damaged)?;
        if version != VERSION || usize::from(count) > MAX_ADDRESSES {
            return Err(Damaged);
        }
        let mut addresses = Vec::with_capacity(count.into());
        for _ in 0..count {
            let (address, after) = read_address(rest).ok_or(Damaged)?;
            addresses.push(address);
            rest = after;
        }
        if !rest.is_empty() {
            return Err(Damaged);
        }
        Ok(Self { secret: InvitationSecret::from_bytes(*secret), endpoint: *endpoint, addresses })
    }
}

fn read_address(bytes: &[u8]) -> Option<(SocketAddr, &[u8])> {
    let (&family, rest) = bytes.split_first()?;
    let (ip, rest): (IpAddr, _) = match family {
        4 => rest.split_first_chunk::<4>().map(|(ip, rest)| ((*ip).into(), rest))?,
        6 => rest.split_first_chunk::<16>().map(|(ip, rest)| ((*ip).into(), rest))?,
        _ => return None,
    };
    let (port, rest) = rest.split_first_chunk::<2>()?;
    Some((SocketAddr::new(ip, u16::from_be_bytes(*port)), rest))
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

    /// Forgives what copying does: surrounding space, line breaks inside, upper case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).take(MAX_TEXT).collect();
        let lower = text.to_ascii_lowercase();
        let code = lower.strip_prefix(PREFIX).ok_or(InvitationError::NotAnInvitation)?;
        let bytes = lower_base32().decode(code.as_bytes()).map_err(|_| InvitationError::Damaged)?;
        Self::from_bytes(&bytes)
    }
}

fn lower_base32() -> data_encoding::Encoding {
    let mut specification = Specification::new();
    specification.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    specification.encoding().expect("thirty-two different symbols make a base32")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invitation() -> Invitation {
        Invitation::new([7; 32], vec!["127.0.0.1:4000".parse().unwrap(), "[fd00::1]:4001".parse().unwrap()])
    }

    #[test]
    fn an_invitation_survives_being_written_and_read() {
        let made = invitation();
        for text in [made.to_string(), format!("  {}\n", made.to_string().to_ascii_uppercase())] {
            let read: Invitation = text.parse().unwrap();
            assert_eq!(read.to_bytes(), made.to_bytes());
        }
    }

    #[test]
    fn every_cut_and_every_changed_letter_is_told() {
        let text = invitation().to_string();
        for end in 0..text.len() {
            let expected = if end < PREFIX.len() { InvitationError::NotAnInvitation } else { InvitationError::Damaged };
            assert_eq!(text[..end].parse::<Invitation>().unwrap_err(), expected);
        }
        for at in PREFIX.len()..text.len() - 1 {
            let other = if text.as_bytes()[at] == b'a' { "b" } else { "a" };
            let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
            assert!(changed.parse::<Invitation>().is_err(), "letter {at}");
        }
    }

    #[test]
    fn no_part_of_it_is_shown_by_debug() {
        assert_eq!(format!("{:?}", invitation()), "Invitation(..)");
    }
}
