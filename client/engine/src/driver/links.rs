//! Links over iroh: one QUIC connection with one stream each way, carrying length-prefixed messages in order.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use iroh::{
    Endpoint, EndpointAddr, EndpointId, RelayMode,
    endpoint::{
        BindOpts, Connection, IdleTimeout, IncomingAddr, PortmapperConfig, QuicTransportConfig, RecvStream, SendStream,
        presets,
    },
};
use tokio::{
    sync::{Semaphore, mpsc},
    time::timeout,
};

use crate::{
    room::{LinkId, wire::MAX_MESSAGE},
    wall::Wall,
};

const ALPN: &[u8] = b"incamera/link/1";
/// A dial, or the handshake of one who dials us, takes no longer than this.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// Handshakes of callers at once; beyond it callers are turned away before any work is done for them.
const CALLERS: usize = 32;
/// Silence for this long ends a link.
const IDLE: Duration = Duration::from_secs(6);
const KEEP_ALIVE: Duration = Duration::from_millis(1500);
/// Messages on their way out per link; one who does not read them is cut off, not waited for.
const OUTGOING: usize = 512;
/// What was sent last gets this long to arrive before a link closes.
const FAREWELL: Duration = Duration::from_millis(700);

pub(crate) enum LinkEvent {
    Opened { link: LinkId, endpoint: [u8; 32], dialled: bool, writer: Writer },
    Message { link: LinkId, bytes: Vec<u8> },
    Closed { link: LinkId },
    DialFailed { endpoint: [u8; 32] },
}

/// The way out of one link.
pub(crate) struct Writer {
    queue: mpsc::Sender<Vec<u8>>,
    connection: Connection,
}

/// All links of one person.
pub(crate) struct Links {
    endpoint: Endpoint,
    shared: Shared,
    writers: HashMap<LinkId, Writer>,
}

/// What every link's task needs.
#[derive(Clone)]
struct Shared {
    wall: Wall,
    events: mpsc::Sender<LinkEvent>,
    ids: Arc<AtomicU64>,
    /// Held by every link that is still saying something.
    alive: Arc<()>,
}

impl Links {
    /// A fresh endpoint with a random key that means nothing to the next run.
    pub async fn bind(wall: Wall, events: mpsc::Sender<LinkEvent>) -> io::Result<Self> {
        let mut builder = Endpoint::builder(presets::Minimal)
            .crypto_provider(Arc::new(post_quantum_first()))
            .relay_mode(RelayMode::Disabled)
            .clear_ip_transports()
            .clear_address_lookup()
            .portmapper_config(PortmapperConfig::Disabled)
            .alpns(vec![ALPN.to_vec()])
            .transport_config(transport());
        for (address, prefix) in wall.own_networks() {
            // Without a default route iroh has no socket for an address outside these networks.
            let options = BindOpts::default().set_prefix_len(prefix).set_is_default_route(false).set_is_required(false);
            builder = builder.bind_addr_with_opts(SocketAddr::new(address, 0), options).map_err(io::Error::other)?;
        }
        let endpoint = builder.bind().await.map_err(io::Error::other)?;
        let shared = Shared { wall, events, ids: Arc::new(AtomicU64::new(1)), alive: Arc::new(()) };
        tokio::spawn(accept(endpoint.clone(), shared.clone()));
        Ok(Self { endpoint, shared, writers: HashMap::new() })
    }

    pub fn id(&self) -> [u8; 32] {
        *self.endpoint.id().as_bytes()
    }

    /// Where others on the allowed network can dial us.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let bound = self.endpoint.bound_sockets();
        bound.into_iter().filter(|address| self.shared.wall.permits(*address)).collect()
    }

    pub fn dial(&self, endpoint: [u8; 32], addresses: Vec<SocketAddr>) {
        let addresses: Vec<_> = addresses.into_iter().filter(|to| self.shared.wall.permits(*to)).collect();
        let (local, shared) = (self.endpoint.clone(), self.shared.clone());
        tokio::spawn(async move {
            let opened = timeout(HANDSHAKE, connect(&local, endpoint, addresses)).await;
            match opened {
                Ok(Some((connection, send, receive))) => {
                    run(connection, send, receive, endpoint, true, shared).await;
                }
                _ => {
                    let _ = shared.events.send(LinkEvent::DialFailed { endpoint }).await;
                }
            }
        });
    }

    pub fn opened(&mut self, link: LinkId, writer: Writer) {
        self.writers.insert(link, writer);
    }

    /// Queues a message. A link whose other end does not keep up is closed: its messages have an order to keep.
    pub fn send(&mut self, link: LinkId, bytes: Vec<u8>) {
        if let Some(writer) = self.writers.get(&link)
            && writer.queue.try_send(bytes).is_err()
        {
            tracing::debug!("a link does not keep up; it is closed");
            writer.connection.close(1u8.into(), b"");
            self.close(link);
        }
    }

    /// Closes a link once what was sent is delivered.
    pub fn close(&mut self, link: LinkId) {
        // The writing half ends when its queue does.
        self.writers.remove(&link);
    }

    pub async fn shut_down(mut self) {
        self.writers.clear();
        let said = async {
            // One is ours, one the task's that accepts.
            while Arc::strong_count(&self.shared.alive) > 2 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let _ = timeout(FAREWELL, said).await;
        let _ = timeout(FAREWELL, self.endpoint.close()).await;
    }
}

/// X25519MLKEM768 before the classical groups, so that what members say over a link today is no use to a quantum computer later.
fn post_quantum_first() -> rustls::crypto::CryptoProvider {
    use rustls::crypto::aws_lc_rs::{default_provider, kx_group};
    let mut provider = default_provider();
    provider.kx_groups = vec![kx_group::X25519MLKEM768, kx_group::X25519];
    provider
}

fn transport() -> QuicTransportConfig {
    QuicTransportConfig::builder()
        .max_idle_timeout(Some(IdleTimeout::try_from(IDLE).expect("six seconds fit a QUIC varint")))
        .keep_alive_interval(KEEP_ALIVE)
        .default_path_max_idle_timeout(IDLE)
        .default_path_keep_alive_interval(KEEP_ALIVE)
        .max_concurrent_bidi_streams(1u8.into())
        .max_concurrent_uni_streams(0u8.into())
        .build()
}

async fn connect(
    local: &Endpoint,
    endpoint: [u8; 32],
    addresses: Vec<SocketAddr>,
) -> Option<(Connection, SendStream, RecvStream)> {
    let id = EndpointId::from_bytes(&endpoint).ok()?;
    let to = addresses.into_iter().fold(EndpointAddr::new(id), |to, address| to.with_ip_addr(address));
    let connection = local.connect(to, ALPN).await.ok()?;
    let (send, receive) = connection.open_bi().await.ok()?;
    Some((connection, send, receive))
}

async fn accept(local: Endpoint, shared: Shared) {
    let callers = Arc::new(Semaphore::new(CALLERS));
    while let Some(incoming) = local.accept().await {
        if !matches!(incoming.remote_addr(), IncomingAddr::Ip(from) if shared.wall.permits(from)) {
            incoming.ignore();
            continue;
        }
        let Ok(caller) = callers.clone().try_acquire_owned() else {
            incoming.refuse();
            continue;
        };
        let shared = shared.clone();
        tokio::spawn(async move {
            let opened = timeout(HANDSHAKE, async {
                let connection = incoming.accept().ok()?.await.ok()?;
                let (send, receive) = connection.accept_bi().await.ok()?;
                Some((connection, send, receive))
            });
            let opened = opened.await;
            drop(caller);
            if let Ok(Some((connection, send, receive))) = opened {
                let endpoint = *connection.remote_id().as_bytes();
                run(connection, send, receive, endpoint, false, shared).await;
            }
        });
    }
}

/// Serves one link until either end closes it.
async fn run(
    connection: Connection,
    send: SendStream,
    receive: RecvStream,
    endpoint: [u8; 32],
    dialled: bool,
    shared: Shared,
) {
    let Shared { events, ids, .. } = &shared;
    let link = LinkId(ids.fetch_add(1, Ordering::Relaxed));
    let (sender, queue) = mpsc::channel(OUTGOING);
    let writer = Writer { queue: sender, connection: connection.clone() };
    if events.send(LinkEvent::Opened { link, endpoint, dialled, writer }).await.is_err() {
        return;
    }
    tokio::select! {
        () = write(send, queue) => {}
        () = read(receive, link, events) => {}
    }
    connection.close(0u8.into(), b"");
    let _ = events.send(LinkEvent::Closed { link }).await;
}

async fn write(mut send: SendStream, mut queue: mpsc::Receiver<Vec<u8>>) {
    while let Some(bytes) = queue.recv().await {
        let length = (bytes.len() as u32).to_be_bytes();
        if send.write_all(&length).await.is_err() || send.write_all(&bytes).await.is_err() {
            return;
        }
    }
    if send.finish().is_ok() {
        let _ = timeout(FAREWELL, send.stopped()).await;
    }
}

async fn read(mut receive: RecvStream, link: LinkId, events: &mpsc::Sender<LinkEvent>) {
    let mut length = [0; 4];
    while receive.read_exact(&mut length).await.is_ok() {
        let length = u32::from_be_bytes(length) as usize;
        if length > MAX_MESSAGE {
            return;
        }
        let mut bytes = vec![0; length];
        if receive.read_exact(&mut bytes).await.is_err()
            || events.send(LinkEvent::Message { link, bytes }).await.is_err()
        {
            return;
        }
    }
}
