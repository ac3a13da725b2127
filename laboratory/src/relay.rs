//! An iroh relay, and the QUIC service beside it from which an endpoint learns its public address: without the latter
//! iroh knows of no address to punch a hole to.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use iroh_relay::server::{CertConfig, QuicConfig, RelayConfig, Server, ServerConfig, SpawnError, TlsConfig};
use serde::Serialize;

use crate::certificate;
use crate::operator_log::OperatorLog;
use crate::ready::{Signals, Wanted, say};

#[derive(clap::Args)]
pub struct Arguments {
    /// Where to serve HTTP: the relay itself, or with --tls-listen only the check for captive portals
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// Where to serve the relay over TLS, with a certificate made for this run
    #[arg(long, value_name = "ADDRESS:PORT")]
    tls_listen: Option<SocketAddr>,
    /// The UDP port of address discovery, on the relay's address: clients know of no other than the default
    #[arg(long, value_name = "PORT", default_value_t = iroh_relay::defaults::DEFAULT_RELAY_QUIC_PORT)]
    quic_port: u16,
    /// Where to write the root that clients need, as PEM: address discovery uses TLS even where the relay does not
    #[arg(long, value_name = "FILE")]
    certificate_out: Option<PathBuf>,
    /// Where to write down every connection
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Certificate(#[from] certificate::Error),
    #[error("cannot write {}: {why}", path.display())]
    Write { path: PathBuf, why: std::io::Error },
    #[error("the relay cannot start: {0}")]
    Start(#[source] Box<SpawnError>),
    #[error("the relay stopped by itself")]
    Stopped,
    #[error(transparent)]
    System(#[from] std::io::Error),
}

/// What is said once the relay takes connections.
#[derive(Serialize)]
struct Ready {
    relay: String,
    quic: SocketAddr,
}

/// Runs a relay until SIGTERM or SIGINT.
///
/// # Errors
/// When an address is taken or not ours, or a file cannot be written.
pub async fn run(arguments: Arguments) -> Result<(), Error> {
    let mut signals = Signals::listen()?;
    let (mut server, ready) = start(&arguments).await?;
    say(&ready)?;
    loop {
        tokio::select! {
            _ = server.join() => return Err(Error::Stopped),
            wanted = signals.next() => match wanted {
                Wanted::Stop => break,
                Wanted::Dump => {}
            },
        }
    }
    server.shutdown().await.map_err(|_| Error::Stopped)
}

async fn start(arguments: &Arguments) -> Result<(Server, Ready), Error> {
    let serving = arguments.tls_listen.unwrap_or(arguments.listen);
    let identity = certificate::make(vec![serving.ip().to_string(), "localhost".into()])?;
    if let Some(path) = &arguments.certificate_out {
        std::fs::write(path, &identity.root).map_err(|why| Error::Write { path: path.clone(), why })?;
    }
    let log = OperatorLog::new(arguments.log.as_deref())
        .map_err(|why| Error::Write { path: arguments.log.clone().unwrap_or_default(), why })?;
    let log = Arc::new(log);

    let mut relay = RelayConfig::new(arguments.listen);
    relay.access = log.clone();
    relay.tls = arguments
        .tls_listen
        .map(|address| TlsConfig::new(address, CertConfig::Manual { server_config: identity.server.clone() }));
    let mut quic = QuicConfig::new((serving.ip(), arguments.quic_port));
    quic.server_config = Some(identity.server);
    let mut config = ServerConfig::default();
    config.relay = Some(relay);
    config.quic = Some(quic);

    let server = Server::spawn(config).await.map_err(|why| Error::Start(Box::new(why)))?;
    log.count_with(server.metrics().server.clone());
    let relay = match (server.https_addr(), server.http_addr()) {
        (Some(address), _) => url("https", address, 443),
        (None, Some(address)) => url("http", address, 80),
        (None, None) => return Err(Error::Stopped),
    };
    let quic = server.quic_addr().ok_or(Error::Stopped)?;
    Ok((server, Ready { relay, quic }))
}

fn url(scheme: &str, address: SocketAddr, default_port: u16) -> String {
    match address.port() == default_port {
        true if address.is_ipv6() => format!("{scheme}://[{}]/", address.ip()),
        true => format!("{scheme}://{}/", address.ip()),
        false => format!("{scheme}://{address}/"),
    }
}

#[cfg(test)]
mod tests {
    use std::{error::Error, net::Ipv4Addr, path::Path};

    use iroh_base::{RelayUrl, SecretKey};
    use iroh_dns::dns::DnsResolver;
    use iroh_relay::{client::ClientBuilder, tls::CaTlsConfig};
    use rustls::pki_types::{CertificateDer, pem::PemObject};

    use super::*;

    fn client(url: &str, root: &Path) -> Result<ClientBuilder, Box<dyn Error>> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = CaTlsConfig::custom_roots([CertificateDer::from_pem_file(root)?]).client_config(provider)?;
        let names = DnsResolver::with_nameserver((Ipv4Addr::LOCALHOST, 9).into());
        let key = SecretKey::from_bytes(&[1; 32]);
        Ok(ClientBuilder::new(url.parse::<RelayUrl>()?, key, names).tls_client_config(tls))
    }

    #[tokio::test]
    async fn who_trusts_the_root_is_let_in_and_is_written_down() -> Result<(), Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let (root, log) = (folder.path().join("root.pem"), folder.path().join("log.jsonl"));
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let (server, ready) = start(&Arguments {
            listen: any,
            tls_listen: Some(any),
            quic_port: 0,
            certificate_out: Some(root.clone()),
            log: Some(log.clone()),
        })
        .await?;
        drop(client(&ready.relay, &root)?.connect().await?);
        let others = folder.path().join("other.pem");
        std::fs::write(&others, certificate::make(vec!["127.0.0.1".into()])?.root)?;
        assert!(client(&ready.relay, &others)?.connect().await.is_err());
        server.shutdown().await?;

        let text = std::fs::read_to_string(&log)?;
        let lines: Vec<serde_json::Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        let events: Vec<_> = lines.iter().map(|line| line["event"].as_str()).collect();
        assert_eq!(events, [Some("connected"), Some("disconnected")]);
        let id = SecretKey::from_bytes(&[1; 32]).public().to_string();
        assert!(lines.iter().all(|line| line["endpoint"] == id && line["connection"] == lines[0]["connection"]));
        Ok(())
    }

    #[test]
    fn a_url_names_no_port_that_is_the_default() {
        assert_eq!(url("https", SocketAddr::from(([198, 18, 0, 10], 443)), 443), "https://198.18.0.10/");
        assert_eq!(url("http", SocketAddr::from(([198, 18, 0, 10], 81)), 80), "http://198.18.0.10:81/");
        assert_eq!(url("https", SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, 443)), 443), "https://[::1]/");
    }
}
