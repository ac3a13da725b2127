//! A text as it is shown: the small part of Markdown that a chat has, as plain values.
//!
//! There are quotes, lists, code, bold, italic and struck words, and links. Headings are bold, cells of a table stand side by side,
//! a picture is a link to it, and HTML is what was typed. Nothing is fetched, and no link is followed.

use std::sync::Arc;

use pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};

use super::markdown::parser;

/// Paragraphs of a text, and spans in all of them. Beyond, the text is shown as it was typed.
pub const MAX_PARAGRAPHS: usize = 512;
const MAX_SPANS: usize = 4096;
/// Quotes in quotes and lists in lists that are shown as such.
const MAX_LEVELS: u8 = 8;

/// What stands on lines of its own.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Paragraph {
    /// In how many quotes it stands.
    pub quotes: u8,
    /// In how many lists it stands.
    pub lists: u8,
    /// Where an item of a list begins.
    pub marker: Option<Marker>,
    /// Code, in which white space counts, and what its fence says of it, such as `rust`.
    pub code: Option<String>,
    pub spans: Vec<Span>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    Bullet,
    Number(u64),
}

/// Letters of one look. They may have line breaks.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Span {
    pub text: String,
    pub style: Style,
    /// Where it leads, as the sender wrote it. What is opened has to be shown first. Spans of one link share it, as a long one
    /// may have many.
    pub link: Option<Arc<str>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    pub is_bold: bool,
    pub is_italic: bool,
    pub is_struck: bool,
    pub is_code: bool,
}

/// A text that says nothing but its letters.
pub fn as_typed(text: &str) -> Vec<Paragraph> {
    let span = Span { text: text.to_owned(), ..Span::default() };
    vec![Paragraph { spans: vec![span], ..Paragraph::default() }]
}

pub fn paragraphs(text: &str) -> Vec<Paragraph> {
    let mut reader = Reader::default();
    for event in parser(text) {
        reader.on_event(event);
        if reader.is_too_much() {
            return as_typed(text);
        }
    }
    reader.finish();
    if reader.is_too_much() { as_typed(text) } else { reader.done }
}

/// What is open at a place of the text.
#[derive(Default)]
struct Reader {
    done: Vec<Paragraph>,
    open: Paragraph,
    /// Spans in all paragraphs.
    spans: usize,
    bold: u32,
    italic: u32,
    struck: u32,
    links: Vec<Arc<str>>,
    quotes: u8,
    /// The number that the next item of each list has.
    lists: Vec<Option<u64>>,
}

impl Reader {
    fn is_too_much(&self) -> bool {
        self.done.len() > MAX_PARAGRAPHS || self.spans > MAX_SPANS
    }

    fn on_event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.on_start(tag),
            Event::End(tag) => self.on_end(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.push(&text, false),
            Event::Code(text) => self.push(&text, true),
            Event::SoftBreak | Event::HardBreak => self.push("\n", false),
            Event::TaskListMarker(is_done) => self.push(if is_done { "☑ " } else { "☐ " }, false),
            Event::Rule => {
                self.finish();
                self.push("———", false);
                self.finish();
            }
            // Extensions that are off.
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.push(&text, false);
            }
        }
    }

    fn on_start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Strong => self.bold = self.bold.saturating_add(1),
            Tag::Emphasis => self.italic = self.italic.saturating_add(1),
            Tag::Strikethrough => self.struck = self.struck.saturating_add(1),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => self.links.push(Arc::from(&*dest_url)),
            Tag::TableCell | Tag::Superscript | Tag::Subscript => {}
            Tag::Heading { .. } => {
                self.finish();
                self.bold = self.bold.saturating_add(1);
            }
            Tag::BlockQuote(_) => {
                self.finish();
                self.quotes = self.quotes.saturating_add(1);
            }
            Tag::List(first) => {
                self.finish();
                self.lists.push(first);
            }
            Tag::Item => {
                self.finish();
                self.open.marker = self.lists.last_mut().map(next_marker);
            }
            Tag::CodeBlock(kind) => {
                self.finish();
                self.open.code = Some(match kind {
                    CodeBlockKind::Fenced(info) => info.into_string(),
                    CodeBlockKind::Indented => String::new(),
                });
            }
            // The marker of an item belongs to its first paragraph.
            _ if self.open.spans.is_empty() => {}
            _ => self.finish(),
        }
    }

    fn on_end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Strong => self.bold = self.bold.saturating_sub(1),
            TagEnd::Emphasis => self.italic = self.italic.saturating_sub(1),
            TagEnd::Strikethrough => self.struck = self.struck.saturating_sub(1),
            TagEnd::Link | TagEnd::Image => drop(self.links.pop()),
            TagEnd::TableCell => self.push("\t", false),
            TagEnd::Superscript | TagEnd::Subscript => {}
            TagEnd::Heading(_) => {
                self.finish();
                self.bold = self.bold.saturating_sub(1);
            }
            TagEnd::BlockQuote(_) => {
                self.finish();
                self.quotes = self.quotes.saturating_sub(1);
            }
            TagEnd::List(_) => {
                self.finish();
                self.lists.pop();
            }
            _ => self.finish(),
        }
    }

    /// Letters of the look that is open.
    fn push(&mut self, text: &str, is_code: bool) {
        let style = Style { is_bold: self.bold > 0, is_italic: self.italic > 0, is_struck: self.struck > 0, is_code };
        let link = self.links.last();
        match self.open.spans.last_mut() {
            Some(last) if last.style == style && last.link.as_ref() == link => last.text.push_str(text),
            _ => {
                self.spans = self.spans.saturating_add(1);
                self.open.spans.push(Span { text: text.to_owned(), style, link: link.cloned() });
            }
        }
    }

    /// Ends the paragraph that is open, if anything is in it.
    fn finish(&mut self) {
        let mut paragraph = std::mem::take(&mut self.open);
        if let Some(last) = paragraph.spans.last_mut() {
            last.text.truncate(last.text.trim_end_matches(['\n', '\t']).len());
        }
        let is_empty = paragraph.spans.iter().all(|span| span.text.is_empty());
        if is_empty && paragraph.marker.is_none() && paragraph.code.is_none() {
            return;
        }
        paragraph.quotes = self.quotes.min(MAX_LEVELS);
        paragraph.lists = u8::try_from(self.lists.len()).unwrap_or(MAX_LEVELS).min(MAX_LEVELS);
        self.done.push(paragraph);
    }
}

/// The marker of an item, in a list whose next number is known if it has numbers.
fn next_marker(next: &mut Option<u64>) -> Marker {
    match next {
        Some(number) => {
            let marker = Marker::Number(*number);
            *number = number.saturating_add(1);
            marker
        }
        None => Marker::Bullet,
    }
}
