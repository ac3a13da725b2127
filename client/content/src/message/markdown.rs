//! What Markdown says beside its words: who is mentioned, and what would be HTML elsewhere.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Mentions of a message, at most. Further ones are links like others.
pub const MAX_MENTIONS: usize = 64;

/// A member that a text names (section 5.4 of the draft).
#[derive(Clone, PartialEq, Eq)]
pub struct Mention {
    /// How the sender calls the member. What is shown is the member's own name.
    pub label: String,
    pub uri: String,
}

/// The Markdown that mentions a member. `None` where the URI has characters that would end it.
pub fn mention(label: &str, uri: &str) -> Option<String> {
    let is_plain = |letter: char| letter.is_ascii_graphic() && !"()<>[]\\&\"'`".contains(letter);
    if uri.is_empty() || !uri.chars().all(is_plain) {
        return None;
    }
    let mut text = String::from("[");
    for letter in label.chars() {
        if letter.is_ascii_punctuation() && letter != '@' {
            text.push('\\');
        }
        text.push(if letter.is_control() { ' ' } else { letter });
    }
    text.push_str("](");
    text.push_str(uri);
    text.push(')');
    Some(text)
}

/// The links of a text that lead to members.
pub fn mentions(text: &str, is_member: impl Fn(&str) -> bool) -> Vec<Mention> {
    let (mut found, mut open) = (Vec::new(), None::<Mention>);
    for event in parser(text) {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => {
                open = is_member(&dest_url).then(|| Mention { label: String::new(), uri: dest_url.into_string() });
            }
            Event::Text(words) | Event::Code(words) => {
                if let Some(mention) = &mut open {
                    mention.label.push_str(&words);
                }
            }
            Event::End(TagEnd::Link) => found.extend(open.take()),
            _ => {}
        }
        if found.len() >= MAX_MENTIONS {
            break;
        }
    }
    found
}

/// How often a text is looked through for HTML. What is no tag any more may have hidden another one.
const ROUNDS: usize = 8;

/// The text with `&lt;` where a tag of HTML begins (section 7.1.1 of the draft).
pub fn without_html(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..ROUNDS {
        let once = with_tags_as_text(&text);
        if once == text {
            return text;
        }
        text = once;
    }
    text.replace('<', "&lt;")
}

/// As [`without_html`], for the tags that are seen at first sight.
fn with_tags_as_text(text: &str) -> String {
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for (event, range) in parser(text).into_offset_iter() {
        if !matches!(event, Event::Html(_) | Event::InlineHtml(_)) {
            continue;
        }
        let (Some(before), Some(html)) = (text.get(done..range.start), text.get(range.clone())) else {
            continue;
        };
        out.push_str(before);
        out.push_str(&html.replace('<', "&lt;"));
        done = range.end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// GFM-MIMI of the draft: tables, tasks and strikethrough; links only where they are written as such.
pub fn parser(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH)
}
