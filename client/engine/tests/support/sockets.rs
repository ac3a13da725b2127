//! The sockets that a process has open right now. Where the system does not tell (other than Linux) there are none.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Socket {
    pub local: SocketAddr,
    /// Unspecified, with port 0, where there is none.
    pub remote: SocketAddr,
}

/// `table` is `udp`, `udp6`, `tcp` or `tcp6`.
pub fn of_process(process: u32, table: &str) -> Vec<Socket> {
    let descriptors = fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
    let targets = descriptors.filter_map(|descriptor| fs::read_link(descriptor.path()).ok());
    let own: Vec<String> = targets.filter_map(|target| target.to_str().map(str::to_owned)).collect();
    let text = fs::read_to_string(format!("/proc/{process}/net/{table}")).unwrap_or_default();
    let socket = |line: &str| {
        let columns: Vec<_> = line.split_whitespace().collect();
        let inode = format!("socket:[{}]", columns.get(9)?);
        let socket = Socket { local: address(columns.get(1)?)?, remote: address(columns.get(2)?)? };
        own.contains(&inode).then_some(socket)
    };
    text.lines().filter_map(socket).collect()
}

/// The kernel writes each 32-bit word of an address as a number of this machine's byte order.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let word = |at: usize| u32::from_str_radix(ip.get(at..at + 8)?, 16).ok().map(u32::to_ne_bytes);
    let ip: IpAddr = match ip.len() {
        8 => Ipv4Addr::from(word(0)?).into(),
        32 => {
            let words = [word(0)?, word(8)?, word(16)?, word(24)?];
            Ipv6Addr::from(<[u8; 16]>::try_from(words.concat()).ok()?).into()
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?))
}
