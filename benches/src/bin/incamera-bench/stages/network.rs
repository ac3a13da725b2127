//! The system's share of a datagram: to send it, and to take it in, over loopback.

use std::net::{Ipv4Addr, UdpSocket};

use benches::timed;

use super::stage;
use crate::report::{Class, Per, Stage};

/// A packet of a picture, and one of a voice, as they go over the wire.
const SIZES: [usize; 2] = [1100, 160];
const TIMES: usize = 2000;
/// Of pictures and voice at 500 and 32 kbps, with the transport's reports.
const PER_SECOND: f64 = 134.0;

pub fn measure() -> Vec<Stage> {
    let Ok((here, there)) = pair() else {
        return Vec::new();
    };
    let (mut sending, mut receiving) = (Vec::new(), Vec::new());
    let mut buffer = [0; 2048];
    for number in 0..TIMES {
        let bytes = &[7; 1100][..SIZES[number % 2]];
        let sent = timed(&mut sending, || here.send(bytes));
        if sent.is_ok() {
            let _ = timed(&mut receiving, || there.recv_from(&mut buffer));
        }
    }
    let stages = [
        stage("system: send a datagram", "datagram", Per::Other, Class::Pipeline, sending),
        stage("system: receive a datagram", "datagram", Per::Other, Class::Pipeline, receiving),
    ];
    stages.map(|stage| Stage { per_second: PER_SECOND, ..stage }).into()
}

fn pair() -> std::io::Result<(UdpSocket, UdpSocket)> {
    let (here, there) = (UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?, UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?);
    here.connect(there.local_addr()?)?;
    Ok((here, there))
}
