//! The wall: where packets may ever go. Every address is asked about here, right before a packet leaves or a link is dialled.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use iroh::RelayUrl;

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

/// What a run may reach. A value, so that cores can carry it; made anew when the machine's interfaces change.
#[derive(Clone, PartialEq, Eq)]
pub struct Wall {
    network: Network,
    subnets: Vec<Subnet>,
}

impl Wall {
    /// Loopback and nothing else.
    pub fn local() -> Self {
        Self { network: Network::Local, subnets: Vec::new() }
    }

    /// The Internet, from a machine with these addresses and lengths of prefixes.
    #[cfg(test)]
    pub fn internet_on(interfaces: &[(&str, u8)]) -> Self {
        let subnet = |(address, prefix): &(&str, u8)| Subnet { address: address.parse().unwrap(), prefix: *prefix };
        Self { network: Network::Internet, subnets: interfaces.iter().map(subnet).collect() }
    }

    /// Reads the machine's interfaces where `network` allows more than loopback.
    pub fn new(network: Network) -> Self {
        if network == Network::Local {
            return Self::local();
        }
        let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
        let mut subnets: Vec<_> = interfaces
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
        // The system lists interfaces in no fixed order, and two walls are compared.
        subnets.sort_by_key(|subnet| (subnet.address, subnet.prefix));
        Self { network, subnets }
    }

    /// The same wall around what the machine's interfaces are now.
    pub fn anew(&self) -> Self {
        Self::new(self.network)
    }

    pub fn network(&self) -> Network {
        self.network
    }

    /// Whether a packet may leave for `to`.
    pub fn permits(&self, to: SocketAddr) -> bool {
        let ip = to.ip().to_canonical();
        if to.port() == 0 || ip.is_unspecified() || ip.is_multicast() {
            return false;
        }
        match self.network {
            Network::Local => ip.is_loopback(),
            Network::Lan => ip.is_loopback() || self.subnets.iter().any(|subnet| subnet.contains(ip)),
            // To reach a link-local IPv6 address takes a scope, which nobody can tell us.
            Network::Internet => match ip {
                IpAddr::V4(ip) => !ip.is_broadcast(),
                IpAddr::V6(ip) => !ip.is_unicast_link_local(),
            },
        }
    }

    /// Whether a packet may leave for an address that somebody else names: in an invitation, a Hello, an offer of media. It
    /// must not make us knock at our own machine's services, nor at those of a private network that we are not on.
    pub fn permits_told(&self, to: SocketAddr) -> bool {
        let ip = to.ip().to_canonical();
        let is_private = match ip {
            IpAddr::V4(ip) => ip.is_private() || ip.is_link_local() || ip.octets()[0] == 0,
            IpAddr::V6(ip) => ip.is_unique_local(),
        };
        self.permits(to)
            && match self.network {
                Network::Local => true,
                Network::Lan => !ip.is_loopback(),
                Network::Internet => {
                    !ip.is_loopback() && (!is_private || self.subnets.iter().any(|subnet| subnet.contains(ip)))
                }
            }
    }

    /// Like [`permits_told`](Self::permits_told), for a relay that somebody else names.
    pub fn permits_told_relay(&self, relay: &RelayUrl) -> bool {
        let Some(host) = relay.host_str() else {
            return false;
        };
        let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        self.permits_relay(relay)
            && match address.parse::<IpAddr>() {
                Ok(ip) => self.permits_told(SocketAddr::new(ip, relay.port_or_known_default().unwrap_or(0))),
                Err(_) => {
                    let name = address.trim_end_matches('.').to_ascii_lowercase();
                    name != "localhost" && !name.ends_with(".localhost")
                }
            }
    }

    /// Whether a relay may be connected to. Short of the Internet its host must be an address: to ask for a name is a
    /// packet that leaves, and its answer could lead anywhere.
    pub fn permits_relay(&self, relay: &RelayUrl) -> bool {
        let (Some(host), Some(port)) = (relay.host_str(), relay.port_or_known_default()) else {
            return false;
        };
        let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        matches!(relay.scheme(), "https" | "http")
            && match address.parse::<IpAddr>() {
                Ok(ip) => self.permits(SocketAddr::new(ip, port)),
                Err(_) => self.network == Network::Internet && port != 0,
            }
    }

    /// The machine is on no network but its own loopback.
    pub fn is_alone(&self) -> bool {
        self.subnets.is_empty()
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

    #[test]
    fn the_internet_is_everything_but_what_has_no_one_owner() {
        let wall = Wall { network: Network::Internet, ..lan() };
        for inside in ["192.0.2.1:443", "10.9.9.9:9", "127.0.0.1:9", "[2001:db8::1]:9"] {
            assert!(permits(&wall, inside), "{inside}");
        }
        for outside in [
            "0.0.0.0:9",
            "[::]:9",
            "224.0.0.251:5353",
            "[ff02::fb]:5353",
            "255.255.255.255:9",
            "[fe80::1]:9",
            "192.0.2.1:0",
        ] {
            assert!(!permits(&wall, outside), "{outside}");
        }
    }

    #[test]
    fn told_addresses_reach_no_loopback_or_foreign_private_network() {
        let internet = Wall { network: Network::Internet, ..lan() };
        let told = |wall: &Wall, to: &str| wall.permits_told(to.parse().unwrap());
        for inside in ["192.0.2.1:443", "10.1.2.77:9", "[2001:db8::1]:9", "[fd00::77]:9", "100.64.1.1:9"] {
            assert!(told(&internet, inside), "{inside}");
        }
        for outside in [
            "127.0.0.1:9",
            "[::1]:9",
            "[::ffff:127.0.0.1]:9",
            "10.1.3.4:9",
            "192.168.0.1:80",
            "172.16.0.1:80",
            "169.254.169.254:80",
            "0.1.2.3:9",
            "[fd01::1]:9",
            "[::ffff:192.168.0.1]:80",
        ] {
            assert!(!told(&internet, outside), "{outside}");
        }
        assert!(told(&lan(), "10.1.2.77:9") && !told(&lan(), "127.0.0.1:9") && !told(&lan(), "10.1.3.4:9"));
        assert!(told(&Wall::local(), "127.0.0.1:9"));
    }

    #[test]
    fn told_relays_reach_no_loopback_or_foreign_private_network() {
        let internet = Wall { network: Network::Internet, ..lan() };
        let told = |wall: &Wall, relay: &str| wall.permits_told_relay(&relay.parse().unwrap());
        for inside in ["https://relay.example/", "https://192.0.2.1", "https://10.1.2.77"] {
            assert!(told(&internet, inside), "{inside}");
        }
        for outside in [
            "https://127.0.0.1:8443/",
            "http://[::1]:8080",
            "https://localhost:8443",
            "https://a.LOCALHOST./",
            "https://192.168.0.1/",
        ] {
            assert!(!told(&internet, outside), "{outside}");
        }
        assert!(told(&Wall::local(), "http://127.0.0.1:1"));
    }

    #[test]
    fn wall_holds_for_relays_and_names_need_the_internet() {
        let permits = |wall: &Wall, relay: &str| wall.permits_relay(&relay.parse().unwrap());
        let internet = Wall { network: Network::Internet, ..lan() };
        for (relay, local, on_lan, anywhere) in [
            ("https://127.0.0.1:8443/", true, true, true),
            ("http://[::1]:8080", true, true, true),
            ("https://10.1.2.77", false, true, true),
            ("https://10.1.3.77", false, false, true),
            ("https://relay.example", false, false, true),
            ("https://localhost:8443", false, false, true),
            ("http://0.0.0.0:8080", false, false, false),
            ("https://[ff02::1]:8443", false, false, false),
            ("https://127.0.0.1:0", false, false, false),
            ("ftp://127.0.0.1:21", false, false, false),
        ] {
            let permitted = [&Wall::local(), &lan(), &internet].map(|wall| permits(wall, relay));
            assert_eq!(permitted, [local, on_lan, anywhere], "{relay}");
        }
    }
}
