//! Names of relays, looked up: a name that somebody else tells must lead no further than an address that they tell.

use std::{
    collections::BTreeSet,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::Pin,
    time::Duration,
};

use iroh::{
    RelayUrl,
    dns::{BoxIter, DnsError, DnsResolver, FallbackMode, Resolver, TxtRecordData},
};

use super::settings::Ways;
use crate::{api::Network, wall::Wall};

/// iroh gives up sooner.
const PATIENCE: Duration = Duration::from_secs(10);
/// The wall judges addresses with ports; of the port nothing depends but that there is one.
const ANY_PORT: u16 = 443;

type Answer<T> = Pin<Box<dyn Future<Output = Result<BoxIter<T>, DnsError>> + Send>>;

/// Asks the system's name servers and no others: iroh's default would go on to public resolvers when they fail. Short of the
/// Internet there is nobody to ask at all.
pub(super) fn resolver(ways: &Ways, wall: &Wall) -> DnsResolver {
    let builder = DnsResolver::builder().with_fallback_mode(FallbackMode::Never);
    let names = match wall.network() {
        Network::Internet => builder.with_system_defaults().build(),
        Network::Local | Network::Lan => builder.build(),
    };
    DnsResolver::custom(Walled::new(names, ways, wall))
}

/// Leaves out addresses behind which others must not make us knock. The relays of the person's own settings may be anywhere
/// that the wall allows.
#[derive(Clone)]
struct Walled {
    names: DnsResolver,
    own: BTreeSet<String>,
    wall: Wall,
}

impl Walled {
    fn new(names: DnsResolver, ways: &Ways, wall: &Wall) -> Self {
        let own = ways.relays.iter().filter_map(|relay| host(relay.host_str()?)).collect();
        Self { names, own, wall: wall.clone() }
    }

    fn permits(&self, is_own: bool, ip: IpAddr) -> bool {
        let to = SocketAddr::new(ip, ANY_PORT);
        let permitted = if is_own { self.wall.permits(to) } else { self.wall.permits_told(to) };
        if !permitted {
            tracing::debug!("the name of a relay leads to a network that is not ours; it is not dialled");
        }
        permitted
    }

    async fn look_up(self, name: String, family: Family) -> Result<Vec<IpAddr>, DnsError> {
        let is_own = host(&name).is_some_and(|name| self.own.contains(&name));
        let mut found: Vec<IpAddr> = match family {
            Family::V4 => self.names.lookup_ipv4(name, PATIENCE).await?.collect(),
            Family::V6 => self.names.lookup_ipv6(name, PATIENCE).await?.collect(),
        };
        found.retain(|ip| self.permits(is_own, *ip));
        Ok(found)
    }
}

#[derive(Clone, Copy)]
enum Family {
    V4,
    V6,
}

/// Names, like addresses, are nobody's business in a log.
impl fmt::Debug for Walled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walled").finish_non_exhaustive()
    }
}

impl Resolver for Walled {
    fn lookup_ipv4(&self, host: String) -> Answer<Ipv4Addr> {
        let found = self.clone().look_up(host, Family::V4);
        Box::pin(async move {
            let addresses = found.await?.into_iter().filter_map(|ip| match ip {
                IpAddr::V4(ip) => Some(ip),
                IpAddr::V6(_) => None,
            });
            Ok(Box::new(addresses) as BoxIter<_>)
        })
    }

    fn lookup_ipv6(&self, host: String) -> Answer<Ipv6Addr> {
        let found = self.clone().look_up(host, Family::V6);
        Box::pin(async move {
            let addresses = found.await?.into_iter().filter_map(|ip| match ip {
                IpAddr::V6(ip) => Some(ip),
                IpAddr::V4(_) => None,
            });
            Ok(Box::new(addresses) as BoxIter<_>)
        })
    }

    fn lookup_txt(&self, _: String) -> Answer<TxtRecordData> {
        // Nobody is looked up by such records here.
        Box::pin(std::future::ready(Ok(Box::new(std::iter::empty()) as BoxIter<_>)))
    }

    fn clear_cache(&self) {
        self.names.clear_cache();
    }

    fn reset(&self) -> Box<dyn Resolver> {
        self.names.reset();
        Box::new(self.clone())
    }
}

/// A host's name in the one way of writing it; none for an address.
pub(super) fn host(name: &str) -> Option<String> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    (!name.is_empty() && name.parse::<IpAddr>().is_err() && !name.starts_with('[')).then_some(name)
}

/// Whether a relay's host has to be looked up.
pub(super) fn is_name(relay: &RelayUrl) -> bool {
    relay.host_str().and_then(host).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every name leads to all of these.
    #[derive(Clone, Debug)]
    struct Everywhere(Vec<IpAddr>);

    impl Resolver for Everywhere {
        fn lookup_ipv4(&self, _: String) -> Answer<Ipv4Addr> {
            let all = self.0.clone().into_iter().filter_map(|ip| match ip {
                IpAddr::V4(ip) => Some(ip),
                IpAddr::V6(_) => None,
            });
            Box::pin(std::future::ready(Ok(Box::new(all) as BoxIter<_>)))
        }

        fn lookup_ipv6(&self, _: String) -> Answer<Ipv6Addr> {
            let all = self.0.clone().into_iter().filter_map(|ip| match ip {
                IpAddr::V6(ip) => Some(ip),
                IpAddr::V4(_) => None,
            });
            Box::pin(std::future::ready(Ok(Box::new(all) as BoxIter<_>)))
        }

        fn lookup_txt(&self, _: String) -> Answer<TxtRecordData> {
            Box::pin(std::future::ready(Ok(Box::new(std::iter::empty()) as BoxIter<_>)))
        }

        fn clear_cache(&self) {}

        fn reset(&self) -> Box<dyn Resolver> {
            Box::new(self.clone())
        }
    }

    const SECOND: Duration = Duration::from_secs(1);

    fn ways(relays: &[&str]) -> Ways {
        let relays = relays.iter().map(|relay| relay.parse().unwrap()).collect();
        Ways { relays, roots: Default::default(), hidden: false }
    }

    async fn found(ways: &Ways, wall: &Wall, name: &str) -> Vec<String> {
        let everywhere = ["192.0.2.1", "127.0.0.1", "192.168.0.1", "10.1.2.77", "2001:db8::1", "::1", "fd01::1"]
            .map(|ip| ip.parse().unwrap());
        let everywhere = DnsResolver::custom(Everywhere(everywhere.to_vec()));
        let names = DnsResolver::custom(Walled::new(everywhere, ways, wall));
        names.lookup_ipv4_ipv6(name, SECOND).await.unwrap().map(|ip| ip.to_string()).collect()
    }

    #[tokio::test]
    async fn told_name_leads_to_no_loopback_or_foreign_private_network() {
        let (ways, wall) = (ways(&["https://own.example"]), Wall::internet_on(&[("10.1.2.3", 24)]));
        assert_eq!(found(&ways, &wall, "relay.example").await, ["192.0.2.1", "10.1.2.77", "2001:db8::1"]);
        assert_eq!(found(&ways, &wall, "OWN.example.").await.len(), 7, "the person chose where their relay is");
    }

    #[tokio::test]
    async fn name_leads_nowhere_outside_when_all_is_local() {
        assert_eq!(found(&ways(&[]), &Wall::local(), "relay.example").await, ["127.0.0.1", "::1"]);
    }

    #[test]
    fn own_host_with_another_port_is_no_relay_that_others_may_tell() {
        let (ways, wall) = (ways(&["https://own.example"]), Wall::internet_on(&[]));
        let dialled = |relay: &str| ways.relay(&wall, relay).is_some();
        assert!(dialled("https://own.example") && dialled("https://relay.example:8443"));
        assert!(!dialled("https://own.example:22") && !dialled("https://OWN.example.:22"));
    }
}
