//! What each stream of a link holds up, and what it does not.

use iroh::endpoint::{Connection, SendStream};

use super::*;

/// A link whose other end is a program of the test's own, and the stream of control that it opened.
async fn raw(other: &mut Person) -> (Person, Connection, SendStream) {
    let face = Person::new(settings(&[]), 9).await;
    let connection = face.endpoint().connect(other.endpoint().addr(), ALPN).await.unwrap();
    let (control, _) = connection.open_bi().await.unwrap();
    (face, connection, control)
}

/// A stream in one direction with one message on it, to be given after so many of control.
async fn one_way(connection: &Connection, number: u8, after: u64, message: &[u8]) -> SendStream {
    let mut stream = connection.open_uni().await.unwrap();
    let head = [&[number][..], &(message.len() as u32).to_be_bytes(), &after.to_be_bytes()].concat();
    stream.write_all(&[&head, message].concat()).await.unwrap();
    stream
}

async fn control(stream: &mut SendStream, message: &[u8]) {
    stream.write_all(&[&(message.len() as u32).to_be_bytes(), message].concat()).await.unwrap();
}

const CHAT: u8 = 1;
const BULK: u8 = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bulk_holds_up_neither_control_nor_lines() {
    const MESSAGE: usize = 64 * 1024;
    const MESSAGES: usize = 64 * 1024 * 1024 / MESSAGE;
    /// What the other end's memory and the stream may hold of bulk; as much again waits in the queue.
    const AHEAD: usize = 1024 * 1024 / MESSAGE;
    let (mut one, mut other) = (Person::new(settings(&[]), 1).await, Person::new(settings(&[]), 2).await);
    let to = other.links.whereabouts();
    let (at_one, _) = link(&mut one, &mut other, to).await;
    let numbered = |kind: u8, number: usize, length: usize| {
        let mut message = vec![kind; length];
        message[..8].copy_from_slice(&(number as u64).to_be_bytes());
        message
    };
    let (mut sent, mut came, mut round) = (0, 0, 0);
    while came < MESSAGES {
        while sent < MESSAGES && one.links.writers[&at_one].send_bulk(numbered(b'b', sent, MESSAGE)) {
            sent += 1;
        }
        one.links.send(at_one, Purpose::Chat, numbered(b'l', round, 1000));
        one.links.send(at_one, Purpose::Control, numbered(b'c', round, 1000));
        let (mut bulk, mut line, mut control) = (0, false, false);
        while !(line && control) {
            let Seen::Message { bytes, .. } = other.next().await else { continue };
            let number = u64::from_be_bytes(*bytes.first_chunk().unwrap()) as usize;
            match bytes.last() {
                Some(b'b') => {
                    assert_eq!(number, came, "bulk keeps its order");
                    (came, bulk) = (came + 1, bulk + 1);
                }
                Some(b'l') => (line, _) = (true, assert_eq!(number, round)),
                Some(b'c') => (control, _) = (true, assert_eq!(number, round)),
                _ => panic!("a message that nobody sent"),
            }
        }
        assert!(bulk <= AHEAD, "{bulk} messages of bulk came before what was urgent");
        round += 1;
        // The rest of what is under way.
        while came < sent.saturating_sub(AHEAD) || (sent == MESSAGES && came < MESSAGES) {
            let Seen::Message { bytes, .. } = other.next().await else { continue };
            assert_eq!(u64::from_be_bytes(*bytes.first_chunk().unwrap()) as usize, came);
            came += 1;
        }
    }
    assert!(round > 10, "urgent messages were sent beside bulk {round} times");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_given_before_the_control_message_it_follows() {
    let mut other = Person::new(settings(&[]), 2).await;
    let (_face, connection, mut stream) = raw(&mut other).await;
    let _chat = one_way(&connection, CHAT, 0, b"line").await;
    let _bulk = one_way(&connection, BULK, 2, b"file").await;
    control(&mut stream, b"hello").await;
    assert_eq!(other.message().await, b"hello", "a line waits for the first message of control");
    assert_eq!(other.message().await, b"line");
    control(&mut stream, b"commit").await;
    assert_eq!(other.message().await, b"commit");
    assert_eq!(other.message().await, b"file");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn farewell_is_given_after_the_lines_before_it() {
    let mut other = Person::new(settings(&[]), 2).await;
    let (_face, connection, mut stream) = raw(&mut other).await;
    control(&mut stream, b"hello").await;
    stream.write_all(&[&[0; 4][..], &1_u64.to_be_bytes()].concat()).await.unwrap();
    control(&mut stream, b"goodbye").await;
    assert_eq!(other.message().await, b"hello");
    let _chat = one_way(&connection, CHAT, 1, b"line").await;
    assert_eq!(other.message().await, b"line");
    assert_eq!(other.message().await, b"goodbye");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_lines_arrive_when_their_sender_says_goodbye() {
    let (mut one, mut other) = (Person::new(settings(&[]), 1).await, Person::new(settings(&[]), 2).await);
    let to = other.links.whereabouts();
    let (at_one, at_other) = link(&mut one, &mut other, to).await;
    for number in 0..100_u8 {
        one.links.send(at_one, Purpose::Chat, vec![number; 5000]);
    }
    one.links.send(at_one, Purpose::Farewell, b"goodbye".to_vec());
    one.links.close(at_one);
    for number in 0..100_u8 {
        assert!(other.message().await == vec![number; 5000], "line {number} arrives in its place");
    }
    assert_eq!(other.message().await, b"goodbye");
    other.closed(at_other).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_lines_arrive_when_the_link_is_closed() {
    let (mut one, mut other) = (Person::new(settings(&[]), 1).await, Person::new(settings(&[]), 2).await);
    let to = other.links.whereabouts();
    let (at_one, _) = link(&mut one, &mut other, to).await;
    for number in 0..100_u8 {
        one.links.send(at_one, Purpose::Chat, vec![number; 5000]);
    }
    one.links.shut_down().await;
    for number in 0..100_u8 {
        assert!(other.message().await == vec![number; 5000], "line {number} arrives in its place");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stream_of_a_later_version_is_left_alone() {
    let mut other = Person::new(settings(&[]), 2).await;
    let (_face, connection, mut stream) = raw(&mut other).await;
    control(&mut stream, b"hello").await;
    let later = one_way(&connection, 77, 0, b"what is new").await;
    let _chat = one_way(&connection, CHAT, 0, b"line").await;
    assert_eq!(other.message().await, b"hello");
    assert_eq!(other.message().await, b"line");
    assert_eq!(later.stopped().await.unwrap(), Some(0_u8.into()), "its sender is told that nobody reads it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn second_stream_of_a_purpose_ends_the_link() {
    let mut other = Person::new(settings(&[]), 2).await;
    let (_face, connection, mut stream) = raw(&mut other).await;
    control(&mut stream, b"hello").await;
    let at_other = other.opened().await;
    let _chat = one_way(&connection, CHAT, 0, b"line").await;
    let _again = one_way(&connection, CHAT, 0, b"line").await;
    other.closed(at_other).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stream_that_does_not_begin_holds_up_no_other() {
    let mut other = Person::new(settings(&[]), 2).await;
    let (_face, connection, mut stream) = raw(&mut other).await;
    control(&mut stream, b"hello").await;
    // The next stream opens this one at the other end as well.
    let _silent = connection.open_uni().await.unwrap();
    let _chat = one_way(&connection, CHAT, 0, b"line").await;
    assert_eq!(other.message().await, b"hello");
    assert_eq!(other.message().await, b"line");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fences_without_messages_end_the_link() {
    let mut other = Person::new(settings(&[]), 2).await;
    let (_face, _connection, mut stream) = raw(&mut other).await;
    control(&mut stream, b"hello").await;
    let at_other = other.opened().await;
    stream.write_all(&[0; 24]).await.unwrap();
    other.closed(at_other).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn receipt_that_says_nothing_new_ends_the_link() {
    let mut other = Person::new(settings(&[]), 2).await;
    let (_face, connection, mut stream) = raw(&mut other).await;
    control(&mut stream, b"hello").await;
    let at_other = other.opened().await;
    let mut receipts = connection.open_uni().await.unwrap();
    // For control, of which nothing was written.
    receipts.write_all(&[0; 10]).await.unwrap();
    other.closed(at_other).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn receipts_of_a_later_version_are_counted() {
    for vouches in [true, false] {
        let mut other = Person::new(settings(&[]), 2).await;
        other.vouches = vouches;
        let (_face, connection, mut stream) = raw(&mut other).await;
        control(&mut stream, b"hello").await;
        let at_other = other.opened().await;
        let mut receipts = connection.open_uni().await.unwrap();
        receipts.write_all(&[0]).await.unwrap();
        // The link may be closed before all of them are taken.
        let _ = receipts.write_all(&[77; 9 * 20_000]).await;
        other.closed(at_other).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_streams_end_the_link() {
    let mut other = Person::new(settings(&[]), 2).await;
    let (_face, connection, mut stream) = raw(&mut other).await;
    control(&mut stream, b"hello").await;
    let at_other = other.opened().await;
    let opened = async {
        while let Ok(mut stream) = connection.open_uni().await {
            let _ = stream.write_all(&[77]).await;
            let _ = stream.reset(0_u8.into());
        }
    };
    tokio::join!(opened, other.closed(at_other));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn datagrams_of_a_stranger_end_the_link() {
    let mut other = Person::new(settings(&[]), 2).await;
    other.vouches = false;
    let (_face, connection, mut stream) = raw(&mut other).await;
    control(&mut stream, b"hello").await;
    let at_other = other.opened().await;
    let flood = async { while connection.send_datagram_wait(vec![9; 1000].into()).await.is_ok() {} };
    tokio::join!(flood, other.closed(at_other));
}
