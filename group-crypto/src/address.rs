//! The one encoding of a socket address: 4 and the IPv4 address, or 6 and the IPv6 address; then the port, big endian.

use std::net::{IpAddr, SocketAddr};

/// Appends the address. Scope and flow of IPv6 mean nothing to others and are left out.
pub fn write_address(address: SocketAddr, out: &mut Vec<u8>) {
    match address.ip() {
        IpAddr::V4(ip) => {
            out.push(4);
            out.extend_from_slice(&ip.octets());
        }
        IpAddr::V6(ip) => {
            out.push(6);
            out.extend_from_slice(&ip.octets());
        }
    }
    out.extend_from_slice(&address.port().to_be_bytes());
}

/// Reads an address, and what follows it. `None` if there is none, or only a part of one.
pub fn read_address(bytes: &[u8]) -> Option<(SocketAddr, &[u8])> {
    let (&family, rest) = bytes.split_first()?;
    let (ip, rest): (IpAddr, _) = match family {
        4 => rest.split_first_chunk::<4>().map(|(ip, rest)| ((*ip).into(), rest))?,
        6 => rest.split_first_chunk::<16>().map(|(ip, rest)| ((*ip).into(), rest))?,
        _ => return None,
    };
    let (port, rest) = rest.split_first_chunk::<2>()?;
    Some((SocketAddr::new(ip, u16::from_be_bytes(*port)), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As cards, invitations and records have had them since there are any.
    const RECORDED: [(&str, &[u8]); 2] = [
        ("192.0.2.7:4000", &[4, 192, 0, 2, 7, 15, 160]),
        ("[2001:db8::1]:9", &[6, 32, 1, 13, 184, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 9]),
    ];

    #[test]
    fn address_is_written_and_read_as_it_always_was() {
        for (text, bytes) in RECORDED {
            let address = text.parse().unwrap();
            let mut written = Vec::new();
            write_address(address, &mut written);
            assert_eq!(written, bytes);
            assert_eq!(read_address(&[bytes, &[8, 8]].concat()), Some((address, &[8, 8][..])));
        }
    }

    #[test]
    fn cut_address_is_none() {
        for (_, bytes) in RECORDED {
            assert!((0..bytes.len()).all(|length| read_address(&bytes[..length]).is_none()));
        }
        assert_eq!(read_address(&[5, 192, 0, 2, 7, 15, 160]), None);
    }
}
