use std::net::UdpSocket;

use mainline::{SigningKey, Testnet};

use super::*;
use crate::rendezvous::{
    keys::{DAY, DayKeys, Secret, Side, keys},
    record::{MAX_AGE, RecordError, seal},
};

const NOW: u64 = 20_000 * DAY + 12 * 3600;

fn testnet() -> Testnet {
    Testnet::builder(12).build().unwrap()
}

fn client(testnet: &Testnet) -> Dht {
    let bootstrap = testnet.bootstrap.iter().take(4).cloned().collect();
    Dht::start(DhtSettings { bootstrap, bind: Some(Ipv4Addr::LOCALHOST), port: 0 }).unwrap()
}

/// Somebody in the DHT who keeps to no rule of ours.
fn stranger(testnet: &Testnet) -> AsyncDht {
    mainline::Dht::builder()
        .bootstrap(&testnet.bootstrap)
        .bind_address(Ipv4Addr::LOCALHOST)
        .port(0)
        .build()
        .unwrap()
        .as_async()
}

fn day_keys(byte: u8) -> DayKeys {
    keys(&Secret::from_bytes([byte; 32]), Side::Lower, NOW / DAY)
}

fn at(port: u16) -> Whereabouts {
    Whereabouts {
        endpoint: [7; 32],
        relays: vec!["https://relay.example".into()],
        addresses: vec![([192, 0, 2, 1], port).into()],
    }
}

fn sealed(keys: &DayKeys, port: u16, now: u64) -> Vec<u8> {
    seal(keys, &at(port), now).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn published_record_is_resolved_and_the_newer_one_wins() {
    let net = testnet();
    let (one, other, keys) = (client(&net), client(&net), day_keys(1));
    assert!(one.publish(&keys, sealed(&keys, 1, NOW), NOW).await.unwrap() > 1);
    assert_eq!(other.resolve(&keys, NOW + 1).await, Ok(Some((at(1), NOW))));
    one.publish(&keys, sealed(&keys, 2, NOW + 60), NOW + 60).await.unwrap();
    assert_eq!(other.resolve(&keys, NOW + 61).await, Ok(Some((at(2), NOW + 60))));
    assert!(matches!(one.health(), Health::Reached { nodes } if nodes > 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_went_back_does_not_keep_anybody_from_publishing() {
    let net = testnet();
    let (one, other, keys) = (client(&net), client(&net), day_keys(1));
    one.publish(&keys, sealed(&keys, 1, NOW + 3600), NOW + 3600).await.unwrap();
    one.publish(&keys, sealed(&keys, 2, NOW), NOW).await.unwrap();
    assert_eq!(other.resolve(&keys, NOW).await, Ok(Some((at(2), NOW))));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_pair_finds_nothing_and_reads_nothing() {
    let net = testnet();
    let (one, other, keys) = (client(&net), client(&net), day_keys(1));
    let record = sealed(&keys, 1, NOW);
    one.publish(&keys, record.clone(), NOW).await.unwrap();
    assert_eq!(other.resolve(&day_keys(2), NOW).await, Ok(None));
    // Even when somebody puts the bytes they saw where the other pair looks.
    one.publish(&day_keys(2), record, NOW).await.unwrap();
    assert_eq!(other.resolve(&day_keys(2), NOW).await, Err(DhtError::Record(RecordError::NotOurs)));
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_refuse_an_item_that_was_not_signed_with_the_pair_s_key() {
    let net = testnet();
    let (other, keys) = (client(&net), day_keys(1));
    let attacker = stranger(&net);
    let garbage = vec![0; SEALED_LEN];
    let forged = MutableItem::new(SigningKey::from_bytes(&[6; 32]), &garbage, NOW as i64, Some(&keys.salt));
    // Under the pair's public key, which the nodes near it know, with a signature of the attacker's.
    let key = keys.signing_key().verifying_key().to_bytes();
    let item = MutableItem::new_signed_unchecked(key, *forged.signature(), &garbage, forged.seq(), Some(&keys.salt));
    assert!(attacker.put_mutable(item, None).await.is_err());
    assert_eq!(other.resolve(&keys, NOW).await, Ok(None));
}

#[tokio::test(flavor = "multi_thread")]
async fn replayed_record_loses_and_is_refused_when_old() {
    let net = testnet();
    let (one, other, keys) = (client(&net), client(&net), day_keys(1));
    one.publish(&keys, sealed(&keys, 1, NOW), NOW).await.unwrap();
    one.publish(&keys, sealed(&keys, 2, NOW + 1), NOW + 1).await.unwrap();
    let signed_before = MutableItem::new(keys.signing_key(), &sealed(&keys, 1, NOW), NOW as i64, Some(&keys.salt));
    let replay = stranger(&net);
    assert!(replay.put_mutable(signed_before, None).await.is_err());
    assert_eq!(other.resolve(&keys, NOW + 2).await, Ok(Some((at(2), NOW + 1))));
    let late = NOW + 2 + MAX_AGE;
    assert_eq!(other.resolve(&keys, late).await, Err(DhtError::Record(RecordError::TooOld)));
}

/// The library reads 2,048 bytes of a datagram and knows no limit of depth: a level takes 464 bytes of a stack of 2 MiB.
#[tokio::test(flavor = "multi_thread")]
async fn dht_goes_on_when_messages_are_nested_deeply() {
    let net = testnet();
    let (one, other, keys) = (client(&net), client(&net), day_keys(1));
    let attacker = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let mut nodes: Vec<std::net::SocketAddr> = net.bootstrap.iter().map(|node| node.parse().unwrap()).collect();
    for dht in [&one, &other] {
        let mut node = dht.node.clone();
        let state = node.wait_for(|state| !matches!(state, State::Starting)).await.unwrap().clone();
        let State::Reached { node, .. } = state else { panic!("the testnet answers") };
        nodes.push(node.info().await.local_addr().into());
    }
    // As deep as 2,048 bytes can be, in lists, in dictionaries, and where an answer's values stand.
    let deepest = 2048;
    let nested = [
        "l".repeat(deepest),
        "d1:a".repeat(deepest / 4),
        format!("d1:rd6:values{}", "l".repeat(deepest - 13)),
        format!("d1:ad1:a{}", "l".repeat(deepest - 8)),
        "l".repeat(65_000),
    ];
    for node in &nodes {
        for message in &nested {
            attacker.send_to(message.as_bytes(), node).unwrap();
        }
    }
    one.publish(&keys, sealed(&keys, 1, NOW), NOW).await.unwrap();
    assert_eq!(other.resolve(&keys, NOW).await, Ok(Some((at(1), NOW))));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_bootstrap_nodes_the_dht_is_off() {
    let dht = Dht::start(DhtSettings::default()).unwrap();
    assert_eq!(dht.health(), Health::Off);
    assert_eq!(dht.resolve(&day_keys(1), NOW).await, Err(DhtError::Off));
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_bootstrap_nodes_are_told_as_unreachable() {
    // Bound and silent: as a dead node, or a firewall that drops UDP, looks from here.
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let bootstrap = vec![silent.local_addr().unwrap().to_string()];
    let dht = Dht::start(DhtSettings { bootstrap, bind: Some(Ipv4Addr::LOCALHOST), port: 0 }).unwrap();
    assert_eq!(dht.health(), Health::Starting);
    assert_eq!(dht.other_health(Health::Starting).await, Health::Unreachable);
    assert_eq!(dht.resolve(&day_keys(1), NOW).await, Err(DhtError::Unreachable));
    let record = sealed(&day_keys(1), 1, NOW);
    assert_eq!(dht.publish(&day_keys(1), record, NOW).await, Err(DhtError::Unreachable));
}

#[tokio::test(flavor = "multi_thread")]
async fn dht_goes_on_when_lost_nodes_come_back() {
    let net = testnet();
    let (dht, keys) = (client(&net), day_keys(1));
    let bootstrap = net.bootstrap.clone();
    dht.publish(&keys, sealed(&keys, 1, NOW), NOW).await.unwrap();
    drop(net);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(dht.resolve(&keys, NOW).await, Err(DhtError::Unreachable));
    dht.other_health(dht.health()).await;
    while dht.health() != Health::Unreachable {
        dht.other_health(dht.health()).await;
    }
    let node = |port: &str| {
        let mut builder = mainline::Dht::builder();
        builder.server_mode().bootstrap(&bootstrap[..1]).bind_address(Ipv4Addr::LOCALHOST);
        builder.port(port.rsplit_once(':').unwrap().1.parse().unwrap()).build().unwrap()
    };
    let _again: Vec<_> = bootstrap.iter().map(|address| node(address)).collect();
    dht.network_changed();
    while !matches!(dht.health(), Health::Reached { .. }) {
        dht.other_health(dht.health()).await;
    }
    dht.publish(&keys, sealed(&keys, 2, NOW), NOW).await.unwrap();
    assert_eq!(dht.resolve(&keys, NOW).await, Ok(Some((at(2), NOW))));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_fits_in_line_is_refused_as_busy() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let bootstrap = vec![silent.local_addr().unwrap().to_string()];
    let settings = DhtSettings { bootstrap, bind: Some(Ipv4Addr::LOCALHOST), port: 0 };
    let dht = Arc::new(Dht::start(settings).unwrap());
    let mut lookups = tokio::task::JoinSet::new();
    for _ in 0..IN_FLIGHT + WAITING + 5 {
        let dht = dht.clone();
        lookups.spawn(async move { dht.resolve(&day_keys(1), NOW).await });
    }
    let done = lookups.join_all().await;
    assert!(done.iter().all(|done| matches!(done, Err(DhtError::Busy | DhtError::Unreachable))));
    assert_eq!(done.iter().filter(|done| **done == Err(DhtError::Busy)).count(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn bound_to_loopback_the_socket_can_send_nowhere_else() {
    let net = testnet();
    let dht = client(&net);
    let State::Reached { node, .. } =
        dht.node.clone().wait_for(|s| !matches!(s, State::Starting)).await.unwrap().clone()
    else {
        panic!("the testnet answers");
    };
    let own = node.info().await.local_addr();
    assert!(own.ip().is_loopback());
    // What the system does with a packet for elsewhere from a socket bound like that (TEST-NET-1, RFC 5737).
    let like_it = UdpSocket::bind((*own.ip(), 0)).unwrap();
    assert!(like_it.send_to(b"x", "192.0.2.1:9").is_err());
}

/// Prints what the documentation of the rendezvous states. Counts all datagrams of the network namespace, so run it
/// alone: `cargo test traffic_of -- --ignored --nocapture`.
#[cfg(target_os = "linux")]
#[ignore = "measures; to be run alone"]
#[tokio::test(flavor = "multi_thread")]
async fn traffic_of_a_publication_and_a_lookup() {
    fn counted() -> (u64, u64) {
        let figure = |file: &str, family: &str, name: &str| {
            let text = std::fs::read_to_string(file).unwrap();
            let mut lines = text.lines().filter(|line| line.starts_with(family));
            let at = lines.next().unwrap().split(' ').position(|word| word == name).unwrap();
            lines.next().unwrap().split(' ').nth(at).unwrap().parse::<u64>().unwrap()
        };
        (figure("/proc/net/snmp", "Udp:", "OutDatagrams"), figure("/proc/net/netstat", "IpExt:", "OutOctets"))
    }
    for size in [12, 40, 100] {
        let net = Testnet::builder(size).build().unwrap();
        let before = counted();
        let (one, other) = (client(&net), client(&net));
        for dht in [&one, &other] {
            dht.other_health(Health::Starting).await;
        }
        let mut last = before;
        let mut print = |what: &str, n: u64| {
            let now = counted();
            println!("{size} nodes, {what}: {} packets, {} bytes", (now.0 - last.0) / n, (now.1 - last.1) / n);
            last = now;
        };
        print("start", 2);
        for byte in 0..10 {
            let keys = day_keys(byte);
            one.publish(&keys, sealed(&keys, 1, NOW), NOW).await.unwrap();
        }
        print("publication", 10);
        for byte in 0..10 {
            other.resolve(&day_keys(byte), NOW).await.unwrap().unwrap();
        }
        print("lookup, found", 10);
        for byte in 100..110 {
            other.resolve(&day_keys(byte), NOW).await.unwrap();
        }
        print("lookup, not found", 10);
        for byte in 0..10 {
            let keys = day_keys(byte);
            one.publish(&keys, sealed(&keys, 2, NOW + 1), NOW + 1).await.unwrap();
        }
        print("publication again", 10);
    }
}
