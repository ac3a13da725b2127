//! Lines to stdout and stderr.

use std::{
    fmt,
    io::{self, IsTerminal, Write},
    path::Path,
    sync::{Mutex, mpsc},
    thread,
    time::Duration,
};

use media::private_file;
use serde::Serialize;

use crate::error::PeerError;

/// After this the person is told what is waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why stdout could not be written to, the first time.
static REFUSED: Mutex<Option<io::Error>> = Mutex::new(None);

/// A reader may have closed stdout; that ends nothing. Any other error is told at the end, see [`check`].
pub fn say(line: impl fmt::Display) {
    let mut out = io::stdout().lock();
    if let Err(why) = writeln!(out, "{line}").and_then(|()| out.flush())
        && why.kind() != io::ErrorKind::BrokenPipe
        && let Ok(mut refused) = REFUSED.lock()
    {
        refused.get_or_insert(why);
    }
}

/// Whether all that was said could be written, but for what nobody reads any more.
///
/// # Errors
///
/// [`PeerError::Output`], where a disk was full for instance.
pub fn check() -> Result<(), PeerError> {
    match REFUSED.lock().ok().and_then(|mut refused| refused.take()) {
        Some(why) => Err(PeerError::Output(why)),
        None => Ok(()),
    }
}

/// Does what may take long for a reason that the person can do something about, which is told after some seconds.
pub fn told_after_a_while<T>(reason: &'static str, work: impl FnOnce() -> T) -> T {
    let (done, is_done) = mpsc::sync_channel::<()>(0);
    // It ends with the work, a moment later at most.
    thread::spawn(move || {
        if is_done.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
            complain(&reason);
        }
    });
    let result = work();
    drop(done);
    result
}

/// The result of a command that stdin gave: no event begins as it does.
pub fn answer(line: impl fmt::Display) {
    say(format_args!("= {line}"));
}

/// One JSON value on one line.
pub fn say_json(value: &impl Serialize) -> Result<(), PeerError> {
    say(escaped(&serde_json::to_string(value).map_err(|why| PeerError::Figures(why.into()))?));
    Ok(())
}

/// The same JSON, with what would steer a terminal or turn lines around as escapes: it only ever stands in strings.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if engine::names::is_steering(c) {
            let mut units = [0; 2];
            out.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}

/// Says that events are lost.
pub fn lagged(dropped: u64) -> String {
    format!("{dropped} events are lost, as stdout was not read")
}

pub fn complain(why: &dyn fmt::Display) {
    let _ = writeln!(std::io::stderr(), "incamera-peer: {why}");
}

/// One message stays one line, and steers no terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if engine::names::is_steering(c) { ' ' } else { c }).collect()
}

/// As [`printable`]; on a terminal a text with letters that run from right to left is isolated, so that it does not
/// rearrange the line around it (UAX 9, section 2.4.2). Programs that read a pipe get the bare text.
pub fn isolated(text: &str) -> String {
    isolate(text, io::stdout().is_terminal())
}

/// A name or title of others beside words of ours: no name looks like any of them.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", isolated(&text.replace('\\', "\\\\").replace('"', "\\\"")))
}

fn isolate(text: &str, on_a_terminal: bool) -> String {
    let text = printable(text);
    if on_a_terminal && text.chars().any(may_run_from_right_to_left) { format!("\u{2068}{text}\u{2069}") } else { text }
}

/// The blocks of Unicode whose letters run from right to left, unassigned places in them too, and the marks for it.
fn may_run_from_right_to_left(c: char) -> bool {
    matches!(
        c,
        '\u{590}'..='\u{8ff}' | '\u{200f}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
            | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}'
    )
}

pub fn write_figures(path: &Path, figures: &impl Serialize) -> Result<(), PeerError> {
    let text = serde_json::to_string_pretty(figures).map_err(|why| PeerError::Figures(why.into()))?;
    // A pipe or a device is written to; only a plain file is replaced.
    if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return std::fs::write(path, text + "\n").map_err(PeerError::Figures);
    }
    private_file::replace(path, (text + "\n").as_bytes()).map_err(PeerError::Figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEERING: &str = "a\u{9b}31m\u{202e}b\u{2028}c\u{2067}";

    #[test]
    fn name_from_right_to_left_is_isolated_on_a_terminal() {
        assert_eq!(isolate("מרים", true), "\u{2068}מרים\u{2069}");
        assert_eq!(isolate("a\u{2069}علی", true), "\u{2068}a علی\u{2069}");
        assert_eq!((isolate("Ann", true).as_str(), isolate("מרים", false).as_str()), ("Ann", "מרים"));
    }

    #[test]
    fn text_of_others_steers_no_terminal() {
        assert_eq!(printable(STEERING), "a 31m b c ");
        assert_eq!(printable("علی\u{200c}رضا"), "علی\u{200c}رضا");
    }

    #[test]
    fn json_has_no_controls_and_means_the_same() {
        let json = escaped(&serde_json::to_string(STEERING).unwrap());
        assert!(!json.chars().any(engine::names::is_steering), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), STEERING);
    }
}
