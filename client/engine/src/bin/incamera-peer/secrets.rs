//! Files that hold secrets.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use engine::profiles::Passphrase;

use crate::error::PeerError;

const MAX_PASSPHRASE: usize = 1024;

/// The first line of a file.
pub fn passphrase(path: &Path) -> Result<Passphrase, PeerError> {
    let mut file = File::open(path).map_err(PeerError::PassphraseFile)?;
    read_passphrase(&mut file)
}

/// Reads into one buffer that becomes the passphrase, so that no copy stays behind.
fn read_passphrase(from: &mut impl Read) -> Result<Passphrase, PeerError> {
    // Room for a line's end, and for one byte that is too many.
    let mut bytes = Vec::with_capacity(MAX_PASSPHRASE + 3);
    let mut next = [0];
    while bytes.len() < MAX_PASSPHRASE + 2 && !bytes.ends_with(b"\n") {
        match from.read(&mut next) {
            Ok(0) => break,
            Ok(_) => bytes.extend_from_slice(&next),
            Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
            Err(why) => return Err(PeerError::PassphraseFile(why)),
        }
    }
    for end in [b'\n', b'\r'] {
        if bytes.last() == Some(&end) {
            bytes.pop();
        }
    }
    let wrong = bytes.is_empty() || bytes.len() > MAX_PASSPHRASE;
    // Made into a passphrase before it is judged: that is what wipes it.
    match String::from_utf8(bytes) {
        Ok(text) => {
            let passphrase = Passphrase::new(text)?;
            if wrong { Err(PeerError::Passphrase) } else { Ok(passphrase) }
        }
        Err(_) => Err(PeerError::Passphrase),
    }
}

/// A whole file of at most `limit` bytes.
pub fn bounded(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_good(mut text: &[u8]) -> bool {
        read_passphrase(&mut text).is_ok()
    }

    #[test]
    fn a_passphrase_is_one_line_of_text() {
        assert!(is_good(b"correct horse\n") && is_good(b"correct horse\r\nmore") && is_good("é".as_bytes()));
        assert!(is_good(&[b'x'; MAX_PASSPHRASE]) && is_good(&[&[b'x'; MAX_PASSPHRASE][..], b"\r\n"].concat()));
        assert!(!is_good(b"") && !is_good(b"\nsecond") && !is_good(b"\xff") && !is_good(&[b'x'; MAX_PASSPHRASE + 1]));
    }

    #[test]
    fn an_error_says_nothing_of_the_passphrase() {
        let why = read_passphrase(&mut &b"tell nobody\xff"[..]).err().unwrap();
        assert!(!format!("{why} {why:?}").contains("nobody"));
    }
}
