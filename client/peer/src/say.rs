//! `contact say`: messages into the outbox, as many as one likes.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    iter,
    path::Path,
    time::{Duration, Instant},
};

use engine::{
    api::{Ended, Event, RoomEvent, RoomId, RoomWish, Trouble},
    names::is_blank,
};

use crate::{
    arguments::Global,
    desk::{ANSWER, Desk},
    error::{Named, PeerError},
    flow::{self, Flow},
    output,
};

/// Bytes of a line of a file; the engine's own limit for a message is lower.
const MAX_LINE: u64 = 64 * 1024;

type Messages = Box<dyn Iterator<Item = Result<String, PeerError>>>;

pub fn run(
    global: &Global,
    name: &str,
    words: &[String],
    file: Option<&Path>,
    wait: Option<Duration>,
) -> Result<(), PeerError> {
    let messages: Messages = match file {
        Some(path) => Box::new(lines(BufReader::new(File::open(path).map_err(PeerError::Messages)?))),
        None => Box::new(iter::once(text_of(words))),
    };
    let mut messages = messages.peekable();
    // Before the profile is opened: what can't be sent needs nobody's answer.
    if !matches!(messages.peek(), Some(Ok(_))) {
        return Err(messages.next().and_then(Result::err).unwrap_or(PeerError::NothingToSay));
    }
    let mut desk = if wait.is_some() { Desk::online(global)? } else { Desk::offline(global)? };
    let contact = desk.find(name, Named::Contact)?;
    let queued = queue(&mut desk, contact, Box::new(messages))?;
    if let Some(wait) = wait {
        await_delivery(&mut desk, contact, queued.last, wait)?;
    }
    desk.close()?;
    if queued.too_long > 0 { Err(PeerError::TooLong(queued.too_long)) } else { Ok(()) }
}

/// The words of the command line as one message.
fn text_of(words: &[String]) -> Result<String, PeerError> {
    let text = words.join(" ");
    if is_blank(&text) { Err(PeerError::NothingToSay) } else { Ok(text) }
}

struct Queued {
    /// The last own sequence number.
    last: u64,
    too_long: u64,
}

/// Hands over message after message, and returns when the engine has written all of them down.
fn queue(desk: &mut Desk, contact: RoomId, mut messages: Messages) -> Result<Queued, PeerError> {
    let mut flow = Flow::default();
    let mut queued = Queued { last: 0, too_long: 0 };
    let mut answered_at = Instant::now();
    let mut more = true;
    loop {
        while more && flow.may_ask() {
            match messages.next().transpose()? {
                Some(text) => {
                    desk.in_room(contact, RoomWish::Say(text));
                    flow.asked();
                }
                None => more = false,
            }
        }
        if !more && flow.is_idle() {
            return Ok(queued);
        }
        if let Some(event) = desk.next(Duration::from_millis(20)) {
            desk.book.note(&event);
            if flow::is_answer(&event) {
                flow.answered();
                answered_at = Instant::now();
            }
            match event {
                Event::Room { room, what: RoomEvent::Said(line) } if room == contact && line.mine => {
                    queued.last = queued.last.max(line.sequence);
                }
                Event::Room { room, what: RoomEvent::Over(_) } if room == contact => {
                    return Err(PeerError::Unknown(Named::Contact));
                }
                Event::Trouble(Trouble::MessageTooLong) => queued.too_long += 1,
                Event::Trouble(trouble) => match as_failure(trouble) {
                    Some(why) => return Err(why),
                    None => output::complain(&trouble),
                },
                Event::Ended(Ended::Stopped | Ended::Failed) => return Err(PeerError::Engine),
                _ => {}
            }
        }
        if desk.quit.asked() {
            return Err(PeerError::Interrupted);
        }
        if answered_at.elapsed() > ANSWER {
            return Err(PeerError::NoAnswer);
        }
    }
}

/// Why no message can be queued any more, where this says so.
fn as_failure(trouble: Trouble) -> Option<PeerError> {
    match trouble {
        Trouble::StoreRefused => Some(PeerError::NotKept),
        Trouble::ReadOnly => Some(PeerError::ReadOnly),
        _ => None,
    }
}

fn await_delivery(desk: &mut Desk, contact: RoomId, last: u64, wait: Duration) -> Result<(), PeerError> {
    let delivered = |desk: &Desk| desk.book.rooms.get(&contact).is_some_and(|contact| contact.delivered >= last);
    if delivered(desk) {
        return Ok(());
    }
    match desk.until(Some(wait), |desk, _| delivered(desk).then_some(())) {
        Err(PeerError::NoAnswer) => Err(PeerError::NotDelivered),
        done => done,
    }
}

/// The lines of a file that have a text. What is no UTF-8 is shown as U+FFFD, as everywhere.
fn lines(mut from: impl BufRead) -> impl Iterator<Item = Result<String, PeerError>> {
    let mut number = 0;
    iter::from_fn(move || {
        loop {
            number += 1;
            let mut bytes = Vec::new();
            match read_line(&mut from, &mut bytes) {
                Ok(0) => return None,
                Ok(_) if bytes.len() as u64 > MAX_LINE => return Some(Err(PeerError::LineTooLong(number))),
                Ok(_) => {}
                Err(why) => return Some(Err(PeerError::Messages(why))),
            }
            let text = String::from_utf8_lossy(&bytes);
            let text = text.trim_end_matches(['\r', '\n']);
            if !is_blank(text) {
                return Some(Ok(text.to_owned()));
            }
        }
    })
}

fn read_line(from: &mut impl BufRead, bytes: &mut Vec<u8>) -> io::Result<usize> {
    from.by_ref().take(MAX_LINE + 1).read_until(b'\n', bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_that_is_not_empty_is_a_message() {
        let all: Result<Vec<_>, _> = lines(&b"one\r\n\n  \n\xe2\x80\x8b\n two \nthr\xffee"[..]).collect();
        assert_eq!(all.unwrap(), ["one", " two ", "thr\u{fffd}ee"]);
        assert_eq!(lines(&b""[..]).count(), 0);
    }

    #[test]
    fn message_without_text_is_refused() {
        let words = |words: &[&str]| text_of(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        for nothing in [&[""][..], &[" ", "\t"], &["\u{200b}"], &[]] {
            assert!(matches!(words(nothing), Err(PeerError::NothingToSay)));
        }
        assert_eq!(words(&["hello", "you"]).unwrap(), "hello you");
    }

    #[test]
    fn message_to_an_ended_contact_is_an_error() {
        assert!(matches!(as_failure(Trouble::ReadOnly), Some(PeerError::ReadOnly)));
        assert!(matches!(as_failure(Trouble::StoreRefused), Some(PeerError::NotKept)));
        assert!(as_failure(Trouble::CameraLost).is_none());
    }

    #[test]
    fn a_line_without_an_end_is_refused_by_its_number() {
        let long = [&b"one\n"[..], &[b'x'; 1 << 17]].concat();
        let mut lines = lines(&long[..]);
        assert!(lines.next().unwrap().is_ok());
        let why = lines.next().unwrap().unwrap_err().to_string();
        assert!(why.starts_with("line 2 "), "{why}");
    }
}
