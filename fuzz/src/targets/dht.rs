use std::{
    net::{SocketAddr, UdpSocket},
    sync::LazyLock,
    time::Duration,
};

use arbitrary::Unstructured;
use mainline::{Dht, async_dht::AsyncDht};
use tokio::runtime::{Builder, Runtime};

/// Datagrams of one input, at most.
const MAX_ACTS: usize = 16;
/// A lookup that nobody answers is over by then, so that there are few at once.
const PATIENCE: Duration = Duration::from_millis(200);

/// A node as the rendezvous has one, on loopback, and all of the DHT that it knows: a socket of ours.
struct Scene {
    node: AsyncDht,
    /// Waits for the node, whose thread is its own.
    runtime: Runtime,
    at: SocketAddr,
    others: UdpSocket,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| scene().expect("loopback has a port to spare"));

fn scene() -> std::io::Result<Scene> {
    let others = UdpSocket::bind("127.0.0.1:0")?;
    others.set_nonblocking(true)?;
    let bootstrap = [others.local_addr()?.to_string()];
    let mut builder = Dht::builder();
    builder.bootstrap(&bootstrap).bind_address([127, 0, 0, 1].into()).port(0).request_timeout(PATIENCE);
    let node = builder.build()?.as_async();
    let runtime = Builder::new_current_thread().build()?;
    let at = runtime.block_on(node.info()).local_addr().into();
    Ok(Scene { node, runtime, at, others })
}

/// What others in the DHT say: a request or anything else as it is, or the answer to what the node asked last. An act is its
/// kind, a length, and so many bytes. The property: the node goes on.
pub fn run(input: &[u8]) {
    let mut input = Unstructured::new(input);
    for _ in 0..MAX_ACTS {
        if input.is_empty() {
            break;
        }
        let [kind, high, low]: [u8; 3] = input.arbitrary().unwrap_or_default();
        let length = usize::from(u16::from_be_bytes([high, low])).min(input.len());
        let bytes = input.bytes(length).unwrap_or_default();
        match kind % 4 {
            0 => SCENE.say(bytes),
            // What stands in an answer behind the id, in the order that bencode wants; or the whole of it.
            1 => SCENE.answer(|id| [b"d2:id20:".as_slice(), id, bytes, b"e"].concat()),
            2 => SCENE.answer(|_| bytes.to_vec()),
            _ => drop(SCENE.node.get_mutable_detailed(&[kind; 32], Some(bytes), None)),
        }
    }
    SCENE.wait();
}

impl Scene {
    fn say(&self, datagram: &[u8]) {
        // Longer ones than a datagram may be are not sent.
        let _ = self.others.send_to(datagram, self.at);
    }

    /// Until the node has done what it was asked before. Its library panics where the node's thread has ended.
    fn wait(&self) {
        // The node looks at what it is asked each time that a datagram comes, or after 50 ms.
        let nudge = async { self.say(b"") };
        self.runtime.block_on(async { tokio::join!(self.node.info(), nudge) });
    }

    /// Answers what was asked and not answered yet, each with the same.
    fn answer(&self, answer: impl Fn(&[u8]) -> Vec<u8>) {
        self.wait();
        let mut asked = [0; 2048];
        while let Ok((length, _)) = self.others.recv_from(&mut asked) {
            let Some(asked) = asked.get(..length) else { break };
            // The transaction's number has four bytes.
            let at = asked.windows(5).position(|window| window == b"1:t4:");
            let number = at.and_then(|at| asked.get(at + 5..at + 9)).unwrap_or_default();
            let said = answer(&[7; 20]);
            self.say(&[b"d1:r".as_slice(), &said, b"1:t4:", number, b"1:y1:re"].concat());
        }
    }
}
