//! Links without any relay.

use std::net::UdpSocket;

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_and_datagrams_go_both_ways_and_the_route_is_direct() {
    let (mut one, mut other) = (Person::new(settings(&[]), 1).await, Person::new(settings(&[]), 2).await);
    let to = other.links.whereabouts();
    assert!(to.relays.is_empty() && to.addresses.iter().all(|address| address.ip().is_loopback()));
    let (at_one, at_other) = link(&mut one, &mut other, to).await;
    assert_eq!((one.routed(Route::Direct).await, other.routed(Route::Direct).await), (at_one, at_other));
    converse((&mut one, at_one), (&mut other, at_other)).await;
    one.links.close(at_one);
    other.closed(at_other).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_last_arrives_although_everything_shuts_down() {
    let (mut one, mut other) = (Person::new(settings(&[]), 1).await, Person::new(settings(&[]), 2).await);
    let to = other.links.whereabouts();
    let (at_one, _) = link(&mut one, &mut other, to).await;
    one.links.send(at_one, Purpose::Control, b"goodbye".to_vec());
    one.links.shut_down().await;
    assert_eq!(other.message().await, b"goodbye");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_ends_whose_messages_are_not_read() {
    // More than the other end takes in before anybody looks at it.
    for (purpose, messages) in [(Purpose::Control, 300), (Purpose::Chat, 250)] {
        let (mut one, mut other) = (Person::new(settings(&[]), 1).await, Person::new(settings(&[]), 2).await);
        let to = other.links.whereabouts();
        let (at_one, _) = link(&mut one, &mut other, to).await;
        for _ in 0..messages {
            one.links.send(at_one, purpose, vec![1; 4000]);
        }
        one.closed(at_one).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_for_what_was_never_said_ends_the_link() {
    let (one, mut other) = (Person::new(settings(&[]), 1).await, Person::new(settings(&[]), 2).await);
    let raw = one.endpoint().connect(other.endpoint().addr(), ALPN).await.unwrap();
    let (mut messages, _) = raw.open_bi().await.unwrap();
    messages.write_all(&[0, 0, 0, 1, 7]).await.unwrap();
    let at_other = other.opened().await;
    let mut receipts = raw.open_uni().await.unwrap();
    // The stream of receipts, for control.
    receipts.write_all(&[0, 0]).await.unwrap();
    receipts.write_all(&u64::MAX.to_be_bytes()).await.unwrap();
    other.closed(at_other).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_outside_the_wall_is_dialled() {
    let mut one = Person::new(settings(&[]), 1).await;
    let outside = Whereabouts {
        endpoint: Person::new(settings(&[]), 2).await.links.id(),
        relays: vec!["https://192.0.2.1/".into(), "http://localhost:9/".into(), "nonsense".into()],
        addresses: vec!["192.0.2.1:9".parse().unwrap(), "127.0.0.1:0".parse().unwrap()],
    };
    assert!(one.links.home.borrow().reachable(&one.links.shared.ways, outside.clone()).is_none());
    one.links.dial(outside.clone(), false);
    one.until(|seen| {
        (*seen == Seen::DialFailed { endpoint: outside.endpoint, why: DialError::NoAnswer }).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_oversize_datagram_is_counted_and_nothing_else_happens() {
    let (mut one, mut other) = (Person::new(settings(&[]), 1).await, Person::new(settings(&[]), 2).await);
    let to = other.links.whereabouts();
    let (at_one, at_other) = link(&mut one, &mut other, to).await;
    one.links.send_datagram(at_one, vec![0; 60_000]);
    assert_eq!(one.links.unsent, Unsent { oversize: 1, stale: 0 });
    converse((&mut one, at_one), (&mut other, at_other)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_at_the_socket_disturbs_nobody() {
    let (mut one, mut other) = (Person::new(settings(&[]), 1).await, Person::new(settings(&[]), 2).await);
    let to = other.links.whereabouts();
    let (at_one, at_other) = link(&mut one, &mut other, to.clone()).await;
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut noise = fastrand::Rng::with_seed(1);
    for i in 0..20_000usize {
        let mut packet = vec![0; i % 1400];
        noise.fill(&mut packet);
        // A third of them look like the first packet of a handshake (RFC 9000 section 17.2.2).
        if i % 3 == 0 && packet.len() > 5 {
            packet[..5].copy_from_slice(&[0xc3, 0, 0, 0, 1]);
        }
        let _ = socket.send_to(&packet, to.addresses[0]);
    }
    converse((&mut one, at_one), (&mut other, at_other)).await;
}
