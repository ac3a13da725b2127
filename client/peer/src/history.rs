//! What was said in a contact or a room.

use std::collections::VecDeque;

use engine::api::{Body, CallOutcome, Event, Line, RoomEvent, RoomWish};
use serde::Serialize;

use crate::{
    arguments::Global,
    clock,
    desk::{ANSWER, Desk},
    error::{Named, PeerError},
    output,
};

#[derive(Serialize)]
pub struct HistoryLine<'a> {
    from: &'a str,
    mine: bool,
    sequence: u64,
    at_ms: i64,
    delivered: bool,
    #[serde(flatten)]
    body: HistoryBody<'a>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum HistoryBody<'a> {
    Text { text: &'a str },
    Invitation { title: &'a str, link: &'a str },
    Call { video: bool, outcome: &'static str, seconds: Option<u32> },
    Missing { count: u64 },
    NeedsNewerVersion,
    Renamed { to: &'a str },
}

/// In the place of a message that this program cannot show.
pub const NEEDS_NEWER_VERSION: &str = "a message that only a newer version can show";

/// That messages of somebody are gone.
pub fn missing(count: u64) -> String {
    if count == 1 { "1 message is missing".to_owned() } else { format!("{count} messages are missing") }
}

/// How a call went, as a word, and for how many seconds.
pub fn outcome(outcome: CallOutcome) -> (&'static str, Option<u32>) {
    match outcome {
        CallOutcome::Held(seconds) => ("held", Some(seconds)),
        CallOutcome::Missed => ("missed", None),
        CallOutcome::Declined => ("declined", None),
    }
}

impl<'a> From<&'a Line> for HistoryLine<'a> {
    fn from(line: &'a Line) -> Self {
        let body = match &line.body {
            Body::Text(text) => HistoryBody::Text { text },
            Body::Invitation { title, link } => HistoryBody::Invitation { title, link },
            Body::Missing { count } => HistoryBody::Missing { count: *count },
            Body::NeedsNewerVersion => HistoryBody::NeedsNewerVersion,
            Body::Call { video, outcome: how } => {
                let (outcome, seconds) = outcome(*how);
                HistoryBody::Call { video: *video, outcome, seconds }
            }
            Body::Renamed { to } => HistoryBody::Renamed { to },
        };
        Self {
            from: &line.name,
            mine: line.mine,
            sequence: line.sequence,
            at_ms: line.at_ms,
            delivered: line.delivered,
            body,
        }
    }
}

impl HistoryLine<'_> {
    fn plain(&self) -> String {
        let mark = if self.mine && !self.delivered { "  (waiting)" } else { "" };
        let what = match &self.body {
            HistoryBody::Text { text } => format!(": {}", output::isolated(text)),
            HistoryBody::Invitation { title, .. } => format!(" sent an invitation to {}", output::isolated(title)),
            HistoryBody::Missing { count } => format!(": {}", missing(*count)),
            HistoryBody::NeedsNewerVersion => format!(": {NEEDS_NEWER_VERSION}"),
            HistoryBody::Renamed { to } => format!(" is now called {}", output::isolated(to)),
            HistoryBody::Call { outcome, seconds, .. } => {
                format!(" called: {outcome}{}", seconds.map(|s| format!(" {s} s")).unwrap_or_default())
            }
        };
        format!("{}  {}{what}{mark}", clock::utc(self.at_ms), output::isolated(self.from))
    }
}

pub fn run(global: &Global, name: &str, kind: Named, json: bool) -> Result<(), PeerError> {
    let mut desk = Desk::offline(global)?;
    let room = desk.find(name, kind)?;
    let mut all: VecDeque<Line> = VecDeque::new();
    loop {
        let before = all.front().and_then(|line| line.id);
        desk.in_room(room, RoomWish::Older { before });
        let (lines, more) = desk.until(Some(ANSWER), |_, event| match event {
            Event::Room { room: of, what: RoomEvent::History { lines, more } } if *of == room => {
                Some((lines.clone(), *more))
            }
            _ => None,
        })?;
        let is_end = !more || lines.is_empty();
        lines.into_iter().rev().for_each(|line| all.push_front(line));
        if is_end {
            break;
        }
    }
    let lines = all.iter().map(HistoryLine::from);
    if json {
        output::say_json(&lines.collect::<Vec<_>>())?;
    } else {
        lines.for_each(|line| output::say(line.plain()));
    }
    desk.close()
}

#[cfg(test)]
mod tests {
    use engine::api::MemberId;

    use super::*;

    fn line(body: Body) -> Line {
        Line {
            id: Some(1),
            member: MemberId([1; 16]),
            name: "Ann".into(),
            mine: true,
            sequence: 3,
            at_ms: 60_000,
            body,
            delivered: false,
        }
    }

    #[test]
    fn a_line_is_one_object_or_one_line_of_text() {
        let text = line(Body::Text("a\nb".into()));
        let json = serde_json::to_string(&HistoryLine::from(&text)).unwrap();
        let expected =
            r#"{"from":"Ann","mine":true,"sequence":3,"at_ms":60000,"delivered":false,"kind":"text","text":"a\nb"}"#;
        assert_eq!(json, expected);
        assert_eq!(HistoryLine::from(&text).plain(), "1970-01-01 00:01  Ann: a b  (waiting)");
    }

    #[test]
    fn a_call_says_how_it_went() {
        let held = line(Body::Call { video: true, outcome: CallOutcome::Held(65) });
        let json = serde_json::to_string(&HistoryLine::from(&held)).unwrap();
        assert!(json.ends_with(r#""kind":"call","video":true,"outcome":"held","seconds":65}"#));
        let missed = line(Body::Call { video: false, outcome: CallOutcome::Missed });
        assert!(HistoryLine::from(&missed).plain().contains("Ann called: missed"));
    }

    #[test]
    fn a_link_is_not_printed_where_only_people_read() {
        let brought = line(Body::Invitation { title: "Choir".into(), link: "incamera://join#x".into() });
        assert!(!HistoryLine::from(&brought).plain().contains("join#"));
    }
}
