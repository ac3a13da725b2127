//! Streams in one direction that the other end opens, and what each of them is for.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::future::pending;

use iroh::endpoint::{Connection, RecvStream};
use tokio::{sync::oneshot, task::JoinSet};

use super::{
    channels::{Channel, Each},
    counted::{Broken, Counted},
    receipts::RECEIPTS,
};

/// Where the streams in one direction go once it is known what they are for; receipts in the place of control.
pub(super) type Arrivals = Each<Option<oneshot::Sender<RecvStream>>>;

/// The streams of chat, forwarded and bulk.
pub(super) type Streams = [oneshot::Receiver<RecvStream>; 3];

/// The last is the stream of receipts.
pub(super) fn arrivals() -> (Arrivals, Streams, oneshot::Receiver<RecvStream>) {
    let [receipts, chat, forwarded, bulk] = std::array::from_fn(|_| oneshot::channel());
    let arrivals =
        Each { control: Some(receipts.0), chat: Some(chat.0), forwarded: Some(forwarded.0), bulk: Some(bulk.0) };
    (arrivals, [chat.1, forwarded.1, bulk.1], receipts.1)
}

/// Sorts streams by their first byte, each as soon as that has come: the rest of them does not wait for it. Ends when there are two
/// of the same, or too many; does not end with the connection.
pub(super) async fn accept(connection: &Connection, mut arrivals: Arrivals, counted: &Counted) {
    let (mut begun, mut is_open) = (JoinSet::new(), true);
    loop {
        tokio::select! {
            opened = connection.accept_uni(), if is_open => match opened {
                Ok(receive) => {
                    if counted.opened().is_err() {
                        return;
                    }
                    begun.spawn(read_number(receive));
                }
                Err(_) => is_open = false,
            },
            Some(numbered) = begun.join_next() => {
                if let Ok(Some((number, receive))) = numbered
                    && sort(number, receive, &mut arrivals, counted).is_err()
                {
                    return;
                }
            }
            else => break,
        }
    }
    pending().await
}

/// The first byte of a stream. `None` where it ends before.
async fn read_number(mut receive: RecvStream) -> Option<(u8, RecvStream)> {
    let mut number = [RECEIPTS];
    receive.read_exact(&mut number).await.ok()?;
    let [number] = number;
    Some((number, receive))
}

fn sort(number: u8, mut receive: RecvStream, arrivals: &mut Arrivals, counted: &Counted) -> Result<(), Broken> {
    let Some(channel) = Channel::numbered(number) else {
        // Of a later version.
        let _ = receive.stop(0u8.into());
        return counted.read(1);
    };
    let arrival = arrivals.of_mut(channel).take().ok_or(Broken)?;
    let _ = arrival.send(receive);
    Ok(())
}
