//! Why there is no DHT, and why nothing was published or resolved.

use super::bootstrap;
use crate::rendezvous::record::{RecordError, SEALED_LEN};

/// Why there is no DHT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DhtStartError {
    #[error("at most {} bootstrap nodes can be given", bootstrap::MAX)]
    TooManyNodes,
    #[error("a bootstrap node is given as host:port")]
    BadNode,
    #[error("bound to loopback, the DHT's bootstrap nodes have to be loopback addresses")]
    OutsideLoopback,
    #[error("the DHT needs a running tokio runtime")]
    NoRuntime,
}

/// Why nothing was published or resolved. All but `Off`, `Record` and `WrongLength` may pass with time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DhtError {
    #[error("the DHT is off")]
    Off,
    #[error("too much is asked of the DHT at once")]
    Busy,
    #[error("no node of the DHT answers")]
    Unreachable,
    #[error("the DHT did not answer in time")]
    TimedOut,
    #[error("no node of the DHT stored the record")]
    NotStored,
    #[error("the DHT holds a newer record, or one is being published just now")]
    NotNewest,
    #[error("a sealed record is {SEALED_LEN} bytes long")]
    WrongLength,
    #[error("the DHT holds a record that is not to be believed: {0}")]
    Record(#[from] RecordError),
}
