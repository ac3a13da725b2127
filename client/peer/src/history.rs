//! What was said in a contact or a room.

use std::collections::VecDeque;

use engine::api::{Event, Line, RoomEvent, RoomWish};
use serde::Serialize;

use crate::{
    arguments::Global,
    clock,
    desk::{ANSWER, Desk},
    error::{Named, PeerError},
    output,
    said::{self, Content, Marks},
};

#[derive(Serialize)]
pub struct HistoryLine<'a> {
    from: &'a str,
    mine: bool,
    sequence: u64,
    at_ms: i64,
    delivered: bool,
    #[serde(flatten)]
    body: Content<'a>,
    #[serde(flatten)]
    marks: Marks,
    /// The same for people.
    #[serde(skip)]
    sentence: String,
}

impl<'a> From<&'a Line> for HistoryLine<'a> {
    fn from(line: &'a Line) -> Self {
        Self {
            from: &line.name,
            mine: line.mine,
            sequence: line.sequence,
            at_ms: line.at_ms,
            delivered: line.delivered,
            body: (&line.body).into(),
            marks: line.into(),
            sentence: said::sentence(&line.name, &line.body),
        }
    }
}

impl HistoryLine<'_> {
    fn plain(&self) -> String {
        let mark = if self.mine && !self.delivered { "  (waiting)" } else { "" };
        format!("{}  {}{mark}", clock::utc(self.at_ms), self.sentence)
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
    use engine::api::{Body, CallOutcome, MemberId};

    use super::*;

    fn line(body: Body) -> Line {
        Line {
            id: Some(1),
            mine: true,
            sequence: 3,
            delivered: false,
            ..Line::new(MemberId([1; 16]), "Ann".into(), 60_000, body)
        }
    }

    #[test]
    fn a_line_is_one_object_or_one_line_of_text() {
        let text = line(Body::Text("a\nb".into()));
        let json = serde_json::to_string(&HistoryLine::from(&text)).unwrap();
        let expected =
            r#"{"from":"Ann","mine":true,"sequence":3,"at_ms":60000,"delivered":false,"kind":"text","text":"a\nb"}"#;
        assert_eq!(json, expected);
        assert_eq!(HistoryLine::from(&text).plain(), "1970-01-01 00:01  \"Ann\": a b  (waiting)");
    }

    #[test]
    fn a_call_says_how_it_went() {
        let held = line(Body::Call { video: true, outcome: CallOutcome::Held(65) });
        let json = serde_json::to_string(&HistoryLine::from(&held)).unwrap();
        assert!(json.ends_with(r#""kind":"call","video":true,"outcome":"held","seconds":65}"#));
        let missed = line(Body::Call { video: false, outcome: CallOutcome::Missed });
        assert!(HistoryLine::from(&missed).plain().contains("\"Ann\" called: missed"));
    }

    #[test]
    fn a_link_is_not_printed_where_only_people_read() {
        let brought = line(Body::Invitation { title: "Choir".into(), link: "incamera://join#x".into() });
        assert!(!HistoryLine::from(&brought).plain().contains("join#"));
    }
}
