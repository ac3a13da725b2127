//! Programs that speak another version of what is said over links.

use std::sync::Arc;

use iroh::{
    Endpoint,
    endpoint::{PortmapperConfig, presets},
};

use super::*;

/// An endpoint of a program that speaks `version` and nothing else.
async fn other_program(version: &[u8]) -> Endpoint {
    Endpoint::builder(presets::Empty)
        .crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .clear_ip_transports()
        .portmapper_config(PortmapperConfig::Disabled)
        .alpns(vec![version.to_vec()])
        .bind_addr("127.0.0.1:0")
        .unwrap()
        .bind()
        .await
        .unwrap()
}

async fn dials(version: &[u8]) -> Seen {
    let mut one = Person::new(settings(&[]), 1).await;
    let other = other_program(version).await;
    let answers = tokio::spawn({
        let other = other.clone();
        async move {
            let mut held = Vec::new();
            while let Some(incoming) = other.accept().await {
                held.push(incoming.await);
            }
        }
    });
    let to = Whereabouts {
        endpoint: *other.id().as_bytes(),
        relays: Vec::new(),
        addresses: other.addr().ip_addrs().copied().collect(),
    };
    one.links.dial(to);
    let seen =
        one.until(|seen| matches!(seen, Seen::DialFailed { .. } | Seen::Opened { .. }).then(|| seen.clone())).await;
    answers.abort();
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_speaks_another_version_is_told_apart_from_one_who_does_not_answer() {
    for other in [&b"incamera/link/1"[..], b"incamera/link/3", b"h3"] {
        let seen = dials(other).await;
        assert!(matches!(seen, Seen::DialFailed { why: DialError::OtherVersion, .. }), "{seen:?}");
    }
    assert!(matches!(dials(ALPN).await, Seen::Opened { dialled: true, .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_of_another_version_is_told_so_and_never_becomes_a_link() {
    let (mut one, mut other) = (Person::new(settings(&[]), 1).await, Person::new(settings(&[]), 2).await);
    let old = other_program(b"incamera/link/1").await;
    let refused = old.connect(other.endpoint().addr(), b"incamera/link/1").await.unwrap_err();
    assert_eq!(dial_error(&refused), DialError::OtherVersion);
    let to = other.links.whereabouts();
    let (at_one, at_other) = link(&mut one, &mut other, to).await;
    converse((&mut one, at_one), (&mut other, at_other)).await;
    assert!(!other.seen.iter().any(|seen| matches!(seen, Seen::Opened { .. })));
}
