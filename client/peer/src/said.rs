//! Lines of a chat, in every form in which this program prints them. A new kind of content is added here, and nowhere else.

use std::fmt;

use data_encoding::HEXLOWER;
use engine::api::{Body, CallOutcome, Line};
use serde::Serialize;

use crate::message::hex;
use crate::output::{complain, isolated, quoted, say};

/// Whether a person said it, so that it answers a wish of ours and waits in the outbox. The rest is noted by the engine.
pub fn is_said(body: &Body) -> bool {
    match body {
        Body::Text(_) | Body::Invitation { .. } | Body::NeedsNewerVersion | Body::Deleted => true,
        Body::Missing { .. } | Body::Call { .. } | Body::Renamed { .. } => false,
    }
}

/// The line for people, without a link that only a program can follow.
pub fn sentence(name: &str, body: &Body) -> String {
    let name = quoted(name);
    match body {
        Body::Text(text) => format!("{name}: {}", isolated(text)),
        Body::Invitation { title, .. } => format!("{name} sent an invitation to {}", quoted(title)),
        Body::NeedsNewerVersion => format!("{name}: a message that only a newer version can show"),
        Body::Deleted => format!("{name} deleted a message"),
        Body::Missing { count: 1 } => format!("{name}: 1 message is missing"),
        Body::Missing { count } => format!("{name}: {count} messages are missing"),
        Body::Call { video, outcome: how } => {
            let (outcome, seconds) = outcome(*how);
            let with_video = if *video { " with video" } else { "" };
            format!("{name} called{with_video}: {outcome}{}", seconds.map(|s| format!(" {s} s")).unwrap_or_default())
        }
        Body::Renamed { to } => format!("{name} is now called {}", quoted(to)),
    }
}

/// Prints a line of another's where there is only one room: messages to stdout, and what stands in for them to stderr.
pub fn print(line: &Line) {
    let sentence = sentence(&line.name, &line.body);
    match line.body {
        Body::Text(_) | Body::Invitation { .. } => say(sentence),
        Body::NeedsNewerVersion | Body::Missing { .. } | Body::Deleted => complain(&sentence),
        // Kept rooms only.
        Body::Call { .. } | Body::Renamed { .. } => {}
    }
}

/// The content of a line as the history writes it with `--json`.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content<'a> {
    Text { text: &'a str },
    Invitation { title: &'a str, link: &'a str },
    Call { video: bool, outcome: &'static str, seconds: Option<u32> },
    Missing { count: u64 },
    NeedsNewerVersion,
    Deleted,
    Renamed { to: &'a str },
}

/// What stands beside the content of a line: its name, and what became of it.
#[derive(Serialize)]
pub struct Marks {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<String>,
    /// How often it was edited.
    #[serde(skip_serializing_if = "is_zero")]
    edits: usize,
    /// The sign and the member of each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reactions: Vec<(String, String)>,
}

impl From<&Line> for Marks {
    fn from(line: &Line) -> Self {
        Self {
            id: line.message.map(hex),
            reply_to: line.reply_to.map(hex),
            edits: line.former.len(),
            reactions: line.reactions.iter().map(|r| (r.sign.clone(), HEXLOWER.encode(&r.member.0))).collect(),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl<'a> From<&'a Body> for Content<'a> {
    fn from(body: &'a Body) -> Self {
        match body {
            Body::Text(text) => Content::Text { text },
            Body::Invitation { title, link } => Content::Invitation { title, link },
            Body::Missing { count } => Content::Missing { count: *count },
            Body::NeedsNewerVersion => Content::NeedsNewerVersion,
            Body::Deleted => Content::Deleted,
            Body::Call { video, outcome: how } => {
                let (outcome, seconds) = outcome(*how);
                Content::Call { video: *video, outcome, seconds }
            }
            Body::Renamed { to } => Content::Renamed { to },
        }
    }
}

/// How a call went, as a word, and for how many seconds.
fn outcome(outcome: CallOutcome) -> (&'static str, Option<u32>) {
    match outcome {
        CallOutcome::Held(seconds) => ("held", Some(seconds)),
        CallOutcome::Missed => ("missed", None),
        CallOutcome::Declined => ("declined", None),
    }
}

/// A new line, as `listen` and `call` tell it.
#[derive(Serialize)]
#[serde(transparent)]
pub struct NewLine {
    event: LineEvent,
    #[serde(skip)]
    plain: String,
}

impl NewLine {
    /// Nothing for a new name: an event of its own tells it.
    pub fn of(line: &Line) -> Option<Self> {
        let marks = line.into();
        let Line { name: from, sequence, at_ms, body, .. } = line.clone();
        let mut plain = sentence(&from, &body);
        if line.mine && is_said(&body) {
            let (event, plain) = (LineEvent::Queued { sequence, marks }, format!("message {sequence} is waiting"));
            return Some(Self { event, plain });
        }
        let event = match body {
            Body::Text(text) => LineEvent::Said { from, text, sequence, at_ms, marks },
            Body::NeedsNewerVersion => LineEvent::NeedsNewerVersion { from, sequence },
            Body::Missing { count } => LineEvent::MessagesMissing { from, count },
            Body::Invitation { title, link } => {
                // It is what `/accept` takes.
                plain = format!("{plain}: {}", isolated(&link));
                LineEvent::Brought { from, title, link }
            }
            Body::Call { video, outcome: how } => {
                let (outcome, seconds) = outcome(how);
                LineEvent::CallNoted { from, video, outcome, seconds }
            }
            Body::Deleted | Body::Renamed { .. } => return None,
        };
        Some(Self { event, plain })
    }

    /// A line that was edited, deleted or reacted to.
    pub fn changed(line: &Line) -> Self {
        let (from, sequence) = (line.name.clone(), line.sequence);
        let text = if let Body::Text(text) = &line.body { Some(text.clone()) } else { None };
        let signs: Vec<_> = line.reactions.iter().map(|reaction| isolated(&reaction.sign).to_string()).collect();
        let mut plain = format!("changed: {}", sentence(&from, &line.body));
        if !signs.is_empty() {
            plain = format!("{plain} ({})", signs.join(" "));
        }
        Self { event: LineEvent::Changed { from, text, sequence, marks: line.into() }, plain }
    }
}

impl fmt::Display for NewLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.plain)
    }
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum LineEvent {
    /// An own message is in the outbox.
    Queued {
        sequence: u64,
        #[serde(flatten)]
        marks: Marks,
    },
    Said {
        from: String,
        text: String,
        sequence: u64,
        at_ms: i64,
        #[serde(flatten)]
        marks: Marks,
    },
    /// A line is this now; without a text it was deleted, or is none.
    #[serde(rename = "line_changed")]
    Changed {
        from: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        sequence: u64,
        #[serde(flatten)]
        marks: Marks,
    },
    /// A message that only a newer version can show.
    NeedsNewerVersion {
        from: String,
        sequence: u64,
    },
    /// Messages of somebody that are gone.
    MessagesMissing {
        from: String,
        count: u64,
    },
    Brought {
        from: String,
        title: String,
        link: String,
    },
    CallNoted {
        from: String,
        video: bool,
        outcome: &'static str,
        seconds: Option<u32>,
    },
}

#[cfg(test)]
mod tests {
    use engine::api::MemberId;

    use super::*;

    fn plain(body: Body, mine: bool) -> String {
        let (member, name) = (MemberId([2; 16]), "Bea".to_owned());
        let line = Line { mine, sequence: 4, delivered: false, ..Line::new(member, name, 5, body) };
        NewLine::of(&line).map(|line| line.to_string()).unwrap_or_default()
    }

    #[test]
    fn line_for_people_is_one_line_and_steers_no_terminal() {
        assert_eq!(plain(Body::Text("a\nb\u{1b}[2J".into()), false), "\"Bea\": a b [2J");
    }

    #[test]
    fn link_of_several_lines_is_told_on_one_line() {
        let link = "incamera://join#x\n[Choir] Ann joined".to_owned();
        let brought = plain(Body::Invitation { title: "Choir".into(), link }, false);
        assert_eq!(brought, "\"Bea\" sent an invitation to \"Choir\": incamera://join#x [Choir] Ann joined");
    }

    #[test]
    fn own_message_waits_and_own_call_is_told() {
        assert_eq!(plain(Body::Text("hello".into()), true), "message 4 is waiting");
        let held = Body::Call { video: true, outcome: CallOutcome::Held(65) };
        assert_eq!(plain(held, true), "\"Bea\" called with video: held 65 s");
    }

    #[test]
    fn missing_messages_are_counted_and_a_new_name_is_no_line() {
        assert_eq!(plain(Body::Missing { count: 1 }, false), "\"Bea\": 1 message is missing");
        assert_eq!(plain(Body::Missing { count: 2 }, false), "\"Bea\": 2 messages are missing");
        assert_eq!(plain(Body::Renamed { to: "Béa".into() }, false), "");
    }
}
