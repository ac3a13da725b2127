//! Many callers whom nobody knows.

use std::sync::Arc;

use iroh::{
    Endpoint, EndpointAddr,
    endpoint::{PortmapperConfig, presets},
};
use tokio::{sync::Semaphore, task::JoinSet};

use super::*;

/// An endpoint that speaks our protocol and is nobody we know.
async fn stranger() -> Endpoint {
    Endpoint::builder(presets::Empty)
        .crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .clear_ip_transports()
        .portmapper_config(PortmapperConfig::Disabled)
        .bind_addr("127.0.0.1:0")
        .unwrap()
        .bind()
        .await
        .unwrap()
}

fn reached_at(person: &Person) -> EndpointAddr {
    person.endpoint().addr()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_strangers_do_not_stop_a_known_link() {
    const STRANGERS: usize = 10_000;
    const MESSAGES: usize = 500;
    let (mut one, mut other) = (Person::new(settings(&[]), 1).await, Person::new(settings(&[]), 2).await);
    let to = other.links.whereabouts();
    let (at_one, _) = link(&mut one, &mut other, to).await;
    other.vouches = false;

    let at_once = Arc::new(Semaphore::new(64));
    let flood = reached_at(&other);
    let storm = tokio::spawn(async move {
        let mut faces = Vec::new();
        for _ in 0..16 {
            faces.push(stranger().await);
        }
        let mut calls = JoinSet::new();
        for i in 0..STRANGERS {
            let turn = at_once.clone().acquire_owned().await.unwrap();
            let (face, flood) = (faces[i % faces.len()].clone(), flood.clone());
            calls.spawn(async move {
                let got_in = timeout(Duration::from_secs(2), face.connect(flood, ALPN)).await.is_ok_and(|c| c.is_ok());
                drop(turn);
                got_in
            });
        }
        calls.join_all().await.into_iter().filter(|got_in| *got_in).count()
    });

    let (mut messages, mut datagrams, mut sent) = (0, 0, 0);
    while !storm.is_finished() || sent < MESSAGES {
        one.links.send(at_one, Purpose::Control, (sent as u64).to_be_bytes().to_vec());
        one.links.send_datagram(at_one, vec![0; 1000]);
        sent += 1;
        let deadline = tokio::time::Instant::now() + Duration::from_millis(20);
        while let Ok(seen) = tokio::time::timeout_at(deadline, other.next()).await {
            match seen {
                Seen::Message { bytes, .. } => {
                    assert_eq!(bytes, (messages as u64).to_be_bytes(), "in order, none missing");
                    messages += 1;
                }
                Seen::Datagram { .. } => datagrams += 1,
                Seen::Closed { link } => assert_ne!(link, at_one),
                _ => {}
            }
        }
    }
    while messages < sent {
        if let Seen::Message { .. } = other.next().await {
            messages += 1;
        }
    }
    let got_in = storm.await.unwrap();
    println!("{sent} messages, {datagrams} datagrams arrived; {got_in} of {STRANGERS} strangers got a handshake");
    assert!(datagrams * 10 >= sent * 9, "{datagrams} of {sent} datagrams");
    assert!(got_in < STRANGERS / 2, "the gate let {got_in} in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_crowd_each_other_out_and_never_one_who_is_known() {
    let (mut one, mut other) = (Person::new(settings(&[]), 1).await, Person::new(settings(&[]), 2).await);
    let to = other.links.whereabouts();
    let (at_one, at_other) = link(&mut one, &mut other, to).await;
    other.vouches = false;
    let (face, flood) = (stranger().await, reached_at(&other));
    let mut held = Vec::new();
    for _ in 0..40 {
        let connection = face.connect(flood.clone(), ALPN).await.unwrap();
        let (mut send, receive) = connection.open_bi().await.unwrap();
        send.write_all(&[0, 0, 0, 1, 9]).await.unwrap();
        other.opened().await;
        assert_eq!(other.message().await, [9]);
        connection.send_datagram(vec![9].into()).unwrap();
        held.push((connection, send, receive));
    }
    for (connection, ..) in &held[..8] {
        connection.closed().await;
    }
    assert!(held[8..].iter().all(|(connection, ..)| connection.close_reason().is_none()));
    converse((&mut one, at_one), (&mut other, at_other)).await;
    assert!(
        !other.seen.iter().any(|seen| matches!(seen, Seen::Datagram { .. })),
        "no datagram of a stranger is delivered"
    );
}

/// What comes of a message of so many bytes that a stranger begins.
async fn begins(length: usize, waits: bool) -> Seen {
    let mut other = Person::new(settings(&[]), 2).await;
    other.vouches = false;
    let face = stranger().await;
    let connection = face.connect(reached_at(&other), ALPN).await.unwrap();
    let (mut send, _receive) = connection.open_bi().await.unwrap();
    send.write_all(&[0, 0, 0, 1, 9]).await.unwrap();
    let link = other.opened().await;
    assert_eq!(other.message().await, [9]);
    if waits {
        other.links.let_wait(link);
    }
    send.write_all(&(length as u32).to_be_bytes()).await.unwrap();
    // The link may be closed before all of it is taken.
    let _ = send.write_all(&vec![7; length]).await;
    other.until(|seen| matches!(seen, Seen::Message { .. } | Seen::Closed { .. }).then(|| seen.clone())).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn message_for_members_is_refused_from_a_stranger() {
    const MOST: usize = crate::room::wire::MAX_OF_STRANGER;
    for waits in [false, true] {
        assert!(matches!(begins(MOST, waits).await, Seen::Message { bytes, .. } if bytes.len() == MOST));
        assert!(matches!(begins(MOST + 1, waits).await, Seen::Closed { .. }), "waits: {waits}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn link_survives_a_flood_of_forwarded_messages() {
    const MESSAGES: usize = 2000;
    const LENGTH: usize = 16 * 1024;
    let (mut one, mut other) = (Person::new(settings(&[]), 1).await, Person::new(settings(&[]), 2).await);
    let to = other.links.whereabouts();
    let (at_one, at_other) = link(&mut one, &mut other, to).await;
    for _ in 0..MESSAGES {
        one.links.forward(at_one, MemberId([9; 16]), vec![9; LENGTH]);
    }
    one.links.send(at_one, Purpose::Control, b"own".to_vec());
    let own = |seen: &Seen| matches!(seen, Seen::Message { bytes, .. } if bytes == b"own").then_some(());
    other.until(own).await;
    let passed_on = |seen: &&Seen| matches!(seen, Seen::Message { bytes, .. } if bytes.len() == LENGTH);
    let came = other.seen.iter().filter(passed_on).count();
    assert!(
        came * LENGTH <= 4 * 1024 * 1024,
        "{came} of {MESSAGES} messages were kept for a link that took none of them"
    );
    other.seen.clear();
    one.links.send(at_one, Purpose::Control, b"still here".to_vec());
    let again = |seen: &Seen| matches!(seen, Seen::Message { bytes, .. } if bytes == b"still here").then_some(());
    other.until(again).await;
    other.links.send(at_other, Purpose::Control, b"here too".to_vec());
    assert_eq!(one.message().await, b"here too");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn link_that_is_not_read_ends_after_some_mebibytes() {
    let (mut one, mut other) = (Person::new(settings(&[]), 1).await, Person::new(settings(&[]), 2).await);
    let to = other.links.whereabouts();
    let (at_one, _) = link(&mut one, &mut other, to).await;
    for _ in 0..40 {
        one.links.send(at_one, Purpose::Control, vec![9; 400_000]);
    }
    one.closed(at_one).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn message_that_nobody_would_read_costs_no_link() {
    let (mut one, mut other) = (Person::new(settings(&[]), 1).await, Person::new(settings(&[]), 2).await);
    let to = other.links.whereabouts();
    let (at_one, at_other) = link(&mut one, &mut other, to).await;
    one.links.send(at_one, Purpose::Control, vec![9; crate::room::wire::MAX_MESSAGE + 1]);
    converse((&mut one, at_one), (&mut other, at_other)).await;
}
