//! What goes out for other members: a queue for each of them, in turn, so that none crowds out what another has to say.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use group_crypto::MemberId;
use tokio::sync::{Notify, Semaphore};

use super::channels::Waiting;

/// Messages of one author that wait, and their bytes, unless it is a single one. One more is dropped.
const EACH: usize = 64;
const EACH_BYTES: usize = 256 * 1024;
/// Bytes of all authors.
const ALL_BYTES: usize = 4 * 1024 * 1024;

/// Messages by the member who wrote them. The first in line has the next turn.
pub(super) struct Turns {
    line: Mutex<VecDeque<Author>>,
    bytes: Arc<Semaphore>,
    arrived: Notify,
}

struct Author {
    id: MemberId,
    waiting: VecDeque<Waiting>,
}

impl Turns {
    pub fn new() -> Self {
        Self { line: Mutex::default(), bytes: Arc::new(Semaphore::new(ALL_BYTES)), arrived: Notify::new() }
    }

    /// False where there is no place for it.
    pub fn push(&self, id: MemberId, bytes: Vec<u8>) -> bool {
        let Some(message) = Waiting::count(bytes, 0, &self.bytes) else {
            return false;
        };
        let has_place = self.in_line(|line| {
            let Some(author) = line.iter_mut().find(|author| author.id == id) else {
                line.push_back(Author { id, waiting: VecDeque::from([message]) });
                return true;
            };
            let bytes = author.waiting.iter().map(|waiting| waiting.bytes.len());
            let has_place =
                author.waiting.len() < EACH && bytes.fold(message.bytes.len(), usize::saturating_add) <= EACH_BYTES;
            if has_place {
                author.waiting.push_back(message);
            }
            has_place
        });
        if has_place {
            self.arrived.notify_one();
        }
        has_place
    }

    /// The next message of the one whose turn it is.
    pub async fn next(&self) -> Waiting {
        loop {
            if let Some(message) = self.in_line(take_first) {
                return message;
            }
            self.arrived.notified().await;
        }
    }

    /// A panic elsewhere leaves nothing half done in a plain list.
    fn in_line<T>(&self, f: impl FnOnce(&mut VecDeque<Author>) -> T) -> T {
        f(&mut self.line.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Takes a message of the first, who goes to the end of the line with the rest.
fn take_first(line: &mut VecDeque<Author>) -> Option<Waiting> {
    let mut author = line.pop_front()?;
    let message = author.waiting.pop_front();
    if !author.waiting.is_empty() {
        line.push_back(author);
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u8) -> MemberId {
        MemberId([number; 16])
    }

    async fn next(turns: &Turns) -> Vec<u8> {
        turns.next().await.bytes
    }

    #[tokio::test]
    async fn flood_of_one_author_leaves_another_their_turn() {
        let turns = Turns::new();
        let taken = (0..1000).filter(|_| turns.push(id(1), vec![1])).count();
        assert_eq!(taken, EACH);
        assert!(turns.push(id(2), vec![2]) && turns.push(id(2), vec![22]));
        assert_eq!(
            [next(&turns).await, next(&turns).await, next(&turns).await, next(&turns).await],
            [vec![1], vec![2], vec![1], vec![22]]
        );
    }

    #[tokio::test]
    async fn long_message_waits_alone() {
        let turns = Turns::new();
        assert!(turns.push(id(1), vec![1; 2 * EACH_BYTES]));
        assert!(!turns.push(id(1), vec![1]), "it takes all of the place of its author");
        assert!(turns.push(id(2), vec![2]));
        assert_eq!(next(&turns).await.len(), 2 * EACH_BYTES);
        assert!(turns.push(id(1), vec![1]));
    }
}
