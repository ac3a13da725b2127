//! One person in one room: events to stdout, lines of stdin to the room, figures at the end.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use engine::{
    Engine, StartError,
    api::{EndedBecause, Event, JoinFailed, MemberId, Settings, Trouble, Wish},
    invitation::{Invitation, InvitationError},
    stats::Stats,
};

use crate::{
    arguments::Media,
    console::{self, Line, Quit},
};

/// Why a session ended other than by our wish.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Invitation(#[from] InvitationError),
    #[error(transparent)]
    Join(#[from] JoinFailed),
    #[error("a title has 1 to 128 bytes and no control characters")]
    Title,
    #[error("the engine could not go on")]
    Engine,
    #[error("the recordings' folder cannot be made: {}", .0.kind())]
    Folder(std::io::Error),
    #[error("the figures cannot be written: {}", .0.kind())]
    Figures(std::io::Error),
    #[error("the signals of the system cannot be heard: {}", .0.kind())]
    Signals(std::io::Error),
}

pub fn create(name: String, title: String, media: &Media) -> Result<(), SessionError> {
    if title.is_empty() || title.len() > 128 || title.chars().any(char::is_control) {
        return Err(SessionError::Title);
    }
    run(name, Wish::Create { title }, media)
}

/// The text is read here and not by the command line's parser, which would print a damaged one, secret and all.
pub fn join(invitation: &str, name: String, media: &Media) -> Result<(), SessionError> {
    let invitation: Invitation = invitation.parse()?;
    run(name, Wish::Join { invitation }, media)
}

fn run(name: String, enter: Wish, media: &Media) -> Result<(), SessionError> {
    let quit = Quit::on_signals().map_err(SessionError::Signals)?;
    make_folder(media)?;
    let creates = matches!(enter, Wish::Create { .. });
    let engine = start(name, media)?;
    engine.wish(enter);
    let mut session = Session { engine, names: BTreeMap::new(), stats: Stats::default(), creates, entered: false };
    let ended = session.live(&quit, media.seconds());
    if let Some(path) = &media.stats {
        write_figures(path, &session.stats)?;
    }
    match ended {
        EndedBecause::Left => Ok(()),
        EndedBecause::Removed => {
            eprintln!("incamera-peer: the room removed you");
            Ok(())
        }
        EndedBecause::JoinFailed(why) => Err(why.into()),
        EndedBecause::Failed => Err(SessionError::Engine),
    }
}

pub fn make_folder(media: &Media) -> Result<(), SessionError> {
    media.record.as_ref().map_or(Ok(()), fs::create_dir_all).map_err(SessionError::Folder)
}

pub fn start(name: String, media: &Media) -> Result<Engine, StartError> {
    Engine::start(Settings { name, network: media.network(), media: media.settings(), wake: Arc::new(|| {}) })
}

pub fn write_figures(path: &Path, figures: &impl serde::Serialize) -> Result<(), SessionError> {
    let text = serde_json::to_string_pretty(figures).map_err(|why| SessionError::Figures(why.into()))?;
    fs::write(path, text + "\n").map_err(SessionError::Figures)
}

/// Lines of stdin taken at each turn of 20 ms.
const LINES_AT_ONCE: usize = 16;

struct Session {
    engine: Engine,
    names: BTreeMap<MemberId, String>,
    stats: Stats,
    creates: bool,
    entered: bool,
}

impl Session {
    fn live(&mut self, quit: &Quit, seconds: Option<Duration>) -> EndedBecause {
        let mut lines = None;
        let deadline = seconds.and_then(|s| Instant::now().checked_add(s));
        let mut leaving = false;
        loop {
            if let Some(event) = self.engine.wait_event(Duration::from_millis(20))
                && let Some(why) = self.happened(event)
            {
                return why;
            }
            // Nobody would hear what is said before we are in; stdin waits.
            if self.entered && lines.is_none() {
                lines = Some(console::lines());
            }
            // A few at a time, so that a long file does not overrun the engine.
            for line in lines.iter().flat_map(|lines| lines.try_iter().take(LINES_AT_ONCE)) {
                self.wish(line);
            }
            let over = quit.asked() || deadline.is_some_and(|d| Instant::now() >= d);
            if over && !leaving {
                leaving = true;
                self.engine.wish(Wish::Leave);
            }
        }
    }

    fn happened(&mut self, event: Event) -> Option<EndedBecause> {
        match event {
            Event::Entered { .. } => {
                self.entered = true;
                if self.creates {
                    self.engine.wish(Wish::Invite);
                }
            }
            Event::InvitationReady(invitation) => say(format_args!("{invitation}")),
            Event::Joined { member, name } => {
                self.names.insert(member, name);
            }
            Event::Left { member, .. } => {
                self.names.remove(&member);
            }
            Event::Said { name, text, mine: false, .. } => say(format_args!("{name}: {}", printable(&text))),
            Event::Trouble(trouble) => eprintln!("incamera-peer: {trouble}"),
            Event::Figures(stats) => self.stats = stats,
            Event::Ended(why) => return Some(why),
            _ => {}
        }
        None
    }

    fn wish(&self, line: Line) {
        let wish = match line {
            Line::Say(text) => Wish::Say(text),
            Line::Microphone(on) => Wish::MicrophoneOn(on),
            Line::Camera(on) => Wish::CameraOn(on),
            Line::Leave => Wish::Leave,
            Line::Remove(name) => match self.names.iter().find(|(_, known)| **known == name) {
                Some((member, _)) => Wish::Remove(*member),
                None => return eprintln!("incamera-peer: {}", Trouble::NoSuchMember),
            },
            Line::Unknown => return eprintln!("incamera-peer: no such command"),
        };
        self.engine.wish(wish);
    }
}

/// A reader may have closed stdout; that ends nothing.
fn say(line: std::fmt::Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// One message stays one line, and steers no terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
