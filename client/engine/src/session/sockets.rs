//! The UDP sockets of the media path. Every packet of it leaves through [`Sockets::send`].

use std::{
    io,
    net::SocketAddr,
    task::{Context, Poll},
};

use tokio::{io::ReadBuf, net::UdpSocket};

use crate::wall::Wall;

/// One socket per own address, on a port that the system chose.
pub(crate) struct Sockets {
    wall: Wall,
    sockets: Vec<(SocketAddr, UdpSocket)>,
    /// Packets that did not leave: no room in the system's buffer, or forbidden by the wall.
    dropped: u64,
}

impl Sockets {
    /// An address that cannot be bound is left out; it is an error only if none can.
    pub async fn bind(wall: Wall) -> io::Result<Self> {
        let mut sockets = Vec::new();
        let mut why = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for (ip, _) in wall.own_networks() {
            match UdpSocket::bind(SocketAddr::new(ip, 0)).await {
                Ok(socket) => {
                    // Until the runtime has seen the socket writable once, it would refuse every packet.
                    socket.writable().await?;
                    sockets.push((socket.local_addr()?, socket));
                }
                Err(error) => why = error,
            }
        }
        if sockets.is_empty() { Err(why) } else { Ok(Self { wall, sockets, dropped: 0 }) }
    }

    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.sockets.iter().map(|(address, _)| *address).collect()
    }

    /// Sends one datagram, or drops it: nothing waits here, a late packet is worth less than a lost one.
    pub fn send(&mut self, from: SocketAddr, to: SocketAddr, bytes: &[u8]) {
        let socket = self.sockets.iter().find(|(address, _)| *address == from);
        let sent = match socket {
            Some((_, socket)) if self.wall.permits(to) => socket.try_send_to(bytes, to).is_ok(),
            _ => false,
        };
        if !sent {
            self.dropped += 1;
            tracing::trace!(dropped = self.dropped, "a packet did not leave");
        }
    }

    /// The next datagram: its length in `buffer`, where from, and which of our addresses it came to.
    pub fn poll_receive(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<(usize, SocketAddr, SocketAddr)> {
        for (address, socket) in &self.sockets {
            // An ICMP error of an earlier packet comes up once; one that stays must not hold up the others.
            for _ in 0..4 {
                let mut read = ReadBuf::new(buffer);
                match socket.poll_recv_from(cx, &mut read) {
                    Poll::Ready(Ok(from)) => return Poll::Ready((read.filled().len(), from, *address)),
                    Poll::Ready(Err(_)) => continue,
                    Poll::Pending => break,
                }
            }
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn behind_the_local_wall_nothing_leaves_for_another_machine() {
        let mut sockets = Sockets::bind(Wall::local()).await.unwrap();
        let from = sockets.addresses()[0];
        assert!(from.ip().is_loopback());
        for outside in ["192.0.2.1:9", "10.0.0.1:9", "[2001:db8::1]:9"] {
            sockets.send(from, outside.parse().unwrap(), b"never");
        }
        assert_eq!(sockets.dropped, 3);
        sockets.send(from, from, b"to ourselves");
        assert_eq!(sockets.dropped, 3);
    }
}
