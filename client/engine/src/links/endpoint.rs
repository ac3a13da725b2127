//! The endpoint under all links: bound to what the wall allows, reachable over the own relays, told where others are.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use iroh::{
    Endpoint, EndpointAddr, EndpointId, NetReportConfig, RelayConfig, RelayMap, RelayMode, RelayUrl, SecretKey,
    Watcher,
    endpoint::{BindOpts, PortmapperConfig, RelayStatus, presets},
};
use tokio::sync::Semaphore;

use super::{ALPN, ANY_VERSION, HEARSAY, LINKS, names, register::Register, settings::Ways, transport};
use crate::{api::Network, rendezvous::Whereabouts, wall::Wall};

/// Addresses that we tell others, and that we try of those they tell us.
const ADDRESSES: usize = 16;
/// Relays that we try of those somebody tells us.
const RELAYS: usize = super::settings::RELAYS;

/// An endpoint with the wall it was bound behind. A cheap handle.
#[derive(Clone)]
pub(super) struct Home {
    pub endpoint: Endpoint,
    pub wall: Wall,
    /// The own relays that this wall permits.
    pub relays: Vec<RelayUrl>,
    /// One for each link; all there again once every goodbye is said.
    pub links: Arc<Semaphore>,
    /// One for each dial to where somebody is only said to be: none of these takes the place of a link.
    pub hearsay: Arc<Semaphore>,
    pub register: Arc<Register>,
}

impl Home {
    /// `resting`: own relays that are not to be asked for now.
    pub async fn bind(ways: &Ways, wall: Wall, key: SecretKey, resting: &[RelayUrl]) -> io::Result<Self> {
        let relays: Vec<_> = ways.relays.iter().filter(|relay| wall.permits_relay(relay)).cloned().collect();
        let asked = relays.iter().filter(|relay| !resting.contains(relay));
        let map: RelayMap = asked.map(|relay| relay_config(ways, &wall, relay)).collect();
        let mut net_report = NetReportConfig::minimal();
        // Without UDP these are the only way to find a relay that works.
        net_report.https_probes = true;
        let mut builder = Endpoint::builder(presets::Empty)
            .secret_key(key)
            .crypto_provider(Arc::new(post_quantum_first()))
            .ca_tls_config(ways.roots.clone())
            .dns_resolver(names::resolver(ways, &wall))
            .relay_mode(if map.is_empty() { RelayMode::Disabled } else { RelayMode::Custom(map) })
            .clear_address_lookup()
            .portmapper_config(PortmapperConfig::Disabled)
            .net_report_config(net_report)
            .alpns(vec![ALPN.to_vec(), ANY_VERSION.to_vec()])
            .transport_config(transport::config());
        if ways.hidden || wall.network() != Network::Internet {
            builder = builder.clear_ip_transports();
        }
        if !ways.hidden && wall.network() != Network::Internet {
            for (address, prefix) in wall.own_networks() {
                // Without a default route iroh has no socket for an address outside these networks.
                let options =
                    BindOpts::default().set_prefix_len(prefix).set_is_default_route(false).set_is_required(false);
                builder =
                    builder.bind_addr_with_opts(SocketAddr::new(address, 0), options).map_err(io::Error::other)?;
            }
        }
        let endpoint = builder.bind().await.map_err(io::Error::other)?;
        Ok(Self {
            endpoint,
            wall,
            relays,
            links: Arc::new(Semaphore::new(LINKS)),
            hearsay: Arc::new(Semaphore::new(HEARSAY)),
            register: Arc::default(),
        })
    }

    /// The same person at another endpoint. Links of the old one are left alone.
    pub async fn bind_anew(&self, ways: &Ways, wall: Wall, resting: &[RelayUrl]) -> io::Result<Self> {
        Self::bind(ways, wall, self.endpoint.secret_key().clone(), resting).await
    }

    pub fn whereabouts(&self, ways: &Ways) -> Whereabouts {
        let endpoint = *self.endpoint.id().as_bytes();
        let home = self.endpoint.home_relay_status().get().into_iter().find(RelayStatus::is_connected);
        // The one we listen at first. The others are where we go when it fails.
        let mut relays: Vec<_> = home.iter().map(|home| home.url().to_string()).collect();
        let others = self.relays.iter().filter(|url| home.as_ref().is_none_or(|home| home.url() != *url));
        relays.extend(others.map(ToString::to_string));
        let addresses = if ways.hidden {
            Vec::new()
        } else if self.wall.network() == Network::Internet {
            self.permitted(self.endpoint.addr().ip_addrs().copied())
        } else {
            self.permitted(self.endpoint.bound_sockets().into_iter())
        };
        Whereabouts { endpoint, relays, addresses }
    }

    /// What of `to` may be dialled; none where nothing is left.
    pub fn reachable(&self, ways: &Ways, to: Whereabouts) -> Option<EndpointAddr> {
        let mut addresses = if ways.hidden { Vec::new() } else { to.addresses };
        addresses.retain(|address| self.wall.permits_told(*address));
        addresses.truncate(ADDRESSES);
        let relays = to.relays.iter().filter_map(|relay| ways.relay(&self.wall, relay)).take(RELAYS);
        let address = EndpointAddr::new(EndpointId::from_bytes(&to.endpoint).ok()?);
        let address = addresses.into_iter().fold(address, EndpointAddr::with_ip_addr);
        let address = relays.fold(address, EndpointAddr::with_relay_url);
        (!address.is_empty()).then_some(address)
    }

    fn permitted(&self, addresses: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
        addresses.filter(|address| self.wall.permits(*address)).take(ADDRESSES).collect()
    }
}

pub(super) fn relay_config(ways: &Ways, wall: &Wall, relay: &RelayUrl) -> RelayConfig {
    let quic = ways.asks_own_address(wall).then(Default::default);
    RelayConfig::new(relay.clone(), quic)
}

/// X25519MLKEM768 before the classical groups, so that what members say over a link today is no use to a quantum computer later.
fn post_quantum_first() -> rustls::crypto::CryptoProvider {
    use rustls::crypto::aws_lc_rs::{default_provider, kx_group};
    let mut provider = default_provider();
    provider.kx_groups = vec![kx_group::X25519MLKEM768, kx_group::X25519];
    provider
}

/// Whom a caller's packets come from, as far as rates go: one IPv6 customer holds a whole /64 (RFC 6177).
pub(super) fn subscriber(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V4(from) => from.into(),
        IpAddr::V6(from) => std::net::Ipv6Addr::from_bits(from.to_bits() & !u128::from(u64::MAX)).into(),
    }
}
