//! The network of the world: messages arrive, twice, not at all, changed, from another or at another.

use group_crypto::MemberId;

use super::World;

/// Messages under way: one more, and the oldest is lost.
const MAX_UNDER_WAY: usize = 64;

pub struct Message {
    pub from: usize,
    pub to: usize,
    pub bytes: Vec<u8>,
}

impl World<'_> {
    /// One of the messages under way, which stays so where it is not `gone`.
    pub fn take(&mut self, gone: bool) -> Option<Message> {
        let at = self.argument().checked_rem(self.under_way.len())?;
        if gone {
            return self.under_way.remove(at);
        }
        let Message { from, to, bytes } = self.under_way.get(at)?;
        Some(Message { from: *from, to: *to, bytes: bytes.clone() })
    }

    pub fn deliver(&mut self, gone: bool) {
        if let Some(message) = self.take(gone) {
            self.arrive(&message);
        }
    }

    pub fn deliver_all(&mut self) {
        // Answers to answers come to an end by themselves only where time stands still for long enough.
        for _ in 0..MAX_UNDER_WAY {
            let Some(message) = self.under_way.pop_front() else { break };
            self.arrive(&message);
        }
    }

    /// Two bytes say where, one what comes there; or, beyond the end, what is added to it.
    pub fn deliver_changed(&mut self) {
        let message = self.take(false);
        let [high, low, instead] = [(); 3].map(|()| self.argument());
        let Some(Message { from, to, mut bytes }) = message else { return };
        match bytes.get_mut(high << 8 | low) {
            Some(byte) => *byte = instead as u8,
            None => bytes.push(instead as u8),
        }
        self.arrive(&Message { from, to, bytes });
    }

    pub fn deliver_elsewhere(&mut self) {
        let message = self.take(false);
        let (from, to) = (self.somebody(), self.somebody());
        if let Some(message) = message {
            self.arrive(&Message { from, to, ..message });
        }
    }

    pub fn deliver_input(&mut self) {
        let (from, to, length) = (self.somebody(), self.somebody(), self.argument());
        let (bytes, rest) = self.input.as_slice().split_at(length.min(self.input.len()));
        self.input = rest.iter();
        self.arrive(&Message { from, to, bytes: bytes.to_vec() });
    }

    /// Bytes can come only over a link that the reader has.
    fn arrive(&mut self, message: &Message) {
        let sender = self.people[message.from].id;
        if self.people[message.to].links.contains(&sender) {
            self.people[message.to].agreement.handle(self.now, sender, &message.bytes);
            self.settle(message.to);
        }
    }

    pub fn send(&mut self, from: usize, to: MemberId, bytes: Vec<u8>) {
        let Some(to) = self.people.iter().position(|person| person.id == to) else { return };
        if self.under_way.len() == MAX_UNDER_WAY {
            self.under_way.pop_front();
        }
        self.under_way.push_back(Message { from, to, bytes });
    }
}
