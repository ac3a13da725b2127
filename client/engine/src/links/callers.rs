//! Takes calls: from where the wall allows, as many and as fast as the gate allows.

use std::{sync::Arc, time::Instant};

use iroh::endpoint::{Incoming, IncomingAddr};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{
    ALPN, HANDSHAKE, Shared,
    endpoint::{Home, subscriber},
    gate::{Gate, Source, Verdict},
    link::{self, Line},
    register::Register,
};

/// Handshakes of callers at once; beyond it callers are turned away before any work is done for them.
const CALLERS: usize = 32;

/// Runs until the endpoint closes.
pub(super) async fn accept(home: Home, shared: Shared) {
    let callers = Arc::new(Semaphore::new(CALLERS));
    let mut gate = Gate::new(Instant::now());
    while let Some(incoming) = home.endpoint.accept().await {
        let Some(source) = source(&home, &incoming) else {
            incoming.ignore();
            continue;
        };
        let under_way = CALLERS - callers.available_permits();
        match gate.ask(Instant::now(), source, incoming.remote_addr_validated(), under_way) {
            Verdict::Admit => {}
            Verdict::Prove => {
                if let Err(proven) = incoming.retry() {
                    proven.into_incoming().refuse();
                }
                continue;
            }
            Verdict::Refuse => {
                incoming.refuse();
                continue;
            }
        }
        let (Ok(caller), Ok(place)) = (callers.clone().try_acquire_owned(), home.links.clone().try_acquire_owned())
        else {
            incoming.refuse();
            continue;
        };
        tokio::spawn(serve(incoming, caller, place, home.register.clone(), shared.clone()));
    }
}

fn source(home: &Home, incoming: &Incoming) -> Option<Source> {
    match incoming.remote_addr() {
        IncomingAddr::Ip(from) if home.wall.permits(from) => Some(Source::Direct(subscriber(from.ip()))),
        IncomingAddr::Relay { url, endpoint_id } if home.relays.contains(&url) => {
            Some(Source::Relayed(*endpoint_id.as_bytes()))
        }
        _ => None,
    }
}

async fn serve(
    incoming: Incoming,
    caller: OwnedSemaphorePermit,
    place: OwnedSemaphorePermit,
    register: Arc<Register>,
    shared: Shared,
) {
    let line = timeout(HANDSHAKE, async {
        let connection = incoming.accept().ok()?.await.ok()?;
        if connection.alpn() != ALPN {
            // They are told so by what was agreed on, and are to end it: an end of ours could overtake that.
            connection.closed().await;
            return None;
        }
        let (send, receive) = connection.accept_bi().await.ok()?;
        Some(Line { connection, send, receive })
    });
    let line = line.await;
    drop(caller);
    if let Ok(Some(line)) = line {
        let endpoint = *line.connection.remote_id().as_bytes();
        link::run(line, endpoint, false, &register, shared).await;
    }
    drop(place);
}
