//! An invitation survives being written, and damage to it is noticed.

use super::*;

fn invitation() -> Invitation {
    let at = Whereabouts {
        endpoint: [7; 32],
        relays: vec!["https://relay.example/".into()],
        addresses: vec!["127.0.0.1:4000".parse().unwrap(), "[fd00::1]:4001".parse().unwrap()],
    };
    Invitation::new(RoomKind::Contact, Some(1_700_000_000_000), InvitationSecret::generate(), at)
}

#[test]
fn an_invitation_survives_being_written_and_read() {
    let made = invitation();
    for text in [made.to_string(), format!("  {}\n", made.to_string().to_ascii_uppercase())] {
        let read: Invitation = text.parse().unwrap();
        assert_eq!(read.to_bytes(), made.to_bytes());
    }
}

#[test]
fn released_invitation_is_read_and_written_as_it_was() {
    let recorded = include_str!("../../../../fuzz/seeds/invitation/good-text");
    let read: Invitation = recorded.parse().unwrap();
    assert_eq!(read.to_string(), recorded.trim_end());
    assert_eq!((read.kind, read.secret.as_bytes()), (RoomKind::Contact, &[1; 32]));
    assert!(read.whereabouts == Whereabouts { endpoint: [7; 32], ..invitation().whereabouts });
}

#[test]
fn every_cut_and_every_changed_letter_is_told() {
    let text = invitation().to_string();
    for end in 0..text.len() {
        let expected = if end < PREFIX.len() { InvitationError::NotAnInvitation } else { InvitationError::Damaged };
        assert_eq!(text[..end].parse::<Invitation>().unwrap_err(), expected);
    }
    for at in PREFIX.len()..text.len() - 1 {
        let other = if text.as_bytes()[at] == b'a' { "b" } else { "a" };
        let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
        assert!(changed.parse::<Invitation>().is_err(), "letter {at}");
    }
}

#[test]
fn invitation_is_found_in_what_people_paste() {
    let made = invitation();
    let link = made.to_string();
    let code = link.strip_prefix(PREFIX).unwrap();
    let (head, tail) = link.split_at(60);
    let pasted = [
        format!("Come in: {link}. See you, Ann"),
        format!("<{link}>"),
        format!("\"{link}\""),
        format!("[come in]({link})"),
        format!("{head}\u{200b}\u{ad}{tail}\u{feff}"),
        format!("\u{2068}{link}\u{2069}"),
        format!("{head}=\r\n{tail}\r\nbye"),
        format!("> {head}\n> {tail}\n"),
        format!("incamera://join/#{code}"),
        format!("incamera://join%23{code}"),
        format!("{link}?fbclid=1"),
        format!("old: incamera://join#abc new: {link}"),
        format!("INCAMERA://JOIN#{}", code.to_ascii_uppercase()),
        format!("日本語の招待 {link} です"),
    ];
    for text in pasted {
        assert_eq!(text.parse::<Invitation>().expect(&text).to_bytes(), made.to_bytes(), "{text}");
    }
    assert_eq!("no link here".parse::<Invitation>().unwrap_err(), InvitationError::NotAnInvitation);
    assert_eq!(format!("{head} {head}").parse::<Invitation>().unwrap_err(), InvitationError::Damaged);
}

#[test]
fn text_full_of_links_is_given_up_soon() {
    let text = "incamera://join#aaaa bbbb cccc dddd ".repeat(5000);
    assert_eq!(text.parse::<Invitation>().unwrap_err(), InvitationError::Damaged);
}

#[test]
fn an_invitation_ends_within_a_minute_of_its_time() {
    let made = invitation();
    assert!(!made.is_over(1_700_000_000_000) && made.is_over(1_700_000_060_000));
    let never = Invitation::new(RoomKind::Kept, None, InvitationSecret::generate(), made.whereabouts);
    assert!(!never.is_over(i64::MAX));
}

#[test]
fn an_invitation_to_an_address_that_nobody_can_have_is_damaged() {
    for address in ["127.0.0.1:0", "224.0.0.251:5353", "0.0.0.0:9", "255.255.255.255:9"] {
        let mut made = invitation();
        made.whereabouts.addresses = vec![address.parse().unwrap()];
        assert_eq!(made.to_string().parse::<Invitation>().unwrap_err(), InvitationError::Damaged, "{address}");
    }
    let mut made = invitation();
    made.whereabouts.relays = vec!["ftp://relay.example/".into()];
    assert!(made.to_string().parse::<Invitation>().is_err());
}

#[test]
fn no_part_of_it_is_shown_by_debug() {
    assert_eq!(format!("{:?}", invitation()), "Invitation(..)");
}
