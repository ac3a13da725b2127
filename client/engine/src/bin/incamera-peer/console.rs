//! Lines of stdin, and the signals that end a session.

use std::{
    io::{self, BufRead},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc,
    },
    thread,
};

/// Lines that wait; beyond it stdin waits.
const WAITING: usize = 64;

/// What a line of stdin asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    Say(String),
    Microphone(bool),
    Camera(bool),
    Remove(String),
    Leave,
    Unknown,
}

impl Line {
    fn read(line: &str) -> Option<Self> {
        let line = line.trim_end_matches(['\r', '\n']);
        Some(match line.trim() {
            "" => return None,
            "/mute" => Line::Microphone(false),
            "/unmute" => Line::Microphone(true),
            "/camera off" => Line::Camera(false),
            "/camera on" => Line::Camera(true),
            "/leave" => Line::Leave,
            command => match command.strip_prefix("/remove ") {
                Some(name) => Line::Remove(name.trim().to_owned()),
                None if command.starts_with('/') => Line::Unknown,
                None => Line::Say(line.to_owned()),
            },
        })
    }
}

/// The lines of stdin as they come. The end of stdin ends nothing.
pub fn lines() -> mpsc::Receiver<Line> {
    let (sender, lines) = mpsc::sync_channel(WAITING);
    // Detached: nothing can interrupt a read of stdin, and it keeps nothing alive.
    thread::spawn(move || {
        let mut stdin = io::stdin().lock();
        let mut bytes = Vec::new();
        while stdin.read_until(b'\n', &mut bytes).is_ok_and(|read| read > 0) {
            if let Some(line) = Line::read(&String::from_utf8_lossy(&bytes))
                && sender.send(line).is_err()
            {
                break;
            }
            bytes.clear();
        }
    });
    lines
}

/// Whether SIGINT or SIGTERM (or their counterparts) asked us to go.
pub struct Quit {
    asked: Arc<AtomicBool>,
}

impl Quit {
    pub fn on_signals() -> io::Result<Self> {
        let quit = Self { asked: Arc::default() };
        let asked = quit.asked.clone();
        ctrlc::set_handler(move || asked.store(true, Relaxed)).map_err(io::Error::other)?;
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
        assert_eq!(Line::read("/mute\n"), Some(Line::Microphone(false)));
        assert_eq!(Line::read("/camera on\r\n"), Some(Line::Camera(true)));
        assert_eq!(Line::read("/remove Ann Lee\n"), Some(Line::Remove("Ann Lee".into())));
        assert_eq!(Line::read("/nonsense\n"), Some(Line::Unknown));
        assert_eq!(Line::read(" hello / there\n"), Some(Line::Say(" hello / there".into())));
        assert_eq!(Line::read("   \n"), None);
    }
}
