//! What the first byte of a media datagram over a link says.

/// The first byte of a datagram to be passed on to the member whose index follows, and of one that was passed on for the member
/// whose index follows. Generations of media are lower numbers.
const PASS_ON: u8 = 255;
const PASSED_ON: u8 = 254;

/// A media datagram over a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::room) enum Datagram<'a> {
    /// Of the member at the other end of the link.
    Own(&'a [u8]),
    /// To be passed on to the member with this index.
    PassOn { to: u8, bytes: &'a [u8] },
    /// Passed on for the member with this index.
    PassedOn { from: u8, bytes: &'a [u8] },
}

impl<'a> Datagram<'a> {
    pub fn read(datagram: &'a [u8]) -> Self {
        match datagram {
            [PASS_ON, to, bytes @ ..] => Self::PassOn { to: *to, bytes },
            [PASSED_ON, from, bytes @ ..] => Self::PassedOn { from: *from, bytes },
            _ => Self::Own(datagram),
        }
    }

    pub fn to_bytes(self) -> Vec<u8> {
        match self {
            Self::Own(bytes) => bytes.to_vec(),
            Self::PassOn { to, bytes } => [&[PASS_ON, to], bytes].concat(),
            Self::PassedOn { from, bytes } => [&[PASSED_ON, from], bytes].concat(),
        }
    }
}
