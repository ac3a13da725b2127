//! Where a packet of a voice stands among all packets of the voice.

/// A packet's number on its path, and which path it was. A new path counts from the beginning, behind all packets of the former
/// one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathSequence {
    /// How many paths there were before to the same sender.
    pub path: u16,
    /// RTP's sequence number (RFC 3550, section 5.1), extended to 64 bits.
    pub number: u64,
}

impl PathSequence {
    /// Where there is only one path.
    pub const fn of_first_path(number: u64) -> Self {
        Self { path: 0, number }
    }

    /// The packet behind this one on its path.
    pub(super) fn next(self) -> Self {
        Self { number: self.number.saturating_add(1), ..self }
    }

    /// How many packets are missing where this one came and `due` was next. Between two paths that is any number.
    pub(super) fn missing_from(self, due: Self) -> i64 {
        let missing = if self.path == due.path { self.number.saturating_sub(due.number) } else { u64::MAX };
        missing.min(u64::from(u32::MAX)).cast_signed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packet_of_a_later_path_stands_behind_all_of_the_former() {
        let old = PathSequence { path: 1, number: u64::MAX };
        let new = PathSequence { path: 2, number: 0 };
        assert!(old < new && old.next() < new);
        assert_eq!(new.missing_from(old), i64::from(u32::MAX));
    }

    #[test]
    fn missing_packets_are_counted_on_one_path() {
        let due = PathSequence::of_first_path(7);
        assert_eq!(PathSequence::of_first_path(9).missing_from(due), 2);
        assert_eq!(PathSequence::of_first_path(5).missing_from(due), 0);
    }
}
