//! Real peers over a bad network in simulated time.

#[path = "support/net.rs"]
mod net;
#[path = "support/peers.rs"]
mod peers;
#[path = "support/unsealed.rs"]
mod unsealed;

#[path = "transport/connect.rs"]
mod connect;
#[path = "transport/frames.rs"]
mod frames;
#[path = "transport/garbage.rs"]
mod garbage;
#[path = "transport/link.rs"]
mod link;
#[path = "transport/watch.rs"]
mod watch;
