//! At their finest level our logs hold no name, text, title, invitation or address.

#[path = "support/rooms.rs"]
mod rooms;
#[path = "support/sockets.rs"]
mod sockets;
mod support;

use std::{
    io,
    sync::{Arc, Mutex},
};

use engine::api::{RoomWish, Trouble};
use rooms::{Guest, member, over, said};
use support::until;
use tracing::Level;

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn nothing_of_people_is_in_the_logs() {
    let page = Page::default();
    let writer = page.clone();
    let subscriber = engine::logging::subscriber(Level::TRACE, move || writer.clone());
    tracing::subscriber::set_global_default(subscriber).unwrap();

    tracing::info!(target: "engine", "the log is written");
    let (mut ann, invitation) = Guest::create("Annabella-Zyx", "Secret-Title-Qwv");
    let mut bob = Guest::join("Bartholomew-Zyx", &invitation);
    until(&mut [&mut ann.someone, &mut bob.someone], |p| p[0].frames_of("Bartholomew-Zyx") > 10);
    ann.wish(RoomWish::Say("private-words-Jkl".into()));
    until(&mut [&mut ann.someone, &mut bob.someone], |p| !said(p[1]).is_empty());
    // Garbage from a stranger on every socket of this process makes the code that refuses things speak as well.
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    for ours in sockets::of_process(std::process::id(), "udp") {
        for n in 0..50u8 {
            let _ = socket.send_to(&[n; 300], ours.local);
        }
    }
    let victim = member(&ann.someone, "Bartholomew-Zyx").expect("he is in");
    ann.wish(RoomWish::Remove(victim));
    until(&mut [&mut ann.someone, &mut bob.someone], |p| over(p[1]).is_some());
    drop((ann, bob));

    let log = String::from_utf8_lossy(&page.0.lock().unwrap()).into_owned();
    assert!(log.contains("the log is written"));
    let code = invitation.to_string();
    let secrets = ["Zyx", "Qwv", "Jkl", "127.0.0.1", "incamera://", &code[20..40]];
    for secret in secrets {
        assert!(!log.contains(secret), "a secret is in the log");
    }
    assert!(!Trouble::NoSuchMember.to_string().contains("Zyx"));
}
