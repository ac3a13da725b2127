//! What messages do: recognized in the drafts' examples, and the same again when they are written and read.

use std::{fs, path::Path};

use content::{
    Act, Attachment, Body, Conference, Disposition, Expires, Extensions, External, Format, Location, MAX_MENTIONS,
    MAX_REACTIONS, Message, MessageId, MimiContent, NestedPart, Piece, Pieces, Properties, Reactions, Role, Semantics,
    Single, Text, mention,
};

fn example(name: &str) -> MimiContent {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    MimiContent::decode(&fs::read(folder.join(name).with_extension("cbor")).unwrap()).ok().unwrap()
}

fn recognized(name: &str) -> Message {
    Message::of(example(name), &[])
}

fn id(of: &str) -> MessageId {
    MessageId::of(of, "room", &[], &[0; 16]).unwrap()
}

fn message(act: Act) -> Message {
    let properties = Properties { salt: [7; 16], topic: vec![1], expires: None, extensions: Extensions::new() };
    Message { properties, act }
}

fn single(disposition: Disposition, content_type: &str, content: &[u8]) -> NestedPart {
    let body = Body::Single(Single { content_type: content_type.to_owned(), content: content.to_owned() });
    NestedPart { disposition, language: String::new(), body }
}

fn several(semantics: Semantics, parts: Vec<NestedPart>) -> NestedPart {
    NestedPart { disposition: Disposition::Render, language: String::new(), body: Body::Multi { semantics, parts } }
}

fn in_language(language: &str, mut part: NestedPart) -> NestedPart {
    part.language = language.to_owned();
    part
}

/// What a body says to a reader of the given languages.
fn said(body: NestedPart, languages: &[&str]) -> Vec<Piece> {
    let mut content = example("original");
    content.body = body;
    match Message::of(content, languages).act {
        Act::Say { pieces, .. } => pieces.as_slice().to_vec(),
        _ => panic!("it says nothing"),
    }
}

fn words(pieces: &[Piece]) -> Vec<&str> {
    let word = |piece| match piece {
        &Piece::Text(Text { ref text, .. }) => text,
        _ => "(other)",
    };
    pieces.iter().map(word).collect()
}

#[test]
fn examples_are_recognized_for_what_they_do() {
    let original = MessageId::from_bytes(example("reply").in_reply_to.unwrap().as_bytes()).ok().unwrap();
    let Act::Say { pieces, reply_to: None } = recognized("original").act else { panic!("the original") };
    let text = Text::markdown("Hi everyone, we just shipped release 2.0. __Good  work__!");
    assert!(pieces.as_slice() == [Piece::Text(text)]);
    assert!(matches!(recognized("reply").act, Act::Say { reply_to: Some(id), .. } if id == original));
    let Act::React { to, reactions, replaced: None } = recognized("reaction").act else { panic!("the reaction") };
    assert!(to == original && reactions.signs() == ["❤"]);
    assert!(matches!(recognized("unlike").act, Act::Unreact { to: Some(id), .. } if id == original));
    let Act::Edit { pieces, reply_to: Some(_), .. } = recognized("edit").act else { panic!("the edit") };
    assert_eq!(words(pieces.as_slice()), ["Right on! _Congratulations_ y'all!"]);
    assert!(matches!(recognized("delete").act, Act::Delete { reply_to: Some(id), .. } if id == original));
    assert!(recognized("expiring").properties.expires == Some(Expires::At(1_644_390_004)));
    let Act::Say { pieces, .. } = recognized("conferencing").act else { panic!("the conference") };
    let conference = Conference {
        url: "https://example.com/join/12345".to_owned(),
        description: "Join the Foo 118 conference".to_owned(),
    };
    assert!(pieces.as_slice() == [Piece::Conference(conference)]);
    assert_eq!(recognized("conferencing").properties.topic, b"Foo 118");
}

#[test]
fn example_of_an_attachment_has_its_key_and_name() {
    let Act::Say { pieces, .. } = recognized("attachment").act else { panic!("the attachment") };
    let [Piece::Attachment(attachment)] = pieces.as_slice() else { panic!("one attachment") };
    let Location::There(external) = &attachment.location else { panic!("it lies elsewhere") };
    assert_eq!((attachment.role, attachment.content_type()), (Role::File, "video/mp4"));
    assert_eq!((external.size, external.encryption, external.key.len()), (708_234_961, 1, 16));
    assert_eq!((external.file_name.as_str(), external.content_hash.len()), ("bigfile.mp4", 32));
}

#[test]
fn examples_without_alternatives_are_written_as_they_were() {
    for name in ["original", "reply", "reaction", "unlike", "edit", "delete", "mention", "mention-html", "expiring"] {
        assert!(recognized(name).into_content() == example(name), "{name}");
    }
    for name in ["attachment", "conferencing", "multipart-3"] {
        assert!(recognized(name).into_content() == example(name), "{name}");
    }
}

#[test]
fn message_that_is_written_is_recognized_as_the_same() {
    let text = Text { language: "de,fr-CH".to_owned(), ..Text::markdown("**Hallo** & <b>") };
    let single = Single { content_type: "image/png".to_owned(), content: vec![1, 2, 3] };
    let external = External { url: "incamera:blob".to_owned(), size: 9, key: vec![1; 16], ..External::default() };
    let attachment = |role, location| Piece::Attachment(Attachment { role, location, language: "en".to_owned() });
    let pieces = vec![
        Piece::Text(text.clone()),
        attachment(Role::Preview, Location::Here(single.clone())),
        attachment(Role::Inline, Location::Here(single)),
        attachment(Role::File, Location::There(Box::new(external))),
        Piece::Conference(Conference { url: "incamera:room".to_owned(), description: "A room".to_owned() }),
    ];
    let pieces = Pieces::new(pieces).unwrap();
    let only = || Pieces::text(Text::plain("yes"));
    let reactions = |signs: &[&str]| Reactions::new(signs.iter().map(|sign| (*sign).to_owned()).collect()).unwrap();
    for act in [
        Act::Say { pieces, reply_to: None },
        Act::Say { pieces: only(), reply_to: Some(id("a")) },
        Act::Edit { edited: id("a"), pieces: only(), reply_to: None },
        Act::Edit { edited: id("a"), pieces: Pieces::text(text), reply_to: Some(id("b")) },
        Act::Delete { deleted: id("a"), reply_to: None },
        Act::React { to: id("a"), reactions: reactions(&["👍"]), replaced: None },
        Act::React {
            to: id("a"), reactions: reactions(&["👍", "👩🏽‍⚕️", "❤"]), replaced: Some(id("b"))
        },
        Act::Unreact { reaction: id("b"), to: Some(id("a")) },
    ] {
        let before = message(act);
        let bytes = before.clone().into_content().encode().unwrap();
        assert!(Message::of(MimiContent::decode(&bytes).ok().unwrap(), &[]) == before);
    }
}

#[test]
fn content_without_sense_is_unknown_and_kept() {
    let reaction = || single(Disposition::Reaction, "text/plain", "👍".as_bytes());
    let null = || NestedPart { body: Body::Null, ..reaction() };
    let many = several(Semantics::ProcessAll, vec![reaction(); MAX_REACTIONS + 1]);
    let as_reaction = |part: NestedPart| NestedPart { disposition: Disposition::Reaction, ..part };
    for (replaces, in_reply_to, body) in [
        (None, None, reaction()),
        (Some(id("a")), None, reaction()),
        (None, None, null()),
        (None, Some(id("a")), NestedPart { disposition: Disposition::Render, ..null() }),
        (None, Some(id("a")), single(Disposition::Reaction, "image/png", &[1])),
        (None, Some(id("a")), single(Disposition::Reaction, "text/plain", &[0xff])),
        (None, Some(id("a")), single(Disposition::Reaction, "text/plain", b"two words")),
        (None, Some(id("a")), single(Disposition::Reaction, "text/plain", b"")),
        (None, Some(id("a")), single(Disposition::Reaction, "text/plain", &[b'x'; 65])),
        (None, Some(id("a")), as_reaction(many)),
        (None, Some(id("a")), as_reaction(several(Semantics::ChooseOne, vec![reaction(), reaction()]))),
        (None, None, several(Semantics::ProcessAll, vec![null(), null()])),
    ] {
        let content = MimiContent { replaces, in_reply_to, body, ..example("original") };
        let message = Message::of(content.clone(), &[]);
        assert!(matches!(message.act, Act::Unknown { .. }));
        assert!(message.into_content() == content);
    }
}

#[test]
fn unknown_piece_is_kept_beside_the_known_ones() {
    let vendor = single(Disposition::Render, "application/vnd.example", &[1, 2]);
    let body =
        several(Semantics::ProcessAll, vec![single(Disposition::Render, "text/plain", b"hello"), vendor.clone()]);
    let pieces = said(body, &[]);
    assert!(pieces.get(1) == Some(&Piece::Unknown(vendor)));
    assert_eq!(words(&pieces), ["hello", "(other)"]);
}

#[test]
fn unknown_disposition_is_shown_as_text() {
    let pieces = said(single(Disposition::Unknown(77), "text/plain", b"hello"), &[]);
    assert_eq!(words(&pieces), ["hello"]);
}

#[test]
fn unit_with_an_unknown_part_is_unknown_as_a_whole() {
    let known = single(Disposition::Render, "text/plain", b"hello");
    let whole = several(Semantics::SingleUnit, vec![known.clone(), known.clone()]);
    assert_eq!(words(&said(whole, &[])), ["hello", "hello"]);
    let html = single(Disposition::Render, "text/html", b"<p>hello</p>");
    let torn = several(Semantics::SingleUnit, vec![known, html]);
    assert!(said(torn.clone(), &[]) == [Piece::Unknown(torn)]);
}

#[test]
fn first_known_alternative_is_shown() {
    let Act::Say { pieces, .. } = recognized("multipart-1").act else { panic!("it says nothing") };
    assert_eq!(words(pieces.as_slice()), ["# Welcome!"]);
    let html = single(Disposition::Render, "text/html", b"<p>hello</p>");
    let body = several(Semantics::ChooseOne, vec![html.clone(), single(Disposition::Render, "text/plain", b"hello")]);
    assert_eq!(words(&said(body, &[])), ["hello"]);
    let none = several(Semantics::ChooseOne, vec![html.clone(), html]);
    assert!(said(none.clone(), &[]) == [Piece::Unknown(none)]);
}

#[test]
fn alternative_in_the_best_language_is_shown() {
    let text =
        |language, words: &str| in_language(language, single(Disposition::Render, "text/plain", words.as_bytes()));
    let body = several(
        Semantics::ChooseOne,
        vec![text("en-GB", "colour"), text("fr-CH, fr", "couleur"), text("de", "Farbe"), text("", "?")],
    );
    for (languages, shown) in [
        (&["fr-CA"][..], "couleur"),
        (&["it", "DE", "en"], "Farbe"),
        (&["en"], "colour"),
        (&["zh"], "colour"),
        (&[""], "colour"),
        (&[], "colour"),
    ] {
        assert_eq!(words(&said(body.clone(), languages)), [shown], "{languages:?}");
    }
}

#[test]
fn media_types_of_texts_are_read_in_any_spelling() {
    for (content_type, format) in [
        ("text/plain", Some(Format::Plain)),
        ("Text/Plain; charset=\"UTF-8\"", Some(Format::Plain)),
        ("text/plain;charset=us-ascii", Some(Format::Plain)),
        ("text/markdown;variant=CommonMark", Some(Format::Markdown)),
        ("text/markdown; charset=utf-8; variant=GFM-MIMI", Some(Format::Markdown)),
        ("text/plain;charset=iso-8859-1", None),
        ("text/html;charset=utf-8", None),
        ("", None),
    ] {
        let read = match &said(single(Disposition::Render, content_type, b"hello"), &[])[0] {
            Piece::Text(text) => Some(text.format),
            _ => None,
        };
        assert_eq!(read, format, "{content_type}");
    }
    assert!(matches!(said(single(Disposition::Render, "text/plain", &[0xff]), &[])[0], Piece::Unknown(_)));
    assert!(matches!(said(single(Disposition::Attachment, "text/plain", &[0xff]), &[])[0], Piece::Attachment(_)));
}

#[test]
fn mention_is_found_in_the_example() {
    let Act::Say { pieces, .. } = recognized("mention").act else { panic!("it says nothing") };
    let Piece::Text(text) = &pieces.as_slice()[0] else { panic!("it is a text") };
    let found = text.mentions(|uri| uri.starts_with("mimi://example.com/u/"));
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].label.as_str(), found[0].uri.as_str()), ("@Alice Smith", "mimi://example.com/u/alice-smith"));
    assert!(text.mentions(|_| false).is_empty());
}

#[test]
fn mention_that_is_made_is_found_whatever_the_name() {
    let uri = "incamera:m/0f1e2d";
    for name in ["@Bea", "[x](y)", "*_`~|\\", "a<b>&amp;", "天气 👩🏽‍⚕️", "![", "1. ]"] {
        let text = Text::markdown(&format!("hello {} and more", mention(name, uri).unwrap()));
        let found = text.mentions(|other| other == uri);
        assert_eq!(found.iter().map(|mention| mention.label.as_str()).collect::<Vec<_>>(), [name]);
    }
    for uri in ["", "a b", "a)b", "a<b", "a\\b", "a&b", "ä", "a\nb"] {
        assert!(mention("Bea", uri).is_none(), "{uri}");
    }
}

#[test]
fn mentions_are_those_links_that_lead_to_members() {
    let is_member = |uri: &str| uri.starts_with("mi:");
    let uris = |text: &Text| text.mentions(is_member).into_iter().map(|mention| mention.uri).collect::<Vec<_>>();
    let text =
        Text::markdown("<mi:0> [x](mi:1) `[y](mi:2)` ![z](mi:3) [*w*][r] mi:4 [v](https://example.com)\n\n[r]: mi:5");
    assert_eq!(uris(&text), ["mi:0", "mi:1", "mi:5"]);
    assert!(uris(&Text::plain("[x](mi:1)")).is_empty());
    let many = Text::markdown(&"[x](mi:1) ".repeat(MAX_MENTIONS + 5));
    assert_eq!(uris(&many).len(), MAX_MENTIONS);
}

#[test]
fn html_becomes_text_before_it_is_sent() {
    for (typed, sent) in [
        ("a <b>bold</b> word", "a &lt;b>bold&lt;/b> word"),
        ("1 < 2 and 2 > 1", "1 < 2 and 2 > 1"),
        ("<https://example.com>", "<https://example.com>"),
        ("`<b>`", "`<b>`"),
        ("x <!-- y --> z", "x &lt;!-- y --> z"),
        ("<div>\n\nwords\n\n</div>", "&lt;div>\n\nwords\n\n&lt;/div>"),
        ("<script>\nx <y>\n</script>", "&lt;script>\nx &lt;y>\n&lt;/script>"),
    ] {
        assert_eq!(Text::markdown(typed).text, sent);
        assert_eq!(Text::markdown(sent).text, sent, "once is enough");
    }
    assert_eq!(Text::plain("<b>").text, "<b>");
}

#[test]
fn html_behind_other_html_becomes_text_too() {
    // The declaration swallows the rest, so that the tags in it are seen only once it is text.
    for typed in ["'\n'<!X1. [</s>`<div>]: </s><?[|<!X[ \"\n<div>#-->)```\r", "<!A <?b <!--c <d> --> ?> >`<e>`"] {
        let sent = Text::markdown(typed).text;
        assert_eq!(Text::markdown(&sent).text, sent, "{typed}");
    }
}
