//! At their finest level our logs hold no name, text, title, invitation or address.

mod support;

use std::{
    io,
    sync::{Arc, Mutex},
};

use engine::api::{Trouble, Wish};
use support::{Someone, until};
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
    let mut ann = Someone::create("Annabella-Zyx", "Secret-Title-Qwv");
    let invitation = ann.invitation.clone().expect("it was awaited");
    let mut bob = Someone::join("Bartholomew-Zyx", &invitation);
    until(&mut [&mut ann, &mut bob], |p| p[0].frames_of("Bartholomew-Zyx") > 10);
    ann.engine.wish(Wish::Say("private-words-Jkl".into()));
    until(&mut [&mut ann, &mut bob], |p| !p[1].said.is_empty());
    // Garbage from a stranger on every socket of this process makes the code that refuses things speak as well.
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    for port in support_ports() {
        for n in 0..50u8 {
            let _ = socket.send_to(&[n; 300], ("127.0.0.1", port));
        }
    }
    let victim = ann.member("Bartholomew-Zyx").expect("he is in");
    ann.engine.wish(Wish::Remove(victim));
    until(&mut [&mut ann, &mut bob], |p| p[1].ended.is_some());
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

/// UDP ports on loopback that are open on this machine right now, where the system tells.
fn support_ports() -> Vec<u16> {
    let table = std::fs::read_to_string("/proc/self/net/udp").unwrap_or_default();
    let port = |line: &str| u16::from_str_radix(line.split_whitespace().nth(1)?.strip_prefix("0100007F:")?, 16).ok();
    table.lines().filter_map(port).collect()
}
