//! Dialling: from the endpoint that is ours now, with a place among the links for what comes of it.

use std::time::Duration;

use iroh::endpoint::{ConnectOptions, ConnectingError, ConnectionError, TransportErrorCode};
use tokio::{
    sync::{OwnedSemaphorePermit, watch},
    time::timeout,
};

use super::{ALPN, ANY_VERSION, HANDSHAKE, OTHER_VERSION, Shared, endpoint::Home, link::Line};
use crate::{rendezvous::Whereabouts, room::DialError};

/// A dial through a relay takes a connection to the relay first.
const HANDSHAKE_BY_RELAY: Duration = Duration::from_secs(10);

/// Dials from the endpoint that is ours now. A dial does not outlive its endpoint, so it begins anew when another takes over.
pub(super) async fn connect_from_home(
    mut homes: watch::Receiver<Home>,
    shared: &Shared,
    to: Whereabouts,
    is_hearsay: bool,
) -> (Home, Result<(Line, OwnedSemaphorePermit), DialError>) {
    loop {
        let home = homes.borrow_and_update().clone();
        tokio::select! {
            connected = connect(&home, shared, to.clone(), is_hearsay) => return (home, connected),
            Ok(()) = homes.changed() => {}
        }
    }
}

async fn connect(
    home: &Home,
    shared: &Shared,
    to: Whereabouts,
    is_hearsay: bool,
) -> Result<(Line, OwnedSemaphorePermit), DialError> {
    let no_answer = || DialError::NoAnswer;
    let permits = if is_hearsay { &home.hearsay } else { &home.links };
    let mut permit = permits.clone().try_acquire_owned().map_err(|_| no_answer())?;
    let to = home.reachable(&shared.ways, to).ok_or_else(no_answer)?;
    let patience = if to.relay_urls().next().is_some() { HANDSHAKE_BY_RELAY } else { HANDSHAKE };
    let line = timeout(patience, async {
        let options = ConnectOptions::new().with_additional_alpns(vec![ANY_VERSION.to_vec()]);
        let connecting = home.endpoint.connect_with_opts(to, ALPN, options).await.map_err(|_| no_answer())?;
        let connection = connecting.await.map_err(|why| dial_error(&why))?;
        if connection.alpn() != ALPN {
            connection.close(OTHER_VERSION.into(), b"");
            return Err(DialError::OtherVersion);
        }
        let (send, receive) = connection.open_bi().await.map_err(|_| no_answer())?;
        Ok(Line { connection, send, receive })
    });
    let line = line.await.map_err(|_| no_answer())??;
    if is_hearsay {
        permit = home.links.clone().try_acquire_owned().map_err(|_| no_answer())?;
    }
    Ok((line, permit))
}

/// A program that knows nothing of [`ANY_VERSION`] may still say so (RFC 9001, section 8.1; RFC 7301, section 3.2).
fn dial_error(why: &ConnectingError) -> DialError {
    const NO_APPLICATION_PROTOCOL: u8 = 120;
    let ended = match why {
        ConnectingError::ConnectionError { source, .. } => source,
        _ => return DialError::NoAnswer,
    };
    match ended {
        ConnectionError::ConnectionClosed(close)
            if close.error_code == TransportErrorCode::crypto(NO_APPLICATION_PROTOCOL) =>
        {
            DialError::OtherVersion
        }
        _ => DialError::NoAnswer,
    }
}
