//! The machine's addresses, compared to notice that a network came or went.

use std::net::IpAddr;

#[derive(PartialEq, Eq)]
pub(super) struct Interfaces(Vec<(IpAddr, bool)>);

impl Interfaces {
    /// Reads them from the system. One that cannot be read has no address.
    pub fn read() -> Self {
        let all = if_addrs::get_if_addrs().unwrap_or_default();
        let usable = all.iter().filter(|interface| !interface.is_loopback());
        let mut addresses: Vec<_> = usable.map(|interface| (interface.ip(), interface.is_oper_up())).collect();
        // The system lists them in no fixed order.
        addresses.sort_unstable();
        Self(addresses)
    }

    /// Whether there is a network at all. A link-local IPv6 address leads no further than the next router.
    pub fn are_up(&self) -> bool {
        let leads_on = |ip: &IpAddr| !matches!(ip, IpAddr::V6(v6) if v6.is_unicast_link_local());
        self.0.iter().any(|(ip, up)| *up && leads_on(ip))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_up_when_a_running_interface_leads_further() {
        let up = |address: &str, running| Interfaces(vec![(address.parse().unwrap(), running)]).are_up();
        assert!(up("192.0.2.1", true) && up("2001:db8::1", true));
        assert!(!up("192.0.2.1", false) && !up("fe80::1", true));
        assert!(!Interfaces(Vec::new()).are_up());
    }
}
