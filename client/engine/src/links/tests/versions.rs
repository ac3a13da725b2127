//! Programs that speak another version of what is said over links.

use iroh::endpoint::ConnectOptions;

use super::*;

/// Somebody whose program speaks `version` and nothing else.
async fn other_program(version: &[u8]) -> Person {
    let other = Person::new(settings(&[]), 2).await;
    other.endpoint().set_alpns(vec![version.to_vec(), ANY_VERSION.to_vec()]);
    other
}

async fn dials(version: &[u8]) -> Seen {
    let mut one = Person::new(settings(&[]), 1).await;
    let other = other_program(version).await;
    one.links.dial(other.links.whereabouts(), false);
    one.until(|seen| matches!(seen, Seen::DialFailed { .. } | Seen::Opened { .. }).then(|| seen.clone())).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_version_is_told_apart_from_silence() {
    for other in [&b"incamera/link/2"[..], b"incamera/link/6"] {
        let seen = dials(other).await;
        assert!(matches!(seen, Seen::DialFailed { why: DialError::OtherVersion, .. }), "{seen:?}");
    }
    assert!(matches!(dials(ALPN).await, Seen::Opened { dialled: true, .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn caller_of_another_version_becomes_no_link() {
    let (mut one, mut other) = (Person::new(settings(&[]), 1).await, Person::new(settings(&[]), 2).await);
    let old = Person::new(settings(&[]), 3).await;
    let options = ConnectOptions::new().with_additional_alpns(vec![ANY_VERSION.to_vec()]);
    let to = other.endpoint().addr();
    let agreed = old.endpoint().connect_with_opts(to, b"incamera/link/2", options).await.unwrap().await.unwrap();
    assert_eq!(agreed.alpn(), ANY_VERSION);
    agreed.close(OTHER_VERSION.into(), b"");
    let to = other.links.whereabouts();
    let (at_one, at_other) = link(&mut one, &mut other, to).await;
    converse((&mut one, at_one), (&mut other, at_other)).await;
    assert!(!other.seen.iter().any(|seen| matches!(seen, Seen::Opened { .. })));
}
