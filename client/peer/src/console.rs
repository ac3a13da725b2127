//! Lines of stdin, and the signals that end a session.

use std::{
    io::{self, BufRead, Read},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc,
    },
    thread,
    time::Duration,
};

use crate::message::Deed;

/// Lines that wait; beyond it stdin waits.
const WAITING: usize = 64;
/// Bytes of a line; nothing of a longer one is taken.
const MAX_LINE: u64 = 64 * 1024;

/// What a line of stdin asks for.
#[derive(PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum Line {
    /// In the room we are in, or in whose call.
    Say(String),
    /// Something that is done with a message; [`Deed::wish`] reads what follows.
    With(Deed, String),
    /// To a contact or a room: a name, white space, and the text; [`split_name`] takes them apart.
    To(String),
    Call {
        name: String,
        video: bool,
    },
    Answer,
    Decline,
    HangUp,
    /// Takes up an invitation.
    Accept(String),
    /// By the number that the knock was printed with.
    Admit(u32),
    Refuse(u32),
    Microphone(bool),
    Camera(bool),
    Remove(String),
    /// The members, with their ids.
    Who,
    /// A new link for a room that leaves nothing behind.
    Invite,
    /// The words of the room.
    Code,
    /// A member, whose words are shown; and, behind white space, what they showed or read. See [`verifying`].
    Verify(String),
    Leave,
    Unknown,
    TooLong,
}

impl Line {
    fn read(line: &str) -> Option<Self> {
        let line = line.trim_end_matches(['\r', '\n']);
        let command = line.trim();
        if command.is_empty() {
            return None;
        }
        if !command.starts_with('/') {
            return Some(Line::Say(line.to_owned()));
        }
        if let Some(said) = command.strip_prefix("//") {
            return Some(Line::Say(format!("/{said}")));
        }
        let (command, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        Some(Self::command(command, rest.trim()))
    }

    fn command(command: &str, rest: &str) -> Self {
        let number = |line: fn(u32) -> Line| rest.parse().map_or(Line::Unknown, line);
        let alone = |line: Line| if rest.is_empty() { line } else { Line::Unknown };
        let with = |line: fn(String) -> Line| if rest.is_empty() { Line::Unknown } else { line(rest.to_owned()) };
        let deed = |deed| Line::With(deed, rest.to_owned());
        match (command, rest) {
            ("/to", _) => with(Line::To),
            ("/reply", _) => deed(Deed::Reply),
            ("/edit", _) => deed(Deed::Edit),
            ("/delete", _) => deed(Deed::Delete),
            ("/react", _) => deed(Deed::React),
            ("/call", "") => Line::Unknown,
            ("/call", _) => call(rest),
            ("/answer", _) => alone(Line::Answer),
            ("/decline", _) => alone(Line::Decline),
            ("/hangup", _) => alone(Line::HangUp),
            ("/accept", _) => with(Line::Accept),
            ("/admit", _) => number(Line::Admit),
            ("/refuse", _) => number(Line::Refuse),
            ("/mute", _) => alone(Line::Microphone(false)),
            ("/unmute", _) => alone(Line::Microphone(true)),
            ("/camera", "off") => Line::Camera(false),
            ("/camera", "on") => Line::Camera(true),
            ("/remove", _) => with(|name| Line::Remove(unquoted(&name).to_owned())),
            ("/who", _) => alone(Line::Who),
            ("/invite", _) => alone(Line::Invite),
            ("/code", _) => alone(Line::Code),
            ("/verify", _) => with(Line::Verify),
            ("/leave", _) => alone(Line::Leave),
            _ => Line::Unknown,
        }
    }
}

fn call(rest: &str) -> Line {
    let video = rest.strip_suffix("video").filter(|name| name.ends_with(char::is_whitespace)).map(str::trim_end);
    Line::Call { name: unquoted(video.unwrap_or(rest)).to_owned(), video: video.is_some() }
}

fn unquoted(name: &str) -> &str {
    name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name)
}

/// The name, up to white space or in double quotes, and what follows it; nothing where either is missing.
pub fn split_name(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => text.split_once(char::is_whitespace)?,
    };
    let rest = rest.trim_start();
    (!name.is_empty() && !rest.is_empty()).then_some((name, rest))
}

/// Whom [`Line::Verify`] is about, and what is to be compared. `is_name` tells a name of several words from a name and words.
pub fn verifying(text: &str, is_name: impl Fn(&str) -> bool) -> (&str, Option<&str>) {
    match split_name(text) {
        Some((name, shown)) if !is_name(unquoted(text)) => (name, Some(shown)),
        _ => (unquoted(text), None),
    }
}

/// The lines of stdin as they come. The end of stdin ends nothing.
pub fn lines() -> mpsc::Receiver<Line> {
    let (sender, lines) = mpsc::sync_channel(WAITING);
    // Detached: nothing can interrupt a read of stdin, and it keeps nothing alive.
    thread::spawn(move || {
        let mut stdin = io::stdin().lock();
        let mut bytes = Vec::new();
        while let Ok(true) = read_line(&mut stdin, &mut bytes) {
            let line = match bytes.len() as u64 > MAX_LINE {
                true => Some(Line::TooLong),
                false => Line::read(&String::from_utf8_lossy(&bytes)),
            };
            if line.is_some_and(|line| sender.send(line).is_err()) {
                break;
            }
        }
    });
    lines
}

/// Reads a line, or its beginning where it is longer than [`MAX_LINE`], and goes on to its end. Whether there was one.
fn read_line(from: &mut impl BufRead, bytes: &mut Vec<u8>) -> io::Result<bool> {
    bytes.clear();
    let any = from.by_ref().take(MAX_LINE + 1).read_until(b'\n', bytes)? > 0;
    if bytes.len() as u64 > MAX_LINE {
        let mut rest = Vec::new();
        while !bytes.ends_with(b"\n") && !rest.ends_with(b"\n") {
            rest.clear();
            if from.by_ref().take(MAX_LINE).read_until(b'\n', &mut rest)? == 0 {
                break;
            }
        }
    }
    Ok(any)
}

/// The exit status of a program that SIGINT ended.
const INTERRUPTED: i32 = 130;
/// A program that was asked to go and has not gone after this hangs in something that nothing interrupts.
const LAST_WORDS: Duration = Duration::from_secs(40);

/// Whether SIGINT or SIGTERM (or their counterparts) asked us to go. The second one ends the program at once, and so does time.
pub struct Quit {
    asked: Arc<AtomicBool>,
}

impl Quit {
    pub fn on_signals() -> io::Result<Self> {
        let quit = Self { asked: Arc::default() };
        let asked = quit.asked.clone();
        ctrlc::set_handler(move || {
            if asked.swap(true, Relaxed) {
                std::process::exit(INTERRUPTED);
            }
            thread::spawn(|| {
                thread::sleep(LAST_WORDS);
                std::process::exit(INTERRUPTED);
            });
        })
        .map_err(io::Error::other)?;
        Ok(quit)
    }

    pub fn asked(&self) -> bool {
        self.asked.load(Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_command_or_something_to_say() {
        let read = |line| Line::read(line).unwrap();
        assert_eq!(read("/mute\n"), Line::Microphone(false));
        assert_eq!(read("/camera on\r\n"), Line::Camera(true));
        assert_eq!(read("/remove Ann Lee\n"), Line::Remove("Ann Lee".into()));
        assert_eq!(read("/remove \"Ann Lee\"\n"), Line::Remove("Ann Lee".into()));
        assert_eq!(read("/to Ann  hello there\n"), Line::To("Ann  hello there".into()));
        assert_eq!(read("/admit 3"), Line::Admit(3));
        assert_eq!(read("/refuse 4"), Line::Refuse(4));
        assert_eq!(read("/code"), Line::Code);
        assert_eq!(read("/verify Ann 12345"), Line::Verify("Ann 12345".into()));
        assert_eq!(read("/accept incamera://join#x"), Line::Accept("incamera://join#x".into()));
        assert_eq!((read("/answer"), read("/decline"), read("/hangup")), (Line::Answer, Line::Decline, Line::HangUp));
        assert_eq!(read(" hello / there\n"), Line::Say(" hello / there".into()));
        assert_eq!(read("//etc/hosts is a file\n"), Line::Say("/etc/hosts is a file".into()));
        assert_eq!((read("/who"), read("/invite")), (Line::Who, Line::Invite));
        assert_eq!(Line::read("   \n"), None);
    }

    #[test]
    fn line_that_is_too_long_is_skipped_to_its_end() {
        let long = "x".repeat(3 * MAX_LINE as usize);
        let most = "y".repeat(MAX_LINE as usize - 1);
        let text = format!("one\n{long}\n{most}\nlast");
        let (mut from, mut bytes, mut sizes) = (text.as_bytes(), Vec::new(), Vec::new());
        while read_line(&mut from, &mut bytes).unwrap() {
            sizes.push(bytes.len() as u64);
        }
        assert_eq!(sizes, [4, MAX_LINE + 1, MAX_LINE, 4]);
    }

    #[test]
    fn a_command_that_lacks_something_or_has_too_much_is_none() {
        for line in [
            "/nonsense",
            "/to",
            "/call",
            "/admit",
            "/admit x",
            "/admit -1",
            "/camera",
            "/mute now",
            "/leave Ann",
            "/code x",
            "/verify",
            "/",
        ] {
            assert_eq!(Line::read(line), Some(Line::Unknown), "{line}");
        }
    }

    #[test]
    fn a_call_may_be_with_video() {
        let call = |name: &str, video| Some(Line::Call { name: name.into(), video });
        assert_eq!(Line::read("/call Ann Lee"), call("Ann Lee", false));
        assert_eq!(Line::read("/call Ann Lee video\n"), call("Ann Lee", true));
        assert_eq!(Line::read("/call \"video\""), call("video", false));
        assert_eq!(Line::read("/call Nonvideo"), call("Nonvideo", false));
        assert_eq!(Line::read("/call video"), call("video", false));
    }

    #[test]
    fn what_is_compared_follows_the_name() {
        let is_name = |name: &str| ["Ann", "Ann Lee"].contains(&name);
        assert_eq!(verifying("Ann", is_name), ("Ann", None));
        assert_eq!(verifying("Ann Lee", is_name), ("Ann Lee", None));
        assert_eq!(verifying("\"Ann Lee\"", is_name), ("Ann Lee", None));
        assert_eq!(verifying("Ann zoo zero", is_name), ("Ann", Some("zoo zero")));
        assert_eq!(verifying("\"Ann Lee\" 12345 67890", is_name), ("Ann Lee", Some("12345 67890")));
    }

    #[test]
    fn a_name_of_several_words_stands_in_quotes() {
        assert_eq!(split_name("Ann hello \"you\""), Some(("Ann", "hello \"you\"")));
        assert_eq!(split_name("\"Ann Lee\" hello"), Some(("Ann Lee", "hello")));
        for wrong in ["Ann", "\"Ann Lee\"", "\"Ann Lee hello", "\"\" hello", "\"Ann\" "] {
            assert_eq!(split_name(wrong), None, "{wrong}");
        }
    }
}
