//! The name of a link.

/// One way to talk to an endpoint, for as long as it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum LinkId {
    /// A control connection of our own.
    Own(u64),
    /// A way through another member, who passes on what goes over it. See [`forwarding`](super::forwarding).
    Through(u64),
}

impl LinkId {
    pub fn is_through(self) -> bool {
        matches!(self, Self::Through(_))
    }
}
