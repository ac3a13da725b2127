//! The wall: where packets may ever go. Every address is asked about here, right before a packet leaves or a link is dialled.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::api::Network;

/// One network an interface is on.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Subnet {
    address: IpAddr,
    prefix: u8,
}

impl Subnet {
    fn contains(&self, other: IpAddr) -> bool {
        match (self.address, other) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                u32::from(own) & mask == u32::from(other) & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                u128::from(own) & mask == u128::from(other) & mask
            }
            _ => false,
        }
    }
}

/// What a run may reach. Made once at the start; a value, so that cores can carry it.
#[derive(Clone)]
pub struct Wall {
    network: Network,
    subnets: Vec<Subnet>,
}

impl Wall {
    /// Loopback and nothing else.
    pub fn local() -> Self {
        Self { network: Network::Local, subnets: Vec::new() }
    }

    /// Reads the machine's interfaces where `network` allows more than loopback.
    pub fn new(network: Network) -> Self {
        if network == Network::Local {
            return Self::local();
        }
        let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
        let subnets = interfaces
            .into_iter()
            // A link-local IPv6 address means nothing without its scope, which an invitation cannot carry.
            .filter(|i| !i.is_loopback() && !matches!(&i.addr, if_addrs::IfAddr::V6(v6) if v6.is_link_local()))
            .map(|i| match i.addr {
                if_addrs::IfAddr::V4(v4) => Subnet { address: v4.ip.into(), prefix: v4.prefixlen },
                if_addrs::IfAddr::V6(v6) => Subnet { address: v6.ip.into(), prefix: v6.prefixlen },
            })
            // A default route in disguise would be a hole in the wall.
            .filter(|subnet| subnet.prefix > 0)
            .take(12)
            .collect();
        Self { network, subnets }
    }

    /// Whether a packet may leave for `to`.
    pub fn permits(&self, to: SocketAddr) -> bool {
        let ip = to.ip().to_canonical();
        if to.port() == 0 || ip.is_unspecified() || ip.is_multicast() {
            return false;
        }
        ip.is_loopback() || (self.network == Network::Lan && self.subnets.iter().any(|subnet| subnet.contains(ip)))
    }

    /// The addresses to bind sockets to, each with the length of its network's prefix: the interfaces', and loopback.
    pub fn own_networks(&self) -> Vec<(IpAddr, u8)> {
        let mut own: Vec<_> = self.subnets.iter().map(|subnet| (subnet.address, subnet.prefix)).collect();
        own.push((Ipv4Addr::LOCALHOST.into(), 8));
        own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lan() -> Wall {
        let subnets = vec![
            Subnet { address: "10.1.2.3".parse().unwrap(), prefix: 24 },
            Subnet { address: "fd00::1".parse().unwrap(), prefix: 64 },
        ];
        Wall { network: Network::Lan, subnets }
    }

    fn permits(wall: &Wall, to: &str) -> bool {
        wall.permits(to.parse().unwrap())
    }

    #[test]
    fn local_lets_loopback_through_and_nothing_else() {
        let wall = Wall::local();
        assert!(permits(&wall, "127.0.0.1:9") && permits(&wall, "127.8.9.10:9") && permits(&wall, "[::1]:9"));
        for outside in [
            "10.1.2.4:9",
            "192.0.2.1:443",
            "0.0.0.0:9",
            "255.255.255.255:9",
            "224.0.0.251:5353",
            "[fe80::1]:9",
            "[::]:9",
            "[::ffff:10.1.2.4]:9",
        ] {
            assert!(!permits(&wall, outside), "{outside}");
        }
    }

    #[test]
    fn lan_lets_the_own_networks_through_and_nothing_else() {
        let wall = lan();
        assert!(permits(&wall, "10.1.2.77:9") && permits(&wall, "[fd00::77]:9") && permits(&wall, "127.0.0.1:9"));
        for outside in ["10.1.3.4:9", "192.0.2.1:443", "224.0.0.251:5353", "[fd00:0:0:1::1]:9", "10.1.2.77:0"] {
            assert!(!permits(&wall, outside), "{outside}");
        }
    }
}
