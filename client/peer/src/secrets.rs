//! Files that hold secrets.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use engine::profiles::Passphrase;

use crate::{error::PeerError, output};

const MAX_PASSPHRASE: usize = 1024;
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The first line of a file.
pub fn passphrase(path: &Path) -> Result<Passphrase, PeerError> {
    output::told_after_a_while("waiting for the passphrase", || {
        let mut file = File::open(path).map_err(PeerError::PassphraseFile)?;
        read_passphrase(&mut file)
    })
}

/// Reads into one buffer that becomes the passphrase, so that no copy stays behind.
fn read_passphrase(from: &mut impl Read) -> Result<Passphrase, PeerError> {
    // Room for a line's end, and for one byte that is too many.
    let mut bytes = Vec::with_capacity(MAX_PASSPHRASE + 3);
    let mut next = [0];
    while bytes.len() < MAX_PASSPHRASE + 2 && !bytes.ends_with(b"\n") {
        if bytes == BYTE_ORDER_MARK {
            // An editor wrote it, and nobody can type it.
            bytes.clear();
        }
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
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use engine::profiles::{self, Face, Lock};

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
    fn byte_order_mark_is_not_part_of_a_passphrase() {
        let folder = tempfile::tempdir().unwrap();
        let profile = |text: &str| {
            let lock = Lock::Passphrase(read_passphrase(&mut text.as_bytes()).unwrap());
            profiles::create(folder.path(), &lock, &Face { name: "Ann".into(), notify: true }).unwrap().id()
        };
        let id = profile("\u{feff}correct horse\n");
        let typed = Lock::Passphrase(Passphrase::new("correct horse".into()).unwrap());
        assert!(profiles::open(folder.path(), id, &typed).is_ok());
        assert!(!is_good("\u{feff}\n".as_bytes()));
    }

    #[test]
    fn an_error_says_nothing_of_the_passphrase() {
        let why = read_passphrase(&mut &b"tell nobody\xff"[..]).err().unwrap();
        assert!(!format!("{why} {why:?}").contains("nobody"));
    }
}
