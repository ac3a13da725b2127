//! The nodes to begin with: given as `host:port`, looked up where that is allowed.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, ToSocketAddrs};

use super::DhtStartError;

/// At most so many nodes can be given.
pub const MAX: usize = 16;

pub struct Bootstrap {
    given: Vec<String>,
    loopback_only: bool,
}

impl Bootstrap {
    /// # Errors
    /// When there are too many, one is not `host:port`, or the wall of a loopback `bind` stands before one.
    pub fn new(given: &[String], bind: Option<Ipv4Addr>) -> Result<Self, DhtStartError> {
        if given.len() > MAX {
            return Err(DhtStartError::TooManyNodes);
        }
        let loopback_only = bind.is_some_and(|ip| ip.is_loopback());
        for node in given {
            let (host, port) = node.rsplit_once(':').ok_or(DhtStartError::BadNode)?;
            if host.is_empty() || host.len() > 253 || !port.parse::<u16>().is_ok_and(|port| port != 0) {
                return Err(DhtStartError::BadNode);
            }
            let loopback = || node.parse::<SocketAddr>().is_ok_and(|node| node.ip().is_loopback());
            if loopback_only && !loopback() {
                return Err(DhtStartError::OutsideLoopback);
            }
        }
        Ok(Self { given: given.to_vec(), loopback_only })
    }

    /// The addresses, at most two of each name, after asking the system's resolver for the names among them. Blocks.
    pub fn addresses(&self) -> Vec<SocketAddrV4> {
        self.given.iter().flat_map(|node| self.look_up(node)).collect()
    }

    fn look_up(&self, node: &str) -> Vec<SocketAddrV4> {
        let found: Vec<SocketAddr> = match node.parse() {
            Ok(address) => vec![address],
            Err(_) if self.loopback_only => Vec::new(),
            Err(_) => node.to_socket_addrs().map(Iterator::collect).unwrap_or_default(),
        };
        let v4 = found.into_iter().filter_map(|address| match address {
            SocketAddr::V4(address) => Some(address),
            // The Mainline DHT of IPv6 is another one (BEP 32), which the library doesn't speak.
            SocketAddr::V6(_) => None,
        });
        v4.take(2).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(node: &str, bind: Option<Ipv4Addr>) -> Option<DhtStartError> {
        Bootstrap::new(&[node.to_owned()], bind).err()
    }

    #[test]
    fn a_bootstrap_node_is_a_host_and_a_port() {
        for good in ["dht.example:6881", "192.0.2.1:1", "[2001:db8::1]:6881"] {
            assert_eq!(error(good, None), None, "{good}");
        }
        for bad in ["", "dht.example", ":6881", "dht.example:0", "dht.example:65536", "dht.example:x"] {
            assert_eq!(error(bad, None), Some(DhtStartError::BadNode), "{bad}");
        }
        let many = vec!["192.0.2.1:1".to_owned(); MAX + 1];
        assert_eq!(Bootstrap::new(&many, None).err(), Some(DhtStartError::TooManyNodes));
    }

    #[test]
    fn bound_to_loopback_only_loopback_addresses_pass_and_no_name() {
        let bind = Some(Ipv4Addr::LOCALHOST);
        assert_eq!(error("127.0.0.1:6881", bind), None);
        for outside in ["192.0.2.1:6881", "0.0.0.0:6881", "localhost:6881", "dht.example:6881", "[2001:db8::1]:1"] {
            assert_eq!(error(outside, bind), Some(DhtStartError::OutsideLoopback), "{outside}");
        }
    }
}
