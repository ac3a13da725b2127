//! Texts as they are shown.

use content::{MAX_PARAGRAPHS, Marker, Paragraph, Style, Text};
use fastrand::Rng;

fn shown(text: &str) -> Vec<Paragraph> {
    Text::markdown(text).paragraphs()
}

/// Each paragraph on a line: quotes, lists and marker, and its spans with signs for their look.
fn described(text: &str) -> Vec<String> {
    shown(text).iter().map(describe).collect()
}

fn describe(paragraph: &Paragraph) -> String {
    let marker = match paragraph.marker {
        Some(Marker::Bullet) => "• ".to_owned(),
        Some(Marker::Number(number)) => format!("{number}) "),
        None => String::new(),
    };
    let code = paragraph.code.as_ref().map(|of| format!("CODE:{of} ")).unwrap_or_default();
    let around = ">".repeat(paragraph.quotes.into()) + &"-".repeat(paragraph.lists.into());
    let spans: String = paragraph.spans.iter().map(|span| look(&span.text, span.style, span.link.as_deref())).collect();
    format!("{around}{marker}{code}{spans}")
}

fn look(text: &str, style: Style, link: Option<&str>) -> String {
    let Style { is_bold, is_italic, is_struck, is_code } = style;
    let signs = [(is_bold, "B"), (is_italic, "I"), (is_struck, "S"), (is_code, "C")];
    let signs: String = signs.into_iter().filter(|(is_so, _)| *is_so).map(|(_, sign)| sign).collect();
    match (signs.is_empty(), link) {
        (true, None) => text.to_owned(),
        (_, link) => format!("{signs}[{text}]{}", link.map(|link| format!("({link})")).unwrap_or_default()),
    }
}

#[test]
fn words_have_the_look_that_markdown_gives_them() {
    assert_eq!(described("a **b** *c* ~~d~~ `e *f*` g"), ["a B[b] I[c] S[d] C[e *f*] g"]);
    assert_eq!(described("***both***"), ["BI[both]"]);
    assert_eq!(described("one\ntwo  \nthree\n\nfour"), ["one\ntwo\nthree", "four"]);
    assert_eq!(described("# Title\nwords"), ["B[Title]", "words"]);
}

#[test]
fn quotes_lists_and_code_are_paragraphs_of_their_own() {
    assert_eq!(described("> a\n> > b\n\nc"), [">a", ">>b", "c"]);
    assert_eq!(described("- a\n- b\n  1. c\n  2. d\n\n  e\n- f"), ["-• a", "-• b", "--1) c", "--2) d", "-e", "-• f"]);
    assert_eq!(described("7. a\n8. b"), ["-7) a", "-8) b"]);
    assert_eq!(described("```rust\nfn  x()\n  {}\n```\nafter"), ["CODE:rust fn  x()\n  {}", "after"]);
    assert_eq!(described("- [x] done\n- [ ] open"), ["-• ☑ done", "-• ☐ open"]);
    assert_eq!(described("|a|b|\n|-|-|\n|**c**|d|\n\nx\n\n---\ny"), ["a\tb", "B[c]\td", "x", "———", "y"]);
}

#[test]
fn links_say_where_they_lead_and_pictures_are_links() {
    assert_eq!(described("[a *b*](https://x.example)"), ["[a ](https://x.example)I[b](https://x.example)"]);
    assert_eq!(
        described("<https://x.example> https://y.example"),
        ["[https://x.example](https://x.example) https://y.example"]
    );
    assert_eq!(described("![cat](https://x.example/cat.png)!"), ["[cat](https://x.example/cat.png)!"]);
    assert_eq!(described("[a][r]\n\n[r]: mi:1"), ["[a](mi:1)"]);
}

#[test]
fn html_is_shown_as_it_was_typed() {
    assert_eq!(described("a <b>c</b>\n\n<div>\nd\n</div>"), ["a <b>c</b>", "<div>\nd\n</div>"]);
    // A sender that does not keep to the draft.
    let foreign = Text { text: "a <b>c</b>\n\n<div>\nd\n</div>".to_owned(), ..Text::markdown("") };
    assert_eq!(foreign.paragraphs().iter().map(describe).collect::<Vec<_>>(), ["a <b>c</b>", "<div>\nd\n</div>"]);
}

#[test]
fn plain_text_is_shown_as_it_was_typed() {
    let text = "**a**\n\n- b";
    assert_eq!(Text::plain(text).paragraphs().iter().map(describe).collect::<Vec<_>>(), [text]);
}

#[test]
fn text_of_too_many_paragraphs_is_shown_as_it_was_typed() {
    let lines = |count: usize| "a\n\n".repeat(count);
    assert_eq!(shown(&lines(MAX_PARAGRAPHS)).len(), MAX_PARAGRAPHS);
    assert_eq!(described(&lines(MAX_PARAGRAPHS + 1)), [lines(MAX_PARAGRAPHS + 1)]);
    let spans = "*a* ".repeat(2_500);
    assert_eq!(described(&spans), [spans]);
    let deep = shown(&format!("{}a", "> ".repeat(40)));
    assert_eq!((deep.len(), deep[0].quotes), (1, 8));
}

#[test]
fn spans_of_one_link_share_where_it_leads() {
    let text = format!("[{}](mi:{})", "*a* b ".repeat(1_000), "x".repeat(20_000));
    let paragraphs = shown(&text);
    let links: Vec<_> = paragraphs[0].spans.iter().map(|span| span.link.as_ref().unwrap().as_ptr()).collect();
    assert!(links.len() > 1_000 && links.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn no_word_is_lost_whatever_stands_around_it() {
    let around =
        ["**", "*", "_", "~~", "`", "> ", "- ", "1. ", "# ", "\n", "\n\n", "[", "](mi:1)", "```\n", "<b>", "\t", "!["];
    for seed in 0..5_000 {
        let mut rng = Rng::with_seed(seed);
        let words: Vec<String> = (0..rng.usize(1..12)).map(|number| format!("word{number}end")).collect();
        let mut text = String::new();
        for word in &words {
            (0..rng.usize(..4)).for_each(|_| text.push_str(rng.choice(&around).unwrap()));
            text.push_str(word);
            text.push_str(["", " ", "\n"][rng.usize(..3)]);
        }
        let all: String = shown(&text).iter().map(describe).collect();
        let mut rest = all.as_str();
        for word in words {
            let Some((_, behind)) = rest.split_once(&word) else {
                panic!("seed {seed}: {word} of {text:?} is not shown")
            };
            rest = behind;
        }
    }
}
