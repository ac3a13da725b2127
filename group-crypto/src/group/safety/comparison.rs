//! What one side of a pair shows the other as a QR picture.

use std::{fmt, str::FromStr};

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE32_NOPAD;

use super::{CodeError, HASH};
use crate::{derive::first_bytes, redact::redacted_debug};

const PREFIX: &str = "incamera://verify#";
const VERSION: u8 = 1;
const CHECK: usize = 4;

/// A side's verification code, as text: `incamera://verify#` and base32 (RFC 4648, no padding, lower case) of version (1
/// byte), a hash of the pair's value and of whose side it is (32), and the first four bytes of the SHA-256 of all before
/// them, so that a damaged copy is told apart from the code of somebody else.
///
/// The two sides show different codes, and each knows both: who compares their own by mistake learns nothing, and is told
/// so. A forger has to meet 256 bits: 2^128 codes of 2^12 hashes each.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Comparison([u8; 32]);

redacted_debug!(Comparison);

impl Comparison {
    pub(super) fn of(hash: &[u8; HASH]) -> Self {
        Self(first_bytes(hash))
    }

    /// Whether a text means to be one, readable or not.
    pub(super) fn is_meant(text: &str) -> bool {
        without_prefix(text).is_some()
    }
}

/// Telephones and people like to change the case.
fn without_prefix(text: &str) -> Option<&str> {
    let (start, rest) = text.split_at_checked(PREFIX.len())?;
    start.eq_ignore_ascii_case(PREFIX).then_some(rest)
}

fn check_of(body: &[u8]) -> [u8; CHECK] {
    first_bytes(digest(&SHA256, body).as_ref())
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.0);
        bytes.extend(check_of(&bytes));
        write!(f, "{PREFIX}{}", BASE32_NOPAD.encode(&bytes).to_ascii_lowercase())
    }
}

impl FromStr for Comparison {
    type Err = CodeError;

    /// # Errors
    ///
    /// `NotACode` without the beginning, `Damaged` where it does not end well, `Newer` of a later version.
    fn from_str(text: &str) -> Result<Self, CodeError> {
        let written = without_prefix(text.trim()).ok_or(CodeError::NotACode)?.to_ascii_uppercase();
        let bytes = BASE32_NOPAD.decode(written.as_bytes()).map_err(|_| CodeError::Damaged)?;
        let (body, check) = bytes.split_last_chunk::<CHECK>().ok_or(CodeError::Damaged)?;
        if check_of(body) != *check {
            return Err(CodeError::Damaged);
        }
        match body.split_first() {
            Some((&version, _)) if version > VERSION => Err(CodeError::Newer),
            Some((&VERSION, value)) => value.try_into().map(Self).map_err(|_| CodeError::Damaged),
            _ => Err(CodeError::Damaged),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(bytes: &[u8]) -> String {
        let sum = digest(&SHA256, bytes);
        let whole = [bytes, &sum.as_ref()[..CHECK]].concat();
        format!("{PREFIX}{}", BASE32_NOPAD.encode(&whole).to_ascii_lowercase())
    }

    #[test]
    fn a_code_survives_its_text_in_any_case() {
        let code = Comparison([7; 32]);
        let text = code.to_string();
        assert_eq!(text.len(), PREFIX.len() + 60);
        assert_eq!(text.parse(), Ok(code));
        assert_eq!(format!(" {} \n", text.to_ascii_uppercase()).parse(), Ok(code));
    }

    #[test]
    fn damaged_code_is_told_from_the_code_of_another() {
        let text = Comparison([7; 32]).to_string();
        for end in PREFIX.len()..text.len() {
            assert_eq!(text[..end].parse::<Comparison>(), Err(CodeError::Damaged), "{end}");
        }
        for at in PREFIX.len()..text.len() {
            let mut other = text.clone().into_bytes();
            other[at] = if other[at] == b'a' { b'b' } else { b'a' };
            let other = String::from_utf8(other).unwrap();
            assert!(other.parse::<Comparison>().is_err(), "{at}");
        }
        assert_eq!(format!("{text}a").parse::<Comparison>(), Err(CodeError::Damaged));
        assert_eq!(format!("{PREFIX}é").parse::<Comparison>(), Err(CodeError::Damaged));
        assert_eq!(written(&[&[VERSION][..], &[7; 33]].concat()).parse::<Comparison>(), Err(CodeError::Damaged));
        assert_eq!(written(&[&[0][..], &[7; 32]].concat()).parse::<Comparison>(), Err(CodeError::Damaged));
        assert_eq!(written(&[]).parse::<Comparison>(), Err(CodeError::Damaged));
    }

    #[test]
    fn a_later_version_says_so_and_other_texts_are_no_code() {
        assert_eq!(written(&[&[VERSION + 1][..], &[7; 40]].concat()).parse::<Comparison>(), Err(CodeError::Newer));
        for other in ["", "incamera://join#abc", "é", "incamera://verify", "https://example.org"] {
            assert_eq!(other.parse::<Comparison>(), Err(CodeError::NotACode), "{other}");
        }
    }
}
