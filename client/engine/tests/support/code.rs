//! What anybody can read in an invitation's text: its bytes, as `engine::invitation` describes them.

use std::net::{IpAddr, SocketAddr};

use data_encoding::BASE32_NOPAD;
use engine::invitation::Invitation;

/// Version, kind, expiry and secret.
pub const HEAD: usize = 1 + 1 + 4 + 32;
const ENDPOINT: usize = 32;

pub struct Code {
    pub endpoint: Vec<u8>,
    pub addresses: Vec<SocketAddr>,
}

pub fn bytes(invitation: &Invitation) -> Vec<u8> {
    let text = invitation.to_string().to_ascii_uppercase();
    let (_, code) = text.split_once('#').expect("a link has a fragment");
    BASE32_NOPAD.decode(code.as_bytes()).expect("the fragment is base32")
}

pub fn read(invitation: &Invitation) -> Code {
    let bytes = bytes(invitation);
    let mut rest = bytes[HEAD..].iter().copied();
    let endpoint = rest.by_ref().take(ENDPOINT).collect();
    let count = rest.next().expect("a number of addresses");
    let addresses = (0..count).map(|_| address(&mut rest)).collect();
    Code { endpoint, addresses }
}

fn address(rest: &mut impl Iterator<Item = u8>) -> SocketAddr {
    let mut take = |n: usize| -> Vec<u8> { rest.by_ref().take(n).collect() };
    let ip: IpAddr = match take(1)[0] {
        4 => <[u8; 4]>::try_from(take(4)).expect("four bytes").into(),
        _ => <[u8; 16]>::try_from(take(16)).expect("sixteen bytes").into(),
    };
    SocketAddr::new(ip, u16::from_be_bytes(take(2).try_into().expect("two bytes")))
}
