use content::{MAX_PARAGRAPHS, Message, MimiContent, StatusReport, Text};

/// Languages of a reader.
const LANGUAGES: &[&str] = &["fr", "en"];

/// The properties: what is taken gives the same bytes again, what it is recognized as is recognized again once it is written,
/// Markdown that was made for sending has no HTML left, and it is shown in a bounded number of paragraphs.
pub fn run(bytes: &[u8]) {
    if let Ok(report) = StatusReport::decode(bytes) {
        assert!(report.encode().is_ok_and(|again| again == bytes), "a report gives other bytes");
    }
    if let Ok(content) = MimiContent::decode(bytes) {
        assert!(content.encode().is_ok_and(|again| again == bytes), "content gives other bytes");
        let message = Message::of(content, LANGUAGES);
        let again = message.clone().into_content().encode().expect("what was recognized can be written");
        let again = MimiContent::decode(&again).expect("what was written can be read");
        assert!(Message::of(again, LANGUAGES) == message, "a message is another when it is read back");
    }
    if let Ok(typed) = str::from_utf8(bytes) {
        let made = Text::markdown(typed);
        assert!(Text::markdown(&made.text) == made, "HTML is left in a text");
        let _ = made.mentions(|_| true);
        assert!(made.paragraphs().len() <= MAX_PARAGRAPHS, "a text has too many paragraphs");
    }
}

/// Parts of messages, and the beginnings of what is easily taken for Markdown or HTML.
pub const WORDS: &[&[u8]] = &[
    b"\x87\x50",
    b"\x83\x01\x60\x00",
    b"\x85\x01\x60\x01",
    b"\x85\x01\x60\x03\x02\x82",
    b"\x85\x01\x60\x03\x00\x82",
    b"\x8f\x06\x60\x02",
    b"\x78\x1etext/markdown;variant=GFM-MIMI",
    b"\x6atext/plain",
    b"\x69image/png",
    b"\x58\x20\x01",
    b"\x82\xf5",
    b"\xa1\x20",
    b"\xc2\x49",
    b"\xf9\x7e\x00",
    b"\xf6",
    b"<b>",
    b"</",
    b"<!--",
    b"](mi:1)",
    b"\n\n",
];
