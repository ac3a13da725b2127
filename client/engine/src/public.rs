//! The public infrastructure that people use who name none of their own. Anyone can run both kinds; see docs/network.md.

/// The relays that iroh's makers run for everybody.
pub(crate) fn relays() -> Vec<String> {
    iroh::defaults::prod::default_relay_map().urls::<Vec<_>>().iter().map(ToString::to_string).collect()
}

/// Nodes through which the BitTorrent Mainline DHT is entered.
pub(crate) fn bootstrap() -> Vec<String> {
    mainline::DEFAULT_BOOTSTRAP_NODES.iter().map(|node| (*node).to_owned()).collect()
}
